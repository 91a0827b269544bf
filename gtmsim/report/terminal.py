"""The answer on a terminal: lines of text with a little style."""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from textwrap import wrap
from typing import NamedTuple

from rich.console import Console
from rich.text import Text as Line

from gtmsim.errors import visible
from gtmsim.report.answer import Answer, Table
from gtmsim.report.brief import brief, thinned
from gtmsim.report.plots import BLOCKS, Marks, bar_lines, fan_blocks, marks_for
from gtmsim.report.text import (
    SOFT_HYPHEN,
    Grid,
    Text,
    computed_text,
    error_note,
    grid,
    overrides_text,
)
from gtmsim.words import counted

WIDE, NARROW = 2, 1
"""Spaces between columns."""
SHOWN_AS_SENTENCES = "odds"
NARROWEST = 12
"""Width below which no column is folded."""
LABEL = 14
"""Width to which the label of a row is folded so that its columns stay together."""
MOST_ROWS = 6
"""Rows of a table by year that are shown unless all details are asked for."""


def write(answer: Answer, console: Console, errors: bool = False) -> None:
    """Print the answer.

    Parameters
    ----------
    answer
        The answer.
    console
        Where to; its width decides the layout.
    errors
        Whether each median shows its Monte Carlo error.
    """
    marks = marks_for(console.encoding)
    for line in lines(answer, console.width, errors, marks):
        line.plain = line.plain.replace(BLOCKS.zero, marks.zero)  # rules of tables too
        console.print(line, soft_wrap=True, highlight=False)


def lines(
    answer: Answer, width: int, errors: bool = False, marks: Marks = BLOCKS
) -> Iterator[Line]:
    """Lay the answer out in lines of at most ``width`` columns."""
    yield from paragraph(answer.title, width, "bold")
    yield from paragraph(answer.question, width, "italic")
    yield from paragraph(overrides_text(answer), width)
    yield Line()
    for sentence in answer.headline:
        yield from paragraph(sentence, width, bullet="- ")
    yield from _drawings(answer, width, marks)
    given = [table for table in answer.tables if table.key != SHOWN_AS_SENTENCES]
    shown = [table for table in given if errors or not table.is_detail]
    briefs = []
    for table in shown:
        yield Line()
        if table.brief is None or errors:
            text = grid(table if errors else _shortened(table), answer.currency, errors)
        else:
            made, text = _brief(table, answer.currency, width)
            briefs.append(made)
        is_text = text.labels == len(text.header)
        yield from table_lines(folded(text, width) if is_text else text, width)
    yield Line()
    for note in (*error_note(*briefs), *_hidden(len(given) - len(shown), len(briefs))):
        yield from paragraph(note, width, "dim")
    yield from paragraph(answer.reading, width, "dim")
    yield from paragraph(f"Computed from {computed_text(answer)}.", width, "dim")


def _drawings(answer: Answer, width: int, marks: Marks) -> Iterator[Line]:
    """Draw what can be drawn, with a blank line before each."""
    parts = [bar_lines(answer.bars, width, marks)] if answer.bars else []
    for part in (*parts, *fan_blocks(answer.fans, answer.currency, width, marks)):
        if part:
            yield Line()
            yield from part


def _hidden(tables: int, briefs: int) -> Iterator[str]:
    """Say what is shown only when details are asked for."""
    more = counted(tables, "more table")
    if tables and briefs:
        yield f"-v shows {more}, and these in full."
    elif tables or briefs:
        yield f"-v shows {more}." if tables else "-v shows these tables in full."


def _brief(table: Table, currency: str, width: int) -> tuple[Table, Grid]:
    """Leave out what is a detail; of years beside each other, also those without room."""
    for most in range(MOST_ROWS, 1, -1):
        made = brief(table, most)
        text = grid(made, currency)
        if not made.long or fits(text, width):
            break
    return made, text._replace(notes=made.notes)


def paragraph(text: str, width: int, style: str = "", bullet: str = "") -> Iterator[Line]:
    """Lay a text out in lines."""
    indent = " " * len(bullet)
    line = visible(text.replace("\n", " "))
    for part in wrap(line, width, initial_indent=bullet, subsequent_indent=indent):
        yield Line(part, style)


def _shortened(table: Table) -> Table:
    """Leave out rows between the first and the last of a long table."""
    return thinned(table, MOST_ROWS) if table.long else table


def unbroken(table: Grid) -> Iterator[Line]:
    """Lay a table out in one piece, however wide it is."""
    return _aligned(_columns(table, broken=False), WIDE)


def folded(table: Grid, width: int) -> Grid:
    """Fold the widest columns until the table fits, or nothing more can be folded."""
    widths = [column.width for column in _columns(table, broken=False)]
    while sum(widths) + WIDE * (len(widths) - 1) > width and max(widths) > NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return table._replace(rows=tuple(line for row in table.rows for line in _fold(row, widths)))


def _fold(row: Sequence[Text], widths: Sequence[int]) -> Iterator[tuple[Text, ...]]:
    parts = [
        wrap(cell.line, width) if len(cell.line) > width else [cell.line]
        for cell, width in zip(row, widths, strict=True)
    ]
    for line in zip_longest(*parts, fillvalue=""):
        yield tuple(Text(part) for part in line)


def fits(table: Grid, width: int) -> bool:
    """Whether a table can be laid out in one piece."""
    return _total(_columns(table, broken=True), NARROW) <= width


