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
    spread_out,
)
from gtmsim.charts.fan import HEIGHT, QUANTILES, extent

CHOSEN = "chosen"
"""Name of the parameter that tells which fan is shown, by its number."""
_LINE = 14  # pixels that a line of labels takes
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
    y = alt.Y("p10:Q", axis=counted.axis(), scale=alt.Scale(domain=[low, high], nice=False))
    told = [alt.Tooltip(f"{q}_text:N", title=_ENDS.get(q, q)) for q in reversed([*QUANTILES])]
    layers: list[Any] = [
        base.mark_area(style="band").encode(y=y, y2="p90:Q"),
        base.mark_area(style="inner").encode(y="p25:Q", y2="p75:Q"),
        base.mark_line(style="median").encode(y="p50:Q"),
        base.mark_rule(opacity=0, strokeWidth=14).encode(tooltip=[timeline.tooltip(), *told]),
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
        .encode(x="month:Q", y="at:Q", text="text:N")
    )


def _ends(
    n: int,
    fan: Fan,
    last: int,
    month: int,
    counted: Counted,
    extent_: tuple[float, float],
) -> Records:
    low, high = extent_
    values = [float(fan[q][last]) for q in _ENDS]
    heights = spread_out(values, _LINE * (high - low) / HEIGHT, low, high)
    return [
        {"point": n, "month": month, "at": number(at), "text": f"{name} {counted.text(value)}"}
        for name, value, at in zip(_ENDS.values(), values, heights, strict=True)
    ]
