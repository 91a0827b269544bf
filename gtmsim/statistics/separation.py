"""How well a number seen early separates bad futures from good ones.

Scores have shape (draws, replications), NaN where there is nothing to see; a lower score is worse
(turn the sign of one that is worse when it is higher). Replications of a draw share its inputs, so
that the draw is the unit of every error.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from gtmsim.statistics import error
from gtmsim.statistics.error import LEVEL, UNDEFINED, Estimate, Sample

FOLDS = 5
"""Parts of the draws: a threshold that is judged on one was chosen on the others."""

Flags = NDArray[np.bool_]


class Tripwire(NamedTuple):
    """A rule that stops at a score below a threshold, judged on draws that did not choose it."""

    threshold: float
    """Chosen on all draws; NaN where there are no bad or no good futures."""
    caught: Estimate
    """Share of bad futures that it stops."""
    stopped_good: Estimate
    """Share of good futures that it stops."""
    bad_if_stopped: Estimate
    """Probability that a future that it stops is bad."""
    bad_if_kept: Estimate
    """Probability that a future that it does not stop is bad."""


def auc(score: ArrayLike, bad: ArrayLike, level: float = LEVEL) -> Estimate:
    """Probability that a bad future has a worse score than a good one; ties count half.

    Parameters
    ----------
    score
        Shape (draws, replications); lower is worse. NaN is left out.
    bad
        Same shape: 1 where a future is bad, 0 where it is good, NaN where it does not count.
    level
        Confidence level, in (0, 1).

    Returns
    -------
    Estimate
        The interval is that of the logit, from the variance of structural components summed over
        draws; where every bad future is worse than every good one (or none is), Wilson's for as
        many cases as the fewer of the draws that have a bad, and a good, future. Undefined without
        a bad and a good future.

    Source
    ------
    Obuchowski, Nonparametric analysis of clustered ROC curve data, 1997; DeLong et al. 1988.
    """
    scores, is_bad, clusters = _counted(score, bad)
    if not is_bad.any() or is_bad.all():
        return UNDEFINED
    beats_good, beaten = _placements(scores, is_bad)
    value = float(beats_good.mean())
    deviation = np.zeros(len(scores))
    deviation[is_bad] = (beats_good - value) / len(beats_good)
    deviation[~is_bad] = (beaten - value) / len(beaten)
    sums = np.bincount(clusters, deviation)
    sums = sums[np.bincount(clusters) > 0]
    n = len(sums)
    if n < 2:  # noqa: PLR2004  (a variance needs two)
        return Estimate(value, 0.0, 1.0)
    variance = float(sums @ sums) * n / (n - 1.0)
    if variance == 0.0 or not 0.0 < value < 1.0:
        fewer = min(len(np.unique(clusters[is_bad])), len(np.unique(clusters[~is_bad])))
        return Estimate(value, *error.wilson(value, fewer, level))
    half = float(special.stdtrit(n - 1, 0.5 + level / 2.0)) * variance**0.5
    half /= value * (1.0 - value)
    centre = float(special.logit(value))
    return Estimate(value, *map(float, special.expit([centre - half, centre + half])))


def _counted(score: ArrayLike, bad: ArrayLike) -> tuple[Sample, Flags, NDArray[np.int64]]:
    """Scores, badness and draw (with one draw: replication) of the futures that count."""
    scores, events = np.atleast_2d(np.asarray(score, float)), np.atleast_2d(np.asarray(bad, float))
    index = np.indices(scores.shape)[1 if len(scores) == 1 else 0]
    counts = ~np.isnan(scores) & ~np.isnan(events)
    return scores[counts], events[counts] > 0.0, index[counts]


def placements(score: ArrayLike, bad: ArrayLike) -> Sample:
    """Share of good futures that each bad one has a worse score than, ties counting half.

    Parameters
    ----------
    score, bad
        As in `auc`, which is the mean of this.

    Returns
    -------
    ndarray, shape (draws, replications)
        NaN for good futures, for those that do not count, and without a good one.
    """
    scores, events = np.atleast_2d(np.asarray(score, float)), np.atleast_2d(np.asarray(bad, float))
    counts = ~np.isnan(scores) & ~np.isnan(events)
    good, is_bad = counts & (events == 0.0), counts & (events > 0.0)
    shares = np.full(scores.shape, np.nan)
    if good.any():
        ordered = np.sort(scores[good])
        shares[is_bad] = 1.0 - _below(ordered, scores[is_bad]) / len(ordered)
    return shares


def _placements(scores: Sample, is_bad: Flags) -> tuple[Sample, Sample]:
    """Share of good scores that each bad one is worse than, and the reverse of each good one."""
    low, high = np.sort(scores[is_bad]), np.sort(scores[~is_bad])
    above = 1.0 - (_below(high, scores[is_bad]) / len(high))
    below = _below(low, scores[~is_bad]) / len(low)
    return above, below


def _below(ordered: Sample, values: Sample) -> Sample:
    """How many of ordered numbers lie below each value, ties counting half."""
    left, right = (np.searchsorted(ordered, values, side) for side in ("left", "right"))
    return np.asarray(left + right, np.float64) / 2.0


def threshold(score: ArrayLike, bad: ArrayLike, false_alarms: float | None = None) -> float:
    """Score below which a future should be stopped.

    Parameters
    ----------
    score, bad
        As in `auc`.
    false_alarms
        Largest share of good futures that may be stopped, in (0, 1); by default the threshold is
        that of Youden's index, which makes caught less wrongly stopped largest.

    Returns
    -------
    float
        Half-way between two scores; minus infinity where stopping nobody is best, NaN without a bad
        and a good future.

    Source
    ------
    Youden, Index for rating diagnostic tests, 1950.
    """
    scores, is_bad, _ = _counted(score, bad)
    if not is_bad.any() or is_bad.all():
        return np.nan
    values = np.unique(scores)
    cuts = np.concatenate([[-np.inf], (values[1:] + values[:-1]) / 2.0, [np.inf]])
    caught = np.searchsorted(np.sort(scores[is_bad]), cuts) / is_bad.sum()
    wrong = np.searchsorted(np.sort(scores[~is_bad]), cuts) / (~is_bad).sum()
    if false_alarms is None:
        return float(cuts[np.argmax(caught - wrong)])
    return float(cuts[np.flatnonzero(wrong <= false_alarms)[-1]])


def tripwire(
    score: ArrayLike,
    bad: ArrayLike,
    false_alarms: float | None = None,
    level: float = LEVEL,
    folds: int = FOLDS,
) -> Tripwire:
    """Choose a threshold, and judge the choosing on draws that it did not see.

    Parameters
    ----------
    score, bad, false_alarms
        As in `threshold`. A future without a score is never stopped.
    level
        Confidence level of each interval.
    folds
        Parts of the draws; draw d is in part d modulo this.

    Returns
    -------
    Tripwire
        The intervals are those of the judging, the thresholds being what they are.
    """
    scores, events = np.atleast_2d(np.asarray(score, float)), np.atleast_2d(np.asarray(bad, float))
    stopped = np.full(scores.shape, np.nan)
    for held in held_out(len(scores), folds):
        cut = threshold(scores[~held], events[~held], false_alarms)
        stopped[held] = stops(scores[held], cut)
    return Tripwire(threshold(scores, events, false_alarms), *judged(stopped, events, level))


def stops(scores: Sample, cut: float) -> Sample:
    """Which futures a threshold stops: 1 or 0, NaN where there is no threshold."""
    below = np.asarray(scores < cut, np.float64)
    return below if not np.isnan(cut) else np.full(scores.shape, np.nan)


def held_out(n_draws: int, folds: int = FOLDS) -> list[Flags]:
    """Draws of each part, as flags; fewer parts where there are fewer draws."""
    part = np.arange(n_draws) % max(1, min(folds, n_draws))
    return [part == one for one in range(int(part.max(initial=0)) + 1)]


def judged(
    stopped: Sample, bad: Sample, level: float = LEVEL
) -> tuple[Estimate, Estimate, Estimate, Estimate]:
    """Judge stops: caught, good ones stopped, bad if stopped, bad if kept.

    Parameters
    ----------
    stopped
        1 where a future is stopped, 0 where not, NaN where nothing decides; shape (draws,
        replications).
    bad
        1, 0 or NaN; same shape.
    level
        Confidence level.
    """
    counts = ~np.isnan(stopped) & ~np.isnan(bad)
    is_bad, stops = (bad > 0.0) & counts, (stopped > 0.0) & counts
    cases = ((stops, is_bad), (stops, ~is_bad), (is_bad, stops), (is_bad, ~stops))
    caught, wrong, if_stopped, if_kept = (
        error.probability(np.where(given & counts, event, np.nan), level) for event, given in cases
    )
    return caught, wrong, if_stopped, if_kept
