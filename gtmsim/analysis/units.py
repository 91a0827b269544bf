"""What a number counts: money, a share, months."""

from enum import StrEnum

import xarray as xr

from gtmsim.expressions.names import ALIASES, FLAGS
from gtmsim.expressions.tree import (
    Arithmetic,
    Difference,
    Measure,
    Negative,
    Number,
    Quantity,
    Reduction,
)
from gtmsim.metrics.odds import MONTHLY, by_month


class Unit(StrEnum):
    """What a figure counts."""

    MONEY = "money"
    COUNT = "count"
    SHARE = "share"
    MULTIPLE = "multiple"
    MONTHS = "months"
    DAYS = "days"
    MONTH = "month"
    """A month's number; infinite is never."""
    POINTS = "share_difference"
    """Difference of two shares, as a share; people read points of percentage."""


_MULTIPLES = frozenset(
    {
        "quick_ratio",
        "cac_ratio",
        "cac_to_acv",
        "blended_cac_ratio",
        "ltv_to_cac",
        "magic_number",
        "burn_multiple",
        "pipeline_coverage",
        "needed_coverage",
    }
)
_OF_THE_PATH = {
    "cash_min": Unit.MONEY,
    "survives": Unit.SHARE,
    "month_out_of_cash": Unit.MONTH,
    "month_of_stage": Unit.MONTH,
}
_IN_A_STAGE = {"cac": Unit.MONEY, "net_burn": Unit.MONEY, "nrr": Unit.SHARE}


def unit_of_difference(unit: Unit) -> Unit:
    """Tell what a difference of two figures of a unit counts."""
    return Unit.POINTS if unit == Unit.SHARE else unit


def unit_of(name: str, units: str) -> Unit:
    """Tell what a variable or metric counts, from its name and ``units``."""
    if units == "month":
        return Unit.MONTHS
    if units == "day":
        return Unit.DAYS
    if units in ("1", "rep"):
        if name not in MONTHLY:
            return Unit.COUNT
        return Unit.MULTIPLE if name in _MULTIPLES else Unit.SHARE
    return Unit.MONEY


def unit_of_quantity(quantity: Quantity, results: xr.Dataset) -> Unit | None:
    """Tell what a quantity of an expression counts; None for a plain number.

    A sum counts what its first part with a unit does; a ratio of what counts alike is a multiple,
    any other keeps the unit of what is divided.

    Parameters
    ----------
    quantity
        Part of an expression that was checked with the scenario.
    results
        Of the scenario, for the units of its accounts; one future is enough.
    """
    match quantity:
        case Number():
            return None
        case Measure():
            return _of_measure(quantity, results)
        case Reduction() | Negative() | Difference():
            return unit_of_quantity(quantity.of, results)
        case Arithmetic():
            left, right = (unit_of_quantity(q, results) for q in (quantity.left, quantity.right))
            if quantity.sign == "/" and left == right and left is not None:
                return Unit.MULTIPLE
            return left or right


def _of_measure(measure: Measure, results: xr.Dataset) -> Unit:
    if measure.name in _OF_THE_PATH:
        return _OF_THE_PATH[measure.name]
    if measure.stage is not None:
        return _IN_A_STAGE[measure.name]
    name = ALIASES.get(measure.name, measure.name)
    if name in FLAGS:
        return Unit.SHARE
    one = results.isel(draw=[0], replication=[0])
    return unit_of(name, by_month(one, name).attrs["units"])
