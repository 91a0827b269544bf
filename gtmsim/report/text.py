"""Cells and notes as text, the same for the terminal and for Markdown."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from gtmsim.metrics.error import Estimate
from gtmsim.report.answer import Answer, Cell, Figure, Layout, Row, Spread, Table, Unit
from gtmsim.report.numbers import interval, roughly, scale, scaled, share, symbol, written
from gtmsim.report.tables import largest_error

SOFT_HYPHEN = "\u00ad"
"""Where a heading may be broken."""
STATISTICS = ("p10", "p50", "p90", "mean")


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
    make = _stacked if table.layout == Layout.STACKED else _inline
    written_grid = make(table, currency, errors)
    return written_grid._replace(notes=(*table.notes, *_error_note(table)))


def computed_text(answer: Answer) -> str:
    """Say in one line how the answer was computed."""
    return ", ".join(answer.computed.values())


READING = "a (b-c) is the median and the range from p10 to p90: 8 of 10 futures lie within."
ODDS_READING = "Ranges after odds are 95% Monte Carlo intervals."


def _error_note(table: Table) -> Iterator[str]:
    largest = largest_error(table)
    if not np.isnan(largest):
        size = share(largest) if np.isfinite(largest) else "an unknown part"
        yield (
            f"Monte Carlo error (95%): more futures would move a median by at most {size} of its "
            "range from p10 to p90."
        )


# --- a line per row --------------------------------------------------------------------------


def _inline(table: Table, currency: str, errors: bool) -> Grid:
    rows = tuple(
        (Text(row.label), *(_cell(cell, currency, errors) for cell in row.cells))
        for row in table.rows
    )
    return Grid(table.title, (table.index, *table.columns.values()), 1, rows, ())


def _cell(cell: Cell | None, currency: str, errors: bool) -> Text:
    if cell is None:
        return Text("")
    if isinstance(cell, Figure):
        value, low, high = cell.estimate
        main = written(value, cell.unit, currency)
        return Text(
            main, "" if np.isnan(value) else f"({interval(low, high, cell.unit, currency)})"
        )
    middle = written(cell.p50.value, cell.unit, currency)
    if np.isnan(cell.p50.value):
        return Text(middle)
    if errors:
        middle += f" ±{_margin(cell.p50, cell.unit)}"
    if cell.p10.value == cell.p90.value:
        return Text(middle)
    return Text(middle, f"({_range(cell)})")


def _range(cell: Spread) -> str:
    low, high = (roughly(end.value, cell.unit) for end in (cell.p10, cell.p90))
    for suffix in ("%", "x"):
        if low.endswith(suffix) and high.endswith(suffix):
            low = low.removesuffix(suffix)
    return f"{low} to {high}" if "-" in (low[:1], high[:1]) else f"{low}-{high}"


def _margin(estimate: Estimate, unit: Unit) -> str:
    return roughly(estimate.margin, unit) if np.isfinite(estimate.margin) else "?"


# --- a line per statistic --------------------------------------------------------------------


def _stacked(table: Table, currency: str, errors: bool) -> Grid:
    size, suffix = scale(_largest(table))
    columns = [key for key in table.columns if not _is_empty(table, key)]
    statistics = (*STATISTICS[:2], *(("± p50",) if errors else ()), *STATISTICS[2:])
    rows = tuple(
        (
            Text(row.label if first else ""),
            Text(statistic),
            *(Text(_statistic(cell, statistic, size)) for cell in _cells(table, row, columns)),
        )
        for row in table.rows
        for first, statistic in _statistics_of(row, statistics)
    )
    title = f"{table.title}, {symbol(currency)}{suffix}".rstrip()
    header = (table.index, "", *(table.columns[key] for key in columns))
    return Grid(title, header, 2, rows, ())


def _statistics_of(row: Row, statistics: tuple[str, ...]) -> Iterator[tuple[bool, str]]:
    for statistic in statistics:
        yield statistic == statistics[0], statistic


def _cells(table: Table, row: Row, columns: list[str]) -> Iterator[Cell | None]:
    by_key = dict(zip(table.columns, row.cells, strict=True))
    return (by_key[key] for key in columns)


def _statistic(cell: Cell | None, statistic: str, size: float) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Figure):
        return share(cell.estimate.value) if statistic == "p50" else ""
    if statistic not in cell.estimates:
        return scaled(cell.p50.margin, size)
    return scaled(cell.estimates[statistic].value, size)


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


def _is_empty(table: Table, key: str) -> bool:
    """Whether a column is zero throughout."""
    column = list(table.columns).index(key)
    spreads = [row.cells[column] for row in table.rows]
    return all(
        isinstance(cell, Spread) and not any(e.value for e in cell.estimates.values())
        for cell in spreads
        if cell is not None
    )
