"""Distribution functions, from which the bounds of a truncation come."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, gammainc, logit, ndtr

from gtmsim.draws import families

Array = npt.NDArray[np.float64]
Number = float | Array


def distribution_cdf(family: int, a: Number, b: Number, x: Number, mode: Number = np.nan) -> Array:
    """P(X <= x) of an untruncated distribution.

    Parameters
    ----------
    family, a, b
        As in a record of ``gtmsim.draws.families``; the parameters may be arrays.
    x
        Bound, in the unit of the variate.
    mode
        Of a triangular distribution; not used by the others.

    Raises
    ------
    ValueError
        For an unknown family.
    """
    if family not in _CDF:
        raise ValueError(f"family must be one of {sorted(_CDF)}; got {family}")
    a, b, mode, x = np.broadcast_arrays(*(np.asarray(v, np.float64) for v in (a, b, mode, x)))
    with np.errstate(all="ignore"):  # at the ends of a support; the limits come out right
        return _CDF[family](a, b, mode, x)


def _triangular(low: Array, high: Array, mode: Array, x: Array) -> Array:
    at = np.clip(x, low, high)
    rising = (at - low) ** 2 / ((high - low) * (mode - low))
    falling = 1.0 - (high - at) ** 2 / ((high - low) * (high - mode))
    return np.where(at < mode, rising, np.where(at < high, falling, 1.0))


def _positive(x: Array) -> Array:
    return np.maximum(x, 0.0)


def _share(x: Array) -> Array:
    return np.clip(x, 0.0, 1.0)


_CDF: dict[int, Callable[[Array, Array, Array, Array], Array]] = {
    families.FIXED: lambda a, b, mode, x: (x >= a).astype(np.float64),
    families.UNIFORM: lambda a, b, mode, x: _share((x - a) / (b - a)),
    families.NORMAL: lambda a, b, mode, x: ndtr((x - a) / b),
    families.LOGNORMAL: lambda a, b, mode, x: ndtr((np.log(_positive(x)) - a) / b),
    families.EXPONENTIAL: lambda a, b, mode, x: -np.expm1(-_positive(x) / a),
    families.WEIBULL: lambda a, b, mode, x: -np.expm1(-((_positive(x) / b) ** a)),
    families.LOGIT_NORMAL: lambda a, b, mode, x: ndtr((logit(_share(x)) - a) / b),
    families.BETA: lambda a, b, mode, x: betainc(a, b, _share(x)),
    families.GAMMA: lambda a, b, mode, x: gammainc(a, _positive(x) / b),
    families.TRIANGULAR: _triangular,
}
