"""One amount against another, a point for each thing."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import altair as alt

from gtmsim.charts.amounts import along
from gtmsim.charts.axes import Chart, Counted, Records, framed, number
from gtmsim.charts.lines import coloured

HEIGHT = 300


class Spot(NamedTuple):
    """A thing with two amounts.

    Attributes
    ----------
    label
        What it is.
    across, up
        Its amounts.
    low, high
        Ends of the range of the second; the amount itself where there is none.
    colour
        Number of its colour.
    """

    label: str
    across: float
    up: float
    low: float
    high: float
    colour: int


def scatter_chart(spots: Sequence[Spot], across: Counted, up: Counted) -> Chart:
    """Draw points with the range of the amount upwards, and their names beside them.

    Parameters
    ----------
    spots
        With amounts above 0.
    across, up
        What their amounts count.
    """
    x = along(alt.X, "across:Q", [spot.across for spot in spots], across)
    y = along(alt.Y, "up:Q", [end for spot in spots for end in (spot.up, *spot[3:5])], up)
    base = alt.Chart().encode(x=x, color=coloured("colour", [spot.colour for spot in spots]))
    told = [alt.Tooltip(f"{name}:N") for name in ("what", "spend", "value")]
    layers: list[Any] = [
        base.mark_rule(strokeWidth=6, strokeOpacity=0.35).encode(
            y=alt.Y("low:Q"), y2=alt.Y2("high:Q")
        ),
        base.mark_point(filled=True, size=70, opacity=1).encode(y=y, tooltip=told),
        *_names(spots),
    ]
    return framed(layers, HEIGHT, _records(spots, across, up))


def _records(spots: Sequence[Spot], across: Counted, up: Counted) -> Records:
    middle = max((spot.across for spot in spots), default=0.0) / 2.0
    return [
        {
            "across": number(spot.across), "up": number(spot.up),
            "low": number(spot.low), "high": number(spot.high),
            "colour": str(spot.colour), "what": spot.label,
            "spend": across.text(spot.across), "value": up.text(spot.up),
            "side": "left" if spot.across <= middle else "right",
        }
        for spot in spots
    ]  # fmt: skip


def _names(spots: Sequence[Spot]) -> list[alt.Chart]:
    """Names to the right of points on the left, and the other way round; these a line lower."""
    sides: tuple[Literal["left", "right"], ...] = ("left", "right")
    away = {"left": 9, "right": -9}
    return [
        alt.Chart()
        .mark_text(style=style, align=side, baseline="middle", dx=away[side], dy=-away[side])
        .encode(x=alt.X("across:Q"), y=alt.Y("up:Q"), text=alt.Text("what:N"))
        .transform_filter(f"datum.side == '{side}'")
        for side in sides
        for style in ("ground", "label")
    ]
