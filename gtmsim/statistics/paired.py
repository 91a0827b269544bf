"""Comparing options on the same luck: future by future, and by the mean of each draw.

A sample of shape (draws, replications) holds an option's figure in every future; the same place of
another option's sample is the same draw and the same luck. Larger is better: give a cost with its
sign turned. A future in which either is undefined is left out and counted.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from gtmsim.errors import AnalysisError
from gtmsim.statistics import error
from gtmsim.statistics.error import LEVEL, UNDEFINED, Estimate, Sample
from gtmsim.statistics.nested import denoised, draw_means, resampled

N_MAX_T = 2_000
"""Resamples of the largest deviation; its 95 % point is then known to 2 % or so."""

ROUNDING = 1e-12
"""Part of a mean up to which its standard error is that of the arithmetic."""

NO_ERROR = 1e-6
"""Part of a mean's standard error up to which a resample's draws are alike."""

N_AT_ONCE = 2_000_000
"""Weights of resampled draws that are held in memory together."""


class Paired(NamedTuple):
    """What an option brings over a base on the same luck."""

    difference: Estimate
    """Mean of option - base."""
    p5: Estimate
    p50: Estimate
    p95: Estimate
    better: Estimate
    """Probability that a future is better with the option; a tie counts half."""
    more: Estimate
    """Probability that a future has more with the option; ties do not count."""
    same: Estimate
    """Probability of a tie."""
    less: Estimate
    """Probability that a future has less with the option; the three sum to 1."""
    better_draw: Estimate
    """Probability, over what we do not know, that the option is better on average over luck.

    NaN where every draw has one replication: inputs and luck cannot be told apart.
    """
    variance_reduction: Estimate
    """Variance of a difference of independent runs over that of this one."""
    n_undefined: int
    """Futures left out, because one of the two is undefined."""
    n_different: int
    """Futures in which the two are not the same."""


class Comparison(NamedTuple):
    """One pair among several, with what is left of its evidence when all are looked at."""

    base: int
    option: int
    difference: Estimate
    """Simultaneous: all intervals hold together with the level asked for."""
    better: Estimate
    """For this pair alone."""
    p_value: float
    """Of no difference in the odds of being better, corrected by Holm for all pairs."""


def compare(
    base: ArrayLike, option: ArrayLike, level: float = LEVEL, events: bool = False
) -> Paired:
    """Compare two options whose samples share their luck.

    Parameters
    ----------
    base, option
        Shape (draws, replications) each; NaN where undefined. Infinite values (a month never
        reached) count in quantiles and in ``better``, not in means.
    level
        Confidence level of each interval, in (0, 1).
    events
        Whether the samples are 1 or 0: something happens or not.

    Returns
    -------
    Paired

    Raises
    ------
    AnalysisError
        If the shapes differ or no future has both.
    """
    before, after = _pair(base, option)
    change = _difference(before, after)
    return Paired(
        difference=_mean_change(before, after, level, events),
        p5=error.quantile(change, 0.05, level),
        p50=error.quantile(change, 0.5, level),
        p95=error.quantile(change, 0.95, level),
        better=error.probability(_wins(before, after), level),
        **_three_shares(_wins(before, after), level),
        better_draw=better_on_average(change, level),
        variance_reduction=variance_reduction(before, after, level),
        n_undefined=int((np.isnan(before) | np.isnan(after)).sum()),
        n_different=int(np.count_nonzero(np.abs(_wins(before, after) - 0.5) > 0.0)),
    )


def difference_of_odds(base: ArrayLike, option: ArrayLike, level: float = LEVEL) -> Estimate:
    """Difference of the odds of an event with an option and with a base, on the same luck.

    Parameters
    ----------
    base, option
        Shape (draws, replications) each; 1 where it happens, 0 where not, NaN where undefined.
    level
        Confidence level, in (0, 1).

    Returns
    -------
    Estimate
        Share of futures in which it happens with the option alone less that with the base alone,
        as of `shift_of_odds`.
    """
    before, after = _pair(base, option)
    return shift_of_odds(np.sign(after - before), level)


def shift_of_odds(shift: ArrayLike, level: float = LEVEL) -> Estimate:
    """Mean of what brings or takes an event, future by future.

    Parameters
    ----------
    shift
        Shape (draws, replications): 1 where it brings the event, -1 where it takes it, between
        where that is an average over orders; NaN where undefined.
    level
        Confidence level, in (0, 1).

    Returns
    -------
    Estimate
        What is brought less what is taken. The own intervals of both (`error.probability`) are
        joined by the root of their squares with the correlation of shares that exclude each other.
        So it is known, and not 0, also where the event is moved in few futures or in none.

    Source
    ------
    Newcombe, Improved confidence intervals for the difference between binomial proportions based on
    paired data, 1998; Zou and Donner, Construction of confidence limits about effect measures, 2008
    (the method: variance estimates recovered from the two intervals).
    """
    moved = np.asarray(shift, np.float64)
    gained, lost = (error.probability(np.maximum(one, 0.0), level) for one in (moved, -moved))
    product = gained.value * lost.value
    others = (1.0 - gained.value) * (1.0 - lost.value)
    tie = np.sqrt(product / others) if others > 0.0 else 0.0

    def arm(one: float, other: float) -> float:
        return float(np.sqrt(one * one + other * other + 2.0 * tie * one * other))

    value = gained.value - lost.value
    below = arm(gained.value - gained.low, lost.high - lost.value)
    above = arm(gained.high - gained.value, lost.value - lost.low)
    return Estimate(value, max(-1.0, value - below), min(1.0, value + above))


def better_on_average(change: ArrayLike, level: float = LEVEL, seed: int = 0) -> Estimate:
    """Probability that a draw's true mean difference is above zero.

    The mean over a few replications scatters around a draw's true mean, so that the plain share of
    positive means lies too close to a half. The means are first shrunk to the spread of the true
    ones (`nested.denoised`); exact where both luck and true means are normal.

    Parameters
    ----------
    change
        Option - base, shape (draws, replications); what is not finite is left out.
    level
        Confidence level, in (0, 1).
    seed
        Of the bootstrap over draws.

    Returns
    -------
    Estimate
        The interval is that of `error.resampled_share`. NaN where no draw has two replications or
        nothing is defined.
    """
    finite = np.where(np.isfinite(change), np.asarray(change, np.float64), np.nan)
    if np.isnan(finite).all():
        return UNDEFINED
    means = draw_means(finite[None])
    if np.isnan(means.luck).any():
        return UNDEFINED
    n_draws = means.values.shape[1]
    share = float(_share_above(means.values, means.luck.mean(0)))
    index = resampled(n_draws, seed)
    shares = _share_above(means.values[0][index][:, None], means.luck[index].mean(1))
    return error.resampled_share(share, shares, n_draws, level)


def variance_reduction(base: ArrayLike, option: ArrayLike, level: float = LEVEL) -> Estimate:
    """How many times more draws independent runs would need for the same error.

    Parameters
    ----------
    base, option
        Shape (draws, replications) each; futures that are not finite in both are left out.
    level
        Confidence level, in (0, 1).

    Returns
    -------
    Estimate
        Variance over draws of the two means together over that of their difference. The interval
        is that of its logarithm (delta method over draws). Infinite where the options never
        differ; NaN where neither varies.

    Raises
    ------
    AnalysisError
        If the shapes differ or no future has both.
    """
    before, after = _pair(base, option)
    both = np.isfinite(before) & np.isfinite(after)
    if not both.any():
        return UNDEFINED
    before, after = np.where(both, before, np.nan), np.where(both, after, np.nan)
    if len(before) == 1:
        before, after = before.T, after.T
    first, second = draw_means([before, after]).values
    return _variance_ratio(first, second, level)


def compare_all(
    samples: Sequence[ArrayLike] | Sample,
    base: int | None = None,
    level: float = LEVEL,
    seed: int = 0,
    events: bool = False,
) -> tuple[Comparison, ...]:
    """Compare several options, so that all statements hold together.

    Intervals of the differences are widened by the distribution of the largest of their deviations
    over draws (max-t, bootstrap): it uses how strongly differences move together on one luck, which
    Bonferroni and Holm ignore, and needs no normality. Odds of being better are shares, of which
    some are 0 or 1 and have no variance to bootstrap; their p-values get Holm's correction, which
    holds for any dependence. For the same reason differences of the odds of an event get
    Bonferroni's.

    Parameters
    ----------
    samples
        Options, shape (options, draws, replications); NaN where undefined.
    base
        The option that all others are compared with; by default every pair is.
    level
        Confidence level of all intervals together, in (0, 1).
    seed
        Of the bootstrap over draws.
    events
        Whether the samples are 1 or 0: something happens or not.

    Returns
    -------
    tuple of Comparison
        In the order of the options. A pair that no future has is undefined, and widens no other.

    Raises
    ------
    AnalysisError
        If there are fewer than two options, their shapes differ or no pair has a future.

    Source
    ------
    Romano and Wolf, Exact and approximate stepdown methods for multiple hypothesis testing, 2005;
    Holm, A simple sequentially rejective multiple test procedure, 1979.
    """
    pairs = _pairs(len(samples), base)
    defined = [pair for pair in pairs if _have_futures(*(samples[n] for n in pair))]
    sides = [_pair(samples[first], samples[second]) for first, second in defined or pairs[:1]]
    changes = [_difference(*side) for side in sides]
    odds = [error.probability(_wins(*side), level) for side in sides]
    corrected = holm(
        [_p_value(_wins(*side), odd.value) for side, odd in zip(sides, odds, strict=True)]
    )
    if events or len(sides) == 1:  # of one there is nothing to correct for
        each = 1.0 - (1.0 - level) / len(sides)
        intervals = tuple(_mean_change(*side, each, events) for side in sides)
    else:
        intervals = simultaneous(changes, level, seed)
    found = {
        pair: Comparison(*pair, interval, odd, float(p))
        for pair, interval, odd, p in zip(defined, intervals, odds, corrected, strict=True)
    }
    return tuple(
        found.get(pair) or Comparison(*pair, UNDEFINED, UNDEFINED, float("nan")) for pair in pairs
    )


def simultaneous(
    changes: Sequence[ArrayLike], level: float = LEVEL, seed: int = 0
) -> tuple[Estimate, ...]:
    """Means with intervals that all hold together.

    Parameters
    ----------
    changes
        Differences, shape (draws, replications) each, of the same draws; what is not finite is left
        out.
    level
        Confidence level of all together, in (0, 1).
    seed
        Of the bootstrap over draws.

    Returns
    -------
    tuple of Estimate
        Symmetric; NaN where a difference is undefined.
    """
    sums, counts = _sums(changes)
    totals = counts.sum(1)
    with np.errstate(invalid="ignore"):
        means = sums.sum(1) / totals
    # Around the means: of large figures that hardly vary, squares would be rounding and no more.
    around = sums - counts * means[:, None]
    errors = _errors(around, counts, np.zeros(len(means)), np.ones((1, sums.shape[1])))[0]
    errors = np.where(errors <= ROUNDING * np.abs(means), 0.0, errors)
    reach = _largest_deviation(around, counts, errors, level, seed)
    varies = (errors > 0.0) & (errors < np.inf)
    margins = np.multiply(reach, errors, out=np.where(errors == 0.0, 0.0, np.inf), where=varies)
    return tuple(
        Estimate(float(mean), float(mean - margin), float(mean + margin))
        for mean, margin in zip(means, margins, strict=True)
    )


def holm(p_values: ArrayLike) -> Sample:
    """Correct p-values of several tests, so that any false rejection is as rare as one alone.

    Parameters
    ----------
    p_values
        Shape (tests,); NaN is no test.

    Returns
    -------
    Array
        Shape (tests,).

    Source
    ------
    Holm, A simple sequentially rejective multiple test procedure, 1979.
    """
    values = np.asarray(p_values, np.float64)
    order = np.argsort(values)[: int(np.isfinite(values).sum())]
    steps = values[order] * np.arange(len(order), 0, -1)
    corrected = np.full(len(values), np.nan)
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(steps))
    return corrected


def _have_futures(base: ArrayLike, option: ArrayLike) -> bool:
    before, after = np.asarray(base, np.float64), np.asarray(option, np.float64)
    if before.shape != after.shape:
        return True  # refused where they are paired
    return not (np.isnan(before) | np.isnan(after)).all()


def _pair(base: ArrayLike, option: ArrayLike) -> tuple[Sample, Sample]:
    before = np.atleast_2d(np.asarray(base, np.float64))
    after = np.atleast_2d(np.asarray(option, np.float64))
    if before.shape != after.shape:
        raise AnalysisError(
            f"options of different draws and replications cannot be paired: {before.shape} and "
            f"{after.shape}; simulate both with the same counts"
        )
    if (np.isnan(before) | np.isnan(after)).all():
        raise AnalysisError("no future in which both options are defined: nothing to compare")
    return before, after


def _difference(before: Sample, after: Sample) -> Sample:
    """``after - before``; undefined where both are the same infinity."""
    with np.errstate(invalid="ignore"):
        change: Sample = after - before
    return change


def _mean_change(before: Sample, after: Sample, level: float, events: bool) -> Estimate:
    """Mean difference of one pair, with an interval of its own."""
    if events:
        return difference_of_odds(before, after, level)
    return error.mean(_difference(before, after), level)


def _wins(before: Sample, after: Sample) -> Sample:
    wins = (after > before) + 0.5 * (after == before)
    return np.where(np.isnan(before) | np.isnan(after), np.nan, wins)


def _three_shares(wins: Sample, level: float) -> dict[str, Estimate]:
    """Shares of futures with more, the same and less; NaN in ``wins`` is left out."""
    outcomes = {"more": 1.0, "same": 0.5, "less": 0.0}
    return {
        name: error.probability(np.where(np.isnan(wins), np.nan, wins == outcome), level)
        for name, outcome in outcomes.items()
    }


def _share_above(means: Sample, luck: Sample) -> Sample:
    """Share of denoised means above zero; shape (..., 1, draws) to (...)."""
    true = denoised(means, luck)[..., 0, :]
    return np.asarray(((true > 0.0) + 0.5 * (true == 0.0)).mean(-1))


def _variance_ratio(first: Sample, second: Sample, level: float) -> Estimate:
    squares = [(x - x.mean()) ** 2 for x in (first, second, second - first)]
    apart, together = squares[0] + squares[1], squares[2]
    if apart.sum() == 0.0:
        return UNDEFINED
    if together.sum() == 0.0:
        return Estimate(np.inf, np.inf, np.inf)
    ratio = float(apart.sum() / together.sum())
    influence = apart / apart.mean() - together / together.mean()
    n = len(influence)
    reach = float(special.stdtrit(n - 1, 0.5 + level / 2.0)) if n > 1 else np.inf
    factor = float(np.exp(reach * np.std(influence) / np.sqrt(n)))
    return Estimate(ratio, ratio / factor, ratio * factor)


def _pairs(n_options: int, base: int | None) -> list[tuple[int, int]]:
    if n_options < 2:  # noqa: PLR2004  (a comparison needs two)
        raise AnalysisError("a comparison needs at least two options")
    if base is None:
        return list(combinations(range(n_options), 2))
    return [(base, option) for option in range(n_options) if option != base]


def _p_value(wins: Sample, share: float) -> float:
    """Two-sided, of a share of one half; rejects where Wilson's interval leaves out a half."""
    z = abs(share - 0.5) * 2.0 * np.sqrt(error.cautious_size(wins))
    return float(2.0 * special.ndtr(-z))


