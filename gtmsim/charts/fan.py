"""How an amount may develop: the median, and the ranges around it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import altair as alt

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
    number,
    spread_out,
)

QUANTILES: Mapping[str, float] = {"p10": 0.1, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p90": 0.9}
HEIGHT = 300
_LINE = 14  # pixels that a line of labels takes
_HEADROOM = 1.04
_ENDS = ("p90", "p50", "p10")


class Goal(NamedTuple):
    """A target on the amount."""

    value: float
    first: int
    """Month from which it holds; that of the deadline for one that is met once."""
    last: int
    lines: tuple[str, ...]
    """What stands beside it."""


class Level(NamedTuple):
    """An amount from which something else holds, such as a company stage."""

    value: float
    label: str


def fan_chart(
    quantiles: Mapping[str, Floats],
    timeline: Timeline,
    counted: Counted,
    goals: Sequence[Goal] = (),
    levels: Sequence[Level] = (),
) -> Chart:
    """Draw quantiles over months as a fan, with targets and levels.

    Parameters
    ----------
    quantiles
        One number a month for each of `QUANTILES`.
    timeline, counted
        The months, and what the amounts count.
    goals, levels
        Drawn where they lie.
    """
    low, high = extent(quantiles, goals)
    base = alt.Chart().encode(x=timeline.axis())
    y = alt.Y("p10:Q", axis=counted.axis(), scale=alt.Scale(domain=[low, high], nice=False))
    layers: list[Any] = [
        *_levels(levels, low, high),
        base.mark_area(style="band").encode(y=y, y2="p90:Q"),
        base.mark_area(style="inner").encode(y="p25:Q", y2="p75:Q"),
        base.mark_line(style="median").encode(y="p50:Q"),
        *_goals(goals),
        _pointer(base, timeline),
    ]
    ends = _ends(quantiles, timeline, counted, (low, high))
    records = by_month(timeline, quantiles, counted)
    return framed([*layers, ends], HEIGHT, records)


def extent(quantiles: Mapping[str, Floats], goals: Sequence[Goal] = ()) -> tuple[float, float]:
    """Lowest and highest amount of a fan: 0 and its targets are always in it."""
    ends = [value for q in ("p10", "p90") for value in known(quantiles[q])]
    values = [0.0, *ends, *(goal.value for goal in goals)]
    low, high = min(values) * _HEADROOM, max(values) * _HEADROOM
    return (low, high) if high > low else (low, low + 1.0)


def _pointer(base: alt.Chart, timeline: Timeline) -> alt.Chart:
    """Lay a strip that nobody sees over each month, to tell its figures."""
    told = [alt.Tooltip(f"{q}_text:N", title=_title(q)) for q in [*QUANTILES][::-1]]
    return base.mark_rule(opacity=0, strokeWidth=14).encode(tooltip=[timeline.tooltip(), *told])


def _title(quantile: str) -> str:
    return "median" if quantile == "p50" else quantile


def _ends(
    quantiles: Mapping[str, Floats],
    timeline: Timeline,
    counted: Counted,
    extent_: tuple[float, float],
) -> alt.Chart:
    """Label the last month."""
    low, high = extent_
    values = [float(quantiles[q][-1]) for q in _ENDS]
    heights = spread_out(values, _LINE * (high - low) / HEIGHT, low, high)
    texts = [f"{_title(q)} {counted.text(v)}" for q, v in zip(_ENDS, values, strict=True)]
    records: Records = [
        {"month": timeline.months, "at": number(height), "text": text}
        for height, text in zip(heights, texts, strict=True)
    ]
    return (
        alt.Chart(inline(records))
        .mark_text(style="label", align="left", dx=9)
        .encode(x="month:Q", y="at:Q", text="text:N")
    )


def _goals(goals: Sequence[Goal]) -> list[alt.Chart]:
    if not goals:
        return []
    records: Records = [
        {"month": goal.last, "first": goal.first, "value": goal.value, "text": list(goal.lines)}
        for goal in goals
    ]
    base = alt.Chart(inline(records)).encode(x="month:Q", y="value:Q")
    return [
        base.mark_rule(style="goal").encode(x="first:Q", x2="month:Q"),
        base.mark_point(style="goal-mark", shape="diamond", size=90, filled=True, opacity=1),
        *(
            base.mark_text(style=style, align="right", dx=-8, dy=-18).encode(text="text:N")
            for style in ("goal-ground", "goal-label")
        ),
    ]


def _levels(levels: Sequence[Level], low: float, high: float) -> list[alt.Chart]:
    inside = [level for level in levels if low < level.value < high]
    if not inside:
        return []
    records: Records = [{"value": level.value, "text": level.label} for level in inside]
    base = alt.Chart(inline(records)).encode(y="value:Q")
    label = base.mark_text(style="note", align="left", dx=4, dy=-6).encode(
        x=alt.value(0), text="text:N"
    )
    return [base.mark_rule(style="level"), label]
