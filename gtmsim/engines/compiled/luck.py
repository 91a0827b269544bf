"""Draws of an entity, by purpose and number."""

import numpy as np

from gtmsim.draws.keys import counter, place_of, stream_of
from gtmsim.draws.threefry import uniforms
from gtmsim.jit import lean_inlined
from gtmsim.plan.structure import Keys


@lean_inlined
def pair(
    k0: np.uint64, k1: np.uint64, stream_key: Keys, key: np.uint64, entity: int, n: int
) -> tuple[float, float]:
    """Draw number ``n`` of an entity for the purpose that ``key`` names, ``(u0, u1)``."""
    return uniforms(k0, k1, stream_key[stream_of(entity)] ^ key, counter(place_of(entity), n))
