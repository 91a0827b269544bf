"""Draws of one input that fill its range evenly, and differ from input to input like luck.

Each input has its own van der Corput sequence (the first dimension of Sobol's), scrambled as Owen
did: each digit of a point is flipped or not by a key of the digits before it. So the first 2**k
draws, and any later 2**k that begin at a multiple of 2**k, have exactly one in each of 2**k equal
parts of (0, 1).

What makes inputs independent of each other is the order of the points: every 64 draws are
shuffled, which leaves what was said above true from 64 draws on, and makes them a Latin hypercube
of the inputs. Of the first 64 the second two, the next four, eight, sixteen and thirty-two are
shuffled each among themselves, so that it is true of fewer draws, too.

Source
------
Owen, "Randomly permuted (t,m,s)-nets and (t,s)-sequences", 1995. The rest is measured in
docs/design.md.
"""

import numpy as np
import numpy.typing as npt

from gtmsim.draws.threefry import open_unit, threefry2x64
from gtmsim.jit import kernel

Array = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]

BLOCK = 64
"""Draws that are shuffled together."""

_BLOCK_BITS = np.uint64(6)
_IN_BLOCK = np.uint64(BLOCK - 1)

_GROUP = 6  # digits whose flips are the 63 nodes of a tree, in one word
_N_GROUPS = 6  # 36 digits: the 32 of an index, and zeros
_ONE, _32, _28 = np.uint64(1), np.uint64(32), np.uint64(28)
_LOW_28 = np.uint64((1 << 28) - 1)

# Counter word 1: what the hash is for, then where.
_FLIPS, _SHUFFLE = np.uint64(1 << 60), np.uint64(2 << 60)
_GROUP_SHIFT, _PLACE_BITS = np.uint64(40), np.uint64(8)


@kernel
def fill_stratified(
    k0: np.uint64, k1: np.uint64, name: np.uint64, draws: Words, out: Array
) -> None:
    """Uniforms of one input.

    Parameters
    ----------
    k0, k1
        Key words.
    name
        Key of the input's name.
    draws
        Ordinals, each below 2**32, shape (n,). Neighbours cost least.
    out
        Uniforms in (0, 1), shape (n,); each depends on the keys and its ordinal alone.
    """
    index = np.empty(draws.shape[0], np.uint64)
    order, words = np.empty(BLOCK, np.uint64), np.empty(BLOCK, np.uint64)
    block = np.uint64(0)
    for i in range(draws.shape[0]):
        its_block = draws[i] >> _BLOCK_BITS
        if i == 0 or its_block != block:
            block = its_block
            _shuffle(k0, k1, name, block, order, words)
        index[i] = block << _BLOCK_BITS | order[draws[i] & _IN_BLOCK]
    fill_scrambled(k0, k1, name, index, out)


@kernel
def fill_scrambled(k0: np.uint64, k1: np.uint64, name: np.uint64, index: Words, out: Array) -> None:
    """Points of a van der Corput sequence after Owen's scrambling.

    Parameters
    ----------
    k0, k1, name
        As in `fill_stratified`.
    index
        Of the points, each below 2**32, shape (n,). The lowest bit is a point's first digit.
    out
        Points in (0, 1), shape (n,).
    """
    digits = np.zeros(index.shape[0], np.uint64)
    for group in range(_N_GROUPS):
        first = np.uint64(group * _GROUP)
        where = _FLIPS | first << _GROUP_SHIFT
        for i in range(index.shape[0]):  # one group for all points: this loop vectorises
            before = index[i] & ((_ONE << first) - _ONE)
            flips, last = threefry2x64(k0, k1, name, where | before)
            rest = index[i] >> first
            word, node = digits[i], _ONE
            for bit in range(_GROUP):
                digit = rest >> np.uint64(bit) & _ONE
                word = word << _ONE | (digit ^ (flips >> node & _ONE))
                node = node << _ONE | digit
            digits[i] = word
            out[i] = open_unit(word << _28 | last & _LOW_28)  # meant in the last group


@kernel
def _shuffle(
    k0: np.uint64, k1: np.uint64, name: np.uint64, block: np.uint64, order: Words, words: Words
) -> None:
    """Shuffle 0 to 63; of the first block so that its first 2**k are 0 to 2**k - 1, for each k."""
    for place in range(BLOCK):
        order[place] = place
        where = _SHUFFLE | block << _PLACE_BITS | np.uint64(place)
        words[place], _ = threefry2x64(k0, k1, name, where)
    first, end = (2, 4) if block == 0 else (0, BLOCK)
    while first < BLOCK:
        for place in range(end - 1, first, -1):
            # 32 bits times a number of choices: none is favoured by more than 2**-26.
            n_choices = np.uint64(place - first + 1)
            other = first + np.int64((words[place] >> _32) * n_choices >> _32)
            order[place], order[other] = order[other], order[place]
        first, end = end, 2 * end
