"""What of a table is left on a terminal unless details are asked for."""

from dataclasses import replace

from gtmsim.report.answer import Brief, Cell, Layout, Row, Spread, Table
from gtmsim.report.text import SOFT_HYPHEN

OTHERS = "Other years: with -v, or in another --format."


def brief(table: Table, most: int) -> Table:
    """Keep what the brief of a table names of it, or take the table that stands in its place.

    Parameters
    ----------
    table
        A table with a brief, whose figures are then each written on one line.
    most
        Years that may stand beside each other, if it is turned.
    """
    if isinstance(table.brief, Table):
        return table.brief
    how = table.brief or Brief()
    rows = [row for row in table.rows if how.rows is None or row.key in how.rows]
    kept = replace(table, notes=how.notes, layout=Layout.INLINE, brief=None, long=False)
    if how.is_turned:
        years = tuple(row for row in rows if not row.continues)
        return _turned(thinned(replace(kept, rows=years), most), table.long)
    chosen = [n for n, key in enumerate(table.columns) if how.columns is None or key in how.columns]
    columns = [*table.columns.items()]
    return replace(
        kept,
        columns=dict(columns[n] for n in chosen),
        rows=tuple(replace(row, cells=tuple(row.cells[n] for n in chosen)) for row in rows),
    )


def thinned(table: Table, most: int) -> Table:
    """Leave out rows between the first and the last where there are more than ``most``."""
    years = [row for row in table.rows if not row.continues]
    if len(years) <= most:
        return table
    step = (len(years) - 1) / (most - 1)
    kept = [years[round(n * step)] for n in range(most)]
    rows = tuple(row for row in table.rows if row in kept or row.continues)
    return replace(table, rows=rows, notes=(*table.notes, OTHERS))


def _turned(table: Table, long: bool) -> Table:
    """Make rows of the columns of which something is shown that is not zero."""
    lines = [
        Row(key, label.replace(SOFT_HYPHEN, ""), tuple(row.cells[n] for row in table.rows))
        for n, (key, label) in enumerate(table.columns.items())
        if not all(_is_zero(row.cells[n]) for row in table.rows)
    ]
    years = {row.key: row.label for row in table.rows}
    return replace(table, index="", columns=years, rows=tuple(lines), long=long)


def _is_zero(cell: Cell | None) -> bool:
    """Whether median and range of a cell are 0, whatever its mean."""
    return isinstance(cell, Spread) and not any(q.value for q in (cell.p10, cell.p50, cell.p90))
