"""The points of a sweep: which values each takes, and the plan that this makes."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import product
from math import prod
from typing import NamedTuple

import numpy as np

from gtmsim.errors import CapacityError, Place, Problem, ScenarioError
from gtmsim.plan import Plan, compile_plan
from gtmsim.scenario import Document, Scenario, read_scenario, scenario_warnings
from gtmsim.scenario.document import changed
from gtmsim.scenario.varying import AS_IS, Level, Variation
from gtmsim.simulation.api import with_months
from gtmsim.statistics import designs

MOST_POINTS = 5000
"""Of a sweep: its plans are made before the first one is simulated."""

AS_GIVEN = Level(AS_IS, ())
"""Of what a point leaves as the scenario has it."""


class DesignKind(StrEnum):
    """How points are chosen."""

    GRID = "grid"
    """Every combination of values."""
    TORNADO = "tornado"
    """The scenario, and each varied value at its first and its last with the others as they are."""
    LHS = "lhs"
    """Latin hypercube."""
    SOBOL = "sobol"
    """Scrambled Sobol' points."""


@dataclass(frozen=True)
class Design:
    """How points are chosen, and how many where that is free."""

    kind: DesignKind
    n: int = 0

    def __str__(self) -> str:
        """As it is written: ``grid``, ``lhs:50``."""
        return f"{self.kind}:{self.n}" if self.n else str(self.kind)


class Role(StrEnum):
    """What a point of a tornado is."""

    POINT = "point"
    BASE = "base"
    LOW = "low"
    HIGH = "high"


@dataclass(frozen=True)
class Point:
    """A point: one level of each variation, and in a tornado which one is moved."""

    levels: tuple[Level, ...]
    role: Role = Role.POINT
    varied: int = -1


def read_design(text: str) -> Design:
    """Read ``grid``, ``tornado``, ``lhs:N`` or ``sobol:N``.

    Raises
    ------
    ScenarioError
        If it is none of them.
    """
    match = re.fullmatch(r"(grid|tornado)|(lhs|sobol):([1-9][0-9]{0,99})", text)
    if match is None:
        hint = "lhs:50 takes 50 points." if text in ("lhs", "sobol") else ""
        problem = (
            f"must be grid, tornado, lhs:N or sobol:N, with N from 1 to {MOST_POINTS:,}; "
            f"got {text!r}"
        )
        raise ScenarioError([Problem("", problem, Place(f"--design {text}", 0, 1), hint)])
    return Design(DesignKind(match[1] or match[2]), int(match[3] or 0))


def points_of(variations: Sequence[Variation], design: Design, seed: int) -> tuple[Point, ...]:
    """Choose the points.

    Parameters
    ----------
    variations
        What varies, at least one.
    design
        How.
    seed
        Of the designs that need chance.

    Raises
    ------
    ScenarioError
        If there is nothing to vary, or there are more than `MOST_POINTS`.
    """
    if not variations:
        hint = "Such as --vary company.cash=1M:5M"
        raise ScenarioError([Problem("", "A sweep needs something to vary", None, hint)])
    counts = {
        DesignKind.GRID: prod(len(variation.levels) for variation in variations),
        DesignKind.TORNADO: 1 + 2 * len(variations),
    }
    n = counts.get(design.kind, design.n)
    if n > MOST_POINTS:
        message = f"The sweep has {n:,} points; at most {MOST_POINTS:,} are possible"
        raise ScenarioError([Problem("", message, None, "Vary less, or take --design lhs:100.")])
    if design.kind == DesignKind.GRID:
        levels = (variation.levels for variation in variations)
        return tuple(Point(chosen) for chosen in product(*levels))
    if design.kind == DesignKind.TORNADO:
        return tuple(_tornado(variations))
    make = designs.latin_hypercube if design.kind == DesignKind.LHS else designs.sobol
    shares = make(n, len(variations), seed).points
    return tuple(
        Point(tuple(v.at(float(share)) for v, share in zip(variations, row, strict=True)))
        for row in shares
    )


def _tornado(variations: Sequence[Variation]) -> Iterator[Point]:
    as_given = (AS_GIVEN,) * len(variations)
    yield Point(as_given, Role.BASE)
    for n, variation in enumerate(variations):
        for role, level in ((Role.LOW, variation.levels[0]), (Role.HIGH, variation.levels[-1])):
            yield Point((*as_given[:n], level, *as_given[n + 1 :]), role, n)


class Read(NamedTuple):
    """The scenario of a point, and what it was read from."""

    scenario: Scenario
    document: Document


class Told:
    """Problems of points, before they are told: what many have in common once."""

    def __init__(self, variations: Sequence[Variation], points: Sequence[Point]):
        self._variations, self._points = variations, points
        self._problems: dict[tuple[str, Place | None], Problem] = {}

    @contextmanager
    def at(self, number: int) -> Iterator[None]:
        """Collect the problems of a point."""
        try:
            yield
        except ScenarioError as error:
            for problem in error.problems:
                placed = _with_point(problem, self._variations, self._points[number])
                self._problems.setdefault((problem.path, problem.place), placed)

    def raise_if_any(self) -> None:
        """Tell them all.

        Raises
        ------
        ScenarioError
            If there are any.
        """
        if self._problems:
            raise ScenarioError(list(self._problems.values()))


