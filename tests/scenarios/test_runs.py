"""Every shipped file runs, and its headline figures are what a calculation by hand expects.

The expected figures are worked out here from the scenario's numbers, at their medians, without the
simulator; bands leave room for the spread of the uncertain inputs over 24 draws.
"""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import gtmsim
from gtmsim.metrics import acquisition, profit, revenue, sales
from gtmsim.metrics.labels import company
from gtmsim.metrics.odds import by_month, month_of_stage, target_met
from gtmsim.scenario.template import template
from tests.scenarios.shipped import EVERY_FILE, REFERENCE, path_of, results_of

OVER = ("draw", "replication")


def year(results: xr.Dataset, name: str, number: int) -> float:
    """Mean over replications of a flow's sum over a year, all segments."""
    months = slice(12 * number - 11, 12 * number)
    flow = results[name].sel(month=months).sum("month").mean(OVER)
    return float(flow.sum())


def arr_at(results: xr.Dataset, month: int) -> xr.DataArray:
    return company(results)["closing_arr"].sel(month=month)


@pytest.mark.parametrize("path", EVERY_FILE, ids=lambda path: path.stem)
def test_it_loads_and_runs_and_its_targets_are_judged(path: Path) -> None:
    scenario = gtmsim.load_scenario(path)
    results = results_of(path, draws=2) if path == REFERENCE else results_of(path)
    assert results.sizes["month"] == scenario.scenario.months
    assert len(scenario.targets) >= 2
    for target in scenario.targets.values():
        assert set(np.unique(target_met(results, target))) <= {0.0, 1.0}
    assert float(results["leads"].sum()) > 0
    assert float(results["new_logos"].sum()) > 0


# --- smb_only -----------------------------------------------------------------------------------


def test_the_self_service_company_gets_the_leads_its_channels_promise() -> None:
    # 4.3M ARR gives a budget of 45k + 8 % / 12 of ARR = 74k a month: 20k on content and 46k on
    # search, near their reference spends. Organic 124 + content 131 + search 322 + affiliates 28 x
    # 0.77 + product 1,950 x (0.0095 + 0.004) = 625 a month, 2 % less by season; a growing company
    # earns 5-10 % more over its first year.
    leads = year(results_of(path_of("smb_only")), "leads", 1)
    assert leads == pytest.approx(12 * 655, rel=0.12)


def test_the_self_service_funnel_turns_one_lead_in_seven_into_a_customer() -> None:
    # 0.48 activated x 0.29 paying = 0.139, less what is still under way
    results = results_of(path_of("smb_only"))
    share = year(results, "new_logos", 2) / year(results, "leads", 2)
    assert share == pytest.approx(0.139, rel=0.12)


def test_the_self_service_company_opens_at_four_million_and_grows_by_a_third() -> None:
    # 1,900 x 2.47k x (0.55 + 0.45 x 0.85) = 4.37M. The first year adds 7,900 x 0.14 x 2.3k = 2.5M
    # and a fifth of expansion, and loses a good third of the opening ARR and an eighth of the new.
    results = results_of(path_of("smb_only"))
    opening = float(results["opening_arr"].sum("segment").mean())
    assert opening == pytest.approx(4.37e6, rel=0.03)
    assert float(arr_at(results, 12).mean()) == pytest.approx(5.7e6, rel=0.12)


# --- add_midmarket ------------------------------------------------------------------------------


def test_mid_market_leaves_the_self_service_company_alone_until_it_opens() -> None:
    alone = results_of(path_of("smb_only"))["closing_arr"].sel(segment="smb", month=slice(1, 6))
    beside = results_of(path_of("add_midmarket"))["closing_arr"]
    xr.testing.assert_equal(alone, beside.sel(segment="smb", month=slice(1, 6)))


def test_mid_market_signs_about_five_deals_a_month_once_it_runs() -> None:
    # 30 team sign-ups, 60 from webinars, 2 SDRs x 12, 5 from events, 4 from others = 123 leads a
    # month x 0.32 x 0.48 = 19 opportunities x 0.24 = 4.5 deals of 20k, before word of mouth
    results = results_of(path_of("add_midmarket")).sel(segment=["mid_market"])
    assert year(results, "new_logos", 3) == pytest.approx(12 * 4.8, rel=0.35)
    deal = year(results, "booked_arr", 3) / year(results, "new_logos", 3)
    assert deal == pytest.approx(20.3e3, rel=0.12)


def test_larger_deals_take_longer() -> None:
    results = results_of(path_of("add_midmarket"))
    cycle = sales.sales_cycle(results.sum(OVER, keep_attrs=True)).sel(month=48)
    assert float(cycle.sel(segment="smb")) < 45 < float(cycle.sel(segment="mid_market")) < 130


