"""Accounts close to the cent in every draw, replication, month and segment."""

import numpy as np
import pytest

from gtmsim.engines.compiled import simulate_block
from gtmsim.plan import compile_plan, draw_inputs, fill_values
from gtmsim.rules.state import Books
from gtmsim.scenario import load_scenario
from gtmsim.vocabulary import ChannelAccount as C
from gtmsim.vocabulary import CohortAccount, CompanyAccount, FunnelAccount
from gtmsim.vocabulary import SegmentAccount as S
from gtmsim.vocabulary import TeamAccount as T
from tests.scenarios.shipped import shipped

SCENARIOS = shipped()
LEAVES = ("company.largest_customer_leaves=12",)


@pytest.fixture(scope="module", params=[(), LEAVES], ids=["", "largest leaves"])
def changes(request) -> tuple[str, ...]:
    """Overrides of the scenario."""
    return request.param


@pytest.fixture(scope="module", params=SCENARIOS)
def books(request, changes) -> Books:
    """Books of a shipped scenario over a few draws, axes [draw, replication, ...]."""
    plan = compile_plan(load_scenario(request.param, changes))
    values = fill_values(plan, draw_inputs(plan, 5, range(12)))
    return simulate_block(plan, values, 5, range(12), range(2), np.zeros(1, np.int64)).books


def before(books: Books, account: S) -> np.ndarray:
    """Stock at the start of each month, axes [draw, replication, month, segment]."""
    closing = books.segment[..., account]
    return np.concatenate([books.opening[:, :, None, :, account], closing[:, :, :-1]], axis=2)


def alive(books: Books) -> np.ndarray:
    """Months before the one of an insolvency, axes [draw, replication, month, 1]."""
    return (books.company[..., CompanyAccount.INSOLVENT] == 0)[..., None]


def flows(books: Books, *accounts: S) -> np.ndarray:
    """Sum of accounts, axes [draw, replication, month, segment]."""
    return sum(books.segment[..., account] for account in accounts)


def test_something_happens(books):
    assert books.segment[..., S.NEW_ARR].sum() > 0
    assert books.segment[..., S.REVENUE].sum() > 0


def test_arr_bridge_closes(books):
    bridge = before(books, S.CLOSING_ARR) + flows(books, S.NEW_ARR, S.REACTIVATED_ARR)
    bridge += flows(books, S.EXPANSION_ARR, S.TRANSFERRED_ARR)
    bridge -= flows(books, S.CONTRACTION_ARR, S.CHURNED_ARR, S.CEASED_ARR)
    np.testing.assert_array_equal(bridge, books.segment[..., S.CLOSING_ARR])


def test_customer_bridge_closes(books):
    bridge = before(books, S.CLOSING_CUSTOMERS)
    bridge = bridge + flows(books, S.NEW_CUSTOMERS, S.REACTIVATED_CUSTOMERS)
    bridge += flows(books, S.TRANSFERRED_CUSTOMERS)
    bridge -= flows(books, S.CHURNED_CUSTOMERS, S.CEASED_CUSTOMERS)
    np.testing.assert_array_equal(bridge, books.segment[..., S.CLOSING_CUSTOMERS])


def test_deferred_and_unbilled_revenue_roll_forward(books):
    """Invoiced and not earned, less earned and not invoiced, moves with billings and revenue."""
    opening = before(books, S.DEFERRED_REVENUE) - before(books, S.UNBILLED_RECEIVABLES)
    moved = flows(books, S.BILLINGS)
    moved = moved - flows(books, S.CREDIT_NOTES, S.REVENUE, S.SERVICE_CREDITS)
    moved = moved + flows(books, S.TRANSFERRED_DEFERRED_REVENUE)
    closing = flows(books, S.DEFERRED_REVENUE) - flows(books, S.UNBILLED_RECEIVABLES)
    np.testing.assert_array_equal(((opening + moved) * alive(books)), closing * alive(books))
    assert (books.segment[..., S.DEFERRED_REVENUE] >= 0).all()


def test_receivables_are_never_negative(books):
    assert (books.segment[..., S.RECEIVABLES] >= 0).all()


