"""Which input matters: the swings, or effects, of all of them."""

from collections.abc import Iterator

import numpy as np

from gtmsim.analysis.outputs import EVENT
from gtmsim.analysis.points import DesignKind
from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import Chart, Counted
from gtmsim.charts.picture import Picture
from gtmsim.charts.rows import Dot
from gtmsim.charts.signed import Piece, Signed, from_zero, signed_chart
from gtmsim.pages.grids import grid_of
from gtmsim.pages.page import Block, Folded, Section
from gtmsim.pages.sweep.effects import Effect, Influence, Influences, explained
from gtmsim.pages.sweep.reading import Column, Swept
from gtmsim.report.numbers import share
from gtmsim.report.sweep import Swing, signed_text, swings_of, tornado_grid
from gtmsim.report.text import Grid
from gtmsim.statistics.error import Estimate

MOST = 4
"""Outputs that have a picture."""
_SHARE = Counted(Unit.SHARE)
_HEADER = ("input", "from", "to", "at the one", "at the other", "change", "95% from", "to")
_ENDS_HEADER = ("input", "at", "figure", "less the scenario's", "95% from", "to")
_HOW = {
    DesignKind.TORNADO: "One input at a time between its ends, all others as in the scenario. A "
    "change is the mean over futures, each paired with its own; a figure is the scenario's mean "
    "and that change.",
    DesignKind.GRID: "Between the levels of an input at which the figure is least and most, on "
    "average over all values of the others; each future paired with its own.",
}
_FITTED = (
    "Between the ends of an input, by a linear fit to all inputs together; each future paired "
    "with its own. Intervals are of the Monte Carlo error, not of the fit."
)


_EXPLAINED = (
    "Points move all inputs at once. An input matters as much as it explains, by itself, of what "
    "varies between points; what is missing to 100% inputs do together, or is luck."
)


def section(swept: Swept, influences: Influences) -> Section:
    """Show what each input does to each output."""
    is_of_shares = bool(influences[swept.main.number].explained)
    text = _EXPLAINED if is_of_shares else _HOW.get(swept.kind, _FITTED)
    return Section("inputs", "Which input matters", (text,), tuple(_blocks(swept, influences)))


def _blocks(swept: Swept, influences: Influences) -> Iterator[Block]:
    shown = [column for column in swept.columns if not column.is_detail][:MOST] or [swept.main]
    made = (effect_bars(swept, column, influences[column.number]) for column in shown)
    pictures = [picture for picture in made if picture is not None]
    yield from pictures if len(pictures) == 1 else (picture.narrow() for picture in pictures)
    if swept.kind == DesignKind.TORNADO:
        drawn = {column.number for column in shown}
        others = (column.number for column in swept.columns if column.number not in drawn)
        tables = (tornado_grid(swept.results, number) for number in others)
        yield from (Folded(table.title, table) for table in tables)


def effect_bars(swept: Swept, column: Column, influence: Influence) -> Picture | None:
    """Draw what each input does to an output; None where nothing can be told."""
    if influence.explained:
        return _shares(swept, column, influence)
    effects = [e for e in influence.effects if np.isfinite(e.change.value)]
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


def _shares(swept: Swept, column: Column, influence: Influence) -> Picture:
    """Draw how much of what varies between random points each input explains."""
    shares = influence.explained
    told = [(one.name, *map(_SHARE.text, one.share)) for one in shares]
    rows = [
        Signed(
            swept.short[one.name], f"{value} ({low} to {high})",
            (Piece(0.0, *one.share, "bar", f"explains {value}"),),
        )
        for one, (_, value, low, high) in zip(shares, told, strict=True)
    ]  # fmt: skip
    top = shares[0]
    title = (
        f"{column.heading} varies in a way that no input explains by itself"
        if influence.is_noise
        else f"{column.heading} depends most on {swept.short[top.name]}, which explains "
        f"{_SHARE.text(top.share.value)}"
    )
    return Picture(
        key=f"inputs-{column.number}",
        title=title,
        subtitle=f"Share of the variance of {len(swept.done):,} points' {column.what} that an "
        "input explains by itself; black lines are 95% intervals over points",
        alternative="; ".join(f"{name} explains {value}" for name, value, *_ in told[:4]) + ".",
        chart=signed_chart(rows, _SHARE),
        table=grid_of(("input", "explains", "95% from", "to"), told),
    )


