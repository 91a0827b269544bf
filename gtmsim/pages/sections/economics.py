"""Unit economics: whether each segment's motion pays."""

from collections.abc import Iterator

from gtmsim.pages.page import Badge, Badges, Block, Folded, Section
from gtmsim.pages.reading import Read
from gtmsim.report.answer import Figure, Row, Table
from gtmsim.report.numbers import share

_FOLDED = ("contribution", "efficiency", "concentration")
_LEAST_MISSED = 3
"""Limits that a verdict names."""


def section(read: Read) -> Section:
    """Show the verdict on each segment, and its unit economics."""
    text = (
        "Each motion is held against two rulers: the playbook's limits, and what surveys publish. "
        "The verdict is that of most futures over the last year.",
    )
    return Section("economics", "Unit economics", text, tuple(_blocks(read)))


def _blocks(read: Read) -> Iterator[Block]:
    verdicts = next(t for t in read.answer.tables if t.key == "verdicts")
    yield Badges(tuple(_badge(row, verdicts) for row in verdicts.rows))
    table = read.table("unit_economics")
    if table is not None:
        yield table
    for key in ("verdicts", *_FOLDED):
        table = read.table(key)
        if table is not None:
            yield Folded(table.title, table)


def _badge(row: Row, verdicts: Table) -> Badge:
    odds = {
        state: cell.estimate.value
        for state, cell in zip(verdicts.columns, row.cells, strict=True)
        if isinstance(cell, Figure)
    }
    state = max(odds, key=lambda name: odds[name])
    missed = next((n for n in verdicts.notes if n.startswith(f"{row.label} misses: ")), "")
    named = missed.removeprefix(f"{row.label} misses: ").rstrip(".").split("; ")[:_LEAST_MISSED]
    why = f"; misses {', '.join(named)}" if missed else ""
    return Badge(row.label, state, f"in {share(odds[state])} of futures{why}")
