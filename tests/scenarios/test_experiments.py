"""The experiments on the market: what sets the plans apart, and that their answers hold."""

from functools import cache
from math import pi, prod, sin

import numpy as np
import pytest
import tomlkit
from scipy.stats import norm

import gtmsim
from gtmsim.analysis.evaluating import Futures, sample_of
from gtmsim.expressions import parse_quantity
from gtmsim.scenario import load_document, read_scenario, scenario_warnings
from gtmsim.scenario.distributions import Distribution
from gtmsim.scenario.models import Scenario
from tests.scenarios.shipped import SCENARIOS, SEED, path_of, results_of

ON_THE_MARKET = [path for path in SCENARIOS if gtmsim.load_scenario(path).buyers]
TRAITS = ("win_odds", "days", "churn", "delivery_cost")


def changed(name: str) -> dict[str, object]:
    """What an overlay says beside its title."""
    document = tomlkit.parse(path_of(name).read_text()).unwrap()
    return {key: value for key, value in document.items() if key not in {"extends", "scenario"}}


@cache
def market() -> Scenario:
    return gtmsim.load_scenario(path_of("market"))


# --- every plan -----------------------------------------------------------------------------------


def test_the_experiments_are_on_one_market() -> None:
    plans = [gtmsim.load_scenario(path) for path in ON_THE_MARKET if "no_fit" not in path.stem]
    assert len(plans) >= 14
    assert {repr(plan.buyers) for plan in plans} == {repr(market().buyers)}


@pytest.mark.parametrize("path", ON_THE_MARKET, ids=lambda path: path.stem)
def test_a_plan_on_the_market_has_no_warnings_and_wins_customers(path) -> None:
    document = load_document(path)
    assert scenario_warnings(read_scenario(document), document) == ()
    results = results_of(path, draws=8)
    assert float(results["new_logos"].sum()) > 0
    early = results["leads"].sel(month=slice(1, 18)).sum(("segment", "month"))
    assert float(early.mean()) < 420 * 18  # what the reference engine plays in the suite


# --- the market -----------------------------------------------------------------------------------


def normal(quantity: str, value: float) -> float:
    """A value of an attribute of accounts as a standard normal."""
    spread = getattr(market().buyers, quantity)
    scale = np.log(spread["p90"] / spread["median"]) / norm.ppf(0.9)
    return float(np.log(value / spread["median"]) / scale)


def beyond(employees: float, potential: float) -> float:
    """Probability that a firm with so many employees has a higher potential."""
    spearman = market().buyers.size_and_potential
    pearson = 2.0 * sin(pi * spearman / 6.0)  # of a Gaussian copula
    mean = pearson * normal("employees", employees)
    apart = normal("potential", potential) - mean
    return float(norm.sf(apart / np.sqrt(1.0 - pearson**2)))


def test_size_and_potential_disagree_as_often_as_the_file_says() -> None:
    assert 1.0 - beyond(5_000, 15_000) == pytest.approx(1 / 8, abs=0.01)
    assert beyond(200, 150_000) == pytest.approx(1 / 30, abs=0.005)
    assert norm.cdf(normal("employees", 100)) == pytest.approx(0.64, abs=0.01)
    assert norm.sf(normal("employees", 1_000)) == pytest.approx(0.07, abs=0.005)
    assert norm.cdf(normal("potential", 10_000)) == pytest.approx(0.59, abs=0.01)
    assert norm.sf(normal("potential", 100_000)) == pytest.approx(0.05, abs=0.005)


def middle(rate: Distribution) -> float:
    """Median of a win rate, nearly."""
    return 0.5 * (rate["p10"] + rate["p90"])


def test_no_motion_wins_more_of_the_leads_that_it_fits() -> None:
    won = {
        name: prod(middle(stage.win_rate) for stage in motion.stages.values())
        for name, motion in market().motions.items()
    }
    assert set(won) == {"self_service", "sales_assisted", "field_sales"}
    assert list(won.values()) == pytest.approx([0.121] * 3, abs=0.002)


def test_price_and_churn_belong_to_the_buyer_and_not_to_the_segment() -> None:
    segments = market().segments.values()
    assert len({repr(segment.potential_share) for segment in segments}) == 1
    assert len({repr(segment.churn_per_year) for segment in segments}) == 1


# --- what sets the plans apart ------------------------------------------------------------------


def test_one_motion_drops_motions_and_changes_no_buyer_channel_or_price() -> None:
    keys = {"segmentation", "segments", "motions", "tech_stacks", "teams"}
    assert set(changed("one_motion")) == keys
    assert set(changed("segmented")) == {"segmentation"}
    one = gtmsim.load_scenario(path_of("one_motion"))
    assert one.channels == market().channels
    assert one.segments["mid_market"].contracts == market().segments["mid_market"].contracts


