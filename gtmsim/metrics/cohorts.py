"""How the customers of a year stay, pooled over replications."""

import numpy as np
import xarray as xr

from gtmsim.metrics.labels import YEAR, named, ratio


def cohort_retention(results: xr.Dataset) -> xr.DataArray:
    """Share of a yearly cohort retained: customers still there / its base, by months of age.

    Age counts from the end of the cohort's year. The base of a cohort are its customers at the end
    of the year in which their service began, and of the opening customers (cohort 0) those at the
    start. Customers of all replications that are solvent to the end are summed before the division:
    what insolvency takes is not churn.

    Parameters
    ----------
    results
        By segment, or of the company; needs ``cohort_customers`` and ``opening_customers``.

    Returns
    -------
    DataArray
        Share, dims ([segment,] cohort, age), age 0 to the number of months; NaN without customers
        and beyond the end of the simulation. Above 1 where customers move up into a segment, or
        come back.
    """
    there, opening = (_pooled(results, name) for name in ("cohort_customers", "opening_customers"))
    parts = [_aged(there.sel(cohort=c), int(c) * YEAR, opening) for c in there["cohort"]]
    by_age = xr.concat(parts, "cohort")
    retained = ratio(by_age, by_age.isel(age=0, drop=True))
    return named(retained, "Customers retained", "1")


def _pooled(results: xr.Dataset, name: str) -> xr.DataArray:
    """Sum over the replications that are solvent to the end."""
    solvent = results["insolvent"].isel(month=-1, drop=True) == 0
    summed = results[name].where(solvent, 0).sum(("draw", "replication"))
    return summed.reset_coords(drop=True)


def _aged(there: xr.DataArray, base: int, opening: xr.DataArray) -> xr.DataArray:
    """Count customers by months since the base month, the first; NaN where that cannot be."""
    months = there.sizes["month"]
    counts = there.rename(month="age").assign_coords(age=np.arange(1, months + 1) - base)
    if base == 0:
        first = opening.expand_dims(age=[0]).assign_coords(cohort=there["cohort"])
        counts = xr.concat([first, counts], "age")
    return counts.reindex(age=np.arange(months + 1)).astype(np.float64)


def pooled_retention(results: xr.Dataset) -> xr.DataArray:
    """Share of new customers retained: still there / base, of all cohorts that reach an age.

    As `cohort_retention`, but customers of the opening position are left out: how old they are is
    not known.

    Returns
    -------
    DataArray
        Share, dims ([segment,] age); NaN where no cohort is that old.
    """
    there = _pooled(results, "cohort_customers")
    parts = [
        _aged(there.sel(cohort=c), int(c) * YEAR, there.isel(month=0, drop=True))
        for c in there["cohort"]
        if c > 0
    ]
    by_age = xr.concat(parts, "cohort")
    base = by_age.isel(age=0, drop=True).where(by_age.notnull()).sum("cohort")
    return named(ratio(by_age.sum("cohort"), base), "Customers retained", "1")


def at_constant_rate(retained: xr.DataArray) -> xr.DataArray:
    """Extrapolate what would be retained if the share that is lost were always the first year's.

    Parameters
    ----------
    retained
        Of `pooled_retention`.

    Returns
    -------
    DataArray
        Share, the same dims; NaN where the first year is not over.
    """
    first_year: xr.DataArray = retained.sel(age=YEAR, drop=True)
    return (first_year ** (retained["age"] / YEAR)).transpose(*retained.dims)
