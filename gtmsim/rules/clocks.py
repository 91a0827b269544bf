"""Times and clocks: unit exponentials that run down at rates the policy sets."""

from math import floor, inf, nextafter

import numpy as np
import numpy.typing as npt

from gtmsim.draws.elementary import log
from gtmsim.jit import kernel
from gtmsim.vocabulary import TICKS_PER_MONTH

MONTHS_BETWEEN_STEPS = 12
"""A customer who moved up to another segment stays there so long at least."""
CLOCKS_PER_STEP = 1 << 20
"""Expansion clocks are numbered from a multiple of this on after each step."""


@kernel
def month_of(t: float) -> int:
    """0-based month that holds ``t``; a boundary belongs to the month it begins."""
    return floor(t)


@kernel
def ticks(t: float) -> int:
    """Whole ticks by time ``t``."""
    return floor(t * TICKS_PER_MONTH)


@kernel
def unit_exponential(u: float) -> float:
    """Exponential variate of mean 1."""
    return -log(u)


@kernel
def churn_years(exponential: float, theta: float) -> float:
    """Years that a churn clock holds for a customer with yearly churn probability ``theta``.

    The customer survives a year at multiplier 1 with probability ``1 - theta``.
    """
    if theta <= 0.0:
        return inf
    if theta >= 1.0:
        return 0.0
    return exponential / -log(1.0 - theta)


@kernel
def hastened(clock: float, factor: float) -> float:
    """Tell what is left of a clock whose hazard becomes ``factor`` times as large."""
    return clock / factor if factor > 0.0 else inf


@kernel
def missed_hazard(
    factor: float, missed_months: npt.NDArray[np.int64], segment: int, month: int, term: int
) -> float:
    """Factor on the churn hazard of a term that ends in ``month``, by its service level.

    Parameters
    ----------
    factor
        Of a month in which the level was missed.
    missed_months
        Missed months before each boundary, shape (months + 1, segments).
    segment
        Of the customer.
    month
        0-based; the term is the whole months before it, those before the start kept.
    term
        Months.
    """
    missed = missed_months[month, segment] - missed_months[max(month - term, 0), segment]
    return 1.0 + (factor - 1.0) * (missed / term)


@kernel
def trigger_time(threshold: float, hazard: float, rate: float, month: int) -> float:
    """Instant in ``month`` at which a cumulative hazard reaches ``threshold``.

    Parameters
    ----------
    threshold
        Cumulative hazard at which the clock fires; below ``hazard + rate``.
    hazard
        Cumulative hazard at the month's start.
    rate
        Hazard a month, positive.
    month
        0-based month.

    Returns
    -------
    float
        In ``[month, month + 1)``.
    """
    t = month + (threshold - hazard) / rate
    return min(max(t, float(month)), below(month + 1.0))


@kernel
def below(t: float) -> float:
    """Largest time before ``t``."""
    return nextafter(t, -inf)
