"""Closed forms of a segment whose leads are accounts of the market."""

import math

import numpy as np
import pytest

from gtmsim.analysis.driving import drivers_of
from gtmsim.plan import compile_plan, draw_inputs
from gtmsim.scenario import load_scenario

MARKET = """
[scenario]
name = "Market"
start = 2026-01-01
months = 12
[company]
cash = "1M"
[segments.all]
motion = "self"
potential_share = 0.5
churn_per_year = 0.2
contracts.m = { share = 1, term_months = 1, billing = "monthly" }
onboarding = { cost = 100 }
support_per_customer_per_year = 60
[motions.self.stages]
trial = { win_rate = 0.4, days = 10 }
pay = { win_rate = 0.5, days = 5 }
[channels.web]
organic_per_month = 100
[buyers]
potential = { family = "lognormal", median = "10k", sigma = 0.8 }
complexities.simple = { share = 0.75 }
complexities.complex = { share = 0.25, win_odds = ODDS, churn = CHURN, delivery_cost = COST }
[[segmentation]]
to = "all"
"""


@pytest.fixture
def drivers(tmp_path):
    def of(odds: float = 1.0, churn: float = 1.0, cost: float = 1.0):
        text = MARKET.replace("ODDS", str(odds)).replace("CHURN", str(churn))
        file = tmp_path / "market.toml"
        file.write_text(text.replace("COST", str(cost)))
        plan = compile_plan(load_scenario(file))
        return drivers_of(plan, draw_inputs(plan, 1, range(1)))[0]

    return of


def test_accounts_that_do_not_differ_leave_the_motion_as_it_is(drivers):
    found = drivers()
    np.testing.assert_allclose(found.win_rate, [[0.4, 0.5]], rtol=1e-12)
    np.testing.assert_allclose(found.churn_constant, 0.2, rtol=1e-12)
    np.testing.assert_allclose(found.onboarding, 100.0, rtol=1e-12)
    np.testing.assert_allclose(found.channels[0].leads, 100.0, rtol=1e-12)


def test_the_list_price_is_the_share_of_the_mean_of_a_lognormal_potential(drivers):
    mean = 10_000.0 * math.exp(0.8**2 / 2)
    np.testing.assert_allclose(drivers().prices, [[0.5 * mean]], rtol=1e-4)


def test_a_stage_sees_the_mix_that_the_one_before_lets_pass(drivers):
    """Odds of 1/4 over two stages: each stage's odds are halved."""
    found = drivers(odds=0.25)
    trial, pay = (p / 2 / (p / 2 + 1 - p) for p in (0.4, 0.5))
    first = 0.75 * 0.4 + 0.25 * trial
    second = (0.75 * 0.4 * 0.5 + 0.25 * trial * pay) / first
    np.testing.assert_allclose(found.win_rate, [[first, second]], rtol=1e-9)


def test_churn_and_delivery_are_those_of_who_is_won(drivers):
    found = drivers(odds=0.25, churn=2.0, cost=3.0)
    trial, pay = (p / 2 / (p / 2 + 1 - p) for p in (0.4, 0.5))
    won = [0.75 * 0.4 * 0.5, 0.25 * trial * pay]
    part = won[1] / sum(won)
    np.testing.assert_allclose(found.churn_constant, 1 - 0.8 ** (1 + part), rtol=1e-9)
    np.testing.assert_allclose(found.support, 60.0 * (1 + 2 * part), rtol=1e-9)
    np.testing.assert_allclose(found.onboarding, 100.0 * (1 + 2 * part), rtol=1e-9)
