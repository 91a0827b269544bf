"""Stages, outcomes and signatures, worked out by hand (docs/model.md, sections 2, 3 and 5)."""

import pytest

from gtmsim.vocabulary import (
    ChannelAccount,
    EventKind,
    FunnelAccount,
    SegmentAccount,
    TeamAccount,
)
from tests.engines.reference.companies import MONTH, company, story_of, with_team

DEAL = {"company__opening__pipeline": {"smb": {"close": 1}}}


def two_stages(first: dict, second: dict, **changes) -> dict:
    stages = {"first": {"days": MONTH, **first}, "second": {"days": MONTH, **second}}
    opening = {"smb": {"first": 1}}
    changes = {"company__opening__pipeline": opening, **changes}
    return company(motions__direct={"stages": stages}, **changes)


def test_a_won_stage_leads_to_the_next_at_its_end_and_the_last_one_to_the_win():
    story = story_of(two_stages({"win_rate": 1.0, "cost": 10}, {"win_rate": 1.0, "cost": 20}))
    assert story.times(EventKind.STAGE_ENTERED) == [0.0, 1.0]
    assert story.times(EventKind.OPPORTUNITY) == [1.0]  # by default the last stage without a team
    assert story.times(EventKind.STAGE_ENDED) == [2.0]  # only from the opportunity on
    assert story.times(EventKind.WON) == [2.0]
    assert story.by_month(SegmentAccount.STAGE_COST)[:3] == [1000, 2000, 0]
    assert story.books.funnel[:3, :, FunnelAccount.WON].tolist() == [[0, 0], [1, 0], [0, 1]]
    assert story.by_month(SegmentAccount.OPEN_OPPORTUNITIES)[:3] == [0, 1, 0]
    assert story.by_month(SegmentAccount.OPEN_PIPELINE_ARR)[:3] == [0, 1_200_000, 0]
    assert story.total(SegmentAccount.SALES_CYCLE_TICKS) == 1 << 20


def test_before_the_opportunity_a_loss_falls_at_once_and_after_it_at_the_stage_s_end():
    early = story_of(two_stages({"win_rate": 0.0}, {"win_rate": 1.0}))
    assert early.times(EventKind.LOST) == [0.0]
    assert early.total(SegmentAccount.LOST_OPPORTUNITIES) == 0
    late = story_of(two_stages({"win_rate": 1.0}, {"win_rate": 0.0}))
    assert late.times(EventKind.LOST) == [2.0]
    assert late.amounts(EventKind.LOST) == [1_200_000]
    assert late.by_month(SegmentAccount.LOST_OPPORTUNITIES)[:3] == [0, 0, 1]
    assert late.by_month(SegmentAccount.PIPELINE_CLOSED_ARR)[:3] == [0, 0, 1_200_000]


def test_an_opening_deal_at_the_opportunity_stage_is_open_from_the_start():
    story = story_of(company(**DEAL))
    assert story.books.opening[0, SegmentAccount.OPEN_OPPORTUNITIES] == 1
    assert story.books.opening[0, SegmentAccount.OPEN_PIPELINE_ARR] == 1_200_000
    assert story.total(SegmentAccount.OPPORTUNITIES) == 0
    assert story.times(EventKind.OPPORTUNITY) == []
    assert story.by_month(SegmentAccount.OPEN_OPPORTUNITIES)[:2] == [1, 0]
    assert story.books.channel[1, 0, -1, ChannelAccount.NEW_LOGOS] == 1


def test_a_lost_deal_holds_its_rep_to_the_stage_s_end():
    tables = with_team(motions__direct__stages__close__win_rate=0.0, **DEAL)
    story = story_of(tables)
    assert story.times(EventKind.RELEASED) == story.times(EventKind.LOST) == [1.0]


def test_a_deal_keeps_its_rep_over_consecutive_stages_of_one_team():
    team = {"function": "sales", "reps": 1, "open_deals": 1, "base_per_year": 0}
    worked = {"win_rate": 1.0, "team": "ae"}
    story = story_of(two_stages(worked, worked, teams__ae=team))
    assert story.times(EventKind.GRANTED) == [0.0]
    assert story.times(EventKind.RELEASED) == [2.0]
    assert story.books.team[:3, 0, TeamAccount.WORKED_TICKS].tolist() == [1 << 20, 1 << 20, 0]


