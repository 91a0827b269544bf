"""Customer success at month boundaries, by hand: health scores, reviews, account plans."""

import pytest

from gtmsim.vocabulary import CompanyAccount, SegmentAccount
from tests.rules.hand import TEAM, Hand

CSM = {"team": "csm", "accounts_per_rep": 50, "churn_overload": 2.0, "save_rate": 0.4}
EXPANSION = {"seats": {"per_year": 12, "win_rate": 1, "uplift": 0.1}}
"""One trigger a month."""
SCORE = {"sees": 0.5, "false_alarms": 0.1, "accounts_per_alarm": 2.0}


def covered(reps: int, customers: int, lost=(0, 0, 0), **csm) -> Hand:
    """Success after a month that ended with so many customers.

    Those ``lost`` churned, of them did not pay, and were saved.
    """
    hand = Hand(
        teams__csm=TEAM | {"function": "success", "reps": reps},
        segments__smb__csm=CSM | csm,
        segments__smb__expansion=EXPANSION,
    )
    hand.open(0)
    hand.post(0, SegmentAccount.CLOSING_CUSTOMERS, customers)
    churned, unpaid, saved = lost
    hand.post(0, SegmentAccount.CHURNED_CUSTOMERS, churned)
    hand.post(0, SegmentAccount.INVOLUNTARY_CHURNED_CUSTOMERS, unpaid)
    hand.post(0, SegmentAccount.SAVED_CUSTOMERS, saved)
    hand.close(0)
    hand.open(1)
    return hand


def programme(hand: Hand) -> list[int]:
    """Cost of reviews and plans per segment in the second month."""
    return hand.books.segment[1, :, SegmentAccount.SUCCESS_PROGRAMME_COST].tolist()


# --- health scores ---------------------------------------------------------------------------


def test_only_churners_that_the_score_sees_can_be_saved():
    assert covered(reps=4, customers=100, health={"sees": 0.7}).state.save_rate[0] == 0.7 * 0.4


def test_work_on_alarms_adds_to_the_load():
    hand = covered(reps=2, customers=100, lost=(5, 1, 6), health=SCORE)
    # alarms: half of the 5 - 1 + 6 churning renewals, and a tenth of 100; two accounts each
    load = (100 + 2.0 * (0.5 * 10 + 10)) / (2 * 50)
    assert load == pytest.approx(1.3)
    assert hand.state.churn_multiplier[0] == pytest.approx(1 + 2.0 * 0.3)
    assert hand.state.save_rate[0] == pytest.approx(0.5 * 0.4 / 1.3)


def test_alarms_that_take_no_time_add_nothing():
    hand = covered(reps=2, customers=100, lost=(5, 1, 6), health=SCORE | {"accounts_per_alarm": 0})
    assert hand.state.churn_multiplier[0] == 1.0
    assert hand.state.save_rate[0] == 0.5 * 0.4


def test_the_alarms_of_one_segment_burden_all_that_its_team_looks_after():
    other = {"sees": 1.0, "false_alarms": 0.2, "accounts_per_alarm": 0.5}
    hand = Hand(
        teams__csm=TEAM | {"function": "success", "reps": 2},
        segments__smb__csm=CSM | {"health": SCORE},
        segments__mid__csm=CSM | {"health": other},
    )
    hand.open(0)
    hand.post(0, SegmentAccount.CLOSING_CUSTOMERS, 60, 40)
    hand.post(0, SegmentAccount.SAVED_CUSTOMERS, 0, 10)
    hand.close(0)
    hand.open(1)
    load = (60 + 2.0 * 6 + 40 + 0.5 * (10 + 8)) / 100
    assert hand.state.churn_multiplier.tolist() == pytest.approx([1 + 2.0 * (load - 1)] * 2)
    assert hand.state.save_rate.tolist() == pytest.approx([0.5 * 0.4 / load, 0.4 / load])


# --- reviews and plans -----------------------------------------------------------------------

REVIEWS = {"per_year": 6, "cost": 10, "accounts_per_review": 0.5, "churn": 0.8}
"""A quarter of an account's time for each account, and 5 a month."""
PLANS = {"cost_per_year": 24, "accounts_per_plan": 0.5, "expansion": 1.5}


