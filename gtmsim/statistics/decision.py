"""Choosing between options by an objective: what each is worth, risks and leaves to regret.

An objective has shape (options, draws, replications): the same place is the same future, and larger
is better. What we do not know is the draw; luck is the replication. Perfect information is about
the draw: whoever had it would take the option whose mean over luck is best in that draw. A mean
over a few replications has luck left in it, and the best of several such means looks better than
it is; the means are therefore shrunk to the spread of the true ones first (`nested.denoised`).

Draws have equal weight. A future in which any option is undefined is left out and counted.
"""

from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from gtmsim.errors import AnalysisError
from gtmsim.statistics import error
from gtmsim.statistics.error import LEVEL, UNDEFINED, Estimate
from gtmsim.statistics.nested import (
    N_RESAMPLES,
    Array,
    Means,
    denoised_contrasts,
    draw_means,
    jointly_defined,
    resampled,
)

N_AT_ONCE = 1_000_000
"""Means of resampled draws that are held in memory together."""


class Worth(NamedTuple):
    """A figure with its standard error; both NaN where it is undefined."""

    value: float
    error: float


_UNKNOWN = Worth(np.nan, np.nan)


class Information(NamedTuple):
    """What perfect information about the uncertain inputs is worth, in units of the objective."""

    evpi: Worth
    """Expected value of perfect information, free of the luck of few replications.

    Exact in expectation where luck and true means are normal, with any amount of luck; right to
    their first two moments otherwise. NaN where draws have one replication.
    """
    plain: float
    """Without that correction: too high by what luck adds."""
    held_out: Worth
    """Chosen on half of a draw's replications and valued on the other half: too low, if anything.

    NaN where draws have one replication.
    """


class Decision(NamedTuple):
    """Options against each other; arrays have one entry for each option."""

    expected: tuple[Estimate, ...]
    """Expected objective."""
    best: int
    """Option of the highest expected objective."""
    regret: tuple[Worth, ...]
    """Expected regret: what the best option of each draw, on average over luck, brings more.

    NaN where draws have one replication. The least of them is the EVPI.
    """
    hindsight: tuple[Estimate, ...]
    """Expected regret against the best option of each future, luck included."""
    best_in_draw: tuple[Estimate, ...]
    """Probability of having the best mean of a draw; options that tie share it.

    Undefined where draws have one replication. The interval is that of `error.resampled_share`.
    """
    best_in_future: tuple[Estimate, ...]
    """Probability of being best in a future; options that tie share it."""
    information: Information
    n_undefined: int
    """Futures left out, because an option is undefined in them."""


class Dominance(StrEnum):
    """Whether everyone of a taste would take one option, whatever the details of the taste."""

    DOMINATES = "dominates"
    DOES_NOT = "does not dominate"
    CANNOT_TELL = "cannot tell"


def decide(objective: ArrayLike, level: float = LEVEL, seed: int = 0) -> Decision:
    """Judge options by their objective on the same futures.

    Parameters
    ----------
    objective
        Shape (options, draws, replications), finite or NaN; larger is better.
    level
        Confidence level of each interval, in (0, 1).
    seed
        Of the bootstrap over draws.

    Returns
    -------
    Decision
        A sample takes for the best the option that looks it: where two tie, the least regret and
        the EVPI are too low by part of their standard error.

    Raises
    ------
    AnalysisError
        If there are fewer than two options, no future is defined or a value is infinite.

    Source
    ------
    Raiffa and Schlaifer, Applied Statistical Decision Theory, 1961 (EVPI).
    """
    defined, n_undefined = jointly_defined(_options(objective))
    means = draw_means(defined)
    top = defined.max(0)
    first = defined == top
    with np.errstate(invalid="ignore"):
        shares = np.where(np.isnan(top), np.nan, first / first.sum(0))
    regret, best_in_draw, evpi = _against_best(means, level, seed)
    plain = means.values.max(0).mean() - means.values.mean(1).max()
    return Decision(
        expected=tuple(error.mean(row, level) for row in _expected(defined, means)),
        best=int(np.argmax(means.values.mean(1))),
        regret=regret,
        hindsight=tuple(error.mean(top - row, level) for row in defined),
        best_in_draw=best_in_draw,
        best_in_future=tuple(error.probability(share, level) for share in shares),
        information=Information(evpi, float(plain), _held_out(defined, seed)),
        n_undefined=n_undefined,
    )


