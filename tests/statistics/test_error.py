"""Monte Carlo error: intervals that cover what they say, with the draw as the unit."""

import numpy as np
import pytest
from scipy import stats

from gtmsim.statistics import error

RNG_SEED = 20_260_101


def test_the_mean_of_single_replications_has_the_t_interval_of_the_textbook():
    values = np.array([3.0, 5.0, 4.0, 8.0])
    found = error.mean(values[:, None])
    low, high = stats.t.interval(0.95, 3, loc=5.0, scale=stats.sem(values))
    assert found == pytest.approx((5.0, low, high))


def test_the_interval_of_a_mean_is_that_of_the_draw_means():
    sample = np.array([[1.0, 3.0], [5.0, 7.0], [3.0, 8.0]])
    assert error.mean(sample) == pytest.approx(error.mean(sample.mean(1)[:, None]))


def test_repeating_each_replication_of_a_draw_tells_nothing_new():
    once = np.array([[1.0], [4.0], [2.0], [9.0]])
    assert error.mean(np.repeat(once, 50, axis=1)) == pytest.approx(error.mean(once))
    events = np.repeat([[1], [0], [0], [1], [0]], 50, axis=1)
    assert error.effective_size(events) == pytest.approx(5, abs=1)


def test_replications_that_do_not_depend_on_their_draw_count_almost_fully():
    rng = np.random.default_rng(RNG_SEED)
    events = rng.random((2_000, 5)) < 0.3
    assert error.effective_size(events) == pytest.approx(10_000, rel=0.1)


def test_with_a_single_draw_the_replications_are_the_unit():
    values = np.array([[3.0, 5.0, 4.0, 8.0]])
    assert error.mean(values) == pytest.approx(error.mean(values.T))


def test_one_replication_has_no_known_error():
    assert error.mean([[7.0]]) == (7.0, -np.inf, np.inf)


def test_undefined_replications_are_left_out_and_none_at_all_is_undefined():
    assert error.mean([[1.0], [np.nan], [3.0]]).value == 2.0
    for figure in (error.mean, error.probability, lambda x: error.quantile(x, 0.5)):
        assert np.isnan(figure([[np.nan], [np.nan]])).all()


def test_draws_without_a_value_tell_nothing():
    """Neither the degrees of freedom nor the variance count them."""
    seen = np.array([[3.0, 5.0], [4.0, np.nan], [8.0, 7.0]])
    with_empty = np.vstack([seen, np.full((40, 2), np.nan)])
    assert error.mean(with_empty) == pytest.approx(error.mean(seen))
    assert error.mean([[7.0, 8.0], [np.nan, np.nan]]) == (7.5, -np.inf, np.inf)
    assert error.effective_size(np.vstack([seen > 4, np.full((9, 2), np.nan)])) == pytest.approx(
        error.effective_size(seen > 4)
    )


def test_infinite_values_have_no_part_in_a_mean():
    assert error.mean([[1.0], [np.inf], [3.0]]).value == 2.0


def test_wilsons_interval_has_its_published_value():
    # 81 of 263: Newcombe, Two-sided confidence intervals for the single proportion, 1998
    assert error.wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_a_probability_never_seen_still_has_an_upper_bound_that_counts_draws_only():
    few, many = np.zeros((100, 1)), np.zeros((100, 50))
    assert error.probability(few) == error.probability(many)
    assert error.probability(few).high == pytest.approx(0.037, abs=0.001)


def test_a_quantile_is_an_order_statistic_and_its_interval_two_others():
    values = np.arange(1.0, 1_001.0)[:, None]
    found = error.quantile(values, 0.5)
    assert found.value == 500.0
    assert found.low == pytest.approx(500 - 1.96 * np.sqrt(250), abs=1.5)
    assert found.high == pytest.approx(500 + 1.96 * np.sqrt(250), abs=1.5)


def test_a_quantile_counts_never_as_later_than_everything():
    months = np.array([[12.0], [20.0], [np.inf], [np.inf]])
    assert error.quantile(months, 0.5).value == 20.0
    assert error.quantile(months, 0.9).value == np.inf


def test_the_ends_of_a_quantiles_interval_outside_the_sample_are_unknown():
    found = error.quantile(np.arange(20.0)[:, None], 0.02)
    assert found.low == -np.inf


@pytest.mark.parametrize("share_between", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("missing", [0.0, 0.6])
@pytest.mark.parametrize("figure", ["mean", "probability", "p10", "median", "p90"])
def test_intervals_cover_the_truth_as_often_as_they_say_however_much_draws_matter(
    figure, share_between, missing
):
    """1,000 experiments: the 95 % interval may miss the truth in 5 % +- 2.1 % of them."""
    rng = np.random.default_rng(RNG_SEED)
    estimate, truth = {
        "mean": (error.mean, 0.0),
        "probability": (
            lambda x: error.probability(np.where(np.isnan(x), x, x > 0.8)),
            stats.norm.sf(0.8),
        ),
        "p10": (lambda x: error.quantile(x, 0.1), stats.norm.ppf(0.1)),
        "median": (lambda x: error.quantile(x, 0.5), 0.0),
        "p90": (lambda x: error.quantile(x, 0.9), stats.norm.ppf(0.9)),
    }[figure]
    covered = 0
    for _ in range(1_000):
        between = rng.normal(size=(60, 1)) * np.sqrt(share_between)
        within = rng.normal(size=(60, 4)) * np.sqrt(1 - share_between)
        values = np.where(rng.random(within.shape) < missing, np.nan, between + within)
        found = estimate(values)
        covered += found.low <= truth <= found.high
    assert 0.929 <= covered / 1_000 <= 0.975


def test_counting_replications_as_independent_would_cover_too_rarely():
    """The check above can fail: without the draws as units the interval is far too narrow."""
    rng = np.random.default_rng(RNG_SEED)
    covered = 0
    for _ in range(300):
        sample = rng.normal(size=(60, 1)) * 0.95 + rng.normal(size=(60, 4)) * 0.3
        found = error.mean(sample.reshape(-1, 1))
        covered += found.low <= 0.0 <= found.high
    assert covered / 300 < 0.85
