"""The month-boundary policy by hand: engines share it, so their agreement proves nothing."""

import numpy as np
import pytest

from gtmsim.plan.structure import ChannelFloat
from gtmsim.rules.boundary import (
    organic_leads,
    partner_leads,
    spend_leads,
    stage_at,
    success_load,
)
from gtmsim.vocabulary import (
    TICKS_PER_MONTH,
    ChannelAccount,
    CompanyAccount,
    MarketAccount,
    SegmentAccount,
    TeamAccount,
)
from tests.rules.hand import TEAM, Hand

# --- stages ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arr", "stage"), [(0, 0), (99, 0), (100, 1), (999, 1), (1000, 2), (9999, 3)]
)
def test_a_stage_begins_at_its_threshold(arr, stage):
    assert stage_at(arr, np.array([0.0, 100.0, 1000.0, 5000.0])) == stage


MILLION = 100_000_000


def test_policy_moves_after_the_confirming_months_only():
    hand = Hand(stage_rule={"confirm_months": 2})
    hand.play(range(2), arr=2 * MILLION)
    assert hand.company(CompanyAccount.STAGE)[:2] == [1, 1]
    assert hand.company(CompanyAccount.POLICY_STAGE)[:2] == [0, 0]
    hand.play(range(2, 4), arr=MILLION // 2)
    assert hand.company(CompanyAccount.STAGE)[2:4] == [0, 0]
    assert hand.company(CompanyAccount.POLICY_STAGE)[2:4] == [1, 1]


def test_one_month_above_does_not_confirm_two():
    hand = Hand(stage_rule={"confirm_months": 2})
    hand.play(range(1), arr=2 * MILLION)
    hand.play(range(1, 2), arr=0)
    hand.play(range(2, 3), arr=2 * MILLION)
    hand.open(3)
    assert hand.state.company[0] == 0


def test_policy_falls_back_when_asked():
    for falls_back, stage in ((False, 1), (True, 0)):
        hand = Hand(stage_rule={"falls_back": falls_back})
        hand.play(range(1), arr=2 * MILLION)
        hand.play(range(1, 3), arr=MILLION // 2)
        assert hand.company(CompanyAccount.POLICY_STAGE)[2] == stage


def test_segments_open_by_month_by_stage_and_by_the_stages_list():
    hand = Hand(segments__mid__opens={"month": 3}, stages__early_growth={"open": ["smb"]})
    opened = []
    for m in range(4):
        hand.play(range(m, m + 1), arr=2 * MILLION if m >= 1 else 0)
        opened.append(hand.state.open_segments.tolist())
    assert opened == [[False, False], [False, False], [True, True], [True, True]]


# --- seats -----------------------------------------------------------------------------------


def test_hires_start_in_their_month_and_ramp_by_quarter():
    hand = Hand(
        teams__ae=TEAM
        | {
            "reps": 1,
            "open_deals": 10,
            "hires": [{"month": 2, "n": 2}],
            "ramp_by_quarter": [0.25, 0.5, 1.0],
        }
    )
    hand.play(range(12))
    assert hand.team(TeamAccount.HEADCOUNT)[:3] == [1, 3, 3]
    assert hand.team(TeamAccount.HIRED) == [0, 2] + [0] * 10
    assert hand.team(TeamAccount.SLOTS)[:8] == [10, 14, 14, 14, 20, 20, 20, 30]
    assert hand.team(TeamAccount.RAMPED_MILLI_REPS)[:5] == [1000, 1500, 1500, 1500, 2000]


def test_stage_hires_start_after_the_lead_time_and_once():
    hand = Hand(
        teams__ae=TEAM | {"hires": [{"stage": "early_growth", "n": 2}], "lead_time_months": 3}
    )
    hand.play(range(12), arr=2 * MILLION)
    assert hand.team(TeamAccount.HIRED) == [0, 0, 0, 0, 2] + [0] * 7


def test_leavers_are_replaced_after_the_lead_time():
    hand = Hand(teams__ae=TEAM | {"reps": 4, "leaves_per_year": 1e7, "lead_time_months": 2})
    hand.play(range(6))
    assert hand.team(TeamAccount.LEFT)[:6] == [0, 4, 0, 0, 4, 0]
    assert hand.team(TeamAccount.HEADCOUNT)[:6] == [4, 0, 0, 4, 0, 0]


def test_reps_follow_customers_with_the_lead_time_and_are_not_ordered_twice():
    hand = Hand(
        teams__csm=TEAM
        | {"function": "success", "lead_time_months": 2, "hiring": {"customers_per_rep": 50}}
    )
    hand.play(range(6), customers=101)
    assert hand.team(TeamAccount.HIRED)[:6] == [0, 0, 0, 3, 0, 0]


def test_a_busy_team_hires_after_so_many_busy_months():
    hand = Hand(
        teams__ae=TEAM
        | {
            "reps": 2,
            "open_deals": 5,
            "lead_time_months": 0,
            "hiring": {"utilisation_above": 0.8, "for_months": 2, "n": 3},
        }
    )
    for m, utilisation in enumerate((0.81, 0.8, 0.9, 0.9, 0.1)):
        hand.open(m)
        hand.books.team[m, 0, TeamAccount.WORKED_TICKS] = int(utilisation * 10 * TICKS_PER_MONTH)
        hand.close(m)
    assert hand.team(TeamAccount.HIRED)[:5] == [0, 0, 0, 0, 3]


def test_headcount_never_exceeds_its_maximum():
    team = TEAM | {"reps": 2, "max_reps": 3, "hires": [{"month": 1, "n": 1}]}
    hand = Hand(planned_hires=9, teams__ae=team)
    hand.play(range(2))
    assert hand.team(TeamAccount.HEADCOUNT)[:2] == [3, 3]


# --- customer success ------------------------------------------------------------------------


def covered(reps: int, customers: int) -> Hand:
    csm = {
        "team": "csm",
        "accounts_per_rep": 50,
        "churn_overload": 2.0,
        "expansion_overload": 0.5,
        "save_rate": 0.4,
    }
    hand = Hand(
        teams__csm=TEAM | {"function": "success", "reps": reps},
        segments__smb__csm=csm,
        segments__smb__expansion={"seats": {"per_year": 12, "win_rate": 1, "uplift": 0.1}},
    )
    hand.play(range(1), customers=customers)
    hand.open(1)
    return hand


def test_overload_raises_churn_and_slows_expansion_and_saves():
    state = covered(reps=1, customers=100).state  # load 2
    assert state.churn_multiplier.tolist() == [3.0, 1.0]
    assert state.save_rate.tolist() == [0.2, 0.0]
    assert state.rate.tolist() == [1.0 / 1.5]
    assert state.hazard.tolist() == [1.0]


def test_a_team_with_time_left_changes_nothing_but_saves_fully():
    state = covered(reps=4, customers=100).state  # load 0.5
    assert state.churn_multiplier.tolist() == [1.0, 1.0]
    assert state.save_rate.tolist() == [0.4, 0.0]
    assert state.rate.tolist() == [1.0]


def test_customers_without_any_csm_are_at_the_highest_load():
    hand = covered(reps=0, customers=1)
    assert hand.state.churn_multiplier[0] == 1 + 2.0 * 9
    row = hand.books.segment[0]
    assert success_load(0, 0.0, hand.plan.structure.segment, hand.values.segment, row) == 10


# --- arrivals --------------------------------------------------------------------------------


def channel(**numbers: float) -> np.ndarray:
    row = np.zeros(len(ChannelFloat))
    for name, number in numbers.items():
        row[ChannelFloat[name]] = number
    return row


def test_organic_leads_grow_monthly_and_follow_the_calendar():
    numbers = channel(ORGANIC=100, GROWTH_LOG=np.log(2))
    season = np.arange(12.0)
    assert organic_leads(numbers, season, 2, 0) == pytest.approx(200)
    assert organic_leads(numbers, season, 2, 12) == pytest.approx(400)
    assert organic_leads(numbers, season, 2, 10) == 0


def test_spend_brings_leads_with_diminishing_returns():
    power = channel(REFERENCE_SPEND=1000, LEADS=80, EXPONENT=0.5)
    assert [spend_leads(False, power, x) for x in (0, 1000, 4000)] == pytest.approx([0, 80, 160])
    hill = channel(REFERENCE_SPEND=1000, LEADS=80, EXPONENT=2)
    assert [spend_leads(True, hill, x) for x in (0, 1000, 3000)] == pytest.approx([0, 40, 72])


def test_partners_add_up():
    numbers = channel(PARTNERS=4, PARTNERS_ADDED=0.5, PARTNER_RATE=3)
    assert partner_leads(numbers, 6) == 21


def test_carry_over_smooths_spend_and_an_established_channel_starts_steady():
    response = {"reference_spend": 1000, "leads": 80, "elasticity": 1, "carry_over": 0.5}
    fresh = Hand(channels__web__spend_per_month=1000, channels__web__response=response)
    old = Hand(
        channels__web__spend_per_month=1000,
        channels__web__response=response | {"established": True},
    )
    effects = []
    for hand in (fresh, old):
        hand.play(range(3))
        effects.append(hand.state.effect[0] / 100)
    assert effects == [875, 1000]


def test_spend_falls_on_segments_by_the_mix_to_the_cent():
    hand = Hand(channels__web__spend_per_month="0.03", company__cash="1M")
    hand.play(range(1))
    assert hand.books.channel[0, :, 0, ChannelAccount.SPEND].tolist() == [2, 1]


def test_a_channel_without_open_segment_spends_nothing():
    hand = Hand(
        segments__smb__opens={"month": 3},
        segments__mid__opens={"month": 5},
        channels__web__spend_per_month=100,
        company__cash="1M",
    )
    hand.play(range(4))
    assert hand.books.segment[:4, :, SegmentAccount.CHANNEL_SPEND].sum(1).tolist() == [
        0,
        0,
        10_000,
        10_000,
    ]


def test_budget_is_shared_and_follows_arr():
    hand = Hand(
        budgets__marketing={"per_month": 1000, "share_of_arr": 0.12},
        channels__web__spend={"budget": "marketing", "share": 0.5},
        company__cash="1M",
    )
    hand.play(range(2), arr=100_000_00)
    spend = hand.books.segment[:2, :, SegmentAccount.CHANNEL_SPEND].sum(1)
    assert spend.tolist() == [500_00, 1000_00]


def test_events_take_place_and_repeat():
    event = {"month": 2, "leads": 30, "cost": 500, "every_months": 6}
    hand = Hand(channels__web__events={"fair": event}, company__cash="1M")
    intensity = []
    for m in range(12):
        hand.play(range(m, m + 1))
        intensity.append(hand.state.intensity.sum())
    assert [x - 40 for x in intensity] == [0, 30, 0, 0, 0, 0, 0, 30, 0, 0, 0, 0]
    spend = hand.books.segment[:, :, SegmentAccount.CHANNEL_SPEND].sum(1)
    assert spend.tolist() == [0, 50_000] + [0] * 5 + [50_000] + [0] * 4


def test_word_of_mouth_follows_customers_of_the_named_segments():
    hand = Hand(
        channels__web__virality={"per_customer_per_month": 0.1, "customers_of": ["mid"]},
        channels__web__referrals={"per_customer_per_month": 0.2},
    )
    hand.open(0)
    hand.post(0, SegmentAccount.CLOSING_CUSTOMERS, 10, 30)
    hand.close(0)
    hand.open(1)
    assert hand.state.intensity.sum() == pytest.approx(40 + 0.1 * 30 + 0.2 * 40)


def test_outbound_leads_follow_ramped_reps():
    hand = Hand(
        teams__sdr=TEAM
        | {"reps": 1, "hires": [{"month": 1, "n": 1}], "ramp_by_quarter": [0.5, 1.0]},
        channels__web__outbound={"team": "sdr", "leads_per_rep_per_month": 10},
    )
    hand.play(range(4))
    assert hand.state.intensity.sum() == pytest.approx(40 + 20)
    assert hand.books.team[0, 0, TeamAccount.RAMPED_MILLI_REPS] == 1500


# --- money -----------------------------------------------------------------------------------


def test_a_month_of_costs_by_hand():
    hand = Hand(
        company__cash=10_000,
        teams__ae=TEAM | {"reps": 1, "base_per_year": 1200, "on_costs": 0.5, "tools_per_month": 30},
        costs={
            "product": {"function": "product", "per_month": 200, "share_of_revenue": 0.1},
            "office": {"function": "g_and_a", "per_month": 100, "growth_per_year": 1.0},
        },
        tech_stacks={
            "basic": {"per_month": 10},
            "full": {"per_month": 20, "includes": ["basic"]},
        },
        segments__smb__tech_stack="basic",
        segments__mid__tech_stack="full",
        segments__smb__cogs_share=0.2,
        segments__smb__support_per_customer_per_year=120,
    )
    hand.open(0)
    hand.post(0, SegmentAccount.REVENUE, 1000_00)
    hand.post(0, SegmentAccount.COLLECTIONS, 900_00)
    hand.post(0, SegmentAccount.CLOSING_CUSTOMERS, 3)
    hand.post(0, SegmentAccount.SERVICE_MILLI_LOAD, 3_500)  # one is half as costly again
    hand.post(0, SegmentAccount.COMMISSIONS, 70_00)
    hand.state.worked_ticks[0] = [3, 1]
    assert hand.close(0)
    row = hand.books.segment[0]
    assert row[:, SegmentAccount.SALES_TEAM_COST].tolist() == [135_00, 45_00]
    assert row[:, SegmentAccount.TOOLS_COST].tolist() == [5_00, 25_00]
    assert row[:, SegmentAccount.COGS].tolist() == [200_00, 0]
    assert row[:, SegmentAccount.SUPPORT_COST].tolist() == [35_00, 0]
    company = hand.books.company[0]
    assert company[CompanyAccount.PRODUCT_COST] == 300_00
    assert company[CompanyAccount.GENERAL_COST] == 100_00
    assert company[CompanyAccount.CASH] == 10_000_00 + 900_00 - 180_00 - 30_00 - 235_00 - 400_00
    hand.open(1)
    hand.close(1)
    assert hand.books.segment[1, 0, SegmentAccount.COMMISSIONS_PAID] == 70_00
    growth = 2 ** (1 / 12)
    assert hand.books.company[1, CompanyAccount.GENERAL_COST] == round(100_00 * growth)


CHARGED = TEAM | {"reps": 1, "base_per_year": 12 * 100}  # 100 a month


def charged(hand: Hand, m: int) -> list[int]:
    """Cost of sales teams per segment in month ``m``."""
    return hand.books.segment[m, :, SegmentAccount.SALES_TEAM_COST].tolist()


def test_who_works_no_requests_is_paid_by_the_segments_listed_before_they_open_too():
    hand = Hand(segments__mid__opens={"month": 3}, teams__lead=CHARGED | {"segments": ["mid"]})
    hand.play(range(4))
    assert [charged(hand, m) for m in range(4)] == [[0, 100_00]] * 4


def test_several_segments_listed_pay_alike():
    hand = Hand(teams__lead=CHARGED | {"segments": ["mid", "smb"]})
    hand.play(range(1))
    assert charged(hand, 0) == [50_00, 50_00]


def test_who_is_listed_for_no_segment_is_paid_by_the_open_segments_alike():
    hand = Hand(segments__mid__opens={"month": 2}, teams__lead=CHARGED)
    hand.play(range(2))
    assert [charged(hand, m) for m in range(2)] == [[100_00, 0], [50_00, 50_00]]


def test_work_and_prospecting_tell_more_than_the_segments_listed():
    mid_only = {"segments": ["mid"]}
    hand = Hand(
        teams__ae=CHARGED | mid_only,
        channels__web__outbound={"team": "ae", "leads_per_rep_per_month": 1},
    )
    hand.open(0)
    hand.close(0)
    assert charged(hand, 0) == [75_00, 25_00]  # the mix of its channel
    hand.open(1)
    hand.state.worked_ticks[0] = [1, 4]
    hand.close(1)
    assert charged(hand, 1) == [20_00, 80_00]


def test_accounts_looked_after_tell_more_than_the_segments_listed():
    hand = Hand(
        teams__csm=CHARGED | {"segments": ["mid"]},
        segments__smb__csm={"team": "csm", "accounts_per_rep": 50},
    )
    hand.play(range(1))
    assert charged(hand, 0) == [0, 100_00]  # no accounts yet
    hand.play(range(1, 2), customers=1)
    assert charged(hand, 1) == [100_00, 0]


def test_rounds_arrive_before_the_costs_of_their_month():
    rent = {"rent": {"function": "g_and_a", "per_month": 600}}
    hand = Hand(
        company__rounds={"seed": {"month": 2, "amount": 5000}}, costs=rent, company__cash=1000
    )
    hand.play(range(3))
    assert hand.company(CompanyAccount.FUNDING)[:3] == [0, 500_000, 0]
    assert hand.company(CompanyAccount.CASH)[:3] == [400_00, 4800_00, 4200_00]


def test_a_round_of_a_stage_comes_with_the_stage():
    hand = Hand(company__rounds={"a": {"stage": "early_growth", "amount": 5000}})
    hand.play(range(3), arr=2 * MILLION)
    assert hand.company(CompanyAccount.FUNDING)[:3] == [0, 500_000, 0]


@pytest.mark.parametrize(("months", "delay"), [(12, 3), (4, 3), (12, 20)])
def test_a_round_of_a_stage_comes_after_its_delay_if_the_plan_lasts_so_long(months, delay):
    rounds = {"a": {"stage": "early_growth", "amount": 5000, "delay_months": delay}}
    hand = Hand(company__rounds=rounds, scenario__months=months)
    hand.play(range(months), arr=2 * MILLION)
    expected = [0] * months
    if 1 + delay < months:  # the stage begins with the second month
        expected[1 + delay] = 500_000
    assert hand.company(CompanyAccount.FUNDING) == expected


def test_a_round_that_is_still_to_close_comes_too_late_for_an_empty_bank():
    def cash(delay):
        rounds = {"a": {"stage": "early_growth", "amount": 5000, "delay_months": delay}}
        hand = Hand(company__rounds=rounds, company__cash=1000, costs=RENT)
        hand.play(range(5 if delay < 3 else 4), arr=2 * MILLION)
        return hand.company(CompanyAccount.CASH)[:6]

    assert cash(2)[2:5] == [100_00, 4800_00, 4500_00]
    assert cash(3) == [700_00, 400_00, 100_00, -200_00, -200_00, -200_00]


def test_a_late_round_lets_the_floor_act_and_the_bridge_come():
    def floor(delay):
        rounds = {"a": {"stage": "early_growth", "amount": 5000, "delay_months": delay}}
        low = {"cash_below": 500, "bridge": 1000}
        hand = Hand(company__rounds=rounds, company__cash=1000, company__floor=low, costs=RENT)
        hand.play(range(4), arr=2 * MILLION)
        return hand.company(CompanyAccount.FLOOR_ACTIVE)[:4], hand.company(CompanyAccount.FUNDING)

    assert floor(0) == ([0, 0, 0, 0], [0, 500_000] + [0] * 10)
    assert floor(2) == ([0, 1, 0, 0], [0, 100_000, 0, 500_000] + [0] * 8)


def test_a_round_that_never_closes_brings_nothing():
    hand = Hand(company__rounds={"a": {"month": 1, "amount": 5000, "closes": 0.0}})
    hand.play(range(2))
    assert sum(hand.company(CompanyAccount.FUNDING)) == 0


RENT = {"rent": {"function": "g_and_a", "per_month": 300}}


def test_insolvency_takes_arr_and_freezes_cash():
    hand = Hand(costs=RENT)
    for m in range(4):
        hand.open(m)
        hand.post(m, SegmentAccount.CLOSING_ARR, 700, 500)
        hand.post(m, SegmentAccount.CLOSING_CUSTOMERS, 7, 5)
        hand.books.segment[m + 2, 0, SegmentAccount.COLLECTIONS] = 1  # a later receipt
        alive = hand.close(m)
        assert alive == (m < 3)
    assert hand.company(CompanyAccount.CASH)[2:6] == [10001, -19998, -19998, -19998]
    assert hand.company(CompanyAccount.INSOLVENT) == [0, 0, 0] + [1] * 9
    assert hand.books.segment[3, :, SegmentAccount.CEASED_ARR].tolist() == [700, 500]
    assert hand.books.segment[3, :, SegmentAccount.CEASED_CUSTOMERS].tolist() == [7, 5]
    assert hand.books.segment[3, :, SegmentAccount.CLOSING_ARR].tolist() == [0, 0]
    assert hand.books.segment[4:, :, SegmentAccount.COLLECTIONS].sum() == 0


def test_what_was_owed_at_insolvency_stays_owed():
    hand = Hand(costs=RENT)
    hand.play(range(3))
    hand.open(3)
    owed = (SegmentAccount.DEFERRED_REVENUE, SegmentAccount.UNBILLED_RECEIVABLES)
    for n, account in enumerate(owed):
        hand.post(3, account, 10 + n, 20 + n)
    hand.post(3, SegmentAccount.BILLINGS, 12, 22)
    assert not hand.close(3)
    for account, left in zip((*owed, SegmentAccount.RECEIVABLES), (10, 11, 12), strict=True):
        after = hand.books.segment[3:, :, account]
        assert (after == [left, left + 10]).all(), account.name


def test_what_is_earned_without_service_costs_no_hosting_and_is_not_credited():
    level = {"misses_per_year": 12, "credit": 0.1}
    hand = Hand(segments__smb__cogs_share=0.2, segments__smb__service_level=level)
    for m, (unused, hosting, credit) in enumerate([(600_00, 80_00, 40_00), (0, 200_00, 100_00)]):
        hand.open(m)
        hand.post(m, SegmentAccount.REVENUE, 1000_00)
        hand.state.unused_revenue[0] += unused
        assert hand.close(m)
        row = hand.books.segment[m, 0]
        assert row[SegmentAccount.COGS] == hosting
        assert row[SegmentAccount.SERVICE_CREDITS] == credit
        assert row[SegmentAccount.REVENUE] == 1000_00 - credit


def test_cost_lines_follow_the_revenue_of_service_alone():
    line = {"function": "support", "share_of_revenue": 0.2}
    hand = Hand(costs={"hosts": line})
    for m, (unused, cost) in enumerate([(600_00, 80_00), (0, 200_00)]):
        hand.open(m)
        hand.post(m, SegmentAccount.REVENUE, 1000_00)
        hand.state.unused_revenue[0] += unused
        assert hand.close(m)
        assert hand.books.company[m, CompanyAccount.SUPPORT_COST] == cost


# --- the market ------------------------------------------------------------------------------

MARKET = {
    "buyers": {
        "accounts": 100,
        "potential": {"median": 1000, "p90": 5000},
        "tiers": {"low": {"from_acv": 0}, "high": {"from_acv": 1000}},
    },
    "segmentation": [{"to": "smb"}],
    "channels__web": {"organic_per_month": 40},
}


def test_accounts_that_are_busy_at_a_close_are_not_free_in_the_month_that_begins():
    hand = Hand(**MARKET)
    for m, (taken, freed) in enumerate([([20, 5], [0, 0]), ([10, 0], [5, 3]), ([40, 0], [0, 2])]):
        hand.open(m)
        hand.books.market[m, :, MarketAccount.TAKEN] = taken
        hand.books.market[m, :, MarketAccount.FREED] = freed
        hand.close(m)
    busy = hand.books.market[:3, :, MarketAccount.BUSY]
    assert busy.tolist() == [[20, 5], [25, 2], [65, 0]]
    hand.open(3)  # each tier has 50 accounts; more busy than there are leave none
    assert hand.state.free_share == pytest.approx([0.0, 1.0])


def test_a_part_of_a_tier_is_free():
    hand = Hand(**MARKET)
    hand.open(0)
    assert hand.state.free_share.tolist() == [1.0, 1.0]
    hand.books.market[0, :, MarketAccount.TAKEN] = [20, 5]
    hand.close(0)
    hand.open(1)
    assert hand.state.free_share == pytest.approx([0.6, 0.9])


def test_an_endless_market_stays_free():
    hand = Hand(**MARKET | {"buyers": {"potential": 1000}})
    hand.open(0)
    hand.books.market[0, :, MarketAccount.TAKEN] = 10**9
    hand.close(0)
    hand.open(1)
    assert hand.state.free_share.tolist() == [1.0]


def test_insolvency_empties_the_market_and_keeps_what_happened_in_its_month():
    hand = Hand(costs=RENT, **MARKET)
    for m in range(4):
        hand.open(m)
        hand.books.market[m, 0] = [7, 2, 0]
        hand.books.market[m + 2, 0, MarketAccount.FREED] = 1  # who would have cooled off
        alive = hand.close(m)
    assert not alive
    assert hand.books.market[2:5, 0].tolist() == [[7, 2, 15], [7, 2, 0], [0, 0, 0]]


def test_the_floor_brings_the_bridge_once_cuts_spend_and_freezes_hires():
    hand = Hand(
        company__floor={"cash_below": 500, "spend_cut": 0.5, "bridge": 1000},
        costs=RENT,
        channels__web__spend_per_month=100,
        teams__ae=TEAM | {"hires": [{"month": 3, "n": 1}]},
    )
    hand.play(range(5))
    assert hand.company(CompanyAccount.CASH)[:5] == [60_000, 120_000, 85_000, 45_000, 10_000]
    assert hand.company(CompanyAccount.FLOOR_ACTIVE)[:5] == [0, 1, 0, 1, 1]
    assert hand.company(CompanyAccount.FUNDING)[:5] == [0, 100_000, 0, 0, 0]
    assert hand.team(TeamAccount.HIRED)[:5] == [0, 0, 0, 1, 0]
    spend = hand.books.segment[:5, :, SegmentAccount.CHANNEL_SPEND].sum(1)
    assert spend.tolist() == [10_000, 10_000, 5_000, 10_000, 5_000]


def test_stocks_follow_their_flows():
    hand = Hand()
    hand.books.opening[0, SegmentAccount.OPEN_OPPORTUNITIES] = 5
    hand.books.opening[0, SegmentAccount.OPEN_PIPELINE_ARR] = 50
    hand.books.opening[0, SegmentAccount.RECEIVABLES] = 100
    hand.open(0)
    for account, amount in (
        (SegmentAccount.OPPORTUNITIES, 4),
        (SegmentAccount.LOST_OPPORTUNITIES, 2),
        (SegmentAccount.NEW_LOGOS, 1),
        (SegmentAccount.PIPELINE_CREATED_ARR, 40),
        (SegmentAccount.PIPELINE_CLOSED_ARR, 30),
        (SegmentAccount.BOOKED_ARR, 20),
        (SegmentAccount.NEW_ARR, 15),
        (SegmentAccount.BILLINGS, 60),
        (SegmentAccount.COLLECTIONS, 50),
        (SegmentAccount.CREDIT_NOTES, 3),
        (SegmentAccount.BAD_DEBT, 2),
    ):
        hand.post(0, account, amount)
    hand.close(0)
    row = hand.books.segment[0, 0]
    assert row[SegmentAccount.OPEN_OPPORTUNITIES] == 6
    assert row[SegmentAccount.OPEN_PIPELINE_ARR] == 60
    assert row[SegmentAccount.SIGNED_NOT_STARTED_ARR] == 5
    assert row[SegmentAccount.RECEIVABLES] == 105


# --- reps at quota, work on expansions -------------------------------------------------------

CLOSING = {"m": {"stages": {"demo": {"win_rate": 0.25, "team": "ae", "days": 3}}}}
QUOTA = TEAM | {"open_deals": 4, "quota_per_year": 1200, "leaves_per_year": 0}
"""A rep at full ramp has to book 100 a month."""


def quota_hand(months=26, motions=CLOSING, **team):
    """Two fully ramped reps with a quota of 1,200 a year, unless ``team`` says otherwise."""
    return Hand(scenario__months=months, motions=motions, teams__ae=QUOTA | {"reps": 2} | team)


def test_reps_are_counted_at_the_end_of_each_whole_year_against_their_own_bookings():
    hand = quota_hand()
    hand.play(range(11))
    hand.state.seat_booked[0, :2, 0] = [120_000, 119_999]  # of 1,200 a year, in minor units
    hand.state.seat_booked[0, :2, 1] = [119_999, 120_000]
    hand.play(range(11, 26))
    assert hand.team(TeamAccount.REPS_ON_QUOTA) == [0] * 11 + [2] + [0] * 11 + [2, 0, 0]
    assert hand.team(TeamAccount.REPS_AT_QUOTA) == [0] * 11 + [1] + [0] * 11 + [1, 0, 0]


def test_a_reps_quota_follows_ramp_and_begins_anew_each_year():
    hand = quota_hand(reps=0, ramp_by_quarter=[0.25, 0.5], hires=[{"month": 7, "n": 1}])
    hand.play(range(11))
    # months 7, 8, 9 at a quarter, 10 and 11 at half
    assert hand.state.seat_quota[0, 0] == 3 * 2_500 + 2 * 5_000
    hand.state.seat_booked[0, 0, 0] = 22_500
    hand.play(range(11, 13))
    assert hand.team(TeamAccount.REPS_AT_QUOTA)[11] == 1
    assert hand.state.seat_quota[0, 0] == 5_000


def test_who_has_no_quota_yet_is_not_counted():
    hand = quota_hand(reps=0, ramp_by_quarter=[0.0, 1.0], hires=[{"month": 11, "n": 1}])
    hand.play(range(12))
    assert hand.team(TeamAccount.HEADCOUNT)[11] == 1
    assert hand.team(TeamAccount.REPS_ON_QUOTA)[11] == 0


def test_a_new_rep_begins_without_the_bookings_and_the_quota_of_the_one_before():
    hand = quota_hand(reps=1, leaves_per_year=1e-9, lead_time_months=0)
    hand.play(range(6))
    hand.state.seat_booked[0, 0, 0] = 999_999
    hand.state.seat_leaves[0, 0] = 5.5
    hand.play(range(6, 11))
    assert hand.team(TeamAccount.LEFT)[6] == hand.team(TeamAccount.HIRED)[6] == 1
    assert hand.state.seat_booked[0, 0, 0] == 0
    assert hand.state.seat_quota[0, 0] == 5 * 10_000
    hand.play(range(11, 12))
    assert hand.team(TeamAccount.REPS_ON_QUOTA)[11] == 1
    assert hand.team(TeamAccount.REPS_AT_QUOTA)[11] == 0


def test_a_rep_who_has_left_is_not_counted_and_one_who_leaves_at_the_years_end_is():
    for leaves, counted in ((10.5, 0), (11.5, 1)):
        hand = quota_hand(reps=1, leaves_per_year=1e-9, lead_time_months=6)
        hand.play(range(1))
        hand.state.seat_leaves[0, 0] = leaves
        hand.play(range(1, 13))
        assert hand.team(TeamAccount.REPS_ON_QUOTA)[11] == counted


STAGES_BEFORE = {
    "m": {
        "stages": {
            "call": {"win_rate": 0.5, "team": "ae", "days": 3},
            "demo": {"win_rate": 0.5, "team": "se", "days": 3},
            "legal": {"win_rate": 0.5, "days": 3},
        }
    }
}
SEATS = {"ae": QUOTA | {"reps": 1}, "se": QUOTA | {"reps": 1}}


def test_reps_of_the_team_that_closes_are_counted_not_those_of_the_stages_before():
    hand = Hand(motions=STAGES_BEFORE, teams=SEATS)
    hand.play(range(12))
    assert hand.books.team[11, :, TeamAccount.REPS_ON_QUOTA].tolist() == [0, 1]


def test_reps_who_work_expansions_are_counted():
    seats = {"per_year": 1, "win_rate": 0.5, "uplift": 0.1, "team": "ae", "days": 3}
    hand = Hand(motions=STAGES_BEFORE, teams=SEATS, segments__mid__expansion={"seats": seats})
    hand.play(range(12))
    assert hand.books.team[11, :, TeamAccount.REPS_ON_QUOTA].tolist() == [1, 1]


def test_the_work_on_expansions_is_told_apart_in_cost_and_time_of_selling_teams():
    for function, of_expansions, other in (
        ("sales", [250_00, 100_00], [50, 180]),
        ("marketing", [250_00, 100_00], [50, 180]),
        ("success", [0, 0], [0, 0]),
    ):
        hand = Hand(
            teams__ae=TEAM | {"function": function, "reps": 1, "base_per_year": 12 * 1500},
        )
        hand.open(0)
        hand.state.worked_ticks[0] = [100, 200]  # 500 and 1,000 of the month's pay
        hand.state.expansion_ticks[0] = [50, 20]
        hand.close(0)
        row = hand.books.segment[0]
        assert row[:, SegmentAccount.EXPANSION_TEAM_COST].tolist() == of_expansions
        assert row[:, SegmentAccount.SELLER_TICKS].tolist() == other
        if function != "success":
            assert row[:, SegmentAccount.SALES_TEAM_COST].tolist() == [500_00, 1000_00]


def test_the_work_of_a_month_is_forgotten_in_the_next():
    hand = Hand(teams__ae=TEAM | {"reps": 1})
    hand.open(0)
    hand.state.expansion_ticks[0] = 5
    hand.open(1)
    assert not hand.state.expansion_ticks.any()


def test_insolvency_clears_the_cohorts_of_leads_those_that_came_before_too():
    hand = Hand(costs=RENT)
    hand.books.lead_cohort[:] = 1
    hand.play(range(3))
    assert hand.books.lead_cohort.all()
    hand.play(range(3, 4))
    assert not hand.books.lead_cohort.any()
