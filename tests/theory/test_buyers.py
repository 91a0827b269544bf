"""Accounts of a market: who they are, what fit does to them, what they pay."""

import numpy as np
import pytest
from scipy.stats import beta, kstest, norm, spearmanr

from gtmsim.plan import compile_plan, draw_inputs, fill_values
from gtmsim.scenario.models import Scenario
from gtmsim.vocabulary import (
    DAYS_PER_MONTH,
    TICKS_PER_MONTH,
    EventKind,
    FunnelAccount,
    MarketAccount,
    SegmentAccount,
)
from tests.theory.closed_forms import in_service, lognormal, shifted_beta_geometric, z_score
from tests.theory.worlds import follow, market, play

SMB, FAR = 0, 1


def events(ledger: np.ndarray, kind: EventKind) -> np.ndarray:
    """Entries of a kind, in the order of their entities."""
    chosen = ledger[ledger["kind"] == kind]
    return chosen[np.argsort(chosen["entity"], kind="stable")]


def amounts(ledger: np.ndarray, kind: EventKind) -> np.ndarray:
    """Amounts of a kind of event, in the currency."""
    return events(ledger, kind)["amount"] / 100


# Who they are

CLASSED = {
    "buyers": {
        "potential": {"median": 8000, "p90": 60_000},
        "employees": {"median": 40, "p90": 600},
        "size_and_potential": 0.6,
        "size_and_complexity": 0.3,
        "potential_and_complexity": -0.3,
        "sizes": {"small": {"from_employees": 1}, "large": {"from_employees": 100}},
        "tiers": {"low": {"from_acv": 0}, "high": {"from_acv": 20_000}},
        "complexities": {"simple": {"share": 0.7}, "complex": {"share": 0.3}},
        "verticals": {"fast": {"share": 0.8}, "slow": {"share": 0.2}},
    },
    "segmentation": [
        {"to": "far", "tiers": ["high"], "sizes": ["large"]},
        {"to": "far", "complexities": ["complex"], "verticals": ["slow"]},
        {"to": "smb"},
    ],
    "channels__web": {
        "organic_per_month": 400,
        "reach": {"employees": 2.0, "potential": 0.5, "verticals": {"slow": 3.0}},
    },
}


def test_leads_fall_on_segments_as_the_mix_says():
    tables = market(24, **CLASSED)
    plan = compile_plan(Scenario.model_validate(tables, strict=False))
    (values,) = fill_values(plan, draw_inputs(plan, 1, range(1)))
    leads = play(tables, 40).segment[0, ..., SegmentAccount.LEADS].sum(axis=(0, 1))

    spread = np.sqrt(leads.sum() * values.mix[0] * (1.0 - values.mix[0]))
    assert (abs(leads - leads.sum() * values.mix[0]) < 4.0 * spread).all()
    assert 0.3 < values.mix[0, FAR] < 0.4


def test_leads_fall_on_tiers_as_the_channel_reaches_them():
    """Potential has its own part of the reach and what comes with more employees."""
    taken = play(market(24, **CLASSED), 40).market[0, ..., MarketAccount.TAKEN].sum(axis=(0, 1))

    pearson = 2.0 * np.sin(np.pi * 0.6 / 6.0)
    moved = pearson * np.log(2.0) / (np.log(600 / 40) / norm.ppf(0.9))
    moved += np.log(0.5) / (np.log(60 / 8) / norm.ppf(0.9))
    high = norm.sf(np.log(20 / 8) / (np.log(60 / 8) / norm.ppf(0.9)) - moved)
    spread = np.sqrt(taken.sum() * high * (1.0 - high))
    assert abs(taken[1] - taken.sum() * high) < 4.0 * spread


FINE = 16
RANKS = {"size_and_potential": 0.6, "size_and_complexity": 0.45, "potential_and_complexity": -0.2}


