"""What each segment earns, before and after costs that belong to none, and the largest account."""

import numpy as np
import xarray as xr

from gtmsim.metrics.acquisition import OF_EXPANSIONS, PEOPLE_COSTS, PROGRAMME_COSTS
from gtmsim.metrics.labels import YEAR, named, ratio, total, trailing, units_of
from gtmsim.metrics.profit import COMPANY_PAYMENTS, REVENUE_COSTS, gross_margin


def contribution_parts(results: xr.Dataset, months: int = YEAR) -> xr.Dataset:
    """Lay out what a segment earns in each period.

    Revenue - cost to serve - acquisition - expansion = contribution; - allocated = after
    allocation. Before allocation only costs count that the books post to the segment. Allocated are
    all cost lines of the company (product, overhead, and its own marketing, sales, success and
    support), by the revenue of each month, alike where there is none.

    Parameters
    ----------
    results
        Results, by segment or of the company.
    months
        Length of the period that ends with each month.

    Returns
    -------
    Dataset
        ``revenue``, ``cost_to_serve``, ``acquisition``, ``expansion``, ``contribution``,
        ``allocated``, ``after_allocation``; unit of the results, dims (.., month[, segment]). Sums
        over segments to that of the company. NaN where the period would begin before month 1.
        Commissions count when earned; bad debt does not count.
    """
    revenue = results["revenue"]
    of_expansions = total(results, OF_EXPANSIONS)
    shared = total(results, COMPANY_PAYMENTS)
    if "segment" in revenue.dims:
        share = ratio(revenue, revenue.sum("segment")).fillna(1.0 / revenue.sizes["segment"])
        shared = (shared * share).transpose(*revenue.dims)
    lines = {
        "revenue": revenue,
        "cost_to_serve": total(results, REVENUE_COSTS),
        "acquisition": total(results, PROGRAMME_COSTS + PEOPLE_COSTS) - of_expansions,
        "expansion": results["expansion_cost"] + of_expansions,
        "allocated": shared,
    }
    sums = {name: trailing(line, months) for name, line in lines.items()}
    before = sums["revenue"] - sums["cost_to_serve"] - sums["acquisition"] - sums["expansion"]
    allocated = sums.pop("allocated")
    parts = {
        **sums,
        "contribution": before,
        "allocated": allocated,
        "after_allocation": before - allocated,
    }
    units = units_of(results, "revenue")
    return xr.Dataset({name: named(part, name, units) for name, part in parts.items()})


def contribution(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """Contribution of a segment: revenue - cost to serve - acquisition - expansion.

    Costs that belong to no segment are left out; `contribution_parts` says what each part holds.

    Returns
    -------
    DataArray
        Unit of the results (currency per period), dims (.., month[, segment]).
    """
    part = contribution_parts(results, months)["contribution"]
    return named(part, "Contribution", units_of(results, "revenue"))


def contribution_after_allocation(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """Contribution - the segment's share of the company's cost, by the revenue of each month.

    `contribution_parts` says what each part holds.

    Returns
    -------
    DataArray
        Unit of the results (currency per period), dims (.., month[, segment]).
    """
    part = contribution_parts(results, months)["after_allocation"]
    return named(part, "Contribution after allocated cost", units_of(results, "revenue"))


def loss_of_largest(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """Gross profit to the simulation's end that leaves with the largest customer.

    Its ARR at the month's end / 12 x the gross margin of the period x the months that remain: a
    first measure in closed form, as if it left then, nobody took its place, it would neither
    have grown nor left else, and it paid as revenue is earned.

    Parameters
    ----------
    results
        Results, by segment or of the company.
    months
        Period of the gross margin.

    Returns
    -------
    DataArray
        Unit of the results (currency), dims (.., month[, segment]); 0 at the simulation's end, NaN
        without revenue.
    """
    monthly = results["largest_customer_arr"] / YEAR
    number = np.arange(results.sizes["month"])
    remaining = xr.DataArray(number[::-1], dims="month", coords={"month": results["month"]})
    lost = (monthly * gross_margin(results, months) * remaining).transpose(*monthly.dims)
    return named(lost, "Gross profit lost with the largest customer", units_of(results, "revenue"))
