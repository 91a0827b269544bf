"""Distributions as records of numbers, drawn by inverting their distribution function.

A distribution is `DIST_WIDTH` consecutive floats, [family, a, b, table, u_low, u_high]:

=============  =========  ==========  ====================================
family         a          b           table
=============  =========  ==========  ====================================
FIXED          value      --          --
UNIFORM        low        high        --
NORMAL         mean       sd          --
LOGNORMAL      mu         sigma       --            (of the logarithm)
EXPONENTIAL    mean       --          --
WEIBULL        shape      scale       --
LOGIT_NORMAL   mean       sd          --            (of the logit)
BETA           a          b           offset of its table
GAMMA          shape      scale       offset of the unit-scale table
TRIANGULAR     low        high        mode
=============  =========  ==========  ====================================

A truncated distribution has the uniform mapped to u_low + u * (u_high - u_low) first; u_low = 0
and u_high = 1 leave every bit of the uniform alone.
"""

import numpy as np
import numpy.typing as npt

from gtmsim.draws.elementary import exp, log, logistic, normal_quantile, power
from gtmsim.draws.tables import beta_quantile, gamma_quantile
from gtmsim.jit import inlined, kernel

Array = npt.NDArray[np.float64]

FIXED = 0
UNIFORM = 1
NORMAL = 2
LOGNORMAL = 3
EXPONENTIAL = 4
WEIBULL = 5
LOGIT_NORMAL = 6
BETA = 7
GAMMA = 8
TRIANGULAR = 9

FAMILIES: dict[str, int] = {
    "fixed": FIXED,
    "uniform": UNIFORM,
    "normal": NORMAL,
    "lognormal": LOGNORMAL,
    "exponential": EXPONENTIAL,
    "weibull": WEIBULL,
    "logit_normal": LOGIT_NORMAL,
    "beta": BETA,
    "gamma": GAMMA,
    "triangular": TRIANGULAR,
}

DIST_WIDTH = 6
_BELOW_ONE = 1.0 - 2.0**-53
_ABOVE_ZERO = 1e-300


@inlined
def truncate(u: float, u_low: float, u_high: float) -> float:
    """Map a uniform of (0, 1) into (u_low, u_high), never reaching 0 or 1."""
    mapped = u_low + u * (u_high - u_low)
    # The sum may round up to u_high = 1, where unbounded families are infinite; a truncation
    # beyond a family's last digit has u_low = u_high = 0 or 1.
    mapped = mapped if mapped < _BELOW_ONE else _BELOW_ONE
    return mapped if mapped > _ABOVE_ZERO else _ABOVE_ZERO


@inlined
def uniform_variate(low: float, high: float, u: float) -> float:
    """Quantile at u of the uniform distribution on (low, high)."""
    return low + u * (high - low)


@inlined
def normal_variate(mean: float, sd: float, u: float) -> float:
    """Quantile at u of the normal distribution."""
    return mean + sd * normal_quantile(u)


@inlined
def lognormal_variate(mu: float, sigma: float, u: float) -> float:
    """Quantile at u of the lognormal distribution; mu and sigma are those of the logarithm."""
    return exp(normal_variate(mu, sigma, u))


@inlined
def exponential_variate(mean: float, u: float) -> float:
    """Quantile at u of the exponential distribution, in the unit of its mean."""
    return -mean * log(1.0 - u)


@inlined
def weibull_variate(shape: float, scale: float, u: float) -> float:
    """Quantile at u of the Weibull distribution, in the unit of its scale."""
    return scale * power(exponential_variate(1.0, u), 1.0 / shape)


@inlined
def logit_normal_variate(mean: float, sd: float, u: float) -> float:
    """Quantile at u of the logit-normal distribution; mean and sd are those of the logit."""
    return logistic(normal_variate(mean, sd, u))


@inlined
def triangular_variate(low: float, high: float, mode: float, u: float) -> float:
    """Quantile at u of the triangular distribution; low where low == high."""
    width = high - low
    rising = low + np.sqrt(u * width * (mode - low))
    falling = high - np.sqrt((1.0 - u) * width * (high - mode))
    return float(rising if u * width < mode - low else falling)


