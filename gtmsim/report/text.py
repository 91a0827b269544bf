"""Cells and notes as text, the same for the terminal and for Markdown."""

from collections.abc import Iterator
from math import isclose
from typing import NamedTuple

import numpy as np

from gtmsim.analysis.units import Unit
from gtmsim.report.answer import (
    Answer,
    Cell,
    Computed,
    Figure,
    Judgement,
    Layout,
    Range,
    Row,
    Spread,
    Table,
    Words,
)
from gtmsim.report.numbers import (
    exactly,
    interval,
    joined,
    roughly,
    scale,
    scaled,
    share,
    symbol,
    written,
)
from gtmsim.report.tables import largest_error, too_few_draws
from gtmsim.statistics.error import Estimate

SOFT_HYPHEN = "\u00ad"
"""Where a heading may be broken."""
MARGIN = "± p50"
"""Line of the Monte Carlo error of the medians."""
MOST_NAMES = 4
"""Figures that a note names one by one."""
PART = "of"
"""Line of the share of futures that the figures above are of."""


class Text(NamedTuple):
    """A cell: what is read first, and what qualifies it."""

    main: str
    aside: str = ""

    @property
    def line(self) -> str:
        """Both on one line."""
        return f"{self.main} {self.aside}" if self.aside else self.main


class Grid(NamedTuple):
    """A table as text."""

    title: str
    header: tuple[str, ...]
    """The first columns name the row; ``labels`` says how many."""
    labels: int
    rows: tuple[tuple[Text, ...], ...]
    notes: tuple[str, ...]
    whole: bool = False
    """Whether a width too narrow for it keeps its columns together."""


def grid(table: Table, currency: str, errors: bool = False) -> Grid:
    """Write a table as text.

    Parameters
    ----------
    table
        The table.
    currency
        ISO 4217 code.
    errors
        Whether each median shows its Monte Carlo error.
    """
    make = _inline if table.layout == Layout.INLINE else _stacked
    written_grid = make(table, currency, errors)
    return written_grid._replace(notes=(*table.notes, *error_note(table)))


def computed_text(answer: Answer) -> str:
    """Say in one line how the answer was computed."""
    return ", ".join(answer.computed.values())


def overrides_text(answer: Answer) -> str:
    """Say what was changed in the scenario's file; empty if nothing was."""
    return f"With: {', '.join(answer.overrides)}" if answer.overrides else ""


def error_note(*tables: Table) -> Iterator[str]:
    """Say how large the Monte Carlo error of the tables' medians is."""
    known = [error for error in map(largest_error, tables) if not np.isnan(error)]
    largest = max(known, default=float("nan"))
    unknown = [name for table in tables for name in too_few_draws(table)]
    if not np.isnan(largest):
        size = f"up to {share(largest)} of their p10-p90 range"
        but = f"; too few draws for that of {_listed(unknown)}" if unknown else ""
        yield f"Monte Carlo error (95%) of medians: {size}{but}."
    elif unknown:
        yield "Monte Carlo error of medians: unknown, for too few draws."


def _listed(names: list[str]) -> str:
    """Name the first few, and count the others."""
    shown = ", ".join(name.replace(SOFT_HYPHEN, "") for name in names[:MOST_NAMES])
    others = len(names) - MOST_NAMES
    return shown if others <= 0 else f"{shown} and {others} more"


# --- a line per row --------------------------------------------------------------------------


def _inline(table: Table, currency: str, errors: bool) -> Grid:
    rows = tuple(
        (Text(row.label), *(_cell(cell, currency, errors, table.part) for cell in row.cells))
        for row in table.rows
    )
    header = (table.index, *table.columns.values())
    return Grid(table.title, header, 1 + _leading_words(table), rows, (), table.whole)


def _leading_words(table: Table) -> int:
    """Columns after the first that hold nothing but text, up to the first that does not."""
    for n in range(len(table.columns)):
        if not all(isinstance(row.cells[n], Words) for row in table.rows):
            return n
    return len(table.columns)


def _cell(cell: Cell | None, currency: str, errors: bool, of: float) -> Text:
    match cell:
        case None:
            text = Text("")
        case Words():
            text = Text(cell.text)
        case Computed():
            text = _computed(cell, currency)
        case Judgement():
            text = _judgement(cell, currency)
        case Figure():
            text = _figure(cell, currency)
        case Range():
            ends = (written(end.value, cell.unit, currency) for end in (cell.low, cell.high))
            text = Text(" to ".join(ends))
        case Spread():
            text = _spread(cell, currency, errors, of)
    return text


def _figure(cell: Figure, currency: str) -> Text:
    value, low, high = cell.estimate
    main = written(value, cell.unit, currency)
    if np.isnan(value) or low == np.inf:
        return Text(main)
    return Text(main, f"({interval(low, high, cell.unit, currency)})")


