"""What a draw's address is, and the statistics that an addressed generator has to pass.

The statistics are functions, so that deliberately wrong generators can be shown to fail them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import stats

from gtmsim.draws.keys import counter, name_key, pack_place
from gtmsim.draws.threefry import threefry2x64, uniforms
from gtmsim.jit import kernel

SMALLEST_P = 1e-4
N_BACKGROUNDS = 256
N_STEPS = 64

STREAM_KEYS = np.array([name_key("channel", str(i)) for i in range(N_STEPS)], dtype=np.uint64)
PURPOSE_KEYS = np.array([name_key("purpose", str(i)) for i in range(N_STEPS)], dtype=np.uint64)

FIELD_LIMITS = {
    "seed": 2**62,
    "draw": 2**32,
    "replication": 2**32,
    "stream": N_STEPS,
    "purpose": N_STEPS,
    "month": 1024,
    "layer": 2**20,
    "index": 64,
    "n": 2**28,
}
FIELDS = list(FIELD_LIMITS)


@dataclass(frozen=True)
class Addresses:
    """Fields of many draws, each an int64 array of one common shape."""

    seed: Any
    draw: Any
    replication: Any
    stream: Any
    purpose: Any
    month: Any
    layer: Any
    index: Any
    n: Any


Words = tuple[Any, Any, Any, Any]


def address_words(at: Addresses) -> Words:
    """Key and counter words of many draws, as gtmsim packs them."""
    k1 = at.draw.astype(np.uint64) << np.uint64(32) | at.replication.astype(np.uint64)
    c0 = STREAM_KEYS[at.stream] ^ PURPOSE_KEYS[at.purpose]
    return at.seed.astype(np.uint64), k1, c0, counter_words(at.month, at.layer, at.index, at.n)


def neighbours(field: str) -> Addresses:
    """Addresses of shape (N_BACKGROUNDS, N_STEPS): one field counts up along the second axis."""
    rng = np.random.default_rng(20240501)
    shape = (N_BACKGROUNDS, 1)
    values = {
        name: np.repeat(rng.integers(0, limit, shape), N_STEPS, axis=1)
        for name, limit in FIELD_LIMITS.items()
    }
    first = rng.integers(0, FIELD_LIMITS[field] - N_STEPS + 1, shape)
    values[field] = first + np.arange(N_STEPS)
    return Addresses(**values)


def without(field: str) -> Callable[[Addresses], Words]:
    """A wrong packing, which forgets one field."""

    def words(at: Addresses) -> Words:
        return address_words(replace(at, **{field: np.zeros_like(getattr(at, field))}))

    return words


def lowest_p(u0: Any, u1: Any) -> float:
    """Smallest p-value over uniformity of each word and independence of neighbours and words."""
    pairs = [
        (u0[:, :-1], u0[:, 1:]),
        (u1[:, :-1], u1[:, 1:]),
        (u0, u1),
        (u0[:, :-1], u1[:, 1:]),
        (u0[:-1], u0[1:]),
    ]
    p_values = [uniform_p(u0), uniform_p(u1)]
    for x, y in pairs:
        p_values += [correlation_p(x, y), joint_p(x, y)]
    return min(p_values)


def uniform_p(u: Any) -> float:
    """The smaller p-value of a chi-squared test in 256 bins and of Kolmogorov and Smirnov's."""
    counts = np.bincount((u.ravel() * 256).astype(int), minlength=256)
    return min(_two_sided_p(counts), float(stats.kstest(u.ravel(), "uniform").pvalue))


def correlation_p(x: Any, y: Any) -> float:
    """p-value of no correlation between paired uniforms."""
    products = 12.0 * (x.ravel() - 0.5) * (y.ravel() - 0.5)
    return float(2.0 * stats.norm.sf(abs(products.sum()) / np.sqrt(products.size)))


def joint_p(x: Any, y: Any) -> float:
    """p-value of a chi-squared test of paired uniforms on a 16 x 16 grid of the unit square."""
    cells = (x.ravel() * 16).astype(int) * 16 + (y.ravel() * 16).astype(int)
    return _two_sided_p(np.bincount(cells, minlength=256))


def _two_sided_p(counts: Any) -> float:
    # A lattice is more even than chance allows, and as wrong as one that is too uneven.
    upper = float(stats.chisquare(counts).pvalue)
    return 2.0 * min(upper, 1.0 - upper)


def n_repeated(words: Any) -> int:
    """Number of words that another one equals."""
    return int(words.size - np.unique(words).size)


def uniforms_at(words: Words) -> tuple[Any, Any]:
    """Both uniforms of many draws, in the shape of the words."""
    u0 = np.empty(words[0].shape)
    u1 = np.empty(words[0].shape)
    fill_uniforms(*(word.ravel() for word in words), u0.ravel(), u1.ravel())
    return u0, u1


@kernel
def fill_uniforms(k0: Any, k1: Any, c0: Any, c1: Any, u0: Any, u1: Any) -> None:
    """Write `uniforms` of each key and counter, all arrays of shape (n,)."""
    for i in range(k0.size):
        u0[i], u1[i] = uniforms(k0[i], k1[i], c0[i], c1[i])


@kernel
def fill_words(k0: Any, k1: Any, c0: Any, c1: Any, x0: Any, x1: Any) -> None:
    """Write `threefry2x64` of each key and counter, all arrays of shape (n,)."""
    for i in range(k0.size):
        x0[i], x1[i] = threefry2x64(k0[i], k1[i], c0[i], c1[i])


def counter_words(month: Any, layer: Any, index: Any, n: Any) -> Any:
    """Counter word 1 of arrays of fields of one shape."""
    out = np.empty(month.shape, dtype=np.uint64)
    _fill_counters(*(field.ravel() for field in (month, layer, index, n)), out.ravel())
    return out


@kernel
def _fill_counters(month: Any, layer: Any, index: Any, n: Any, out: Any) -> None:
    for i in range(out.size):
        out[i] = counter(pack_place(month[i], layer[i], index[i]), n[i])
