"""Verdicts: healthy, strained, broken or undefined; of measures, of motions, of simulated ones."""

import numpy as np
import pytest

from gtmsim.metrics import acquisition, health, odds
from gtmsim.metrics.verdicts import State, state_of, states_of, worst
from gtmsim.results.dataset import convert_units
from gtmsim.scenario.models import Verdicts
from gtmsim.scenario.profiles import Bounds, Ruler, bounds_of, profile_by_price
from tests.metrics.books import SCENARIO, results, values

NAN, INF = np.nan, np.inf
HEALTHY, STRAINED, BROKEN = (
    float(state) for state in (State.HEALTHY, State.STRAINED, State.BROKEN)
)


def test_what_should_be_low_is_healthy_up_to_its_limit_and_broken_beyond_the_other():
    found = state_of("cac_ratio", [1.9, 2.0, 2.5, 2.9, INF, NAN], Bounds(2.0, 2.82))
    np.testing.assert_equal(found, [HEALTHY, HEALTHY, STRAINED, BROKEN, BROKEN, NAN])


def test_what_should_be_high_is_healthy_from_its_limit_on():
    found = state_of("ltv_to_cac", [INF, 5.0, 4.9, 1.0, 0.9, -2.0], Bounds(5.0, 1.0))
    np.testing.assert_equal(found, [HEALTHY, HEALTHY, STRAINED, STRAINED, BROKEN, BROKEN])


def test_a_limit_that_breaks_by_itself_leaves_nothing_strained():
    np.testing.assert_equal(state_of("cac", [500, 501], Bounds(500, 500)), [HEALTHY, BROKEN])


def test_without_a_breaking_limit_the_worst_is_strained():
    assert state_of("nrr", -9.0, Bounds(1.0)) == STRAINED


def test_amounts_rounded_to_cents_do_not_miss_a_limit_that_they_meet():
    assert state_of("gross_margin", 0.8 - 1e-8, Bounds(0.8)) == HEALTHY
    assert state_of("gross_margin", 0.8 - 1e-5, Bounds(0.8)) == STRAINED


def test_a_motion_is_as_bad_as_its_worst_measure():
    states = {
        "a": np.array([HEALTHY, HEALTHY, STRAINED, HEALTHY, BROKEN]),
        "b": np.array([HEALTHY, STRAINED, BROKEN, NAN, NAN]),
    }
    np.testing.assert_equal(worst(states), [HEALTHY, STRAINED, BROKEN, NAN, BROKEN])


def test_a_measure_that_is_not_there_is_not_judged():
    limits = {"cac": Bounds(1.0), "accounts_per_rep": Bounds(50.0)}
    assert set(states_of({"cac": np.array([1.0])}, limits)) == {"cac"}
    assert np.isnan(worst({}))


# Profiles and limits


@pytest.mark.parametrize(
    ("price", "profile"),
    [(2e3, "smb"), (15e3, "smb"), (15_001, "mid_market"), (1e5, "mid_market"), (2e5, "enterprise")],
)
def test_a_price_has_the_profile_of_its_band(price, profile):
    assert profile_by_price(price) == profile


@pytest.mark.parametrize(
    ("profile", "acv", "payback"), [("smb", 2e3, 3.8), ("mid_market", 2e4, 3.8),
                                    ("enterprise", 2e5, 8.0)],
)  # fmt: skip
def test_the_cac_limit_of_the_playbook_binds_before_its_payback(profile, acv, payback):
    """At the playbook's own prices and published gross margins."""
    limits = bounds_of(Verdicts(), profile, Ruler.PLAYBOOK)
    margin = {"smb": 0.80, "mid_market": 0.79, "enterprise": 0.75}[profile]
    by_cac = limits["cac"].healthy / (acv / 12 * margin)
    assert by_cac == pytest.approx(payback, abs=0.06)
    assert by_cac < limits["payback_months"].healthy
    assert limits["cac"].healthy / acv == limits["cac_to_acv"].healthy


def test_a_scenario_may_change_limits_of_a_profile_and_ruler():
    given = Verdicts.model_validate(
        {"smb": {"playbook": {"cac": "1.5k", "ltv_to_cac": 0.5, "nrr": "90%"}}}
    )
    changed, usual = (bounds_of(v, "smb", Ruler.PLAYBOOK) for v in (given, Verdicts()))
    assert changed["cac"] == Bounds(1_500, 1_500)  # still breaks by itself
    assert changed["ltv_to_cac"] == Bounds(0.5, 0.5)  # the breaking limit gives way
    assert changed["nrr"] == Bounds(0.9)
    assert {k: v for k, v in changed.items() if k not in given.smb.playbook.model_fields_set} == {
        k: v for k, v in usual.items() if k not in given.smb.playbook.model_fields_set
    }
    assert bounds_of(given, "smb", Ruler.BENCHMARK) == bounds_of(Verdicts(), "smb", Ruler.BENCHMARK)


