"""What a results file holds: its variables, their places in the books, and their storage.

Numbers are stored as the engines count them, in whole numbers, so that the bridge, cash and
deferred revenue still close to the cent; ``convert_units`` turns them into currency, months, reps.
The file is cut into cells of replications that do not depend on how the work was cut into blocks.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from gtmsim.plan.structure import CompanyInt, SegmentInt
from gtmsim.vocabulary import (
    CHANNEL_ACCOUNTS,
    COHORT_ACCOUNTS,
    COMPANY_ACCOUNTS,
    FUNNEL_ACCOUNTS,
    LEAD_COHORT_ACCOUNTS,
    MARKET_ACCOUNTS,
    MINOR_UNITS,
    OPENING_STOCKS,
    SEGMENT_ACCOUNTS,
    TEAM_ACCOUNTS,
    TICKS_PER_MONTH,
    Account,
    CompanyAccount,
    Unit,
    opening_stock,
    years_begun,
)

if TYPE_CHECKING:
    from gtmsim.engines.block import Block
    from gtmsim.plan import Plan
    from gtmsim.plan.structure import Ints

FIRST_MONTH_ONLY = (CompanyAccount.OPENING_CASH,)
"""Company accounts that are stored for month 1 alone: later ones repeat the month before."""

CELL_BYTES = 16 << 20
CELL_REPLICATIONS = 64
OVERHEAD_BYTES = 1 << 20
"""Of a file without its numbers: headers, names, and the index of the cells."""


FRACTIONS = {"0.01": MINOR_UNITS, "0.001": 1000, "2**-20": TICKS_PER_MONTH}
"""First word of the units of whole numbers that count fractions, and how many make one unit."""


class Storage(NamedTuple):
    """How numbers of a unit are stored."""

    dtype: DTypeLike
    units: str
    """``{currency}`` is the scenario's."""
    bytes_established: float
    """Compressed bytes per number in a company that has customers at the start."""
    bytes_new: float
    """The same in one that has none: its early months are mostly zeros."""


# Bytes as measured on the scenarios in scenarios/, where the largest of each kind gives the figure,
# rounded up; numbers that cannot be other than 0 are left out, see ``_live``.
STORAGE: Mapping[Unit, Storage] = {
    "count": Storage(np.int32, "1", 0.97, 0.4),
    "ARR": Storage(np.int64, "0.01 {currency}/year", 3.3, 1.5),
    "currency": Storage(np.int64, "0.01 {currency}", 1.65, 1.15),
    "ticks": Storage(np.int64, "2**-20 month", 2.0, 1.75),
    "flag": Storage(np.int8, "1", 0.05, 0.05),
    "milli-reps": Storage(np.int32, "0.001 rep", 0.65, 0.65),
    "milli-customers": Storage(np.int64, "0.001 customer", 1.6, 0.7),
    "index": Storage(np.int8, "1", 0.1, 0.1),
}


@dataclass(frozen=True)
class Variable:
    """A variable of the results and its place in the books.

    Attributes
    ----------
    account
        Name, unit and meaning.
    book
        Field of ``Books``.
    column
        Last index into the book.
    dims
        Dimensions after draw and replication.
    month
        Only this 0-based month is stored, where it is not None.
    """

    account: Account
    book: str
    column: int
    dims: tuple[str, ...]
    month: int | None = None

    @property
    def name(self) -> str:
        """Name in the Dataset."""
        return self.account.name

    @property
    def storage(self) -> Storage:
        """Type and units in the file."""
        return STORAGE[self.account.unit]

    def attributes(self, currency: str) -> dict[str, str]:
        """Return what the variable is, in words."""
        return {
            "long_name": self.account.long_name,
            "units": self.storage.units.format(currency=currency),
            "kind": self.account.kind,
        }

    def numbers(self, block: "Block") -> "Ints":
        """Numbers of a block, shape (draws, replications, *dims), as a view of its books."""
        book: Ints = getattr(block.books, self.book)[..., self.column]
        return book if self.month is None else book[:, :, self.month]


_BOOKS: Mapping[str, tuple[tuple[str, ...], tuple[Account, ...]]] = {
    "segment": (("month", "segment"), SEGMENT_ACCOUNTS),
    "channel": (("month", "segment", "channel"), CHANNEL_ACCOUNTS),
    "funnel": (("month", "funnel_stage"), FUNNEL_ACCOUNTS),
    "team": (("month", "team"), TEAM_ACCOUNTS),
    "cohort": (("month", "segment", "cohort"), COHORT_ACCOUNTS),
    "lead_cohort": (("month", "segment"), LEAD_COHORT_ACCOUNTS),
    "market": (("month", "tier"), MARKET_ACCOUNTS),
    "company": (("month",), COMPANY_ACCOUNTS),
}


def _variables() -> Iterator[Variable]:
    for book, (dims, accounts) in _BOOKS.items():
        for column, account in enumerate(accounts):
            if book == "company" and column in FIRST_MONTH_ONLY:
                yield Variable(account, book, column, dims[1:], month=0)
            else:
                yield Variable(account, book, column, dims)
    for stock in OPENING_STOCKS:
        yield Variable(opening_stock(stock), "opening", stock, ("segment",))


