"""The identities hold in the books of a simulated company, to the cent."""

import numpy as np
import pytest

from gtmsim.metrics import acquisition, odds, profit, revenue
from gtmsim.metrics.labels import company
from gtmsim.scenario import load_scenario
from gtmsim.scenario.models import Target
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

[segments.smb.expansion.cross_sell]
per_year = 1.0
win_rate = 0.5
uplift = 0.3
team = "ae"
days = 8

[segments.mid]
motion = "assisted"
acv = "20k"
churn_per_year = 0.1
contracts.annual = { share = 1, term_months = 12 }

[costs.brand]
function = "marketing"
per_month = "1.5k"
"""


def simulated(folder, pay):
    """Books of a company of two segments whose sellers also work expansions."""
    text = TINY + RICH
    text = text.replace("contracts.annual = { share = 1,", "contracts.annual = { share = 0.5,", 1)
    text = text.replace("segments = { smb = 1 }", "segments = { smb = 0.7, mid = 0.3 }")
    path = folder / "rich.toml"
    path.write_text(text, encoding="utf-8")
    scenario = load_scenario(path, [f'teams.ae.base_per_year="{pay}"', "scenario.months=26"])
    return simulate(scenario, draws=4, replications=2, engine="simpy").load()


@pytest.fixture(scope="module")
def living(tmp_path_factory):
    """Books of the company, which never runs out of cash."""
    results = simulated(tmp_path_factory.mktemp("lives"), "60k")
    assert not (results["insolvent"] > 0).any()
    return results


@pytest.fixture(scope="module")
def failing(tmp_path_factory):
    """Books of one whose money runs out."""
    results = simulated(tmp_path_factory.mktemp("fails"), "1.5M")
    assert (results["insolvent"] > 0).any()
    return results


@pytest.fixture(params=["living", "failing"])
def books(request):
    """A company that lives, and one whose money runs out."""
    return request.getfixturevalue(request.param)


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


def test_the_cohorts_of_leads_together_cost_what_acquisition_cost(living):
    """Nothing was in the pipeline at the start, so that every cost has a lead's month."""
    assert not living["opening_open_opportunities"].any()
    # what has to be spread is there: sellers of both segments, expansions, a cost of no segment
    assert (living["seller_time"].sum(["draw", "replication", "month"]) > 0).all()
    assert float(living["expansion_team_cost"].sum()) > 0
    assert float(living["company_marketing_cost"].sum()) > 0
    over = ["month", "segment"]
    cohorts = acquisition.lead_cohort_cost(living).sum(over, skipna=False)
    np.testing.assert_allclose(cohorts, acquisition.acquisition_cost(living).sum(over))
    for flow in ("new_logos", "booked_arr"):
        whole = living[flow].sum("month")
        assert (living[f"lead_cohort_{flow}"].sum("month") == whole).all()
        assert float(whole.sum()) > 0


def test_cohorts_of_leads_are_known_of_those_who_live_only(failing):
    known = acquisition.lead_cohort_cost(failing).notnull().all(["month", "segment"])
    assert (known == profit.survives(failing)).all()


def test_a_company_that_fails_is_insolvent_from_its_month_on_without_arr(books):
    month = profit.month_of_insolvency(books)
    failed = books["month"] >= month
    assert ((books["insolvent"] > 0) == failed).all()
    assert (books["closing_arr"].sum("segment").where(failed, 0) == 0).all()


def test_a_company_that_fails_meets_no_target_after(books):
    survives = profit.survives(books)
    at_the_end = Target(metric="closing_arr", at_least=1.0, at_month=26)
    assert (odds.target_met(books, at_the_end) == survives).all()
    assert (
        odds.target_met(books, Target(metric="cash", at_least=0.0, always=True)) == survives
    ).all()
    before = Target(metric="closing_arr", at_least=1.0, by_month=1)  # all have customers at first
    assert odds.target_met(books, before).all()
