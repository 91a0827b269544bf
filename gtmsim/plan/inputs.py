"""Uncertain inputs: the numbers that draws differ in, and how they are drawn."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gtmsim.draws import families
from gtmsim.draws.copula import correlated, factor, is_possible
from gtmsim.draws.families import DIST_WIDTH, sample_many
from gtmsim.draws.keys import name_key, replication_key
from gtmsim.draws.stratified import fill_stratified
from gtmsim.draws.tables import TABLE_SIZE, fill_beta_table, fill_gamma_table
from gtmsim.errors import Problem, ScenarioError
from gtmsim.plan.distributions import within_tables
from gtmsim.plan.forms import native_of, shift_of
from gtmsim.plan.structure import Floats
from gtmsim.scenario.correlations import mentioned, spearman_matrix
from gtmsim.scenario.distributions import Distribution
from gtmsim.scenario.kinds import Kind
from gtmsim.scenario.models import Correlation

NO_DRAW = NO_REPLICATION = 0xFFFFFFFF
"""Stand in a key where a draw and a replication would; no replication has this number."""


@dataclass(frozen=True)
class UncertainInput:
    """A number of the scenario that draws may differ in."""

    path: str
    distribution: Distribution | float
    """What it is drawn from; a plain number where only sweeps change it."""

    @property
    def kind(self) -> Kind | None:
        """What it measures; None for a plain number."""
        return self.distribution.kind if isinstance(self.distribution, Distribution) else None


@dataclass(frozen=True, eq=False)
class Copula:
    """Inputs that are correlated, and how much each takes of the luck of those before it."""

    paths: tuple[str, ...]
    lower: Floats
    """(paths, paths), see ``gtmsim.draws.copula.factor``."""


def copula_of(correlations: Sequence[Correlation]) -> Copula:
    """Copula of inputs in the order in which the correlations mention them.

    An input takes from those before it, so that a correlation that comes last, of an input not
    mentioned before, moves this input alone.

    Raises
    ------
    ScenarioError
        If they cannot hold all at once.
    """
    spearman = spearman_matrix(correlations)
    if correlations and not is_possible(spearman):
        raise ScenarioError([Problem("correlations", "cannot hold all at once")])
    return Copula(mentioned(correlations), factor(spearman))


def input_uniforms(
    paths: Iterable[str], copula: Copula, seed: int, draws: range
) -> Mapping[str, Floats]:
    """Where in its distribution each input lies in each draw, by path."""
    drawn = dict.fromkeys((*copula.paths, *paths))
    return joined({path: independent_uniforms(path, seed, draws) for path in drawn}, copula)


def joined(alone: Mapping[str, Floats], copula: Copula) -> Mapping[str, Floats]:
    """Uniforms that have the correlations, by path, made of independent ones.

    Parameters
    ----------
    alone
        Uniforms of (0, 1) by path, each of shape (draws,); those of the copula among them.
    copula
        Inputs that are correlated.
    """
    if not copula.paths:
        return alone
    mixed = correlated(np.array([alone[path] for path in copula.paths]), copula.lower)
    return {**alone, **dict(zip(copula.paths, mixed, strict=True))}


def independent_uniforms(path: str, seed: int, draws: range) -> Floats:
    """Uniforms of an input before it is correlated with others.

    They fill (0, 1) evenly, see ``gtmsim.draws.stratified``. Their key is made of the path, so that
    a new input never moves another.
    """
    k0, k1 = replication_key(seed, NO_DRAW, NO_REPLICATION)
    replication_key(seed, max(draws, default=0), NO_REPLICATION)  # refuses a draw out of range
    out = np.empty(len(draws))
    fill_stratified(k0, k1, np.uint64(name_key("input", path)), np.array(draws, np.uint64), out)
    return out


def quantiles(given: UncertainInput, u: Floats) -> Floats:
    """Quantiles of an input's distribution.

    Raises
    ------
    ScenarioError
        If no distribution of the family has the parameters.
    """
    if not isinstance(given.distribution, Distribution):
        return np.full(len(u), float(given.distribution))
    if given.distribution.choices:
        return _chosen(given.distribution, u)
    out = np.empty(len(u))
    record, tables = _record(given.path, given.distribution)
    sample_many(record, tables, u, out)
    return out + shift_of(given.distribution)


def _chosen(distribution: Distribution, u: Floats) -> Floats:
    upto = np.cumsum(distribution.weights)
    return np.array(distribution.choices)[np.searchsorted(upto / upto[-1], u, side="right")]


def _record(path: str, distribution: Distribution) -> tuple[Floats, Floats]:
    native = within_tables(native_of(distribution, dict(_plain(distribution))))
    record = np.array([float(value) for value in native])
    assert record.shape == (DIST_WIDTH,)
    if np.isnan(record).any():
        message = f"has parameters that no {distribution.family} distribution has"
        raise ScenarioError([Problem(path, message)])
    return _with_table(record)


def _plain(distribution: Distribution) -> list[tuple[str, float]]:
    return [(n, p) for n, p in distribution.parameters if not isinstance(p, Distribution)]


def _with_table(record: Floats) -> tuple[Floats, Floats]:
    tables = np.zeros(TABLE_SIZE)
    if record[0] == families.BETA:
        fill_beta_table(record[1], record[2], tables, 0)
    elif record[0] == families.GAMMA:
        fill_gamma_table(record[1], tables, 0)
    return record, tables
