"""How a figure answers to an input: curves over its values, or points where it varies freely."""

from collections.abc import Sequence
from typing import NamedTuple

import altair as alt
import numpy as np

from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import (
    Chart,
    Counted,
    Floats,
    Records,
    bounded,
    framed,
    known,
    lines_of,
    number,
)
from gtmsim.charts.lines import End, coloured, dash_of, dashed, names_at

HEIGHT = 240
_HEADROOM = 0.06
_MOST_TICKS = 6


class Response(NamedTuple):
    """A figure at values of an input.

    Attributes
    ----------
    name
        Of the curve, shown at its end; empty where there is one.
    inputs
        Values, ascending.
    texts
        The same as people write them.
    value, low, high
        The figure at each, and its interval.
    """

    name: str
    inputs: Floats
    texts: tuple[str, ...]
    value: Floats
    low: Floats
    high: Floats


def response_chart(
    responses: Sequence[Response], at: Counted, counted: Counted, is_free: bool = False
) -> Chart:
    """Draw curves with the interval of each of their points.

    Parameters
    ----------
    responses
        In the order of their colours.
    at, counted
        What the input counts, and the figure.
    is_free
        Whether other inputs vary too: points are then not joined.
    """
    low, high = _extent(responses, counted)
    y_axis, y_scale = counted.axis(), alt.Scale(domain=[low, high], zero=False, nice=False)
    y = alt.Y("value:Q", axis=y_axis, scale=y_scale)
    scale = alt.Scale(zero=False, nice=False, padding=14)
    axis = at.axis(**_ticks(responses))
    x = alt.X("input:Q", axis=axis, scale=scale)
    base = alt.Chart().encode(x=x, color=coloured("series", range(len(responses))))
    dash = dashed([dash_of(n) for n in range(len(responses))])
    layers = [
        base.mark_rule(strokeOpacity=0.35 if is_free else 0.7, strokeWidth=1.5).encode(
            x=alt.X("beside:Q", axis=axis, scale=scale),
            y=alt.Y("low:Q", axis=y_axis, scale=y_scale),
            y2=alt.Y2("high:Q"),
        ),
        *([] if is_free else [base.mark_line(style="series").encode(y=y, strokeDash=dash)]),
        base.mark_point(filled=True, size=44, opacity=1).encode(y=y, tooltip=_told()),
        *([_names(responses, (low, high))] if len(responses) > 1 else []),
    ]
    apart = _apart(responses)
    records = [
        {**record, "beside": record["input"] + apart * (n - (len(responses) - 1) / 2)}
        for n, one in enumerate(responses)
        for record in _records(n, one, counted)
    ]
    return framed(layers, HEIGHT, records)


def _extent(responses: Sequence[Response], counted: Counted) -> tuple[float, float]:
    ends = known(np.concatenate([[*one.low, *one.high, *one.value] for one in responses]))
    ends = [end for end in ends if np.isfinite(end)]
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    room = (high - low) * _HEADROOM or abs(high) * _HEADROOM or 1.0
    if counted.unit == Unit.SHARE and low >= 0.0 and high <= 1.0:
        return max(0.0, low - room), min(1.0, high + room)
    return low - room, high + room


def _ticks(responses: Sequence[Response]) -> dict[str, list[float]]:
    """Mark the values themselves where they are few."""
    values = sorted({float(value) for one in responses for value in one.inputs})
    return {"values": values} if len(values) <= _MOST_TICKS else {}


def _apart(responses: Sequence[Response]) -> float:
    """Distance between the intervals of curves at one value, so that none hides another."""
    values = [float(value) for one in responses for value in one.inputs]
    return 0.008 * (max(values) - min(values))


def _records(n: int, one: Response, counted: Counted) -> Records:
    return [
        {
            "series": str(n),
            "name": one.name,
            "input": number(float(one.inputs[k])),
            "at": one.texts[k],
            "value": number(float(one.value[k])),
            "low": number(bounded(float(one.low[k]), float(one.value[k]))),
            "high": number(bounded(float(one.high[k]), float(one.value[k]))),
            "text": counted.text(float(one.value[k])),
            "between": f"{counted.text(float(one.low[k]))} to {counted.text(float(one.high[k]))}",
        }
        for k in range(len(one.inputs))
        if np.isfinite(one.value[k])
    ]


def _told() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("name:N", title="line"),
        alt.Tooltip("at:N", title="input"),
        alt.Tooltip("text:N", title="value"),
        alt.Tooltip("between:N", title="interval"),
    ]


def _names(responses: Sequence[Response], extent: tuple[float, float]) -> alt.Chart:
    """Name each curve at its last point."""
    ends = [
        End(lines_of(one.name), next((v for v in reversed(known(one.value))), extent[0]), n)
        for n, one in enumerate(responses)
    ]
    last = max(float(one.inputs[-1]) for one in responses)
    return names_at("input", last, ends, extent, HEIGHT)
