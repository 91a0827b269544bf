"""Changes of list prices."""

from gtmsim.plan.leaves import Node
from gtmsim.plan.lowering.tables import (
    IntRow,
    NumberRow,
    flag_table,
    int_table,
    write_rows,
)
from gtmsim.plan.names import Names
from gtmsim.plan.structure import Flags, Ints, PriceFloat, PriceInt, Values
from gtmsim.scenario.models import Scenario


def price_table(scenario: Scenario, names: Names) -> Ints:
    """Whole numbers of the price changes, shape (Z, PriceInt)."""
    changes = [scenario.price_changes[name] for name in names.price_changes]
    rows: list[IntRow[PriceInt]] = [
        {PriceInt.MONTH: change.month - 1, PriceInt.RENEWALS: int(change.renewals)}
        for change in changes
    ]
    return int_table(PriceInt, rows)


def price_segments_table(scenario: Scenario, names: Names) -> Flags:
    """Segments whose prices change, shape (Z, S)."""
    changes = [scenario.price_changes[name] for name in names.price_changes]
    said = [names.segments if one.segments is None else one.segments for one in changes]
    return flag_table(
        len(names.segments), [[segment in row for segment in names.segments] for row in said]
    )


def write_prices(root: Node, names: Names, out: Values) -> None:
    """Write the numbers of the price changes."""
    changes = [root.at("price_changes", name) for name in names.price_changes]
    write_rows(out.price, PriceFloat, [_numbers(change) for change in changes])


def _numbers(change: Node) -> NumberRow[PriceFloat]:
    return {
        PriceFloat.FACTOR: 1.0 + change.number("change"),
        PriceFloat.WIN_ODDS_ELASTICITY: change.number("win_odds_elasticity"),
        PriceFloat.CHURN_ELASTICITY: change.number("churn_elasticity"),
    }