VARIABLES = tuple(_variables())
"""Every variable of a results file that comes from the books."""


INPUT_ATTRIBUTES = {"long_name": "Values of the uncertain inputs", "units": "as in the scenario"}


@dataclass(frozen=True)
class Layout:
    """Sizes of a results file.

    Attributes
    ----------
    draws, replications
        Number of draws, and of replications per draw.
    labels
        Labels along every dimension after these two, in the order of the books' rows.
    closing_teams
        Team that closes each segment's deals: that of its last funnel stage with a team, else "".
    """

    draws: int
    replications: int
    labels: Mapping[str, Sequence[Any]]
    closing_teams: Sequence[str]

    @cached_property
    def sizes(self) -> Mapping[str, int]:
        """Length of every dimension."""
        labelled = {dim: len(labels) for dim, labels in self.labels.items()}
        return {"draw": self.draws, "replication": self.replications, **labelled}

    @cached_property
    def funnel_parts(self) -> tuple[Sequence[str], Sequence[str]]:
        """Segment, and name in its motion, of every funnel stage."""
        parts = [label.split(".", 1) for label in self.labels["funnel_stage"]]
        segments, stages = zip(*parts, strict=True)
        return segments, stages

    def shape(self, variable: Variable) -> tuple[int, ...]:
        """Shape of a variable in one replication."""
        return tuple(self.sizes[dim] for dim in variable.dims)

    @cached_property
    def bytes_per_replication(self) -> int:
        """Bytes of one replication's numbers, uncompressed."""
        return sum(
            prod(self.shape(variable)) * np.dtype(variable.storage.dtype).itemsize
            for variable in VARIABLES
        )

    @cached_property
    def cell(self) -> tuple[int, int]:
        """Draws and replications of a cell: what is compressed, written and read as one piece."""
        size = int(np.clip(CELL_BYTES // self.bytes_per_replication, 1, CELL_REPLICATIONS))
        replications = min(size, self.replications)
        return min(max(1, size // replications), self.draws), replications


def layout(plan: "Plan", draws: int, replications: int) -> Layout:
    """Lay out the results of a Plan.

    Parameters
    ----------
    plan
        The Plan.
    draws, replications
        Number of draws, and of replications per draw.
    """
    names = plan.names
    labels: dict[str, Sequence[Any]] = {
        "month": range(1, _months(plan) + 1),
        "segment": names.segments,
        "channel": names.channels,
        "funnel_stage": [part.label for part in names.funnel],
        "team": names.teams,
        "cohort": range(1 + _cohort_years(plan)),
        "stage": names.stages,
        "tier": names.tiers,
        "input": [uncertain.path for uncertain in plan.inputs],
    }
    closing = plan.structure.segment[:, SegmentInt.CLOSING_TEAM]
    closing_teams = [names.teams[team] if team >= 0 else "" for team in closing]
    return Layout(draws, replications, labels, closing_teams)


def expected_size(plan: "Plan", draws: int, replications: int) -> int:
    """Bytes that a results file takes, on the safe side.

    Tests keep it between one and two and a half times the size of a default run of the shipped
    scenarios (three times where most futures end early). A company ten times as large adds less
    than half a byte per number.

    Parameters
    ----------
    plan
        The Plan.
    draws, replications
        Number of draws, and of replications per draw.
    """
    sizes = layout(plan, draws, replications)
    established = _opening_segments(plan) > 0
    per_replication = sum(
        prod(sizes.shape(variable)) * _live(plan, variable.book) * _bytes(variable, established)
        for variable in VARIABLES
    )
    inputs = draws * sizes.sizes["input"] * np.dtype(np.float64).itemsize
    return OVERHEAD_BYTES + inputs + int(draws * replications * per_replication)


def _bytes(variable: Variable, established: bool) -> float:
    storage = variable.storage
    return storage.bytes_established if established else storage.bytes_new


def _live(plan: "Plan", book: str) -> float:
    """Share of a book's numbers that can be other than 0; the rest takes next to no space."""
    names = plan.names
    if book == "channel":
        sources = {(stream.channel, stream.segment) for stream in names.streams}
        return len(sources) / (len(names.channels) * len(names.segments))
    if book == "cohort":
        n_years = _cohort_years(plan)
        reached = sum(1 + month // 12 for month in range(_months(plan)))
        opening = _opening_segments(plan) / len(names.segments)
        return (reached / _months(plan) + opening) / (1 + n_years)
    return 1.0


def _opening_segments(plan: "Plan") -> int:
    """Segments that have customers at the start."""
    return int(np.count_nonzero(plan.structure.segment[:, SegmentInt.OPENING_COUNT]))


def _months(plan: "Plan") -> int:
    return int(plan.structure.company[CompanyInt.MONTHS])


def _cohort_years(plan: "Plan") -> int:
    """Cohorts beside that of the opening customers."""
    return years_begun(_months(plan))
