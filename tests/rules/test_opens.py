"""When segments open that wait for another one's health and for cash, by hand."""

import numpy as np
import pytest

from gtmsim.plan.structure import HealthFloat
from gtmsim.rules.health import is_healthy, runway_months, yearly_churn
from gtmsim.vocabulary import CompanyAccount, SegmentAccount
from tests.rules.hand import Hand

S, C = SegmentAccount, CompanyAccount

LIMITS = np.full(len(HealthFloat), np.inf)


def books(months: int = 13, **flows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Books of two segments, the same in every month but for what ``flows`` give each segment.

    In a month the first wins 2 customers who book 24 of ARR, for 6 of channel spend; it has 20 of
    revenue on 5 of hosting, and loses 1 of 100 customers.
    """
    usual = {
        "IS_OPEN": (1, 1),
        "NEW_LOGOS": (2, 0),
        "BOOKED_ARR": (24, 0),
        "CHANNEL_SPEND": (6, 0),
        "REVENUE": (20, 0),
        "COGS": (5, 0),
        "CLOSING_CUSTOMERS": (100, 0),
        "CHURNED_CUSTOMERS": (1, 0),
    }
    segment = np.zeros((months, 2, len(S)), np.int64)
    for name, amounts in (usual | flows).items():
        segment[:, :, S[name]] = amounts
    opening = np.zeros((2, len(S)), np.int64)
    opening[0, S.CLOSING_CUSTOMERS] = 100
    return segment, np.zeros((months, len(C)), np.int64), opening


def keeps(limit: str, value: float, segment, company, opening, b: int = 12) -> bool:
    """Whether the first segment is inside one limit."""
    limits = LIMITS.copy()
    limits[HealthFloat[limit]] = value
    return bool(is_healthy(b, 0, limits, segment, company, opening))


def edge(limit: str, books_of_year, b: int = 12) -> float:
    """Figure of the first segment: the least limit that it keeps."""
    low, high = 0.0, 1e6
    for _ in range(200):
        middle = (low + high) / 2
        if keeps(limit, middle, *books_of_year, b=b):
            high = middle
        else:
            low = middle
    return high


# --- figures ---------------------------------------------------------------------------------


def test_figures_of_a_plain_year():
    year = books()
    assert edge("CAC", year) == pytest.approx(6 / 2)
    assert edge("CAC_TO_ACV", year) == pytest.approx(6 / 24)
    assert edge("PAYBACK_MONTHS", year) == pytest.approx(3 / (12 / 12 * 0.75))
    assert edge("CHURN_PER_YEAR", year) == pytest.approx(1 - 0.99**12)


def test_every_cost_of_acquisition_counts_and_what_expansions_took_does_not():
    costs = ("LEAD_COST", "STAGE_COST", "REFERRAL_COST", "SALES_TEAM_COST", "COMMISSIONS")
    flows = {name: (10**n, 0) for n, name in enumerate((*costs, "TOOLS_COST"), 1)}
    flows |= {"EXPANSION_TEAM_COST": (200, 0), "EXPANSION_COMMISSIONS": (3000, 0)}
    assert edge("CAC", books(**flows)) == pytest.approx((6 + 1_111_110 - 3200) / 2)


def test_every_cost_of_revenue_counts():
    costs = ("SUPPORT_COST", "ONBOARDING_COST", "SUCCESS_TEAM_COST", "SUCCESS_PROGRAMME_COST")
    year = books(REVENUE=(20_000, 0), **{name: (10**n, 0) for n, name in enumerate(costs)})
    margin = 1 - (5 + 1111) / 20_000
    assert edge("PAYBACK_MONTHS", year) == pytest.approx(3 / margin)


def test_services_fees_are_revenue_too():
    assert edge("PAYBACK_MONTHS", books(SERVICES_REVENUE=(5, 0))) == pytest.approx(3 / (20 / 25))


def test_the_companys_costs_fall_on_segments_by_their_own_and_by_revenue():
    segment, company, opening = books(CHANNEL_SPEND=(6, 2), REVENUE=(20, 80))
    company[:, [C.MARKETING_COST, C.SALES_COST]] = 3, 5
    company[:, [C.SUCCESS_COST, C.SUPPORT_COST]] = 4, 6
    year = segment, company, opening
    assert edge("CAC", year) == pytest.approx((6 + 8 * 6 / 8) / 2)
    margin = 1 - (5 + 10 * 20 / 100) / 20
    assert edge("PAYBACK_MONTHS", year) == pytest.approx(6 / margin)


def test_the_companys_costs_fall_alike_on_segments_that_have_none():
    segment, company, opening = books(CHANNEL_SPEND=(0, 0))
    company[:, C.SALES_COST] = 8
    assert edge("CAC", (segment, company, opening)) == pytest.approx(4 / 2)


def test_a_year_is_the_twelve_months_before_the_boundary():
    segment, company, opening = books(months=15)
    segment[0, 0, S.CHANNEL_SPEND] = 10**6
    segment[13, 0, S.CHANNEL_SPEND] = 10**6
    segment[12, 0, S.CHANNEL_SPEND] = 30
    assert edge("CAC", (segment, company, opening), b=13) == pytest.approx((11 * 6 + 30) / 24)


def test_months_without_customers_say_nothing_of_churn():
    segment, _, opening = books()
    opening[0, S.CLOSING_CUSTOMERS] = 0
    segment[:8, 0, [S.CLOSING_CUSTOMERS, S.CHURNED_CUSTOMERS]] = 0
    segment[8, 0, S.CHURNED_CUSTOMERS] = 0
    assert yearly_churn(12, 0, segment, opening) == pytest.approx(1 - 0.99**12)
    segment[8, 0, S.CLOSING_CUSTOMERS] = 0  # the month after has nobody to lose: 2 of 12 do
    assert yearly_churn(12, 0, segment, opening) == np.inf


def test_a_month_loses_no_more_customers_than_it_had():
    segment, _, opening = books()
    segment[3, 0, S.CHURNED_CUSTOMERS] = 150
    assert yearly_churn(12, 0, segment, opening) == 1.0


def test_the_first_month_loses_customers_of_the_opening():
    segment, _, opening = books()
    opening[0, S.CLOSING_CUSTOMERS] = 4
    assert yearly_churn(12, 0, segment, opening) == pytest.approx(1 - 0.75 * 0.99**11)


@pytest.mark.parametrize(
    "flows",
    [{"NEW_LOGOS": (0, 0)}, {"COGS": (20, 0)}, {"REVENUE": (0, 0)}, {"IS_OPEN": (0, 1)}],
    ids=["nobody won", "no margin", "no revenue", "closed"],
)
def test_what_is_undefined_is_not_healthy(flows):
    assert is_healthy(12, 0, LIMITS, *books())
    assert not is_healthy(12, 0, LIMITS, *books(**flows))


def test_nobody_is_healthy_before_a_year_has_passed():
    assert not is_healthy(11, 0, LIMITS, *books())


# --- runway ----------------------------------------------------------------------------------


def test_runway_is_cash_over_the_mean_burn_of_three_months_funding_apart():
    company = np.zeros((6, len(C)), np.int64)
    cash = [1000, 900, 880, 850, 1100, 1010]
    company[:, C.CASH] = cash
    company[:, C.OPENING_CASH] = [1010, *cash[:-1]]
    company[4, C.FUNDING] = 300
    assert runway_months(0, company) == 0.0
    assert runway_months(1, company) == pytest.approx(1000 / 10)
    assert runway_months(2, company) == pytest.approx(900 / 55)
    assert runway_months(6, company) == pytest.approx(1010 / ((30 + 50 + 90) / 3))


def test_who_burns_nothing_has_an_endless_runway():
    company = np.zeros((3, len(C)), np.int64)
    company[:, C.CASH] = [10, 20, 20]
    company[:, C.OPENING_CASH] = [10, 10, 20]
    assert runway_months(3, company) == np.inf


# --- opening ---------------------------------------------------------------------------------

YEAR = {"NEW_LOGOS": 2, "BOOKED_ARR": 24, "CHANNEL_SPEND": 6, "REVENUE": 20, "COGS": 5}
"""A healthy year's month of the first segment, in which nobody churns."""


def opened(months: range, hand: Hand, **flows) -> list[bool]:
    """Whether the second segment is open, in months in which the first does as ``flows`` say."""
    found = []
    for m in months:
        hand.open(m)
        found.append(bool(hand.state.open_segments[1]))
        for name, amount in (YEAR | flows).items():
            hand.post(m, S[name], amount)
        hand.post(m, S.CLOSING_CUSTOMERS, 100)
        hand.close(m)
    return found


def waiting(months: int = 24, **opens) -> Hand:
    limits = {"cac": 1, "cac_to_acv": 1, "payback_months": 12, "churn_per_year": 0.1}
    return Hand(
        scenario__months=months,
        company__cash="1M",
        segments__mid__opens=opens,
        verdicts={"smb": {"playbook": limits}},
    )


def test_a_segment_opens_after_so_many_healthy_months_in_a_row():
    found = opened(range(24), waiting(after="smb", healthy_months=3))
    assert found.index(True) == 14  # the closes of months 12, 13 and 14
    assert all(found[14:])


def test_one_bad_month_begins_the_count_anew():
    hand = waiting(after="smb", healthy_months=3)
    opened(range(13), hand)
    hand.books.segment[12, 0, S.COGS] = 1000  # a close without a margin in its year
    opened(range(13, 14), hand)
    hand.books.segment[12, 0, S.COGS] = 5
    found = opened(range(14, 24), hand)
    assert 14 + found.index(True) == 16  # the closes of months 14, 15 and 16


def test_a_segment_stays_open_though_the_other_falls_ill():
    hand = waiting(after="smb", healthy_months=1)
    assert opened(range(13), hand)[12]
    assert all(opened(range(13, 24), hand, CHURNED_CUSTOMERS=50))
    assert hand.books.segment[12:, 1, S.IS_OPEN].all()


def test_it_does_not_open_before_its_month_or_stage():
    assert opened(range(24), waiting(after="smb", healthy_months=1, month=17)).index(True) == 16
    hand = waiting(after="smb", healthy_months=1, stage="early_growth")
    assert not any(opened(range(14), hand))
    assert opened(range(14, 16), hand, CLOSING_ARR=200_000_000) == [False, True]


def test_it_opens_with_a_stage_that_lists_it_whatever_it_waits_for():
    hand = waiting(after="smb", healthy_months=1)
    listed = Hand(
        scenario__months=24,
        segments__mid__opens={"after": "smb"},
        stages__pre_pmf={"open": ["mid"]},
    )
    assert not opened(range(1), hand)[0]
    assert opened(range(1), listed)[0]


@pytest.mark.parametrize(("months", "is_open"), [(9, [0, 1, 1, 1]), (9.1, [0, 0, 0, 0])])
def test_it_opens_once_cash_lasts_long_enough_and_then_stays_open(months, is_open):
    rent = {"rent": {"function": "g_and_a", "per_month": 100}}
    hand = Hand(company__cash=1000, costs=rent, segments__mid__opens={"runway_months": months})
    hand.play(range(4))  # 900 / 100 after the first month, then less
    assert hand.books.segment[:4, 1, S.IS_OPEN].tolist() == is_open


def test_both_health_and_cash_are_waited_for():
    rent = {"rent": {"function": "g_and_a", "per_month": 100}}
    hand = waiting(after="smb", healthy_months=1, runway_months=5)
    poor = Hand(
        scenario__months=24,
        company__cash=1700,
        costs=rent,
        segments__mid__opens={"after": "smb", "healthy_months": 1, "runway_months": 5},
        verdicts={"smb": {"playbook": {"cac": 1, "payback_months": 12}}},
    )
    assert any(opened(range(14), hand))
    assert not any(opened(range(14), poor))  # 5 / 1 once the year has passed: less than 5 months


def test_a_later_stage_that_lists_it_does_not_keep_it_from_opening_before():
    hand = Hand(
        segments__mid__opens={"runway_months": 1},
        stages__mature={"open": ["mid"]},
    )
    hand.play(range(2))
    assert hand.books.segment[:2, 1, S.IS_OPEN].tolist() == [0, 1]
