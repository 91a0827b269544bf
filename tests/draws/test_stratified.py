"""Even draws of the inputs: even in each, independent between them, and the same when extended."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from gtmsim.draws.keys import name_key
from gtmsim.draws.stratified import BLOCK, fill_scrambled, fill_stratified

KEY = np.uint64(2**64 - 1)


def drawn(name: str, draws: range, seed: int = 1) -> np.ndarray:
    out = np.empty(len(draws))
    ordinals = np.array(draws, np.uint64)
    fill_stratified(np.uint64(seed), KEY, np.uint64(name_key("input", name)), ordinals, out)
    return out


def many(n_inputs: int, n: int, seed: int = 1) -> np.ndarray:
    return np.array([drawn(f"path.{k}", range(n), seed) for k in range(n_inputs)])


def strata(u: np.ndarray, n_strata: int) -> list[int]:
    return sorted((u * n_strata).astype(int).tolist())


# Evenness of one input


@pytest.mark.parametrize("n", [2**k for k in range(13)])
def test_the_first_draws_have_one_in_each_stratum_at_every_power_of_two(n: int) -> None:
    for name in ("a", "b"):
        assert strata(drawn(name, range(n)), n) == list(range(n))


@pytest.mark.parametrize("size", [64, 128, 512])
def test_later_draws_that_begin_at_a_multiple_have_one_in_each_stratum_too(size: int) -> None:
    for first in (size, 7 * size, 2**32 - size):
        assert strata(drawn("a", range(first, first + size)), size) == list(range(size))


def test_draws_of_any_number_have_nearly_as_many_in_each_stratum() -> None:
    for n in (100, 300, 1000, 1500):
        counts = np.bincount((drawn("a", range(n)) * 4).astype(int), minlength=4)
        assert np.ptp(counts) <= 8


def test_draws_are_inside_the_open_interval_at_both_ends_of_the_ordinals() -> None:
    u = np.concatenate([drawn("a", range(2**16)), drawn("a", range(2**32 - 2**10, 2**32))])
    assert u.min() > 0.0
    assert u.max() < 1.0
    assert len(np.unique(u)) == len(u)


# Luck: what is even is still uniform


def test_one_draw_is_uniform_over_seeds() -> None:
    for draw in (0, 1, 5, 63, 64, 1000, 2**32 - 1):
        u = np.array([drawn("a", range(draw, draw + 1), seed)[0] for seed in range(3_000)])
        assert stats.kstest(u, "uniform").pvalue > 1e-4, draw


def test_where_a_draw_lies_in_its_stratum_is_uniform() -> None:
    n = 4096
    within = np.concatenate([np.modf(drawn(f"p{k}", range(n)) * n)[0] for k in range(8)])
    assert stats.kstest(within, "uniform").pvalue > 1e-4


def test_each_digit_after_the_first_ones_is_set_in_half_of_the_draws() -> None:
    u = many(40, 1024).ravel()
    for digit in range(1, 48):
        share = np.mean(np.floor(np.ldexp(u, digit)) % 2)
        assert abs(share - 0.5) < 4.5 * 0.5 / np.sqrt(len(u)), digit


def test_a_digit_is_flipped_by_all_digits_before_it() -> None:
    """Of points that share k digits the next one differs; before, half of all pairs agree."""
    n = 512
    index = np.arange(n, dtype=np.uint64)
    out = np.empty(n)
    agree = np.zeros(8)
    for seed in range(400):
        fill_scrambled(np.uint64(seed), KEY, np.uint64(5), index, out)
        for k in range(8):  # points 0 and 2**k share k digits and no more
            shared = np.floor(np.ldexp(out[[0, 2**k]], k))
            assert shared[0] == shared[1]
            assert np.floor(np.ldexp(out[0], k + 1)) != np.floor(np.ldexp(out[2**k], k + 1))
            following = np.floor(np.ldexp(out[[0, 2**k]], k + 2)) % 2
            agree[k] += following[0] == following[1]
    assert np.abs(agree / 400 - 0.5).max() < 4.0 * 0.5 / np.sqrt(400)


def test_the_order_within_a_block_is_every_order_alike() -> None:
    for draws in (range(32, BLOCK), range(BLOCK, 2 * BLOCK), range(9 * BLOCK, 10 * BLOCK)):
        n = len(draws)
        counts = np.zeros((n, n))
        for k in range(1_000):
            rank = np.argsort(np.argsort(drawn(f"p{k}", draws)))
            counts[np.arange(n), rank] += 1
        statistic = ((counts - 1_000 / n) ** 2 / (1_000 / n)).sum()
        assert stats.chi2((n - 1) ** 2).sf(statistic) > 1e-4


def test_the_order_of_one_block_says_nothing_about_that_of_another() -> None:
    ranks = np.argsort(np.argsort(drawn("a", range(64 * BLOCK)).reshape(64, BLOCK)))
    found = np.corrcoef(ranks)[np.triu_indices(64, 1)] * np.sqrt(BLOCK - 1)
    assert np.abs(found).max() < 4.5
    assert found.var() == pytest.approx(1.0, abs=4.0 * np.sqrt(2.0 / len(found)))


# Independence of inputs


@pytest.mark.parametrize("n", [64, 256, 1024])
def test_no_two_inputs_are_correlated(n: int) -> None:
    ranks = many(60, n)
    found = np.corrcoef(ranks)[np.triu_indices(60, 1)] * np.sqrt(n - 1)

    # 1,770 pairs of a Latin hypercube: their correlations are as those of independent draws
    assert np.abs(found).max() < 4.5
    assert abs(found.mean()) < 4.0 / np.sqrt(len(found))
    assert found.var() == pytest.approx(1.0, abs=4.0 * np.sqrt(2.0 / len(found)))


@pytest.mark.parametrize("n", [256, 1024])
def test_pairs_of_inputs_fill_the_square_like_independent_ones(n: int) -> None:
    u = many(40, n)
    statistics = []
    for i, j in combinations(range(40), 2):
        counts = np.histogram2d(u[i], u[j], bins=8, range=[[0, 1], [0, 1]])[0]
        statistics.append(((counts - n / 64) ** 2 / (n / 64)).sum())

    # margins are exact, so that 7 x 7 cells are free
    assert np.mean(statistics) == pytest.approx(49.0, abs=4.0 * np.sqrt(2 * 49 / len(statistics)))
    assert max(statistics) < stats.chi2(49).isf(1e-3 / len(statistics))


def test_neighbouring_draws_are_not_opposite_in_two_inputs_at_once() -> None:
    """In Sobol' points draws 2 m and 2 m + 1 lie in opposite halves of every input."""
    halves = many(40, 4096) < 0.5
    opposite = halves[:, 4::2] != halves[:, 5::2]
    both = [np.mean(opposite[i] & opposite[j]) for i, j in combinations(range(40), 2)]
    assert np.mean(both) == pytest.approx(0.26, abs=0.01)  # (32 / 63) ** 2


