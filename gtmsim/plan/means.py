"""Means and quantiles of distributions: what a closed form puts in the place of what varies."""

from collections.abc import Callable
from math import pi, sqrt

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from scipy.special import expit, gamma, ndtr

from gtmsim.draws import families
from gtmsim.draws.families import sample_many
from gtmsim.draws.tables import TABLE_SIZE, fill_beta_table, fill_gamma_table
from gtmsim.plan.distributions import Native, Number
from gtmsim.plan.forms import native_of, shift_of
from gtmsim.plan.structure import Floats
from gtmsim.scenario.distributions import Distribution

_NODES, _raw_weights = hermegauss(64)
_WEIGHTS = _raw_weights / sqrt(2.0 * pi)
_UNIFORMS = np.clip(ndtr(_NODES), 1e-15, 1.0 - 1e-15)


def mean_of(value: float | Distribution) -> float:
    """Mean of a number of the scenario, with the uncertain parameters of it at their means.

    Parameters
    ----------
    value
        A number, or what it is drawn from, in the unit of its key.
    """
    if not isinstance(value, Distribution):
        return float(value)
    if value.choices:
        return float(np.average(value.choices, weights=value.weights))
    parameters: dict[str, Number] = {n: mean_of(p) for n, p in value.parameters}
    native = native_of(value, parameters)
    record = np.array([float(part) for part in native])
    return float(record_means(record[np.newaxis])[0]) + shift_of(value)


def record_means(records: Floats) -> Floats:
    """Mean of each distribution.

    Parameters
    ----------
    records
        [family, a, b, mode or table, u_low, u_high] each, shape (..., 6), see
        ``gtmsim.draws.families``.

    Returns
    -------
    ndarray, shape (...)
        In the unit of the variates. By the formula of the family; by quadrature over quantiles
        where a distribution is truncated.
    """
    rows = np.ascontiguousarray(records, np.float64).reshape(-1, families.DIST_WIDTH)
    out = np.empty(len(rows))
    whole = (rows[:, 4] == 0.0) & (rows[:, 5] == 1.0)
    for family, mean in _MEANS.items():
        here = whole & (rows[:, 0] == family)
        if here.any():
            out[here] = mean(Native(*rows[here].T))
    for index in np.flatnonzero(~whole):
        out[index] = _by_quadrature(rows[index])
    return out.reshape(records.shape[:-1])


def record_quantiles(records: Floats, n: int) -> Floats:
    """Equally likely values of each distribution, in ascending order.

    Parameters
    ----------
    records
        As for `record_means`, shape (rows, 6).
    n
        Values of each.

    Returns
    -------
    ndarray, shape (rows, n)
        Quantiles in the middles of ``n`` parts of the same probability; the last, or the first, is
        moved outwards so that the mean of all is that of the distribution.
    """
    middles = (np.arange(n) + 0.5) / n
    values = np.array([_values_at(record, middles) for record in records]).reshape(-1, n)
    missing = n * (record_means(records) - values.mean(axis=1))
    values[:, -1] += np.maximum(missing, 0.0)
    values[:, 0] += np.minimum(missing, 0.0)
    return values


def _by_quadrature(record: Floats) -> float:
    """Mean over quantiles at the uniforms of a Gauss-Hermite rule, smooth in a normal variate."""
    return float(_values_at(record, _UNIFORMS) @ _WEIGHTS)


def _values_at(record: Floats, uniforms: Floats) -> Floats:
    """Quantiles of a distribution."""
    record, tables = record.copy(), np.zeros(TABLE_SIZE)
    if record[0] == families.BETA:
        fill_beta_table(record[1], record[2], tables, 0)
    elif record[0] == families.GAMMA:
        fill_gamma_table(record[1], tables, 0)
    if record[0] != families.TRIANGULAR:
        record[3] = 0.0
    out = np.empty(len(uniforms))
    sample_many(record, tables, uniforms, out)
    return out


def _logit_normal(native: Native) -> Floats:
    at = np.asarray(native.a)[:, np.newaxis] + np.asarray(native.b)[:, np.newaxis] * _NODES
    mean: Floats = expit(at) @ _WEIGHTS
    return mean


_MEANS: dict[int, Callable[[Native], Number]] = {
    families.FIXED: lambda native: native.a,
    families.UNIFORM: lambda native: 0.5 * (native.a + native.b),
    families.NORMAL: lambda native: native.a,
    families.LOGNORMAL: lambda native: np.exp(native.a + 0.5 * native.b * native.b),
    families.EXPONENTIAL: lambda native: native.a,
    families.WEIBULL: lambda native: native.b * gamma(1.0 + 1.0 / native.a),
    families.LOGIT_NORMAL: _logit_normal,
    families.BETA: lambda native: native.a / (native.a + native.b),
    families.GAMMA: lambda native: native.a * native.b,
    families.TRIANGULAR: lambda native: (native.a + native.b + native.mode) / 3.0,
}
