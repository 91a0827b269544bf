"""The walk from one plan to another as a table, and its sentence."""

import numpy as np
import xarray as xr

from gtmsim.analysis.outputs import EVENT
from gtmsim.analysis.units import Unit
from gtmsim.report.answer import Cell, Figure, Range, Row, Table
from gtmsim.report.numbers import interval, written
from gtmsim.statistics.error import Estimate
from gtmsim.words import enumeration

FEW_ORDERS = 2


def walk_table(walked: xr.Dataset, before: str, after: str) -> Table:
    """Lay out what each driver adds from one plan to another.

    Parameters
    ----------
    walked
        Of ``gtmsim.walk``.
    before, after
        Names of the plans.
    """
    unit = _unit(walked)
    columns = {
        "effect": "adds",
        "orders": "by order",
        "interaction": "interaction",
    }
    order = np.argsort(-np.abs(walked["effect"].sel(bound="value").to_numpy()), kind="stable")
    rows = [_end(before, "before", walked, unit)]
    for n in map(int, order):
        one = walked.isel(driver=n)
        rows.append(Row(str(one["driver"].item()), str(one["driver"].item()), _cells(one, unit)))
    rows += [_end("difference", "total", walked, unit), _end(after, "after", walked, unit)]
    title = f"The walk from {before} to {after}: {walked.attrs['metric']}"
    return Table(
        f"walk_{after}", title, "driver", columns, tuple(rows), notes=tuple(_notes(walked))
    )


def walk_sentence(walked: xr.Dataset, before: str, after: str) -> str:
    """Say which drivers make most of the difference."""
    unit, currency = _unit(walked), str(walked.attrs["currency"])
    total = _estimate(walked["total"])
    values = walked["effect"].sel(bound="value").to_numpy()
    top = [int(n) for n in np.argsort(-np.abs(values), kind="stable")[:3] if values[n] != 0.0]
    parts = (
        enumeration(
            f"{walked['driver'].values[n]} {_signed(float(values[n]), unit, currency)}" for n in top
        )
        if top
        else "nothing"
    )
    ends = interval(total.low, total.high, unit, currency)
    return (
        f"From {before} to {after}, {walked.attrs['metric']} changes by "
        f"{_signed(total.value, unit, currency)} ({ends}) on average; most of it by {parts}."
    )


def _cells(one: xr.Dataset, unit: Unit) -> tuple[Cell, ...]:
    names = ("effect", "least", "most", "interaction")
    adds, least, most, interaction = (_estimate(one[name]) for name in names)
    return Figure(adds, unit), Range(least, most, unit), Figure(interaction, unit)


def _notes(walked: xr.Dataset) -> list[str]:
    about = walked.attrs
    orders = int(about["n_orders"])
    notes = [
        "Adds: mean over futures, on the same luck, of what the change brings, averaged over "
        f"{_orders(orders)}; the parts sum to the difference. By order: from what it "
        "brings in the order in which that is least to the most; interaction: how far these are "
        "apart. What a driver needs is changed before it. "
        f"{about['n_plans']} plans."
    ]
    together = [
        f"{name} with {parts.partition(', ')[2]}"
        for name, parts in zip(walked["driver"].values, walked["parts"].values, strict=True)
        if ", " in parts
    ]
    if together:
        notes.append(f"Changed together, since none stands alone: {'; '.join(together)}.")
    if about["undefined"]:
        notes.append(f"{about['undefined']:,} futures are left out, for want of a value.")
    return notes


def _orders(n: int) -> str:
    if n == 1:
        return "the one order that is possible"
    return "one order and its opposite" if n == FEW_ORDERS else f"{n} orders"


def _end(label: str, name: str, walked: xr.Dataset, unit: Unit) -> Row:
    return Row(name, label, (Figure(_estimate(walked[name]), unit), None, None))


def _signed(value: float, unit: Unit, currency: str) -> str:
    text = written(value, unit, currency)
    return f"+{text}" if value > 0.0 else text


def _unit(walked: xr.Dataset) -> Unit:
    unit = str(walked.attrs["unit"])
    return Unit.SHARE if unit == EVENT else Unit(unit)


def _estimate(values: xr.DataArray) -> Estimate:
    return Estimate(*map(float, values))
