"""Draws of a replication, by entity, purpose and number."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from gtmsim.draws.counts import poisson_layer
from gtmsim.draws.families import sample_at
from gtmsim.draws.keys import counter, entity_id, pack_place
from gtmsim.draws.threefry import uniforms
from gtmsim.plan.structure import Floats, Purpose, Structure


@dataclass(frozen=True)
class Varying:
    """A quantity that differs between customers, deals or events: one row of ``dists``."""

    dists: Floats
    row: int
    tables: Floats

    def at(self, u: float) -> float:
        """Value at a uniform of (0, 1)."""
        return sample_at(self.dists, self.row, self.tables, u)


@dataclass
class Entity:
    """A lead or customer: its identity, and how many draws each purpose has used.

    ``lead_month`` is the month in which it came as a lead, None for one of the opening position.
    """

    stream: int
    place: int
    id: int
    lead_month: int | None = None
    used: Counter[np.uint64] = field(default_factory=Counter)


def new_entity(stream: int, place: int, lead_month: int | None = None) -> Entity:
    """Entity at a place of a stream."""
    return Entity(stream, place, int(entity_id(stream, place)), lead_month)


class Luck:
    """Source of uniforms for one replication."""

    def __init__(self, structure: Structure, k0: np.uint64, k1: np.uint64) -> None:
        self.k0, self.k1 = k0, k1
        self.stream_key = structure.stream_key
        self.purpose_key = structure.purpose_key

    def pair(self, entity: Entity, key: np.uint64 | Purpose, n: int = 0) -> tuple[float, float]:
        """Draw number ``n`` of an entity for a purpose, ``(u0, u1)``."""
        return self._pair(entity.stream, entity.place, key, n)

    def next_pair(self, entity: Entity, key: np.uint64 | Purpose) -> tuple[float, float]:
        """First draw of an entity for a purpose that it has not used yet."""
        word = self._word(key)
        n = entity.used[word]
        entity.used[word] += 1
        return self._pair(entity.stream, entity.place, word, n)

    def points(self, stream: int, month: int, layer: int) -> list[tuple[Entity, float, float]]:
        """Points of a layer of an arrival strip: entity, time in the month, height in the layer."""
        u0, _ = self._pair(stream, pack_place(month, layer, 0), Purpose.LAYER, 0)
        places = [pack_place(month, layer, i) for i in range(poisson_layer(u0))]
        return [
            (new_entity(stream, place, month), *self._pair(stream, place, Purpose.POINT, 0))
            for place in places
        ]

    def _pair(
        self, stream: int, place: int, key: np.uint64 | Purpose, n: int
    ) -> tuple[float, float]:
        word = self.stream_key[stream] ^ self._word(key)
        return uniforms(self.k0, self.k1, word, np.uint64(counter(place, n)))

    def _word(self, key: np.uint64 | Purpose) -> np.uint64:
        return self.purpose_key[key] if isinstance(key, Purpose) else key
