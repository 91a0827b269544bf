"""Designs: which values of the inputs to run, frozen and reproducible from a seed.

A design has one row per point and one column per input. A grid and one-at-a-time state the inputs'
own values; the others lie in the unit cube, where a coordinate is a quantile of its input or, by
`between`, a place between two ends. Arrays cannot be written to. A longer Sobol', pick-freeze or
Morris design of the same seed begins with the shorter one, so that what was run is kept; a Latin
hypercube has no such extension.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gtmsim.errors import AnalysisError

Points = NDArray[np.float64]
Labels = NDArray[np.int64]

Groups = Sequence[Sequence[int]]
"""Columns of the inputs that make up each group."""

BASE = -1
"""Label of a row in which no input was varied or moved."""

_SOBOL_BITS = 30  # digits of a coordinate of a Sobol' point
_EDGE = 2.0**-20  # of a stratum, kept free lest a point is rounded to 0 or 1


class Grid(NamedTuple):
    """Every combination of given values; the last input varies fastest."""

    points: Points
    """Shape (rows, inputs), in the inputs' own units."""
    chosen: Labels
    """Shape (rows, inputs): the place of each value in its list."""


class OneAtATime(NamedTuple):
    """The base, then each input at its low and its high end while the others stay at the base."""

    points: Points
    """Shape (1 + 2 inputs, inputs), in the inputs' own units."""
    varied: Labels
    """Shape (rows,): which input; `BASE` in the first row."""
    end: Labels
    """Shape (rows,): -1 low, 0 base, 1 high."""


class SpaceFilling(NamedTuple):
    """Points that fill the unit cube."""

    points: Points
    """Shape (n, inputs), in (0, 1)."""


class PickFreeze(NamedTuple):
    """Pairs of points A and B, and A with each group of inputs taken from B in turn."""

    points: Points
    """Shape (n (2 + groups), inputs), in (0, 1); the rows of a base point stand together."""
    base: Labels
    """Shape (rows,): number of the base point."""
    matrix: Labels
    """Shape (rows,): 0 for A, 1 for B, 2 + g for A with group g from B."""

    def split(self, outputs: ArrayLike) -> tuple[Points, Points, Points]:
        """Arrange outputs of the rows as `indices.sobol_indices` takes them.

        Parameters
        ----------
        outputs
            Shape (rows, replications).

        Returns
        -------
        tuple
            Of A and of B, shape (n, replications), and shape (groups, n, replications).
        """
        values = np.asarray(outputs, np.float64)
        by_base = values.reshape(self.base[-1] + 1, -1, values.shape[-1])
        return by_base[:, 0], by_base[:, 1], np.moveaxis(by_base[:, 2:], 1, 0)


class Trajectories(NamedTuple):
    """Walks through a grid of the unit cube, each of which moves every input once."""

    points: Points
    """Shape (walks (inputs + 1), inputs), in [0, 1]; the rows of a walk stand together."""
    walk: Labels
    """Shape (rows,): number of the walk."""
    moved: Labels
    """Shape (rows,): which input differs from the row before; `BASE` at a walk's start."""


def full_grid(values: Sequence[Sequence[float]]) -> Grid:
    """Every combination of the values listed for each input."""
    sizes = [len(of_input) for of_input in values]
    if not all(sizes) or not sizes:
        raise AnalysisError("a grid takes at least one value of each input")
    chosen = np.indices(sizes).reshape(len(sizes), -1).T
    columns = [np.asarray(v, np.float64)[i] for v, i in zip(values, chosen.T, strict=True)]
    return Grid(_frozen(np.stack(columns, axis=-1)), _labels(chosen))


def one_at_a_time(low: ArrayLike, base: ArrayLike, high: ArrayLike) -> OneAtATime:
    """Design of a tornado chart, from the low, base and high value of each input."""
    ends = np.stack([np.asarray(end, np.float64) for end in (low, high)])
    k = ends.shape[1]
    varied, side = np.repeat(np.arange(k), 2), np.tile([0, 1], k)
    points = np.tile(np.asarray(base, np.float64), (1 + 2 * k, 1))
    points[np.arange(1, 1 + 2 * k), varied] = ends[side, varied]
    return OneAtATime(
        _frozen(points), _labels(np.r_[BASE, varied]), _labels(np.r_[0, 2 * side - 1])
    )


def latin_hypercube(n: int, n_inputs: int, seed: int) -> SpaceFilling:
    """Points of which each input has exactly one in every n-th of its range.

    Source
    ------
    McKay, Beckman and Conover, A comparison of three methods for selecting values of input
    variables, 1979.
    """
    _check_size(n, n_inputs)
    rng = np.random.default_rng(seed)
    strata = np.argsort(rng.random((n, n_inputs)), axis=0)
    within = rng.random((n, n_inputs)).clip(_EDGE, 1.0 - _EDGE)
    return SpaceFilling(_frozen((strata + within) / n))