def test_one_motion_hires_as_many_as_the_field_team_has_sellers_and_engineers() -> None:
    def planned(teams: tuple[str, ...], scenario: Scenario) -> int:
        return sum(hires.n for team in teams for hires in scenario.teams[team].hires)

    one = gtmsim.load_scenario(path_of("one_motion"))
    assert planned(("ae",), one) == planned(("field_ae", "se", "ae"), market()) == 3


def test_the_fallback_changes_who_sells_to_small_deals_and_nothing_else() -> None:
    one, aside = changed("one_motion"), changed("one_motion_fallback")
    fallback = aside["segments"]["mid_market"].pop("fallback")  # type: ignore[index]
    assert fallback == {"below_acv": "5k", "motion": "self_service"}
    assert one["motions"].pop("self_service") == "unset"  # type: ignore[attr-defined]
    assert aside == one
    plan = gtmsim.load_scenario(path_of("one_motion_fallback"))
    assert plan.motions["self_service"] == market().motions["self_service"]


def test_reliability_is_paid_for_with_two_engineers_and_nothing_else_differs() -> None:
    names = ("smb", "mid_market", "enterprise")
    assert changed("reliability_paid") == {
        "segments": {name: {"service_level": {"misses_per_year": 0.5}} for name in names},
        "costs": {"reliability": {"function": "product", "per_month": "24k"}},
    }
    plan = gtmsim.load_scenario(path_of("reliability_as_is"))
    levels = [plan.segments[name].service_level for name in names]
    assert [level and level.credit for level in levels] == [0.0, 0.0, 0.1]
    assert len({repr(level and level.churn) for level in levels}) == 1


@pytest.mark.parametrize("name", ["segmented_no_fit", "one_motion_no_fit"])
def test_without_fit_no_class_of_buyers_differs_from_another(name) -> None:
    assert set(changed(name)) == {"fit", "buyers"}
    assert changed(name) == changed("segmented_no_fit")
    plan = gtmsim.load_scenario(path_of(name))
    assert plan.buyers is not None
    effects = [getattr(plan.fit, step) for step in type(plan.fit).model_fields]
    for quality in ("sizes", "tiers", "complexities", "verticals", "regions"):
        effects += getattr(plan.buyers, quality).values()
    assert len(effects) == 4 + 3 + 4 + 3 + 3 + 3
    assert {getattr(effect, trait) for effect in effects for trait in TRAITS} == {1.0}


@pytest.mark.parametrize("name", ["route_by_acv", "route_by_size"])
def test_routes_differ_in_their_rules_alone(name) -> None:
    assert set(changed(name)) == {"segmentation"}


def test_routing_by_acv_is_what_the_market_starts_from() -> None:
    assert gtmsim.load_scenario(path_of("route_by_acv")).segmentation == market().segmentation


def test_enterprises_pay_the_same_by_the_month_as_by_the_year() -> None:
    by_year, by_month = (
        gtmsim.load_scenario(path_of(f"enterprise_{by}")).segments["enterprise"].contracts
        for by in ("annual", "monthly")
    )
    annual, monthly = by_year["annual"], by_month["monthly"]
    assert len(by_year) == len(by_month) == 1
    assert (annual.discount, annual.payment_days) == (monthly.discount, monthly.payment_days)
    assert (1.0 + monthly.uplift) ** 12 - 1.0 == pytest.approx(annual.uplift, abs=1e-3)


def test_focuses_differ_in_the_split_of_one_total_alone() -> None:
    for name in ("focus_smb", "focus_enterprise"):
        (allocation,) = changed(name).values()
        assert set(allocation) == {"focus"}


def test_csm_ratios_differ_in_the_csms_alone() -> None:
    for ratio in (25, 50, 100):
        assert set(changed(f"csm_ratio_{ratio}")) == {"teams"}
        team = gtmsim.load_scenario(path_of(f"csm_ratio_{ratio}")).teams["csm"]
        assert team.hiring is not None
        assert team.hiring.customers_per_rep == ratio


def test_the_second_segment_opens_later_with_its_people() -> None:
    early, late = (
        gtmsim.load_scenario(path_of(f"second_segment_month_{month}")) for month in (6, 18)
    )
    for team in ("sdr", "ae", "csm", "sales_lead"):
        moved = [hires.month + 12 for hires in early.teams[team].hires if hires.month]
        assert [hires.month for hires in late.teams[team].hires] == moved


