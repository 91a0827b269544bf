"""A number of a scenario moves in every form in which it may be stated, and stays that form."""

import pytest

from gtmsim.plan.means import mean_of
from gtmsim.scenario.distributions import read_distribution
from gtmsim.scenario.kinds import DAYS, GROWTH, MONEY, MONTH_NUMBER, MULTIPLE, SHARE
from gtmsim.scenario.transforms import CannotMoveError, Move, Rule, moved, plain

FIFTH_LESS = Move(Rule.SCALE, 0.8)
LATE = Move(Rule.ADD, 30.0)
FASTER = Move(Rule.HAZARD, 1.5)

FORMS = [
    (SHARE, {"p10": 0.2, "p90": 0.3}),
    (SHARE, {"median": 0.2, "p90": 0.3}),
    (SHARE, {"mean": 0.2, "sd": 0.05}),
    (SHARE, {"family": "beta", "alpha": 3.0, "beta": 20.0}),
    (SHARE, {"family": "beta", "mean": 0.3, "concentration": 20.0}),
    (SHARE, {"family": "logit_normal", "mu": -1.0, "sigma": 0.4}),
    (SHARE, {"family": "uniform", "low": 0.1, "high": 0.5}),
    (SHARE, {"family": "triangular", "low": 0.1, "mode": 0.2, "high": 0.5}),
    (SHARE, {"p10": 0.1, "p90": 0.4, "min": 0.05, "max": 0.6}),
    (SHARE, {"choices": [0.1, 0.2, 0.4], "weights": [1, 2, 1]}),
    (MONEY, {"p10": 10.0, "p90": 30.0}),
    (MONEY, {"family": "lognormal", "mu": 3.0, "sigma": 0.5}),
    (MONEY, {"family": "lognormal", "median": 20.0, "sigma": 0.5}),
    (MONEY, {"family": "gamma", "shape": 2.0, "scale": 5.0}),
    (MONEY, {"family": "gamma", "p10": 3.0, "p90": 40.0}),
    (MONEY, {"family": "weibull", "shape": 1.5, "scale": 9.0}),
    (MONEY, {"family": "exponential", "mean": 12.0}),
    (MONEY, {"family": "normal", "mean": 20.0, "sd": 3.0, "min": 0.0}),
]


def read(table, kind):
    return read_distribution(table, kind, varies=False)


@pytest.mark.parametrize(("kind", "table"), FORMS)
def test_a_scaled_distribution_is_one_of_its_family_with_a_scaled_mean(kind, table):
    given = read(table, kind)
    after = read(moved(given, FIFTH_LESS, kind), kind)
    assert after.family == given.family
    # Stated by quantiles, a share's own family is not closed under scaling: its mean is near.
    assert mean_of(after) == pytest.approx(0.8 * mean_of(given), rel=0.02)


@pytest.mark.parametrize(("kind", "table"), FORMS)
def test_a_distribution_that_does_not_move_stays_what_it_is(kind, table):
    given = read(table, kind)
    after = read(plain(given), kind)
    assert after.family == given.family
    assert mean_of(after) == pytest.approx(mean_of(given), rel=1e-9)


@pytest.mark.parametrize(("kind", "table"), [one for one in FORMS if one[0] is MONEY])
def test_thirty_days_more_are_added_to_what_states_a_distribution(kind, table):
    given = read(table, kind)
    if "scale" in given.form or "mu" in given.form or "sigma" in given.form:
        after = read(moved(given, LATE, kind), kind)
        assert after.form == ("p10", "p90")
    else:
        after = read(moved(given, LATE, kind), kind)
        assert after.form == given.form
    assert mean_of(after) == pytest.approx(mean_of(given) + 30.0, rel=0.05)


def test_a_moved_quantile_is_the_moved_number():
    given = read({"p10": 0.2, "p90": 0.3}, SHARE)
    assert moved(given, FIFTH_LESS, SHARE) == {
        "family": "logit_normal",
        "p10": pytest.approx(0.16),
        "p90": pytest.approx(0.24),
    }


