"""Rows of amounts that may be above or below a base, each with its error: gains, losses, swings."""

from collections.abc import Sequence
from typing import NamedTuple

import altair as alt

from gtmsim.charts.axes import Chart, Counted, Records, bounded, framed, known, number
from gtmsim.charts.rows import BELOW, ROW, Dot, rows_of, texts_above, told

_BAR = 14
_HEADROOM = 0.04


class Piece(NamedTuple):
    """A bar from the base of its row.

    Attributes
    ----------
    start, end
        Where it begins and ends.
    low, high
        Ends of the interval around its end; the end itself where there is none.
    style
        ``gain``, ``loss``, ``bar`` or ``faint``.
    name
        What it is, with its figure, for who points at it.
    """

    start: float
    end: float
    low: float
    high: float
    style: str
    name: str


class Signed(NamedTuple):
    """A row with its name, its figure, its bars and the marks on them."""

    label: str
    note: str
    pieces: tuple[Piece, ...]
    dots: tuple[Dot, ...] = ()


def from_zero(label: str, note: str, value: float, low: float, high: float) -> Signed:
    """Row of one bar from zero, in the colour of its sign."""
    style = "gain" if value >= 0.0 else "loss"
    return Signed(label, note, (Piece(0.0, value, low, high, style, note),))


def signed_chart(rows: Sequence[Signed], counted: Counted, base: float = 0.0) -> Chart:
    """Draw rows of bars to both sides of a base.

    Parameters
    ----------
    rows
        From top to bottom.
    counted
        What the amounts count.
    base
        Where bars begin; a line marks it.
    """
    scale = alt.Scale(domain=[*_extent(rows, base)], nice=False)
    x = alt.X("start:Q", axis=counted.axis(grid=True), scale=scale)
    styles = dict.fromkeys(piece.style for row in rows for piece in row.pieces)
    bars = [
        rows_of(_records(rows, style), len(rows))
        .mark_bar(style=style, size=_BAR, yOffset=BELOW)
        .encode(x=x, x2=alt.X2("end:Q"), tooltip=told())
        for style in styles
    ]
    errors = (
        rows_of(_records(rows), len(rows))
        .mark_rule(style="error", yOffset=BELOW)
        .encode(x=alt.X("low:Q"), x2=alt.X2("high:Q"))
    )
    layers = [*bars, errors, _base_marks(base, len(rows)), *_dots(rows), *texts_above(rows)]
    return framed(layers, ROW * len(rows))


def _extent(rows: Sequence[Signed], base: float) -> tuple[float, float]:
    pieces = (piece for row in rows for piece in row.pieces)
    dots = known(dot.value for row in rows for dot in row.dots)
    ends = [*dots, *(end for piece in pieces for end in known(_ends(piece)))]
    low, high = min([base, *ends]), max([base, *ends])
    room = (high - low) * _HEADROOM or 1.0
    return low - room * (low < base), high + room * (high > base or low == base)


def _ends(piece: Piece) -> tuple[float, float, float, float]:
    low, high = (bounded(end, piece.end) for end in (piece.low, piece.high))
    return piece.start, piece.end, low, high


def _records(rows: Sequence[Signed], style: str | None = None) -> Records:
    return [
        {
            "row": n,
            **dict(zip(("start", "end", "low", "high"), map(number, _ends(piece)), strict=True)),
            "what": row.label,
            "value": piece.name,
        }
        for n, row in enumerate(rows)
        for piece in row.pieces
        if style in (None, piece.style)
    ]


def _dots(rows: Sequence[Signed]) -> list[alt.Chart]:
    """Mark ends of bars, one layer for each style."""
    styles = dict.fromkeys(dot.style for row in rows for dot in row.dots)
    return [
        rows_of(_marks(rows, style), len(rows))
        .mark_point(style=style, size=70, filled=True, opacity=1, yOffset=BELOW)
        .encode(x=alt.X("start:Q"), tooltip=told())
        for style in styles
    ]


def _marks(rows: Sequence[Signed], style: str) -> Records:
    return [
        {"row": n, "start": number(dot.value), "what": row.label, "value": dot.name}
        for n, row in enumerate(rows)
        for dot in row.dots
        if dot.style == style
    ]


def _base_marks(base: float, count: int) -> alt.Chart:
    """Mark the base in each row: a line throughout would cross the names."""
    records: Records = [{"row": n, "start": number(base)} for n in range(count)]
    return (
        rows_of(records, count)
        .mark_tick(style="base", orient="vertical", size=_BAR + 4, thickness=1.5, yOffset=BELOW)
        .encode(x=alt.X("start:Q"))
    )