@kernel
def sample(dist: Array, tables: Array, u: float) -> float:
    """Draw from a distribution by its quantile function.

    Parameters
    ----------
    dist
        Record, shape (DIST_WIDTH,).
    tables
        Quantile tables that the record's offset points into, shape (m,); may be empty if no
        family needs one.
    u
        Uniform in (0, 1).

    Returns
    -------
    float
        Non-decreasing in ``u`` but for the last bits; nan for an unknown family.
    """
    v = truncate(u, dist[4], dist[5])
    return _quantile(int(dist[0]), dist[1], dist[2], dist[3], tables, v)


@kernel
def sample_at(dists: Array, row: int, tables: Array, u: float) -> float:
    """Draw from the distribution in one row of ``dists``, shape (n, DIST_WIDTH); see `sample`."""
    # No view of the row: making one counts references, a quarter of the price of a draw.
    v = truncate(u, dists[row, 4], dists[row, 5])
    return _quantile(int(dists[row, 0]), dists[row, 1], dists[row, 2], dists[row, 3], tables, v)


@kernel
def sample_many(dist: Array, tables: Array, u: Array, out: Array) -> None:
    """Draw one variate for each uniform, with the same bits as `sample`.

    Parameters
    ----------
    dist, tables
        As in `sample`.
    u
        Uniforms in (0, 1), shape (n,).
    out
        Variates, shape (at least n,); its first n are written. May be ``u`` itself.
    """
    family = int(dist[0])
    a, b = dist[1], dist[2]
    u_low, u_high = dist[4], dist[5]
    # One loop per family: a branch inside a single loop would keep it from vectorising. Two short
    # loops where one long body would wait on its own latency (measured: 4.2 against 5.9 ns).
    if family == FIXED:
        for i in range(u.size):
            out[i] = a
    elif family == UNIFORM:
        for i in range(u.size):
            out[i] = uniform_variate(a, b, truncate(u[i], u_low, u_high))
    elif family == NORMAL:
        for i in range(u.size):
            out[i] = normal_variate(a, b, truncate(u[i], u_low, u_high))
    elif family == LOGNORMAL:
        for i in range(u.size):
            out[i] = normal_variate(a, b, truncate(u[i], u_low, u_high))
        for i in range(u.size):
            out[i] = exp(out[i])
    elif family == EXPONENTIAL:
        for i in range(u.size):
            out[i] = exponential_variate(a, truncate(u[i], u_low, u_high))
    elif family == WEIBULL:
        for i in range(u.size):
            out[i] = exponential_variate(1.0, truncate(u[i], u_low, u_high))
        for i in range(u.size):
            out[i] = b * power(out[i], 1.0 / a)
    elif family == LOGIT_NORMAL:
        for i in range(u.size):
            out[i] = normal_variate(a, b, truncate(u[i], u_low, u_high))
        for i in range(u.size):
            out[i] = logistic(out[i])
    elif family == TRIANGULAR:
        for i in range(u.size):
            out[i] = triangular_variate(a, b, dist[3], truncate(u[i], u_low, u_high))
    else:
        for i in range(u.size):
            out[i] = sample(dist, tables, u[i])


@kernel
def _quantile(  # noqa: PLR0911  # one per family
    family: int, a: float, b: float, table: float, tables: Array, v: float
) -> float:
    if family == FIXED:
        return a
    if family == UNIFORM:
        return uniform_variate(a, b, v)
    if family == NORMAL:
        return normal_variate(a, b, v)
    if family == LOGNORMAL:
        return lognormal_variate(a, b, v)
    if family == EXPONENTIAL:
        return exponential_variate(a, v)
    if family == WEIBULL:
        return weibull_variate(a, b, v)
    if family == LOGIT_NORMAL:
        return logit_normal_variate(a, b, v)
    if family == BETA:
        return beta_quantile(tables, int(table), v)
    if family == GAMMA:
        return b * gamma_quantile(tables, int(table), v)
    if family == TRIANGULAR:
        return triangular_variate(a, b, table, v)
    return np.nan
