"""A bridge from an opening to a closing amount, line by line."""

from collections.abc import Sequence
from typing import NamedTuple

import altair as alt

from gtmsim.charts.axes import Chart, Counted, Records, framed, inline, number

_ROW = 30
_BAR = 18


class Step(NamedTuple):
    """A line of a bridge."""

    label: str
    start: float
    end: float
    text: str
    """Its amount, with its sign."""
    style: str
    """``bar`` or ``total`` for what is there, ``gain`` and ``loss`` for what comes and goes."""


def steps_of(opening: float, flows: Sequence[tuple[str, float]], counted: Counted) -> list[Step]:
    """Lay a bridge out: the opening amount, each flow that is not zero, the closing amount."""
    at = opening
    steps = [Step("opening", 0.0, opening, counted.text(opening), "bar")]
    for label, flow in flows:
        if flow:
            sign = "+" if flow > 0 else ""
            style = "gain" if flow > 0 else "loss"
            steps.append(Step(label, at, at + flow, f"{sign}{counted.text(flow)}", style))
            at += flow
    return [*steps, Step("closing", 0.0, at, counted.text(at), "bar")]


def bridge_chart(steps: Sequence[Step], counted: Counted) -> Chart:
    """Draw a bridge from top to bottom.

    Parameters
    ----------
    steps
        Of `steps_of`.
    counted
        What the amounts count.
    """
    highest = max(max(step.start, step.end) for step in steps)
    lowest = min(0.0, *(min(step.start, step.end) for step in steps))
    x = alt.X(
        "start:Q",
        axis=counted.axis(grid=True),
        scale=alt.Scale(domain=[lowest, highest or 1.0], nice=False),
    )
    layers = [
        _base(steps, style).mark_bar(style=style, size=_BAR).encode(x=x, x2="end:Q")
        for style in dict.fromkeys(step.style for step in steps)
    ]
    amounts = (
        _base(steps, None)
        .mark_text(style="label", align="left", dx=5)
        .encode(x="right:Q", text="text:N")
    )
    return framed([*layers, amounts], _ROW * len(steps))


def _base(steps: Sequence[Step], style: str | None) -> alt.Chart:
    records: Records = [
        {
            "line": step.label,
            "start": number(step.start),
            "end": number(step.end),
            "right": number(max(step.start, step.end)),
            "text": step.text,
        }
        for step in steps
        if style in (None, step.style)
    ]
    lines = alt.Y(
        "line:N",
        title=None,
        sort=None,
        scale=alt.Scale(domain=[step.label for step in steps]),
        axis=alt.Axis(domain=False, ticks=False, grid=False, labelLimit=130),
    )
    return alt.Chart(inline(records)).encode(y=lines)
