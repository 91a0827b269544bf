"""Deals of low value go through another motion, and nothing else of them changes."""

import numpy as np
import pytest

from gtmsim.engines.block import Ledger
from gtmsim.plan import compile_plan
from gtmsim.scenario.models import Scenario
from gtmsim.vocabulary import ChannelAccount, EventKind, FunnelAccount
from gtmsim.vocabulary import SegmentAccount as S
from gtmsim.vocabulary import TeamAccount as T
from tests.engines.agreement import assert_engines_agree
from tests.theory.worlds import changed, follow, play, world

MONTH = 30.4375
THRESHOLD = 800
OWN = {
    "signup": {"win_rate": 0.8},
    "demo": {"win_rate": 0.5, "team": "ae", "days": 0.25 * MONTH},
}
TOUCHLESS = {"trial": {"win_rate": 0.6}, "paid": {"win_rate": 0.3, "days": MONTH}}
FIRST_OF_FALLBACK = 2  # after the two stages of the own motion


def company(months: int = 12, **changes) -> dict:
    """List prices are uniform up to 2000: of four leads in ten they are below the threshold."""
    tables = world(
        months,
        segments__smb__motion="assisted",
        segments__smb__acv={"family": "uniform", "low": 0, "high": 2000},
        segments__smb__fallback={"below_acv": THRESHOLD, "motion": "touchless"},
        motions__assisted={"stages": OWN},
        motions__touchless={"stages": TOUCHLESS},
        teams__ae={
            "function": "sales",
            "reps": 60,
            "max_reps": 60,
            "base_per_year": 0,
            "commission": 0.1,
        },
        channels__web__organic_per_month=80,
    )
    return changed(tables, **changes)


def of_kind(ledger: Ledger, kind: EventKind) -> Ledger:
    return ledger[ledger["kind"] == kind]


def test_deals_under_the_threshold_and_no_others_take_the_other_motion():
    tables = company()
    books, ledger = follow(tables)
    _, known = assert_engines_agree(compile_plan(Scenario.model_validate(tables, strict=False)), 1)
    for entries in (ledger, known):
        opportunities = of_kind(entries, EventKind.OPPORTUNITY)
        fell_back = opportunities["detail"] >= FIRST_OF_FALLBACK
        assert 0 < fell_back.sum() < len(opportunities)
        np.testing.assert_array_equal(fell_back, opportunities["amount"] < THRESHOLD * 100)
    entered = books.funnel[:, :, FunnelAccount.ENTERED].sum(0)
    assert entered[0] + entered[FIRST_OF_FALLBACK] == books.segment[:, 0, S.LEADS].sum()


def test_as_many_fall_back_as_the_distribution_of_prices_says():
    books = play(company(), replications=40)
    entered = books.funnel[..., FunnelAccount.ENTERED].sum((0, 1, 2))
    won = books.funnel[..., FunnelAccount.WON].sum((0, 1, 2))
    leads = entered[0] + entered[FIRST_OF_FALLBACK]
    share = entered[FIRST_OF_FALLBACK] / leads
    assert share == pytest.approx(0.4, abs=4 * np.sqrt(0.24 / leads))
    for row, rate in ((0, 0.8), (FIRST_OF_FALLBACK, 0.6)):
        error = np.sqrt(rate * (1 - rate) / entered[row])
        assert won[row] / entered[row] == pytest.approx(rate, abs=4 * error)


def test_who_falls_back_meets_no_seller_and_pays_no_commission():
    books, ledger = follow(company())
    opportunities = of_kind(ledger, EventKind.OPPORTUNITY)
    low = set(opportunities["entity"][opportunities["amount"] < THRESHOLD * 100].tolist())
    asked = set(of_kind(ledger, EventKind.REQUESTED)["entity"].tolist())
    assert asked
    assert not asked & low
    won = of_kind(ledger, EventKind.WON)
    arr = [int(amount) for amount, entity in won[["amount", "entity"]] if int(entity) not in low]
    assert 0 < len(arr) < len(won)
    assert books.team[:, 0, T.BOOKED_ARR].sum() == sum(arr)
    commissions = sum(int(np.floor(0.1 * amount + 0.5)) for amount in arr)
    assert books.segment[:, 0, S.COMMISSIONS].sum() == commissions


def test_an_opportunity_is_one_from_its_own_motions_stage_on():
    """Of the other motion that is its last stage: 60 % of the leads that fall back."""
    books, _ = follow(company())
    entered = books.funnel[:, :, FunnelAccount.ENTERED].sum(0)
    assert books.segment[:, 0, S.OPPORTUNITIES].sum() == entered[1] + entered[3]
    lost = books.funnel[:, :, FunnelAccount.LOST].sum(0)
    assert books.segment[:, 0, S.LOST_OPPORTUNITIES].sum() == lost[1] + lost[3]
    stocks = books.segment[-1, 0]
    created, gone = (
        books.segment[:, 0, account].sum() for account in (S.OPPORTUNITIES, S.LOST_OPPORTUNITIES)
    )
    assert stocks[S.OPEN_OPPORTUNITIES] == created - gone - books.segment[:, 0, S.NEW_LOGOS].sum()


