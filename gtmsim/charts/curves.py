"""Several quantities over months, each line with its name at its end."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import altair as alt
import numpy as np

from gtmsim.charts.axes import (
    Chart,
    Counted,
    Floats,
    Records,
    Timeline,
    by_month,
    framed,
    inline,
    known,
    lines_of,
    number,
    spread_out,
)
from gtmsim.charts.theme import DASHES, N_SERIES

HEIGHT = 240
_LINE = 14  # pixels that a line of labels takes


class Curve(NamedTuple):
    """A quantity over months.

    Attributes
    ----------
    name
        Shown at its end.
    values
        One number a month from month ``first`` on; NaN where there is none.
    low, high
        Ends of the range around it; the values themselves where there is none.
    """

    name: str
    values: Floats
    low: Floats | None = None
    high: Floats | None = None
    colour: int | None = None
    """Number of its colour; by default its own."""
    is_dashed: bool = False


def curve_chart(
    curves: Sequence[Curve],
    timeline: Timeline,
    counted: Counted,
    domain: tuple[float, float] | None = None,
    first: int = 1,
    is_stepped: bool = False,
    height: int = HEIGHT,
) -> Chart:
    """Draw curves, with a band around each that has one.

    Parameters
    ----------
    curves
        In the order of their colours.
    timeline, counted
        The months, and what the numbers count.
    domain
        Lowest and highest number shown; by default from 0 to the highest.
    first
        Month of the first number of every curve.
    is_stepped
        Whether a number holds for its whole month.
    height
        Pixels from the lowest to the highest number.
    """
    low, high = domain or _extent(curves)
    names = [str(n) for n in range(len(curves))]
    colours = list(dict.fromkeys(_colour(n, curve) for n, curve in enumerate(curves)))
    colour = alt.Color("colour:N", legend=None, scale=alt.Scale(domain=colours))
    base = alt.Chart().encode(x=timeline.axis(first), color=colour)
    y = alt.Y("value:Q", axis=counted.axis(), scale=alt.Scale(domain=[low, high], nice=False))
    dashes = [list(_dash(n, curve)) for n, curve in enumerate(curves)]
    between: Any = "step-after" if is_stepped else "linear"
    line = base.mark_line(style="series", interpolate=between).encode(
        y=y,
        strokeDash=alt.StrokeDash(
            "series:N", legend=None, scale=alt.Scale(domain=names, range=dashes)
        ),
    )
    labels = _labels(curves, first, (low, high), height)
    layers: list[Any] = [*_bands(curves, base, between), line, _pointer(base, timeline), labels]
    records = [record for n, curve in enumerate(curves) for record in _records(
        n, curve, timeline, counted, first)]  # fmt: skip
    return framed(layers, height, records)


def _dash(n: int, curve: Curve) -> Sequence[int]:
    return DASHES[(n // N_SERIES + curve.is_dashed) % len(DASHES)]


def _extent(curves: Sequence[Curve]) -> tuple[float, float]:
    tops = (curve.values if curve.high is None else curve.high for curve in curves)
    values = [value for top in tops for value in known(top)]
    return 0.0, max([*values, 0.0]) * 1.05 or 1.0


def _records(n: int, curve: Curve, timeline: Timeline, counted: Counted, first: int) -> Records:
    columns = {"value": curve.values}
    if curve.low is not None and curve.high is not None:
        columns |= {"low": curve.low, "high": curve.high}
    rows = by_month(timeline, columns, counted, first)
    own = {"series": str(n), "colour": _colour(n, curve), "name": curve.name}
    return [{**row, **own} for row in rows]


def _colour(n: int, curve: Curve) -> str:
    return str(n if curve.colour is None else curve.colour)


def _bands(curves: Sequence[Curve], base: alt.Chart, between: Any) -> list[alt.Chart]:
    if all(curve.low is None for curve in curves):
        return []
    return [base.mark_area(opacity=0.12, interpolate=between).encode(y="low:Q", y2="high:Q")]


def _pointer(base: alt.Chart, timeline: Timeline) -> alt.Chart:
    told = [
        timeline.tooltip(),
        alt.Tooltip("name:N", title="line"),
        alt.Tooltip("value_text:N", title="value"),
    ]
    return base.mark_point(opacity=0, size=120, filled=True).encode(y="value:Q", tooltip=told)


def _labels(
    curves: Sequence[Curve], first: int, extent: tuple[float, float], height: int
) -> alt.Chart:
    """Name each curve at its last number."""
    lasts = [_last(curve.values) for curve in curves]
    texts = [lines_of(curve.name) for curve in curves]
    heights = _heights(curves, lasts, max(map(len, texts), default=1), extent, height)
    records: Records = [
        {"month": first + last, "at": number(at), "text": text, "colour": _colour(n, curve)}
        for n, (curve, last, at, text) in enumerate(zip(curves, lasts, heights, texts, strict=True))
        if last >= 0
    ]
    return (
        alt.Chart(inline(records))
        .mark_text(align="left", baseline="middle", dx=6, fontSize=11, lineHeight=13)
        .encode(x="month:Q", y="at:Q", text="text:N", color="colour:N")
    )


def _heights(
    curves: Sequence[Curve],
    lasts: Sequence[int],
    lines: int,
    extent: tuple[float, float],
    height: int,
) -> list[float]:
    """Heights of names: those at the right end moved apart, others beside their last number."""
    low, high = extent
    ends = [
        float(curve.values[n]) if n >= 0 else low for curve, n in zip(curves, lasts, strict=True)
    ]
    together = [n for n, last in enumerate(lasts) if last == max(lasts, default=0)]
    least = _LINE * lines * (high - low) / height
    moved = spread_out([ends[n] for n in together], least, low, high)
    return [dict(zip(together, moved, strict=True)).get(n, end) for n, end in enumerate(ends)]


def _last(values: Floats) -> int:
    """Index of the last number; -1 if there is none."""
    return max((n for n, value in enumerate(values) if not np.isnan(value)), default=-1)
