"""Odds over replications: of targets, of reaching a company stage, of running out of cash."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

import numpy as np
import xarray as xr

from gtmsim.metrics import (
    acquisition,
    contribution,
    formulas,
    health,
    profit,
    revenue,
    sales,
)
from gtmsim.metrics.labels import company, named
from gtmsim.results.dataset import convert_units
from gtmsim.scenario.models import Target

Metric = Callable[[xr.Dataset], xr.DataArray]

MONTHLY: Mapping[str, Metric] = MappingProxyType(
    {
        metric.__name__: metric
        for metric in (
            revenue.closing_carr,
            revenue.net_new_arr,
            revenue.arr_growth,
            revenue.logo_churn,
            revenue.revenue_churn,
            revenue.renewal_rate,
            revenue.logo_renewal_rate,
            revenue.nrr,
            revenue.grr,
            revenue.quick_ratio,
            revenue.largest_customer_share,
            revenue.arr_per_customer,
            revenue.expansion_share,
            revenue.expansion_per_year,
            acquisition.cac,
            acquisition.paid_cac,
            acquisition.paid_channel_cac,
            acquisition.cac_ratio,
            acquisition.blended_cac_ratio,
            acquisition.cac_payback,
            acquisition.cac_to_acv,
            acquisition.ltv,
            acquisition.ltv_to_cac,
            acquisition.magic_number,
            acquisition.booked_arr_per_logo,
            profit.gross_margin,
            profit.net_burn,
            profit.burn_multiple,
            profit.rule_of_40,
            profit.runway,
            profit.support_per_customer_per_year,
            contribution.contribution,
            contribution.contribution_after_allocation,
            contribution.loss_of_largest,
            health.healthy,
            health.healthy_by_benchmark,
            sales.win_rate,
            sales.sales_cycle,
            sales.sales_velocity,
            sales.lead_to_customer,
            sales.pipeline_coverage,
            sales.needed_coverage,
        )
    }
)
"""Metrics with a value every month, by name: what a target may be set on, beside the accounts.

