"""Simulating until a figure is exact enough, without being fooled by looking often.

Draws are doubled from look to look. An interval of 95 % that is looked at several times, and acted
on as soon as it leaves out a threshold, is wrong more often than 5 %. So the error that is allowed
in all is spent over the looks: look k has 6 / (pi^2 k^2) of it, 61 % for the first, 15, 7, 4 and so
on for those after. These shares sum to 1, so that all looks together are wrong at most as often as
allowed, however the looks depend on each other and however many there will be.

Stopping when an interval is narrow enough needs none of that: its width says next to nothing of
the side on which it misses (Chow and Robbins, On the asymptotic theory of fixed-width sequential
confidence intervals for the mean, 1965). A goal without a threshold keeps the plain level at every
look, and costs a quarter of the draws.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil, log2, pi
from typing import NamedTuple

from gtmsim.errors import AnalysisError
from gtmsim.statistics.error import LEVEL, Estimate, Sample

Figure = Callable[[Sample, float], Estimate]
"""A figure of a sample at a confidence level, as those in ``error``."""


class Goal(NamedTuple):
    """When to stop: as soon as one of the two that are given holds.

    With a threshold, error is spent over the looks for both.
    """

    margin: float | None = None
    """The interval is within so much of the figure, in the figure's unit."""
    threshold: float | None = None
    """The interval lies on one side of it."""


class Verdict(StrEnum):
    """Where a figure lies against a goal's threshold."""

    AT_LEAST = "at least"
    BELOW = "below"
    OPEN = "open"


class Look(NamedTuple):
    """A figure as it was at some number of draws."""

    draws: int
    level: float
    """Confidence level of this look: with a threshold, higher than that of all together."""
    estimate: Estimate
    verdict: Verdict
    """``OPEN`` if there is no threshold or it is not resolved."""
    reached: bool
    """Whether the goal is."""


@dataclass(frozen=True)
class Progress:
    """Looks at a figure so far.

    Looks may only be added while the goal is not reached: what was resolved stays so.
    """

    goal: Goal
    level: float = LEVEL
    """Confidence level of all looks together, in (0, 1)."""
    looks: tuple[Look, ...] = field(default=())

    def __post_init__(self) -> None:
        """Refuse a goal that nothing could reach."""
        if self.goal.margin is None and self.goal.threshold is None:
            raise AnalysisError("a precision needs a margin or a threshold to aim at")
        if self.goal.margin is not None and not self.goal.margin > 0.0:
            raise AnalysisError(f"a margin must be above 0; got {self.goal.margin}")

    @property
    def reached(self) -> bool:
        """Whether the goal is reached."""
        return bool(self.looks) and self.looks[-1].reached

    def look(self, figure: Figure, sample: Sample) -> "Progress":
        """Look at the figure with more draws.

        Parameters
        ----------
        figure
            Estimate of a sample at a confidence level.
        sample
            Shape (draws, replications): all draws so far, more than at the look before.

        Returns
        -------
        Progress
            With one look more.

        Raises
        ------
        AnalysisError
            If the goal is reached already, or there are no more draws than before.
        """
        if self.reached:
            raise AnalysisError("the goal is reached: another look would spend error again")
        if self.looks and len(sample) <= self.looks[-1].draws:
            raise AnalysisError(
                f"a look needs more than the {self.looks[-1].draws} draws of the one before; got "
                f"{len(sample)}"
            )
        watched = self.goal.threshold is not None
        level = look_level(len(self.looks) + 1, self.level) if watched else self.level
        estimate = figure(sample, level)
        verdict = resolve(estimate, self.goal.threshold)
        reached = verdict != Verdict.OPEN or _is_exact(estimate, self.goal.margin)
        look = Look(len(sample), level, estimate, verdict, reached)
        return Progress(self.goal, self.level, (*self.looks, look))


def look_level(number: int, level: float = LEVEL) -> float:
    """Confidence level of one look, such that all looks together have ``level``.

    Parameters
    ----------
    number
        Of the look, from 1.
    level
        Of all looks together, in (0, 1).

    Source
    ------
    Boole's inequality with shares 6 / (pi^2 k^2), whose sum is 1 (Euler); Lan and DeMets, Discrete
    sequential boundaries for clinical trials, 1983 (spending error over looks).
    """
    return 1.0 - (1.0 - level) * 6.0 / (pi * number) ** 2


def resolve(estimate: Estimate, threshold: float | None) -> Verdict:
    """Judge on which side of a threshold a whole interval lies; an undefined figure is open."""
    if threshold is None:
        return Verdict.OPEN
    if estimate.low >= threshold:
        return Verdict.AT_LEAST
    return Verdict.BELOW if estimate.high < threshold else Verdict.OPEN


def schedule(first: int, budget: int) -> tuple[int, ...]:
    """Draws at each look: doubled from ``first`` on, the last one the whole ``budget``.

    A last step of less than half is not worth a look of its own: ``budget`` then takes its place.
    """
    if not 0 < first <= budget:
        raise AnalysisError(f"looks need 0 < first <= budget; got {first} and {budget} draws")
    n_doublings = max(0, ceil(log2(budget / first) - 0.5))
    return (*(first * 2**k for k in range(n_doublings)), budget)


def _is_exact(estimate: Estimate, margin: float | None) -> bool:
    return margin is not None and estimate.margin <= margin