def test_stages_of_one_name_have_the_same_luck_on_either_way():
    """A fallback to the same stages leaves the segment's books as they were, to the bit."""
    stages = {"trial": {"win_rate": 0.6, "days": 10}, "paid": {"win_rate": 0.3, "days": 40}}
    tables = company(motions__assisted={"stages": stages}, motions__touchless={"stages": stages})
    with_it = play(tables, replications=3)
    del tables["segments"]["smb"]["fallback"]
    without = play(tables, replications=3)
    np.testing.assert_array_equal(with_it.segment, without.segment)
    np.testing.assert_array_equal(with_it.channel, without.channel)
    both = with_it.funnel[..., :2, :] + with_it.funnel[..., 2:, :]
    np.testing.assert_array_equal(both, without.funnel)


def test_a_higher_threshold_moves_only_the_deals_between():
    def ways(threshold: int) -> dict[int, list]:
        _, ledger = follow(company(segments__smb__fallback__below_acv=threshold))
        opened = of_kind(ledger, EventKind.OPPORTUNITY)
        price = dict(zip(opened["entity"].tolist(), opened["amount"].tolist(), strict=True))
        entered = of_kind(ledger, EventKind.STAGE_ENTERED)
        story: dict[int, list] = {}
        for entity, time, row in entered[["entity", "time", "detail"]].tolist():
            if not THRESHOLD * 100 <= price.get(entity, 0) < 1_000_00:
                story.setdefault(entity, []).append((time, row))
        # Of leads that never had a price, who was lost before one: told by the row they entered.
        return {entity: rows for entity, rows in story.items() if entity in price}

    low, high = ways(THRESHOLD), ways(1_000)
    shared = low.keys() & high.keys()
    assert len(shared) > 100
    assert all(low[entity] == high[entity] for entity in shared)


def test_the_price_of_the_month_in_which_a_lead_comes_decides():
    """At double prices two leads in ten are below the threshold."""
    doubled = {"rise": {"month": 7, "change": 1.0}}
    books = play(company(price_changes=doubled), replications=40)
    entered = books.funnel[..., FunnelAccount.ENTERED].sum((0, 1))
    leads = books.segment[..., 0, S.LEADS].sum((0, 1))
    for months, share in ((slice(0, 6), 0.4), (slice(6, 12), 0.2)):
        n = leads[months].sum()
        fell = entered[months, FIRST_OF_FALLBACK].sum()
        assert fell / n == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / n))


def test_a_deal_that_is_worth_just_the_threshold_keeps_its_own_motion():
    for acv, row in ((THRESHOLD, 0), (THRESHOLD - 0.01, FIRST_OF_FALLBACK)):
        books = play(company(segments__smb__acv=acv), replications=1)
        entered = books.funnel[..., FunnelAccount.ENTERED].sum((0, 1, 2))
        assert entered[row] == books.segment[..., 0, S.LEADS].sum() > 0
        assert entered[FIRST_OF_FALLBACK - row] == 0


def second_of_two(with_fallback: bool = True) -> dict:
    """A company like the above beside another one, which comes first and sells with people too."""
    touchless = {
        "trial": {"win_rate": 0.6, "touches": 3, "cost_per_touch": 7},
        "paid": {"win_rate": 0.3, "days": MONTH, "cost": 11},
    }
    own = {"signup": {"win_rate": 0.8, "cost": 2}, "demo": {**OWN["demo"], "cost": 100}}
    tables = company(motions__touchless={"stages": touchless}, motions__assisted={"stages": own})
    segment = tables["segments"].pop("smb")
    plain = {key: value for key, value in segment.items() if key != "fallback"}
    fields = {"field": {"stages": {"visit": {"win_rate": 0.5, "team": "reps", "cost": 1000}}}}
    changed(
        tables,
        segments={"large": plain | {"motion": "field"}, "smb": segment if with_fallback else plain},
        motions=fields | tables["motions"],
        teams__reps=tables["teams"]["ae"] | {"commission": 0.5},
        channels__fair={"segments": {"large": 1.0}, "organic_per_month": 30},
    )
    return tables


def test_stage_costs_and_commissions_are_those_of_the_way_and_of_the_segment():
    books, ledger = follow(second_of_two())
    entered = books.funnel[:, :, FunnelAccount.ENTERED].sum(0)
    large, own, other = entered[:1], entered[1:3], entered[3:5]
    assert (entered > 0).all()
    costs = books.segment[:, :, S.STAGE_COST].sum(0)
    assert costs.tolist() == [large[0] * 1000_00, own @ [2_00, 100_00] + other @ [21_00, 11_00]]
    spent = books.channel[..., ChannelAccount.VARIABLE_COST].sum(0)
    assert spent.sum(1).tolist() == costs.tolist()
    won = of_kind(ledger, EventKind.WON)
    worth = {"large": (won["segment"] == 0, 0.5), "smb": (won["segment"] == 1, 0.1)}
    for row, (ours, rate) in enumerate(worth.values()):
        # who falls back was never with a seller
        asked = set(of_kind(ledger, EventKind.REQUESTED)["entity"].tolist())
        sold = [int(arr) for arr, who in won[ours][["amount", "entity"]] if int(who) in asked]
        assert len(sold) > 0
        paid = sum(int(np.floor(rate * arr + 0.5)) for arr in sold)
        assert books.segment[:, row, S.COMMISSIONS].sum() == paid


def test_a_fallback_leaves_the_other_segments_as_they_were():
    with_it, without = play(second_of_two(), 3), play(second_of_two(with_fallback=False), 3)
    np.testing.assert_array_equal(with_it.segment[..., 0, :], without.segment[..., 0, :])
    np.testing.assert_array_equal(with_it.channel[..., 0, :, :], without.channel[..., 0, :, :])
    assert (with_it.segment[..., 1, S.STAGE_COST] != without.segment[..., 1, S.STAGE_COST]).any()