def test_attributes_of_leads_have_the_rank_correlations_that_are_given():
    """Sizes and complexities by fine classes; potential by the deal, which is all of it.

    Classes of equal share weaken a rank correlation by the factor sqrt(1 - 1 / n^2) each.
    """
    quantiles = norm.ppf(np.arange(1, FINE) / FINE)
    ends = [1, *(40 * np.exp(quantiles * np.log(600 / 40) / norm.ppf(0.9)))]
    buyers = {
        "potential": {"median": 8000, "p90": 60_000},
        "employees": {"median": 40, "p90": 600},
        "sizes": {f"s{n}": {"from_employees": end} for n, end in enumerate(ends)},
        "complexities": {f"c{n}": {"share": 1 / FINE} for n in range(FINE)},
        **RANKS,
    }
    tables = market(
        24,
        buyers=buyers,
        segmentation=[{"to": "smb"}],
        segments__smb__potential_share=1.0,
        channels__web__organic_per_month=6000,
    )
    _, ledger = follow(tables)
    kinds = events(ledger, EventKind.LEAD)["sub"]
    size, use = np.divmod(kinds, FINE)
    potential = events(ledger, EventKind.OPPORTUNITY)["amount"]

    grouped = np.sqrt(1.0 - 1.0 / FINE**2)
    error = 1.0 / np.sqrt(len(kinds))
    assert len(potential) == len(kinds) > 140_000
    for one, other, given, weaker in (
        (size, potential, RANKS["size_and_potential"], grouped),
        (size, use, RANKS["size_and_complexity"], grouped**2),
        (potential, use, RANKS["potential_and_complexity"], grouped),
    ):
        assert abs(spearmanr(one, other).statistic - given * weaker) < 4.0 * error


# What fit and traits do


def test_conversion_of_accounts_that_get_too_little_follows_the_odds():
    """Each of two stages takes the square root of the factor on its odds."""
    rates = {"trial": 0.3, "paid": 0.6}
    tables = market(
        24,
        buyers__regions__far={"share": 0.4, "needs": "field", "win_odds": 0.8},
        fit__under_by_two={"win_odds": 0.25},
        channels__web__organic_per_month=400,
        motions__self_service__stages={name: {"win_rate": rate} for name, rate in rates.items()},
    )
    funnel = play(tables, 60).funnel[0].sum(axis=1)
    step = np.sqrt(0.25 * 0.8)
    worse = [rate * step / (rate * step + 1.0 - rate) for rate in rates.values()]
    for row, rate in enumerate([*rates.values(), *worse]):
        entered = funnel[:, row, FunnelAccount.ENTERED]
        spread = np.sqrt(entered * rate * (1 - rate))
        assert abs(z_score((funnel[:, row, FunnelAccount.WON] - entered * rate) / spread, 0.0)) < 4


def test_every_stage_of_a_motion_takes_accounts_as_much_longer_as_their_factors_say():
    """A stage before the opportunity, one that sellers work, one without a team after them.

    With sellers a motion is assisted: a step more than near accounts need, one less than far ones.
    """
    stages = {
        "trial": {"win_rate": 1.0, "days": 10},
        "demo": {"win_rate": 1.0, "days": 20, "team": "ae"},
        "close": {"win_rate": 1.0, "days": 5},
    }
    tables = market(
        24,
        buyers__regions__far={"share": 0.4, "needs": "field", "days": 1.5},
        fit={"under_by_one": {"days": 1.2}, "over_by_one": {"days": 1.1}},
        motions__self_service__stages=stages,
        teams__ae={"function": "sales", "reps": 200, "open_deals": 5, "base_per_year": 0},
    )
    _, ledger = follow(tables)
    won = events(ledger, EventKind.WON)
    entered = events(ledger, EventKind.STAGE_ENTERED)
    entered = entered[np.isin(entered["entity"], won["entity"])]["time"].reshape(len(won), 3)
    spent = np.diff(np.column_stack([entered, won["time"]]), axis=1)

    assert {SMB, FAR} == set(won["segment"].tolist())
    factor = np.where(won["segment"] == FAR, 1.5 * 1.2, 1.1)
    wanted = np.multiply.outer(factor, [10, 20, 5]) / DAYS_PER_MONTH
    np.testing.assert_allclose(spent, wanted, rtol=1e-9)


