"""Standard errors by leaving out one draw at a time."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def standard_error(left_out: ArrayLike) -> NDArray[np.float64]:
    """Find a statistic's standard error from its values on samples that lack one draw each.

    Parameters
    ----------
    left_out
        Shape (draws, ...): the statistic without draw 0, without draw 1, and so on.

    Returns
    -------
    NDArray
        Shape (...). Infinite where a value is not finite or there are fewer than two draws: the
        sample cannot tell.

    Source
    ------
    Tukey, Bias and confidence in not-quite large samples, 1958; Efron and Stein, The jackknife
    estimate of variance, 1981.
    """
    values = np.asarray(left_out, np.float64)
    n = len(values)
    known = np.isfinite(values).all(0) & (n > 1)
    spread = np.where(known, values, 0.0)
    error = np.sqrt((n - 1) * spread.var(0)) if n else np.zeros(values.shape[1:])
    return np.where(known, error, np.inf)


def totals_left_out(terms: ArrayLike) -> NDArray[np.float64]:
    """Sum over all draws but one.

    Parameters
    ----------
    terms
        Shape (draws, ...): what each draw adds to a sum.

    Returns
    -------
    NDArray
        Shape (draws, ...).
    """
    values = np.asarray(terms, np.float64)
    left_out: NDArray[np.float64] = values.sum(0) - values
    return left_out
