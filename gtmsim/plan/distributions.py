"""From what a user says of a distribution to the native parameters that the draws read.

Numbers are floats, or arrays over draws where they are themselves uncertain. A spread of zero (or
less, which independent uncertain parameters can give) leaves the lower number, fixed.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import logit, ndtri

from gtmsim.draws import families
from gtmsim.draws.cumulative import distribution_cdf
from gtmsim.draws.tables import LARGEST_SHAPE, SMALLEST_SHAPE
from gtmsim.plan import solvers
from gtmsim.plan.structure import Flags, Floats

Number = float | Floats


class Native(NamedTuple):
    """A distribution by the parameters of ``gtmsim.draws.families``.

    The family differs between draws only where a degenerate one is fixed.
    """

    family: Number
    a: Number
    b: Number = 0.0
    mode: Number = 0.0
    u_low: Number = 0.0
    u_high: Number = 1.0


def fixed(value: Number) -> Native:
    """Write a number that does not vary as a distribution."""
    return Native(float(families.FIXED), value)


def as_shares(parts: Sequence[Number]) -> list[Number]:
    """Parts of a whole, made to sum to 1 in each draw."""
    total = np.maximum(sum(parts), np.finfo(np.float64).tiny)
    return [part / total for part in parts]


def unless_degenerate(native: Native, value: Number, spread: Flags) -> Native:
    """``native`` where ``spread`` holds, else fixed at ``value``."""
    if np.all(spread):
        return native
    parts = zip(native, fixed(value), strict=True)
    return Native(*(np.where(spread, part, plain) for part, plain in parts))


def from_quantiles(family: int, low: tuple[float, Number], high: tuple[float, Number]) -> Native:
    """Distribution of a family through two quantiles.

    Parameters
    ----------
    family
        Any of two parameters but the triangular.
    low, high
        (probability, quantile); the first is the lower.

    Raises
    ------
    KeyError
        For a family that two quantiles do not determine.
    """
    (p_low, x_low), (p_high, x_high) = low, high
    x = np.asarray(x_low, np.float64), np.asarray(x_high, np.float64)
    with np.errstate(all="ignore"):
        a, b = _FROM_QUANTILES[family](p_low, p_high, *np.broadcast_arrays(*x))
    return unless_degenerate(Native(float(family), a, b), x[0], x[1] > x[0])


def from_moments(family: int, mean: Number, sd: Number) -> Native:
    """Distribution of a family with this mean and standard deviation.

    Raises
    ------
    KeyError
        For a family that the two do not determine.
    """
    x = np.asarray(mean, np.float64), np.asarray(sd, np.float64)
    with np.errstate(all="ignore"):
        a, b = _FROM_MOMENTS[family](*np.broadcast_arrays(*x))
    return unless_degenerate(Native(float(family), a, b), x[0], x[1] > 0.0)


def beta_over_customers(alpha: Number, beta: Number) -> Native:
    """Beta distribution; all at 0 or at 1 where a parameter is 0."""
    a, b = np.broadcast_arrays(np.asarray(alpha, np.float64), np.asarray(beta, np.float64))
    ends = np.where(a > 0.0, 1.0, 0.0)
    return unless_degenerate(Native(float(families.BETA), a, b), ends, (a > 0.0) & (b > 0.0))


def truncated(native: Native, low: Number | None, high: Number | None) -> Native:
    """Restrict a distribution to [low, high]; where it has no mass there, fix the nearer bound."""
    if low is None and high is None:
        return native
    lower = np.float64(-np.inf) if low is None else np.asarray(low, np.float64)
    upper = np.float64(np.inf) if high is None else np.asarray(high, np.float64)
    u_low, u_high = probability_below(native, lower), probability_below(native, upper)
    within = native._replace(u_low=u_low, u_high=u_high)
    nearest = np.where(u_high > 0.0, lower, upper)  # no mass: both are 0, or both are 1
    is_fixed = np.asarray(native.family) == families.FIXED
    value = np.where(is_fixed, np.clip(native.a, lower, upper), nearest)
    return unless_degenerate(within, value, ~is_fixed & (u_high > u_low))


def scaled(native: Native, factor: float) -> Native:
    """Express a distribution in another unit: every variate times ``factor``.

    Raises
    ------
    KeyError
        For a family that lives on [0, 1] only.
    """
    if factor == 1.0:
        return native
    families_here = np.unique(np.asarray(native.family)).astype(int)
    out = native
    for family in families_here:
        part = _SCALED[int(family)](native, factor)
        here = np.asarray(native.family) == family
        out = Native(*(np.where(here, new, old) for new, old in zip(part, out, strict=True)))
    return out


def within_tables(native: Native) -> Native:
    """Keep the shapes of a beta or gamma distribution where its quantile table is accurate.

    A beta keeps its mean, a gamma too.
    """
    is_beta = np.asarray(native.family) == families.BETA
    is_gamma = np.asarray(native.family) == families.GAMMA
    if not (is_beta.any() or is_gamma.any()):
        return native
    a, b = np.asarray(native.a, np.float64), np.asarray(native.b, np.float64)
    with np.errstate(all="ignore"):
        smallest = np.where(is_beta, np.minimum(a, b), a)
        largest = np.where(is_beta, np.maximum(a, b), a)
        factor = np.maximum(1.0, SMALLEST_SHAPE / smallest)
        factor = np.minimum(factor, LARGEST_SHAPE / largest)
    new_a = np.where(is_beta | is_gamma, np.clip(a * factor, SMALLEST_SHAPE, LARGEST_SHAPE), a)
    beta_b = np.clip(b * factor, SMALLEST_SHAPE, LARGEST_SHAPE)
    new_b = np.where(is_beta, beta_b, np.where(is_gamma, b / factor, b))
    return native._replace(a=new_a, b=new_b)


def probability_below(native: Native, x: Number) -> Floats:
    """P(X <= x) of the distribution without its truncation."""
    family, a, b, mode, at = np.broadcast_arrays(*native[:4], x)
    below = np.zeros(family.shape)
    for one in np.unique(family):
        below = np.where(family == one, distribution_cdf(int(one), a, b, at, mode), below)
    return below


# From two quantiles: (p_low, p_high, low, high) -> (a, b).

_Pair = tuple[Floats, Floats]
_QuantileRule = Callable[[float, float, Floats, Floats], _Pair]


def _line(z_low: float, z_high: float, y_low: Floats, y_high: Floats) -> _Pair:
    """Intercept and slope of y over z."""
    slope = (y_high - y_low) / (z_high - z_low)
    return y_low - slope * z_low, slope


def _uniform(p_low: float, p_high: float, low: Floats, high: Floats) -> _Pair:
    start, width = _line(p_low, p_high, low, high)
    return start, start + width


def _normal(p_low: float, p_high: float, low: Floats, high: Floats) -> _Pair:
    return _line(ndtri(p_low), ndtri(p_high), low, high)


def _lognormal(p_low: float, p_high: float, low: Floats, high: Floats) -> _Pair:
    return _line(ndtri(p_low), ndtri(p_high), np.log(low), np.log(high))


def _logit_normal(p_low: float, p_high: float, low: Floats, high: Floats) -> _Pair:
    return _line(ndtri(p_low), ndtri(p_high), logit(low), logit(high))


def _weibull(p_low: float, p_high: float, low: Floats, high: Floats) -> _Pair:
    z_low, z_high = (float(np.log(-np.log1p(-p))) for p in (p_low, p_high))
    log_scale, inverse_shape = _line(z_low, z_high, np.log(low), np.log(high))
    return 1.0 / inverse_shape, np.exp(log_scale)


def _beta(p_low: float, p_high: float, low: Floats, high: Floats) -> _Pair:
    return solvers.solve_each(solvers.beta_from_quantiles(p_low, p_high), low, high)


def _gamma(p_low: float, p_high: float, low: Floats, high: Floats) -> _Pair:
    return solvers.solve_each(solvers.gamma_from_quantiles(p_low, p_high), low, high)


_FROM_QUANTILES: dict[int, _QuantileRule] = {
    families.UNIFORM: _uniform,
    families.NORMAL: _normal,
    families.LOGNORMAL: _lognormal,
    families.WEIBULL: _weibull,
    families.LOGIT_NORMAL: _logit_normal,
    families.BETA: _beta,
    families.GAMMA: _gamma,
}


# From moments: (mean, sd) -> (a, b).

_MomentRule = Callable[[Floats, Floats], _Pair]


def _lognormal_moments(mean: Floats, sd: Floats) -> _Pair:
    variance = np.log1p((sd / mean) ** 2)
    return np.log(mean) - 0.5 * variance, np.sqrt(variance)


def _beta_moments(mean: Floats, sd: Floats) -> _Pair:
    concentration = mean * (1.0 - mean) / sd**2 - 1.0
    return mean * concentration, (1.0 - mean) * concentration


_FROM_MOMENTS: dict[int, _MomentRule] = {
    families.UNIFORM: lambda mean, sd: (mean - np.sqrt(3.0) * sd, mean + np.sqrt(3.0) * sd),
    families.NORMAL: lambda mean, sd: (mean, sd),
    families.LOGNORMAL: _lognormal_moments,
    families.WEIBULL: lambda mean, sd: solvers.solve_each(solvers.weibull_from_moments, mean, sd),
    families.LOGIT_NORMAL: lambda mean, sd: solvers.solve_each(
        solvers.logit_normal_from_moments, mean, sd
    ),
    families.BETA: _beta_moments,
    families.GAMMA: lambda mean, sd: ((mean / sd) ** 2, sd**2 / mean),
}


# Another unit.

_ScaleRule = Callable[[Native, float], Native]


def _by_scale(native: Native, factor: float) -> Native:
    return native._replace(b=native.b * factor)


def _by_both(native: Native, factor: float) -> Native:
    return native._replace(a=native.a * factor, b=native.b * factor, mode=native.mode * factor)


_SCALED: dict[int, _ScaleRule] = {
    families.FIXED: lambda native, factor: native._replace(a=native.a * factor),
    families.UNIFORM: _by_both,
    families.NORMAL: _by_both,
    families.LOGNORMAL: lambda native, factor: native._replace(a=native.a + np.log(factor)),
    families.EXPONENTIAL: lambda native, factor: native._replace(a=native.a * factor),
    families.WEIBULL: _by_scale,
    families.GAMMA: _by_scale,
    families.TRIANGULAR: _by_both,
}