def dominance(
    option: ArrayLike, other: ArrayLike, order: int = 1, level: float = LEVEL, seed: int = 0
) -> Dominance:
    """Judge whether one option's distribution dominates another's.

    First order: at every threshold, at least as likely to exceed it; whoever prefers more takes it.
    Second order: at every threshold, no larger an expected shortfall below it; whoever also
    dislikes risk takes it. Distributions are over draws and luck.

    Parameters
    ----------
    option, other
        Shape (draws, replications) each, on the same luck; finite or NaN.
    order
        1 or 2.
    level
        Confidence level of a verdict, in (0, 1).
    seed
        Of the bootstrap over draws.

    Returns
    -------
    Dominance
        With a single draw the luck of its replications is all that a verdict knows of; with a
        single future it is ``CANNOT_TELL``. ``DOMINATES`` if the option is better at every
        threshold between the pooled 5th and 95th percentile (second order: up to the largest
        value), each shown at the level; ``DOES_NOT``
        if it is worse at some threshold, shown for all of them together (largest deviation,
        bootstrap over draws), or if the two never differ; else ``CANNOT_TELL``.

    Raises
    ------
    AnalysisError
        If the shapes differ, no future has both or a value is infinite.

    Source
    ------
    Davidson and Duclos, Testing for restricted stochastic dominance, 2013 (dominance against the
    null of none, within the tails); Barrett and Donald, Consistent tests for stochastic dominance,
    2003 (the largest deviation).
    """
    if np.shape(option) != np.shape(other):
        raise AnalysisError("options of different draws and replications cannot be paired")
    (first, second), _ = jointly_defined(np.array([option, other], np.float64))
    thresholds, inner = _thresholds(np.array([first, second]))
    gains = _gains(*_by_unit(first, second), thresholds, order)
    if len(gains) < 2:  # noqa: PLR2004  (a variance needs two)
        return Dominance.CANNOT_TELL
    mean, deviation = gains.mean(0), gains.std(0, ddof=1) / np.sqrt(len(gains))
    differs = deviation > 0.0
    if not differs.any():
        return _certain(mean)
    t = np.divide(mean, deviation, out=np.zeros_like(mean), where=differs)
    if (t < -_largest(gains, deviation, level, seed)).any() or (mean[~differs] < 0.0).any():
        return Dominance.DOES_NOT
    judged = (inner if order == 1 else inner | (thresholds > thresholds[inner].max())) & differs
    shown = judged.any() and (t[judged] > special.ndtri(level)).all()
    return Dominance.DOMINATES if shown else Dominance.CANNOT_TELL


def _expected(defined: Array, means: Means) -> Array:
    """Draws of equal weight; the replications, if there is one draw."""
    return defined if means.values.shape[1] == 1 else means.values[:, :, None]


def _options(objective: ArrayLike) -> Array:
    values = np.asarray(objective, np.float64)
    if values.ndim != 3 or len(values) < 2:  # noqa: PLR2004  (options, draws, replications)
        raise AnalysisError(
            "a decision needs an objective of shape (options, draws, replications) with at least "
            f"two options; got {values.shape}"
        )
    return values


