"""Which input matters: shares of an output's variance that come from single inputs and groups.

Two ways to the same question. `first_order_indices` takes ordinary draws, in which all inputs vary
at once, and asks how well one input alone predicts the output. `sobol_indices` takes a design in
which rows share some inputs, and also tells what an input does together with others.

Both look through luck: an output is its expectation given the inputs, f(x), plus luck, and the
indices are of f. An input's first-order index is Var(E[f | input]) / Var(f); its total index is
E[Var(f | all others)] / Var(f), and 0 only if the input changes nothing.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gtmsim.errors import AnalysisError
from gtmsim.statistics.designs import Groups, columns_of
from gtmsim.statistics.jackknife import standard_error, totals_left_out
from gtmsim.statistics.splines import curve_basis
from gtmsim.statistics.variance import MIN_REPLICATIONS, Component

MIN_DRAWS = 20
"""Fewer tell nothing about a curve, nor about the error of an index."""

_ALONE = 1e-9  # a draw with less than this left is the only one at its level: the fit meets it


class NoSpreadError(AnalysisError):
    """An output that does not vary, or no more than by luck: no input has a share in it."""


class ByInput(NamedTuple):
    """A figure for each input, or group of inputs, with its standard error; shape (groups,)."""

    value: NDArray[np.float64]
    error: NDArray[np.float64]


class FirstOrder(NamedTuple):
    """First-order indices from ordinary draws."""

    of_means: ByInput
    """Share of the variance of the draws' means, in which some luck is left."""
    of_unknown: ByInput
    """Share of the variance of the expectation given the inputs. NaN where it cannot be told from
    luck: with a single replication, or where draws differ no more than luck makes them."""


class SobolIndices(NamedTuple):
    """First and total indices from a pick-freeze design."""

    first: ByInput
    total: ByInput
    unknown: Component
    """The variance that they are shares of: of the expectation given the inputs."""


def first_order_indices(
    inputs: ArrayLike, sample: ArrayLike, groups: Groups | None = None
) -> FirstOrder:
    """First-order indices of inputs, or groups of them, from ordinary draws.

    The means of the draws are regressed on a smooth curve in the rank of one input (`curve_basis`);
    the index is the adjusted R2, which is 0 on average for an input that has no part. Each squared
    residual is divided by 1 - leverage, not all by their mean, since inputs that act together with
    others make outputs spread where leverage is high. For a group the curves of its inputs are
    added, so that what they do only together is left out. Of correlated inputs each gets credit for
    what it tells about the others.

    Parameters
    ----------
    inputs
        Shape (draws, inputs), finite.
    sample
        Shape (draws, replications), finite.
    groups
        Columns of each group; by default every input is one.

    Returns
    -------
    FirstOrder
        Unbiased but for what a smooth curve cannot follow, so that small indices may come out
        negative. Standard errors are by jackknife over draws, with ranks kept. NaN for a group in
        which nothing varies.

    Raises
    ------
    AnalysisError
        If a value is not finite, there are fewer than `MIN_DRAWS` draws or fewer than twice the
        coefficients of a group, a group is empty or has a column that is not there, or the output
        never varies.

    Source
    ------
    Plischke, An effective algorithm for computing global sensitivity indices, 2010, has the same
    idea with a cosine basis; MacKinnon and White, Some heteroskedasticity-consistent covariance
    matrix estimators, 1985 (HC2: residuals over 1 - leverage). The correction for luck is that of
    one-way analysis of variance.
    """
    values, outputs = np.asarray(inputs, np.float64), finite(sample)
    n, r = outputs.shape
    if len(values) != n or not np.isfinite(values).all():
        raise AnalysisError(f"an index takes inputs that are numbers in each of the {n} draws")
    if n < MIN_DRAWS:
        raise AnalysisError(
            f"what an input explains takes at least {MIN_DRAWS} draws; found {n}. Simulate more: "
            f"the same command with --draws {MIN_DRAWS} --extend keeps those that are there"
        )
    means = outputs.mean(1)
    if np.ptp(means) == 0.0:
        raise NoSpreadError("the output is the same in every draw: no input has a share in it")
    luck = outputs.var(1, ddof=1) / r if r >= MIN_REPLICATIONS else np.full(n, np.nan)
    columns = columns_of(groups, values.shape[1])
    shares = [_shares(values[:, c], means - means.mean(), luck) for c in columns]
    return FirstOrder(*(_gathered(of) for of in zip(*shares, strict=True)))


