"""Correlated uniforms: which rank correlations are possible, and that they come out."""

import numpy as np
import pytest
from scipy import stats

from gtmsim.draws.copula import (
    cheapest_mend,
    correlated,
    factor,
    is_possible,
    largest_factor,
    pearson_of,
    possible_range,
    spearman_of,
)


def matrix(n: int, **pairs: float) -> np.ndarray:
    """Rank correlations, pairs named by letters: ``ab=0.5``."""
    out = np.eye(n)
    for pair, spearman in pairs.items():
        i, j = (ord(letter) - ord("a") for letter in pair)
        out[i, j] = out[j, i] = spearman
    return out


def moved(spearman: np.ndarray, pair: tuple[int, int], to: float) -> np.ndarray:
    out = spearman.copy()
    out[pair] = out[pair[::-1]] = to
    return out


def random_matrix(rng: np.random.Generator, n: int) -> np.ndarray:
    lower = np.tril(rng.uniform(-0.95, 0.95, (n, n)), -1)
    return lower + lower.T + np.eye(n)


def test_spearman_of_two_normals_is_what_the_formula_says():
    for spearman in (-0.9, -0.3, 0.0, 0.5, 0.95):
        pearson = float(pearson_of(spearman))
        assert spearman_of(pearson) == pytest.approx(spearman, abs=1e-15)
        # the probability that two normals have one sign gives Kendall's and Spearman's alike
        below = stats.multivariate_normal([0, 0], [[2, pearson], [pearson, 2]]).cdf([0, 0])
        assert 12.0 * below - 3.0 == pytest.approx(spearman, abs=1e-6)


def test_a_factor_gives_back_the_correlations():
    rng = np.random.default_rng(1)
    tried = [m for m in (random_matrix(rng, 4) for _ in range(400)) if is_possible(m)]
    assert len(tried) > 20
    for spearman in tried:
        lower = factor(spearman)
        assert np.array_equal(lower, np.tril(lower))
        np.testing.assert_allclose(lower @ lower.T, pearson_of(spearman), atol=1e-8)


def test_a_singular_matrix_is_possible_and_its_last_input_has_no_luck_of_its_own():
    third = float(spearman_of(-0.5))
    spearman = matrix(3, ab=third, ac=third, bc=third)
    lower = factor(spearman)
    assert is_possible(spearman)
    assert lower[2, 2] == 0.0
    np.testing.assert_allclose(lower @ lower.T, pearson_of(spearman), atol=1e-12)


def test_rank_correlations_come_out_within_their_standard_error():
    spearman = matrix(4, ab=0.6, ac=-0.4, bc=0.1, cd=0.5)
    n = 40_000
    u = np.random.default_rng(5).random((4, n))
    found = stats.spearmanr(correlated(u, factor(spearman)), axis=1).statistic
    assert np.abs(found - spearman).max() < 4.0 / np.sqrt(n)


def test_each_input_stays_uniform():
    spearman = matrix(3, ab=0.99, bc=-0.95, ac=-0.95)
    u = np.random.default_rng(6).random((3, 20_000))
    for row in correlated(u, factor(spearman)):
        assert stats.kstest(row, "uniform").pvalue > 1e-4


def test_inputs_at_an_end_together_stay_inside_the_open_interval():
    ends = np.array([[2.0**-53, 1.0 - 2.0**-53]] * 3)  # their normals add up to 11 and more
    made = correlated(ends, factor(matrix(3, ab=0.6, ac=0.5, bc=0.5)))
    assert made.min() > 0.0
    assert made.max() < 1.0


def test_what_is_mentioned_first_and_what_is_not_correlated_keep_every_bit():
    u = np.random.default_rng(7).random((4, 50))
    made = correlated(u, factor(matrix(4, ab=0.6, cd=0.3)))
    assert np.array_equal(made[[0, 2]], u[[0, 2]])
    assert not np.any(made[[1, 3]] == u[[1, 3]])


def test_a_correlation_that_comes_last_moves_its_new_input_alone():
    u = np.random.default_rng(8).random((4, 50))
    before = correlated(u[:3], factor(matrix(3, ab=0.6, bc=0.3)))
    after = correlated(u, factor(matrix(4, ab=0.6, bc=0.3, ad=-0.5)))
    assert np.array_equal(after[:3], before)


def test_many_draws_at_once_are_the_draws_one_by_one():
    u = np.random.default_rng(9).random((5, 64))
    lower = factor(matrix(5, ab=0.3, bc=0.4, cd=0.3, de=0.4, ae=0.2))
    whole = correlated(u, lower)
    for draw in range(64):
        assert np.array_equal(correlated(u[:, draw : draw + 1], lower)[:, 0], whole[:, draw])


# Impossible matrices


def test_the_range_of_a_pair_is_just_as_wide_as_it_may_be():
    rng = np.random.default_rng(2)
    ranges = 0
    for spearman in (random_matrix(rng, 4) for _ in range(150)):
        for pair in ((0, 1), (1, 3)):
            mend = possible_range(spearman, *pair)
            within = [s for s in np.linspace(-1, 1, 81) if is_possible(moved(spearman, pair, s))]
            if mend is None:
                assert within == []
                continue
            ranges += 1
            assert all(mend.low - 1e-6 <= s <= mend.high + 1e-6 for s in within)
            width = mend.high - mend.low
            for inside in (mend.low + 0.01 * width, mend.high - 0.01 * width):
                assert is_possible(moved(spearman, pair, inside))
            for outside in (mend.low - 0.01, mend.high + 0.01):
                assert abs(outside) > 1.0 or not is_possible(moved(spearman, pair, outside))
    assert ranges > 50


def test_the_mend_is_the_pair_that_moves_least_of_all_pairs():
    rng = np.random.default_rng(3)
    broken = [m for m in (random_matrix(rng, 4) for _ in range(200)) if not is_possible(m)]
    mended = 0
    for spearman in broken:
        mend = cheapest_mend(spearman)
        pairs = [(i, j) for j in range(4) for i in range(j)]
        steps = np.linspace(-1.0, 1.0, 201)
        moves = [
            abs(s - spearman[pair])
            for pair in pairs
            for s in steps
            if is_possible(moved(spearman, pair, s))
        ]
        if mend is None:
            assert moves == []
            continue
        mended += 1
        now = spearman[mend.pair]
        move = max(mend.low - now, now - mend.high)
        assert move > 0.0
        assert not moves or move <= min(moves) + 1e-9
    assert mended > 50


def test_of_pairs_that_move_equally_far_the_last_is_named():
    mend = cheapest_mend(matrix(3, ab=0.9, bc=0.9))
    assert mend is not None
    assert mend.pair == (1, 2)
    # what b can share with c when a has r of b is sqrt(1 - r^2)
    assert mend.high == pytest.approx(spearman_of(np.sqrt(1.0 - pearson_of(0.9) ** 2)), abs=1e-12)
    assert mend.low == pytest.approx(-mend.high, abs=1e-12)


def test_a_matrix_that_no_single_pair_mends_can_be_scaled():
    spearman = matrix(4, ab=-0.8, ac=-0.8, ad=-0.8, bc=-0.8, bd=-0.8, cd=-0.8)
    assert cheapest_mend(spearman) is None
    scaled = largest_factor(spearman) * spearman + (1.0 - largest_factor(spearman)) * np.eye(4)
    # n inputs cannot all have a Pearson correlation under -1 / (n - 1)
    assert pearson_of(scaled[0, 1]) == pytest.approx(-1.0 / 3.0, abs=1e-6)
