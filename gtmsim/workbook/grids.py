"""Sheets of lines by quarter and year: where each figure stands, and the formulas between them.

Every such sheet has the same columns, so that a formula across sheets stays in its column: the
label, the start, the quarters, an empty column, the years. Its first block is of means, which add
up and so have formulas; blocks of quantiles follow, whose lines do not.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite, nan
from typing import Literal, NamedTuple

from gtmsim.metrics.statements import Line
from gtmsim.report.answer import Spread
from gtmsim.workbook.figures import QUARTERS_PER_YEAR, STATISTICS, Figures, statistic
from gtmsim.workbook.sheets import Cell, Form, Ink, Look, Row, Sheet, Style, address, line, text

FIRST_BLOCK = 6
"""Row of the first block's heading; title, notes and the columns' headings stand above."""
START = 1
"""Column of the position at the start."""
_LABEL_WIDTH, _WIDTH, _NARROW = 36.0, 11.5, 1.5
_BLOCKS_A_PAGE = 2


class Column(NamedTuple):
    """A column of figures.

    Attributes
    ----------
    number
        Counted from 0.
    kind
        What it is of.
    period
        Number of the quarter or year, from 0.
    quarters
        First and last column of the year's quarters.
    """

    number: int
    kind: Literal["start", "quarter", "year"]
    period: int = 0
    quarters: tuple[int, int] = (0, 0)


At = Callable[..., str]
"""Address of a line (in a column, of another sheet) from where a formula stands."""
Formula = Callable[[Column, At], str]
"""Writes a formula without ``=``; empty where there is none."""


class Linked(NamedTuple):
    """A line whose mean is a formula of its own."""

    formula: Formula
    ink: Ink = Ink.PLAIN


class Check(NamedTuple):
    """A line under the means that should be 0."""

    label: str
    formula: Formula


@dataclass(frozen=True)
class Grid:
    """What a sheet of lines by quarter and year holds.

    Attributes
    ----------
    name, title
        On the tab, and in the first row.
    lines
        In their order.
    headings
        What stands above a line.
    linked
        Lines with formulas beside sums, ratios and totals of years.
    checks
        Of the means.
    notes
        Up to two, above the figures.
    """

    name: str
    title: str
    lines: tuple[Line, ...]
    headings: Mapping[str, str] = field(default_factory=dict)
    linked: Mapping[str, Linked] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> Mapping[str, int]:
        """Row of each line, counted from the heading of its block."""
        rows: dict[str, int] = {}
        row = 0
        for its_line in self.lines:
            row += 1 + (its_line.name in self.headings)
            rows[its_line.name] = row
        return rows


class Block(NamedTuple):
    """Lines of one statistic, under each other.

    Attributes
    ----------
    heading
        Above them.
    statistic
        Which.
    of
        Beginning of the names of the figures, such as a segment's and a dot.
    """

    heading: str
    statistic: str
    of: str = ""


BLOCKS = tuple(Block(heading, name) for name, heading in STATISTICS.items())


RowsOf = Mapping[str, Mapping[str, int]]
"""`Grid.rows` by name of the sheet."""


def grid_sheet(
    grid: Grid, figures: Figures, rows_of: RowsOf, blocks: tuple[Block, ...] = BLOCKS
) -> Sheet:
    """Lay out a sheet.

    Parameters
    ----------
    grid
        What it holds.
    figures
        Of its lines.
    rows_of
        Of every sheet that formulas refer to.
    blocks
        In their order; the first is of means.
    """
    columns = tuple(_columns(figures))
    rows: list[Row] = [*_header(grid, figures)]
    breaks = []
    for number, block in enumerate(blocks):
        if number:
            rows.append(())
        if number and number % _BLOCKS_A_PAGE == 0:
            breaks.append(len(rows))
        rows += _Placed(grid, figures, rows_of, block, len(rows), columns).rows()
    narrow = {_gap(figures), *(() if _has_start(grid, figures) else (START,))}
    widths = (_LABEL_WIDTH, *(_NARROW if n in narrow else _WIDTH for n in _numbers(columns)))
    return Sheet(grid.name, tuple(rows), widths, (FIRST_BLOCK, 1), tuple(breaks))


def _columns(figures: Figures) -> Iterator[Column]:
    n_quarters = len(figures.quarters.labels)
    yield Column(START, "start")
    yield from (Column(START + 1 + n, "quarter", n) for n in range(n_quarters))
    for year in range(len(figures.years.labels)):
        first = START + 1 + QUARTERS_PER_YEAR * year
        last = min(first + QUARTERS_PER_YEAR, START + 1 + n_quarters) - 1
        yield Column(_gap(figures) + 1 + year, "year", year, (first, last))


def _has_start(grid: Grid, figures: Figures) -> bool:
    return any(its_line.name in figures.at_start for its_line in grid.lines)


def _gap(figures: Figures) -> int:
    """Empty column between quarters and years."""
    return START + 1 + len(figures.quarters.labels)


def _numbers(columns: tuple[Column, ...]) -> range:
    return range(START, columns[-1].number + 1)


def _header(grid: Grid, figures: Figures) -> Iterator[Row]:
    above = (*grid.notes, "", "", "")[: FIRST_BLOCK - 3]
    yield line(grid.title, look=Look.TITLE)
    yield from (line(note, look=Look.NOTE) for note in above)
    start = "Start" if _has_start(grid, figures) else ""
    labels = (start, *figures.quarters.labels, "", *figures.years.labels)
    yield (text("", Look.HEADING), *(text(label, Look.COLUMN) for label in labels))
    ends = (None, *figures.quarters.ends, None, *figures.years.ends)
    style = Style(Form.MONTH, look=Look.COLUMN)
    yield (text("ends", Look.HEADING), *(Cell("" if day is None else day, style) for day in ends))


@dataclass(frozen=True)
class _Placed:
    """A block in its place; ``top`` is the row of its heading."""

    grid: Grid
    figures: Figures
    rows_of: RowsOf
    block: Block
    top: int
    columns: tuple[Column, ...]

    def rows(self) -> Iterator[Row]:
        width = self.columns[-1].number + 1
        yield tuple(text(self.block.heading if n == 0 else "", Look.BLOCK) for n in range(width))
        for its_line in self.grid.lines:
            if its_line.name in self.grid.headings:
                yield line(self.grid.headings[its_line.name])
            yield self._row(its_line)
        if self.block.statistic == "mean":
            yield from map(self._check, self.grid.checks)

    def _row(self, its_line: Line) -> Row:
        is_total = bool(its_line.parts) and its_line.kind != "ratio"
        look = Look.TOTAL if is_total else Look.BODY
        label = text(its_line.label, look, indent=0 if is_total else 1)
        empty = text("", look) if is_total else None
        cells = {c.number: self._cell(its_line, c, look) for c in self.columns}
        return (label, *(cells.get(n) or empty for n in _numbers(self.columns)))

    def _cell(self, its_line: Line, column: Column, look: Look) -> Cell | None:
        found = self._spread(its_line.name, column)
        if found is None:
            return None
        form = Form.SHARE if its_line.kind == "ratio" else Form.MONEY
        if self.block.statistic != "mean":
            value = _shown(statistic(found, self.block.statistic))
            return Cell(value, Style(form, Ink.SIMULATED, look))
        value = _shown(self._mean(its_line, column))
        written = self._formula(its_line, column)
        if not written:
            return Cell(value, Style(form, Ink.SIMULATED, look))
        linked = self.grid.linked.get(its_line.name)
        ink = linked.ink if linked and column.kind == "quarter" else Ink.PLAIN
        return Cell(value, Style(form, ink, look), f"={written}")

    def _spread(self, name: str, column: Column) -> Spread | None:
        name = f"{self.block.of}{name}"
        if column.kind == "start":
            return self.figures.at_start.get(name)
        is_quarter = column.kind == "quarter"
        by_period = self.figures.by_quarter if is_quarter else self.figures.by_year
        return by_period[name][column.period]

    def _mean(self, its_line: Line, column: Column) -> float:
        """Mean of a line; of a ratio, the ratio of the means."""
        names = [name for _, name in its_line.terms] if its_line.kind == "ratio" else []
        means = [
            nan if found is None else statistic(found, "mean")
            for name in (names or [its_line.name])
            for found in [self._spread(name, column)]
        ]
        if not names:
            return means[0]
        over, under = means
        return over / under if under > 0 else nan

    def _at(self, column: Column) -> At:
        own = self.grid.rows

        def at(name: str, number: int | None = None, sheet: str = "") -> str:
            row = FIRST_BLOCK + self.rows_of[sheet][name] if sheet else self.top + own[name]
            return address(row, column.number if number is None else number, sheet)

        return at

    def _formula(self, its_line: Line, column: Column) -> str:
        """Write the formula of a mean without ``=``; empty for a number of the simulation."""
        at = self._at(column)
        linked = self.grid.linked.get(its_line.name)
        if linked and (written := linked.formula(column, at)):
            return written
        if its_line.kind == "ratio":
            over, under = (at(name) for _, name in its_line.terms)
            return f'IF({under}>0,{over}/{under},"")'
        if its_line.parts and all(self._spread(name, column) for _, name in its_line.terms):
            return _sum(its_line, at)
        if column.kind != "year":
            return ""
        first, last = (at(its_line.name, number) for number in column.quarters)
        return {"flow": f"SUM({first}:{last})", "opening": first}.get(its_line.kind, last)

    def _check(self, check: Check) -> Row:
        written = {c.number: check.formula(c, self._at(c)) for c in self.columns}
        cells = {
            number: Cell(0.0, Style(Form.CHECK), f"=ROUND({formula},2)")
            for number, formula in written.items()
            if formula
        }
        label = text(check.label, Look.NOTE, 1)
        return (label, *(cells.get(n) for n in _numbers(self.columns)))


def _shown(value: float) -> float | str:
    return value if isfinite(value) else ""


def _sum(its_line: Line, at: At) -> str:
    """Sum of parts, as a finance reader would write it."""
    written = "".join(f"{'+' if sign > 0 else '-'}{at(name)}" for sign, name in its_line.terms)
    return written.removeprefix("+")
