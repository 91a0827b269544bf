"""What charts of lines share: colours and dashes by number, and names at the right end."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import altair as alt

from gtmsim.charts.axes import Records, inline, number, spread_out
from gtmsim.charts.theme import DASHES, N_SERIES

_LINE = 14  # pixels that a line of a name takes


class End(NamedTuple):
    """The name of a line, at its last number."""

    lines: Sequence[str]
    value: float
    colour: int | None = None
    """Number of its colour; None for that of text."""


def coloured(field: str, numbers: Iterable[int]) -> alt.Color:
    """Encode numbers of colours: each is the same in every chart, whatever others are in it."""
    domain = [str(n) for n in range(max(numbers, default=0) + 1)]
    return alt.Color(f"{field}:N", legend=None, scale=alt.Scale(domain=domain))


def dashed(numbers: Sequence[int]) -> alt.StrokeDash:
    """Encode the dashes of ``series``, by their numbers; 0 is a full line."""
    names = [str(n) for n in range(len(numbers))]
    dashes = [list(DASHES[n % len(DASHES)]) for n in numbers]
    return alt.StrokeDash("series:N", legend=None, scale=alt.Scale(domain=names, range=dashes))


def dash_of(colour: int) -> int:
    """Return the number of the dash that tells a line from others of the same colour."""
    return colour // N_SERIES


def heights_of(ends: Sequence[End], extent: tuple[float, float], height: int) -> list[float]:
    """Heights of names, moved apart so that none lies on another.

    Parameters
    ----------
    ends
        The names.
    extent
        Lowest and highest number of the chart.
    height
        Pixels between these.
    """
    low, high = extent
    line = _LINE * (high - low) / height
    most = max((len(end.lines) for end in ends), default=1)
    middles = spread_out([end.value for end in ends], most * line, low, high)
    # a text of two lines begins at its place: it is moved up, so that its middle lies there
    return [at + (len(end.lines) - 1) * line / 2.0 for at, end in zip(middles, ends, strict=True)]


def names_at(
    field: str,
    at: float,
    ends: Sequence[End],
    extent: tuple[float, float],
    height: int,
) -> alt.Chart:
    """Write names to the right of a chart's last number.

    Parameters
    ----------
    field, at
        What is across, and where it is last.
    ends, extent, height
        As of `heights_of`.
    """
    records: Records = [
        {field: number(at), "at": number(place), "text": [*end.lines], "colour": str(end.colour)}
        for end, place in zip(ends, heights_of(ends, extent, height), strict=True)
    ]
    base = alt.Chart(inline(records)).encode(
        x=alt.X(f"{field}:Q"), y=alt.Y("at:Q"), text=alt.Text("text:N")
    )
    named = base.mark_text(style="label", align="left", baseline="middle", dx=9)
    has_colours = any(end.colour is not None for end in ends)
    return named.encode(color=alt.Color("colour:N")) if has_colours else named