def _subtitle(swept: Swept, column: Column) -> str:
    points = f"{len(swept.done):,} points"
    what = f"{column.what} over {swept.n_futures:,} futures at each of {points}"
    if swept.kind == DesignKind.TORNADO:
        base = swept.figure(0, column).value
        return (
            f"{what.capitalize()}. Ring: at the first value, dot: at the second; upright line: "
            f"the scenario as it is, {column.counted.text(base)}; black lines: 95% Monte Carlo "
            "intervals of what each end changes"
        )
    fit = explained(swept, column)
    of_fit = (
        f"; the fit explains {share(fit)} of the variance between points"
        if swept.kind != DesignKind.GRID and np.isfinite(fit)
        else ""
    )
    return f"Change of the {what}{of_fit}; black lines are 95% Monte Carlo intervals"


def _chart(swept: Swept, column: Column, effects: list[Effect]) -> Chart:
    if swept.kind == DesignKind.TORNADO:
        base = swept.figure(0, column).value
        rows = [_tornado_row(swept, swing, base, column) for swing in _swings(swept, column)]
        return signed_chart(rows, column.counted, base)
    rows = [
        from_zero(
            _label(swept, e.name, e.low, e.high), _signed(e.change.value, column),
            *_clipped(e.change, column),
        )
        for e in effects
    ]  # fmt: skip
    return signed_chart(rows, column.counted)


def _swings(swept: Swept, column: Column) -> list[Swing]:
    found = swings_of(swept.results, column.number)
    return [swing for swing in found if np.isfinite(swing.swing.value)]


def _clipped(change: Estimate, column: Column) -> Estimate:
    """Change as it is drawn: odds change by no more than all of them."""
    most = 1.0 if column.is_event else np.inf
    return Estimate(*(float(end) for end in np.clip(change, -most, most)))


def _within(value: float, column: Column) -> float:
    """Figure as it is drawn: odds lie between 0 and 1."""
    return float(np.clip(value, 0.0, 1.0)) if column.is_event else value


def _tornado_row(swept: Swept, swing: Swing, base: float, column: Column) -> Signed:
    """Row of a bar to each end, with the error of its length."""
    ends = (
        ("faint", "ring", swing.low, swing.at_low, swing.below),
        ("bar", "dot", swing.high, swing.at_high, swing.above),
    )
    pieces, dots = [], []
    for style, mark, value, at, moved in ends:
        told = f"at {value}: {column.counted.text(at.value)}"
        low, high = (_within(base + end, column) for end in moved[1:])
        pieces.append(Piece(base, at.value, low, high, style, told))
        dots.append(Dot(mark, at.value, told))
    change = _signed(swing.swing.value, column)
    label = _label(swept, swing.name, swing.low, swing.high)
    return Signed(label, change, tuple(pieces), tuple(dots))


def _label(swept: Swept, name: str, low: str, high: str) -> str:
    return f"{swept.short[name]}, {low} to {high}"


def _table(swept: Swept, column: Column, effects: list[Effect]) -> Grid:
    if swept.kind == DesignKind.TORNADO:
        return grid_of(_ENDS_HEADER, _ends(swept, column), labels=2)
    rows = [
        (
            e.name, e.low, e.high, column.counted.text(e.at_low), column.counted.text(e.at_high),
            *(_signed(value, column) for value in e.change),
        )
        for e in effects
    ]  # fmt: skip
    return grid_of(_HEADER, rows)


def _ends(swept: Swept, column: Column) -> Iterator[tuple[str, ...]]:
    for swing in _swings(swept, column):
        ends = (swing.low, swing.at_low, swing.below), (swing.high, swing.at_high, swing.above)
        for value, at, moved in ends:
            change = (_signed(number, column) for number in moved)
            yield (swing.name, value, column.counted.text(at.value), *change)


def _signed(value: float, column: Column) -> str:
    unit = EVENT if column.is_event else column.counted.unit.value
    value = min(max(value, -1.0), 1.0) if column.is_event else value  # odds change by no more
    return signed_text(value, unit, column.counted.currency)


def change_text(effect: Effect, column: Column) -> str:
    """Write a change with its interval: ``+$2.1M ($1.9M to $2.3M)``."""
    value, low, high = (_signed(number, column) for number in effect.change)
    return f"{value} ({low} to {high})"
