"""Each form in which a scenario states a distribution, read as native parameters."""

from collections.abc import Callable, Mapping
from math import inf

import numpy as np

from gtmsim.draws import families
from gtmsim.plan.distributions import (
    Native,
    Number,
    beta_over_customers,
    from_moments,
    from_quantiles,
    truncated,
    unless_degenerate,
)
from gtmsim.scenario.distributions import Distribution

Parameters = Mapping[str, Number]

P10, MEDIAN, P90 = 0.1, 0.5, 0.9
LOG_GROWTH = "log_growth"
LOG_GROWTH_SHIFT = -1.0
"""A log-growth variate is a lognormal one plus this."""


def native_of(distribution: Distribution, parameters: Parameters) -> Native:
    """Native parameters of a distribution, in the unit of its key.

    Parameters
    ----------
    distribution
        Gives the family, the form and the truncation. Of ``log_growth`` the result is that of the
        growth factor, 1 + growth.
    parameters
        By name; those that are uncertain as arrays over draws.
    """
    shift = shift_of(distribution)
    moved = {name: value - shift if name in _MOVED else value for name, value in parameters.items()}
    native = _untruncated(family_of(distribution), distribution.form, moved)
    low = None if distribution.low == -inf else distribution.low - shift
    high = None if distribution.high == inf else distribution.high - shift
    return truncated(native, low, high)


def family_of(distribution: Distribution) -> int:
    """Code of the family."""
    is_growth = distribution.family == LOG_GROWTH
    return families.LOGNORMAL if is_growth else families.FAMILIES[distribution.family]


def shift_of(distribution: Distribution) -> float:
    """Tell what is added to each variate."""
    return LOG_GROWTH_SHIFT if distribution.family == LOG_GROWTH else 0.0


_MOVED = frozenset({"p10", "median", "p90", "mean"})


def _untruncated(family: int, form: tuple[str, ...], said: Parameters) -> Native:
    if form == ("p10", "p90"):
        return from_quantiles(family, (P10, said["p10"]), (P90, said["p90"]))
    if form == ("median", "p90"):
        return from_quantiles(family, (MEDIAN, said["median"]), (P90, said["p90"]))
    if form == ("mean", "sd"):
        return from_moments(family, said["mean"], said["sd"])
    return _NATIVE[form](family, *(said[name] for name in form))


def _by_sigma(family: int, mu: Number, sigma: Number) -> Native:
    middle = np.exp(mu) if family == families.LOGNORMAL else 1.0 / (1.0 + np.exp(-np.asarray(mu)))
    return unless_degenerate(Native(float(family), mu, sigma), middle, np.asarray(sigma) > 0.0)


def _by_median(family: int, median: Number, sigma: Number) -> Native:
    return _by_sigma(family, np.log(median), sigma)


def _by_mean(family: int, mean: Number) -> Native:
    return unless_degenerate(Native(float(family), mean), 0.0, np.asarray(mean) > 0.0)


def _by_scale(family: int, shape: Number, scale: Number) -> Native:
    return unless_degenerate(Native(float(family), shape, scale), 0.0, np.asarray(scale) > 0.0)


def _by_concentration(_: int, mean: Number, concentration: Number) -> Native:
    return beta_over_customers(mean * concentration, (1.0 - mean) * concentration)


def _by_ends(family: int, low: Number, high: Number) -> Native:
    return unless_degenerate(Native(float(family), low, high), low, np.asarray(high) > low)


def _by_mode(family: int, low: Number, mode: Number, high: Number) -> Native:
    top = np.maximum(low, high)
    native = Native(float(family), low, top, np.clip(mode, low, top))
    return unless_degenerate(native, low, np.asarray(high) > low)


_NATIVE: dict[tuple[str, ...], Callable[..., Native]] = {
    ("mu", "sigma"): _by_sigma,
    ("median", "sigma"): _by_median,
    ("mean",): _by_mean,
    ("shape", "scale"): _by_scale,
    ("alpha", "beta"): lambda _, alpha, beta: beta_over_customers(alpha, beta),
    ("mean", "concentration"): _by_concentration,
    ("low", "high"): _by_ends,
    ("low", "mode", "high"): _by_mode,
}
