"""The one number that mends a motion: it is enough, less is not, and it is the nearest."""

from dataclasses import replace

import numpy as np
import pytest

from gtmsim.analysis.economics import unit_economics
from gtmsim.analysis.mending import mend, mends
from gtmsim.scenario.profiles import Bounds
from tests.analysis.worlds import drivers, economics, value


def test_a_healthy_motion_needs_no_mending():
    assert mend(drivers(), {"cac": Bounds(30_000)}) is None
    assert mends(drivers(), {"cac": Bounds(30_000)}) == {}


def test_the_win_rate_that_brings_cac_to_its_limit_is_found():
    """Of CAC 27,700 are per lead and fall with the last win rate; 900 are commission."""
    found = mend(drivers(), {"cac": Bounds(20_000)})
    assert found is not None
    assert found.number == "win rate of close"
    assert (found.before, found.unit) == (0.4, "share")
    # leads per win are 2 / close; each costs 220 + 200 + 5,000 + 120 of overhead
    assert found.after == pytest.approx(2 * (220 + 200 + 5_000 + 120) / (20_000 - 900), rel=1e-5)
    close = {"win_rate": found.after, "days": 2 * 30.4375, "team": "ae"}
    cac = value(economics(motions__assisted__stages__close=close).cac)
    assert cac == pytest.approx(20_000, rel=1e-5)


def test_less_than_the_number_is_not_enough():
    limits = {"churn_per_year": Bounds(0.2), "ltv_to_cac": Bounds(0.5)}
    found = mend(drivers(), limits)
    assert found is not None
    assert (found.number, found.before) == ("churn a year", 0.25)
    assert found.after == pytest.approx(0.2, rel=1e-5)
    one = drivers()
    almost = replace(one, churn_constant=np.array([found.after * 1.001]))
    assert value(unit_economics(almost).churn_per_year) > 0.2


def test_of_several_numbers_the_one_that_changes_least_is_told():
    """Price to 10,506 is a change of 5 %; gross margin would need as much of a smaller number."""
    now = value(economics().ltv)
    by_price = mend(drivers(), {"ltv_to_cac": Bounds(now * 1.02 / 28_600)})
    assert by_price is not None
    assert by_price.number == "list price a year"
    assert 1.0 < by_price.after / by_price.before < 1.02
    only_margin = mend(drivers(), {"gross_margin": Bounds(0.6)})
    assert only_margin is not None
    assert only_margin.number in ("list price a year", "gross margin")


def test_where_no_one_number_is_enough_each_measure_is_mended_by_itself():
    limits = {"churn_per_year": Bounds(0.1), "cac": Bounds(20_000)}
    assert mend(drivers(), limits) is None
    alone = mends(drivers(), limits)
    assert {name: found.number for name, found in alone.items() if found} == {
        "churn_per_year": "churn a year",
        "cac": "win rate of close",
    }


def test_what_nothing_can_mend_has_no_number():
    """Commission alone is 900, and falls with no number but the price, which CAC does not need."""
    assert mends(drivers(), {"cac": Bounds(1.0)}) == {"cac": None}


def test_churn_of_customers_who_differ_keeps_their_differences():
    given = {"mean": 0.25, "concentration": 4.0}
    found = mend(drivers(segments__mid__churn_per_year=given), {"churn_per_year": Bounds(0.2)})
    assert found is not None
    assert found.after == pytest.approx(0.2, rel=1e-5)


def test_more_accounts_per_csm_make_service_cheaper_too():
    found = mend(drivers(), {"accounts_per_rep": Bounds(50)})
    assert found is not None
    assert (found.number, found.before) == ("accounts per CSM", 40)
    assert found.after == pytest.approx(50, rel=1e-5)


def test_a_win_rate_after_a_fallback_is_a_number_that_can_mend():
    """All deals fall back: their stages alone make CAC, 220 and 130 of overhead per lead."""
    changes = {
        "segments__mid__fallback": {"below_acv": 20_000.0, "motion": "touchless"},
        "motions__touchless": {"stages": {"trial": {"win_rate": 0.5}}},
    }
    cac = value(economics(**changes).cac)
    found = mend(drivers(**changes), {"cac": Bounds(0.8 * cac)})
    assert found is not None
    assert (found.number, found.before) == ("win rate of trial after fallback", 0.5)
    assert found.after == pytest.approx(0.5 / 0.8, rel=1e-5)


def test_a_higher_list_price_lifts_deals_over_the_threshold():
    """Prices of 10,000 fall back below 12,000: 1.2 times the price sends them to the seller."""
    changes = {
        "segments__mid__fallback": {"below_acv": 12_000.0, "motion": "touchless"},
        "motions__touchless": {"stages": {"trial": {"win_rate": 0.001}}},
    }
    assert value(economics(**changes).cac_to_acv) > 10
    found = mend(drivers(**changes), {"cac_to_acv": Bounds(28_800 / 10_800)})
    assert found is not None
    assert found.number == "list price a year"
    assert found.after == pytest.approx(12_000, rel=1e-6)
