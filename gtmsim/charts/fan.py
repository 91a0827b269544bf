"""How an amount may develop: the median, and the ranges around it."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from gtmsim.charts.axes import (
    Chart,
    Counted,
    Floats,
    Timeline,
    by_month,
    framed,
    known,
)
from gtmsim.charts.goals import goal_layers, level_layers, span_layers
from gtmsim.charts.labels import Goal, Ground, Level, Span
from gtmsim.charts.lines import End, names_at
from gtmsim.charts.theme import in_colour

QUANTILES: Mapping[str, float] = {"p10": 0.1, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p90": 0.9}
HEIGHT = 300
_HEADROOM = 1.04
_ENDS = ("p90", "p50", "p10")


def fan_chart(
    quantiles: Mapping[str, Floats],
    timeline: Timeline,
    counted: Counted,
    goals: Sequence[Goal] = (),
    levels: Sequence[Level] = (),
    colour: int | None = None,
    spans: Sequence[Span] = (),
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
    colour
        Number of its colour; by default that of what stands alone.
    spans
        Months that are shaded and named.
    """
    ends_at = extent(quantiles, goals)
    base = alt.Chart().encode(x=timeline.axis())
    layers: list[Any] = [
        *span_layers(spans),
        *level_layers(levels, ends_at),
        *fan_layers(base, counted, ends_at, colour),
        *goal_layers(goals, levels, Ground(quantiles, ends_at, HEIGHT)),
        pointer(base, timeline),
        names_at("month", timeline.months, _ends(quantiles, counted), ends_at, HEIGHT),
    ]
    return framed(layers, HEIGHT, by_month(timeline, quantiles, counted))


def fan_layers(
    base: alt.Chart, counted: Counted, extent_: tuple[float, float], colour: int | None = None
) -> list[alt.Chart]:
    """Draw the bands and the median of a fan whose data ``base`` has."""
    scale = alt.Scale(domain=[*extent_], nice=False)
    y = alt.Y("p10:Q", axis=counted.axis(), scale=scale)
    return [
        base.mark_area(style=in_colour("band", colour)).encode(y=y, y2=alt.Y2("p90:Q")),
        base.mark_area(style=in_colour("inner", colour)).encode(
            y=alt.Y("p25:Q"), y2=alt.Y2("p75:Q")
        ),
        base.mark_line(style=in_colour("median", colour)).encode(y=alt.Y("p50:Q")),
    ]


def extent(quantiles: Mapping[str, Floats], goals: Sequence[Goal] = ()) -> tuple[float, float]:
    """Lowest and highest amount of a fan: 0 and its targets are always in it."""
    ends = [value for q in ("p10", "p90") for value in known(quantiles[q])]
    values = [0.0, *ends, *(goal.value for goal in goals)]
    low, high = min(values) * _HEADROOM, max(values) * _HEADROOM
    return (low, high) if high > low else (low, low + 1.0)


def pointer(base: alt.Chart, timeline: Timeline) -> alt.Chart:
    """Lay a strip that nobody sees over each month, to tell its figures."""
    told = [alt.Tooltip(f"{q}_text:N", title=_title(q)) for q in [*QUANTILES][::-1]]
    return base.mark_rule(opacity=0, strokeWidth=14).encode(tooltip=[timeline.tooltip(), *told])


def _title(quantile: str) -> str:
    return "median" if quantile == "p50" else quantile


def _ends(quantiles: Mapping[str, Floats], counted: Counted) -> list[End]:
    """Name the quantiles with their last numbers."""
    lasts = {q: float(quantiles[q][-1]) for q in _ENDS}
    return [End((f"{_title(q)} {counted.text(value)}",), value) for q, value in lasts.items()]
