"""Unit economics in closed form, against numbers worked out by hand."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from gtmsim.analysis.driving import drivers_of
from gtmsim.analysis.economics import CacParts, unit_economics
from gtmsim.analysis.explaining import explain
from gtmsim.metrics.verdicts import State
from gtmsim.plan import compile_plan, draw_inputs
from gtmsim.scenario import load_scenario
from gtmsim.scenario.models import Scenario
from tests.analysis.worlds import MONTH, drivers, drivers_in, economics, value, world
from tests.engines.generated import Tables, scenarios

EXAMPLES = Path(__file__).parents[2] / "scenarios" / "playbook_examples.toml"


def close(found, expected, rel=1e-9):
    assert value(found) == pytest.approx(expected, rel=rel)


# Acquisition


def test_cac_counts_every_attempt_of_a_funnel_that_wins_one_lead_in_five():
    """40 leads at 8,000 of spend make 8 wins; a lead takes 1 + 0.5 x 2 months of a seller's slot.

    A slot costs 120,000 / 12 / 4 a month. First-year ARR is 10,000 x (0.5 x 0.8 + 0.5).
    """
    found = economics()
    close(found.wins, 8)
    close(found.acv, 9_000)
    parts = {name: value(part) for name, part in vars(found.parts).items()}
    assert parts == pytest.approx(
        {
            "programmes": 8_000 / 8 + 20 / 0.2,
            "stages": (100 + 2 * 50) / 0.2,
            "rewards": 0,
            "sellers": 2_500 * (1 + 0.5 * 2) / 0.2,
            "commissions": 900,
            "overhead": (4_000 + 800) / 8,
        }
    )
    close(found.paid_cac, 2_100)
    close(found.cac, 28_600)
    close(found.cac_to_acv, 28_600 / 9_000)


def test_one_more_customer_by_more_spend_costs_more_than_the_average_one():
    """An elasticity of 0.5 makes the next lead cost 400, where the average one cost 200."""
    (ads,) = economics().channels
    close(ads.paid_cac, (200 + 20) / 0.2 + 1_000)
    close(ads.cac, 2_100 + 25_000 + 900)
    close(ads.marginal_cac, (400 + 20) / 0.2 + 1_000 + 25_000 + 900)


def test_cac_of_a_segment_is_the_ratio_of_sums_over_channels():
    """20 free leads join the 40 paid ones: the spend is spread over 12 wins."""
    free = {"segments": {"mid": 1.0}, "organic_per_month": 20.0}
    found = economics(channels__organic=free)
    close(found.wins, 12)
    close(found.parts.programmes, (8_000 + 40 * 20) / 12)
    ads, organic = found.channels
    close(ads.paid_cac, 2_100)
    close(organic.paid_cac, 1_000)
    assert np.isnan(value(organic.marginal_cac))


def test_a_rep_who_prospects_and_works_stages_is_paid_once_for_what_takes_longer():
    """10,000 a month / 2 leads is 5,000 a lead, as much as its stages; at 8 leads it is less."""

    def cold(leads_per_rep):
        outbound = {"team": "ae", "leads_per_rep_per_month": leads_per_rep}
        return economics(channels={"cold": {"segments": {"mid": 1.0}, "outbound": outbound}})

    close(cold(2.0).channels[0].leads, 2 * 2)
    close(cold(2.0).parts.sellers, 5_000 / 0.2)
    close(cold(1.0).parts.sellers, 10_000 / 0.2)
    close(cold(8.0).parts.sellers, 5_000 / 0.2)


def test_reps_who_leave_cost_ramp_and_recruiting():
    """Half of a quarter's tenure at ramp 0.5: at a hazard of ln 2 a quarter half are in it."""
    leaves = 4 * np.log(2)
    found = economics(teams__ae__leaves_per_year=leaves, teams__ae__recruiting_cost=6_000.0)
    pay = 10_000 + 6_000 * leaves / 12
    close(found.parts.sellers, pay / 4 / 0.75 * 2 / 0.2)


def test_rewards_and_partner_commissions_are_paid_per_win():
    partners = {"count": 10.0, "leads_per_partner_per_month": 1.0, "commission": 0.2}
    found = economics(channels={"p": {"segments": {"mid": 1.0}, "partners": partners}})
    close(found.parts.rewards, 0.2 * 9_000)
    close(found.parts.programmes, 0)


