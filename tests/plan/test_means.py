"""Means of distributions, against the mean of their own quantiles."""

import numpy as np
import pytest

from gtmsim.draws.families import sample_many
from gtmsim.draws.tables import TABLE_SIZE, fill_beta_table, fill_gamma_table
from gtmsim.plan import compile_plan, draw_inputs
from gtmsim.plan.forms import native_of
from gtmsim.plan.means import mean_of, record_means, record_quantiles
from gtmsim.scenario.distributions import read_distribution
from gtmsim.scenario.kinds import DAYS, GROWTH, MONEY, SHARE
from gtmsim.scenario.models import Scenario
from tests.plan.scenarios import EVERYTHING

MIDDLES = (np.arange(200_000) + 0.5) / 200_000
STATED = {
    "lognormal": ({"median": 2000.0, "p90": 5000.0}, MONEY),
    "logit-normal": ({"p10": 0.1, "p90": 0.6}, SHARE),
    "beta": ({"family": "beta", "alpha": 0.7, "beta": 3.0}, SHARE),
    "uniform": ({"family": "uniform", "low": 3.0, "high": 9.0}, DAYS),
    "triangular": ({"family": "triangular", "low": 1.0, "mode": 2.0, "high": 9.0}, DAYS),
    "exponential": ({"family": "exponential", "mean": 30.0}, DAYS),
    "weibull": ({"family": "weibull", "shape": 1.7, "scale": 20.0}, DAYS),
    "gamma": ({"family": "gamma", "shape": 2.5, "scale": 8.0}, DAYS),
    "normal, cut": ({"family": "normal", "mean": 10.0, "sd": 20.0, "min": 0.0}, DAYS),
    "lognormal, cut": ({"median": 2000.0, "p90": 9000.0, "max": 10_000.0}, MONEY),
    "gamma, cut": ({"family": "gamma", "shape": 2.5, "scale": 8.0, "min": 5.0}, DAYS),
}


def values_of(record):
    tables, out = np.zeros(TABLE_SIZE), np.empty(len(MIDDLES))
    record = record.copy()
    if record[0] == 7:
        fill_beta_table(record[1], record[2], tables, 0)
    elif record[0] == 8:
        fill_gamma_table(record[1], tables, 0)
    sample_many(record, tables, MIDDLES, out)
    return out


def by_quantiles(record):
    return values_of(record).mean()


def record_of(table, kind):
    distribution = read_distribution(table, kind, varies=True)
    return np.array([float(x) for x in native_of(distribution, dict(distribution.parameters))])


@pytest.mark.parametrize("name", STATED)
def test_a_mean_is_that_of_the_quantiles(name):
    table, kind = STATED[name]
    record = record_of(table, kind)
    assert record_means(record) == pytest.approx(by_quantiles(record), rel=2e-3)
    assert mean_of(read_distribution(table, kind, varies=True)) == pytest.approx(
        float(record_means(record))
    )


@pytest.mark.parametrize("name", STATED)
def test_equally_likely_values_stand_at_their_quantiles_and_have_the_mean(name):
    record = record_of(*STATED[name])
    values = record_quantiles(np.stack([record, record]), 100)
    assert values.shape == (2, 100)
    assert values.mean(axis=1) == pytest.approx([float(record_means(record))] * 2)
    every = values_of(record)
    assert (every[:, np.newaxis] < values[0, :-1]).mean(axis=0) == pytest.approx(
        (np.arange(99) + 0.5) / 100, abs=1e-4
    )


def test_equally_likely_values_ascend_whichever_way_they_lean():
    left, right = ({"family": "beta", "alpha": a, "beta": b} for a, b in ((2, 0.2), (0.2, 2)))
    records = np.stack([record_of(left, SHARE), record_of(right, SHARE)])
    values = record_quantiles(records, 12)
    assert (np.diff(values, axis=1) >= 0.0).all()
    assert values.mean(axis=1) == pytest.approx([2 / 2.2, 0.2 / 2.2])


def test_a_plain_number_is_its_own_mean_and_choices_count_by_weight():
    assert mean_of(7.0) == 7.0
    chosen = read_distribution({"choices": [1, 4], "weights": [1, 2]}, DAYS, varies=False)
    assert mean_of(chosen) == 3.0


def test_uncertain_parameters_are_taken_at_their_means():
    table = {"median": {"family": "uniform", "low": 50.0, "high": 150.0}, "p90": 300.0}
    uncertain = read_distribution(table, MONEY, varies=True)
    assert mean_of(uncertain) == mean_of(
        read_distribution({**table, "median": 100.0}, MONEY, varies=True)
    )


def test_growth_is_the_mean_of_the_growth_not_of_its_factor():
    growth = read_distribution({"p10": 0.1, "p90": 0.5}, GROWTH, varies=False)
    assert 0.1 < mean_of(growth) < 0.5


def test_the_mean_of_an_input_is_what_its_draws_average_to():
    plan = compile_plan(Scenario.model_validate(EVERYTHING, strict=False))
    drawn = draw_inputs(plan, 1, range(4096)).mean(0)
    means = [mean_of(given.distribution) for given in plan.inputs]
    np.testing.assert_allclose(drawn, means, rtol=0.01)
