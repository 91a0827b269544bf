"""Recurring revenue: the ARR bridge, churn, renewal and retention."""

from typing import NamedTuple

import xarray as xr

from gtmsim.metrics import formulas
from gtmsim.metrics.labels import (
    YEAR,
    along_months,
    at_start,
    named,
    ratio,
    trailing,
    units_of,
)

BRIDGE_FLOWS = {
    "new": +1,
    "reactivated": +1,
    "expansion": +1,
    "transferred": +1,
    "contraction": -1,
    "churned": -1,
    "ceased": -1,
}
"""Lines of the ARR bridge between opening and closing, in their order, with their signs."""


def arr_bridge(results: xr.Dataset, months: int = 1) -> xr.Dataset:
    """Lay out the ARR bridge of each period, from opening to closing.

    Opening + new + reactivated + expansion + transferred - contraction - churned - ceased =
    closing.

    Parameters
    ----------
    results
        Results, by segment or of the company.
    months
        Length of the period that ends with each month.

    Returns
    -------
    Dataset
        One variable per line, in the unit of the results, dims (.., month[, segment]). Every line
        is positive or zero, but ``transferred``: what moved up into a segment less what moved out,
        which sums to zero over the segments. The lines add up exactly in every replication, month
        and segment. NaN where the period would begin before month 1.

    Source
    ------
    SaaS Metrics Standards Board, ARR definitions; ``ceased`` is what insolvency took.
    """
    flows = {line: trailing(results[f"{line}_arr"], months) for line in BRIDGE_FLOWS}
    lines = {"opening": at_start(results, "arr", months), **flows}
    lines["closing"] = results["closing_arr"].where(lines["opening"].notnull())
    units = units_of(results, "closing_arr")
    return xr.Dataset({name: named(line, f"{name} ARR", units) for name, line in lines.items()})


def closing_carr(results: xr.Dataset) -> xr.DataArray:
    """CARR: ARR in service + ARR signed and not yet in service.

    Returns
    -------
    DataArray
        Unit of the results (ARR), dims (.., month[, segment]).

    Source
    ------
    SaaS Metrics Standards Board, contracted ARR.
    """
    carr = results["closing_arr"] + results["signed_not_started_arr"]
    return named(carr, "CARR at the month's end", units_of(results, "closing_arr"))


def net_new_arr(results: xr.Dataset, months: int = 1) -> xr.DataArray:
    """Net new ARR: closing ARR - ARR at the period's start.

    Returns
    -------
    DataArray
        Unit of the results (ARR), dims (.., month[, segment]).
    """
    change = results["closing_arr"] - at_start(results, "arr", months)
    return named(change, "Net new ARR", units_of(results, "closing_arr"))


