"""The allocation of a total budget at month boundaries, by hand."""

import numpy as np
import pytest

from gtmsim.plan.structure import AllocationFloat
from gtmsim.rules.allocation import allocated_total, product_factor
from gtmsim.vocabulary import CompanyAccount, SegmentAccount, TeamAccount
from tests.rules.hand import TEAM, Hand

S, C, T = SegmentAccount, CompanyAccount, TeamAccount
FOCUS = {"product": 0.4, "marketing": 0.3, "sales_and_success": 0.2, "support": 0.1}
SPEND = {"budget": "marketing", "share": 0.5}
SELLER = TEAM | {"base_per_year": 1200}
"""100 a month."""


def allocated(hires=None, cash="1M", **allocation) -> Hand:
    """A company with an allocation, of whose marketing part one channel spends half."""
    teams = {} if hires is None else {"ae": SELLER | {"hires": hires}}
    return Hand(
        company__cash=cash,
        channels__web__spend=SPEND,
        teams=teams,
        allocation={"focus": FOCUS, **allocation},
    )


def spent(hand: Hand, m: int) -> list[int]:
    """Product, channels and support of a month, whole currency."""
    channels = int(hand.books.segment[m, :, S.CHANNEL_SPEND].sum())
    row = hand.books.company[m]
    return [int(row[C.PRODUCT_COST]) // 100, channels // 100, int(row[C.SUPPORT_COST]) // 100]


# --- the total and its parts -----------------------------------------------------------------


def test_product_and_support_are_spent_and_channels_spend_their_share_of_marketing():
    hand = allocated(per_month=1000)
    hand.play(range(2))
    assert [spent(hand, m) for m in range(2)] == [[400, 150, 100]] * 2
    assert hand.company(C.CASH)[1] == 1_000_000_00 - 2 * 650_00


def test_parts_come_on_top_of_running_costs():
    costs = {"team": {"function": "product", "per_month": 70}}
    hand = Hand(company__cash="1M", costs=costs, allocation={"focus": FOCUS, "per_month": 1000})
    hand.play(range(1))
    assert spent(hand, 0) == [470, 0, 100]


def test_the_total_follows_arr():
    hand = allocated(per_month=100, share_of_arr=0.12)
    hand.play(range(2), arr=100_000_00)
    assert spent(hand, 0) == [40, 15, 10]
    assert spent(hand, 1) == [440, 165, 110]  # a hundredth of ARR a month more


def test_total_and_parts_follow_the_policys_stage():
    focus = FOCUS | {
        "product": {"pre_pmf": 0.6, "early_growth": 0.2},
        "marketing": {"pre_pmf": 0.1, "early_growth": 0.5},
    }
    per_month = {"pre_pmf": 1000, "early_growth": 2000}
    hand = allocated(per_month=per_month, focus=focus)
    hand.play(range(2), arr=2_000_000_00)
    assert spent(hand, 0) == [600, 50, 100]
    assert spent(hand, 1) == [400, 500, 200]


def test_a_low_cash_policy_cuts_what_channels_spend_of_their_part():
    hand = Hand(
        company__cash=1000,
        company__floor={"cash_below": 5000, "spend_cut": 0.5},
        channels__web__spend=SPEND,
        allocation={"focus": FOCUS, "per_month": 100},
    )
    hand.play(range(2))
    assert [spent(hand, m) for m in range(2)] == [[40, 15, 10], [40, 7, 10]]


# --- the burn limit --------------------------------------------------------------------------


def numbers(per_month: float, share: float = 0.0) -> np.ndarray:
    row = np.zeros(len(AllocationFloat))
    row[AllocationFloat.PER_MONTH], row[AllocationFloat.SHARE_OF_ARR] = per_month, share
    return row


def month(burn: int, funding: int = 0) -> np.ndarray:
    company = np.zeros((1, len(C)), np.int64)
    company[0, C.OPENING_CASH] = 5000
    company[0, C.FUNDING] = funding
    company[0, C.CASH] = 5000 + funding - burn
    return company


@pytest.mark.parametrize(
    ("burn", "total"),
    [(150, 1000), (300, 900), (1300, 0), (-400, 1000)],
    ids=["within", "above: less by the excess", "far above: nothing", "makes cash"],
)
def test_the_total_would_have_kept_last_months_burn_within_the_limit(burn, total):
    found = allocated_total(1, 0, numbers(1000), 200.0, 1000.0, month(burn))
    assert found == total


def test_funding_is_no_income():
    assert allocated_total(1, 0, numbers(1000), 200.0, 1000.0, month(300, funding=9000)) == 900


def test_a_limit_alone_gives_all_that_it_leaves():
    assert allocated_total(1, 0, numbers(np.inf), 200.0, 1000.0, month(-400)) == 1600


def test_in_the_first_month_the_rest_is_the_revenue_of_the_opening_arr():
    assert allocated_total(0, 1200, numbers(np.inf), 50.0, 0.0, month(0)) == 150
    assert allocated_total(0, 1200, numbers(0, 0.1), 50.0, 0.0, month(0)) == 120


def test_burn_settles_at_the_limit():
    rent = {"rent": {"function": "g_and_a", "per_month": 300}}
    hand = Hand(
        company__cash="1M",
        costs=rent,
        channels__web__spend=SPEND,
        teams={"ae": SELLER | {"reps": 1}},
        allocation={"focus": FOCUS, "burn_limit_per_month": 1000, "teams": ["ae"]},
    )
    hand.play(range(1))
    assert spent(hand, 0) == [400, 150, 100]
    burnt = 400 + 150 + 100 + 100 + 300
    total = 1000 - burnt + (400 + 150 + 100 + 100)  # 700: what the rent leaves
    hand.play(range(1, 3))
    for m in (1, 2):
        assert spent(hand, m) == [round(total * 0.4), round(total * 0.15), round(total * 0.1)]


# --- teams -----------------------------------------------------------------------------------


def test_hires_that_the_part_does_not_pay_for_wait_until_it_does():
    per_month = {"pre_pmf": 1000, "early_growth": 2000}  # pays for 2, then for 4
    hand = allocated([{"month": 2, "n": 3}], teams=["ae"], per_month=per_month)
    hand.play(range(3))
    hand.play(range(3, 6), arr=2_000_000_00)
    assert hand.team(T.HIRED)[:6] == [0, 2, 0, 0, 1, 0]
    assert hand.team(T.HEADCOUNT)[:6] == [0, 2, 2, 2, 3, 3]


def test_opening_reps_count_and_are_kept_though_they_cost_more():
    hand = Hand(
        company__cash="1M",
        teams={
            "ae": SELLER | {"reps": 3, "hires": [{"month": 1, "n": 1}]},
            "free": SELLER | {"reps": 3, "hires": [{"month": 1, "n": 1}]},
        },
        allocation={"focus": FOCUS, "per_month": 1000, "teams": ["ae"]},
    )
    hand.play(range(3))
    assert hand.books.team[:3, :, T.HEADCOUNT].tolist() == [[3, 4]] * 3


def test_a_leaver_makes_room_at_once():
    hand = Hand(
        company__cash="1M",
        teams={
            "ae": SELLER
            | {
                "reps": 2,
                "leaves_per_year": 1e-9,
                "hires": [{"month": 3, "n": 1}],
                "replaces": False,
            }
        },
        allocation={"focus": FOCUS, "per_month": 1000, "teams": ["ae"]},
    )
    hand.play(range(4))
    assert hand.team(T.HIRED)[:4] == [0, 0, 0, 0]
    hand.state.seat_leaves[0, 1] = 3.5
    hand.play(range(4, 5))
    assert hand.team(T.LEFT)[4] == hand.team(T.HIRED)[4] == 1


def test_teams_share_the_part_in_the_order_of_the_file_and_others_are_free():
    hires = [{"month": 2, "n": 2}]
    hand = Hand(
        company__cash="1M",
        teams={
            "free": SELLER | {"reps": 5, "hires": hires},
            "ae": SELLER | {"hires": hires},
            "csm": SELLER | {"function": "success", "hires": hires},
        },
        allocation={"focus": FOCUS, "per_month": 1500, "teams": ["csm", "ae"]},
    )
    hand.play(range(3))
    assert hand.books.team[1, :, T.HIRED].tolist() == [2, 2, 1]
    assert hand.state.waiting_hires.tolist() == [0, 0, 1]


def test_rules_order_nobody_while_hires_wait():
    busy = {"utilisation_above": 0.5, "for_months": 1, "n": 1}
    team = SELLER | {"reps": 2, "open_deals": 1, "lead_time_months": 0, "hiring": busy}
    hand = Hand(
        company__cash="1M",
        teams={"ae": team},
        allocation={
            "focus": FOCUS,
            "per_month": {"pre_pmf": 1000, "early_growth": 9000},
            "teams": ["ae"],
        },
    )
    for m in range(6):
        hand.open(m)
        hand.post(m, S.CLOSING_ARR, 2_000_000_00 if m >= 4 else 0)
        hand.books.team[m, 0, T.WORKED_TICKS] = 1 << 30
        hand.close(m)
    # one waits from month 2 on, and starts alone once there is money
    assert hand.team(T.HIRED)[:6] == [0, 0, 0, 0, 0, 1]


# --- product spend ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spend", "factor"),
    [(100, 1.0), (200, 2**-0.5), (50, 2**0.5), (1000, 4**-0.5), (0, 4**0.5)],
)
def test_product_spend_lowers_churn_by_its_elasticity_within_bounds(spend, factor):
    assert product_factor(spend, 100.0, 0.5) == pytest.approx(factor)


def test_without_an_elasticity_product_spend_does_nothing_to_the_bit():
    assert product_factor(0.0, 1.0, 0.0) == 1.0


def test_the_factor_meets_every_segment_beside_its_csms():
    effect = {"reference_per_month": 100, "churn_elasticity": 1.0}
    hand = Hand(
        company__cash="1M",
        teams__csm=TEAM | {"function": "success", "reps": 1},
        segments__smb__csm={"team": "csm", "accounts_per_rep": 1, "churn_overload": 2.0},
        allocation={"focus": FOCUS, "per_month": 500, "product_effect": effect},
    )
    hand.play(range(1), customers=2)  # load 2
    hand.open(1)
    assert hand.state.churn_multiplier.tolist() == pytest.approx([3.0 / 2, 1.0 / 2])
