"""What to measure first: the value of knowing an uncertain input before choosing.

EVPPI, the expected value of partial perfect information: whoever knew some inputs exactly, and
nothing else, would choose by the options' expected net benefit given those inputs. That expectation
is a regression of net benefit on the inputs over draws; luck, being noise of the regression, does
not bias it. The noise that is left in the fitted values would (the best of noisy values looks too
good), so their spread is first brought down to that of the true ones (`nested.denoised`).

Three figures guard against a regression that sees too much: what a useless input would get
(permutations), and what choosing by the regression gains on draws that it has not seen.
"""

from collections.abc import Sequence
from functools import cache
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg
from threadpoolctl import ThreadpoolController

from gtmsim.errors import AnalysisError
from gtmsim.statistics.nested import Array, draw_means, shrinkage

N_USELESS = 60
"""Useless inputs that are tried: their 95 % point lies between the third and fourth largest."""
_N_FOLDS = 5
_CURVES_ALONE = 5
"""Columns of the spline of an input that is regarded alone."""
_CURVES_IN_GROUP = 4
_OUTER_KNOTS = (0.02, 0.98)
_LEVELS = 6
"""Up to so many different values are levels, not a scale."""
_DRAWS_PER_COLUMN = 10
_NULL_SHARE = 0.95
_LEAST_FREE = 0.05
"""Of a draw's noise: at most so much of it is taken to be hidden by the draw's own weight."""
_NO_SPREAD = 1e-9


class PartialInformation(NamedTuple):
    """What knowing an input or a group of inputs is worth, in units of net benefit."""

    evppi: float
    """Free of the noise of the regression; never below 0.

    Where the best two options tie, too low by up to 0.4 standard errors of their difference: the
    sample takes for the best the one that looks it.
    """
    error: float
    """Standard error of ``evppi``."""
    null: float
    """What a useless input gets on average: ``evppi`` where signs of the noise are permuted."""
    null_high: float
    """And in 95 % of permutations at most."""
    held_out: float
    """Gain of choosing by the regression in draws it was not fitted to: too low, if anything."""
    held_out_error: float
    """Standard error of ``held_out``."""
    largest_high: float = np.nan
    """What 95 % of the largest would get at most, were all inputs that are asked for alone useless.

    Tells whether the input that looks worth most is worth anything, for however many there are.
    """

    @property
    def is_useful(self) -> bool:
        """Whether the value is above what 95 % of useless inputs get."""
        return self.evppi > self.null_high


class _Draws(NamedTuple):
    """Net benefit by draw and what all inputs share of the work on it."""

    benefit: Array
    """Distances of the options from their mean, shape (draws, options)."""
    kept: NDArray[np.bool_]
    """Draws with a defined future, shape (all draws,)."""
    signs: Array
    """Random signs, shape (draws, useless inputs)."""
    folds: NDArray[np.int64]
    """Fold of each draw."""


class _Fit(NamedTuple):
    """Regression of net benefit on some inputs."""

    basis: Array
    """Orthonormal, each column of mean 0: shape (draws, columns)."""
    centre: Array
    """Mean of each option's benefit."""
    coefficients: Array
    """Shape (columns, options)."""
    residuals: Array
    """Each as wide as the draw's noise, shape (draws, options)."""
    noise: Array
    """Covariance that noise alone gives the fitted values, shape (options, options)."""


def value_of_information(
    net_benefit: ArrayLike,
    inputs: ArrayLike,
    groups: Sequence[Sequence[int]] | None = None,
    seed: int = 0,
) -> tuple[PartialInformation, ...]:
    """Value of knowing inputs, for a choice between options.

    Parameters
    ----------
    net_benefit
        Shape (options, draws, replications), finite or NaN; larger is better. A future in which
        any option is undefined is left out; draws have equal weight.
    inputs
        Shape (draws, inputs), finite.
    groups
        Columns of ``inputs`` that would become known together; by default each one alone.
    seed
        Of the permutations and the folds.

    Returns
    -------
    tuple of PartialInformation
        One for each group. An input alone is fitted by a natural cubic spline, a group by the sum
        of its splines and the products of each pair's linear and quadratic terms: interactions of
        three are not seen. Up to six different values count as levels.

    Raises
    ------
    AnalysisError
        If the shapes do not fit, an input is not finite, no future is defined, or a group is too
        large for the number of draws.

    Source
    ------
    Strong, Oakley and Brennan, Estimating multiparameter partial expected value of perfect
    information from a probabilistic sensitivity analysis sample, 2014 (regression); it differs from
    it in the spread of the fitted values, the permutations and the held-out figure.
    """
    columns = np.asarray(inputs, np.float64)
    draws = _prepare(net_benefit, columns, seed)
    chosen = groups if groups is not None else [[i] for i in range(columns.shape[1])]
    # Products this small cost threads more in waiting for each other than they save.
    with _blas().limit(limits=1, user_api="blas"):
        found = [_partial(draws, columns[draws.kept][:, list(group)]) for group in chosen]
    nulls = [null for (_, null), group in zip(found, chosen, strict=True) if len(group) == 1]
    # Signs are the same for every input, so that what is useless together is seen together.
    high = float(np.quantile(np.max(nulls, axis=0), _NULL_SHARE)) if nulls else np.nan
    return tuple(one._replace(largest_high=high) for one, _ in found)


