"""Correlated uniforms: a Gaussian copula by the rank correlations of its pairs.

Two standard normals with Pearson correlation r have Spearman correlation 6 / pi x asin(r / 2), and
so has any pair of continuous quantities that increases with them.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from gtmsim.draws import families
from gtmsim.draws.families import sample_many

Array = npt.NDArray[np.float64]

TOLERANCE = 1e-9
"""Eigenvalues below minus this are negative, and not rounded from 0."""

_STANDARD_NORMAL = np.array([families.NORMAL, 0.0, 1.0, 0.0, 0.0, 1.0])
_SMALLEST, _LARGEST = 2.0**-53, 1.0 - 2.0**-53
_NO_TABLES = np.zeros(0)


class Mend(NamedTuple):
    """A pair and the Spearman correlations with which the others can be."""

    pair: tuple[int, int]
    low: float
    high: float


def pearson_of(spearman: npt.ArrayLike) -> Array:
    """Pearson correlation of the normals, by the Spearman correlation that is wanted."""
    return np.asarray(2.0 * np.sin(np.pi / 6.0 * np.asarray(spearman, np.float64)))


def spearman_of(pearson: npt.ArrayLike) -> Array:
    """Spearman correlation, by the Pearson correlation of the normals."""
    return np.asarray(6.0 / np.pi * np.arcsin(np.asarray(pearson, np.float64) / 2.0))


def is_possible(spearman: Array) -> bool:
    """Whether inputs can have these rank correlations, all at once.

    Parameters
    ----------
    spearman
        Symmetric with a diagonal of 1, shape (inputs, inputs).
    """
    return bool(np.linalg.eigvalsh(pearson_of(spearman)).min() >= -TOLERANCE)


def cheapest_mend(spearman: Array) -> Mend | None:
    """Find the pair whose correlation, moved least, makes an impossible matrix possible.

    Parameters
    ----------
    spearman
        As in `is_possible`. Pairs at 0 count as well as any.

    Returns
    -------
    Mend or None
        None where no single pair mends it. Of pairs that move equally far, the last one.
    """
    mends = [
        mend
        for j in range(1, len(spearman))
        for i in range(j)
        if (mend := possible_range(spearman, i, j)) is not None
    ]
    return min(reversed(mends), key=lambda mend: _move(spearman, mend), default=None)


def possible_range(spearman: Array, i: int, j: int) -> Mend | None:
    """Correlations of one pair with which the others are possible; None if there are none.

    With the others as they are, what two inputs still have of their own are the diagonal entries p
    and q of a Schur complement: their correlation is that which the others bring, give or take
    sqrt(p q).
    """
    pearson = pearson_of(spearman)
    others = [k for k in range(len(pearson)) if k not in (i, j)]
    inner, outer = pearson[np.ix_(others, others)], pearson[np.ix_(others, [i, j])]
    if others and np.linalg.eigvalsh(inner).min() < -TOLERANCE:
        return None
    weights = np.linalg.pinv(inner, rcond=TOLERANCE, hermitian=True) @ outer
    explained = outer.T @ weights
    own = 1.0 - np.diag(explained)
    if own.min() < -TOLERANCE or not np.allclose(inner @ weights, outer, atol=1e-6):
        return None
    reach = float(np.sqrt(np.prod(np.maximum(own, 0.0))))
    ends = explained[0, 1] + np.array([-reach, reach])
    low, high = spearman_of(np.clip(ends, -1.0, 1.0))
    return Mend((i, j), float(low), float(high))


def largest_factor(spearman: Array) -> float:
    """Largest number up to 1 by which all pairs may be multiplied to be possible at once."""
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = 0.5 * (low + high)
        scaled = middle * spearman
        np.fill_diagonal(scaled, 1.0)
        low, high = (middle, high) if is_possible(scaled) else (low, middle)
    return low


def factor(spearman: Array) -> Array:
    """Lower triangular L, with L @ L.T the Pearson correlations of the normals.

    A row holds what an input takes from those before it and, on the diagonal, its own luck.

    Parameters
    ----------
    spearman
        Possible, see `is_possible`; it may be singular.
    """
    pearson = pearson_of(spearman)
    np.fill_diagonal(pearson, 1.0)
    lower = np.zeros_like(pearson)
    for j in range(len(pearson)):
        rest = pearson[j:, j] - lower[j:, :j] @ lower[j, :j]
        if rest[0] > TOLERANCE:  # else an input that those before it decide
            lower[j:, j] = rest / np.sqrt(rest[0])
    length = np.sqrt((lower**2).sum(axis=1, keepdims=True))
    return np.asarray(lower / length)


def correlated(u: Array, lower: Array) -> Array:
    """Uniforms that have the correlations, made of independent ones.

    Parameters
    ----------
    u
        Independent uniforms of (0, 1), shape (inputs, n).
    lower
        From `factor`, shape (inputs, inputs).

    Returns
    -------
    ndarray, shape (inputs, n)
        In (0, 1). An input that takes nothing from those before it keeps its uniforms to the bit.
    """
    normals = np.empty_like(u)
    for own, normal in zip(u, normals, strict=True):
        sample_many(_STANDARD_NORMAL, _NO_TABLES, np.ascontiguousarray(own), normal)
    out = u.copy()
    for i, row in enumerate(lower):
        if row[:i].any():
            # Added up one by one: a matrix product adds in an order that depends on its size.
            mixed = sum((row[j] * normals[j] for j in range(i + 1)), np.zeros(u.shape[1]))
            out[i] = np.clip(ndtr(mixed), _SMALLEST, _LARGEST)
    return out


def _move(spearman: Array, mend: Mend) -> float:
    """How far the pair of a mend has to be moved, rounded so that rounding decides no tie."""
    now = float(spearman[mend.pair])
    return round(max(mend.low - now, now - mend.high, 0.0), 9)
