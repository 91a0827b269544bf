"""Unit economics: whether each segment's motion pays."""

from collections.abc import Iterator, Mapping

from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import Counted
from gtmsim.charts.picture import Picture
from gtmsim.charts.rows import Bar, Part, bar_chart
from gtmsim.pages.page import Badge, Badges, Block, Folded, Section
from gtmsim.pages.reading import Read
from gtmsim.report.answer import Figure, Row, Table
from gtmsim.report.numbers import share
from gtmsim.report.text import grid

_STYLES = {"healthy": "gain", "strained": "strained", "broken": "loss", "undefined": "rest"}
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
    yield verdict_odds(read, verdicts)
    table = read.table("unit_economics")
    if table is not None:
        yield table
    for key in _FOLDED:
        table = read.table(key)
        if table is not None:
            yield Folded(table.title, table)


def verdict_odds(read: Read, verdicts: Table) -> Picture:
    """Draw how likely each verdict on each motion is."""
    odds = {row.label: _odds(row, verdicts) for row in verdicts.rows}
    bars = [Bar(label, _short(found), tuple(_parts(found))) for label, found in odds.items()]
    best = max(odds, key=lambda label: odds[label]["healthy"])
    told = "; ".join(f"{label}: {_note(found)}" for label, found in odds.items())
    healthy = odds[best]["healthy"]
    title = (
        f"Likeliest healthy: {best}, in {share(healthy)} of futures"
        if healthy > 0.0
        else "No motion is healthy in any future"
    )
    return Picture(
        key="verdicts",
        title=title,
        subtitle=f"Share of {read.n_futures:,} futures with each verdict over the last year, from "
        "the left: healthy (green), strained (ochre), broken (orange), undefined (grey)",
        alternative=f"Verdicts: {told}.",
        chart=bar_chart(bars, Counted(Unit.SHARE), 1.0, has_axis=False),
        table=grid(verdicts, read.currency),
    )


def _odds(row: Row, verdicts: Table) -> dict[str, float]:
    return {
        state: cell.estimate.value
        for state, cell in zip(verdicts.columns, row.cells, strict=True)
        if isinstance(cell, Figure)
    }


def _note(odds: Mapping[str, float]) -> str:
    return ", ".join(f"{state} {share(value)}" for state, value in odds.items() if value > 0.0)


def _short(odds: Mapping[str, float]) -> str:
    """Say what a narrow screen has room for: the likeliest verdict, and the odds of health."""
    most = max(odds, key=lambda state: odds[state])
    return _note({state: odds[state] for state in dict.fromkeys(("healthy", most))})


def _parts(odds: Mapping[str, float]) -> Iterator[Part]:
    """Lay the odds one after the other."""
    at = 0.0
    for state, value in odds.items():
        if value > 0.0:
            yield Part(_STYLES[state], at, at + value, state)
        at += value


def _badge(row: Row, verdicts: Table) -> Badge:
    odds = _odds(row, verdicts)
    state = max(odds, key=lambda name: odds[name])
    missed = next((n for n in verdicts.notes if n.startswith(f"{row.label} misses: ")), "")
    named = missed.removeprefix(f"{row.label} misses: ").rstrip(".").split("; ")[:_LEAST_MISSED]
    why = f"; misses {', '.join(named)}" if missed else ""
    return Badge(row.label, state, f"in {share(odds[state])} of futures{why}")
