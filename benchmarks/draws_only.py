"""The limit: a loop that makes the draws of a replication and does nothing with them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from gtmsim.draws.elementary import exp, log, normal_quantile
from gtmsim.draws.keys import counter, place_of, stream_of
from gtmsim.draws.threefry import uniforms
from gtmsim.jit import kernel
from gtmsim.plan import Plan
from gtmsim.plan.structure import FunnelInt, PlaybookInt, SegmentInt
from gtmsim.vocabulary import EventKind


@dataclass(frozen=True)
class DrawCounts:
    """Draws of one replication: pairs of uniforms, and the variates made of them."""

    pairs: int
    lognormals: int
    exponentials: int


def count_draws(plan: Plan, ledger: Any) -> DrawCounts:
    """Count the draws behind a replication's ledger.

    Each lead's layer has one draw in eight leads and each point one; a stage entry one, with a
    lognormal where the entry goes on; patience, contract menu, price, potential, onboarding and
    propensity one each; every clock one.
    """
    kinds = np.bincount(ledger["kind"], minlength=len(EventKind))
    structure = plan.structure
    leads = ledger[np.isin(ledger["kind"], (EventKind.LEAD, EventKind.UNSERVED))]
    layers = _layers(leads)
    won, started = kinds[EventKind.WON], kinds[EventKind.SERVICE_STARTED]
    entered, lost = kinds[EventKind.STAGE_ENTERED], kinds[EventKind.LOST]
    menu = structure.segment[:, SegmentInt.CONTRACT_COUNT]
    sold = np.bincount(
        ledger["segment"][ledger["kind"] == EventKind.WON], minlength=len(structure.segment)
    )
    lived = np.bincount(
        ledger["segment"][ledger["kind"] == EventKind.SERVICE_STARTED],
        minlength=len(structure.segment),
    )
    clocks = int((lived * structure.segment[:, SegmentInt.PLAYBOOK_COUNT]).sum())
    triggers = kinds[EventKind.EXPANSION_TRIGGERED]
    worked = int((structure.playbook[:, PlaybookInt.TEAM] >= 0).any()) * triggers
    patient = int((structure.funnel[:, FunnelInt.PATIENCE_DIST] >= 0).any())
    waits = patient * kinds[EventKind.REQUESTED]
    exponentials = clocks + triggers + started * 2 + int((sold * menu).sum())
    lognormals = (entered - lost) + kinds[EventKind.OPPORTUNITY] + won + triggers + waits
    pairs = 9 * layers + entered + waits + kinds[EventKind.OPPORTUNITY]
    pairs += int((sold * menu).sum()) + 2 * won + 3 * started + clocks + 2 * triggers + worked
    return DrawCounts(int(pairs), int(lognormals), int(exponentials))


def _layers(leads: Any) -> int:
    """Layers that held these leads, at eight points each."""
    stream = np.array([stream_of(entity) for entity in leads["entity"]])
    month = np.array([place_of(entity) >> 26 for entity in leads["entity"]])
    _, counts = np.unique(np.stack([stream, month]), axis=1, return_counts=True)
    return int(np.ceil(counts / 8).sum())


@kernel
def make_draws(
    k0: np.uint64, k1: np.uint64, pairs: int, lognormals: int, exponentials: int, out: np.ndarray
) -> float:
    """Make so many draws in batches that fit the cache; returns their sum so that none is idle."""
    size = out.shape[1]
    total = 0.0
    for first in range(0, pairs, size):
        n = min(size, pairs - first)
        for i in range(n):
            u0, u1 = uniforms(k0, k1, np.uint64(77), counter(first + i, 0))
            out[0, i] = u0
            out[1, i] = u1
        total += out[0, 0] + out[1, n - 1]
    for first in range(0, lognormals, size):
        n = min(size, lognormals - first)
        for i in range(n):
            out[2, i] = exp(0.5 + 0.7 * normal_quantile(out[0, i]))
        total += out[2, n - 1]
    for first in range(0, exponentials, size):
        n = min(size, exponentials - first)
        for i in range(n):
            out[2, i] = -log(out[1, i])
        total += out[2, n - 1]
    return total
