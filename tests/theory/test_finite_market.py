"""A market with so many accounts: who is busy, who is free, and what running dry looks like."""

from collections.abc import Iterator

import numpy as np
import pytest
from scipy.stats import norm

from gtmsim.vocabulary import EventKind, FunnelAccount, MarketAccount, SegmentAccount
from tests.theory.closed_forms import z_score
from tests.theory.worlds import follow, market, play

MONTHS, COOL_OFF = 36, 4
TIERS = {"low": {"from_acv": 0}, "high": {"from_acv": 20_000}}
HIGH = norm.sf(np.log(20 / 8) / (np.log(60 / 8) / norm.ppf(0.9)))


def small_market(**changes) -> dict:
    """A market that is nearly worked through, whose accounts go every way there is."""
    signup = {"win_rate": 0.6, "days": {"median": 10, "p90": 60}}
    demo = {"win_rate": 0.4, "days": 20, "team": "ae", "patience_days": 30}
    tables = {
        "buyers__accounts": 400,
        "buyers__cool_off_months": COOL_OFF,
        "buyers__tiers": TIERS,
        "channels__web__organic_per_month": 60,
        "motions__self_service__stages": {"signup": signup, "demo": demo},
        "teams__ae": {"function": "sales", "reps": 2, "open_deals": 6, "base_per_year": 0},
        "segments__smb__churn_per_year": 0.5,
        "segments__far__churn_per_year": 0.3,
        "segments__far__opens": {"month": 5},
    }
    return market(MONTHS, **{**tables, **changes})


WORLDS = {
    "coming back": {"segments__smb__win_back": {"rate": 0.5, "days": {"median": 90, "p90": 300}}},
    "not paying": {
        "segments__smb__payments": {"fails": 0.2, "retry_success": 0.3},
        "segments__smb__contracts": {
            "monthly": {"share": 1.0, "term_months": 1, "billing": "monthly"}
        },
    },
    "no time to cool off": {"buyers__cool_off_months": 0},
}


@pytest.fixture(scope="module", params=WORLDS)
def tables(request) -> dict:
    """Worlds of a market that is nearly worked through."""
    return small_market(**WORLDS[request.param])


def test_busy_accounts_are_those_taken_and_not_freed_in_every_month(tables):
    """And never more than there are, but for a month's leads: they all find the same share free."""
    book = play(tables, 50).market[0]
    taken, freed = book[..., MarketAccount.TAKEN], book[..., MarketAccount.FREED]
    busy = book[..., MarketAccount.BUSY]

    assert (busy == (taken - freed).cumsum(axis=1)).all()
    assert (busy >= 0).all()
    accounts = 400 * np.array([1 - HIGH, HIGH])
    assert (busy <= accounts + taken).all()
    assert (busy[:, -1] > 0.3 * accounts).mean() > 0.9  # it is tight
    assert freed.sum() > 0.2 * taken.sum()


def test_the_market_book_tells_what_the_ledger_does(tables):
    for replication in range(3):
        books, ledger = follow(tables, replication)
        taken, freed = (np.zeros((MONTHS, 2), int) for _ in range(2))
        for came, tier, free in stories(ledger, tables["buyers"]["cool_off_months"]):
            taken[came, tier] += 1
            if free < MONTHS:
                freed[free, tier] += 1
        np.testing.assert_array_equal(books.market[..., MarketAccount.TAKEN], taken)
        np.testing.assert_array_equal(books.market[..., MarketAccount.FREED], freed)


def stories(ledger: np.ndarray, cool_off: int) -> Iterator[tuple[int, int, float]]:
    """Month in which each account was taken, its tier, and the month in which it comes free."""
    by_entity: dict[int, list] = {}
    for event in ledger[ledger["entity"] >= 0]:
        by_entity.setdefault(int(event["entity"]), []).append(event)
    for story in by_entity.values():
        lead = next((one for one in story if one["kind"] == EventKind.LEAD), None)
        if lead is not None:  # an account of a closed segment stays free
            tier = int(lead["sub"]) // 2  # then come near and far
            yield int(lead["time"]), tier, freed_in(story, cool_off)


def freed_in(story: list, cool_off: int) -> float:
    """Month in which an account comes free; infinite if it does not."""
    priced = any(one["kind"] == EventKind.OPPORTUNITY for one in story)
    kinds = [EventKind(one["kind"]) for one in story]
    for n, (kind, event) in enumerate(zip(kinds, story, strict=True)):
        month = int(event["time"])
        if kind in (EventKind.LOST, EventKind.EXPIRED):
            return month + (cool_off if priced else 0)
        if kind == EventKind.DEFAULTED or (
            kind == EventKind.CHURNED and EventKind.REACTIVATED not in kinds[n:]
        ):
            return month + cool_off
    return np.inf


