"""The generator itself: published vectors, exact conversion, the same bits however it is called."""

from typing import Any

import numpy as np
import pytest

from gtmsim.draws.threefry import open_unit, threefry2x64, uniforms
from tests.draws.randomness import fill_uniforms, fill_words, uniform_p

ALL_ONES = 2**64 - 1
ROTATIONS = (16, 42, 12, 31, 16, 32, 24, 21)

# Random123's tests/kat_vectors, threefry2x64 with 20 rounds: counter, key, result. The third line
# takes its counter and its key from the digits of pi.
KNOWN_ANSWERS = [
    ((0, 0), (0, 0), (0xC2B6E3A8C2C69865, 0x6F81ED42F350084D)),
    (
        (ALL_ONES, ALL_ONES),
        (ALL_ONES, ALL_ONES),
        (0xE02CB7C4D95D277A, 0xD06633D0893B8B68),
    ),
    (
        (0x243F6A8885A308D3, 0x13198A2E03707344),
        (0xA4093822299F31D0, 0x082EFA98EC4E6C89),
        (0x263C7D30BB0F0AF1, 0x56BE8361D3311526),
    ),
]


def plain_threefry(words: list[int], n_rounds: int = 20) -> tuple[int, int]:
    """Threefry in Python's integers, as its paper states it: a loop over rounds."""
    k0, k1, x0, x1 = words
    schedule = [k0, k1, k0 ^ k1 ^ 0x1BD11BDAA9FC1A22]
    x0, x1 = (x0 + k0) & ALL_ONES, (x1 + k1) & ALL_ONES
    for i in range(n_rounds):
        left = ROTATIONS[i % 8]
        x0 = (x0 + x1) & ALL_ONES
        x1 = ((x1 << left | x1 >> (64 - left)) & ALL_ONES) ^ x0
        if i % 4 == 3:
            s = i // 4 + 1
            x0 = (x0 + schedule[s % 3]) & ALL_ONES
            x1 = (x1 + schedule[(s + 1) % 3] + s) & ALL_ONES
    return x0, x1


def random_words(n: int) -> list[Any]:
    rng = np.random.default_rng(7)
    return [rng.integers(0, ALL_ONES, n, dtype=np.uint64, endpoint=True) for _ in range(4)]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_published_vectors(
    counter: tuple[int, int], key: tuple[int, int], answer: tuple[int, int]
) -> None:
    """Threefry2x64-20 gives Random123's known answers."""
    assert threefry2x64(*(np.uint64(word) for word in key + counter)) == answer


def test_agrees_with_the_plain_form() -> None:
    """The unrolled rounds equal a loop over rounds in Python's integers."""
    words = random_words(200)
    x0, x1 = np.empty(200, dtype=np.uint64), np.empty(200, dtype=np.uint64)
    fill_words(*words, x0, x1)
    plain = [plain_threefry([int(word[i]) for word in words]) for i in range(200)]
    assert list(zip(x0.tolist(), x1.tolist(), strict=True)) == plain


def test_python_integers_are_words() -> None:
    """A word may come as a Python integer or as np.int64 and means the same number."""
    as_words = threefry2x64(np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4))
    assert threefry2x64(1, 2, 3, 4) == as_words  # type: ignore[arg-type]
    assert threefry2x64(np.int64(1), 2, np.uint64(3), np.int64(4)) == as_words  # type: ignore[arg-type]


def test_smallest_and_largest_word_stay_inside() -> None:
    """The words 0 and 2**64 - 1 map to 2**-53 and 1 - 2**-53, never to 0 or 1."""
    assert open_unit(np.uint64(0)) == 2.0**-53
    assert open_unit(np.uint64(ALL_ONES)) == 1.0 - 2.0**-53


def test_conversion_is_the_formula() -> None:
    """A uniform is ((x >> 12) + 0.5) * 2**-52 exactly."""
    for word in random_words(500)[0].tolist():
        assert open_unit(np.uint64(word)) == ((word >> 12) + 0.5) * 2.0**-52


@pytest.mark.parametrize("start", [0, 1, 2, 3, 5, 7])
@pytest.mark.parametrize("n", [1, 3, 8, 31, 1000])
def test_same_bits_in_any_loop(start: int, n: int) -> None:
    """Array length and alignment do not change a uniform, nor does calling it from Python."""
    words = [word[start : start + n] for word in random_words(1100)]
    buffers = np.full((2, 1100), np.nan)
    u0, u1 = buffers[0, start : start + n], buffers[1, start : start + n]
    fill_uniforms(*words, u0, u1)
    from_python = [uniforms(*(word[i] for word in words)) for i in range(n)]
    assert list(zip(u0.tolist(), u1.tolist(), strict=True)) == from_python


def test_too_few_rounds_are_not_uniform() -> None:
    """The uniformity test can fail: four rounds leave a visible lattice in successive counters."""
    words = [plain_threefry([1, 2, 3, i], n_rounds=4)[0] for i in range(4096)]
    few = (np.array(words, dtype=np.uint64) >> np.uint64(12)) * 2.0**-52
    assert uniform_p(few) < 1e-6
