"""Numbers of futures as charts take them."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from gtmsim.charts.axes import Floats, Timeline, calendar
from gtmsim.charts.fan import QUANTILES
from gtmsim.results.dataset import convert_units
from gtmsim.statistics.quantiles import quantiles


def samples_of(values: xr.DataArray, *dims: str) -> Floats:
    """Numbers in currency, months and so on, shape (draws, replications, *dims)."""
    ordered = convert_units(values).transpose("draw", "replication", *dims)
    return np.asarray(ordered, np.float64)


def futures_of(values: xr.DataArray, *dims: str) -> Floats:
    """Numbers of all futures in currency, months and so on, shape (futures, *dims)."""
    numbers = samples_of(values, *dims)
    return numbers.reshape(-1, *numbers.shape[2:])


def fan_over(samples: Floats) -> Mapping[str, Floats]:
    """Quantiles over futures for each month, by the names of `QUANTILES`.

    Parameters
    ----------
    samples
        Shape (..., months).
    """
    flat = samples.reshape(-1, samples.shape[-1])
    return dict(zip(QUANTILES, quantiles(flat, tuple(QUANTILES.values())), strict=True))


def timeline_of(start: str, months: int) -> Timeline:
    """Months from the one of a date, such as ``2026-01-01``."""
    dates = np.datetime64(start, "M") + np.arange(months)
    return calendar(tuple(date.item().strftime("%b %Y") for date in dates))
