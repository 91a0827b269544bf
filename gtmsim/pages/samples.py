"""Numbers of futures as charts take them."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gtmsim.charts.axes import Floats, Timeline, calendar
from gtmsim.charts.fan import QUANTILES
from gtmsim.results.dataset import convert_units
from gtmsim.statistics import error
from gtmsim.statistics.error import Estimate
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


class MonthlyOdds(NamedTuple):
    """Share of futures with an event at each month, with its 95 % Monte Carlo interval."""

    value: Floats
    low: Floats
    high: Floats

    @property
    def last(self) -> Estimate:
        """Of the last month in which it is defined."""
        at = int(np.flatnonzero(~np.isnan(self.value))[-1])
        return Estimate.of(column[at] for column in self)

    def until(self, month: int) -> "MonthlyOdds":
        """Leave the months after one undefined."""
        later = np.arange(1, len(self.value) + 1) > month
        return MonthlyOdds(*(np.where(later, np.nan, column) for column in self))

    def columns(self, name: str) -> dict[str, Floats]:
        """Columns of a table, by heading."""
        return {name: self.value, f"{name}, 95% from": self.low, f"{name}, to": self.high}


def odds_by_month(events: Floats | NDArray[np.bool_]) -> MonthlyOdds:
    """Share of futures with an event, for each month.

    Parameters
    ----------
    events
        Shape (draws, replications, months).
    """
    odds = [error.probability(events[..., month]) for month in range(events.shape[-1])]
    return MonthlyOdds(*np.array(odds).T)


def columns_of(found: Mapping[str, MonthlyOdds]) -> dict[str, Floats]:
    """Columns of a table of several odds, by heading."""
    return {label: one for name, odds in found.items() for label, one in odds.columns(name).items()}
