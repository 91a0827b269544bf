"""Draws at different addresses are uniform and independent, and forgetting a field is noticed."""

import numpy as np
import pytest

from gtmsim.draws.keys import counter, pack_place
from tests.draws.randomness import (
    FIELDS,
    SMALLEST_P,
    STREAM_KEYS,
    address_words,
    counter_words,
    fill_words,
    lowest_p,
    n_repeated,
    neighbours,
    uniforms_at,
    without,
)

MILLION = 1_000_000


@pytest.mark.parametrize("field", FIELDS)
def test_neighbours_are_independent(field: str) -> None:
    """Counting up one field of the address gives uniform and uncorrelated draws."""
    assert lowest_p(*uniforms_at(address_words(neighbours(field)))) > SMALLEST_P


@pytest.mark.parametrize("field", FIELDS)
def test_a_forgotten_field_is_noticed(field: str) -> None:
    """The same statistics reject a packing that ignores a field of the address."""
    assert lowest_p(*uniforms_at(without(field)(neighbours(field)))) < 1e-12


def test_adding_seed_and_replication_is_noticed() -> None:
    """The same statistics reject a key in which seed + replication stand for the pair."""
    at = neighbours("replication")
    n_rows = at.seed.shape[0]
    _, k1, c0, c1 = address_words(at)
    one_row = [np.broadcast_to(word[0], word.shape).copy() for word in (k1, c0, c1)]
    seed = np.arange(n_rows, dtype=np.uint64)[:, None]
    added = seed + np.arange(at.seed.shape[1], dtype=np.uint64)
    apart = (seed + np.zeros_like(added), *one_row)
    summed = (added, np.zeros_like(added), *one_row[1:])
    assert lowest_p(*uniforms_at(apart)) > SMALLEST_P
    assert lowest_p(*uniforms_at(summed)) < 1e-12


def test_a_million_words_are_distinct() -> None:
    """A million draws of two streams, many months, layers and ordinals repeat no word."""
    i = np.arange(MILLION)
    c1 = counter_words(i % 61, i // 61 % 127, i // (61 * 127) % 64, i // (61 * 127 * 64))
    c0 = STREAM_KEYS[i % 2]
    key = np.full(MILLION, 5, dtype=np.uint64)
    x0, x1 = np.empty_like(key), np.empty_like(key)
    fill_words(key, key, c0, c1, x0, x1)
    assert n_repeated(c1) == 0
    assert n_repeated(np.concatenate([x0, x1])) == 0


def test_overlapping_fields_are_noticed() -> None:
    """The count of repeated words sees a packing whose index has one bit too few."""
    layer, index = (grid.ravel() for grid in np.meshgrid(np.arange(50), np.arange(64)))
    assert n_repeated(layer << 6 | index) == 0
    assert n_repeated(layer << 5 | index) > 0


def test_fields_do_not_overlap_at_their_limits() -> None:
    """Each field at its largest value fills its own bits of the counter and no other."""
    largest = [(1023, 0, 0, 0), (0, 2**20 - 1, 0, 0), (0, 0, 63, 0), (0, 0, 0, 2**28 - 1)]
    words = [counter(pack_place(*fields[:3]), fields[3]) for fields in largest]
    assert sum(int(word) for word in words) == 2**64 - 1
    assert np.bitwise_or.reduce(np.array(words, dtype=np.uint64)) == 2**64 - 1
