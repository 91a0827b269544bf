"""Contract menus, how buyers choose from them, and expansion playbooks."""

from collections.abc import Sequence

import numpy as np

from gtmsim.plan.distributions import Number, as_shares
from gtmsim.plan.leaves import Node
from gtmsim.plan.lowering.rows import DistRow, DistRows, days
from gtmsim.plan.lowering.tables import IntRow, NumberRow, int_table, write_rows
from gtmsim.plan.names import Names, SegmentPart, row_of
from gtmsim.plan.structure import (
    ContractFloat,
    ContractInt,
    Ints,
    PlaybookFloat,
    PlaybookInt,
    Values,
    VolumeFloat,
)
from gtmsim.scenario.models import Scenario

BILLING_MONTHS = {"monthly": 1, "quarterly": 3, "half_yearly": 6, "annual": 12}
"""Months of a billing period; ``upfront`` is the term itself."""

_LARGEST_LOG = 600.0
"""Of what a volume discount multiplies a share by: no elasticity overflows."""


def playbook_distributions(scenario: Scenario, part: SegmentPart) -> dict[PlaybookInt, DistRow]:
    """Distributions of a playbook by the column that refers to them."""
    playbook = scenario.segments[part.segment].expansion[part.name]
    at = ("segments", part.segment, "expansion", part.name)
    rows = {
        PlaybookInt.UPLIFT_DIST: DistRow((*at, "uplift")),
        PlaybookInt.DURATION_DIST: days(*at, "days"),
    }
    if playbook.patience_days is not None:
        rows[PlaybookInt.PATIENCE_DIST] = days(*at, "patience_days")
    return rows


def contract_table(scenario: Scenario, names: Names) -> Ints:
    """Whole numbers of the contracts, shape (K, ContractInt)."""
    return int_table(
        ContractInt, [_contract_row(scenario, names, part) for part in names.contracts]
    )


def playbook_table(scenario: Scenario, names: Names, dists: DistRows) -> Ints:
    """Whole numbers of the playbooks, shape (P, PlaybookInt)."""
    return int_table(
        PlaybookInt, [_playbook_row(scenario, names, dists, part) for part in names.playbooks]
    )


def write_contracts(root: Node, names: Names, out: Values) -> None:
    """Write the numbers of the contracts and of the playbooks."""
    segments = [root.at("segments", segment) for segment in names.segments]
    rows = [row for segment in segments for row in _menu_numbers(segment)]
    write_rows(out.contract, ContractFloat, rows)
    out.volume[..., VolumeFloat.FROM_ACV] = np.inf
    for row, part in enumerate(names.contracts):
        steps = _volume_numbers(root.at("segments", part.segment), part.name)
        write_rows(out.volume[:, row], VolumeFloat, steps)
    playbooks = [
        root.at("segments", part.segment, "expansion", part.name) for part in names.playbooks
    ]
    write_rows(out.playbook, PlaybookFloat, [_playbook_numbers(node) for node in playbooks])


def _contract_row(scenario: Scenario, names: Names, part: SegmentPart) -> IntRow[ContractInt]:
    contract = scenario.segments[part.segment].contracts[part.name]
    return {
        ContractInt.SEGMENT: names.segments.index(part.segment),
        ContractInt.TERM: contract.term_months,
        ContractInt.BILLING: BILLING_MONTHS.get(contract.billing, contract.term_months),
        ContractInt.IN_ARREARS: int(contract.in_arrears),
        ContractInt.STARTS_AT_SIGNATURE: int(contract.service_starts == "signature"),
        ContractInt.VOLUME_STEPS: len(contract.volume_discounts),
    }


def _playbook_row(
    scenario: Scenario, names: Names, dists: DistRows, part: SegmentPart
) -> IntRow[PlaybookInt]:
    playbook = scenario.segments[part.segment].expansion[part.name]
    return dists.columns(PlaybookInt, playbook_distributions(scenario, part)) | {
        PlaybookInt.SEGMENT: names.segments.index(part.segment),
        PlaybookInt.TEAM: row_of(names.teams, playbook.team),
    }


def _menu_numbers(segment: Node) -> list[NumberRow[ContractFloat]]:
    menu = segment.at("contracts")
    shares = menu.shares([(name, "share") for name in menu.model])
    if segment.has("contract_choice"):
        offers = [contract for _, contract in menu.items()]
        shares = _chosen(segment.at("contract_choice"), offers, shares)
    return [
        _contract_numbers(contract, share)
        for (_, contract), share in zip(menu.items(), shares, strict=True)
    ]


def _chosen(choice: Node, offers: Sequence[Node], shares: Sequence[Number]) -> list[Number]:
    """Shares of a menu at its terms, from those at the reference terms.

    Logarithms of the weights are taken from the largest one, so that no sensitivity overflows.
    """
    by_price, by_days = (
        choice.number(key) for key in ("discount_elasticity", "payment_days_sensitivity")
    )
    with np.errstate(divide="ignore"):  # a contract without a share stays without one
        logs = [
            np.log(share) - by_price * _price_log(offer) + by_days * _days_longer(offer) / 30.0
            for offer, share in zip(offers, shares, strict=True)
        ]
    largest = np.maximum(np.maximum.reduce(np.broadcast_arrays(*logs)), np.finfo(np.float64).min)
    weights = [np.exp(log - largest) for log in logs]
    return as_shares(weights)


def _price_log(offer: Node) -> Number:
    """Logarithm of a contract's price over its price at the reference discount."""
    if not offer.has("reference_discount"):
        return 0.0
    return _log_kept(offer.number("discount")) - _log_kept(offer.number("reference_discount"))


def _log_kept(discount: Number) -> Number:
    return np.log(np.maximum(1.0 - discount, np.finfo(np.float64).tiny))


def _days_longer(offer: Node) -> Number:
    """Days that a contract's payment comes later than at the reference terms."""
    if not offer.has("reference_payment_days"):
        return 0.0
    return offer.number("payment_days") - offer.number("reference_payment_days")


def _contract_numbers(contract: Node, share: Number) -> NumberRow[ContractFloat]:
    return {
        ContractFloat.SHARE: share,
        ContractFloat.PAYMENT_MONTHS: contract.months("payment_days"),
        ContractFloat.DISCOUNT: contract.number("discount"),
        ContractFloat.UPLIFT: contract.number("uplift"),
    }


def _volume_numbers(segment: Node, contract: str) -> list[NumberRow[VolumeFloat]]:
    """Read the steps of a contract's volume discounts."""
    if not segment.at("contracts", contract).model.volume_discounts:
        return []
    elasticity = segment.number_in("contract_choice", "discount_elasticity")
    steps = segment.at("contracts", contract, "volume_discounts")
    return [_volume_step(steps.at(n), elasticity) for n in range(len(steps.model))]


def _volume_step(step: Node, elasticity: Number) -> NumberRow[VolumeFloat]:
    discount = step.number("discount")
    pull = np.exp(np.minimum(-elasticity * _log_kept(discount), _LARGEST_LOG))
    return {
        VolumeFloat.FROM_ACV: step.money("from_acv"),
        VolumeFloat.KEPT: 1.0 - discount,
        VolumeFloat.PULL: pull,
    }


def _playbook_numbers(playbook: Node) -> NumberRow[PlaybookFloat]:
    return {
        PlaybookFloat.RATE: playbook.number("per_year") / 12.0,
        PlaybookFloat.WIN_RATE: playbook.number("win_rate"),
        PlaybookFloat.COST: playbook.money("cost"),
    }
