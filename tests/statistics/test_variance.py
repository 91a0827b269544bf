"""The variance of an output, split into what we do not know and luck."""

import numpy as np
import pytest

from gtmsim.errors import AnalysisError
from gtmsim.statistics.variance import split_variance

RNG_SEED = 20_260_102


def futures(rng, share_unknown, draws=60, replications=2, missing=0.0):
    """Outputs of variance 1 with a known share between draws."""
    between = rng.normal(size=(draws, 1)) * np.sqrt(share_unknown)
    within = rng.normal(size=(draws, replications)) * np.sqrt(1.0 - share_unknown)
    gone = rng.random(within.shape) < missing
    return np.where(gone, np.nan, between + within)


def test_the_split_of_three_draws_is_that_of_the_textbook():
    # Mean squares: between 2 (2.5^2 + 1.5^2 + 1) / 2 = 9.5, within (2 + 2 + 12.5) / 3 = 5.5.
    found = split_variance([[1.0, 3.0], [5.0, 7.0], [3.0, 8.0]])
    assert found.luck.value == pytest.approx(5.5)
    assert found.unknown.value == pytest.approx((9.5 - 5.5) / 2)
    assert found.total.value == pytest.approx(7.5)
    assert found.share_unknown.value == pytest.approx(2.0 / 7.5)


def test_a_draw_counts_by_its_number_of_values():
    # Within 2 / 1; between 2 (2 - 3)^2 + (5 - 3)^2 = 6, of (3 - 5 / 3) / 1 = 4 / 3 values a draw.
    found = split_variance([[1.0, 3.0], [5.0, np.nan]])
    assert found.luck.value == pytest.approx(2.0)
    assert found.unknown.value == pytest.approx((6.0 - 2.0) / (4.0 / 3.0))


def test_draws_without_a_value_tell_nothing():
    seen = futures(np.random.default_rng(RNG_SEED), 0.5, draws=30)
    with_empty = np.vstack([seen, np.full((20, 2), np.nan)])
    for found, expected in zip(split_variance(with_empty), split_variance(seen), strict=True):
        assert found == pytest.approx(expected)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
@pytest.mark.parametrize(("replications", "missing"), [(2, 0.0), (5, 0.0), (4, 0.5)])
def test_known_components_are_met_on_average_and_their_errors_are_those_of_repetition(
    share, replications, missing
):
    """Unbiased: the mean of 600 small experiments lies within 3.5 of its standard errors."""
    rng = np.random.default_rng(RNG_SEED)
    found = [split_variance(futures(rng, share, 40, replications, missing)) for _ in range(600)]
    truth = {"total": 1.0, "unknown": share, "luck": 1.0 - share}
    for part, expected in truth.items():
        values, errors = np.array([getattr(split, part) for split in found]).T
        assert values.mean() == pytest.approx(expected, abs=3.5 * values.std() / np.sqrt(600))
        assert np.sqrt((errors**2).mean()) == pytest.approx(values.std(), rel=0.15)


def test_luck_that_differs_between_draws_counts_on_average():
    rng = np.random.default_rng(RNG_SEED)
    spread = rng.exponential(size=(20_000, 1))
    sample = rng.normal(size=(20_000, 1)) + np.sqrt(spread) * rng.normal(size=(20_000, 2))
    found = split_variance(sample)
    for part in (found.unknown, found.luck):
        assert part.value == pytest.approx(1.0, abs=3 * part.error)
        assert part.error < 0.02


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
@pytest.mark.parametrize(("replications", "missing"), [(2, 0.0), (4, 0.4)])
def test_the_interval_of_the_share_covers_the_truth_as_often_as_it_says(
    share, replications, missing
):
    """1,000 experiments: the 95 % interval may miss the truth in 5 % +- 2.1 % of them."""
    rng = np.random.default_rng(RNG_SEED)
    covered = 0
    for _ in range(1_000):
        found = split_variance(futures(rng, share, 60, replications, missing)).share_unknown
        covered += found.low <= share <= found.high
    assert 0.929 <= covered / 1_000 <= 0.971


def test_a_wider_level_gives_a_wider_interval():
    sample = futures(np.random.default_rng(RNG_SEED), 0.5)
    narrow, wide = (split_variance(sample, level).share_unknown for level in (0.5, 0.99))
    assert wide.low < narrow.low < narrow.value == wide.value < narrow.high < wide.high


def test_a_negative_component_is_shown_and_only_the_share_is_cut():
    found = split_variance([[0.0, 4.0], [1.0, 3.0], [-1.0, 5.0]])
    assert found.unknown.value == pytest.approx(-(8.0 + 2.0 + 18.0) / 3 / 2)
    assert found.total.value == pytest.approx(found.unknown.value + found.luck.value)
    assert (found.share_unknown.value, found.share_unknown.low) == (0.0, 0.0)


@pytest.mark.parametrize("value", [0.1, -1e9, 7.0])
def test_without_luck_all_is_unknown_and_without_variance_the_share_is_undefined(value):
    no_luck = np.repeat(value * np.array([[1.0], [2.0], [4.0]]), 3, axis=1)
    assert split_variance(no_luck).share_unknown == (1.0, 1.0, 1.0)
    constant = split_variance(np.full((5, 3), value))
    assert constant.total == (0.0, 0.0)
    assert np.isnan(constant.share_unknown).all()


def test_moving_and_scaling_an_output_moves_no_share():
    sample = futures(np.random.default_rng(RNG_SEED), 0.5, missing=0.2)
    plain, scaled = split_variance(sample), split_variance(1e9 + 1e3 * sample)
    assert scaled.share_unknown == pytest.approx(plain.share_unknown, rel=1e-6)
    assert scaled.luck == pytest.approx(np.multiply(plain.luck, 1e6), rel=1e-6)


def test_too_few_draws_for_an_error_have_an_infinite_one():
    found = split_variance([[1.0, 3.0], [5.0, 7.0]])
    assert found.unknown.error == np.inf
    assert (found.share_unknown.low, found.share_unknown.high) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("sample", "reason"),
    [
        ([[1.0, 2.0]], "1 of 1 have a value, and it takes two. Simulate more draws"),
        ([[1.0], [2.0], [3.0]], r"with one replication a draw: simulate .* .--replications 2"),
        ([[np.nan, np.nan], [1.0, 2.0]], "1 of 2 have a value"),
        ([[np.nan, 3.0], [1.0, np.nan]], "no draw has two futures with a value"),
        (np.empty((0, 2)), "0 of 0 have a value"),
        ([[1.0, np.inf], [1.0, 2.0]], "infinite"),
    ],
)
def test_a_sample_that_cannot_be_split_is_refused_with_the_reason(sample, reason):
    with pytest.raises(AnalysisError, match=reason):
        split_variance(sample)
