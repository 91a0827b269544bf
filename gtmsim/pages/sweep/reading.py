"""What the sections of a sweep's page are made from, read once."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import xarray as xr

from gtmsim.analysis.direction import direction
from gtmsim.analysis.outputs import EVENT
from gtmsim.analysis.points import DesignKind, read_design
from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import Counted, Floats, Timeline
from gtmsim.errors import ExpressionError
from gtmsim.expressions import parse_quantity
from gtmsim.pages.samples import timeline_of
from gtmsim.report.answer import Figure, Simulated
from gtmsim.report.sweep import cells_of, value_texts
from gtmsim.report.wording import owned_names, words
from gtmsim.scenario.models import Objective
from gtmsim.statistics import error
from gtmsim.statistics.error import Estimate, Sample

_TARGETS = "targets."
_UNITS = {"money": Unit.MONEY, "share": Unit.SHARE}


class Column(NamedTuple):
    """A number of each future that the sweep keeps.

    Attributes
    ----------
    number
        Its place among the outputs.
    label
        For people.
    counted
        How it is written.
    is_event
        Whether it happens or not; it is then told by its odds, else by its mean.
    is_detail
        Whether it is shown only where there is room.
    towards
        1 where more is better, -1 where less is.
    """

    number: int
    label: str
    counted: Counted
    is_event: bool
    is_detail: bool
    towards: int

    @property
    def heading(self) -> str:
        """Label that begins a sentence."""
        return f"{self.label[:1].upper()}{self.label[1:]}"

    @property
    def what(self) -> str:
        """What is told of it."""
        return "odds" if self.is_event else "mean"


@dataclass(frozen=True, eq=False)
class Swept:
    """A sweep in the shapes that sections need.

    Attributes
    ----------
    results
        Of ``gtmsim.sweep``.
    command
        Words that make it again; empty if they are not known.
    columns
        Outputs that some future has, in order.
    timeline
        The months; None where the sweep kept none.
    """

    results: xr.Dataset
    command: tuple[str, ...]
    columns: tuple[Column, ...]
    timeline: Timeline | None

    @property
    def names(self) -> tuple[str, ...]:
        """What is varied."""
        return tuple(map(str, self.results.attrs["vary"]))

    @cached_property
    def short(self) -> Mapping[str, str]:
        """Short name of everything that is varied."""
        return dict(zip(self.names, owned_names(self.names), strict=True))

    @property
    def kind(self) -> DesignKind:
        """How points were chosen."""
        return read_design(str(self.results.attrs["design"])).kind

    @property
    def objective(self) -> Objective | None:
        """What a future is worth, if the scenario states it."""
        stated = tomllib.loads(str(self.results.attrs["scenario"])).get("objective")
        return None if stated is None else Objective.model_validate(stated)

    @property
    def currency(self) -> str:
        """ISO 4217 code of every amount."""
        return str(self.results.attrs["currency"])

    @property
    def main(self) -> Column:
        """The output that the first sentence is about."""
        return next((column for column in self.columns if not column.is_detail), self.columns[0])

    @property
    def n_points(self) -> int:
        """Number of points."""
        return int(self.results.sizes["point"])

    @property
    def n_futures(self) -> int:
        """Number of futures of each point."""
        return int(self.results.sizes["draw"] * self.results.sizes["replication"])

    @cached_property
    def done(self) -> tuple[int, ...]:
        """Points that did not fail."""
        return tuple(int(n) for n in np.flatnonzero(self.results["failure"].values == ""))

    @cached_property
    def values(self) -> Mapping[str, tuple[str, ...]]:
        """Value of each varied input at every point, as people write it."""
        return {name: tuple(value_texts(self.results, name)) for name in self.names}

    def numbers(self, name: str) -> Floats | None:
        """Values of an input at every point; None where they are no numbers."""
        values = self.results[name].values
        return values if values.dtype.kind == "f" and np.isfinite(values).all() else None

    def counted(self, name: str) -> Counted:
        """How the values of an input are written."""
        unit = _UNITS.get(str(self.results[name].attrs["units"]), Unit.COUNT)
        return Counted(unit, self.currency)

    def sample(self, point: int, column: Column) -> Sample:
        """Numbers of all futures at a point, shape (draws, replications)."""
        sample: Sample = self.results["sample"].values[point, column.number]
        return sample

    def figure(self, point: int, column: Column) -> Estimate:
        """Odds or mean of an output at a point."""
        sample = self.sample(point, column)
        return error.probability(sample) if column.is_event else error.mean(sample)

    @cached_property
    def cells(self) -> tuple[tuple[Simulated | None, ...], ...]:
        """Figures of every output at every point, as tables show them."""
        return tuple(cells_of(self.results, n) for n in range(self.n_points))

    def place(self, point: int) -> str:
        """Say where a point is: ``ae.reps 2, company.cash $1M``."""
        return ", ".join(f"{self.short[name]} {self.values[name][point]}" for name in self.names)


def read_swept(results: xr.Dataset, command: tuple[str, ...] = ()) -> Swept:
    """Read a sweep for its page."""
    columns = tuple(_column(results, n) for n in range(results.sizes["output"]))
    sample = results["sample"].values
    defined = tuple(c for c in columns if np.isfinite(sample[:, c.number]).any())
    timeline = _timeline(results) if "month" in results.coords else None
    return Swept(results, command, defined, timeline)


def _column(results: xr.Dataset, n: int) -> Column:
    name, label, unit = (str(results[key].values[n]) for key in ("output", "label", "unit"))
    is_event = unit == EVENT
    counted = Counted(Unit.SHARE if is_event else Unit(unit), str(results.attrs["currency"]))
    is_detail = bool(results["is_detail"].values[n])
    if name.startswith(_TARGETS):
        label = f"target {words(label)}"
    return Column(n, label, counted, is_event, is_detail, _towards(name))


def _towards(name: str) -> int:
    """Which way an output should go; more of what nobody can tell."""
    try:
        return direction(parse_quantity(name)) or 1
    except ExpressionError:  # a target, which should be met
        return 1


def _timeline(results: xr.Dataset) -> Timeline:
    header = tomllib.loads(str(results.attrs["scenario"]))["scenario"]
    return timeline_of(str(header["start"]), results.sizes["month"])


def in_parts(cell: Simulated | None, counted: Counted) -> tuple[str, str]:
    """Write a figure and its range; what failed as such."""
    if cell is None:
        return "failed", ""
    if isinstance(cell, Figure):
        value, low, high = (counted.text(number) for number in cell.estimate)
    else:
        quantiles = (cell.estimates[q].value for q in ("p50", "p10", "p90"))
        value, low, high = map(counted.text, quantiles)
    return value, f"{low} to {high}"