Rates and ratios are of the 12 months that end with the month, unless their own text says otherwise.
"""


def _of_all_open(flag: Metric, results: xr.Dataset) -> xr.DataArray:
    return health.of_all_open(flag(results), results)


_OF_COMPANY: Mapping[str, Metric] = MappingProxyType(
    {
        "ltv": partial(acquisition.ltv, pooled=True),
        "ltv_to_cac": partial(acquisition.ltv_to_cac, pooled=True),
        "pipeline_coverage": sales.pipeline_coverage,
        "needed_coverage": sales.needed_coverage,
        "healthy": partial(_of_all_open, health.healthy),
        "healthy_by_benchmark": partial(_of_all_open, health.healthy_by_benchmark),
    }
)
"""Metrics of the company that are put together from results by segment, not from its totals."""


def widest(metric: str) -> Metric:
    """Return the formula of a `MONTHLY` metric that reads all that its value may need."""
    return _OF_COMPANY.get(metric, MONTHLY[metric])


def by_month(results: xr.Dataset, metric: str, segment: str | None = None) -> xr.DataArray:
    """Value of an account or metric at the end of each month.

    Parameters
    ----------
    results
        Results by segment.
    metric
        Name of a results variable with no dims beyond month and segment, or of a `MONTHLY` metric.
    segment
        One segment; by default the company.

    Returns
    -------
    DataArray
        Dims (draw, replication, month), in currency, months and so on.
    """
    if metric in results:
        values = results[metric]
        values = company(values.to_dataset())[metric] if segment is None else values
    elif segment is None and metric in _OF_COMPANY:
        values = _OF_COMPANY[metric](results)
    else:
        values = MONTHLY[metric](company(results) if segment is None else results)
    if segment is not None and "segment" in values.dims:
        values = values.sel(segment=segment, drop=True)
    return convert_units(values)


def target_met(results: xr.Dataset, target: Target) -> xr.DataArray:
    """Whether each replication meets a target.

    A month in which the metric is undefined neither meets nor breaks it; a month that ends
    insolvent never meets it. ``always`` needs at least one month with a value. A target of a month
    after the simulation's end is not judged.

    Parameters
    ----------
    results
        Results by segment.
    target
        The scenario's target.

    Returns
    -------
    DataArray
        1 or 0, dims (draw, replication); NaN where the target is not judged.
    """
    met = target_met_by_month(results, target)
    last = target.last_month(met.sizes["month"])
    if last > met.sizes["month"]:
        return met.isel(month=-1, drop=True) * np.nan
    return met.isel(month=last - 1, drop=True)


def target_met_by_month(results: xr.Dataset, target: Target) -> xr.DataArray:
    """Whether each replication would meet a target if it ended with each month.

    Of a target that is to be reached: whether it was by then. Of one that always holds: whether it
    has so far. Of one at a month's end: whether it holds at this month's. Months after the target's
    own count alike.

    Parameters as in `target_met`.

    Returns
    -------
    DataArray
        1 or 0, dims (draw, replication, month).
    """
    values = by_month(results, target.metric, target.segment)
    insolvent = results["insolvent"] > 0
    within = _within(values, target) & ~insolvent
    if target.always:
        broken = ~within & (values.notnull() | insolvent)
        met = ~_so_far(broken) & _so_far(within)
    elif target.at_month is not None:
        met = within
    else:
        met = _so_far(within)
    return named(met.astype(np.float64), f"Meets its target of {target.metric}", "1")


def _so_far(happens: xr.DataArray) -> xr.DataArray:
    """Whether something has happened in a month or before."""
    axis = happens.get_axis_num("month")
    return happens.copy(data=np.logical_or.accumulate(happens.to_numpy(), axis=axis))


def _within(values: xr.DataArray, target: Target) -> xr.DataArray:
    low = -np.inf if target.at_least is None else float(target.at_least)
    high = np.inf if target.at_most is None else float(target.at_most)
    return (values >= low) & (values <= high)


def month_of_stage(results: xr.Dataset, stage: str) -> xr.DataArray:
    """First month that ends with ARR >= that of a company stage: first passage.

    Returns
    -------
    DataArray
        Month number, dims (draw, replication); 0 where the company starts in it or beyond it,
        infinite where it is never reached.
    """
    rank = results.get_index("stage").get_loc(stage)
    passage = xr.apply_ufunc(
        formulas.first_month, results["company_stage"] >= rank, input_core_dims=[["month"]]
    )
    # The policy of month 1 is that of the opening ARR's stage.
    starts_in_it = results["policy_stage"].isel(month=0, drop=True) >= rank
    month = passage.where(~starts_in_it, 0.0)
    return named(month, f"Month in which {stage} is reached", "month")


def months_in_stage(results: xr.Dataset, stage: str) -> xr.DataArray:
    """Whether each month followed the policy of a company stage while the company lived.

    Returns
    -------
    DataArray
        Booleans, dims (draw, replication, month).
    """
    rank = results.get_index("stage").get_loc(stage)
    inside: xr.DataArray = (results["policy_stage"] == rank) & (results["insolvent"] == 0)
    return inside


def cac_in_stage(results: xr.Dataset, stage: str) -> xr.DataArray:
    """CAC in a company stage: acquisition cost / new logos of the months spent in it, not lagged.

    Returns
    -------
    DataArray
        Unit of the results (currency per customer), dims (draw, replication[, segment]); NaN where
        the stage was not entered or nobody was won in it.
    """
    inside = months_in_stage(results, stage)
    cost = acquisition.acquisition_cost(results).where(inside).sum("month")
    won = results["new_logos"].where(inside).sum("month")
    ratio = xr.apply_ufunc(formulas.ratio, cost, won)
    return named(ratio, f"CAC in {stage}", results["channel_spend"].attrs.get("units", "1"))


def burn_in_stage(results: xr.Dataset, stage: str) -> xr.DataArray:
    """Net burn a month in a company stage: net burn of the months spent in it / their number.

    Returns
    -------
    DataArray
        Unit of the results (currency a month), dims (draw, replication); NaN where the stage was
        not entered.
    """
    inside = months_in_stage(results, stage)
    burn = profit.net_burn(results).where(inside).sum("month")
    count = inside.sum("month")
    mean = burn / count.where(count > 0)
    return named(mean, f"Net burn a month in {stage}", results["cash"].attrs.get("units", "1"))


def nrr_in_stage(results: xr.Dataset, stage: str) -> xr.DataArray:
    """NRR in a company stage: sum of ARR kept / sum of ARR 12 months before, of its months.

    Returns
    -------
    DataArray
        Share, dims (draw, replication[, segment]); NaN where no month in the stage has customers
        of 12 months ago.
    """
    parts = revenue.retention_parts(results, "retained_arr")
    inside = months_in_stage(results, stage) & parts.base.notnull()
    sums = (part.where(inside).sum("month") for part in parts)
    return named(xr.apply_ufunc(formulas.ratio, *sums), f"NRR in {stage}", "1")
