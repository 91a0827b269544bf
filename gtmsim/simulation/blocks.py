"""How the work is cut into blocks: rectangles of draws and replications.

A block's numbers depend on nothing but the Plan, the seed and which replications it holds, so the
cut may follow the speed of the machine.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

TARGET_SECONDS = 0.5
"""Time that a block should take: short enough for progress, long enough to cost nothing."""

LARGEST_GROWTH = 4
"""A block is at most so many times as large as the one that its size was learnt from."""

BYTES_IN_FLIGHT = 192 << 20
LARGEST_BLOCK_BYTES = 24 << 20


class Rectangle(NamedTuple):
    """Replications of a block: each of these draws with each of these replications."""

    draws: range
    replications: range

    @property
    def size(self) -> int:
        """Number of replications."""
        return len(self.draws) * len(self.replications)


def rectangles(draws: range, replications: int, size: Callable[[], int]) -> Iterator[Rectangle]:
    """Cut all replications into rectangles, draw by draw.

    Parameters
    ----------
    draws
        Ordinals of the draws.
    replications
        Number of replications per draw.
    size
        Asked before each cut: the largest number of replications in it, at least 1.

    Yields
    ------
    Rectangle
        Whole draws where ``size`` allows one, else a part of a draw.
    """
    draw, first = draws.start, 0
    while draw < draws.stop:
        largest = size()
        if first == 0 and largest >= replications:
            last = min(draws.stop, draw + largest // replications)
            yield Rectangle(range(draw, last), range(replications))
            draw = last
        else:
            end = min(replications, first + largest)
            yield Rectangle(range(draw, draw + 1), range(first, end))
            draw, first = (draw + 1, 0) if end == replications else (draw, end)


def next_size(size: int, seconds: float, largest: int) -> int:
    """Size of the next block, from the size of one that took ``seconds``.

    Parameters
    ----------
    size
        Replications in the block that was timed.
    seconds
        What it took.
    largest
        Limit by memory.
    """
    growth = min(LARGEST_GROWTH, TARGET_SECONDS / max(seconds, 1e-9))
    return min(max(1, int(size * growth)), largest)


def largest_block(bytes_per_replication: int, workers: int) -> int:
    """Replications that a block may hold, by the memory of all blocks that exist at once."""
    share = min(LARGEST_BLOCK_BYTES, BYTES_IN_FLIGHT // in_flight(workers))
    return max(1, share // bytes_per_replication)


def in_flight(workers: int) -> int:
    """Blocks that are simulated, or wait for the writer, at one time."""
    return workers + 2
