"""Shares of a contract menu at its terms, from those at the reference terms: worked out by hand."""

from math import exp
from typing import Any

import numpy as np
import pytest

from gtmsim.plan import compile_plan, draw_inputs, fill_values
from gtmsim.plan.structure import ContractFloat
from tests.plan.scenarios import SMALLEST, changed


def offer(share: Any, **terms: Any) -> dict[str, Any]:
    return {"share": share, "term_months": 12, **terms}


def shares(choice: dict[str, Any] | None, *offers: dict[str, Any]) -> list[float]:
    """Shares of a menu in the engines' table, the first draw's."""
    contracts = {f"offer_{n}": terms for n, terms in enumerate(offers)}
    said = {"segments__smb__contracts": contracts}
    if choice is not None:
        said["segments__smb__contract_choice"] = choice
    plan = compile_plan(changed(SMALLEST, **said))
    (values,) = fill_values(plan, draw_inputs(plan, 1, range(1)))
    column: list[float] = values.contract[:, ContractFloat.SHARE].tolist()
    return column


BOTH = {"discount_elasticity": 2.0, "payment_days_sensitivity": 0.5}


def test_at_the_reference_terms_the_shares_are_those_stated() -> None:
    found = shares(
        BOTH,
        offer(0.7, discount=0.2, reference_discount=0.2),
        offer(0.3, payment_days=45.0, reference_payment_days=45.0),
    )
    assert found == pytest.approx([0.7, 0.3], rel=1e-15)


def test_terms_without_a_reference_move_nothing() -> None:
    assert shares(BOTH, offer(0.7, discount=0.5), offer(0.3, payment_days=90.0)) == pytest.approx(
        [0.7, 0.3], rel=1e-15
    )


def test_reference_terms_without_a_choice_leave_the_shares_to_the_bit() -> None:
    said = [offer(0.1, discount=0.5, reference_discount=0.1), offer(0.2), offer(0.7)]
    assert shares(None, *said) == [0.1, 0.2, 0.7]  # their sum in floats is not 1


def test_a_deeper_discount_draws_buyers_by_the_elasticity_of_price() -> None:
    found = shares(
        {"discount_elasticity": 2.0}, offer(0.5), offer(0.5, discount=0.4, reference_discount=0.2)
    )
    weight = (0.6 / 0.8) ** -2  # 16 / 9
    assert found == pytest.approx([1 / (1 + weight), weight / (1 + weight)])


def test_thirty_days_more_to_pay_draw_buyers_by_the_sensitivity() -> None:
    found = shares(
        {"payment_days_sensitivity": 0.5},
        offer(0.5),
        offer(0.5, payment_days=60.0, reference_payment_days=30.0),
    )
    assert found == pytest.approx([1 / (1 + exp(0.5)), exp(0.5) / (1 + exp(0.5))])


def test_a_discount_taken_back_drives_buyers_away() -> None:
    weight = (0.8 / 1.0) ** 2
    found = shares({"discount_elasticity": 2.0}, offer(0.5), offer(0.5, reference_discount=0.2))
    assert found == pytest.approx([1 / (1 + weight), weight / (1 + weight)])


def test_the_share_rises_with_the_discount_and_with_the_days_to_pay() -> None:
    by_discount = [
        shares(BOTH, offer(0.6), offer(0.4, discount=d, reference_discount=0.1))[1]
        for d in np.linspace(0.0, 1.0, 11)
    ]
    by_days = [
        shares(BOTH, offer(0.6), offer(0.4, payment_days=d, reference_payment_days=30.0))[1]
        for d in np.linspace(0.0, 180.0, 7)
    ]
    assert (np.diff(by_discount) > 0.0).all()
    assert (np.diff(by_days) > 0.0).all()


def test_a_contract_without_a_share_stays_without_one() -> None:
    found = shares(BOTH, offer(1.0), offer(0.0, discount=0.9, reference_discount=0.0))
    assert found == [1.0, 0.0]


def test_the_largest_elasticities_give_everybody_one_contract() -> None:
    extreme = {"discount_elasticity": 1e6, "payment_days_sensitivity": 1e6}
    free = offer(0.1, discount=1.0, reference_discount=0.0)
    later = offer(0.9, payment_days=0.0, reference_payment_days=3650.0)
    assert shares(extreme, later, free) == [0.0, 1.0]


def test_uncertain_elasticities_move_shares_that_sum_to_1_in_every_draw() -> None:
    contracts = {
        "plain": offer({"p10": 0.4, "p90": 0.6}),
        "prepaid": offer(0.5, discount=0.3, reference_discount=0.1),
    }
    choice = {"discount_elasticity": {"p10": 0.5, "p90": 3.0}}
    plan = compile_plan(
        changed(SMALLEST, segments__smb__contracts=contracts, segments__smb__contract_choice=choice)
    )
    inputs = draw_inputs(plan, 1, range(20))
    paths = [given.path for given in plan.inputs]
    share = inputs[:, paths.index("segments.smb.contracts.plain.share")]
    elasticity = inputs[:, paths.index("segments.smb.contract_choice.discount_elasticity")]
    weight = 0.5 * (0.7 / 0.9) ** -elasticity
    for n, values in enumerate(fill_values(plan, inputs)):
        found = values.contract[:, ContractFloat.SHARE]
        expected = np.array([share[n], weight[n]]) / (share[n] + weight[n])
        np.testing.assert_allclose(found, expected)
