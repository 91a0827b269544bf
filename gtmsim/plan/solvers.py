"""Parameters of families whose quantiles or moments have no closed inverse.

Each solver works on floats and is repeated over arrays once per distinct pair of numbers, since
almost every scenario has one.
"""

from collections.abc import Callable

import numpy as np
from scipy.special import betainc, expit, gammaincinv, gammaln, logit

from gtmsim.plan.structure import Floats

Solver = Callable[[float, float], tuple[float, float]]

_LOG_SHAPES = (np.log(1e-3), np.log(1e6))
_LOGIT_SDS = (1e-6, 60.0)


def solve_each(solver: Solver, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Solve for every pair of ``x`` and ``y``, arrays of one shape; not-a-number where it fails."""
    pairs = np.stack([x, y], axis=-1).reshape(-1, 2)
    distinct, where = np.unique(pairs, axis=0, return_inverse=True)
    solved = np.array([_solved(solver, first, second) for first, second in distinct])
    a, b = solved[where.reshape(-1)].T
    return a.reshape(x.shape), b.reshape(x.shape)


def _root(excess: Callable[[float], float], low: float, high: float, **tolerances: float) -> float:
    """Where a function crosses zero between two numbers."""
    from scipy.optimize import brentq  # noqa: PLC0415  (it takes as long as all else of a start)

    return float(brentq(excess, low, high, **tolerances))


def gamma_from_quantiles(p_low: float, p_high: float) -> Solver:
    """Solver of (shape, scale) for the quantiles at ``p_low`` and ``p_high``."""

    def solve(low: float, high: float) -> tuple[float, float]:
        def excess(log_shape: float) -> float:
            shape = np.exp(log_shape)
            return float(gammaincinv(shape, p_high) * low - gammaincinv(shape, p_low) * high)

        shape = float(np.exp(_root(excess, *_LOG_SHAPES, xtol=1e-13, rtol=1e-14)))
        return shape, high / float(gammaincinv(shape, p_high))

    return solve


def beta_from_quantiles(p_low: float, p_high: float) -> Solver:
    """Solver of (a, b) for the quantiles at ``p_low`` and ``p_high``."""

    def solve(low: float, high: float) -> tuple[float, float]:
        def other(log_a: float) -> float:
            """Logarithm of the b that puts the lower quantile right."""
            return _root(
                lambda log_b: float(betainc(np.exp(log_a), np.exp(log_b), low)) - p_low,
                -30.0,
                30.0,
                xtol=1e-13,
            )

        def excess(log_a: float) -> float:
            return float(betainc(np.exp(log_a), np.exp(other(log_a)), high)) - p_high

        log_a = _root(excess, *_LOG_SHAPES, xtol=1e-12)
        return float(np.exp(log_a)), float(np.exp(other(log_a)))

    return solve


def weibull_from_moments(mean: float, sd: float) -> tuple[float, float]:
    """Shape and scale of the Weibull distribution with this mean and standard deviation."""

    def excess(log_shape: float) -> float:
        power = np.exp(-log_shape)
        log_ratio = gammaln(1.0 + 2.0 * power) - 2.0 * gammaln(1.0 + power)
        return float(log_ratio - np.log1p((sd / mean) ** 2))

    shape = float(np.exp(_root(excess, np.log(0.02), np.log(1e4), xtol=1e-13)))
    return shape, mean / float(np.exp(gammaln(1.0 + 1.0 / shape)))


def logit_normal_from_moments(mean: float, sd: float) -> tuple[float, float]:
    """Mean and sd of the logit of the logit-normal distribution with these moments."""

    def centre(spread: float) -> float:
        """Mean of the logit that puts the mean right."""
        reach = 12.0 * spread + 1.0
        middle = float(logit(mean))
        return _root(
            lambda mu: _logit_normal_moments(mu, spread)[0] - mean,
            middle - reach,
            middle + reach,
            xtol=1e-13,
        )

    def excess(spread: float) -> float:
        return _logit_normal_moments(centre(spread), spread)[1] - sd

    spread = _root(excess, *_LOGIT_SDS, xtol=1e-12)
    return centre(spread), spread


_Z = np.linspace(-12.0, 12.0, 1201)
_WEIGHT = np.exp(-0.5 * _Z**2) * (_Z[1] - _Z[0]) / np.sqrt(2.0 * np.pi)


def _logit_normal_moments(mu: float, sigma: float) -> tuple[float, float]:
    # No closed form; the trapezoidal rule converges geometrically for a normal weight.
    value = expit(mu + sigma * _Z)
    mean = float(_WEIGHT @ value)
    return mean, float(np.sqrt(_WEIGHT @ (value - mean) ** 2))


def _solved(solver: Solver, first: float, second: float) -> tuple[float, float]:
    try:
        return solver(first, second)
    except ValueError:  # no change of sign: such a distribution does not exist in the family
        return np.nan, np.nan
