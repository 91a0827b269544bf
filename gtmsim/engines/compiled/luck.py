"""Draws of an entity, by purpose and number."""

import numpy as np

from gtmsim.draws.families import FIXED, sample_at
from gtmsim.draws.keys import counter, place_of, stream_of
from gtmsim.draws.threefry import uniforms
from gtmsim.engines.compiled.terms import Terms
from gtmsim.jit import lean, lean_inlined
from gtmsim.plan.structure import Floats, Ints, Keys

_FAMILY = 0
_VALUE = 1


@lean_inlined
def pair(
    k0: np.uint64, k1: np.uint64, stream_key: Keys, key: np.uint64, entity: int, n: int
) -> tuple[float, float]:
    """Draw number ``n`` of an entity for the purpose that ``key`` names, ``(u0, u1)``."""
    return uniforms(k0, k1, stream_key[stream_of(entity)] ^ key, counter(place_of(entity), n))


@lean
def draw(
    terms: Terms, k0: np.uint64, k1: np.uint64, key: np.uint64, entity: int, n: int, row: int
) -> float:
    """Value of the distribution in ``row`` at ``u0`` of an entity's draw number ``n``."""
    if terms.dists[row, _FAMILY] == FIXED:
        return terms.dists[row, _VALUE]
    u0, _ = pair(k0, k1, terms.stream_key, key, entity, n)
    return sample_at(terms.dists, row, terms.tables, u0)


@lean
def draw_pairs(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    key: np.uint64,
    n: int,
    entity: Ints,
    word: Keys,
    u0: Floats,
    u1: Floats,
) -> None:
    """Draw number 0 of many entities for the purpose that ``key`` names; ``word`` is scratch."""
    # Apart from the draws, since looking up an entity's stream would keep those from vectorising.
    for i in range(n):
        word[i] = terms.stream_key[stream_of(entity[i])] ^ key
    for i in range(n):
        u0[i], u1[i] = uniforms(k0, k1, word[i], counter(place_of(entity[i]), 0))
