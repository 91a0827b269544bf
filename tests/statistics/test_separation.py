"""Tripwires on normal scores, whose curve is known, and on futures counted by hand."""

import numpy as np
import pytest
from scipy import special

from gtmsim.statistics import separation

NAN = np.nan


def binormal(seed, distance, n_draws=400, replications=2, share=0.3, clustered=0.0):
    """Good scores are standard normal, bad ones lower by the distance."""
    rng = np.random.default_rng(seed)
    shape = (n_draws, replications)
    bad = (rng.random(shape) < share).astype(float)
    common = rng.normal(size=(n_draws, 1)) * clustered**0.5
    own = rng.normal(size=shape) * (1.0 - clustered) ** 0.5
    return common + own - distance * bad, bad


def test_auc_of_normals_one_apart_is_that_of_the_formula():
    score, bad = binormal(1, 1.0, n_draws=2_000)
    found = separation.auc(score, bad)
    truth = float(special.ndtr(1.0 / 2.0**0.5))
    assert truth == pytest.approx(0.760, abs=5e-4)
    assert abs(found.value - truth) <= 2.0 * found.margin / 1.96


def test_auc_counts_pairs_and_half_of_ties():
    score = np.array([[1.0], [2.0], [2.0], [3.0]])
    bad = np.array([[1.0], [1.0], [0.0], [0.0]])
    # 1 is below 2 and 3; 2 ties with 2 and is below 3: 3.5 of 4 pairs
    assert separation.auc(score, bad).value == pytest.approx(3.5 / 4.0)


def test_the_interval_of_a_useless_score_covers_a_half_as_often_as_it_says():
    found = [separation.auc(*binormal(seed, 0.0, 60, 3)) for seed in range(200)]
    covered = np.mean([one.low <= 0.5 <= one.high for one in found])
    assert 0.90 <= covered <= 0.99


def test_replications_that_share_their_draw_widen_the_interval():
    """With one replication's worth of information per draw, more replications add none."""
    rng = np.random.default_rng(5)
    score = np.repeat(rng.normal(size=(100, 1)), 8, axis=1)
    bad = np.repeat((rng.random((100, 1)) < 0.5).astype(float), 8, axis=1)
    one, many = separation.auc(score[:, :1], bad[:, :1]), separation.auc(score, bad)
    assert many == pytest.approx(one)


def test_the_clustered_interval_covers_where_a_naive_one_would_not():
    """Scores and badness both hang on the draw; 20 replications are far from independent."""

    def sample(seed):
        rng = np.random.default_rng(seed)
        level = rng.normal(size=(40, 1))
        bad = (rng.normal(size=(40, 20)) < level).astype(float)
        score = rng.normal(size=(40, 1)) + 0.1 * rng.normal(size=(40, 20))
        return separation.auc(score, bad)

    found = [sample(seed) for seed in range(200)]
    assert np.mean([one.low <= 0.5 <= one.high for one in found]) >= 0.88


def test_a_score_that_never_errs_still_has_an_interval():
    score, bad = np.arange(40.0)[:, None], (np.arange(40) < 10).astype(float)[:, None]
    found = separation.auc(score, bad)
    assert found.value == 1.0
    assert found.high == pytest.approx(1.0)
    assert 0.6 < found.low < 0.9


@pytest.mark.parametrize("bad", [0.0, 1.0, NAN])
def test_nothing_is_told_apart_where_all_futures_are_alike(bad):
    score = np.arange(6.0).reshape(3, 2)
    assert np.isnan(separation.auc(score, np.full((3, 2), bad)).value)
    assert np.isnan(separation.threshold(score, np.full((3, 2), bad)))


def test_the_threshold_of_youden_lies_between_the_two_kinds():
    score = np.array([[1.0], [2.0], [5.0], [6.0], [7.0]])
    bad = np.array([[1.0], [1.0], [0.0], [0.0], [0.0]])
    assert separation.threshold(score, bad) == 3.5


def test_a_rate_of_false_alarms_is_kept_on_the_futures_that_choose():
    score, bad = binormal(3, 1.0)
    cut = separation.threshold(score, bad, 0.2)
    stopped = score < cut
    assert 0.15 < stopped[bad == 0.0].mean() <= 0.2
    caught = float(special.ndtr(special.ndtri(0.2) + 1.0))
    assert stopped[bad == 1.0].mean() == pytest.approx(caught, abs=0.08)


def test_a_useless_score_is_judged_useless_on_draws_that_did_not_choose():
    """On its own draws the best threshold looks good; held out, it catches what it stops."""
    own, held = [], []
    for seed in range(60):
        score, bad = binormal(seed, 0.0, 30, 1)
        stopped = score < separation.threshold(score, bad)
        own.append(stopped[bad == 1.0].mean() - stopped[bad == 0.0].mean())
        found = separation.tripwire(score, bad)
        held.append(found.caught.value - found.stopped_good.value)
    assert np.nanmean(own) > 0.15
    assert abs(np.nanmean(held)) < 0.08


def test_a_future_without_a_value_is_never_stopped_but_counts():
    score = np.array([[NAN], [1.0], [1.1], [5.0], [6.0], [6.5], [1.2], [5.5], [6.2], [NAN]])
    bad = np.array([[1.0], [1.0], [1.0], [0.0], [0.0], [0.0], [1.0], [0.0], [0.0], [0.0]])
    found = separation.tripwire(score, bad)
    assert found.caught.value == pytest.approx(3 / 4)
    assert found.stopped_good.value == 0.0
    assert found.bad_if_stopped.value == 1.0


def test_placements_average_to_the_area():
    score, bad = binormal(2, 0.7, 50)
    found = separation.placements(score, bad)
    assert np.nanmean(found) == pytest.approx(separation.auc(score, bad).value)
    assert np.isnan(found[bad == 0.0]).all()


def test_every_draw_is_held_out_once():
    parts = separation.held_out(13)
    assert len(parts) == separation.FOLDS
    assert (np.sum(parts, axis=0) == 1).all()
    assert len(separation.held_out(3)) == 3