def arr_growth(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """Growth of ARR: closing ARR / ARR at the period's start - 1.

    Returns
    -------
    DataArray
        Share per period, dims (.., month[, segment]); NaN from nothing.
    """
    growth = ratio(results["closing_arr"], at_start(results, "arr", months)) - 1.0
    return named(growth, "Growth of ARR", "1")


def logo_churn(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """Share of customers lost in a period: 1 - product of (1 - m) over its months.

    m is customers lost / customers at the month's start: monthly rates compound, they do not add
    up. Months without customers at their start are left out, and the
    others put on the whole period. Customers that insolvency took are not churn.

    Returns
    -------
    DataArray
        Share per period, dims (.., month[, segment]); NaN with customers in less than a quarter
        of the period.

    Source
    ------
    Skok, SaaS Metrics 2.0, 2013.
    """
    monthly = ratio(results["churned_customers"], at_start(results, "customers"))
    lost = along_months(formulas.compounded, monthly, months=months)
    return named(lost, "Logo churn", "1")


def revenue_churn(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """Share of ARR lost in a period by customers who left or shrank: 1 - product of (1 - m).

    m is (churned + contraction) ARR / ARR at the month's start; months without ARR are left out, as
    those without customers are in `logo_churn`.
    Expansion does not count: this is gross churn.

    Returns
    -------
    DataArray
        Share per period, dims (.., month[, segment]); NaN with ARR in less than a quarter of the
        period.

    Source
    ------
    Skok, SaaS Metrics 2.0, 2013 (gross dollar churn).
    """
    lost = results["churned_arr"] + results["contraction_arr"]
    monthly = ratio(lost, at_start(results, "arr"))
    churn = along_months(formulas.compounded, monthly, months=months)
    return named(churn, "Revenue churn", "1")


def renewal_rate(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """ARR renewed / ARR up for renewal in the period.

    Contraction at the renewal does not count against it. Month-to-month contracts are up every
    month.

    Returns
    -------
    DataArray
        Share, dims (.., month[, segment]); NaN where nothing is up for renewal.

    Source
    ------
    SaaS Metrics Standards Board, renewal rate (on what is available to renew).
    """
    due = trailing(results["renewal_due_arr"], months)
    lost = trailing(results["renewal_lost_arr"], months)
    return named(ratio(due - lost, due), "Renewal rate of ARR", "1")


def logo_renewal_rate(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """Contracts renewed / contracts up for renewal in the period.

    Customers who end for not paying do so between renewals and are left out.

    Returns
    -------
    DataArray
        Share, dims (.., month[, segment]); NaN where nothing is up for renewal.
    """
    due = trailing(results["renewals_due"], months)
    voluntary = results["churned_customers"] - results["involuntary_churned_customers"]
    return named(ratio(due - trailing(voluntary, months), due), "Renewal rate of contracts", "1")


class Retention(NamedTuple):
    """Parts of a retention rate, by month."""

    kept: xr.DataArray
    base: xr.DataArray
    """NaN before month 12, and from an insolvency on."""


def retention_parts(results: xr.Dataset, kept: str) -> Retention:
    """ARR kept of the customers of 12 months ago, and their ARR then."""
    base = at_start(results, "arr", YEAR)
    return Retention(results[kept], base.where(results["insolvent"] == 0))


def nrr(results: xr.Dataset) -> xr.DataArray:
    """NRR: ARR now of the customers of 12 months ago / their ARR then.

    New logos and customers who came back after a break do not count. The base of month 12 is the
    opening position. What insolvency takes is not churn, so no month from it on has a figure.

    Returns
    -------
    DataArray
        Share, dims (.., month[, segment]); NaN before month 12, without customers then, and from
        an insolvency on.

    Source
    ------
    SaaS Metrics Standards Board, net revenue retention.
    """
    return named(ratio(*retention_parts(results, "retained_arr")), "Net revenue retention", "1")


def grr(results: xr.Dataset) -> xr.DataArray:
    """GRR: ARR kept of the customers of 12 months ago / their ARR then.

    Kept of a customer is the smaller of its ARR now and then, so that no expansion makes up for
    what others lost. What else holds for `nrr` holds here.

    Returns
    -------
    DataArray
        Share, at most 1, dims (.., month[, segment]); NaN before month 12, without customers
        then, and from an insolvency on.

    Source
    ------
    SaaS Metrics Standards Board, gross revenue retention.
    """
    parts = retention_parts(results, "retained_arr_capped")
    return named(ratio(*parts), "Gross revenue retention", "1")


def quick_ratio(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """SaaS quick ratio: ARR gained / ARR lost.

    (new + reactivated + expansion) / (churned + contraction).

    Returns
    -------
    DataArray
        Multiple, dims (.., month[, segment]); NaN where nothing was lost.

    Source
    ------
    Kellogg, The SaaS Quick Ratio, 2015: 4 is the usual target.
    """
    gained = results["new_arr"] + results["reactivated_arr"] + results["expansion_arr"]
    lost = results["churned_arr"] + results["contraction_arr"]
    return named(ratio(trailing(gained, months), trailing(lost, months)), "SaaS quick ratio", "1")


def largest_customer_share(results: xr.Dataset) -> xr.DataArray:
    """ARR of the largest customer / closing ARR.

    Parameters
    ----------
    results
        Results by segment, or those of `labels.company`.

    Returns
    -------
    DataArray
        Share, dims (.., month[, segment]); NaN without ARR.
    """
    share = ratio(results["largest_customer_arr"], results["closing_arr"])
    return named(share, "Share of the largest customer in ARR", "1")


def arr_per_customer(results: xr.Dataset) -> xr.DataArray:
    """ARPA: closing ARR / customers.

    Returns
    -------
    DataArray
        Unit of the results (ARR), dims (.., month[, segment]); NaN without customers.
    """
    arpa = ratio(results["closing_arr"], results["closing_customers"])
    return named(arpa, "ARR per customer", units_of(results, "closing_arr"))


def expansion_share(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """Expansion ARR / (new + expansion ARR) of the period.

    Returns
    -------
    DataArray
        Share, dims (.., month[, segment]); NaN without either.
    """
    expansion = trailing(results["expansion_arr"], months)
    new = trailing(results["new_arr"], months)
    return named(ratio(expansion, new + expansion), "Share of expansion in new ARR", "1")


def expansion_per_year(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """Growth of customers' ARR by expansion: expansion ARR / mean ARR of the period, a year.

    Price increases count.

    Returns
    -------
    DataArray
        Share a year, dims (.., month[, segment]); NaN without ARR.
    """
    gained = trailing(results["expansion_arr"], months)
    rate = ratio(gained, trailing(results["closing_arr"], months))
    return named(rate * YEAR, "Expansion a year", "1")