def check_draws(inputs: ArrayLike) -> None:
    """Make sure that there are draws enough to tell what knowing inputs together is worth.

    Parameters
    ----------
    inputs
        Shape (draws, inputs), finite.

    Raises
    ------
    AnalysisError
        If there are too few.
    """
    columns = np.asarray(inputs, np.float64)
    _orthonormal(_terms(columns), columns.shape[1])


@cache
def _blas() -> ThreadpoolController:
    """Threads of the libraries that are loaded."""
    return ThreadpoolController()


def _prepare(net_benefit: ArrayLike, inputs: Array, seed: int) -> _Draws:
    values = np.asarray(net_benefit, np.float64)
    if values.ndim != 3 or len(values) < 2:  # noqa: PLR2004  (options, draws, replications)
        raise AnalysisError(
            "net benefit needs the shape (options, draws, replications) with at least two "
            f"options; got {values.shape}"
        )
    if inputs.ndim != 2 or len(inputs) != values.shape[1]:  # noqa: PLR2004  (draws, inputs)
        raise AnalysisError(
            f"inputs need the shape ({values.shape[1]} draws, inputs); got {inputs.shape}"
        )
    if not np.isfinite(inputs).all():
        raise AnalysisError("an input is not finite in some draw: nothing can be learnt from it")
    undefined: NDArray[np.bool_] = np.asarray(np.isnan(values).any(0))
    kept: NDArray[np.bool_] = np.asarray(~undefined.all(1))
    benefit = draw_means(values).values.T
    rng = np.random.default_rng(seed)
    return _Draws(
        benefit - benefit.mean(1, keepdims=True),
        kept,
        rng.choice([-1.0, 1.0], size=(len(benefit), N_USELESS)),
        rng.permutation(len(benefit)) % _N_FOLDS,
    )


def _partial(draws: _Draws, columns: Array) -> tuple[PartialInformation, Array]:
    """Value of some inputs, and what useless ones of their kind get, shape (useless inputs,)."""
    fit = _regress(draws.benefit, _orthonormal(_terms(columns), columns.shape[1]))
    fitted = _true_values(fit, fit.coefficients[None])[0]
    best = int(fit.centre.argmax())
    gains = _taken(draws.benefit, fitted.T) - draws.benefit[:, best]
    null = _gain(_true_values(fit, _useless(fit, draws.signs)))
    unseen = _taken(draws.benefit, _cross_fitted(fit, draws)) - draws.benefit[:, best]
    found = PartialInformation(
        float(_gain(fitted)),
        _standard_error(gains),
        float(null.mean()),
        float(np.quantile(null, _NULL_SHARE)),
        float(unseen.mean()),
        _standard_error(unseen),
    )
    return found, null


def _regress(benefit: Array, basis: Array) -> _Fit:
    """Regress with a noise that may differ between draws (White's covariance, HC2)."""
    centre = benefit.mean(0)
    coefficients = basis.T @ benefit
    leverage = (basis**2).sum(1) + 1.0 / len(benefit)
    residuals = benefit - centre - basis @ coefficients
    residuals /= np.sqrt(np.maximum(1.0 - leverage, _LEAST_FREE))[:, None]
    noise = residuals.T @ (residuals * (basis**2).sum(1)[:, None]) / (len(benefit) - 1)
    return _Fit(basis, centre, coefficients, residuals, noise)


def _useless(fit: _Fit, signs: Array) -> Array:
    """Coefficients where an input tells nothing: residuals with random signs.

    Signs, and not draws, are permuted, so that noise stays as wide as it is at each value of the
    input. Shape (useless inputs, columns, options).
    """
    n_columns, n_options = fit.coefficients.shape
    products = fit.basis[:, :, None] * fit.residuals[:, None, :]
    sums = signs.T @ products.reshape(len(signs), n_columns * n_options)
    coefficients: Array = sums.reshape(signs.shape[1], n_columns, n_options)
    return coefficients


def _true_values(fit: _Fit, coefficients: Array) -> Array:
    """Fitted values with the spread of the true ones, shape (regressions, options, draws)."""
    turned = np.swapaxes(coefficients, 1, 2)
    seen = turned @ coefficients / (len(fit.basis) - 1)
    true = shrinkage(seen, fit.noise) @ turned
    n_regressions, n_options, n_columns = true.shape
    away = true.reshape(n_regressions * n_options, n_columns) @ fit.basis.T
    values: Array = fit.centre[:, None] + away.reshape(n_regressions, n_options, -1)
    return values