def test_a_company_that_opens_no_second_segment_hires_nobody_for_it() -> None:
    never = gtmsim.load_scenario(path_of("second_segment_never"))
    by_month = [hires for team in never.teams.values() for hires in team.hires if hires.month]
    assert not by_month
    assert not any(team.reps for team in never.teams.values())
    results = results_of(path_of("second_segment_never"), draws=8)
    assert float(results["new_logos"].sel(segment=["mid_market", "enterprise"]).sum()) == 0
    assert float(results["team_headcount"].sum()) == 0


# --- the answers of docs/experiments.md -----------------------------------------------------------

DRAWS = 64
ANSWERS = [
    ("one_motion", "segmented", "arr[48]", +1),
    ("one_motion", "segmented", "cac_ratio[48]", -1),
    ("segmented", "one_motion_by_value", "arr[48]", +1),
    ("one_motion", "one_motion_fallback", "arr[48]", +1),
    ("one_motion", "one_motion_fallback", "cash[48]", +1),
    ("segmented", "one_motion_fallback", "arr[48]", +1),
    ("one_motion_no_fit", "segmented_no_fit", "arr[48]", +1),
    ("route_by_size", "route_by_acv", "cac_payback[48]", -1),
    ("second_segment_never", "second_segment_month_6", "arr[48]", +1),
    ("second_segment_month_18", "second_segment_month_6", "arr[48]", +1),
    ("second_segment_never", "second_segment_month_6", "cash_min", -1),
    ("enterprise_monthly", "enterprise_annual", "cash[48]", +1),
    ("enterprise_monthly", "enterprise_annual", "cash_min", +1),
    ("csm_ratio_50", "csm_ratio_25", "nrr[48]", +1),
    ("csm_ratio_50", "csm_ratio_25", "cash[48]", -1),
    ("csm_ratio_50", "csm_ratio_100", "nrr[48]", -1),
    ("csm_ratio_50", "csm_ratio_100", "cash[48]", +1),
    ("reliability_as_is", "reliability_paid", "nrr[48]", +1),
    ("reliability_as_is", "reliability_paid", "arr[36]", +1),
    ("reliability_as_is", "reliability_paid", "cash[48]", -1),
    ("focus_smb", "focus_mid", "arr[48]", +1),
    ("focus_mid", "focus_enterprise", "arr[48]", +1),
]


@cache
def sample(plan: str, output: str) -> np.ndarray:
    scenario = gtmsim.load_scenario(path_of(plan))
    with gtmsim.simulate(scenario, draws=DRAWS, replications=1, seed=SEED) as results:
        return sample_of(parse_quantity(output), Futures(results))


@pytest.mark.slow
@pytest.mark.parametrize(("rival", "plan", "output", "sign"), ANSWERS)
def test_the_answer_of_an_experiment_holds(rival, plan, output, sign) -> None:
    """The mean difference on the same luck lies more than two standard errors from 0."""
    difference = sign * (sample(plan, output) - sample(rival, output)).ravel()
    difference = difference[np.isfinite(difference)]  # both are defined: neither ran out of cash
    error = difference.std(ddof=1) / np.sqrt(difference.size)
    assert difference.mean() > 2.0 * error


def served_without_end(name: str) -> list[str]:
    """Overrides: win rates that are known, and sellers without end."""
    plan = gtmsim.load_scenario(path_of(name))
    known = [
        f"motions.{motion}.stages.{stage}.win_rate={middle(given.win_rate)}"
        for motion, described in plan.motions.items()
        for stage, given in described.stages.items()
    ]
    sellers = {stage.team for motion in plan.motions.values() for stage in motion.stages.values()}
    people = [
        f"teams.{team}.{key}"
        for team in sorted(sellers - {None})
        for key in ("reps=2", "open_deals=5_000", "leaves_per_year=0")
    ]
    return [*known, *people, "company.cash=1B"]


@pytest.mark.slow
def test_without_fit_and_with_sellers_for_all_both_plans_win_as_many_of_their_leads() -> None:
    """So what sets them apart is fit, sellers' time, what motions cost and how long they take."""
    won, came = [], []
    for name in ("one_motion_no_fit", "segmented_no_fit"):
        plan = gtmsim.load_scenario(path_of(name), served_without_end(name))
        with gtmsim.simulate(plan, draws=16, replications=1, seed=SEED) as results:
            cohorts = results.sel(month=slice(1, 30))  # of which the end finds few still open
            won.append(float(cohorts["lead_cohort_new_logos"].sum()))
            came.append(float(cohorts["leads"].sum()))
            assert float(cohorts["lead_cohort_open_leads"].sum()) < 0.001 * came[-1]
    shares = np.divide(won, came)
    pooled = sum(won) / sum(came)
    error = np.sqrt(pooled * (1.0 - pooled) * sum(1.0 / n for n in came))
    assert abs(shares[0] - shares[1]) < 4.0 * error
    assert pooled == pytest.approx(0.121, abs=0.002 + 4.0 * error)