def test_events_count_on_average_over_the_plan():
    """In months 3 and 15 of 24: 48 leads at 1,200 each time are 4 leads and 100 a month."""
    event = {"month": 3, "every_months": 12, "leads": 48.0, "cost": 1_200.0}
    found = economics(channels={"fair": {"segments": {"mid": 1.0}, "events": {"expo": event}}})
    close(found.channels[0].leads, 4)
    close(found.parts.programmes, 100 / (4 * 0.2))


def test_a_budget_follows_the_arr_of_the_stage_that_opens_the_segment():
    """It opens at 10M ARR, of which 1.2 % a year is 10,000 a month; a tenth of it is spent."""
    found = drivers(
        segments__mid__opens={"stage": "scaling"},
        budgets={"b": {"share_of_arr": 0.012}},
        channels__ads__spend_per_month=0.0,
        channels__ads__spend={"budget": "b", "share": 0.1},
    )
    close(found.channels[0].programme, 1_000)


def test_shared_costs_fall_on_segments_by_their_own_cost_and_tools_alike():
    """A second segment without sellers: tools in halves, brand by direct cost."""
    other = {
        "motion": "alone", "acv": 1_000.0, "churn_per_year": 0.5, "tech_stack": "tools",
        "contracts": {"annual": {"share": 1.0, "term_months": 12}},
    }  # fmt: skip
    changes = {
        "segments__smb": other,
        "motions__alone": {"stages": {"trial": {"win_rate": 0.1}}},
        "channels__web": {"segments": {"smb": 1.0}, "organic_per_month": 100.0,
                          "cost_per_lead": 30.0},
    }  # fmt: skip
    found = economics("mid", **changes)
    own, others = 8 * 28_000, 100 * 30
    brand = 4_000 * (own + 400) / (own + others + 400)
    close(found.parts.overhead, (400 + brand) / 8)


def test_a_segment_shares_cost_with_those_that_are_open_when_it_opens():
    """Alone it bears all of the brand; beside one that opened a stage before it, its part."""
    other = {
        "motion": "alone", "acv": 1_000.0, "churn_per_year": 0.5,
        "contracts": {"annual": {"share": 1.0, "term_months": 12}},
    }  # fmt: skip

    def overhead(opens):
        return value(
            economics(
                "mid",
                segments__mid__opens={"stage": "scaling"},
                segments__smb={**other, "opens": {"stage": opens}},
                motions__alone={"stages": {"trial": {"win_rate": 0.1}}},
                channels__web={"segments": {"smb": 1.0}, "organic_per_month": 100.0,
                               "cost_per_lead": 30.0},
            ).parts.overhead
        )  # fmt: skip

    own, others = 8 * 28_000 + 800, 100 * 30
    assert overhead("mature") == pytest.approx(4_800 / 8)
    assert overhead("early_growth") == pytest.approx((800 + 4_000 * own / (own + others)) / 8)


# What a customer is worth


def test_gross_margin_pays_service_and_spreads_onboarding_over_the_mean_life():
    """10 % of revenue, 300 of support, 120,000 / 40 of success, 500 once in four years."""
    found = economics()
    close(found.gross_margin, 1 - 0.1 - (300 + 3_000 + 500 / 4) / 9_000)
    close(found.ltv, (9_000 * 0.9 - 3_300) / 0.25 - 500)
    close(found.payback_months, 28_600 / (750 * value(found.gross_margin)))
    close(found.ltv_to_cac, value(found.ltv) / 28_600)


def test_a_customer_whose_service_costs_more_than_it_pays_never_pays_back():
    found = economics(segments__mid__support_per_customer_per_year=9_000.0)
    assert value(found.payback_months) == np.inf
    assert value(found.break_even_month) == np.inf
    assert value(found.ltv_to_cac) < 0


def test_churn_is_less_what_is_saved_and_more_by_who_does_not_pay():
    """Half of the contracts have twelve invoices a year, of which one in fifty fails for good."""
    found = economics(
        segments__mid__csm={"team": "csm", "accounts_per_rep": 40.0, "save_rate": 0.2},
        segments__mid__payments={"fails": 0.1, "retry_success": 0.8},
    )
    unpaid = 0.5 * (1 - 0.98) + 0.5 * (1 - 0.98**12)
    close(found.churn_per_year, 1 - (1 - 0.25 * 0.8) * (1 - unpaid))