def _spread(cell: Spread, currency: str, errors: bool, of: float) -> Text:
    middle = written(cell.p50.value, cell.unit, currency)
    if np.isnan(cell.p50.value):
        return Text(middle)
    if errors:
        middle += f" ±{_margin(cell.p50, cell.unit)}"
    between = f"({_range(cell)})" if cell.p10.value != cell.p90.value else ""
    return Text(middle, f"{between} {_part(cell, of)}".strip())


def _computed(cell: Computed, currency: str) -> Text:
    main = exactly(cell.value, cell.unit, currency)
    ends = [roughly(end, cell.unit) for end in (cell.p10, cell.p90)]
    varies = cell.p10 != cell.p90 and not np.isnan(cell.value)
    return Text(main, f"({_joined(ends)})" if varies and ends[0] != ends[1] else "")


def _judgement(cell: Judgement, currency: str) -> Text:
    if cell.limit is None:
        return Text(cell.state)
    sign = ">=" if cell.is_least else "<="
    return Text(cell.state, f"({sign} {exactly(cell.limit, cell.unit, currency)})")


def _joined(ends: list[str]) -> str:
    """Join the ends of a range, a common suffix said once."""
    low, high = ends
    for suffix in ("%", "x"):
        if low.endswith(suffix) and high.endswith(suffix):
            low = low.removesuffix(suffix)
    return joined(low, high)


def _part(cell: Spread, of: float = 1.0) -> str:
    """Say of which part of the futures a figure is, where it is not that of its table."""
    is_that = cell.defined == 0.0 or isclose(cell.defined, of)
    return "" if is_that else f"{PART} {share(cell.defined)}"


def _range(cell: Spread) -> str:
    return _joined([roughly(end.value, cell.unit) for end in (cell.p10, cell.p90)])


def _margin(estimate: Estimate, unit: Unit) -> str:
    known = np.isfinite(estimate.margin)
    return roughly(estimate.margin, _unit_of_margin(unit)) if known else "?"


# --- a line per statistic --------------------------------------------------------------------


class Style(NamedTuple):
    """How the figures of a stacked table are written."""

    currency: str
    size: float | None
    """Amount that all money is in multiples of; None: each amount for itself."""

    def write(self, value: float, unit: Unit) -> str:
        """Write a figure."""
        if self.size is None or unit != Unit.MONEY:
            return written(value, unit, self.currency)
        return scaled(value, self.size)


def _stacked(table: Table, currency: str, errors: bool) -> Grid:
    size, suffix = scale(_largest(table)) if table.layout == Layout.SCALED else (None, "")
    style = Style(currency, size)
    columns = [n for n in range(len(table.columns)) if not is_empty(table, n)]
    labels = list(table.columns.values())
    rows = tuple(line for row in table.rows for line in _lines(row, columns, style, errors))
    title = table.title if size is None else f"{table.title}, {symbol(currency)}{suffix}".rstrip()
    return Grid(title, (table.index, "", *(labels[n] for n in columns)), 2, rows, ())


def _lines(row: Row, columns: list[int], style: Style, errors: bool) -> Iterator[tuple[Text, ...]]:
    """Lines of a row: one per statistic that a cell of it has."""
    cells = [row.cells[n] for n in columns]
    has_mean = any(isinstance(cell, Spread) and cell.mean for cell in cells)
    in_part = any(isinstance(cell, Spread) and _part(cell) for cell in cells)
    statistics = [
        *("p10", "p50", *([MARGIN] if errors else ()), "p90"),
        *(["mean"] * has_mean),
        *([PART] * in_part),
    ]
    for statistic in statistics:
        label = row.label if statistic == statistics[0] else ""
        figures = (Text(_statistic(cell, statistic, style)) for cell in cells)
        yield (Text(label), Text(statistic), *figures)


def _statistic(cell: Cell | None, statistic: str, style: Style) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Figure):
        return share(cell.estimate.value) if statistic == "p50" else ""
    if not isinstance(cell, Spread):
        return ""
    if statistic == PART:
        return _part(cell).removeprefix(f"{PART} ")
    if statistic == MARGIN:
        return style.write(cell.p50.margin, _unit_of_margin(cell.unit))
    estimate = cell.estimates.get(statistic)
    return "" if estimate is None else style.write(estimate.value, cell.unit)


def _unit_of_margin(unit: Unit) -> Unit:
    """Return months for a figure that is a month."""
    return Unit.MONTHS if unit == Unit.MONTH else unit


def _largest(table: Table) -> float:
    values = [
        abs(estimate.value)
        for row in table.rows
        for cell in row.cells
        if isinstance(cell, Spread)
        for estimate in cell.estimates.values()
        if np.isfinite(estimate.value)
    ]
    return max(values, default=0.0)


def is_empty(table: Table, column: int) -> bool:
    """Whether a column is zero throughout."""
    spreads = [row.cells[column] for row in table.rows]
    return all(
        isinstance(cell, Spread) and not any(e.value for e in cell.estimates.values())
        for cell in spreads
        if cell is not None
    )
