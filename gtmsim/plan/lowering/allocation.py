"""The allocation of a total budget."""

from collections.abc import Mapping

import numpy as np

from gtmsim.plan.distributions import Number, as_shares
from gtmsim.plan.leaves import Node
from gtmsim.plan.lowering.tables import NumberRow, write_rows
from gtmsim.plan.names import Names
from gtmsim.plan.structure import AllocationFloat, Values

_PARTS = (
    AllocationFloat.PRODUCT,
    AllocationFloat.MARKETING,
    AllocationFloat.SALES_AND_SUCCESS,
    AllocationFloat.SUPPORT,
)


def write_allocation(root: Node, names: Names, out: Values) -> None:
    """Write the total and its parts for every company stage; zeros without an allocation."""
    if not root.has("allocation"):
        return
    node = root.at("allocation")
    columns = _totals(node, names) | _shares(node.at("focus"), names)
    rows: list[NumberRow[AllocationFloat]] = [
        {column: numbers[g] for column, numbers in columns.items()}
        for g in range(len(names.stages))
    ]
    write_rows(out.allocation, AllocationFloat, rows)


def _totals(node: Node, names: Names) -> dict[AllocationFloat, list[Number]]:
    nothing: list[Number] = [0.0] * len(names.stages)
    is_limited_only = not node.has("per_month") and not node.has("share_of_arr")
    amounts: list[Number] = [np.inf] * len(names.stages) if is_limited_only else nothing
    shares = nothing
    if node.has("per_month"):
        amounts = node.money_by_stage("per_month", names.stages)
    if node.has("share_of_arr"):
        shares = [share / 12.0 for share in node.by_stage("share_of_arr", names.stages)]
    return {AllocationFloat.PER_MONTH: amounts, AllocationFloat.SHARE_OF_ARR: shares}


def _shares(focus: Node, names: Names) -> dict[AllocationFloat, list[Number]]:
    """Shares of the parts by stage; drawn ones are made to sum to 1 in each draw."""
    keys = {column: column.name.lower() for column in _PARTS}
    parts = {column: focus.by_stage(key, names.stages) for column, key in keys.items()}
    if not any(_differs(focus, key) for key in keys.values()):
        return parts
    by_stage = [as_shares(shares) for shares in zip(*parts.values(), strict=True)]
    return {
        column: list(shares)
        for column, shares in zip(parts, zip(*by_stage, strict=True), strict=True)
    }


def _differs(focus: Node, key: str) -> bool:
    """Whether draws differ in a share of any stage."""
    share = getattr(focus.model, key)
    if isinstance(share, Mapping):
        return any(focus.at(key).is_input(stage) for stage in share)
    return focus.is_input(key)
