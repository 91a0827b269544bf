"""What to measure first: what knowing an input would be worth before choosing."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import xarray as xr

from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import Counted
from gtmsim.charts.picture import Picture
from gtmsim.charts.rows import Dot, Range, range_chart
from gtmsim.pages.compare.reading import Plans
from gtmsim.pages.grids import grid_of
from gtmsim.pages.page import Block, Facts, Section
from gtmsim.report.figures import not_negative
from gtmsim.report.numbers import interval
from gtmsim.report.text import Grid
from gtmsim.statistics.error import Estimate

MOST = 8
"""Inputs that are drawn."""
_HEADER = ("input", "worth knowing", "95% from", "to", "if useless, up to")


class Worth(NamedTuple):
    """What knowing an input, or a group of them, is worth."""

    label: str
    value: Estimate
    useless: float
    """What 95 % of inputs without any bearing would seem to be worth at most."""


def section(plans: Plans) -> Section | None:
    """Show what information is worth; None where nothing can be told."""
    blocks = tuple(_blocks(plans))
    if not blocks:
        return None
    text = [
        "Information is worth something only if it may change the choice. Measure first what is "
        "worth more than a useless input would seem to be."
    ]
    if plans.made.compared.sizes["input"] and not any(isinstance(b, Picture) for b in blocks):
        text.append("None of the inputs is worth knowing by itself: the choice stays the same.")
    return Section("information", "What to measure first", tuple(text), blocks)


def _blocks(plans: Plans) -> Iterator[Block]:
    found = worths(plans.made.compared)
    if any(one.value.value > 0.0 for one in found):
        yield worth_of_inputs(plans, found)
    if evpi := _evpi(plans):
        yield Facts((("all inputs together", evpi),))


def worths(compared: xr.Dataset) -> list[Worth]:
    """List groups as asked for, then inputs, those worth most first."""
    groups = [_worth(compared.isel(group=n), "group") for n in range(compared.sizes["group"])]
    inputs = [_worth(compared.isel(input=n), "input") for n in range(compared.sizes["input"])]
    return [*groups, *sorted(inputs, key=lambda one: -one.value.value)]


def _worth(one: xr.Dataset, dim: str) -> Worth:
    name = "evppi" if dim == "input" else "group_evppi"
    value = not_negative(float(one[name]), float(one[f"{name}_error"]))
    return Worth(str(one[dim].item()), value, max(0.0, float(one[f"{name}_null_high"])))


def worth_of_inputs(plans: Plans, found: list[Worth]) -> Picture:
    """Draw what each input is worth beside what a useless one would seem to be."""
    money, shown = plans.money, found[:MOST]
    ranges = [
        Range(one.label, f"{money.text(one.value.value)}; useless: up to {money.text(one.useless)}",
              0.0, one.useless, (Dot("dot", one.value.value, "worth knowing"),))
        for one in shown
    ]  # fmt: skip
    useful = [one for one in found if one.value.value > one.useless]
    top = max(useful, key=lambda one: one.value.value, default=None)
    title = (
        f"Measure {top.label} first: knowing it is worth {money.text(top.value.value)}"
        if top
        else "No single input is worth more than a useless one would seem to be"
    )
    left = len(found) - len(shown)
    return Picture(
        key="information",
        title=title,
        subtitle="Dot: value of knowing the input before choosing (EVPPI); bar: what 95% of "
        "inputs without any bearing would seem to be worth"
        + (f"; {left} more are worth less" if left else ""),
        alternative="; ".join(f"{one.label}: {money.text(one.value.value)}" for one in shown[:4])
        + f". {title}.",
        chart=range_chart(ranges, money),
        table=_table(found, money),
    )


def _table(found: list[Worth], money: Counted) -> Grid:
    rows = [
        (one.label, *(money.text(value) for value in one.value), money.text(one.useless))
        for one in found
    ]
    return grid_of(_HEADER, rows)


def _evpi(plans: Plans) -> str:
    """Say what knowing everything is worth; empty where that cannot be told."""
    compared = plans.made.compared
    evpi, error = float(compared["evpi"]), float(compared["evpi_error"])
    if not np.isfinite(evpi):
        return ""
    value, low, high = not_negative(evpi, error)
    between = interval(low, high, Unit.MONEY, plans.answer.currency)
    return f"worth {plans.money.text(value)} ({between}) to know before choosing (EVPI)"
