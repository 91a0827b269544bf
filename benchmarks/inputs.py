"""How to draw uncertain inputs: the variance of a mean, relative to independent draws.

``python -m benchmarks.inputs`` prints the table of docs/design.md: for each way to draw, number of
inputs and number of draws, n x Var(mean) / Var(one draw). 1 is as good as independent draws.
"""

import sys
from collections.abc import Callable, Iterable
from itertools import product
from typing import Any

import numpy as np
from scipy.stats import qmc

from gtmsim.draws.keys import name_key
from gtmsim.draws.stratified import fill_scrambled, fill_stratified
from gtmsim.draws.threefry import threefry2x64, uniforms
from gtmsim.jit import kernel

ONE = np.uint64(1)
KEY = np.uint64(0xFFFFFFFFFFFFFFFF)
N_SOBOL = 4096
DIRECTIONS = np.zeros((1, 30), np.uint64)
Points = np.ndarray[Any, np.dtype[np.float64]]


@kernel
def _independent(k0, name, out):
    for i in range(out.shape[0]):
        out[i], _ = uniforms(k0, KEY, name, np.uint64(i))


@kernel
def _shuffled_by_bits(k0, name, index):
    """Shuffle indices by Owen's scrambling, from their highest bit down."""
    for i in range(index.shape[0]):
        out = np.uint64(0)
        for bit in range(31, -1, -1):
            above = index[i] >> np.uint64(bit) >> ONE
            word, _ = threefry2x64(k0, KEY, name, np.uint64(5 << 60) | np.uint64(bit << 40) | above)
            out = out << ONE | ((index[i] >> np.uint64(bit) & ONE) ^ (word & ONE))
        index[i] = out


@kernel
def _sobol(directions, index):
    """Digits of a Sobol' dimension by its 30 direction numbers, the first one in the lowest bit."""
    for i in range(index.shape[0]):
        point, digits = np.uint64(0), np.uint64(0)
        for bit in range(30):
            if index[i] >> np.uint64(bit) & ONE:
                point ^= directions[bit]
        for bit in range(30):
            digits = digits << ONE | (point >> np.uint64(bit) & ONE)
        index[i] = digits


def independent(paths: list[str], seed: int, n: int) -> Points:
    """(c): uniforms keyed by path and draw."""
    return _each(paths, n, lambda name, out: _independent(np.uint64(seed), name, out))


def padded(paths: list[str], seed: int, n: int) -> Points:
    """Scramble a van der Corput sequence for each path, its index shuffled by bits: (a)."""

    def fill(name: np.uint64, out: Points) -> None:
        index = np.arange(n, dtype=np.uint64)
        _shuffled_by_bits(np.uint64(seed), name, index)
        fill_scrambled(np.uint64(seed), KEY, name, index, out)

    return _each(paths, n, fill)


def sobol(paths: list[str], seed: int, n: int) -> Points:
    """(b): a Sobol' dimension for each path, by its hash; the next free one where two collide."""
    taken: list[int] = []
    for path in paths:
        dimension = name_key("dimension", path) % N_SOBOL
        while dimension in taken:
            dimension = (dimension + 1) % N_SOBOL
        taken.append(dimension)
    return _of_dimensions(taken, paths, seed, n)


def first_sobol(paths: list[str], seed: int, n: int) -> Points:
    """Sobol' dimensions by position, which a new input would move: for comparison only."""
    return _of_dimensions(range(len(paths)), paths, seed, n)


def _of_dimensions(dimensions: Iterable[int], paths: list[str], seed: int, n: int) -> Points:
    out = np.empty((len(paths), n))
    for path, dimension, column in zip(paths, dimensions, out, strict=True):
        index = np.arange(n, dtype=np.uint64)
        _sobol(DIRECTIONS[dimension], index)
        fill_scrambled(np.uint64(seed), KEY, _name(path), index, column)
    return out


