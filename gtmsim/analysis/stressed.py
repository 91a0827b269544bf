"""What a stress changes in a plan: overrides of its document."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import BaseModel

from gtmsim.errors import Problem, ScenarioError
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
class Stressed:
    """What a stress comes to in one plan.

    Attributes
    ----------
    stress
        The stress.
    overrides
        What it changes in the document.
    reason
        Why it does not apply; empty where it does.
    """

    stress: Stress
    overrides: tuple[Override, ...] = ()
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
    overrides = tuple(_overrides(stress, scenario, document))
    return Stressed(stress, overrides, "" if overrides else stress.otherwise)


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
    if change.within and change.value >= _before(found.value, scenario.scenario.months):
        return
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


def _before(month: int | None, end: int) -> int:
    """Month before which a change of a month makes a difference for the worse."""
    return end if month is None else min(month, end)


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
