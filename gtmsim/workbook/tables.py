"""Tables of the answer as rows of a sheet: the same figures, as numbers."""

from collections.abc import Iterator
from math import isfinite

from gtmsim.analysis.units import Unit
from gtmsim.report.answer import (
    Cell as Figures,
)
from gtmsim.report.answer import (
    Computed,
    Figure,
    Judgement,
    Layout,
    Range,
    Spread,
    Table,
    Words,
)
from gtmsim.report.answer import Row as Line
from gtmsim.report.numbers import written
from gtmsim.report.text import SOFT_HYPHEN, is_empty
from gtmsim.workbook.sheets import Cell, Form, Ink, Look, Row, Style, line, notes, padded, text

FORMS = {
    Unit.MONEY: Form.MONEY,
    Unit.COUNT: Form.COUNT,
    Unit.SHARE: Form.SHARE,
    Unit.MULTIPLE: Form.MULTIPLE,
    Unit.MONTHS: Form.NUMBER,
    Unit.DAYS: Form.NUMBER,
    Unit.MONTH: Form.COUNT,
}
_PART = "of"
"""Heading of the share of futures in which a figure is defined, where not that of its table."""
_ODDS = ("odds", "95% from", "to")


def table_rows(table: Table, currency: str) -> Iterator[Row]:
    """Lay out a table: its heading, the headings of its columns, its lines, its notes.

    Parameters
    ----------
    table
        Of an answer.
    currency
        ISO 4217 code.
    """
    if table.layout != Layout.INLINE:
        yield from _stacked(table, currency)
        return
    heads = [_heads(table, n) for n in range(len(table.columns))]
    labels = [label.replace(SOFT_HYPHEN, "") for label in table.columns.values()]
    width = 1 + sum(map(len, heads))
    above: list[str] = [""]
    below: list[str] = [table.index]
    for label, its_heads in zip(labels, heads, strict=True):
        above += [label, *[""] * (len(its_heads) - 1)]
        below += its_heads
    yield from padded([line(table.title, look=Look.BLOCK)], Look.BLOCK, width)
    yield _headings(above)
    yield _headings(below)
    yield from (_line(row, heads, currency) for row in table.rows)
    yield from notes(table.notes)
    yield ()


def _headings(words: list[str]) -> Row:
    return (text(words[0], Look.HEADING), *(text(word, Look.COLUMN) for word in words[1:]))


def _stacked(table: Table, currency: str) -> Iterator[Row]:
    """Lay out a table with a line per statistic, as its figures are many."""
    columns = [n for n in range(len(table.columns)) if not is_empty(table, n)]
    labels = [label.replace(SOFT_HYPHEN, "") for label in table.columns.values()]
    yield from padded([line(table.title, look=Look.BLOCK)], Look.BLOCK, 2 + len(columns))
    yield _headings([table.index, "", *(labels[n] for n in columns)])
    for row in table.rows:
        for nth, head in enumerate(_statistics(row)):
            label = row.label.strip() if nth == 0 else ""
            cells = (_cell(row.cells[n], head, currency) for n in columns)
            yield (text(label, indent=1), text(head, Look.NOTE), *cells)
    yield from notes(table.notes)
    yield ()


def _statistics(row: Line) -> tuple[str, ...]:
    has_mean = any(isinstance(cell, Spread) and cell.mean for cell in row.cells)
    return ("p10", "p50", "p90", *(["mean"] if has_mean else []))


def _heads(table: Table, column: int) -> list[str]:
    """Headings of the cells that a column takes: those of the statistics in it."""
    cells = [row.cells[column] for row in table.rows]
    spreads = [cell for cell in cells if isinstance(cell, Spread)]
    if not spreads:
        return [*_ODDS] if any(isinstance(cell, Figure) for cell in cells) else [""]
    part = [_PART] if any(cell.defined != table.part for cell in spreads) else []
    return ["p50", "p10", "p90", *part]


def _line(row: Line, heads: list[list[str]], currency: str) -> Row:
    cells: list[Cell | None] = [text(row.label.replace(SOFT_HYPHEN, "").strip(), indent=1)]
    for figures, its_heads in zip(row.cells, heads, strict=True):
        cells += [_cell(figures, head, currency) for head in its_heads]
    return tuple(cells)


def _cell(figures: Figures | None, head: str, currency: str) -> Cell | None:
    match figures:
        case None | Range():
            return None
        case Words():
            return text(figures.text)
        case Judgement():
            return text(figures.state)
        case Computed():
            return number(figures.value, figures.unit, currency)
        case Figure():
            return _odds(figures, head, currency)
        case Spread():
            return _of_spread(figures, head, currency)


def _odds(figure: Figure, head: str, currency: str) -> Cell | None:
    """Share in the first of a column's cells, its interval in those of odds."""
    estimate = figure.estimate
    values = {"odds": estimate.value, "p50": estimate.value}
    values |= {"95% from": estimate.low, "to": estimate.high}
    return number(values[head], figure.unit, currency) if head in values else None


def _of_spread(spread: Spread, head: str, currency: str) -> Cell | None:
    if head == _PART:
        return number(spread.defined, Unit.SHARE, currency)
    estimate = spread.estimates.get(head)
    return None if estimate is None else number(estimate.value, spread.unit, currency)


def number(value: float, unit: Unit, currency: str) -> Cell:
    """Cell of a figure; in words where it is no number, such as never.

    Parameters
    ----------
    value
        What the simulation gives.
    unit
        What it counts.
    currency
        ISO 4217 code.
    """
    style = Style(FORMS[unit], Ink.SIMULATED)
    return Cell(value if isfinite(value) else written(value, unit, currency), style)
