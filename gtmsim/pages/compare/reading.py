"""What the sections of a comparison's page are made from, read once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import xarray as xr

from gtmsim.analysis.evaluating import objective_of
from gtmsim.analysis.pairing import aligned
from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import Counted, Floats, Timeline
from gtmsim.metrics.labels import company
from gtmsim.metrics.revenue import BRIDGE_FLOWS
from gtmsim.pages.samples import samples_of, timeline_of
from gtmsim.report.answer import Answer
from gtmsim.report.comparing import Comparison, ranked
from gtmsim.report.text import Grid, grid
from gtmsim.statistics import paired
from gtmsim.statistics.error import Estimate

AMOUNTS: Mapping[str, str] = {"closing_arr": "ARR", "cash": "cash"}
"""Amounts that are followed over months, and what they are called."""
_BY_SEGMENT = ("opening_arr", "closing_arr", *(f"{line}_arr" for line in BRIDGE_FLOWS))
_BY_CHANNEL = "booked_arr_by_channel"


class Against(NamedTuple):
    """What the best plan is worth more than another."""

    other: str
    difference: Estimate
    more: Estimate
    """Share of futures that are worth more with the best plan."""
    same: Estimate
    less: Estimate


@dataclass(frozen=True, eq=False)
class Plans:
    """Plans in the shapes that sections need.

    Attributes
    ----------
    made
        The comparison.
    answer
        What commands tell of it.
    by_segment, by_channel
        Of each plan, cut to the futures that all of them have: accounts by segment, and ARR booked
        by channel, summed over months.
    timeline
        The months.
    """

    made: Comparison
    answer: Answer
    by_segment: Mapping[str, xr.Dataset]
    by_channel: Mapping[str, xr.DataArray]
    timeline: Timeline

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the plans, the first the one to compare with."""
        return tuple(self.made.results)

    @property
    def first(self) -> str:
        """The plan that others are compared with."""
        return self.names[0]

    @property
    def rivals(self) -> tuple[str, ...]:
        """The others."""
        return self.names[1:]

    @property
    def best(self) -> str:
        """The plan that is worth most on average."""
        return ranked(self.made.compared)[0]

    @property
    def money(self) -> Counted:
        """How amounts are written."""
        return Counted(Unit.MONEY, self.answer.currency)

    @property
    def n_futures(self) -> int:
        """Number of futures of each plan."""
        return int(self.made.compared.attrs["draws"] * self.made.compared.attrs["replications"])

    @cached_property
    def company(self) -> Mapping[str, xr.Dataset]:
        """Accounts of each company as a whole."""
        return {name: company(one) for name, one in self.by_segment.items()}

    @cached_property
    def odds(self) -> tuple[Against, ...]:
        """What the best plan is worth more than each other."""
        names = ranked(self.made.compared)
        together = dict(zip(self.names, aligned(self.made.results), strict=True))
        worth = {name: objective_of(together[name], self.made.objective) for name in names}
        return tuple(_against(name, worth[name], worth[names[0]]) for name in names[1:])

    def colour(self, plan: str) -> int:
        """Return the number of the colour that a plan has in every chart."""
        return self.names.index(plan)

    def amount(self, plan: str, name: str) -> Floats:
        """Amount of a company, shape (draws, replications, months)."""
        return samples_of(self.company[plan][name], "month")

    def difference(self, rival: str, name: str) -> Floats:
        """Amount less that of the first plan in the same future, shape as of `amount`."""
        return self.amount(rival, name) - self.amount(self.first, name)

    def futures_text(self, what: str) -> str:
        """Say what a range is: ``p10-p90 of 2,048 futures``."""
        return f"{what} of {self.n_futures:,} futures, each paired with its own"

    def table(self, key: str) -> Grid | None:
        """Return a table of the answer as text; None where the answer has none."""
        found = next((table for table in self.answer.tables if table.key == key), None)
        return None if found is None or not found.rows else grid(found, self.answer.currency)

    def tables(self, prefix: str) -> Iterator[Grid]:
        """Tables of the answer whose keys begin so."""
        for table in self.answer.tables:
            if table.key.startswith(prefix) and table.rows:
                yield grid(table, self.answer.currency)


def _against(name: str, worth: Floats, best: Floats) -> Against:
    found = paired.compare(worth, best)
    return Against(name, found.difference, found.more, found.same, found.less)


def read_plans(made: Comparison, answer: Answer) -> Plans:
    """Read a comparison for its page."""
    together = dict(zip(made.results, aligned(made.results), strict=True))
    kept = [*_BY_SEGMENT, "cash", "insolvent"]
    first = next(iter(together.values()))
    return Plans(
        made=made,
        answer=answer,
        by_segment={name: one[kept].load() for name, one in together.items()},
        by_channel={
            name: one[_BY_CHANNEL].sum(("month", "segment"), keep_attrs=True).load()
            for name, one in together.items()
        },
        timeline=timeline_of(str(first.attrs["start"]), first.sizes["month"]),
    )
