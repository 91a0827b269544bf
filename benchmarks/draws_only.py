"""The limit: a loop that makes the draws of a replication and does nothing with them."""

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from unittest.mock import patch

import numpy as np

from gtmsim.draws.elementary import log
from gtmsim.draws.families import sample_many
from gtmsim.draws.keys import counter
from gtmsim.draws.threefry import uniforms
from gtmsim.engines import reference
from gtmsim.engines.reference import expansion, luck, onboarding, service
from gtmsim.jit import kernel
from gtmsim.plan import Plan
from gtmsim.plan.structure import Values
from gtmsim.rules.clocks import unit_exponential
from gtmsim.rules.state import fill_tables, new_tables

BATCH = 4096
"""Draws made at a time: they fit the first cache."""


@dataclass(frozen=True)
class Draws:
    """What a replication draws.

    Attributes
    ----------
    pairs
        Pairs of uniforms.
    exponentials
        Unit exponentials made of them.
    variates
        Variates by row of the distributions.
    """

    pairs: int
    exponentials: int
    variates: Counter[int]


def count_draws(plan: Plan, values: Values, seed: int) -> Draws:
    """Count the draws of a replication as the reference engine makes them."""
    pairs, variates = Counter[str](), Counter[int]()
    pair, at = luck.Luck._pair, luck.Varying.at

    def counting_pair(*arguments):  # type: ignore[no-untyped-def]
        pairs["drawn"] += 1
        return pair(*arguments)

    def counting_at(varying, u):  # type: ignore[no-untyped-def]
        variates[int(varying.row)] += 1
        return at(varying, u)

    def counting_exponential(u):  # type: ignore[no-untyped-def]
        pairs["exponential"] += 1
        return unit_exponential(u)

    with ExitStack() as patches:
        patches.enter_context(patch.object(luck.Luck, "_pair", counting_pair))
        patches.enter_context(patch.object(luck.Varying, "at", counting_at))
        for module in (expansion, onboarding, service):
            patches.enter_context(patch.object(module, "unit_exponential", counting_exponential))
        reference.simulate_block(plan, (values,), seed, range(1), range(1), np.zeros(1, np.int64))
    return Draws(pairs["drawn"], pairs["exponential"], variates)


def make_draws(draws: Draws, values: Values, k0: np.uint64, k1: np.uint64) -> None:
    """Make so many draws, in batches that fit the cache."""
    tables = new_tables(values)
    fill_tables(values.table_specs, tables)
    out = np.empty((3, BATCH))
    _pairs(k0, k1, draws.pairs, out)
    for row, n in draws.variates.items():
        _variates(values.dists[row], tables, n, out)
    _exponentials(draws.exponentials, out)


@kernel
def _pairs(k0: np.uint64, k1: np.uint64, n: int, out: np.ndarray) -> None:
    for first in range(0, n, BATCH):
        for i in range(min(BATCH, n - first)):
            u0, u1 = uniforms(k0, k1, np.uint64(77), counter(first + i, 0))
            out[0, i] = u0
            out[1, i] = u1


@kernel
def _variates(dist: np.ndarray, tables: np.ndarray, n: int, out: np.ndarray) -> None:
    for first in range(0, n, BATCH):
        size = min(BATCH, n - first)
        sample_many(dist, tables, out[0, :size], out[2, :size])


@kernel
def _exponentials(n: int, out: np.ndarray) -> None:
    for first in range(0, n, BATCH):
        for i in range(min(BATCH, n - first)):
            out[2, i] = -log(out[1, i])