def sobol_indices(y_a: ArrayLike, y_b: ArrayLike, y_ab: ArrayLike) -> SobolIndices:
    """First and total Sobol' indices from a pick-freeze design (`designs.pick_freeze`).

    Where a usual estimator multiplies or squares outputs, luck would count as an effect. Here every
    product pairs replications s and t of which s != t, so that their luck is independent and drops
    out on average. With <u, v> the mean of u_s v_t over all such pairs and over base points, and
    outputs taken from their common mean::

        unknown       (<a, a> + <b, b>) / 2            = Var f
        first         <b, ab - a> / unknown            = Var(E[f | group]) / Var f
        total         <a - ab, a - ab> / 2 / unknown   = E[Var(f | others)] / Var f

    Parameters
    ----------
    y_a, y_b
        Outputs at the base points of A and of B, shape (n, replications), finite, at least two
        replications.
    y_ab
        Outputs at A with one group taken from B, shape (groups, n, replications). Rows of a base
        point may share their luck replication by replication: the differences then have less of
        it, and the total index of an input that changes nothing is exactly 0.

    Returns
    -------
    SobolIndices
        Biased by no more than 1 / n, and not cut, so that small indices may come out negative.
        Standard errors are by jackknife over base points taken as independent, so they are too
        large for the even points of a Sobol' sequence.

    Raises
    ------
    AnalysisError
        If a value is not finite, shapes do not fit, there is one replication or fewer than
        `MIN_DRAWS` base points, the output never varies, or it cannot be told from luck.

    Source
    ------
    Saltelli et al., Variance based sensitivity analysis of model output, 2010 (first); Jansen,
    Analysis of variance designs for model output, 1999 (total); the pairing of replications is the
    unbiased estimate of a product of expectations.
    """
    a, b, ab = finite(y_a), finite(y_b), finite(y_ab)
    _check_design(a, b, ab)
    if max(a.max(), b.max()) == min(a.min(), b.min()):  # rounding would make a share of 0 of it
        raise NoSpreadError("the output is the same in every future: no input has a share in it")
    centre = 0.5 * (a.mean() + b.mean())
    a, b, ab = a - centre, b - centre, ab - centre
    spread = 0.5 * (_product(a, a) + _product(b, b))
    first, total = _product(b, ab - a), 0.5 * _product(a - ab, a - ab)
    if spread.mean() <= 0.0:
        raise NoSpreadError(
            "the output differs no more between base points than luck makes it: no input has a "
            "share to be seen. Run more replications of each, or more base points"
        )
    unknown = Component(float(spread.mean()), float(standard_error(_means_left_out(spread))))
    return SobolIndices(_ratios(first, spread), _ratios(total, spread), unknown)


def finite(sample: ArrayLike) -> NDArray[np.float64]:
    """Take outputs as an array, all of which must be finite.

    Raises
    ------
    AnalysisError
        If one is not: an index of the futures that are left would be of a different question.
    """
    outputs = np.asarray(sample, np.float64)
    n_bad = int((~np.isfinite(outputs)).sum())
    if n_bad or not outputs.size:
        raise AnalysisError(
            f"the output is undefined or infinite in {n_bad:,} of {outputs.size:,} futures: no "
            "index can be given. Ask for an output that every future has, such as the odds that "
            "it is defined"
        )
    return outputs


def _shares(
    inputs: NDArray[np.float64], means: NDArray[np.float64], luck: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Index of one group of means and of the unknown, each with its error; shape (2, 2)."""
    basis = curve_basis(inputs)
    n, p = basis.shape
    if p == 0:
        return np.full((2, 2), np.nan)
    if n < 2 * (p + 1):
        raise AnalysisError(
            f"{n} draws are too few for a group of {inputs.shape[1]} inputs, whose curves have {p} "
            "coefficients: run more draws or make the group smaller"
        )
    residuals = means - basis @ (basis.T @ means)
    kept = 1.0 - (basis**2).sum(1) - 1.0 / n
    terms = np.stack(
        [
            means**2 * n / (n - 1),
            np.divide(residuals**2, kept, out=np.zeros(n), where=kept > _ALONE),
            luck,
        ],
        axis=-1,
    )
    found, left_out = _explained(terms.mean(0)), _explained(_means_left_out(terms))
    error = np.where(np.isnan(found), np.nan, standard_error(left_out))
    return np.stack([found, error], axis=-1)


def _explained(variances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Explained shares of the variance of means and of the unknown, shape (..., 2).

    From the variance of means, what the curve leaves of it, and luck, shape (..., 3).
    """
    of_means, left, luck = np.moveaxis(variances, -1, 0)
    unknown = np.where(of_means > luck, of_means - luck, np.nan)
    shares: NDArray[np.float64] = (of_means - left)[..., None] / np.stack(
        [of_means, unknown], axis=-1
    )
    return shares


def _gathered(shares: Sequence[NDArray[np.float64]]) -> ByInput:
    values, errors = np.transpose(shares)
    return ByInput(values, errors)


def _check_design(a: NDArray[np.float64], b: NDArray[np.float64], ab: NDArray[np.float64]) -> None:
    n, r = a.shape
    if b.shape != a.shape or ab.shape[1:] != a.shape:
        raise AnalysisError(
            "a pick-freeze design has as many outputs of A, of B and of each group; found shapes "
            f"{a.shape}, {b.shape} and {ab.shape}"
        )
    if r < MIN_REPLICATIONS or n < MIN_DRAWS:
        raise AnalysisError(
            f"Sobol' indices take {MIN_REPLICATIONS} replications, to see through luck, and "
            f"{MIN_DRAWS} base points; found {r} and {n}"
        )


def _product(u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of u_s v_t over pairs of different replications; shape (..., n)."""
    r = u.shape[-1]
    mean: NDArray[np.float64] = (u.sum(-1) * v.sum(-1) - (u * v).sum(-1)) / (r * (r - 1))
    return mean


def _ratios(parts: NDArray[np.float64], whole: NDArray[np.float64]) -> ByInput:
    """Ratios of means over base points, of shapes (groups, n) and (n,)."""
    left_out = _means_left_out(parts.T) / _means_left_out(whole)[:, None]
    return ByInput(parts.mean(1) / whole.mean(), standard_error(left_out))


def _means_left_out(terms: NDArray[np.float64]) -> NDArray[np.float64]:
    return totals_left_out(terms) / (len(terms) - 1)
