"""Threefry2x64-20: a keyed bijection of a 128-bit counter, used as the source of every draw."""

import numpy as np

from gtmsim.draws.bits import float_of
from gtmsim.jit import inlined

# Parity of the key schedule (Random123's SKEIN_KS_PARITY64).
_PARITY = np.uint64(0x1BD11BDAA9FC1A22)
_ONE_TO_TWO = np.uint64(0x3FF0000000000000)  # sign and exponent of a double in [1, 2)
_MANTISSA_SHIFT = np.uint64(12)
_CENTRE = 1.0 - 2.0**-53


@inlined
def _rotate(x: np.uint64, left: int) -> np.uint64:
    return (x << np.uint64(left)) | (x >> np.uint64(64 - left))


@inlined
def _rounds_even(x0: np.uint64, x1: np.uint64) -> tuple[np.uint64, np.uint64]:
    x0 = x0 + x1
    x1 = _rotate(x1, 16) ^ x0
    x0 = x0 + x1
    x1 = _rotate(x1, 42) ^ x0
    x0 = x0 + x1
    x1 = _rotate(x1, 12) ^ x0
    x0 = x0 + x1
    x1 = _rotate(x1, 31) ^ x0
    return x0, x1


@inlined
def _rounds_odd(x0: np.uint64, x1: np.uint64) -> tuple[np.uint64, np.uint64]:
    x0 = x0 + x1
    x1 = _rotate(x1, 16) ^ x0
    x0 = x0 + x1
    x1 = _rotate(x1, 32) ^ x0
    x0 = x0 + x1
    x1 = _rotate(x1, 24) ^ x0
    x0 = x0 + x1
    x1 = _rotate(x1, 21) ^ x0
    return x0, x1


@inlined
def threefry2x64(
    k0: np.uint64, k1: np.uint64, c0: np.uint64, c1: np.uint64
) -> tuple[np.uint64, np.uint64]:
    """Encrypt the counter (c0, c1) under the key (k0, k1) with 20 rounds of Threefry.

    Parameters
    ----------
    k0, k1
        Key words, taken modulo 2**64.
    c0, c1
        Counter words, taken modulo 2**64.

    Returns
    -------
    (x0, x1)
        Two words, uniform and independent over keys and counters.

    Source
    ------
    Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11, 2011.
    """
    k0 = np.uint64(k0)
    k1 = np.uint64(k1)
    k2 = k0 ^ k1 ^ _PARITY
    x0 = np.uint64(c0) + k0
    x1 = np.uint64(c1) + k1
    x0, x1 = _rounds_even(x0, x1)
    x0, x1 = _rounds_odd(x0 + k1, x1 + k2 + np.uint64(1))
    x0, x1 = _rounds_even(x0 + k2, x1 + k0 + np.uint64(2))
    x0, x1 = _rounds_odd(x0 + k0, x1 + k1 + np.uint64(3))
    x0, x1 = _rounds_even(x0 + k1, x1 + k2 + np.uint64(4))
    return x0 + k2, x1 + k0 + np.uint64(5)


@inlined
def open_unit(word: np.uint64) -> float:
    """Map a word to ((word >> 12) + 0.5) * 2**-52, a double in the open interval (0, 1).

    Errors: none. With 53 bits the largest word would round to 1.0, hence 52.
    """
    # Exact: a double in [1, 2) less 1 - 2**-53 needs 53 bits. AVX2 converts no uint64 directly.
    return float(float_of((np.uint64(word) >> _MANTISSA_SHIFT) | _ONE_TO_TWO) - _CENTRE)


@inlined
def uniforms(k0: np.uint64, k1: np.uint64, c0: np.uint64, c1: np.uint64) -> tuple[float, float]:
    """Two independent uniforms of the open interval (0, 1), on the lattice (i + 0.5) * 2**-52.

    Parameters
    ----------
    k0, k1, c0, c1
        Key and counter words, as in `threefry2x64`.

    Returns
    -------
    (u0, u1)
        Doubles in [2**-53, 1 - 2**-53].
    """
    x0, x1 = threefry2x64(k0, k1, c0, c1)
    return open_unit(x0), open_unit(x1)
