"""Axes of amounts: from 0, or logarithmic where they are of very different size."""

from collections.abc import Sequence
from math import ceil, floor, log10
from typing import TypeVar

import altair as alt

from gtmsim.charts.axes import Counted

Encoding = TypeVar("Encoding", alt.X, alt.Y)

_WIDE = 40.0
"""Largest over least amount from which an axis is logarithmic."""
_ROOM = 1.05


def is_wide(values: Sequence[float]) -> bool:
    """Whether amounts are of so different size that their axis is logarithmic."""
    least, highest = min(values, default=0.0), max(values, default=1.0)
    return 0.0 < least < highest / _WIDE


def along(
    channel: type[Encoding], field: str, values: Sequence[float], counted: Counted
) -> Encoding:
    """Encode amounts along an axis on which all of them lie.

    Parameters
    ----------
    channel
        ``alt.X`` or ``alt.Y``.
    field
        Of the records, with its type.
    values
        Amounts that are shown.
    counted
        What they count.
    """
    least, highest = min(values, default=0.0), max(values, default=1.0)
    if is_wide(values):
        powers = range(floor(log10(least)), ceil(log10(highest)) + 1)
        ticks = [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
        axis = counted.axis(grid=True, values=ticks)
        log = alt.Scale(type="log", domain=[least / _ROOM, highest * _ROOM], nice=False)
        return channel(field, axis=axis, scale=log)
    linear = alt.Scale(domain=[0.0, highest * _ROOM or 1.0], nice=False)
    return channel(field, axis=counted.axis(grid=True), scale=linear)
