"""What a run answers, free of any format: sentences, and tables of labelled figures.

Every figure carries its Monte Carlo interval. Numbers are in currency, years, months and shares;
how they are written is up to the format.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gtmsim.analysis.units import Unit
from gtmsim.statistics.error import Estimate

READING = (
    "a (b-c): median and p10-p90, which holds 8 of 10 of the futures in which a figure is defined; "
    '"of 80%": their share, if not all. Ranges after odds: 95% Monte Carlo intervals.'
)


@dataclass(frozen=True)
class Figure:
    """One number over all replications, such as a probability."""

    estimate: Estimate
    unit: Unit


@dataclass(frozen=True)
class Spread:
    """How a quantity is distributed over replications.

    Attributes
    ----------
    p10, p50, p90
        Quantiles, each with its Monte Carlo interval.
    mean
        Mean of an amount or count; None for a ratio, whose mean over replications means little.
    unit
        What it counts.
    defined
        Share of replications in which the quantity is defined; the others are left out.
    """

    p10: Estimate
    p50: Estimate
    p90: Estimate
    mean: Estimate | None
    unit: Unit
    defined: float

    @property
    def estimates(self) -> Mapping[str, Estimate]:
        """Statistics by name, in the order in which they are shown."""
        quantiles = {"p10": self.p10, "p50": self.p50, "p90": self.p90}
        return quantiles if self.mean is None else {**quantiles, "mean": self.mean}


@dataclass(frozen=True)
class Range:
    """From one quantile over replications to another.

    Attributes
    ----------
    low, high
        The quantiles, each with its Monte Carlo interval.
    unit
        What they count.
    """

    low: Estimate
    high: Estimate
    unit: Unit

    @property
    def estimates(self) -> Mapping[str, Estimate]:
        """Ends by name."""
        return {"from": self.low, "to": self.high}


@dataclass(frozen=True)
class Computed:
    """A figure in closed form.

    Attributes
    ----------
    value
        With every uncertain input at its mean.
    p10, p90
        Quantiles over draws of the inputs.
    unit
        What it counts.
    """

    value: float
    p10: float
    p90: float
    unit: Unit


@dataclass(frozen=True)
class Words:
    """A text in the place of a figure."""

    text: str


@dataclass(frozen=True)
class Judgement:
    """A verdict, by itself or on a measure.

    Attributes
    ----------
    state
        Healthy, strained, broken or undefined.
    limit
        Up to where the measure is healthy; None for a verdict over measures.
    is_least
        Whether the measure should be at least, and not at most, its limit.
    unit
        Of the limit.
    """

    state: str
    limit: float | None = None
    is_least: bool = False
    unit: Unit = Unit.SHARE


Simulated = Figure | Spread | Range
Cell = Simulated | Computed | Judgement | Words


class Layout(StrEnum):
    """How a table shows a spread."""

    STACKED = "stacked"
    """One line per statistic."""
    SCALED = "scaled"
    """The same, with all money of the table in one scale."""
    INLINE = "inline"
    """The median, and the range from p10 to p90 behind it."""


@dataclass(frozen=True)
class Row:
    """A line of a table.

    Attributes
    ----------
    key, label
        Name in machine-readable formats, and for people.
    cells
        As many as the table has columns; None where there is nothing.
    continues
        Whether it belongs to the row before.
    """

    key: str
    label: str
    cells: tuple[Cell | None, ...]
    continues: bool = False


@dataclass(frozen=True)
class Brief:
    """What a terminal shows of a table unless details are asked for.

    Attributes
    ----------
    rows, columns
        Keys of what is shown; None: all.
    notes
        In the place of the table's.
    is_turned
        Whether columns become rows, so that years stand beside each other.
    """

    rows: frozenset[str] | None = None
    columns: frozenset[str] | None = None
    notes: tuple[str, ...] = ()
    is_turned: bool = False


@dataclass(frozen=True)
class Table:
    """A labelled table.

    Attributes
    ----------
    key
        Name in machine-readable formats.
    title
        Shown above.
    index
        What the rows are.
    columns
        Labels by key, in order.
    rows
        Lines.
    layout
        How spreads are shown.
    notes
        Shown below.
    long
        Whether a terminal may leave rows out when there are many.
    is_detail
        Whether a terminal shows it only when details are asked for.
    part
        Share of futures that its figures are of, as its notes say; a cell says so where its own
        differs.
    whole
        Whether a terminal too narrow for it keeps its columns together: what qualifies a figure
        then stands below it.
    brief
        What a terminal shows of it unless details are asked for, or in its place a shorter table
        that says the same; None: all of it.
    """

    key: str
    title: str
    index: str
    columns: Mapping[str, str]
    rows: tuple[Row, ...]
    layout: Layout = Layout.INLINE
    notes: tuple[str, ...] = ()
    long: bool = False
    is_detail: bool = False
    part: float = 1.0
    whole: bool = False
    brief: "Brief | Table | None" = None


@dataclass(frozen=True)
class Fan:
    """Quantiles of a quantity by month.

    Attributes
    ----------
    key
        Name in machine-readable formats.
    title
        Shown above; it names the interval.
    unit
        What the quantity counts.
    months
        Each as ``2026-01``.
    p10, p50, p90
        Quantiles over all futures, a number per month.
    """

    key: str
    title: str
    unit: Unit
    months: tuple[str, ...]
    p10: tuple[float, ...]
    p50: tuple[float, ...]
    p90: tuple[float, ...]


@dataclass(frozen=True)
class Bars:
    """Odds to be drawn below each other.

    Attributes
    ----------
    title
        Shown above.
    odds
        Each with its Monte Carlo interval, by label.
    """

    title: str
    odds: Mapping[str, Estimate]


@dataclass(frozen=True)
class Answer:
    """What a run answers.

    Attributes
    ----------
    title, question
        The scenario's.
    currency
        ISO 4217 code of every amount.
    headline
        The answer in sentences.
    tables
        The figures behind it.
    computed
        How it was computed, by label.
    overrides
        ``path=value`` each: what was changed in the scenario's file.
    reading
        How the figures of its tables are to be read.
    bars
        Odds that a terminal draws; the figures are in a table.
    fans
        Quantities by month that a terminal draws.
    """

    title: str
    question: str
    currency: str
    headline: tuple[str, ...]
    tables: tuple[Table, ...]
    computed: Mapping[str, str]
    overrides: tuple[str, ...] = ()
    reading: str = READING
    bars: Bars | None = None
    fans: tuple[Fan, ...] = ()
