"""Labelled building blocks of the metrics: windows, ratios, stocks of before, the whole company.

Every metric takes a results Dataset as it is stored, or after its units were converted: amounts
come out in the unit they came in. Dims are (draw, replication, month, segment, ...), whichever are
there; `company` results have no segment. A ratio's parts are summed over its window first. A window
that would begin before month 1 is NaN, and so is what divides by nothing.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import xarray as xr

from gtmsim.metrics import formulas
from gtmsim.vocabulary import MONTHS_PER_QUARTER, MONTHS_PER_YEAR, TICKS_PER_MONTH

YEAR = MONTHS_PER_YEAR
QUARTER = MONTHS_PER_QUARTER

_STORED_TICKS = "2**-20 month"


def total(results: xr.Dataset, names: Sequence[str]) -> xr.DataArray:
    """Sum of several variables."""
    parts = [results[name] for name in names]
    # One call for all: labels are compared once, which costs more than the sum.
    summed: xr.DataArray = xr.apply_ufunc(lambda *arrays: sum(arrays), *parts)
    return summed


def trailing(flow: xr.DataArray, months: int) -> xr.DataArray:
    """Sum of a flow over each month and the ``months - 1`` before it."""
    return along_months(formulas.trailing_sum, flow, months=months)


def before(stock: xr.DataArray, months: int) -> xr.DataArray:
    """Stock as it was ``months`` ago; NaN before month 1."""
    return along_months(formulas.lagged, stock, months=months)


def at_start(results: xr.Dataset, stock: str, months: int = 1) -> xr.DataArray:
    """Stock at the start of each window of ``months`` months, the opening position included.

    Parameters
    ----------
    results
        Needs ``closing_<stock>`` or ``<stock>``, and ``opening_<stock>``.
    stock
        Name without ``closing_``, such as ``arr``.
    months
        Length of the window that ends with the month; NaN where it would begin before month 1.
    """
    closing = results[stock if stock in results else f"closing_{stock}"]
    shifted = before(closing, months)
    number = np.arange(closing.sizes["month"])
    first = xr.DataArray(number == months - 1, dims="month", coords={"month": closing["month"]})
    return shifted.where(~first, results[f"opening_{stock}"]).transpose(*closing.dims)


def ratio(numerator: xr.DataArray, denominator: xr.DataArray) -> xr.DataArray:
    """Quotient of two sums; NaN where the second is not positive."""
    quotient: xr.DataArray = xr.apply_ufunc(formulas.ratio, numerator, denominator)
    return quotient


def along_months(
    kernel: Callable[..., Any], values: xr.DataArray, **options: object
) -> xr.DataArray:
    """Apply an array function whose last axis is the month and stays."""
    dims = values.dims
    out: xr.DataArray = xr.apply_ufunc(
        kernel, values, input_core_dims=[["month"]], output_core_dims=[["month"]], kwargs=options
    )
    return out.transpose(*dims)


def months_of(results: xr.Dataset, time: str) -> xr.DataArray:
    """Time in months, which is stored in ticks."""
    values = results[time]
    stored = values.attrs.get("units") == _STORED_TICKS
    return values / TICKS_PER_MONTH if stored else values


def named(values: xr.DataArray, long_name: str, units: str) -> xr.DataArray:
    """Label a metric with what it is and its unit."""
    return values.assign_attrs(long_name=long_name, units=units)


def units_of(results: xr.Dataset, name: str) -> str:
    """Read the unit of a variable from its attributes."""
    return str(results[name].attrs.get("units", "1"))


def company(results: xr.Dataset) -> xr.Dataset:
    """Results of the company as a whole: sums over segments.

    Parameters
    ----------
    results
        With or without the dimension ``segment``.

    Returns
    -------
    Dataset
        Without ``segment``; what the largest customer pays is the largest over segments.
    """
    if "segment" not in results.dims:
        return results
    pooled = results.sum("segment", keep_attrs=True)
    if "largest_customer_arr" in results:
        largest = results["largest_customer_arr"].max("segment", keep_attrs=True)
        pooled = pooled.assign(largest_customer_arr=largest)
    return pooled
