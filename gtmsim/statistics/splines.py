"""Smooth curves in the rank of an input: bases that no monotone change of the input alters."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

KNOTS = ((0, 4), (60, 6), (200, 8))
"""From how many draws on a curve has how many knots; eight follow two full waves.

With p knots more than one, the index of an input without a part has the noise sqrt(2 p) / draws.
"""

_DEPENDENT = 1e-9  # squared length, of columns of about unit length, that is only rounding


def curve_basis(inputs: ArrayLike) -> NDArray[np.float64]:
    """Orthonormal basis of sums of one smooth curve per input, without the constant.

    An input with no more levels than knots, such as a choice, may have any value at each level. Any
    other enters by a natural cubic spline in the normal score of its rank, whose knots split the
    draws evenly. The score makes exact what is linear in a normal input, and nearly so what is in a
    lognormal or a uniform one. Ties share their mean rank.

    Parameters
    ----------
    inputs
        Shape (draws, inputs), finite.

    Returns
    -------
    NDArray
        Shape (draws, p), orthonormal columns of mean 0; p = 0 where no input varies.

    Source
    ------
    Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2009, 5.2.1.
    """
    values = np.asarray(inputs, np.float64)
    columns = np.hstack([_columns(column) for column in values.T])
    centred = columns - columns.mean(0)
    # Of the few products of columns, since singular values of the columns take ten times as long.
    squares, axes = np.linalg.eigh(centred.T @ centred)
    new = squares > _DEPENDENT
    basis: NDArray[np.float64] = centred @ (axes[:, new] / np.sqrt(squares[new]))
    return basis


def _columns(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Columns that span an input's curves, with the constant, of about unit length."""
    n = len(values)
    levels, level, counts = np.unique(values, return_inverse=True, return_counts=True)
    n_knots = next(knots for draws, knots in reversed(KNOTS) if n >= draws)
    if len(levels) <= n_knots:
        at_level: NDArray[np.float64] = (level[:, None] == np.arange(len(levels))) / np.sqrt(counts)
        return at_level
    mean_ranks = np.cumsum(counts) - 0.5 * (counts + 1)
    scores = special.ndtri((mean_ranks + 0.5) / n)
    knots = special.ndtri(np.linspace(0.5 / n, 1.0 - 0.5 / n, n_knots))
    columns = _natural_spline(scores, knots)[level]
    lengths = np.linalg.norm(columns, axis=0)
    return columns / np.where(lengths > 0.0, lengths, 1.0)  # ties may leave a knot without draws


def _natural_spline(x: NDArray[np.float64], knots: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cubic between knots, linear beyond the last ones; shape (x, knots)."""
    cubes = np.maximum(x[:, None] - knots, 0.0) ** 3
    bends = (cubes[:, :-1] - cubes[:, -1:]) / (knots[-1] - knots[:-1])
    return np.column_stack([np.ones_like(x), x, bends[:, :-1] - bends[:, -1:]])