def test_reviews_held_in_full_lower_churn_by_their_factor_and_cost_what_they_cost():
    hand = covered(reps=4, customers=100, reviews=REVIEWS)
    assert hand.state.churn_multiplier.tolist() == [0.8, 1.0]
    assert programme(hand) == [500_00, 0]


def test_plans_kept_in_full_raise_expansion_by_their_factor_and_cost_what_they_cost():
    hand = covered(reps=4, customers=100, account_plans=PLANS)
    assert hand.state.rate.tolist() == [1.5]
    assert hand.state.churn_multiplier[0] == 1.0
    assert programme(hand) == [200_00, 0]


def test_reviews_and_plans_are_held_for_the_part_that_time_is_left_for():
    hand = covered(reps=3, customers=100, reviews=REVIEWS, account_plans=PLANS)
    held = (3 - 2) / (2 * (0.25 + 0.5))  # reps left over reps needed
    assert hand.state.churn_multiplier[0] == pytest.approx(1 - held * 0.2)
    assert hand.state.rate[0] == pytest.approx(1 + held * 0.5)
    assert programme(hand)[0] == round(100 * held * (5_00 + 2_00))


def test_alarms_go_before_reviews():
    hand = covered(reps=3, customers=120, health=SCORE, reviews=REVIEWS)
    alarms = 2.0 * 12 / 50
    held = (3 - 2.4 - alarms) / (2.4 * 0.25)
    assert hand.state.churn_multiplier[0] == pytest.approx(1 - held * 0.2)


def test_a_team_that_is_overloaded_holds_no_reviews():
    hand = covered(reps=1, customers=100, reviews=REVIEWS, account_plans=PLANS)
    assert hand.state.churn_multiplier[0] == 1 + 2.0
    assert hand.state.rate[0] == 1 / (1 + 1.0)
    assert programme(hand) == [0, 0]


def test_reviews_that_take_no_time_are_held_by_a_team_that_keeps_up_and_by_nobody_else():
    quick = REVIEWS | {"accounts_per_review": 0}
    assert covered(reps=2, customers=100, reviews=quick).state.churn_multiplier[0] == 0.8
    assert covered(reps=2, customers=101, reviews=quick).state.churn_multiplier[0] > 1.0
    alone = covered(reps=0, customers=1, reviews=quick)
    assert alone.state.churn_multiplier[0] == 1 + 2.0 * 9
    assert programme(alone) == [0, 0]


@pytest.mark.parametrize(("larger", "held"), [(25, 1.0), (40, (3 - 2.6) / (0.25 + 1.6 * 0.5))])
def test_segments_of_one_team_hold_the_same_part_of_their_reviews_and_plans(larger, held):
    hand = Hand(
        teams__csm=TEAM | {"function": "success", "reps": 3},
        segments__smb__csm=CSM | {"reviews": REVIEWS},
        segments__mid__csm=CSM | {"accounts_per_rep": 25, "account_plans": PLANS},
        segments__mid__expansion=EXPANSION,
    )
    hand.open(0)
    hand.post(0, SegmentAccount.CLOSING_CUSTOMERS, 50, larger)
    hand.close(0)
    hand.open(1)
    assert hand.state.churn_multiplier.tolist() == pytest.approx([1 - held * 0.2, 1.0])
    assert hand.state.rate.tolist() == pytest.approx([1 + held * 0.5])
    assert programme(hand) == [round(50 * held * 5_00), round(larger * held * 2_00)]


def test_each_team_has_time_of_its_own():
    teams = {name: TEAM | {"function": "success", "reps": 2} for name in ("csm", "other")}
    hand = Hand(
        teams=teams,
        segments__smb__csm=CSM | {"reviews": REVIEWS},
        segments__mid__csm=CSM | {"team": "other", "reviews": REVIEWS},
    )
    hand.open(0)
    hand.post(0, SegmentAccount.CLOSING_CUSTOMERS, 60, 90)
    hand.close(0)
    hand.open(1)
    held = (2 - 1.8) / (1.8 * 0.25)
    assert hand.state.churn_multiplier.tolist() == pytest.approx([0.8, 1 - held * 0.2])


def test_reviews_and_plans_are_paid_in_cash():
    hand = covered(reps=4, customers=100, reviews=REVIEWS, account_plans=PLANS)
    hand.close(1)
    cash = hand.company(CompanyAccount.CASH)
    assert cash[0] - cash[1] == 700_00
