"""Replications inside draws: what a draw's mean is known to be, and how much of it is luck.

A draw's mean over its replications is its true mean plus luck. Statistics that are not linear in
it (a maximum, a share above zero) are wrong by that luck, and never in the same direction: the
best of several noisy means looks better than it is. `denoised` takes it out.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gtmsim.errors import AnalysisError

Array = NDArray[np.float64]

N_RESAMPLES = 400
"""Bootstrap resamples of a standard error; it is then itself known to 4 %."""


class Means(NamedTuple):
    """Means of draws over the futures in which every quantity is defined."""

    values: Array
    """Shape (quantities, draws)."""
    luck: Array
    """Shape (draws, quantities, quantities): what each draw tells of the luck.

    Its mean over draws is the covariance of the error of a draw's means; NaN where no draw has two
    such futures, or there is but one draw: inputs and luck cannot be told apart then.
    """
    n_undefined: int
    """Futures that were left out."""


def jointly_defined(samples: ArrayLike) -> tuple[Array, int]:
    """Blank every future in which some quantity is undefined.

    Parameters
    ----------
    samples
        Shape (quantities, draws, replications); NaN where undefined.

    Returns
    -------
    tuple
        The samples, and how many futures are blank.

    Raises
    ------
    AnalysisError
        If no future is left, or a value is infinite.
    """
    values = np.array(samples, np.float64, ndmin=3)
    if np.isinf(values).any():
        raise AnalysisError("an infinite value has no mean: state what such a future is worth")
    undefined = np.isnan(values).any(0)
    if undefined.all():
        raise AnalysisError("undefined in every future: there is nothing to compare")
    values[:, undefined] = np.nan
    return values, int(undefined.sum())


def draw_means(samples: ArrayLike) -> Means:
    """Means of the draws, each of equal weight, and the luck left in them.

    Parameters
    ----------
    samples
        Shape (quantities, draws, replications); NaN where undefined.

    Returns
    -------
    Means
        Of the draws with at least one defined future.

    Raises
    ------
    AnalysisError
        If no future is left, or a value is infinite.
    """
    values, n_undefined = jointly_defined(samples)
    defined = np.isfinite(values[0])
    some = defined.any(1)
    kept, defined = values[:, some], defined[some]
    counts = defined.sum(1)
    means = np.where(defined, kept, 0.0).sum(2) / counts
    residuals = np.where(defined, kept - means[:, :, None], 0.0)
    return Means(means, _luck(residuals, counts), n_undefined)


def _luck(residuals: Array, counts: NDArray[np.int64]) -> Array:
    """Shape (draws, quantities, quantities); one variance for all draws, pooled."""
    squares = np.einsum("idr,jdr->dij", residuals, residuals)
    freedom = int((counts - 1).sum())
    if not freedom or len(counts) == 1:
        return np.full_like(squares, np.nan)
    scaled: Array = squares * (len(counts) / freedom * np.mean(1.0 / counts))
    return scaled


def denoised(means: Array, luck: Array) -> Array:
    """Shrink noisy means so that their spread is that of the true ones.

    Parameters
    ----------
    means
        Shape (..., quantities, draws).
    luck
        Covariance of their error, shape (..., quantities, quantities).

    Returns
    -------
    Array
        As ``means``, with the same mean over draws and the covariance that is left when ``luck``
        is taken from theirs (what would be negative of it is 0). Exact for whatever function of
        the means, with any amount of luck, if true means and luck are normal; else to the first
        two moments.

    Source
    ------
    Louis, Estimating a population of parameter values using Bayes and empirical Bayes methods,
    1984 (shrink to the variance of the truth); Olkin and Pukelsheim, The distance between two
    random vectors with given dispersion matrices, 1982 (the linear map that moves least).
    """
    centre = means.mean(-1, keepdims=True)
    away = means - centre
    seen = away @ np.swapaxes(away, -1, -2) / max(means.shape[-1] - 1, 1)
    result: Array = centre + shrinkage(seen, luck) @ away
    return result


def shrinkage(seen: Array, luck: Array) -> Array:
    """Find the symmetric linear map that takes ``luck`` out of a covariance.

    Parameters
    ----------
    seen, luck
        Covariance of noisy values and of their noise, shape (..., quantities, quantities).

    Returns
    -------
    Array
        Shape (..., quantities, quantities): applied to values of covariance ``seen`` it gives
        values of covariance ``seen - luck`` (what is negative of that is 0).
    """
    root, inverse = _roots(seen)
    inner, _ = _roots(root @ _positive(seen - luck) @ root)
    shrink: Array = inverse @ inner @ inverse
    return shrink


def denoised_contrasts(means: Array, luck: Array) -> Array:
    """Denoise the distances of options from the mean of all; the luck they share cancels first.

    Parameters
    ----------
    means
        Shape (..., options, draws).
    luck
        Covariance of their error, shape (..., options, options).

    Returns
    -------
    Array
        Shape (..., options, draws).
    """
    n_options = means.shape[-2]
    centring = np.eye(n_options) - 1.0 / n_options
    return denoised(centring @ means, centring @ luck @ centring)


def _roots(matrix: Array) -> tuple[Array, Array]:
    """Square root of a positive semi-definite matrix and the pseudo-inverse of that root."""
    values, vectors = np.linalg.eigh(matrix)
    floor = 1e-12 * np.abs(values).max(-1, keepdims=True)
    roots = np.sqrt(np.maximum(values, 0.0))
    with np.errstate(divide="ignore"):
        inverses = np.where(values > floor, 1.0 / roots, 0.0)
    turned = np.swapaxes(vectors, -1, -2)
    return (vectors * roots[..., None, :]) @ turned, (vectors * inverses[..., None, :]) @ turned


def _positive(matrix: Array) -> Array:
    """Nearest positive semi-definite matrix."""
    values, vectors = np.linalg.eigh(matrix)
    positive: Array = (vectors * np.maximum(values, 0.0)[..., None, :]) @ np.swapaxes(
        vectors, -1, -2
    )
    return positive


def resampled(n_draws: int, seed: int, n_resamples: int = N_RESAMPLES) -> NDArray[np.int64]:
    """Bootstrap: indices of draws, shape (resamples, draws)."""
    return np.random.default_rng(seed).integers(n_draws, size=(n_resamples, n_draws))
