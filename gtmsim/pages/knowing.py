"""What to find out before choosing: the worth of knowing each uncertain input, as a chart."""

from typing import NamedTuple

import numpy as np
import xarray as xr

from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import Counted
from gtmsim.charts.picture import Picture
from gtmsim.charts.rows import Dot
from gtmsim.charts.signed import Piece, Signed, signed_chart
from gtmsim.pages.grids import grid_of
from gtmsim.report.figures import is_worth_knowing, not_negative
from gtmsim.report.numbers import interval
from gtmsim.report.text import Grid
from gtmsim.report.wording import owned_names
from gtmsim.statistics.error import Estimate
from gtmsim.words import alternatives

_MOST_NAMED = 3
MOST = 8
"""Inputs that are drawn."""
_HEADER = ("input", "worth knowing", "95% from", "to", "if useless, up to")
_HOW = (
    "Bar: value of knowing the input before choosing (EVPPI), black line: its 95% Monte Carlo "
    "interval; ring: what 95% of inputs without any bearing would seem to be worth at most"
)


class Worth(NamedTuple):
    """What knowing an input, or a group of them, is worth."""

    label: str
    value: Estimate
    useless: float
    """What 95 % of inputs without any bearing would seem to be worth at most."""
    is_told: bool
    """Whether it can be told from nothing, as of `gtmsim.report.figures.is_worth_knowing`."""


def worths(found: xr.Dataset) -> list[Worth]:
    """List groups as asked for, then inputs, those worth most first.

    Parameters
    ----------
    found
        Of `gtmsim.analysis.information.value_of_information`, or with its figures.
    """
    alone = _worths(found, "input", "evppi")
    return [*_worths(found, "group", "group_evppi"), *sorted(alone, key=lambda w: -w.value.value)]


def _worths(found: xr.Dataset, dim: str, name: str) -> list[Worth]:
    if not found.sizes.get(dim, 0):
        return []
    figures = (found[f"{name}{end}"].values for end in ("", "_error", "_null_high"))
    rows = zip(found[dim].values, *figures, is_worth_knowing(found, dim), strict=True)
    return [
        Worth(str(label), not_negative(float(value), float(error)), max(0.0, float(useless)),
              bool(told))
        for label, value, error, useless, told in rows
    ]  # fmt: skip


def worth_of_inputs(found: list[Worth], counted: Counted) -> Picture:
    """Draw what each input is worth beside what a useless one would seem to be.

    Parameters
    ----------
    found
        Of `worths`, not empty.
    counted
        What their worth counts.
    """
    shown, short = found[:MOST], owned_names([one.label for one in found])
    names = short[: len(shown)]
    rows = [_row(one, name, counted) for one, name in zip(shown, names, strict=True)]
    left = len(found) - len(shown)
    title = _title(found, dict(zip((one.label for one in found), short, strict=True)), counted)
    told = "; ".join(f"{one.label}: {counted.text(one.value.value)}" for one in shown[:4])
    return Picture(
        key="information",
        title=title,
        subtitle=_HOW + (f"; {left} more in the table" if left else ""),
        alternative=f"{told}. {title}.",
        chart=signed_chart(rows, counted),
        table=_table(found, counted),
    )


def _row(one: Worth, name: str, counted: Counted) -> Signed:
    value, useless = counted.text(one.value.value), counted.text(one.useless)
    bar = Piece(0.0, *one.value, "bar", f"worth knowing: {value}")
    ring = Dot("ring", one.useless, f"a useless input: up to {useless}")
    return Signed(name, f"{value}; useless: up to {useless}", (bar,), (ring,))


def _title(found: list[Worth], short: dict[str, str], counted: Counted) -> str:
    useful = [one for one in found if one.is_told]
    if not useful:
        return "No input can be told to be worth more than the best of as many useless ones"
    top = max(useful, key=lambda one: one.value.value)
    like = [short[one.label] for one in useful if one.value.high > top.value.low and one != top]
    first = alternatives([short[top.label], *like[: _MOST_NAMED - 1]])
    value, low, high = map(counted.text, top.value)
    which = short[top.label] if like else "it"
    return f"Measure {first} first: knowing {which} is worth {value} ({low} to {high})"


def _table(found: list[Worth], counted: Counted) -> Grid:
    rows = [
        (one.label, *(counted.text(value) for value in one.value), counted.text(one.useless))
        for one in found
    ]
    return grid_of(_HEADER, rows)


def evpi_text(found: xr.Dataset, counted: Counted) -> str:
    """Say what knowing everything is worth; empty where that cannot be told."""
    evpi, error = float(found["evpi"]), float(found["evpi_error"])
    if not np.isfinite(evpi):
        return ""
    value, low, high = not_negative(evpi, error)
    between = (
        interval(low, high, Unit.MONEY, counted.currency)
        if counted.unit == Unit.MONEY
        else f"{counted.text(low)} to {counted.text(high)}"
    )
    return f"worth {counted.text(value)} (95% interval {between}) to know before choosing (EVPI)"
