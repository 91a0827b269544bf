"""The numbers under a chart, as a table."""

from collections.abc import Iterable, Mapping, Sequence

from gtmsim.charts.axes import Counted, Floats, Timeline
from gtmsim.report.text import Grid, Text


def grid_of(
    header: Sequence[str], rows: Iterable[Sequence[str]], labels: int = 1, notes: Sequence[str] = ()
) -> Grid:
    """Lay out texts as a table; the first ``labels`` columns name the row."""
    return Grid(
        "", tuple(header), labels, tuple(tuple(map(Text, row)) for row in rows), tuple(notes)
    )


def months_grid(
    timeline: Timeline, columns: Mapping[str, Floats], counted: Counted, first: int = 1
) -> Grid:
    """Lay out columns of one number a month.

    Parameters
    ----------
    timeline
        The months.
    columns
        By heading, from month ``first`` on.
    counted
        What they count.
    first
        Month of the first number.
    """
    length = len(next(iter(columns.values())))
    rows = (
        (timeline.text(first + n), *(counted.text(float(column[n])) for column in columns.values()))
        for n in range(length)
    )
    return grid_of(("month", *columns), rows)
