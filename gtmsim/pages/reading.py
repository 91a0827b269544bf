"""What the sections of a page are made from, read once."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import xarray as xr

from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import Counted, Floats, Timeline
from gtmsim.metrics import odds
from gtmsim.pages.samples import fan_over, futures_of, samples_of, timeline_of
from gtmsim.report.answer import Answer, Table
from gtmsim.report.build import answer as answer_of
from gtmsim.report.build import targets_of
from gtmsim.report.tables import Books, read_books
from gtmsim.report.text import Grid, grid
from gtmsim.scenario.document import Document
from gtmsim.scenario.loading import read_back, read_scenario
from gtmsim.scenario.models import Scenario, Target


class Origin(NamedTuple):
    """Where a scenario came from, as far as that is known."""

    source: str = ""
    """Its file; empty if that is not known."""
    document: Document | None = None
    """What it was read from, with the place of each value."""


@dataclass(frozen=True, eq=False)
class Read:
    """Results in the shapes that sections need.

    Attributes
    ----------
    results
        All of them.
    books
        What tables are of, loaded.
    answer
        The answer with its tables.
    timeline
        The months.
    scenario
        The scenario as it was simulated.
    targets
        By name.
    origin
        Where it came from.
    """

    results: xr.Dataset
    books: Books
    answer: Answer
    timeline: Timeline
    scenario: Mapping[str, Any]
    targets: Mapping[str, Target]
    origin: Origin

    @property
    def currency(self) -> str:
        """ISO 4217 code of every amount."""
        return self.answer.currency

    @property
    def money(self) -> Counted:
        """How amounts are written."""
        return Counted(Unit.MONEY, self.currency)

    @property
    def n_futures(self) -> int:
        """Number of futures."""
        return int(self.results.sizes["draw"] * self.results.sizes["replication"])

    @property
    def segments(self) -> tuple[str, ...]:
        """Names of the segments."""
        return tuple(str(name) for name in self.books.segments["segment"].to_numpy())

    @cached_property
    def funnel(self) -> xr.Dataset:
        """Flows of every funnel stage, summed over the months in which futures are solvent."""
        flows = self.results[["funnel_entered", "funnel_won", "funnel_lost", "funnel_expired"]]
        solvent = flows.load().where(self.books.solvent, 0)
        return solvent.sum(("draw", "replication", "month"))

    @cached_property
    def solvent_months(self) -> int:
        """Number of months in which futures are solvent, over all futures."""
        return int(self.books.solvent.sum())

    @cached_property
    def stages_entered(self) -> Mapping[str, Floats]:
        """First month that ends with the ARR of a company stage, infinite where none does.

        By the name of each stage after the first in which some future begins; shape (draws,
        replications).
        """
        company = self.books.company
        lowest = int(company["policy_stage"].isel(month=0).min())
        later = [str(name) for name in company["stage"].to_numpy()][lowest + 1 :]
        return {name: samples_of(odds.month_of_stage(company, name)) for name in later}

    @cached_property
    def plan(self) -> Scenario:
        """The scenario, checked."""
        if self.origin.document is not None:
            return read_scenario(self.origin.document)
        return read_back(str(self.results.attrs["scenario"]))

    def futures_text(self, what: str = "p10-p90") -> str:
        """Say what a range is: ``p10-p90 of 2,048 futures``."""
        return f"{what} of {self.n_futures:,} future{'' if self.n_futures == 1 else 's'}"

    def table(self, key: str) -> Grid | None:
        """Return a table of the answer as text; None where the answer has none."""
        found: Table | None = next((t for t in self.answer.tables if t.key == key), None)
        return None if found is None or not found.rows else grid(found, self.currency)


def read(results: xr.Dataset, answer: Answer | None = None, origin: Origin | None = None) -> Read:
    """Read results for a page.

    Parameters
    ----------
    results
        Of ``simulate`` or ``open_results``.
    answer
        Of the same results, where it was made before.
    origin
        Where the scenario came from.
    """
    scenario = tomllib.loads(str(results.attrs["scenario"]))
    books = read_books(results)
    return Read(
        results=results,
        books=books,
        answer=answer or answer_of(results, books),
        timeline=timeline_of(str(results.attrs["start"]), results.sizes["month"]),
        scenario=scenario,
        targets=targets_of(scenario),
        origin=origin or Origin(),
    )


def fan_of(values: xr.DataArray, where: xr.DataArray | None = None) -> Mapping[str, Floats]:
    """Quantiles over futures for each month, by the names of `QUANTILES`.

    Parameters
    ----------
    values
        Dims (draw, replication, month).
    where
        Futures and months that count, the same dims.
    """
    return fan_over(futures_of(values if where is None else values.where(where), "month"))