def test_a_seed_and_a_name_each_change_all_draws() -> None:
    base = drawn("a", range(256))
    for other in (drawn("b", range(256)), drawn("a", range(256), seed=2)):
        assert not np.any(base == other)
        assert abs(np.corrcoef(base, other)[0, 1]) < 4.0 / np.sqrt(256)


# Extension


@pytest.mark.parametrize(("first", "last"), [(0, 1), (5, 9), (60, 70), (64, 128), (100, 300)])
def test_a_part_of_the_draws_is_that_part_of_all(first: int, last: int) -> None:
    assert np.array_equal(drawn("a", range(first, last)), drawn("a", range(400))[first:last])


def test_the_draws_are_these_on_every_machine() -> None:
    u = [*drawn("company.cash", range(4)), *drawn("company.cash", range(2**32 - 1, 2**32))]
    assert [float(x).hex() for x in u] == [
        "0x1.df7380a202483p-1",
        "0x1.ade3094d294bcp-3",
        "0x1.56690dc890ce9p-1",
        "0x1.c5128441cf1c6p-2",
        "0x1.512d7b1e63122p-2",
    ]


# What it is for


@pytest.mark.parametrize("n", [256, 1024])
def test_a_sum_of_inputs_is_known_far_better_and_a_product_no_worse(n: int) -> None:
    sums, products = [], []
    for seed in range(300):
        z = np.sqrt(12.0) * (many(6, n, seed) - 0.5)
        sums.append(z.sum(axis=0).mean() / np.sqrt(6.0))
        products.append([(z[i] * z[j]).mean() for i, j in combinations(range(6), 2)])

    assert n * np.mean(np.square(sums)) < 1e-3
    assert n * np.mean(np.square(products)) == pytest.approx(1.0, abs=0.1)
