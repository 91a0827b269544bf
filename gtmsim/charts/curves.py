"""Several quantities over months, each line with its name at its end."""

from collections.abc import Sequence
from math import floor, isnan
from typing import Any, NamedTuple

import altair as alt

from gtmsim.analysis.units import Unit
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
)
from gtmsim.charts.lines import End, coloured, dash_of, dashed, names_at

HEIGHT = 240
_FEW = 6
"""Count up to which an axis has a tick for each."""


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
    colour
        Number of its colour; by default its place among the curves.
    is_dashed
        Whether it is another line of the same colour.
    """

    name: str
    values: Floats
    low: Floats | None = None
    high: Floats | None = None
    colour: int | None = None
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
    colours = [_colour(n, curve) for n, curve in enumerate(curves)]
    base = alt.Chart().encode(x=timeline.axis(first), color=coloured("colour", colours))
    axis = counted.axis(**_whole(counted, high))
    y = alt.Y("value:Q", axis=axis, scale=alt.Scale(domain=[low, high], nice=False))
    dash = dashed([dash_of(colours[n]) + curve.is_dashed for n, curve in enumerate(curves)])
    between: Any = "step-after" if is_stepped else "linear"
    line = base.mark_line(style="series", interpolate=between).encode(y=y, strokeDash=dash)
    names = _names(curves, first, (low, high), height)
    layers: list[Any] = [
        *_bands(curves, base, between),
        line,
        *_stops(curves, first),
        _pointer(base, timeline),
        *names,
    ]
    records = [record for n, curve in enumerate(curves) for record in _records(
        n, curve, timeline, counted, first)]  # fmt: skip
    return framed(layers, height, records)


def _whole(counted: Counted, high: float) -> dict[str, Any]:
    """Keep the ticks of a few people at whole numbers; those of many are."""
    is_few = counted.unit == Unit.COUNT and 1.0 <= high <= _FEW
    return {"values": [*range(floor(high) + 1)]} if is_few else {}


def _extent(curves: Sequence[Curve]) -> tuple[float, float]:
    tops = (curve.values if curve.high is None else curve.high for curve in curves)
    values = [value for top in tops for value in known(top)]
    return 0.0, max([*values, 0.0]) * 1.05 or 1.0


def _records(n: int, curve: Curve, timeline: Timeline, counted: Counted, first: int) -> Records:
    columns = {"value": curve.values}
    if curve.low is not None and curve.high is not None:
        columns |= {"low": curve.low, "high": curve.high}
    rows = by_month(timeline, columns, counted, first)
    own = {"series": str(n), "colour": str(_colour(n, curve)), "name": curve.name}
    return [{**row, **own} for row in rows]


def _colour(n: int, curve: Curve) -> int:
    return n if curve.colour is None else curve.colour


def _bands(curves: Sequence[Curve], base: alt.Chart, between: Any) -> list[alt.Chart]:
    if all(curve.low is None for curve in curves):
        return []
    return [
        base.mark_area(opacity=0.12, interpolate=between).encode(
            y=alt.Y("low:Q"), y2=alt.Y2("high:Q")
        )
    ]


def _pointer(base: alt.Chart, timeline: Timeline) -> alt.Chart:
    told = [
        timeline.tooltip(),
        alt.Tooltip("name:N", title="line"),
        alt.Tooltip("value_text:N", title="value"),
    ]
    return base.mark_point(opacity=0, size=120, filled=True).encode(
        y=alt.Y("value:Q"), tooltip=told
    )


def _names(
    curves: Sequence[Curve], first: int, extent: tuple[float, float], height: int
) -> list[alt.Chart]:
    """Name the curves at the right end, also those that end before: on the way lie other lines."""
    lasts = [_last(curve.values) for curve in curves]
    ends = [
        End(lines_of(curve.name), float(curve.values[last]), _colour(n, curve))
        for n, (curve, last) in enumerate(zip(curves, lasts, strict=True))
        if last >= 0
    ]
    return [names_at("month", first + max(lasts), ends, extent, height)] if ends else []


def _stops(curves: Sequence[Curve], first: int) -> list[alt.Chart]:
    """Mark the ends of curves that end before others."""
    lasts = [_last(curve.values) for curve in curves]
    records: Records = [
        {
            "month": first + last,
            "value": number(float(curve.values[last])),
            "colour": str(_colour(n, curve)),
        }
        for n, (curve, last) in enumerate(zip(curves, lasts, strict=True))
        if 0 <= last < max(lasts)
    ]
    stop = alt.Chart(inline(records)).mark_point(filled=True, size=44, opacity=1)
    return (
        [stop.encode(x=alt.X("month:Q"), y=alt.Y("value:Q"), color=alt.Color("colour:N"))]
        if records
        else []
    )


def _last(values: Floats) -> int:
    """Index of the last number; -1 if there is none."""
    return max((n for n, value in enumerate(values) if not isnan(value)), default=-1)