def _gain(values: Array) -> Array:
    """Mean of the best over draws above the best mean; shape (..., options, draws) to (...)."""
    gain: Array = values.max(-2).mean(-1) - values.mean(-1).max(-1)
    return gain


def _taken(benefit: Array, by: Array) -> Array:
    """Benefit of the option that looks best by some other figure, by draw."""
    taken: Array = np.take_along_axis(benefit, by.argmax(1)[:, None], axis=1)[:, 0]
    return taken


def _standard_error(gains: Array) -> float:
    return float(gains.std(ddof=1) / np.sqrt(len(gains)))


def _cross_fitted(fit: _Fit, draws: _Draws) -> Array:
    """Fitted values of each fold's draws by the regression on all other folds."""
    n = len(fit.basis)
    q = np.column_stack([np.full(n, 1.0 / np.sqrt(n)), fit.basis])
    moments = q.T @ draws.benefit
    fitted = np.empty_like(draws.benefit)
    for fold in range(_N_FOLDS):
        inside = draws.folds == fold
        part = q[inside]
        gram = np.eye(q.shape[1]) - part.T @ part
        rest = moments - part.T @ draws.benefit[inside]
        fitted[inside] = part @ np.linalg.lstsq(gram, rest, rcond=1e-10)[0]
    return fitted


def _orthonormal(terms: Array, n_inputs: int) -> Array:
    """Orthonormal basis of the terms less their means; what is redundant falls out."""
    n = len(terms)
    away = terms - terms.mean(0)
    sizes = np.sqrt((away**2).sum(0))
    away = away[:, sizes > _NO_SPREAD * np.abs(terms).max(0, initial=0.0)]
    if not away.shape[1]:
        return np.zeros((n, 0))
    q, r, _ = linalg.qr(
        away / np.sqrt((away**2).sum(0)), mode="economic", pivoting=True, check_finite=False
    )
    sizes = np.abs(np.diag(r))
    basis: Array = q[:, sizes > _NO_SPREAD * sizes.max()]
    if basis.shape[1] * _DRAWS_PER_COLUMN > n:
        least = basis.shape[1] * _DRAWS_PER_COLUMN
        whose = "an input alone" if n_inputs == 1 else f"a group of {n_inputs} inputs"
        fewer = "" if n_inputs == 1 else ", or ask for fewer inputs at a time"
        raise AnalysisError(
            f"{n} draws are too few to tell what knowing {whose} is worth: the fit has "
            f"{basis.shape[1]} terms. Simulate at least {least} draws{fewer}"
        )
    return basis


def _terms(columns: Array) -> Array:
    """Terms of the regression on a group of inputs, shape (draws, terms)."""
    n_inputs = columns.shape[1]
    curves = _CURVES_ALONE if n_inputs == 1 else _CURVES_IN_GROUP
    alone = [_curve(column, curves) for column in columns.T]
    pairs = combinations([_bend(column) for column in columns.T], 2)
    products = [
        (left[:, :, None] * right[:, None, :]).reshape(len(columns), -1) for left, right in pairs
    ]
    return np.column_stack([*alone, *products])


def _curve(column: Array, n_columns: int) -> Array:
    """Levels, or a natural cubic spline with its knots at quantiles; shape (draws, columns)."""
    levels = np.unique(column)
    if len(levels) <= _LEVELS:
        return np.asarray(column[:, None] == levels[1:], np.float64)
    knots = np.unique(np.quantile(column, np.linspace(*_OUTER_KNOTS, n_columns + 1)))
    return natural_spline(column, knots if len(knots) > 1 else levels[[0, -1]])


def _bend(column: Array) -> Array:
    """Linear and quadratic term, standardised; shape (draws, 2)."""
    spread = column.std()
    scaled = (column - column.mean()) / (spread if spread > 0.0 else 1.0)
    return np.column_stack([scaled, scaled**2])


def natural_spline(x: ArrayLike, knots: ArrayLike) -> Array:
    """Basis of cubic splines that are linear beyond their outer knots, without the constant.

    Parameters
    ----------
    x
        Shape (draws,).
    knots
        Increasing, at least two.

    Returns
    -------
    Array
        Shape (draws, knots - 1); the first column is ``x``, scaled to the knots.

    Source
    ------
    Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2009, 5.2.1.
    """
    inner = np.asarray(knots, np.float64)
    span = inner[-1] - inner[0]
    scaled = (np.asarray(x, np.float64) - inner[0]) / span
    at = (inner - inner[0]) / span
    cubes = np.maximum(scaled[:, None] - at, 0.0) ** 3
    slopes = (cubes[:, :-1] - cubes[:, -1:]) / (at[-1] - at[:-1])
    basis: Array = np.column_stack([scaled, slopes[:, :-1] - slopes[:, -1:]])
    return basis
