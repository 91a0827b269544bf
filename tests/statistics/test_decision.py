"""Decisions between options: regret, the value of perfect information, dominance."""

import numpy as np
import pytest
from scipy import stats

from gtmsim.errors import AnalysisError
from gtmsim.statistics import decision, error
from gtmsim.statistics.decision import Dominance

RNG_SEED = 20_260_103
N_DRAWS = 1_024


def expected_positive_part(mean, deviation):
    """E max(0, X) of a normal X."""
    ratio = mean / deviation
    return mean * stats.norm.cdf(ratio) + deviation * stats.norm.pdf(ratio)


EVPI = expected_positive_part(1.0, np.sqrt(5.0)) - 1.0
"""0.47981: doing something brings N(1, variance 5) on average over luck, doing nothing 0."""


def two_options(rng, luck, n_replications=2, n_draws=N_DRAWS):
    """Nothing, or N(1, 5) by draw; luck has ``luck`` times that deviation in a draw's mean."""
    gain = 1.0 + np.sqrt(5.0) * rng.normal(size=(n_draws, 1))
    noise = rng.normal(size=(n_draws, n_replications)) * np.sqrt(5.0 * n_replications) * luck
    return np.array([np.zeros(noise.shape), gain + noise])


def test_the_value_of_perfect_information_is_that_of_the_closed_form():
    assert pytest.approx(0.47981, abs=5e-6) == EVPI
    rng = np.random.default_rng(RNG_SEED)
    found = decision.decide(two_options(rng, luck=1e-6)).information.evpi
    assert found.value == pytest.approx(EVPI, abs=2 * found.error)
    assert found.error == pytest.approx(0.03, rel=0.15)


@pytest.mark.parametrize("luck", [0.3, 1.0, 2.0])
def test_luck_does_not_raise_the_value_of_perfect_information(luck):
    """40 experiments: right on average with luck as large as the signal and twice as large, where
    the best of noisy means is 70 % too high and more, and a choice on half of them too low."""
    rng = np.random.default_rng(RNG_SEED)
    found = [decision.decide(two_options(rng, luck)).information for _ in range(40)]
    values = np.array([information.evpi.value for information in found])
    errors = np.array([information.evpi.error for information in found])
    plain = np.array([information.plain for information in found])
    held_out = np.array([information.held_out.value for information in found])
    assert values.mean() == pytest.approx(EVPI, abs=3 * values.std() / np.sqrt(40))
    assert errors.mean() == pytest.approx(values.std(), rel=0.35)
    assert held_out.mean() < values.mean() < plain.mean()
    assert plain.mean() > (EVPI * 1.6 if luck >= 1.0 else EVPI)


def test_luck_that_options_share_is_no_reason_to_wait_for_information():
    """Options move together future by future: their difference is known exactly."""
    rng = np.random.default_rng(RNG_SEED)
    shared = rng.normal(size=(1, N_DRAWS, 2)) * 50.0
    found = decision.decide(two_options(rng, luck=1e-6) + shared).information
    assert found.evpi.value == pytest.approx(found.plain, rel=1e-3)


def test_the_least_regret_is_the_value_of_perfect_information():
    found = decision.decide(two_options(np.random.default_rng(RNG_SEED), luck=1.0))
    assert found.best == 1
    assert found.regret[1] == found.information.evpi
    difference = found.expected[1].value - found.expected[0].value
    assert found.regret[0].value - found.regret[1].value == pytest.approx(difference)


def test_regret_in_hindsight_is_against_the_best_of_each_future():
    found = decision.decide([[[1.0, 5.0], [2.0, 0.0]], [[3.0, 1.0], [2.0, 1.0]]])
    assert [regret.value for regret in found.hindsight] == pytest.approx([3 / 4, 1.0])
    assert [odds.value for odds in found.best_in_future] == pytest.approx([1.5 / 4, 2.5 / 4])


def test_the_odds_of_having_the_best_mean_are_free_of_luck():
    rng = np.random.default_rng(RNG_SEED)
    truth = stats.norm.cdf(1.0 / np.sqrt(5.0))
    found = [decision.decide(two_options(rng, luck=1.0)).best_in_draw[1] for _ in range(20)]
    values = np.array([odds.value for odds in found])
    assert values.mean() == pytest.approx(truth, abs=3 * values.std() / np.sqrt(20))
    assert abs(values.mean() - stats.norm.cdf(1.0 / np.sqrt(10.0))) > 0.03


@pytest.mark.parametrize("luck", [0.01, 0.5, 1.0])
@pytest.mark.parametrize(("ahead", "most"), [(0.0, 0.985), (1.5, 0.99), (3.0, 1.0), (4.0, 1.0)])
def test_the_odds_of_having_the_best_mean_lie_in_an_interval_of_shares(ahead, most, luck):
    """100 experiments each: the truth is 50, 86, 98 and 99.8 %; the normal interval holds the last
    two in 87 % and 13 %, and reaches beyond 100 %."""
    rng = np.random.default_rng(RNG_SEED)
    truth, covered = stats.norm.cdf(ahead / np.sqrt(2.0)), 0
    for _ in range(100):
        means = rng.normal(size=(2, 64, 1)) + np.array([[[ahead]], [[0.0]]])
        noise = luck * np.sqrt(2.0) * rng.normal(size=(2, 64, 2))
        found = decision.decide(means + noise).best_in_draw[0]
        assert 0.0 <= found.low <= found.value <= found.high <= 1.0
        assert found.low < found.high
        covered += found.low <= truth <= found.high
    assert 0.95 - 3 * np.sqrt(0.05 * 0.95 / 100) <= covered / 100 <= most + 0.01