def test_between_teams_the_rep_is_released_before_the_next_is_asked_for():
    team = {"function": "sales", "reps": 1, "open_deals": 1, "base_per_year": 0}
    story = story_of(
        two_stages(
            {"win_rate": 1.0, "team": "sdr"},
            {"win_rate": 1.0, "team": "ae"},
            teams={"sdr": team, "ae": team},
        )
    )
    assert story.times(EventKind.GRANTED) == [0.0, 1.0]
    assert story.times(EventKind.RELEASED) == [1.0, 2.0]


def test_a_win_books_arr_net_of_discount_with_commissions_rewards_and_costs():
    contract = {"share": 1.0, "term_months": 12, "discount": 0.25}
    tables = with_team(
        segments__smb__contracts={"annual": contract},
        segments__smb__onboarding={"cost": 300},
        **DEAL,
    )
    tables["teams"]["ae"]["commission"] = 0.1
    story = story_of(tables)
    assert story.amounts(EventKind.WON) == [900_000]
    assert story.by_month(SegmentAccount.BOOKED_ARR)[1] == 900_000
    assert story.by_month(SegmentAccount.COMMISSIONS)[1] == 90_000
    assert story.by_month(SegmentAccount.COMMISSIONS_PAID)[2] == 90_000
    assert story.by_month(SegmentAccount.ONBOARDING_COST)[1] == 30_000
    assert story.books.team[1, 0, TeamAccount.BOOKED_ARR] == 900_000


def test_service_starts_at_go_live_or_at_signature_as_the_contract_says():
    for starts, month in (("go_live", 2.0), ("signature", 1.0)):
        contract = {"share": 1.0, "term_months": 12, "service_starts": starts}
        story = story_of(
            company(
                segments__smb__contracts={"annual": contract},
                segments__smb__onboarding={"days": MONTH},
                **DEAL,
            )
        )
        assert story.times(EventKind.ONBOARDING_STARTED) == [1.0]
        assert story.times(EventKind.WENT_LIVE) == [2.0]
        assert story.times(EventKind.SERVICE_STARTED) == [month]


def test_onboarding_waits_for_a_rep_of_its_team_without_patience():
    team = {"function": "implementation", "reps": 1, "open_deals": 1, "base_per_year": 0}
    story = story_of(
        company(
            company__opening__pipeline={"smb": {"close": 2}},
            segments__smb__onboarding={"days": 3 * MONTH, "team": "crew"},
            teams__crew=team,
        )
    )
    assert story.times(EventKind.WON) == [1.0, 1.0]
    assert story.times(EventKind.ONBOARDING_STARTED) == [1.0, 4.0]
    assert story.seats(EventKind.ONBOARDING_STARTED) == [0, 0]
    assert story.times(EventKind.SERVICE_STARTED) == [4.0, 7.0]
    assert story.by_month(SegmentAccount.SIGNED_NOT_STARTED_ARR)[:8] == [
        0,
        2_400_000,
        2_400_000,
        2_400_000,
        1_200_000,
        1_200_000,
        1_200_000,
        0,
    ]


def test_leads_of_a_closed_segment_go_unserved_until_it_opens():
    story = story_of(
        company(
            scenario__months=4,
            segments__smb__opens={"month": 3},
            channels__web={
                "segments": {"smb": 1.0},
                "organic_per_month": 30,
                "cost_per_lead": 2,
            },
        )
    )
    leads = story.by_month(SegmentAccount.LEADS)
    assert min(leads) > 0
    assert story.by_month(SegmentAccount.UNSERVED_LEADS) == [leads[0], leads[1], 0, 0]
    assert story.by_month(SegmentAccount.LEAD_COST) == [0, 0, 200 * leads[2], 200 * leads[3]]
    assert len(story.entries(EventKind.LEAD)) == leads[2] + leads[3]


@pytest.mark.parametrize("n_layers", [1, 3])
def test_raising_the_intensity_only_adds_leads(n_layers):
    def arrivals(organic):
        channel = {"segments": {"smb": 1.0}, "organic_per_month": organic}
        story = story_of(company(scenario__months=6, channels__web=channel))
        return set(zip(story.times(EventKind.LEAD), story.places(EventKind.LEAD), strict=True))

    few, many = arrivals(8 * n_layers - 3), arrivals(8 * n_layers + 1)
    assert few < many