# Simulated


def books(**more):
    """A year of `smb`: 400 per new customer, 2,000 a year each at a margin of 80 %; 1.5 % leave."""
    both = {
        "is_open": [1, 0],
        "channel_spend": [400_000, 0],
        "new_logos": [10, 0],
        "booked_arr": [2_000_000, 0],
        "opening_customers": [1000, 0],
        "closing_customers": [1000, 0],
        "churned_customers": [15, 0],
        "closing_arr": [200_000_000, 0],
        "opening_arr": [200_000_000, 0],
        "retained_arr": [196_000_000, 0],
        "retained_arr_capped": [167_000_000, 0],
        "revenue": [16_666_667, 0],
        "cogs": [3_333_333, 0],
    }
    return results(12, **{**both, **more})


def last(metric, **more):
    return values(odds.by_month(books(**more), metric, "smb"))[-1]


def test_a_segment_inside_every_range_is_healthy_from_the_first_whole_year_on():
    flags = values(odds.by_month(books(), "healthy", "smb"))
    assert flags == [0] * 11 + [1]
    assert last("healthy_by_benchmark") == 1


@pytest.mark.parametrize(
    "worse",
    [
        {"channel_spend": [501_000, 0]},  # CAC of 501
        {"booked_arr": [1_590_000, 0]},  # CAC / ACV of 0.252
        {"churned_customers": [25, 0]},  # 26 % a year
        {"support_cost": [1_680_000, 0]},  # 201.6 a customer a year, and a margin of 70 %
        {"cogs": [17_000_000, 0]},  # it never pays back
        {"new_logos": [0, 0]},  # no CAC
        {"is_open": [0, 0]},
    ],
)
def test_one_measure_outside_is_enough_not_to_be_healthy(worse):
    assert last("healthy", **worse) == 0


def test_measures_of_health_are_the_metrics_of_the_same_names():
    measures = health.health_measures(books())
    metrics = {
        "cac": acquisition.cac,
        "cac_to_acv": acquisition.cac_to_acv,
        "payback_months": acquisition.cac_payback,
        "ltv_to_cac": acquisition.ltv_to_cac,
    }
    for name, metric in metrics.items():
        np.testing.assert_allclose(measures[name], convert_units(metric(books())))


def test_the_verdict_tells_strained_from_broken_and_undefined():
    def state(ruler=Ruler.PLAYBOOK, **more):
        return float(health.verdict(books(**more), ruler).isel(month=-1, segment=0).item())

    assert state() == HEALTHY
    assert state(booked_arr=[1_590_000, 0]) == STRAINED
    assert state(channel_spend=[501_000, 0]) == BROKEN
    assert state(Ruler.BENCHMARK, cogs=[17_000_000, 0]) == STRAINED  # it never pays back
    assert np.isnan(state(new_logos=[0, 0]))
    assert state(new_logos=[0, 0], churned_customers=[25, 0]) == BROKEN


def test_the_company_is_healthy_where_all_of_its_open_segments_are():
    assert values(odds.by_month(books(), "healthy"))[-1] == 1
    assert values(odds.by_month(books(is_open=[1, 1]), "healthy"))[-1] == 0
    assert values(odds.by_month(books(is_open=[0, 0]), "healthy"))[-1] == 0


def test_a_segment_is_judged_by_the_profile_it_states_or_by_its_mean_price():
    assert {n: (j.profile, j.is_stated) for n, j in health.judged_as(books()).items()} == {
        "smb": ("smb", False),
        "enterprise": ("enterprise", False),
    }
    stated = SCENARIO.replace("[segments.smb]", '[segments.smb]\nprofile = "mid_market"')
    found = health.judged_as(books().assign_attrs(scenario=stated))["smb"]
    assert (found.profile, found.is_stated) == ("mid_market", True)


def test_limits_that_the_scenario_changed_hold_for_its_results():
    text = SCENARIO + "\n[verdicts.smb.playbook]\ncac = 300\n"
    changed = books().assign_attrs(scenario=text)
    assert values(odds.by_month(changed, "healthy", "smb"))[-1] == 0
