"""Targets and levels, drawn on a fan."""

from collections.abc import Sequence
from typing import Literal

import altair as alt

from gtmsim.charts.axes import Records, inline, number
from gtmsim.charts.labels import Goal, Ground, Level, Span, label_offsets


def goal_layers(goals: Sequence[Goal], levels: Sequence[Level], ground: Ground) -> list[alt.Chart]:
    """Draw targets: a diamond at the month of each, the line of one that always holds, a label."""
    if not goals:
        return []
    records: Records = [
        {"month": goal.last, "first": goal.first, "value": goal.value, "text": goal.text}
        for goal in goals
    ]
    base = alt.Chart(inline(records)).encode(x=alt.X("month:Q"), y=alt.Y("value:Q"))
    offsets = label_offsets(goals, levels, ground)
    return [
        base.mark_rule(style="goal").encode(x=alt.X("first:Q"), x2=alt.X2("month:Q")),
        base.mark_point(style="goal-mark", shape="diamond", size=90, filled=True, opacity=1),
        *(
            _label(goal, up, ground, style)
            for goal, up in zip(goals, offsets, strict=True)
            for style in ("goal-ground", "goal-label")
        ),
    ]


def _label(goal: Goal, up: float, ground: Ground, style: str) -> alt.Chart:
    """Label a target; one near the left edge begins there."""
    is_early = ground.is_early(goal)
    records: Records = [
        {"month": 1 if is_early else goal.last, "value": number(goal.value), "text": goal.text}
    ]
    align: Literal["left", "right"] = "left" if is_early else "right"
    dx = 0.0 if is_early else ground.overhang(goal)
    return (
        alt.Chart(inline(records))
        .mark_text(style=style, align=align, baseline="middle", dx=dx, dy=-up)
        .encode(x=alt.X("month:Q"), y=alt.Y("value:Q"), text=alt.Text("text:N"))
    )


def level_layers(levels: Sequence[Level], extent: tuple[float, float]) -> list[alt.Chart]:
    """Draw levels that lie in the chart."""
    low, high = extent
    inside = [level for level in levels if low < level.value < high]
    if not inside:
        return []
    records: Records = [{"value": level.value, "text": level.label} for level in inside]
    base = alt.Chart(inline(records)).encode(y=alt.Y("value:Q"))
    labels = [
        base.mark_text(style=style, align="left", dx=4, dy=-7).encode(
            x=alt.value(0), text=alt.Text("text:N")
        )
        for style in ("ground", "note")
    ]
    return [*_bands(inside, high), base.mark_rule(style="level"), *labels]


def _bands(levels: Sequence[Level], high: float) -> list[alt.Chart]:
    """Shade every second stretch between levels, so that each has its edges."""
    starts = [level.value for level in levels if level.is_band]
    ends = [*starts[1:], high][: len(starts)]
    records: Records = [
        {"value": number(start), "end": number(end)}
        for start, end in zip(starts[::2], ends[::2], strict=True)
    ]
    chart = alt.Chart(inline(records)).mark_rect(style="stage")
    return [chart.encode(y=alt.Y("value:Q"), y2=alt.Y2("end:Q"))] if records else []


def span_layers(spans: Sequence[Span]) -> list[alt.Chart]:
    """Shade every second span of months, and name each at the top."""
    if not spans:
        return []
    shaded: Records = [{"month": span.first, "end": span.last} for span in spans[::2]]
    named: Records = [{"month": span.first, "text": span.label} for span in spans]
    rects = alt.Chart(inline(shaded)).mark_rect(style="stage")
    names = alt.Chart(inline(named)).encode(x=alt.X("month:Q"), y=alt.value(0))
    return [
        rects.encode(x=alt.X("month:Q"), x2=alt.X2("end:Q")),
        *(
            names.mark_text(style=style, align="left", baseline="top", dx=4).encode(
                text=alt.Text("text:N")
            )
            for style in ("ground", "note")
        ),
    ]
