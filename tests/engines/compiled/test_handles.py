"""Handles: named tuples of arrays behind one pointer."""

from typing import NamedTuple

import numpy as np
import pytest

from gtmsim.engines.compiled.handles import handle
from gtmsim.jit import lean


class Inner(NamedTuple):
    counts: np.ndarray
    table: np.ndarray


class Outer(NamedTuple):
    inner: Inner
    flags: np.ndarray
    words: np.ndarray


def outer(rows: int = 2) -> Outer:
    inner = Inner(np.arange(5), np.arange(3.0 * rows).reshape(rows, 3))
    return handle(Outer(inner, np.zeros(4, np.bool_), np.full(2, 2**63, np.uint64)))


@lean
def _touch(tables: Outer, i: int) -> float:
    tables.inner.counts[i] += 10
    tables.flags[i] = True
    row = tables.inner.table[1]
    return row[i] + tables.inner.table.shape[0] + float(tables.words[1] >> np.uint64(60))


def test_compiled_code_reads_and_writes_the_arrays_behind_a_handle():
    tables = outer()
    assert _touch(tables, 2) == 5.0 + 2 + 8
    assert tables.inner.counts.tolist() == [0, 1, 12, 3, 4]
    assert tables.flags.tolist() == [False, False, True, False]


def test_another_size_needs_no_other_code():
    _touch(outer(), 0)
    compiled = len(_touch.signatures)
    assert _touch(outer(rows=7), 2) == 5.0 + 7 + 8
    assert len(_touch.signatures) == compiled


def test_arrays_of_a_handle_stay_alive_with_it():
    tables = handle(Inner(np.arange(100_000), np.ones((1, 3))))
    for _ in range(10):
        np.full(100_000, -1)  # would take the memory if it were free
    assert tables.counts[99_999] == 99_999


def test_an_array_with_gaps_is_refused():
    with pytest.raises(ValueError, match="contiguous"):
        handle(Inner(np.arange(10)[::2], np.ones((1, 3))))