def test_cash_closes(books):
    company, segment = books.company, books.segment.sum(axis=3)
    lines = ("PRODUCT", "GENERAL", "MARKETING", "SALES", "SUCCESS", "SUPPORT")
    paid = sum(company[..., CompanyAccount[f"{line}_COST"]] for line in lines)
    costs = (
        S.CHANNEL_SPEND,
        S.LEAD_COST,
        S.STAGE_COST,
        S.REFERRAL_COST,
        S.ONBOARDING_COST,
        S.EXPANSION_COST,
        S.COMMISSIONS_PAID,
        S.SALES_TEAM_COST,
        S.SUCCESS_TEAM_COST,
        S.SUCCESS_PROGRAMME_COST,
        S.TOOLS_COST,
        S.COGS,
        S.SUPPORT_COST,
        S.SERVICE_CREDITS,
    )
    paid = paid + sum(segment[..., account] for account in costs)
    received = company[..., CompanyAccount.FUNDING] + segment[..., S.COLLECTIONS]
    received = received + segment[..., S.SERVICES_COLLECTIONS]
    closing = company[..., CompanyAccount.CASH]
    np.testing.assert_array_equal(
        company[..., CompanyAccount.OPENING_CASH] + received - paid, closing
    )
    opening = company[:, :, 1:, CompanyAccount.OPENING_CASH]
    np.testing.assert_array_equal(opening, closing[:, :, :-1])


def test_commissions_are_paid_a_month_after_they_are_earned(books):
    earned = books.segment[:, :, :-1, :, S.COMMISSIONS]
    paid = books.segment[:, :, 1:, :, S.COMMISSIONS_PAID]
    gone = ~(alive(books)[:, :, :-1])  # nothing is paid after an insolvency
    assert ((paid == earned) | gone).all()


def test_channels_sum_to_segments(books):
    pairs = [
        (C.LEADS, S.LEADS),
        (C.UNSERVED_LEADS, S.UNSERVED_LEADS),
        (C.OPPORTUNITIES, S.OPPORTUNITIES),
        (C.LOST_OPPORTUNITIES, S.LOST_OPPORTUNITIES),
        (C.NEW_LOGOS, S.NEW_LOGOS),
        (C.BOOKED_ARR, S.BOOKED_ARR),
        (C.SPEND, S.CHANNEL_SPEND),
    ]
    for channel, segment in pairs:
        by_channel = books.channel[..., channel].sum(axis=-1)
        np.testing.assert_array_equal(by_channel, books.segment[..., segment])
    variable = flows(books, S.LEAD_COST, S.STAGE_COST, S.REFERRAL_COST)
    np.testing.assert_array_equal(books.channel[..., C.VARIABLE_COST].sum(axis=-1), variable)


def test_cohorts_sum_to_segments(books):
    for cohort, segment in (
        (CohortAccount.CUSTOMERS, S.CLOSING_CUSTOMERS),
        (CohortAccount.ARR, S.CLOSING_ARR),
    ):
        total = books.cohort[..., cohort].sum(axis=-1)
        np.testing.assert_array_equal(total, books.segment[..., segment])


def test_team_costs_fall_on_segments_whole(books):
    team = books.team[..., T.COST].sum(axis=-1)
    segment = flows(books, S.SALES_TEAM_COST, S.SUCCESS_TEAM_COST).sum(axis=-1)
    np.testing.assert_array_equal(team, segment)


def test_requests_are_granted_expire_or_wait(books):
    arrived = books.team[..., T.REQUESTS].cumsum(axis=2)
    ended = (books.team[..., T.GRANTS] + books.team[..., T.EXPIRED]).cumsum(axis=2)
    waiting = books.team[..., T.WAITING]
    assert (((arrived - ended) == waiting) | ~alive(books)).all()


def test_no_stage_is_left_more_often_than_entered(books):
    left = sum(
        books.funnel[..., account]
        for account in (FunnelAccount.WON, FunnelAccount.LOST, FunnelAccount.EXPIRED)
    )
    entered = books.funnel[..., FunnelAccount.ENTERED]
    assert (left.cumsum(axis=2) <= entered.cumsum(axis=2)).all()


def test_retained_arr_is_at_most_what_there_was_and_what_there_is(books):
    kept, capped = books.segment[..., S.RETAINED_ARR], books.segment[..., S.RETAINED_ARR_CAPPED]
    assert (capped <= kept).all()
    # Who moved up within the year is kept in the segment of then: only the sum is bounded.
    assert (kept.sum(-1) <= books.segment[..., S.CLOSING_ARR].sum(-1)).all()
    base = before(books, S.CLOSING_ARR)[:, :, :-11]
    assert (capped[:, :, 11:] <= base).all()
    assert (capped[:, :, :11] == 0).all()
