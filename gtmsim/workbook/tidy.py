"""Statements as one tidy CSV: a line per statement, line, quarter and statistic."""

import csv
import io
from collections.abc import Iterator
from math import isfinite

from gtmsim.metrics.statements import STATEMENTS, Line
from gtmsim.report.answer import Spread
from gtmsim.workbook.build import Taken
from gtmsim.workbook.escaping import plain
from gtmsim.workbook.figures import Figures
from gtmsim.workbook.statements import ARR_LINES

COLUMNS = (
    "statement", "segment", "line", "quarter", "ends", "statistic", "unit", "value", "low", "high",
)  # fmt: skip
"""``low`` and ``high`` are the ends of the 95 % Monte Carlo interval; quarter 0 is the start."""

HEADER = ",".join(COLUMNS)


def as_csv(taken: Taken, currency: str, segments: tuple[str, ...]) -> str:
    """Write every figure of the statements and of the ARR bridge.

    Parameters
    ----------
    taken
        The figures.
    currency
        ISO 4217 code.
    segments
        Names of those that the ARR bridge tells apart.
    """
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    for name, its_lines in STATEMENTS.items():
        rows.writerows(_of_statement(name, "", its_lines, taken.statements, currency))
    for segment in ("", *segments):
        rows.writerows(
            _of_statement("arr_bridge", segment, ARR_LINES, taken.arr, f"{currency}/year")
        )
    return out.getvalue()


_Row = tuple[str | int, ...]


def _of_statement(
    statement: str, segment: str, its_lines: tuple[Line, ...], figures: Figures, currency: str
) -> Iterator[_Row]:
    prefix = f"{segment}." if segment else ""
    for its_line in its_lines:
        unit = "1" if its_line.kind == "ratio" else currency
        begins = (statement, plain(segment), its_line.name)
        name = f"{prefix}{its_line.name}"
        if name in figures.at_start:
            yield from _statistics((*begins, 0, ""), unit, figures.at_start[name])
        quarters = zip(figures.by_quarter[name], figures.quarters.ends, strict=True)
        for number, (spread, ends) in enumerate(quarters, 1):
            day = "" if ends is None else ends.isoformat()
            yield from _statistics((*begins, number, day), unit, spread)


def _statistics(begins: _Row, unit: str, spread: Spread) -> Iterator[_Row]:
    for name, estimate in spread.estimates.items():
        yield (*begins, name, unit, *(repr(end) if isfinite(end) else "" for end in estimate))
