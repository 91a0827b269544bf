"""Targets and company stages: how likely each is met, and by when."""

from collections.abc import Iterator, Mapping

import numpy as np

from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import Counted, Floats
from gtmsim.charts.curves import Curve, curve_chart
from gtmsim.charts.picture import Picture
from gtmsim.metrics import odds
from gtmsim.pages.grids import months_grid
from gtmsim.pages.page import Block, Section
from gtmsim.pages.reading import Read
from gtmsim.pages.samples import MonthlyOdds, columns_of, odds_by_month, samples_of
from gtmsim.report.text import Grid
from gtmsim.report.wording import target_text, words
from gtmsim.scenario.models import Target
from gtmsim.words import enumeration

_SHARE = Counted(Unit.SHARE)


def section(read: Read) -> Section:
    """Show how likely each target is met by each month, and when stages are reached."""
    return Section("targets", "Targets and stages", (), tuple(_blocks(read)))


def _blocks(read: Read) -> Iterator[Block]:
    odds_, stages = target_odds(read) if read.targets else None, stage_months(read)
    found = [picture for picture in (odds_, stages) if picture is not None]
    yield from found if len(found) == 1 else (picture.narrow() for picture in found)
    table = read.table("stages")
    if table is not None:
        yield table


def target_odds(read: Read) -> Picture:
    """Draw the probability of each target by month, up to its own."""
    found = {words(name): _odds(read, target) for name, target in read.targets.items()}
    told = [
        f"{target_text(read.results, target, read.currency)}: {_at_end(odds)}"
        for target, odds in zip(read.targets.values(), found.values(), strict=True)
    ]
    return Picture(
        key="targets",
        title="How likely each target is met, by month",
        subtitle=f"Share of {read.n_futures:,} futures that have met it by then, or have held it "
        "so far; each line ends at its target's month; bands are 95% Monte Carlo intervals",
        alternative=f"At the end: {'; '.join(told)}.",
        chart=curve_chart(_curves(found), read.timeline, _SHARE, (0.0, 1.0)),
        table=_table(read, found),
    )


def _odds(read: Read, target: Target) -> MonthlyOdds:
    met = samples_of(odds.target_met_by_month(read.results, target), "month")
    return odds_by_month(met).until(target.last_month(read.timeline.months))


def _curves(found: Mapping[str, MonthlyOdds]) -> list[Curve]:
    return [Curve(name, *odds) for name, odds in found.items()]


def _table(read: Read, found: Mapping[str, MonthlyOdds]) -> Grid:
    return months_grid(read.timeline, columns_of(found), _SHARE)


def _at_end(odds: MonthlyOdds) -> str:
    value, low, high = map(_SHARE.text, odds.last)
    return f"{value} ({low} to {high})"


def stage_months(read: Read) -> Picture | None:
    """Draw when each later company stage is reached; None where the company has one stage only."""
    months = read.stages_entered
    if not months:
        return None
    found = {words(name): _reached(month, read.timeline.months) for name, month in months.items()}
    reached = [f"{name} in {_at_end(odds)}" for name, odds in found.items()]
    return Picture(
        key="stages",
        title=f"Reached by the end: {enumeration(reached)} of futures",
        subtitle=f"Share of {read.n_futures:,} futures that have reached each company stage; bands "
        "are 95% Monte Carlo intervals",
        alternative="Time to each stage, as the share of futures that have reached it. "
        + " ".join(_median(words(name), month, read) for name, month in months.items()),
        chart=curve_chart(_curves(found), read.timeline, _SHARE, (0.0, 1.0), is_stepped=True),
        table=_table(read, found),
    )


def _reached(months: Floats, length: int) -> MonthlyOdds:
    return odds_by_month(months[..., None] <= np.arange(1, length + 1))


def _median(name: str, months: Floats, read: Read) -> str:
    middle = float(np.sort(months, axis=None)[(months.size - 1) // 2])
    if not np.isfinite(middle):
        return f"Half of the futures do not reach {name}."
    return f"Half of the futures reach {name} by {read.timeline.text(int(middle))}."
