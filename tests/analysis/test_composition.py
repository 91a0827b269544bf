"""Closed forms of a segment whose leads are accounts of the market."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from gtmsim.analysis.deals import Deals, deals_of
from gtmsim.analysis.driving import drivers_of
from gtmsim.analysis.economics import measures_of
from gtmsim.analysis.mending import mend
from gtmsim.plan import compile_plan, draw_inputs
from gtmsim.scenario import load_scenario
from gtmsim.scenario.profiles import Bounds

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


# Deals by their value

FALLBACK = """
[segments.all.fallback]
below_acv = "4k"
motion = "alone"
[motions.alone.stages]
paid = { win_rate = 0.1, days = 3 }
[channels.web]
"""
SIGMA = 0.8


def below(price: float) -> float:
    """Share of accounts whose price, half of the potential, is lower."""
    return float(norm.cdf(math.log(price / 5_000) / SIGMA))


def worth_below(price: float) -> float:
    """Their part of the mean price."""
    mean = 5_000 * math.exp(SIGMA**2 / 2)
    return mean * float(norm.cdf(math.log(price / 5_000) / SIGMA - SIGMA))


@pytest.fixture
def valued(tmp_path):
    def of(*changes: tuple[str, str]):
        text = MARKET.replace("ODDS", "0.25").replace("CHURN", "2.0").replace("COST", "1.0")
        for old, new in changes:
            assert text.count(old) == 1
            text = text.replace(old, new)
        file = tmp_path / "valued.toml"
        file.write_text(text)
        plan = compile_plan(load_scenario(file))
        return drivers_of(plan, draw_inputs(plan, 1, range(1)))[0]

    return of


def test_accounts_fall_back_by_the_share_of_their_potential(valued):
    found = valued(("[channels.web]\n", FALLBACK))
    deals = deals_of(found)
    low = below(4_000)
    np.testing.assert_allclose(deals.fallen, low, rtol=1e-5)
    # complex ones, a quarter, have a quarter of the odds, of one stage here and of two there
    hard, (trial, pay) = 0.1 / 4 / (0.1 / 4 + 0.9), (p / 2 / (p / 2 + 1 - p) for p in (0.4, 0.5))
    other, own = 0.75 * 0.1 + 0.25 * hard, 0.75 * 0.4 * 0.5 + 0.25 * trial * pay
    won = low * other + (1 - low) * own
    np.testing.assert_allclose(deals.won, won, rtol=1e-5)
    high = 5_000 * math.exp(SIGMA**2 / 2) - worth_below(4_000)
    worth = worth_below(4_000) * other + high * own
    np.testing.assert_allclose(deals.list_acv, worth / won, rtol=1e-4)
    complex_ones = 0.25 * (low * hard + (1 - low) * trial * pay) / won
    np.testing.assert_allclose(found.churn_constant, 1 - 0.8 ** (1 + complex_ones), rtol=1e-5)


def test_no_change_of_price_is_offered_where_it_would_sort_the_deals_anew(valued):
    """Prices stand for bands then; a lone mean price may be moved."""

    def mended(found):
        costly = replace(found, overhead=np.array([1_000.0]))
        bound = float(measures_of(costly)["cac_to_acv"][0]) / 4  # more than a win rate can do
        change = mend(costly, {"cac_to_acv": Bounds(bound)})
        return change and change.number

    assert mended(valued()) == "list price a year"
    assert mended(valued(("[channels.web]\n", FALLBACK))) != "list price a year"


def test_a_volume_discount_reaches_the_accounts_of_high_potential(valued):
    steps = "term_months = 1, volume_discounts = [{ from_acv = 10_000, discount = 0.2 }]"
    found = deals_of(valued(("term_months = 1", steps)))
    mean = 5_000 * math.exp(SIGMA**2 / 2)
    np.testing.assert_allclose(found.list_acv, mean, rtol=1e-4)
    large = mean - worth_below(10_000)
    np.testing.assert_allclose(found.acv, mean - 0.2 * large, rtol=1e-4)


def test_where_the_share_of_potential_varies_the_price_does_too(valued):
    """ln price has the variance of both: sigma 0.8 of potential, and 0.6 of the share."""
    varying = "potential_share = { median = 0.1, p90 = 0.2158 }"
    found = valued(("[channels.web]\n", FALLBACK), ("potential_share = 0.5", varying))
    spread = math.hypot(SIGMA, math.log(2.158) / norm.ppf(0.9))
    fallen = float(norm.cdf(math.log(4_000 / 1_000) / spread))
    np.testing.assert_allclose(deals_of(found).fallen, fallen, rtol=0.02)


def test_bands_in_which_all_pay_alike_change_nothing(valued):
    """A volume discount of nothing, and a fallback to the very same stages."""
    plain = valued()
    free = "term_months = 1, volume_discounts = [{ from_acv = 9_000, discount = 0 }]"
    same = FALLBACK.replace(
        "paid = { win_rate = 0.1, days = 3 }",
        "trial = { win_rate = 0.4, days = 10 }\npay = { win_rate = 0.5 }",
    )
    banded = valued(("term_months = 1", free), ("[channels.web]\n", same))
    assert banded.prices.shape == (1, 3)
    for name in Deals._fields:
        if name not in {"kept", "fallen", "own_won", "own_arr"}:
            expected, found = (getattr(deals_of(one), name) for one in (plain, banded))
            np.testing.assert_allclose(found, expected, rtol=2e-4, err_msg=name)
    np.testing.assert_allclose(banded.win_rate, plain.win_rate, rtol=1e-9)
    np.testing.assert_allclose(banded.churn_constant, plain.churn_constant, rtol=1e-9)


def test_large_accounts_that_are_won_less_often_count_less_in_the_price(valued):
    """From a potential of 10k on, the median, a stage's odds are a third; price is half of it."""
    tiers = """[buyers]
tiers.low = { from_acv = 0 }
tiers.high = { from_acv = "10k", win_odds = 0.1111111111111111 }
"""
    steps = "term_months = 1, volume_discounts = [{ from_acv = 5_000, discount = 0.2 }]"
    found = deals_of(
        valued(("[buyers]\n", tiers), ("term_months = 1", steps), ("win_odds = 0.25, ", ""))
    )
    low, high = 0.4 * 0.5, (0.4 / 3) / (0.4 / 3 + 0.6) * 0.25
    np.testing.assert_allclose(found.won, 0.5 * low + 0.5 * high, rtol=1e-6)
    small = worth_below(5_000) * low
    large = (5_000 * math.exp(SIGMA**2 / 2) - worth_below(5_000)) * high
    won = 0.5 * low + 0.5 * high
    np.testing.assert_allclose(found.list_acv, (small + large) / won, rtol=1e-4)
    np.testing.assert_allclose(found.acv, (small + 0.8 * large) / won, rtol=1e-4)
