"""Fallback, volume discounts, product spend and missed service levels: simulated as in closed form.

Sellers never run short and have no pay but commissions, so that nothing that the closed forms
assume of them matters. Each figure may miss its expected value by four standard errors, taken
from the futures.
"""

from functools import cache

import numpy as np
import pytest
import xarray as xr

from gtmsim.analysis.economics import Economics
from gtmsim.analysis.explaining import explain
from gtmsim.metrics.acquisition import lead_cohort_cost
from gtmsim.results.dataset import convert_units
from gtmsim.scenario.models import Scenario
from gtmsim.simulation import simulate
from tests.theory.closed_forms import z_score
from tests.theory.worlds import world

MONTHS = 30
DECIDED = slice(1, 26)  # months whose leads are won or lost before the end
FAR = 4.0
SELLERS = {
    "function": "sales", "reps": 20, "open_deals": 200, "base_per_year": 0, "commission": 0.1,
}  # fmt: skip
OWN = {
    "demo": {"win_rate": 0.5, "team": "ae", "days": 6, "cost": 90},
    "close": {"win_rate": 0.4, "team": "ae", "days": 15, "touches": 3, "cost_per_touch": 40},
}
TOUCHLESS = {"trial": {"win_rate": 0.35, "days": 8, "cost": 4}, "paid": {"win_rate": 0.5}}
CONTRACTS = {
    "loose": {
        "share": 0.7,
        "term_months": 12,
        "volume_discounts": [{"from_acv": 25_000, "discount": 0.1}],
    },
    "tied": {
        "share": 0.3,
        "term_months": 12,
        "discount": 0.1,
        "volume_discounts": [
            {"from_acv": 9_000, "discount": 0.15},
            {"from_acv": 30_000, "discount": 0.35},
        ],
    },
}
PRODUCT = {
    "reference_per_month": 1_000, "win_odds_elasticity": 0.5, "churn_elasticity": 0.4,
}  # fmt: skip


@cache
def company() -> Scenario:
    tables = world(
        MONTHS,
        segments__smb__motion="assisted",
        segments__smb__acv={"median": 8_000, "p90": 30_000},
        segments__smb__churn_per_year=0.3,
        segments__smb__fallback={"below_acv": 5_000, "motion": "touchless"},
        segments__smb__contracts=CONTRACTS,
        segments__smb__contract_choice={"discount_elasticity": 3},
        segments__smb__service_level={"misses_per_year": 5, "credit": 0.2, "churn": 1.6},
        motions__assisted={"stages": OWN},
        motions__touchless={"stages": TOUCHLESS},
        teams__ae=SELLERS,
        channels__web__organic_per_month=60,
        channels__web__cost_per_lead=50,
        allocation={
            "focus": {"product": 1.0}, "per_month": 3_000, "product_effect": PRODUCT,
        },
    )  # fmt: skip
    del tables["motions"]["self_service"]
    return Scenario.model_validate(tables, strict=False)


@cache
def results() -> xr.Dataset:
    return simulate(company(), draws=150, replications=1, seed=5).load()


@cache
def closed() -> Economics:
    return explain(company(), draws=2).segments[0].at_means


def futures(values: xr.DataArray) -> np.ndarray:
    """A number per future, in currency."""
    found = convert_units(values)
    return (
        found.sum([dim for dim in found.dims if dim not in {"draw", "replication"}])
        .to_numpy()
        .ravel()
    )


def decided(name: str) -> np.ndarray:
    return futures(results()[name].sel(month=DECIDED))


@pytest.mark.slow
def test_as_many_leads_are_won_on_both_ways_together():
    assert 0.2 < closed().fallen[0] < 0.5
    share = closed().wins[0] / 60
    assert abs(z_score(decided("lead_cohort_new_logos") - share * decided("leads"), 0.0)) < FAR


def test_as_many_leads_fall_back():
    entered = results()["funnel_entered"].to_numpy().sum(axis=-2).reshape(-1, 4)
    fallen = entered[:, 2] / (entered[:, 0] + entered[:, 2])
    assert abs(z_score(fallen, float(closed().fallen[0]))) < FAR


def test_a_customer_books_the_acv_of_the_closed_form():
    booked, won = decided("lead_cohort_booked_arr"), decided("lead_cohort_new_logos")
    assert abs(z_score(booked - closed().acv[0] * won, 0.0)) < FAR


def test_cac_by_cohort_is_the_cac_of_the_closed_form():
    cost = futures(lead_cohort_cost(results()).sel(month=DECIDED))
    won = decided("lead_cohort_new_logos")
    assert abs(z_score(cost - closed().cac[0] * won, 0.0)) < FAR
    assert cost.sum() / won.sum() == pytest.approx(float(closed().cac[0]), rel=0.02)


def test_commissions_are_those_of_the_sellers_deals_alone():
    paid, won = futures(results()["commissions"]), futures(results()["new_logos"])
    assert abs(z_score(paid - closed().parts.commissions[0] * won, 0.0)) < FAR


def test_customers_leave_at_the_hazard_of_product_and_service():
    """The mean factor of missed months, in the place of their mean over futures, errs by 1e-3."""
    due, left = futures(results()["renewals_due"]), futures(results()["churned_customers"])
    assert abs(z_score(left - closed().churn_per_year[0] * due, 0.0)) < FAR