def table_lines(table: Grid, width: int) -> Iterator[Line]:
    """Lay a table out in lines, with its title and notes."""
    yield from paragraph(table.title, width, "bold")
    for n, (columns, gap) in enumerate(_layout(table, width) if table.rows else ()):
        if n:
            yield Line()
        yield from _aligned(columns, gap)
    for note in table.notes:
        yield from paragraph(note, width, "dim" if table.rows else "")


# --- columns ---------------------------------------------------------------------------------


class Column(NamedTuple):
    """A column of text."""

    heading: tuple[str, ...]
    """Its lines."""
    cells: tuple[Text, ...]
    is_label: bool

    @property
    def width(self) -> int:
        """Length of its longest line."""
        return max(map(len, (*self.heading, *(cell.line for cell in self.cells))))


def _columns(table: Grid, broken: bool) -> list[Column]:
    return [
        Column(
            _heading(visible(label), broken),
            tuple(Text(*map(visible, row[n])) for row in table.rows),
            n < table.labels,
        )
        for n, label in enumerate(table.header)
    ]


def _heading(label: str, broken: bool) -> tuple[str, ...]:
    if not broken:
        return (label.replace(SOFT_HYPHEN, ""),)
    first, hyphen, second = label.partition(SOFT_HYPHEN)
    return (f"{first}-", second) if hyphen else tuple(label.rsplit(" ", 1))


def _total(columns: Sequence[Column], gap: int) -> int:
    return sum(column.width for column in columns) + gap * (len(columns) - 1)


def _layout(table: Grid, width: int) -> Iterator[tuple[list[Column], int]]:
    """Choose the roomiest layout that fits; cut a table that fits in none."""
    if table.whole and not fits(table, width):
        table = _stacked(table, width)
    for broken, gap in ((False, WIDE), (True, WIDE), (True, NARROW)):
        columns = _columns(table, broken)
        if _total(columns, gap) <= width:
            yield columns, gap
            return
    yield from ((part, WIDE) for part in _cut(_columns(table, broken=True), width))


def _stacked(table: Grid, width: int) -> Grid:
    """Put what qualifies a figure below it, and fold the labels of rows to what is left."""
    first, *others = _columns(table._replace(rows=tuple(_two_lines(table.rows))), broken=True)
    left = width - _total(others, NARROW) - NARROW
    if left < LABEL:  # the columns do not fit together: as many as do beside the label
        left = width - max(column.width for column in others) - NARROW
    return table._replace(rows=tuple(_two_lines(table.rows, min(first.width, max(LABEL, left)))))


def _two_lines(
    rows: Sequence[Sequence[Text]], label: int | None = None
) -> Iterator[tuple[Text, ...]]:
    """Lines of rows whose figures take two, with labels of at most so many columns."""
    for first, *cells in rows:
        names = [first.line] if label is None else _parts(first.line, label)
        asides = any(cell.aside for cell in cells)
        figures = [[cell.main for cell in cells], *([[c.aside for c in cells]] if asides else [])]
        for name, line in zip_longest(names, figures, fillvalue=None):
            yield (Text(name or ""), *map(Text, line or [""] * len(cells)))


def _parts(text: str, width: int) -> list[str]:
    """Fold a label at its spaces, points and underscores."""
    parts = [""]
    for word in filter(None, re.split(r"(?<=[ ._])", text)):
        if len((parts[-1] + word).rstrip()) > width and parts[-1]:
            parts[-1] = parts[-1].rstrip()
            parts.append("")
        parts[-1] += word
    return [piece for part in parts for piece in wrap(part, width) or [""]]


def _cut(columns: list[Column], width: int) -> Iterator[list[Column]]:
    """Cut a table into parts that fit, each with the row labels."""
    labels = [column for column in columns if column.is_label]
    part = list(labels)
    for column in columns[len(labels) :]:
        if len(part) > len(labels) and _total([*part, column], WIDE) > width:
            yield part
            part = list(labels)
        part.append(column)
    yield part


def _aligned(columns: Sequence[Column], gap: int) -> Iterator[Line]:
    height = max(len(column.heading) for column in columns)
    layout = [(column.width, column.is_label) for column in columns]  # looks at every cell, once
    for n in range(height):
        headings = [_at_bottom(column.heading, height)[n] for column in columns]
        yield _joined([Text(heading) for heading in headings], layout, gap, "bold")
    yield Line("─" * _total(columns, gap), "dim")
    for cells in zip(*(column.cells for column in columns), strict=True):
        if any(cell.line for cell in cells):  # a part of a table may have nothing in a line
            yield _joined(cells, layout, gap, "")


def _at_bottom(heading: tuple[str, ...], height: int) -> tuple[str, ...]:
    return (*[""] * (height - len(heading)), *heading)


def _joined(
    cells: Sequence[Text], layout: Sequence[tuple[int, bool]], gap: int, style: str
) -> Line:
    """Join the cells of a line, labels to the left and figures to the right.

    ``layout`` has the width of each column, and whether it is of labels.
    """
    parts: list[tuple[str, str]] = []
    for n, (cell, (width, is_label)) in enumerate(zip(cells, layout, strict=True)):
        blank = " " * (width - len(cell.line))
        before = " " * gap if n else ""
        parts.append((before + cell.main if is_label else before + blank + cell.main, ""))
        if cell.aside:
            parts.append((f" {cell.aside}", "dim"))
        if is_label:
            parts.append((blank, ""))
    if all(not aside for _, aside in parts):  # the most, and quicker
        return Line("".join(text for text, _ in parts).rstrip(), style)
    line = Line.assemble(*parts, style=style)
    line.rstrip()
    return line