def stratified(paths: list[str], seed: int, n: int) -> Points:
    """(d): as `gtmsim.draws.stratified` does."""
    draws = np.arange(n, dtype=np.uint64)
    return _each(
        paths, n, lambda name, out: fill_stratified(np.uint64(seed), KEY, name, draws, out)
    )


def _each(paths: list[str], n: int, fill: Callable[[np.uint64, Points], None]) -> Points:
    out = np.empty((len(paths), n))
    for path, column in zip(paths, out, strict=True):
        fill(_name(path), column)
    return out


def _name(path: str) -> np.uint64:
    return np.uint64(name_key("input", path))


# Functions of (inputs, n) uniforms, each with its mean 0 and the variance of one draw.


def additive(u: Points) -> Points:
    """Sum of the inputs, scaled to variance 1."""
    return np.asarray(np.sqrt(12.0 / len(u)) * (u - 0.5).sum(axis=0))


def pairs(u: Points) -> Points:
    """Sum of the products of all pairs, scaled to variance 1: nothing but interaction."""
    z = np.sqrt(12.0) * (u - 0.5)
    n_pairs = len(u) * (len(u) - 1) / 2
    return np.asarray((z.sum(axis=0) ** 2 - (z**2).sum(axis=0)) / 2.0 / np.sqrt(n_pairs))


def g_function(u: Points) -> Points:
    """Sobol's g with a = 0, 1/2, 1, ..., less its mean 1, scaled to variance 1."""
    a = np.arange(len(u))[:, np.newaxis] / 2.0
    variance = np.prod(1.0 + 1.0 / 3.0 / (1.0 + a) ** 2) - 1.0
    return np.asarray((np.prod((np.abs(4 * u - 2) + a) / (1 + a), axis=0) - 1) / variance**0.5)


def odds(u: Points) -> Points:
    """Whether the sum of the inputs is above its mean: a probability of a half."""
    return np.asarray(2.0 * ((u - 0.5).sum(axis=0) > 0.0) - 1.0)


WAYS = (independent, padded, sobol, first_sobol, stratified)
FUNCTIONS = (additive, pairs, g_function, odds)
SIZES = (256, 1000, 1024, 1500, 2048)


def ratios(way: Any, n_inputs: int, seeds: int, path_sets: int) -> Points:
    """n x Var(mean) by path set, size and function; the first n draws of the longest run."""
    found = np.empty((path_sets, len(SIZES), len(FUNCTIONS)))
    for at in range(path_sets):
        paths = [f"set{at}.input{k}" for k in range(n_inputs)]
        means = np.empty((seeds, len(SIZES), len(FUNCTIONS)))
        for seed in range(seeds):
            u = way(paths, 1000 * at + seed, max(SIZES))
            for k, function in enumerate(FUNCTIONS):
                upto = np.cumsum(function(u))
                means[seed, :, k] = [upto[n - 1] / n for n in SIZES]
        found[at] = (means**2).mean(axis=0) * np.array(SIZES)[:, np.newaxis]
    return found


def main(seeds: int = 200, path_sets: int = 10) -> None:
    """Print the table: mean over path sets, and the worst of them."""
    global DIRECTIONS  # noqa: PLW0603  a table, read once
    DIRECTIONS = np.asarray(qmc.Sobol(N_SOBOL, scramble=False, bits=30)._sv, np.uint64)
    print("| inputs | draws | way | " + " | ".join(f.__name__ for f in FUNCTIONS) + " |")
    for n_inputs, way in product((5, 20, 40), WAYS):
        found = ratios(way, n_inputs, seeds, path_sets)
        for k, n in enumerate(SIZES):
            cells = [f"{found[:, k, f].mean():.3g} ({found[:, k, f].max():.3g})" for f in range(4)]
            print(
                f"| {n_inputs} | {n:,} | {way.__name__} | " + " | ".join(cells) + " |", flush=True
            )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
