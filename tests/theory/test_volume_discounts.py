"""Larger deals get more discount, and choose the contract that gives it."""

import numpy as np
import pytest

from gtmsim.vocabulary import EventKind
from gtmsim.vocabulary import SegmentAccount as S
from tests.theory.worlds import changed, follow, market, play, world

STEPS = [{"from_acv": 500, "discount": 0.1}, {"from_acv": 1500, "discount": 0.3}]
PRICES = {"family": "uniform", "low": 0, "high": 2000}


def contract(share: float = 1.0, **terms) -> dict:
    return {"share": share, "term_months": 12, **terms}


def company(contracts: dict, **changes) -> dict:
    tables = world(
        26,
        segments__smb__acv=PRICES,
        segments__smb__contracts=contracts,
        channels__web__organic_per_month=60,
    )
    return changed(tables, **changes)


def kept(acv: int) -> float:
    """Part of the list price: a fifth off, then what volume takes off the rest."""
    volume = 0.3 if acv >= 1500_00 else 0.1 if acv >= 500_00 else 0.0
    return 0.8 * (1 - volume)


def test_each_deal_pays_what_its_step_leaves_and_goes_on_paying_it():
    tables = company({"annual": contract(discount=0.2, volume_discounts=STEPS)})
    _, ledger = follow(tables)
    of = {kind: ledger[ledger["kind"] == kind] for kind in EventKind}
    acv = dict(
        zip(
            of[EventKind.OPPORTUNITY]["entity"].tolist(),
            of[EventKind.OPPORTUNITY]["amount"].tolist(),
            strict=True,
        )
    )
    for kind in (EventKind.WON, EventKind.RENEWED):
        events = of[kind]
        paid = events["amount"].tolist()
        wanted = [
            max(1, int(np.floor(acv[entity] * kept(acv[entity]) + 0.5)))
            for entity in events["entity"].tolist()
        ]
        assert paid == pytest.approx(wanted, abs=1)  # the product is rounded in another order
        assert len(set(map(kept, map(acv.__getitem__, events["entity"].tolist())))) == 3


def test_a_deal_on_the_threshold_has_reached_it():
    tables = company({"annual": contract(volume_discounts=STEPS)}, segments__smb__acv=500)
    books = play(tables, replications=1)
    row = books.segment[0, 0].sum((0, 1))
    assert row[S.BOOKED_ARR] == 450_00 * row[S.NEW_LOGOS]


def test_opening_customers_pay_by_their_step_too():
    tables = company(
        {"annual": contract(volume_discounts=STEPS)},
        company__opening={"customers": {"smb": {"count": 7, "acv": 1500}}},
    )
    assert play(tables, replications=1).opening[0, 0, 0, S.CLOSING_ARR] == 7 * 1050_00


def test_buyers_move_to_the_volume_discount_by_the_elasticity():
    """Half the price from 1000 on, elasticity 2: four times as many as of the other contract."""
    menu = {
        "plain": contract(0.5),
        "volume": contract(0.5, volume_discounts=[{"from_acv": 1000, "discount": 0.5}]),
    }
    choice = {"discount_elasticity": 2.0}
    _, ledger = follow(
        company(menu, segments__smb__contract_choice=choice, channels__web__organic_per_month=600)
    )
    opened = ledger[ledger["kind"] == EventKind.OPPORTUNITY]
    acv = dict(zip(opened["entity"].tolist(), opened["amount"].tolist(), strict=True))
    won = ledger[ledger["kind"] == EventKind.WON]
    large = np.array([acv[entity] >= 1000_00 for entity in won["entity"].tolist()])
    chosen = won["detail"] == 1
    for of, share in ((large, 0.8), (~large, 0.5)):
        n = of.sum()
        assert n > 1000
        assert chosen[of].mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / n))


def test_shares_stay_where_nobody_chooses_by_price():
    menu = {"plain": contract(0.5), "volume": contract(0.5, volume_discounts=STEPS)}
    _, ledger = follow(company(menu))
    menu["volume"]["volume_discounts"] = []
    _, before = follow(company(menu))
    chosen, chosen_before = (
        entries[entries["kind"] == EventKind.WON]["detail"] for entries in (ledger, before)
    )
    np.testing.assert_array_equal(chosen, chosen_before)


def test_a_potential_is_worth_what_the_deals_price_leaves():
    """First deals are the whole potential: what they may grow to is what they pay."""
    menu = {"annual": contract(discount=0.2, volume_discounts=STEPS, uplift=0.2)}
    tables = market(26, segments__smb__potential_share=1.0, segments__smb__contracts=menu)
    tables["buyers"]["potential"] = {"median": 1200, "p90": 4000}
    books = play(tables, replications=4)
    renewals, uplift = (
        books.segment[..., 0, account].sum() for account in (S.RENEWALS_DUE, S.UPLIFT_ARR)
    )
    assert uplift <= renewals  # a cent each: the potential is not rounded to a list price before
    assert renewals > 0