def test_odds_of_being_best_sum_to_one_over_the_options():
    found = decision.decide(np.random.default_rng(RNG_SEED).normal(size=(4, 128, 2)))
    assert sum(odds.value for odds in found.best_in_future) == pytest.approx(1.0)
    assert sum(odds.value for odds in found.best_in_draw) == pytest.approx(1.0)


def test_without_replications_inputs_and_luck_cannot_be_told_apart():
    for shape in ((2, 64, 1), (2, 1, 64)):
        found = decision.decide(np.random.default_rng(RNG_SEED).normal(size=shape))
        assert np.isnan(found.information.evpi).all()
        assert np.isnan(found.regret).all()
        assert np.isfinite(found.hindsight[0].value)


def test_futures_without_an_objective_are_left_out_for_every_option_and_counted():
    objective = two_options(np.random.default_rng(RNG_SEED), luck=1.0)
    objective[0, :7, 0] = np.nan
    objective[1, 3:9, 1] = np.nan
    found = decision.decide(objective)
    assert found.n_undefined == 13
    both = np.isfinite(objective).all(0)
    assert found.expected[0].value == 0.0
    means = [row[kept].mean() for row, kept in zip(objective[1], both, strict=True) if kept.any()]
    assert found.expected[1].value == pytest.approx(np.mean(means))


@pytest.mark.parametrize(
    ("objective", "why"),
    [
        (np.full((2, 3, 2), np.nan), "every future"),
        (np.ones((1, 3, 2)), "two options"),
        (np.array([[[1.0, -np.inf]], [[1.0, 2.0]]]), "infinite"),
    ],
)
def test_a_decision_without_a_basis_is_refused(objective, why):
    with pytest.raises(AnalysisError, match=why):
        decision.decide(objective)


def market(n_draws=256, n_replications=2):
    rng = np.random.default_rng(RNG_SEED)
    return rng.normal(size=(n_draws, 1)) + rng.normal(size=(n_draws, n_replications))


def test_an_option_that_adds_to_every_future_dominates_in_both_orders():
    base = market()
    for order in (1, 2):
        assert decision.dominance(base + 0.3, base, order) is Dominance.DOMINATES
        assert decision.dominance(base, base + 0.3, order) is Dominance.DOES_NOT


def test_less_risk_at_the_same_mean_dominates_only_for_who_dislikes_risk():
    base = market(1_024)
    calmer = 0.05 + 0.5 * base
    assert decision.dominance(calmer, base, order=1) is Dominance.DOES_NOT
    assert decision.dominance(calmer, base, order=2) is Dominance.DOMINATES
    assert decision.dominance(base, calmer, order=2) is Dominance.DOES_NOT


def test_an_option_that_changes_nothing_dominates_nothing():
    assert decision.dominance(market(), market()) is Dominance.DOES_NOT


def test_dominance_claims_more_than_the_sample_shows_at_most_as_often_as_allowed():
    """Two options of one distribution on different luck: neither dominates, and neither is shown
    to be worse at some threshold more often than 5 %; most verdicts stay open."""
    rng = np.random.default_rng(RNG_SEED)
    verdicts = [
        decision.dominance(*rng.normal(size=(2, 128, 2)), order=order)
        for order in (1, 2)
        for _ in range(200)
    ]
    assert verdicts.count(Dominance.DOMINATES) <= 400 * 0.05
    assert verdicts.count(Dominance.DOES_NOT) <= 400 * 0.05 + 2.5 * np.sqrt(400 * 0.05 * 0.95)
    assert verdicts.count(Dominance.CANNOT_TELL) > 300


def test_with_one_draw_dominance_and_expectations_are_judged_by_its_replications():
    rng = np.random.default_rng(RNG_SEED)
    first, second = rng.normal(size=(2, 1, 400))
    for order in (1, 2):
        assert decision.dominance(first, second, order) is Dominance.CANNOT_TELL
        assert decision.dominance(first + 1.0, first, order) is Dominance.DOMINATES
        by_draws = decision.dominance(first.T, second.T, order)
        assert decision.dominance(first, second, order) is by_draws
    made = decision.decide([first, second])
    assert made.expected == tuple(error.mean(row) for row in (first, second))
    assert np.isfinite(made.expected).all()


def test_a_single_future_tells_nothing_of_dominance():
    assert decision.dominance([[2.0]], [[1.0]]) is Dominance.CANNOT_TELL


def test_dominance_needs_options_of_the_same_futures():
    with pytest.raises(AnalysisError, match="paired"):
        decision.dominance(np.ones((3, 1)), np.ones((4, 1)))
