"""Monte Carlo error: how far a figure may be from what infinitely many futures would give.

Replications of one draw share its uncertain inputs, so they are not independent: the draw is the
unit. Every sample here has shape (draws, replications), NaN where the figure is undefined, and
every interval counts draws, not replications. With a single draw nothing can be said about the
inputs; the error is then that of luck alone, given those inputs, and replications are the unit.

The formulas are those of independent draws. Draws spread evenly over the inputs are better
than that, and the intervals then wider than they need be.
"""

from collections.abc import Iterable
from typing import NamedTuple, Self, SupportsFloat

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Sample = NDArray[np.float64]

LEVEL = 0.95
"""Confidence level of every interval, unless another is asked for."""

_SYMMETRIC = 1e-6
"""Skewness below which an interval is symmetric: the formula's limit, before digits cancel."""


class Estimate(NamedTuple):
    """A figure with its Monte Carlo interval; all three NaN where the figure is undefined."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, ends: Iterable[SupportsFloat]) -> Self:
        """Take value, low and high from what holds them in this order, such as an array."""
        return cls(*map(float, ends))

    @property
    def margin(self) -> float:
        """The larger distance from the figure to an end of its interval."""
        return max(self.high - self.value, self.value - self.low)


UNDEFINED = Estimate(np.nan, np.nan, np.nan)


def mean(sample: ArrayLike, level: float = LEVEL) -> Estimate:
    """Mean over all replications, with a t interval over draws that allows for their skewness.

    Parameters
    ----------
    sample
        Shape (draws, replications); what is not finite is left out.
    level
        Confidence level, in (0, 1).

    Returns
    -------
    Estimate
        Mean of all defined values. The interval uses the variance of a ratio of sums over draws
        (values over how many are defined), which is that of the draw means when every draw has
        as many. Only draws with a value count. Where draws are skewed, the side of the long tail
        gets the longer arm; where they are symmetric, it is the textbook's interval. Infinite with
        fewer than two draws (or two replications, if there is one draw).

    Source
    ------
    Cochran, Sampling Techniques, 1977, 6.3 (ratio estimate) and 9A.2 (clusters);
    Hall, On the removal of skewness by transformation, 1992 (the cubic transformation).
    """
    sums, counts = _sums(sample)
    if not len(counts):
        return UNDEFINED
    value = float(sums.sum() / counts.sum())
    error = _ratio_error(sums, counts, value)
    reach = _t_quantile(len(counts) - 1, level)
    if error == 0.0 or not np.isfinite(error):
        return Estimate(value, value - error, value + error)
    skew = _skewness(sums - value * counts) / float(np.sqrt(len(counts)))
    below, above = error * _unskewed(reach, skew), error * _unskewed(-reach, skew)
    return Estimate(value, value - below, value - above)


def probability(events: ArrayLike, level: float = LEVEL) -> Estimate:
    """Share of replications in which something happens, with a Wilson interval.

    Parameters
    ----------
    events
        Shape (draws, replications); 1 or True where it happens, NaN where it is undefined.
    level
        Confidence level, in (0, 1).

    Returns
    -------
    Estimate
        The interval takes the effective number of independent replications: their number over
        the design effect of the draws, made smaller by what is not known of that effect where few
        draws have the event (or few lack it). Where the share is 0 or 1 the design effect cannot
        be seen, and only the draws count. An event of half weight (0.5) stands for a tie.

    Source
    ------
    Wilson, Probable Inference, the Law of Succession, and Statistical Inference, 1927;
    Korn and Graubard, Confidence intervals for proportions with small expected number of
    positive counts estimated from survey data, 1998 (effective sample size).
    """
    sums, counts = _sums(events)
    if not len(counts):
        return UNDEFINED
    share = float(sums.sum() / counts.sum())
    low, high = wilson(share, cautious_size(events, level), level)
    return Estimate(share, low, high)


def quantile(sample: ArrayLike, q: float, level: float = LEVEL) -> Estimate:
    """Quantile over all replications, with an interval that respects draws.

    Parameters
    ----------
    sample
        Shape (draws, replications); NaN is left out. Infinite values count: a month that is
        never reached is infinite.
    q
        Which quantile, in (0, 1).
    level
        Confidence level, in (0, 1).

    Returns
    -------
    Estimate
        The interval holds the values that a test of their share at or below would not reject:
        its ends are order statistics. An end outside the sample is infinite.

    Source
    ------
    Woodruff, Confidence intervals for medians and other position measures, 1952.
    """
    values = np.asarray(sample, np.float64)
    defined = np.sort(values[~np.isnan(values)])
    if not len(defined):
        return UNDEFINED
    value = _order_statistic(defined, q)
    below = np.where(np.isnan(values), np.nan, values <= value)
    n, n_clusters = len(defined), len(_sums(below)[1])
    half = _t_quantile(n_clusters - 1, level) * np.sqrt(q * (1.0 - q) / effective_size(below))
    low, next_high = (q - half) * n, np.floor((q + half) * n) + 1.0
    return Estimate(
        value,
        _order_statistic(defined, low / n) if low > 0.0 else -np.inf,
        _order_statistic(defined, next_high / n) if next_high <= n else np.inf,
    )


def wilson(share: float, n: float, level: float = LEVEL) -> tuple[float, float]:
    """Interval of a probability seen as ``share`` in ``n`` independent cases.

    Source
    ------
    Wilson, Probable Inference, the Law of Succession, and Statistical Inference, 1927.
    """
    z = float(special.ndtri(0.5 + level / 2.0))
    weight = z * z / n
    centre = (share + weight / 2.0) / (1.0 + weight)
    half = np.sqrt(share * (1.0 - share) * weight + weight * weight / 4.0) / (1.0 + weight)
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def resampled_share(share: float, again: ArrayLike, n_draws: int, level: float = LEVEL) -> Estimate:
    """Share whose error is known from a bootstrap over draws, with an interval within [0, 1].

    Parameters
    ----------
    share
        The figure.
    again
        The same figure of each resample.
    n_draws
        Draws that were resampled.
    level
        Confidence level, in (0, 1).

    Returns
    -------
    Estimate
        The interval is Wilson's at the size that the bootstrap error stands for (at most the
        draws), joined with the bootstrap's own percentiles, which reach 0 or 1 where luck may be
        all there is. So it covers more than it says near 0 and 1 and where luck has most of the
        spread, where either of the two alone covers less.
    """
    shares = np.asarray(again, np.float64)
    low, high = wilson(share, _size_of(share, float(np.var(shares)), n_draws), level)
    tails = np.quantile(shares, [0.5 - level / 2.0, 0.5 + level / 2.0])
    return Estimate(share, min(low, float(tails[0])), max(high, float(tails[1])))


def _size_of(share: float, variance: float, n_draws: int) -> float:
    """Independent cases whose share has this variance, at most the draws."""
    spread = share * (1.0 - share)
    if spread == 0.0 or variance == 0.0:
        return float(n_draws)
    return float(np.clip(spread / variance, 1.0, n_draws))


def effective_size(events: ArrayLike) -> float:
    """Independent replications that tell as much about a probability as these do.

    Parameters
    ----------
    events
        Shape (draws, replications); 1 or True where it happens, NaN where it is undefined.

    Returns
    -------
    float
        Between the number of draws and the number of replications; the number of draws where the
        share is 0 or 1.
    """
    sums, counts = _sums(events)
    n, n_clusters = float(counts.sum()), float(len(counts))
    share = sums.sum() / n
    variance = _ratio_error(sums, counts, share) ** 2
    if share * (1.0 - share) == 0.0 or variance == 0.0 or not np.isfinite(variance):
        return n_clusters
    return float(np.clip(share * (1.0 - share) / variance, n_clusters, n))


def cautious_size(events: ArrayLike, level: float = LEVEL) -> float:
    """Effective size, for a design effect known from as many draws as differ from the others.

    A variance seen in k draws has k - 1 degrees of freedom; the size shrinks as if Student's t took
    the place of the normal, down to the number of draws.
    """
    sums, counts = _sums(events)
    telling = min(np.count_nonzero(sums > 0.0), np.count_nonzero(sums < counts))
    normal = float(special.ndtri(0.5 + level / 2.0))
    factor = (normal / _t_quantile(int(telling) - 1, level)) ** 2
    return max(float(len(counts)), effective_size(events) * factor)


def _sums(sample: ArrayLike) -> tuple[Sample, NDArray[np.int64]]:
    """Sum and number of finite values of each draw that has one.

    With a single draw, of each replication.
    """
    values = np.atleast_2d(np.asarray(sample, np.float64))
    clusters = values.reshape(-1, 1) if len(values) == 1 else values
    finite = np.isfinite(clusters)
    counts = finite.sum(1)
    sums = np.where(finite, clusters, 0.0).sum(1)
    return sums[counts > 0], counts[counts > 0]


def _ratio_error(sums: Sample, counts: NDArray[np.int64], ratio: float) -> float:
    """Error (one standard deviation) of sum(sums) / sum(counts) over independent clusters."""
    n = len(counts)
    if n < 2:  # noqa: PLR2004  (a variance needs two)
        return np.inf
    residuals = sums - ratio * counts
    return float(np.sqrt(residuals @ residuals * n / (n - 1.0)) / float(counts.sum()))


def _skewness(residuals: Sample) -> float:
    """Third standardised moment of residuals whose mean is 0."""
    second = float(np.mean(residuals**2))
    return float(np.mean(residuals**3)) / second**1.5 if second > 0.0 else 0.0


def _unskewed(t: float, skew: float) -> float:
    """Studentised deviation of a skewed mean that stands for the symmetric ``t``.

    ``skew`` is the skewness over the square root of the number of draws.
    """
    if abs(skew) < _SYMMETRIC:
        return t
    return float(np.cbrt(1.0 + skew * (t - skew / 6.0)) - 1.0) * 3.0 / skew


def _t_quantile(freedom: int, level: float) -> float:
    return float(special.stdtrit(freedom, 0.5 + level / 2.0)) if freedom > 0 else np.inf


def _order_statistic(ordered: Sample, q: float) -> float:
    """Smallest value with at least a share ``q`` of the values at or below it."""
    index = int(np.ceil(q * len(ordered) - 1e-9)) - 1
    return float(ordered[min(max(index, 0), len(ordered) - 1)])