def _sums(changes: Sequence[ArrayLike]) -> tuple[Sample, Sample]:
    """Sum and number of finite values by draw, shape (changes, draws)."""
    values = np.array(changes, np.float64, ndmin=3)
    if values.shape[1] == 1:
        values = values.transpose(0, 2, 1)
    finite = np.isfinite(values)
    return np.where(finite, values, 0.0).sum(2), finite.sum(2).astype(np.float64)


def _errors(sums: Sample, counts: Sample, means: Sample, weights: Sample) -> Sample:
    """Find the standard error of each mean when draws have these weights.

    ``means`` has shape (changes,) or (resamples, changes), the result the latter.
    """
    squares = weights @ (sums**2).T - 2.0 * means * (weights @ (sums * counts).T)
    squares += means**2 * (weights @ (counts**2).T)
    n = weights @ (counts > 0.0).T
    with np.errstate(divide="ignore", invalid="ignore"):
        errors: Sample = np.sqrt(np.maximum(squares, 0.0) * n / (n - 1.0)) / (weights @ counts.T)
    return np.where(n > 1.0, errors, np.inf)


def _largest_deviation(
    around: Sample, counts: Sample, errors: Sample, level: float, seed: int
) -> float:
    """Studentised deviation that no mean exceeds with probability ``level``.

    Parameters
    ----------
    around, counts
        Sums less the means and numbers of values by draw, shape (changes, draws).
    errors
        Standard error of each mean; one without any takes no part.
    """
    telling = []
    for weights in _weights(around.shape[1], seed):
        with np.errstate(invalid="ignore", divide="ignore"):
            apart = (weights @ around.T) / (weights @ counts.T)
            scale = _errors(around, counts, apart, weights)
            # Infinite where a resample holds no draws that differ: with few such draws the reach is
            # then unknown.
            deviations = np.abs(apart) / np.where(scale <= NO_ERROR * errors, 0.0, scale)
        takes_part = ~np.isnan(deviations) & (errors > 0.0) & (errors < np.inf)
        telling.append(np.where(takes_part, deviations, 0.0).max(1))
    return float(np.quantile(np.concatenate(telling), level, method="higher"))


def _weights(n_draws: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """Count how often each draw is taken, shape (resamples, draws), some resamples at a time."""
    generator = np.random.default_rng(seed)
    at_once = min(N_MAX_T, max(1, N_AT_ONCE // n_draws))
    for first in range(0, N_MAX_T, at_once):
        n = min(at_once, N_MAX_T - first)
        index = generator.integers(n_draws, size=(n, n_draws))
        cells = (np.arange(n)[:, None] * n_draws + index).ravel()
        counted = np.bincount(cells, minlength=n * n_draws)
        yield counted.reshape(n, n_draws).astype(np.float64)
