"""Screening of many inputs by elementary effects: a few walks tell which to look at closely."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gtmsim.errors import AnalysisError
from gtmsim.statistics.designs import Trajectories
from gtmsim.statistics.indices import ByInput, finite
from gtmsim.statistics.jackknife import standard_error, totals_left_out
from gtmsim.statistics.variance import MIN_REPLICATIONS

MIN_WALKS = 2


class Screening(NamedTuple):
    """What the elementary effects of each input say; in the output's unit, shape (inputs,).

    An elementary effect is the change of the output per whole range of the input.
    """

    mu: ByInput
    """Mean effect, with its sign."""
    mu_star: ByInput
    """Mean of absolute effects: how much the input matters. Luck adds to it."""
    sigma: ByInput
    """Standard deviation of effects over walks, without luck: curvature, or what the input does
    only together with others. 0 where effects differ no more than luck makes them; as the root of
    a variance it is clear of 0 only from four of its errors on."""
    luck_floor: NDArray[np.float64]
    """What luck alone makes of `mu_star` where an input changes nothing; nearer to it than two
    standard errors, an input cannot be told from luck."""


def elementary_effects(design: Trajectories, sample: ArrayLike) -> Screening:
    """Screen inputs by the effects of moving one at a time along random walks.

    Effects are taken replication by replication, then averaged: rows of a walk may share their
    luck, which then mostly drops out.

    Parameters
    ----------
    design
        Walks, as `designs.morris_trajectories` makes them.
    sample
        Outputs, shape (rows of the design, replications), finite, at least two replications.

    Returns
    -------
    Screening
        Standard errors are by jackknife over walks. `luck_floor` takes luck for normal.

    Raises
    ------
    AnalysisError
        If a value is not finite, there is one replication or one walk, or not an output for each
        row of the design.

    Source
    ------
    Morris, Factorial sampling plans for preliminary computational experiments, 1991 (mu, sigma);
    Campolongo, Cariboni and Saltelli, An effective screening design for sensitivity analysis of
    large models, 2007 (mu*).
    """
    effects = _effects(design, finite(sample))
    n_walks, _, r = effects.shape
    means, luck = effects.mean(2), effects.var(2, ddof=1) / r
    squares = (means - means.mean(0)) ** 2 * n_walks / (n_walks - 1)
    terms = np.stack([means, np.abs(means), squares - luck])
    left_out = totals_left_out(np.moveaxis(terms, 1, 0)) / (n_walks - 1)
    mu, mu_star, variance = map(ByInput, terms.mean(1), standard_error(left_out))
    return Screening(mu, mu_star, _root(variance), np.sqrt(2.0 / np.pi * luck.mean(0)))


def _effects(design: Trajectories, outputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Elementary effects, shape (walks, inputs, replications)."""
    k = design.points.shape[1]
    n_walks, r = len(design.points) // (k + 1), outputs.shape[1]
    if len(outputs) != len(design.points) or r < MIN_REPLICATIONS or n_walks < MIN_WALKS:
        raise AnalysisError(
            f"elementary effects take {MIN_WALKS} walks and {MIN_REPLICATIONS} replications of "
            f"each of the design's {len(design.points)} points; found {n_walks} walks and outputs "
            f"of shape {outputs.shape}"
        )
    order = np.argsort(design.moved.reshape(n_walks, k + 1), axis=1)[:, 1:] - 1
    steps = np.diff(design.points.reshape(n_walks, k + 1, k), axis=1).sum(2)
    changes = np.diff(outputs.reshape(n_walks, k + 1, r), axis=1) / steps[:, :, None]
    by_input: NDArray[np.float64] = np.take_along_axis(changes, order[:, :, None], axis=1)
    return by_input


def _root(variance: ByInput) -> ByInput:
    """Find standard deviations; of 0 the error is how far up one of the variance reaches."""
    deviation = np.sqrt(np.maximum(variance.value, 0.0))
    slope = np.maximum(2.0 * deviation, np.sqrt(variance.error))
    return ByInput(deviation, variance.error / np.where(slope > 0.0, slope, 1.0))
