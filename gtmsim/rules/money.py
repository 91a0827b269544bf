"""Amounts: each formula once, in whole minor units.

Parts of an amount are differences of rounded cumulative parts, so that they always sum to it.
"""

from math import floor

from gtmsim.jit import kernel


@kernel
def round_half_up(x: float) -> int:
    """Nearest whole minor unit, halves up."""
    return floor(x + 0.5)


@kernel
def instalment(arr: int, term: int, billing: int, index: int) -> int:
    """Amount of billing period ``index`` of a term, minor units.

    Parameters
    ----------
    arr
        Annual recurring revenue, minor units a year.
    term, billing
        Length of the term and of a billing period, months; ``billing`` divides ``term``.
    index
        Number of the period in its term, from 0.
    """
    total = arr * term / 12.0
    if billing == term:
        return round_half_up(total)
    after = round_half_up(total * ((index + 1) * billing / term))
    return after - round_half_up(total * (index * billing / term))


@kernel
def recognised(amount: int, t: float, anchor: float, end: float) -> int:
    """Part of ``amount`` that is earned by time ``t``, straight-line from ``anchor`` to ``end``."""
    if t >= end:
        return amount
    if t <= anchor:
        return 0
    return round_half_up(amount * ((t - anchor) / (end - anchor)))


@kernel
def prorated(change: int, t: float, end: float) -> int:
    """Price of a change of ARR for the rest of a billing period, minor units."""
    return round_half_up(change * ((end - t) / 12.0))