def sobol(n: int, n_inputs: int, seed: int) -> SpaceFilling:
    """Points of a scrambled Sobol' sequence, which fill the cube more evenly than chance.

    Evenest where n is a power of two.

    Source
    ------
    Owen, Scrambling Sobol' and Niederreiter-Xing points, 1998; scipy.stats.qmc makes them.
    """
    _check_size(n, n_inputs)
    from scipy.stats import qmc  # noqa: PLC0415  (takes a second or two)

    sequence = qmc.Sobol(n_inputs, scramble=True, bits=_SOBOL_BITS, rng=seed)
    points = sequence.random_base2((n - 1).bit_length())[:n]
    to_middle = 0.5 ** (_SOBOL_BITS + 1)  # of a cell, which is neither 0 nor 1
    return SpaceFilling(_frozen(points + to_middle))


def pick_freeze(n: int, n_inputs: int, seed: int, groups: Groups | None = None) -> PickFreeze:
    """Design for first and total Sobol' indices.

    Parameters
    ----------
    n
        Base points, best a power of two; the design has n (2 + groups) rows.
    n_inputs, seed
        A and B are halves of one scrambled Sobol' sequence of twice as many inputs.
    groups
        Columns of each group; by default every input is one. Inputs in no group are varied too.

    Source
    ------
    Saltelli et al., Variance based sensitivity analysis of model output, 2010.
    """
    both = sobol(n, 2 * n_inputs, seed).points
    a, b = both[:, :n_inputs], both[:, n_inputs:]
    mixed = []
    for columns in columns_of(groups, n_inputs):
        from_b = np.isin(np.arange(n_inputs), columns)
        mixed.append(np.where(from_b, b, a))
    points = np.stack([a, b, *mixed], axis=1)
    n_matrices = points.shape[1]
    return PickFreeze(
        _frozen(points.reshape(-1, n_inputs)),
        _labels(np.repeat(np.arange(n), n_matrices)),
        _labels(np.tile(np.arange(n_matrices), n)),
    )


def morris_trajectories(n_walks: int, n_inputs: int, seed: int, levels: int = 4) -> Trajectories:
    """Design for elementary effects (`morris.elementary_effects`).

    Each input starts at a random one of `levels` even steps of [0, 1] and moves, at a random place
    in the order, by levels / (2 (levels - 1)): half the levels, so that each level is met equally
    often.

    Parameters
    ----------
    n_walks, n_inputs, seed
        Size of the design, n_walks (n_inputs + 1) rows, and its randomness.
    levels
        Even number of levels.

    Source
    ------
    Morris, Factorial sampling plans for preliminary computational experiments, 1991.
    """
    _check_size(n_walks, n_inputs)
    if levels < 2 or levels % 2:  # noqa: PLR2004  (low and high)
        raise AnalysisError(f"elementary effects take an even number of levels; found {levels}")
    half = levels // 2
    # A generator for each quantity, so that more walks leave the first ones as they are.
    u = [r.random((n_walks, n_inputs)) for r in np.random.default_rng(seed).spawn(3)]
    low, starts_high, turn = np.floor(u[0] * half), u[1] < 0.5, np.argsort(u[2])  # noqa: PLR2004
    has_moved = turn[:, None, :] < np.arange(n_inputs + 1)[:, None]
    steps = low[:, None, :] + half * (has_moved ^ starts_high[:, None, :])
    moved = np.column_stack([np.full(n_walks, BASE), np.argsort(turn)])
    return Trajectories(
        _frozen(steps.reshape(-1, n_inputs) / (levels - 1)),
        _labels(np.repeat(np.arange(n_walks), n_inputs + 1)),
        _labels(moved.ravel()),
    )


def between(points: Points, low: ArrayLike, high: ArrayLike) -> Points:
    """Points of the unit cube as values between the low and the high end of each input."""
    ends = np.asarray(low, np.float64), np.asarray(high, np.float64)
    return _frozen(ends[0] * (1.0 - points) + ends[1] * points)


def columns_of(groups: Groups | None, n_inputs: int) -> list[list[int]]:
    """List the columns of each group; without groups every input is one.

    Raises
    ------
    AnalysisError
        If a group is empty or has a column that is not there.
    """
    if groups is None:
        return [[i] for i in range(n_inputs)]
    for columns in groups:
        if not columns or not set(columns) <= set(range(n_inputs)):
            raise AnalysisError(
                f"a group is made of columns 0 to {n_inputs - 1} of the inputs; found {columns}"
            )
    return [list(columns) for columns in groups]


def _check_size(n: int, n_inputs: int) -> None:
    if n < 1 or n_inputs < 1:
        raise AnalysisError(
            f"a design takes at least one point and one input; found {n} and {n_inputs}"
        )


def _frozen(points: Points) -> Points:
    points.flags.writeable = False
    return points


def _labels(labels: NDArray[np.integer]) -> Labels:
    frozen = labels.astype(np.int64)
    frozen.flags.writeable = False
    return frozen
