"""Product spend acts on the odds of winning, over the stages of the motion together."""

import numpy as np
import pytest

from gtmsim.vocabulary import FunnelAccount
from tests.rules.hand import Hand
from tests.theory.worlds import play, world

ALL_PRODUCT = {"product": 1.0}


def by_hand(spend, **effect) -> Hand:
    stages = {"trial": {"win_rate": 0.5}, "paid": {"win_rate": 0.5}}
    return Hand(
        company__cash="1B",
        motions__m={"stages": stages},
        allocation={
            "focus": ALL_PRODUCT,
            "per_month": spend,
            "product_effect": {"reference_per_month": 100, **effect},
        },
    )


@pytest.mark.parametrize(
    ("spend", "factor"),
    [(100, 1.0), (200, 2.0), (50, 0.5), (400, 4.0), (4000, 4.0), (1, 0.25)],
)
def test_odds_follow_spend_between_a_quarter_and_four_times_the_reference(spend, factor):
    hand = by_hand(spend, win_odds_elasticity=0.6)
    hand.open(0)
    # two stages: each takes the square root
    assert hand.state.product_odds[0] == pytest.approx([factor**0.3] * 4)
    assert hand.state.product_odds[1].tolist() == [1.0] * 4
    assert hand.state.churn_multiplier.tolist() == [1.0, 1.0]


def test_churn_and_odds_have_elasticities_of_their_own():
    hand = by_hand(200, churn_elasticity=1.0, win_odds_elasticity=2.0)
    hand.open(0)
    assert hand.state.churn_multiplier == pytest.approx([0.5, 0.5])
    assert hand.state.product_odds[0] == pytest.approx([2.0] * 4)


def test_leads_that_came_before_keep_the_product_of_their_month():
    hand = by_hand({"pre_pmf": 200, "early_growth": 400}, win_odds_elasticity=2.0)
    hand.play(range(2), arr=2_000_000_00)
    assert hand.state.product_odds[0] == pytest.approx([2.0] * 4)
    assert hand.state.product_odds[1] == pytest.approx([4.0] * 4)


def test_a_motions_odds_change_by_the_whole_factor():
    """Odds of 1 a stage, doubled product spend, elasticity 2: the odds of both stages double."""
    stages = {"trial": {"win_rate": 0.5}, "paid": {"win_rate": 0.5, "days": 20}}
    tables = world(
        12,
        motions__self_service={"stages": stages},
        channels__web__organic_per_month=200,
        allocation={
            "focus": ALL_PRODUCT,
            "per_month": 200,
            "product_effect": {"reference_per_month": 100, "win_odds_elasticity": 2.0},
        },
    )
    books = play(tables, replications=20)
    won, lost = (
        books.funnel[..., account].sum((0, 1, 2))
        for account in (FunnelAccount.WON, FunnelAccount.LOST)
    )
    rate = won / (won + lost)
    assert rate == pytest.approx([2 / 3] * 2, abs=4 * np.sqrt(2 / 9 / (won + lost).min()))
