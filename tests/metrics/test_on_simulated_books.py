"""The identities hold in the books of a simulated company, to the cent."""

import numpy as np
import pytest

from gtmsim.metrics import acquisition, profit, revenue
from gtmsim.metrics.labels import company
from gtmsim.scenario import load_scenario
from gtmsim.simulation import simulate
from tests.cli.scenarios import TINY

RICH = """
[company.floor]
cash_below = "50k"

[segments.smb.contracts.monthly]
share = 0.5
term_months = 1
billing = "monthly"

[segments.smb.payments]
fails = 0.05

[segments.smb.onboarding]
days = 20

[segments.smb.expansion.seats]
per_year = 1.0
win_rate = 0.5
uplift = 0.2
cost = 50
"""


@pytest.fixture(scope="module", params=["lives", "fails"])
def books(request, tmp_path_factory):
    """A company that lives, and one whose money runs out."""
    text = TINY + RICH
    text = text.replace("contracts.annual = { share = 1,", "contracts.annual = { share = 0.5,")
    path = tmp_path_factory.mktemp("plan") / "rich.toml"
    path.write_text(text, encoding="utf-8")
    pay = {"lives": "60k", "fails": "1.5M"}[request.param]
    scenario = load_scenario(path, [f'teams.ae.base_per_year="{pay}"', "scenario.months=26"])
    results = simulate(scenario, draws=4, replications=2, engine="simpy").load()
    assert bool((results["insolvent"] > 0).any()) == (request.param == "fails")
    return results


@pytest.mark.parametrize("months", [1, 3, 12])
def test_the_arr_bridge_closes_in_every_replication_month_and_segment(books, months):
    for results in (books, company(books)):
        bridge = revenue.arr_bridge(results, months).isel(month=slice(months - 1, None))
        change = sum(sign * bridge[line] for line, sign in revenue.BRIDGE_FLOWS.items())
        assert (bridge["opening"] + change == bridge["closing"]).all()


def test_the_cash_bridge_closes_in_every_replication_and_month(books):
    bridge = profit.cash_bridge(books)
    received = bridge["collections"] + bridge["funding"]
    paid = bridge["segment_payments"] + bridge["company_payments"]
    assert (bridge["opening"] + received - paid == bridge["closing"]).all()


def test_deferred_revenue_and_receivables_close_while_the_company_lives(books):
    alive = books["insolvent"] == 0
    deferred = profit.revenue_roll_forward(books)
    closing = (
        deferred["opening"] + deferred["billings"] - deferred["credit_notes"] - deferred["revenue"]
    )
    assert (closing == deferred["closing"]).where(alive, True).all()
    owed = profit.receivables_roll_forward(books)
    written_off = owed["credit_notes"] + owed["collections"] + owed["bad_debt"]
    closing = owed["opening"] + owed["billings"] - written_off
    assert (closing == owed["closing"]).where(alive, True).all()


def test_retention_of_customers_is_at_most_everything_and_net_at_least_gross(books):
    grr, nrr = revenue.grr(books), revenue.nrr(books)
    assert float(grr.max()) <= 1.0
    assert (nrr >= grr).where(nrr.notnull(), True).all()
    assert nrr.isel(month=slice(11)).isnull().all()
    assert nrr.isel(month=11).notnull().any()


def test_acquisition_cost_of_the_segments_sums_to_that_of_the_company(books):
    by_segment = acquisition.acquisition_cost(books).sum("segment")
    np.testing.assert_allclose(by_segment, acquisition.acquisition_cost(company(books)))


def test_the_cohorts_of_leads_together_cost_what_acquisition_cost(books):
    """Nothing was in the pipeline at the start, so that every cost has a lead's month."""
    lives = books["insolvent"].isel(month=-1) == 0
    cohorts = acquisition.lead_cohort_cost(books).sum(["month", "segment"]).where(lives, drop=True)
    whole = acquisition.acquisition_cost(books).sum(["month", "segment"]).where(lives, drop=True)
    assert not books["opening_open_opportunities"].any()
    np.testing.assert_allclose(cohorts, whole)
    won = books["lead_cohort_new_logos"].sum("month").where(lives, 0)
    assert (won == books["new_logos"].sum("month").where(lives, 0)).all()


def test_a_company_that_fails_is_insolvent_from_its_month_on_and_meets_no_target_after(books):
    month = profit.month_of_insolvency(books)
    failed = books["month"] >= month
    assert ((books["insolvent"] > 0) == failed).all()
    assert (books["closing_arr"].sum("segment").where(failed, 0) == 0).all()
