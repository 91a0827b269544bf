"""Means and quantiles of statement lines, taken once for all sheets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import xarray as xr

from gtmsim.analysis.units import Unit
from gtmsim.metrics.statements import over_periods
from gtmsim.report.answer import Spread
from gtmsim.report.figures import spread
from gtmsim.vocabulary import MONTHS_PER_QUARTER, MONTHS_PER_YEAR

QUARTERS_PER_YEAR = MONTHS_PER_YEAR // MONTHS_PER_QUARTER

STATISTICS: Mapping[str, str] = {
    "mean": "Mean of all futures",
    "p50": "p50, the median of each line",
    "p10": "p10, which 1 future in 10 falls below, line by line",
    "p90": "p90, which 1 future in 10 exceeds, line by line",
}
"""Statistics in the order of their blocks, and what stands above each."""


class Periods(NamedTuple):
    """Quarters or years in a row.

    Attributes
    ----------
    labels
        Such as ``Q1 Y1``; one that the simulation cuts short says its months.
    ends
        Last day of each; None where the results have no dates.
    """

    labels: tuple[str, ...]
    ends: tuple[date | None, ...]


@dataclass(frozen=True)
class Figures:
    """Distributions of every line over all futures.

    Attributes
    ----------
    quarters, years
        Labels and dates.
    by_quarter, by_year
        One figure per period of each line.
    at_start
        Of the lines that are stocks, before month 1.
    """

    quarters: Periods
    years: Periods
    by_quarter: Mapping[str, tuple[Spread, ...]]
    by_year: Mapping[str, tuple[Spread, ...]]
    at_start: Mapping[str, Spread]


def take_figures(monthly: xr.Dataset) -> Figures:
    """Take the figures of lines by month.

    Parameters
    ----------
    monthly
        Lines with the attribute ``kind``, dims (draw, replication, month), and ``opening_<line>``
        of stocks, dims (draw, replication).
    """
    quarterly, yearly = (over_periods(monthly, by) for by in ("quarter", "year"))
    months = monthly.sizes["month"]
    at_start = {
        str(name).removeprefix("opening_"): _spread(values)
        for name, values in monthly.data_vars.items()
        if "month" not in values.dims
    }
    return Figures(
        Periods(_quarter_labels(months), _ends(quarterly)),
        Periods(_year_labels(months), _ends(yearly)),
        _by_period(quarterly, "quarter"),
        _by_period(yearly, "year"),
        at_start,
    )


def statistic(of: Spread, name: str) -> float:
    """Value of a statistic; NaN where there is none, as the mean of a ratio."""
    estimate = of.estimates.get(name)
    return float("nan") if estimate is None else estimate.value


def _by_period(lines: xr.Dataset, by: str) -> Mapping[str, tuple[Spread, ...]]:
    return {
        str(name): tuple(_spread(values.isel({by: n})) for n in range(values.sizes[by]))
        for name, values in lines.data_vars.items()
        if by in values.dims
    }


def _spread(values: xr.DataArray) -> Spread:
    return spread(values, Unit.SHARE if values.attrs["kind"] == "ratio" else Unit.MONEY)


def _quarter_labels(months: int) -> tuple[str, ...]:
    starts = range(0, months, MONTHS_PER_QUARTER)
    return tuple(
        f"Q{n % QUARTERS_PER_YEAR + 1} Y{n // QUARTERS_PER_YEAR + 1}"
        f"{_cut(months - start, MONTHS_PER_QUARTER)}"
        for n, start in enumerate(starts)
    )


def _year_labels(months: int) -> tuple[str, ...]:
    starts = range(0, months, MONTHS_PER_YEAR)
    return tuple(
        f"Year {n + 1}{_cut(months - start, MONTHS_PER_YEAR)}" for n, start in enumerate(starts)
    )


def _cut(rest: int, length: int) -> str:
    return f", {rest} mo" if rest < length else ""


def _ends(lines: xr.Dataset) -> tuple[date | None, ...]:
    (by,) = (dim for dim in ("quarter", "year") if dim in lines.dims)
    if "date" not in lines.coords:
        return (None,) * lines.sizes[by]
    days = lines["date"].to_numpy().astype("datetime64[D]").astype(object)
    return tuple(np.atleast_1d(days).tolist())