def test_a_standard_deviation_moves_with_its_mean():
    assert moved(read({"mean": 0.2, "sd": 0.05}, SHARE), FIFTH_LESS, SHARE) == {
        "family": "beta",
        "mean": pytest.approx(0.16),
        "sd": pytest.approx(0.04),
    }
    late = moved(read({"mean": 20.0, "sd": 5.0}, DAYS), LATE, DAYS)
    assert late == {"family": "lognormal", "mean": 50.0, "sd": 5.0}
    hazard = moved(read({"mean": 0.2, "sd": 0.05}, SHARE), FASTER, SHARE)
    assert hazard["sd"] == pytest.approx(0.05 * 1.5 * 0.8**0.5)


def test_a_beta_of_its_own_parameters_keeps_their_sum():
    given = read({"family": "beta", "alpha": 3.0, "beta": 20.0}, SHARE)
    assert moved(given, FIFTH_LESS, SHARE) == {
        "family": "beta",
        "mean": pytest.approx(0.8 * 3.0 / 23.0),
        "concentration": 23.0,
    }


def test_a_plain_number_moves_and_stays_in_its_range():
    assert moved(0.5, FIFTH_LESS, SHARE) == pytest.approx(0.4)
    assert moved(0.9, Move(Rule.SCALE, 1.5), SHARE) == 1.0
    assert moved(10.0, Move(Rule.ADD, -30.0), DAYS) == 0.0
    assert moved(3, Move(Rule.ADD, 6.0), MONTH_NUMBER) == 9
    assert isinstance(moved(3, Move(Rule.ADD, 6.0), MONTH_NUMBER), int)


def test_a_hazard_never_leaves_the_unit_interval():
    assert moved(0.2, FASTER, SHARE) == pytest.approx(1.0 - 0.8**1.5)
    given = read({"p10": 0.7, "p90": 0.95}, SHARE)
    after = read(moved(given, FASTER, SHARE), SHARE)
    assert after["p90"] == pytest.approx(1.0 - 0.05**1.5)


def test_a_share_scaled_up_stops_below_one_and_stays_in_order():
    given = read({"p10": 0.5, "p90": 0.8}, SHARE)
    after = read(moved(given, Move(Rule.SCALE, 1.5), SHARE), SHARE)
    assert after["p10"] == pytest.approx(0.75)
    assert 0.99 < after["p90"] < 1.0
    assert moved(given, Move(Rule.SCALE, 3.0), SHARE) == 1.0


def test_values_by_company_stage_move_one_by_one():
    assert moved({"pre_pmf": 10.0, "scaling": 20.0}, FIFTH_LESS, MONEY) == {
        "pre_pmf": 8.0,
        "scaling": 16.0,
    }


def test_uncertain_parameters_of_variability_move_inside_it():
    table = {"median": {"p10": 10.0, "p90": 20.0}, "p90": 50.0}
    given = read_distribution(table, MONEY, varies=True)
    after = moved(given, FIFTH_LESS, MONEY)
    assert after["median"] == {"family": "lognormal", "p10": 8.0, "p90": 16.0}
    assert after["p90"] == 40.0


def test_growth_below_the_start_moves_by_its_quantiles():
    given = read({"family": "log_growth", "mu": 0.1, "sigma": 0.1}, GROWTH)
    after = moved(given, FIFTH_LESS, GROWTH)
    assert after["family"] == "log_growth"
    assert -1.0 < after["p10"] < after["p90"]


def test_what_no_rule_can_move_is_refused():
    table = {"family": "beta", "alpha": {"p10": 2.0, "p90": 4.0}, "beta": 20.0}
    given = read_distribution(table, SHARE, varies=True)
    with pytest.raises(CannotMoveError, match="mean and concentration"):
        moved(given, FIFTH_LESS, SHARE)


def test_a_number_without_a_limit_is_not_cut():
    assert moved(4.0, Move(Rule.SCALE, 100.0), MULTIPLE) == 400.0