def _against_best(
    means: Means, level: float, seed: int
) -> tuple[tuple[Worth, ...], tuple[Estimate, ...], Worth]:
    """Regret of each option, its odds of being the best of a draw, and the EVPI."""
    n_options, n_draws = means.values.shape
    if np.isnan(means.luck).any():
        return (_UNKNOWN,) * n_options, (UNDEFINED,) * n_options, _UNKNOWN
    found = _regret_and_odds(means.values, means.luck.mean(0))
    at_once = max(1, N_AT_ONCE // means.values.size)
    index = resampled(n_draws, seed)
    again = np.concatenate(
        [
            _regret_and_odds(
                means.values[:, taken].swapaxes(0, 1),
                np.array([means.luck[draws].mean(0) for draws in taken]),
            )
            for taken in np.split(index, range(at_once, len(index), at_once))
        ]
    )
    worths = [
        Worth(float(value), float(deviation))
        for value, deviation in zip(found, again.std(0, ddof=1), strict=True)
    ]
    odds = zip(found[n_options:-1], again[:, n_options:-1].T, strict=True)
    best = tuple(error.resampled_share(float(one), many, n_draws, level) for one, many in odds)
    return tuple(worths[:n_options]), best, worths[-1]


def _regret_and_odds(values: Array, luck: Array) -> Array:
    """Regrets, odds of being best, least regret: shape (..., 2 options + 1).

    ``values`` has shape (..., options, draws), ``luck`` (..., options, options).
    """
    true = denoised_contrasts(values, luck)
    top = true.max(-2, keepdims=True)
    best = true == top
    regret = (top - true).mean(-1)
    odds = (best / best.sum(-2, keepdims=True)).mean(-1)
    return np.concatenate([regret, odds, regret.min(-1, keepdims=True)], axis=-1)


def _held_out(defined: Array, seed: int) -> Worth:
    """Gain of choosing in each draw by half of its replications, valued on the other half."""
    n = defined.shape[2] // 2
    if not n:
        return _UNKNOWN
    order = np.random.default_rng(seed).permutation(defined.shape[2])
    halves = [defined[:, :, order[:n]], defined[:, :, order[n:]]]
    complete = np.logical_and(*(np.isfinite(half[0]).any(1) for half in halves))
    if np.count_nonzero(complete) < 2:  # noqa: PLR2004  (a variance needs two)
        return _UNKNOWN
    chosen, valued = (np.nanmean(half[:, complete], axis=2) for half in halves)
    best = int(np.argmax((chosen + valued).mean(1)))
    gains = [_gain_of_choice(*pair, best) for pair in ((chosen, valued), (valued, chosen))]
    gain = np.mean(gains, axis=0)
    return Worth(float(gain.mean()), float(gain.std(ddof=1) / np.sqrt(len(gain))))


def _gain_of_choice(chosen: Array, valued: Array, best: int) -> Array:
    draws = np.arange(chosen.shape[1])
    gain: Array = valued[chosen.argmax(0), draws] - valued[best]
    return gain


N_THRESHOLDS = 101
"""Thresholds at which distributions are compared: the pooled percentiles."""
_INNER = (0.05, 0.95)


def _thresholds(both: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Pooled percentiles, and which of them lie within the tails."""
    share = np.linspace(0.0, 1.0, N_THRESHOLDS)
    values = np.quantile(both[np.isfinite(both)], share)
    return values, (share >= _INNER[0]) & (share <= _INNER[1])


def _by_unit(first: Array, second: Array) -> tuple[Array, Array]:
    """Draws; the replications, if there is one draw, as in ``gtmsim.statistics.error``."""
    return (first.T, second.T) if len(first) == 1 else (first, second)


def _gains(first: Array, second: Array, thresholds: Array, order: int) -> Array:
    """How far the first is ahead at each threshold, by draw: shape (draws, thresholds)."""
    kept = np.isfinite(first).any(1)
    ahead = _shortfall(second[kept], thresholds, order) - _shortfall(first[kept], thresholds, order)
    return ahead


def _shortfall(values: Array, thresholds: Array, order: int) -> Array:
    """Probability (order 1) or mean depth (order 2) of lying below, shape (draws, thresholds)."""
    counts = np.isfinite(values).sum(1)
    sums = np.empty((len(values), len(thresholds)))
    for column, threshold in enumerate(thresholds):
        depth = threshold - values
        below = depth > 0.0 if order == 1 else np.maximum(depth, 0.0)
        sums[:, column] = np.where(np.isnan(values), 0.0, below).sum(1)
    shortfall: Array = sums / counts[:, None]
    return shortfall


def _largest(gains: Array, deviation: Array, level: float, seed: int) -> float:
    """Studentised deviation that no threshold exceeds with probability ``level``."""
    some = deviation > 0.0
    signs = np.random.default_rng(seed).normal(size=(N_RESAMPLES * 2, len(gains)))
    away = (gains - gains.mean(0))[:, some]
    deviations = (signs @ away) / (len(gains) * deviation[some])
    return float(np.quantile(deviations.max(1), level))


def _certain(mean: Array) -> Dominance:
    """Verdict where every draw shows the same: ahead somewhere and behind nowhere."""
    ahead = (mean > 0.0).any() and not (mean < 0.0).any()
    return Dominance.DOMINATES if ahead else Dominance.DOES_NOT