CHURN = {
    "buyers__regions": {"only": {"share": 1.0, "needs": "assisted", "churn": 1.25}},
    "segmentation": [{"to": "smb"}],
    "fit__under_by_one": {"churn": 1.6},
}


def test_lifetimes_are_geometric_with_the_churn_hazard_of_fit_and_trait():
    churn, months = 0.2, 60
    tables = market(months, segments__smb__churn_per_year=churn, **CHURN)
    stock = play(tables, 400).segment[0, :, -1, 0, SegmentAccount.CLOSING_CUSTOMERS]

    def expected(factor):
        return in_service(lambda u: 10.0, lambda age: (1 - churn) ** (factor * (age // 12)), months)

    assert abs(z_score(stock, expected(2.0))) < 4
    assert abs(z_score(stock, expected(1.6))) > 8


def test_customers_who_differ_churn_by_the_power_of_what_each_keeps():
    """E[(1 - theta)^(2 k)] after k renewals: twice as many of a shifted-beta-geometric."""
    alpha, beta, months = 0.8, 3.0, 60
    tables = market(months, segments__smb__churn_per_year={"alpha": alpha, "beta": beta}, **CHURN)
    stock = play(tables, 400).segment[0, :, -1, 0, SegmentAccount.CLOSING_CUSTOMERS]

    def alive(age):
        return shifted_beta_geometric(alpha, beta, 2 * int(age // 12))

    assert abs(z_score(stock, in_service(lambda u: 10.0, alive, months))) < 4


def test_onboarding_and_support_cost_follow_what_each_account_costs_to_serve():
    """All accounts in one segment, so that the two kinds share its accounts."""
    tables = market(
        24,
        buyers__regions__far={"share": 0.4, "needs": "assisted", "delivery_cost": 1.4},
        fit__under_by_one={"delivery_cost": 1.25},
        segmentation=[{"to": "smb"}],
        segments__smb__onboarding={"cost": 100},
        segments__smb__support_per_customer_per_year=120,
    )
    books, ledger = follow(tables)
    lead = events(ledger, EventKind.LEAD)
    is_far = dict(zip(lead["entity"].tolist(), lead["sub"].tolist(), strict=True))
    won = events(ledger, EventKind.WON)
    far = np.array([is_far[entity] for entity in won["entity"].tolist()])

    row = books.segment[:, SMB]
    assert 0 < far.sum() < len(far)
    onboarding = (1 - far).sum() * 10_000 + far.sum() * 17_500
    assert row[:, SegmentAccount.ONBOARDING_COST].sum() == onboarding
    signed = np.floor(won["time"]).astype(int)  # in service from then on, without end
    load = [(1 + 0.75 * far[signed <= month]).sum() for month in range(24)]
    assert row[:, SegmentAccount.SERVICE_MILLI_LOAD].tolist() == [1000 * one for one in load]
    assert row[:, SegmentAccount.SUPPORT_COST].tolist() == [1000 * one for one in load]


# What they pay


def test_a_first_deal_is_a_share_of_a_lognormal_potential():
    tables = market(12, segments__smb__potential_share=0.25, channels__web__organic_per_month=2000)
    _, ledger = follow(tables)
    opportunity = events(ledger, EventKind.OPPORTUNITY)
    own = opportunity[opportunity["segment"] == SMB]["amount"] / 100
    priced = opportunity[opportunity["segment"] == FAR]["amount"] / 100

    sigma = np.log(60 / 8) / norm.ppf(0.9)
    assert kstest(np.log(own), norm(np.log(0.25 * 8000), sigma).cdf).pvalue > 1e-3
    assert kstest(np.log(own), norm(np.log(0.27 * 8000), sigma).cdf).pvalue < 1e-3
    assert set(priced.tolist()) == {1200.0}  # no share: the list price of the segment


def test_a_share_that_varies_is_independent_of_the_potential():
    tables = market(
        12,
        segmentation=[{"to": "smb"}],
        segments__smb__potential_share={"mean": 0.3, "sd": 0.2},
        channels__web__organic_per_month=2000,
    )
    _, ledger = follow(tables)
    acv = amounts(ledger, EventKind.OPPORTUNITY)
    mean, _ = lognormal(8000, 60_000)
    assert abs(z_score(acv, 0.3 * mean)) < 4
    assert abs(z_score(np.sqrt(acv), root_moment(0.3, 0.2))) < 4
    assert abs(z_score(np.sqrt(acv), root_moment(0.3, 0.01))) > 8


def root_moment(mean: float, sd: float) -> float:
    """Mean square root of a share, beta with mean and deviation, times a lognormal potential."""
    total = mean * (1 - mean) / sd**2 - 1
    share = beta(mean * total, (1 - mean) * total)
    sigma = np.log(60 / 8) / norm.ppf(0.9)
    return share.expect(np.sqrt) * np.sqrt(8000) * np.exp(sigma**2 / 8)


def test_no_customer_outgrows_the_potential_of_its_account():
    tables = market(
        36,
        segmentation=[{"to": "smb"}],
        segments__smb__potential_share=0.5,
        segments__smb__contracts={"annual": {"share": 1.0, "term_months": 12, "discount": 0.1}},
        segments__smb__expansion={"seats": {"per_year": 3.0, "win_rate": 1.0, "uplift": 0.6}},
        channels__web__organic_per_month=100,
    )
    _, ledger = follow(tables)
    arr: dict[int, int] = {}
    for entity, amount in ledger[np.isin(ledger["kind"], [EventKind.WON, EventKind.EXPANDED])][
        ["entity", "amount"]
    ].tolist():
        arr[entity] = arr.get(entity, 0) + amount
    acv = dict(events(ledger, EventKind.OPPORTUNITY)[["entity", "amount"]].tolist())

    most = {entity: 2 * acv[entity] * 0.9 for entity in arr}
    assert all(arr[entity] <= most[entity] + 1.5 for entity in arr)  # each is rounded
    assert sum(arr[entity] >= most[entity] - 1.5 for entity in arr) > 0.5 * len(arr)


def test_the_sales_cycle_counts_the_time_that_fit_adds():
    tables = market(
        24,
        buyers__regions__far={"share": 0.4, "needs": "assisted"},
        fit__under_by_one={"days": 1.3},
        motions__self_service__stages={"signup": {"win_rate": 0.5, "days": 30}},
    )
    row = play(tables, 4).segment[0].sum(axis=(0, 1))
    cycle = row[:, SegmentAccount.SALES_CYCLE_TICKS] / row[:, SegmentAccount.NEW_LOGOS]
    wanted = np.array([30.0, 39.0]) / DAYS_PER_MONTH
    np.testing.assert_allclose(cycle / TICKS_PER_MONTH, wanted, rtol=1e-5)


@pytest.mark.parametrize("opened", [True, False])
def test_opening_customers_are_no_accounts_of_the_market(opened):
    opening = {"customers": {"smb": {"count": 50, "age_months": 6}}} if opened else {}
    tables = market(
        6,
        company__opening=opening,
        buyers__regions={"only": {"share": 1.0, "delivery_cost": 3.0}},
        segmentation=[{"to": "smb"}],
        channels__web__organic_per_month=0 if opened else 40,
        motions__self_service__stages={"signup": {"win_rate": 1.0}},
    )
    books, _ = follow(tables)
    row = books.segment[-1, SMB]
    customers = row[SegmentAccount.CLOSING_CUSTOMERS]
    assert row[SegmentAccount.SERVICE_MILLI_LOAD] == (1000 if opened else 3000) * customers > 0
    assert books.market.any() != opened
