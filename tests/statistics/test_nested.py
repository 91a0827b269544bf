"""Means of draws, and the luck that is taken out of them."""

import numpy as np
import pytest

from gtmsim.errors import AnalysisError
from gtmsim.statistics import nested


def test_denoised_means_have_the_covariance_that_is_left_without_luck():
    rng = np.random.default_rng(1)
    means = rng.normal(size=(3, 500)) * [[1.0], [2.0], [3.0]] + [[5.0], [0.0], [-5.0]]
    luck = np.array([[0.4, 0.1, 0.0], [0.1, 0.5, 0.2], [0.0, 0.2, 0.6]])
    found = nested.denoised(means, luck)
    assert np.cov(found) == pytest.approx(np.cov(means) - luck)
    assert found.mean(1) == pytest.approx(means.mean(1))
    assert nested.denoised(means, np.zeros((3, 3))) == pytest.approx(means)


def test_where_luck_explains_all_nothing_is_left():
    means = np.random.default_rng(1).normal(size=(2, 100))
    assert nested.denoised(means, np.eye(2) * 9).std(1) == pytest.approx(0.0, abs=1e-12)


def test_the_luck_of_draw_means_is_the_pooled_variance_within_draws():
    sample = np.array([[1.0, 3.0], [5.0, 5.0], [2.0, 8.0]])
    means = nested.draw_means(sample[None])
    assert means.values == pytest.approx(sample.mean(1)[None])
    assert means.luck.mean(0).item() == pytest.approx(sample.var(1, ddof=1).mean() / 2)


def test_draws_with_fewer_replications_have_more_luck():
    sample = np.array([[1.0, 3.0, 5.0], [4.0, 6.0, np.nan], [7.0, np.nan, np.nan]])
    pooled = (8.0 + 2.0) / 3
    found = nested.draw_means(sample[None])
    assert found.luck.mean(0).item() == pytest.approx(pooled * (1 / 3 + 1 / 2 + 1) / 3)
    assert found.n_undefined == 3


def test_a_future_counts_only_where_all_quantities_are_defined():
    found = nested.draw_means([[[1.0, np.nan], [3.0, 4.0]], [[5.0, 6.0], [np.nan, 8.0]]])
    assert found.values.tolist() == [[1.0, 4.0], [5.0, 8.0]]


@pytest.mark.parametrize("bad", [np.inf, -np.inf])
def test_an_infinite_value_has_no_mean(bad):
    with pytest.raises(AnalysisError, match="state what such a future is worth"):
        nested.draw_means([[[1.0, bad]]])


def test_undefined_everywhere_is_an_error_and_not_a_zero():
    with pytest.raises(AnalysisError, match="every future"):
        nested.draw_means([[[1.0, np.nan]], [[np.nan, 2.0]]])
