"""The cut of the work into blocks."""

from collections import Counter
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from gtmsim.simulation.blocks import (
    BYTES_IN_FLIGHT,
    LARGEST_BLOCK_BYTES,
    TARGET_SECONDS,
    in_flight,
    largest_block,
    next_size,
    rectangles,
)

counts = st.integers(1, 40)


@given(draws=counts, replications=counts, sizes=st.lists(counts, min_size=1))
def test_every_replication_is_in_exactly_one_rectangle_however_sizes_change(
    draws, replications, sizes
):
    cycle = iter(sizes * (draws * replications))
    cut = list(rectangles(range(draws), replications, lambda: next(cycle)))
    seen = Counter(pair for part in cut for pair in product(part.draws, part.replications))
    assert seen == Counter(product(range(draws), range(replications)))


@given(draws=counts, replications=counts, size=counts)
def test_no_rectangle_is_larger_than_asked_and_they_come_in_order(draws, replications, size):
    cut = list(rectangles(range(draws), replications, lambda: size))
    assert all(part.size <= size for part in cut)
    starts = [(part.draws.start, part.replications.start) for part in cut]
    assert starts == sorted(starts)


@given(first=st.integers(0, 30), draws=counts, replications=counts, size=counts)
def test_draws_that_are_there_already_are_left_out(first, draws, replications, size):
    cut = rectangles(range(first, first + draws), replications, lambda: size)
    seen = Counter(pair for part in cut for pair in product(part.draws, part.replications))
    assert seen == Counter(product(range(first, first + draws), range(replications)))


def test_whole_draws_stay_together_where_the_size_allows():
    cut = list(rectangles(range(10), 2, lambda: 7))
    assert [(len(part.draws), len(part.replications)) for part in cut] == [(3, 2)] * 3 + [(1, 2)]


def test_a_slow_block_makes_the_next_one_smaller_and_a_fast_one_larger():
    assert next_size(40, 2 * TARGET_SECONDS, 1000) == 20
    assert next_size(40, TARGET_SECONDS / 2, 1000) == 80
    assert next_size(40, TARGET_SECONDS, 1000) == 40


def test_a_size_grows_fourfold_at_most_and_never_leaves_its_limits():
    assert next_size(8, 0.0, 1000) == 32
    assert next_size(8, 0.0, 20) == 20
    assert next_size(1, 1e9, 20) == 1


@given(replication=st.integers(1, 1 << 30), workers=st.integers(1, 256))
def test_blocks_in_flight_fit_their_memory_unless_a_single_replication_does_not(
    replication, workers
):
    size = largest_block(replication, workers)
    if size > 1:
        assert size * replication <= LARGEST_BLOCK_BYTES
        assert size * replication * in_flight(workers) <= BYTES_IN_FLIGHT