def test_customers_open_leads_and_those_who_cool_off_are_the_busy_accounts():
    """Without customers who wait for service or come back: every busy account is one of these."""
    book = play(small_market(), 20)
    busy = book.market[0, ..., MarketAccount.BUSY].sum(axis=-1)
    segment, funnel = book.segment[0].sum(axis=2), book.funnel[0].cumsum(axis=1)
    customers = segment[..., SegmentAccount.CLOSING_CUSTOMERS]
    served = segment[..., SegmentAccount.LEADS] - segment[..., SegmentAccount.UNSERVED_LEADS]
    ended = segment[..., SegmentAccount.LOST_OPPORTUNITIES] + segment[..., SegmentAccount.NEW_LOGOS]
    first = funnel[:, :, [0, 2]]
    left = sum(first[..., one] for one in (FunnelAccount.LOST, FunnelAccount.EXPIRED)).sum(axis=-1)
    open_leads = served.cumsum(axis=1) - ended.cumsum(axis=1) - left
    out = segment[..., SegmentAccount.LOST_OPPORTUNITIES]
    out = (out + segment[..., SegmentAccount.CHURNED_CUSTOMERS]).cumsum(axis=1)
    cooling = out - np.pad(out, ((0, 0), (COOL_OFF, 0)))[:, :MONTHS]

    np.testing.assert_array_equal(busy, customers + open_leads + cooling)


def test_a_market_whose_accounts_never_come_back_runs_dry_geometrically():
    """Free accounts fall by the share that the leads of a month are of all: E = A (1 - L / A)^m."""
    accounts, leads = 600, 45
    tables = market(
        MONTHS,
        buyers__accounts=accounts,
        buyers__cool_off_months=120,
        buyers__tiers=TIERS,
        channels__web__organic_per_month=leads,
        motions__self_service__stages={"signup": {"win_rate": 0.0}},
    )
    books = play(tables, 400)
    busy = books.market[0, ..., MarketAccount.BUSY]
    for tier, share in enumerate((1 - HIGH, HIGH)):
        for month in (0, 5, 17, 29):
            left = accounts * share * (1 - leads / accounts) ** (month + 1)
            assert abs(z_score(busy[:, month, tier], accounts * share - left)) < 4
    near, far = books.segment[0, ..., SegmentAccount.LEADS].sum(axis=(0, 1))
    assert abs(far - 0.4 * (near + far)) < 4 * np.sqrt(0.24 * (near + far))  # whoever is free


def test_a_channel_that_reaches_a_tier_better_empties_it_sooner():
    """Each tier falls by its own leads, which the channel's reach decides, over its accounts."""
    reach = np.log(3.0) / (np.log(60 / 8) / norm.ppf(0.9))
    reached = norm.sf(np.log(20 / 8) / (np.log(60 / 8) / norm.ppf(0.9)) - reach)
    tables = market(
        12,
        buyers__accounts=1500,
        buyers__cool_off_months=120,
        buyers__tiers=TIERS,
        channels__web={"organic_per_month": 40, "reach": {"potential": 3.0}},
        motions__self_service__stages={"signup": {"win_rate": 0.0}},
    )
    busy = play(tables, 400).market[0, ..., MarketAccount.BUSY]
    for tier, (share, own) in enumerate([(1 - HIGH, 1 - reached), (HIGH, reached)]):
        left = (1 - 40 * own / (1500 * share)) ** 12
        assert abs(z_score(busy[:, -1, tier], 1500 * share * (1 - left))) < 4
    assert reached > 1.5 * HIGH


def test_few_accounts_that_cool_off_long_leave_next_to_no_leads():
    tables = market(
        MONTHS,
        buyers__accounts=30,
        buyers__cool_off_months=120,
        motions__self_service__stages={"signup": {"win_rate": 0.0}},
    )
    leads = play(tables, 200).segment[0, ..., SegmentAccount.LEADS].sum(axis=-1)
    assert leads[:, 0].mean() > 30  # more leads than accounts: all are busy at once
    assert leads[:, 12:].sum() == 0


def test_accounts_come_back_once_they_have_cooled_off():
    """More leads a month than accounts, all lost at once: they return every so many months."""
    tables = market(
        MONTHS,
        buyers__accounts=30,
        buyers__cool_off_months=6,
        channels__web__organic_per_month=3000,
        motions__self_service__stages={"signup": {"win_rate": 0.0}},
    )
    leads = play(tables, 5).segment[0, ..., SegmentAccount.LEADS].sum(axis=-1)
    months = np.flatnonzero((leads > 0).all(axis=0))
    assert months.tolist() == [0, 7, 14, 21, 28, 35]
    assert (leads[:, np.setdiff1d(np.arange(MONTHS), months)] == 0).all()


def test_more_accounts_only_add_leads_and_move_none():
    def leads(**changes):
        _, ledger = follow(small_market(**changes))
        return ledger[np.isin(ledger["kind"], [EventKind.LEAD, EventKind.UNSERVED])]

    few, many = leads(), leads(buyers__accounts=4000)
    endless = leads(buyers__accounts=10**8)
    for less, more in ((few, many), (many, endless)):
        shared = np.isin(more["entity"], less["entity"])
        assert len(more) > len(less)
        np.testing.assert_array_equal(more[shared], less)


def test_a_market_that_is_large_enough_is_an_endless_one():
    tables = small_market(buyers__accounts=10**8)
    del (endless := small_market())["buyers"]["accounts"]
    np.testing.assert_array_equal(follow(tables)[1], follow(endless)[1])
