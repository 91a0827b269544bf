"""Where labels of targets lie on a fan: where least else does."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import isnan
from typing import NamedTuple

from gtmsim.charts.axes import Floats

_NARROW = 220.0  # pixels of a fan on a telephone: what is free there is free on wider ones
_LETTER, _HALF_LINE = 5.6, 7.0
_AWAY = (15.0, 30.0, 45.0)
DIAMOND = 7.0
"""Half the width of a target's mark, in pixels."""
_WEIGHTS = {"text": 100.0, "point": 60.0, "line": 12.0, "edge": 2.0}
_FURTHER = 0.25  # of a pixel away from the diamond: the nearest of equally free places


class Goal(NamedTuple):
    """A target on the amount."""

    value: float
    first: int
    """Month from which it holds; that of the deadline for one that is met once."""
    last: int
    text: str
    """What stands beside it."""


class Level(NamedTuple):
    """An amount from which something else holds, such as a company stage."""

    value: float
    label: str
    is_band: bool = False
    """Whether what holds ends where the next level begins, and is shaded up to there."""


class Span(NamedTuple):
    """Months in which something holds, such as a company stage."""

    first: int
    last: int
    label: str


class _Box(NamedTuple):
    """A rectangle, in pixels from the lower left corner."""

    left: float
    right: float
    bottom: float
    top: float

    def meets(self, other: "_Box") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )


class Ground(NamedTuple):
    """What labels are laid on.

    Attributes
    ----------
    quantiles
        The fan: one number a month for each of its quantiles.
    extent
        Lowest and highest amount.
    height
        Pixels between these.
    """

    quantiles: Mapping[str, Floats]
    extent: tuple[float, float]
    height: float

    @property
    def months(self) -> int:
        """Number of months."""
        return len(self.quantiles["p50"])

    def up(self, value: float) -> float:
        """Pixels of an amount from the bottom."""
        low, high = self.extent
        return (value - low) / (high - low) * self.height

    def across(self, month: float) -> float:
        """Pixels of a month from the left."""
        return (month - 1) / max(1, self.months - 1) * _NARROW

    def overhang(self, goal: Goal) -> float:
        """Pixels by which a label may end to the right of its target: none at the names of ends."""
        return 0.0 if goal.last >= self.months else DIAMOND

    def is_early(self, goal: Goal) -> bool:
        """Whether the label of a target has no room to its left: it then begins at the edge."""
        return self.across(goal.last) < _LETTER * len(goal.text)

    def beside(self, quantile: str, box: _Box) -> bool:
        """Whether a line runs through a rectangle."""
        heights = [
            self.up(float(value))
            for month, value in enumerate(self.quantiles[quantile], 1)
            if box.left - 3.0 <= self.across(month) <= box.right + 3.0 and not isnan(value)
        ]
        return bool(heights) and min(heights) < box.top and max(heights) > box.bottom


def label_offsets(goals: Sequence[Goal], levels: Sequence[Level], ground: Ground) -> list[float]:
    """Pixels by which the label of each target is above its value; below where negative.

    Of some places above and below, the one where it lies on least: on no other label first, then
    on no target, no line, no edge of a band. Reckoned for a narrow chart, so that it also holds on
    a wide one.
    """
    taken = [*_level_boxes(levels, ground)]
    found = []
    for goal in goals:
        places = [sign * away for away, sign in product(_AWAY, (1.0, -1.0))]
        best = min(places, key=lambda up: _cost(goal, up, goals, levels, ground, taken))
        taken.append(_box(goal, best, ground))
        found.append(best)
    return found


def _box(goal: Goal, up: float, ground: Ground) -> _Box:
    """Where a label lies: to the left of its target, from there on."""
    right = ground.across(goal.last) + ground.overhang(goal)
    middle = ground.up(goal.value) + up
    width = _LETTER * len(goal.text)
    left = max(0.0, right - width)
    return _Box(left, left + width, middle - _HALF_LINE, middle + _HALF_LINE)


def _level_boxes(levels: Sequence[Level], ground: Ground) -> Iterator[_Box]:
    for level in levels:
        bottom = ground.up(level.value)
        yield _Box(0.0, 4.0 + _LETTER * len(level.label), bottom, bottom + 2.0 * _HALF_LINE)


def _cost(
    goal: Goal,
    up: float,
    goals: Sequence[Goal],
    levels: Sequence[Level],
    ground: Ground,
    taken: Sequence[_Box],
) -> float:
    box = _box(goal, up, ground)
    if box.bottom < 0.0 or box.top > ground.height + _HALF_LINE:
        return float("inf")
    marks = (ground.up(level.value) for level in levels)
    lines = sum(box.bottom < mark < box.top for mark in marks) + ground.beside("p50", box)
    edges = sum(ground.beside(q, box) for q in ("p10", "p90"))
    return (
        _WEIGHTS["text"] * sum(map(box.meets, taken))
        + _WEIGHTS["point"] * sum(box.meets(_mark(other, ground)) for other in goals)
        + _WEIGHTS["line"] * lines
        + _WEIGHTS["edge"] * edges
        + _FURTHER * abs(up)
    )


def _mark(goal: Goal, ground: Ground) -> _Box:
    """Where a target is: its diamond, and the line of one that holds for long."""
    left, right = ground.across(goal.first) - DIAMOND, ground.across(goal.last) + DIAMOND
    middle = ground.up(goal.value)
    thick = DIAMOND if goal.first == goal.last else 2.0
    return _Box(left, right, middle - thick, middle + thick)
