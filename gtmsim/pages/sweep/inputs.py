"""Which input matters: the swings, or effects, of all of them."""

from collections.abc import Iterator

import numpy as np

from gtmsim.analysis.points import DesignKind
from gtmsim.charts.axes import Chart
from gtmsim.charts.picture import Picture
from gtmsim.charts.rows import Dot
from gtmsim.charts.signed import Piece, Signed, from_zero, signed_chart
from gtmsim.pages.grids import grid_of
from gtmsim.pages.page import Block, Folded, Section
from gtmsim.pages.sweep.effects import Effect, effects_of, explained
from gtmsim.pages.sweep.reading import Column, Swept
from gtmsim.report.numbers import share
from gtmsim.report.sweep import EVENT, signed_text, tornado_grids
from gtmsim.report.text import Grid
from gtmsim.statistics.error import Estimate

MOST = 4
"""Outputs that have a picture."""
_HEADER = ("input", "from", "to", "at the one", "at the other", "change", "95% from", "to")
_HOW = {
    DesignKind.TORNADO: "One input at a time between its ends, all others as in the scenario. A "
    "change is the mean over futures, each paired with its own.",
    DesignKind.GRID: "Between the levels of an input at which the figure is least and most, on "
    "average over all values of the others; each future paired with its own.",
}
_FITTED = (
    "Between the ends of an input, by a linear fit to all inputs together; each future paired "
    "with its own. Intervals are of the Monte Carlo error, not of the fit."
)


def section(swept: Swept) -> Section:
    """Show what each input does to each output."""
    text = _HOW.get(swept.kind, _FITTED)
    return Section("inputs", "Which input matters", (text,), tuple(_blocks(swept)))


def _blocks(swept: Swept) -> Iterator[Block]:
    shown = [column for column in swept.columns if not column.is_detail][:MOST] or [swept.main]
    pictures = [picture for column in shown if (picture := effect_bars(swept, column))]
    yield from pictures if len(pictures) == 1 else (picture.narrow() for picture in pictures)
    if swept.kind == DesignKind.TORNADO:
        yield from (Folded(table.title, table) for table in tornado_grids(swept.results, True))


def effect_bars(swept: Swept, column: Column) -> Picture | None:
    """Draw what each input does to an output; None where nothing can be told."""
    effects = [e for e in effects_of(swept, column) if np.isfinite(e.change.value)]
    if not effects:
        return None
    top = effects[0]
    told = "; ".join(
        f"{swept.short[e.name]} ({e.low} to {e.high}) {_signed(e.change.value, column)}"
        for e in effects[:4]
    )
    if top.change.value == 0.0:
        title = f"{column.heading} does not change with any input"
    else:
        title = f"{column.heading} depends most on {swept.short[top.name]}"
    return Picture(
        key=f"inputs-{column.number}",
        title=title,
        subtitle=_subtitle(swept, column),
        alternative=f"Changes: {told}.",
        chart=_chart(swept, column, effects),
        table=_table(swept, column, effects),
    )


def _subtitle(swept: Swept, column: Column) -> str:
    what = f"{column.what} over {swept.n_futures:,} futures at each of {swept.n_points:,} points"
    if swept.kind == DesignKind.TORNADO:
        base = swept.figure(0, column).value
        return (
            f"{what.capitalize()}: ring: at the low value, dot: at the high one; the line is the "
            f"scenario as it is, {column.counted.text(base)}"
        )
    fit = explained(swept, column)
    of_fit = (
        f"; the fit explains {share(fit)} of the variance between points"
        if swept.kind != DesignKind.GRID and np.isfinite(fit)
        else ""
    )
    return f"Change of the {what}{of_fit}; black lines are 95% Monte Carlo intervals"


def _chart(swept: Swept, column: Column, effects: list[Effect]) -> Chart:
    if swept.kind != DesignKind.TORNADO:
        rows = [
            from_zero(_label(swept, e), _signed(e.change.value, column), *_clipped(e, column))
            for e in effects
        ]
        return signed_chart(rows, column.counted)
    base = swept.figure(0, column).value
    rows = [_tornado_row(swept, effect, base, column) for effect in effects]
    return signed_chart(rows, column.counted, base)


def _clipped(effect: Effect, column: Column) -> Estimate:
    """Change as it is drawn: odds change by no more than all of them."""
    most = 1.0 if column.is_event else np.inf
    return Estimate(*(float(end) for end in np.clip(effect.change, -most, most)))


def _tornado_row(swept: Swept, effect: Effect, base: float, column: Column) -> Signed:
    ends = (
        ("faint", "ring", effect.low, effect.at_low),
        ("bar", "dot", effect.high, effect.at_high),
    )
    told = [f"at {value}: {column.counted.text(at)}" for _, _, value, at in ends]
    pieces = (
        Piece(base, at, at, at, style, name)
        for (style, _, _, at), name in zip(ends, told, strict=True)
    )
    dots = (Dot(mark, at, name) for (_, mark, _, at), name in zip(ends, told, strict=True))
    change = _signed(effect.change.value, column)
    return Signed(_label(swept, effect), change, tuple(pieces), tuple(dots))


def _label(swept: Swept, effect: Effect) -> str:
    return f"{swept.short[effect.name]}, {effect.low} to {effect.high}"


def _table(swept: Swept, column: Column, effects: list[Effect]) -> Grid:
    rows = [
        (
            e.name, e.low, e.high, column.counted.text(e.at_low), column.counted.text(e.at_high),
            *(_signed(value, column) for value in e.change),
        )
        for e in effects
    ]  # fmt: skip
    return grid_of(_HEADER, rows)


def _signed(value: float, column: Column) -> str:
    unit = EVENT if column.is_event else column.counted.unit.value
    value = min(max(value, -1.0), 1.0) if column.is_event else value  # odds change by no more
    return signed_text(value, unit, column.counted.currency)


def change_text(effect: Effect, column: Column) -> str:
    """Write a change with its interval: ``+$2.1M ($1.9M to $2.3M)``."""
    value, low, high = (_signed(number, column) for number in effect.change)
    return f"{value} ({low} to {high})"
