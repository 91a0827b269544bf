"""How likely each plan meets the targets that all of them state."""

import tomllib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from gtmsim.analysis.pairing import aligned
from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import Counted
from gtmsim.charts.picture import Picture
from gtmsim.charts.rows import Dot, Range, range_chart
from gtmsim.charts.theme import in_colour
from gtmsim.metrics.odds import target_met
from gtmsim.pages.compare.reading import Plans
from gtmsim.pages.grids import grid_of
from gtmsim.pages.page import Section
from gtmsim.pages.samples import samples_of
from gtmsim.report.build import targets_of
from gtmsim.report.wording import target_text, words
from gtmsim.scenario.models import Target
from gtmsim.statistics import error, paired
from gtmsim.statistics.error import Estimate

_SHARE = Counted(Unit.SHARE)
_HEADER = ("target", "plan", "met", "95% from", "to", "change", "95% from", "to")


class Met(NamedTuple):
    """Odds that a plan meets a target."""

    target: str
    plan: str
    odds: Estimate
    change: Estimate | None
    """From the first plan, future by future; None of that itself."""


def section(plans: Plans) -> Section | None:
    """Show the odds of common targets; None without one that is judged."""
    targets = common_targets(plans)
    found = [*_met(plans, targets)]
    picture = (target_odds(plans, targets, found),) if found else ()
    return Section("targets", "Targets", (), picture) if found else None


def common_targets(plans: Plans) -> dict[str, Target]:
    """Targets that every plan states alike, by name."""
    stated = [
        targets_of(tomllib.loads(str(one.attrs["scenario"]))) for one in plans.made.results.values()
    ]
    first, *others = stated
    return {
        name: target
        for name, target in first.items()
        if all(other.get(name) == target for other in others)
    }


def _met(plans: Plans, targets: Mapping[str, Target]) -> Iterator[Met]:
    together = dict(zip(plans.names, aligned(plans.made.results), strict=True))
    for name, target in targets.items():
        met = {plan: samples_of(target_met(one, target)) for plan, one in together.items()}
        first = met[plans.first]
        if not np.isnan(first).all():
            for plan, events in met.items():
                change = None if plan == plans.first else paired.difference_of_odds(first, events)
                yield Met(name, plan, error.probability(events), change)


def target_odds(plans: Plans, targets: Mapping[str, Target], found: list[Met]) -> Picture:
    """Draw the odds of each target with each plan."""
    base = plans.made.results[plans.first]
    told = [
        f"{target_text(base, targets[name], plans.answer.currency)}: "
        + ", ".join(f"{one.plan} {_text(one.odds)}" for one in found if one.target == name)
        for name in dict.fromkeys(one.target for one in found)
    ]
    most = max(found, key=lambda one: 0.0 if one.change is None else abs(one.change.value))
    return Picture(
        key="targets",
        title=_title(most, plans),
        subtitle=f"Share of {plans.n_futures:,} futures that meet each target; bars are 95% Monte "
        "Carlo intervals",
        alternative=" ".join(f"{text[:1].upper()}{text[1:]}." for text in told),
        chart=range_chart([_range(one, plans) for one in found], _SHARE),
        table=grid_of(_HEADER, map(_row, found), labels=2),
    )


def _title(most: Met, plans: Plans) -> str:
    change = most.change
    if change is None or change.low <= 0.0 <= change.high:
        return "No plan can be told to meet a target more often than another"
    side = "more" if change.value > 0.0 else "less"
    size = _SHARE.signed(abs(change.value)).removeprefix("+")
    name = words(most.target)
    return f"Target {name} is met {side} often with {most.plan}: by {size} against {plans.first}"


def _text(odds: Estimate) -> str:
    value, low, high = map(_SHARE.text, odds)
    return f"{value} ({low} to {high})"


def _range(one: Met, plans: Plans) -> Range:
    colour = plans.colour(one.plan)
    dot = Dot(in_colour("dot", colour), one.odds.value, "met")
    label = f"{words(one.target)}, {one.plan}"
    return Range(label, _text(one.odds), one.odds.low, one.odds.high, (dot,), colour)


def _row(one: Met) -> tuple[str, ...]:
    changes = map(_SHARE.signed, one.change) if one.change is not None else ("-",) * 3
    return (words(one.target), one.plan, *map(_SHARE.text, one.odds), *changes)
