"""Say in how many futures one plan has more than another, and in how many they tie."""

from gtmsim.analysis.units import Unit
from gtmsim.report.numbers import interval, share
from gtmsim.statistics.error import Estimate

NEGLIGIBLE = 0.005
"""Share of ties below which a sentence does not tell them."""


def futures_text(more: Estimate, same: Estimate, less: Estimate) -> str:
    """Say it as ``in 70% of futures (64-75%), the same in 30%``.

    Parameters
    ----------
    more, same, less
        Shares of futures, which sum to 1. Ties are no wins: they are told where there are more
        than a few, and then also what is left.
    """
    told = f"in {share(more.value)} of futures ({interval(more.low, more.high, Unit.SHARE, '')})"
    return told + ties_text(same, less)


def ties_text(same: Estimate, less: Estimate) -> str:
    """Go on after the share of futures with more: ``, the same in 30% and less in 5%``."""
    if not same.value >= NEGLIGIBLE:
        return ""
    rest = f" and less in {share(less.value)}" if less.value > 0.0 else ""
    return f", the same in {share(same.value)}{rest}"
