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
    there = [flow for flow in flows if flow[1]]
    return steps_between("opening", opening, there, "closing", counted, "bar")


def steps_between(
    first: str,
    start: float,
    changes: Sequence[tuple[str, float]],
    last: str,
    counted: Counted,
    style: str = "total",
) -> list[Step]:
    """Lay out the way from an amount to another, change by change.

    Parameters
    ----------
    first, start
        Name of the amount that it begins with, and the amount.
    changes
        Name and size of each change.
    last
        Name of the amount that they lead to.
    counted
        What the amounts count.
    style
        Of the two amounts.
    """
    steps, at = [Step(first, 0.0, start, counted.text(start), style)], start
    for label, change in changes:
        kind = "gain" if change > 0.0 else "loss"
        steps.append(Step(label, at, at + change, counted.signed(change), kind))
        at += change
    return [*steps, Step(last, 0.0, at, counted.text(at), style)]


def bridge_chart(steps: Sequence[Step], counted: Counted) -> Chart:
    """Draw a bridge from top to bottom.

    Parameters
    ----------
    steps
        Of `steps_of` or `steps_between`.
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
        _base(steps, style).mark_bar(style=style, size=_BAR).encode(x=x, x2=alt.X2("end:Q"))
        for style in dict.fromkeys(step.style for step in steps)
    ]
    amounts = (
        _base(steps, None)
        .mark_text(style="label", align="left", dx=5)
        .encode(x=alt.X("right:Q"), text=alt.Text("text:N"))
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
