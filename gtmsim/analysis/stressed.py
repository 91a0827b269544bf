"""What a stress changes in a plan: overrides of its document, or of its books to first order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from pydantic import BaseModel

from gtmsim.errors import Problem, ScenarioError
from gtmsim.metrics import formulas
from gtmsim.metrics.labels import YEAR, company, ratio
from gtmsim.plan.lowering.segments import opportunity_stage, stage_order
from gtmsim.scenario import Scenario
from gtmsim.scenario.document import Document
from gtmsim.scenario.kinds import MULTIPLE, SHARE
from gtmsim.scenario.models import Churn
from gtmsim.scenario.overrides import Override, entry_at
from gtmsim.scenario.stressing import ANY, Change, Stress
from gtmsim.scenario.structure import kind_at
from gtmsim.scenario.transforms import CannotMoveError, Move, Rule, moved, plain

Path = tuple[str, ...]


class Found(NamedTuple):
    """What a plan has at a path of a change."""

    path: Path
    value: Any


@dataclass(frozen=True)
class Shock:
    """What happens to the books of a future that was simulated without it.

    Attributes
    ----------
    loses_largest
        Month at whose end the largest customer leaves; 0 where none does.
    delays_rounds
        Months by which all new money comes later.
    """

    loses_largest: int = 0
    delays_rounds: int = 0

    def __call__(self, results: xr.Dataset) -> xr.Dataset:
        """Return results with the shock in ARR, cash, funding and insolvency."""
        shaken = without_largest(results, self.loses_largest) if self.loses_largest else results
        return later_funding(shaken, self.delays_rounds) if self.delays_rounds else shaken


@dataclass(frozen=True)
class Stressed:
    """What a stress comes to in one plan.

    Attributes
    ----------
    stress
        The stress.
    overrides
        What it changes in the document.
    shock
        What it does to books; nothing by default.
    reason
        Why it does not apply; empty where it does.
    """

    stress: Stress
    overrides: tuple[Override, ...] = ()
    shock: Shock = Shock()
    reason: str = ""

    @property
    def applies(self) -> bool:
        """Whether it changes anything."""
        return not self.reason

    @property
    def changed(self) -> tuple[str, ...]:
        """Paths of what it changes in the plan."""
        return tuple(".".join(override.path) for override in self.overrides)


def stressed(stress: Stress, scenario: Scenario, document: Document) -> Stressed:
    """Find what a stress changes in a plan.

    Parameters
    ----------
    stress
        Of a pack.
    scenario
        The plan, checked, of the length that is simulated.
    document
        What it was read from, for the places.

    Raises
    ------
    ScenarioError
        With every number that cannot be moved.
    """
    months = scenario.scenario.months
    if stress.loses_largest >= months:
        return Stressed(stress, reason=f"the plan ends with month {months}")
    overrides = [*_overrides(stress, scenario, document), *_later_rounds(stress, scenario)]
    shock = Shock(stress.loses_largest, stress.delays_rounds * _has_staged_rounds(scenario))
    if not overrides and shock == Shock():
        return Stressed(stress, reason=stress.otherwise)
    return Stressed(stress, tuple(overrides), shock)


def _later_rounds(stress: Stress, scenario: Scenario) -> Iterator[Override]:
    """Put rounds of a month later; those of a stage leave all to the books."""
    if not stress.delays_rounds or _has_staged_rounds(scenario):
        return
    for name, one in scenario.company.rounds.items():
        path = ("company", "rounds", name, "month")
        kind = kind_at(path)
        assert one.month is not None, "checked with the scenario: a month or a stage"
        assert kind is not None, "a month number"
        month = moved(one.month, Move(Rule.ADD, stress.delays_rounds), kind)
        yield Override(path, entry_at(month, stress.place, stress.place))


def _has_staged_rounds(scenario: Scenario) -> bool:
    return any(one.stage is not None for one in scenario.company.rounds.values())


# --- changes of the document -----------------------------------------------------------------


def _overrides(stress: Stress, scenario: Scenario, document: Document) -> list[Override]:
    """Find the overrides that change something; every problem is in one message."""
    made: list[Override] = []
    problems: list[Problem] = []
    for change in stress.changes:
        for found in _at(scenario, change, change.path, ()):
            try:
                made += _override(found, change, scenario)
            except CannotMoveError as error:
                where = document.place(found.path)
                hint = f"Stress {stress.name} moves it."
                problems.append(Problem(".".join(found.path), str(error), where, hint))
    if problems:
        raise ScenarioError(problems)
    return made


def _at(value: Any, change: Change, pattern: Path, path: Path) -> Iterator[Found]:
    """Everything of a plan that a pattern leads to."""
    if not pattern:
        yield Found(path, value)
        return
    head, *rest = pattern
    for name, inner in _named(value, head, change):
        yield from _at(inner, change, tuple(rest), (*path, name))


def _named(value: Any, head: str, change: Change) -> Iterator[tuple[str, Any]]:
    if isinstance(value, BaseModel):
        yield head, getattr(value, head, None)
    elif isinstance(value, Mapping):
        names = list(value) if head == ANY else [head]
        for name in names:
            if _counts(value.get(name), change):
                yield name, value.get(name)
    elif isinstance(value, tuple) and head == ANY:
        yield from ((str(number), one) for number, one in enumerate(value))


def _counts(table: Any, change: Change) -> bool:
    """Whether a table by name has one of the keys that the change asks for."""
    if not change.having or not isinstance(table, BaseModel):
        return True
    known = [key for key in change.having if key in type(table).model_fields]
    return not known or any(getattr(table, key) for key in known)


def _override(found: Found, change: Change, scenario: Scenario) -> Iterator[Override]:
    if change.move is None:
        if plain(found.value) != change.value:
            yield _placed(found.path, change.value, change)
        return
    if found.value is None or (change.opportunities and not _is_opportunity(found.path, scenario)):
        return
    move = _shared(change.move, found.path, change, scenario) if change.spread else change.move
    path, value = found
    kind = kind_at(path)
    if isinstance(value, Churn) and value.mean is not None:
        path, value, kind = (*path, "mean"), value.mean, SHARE
    elif isinstance(value, Churn):  # of a Beta, alpha / beta are the odds of leaving
        path, value, kind = (*path, "alpha"), value.alpha, MULTIPLE
        move = Move(Rule.SCALE, move.by)
    assert kind is not None, "checked with the pack"
    after = moved(value, move, kind)
    if after != moved(value, Move(Rule.ADD, 0.0), kind):
        yield _placed(path, after, change)


def _placed(path: Path, value: Any, change: Change) -> Override:
    return Override(path, entry_at(value, change.key, change.place))


def _is_opportunity(path: Path, scenario: Scenario) -> bool:
    return path[0] == "motions" and path[3] in _opportunities(scenario, path[1])


def _opportunities(scenario: Scenario, motion: str) -> tuple[str, ...]:
    """Stages of a motion from its opportunity stage on."""
    of = scenario.motions[motion]
    order = stage_order(of)
    return order[order.index(opportunity_stage(of)) :]


def _shared(move: Move, path: Path, change: Change, scenario: Scenario) -> Move:
    """Move whose repetition over all that the last wild name stands for is the move."""
    if change.opportunities:
        n = len(_opportunities(scenario, path[1]))
    else:
        last = max(k for k, part in enumerate(change.path) if part == ANY)
        siblings = Change(**{**vars(change), "path": (*path[:last], ANY, *path[last + 1 :])})
        n = sum(one.value is not None for one in _at(scenario, siblings, siblings.path, ()))
    return Move(move.rule, move.by ** (1.0 / n))


# --- changes of the books --------------------------------------------------------------------


def without_largest(results: xr.Dataset, month: int) -> xr.Dataset:
    """Results as if the largest customer of a month had left at its end; to first order.

    Its ARR is gone from the next month on. Cash lacks, each month, a twelfth of it, less hosting
    and support by their share of the revenue of the 12 months up to then (as many as there are);
    teams stay. Nobody takes its place, it would neither have grown nor left else, it paid as
    revenue is earned, and nothing answers. A future whose cash falls below zero by that is
    insolvent from then on.

    Parameters
    ----------
    results
        Results by segment.
    month
        Its number; the results go beyond it.
    """
    until = company(results[["revenue", "cogs", "support_cost"]].sel(month=slice(month)))
    of = results["largest_customer_arr"].sel(month=month, drop=True)
    is_largest = of["segment"] == of["segment"].isel(segment=of.argmax("segment"))
    lost = of.where(is_largest, 0)
    after = results["month"] > month
    kept = (results["closing_arr"] - lost.where(after, 0)).clip(min=0)
    last = until.isel(month=slice(-YEAR, None)).sum("month")
    served = ratio(last["cogs"] + last["support_cost"], last["revenue"]).fillna(0.0).clip(max=1.0)
    monthly = lost.sum("segment") / YEAR * (1.0 - served)
    gone = monthly * (results["month"] - month).clip(min=0)
    return _insolvent_by(results, results["cash"] - gone, kept)


def later_funding(results: xr.Dataset, months: int) -> xr.Dataset:
    """Results as if all new money had come some months later; to first order.

    Costs, hiring and the low-cash policy are those of the future as it was; a future whose cash
    falls below zero before the money comes is insolvent from then on.

    Parameters
    ----------
    results
        Results by segment.
    months
        How many.
    """
    funding = results["funding"]
    late = funding.shift(month=months, fill_value=0)
    cash = results["cash"] + (late - funding).cumsum("month")
    shifted = _insolvent_by(results, cash, results["closing_arr"])
    return shifted.assign(funding=late.assign_attrs(funding.attrs))


def _insolvent_by(results: xr.Dataset, cash: xr.DataArray, arr: xr.DataArray) -> xr.Dataset:
    """Put cash and ARR in the place of what they were; what is below zero stops there.

    A future that was insolvent already stays as it was from then on.
    """
    dead = results["insolvent"] > 0
    cash = cash.transpose(*results["cash"].dims)
    below = (cash < 0) & ~dead
    first = xr.apply_ufunc(formulas.first_month, below, input_core_dims=[["month"]])
    stopped = (results["month"] >= first) & ~dead
    at_first = cash.where(results["month"] == first, 0).sum("month")
    frozen = cash.where(results["month"] <= first, at_first)
    paid = frozen.where(~dead | np.isfinite(first), results["cash"])
    told = {
        "cash": paid,
        "closing_arr": arr.where(~(stopped | dead), 0),
        "insolvent": (stopped | dead | (results["month"] >= first)).astype(np.int64),
    }
    return results.assign(
        {
            name: values.transpose(*results[name].dims).assign_attrs(results[name].attrs)
            for name, values in told.items()
        }
    )
