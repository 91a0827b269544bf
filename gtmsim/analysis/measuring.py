"""What a measure of an expression comes to in each future of some results."""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import xarray as xr

from gtmsim.errors import ResultsError
from gtmsim.expressions.names import ALIASES
from gtmsim.expressions.tree import END, Measure, Months, Reduction
from gtmsim.metrics import odds, profit
from gtmsim.metrics.labels import company
from gtmsim.results.dataset import convert_units
from gtmsim.statistics.error import Sample

Metric = Callable[[xr.Dataset], xr.DataArray]

_BY_STAGE: dict[str, Callable[[xr.Dataset, str], xr.DataArray]] = {
    "cac": odds.cac_in_stage,
    "net_burn": odds.burn_in_stage,
    "nrr": odds.nrr_in_stage,
    "month_of_stage": odds.month_of_stage,
}


def value_of(measure: Measure, results: xr.Dataset) -> Sample:
    """Value of a measure in each future.

    Parameters
    ----------
    measure
        With one month, or of those that have one value per future.
    results
        Results by segment.

    Returns
    -------
    ndarray, shape (draws, replications)
        In currency, months and so on; NaN where it is undefined.

    Raises
    ------
    ResultsError
        If the results end before its month.
    """
    if measure.stage is not None:
        return _of_stage(measure, measure.stage.text, results)
    if measure.name == "cash_min":
        return cast(Sample, path_of(Measure("cash"), results).min(-1))
    if measure.name == "survives":
        return _futures(profit.survives(results))
    if measure.name == "month_out_of_cash":
        return _futures(profit.month_of_insolvency(results))
    assert measure.months is not None, "checked with the scenario"
    first, _ = _within(measure.months, results)
    return path_of(measure, results)[..., first]


def reduced(reduction: Reduction, results: xr.Dataset) -> Sample:
    """Reduction of a measure over months, in each future.

    Returns
    -------
    ndarray, shape (draws, replications)
        Undefined months are left out of a minimum, maximum or average, and leave a sum undefined.

    Raises
    ------
    ResultsError
        If the results end before its months.
    """
    months = reduction.of.months or Months(1, END, several=True)
    first, last = _within(months, results)
    values = path_of(reduction.of, results)[..., first : last + 1]
    return _REDUCTIONS[reduction.kind](values)


def path_of(measure: Measure, results: xr.Dataset) -> Sample:
    """Value of a measure at the end of each month, shape (draws, replications, months)."""
    name = ALIASES.get(measure.name, measure.name)
    needed = results
    if name not in results:
        needed = needed_by(odds.widest(name), results)
    segment = measure.segment.text if measure.segment else None
    values = odds.by_month(needed, name, segment)
    return np.asarray(values.transpose("draw", "replication", "month"), np.float64)


def _of_stage(measure: Measure, stage: str, results: xr.Dataset) -> Sample:
    metric = _BY_STAGE[measure.name]
    needed = needed_by(lambda one: metric(one, stage), results)
    if measure.segment is None:
        return _futures(metric(company(needed), stage))
    return _futures(metric(needed, stage).sel(segment=measure.segment.text, drop=True))


def _futures(values: xr.DataArray) -> Sample:
    converted = convert_units(values).transpose("draw", "replication")
    return np.asarray(converted, np.float64)


def _within(months: Months, results: xr.Dataset) -> tuple[int, int]:
    """Find the indices of the first and last month."""
    count = results.sizes["month"]
    first, last = (count if month == END else month for month in (months.first, months.last))
    if max(first, last) > count:
        raise ResultsError(
            f"month {max(first, last)} lies after the last month of the results, {count}"
        )
    return first - 1, last - 1


class _Recorder:
    """Results that remember which variables were asked for."""

    def __init__(self, results: xr.Dataset):
        self.results = results
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> xr.DataArray:
        self.names.add(name)
        return self.results[name]

    def __contains__(self, name: str) -> bool:
        return name in self.results

    def __getattr__(self, name: str) -> Any:
        return getattr(self.results, name)


def needed_by(metric: Metric, results: xr.Dataset) -> xr.Dataset:
    """Leave out the variables that a metric does not use: all of them would fill the memory.

    One future tells which those are; by segment, because that takes more than for the company.
    """
    recorder = _Recorder(results.isel(draw=[0], replication=[0]))
    metric(cast(xr.Dataset, recorder))
    return results.drop_vars(set(results.data_vars) - recorder.names)


def _average(values: Sample) -> Sample:
    defined = ~np.isnan(values)
    count = defined.sum(-1)
    total = np.where(defined, values, 0.0).sum(-1)
    return cast(Sample, np.where(count > 0, total / np.maximum(count, 1), np.nan))


_REDUCTIONS: dict[str, Callable[[Sample], Sample]] = {
    "min": lambda values: np.fmin.reduce(values, -1),
    "max": lambda values: np.fmax.reduce(values, -1),
    "sum": lambda values: values.sum(-1),
    "avg": _average,
}
