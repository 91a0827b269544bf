"""The walk from one plan to another as a table, and its sentence."""

import numpy as np
import xarray as xr

from gtmsim.analysis.outputs import shown_unit
from gtmsim.analysis.units import Unit, unit_of_difference
from gtmsim.report.answer import Cell, Figure, Range, Row, Table
from gtmsim.report.numbers import interval, with_plus, written
from gtmsim.statistics.attribution import MOST_FOR_ALL
from gtmsim.statistics.error import Estimate
from gtmsim.words import counted, enumeration


def walk_table(walked: xr.Dataset, before: str, after: str) -> Table:
    """Lay out what each driver adds from one plan to another.

    Parameters
    ----------
    walked
        Of ``gtmsim.walk``.
    before, after
        Names of the plans.
    """
    unit = unit_of_walk(walked)
    columns = {
        "effect": "adds",
        "orders": "by order",
        "interaction": "interaction",
    }
    order = np.argsort(-np.abs(walked["effect"].sel(bound="value").to_numpy()), kind="stable")
    rows = [_end(before, "before", walked, unit)]
    for n in map(int, order):
        one = walked.isel(driver=n)
        name = str(one["driver"].item())
        rows.append(Row(name, name, _cells(one, unit_of_difference(unit))))
    rows += [
        _end("difference", "total", walked, unit_of_difference(unit)),
        _end(after, "after", walked, unit),
    ]
    title = f"The walk from {before} to {after}: {walked.attrs['metric']}"
    return Table(
        f"walk_{after}", title, "driver", columns, tuple(rows), notes=tuple(_notes(walked))
    )


def walk_sentence(walked: xr.Dataset, before: str, after: str) -> str:
    """Say which drivers make most of the difference."""
    unit, currency = unit_of_difference(unit_of_walk(walked)), str(walked.attrs["currency"])
    total = Estimate.of(walked["total"])
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
    adds, least, most, interaction = (Estimate.of(one[name]) for name in names)
    return Figure(adds, unit), Range(least, most, unit), Figure(interaction, unit)


def _notes(walked: xr.Dataset) -> list[str]:
    about = walked.attrs
    orders = _orders(int(about["n_orders"]), walked.sizes["driver"])
    notes = [
        "Adds: mean over futures, on the same luck, of what the change brings, averaged over "
        f"{orders}; the parts sum to the difference. By order: from what it brings in the order in "
        "which that is least to the most; interaction: how far these are apart. What a driver "
        f"needs is changed before it. {about['n_plans']} plans."
    ]
    together = [
        f"{name} with {parts.partition(', ')[2]}"
        for name, parts in zip(walked["driver"].values, walked["parts"].values, strict=True)
        if ", " in parts
    ]
    if together:
        notes.append(f"Changed together, since none stands alone: {'; '.join(together)}.")
    if about["undefined"]:
        notes.append(f"{counted(about['undefined'], 'future')} left out, for want of a value.")
    return notes


def futures_of_walk(walked: xr.Dataset) -> int:
    """Futures that a walk's means are of: all that have a value at every step."""
    return int(walked.sizes["draw"] * walked.sizes["replication"] - walked.attrs["undefined"])


def _orders(n: int, drivers: int) -> str:
    if n == 1:
        return "the one order that is possible"
    if drivers > MOST_FOR_ALL:
        return "one order and its opposite"
    return f"all {n} orders that are possible"


def _end(label: str, name: str, walked: xr.Dataset, unit: Unit) -> Row:
    return Row(name, label, (Figure(Estimate.of(walked[name]), unit), None, None))


def _signed(value: float, unit: Unit, currency: str) -> str:
    return with_plus(value, written(value, unit, currency))


def unit_of_walk(walked: xr.Dataset) -> Unit:
    """Tell what the two ends of a walk count."""
    unit = str(walked.attrs["unit"])
    return shown_unit(unit)