# --- enterprise_first ---------------------------------------------------------------------------


def test_field_sales_win_one_opportunity_in_six_after_seven_months() -> None:
    # 0.55 x 0.72 x 0.70 x 0.77 x 0.85 = 0.18 of those that find a seller in time; the five
    # stages last 34 + 39 + 51 + 33 + 57 = 214 days on average
    results = results_of(path_of("enterprise_first")).sum((*OVER, "month"), keep_attrs=True)
    won, lost = float(results["new_logos"].sum()), float(results["lost_opportunities"].sum())
    assert 0.12 < won / (won + lost) < 0.21
    assert 190 < float(results["sales_cycle_time"].sum()) / won * 30.4375 < 270


def test_few_large_deals_bring_the_first_million_in_two_to_three_years() -> None:
    month = month_of_stage(results_of(path_of("enterprise_first")), "early_growth").to_numpy()
    assert 18 < np.median(month[np.isfinite(month)]) < 40


# --- stage_gated and too_early ------------------------------------------------------------------


def test_segments_stay_closed_until_their_stage() -> None:
    results = results_of(path_of("stage_gated"))
    before_scaling = results["policy_stage"] < results.get_index("stage").get_loc("scaling")
    upmarket = results.sel(segment=["mid_market", "enterprise"])
    assert float(upmarket["new_logos"].where(before_scaling, 0).sum()) == 0


def test_the_first_million_takes_self_service_about_three_years_with_a_long_tail() -> None:
    month = month_of_stage(results_of(path_of("stage_gated")), "early_growth").to_numpy().ravel()
    low, middle, high = np.quantile(month[np.isfinite(month)], [0.1, 0.5, 0.9])
    assert 20 < middle < 45
    assert high - middle > middle - low


def test_doing_everything_too_early_fails_more_often() -> None:
    # pre-PMF costs 80k a month with one segment and 80k + seven people at 11k with three; the seed
    # round of 2.2M and the bridge last 35 and 18 months before any revenue
    gated = float(profit.survives(results_of(path_of("stage_gated"))).mean())
    early = float(profit.survives(results_of(path_of("too_early"))).mean())
    assert early < gated - 0.2


# --- the plan that `gtmsim init` writes ----------------------------------------------------------


def test_the_first_plan_shows_unit_economics_that_can_be_believed(tmp_path: Path) -> None:
    # S&M in year 3: 12k of clicks + 40k + 10 % of 220k of revenue + 16k + 2-3 sellers at 14k = 125k
    # a month for new ARR of 145k, both at medians
    plan = tmp_path / "plan.toml"
    plan.write_text(template(), encoding="utf-8")
    results = results_of(plan)
    pooled = company(results.sum(OVER, keep_attrs=True))
    assert 0.5 < float(acquisition.cac_ratio(pooled).sel(month=36)) < 1.5
    assert 2.0 < float(by_month(results, "ltv_to_cac").sel(month=36).median()) < 6.0


# --- benchmarks/reference.toml --------------------------------------------------------------------


def test_the_reference_has_its_size_and_never_runs_out_of_cash() -> None:
    results = results_of(REFERENCE, draws=2)
    assert float(results["leads"].sum(("month", "segment")).mean()) == pytest.approx(
        225e3, rel=0.05
    )
    assert bool(profit.survives(results).all())
    # far enough above 10M that luck does not decide on the stage, and with it on the size
    assert float(results["opening_arr"].sum("segment").min()) > 11.5e6
    assert results.sizes["segment"] == 3
    reached = results["leads_by_channel"].drop_sel(channel="opening").sum(("month", *OVER)) > 0
    assert int(reached.sum()) == 15


LIFECYCLE = (
    "unserved_leads",
    "involuntary_churned_customers",
    "saved_customers",
    "reactivated_customers",
    "contractions",
    "expansions",
    "uplift_arr",
    "credit_notes",
    "bad_debt",
    "lead_cost",
    "stage_cost",
    "referral_cost",
    "expansion_cost",
    "onboarding_cost",
    "commissions",
    "tools_cost",
    "funding",
    "team_hired",
    "team_left",
    "team_expired",
    "team_waited_time",
)


@pytest.mark.parametrize("account", LIFECYCLE)
def test_the_reference_uses_every_lifecycle_feature(account: str) -> None:
    assert float(results_of(REFERENCE, draws=2)[account].sum()) > 0


def test_retention_is_no_better_than_the_cap() -> None:
    pooled = company(results_of(path_of("smb_only")).sum(OVER, keep_attrs=True))
    assert float(revenue.grr(pooled).max()) <= 1.0
