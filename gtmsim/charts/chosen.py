"""A fan of which one of several is shown; the page that it is on says which."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from gtmsim.charts.axes import (
    Chart,
    Counted,
    Floats,
    Records,
    Timeline,
    framed,
    inline,
    number,
)
from gtmsim.charts.fan import HEIGHT, QUANTILES, extent, fan_layers, pointer
from gtmsim.charts.lines import End, heights_of

CHOSEN = "chosen"
"""Name of the parameter that tells which fan is shown, by its number."""
_ENDS = {"p90": "p90", "p50": "median", "p10": "p10"}

Fan = Mapping[str, Floats]


def chosen_fan(
    fans: Sequence[Fan],
    months: Sequence[int],
    timeline: Timeline,
    counted: Counted,
    start: int = 0,
) -> Chart:
    """Draw several fans on the same axes, of which one is seen.

    Parameters
    ----------
    fans
        One number for each of ``months`` and of `QUANTILES`; NaN where there is none.
    months
        Those that are drawn.
    timeline, counted
        All months, and what the amounts count.
    start
        Number of the one that is seen first.
    """
    ends = [extent(fan) for fan in fans]
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    shown = alt.param(name=CHOSEN, value=start)
    base = alt.Chart().encode(x=timeline.axis()).transform_filter(f"datum.point == {CHOSEN}")
    layers: list[Any] = [
        *fan_layers(base, counted, (low, high)),
        pointer(base, timeline),
        _labels(fans, months, counted, (low, high)),
    ]
    records = [
        record
        for n, fan in enumerate(fans)
        for record in _records(n, fan, months, timeline, counted)
    ]
    return framed(layers, HEIGHT, records).add_params(shown)


def _records(
    n: int, fan: Fan, months: Sequence[int], timeline: Timeline, counted: Counted
) -> Records:
    return [
        {
            "point": n,
            **timeline.record(month),
            **{q: number(float(fan[q][k])) for q in QUANTILES},
            **{f"{q}_text": counted.text(float(fan[q][k])) for q in QUANTILES},
        }
        for k, month in enumerate(months)
        if fan["p50"][k] == fan["p50"][k]
    ]


def _labels(
    fans: Sequence[Fan], months: Sequence[int], counted: Counted, extent_: tuple[float, float]
) -> alt.Chart:
    """Label the last month of each."""
    records: Records = []
    for n, fan in enumerate(fans):
        last = max((k for k, v in enumerate(fan["p50"]) if v == v), default=-1)  # noqa: PLR0124
        if last >= 0:
            records += _ends(n, fan, last, months[last], counted, extent_)
    return (
        alt.Chart(inline(records))
        .transform_filter(f"datum.point == {CHOSEN}")
        .mark_text(style="label", align="left", dx=9)
        .encode(x=alt.X("month:Q"), y=alt.Y("at:Q"), text=alt.Text("text:N"))
    )


def _ends(
    n: int,
    fan: Fan,
    last: int,
    month: int,
    counted: Counted,
    extent_: tuple[float, float],
) -> Records:
    values = {name: float(fan[q][last]) for q, name in _ENDS.items()}
    ends = [End((f"{name} {counted.text(value)}",), value) for name, value in values.items()]
    return [
        {"point": n, "month": month, "at": number(at), "text": end.lines[0]}
        for end, at in zip(ends, heights_of(ends, extent_, HEIGHT), strict=True)
    ]