def read_points(
    document: Document,
    variations: Sequence[Variation],
    points: Sequence[Point],
    months: int | None,
    told: Told,
) -> tuple[Read, ...]:
    """Read and check the scenario of every point.

    Parameters
    ----------
    document
        The scenario, read once.
    variations
        What varies; overlays are laid over it before values are.
    points
        The points.
    months
        Length of the simulation, if it is not the scenario's.
    told
        Collects the problems.

    Raises
    ------
    ScenarioError
        With every problem of every point.
    """
    order = sorted(range(len(variations)), key=lambda n: not variations[n].is_overlay)
    reads: list[Read] = []
    for number, point in enumerate(points):
        changes = [change for n in order for change in point.levels[n].changes]
        with told.at(number):
            own = changed(document, changes)
            reads.append(Read(with_months(read_scenario(own), months), own))
    told.raise_if_any()
    return tuple(reads)


def warnings_of(
    variations: Sequence[Variation], points: Sequence[Point], reads: Sequence[Read]
) -> tuple[Problem, ...]:
    """Tell what the scenarios say without effect, once for all points, and where not at every one.

    Parameters
    ----------
    variations, points
        As in `read_points`.
    reads
        Scenarios of the points, as they are simulated.
    """
    first: dict[tuple[str, Place | None], tuple[Problem, Point]] = {}
    count: Counter[tuple[str, Place | None]] = Counter()
    for point, read in zip(points, reads, strict=True):
        for problem in scenario_warnings(read.scenario, read.document):
            first.setdefault((problem.path, problem.place), (problem, point))
            count[problem.path, problem.place] += 1
    return tuple(
        problem if count[key] == len(points) else _with_point(problem, variations, point)
        for key, (problem, point) in first.items()
    )


def plans_of(
    scenarios: Sequence[Scenario], variations: Sequence[Variation], points: Sequence[Point]
) -> tuple[Plan, ...]:
    """Make the plan of every point.

    Raises
    ------
    ScenarioError, CapacityError
        Of the first point that has none.
    """
    plans: list[Plan] = []
    for scenario, point in zip(scenarios, points, strict=True):
        try:
            plans.append(compile_plan(scenario))
        except ScenarioError as error:
            told = [_with_point(problem, variations, point) for problem in error.problems]
            raise ScenarioError(told) from None
        except CapacityError as error:
            raise CapacityError(f"{text_of(variations, point)}: {error}") from None
    return tuple(plans)


def text_of(variations: Sequence[Variation], point: Point) -> str:
    """Say which point it is: ``company.cash=2000000, plan=fast``."""
    named = zip(variations, point.levels, strict=True)
    changed_ones = [f"{v.name}={_short(level.label)}" for v, level in named if level.changes]
    return ", ".join(changed_ones) or "the scenario as it is"


def _short(label: float | str) -> str:
    return f"{label:.12g}" if isinstance(label, float) else label


def _with_point(problem: Problem, variations: Sequence[Variation], point: Point) -> Problem:
    """Say at which point it arises, where its place does not."""
    if problem.place is not None and any(v.place.file == problem.place.file for v in variations):
        return problem
    where = f"At the point {text_of(variations, point)}."
    return replace(problem, hint=f"{problem.hint} {where}".strip())


def coordinates_of(
    variations: Sequence[Variation], points: Sequence[Point], scenarios: Sequence[Scenario]
) -> dict[str, np.ndarray]:
    """Value of every variation at every point.

    Returns
    -------
    dict
        By name, arrays of shape (points,): numbers in the unit of the key, NaN where the scenario
        leaves a distribution as it is; text where a value is no number.
    """
    values: dict[str, np.ndarray] = {}
    for n, variation in enumerate(variations):
        labels = [point.levels[n].label for point in points]
        if variation.unit:
            numbers = [
                label if isinstance(label, float) else _number_at(scenario, variation.path)
                for label, scenario in zip(labels, scenarios, strict=True)
            ]
            values[variation.name] = np.array(numbers, np.float64)
        else:
            values[variation.name] = np.array([_short(label) for label in labels])
    return values


def _number_at(scenario: Scenario, path: tuple[str, ...]) -> float:
    """Return a number of a scenario; NaN where it has a distribution or nothing."""
    value: object = scenario
    for part in path:
        if isinstance(value, tuple):
            value = value[int(part)] if part.isdecimal() and int(part) < len(value) else None
        elif hasattr(value, "get"):
            value = value.get(part)
        else:
            value = getattr(value, part, None)
    return float(value) if isinstance(value, int | float) else np.nan
