"""Verdicts on a segment's motion: healthy, strained or broken, in closed form and as simulated.

A measure is healthy within its limit, broken beyond its breaking limit if it has one, and strained
else. A motion is as bad as its worst measure. What is undefined is not healthy.
"""

from collections.abc import Mapping
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gtmsim.scenario.profiles import AT_LEAST, Bounds

Array = NDArray[np.float64]


_ROUNDING = 1e-6
"""Part of a limit by which a measure may miss it: amounts are rounded to cents."""


class State(IntEnum):
    """How a motion, or one measure of it, does; worse ones are lower."""

    BROKEN = 0
    STRAINED = 1
    HEALTHY = 2


def state_of(measure: str, values: ArrayLike, bounds: Bounds) -> Array:
    """State of one measure.

    Parameters
    ----------
    measure
        Key of its limit; tells on which side of it the measure should be.
    values
        In the unit of the limit, any shape.
    bounds
        Limits.

    Returns
    -------
    Array
        `State` as numbers, the shape of ``values``; NaN where the measure is undefined.
    """
    sign = -1.0 if measure in AT_LEAST else 1.0
    given = sign * np.asarray(values, np.float64)
    healthy, broken = (
        np.inf if limit is None else sign * limit + _ROUNDING * abs(limit) for limit in bounds
    )
    states = np.where(given <= healthy, State.HEALTHY, State.STRAINED)
    states = np.where(given > broken, State.BROKEN, states)
    return np.where(np.isnan(given), np.nan, states.astype(np.float64))


def states_of(measures: Mapping[str, ArrayLike], limits: Mapping[str, Bounds]) -> dict[str, Array]:
    """State of each measure that has a limit and is there."""
    return {
        name: state_of(name, measures[name], bounds)
        for name, bounds in limits.items()
        if name in measures
    }


def worst(states: Mapping[str, Array]) -> Array:
    """Verdict over measures: the worst of their states.

    Returns
    -------
    Array
        `State` as numbers; broken where any measure is, else NaN where any is undefined or there
        is none.
    """
    if not states:
        return np.array(np.nan)
    stacked = np.stack(np.broadcast_arrays(*states.values()))
    is_broken = (stacked == State.BROKEN).any(0)
    return np.where(is_broken, float(State.BROKEN), stacked.min(0))