def test_a_cohort_breaks_even_when_those_who_stay_have_repaid_it():
    """1,500 against 100 a month for a year, then 50 from the half that renewed: month 18."""
    plain = {
        "motion": "alone", "acv": 1_200.0, "churn_per_year": 0.5,
        "contracts": {"annual": {"share": 1.0, "term_months": 12}},
    }  # fmt: skip
    changes = {
        "segments": {"mid": plain},
        "motions": {"alone": {"stages": {"trial": {"win_rate": 0.1}}}},
        "channels": {"web": {"segments": {"mid": 1.0}, "organic_per_month": 10.0,
                             "cost_per_lead": 150.0}},
        "teams": {}, "costs": {}, "tech_stacks": {},
    }  # fmt: skip
    found = economics(**changes)
    close(found.cac, 1_500)
    close(found.break_even_month, 18)
    monthly = [100.0 * 0.5 ** (m // 12) for m in range(60)]
    years = [(m + 0.5) / 12 for m in range(60)]
    close(found.discounted_ltv, sum(p * 1.1**-y for p, y in zip(monthly, years, strict=True)))


def test_retention_has_expansion_price_and_contraction():
    found = economics(
        segments__mid__expansion={"seats": {"per_year": 2.0, "win_rate": 0.5, "uplift": 0.1}},
        segments__mid__contracts={
            "two": {"share": 1.0, "term_months": 24, "billing": "annual", "uplift": 0.06}
        },
        segments__mid__contraction={"per_year": 0.1, "size": 0.3},
    )
    close(found.expansion_per_year, 2 * 0.5 * 0.1 + 0.06 / 2)
    close(found.grr, 0.75 * (1 - 0.03))
    close(found.nrr, 0.75 * (1 - 0.03) * 1.13)


# The playbook's worked examples


@pytest.mark.parametrize(
    ("segment", "overrides", "cac", "payback", "ltv", "ratio"),
    [
        ("smb", [], 1_000, 6.25, 4_800, 4.8),
        ("mid_market", [], 500 / 0.3 + 3_000, 3.59, 62_400, 13.37),
        ("enterprise", [], 90_000, 7.2, 750_000, 8.33),
        ("mid_market", ['motions.sales_assisted.order=["deal","pql"]'], 35_000 / 3, 8.97, 62_400,
         5.35),
        ("enterprise", ['motions.field_sales.order=["cycle","prospect"]'], 250_000, 20, 750_000, 3),
    ],
)  # fmt: skip
def test_the_worked_examples_by_the_standard_definitions(
    segment, overrides, cac, payback, ltv, ratio
):
    scenario = load_scenario(EXAMPLES, overrides)
    found = unit_economics(drivers_in(scenario, segment))
    close(found.cac, cac)
    close(found.payback_months, payback, rel=2e-3)
    close(found.ltv, ltv)
    close(found.ltv_to_cac, ratio, rel=2e-3)


# Any scenario


@seed(1)
@settings(
    max_examples=60, deadline=None, database=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(scenarios())
def test_every_scenario_has_figures_that_hang_together(tables: Tables) -> None:
    plan = compile_plan(Scenario.model_validate(tables))
    for one in drivers_of(plan, draw_inputs(plan, 1, range(3))):
        found = unit_economics(one)
        assert {array.shape for array in found.measures.values()} == {(3,)}
        assert all(vars(found.parts)[name].shape == (3,) for name in CacParts.__annotations__)
        wins = sum((channel.wins for channel in found.channels), start=np.zeros(3))
        np.testing.assert_allclose(wins, found.wins)
        assert ((found.churn_per_year >= 0) & (found.churn_per_year <= 1)).all()
        no_capacity = np.isnan(found.parts.sellers)  # as of a ramp that ends at 0
        assert (np.isnan(found.cac) == ((found.wins == 0) | no_capacity)).all()
        direct = sum(
            np.where(channel.wins > 0, channel.wins * np.nan_to_num(channel.cac), 0)
            for channel in found.channels
        )
        won = (found.wins > 0) & ~no_capacity
        spent = found.wins * (found.cac - found.parts.overhead)
        assert (spent[won] >= np.broadcast_to(direct, (3,))[won] - 1e-6).all()


@seed(2)
@settings(
    max_examples=8, deadline=None, database=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(scenarios())
def test_every_scenario_is_explained_and_what_mends_a_motion_does(tables: Tables) -> None:
    for segment in explain(Scenario.model_validate(tables), draws=2).segments:
        for verdict in segment.verdicts:
            is_healthy = verdict.state == State.HEALTHY
            assert is_healthy == all(c.state == State.HEALTHY for c in verdict.criteria)
            assert is_healthy == (not verdict.mends)
            assert verdict.mend is None or not is_healthy


def test_days_are_months_of_thirty_and_a_half_days():
    twice = economics(motions__assisted__stages__demo__days=2 * MONTH)
    close(twice.parts.sellers, 2_500 * (2 + 1) / 0.2)


def test_a_scenario_that_says_nothing_of_channels_has_no_cac():
    found = unit_economics(drivers_in(world(channels={}), "mid"))
    assert np.isnan(value(found.cac))
    close(found.ltv, 18_700)


# Success programmes and the allocation


def test_a_health_score_saves_those_it_sees_and_reviews_lower_the_hazard_of_churn():
    csm = {
        "team": "csm",
        "accounts_per_rep": 40.0,
        "save_rate": 0.4,
        "health": {"sees": 0.5},
        "reviews": {"churn": 0.5, "per_year": 4.0, "cost": 25.0},
        "account_plans": {"cost_per_year": 200.0, "expansion": 1.5},
    }
    expansion = {"seats": {"per_year": 0.5, "win_rate": 0.4, "uplift": 0.1}}
    found = economics(segments__mid__csm=csm, segments__mid__expansion=expansion)
    close(found.churn_per_year, (1 - 0.75**0.5) * (1 - 0.5 * 0.4))
    plain = drivers(segments__mid__expansion=expansion)
    given = drivers(segments__mid__csm=csm, segments__mid__expansion=expansion)
    close(given.success, value(plain.success) + 4 * 25 + 200)
    close(given.expansion, 1.5 * value(plain.expansion))


def test_channels_spend_their_share_of_the_allocations_marketing_part():
    """The segment opens at 10M ARR: 20,000 and a tenth of ARR a year, a fifth of it marketing."""
    found = drivers(
        segments__mid__opens={"stage": "scaling"},
        allocation={
            "per_month": 20_000.0,
            "share_of_arr": 0.1,
            "focus": {"product": 0.5, "marketing": 0.2, "support": 0.3},
        },
        channels__ads__spend_per_month=0.0,
        channels__ads__spend={"budget": "marketing", "share": 0.5},
    )
    total = 20_000 + 1e6 / 12
    close(found.channels[0].programme, 0.5 * 0.2 * total)
    close(found.cogs_share, 0.1 + 0.3 * total / (1e7 / 12))


def test_a_burn_limit_alone_gives_the_total_of_a_first_month():
    found = drivers(
        allocation={"burn_limit_per_month": 6_000.0, "focus": {"marketing": 1.0}},
        channels__ads__spend_per_month=0.0,
        channels__ads__spend={"budget": "marketing", "share": 0.5},
    )
    close(found.channels[0].programme, 3_000)


def test_service_credits_are_a_cost_of_service_in_a_mean_month():
    level = {"misses_per_year": 3, "credit": 0.2}
    found, plain = (drivers(segments__mid__service_level=one) for one in (level, None))
    close(found.cogs_share, value(plain.cogs_share) + 0.25 * 0.2)


def test_a_missed_service_level_raises_the_hazard_of_churn_in_a_mean_month():
    level = {"misses_per_year": 3, "credit": 0.0, "churn": 2.0}
    found = economics(segments__mid__service_level=level)
    close(found.churn_per_year, 1 - 0.75**1.25)


# Deals by their value


EVEN = {"family": "uniform", "low": 0.0, "high": 20_000.0}
TOUCHLESS = {"stages": {"trial": {"win_rate": 0.6, "cost": 10.0}, "paid": {"win_rate": 0.3}}}


def with_fallback(**changes):
    return {
        "segments__mid__acv": EVEN,
        "segments__mid__fallback": {"below_acv": 8_000.0, "motion": "touchless"},
        "motions__touchless": TOUCHLESS,
        **changes,
    }


def test_deals_below_the_threshold_go_the_other_way_at_their_own_price_and_cost():
    """Four leads in ten, at 4,000 in the mean, win 0.18; the others, at 14,000, win 0.2."""
    found = economics(**with_fallback())
    share = 0.4 * 0.18 + 0.6 * 0.2
    close(found.fallen, 0.4)
    close(found.fallen_wins, 0.4 * 0.18 / share)
    close(found.wins, 40 * share)
    close(found.list_acv, (0.4 * 0.18 * 4_000 + 0.6 * 0.2 * 14_000) / share)
    close(found.acv, 0.9 * value(found.list_acv))
    close(found.parts.programmes, (8_000 / 40 + 20) / share)
    close(found.parts.stages, (0.6 * (100 + 2 * 50) + 0.4 * 10) / share)
    close(found.parts.sellers, 0.6 * 2_500 * (1 + 0.5 * 2) / share)
    close(found.parts.commissions, 0.1 * 0.9 * 0.6 * 0.2 * 14_000 / share)
    (ads,) = found.channels
    close(ads.paid_cac, value(found.paid_cac))
    close(ads.cac, value(found.cac) - value(found.parts.overhead))


def test_a_threshold_beyond_every_price_or_below_them_leaves_one_way():
    all_fall = economics(**with_fallback(segments__mid__fallback__below_acv=30_000.0))
    close(all_fall.wins, 40 * 0.18)
    close(all_fall.parts.sellers, 0)
    close(all_fall.parts.commissions, 0)
    none = economics(**with_fallback(segments__mid__fallback__below_acv=0.0))
    plain = economics(segments__mid__acv=EVEN)
    for measure, at in plain.measures.items():
        close(none.measures[measure], value(at))


def test_a_volume_discount_is_taken_from_the_deals_that_reach_it():
    """A tenth from 5,000 on and three tenths from 15,000 on, off what the contract leaves."""
    steps = ({"from_acv": 5_000.0, "discount": 0.1}, {"from_acv": 15_000.0, "discount": 0.3})
    found = economics(
        segments__mid__acv=EVEN,
        segments__mid__contracts={
            "annual": {
                "share": 1.0, "term_months": 12, "discount": 0.2, "volume_discounts": steps,
            }
        },
    )  # fmt: skip
    close(found.list_acv, 10_000)
    close(found.acv, 0.8 * (0.25 * 2_500 + 0.5 * 10_000 * 0.9 + 0.25 * 17_500 * 0.7))


def test_buyers_of_large_deals_choose_the_contract_with_the_volume_discount():
    """From 10,000 on at half the price and elasticity 2: four in five of them take it."""
    half = ({"from_acv": 10_000.0, "discount": 0.5},)
    found = economics(
        segments__mid__acv=EVEN,
        segments__mid__contract_choice={"discount_elasticity": 2.0},
        segments__mid__contracts={
            "plain": {"share": 0.5, "term_months": 12},
            "volume": {"share": 0.5, "term_months": 12, "billing": "monthly",
                       "volume_discounts": half},
        },
        segments__mid__payments={"fails": 0.1, "retry_success": 0.8},
    )  # fmt: skip
    close(found.acv, 0.5 * 5_000 + 0.5 * 15_000 * (0.2 + 0.8 * 0.5))
    monthly = 0.5 * 0.5 + 0.5 * 0.8
    unpaid = (1 - monthly) * (1 - 0.98) + monthly * (1 - 0.98**12)
    close(found.churn_per_year, 1 - 0.75 * (1 - unpaid))


def test_opening_customers_have_their_volume_discount_in_the_arr_of_the_start():
    """100 at 20,000 less a half are 1M, of which a budget takes 1.2 % a year."""
    found = drivers(
        segments__mid__contracts={
            "annual": {
                "share": 1.0, "term_months": 12,
                "volume_discounts": ({"from_acv": 15_000.0, "discount": 0.5},),
            }
        },
        company__opening={"customers": {"mid": {"count": 100, "acv": 20_000.0}}},
        budgets={"b": {"share_of_arr": 0.012}},
        channels__ads__spend_per_month=0.0,
        channels__ads__spend={"budget": "b", "share": 1.0},
    )  # fmt: skip
    close(found.channels[0].programme, 1_000)


def test_product_spend_acts_on_win_odds_and_churn_at_the_level_of_the_opening():
    """Twice the reference: the odds of both stages together x 2 ** 0.5, churn x 2 ** -0.4."""
    found = drivers(
        allocation={
            "focus": {"product": 0.5, "marketing": 0.5},
            "per_month": 400.0,
            "product_effect": {
                "reference_per_month": 100.0, "win_odds_elasticity": 0.5, "churn_elasticity": 0.4,
            },
        },
    )  # fmt: skip
    odds = np.array([1.0, 0.4 / 0.6]) * 2**0.25
    np.testing.assert_allclose(found.win_rate[0], odds / (1 + odds))
    close(found.churn_constant, 1 - 0.75 ** (2**-0.4))


def test_product_spend_has_no_effect_beyond_four_times_its_reference():
    def churn(spend):
        effect = {"reference_per_month": 100.0, "churn_elasticity": 0.5}
        focus = {"product": 1.0}
        found = drivers(allocation={"focus": focus, "per_month": spend, "product_effect": effect})
        return value(found.churn_constant)

    assert churn(40_000.0) == churn(400.0) == pytest.approx(1 - 0.75**0.5)
    assert churn(0.0) == churn(25.0) == pytest.approx(1 - 0.75**2)
