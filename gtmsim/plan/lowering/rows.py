"""Which distributions the Plan has: one row per varying quantity, shared where it is the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple, TypeVar, get_args

from gtmsim.plan.leaves import Path
from gtmsim.scenario.models import Touch
from gtmsim.vocabulary import DAYS_PER_MONTH, MINOR_UNITS

Column = TypeVar("Column", bound=IntEnum)

NONE = -1
"""In a column that refers to a row: there is none."""


def touch_step(touch: Touch) -> int:
    """Step of a touch: 0 for the least."""
    return get_args(Touch).index(touch)


class DistRow(NamedTuple):
    """A varying quantity of the scenario, in the unit of the engines."""

    path: Path
    factor: float = 1.0
    """Engine units per unit of the scenario."""
    years_survived: int | None = None
    """Of a segment's churn: the years behind the customer in which it did not leave."""


def money(*path: str | int) -> DistRow:
    """Row of an amount."""
    return DistRow(path, float(MINOR_UNITS))


def days(*path: str | int) -> DistRow:
    """Row of a time said in days."""
    return DistRow(path, 1.0 / DAYS_PER_MONTH)


def churn(segment: str, years_survived: int = 0) -> DistRow:
    """Row of the yearly churn of a segment's customers."""
    return DistRow(("segments", segment, "churn_per_year"), years_survived=years_survived)


@dataclass(frozen=True)
class DistRows:
    """Rows of ``Values.dists``, in order, and where each stands."""

    index: Mapping[DistRow, int]

    @property
    def rows(self) -> tuple[DistRow, ...]:
        """The rows in order."""
        return tuple(self.index)

    def columns(self, columns: type[Column], found: Mapping[Column, DistRow]) -> dict[Column, int]:
        """Row numbers for those of ``columns`` that refer to distributions."""
        refers = [column for column in columns if column.name.endswith("_DIST")]
        return {column: self.index[found[column]] if column in found else NONE for column in refers}


def numbered(rows: Iterable[DistRow]) -> DistRows:
    """Give distinct rows their numbers, in the order in which they first come."""
    return DistRows({row: index for index, row in enumerate(dict.fromkeys(rows))})
