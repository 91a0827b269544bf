"""Margins, burn and cash."""

import numpy as np
import xarray as xr

from gtmsim.metrics import formulas
from gtmsim.metrics.labels import (
    QUARTER,
    YEAR,
    at_start,
    named,
    ratio,
    total,
    trailing,
    units_of,
)
from gtmsim.metrics.revenue import net_new_arr

REVENUE_COSTS = (
    "cogs",
    "support_cost",
    "onboarding_cost",
    "success_team_cost",
    "success_programme_cost",
)
COMPANY_REVENUE_COSTS = ("company_success_cost", "company_support_cost")

SEGMENT_PAYMENTS = (
    "channel_spend",
    "lead_cost",
    "stage_cost",
    "referral_cost",
    "onboarding_cost",
    "expansion_cost",
    "commissions_paid",
    "sales_team_cost",
    "success_team_cost",
    "success_programme_cost",
    "tools_cost",
    "cogs",
    "support_cost",
    "service_credits",
)
_RECEIVABLE_FLOWS = (
    "billings",
    "credit_notes",
    "collections",
    "bad_debt",
    "services_revenue",
    "services_collections",
)
COMPANY_PAYMENTS = (
    "product_cost",
    "general_cost",
    "company_marketing_cost",
    "company_sales_cost",
    "company_success_cost",
    "company_support_cost",
)


def cost_of_revenue(results: xr.Dataset) -> xr.DataArray:
    """Hosting + support + onboarding + customer success and implementation, by month.

    Costs of no one segment fall on the segments by revenue of the month, alike where there is none.

    Returns
    -------
    DataArray
        Unit of the results (currency a month), dims (.., month[, segment]).
    """
    direct = total(results, REVENUE_COSTS)
    shared = total(results, COMPANY_REVENUE_COSTS)
    if "segment" in direct.dims:
        revenue = results["revenue"]
        share = ratio(revenue, revenue.sum("segment")).fillna(1.0 / direct.sizes["segment"])
        shared = shared * share
    return named(direct + shared, "Cost of revenue", units_of(results, "revenue"))


def gross_margin(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """(Revenue - cost of revenue) / revenue of the period, services included; no bad debt.

    Returns
    -------
    DataArray
        Share, dims (.., month[, segment]); NaN without revenue.

    Source
    ------
    SaaS Metrics Standards Board, gross margin.
    """
    revenue = trailing(results["revenue"] + results["services_revenue"], months)
    cost = trailing(cost_of_revenue(results), months)
    return named(ratio(revenue - cost, revenue), "Gross margin", "1")


def support_per_customer_per_year(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """Support cost of a customer a year: support cost / mean customers of the period.

    Returns
    -------
    DataArray
        Unit of the results (currency a year), dims (.., month[, segment]); NaN without customers.
        Support of no one segment is left out.
    """
    cost = trailing(results["support_cost"], months)
    rate = ratio(cost, trailing(results["closing_customers"], months))
    return named(rate * YEAR, "Support cost per customer a year", units_of(results, "support_cost"))


def cash_bridge(results: xr.Dataset) -> xr.Dataset:
    """Cash of the company by month: opening + collections + funding - payments = closing.

    Returns
    -------
    Dataset
        ``opening``, ``collections``, ``funding``, ``segment_payments``, ``company_payments`` and
        ``closing``, in the unit of the results, dims (.., month). The lines add up exactly while
        the company lives, and after it.
    """
    lines = {
        "opening": at_start(results, "cash"),
        "collections": _over_segments(results["collections"] + results["services_collections"]),
        "funding": results["funding"],
        "segment_payments": _over_segments(total(results, SEGMENT_PAYMENTS)),
        "company_payments": total(results, COMPANY_PAYMENTS),
        "closing": results["cash"],
    }
    units = units_of(results, "cash")
    return xr.Dataset({name: named(line, name, units) for name, line in lines.items()})


def _over_segments(values: xr.DataArray) -> xr.DataArray:
    return values.sum("segment") if "segment" in values.dims else values


def revenue_roll_forward(results: xr.Dataset) -> xr.Dataset:
    """Deferred revenue net of unbilled, from opening to closing.

    Opening + billings - credit notes - revenue - service credits + transferred = closing.

    Bad debt written off in arrears is billed first, so it does not appear here.

    Returns
    -------
    Dataset
        ``opening``, ``billings``, ``credit_notes``, ``revenue``, ``service_credits`` (what is
        earned and credited is no revenue), ``transferred`` (with customers who move up) and
        ``closing``; unit of the results, dims (.., month[, segment]). Closes exactly while the
        company lives.
    """
    net = "deferred_revenue", "unbilled_receivables"
    lines = {
        "opening": at_start(results, net[0]) - at_start(results, net[1]),
        "billings": results["billings"],
        "credit_notes": results["credit_notes"],
        "revenue": results["revenue"],
        "service_credits": results["service_credits"],
        "transferred": results["transferred_deferred_revenue"],
        "closing": results[net[0]] - results[net[1]],
    }
    units = units_of(results, "revenue")
    return xr.Dataset({name: named(line, name, units) for name, line in lines.items()})


def receivables_roll_forward(results: xr.Dataset) -> xr.Dataset:
    """Receivables, from opening to closing.

    Opening + billings - credit notes - collections - bad debt + services revenue - services
    collections = closing.

    Returns
    -------
    Dataset
        ``opening``, ``billings``, ``credit_notes``, ``collections``, ``bad_debt``,
        ``services_revenue``, ``services_collections``, ``closing``; unit of the results, dims
        (.., month[, segment]). Closes exactly.
    """
    lines = {
        "opening": at_start(results, "receivables"),
        **{name: results[name] for name in _RECEIVABLE_FLOWS},
        "closing": results["receivables"],
    }
    units = units_of(results, "receivables")
    return xr.Dataset({name: named(line, name, units) for name, line in lines.items()})


def net_burn(results: xr.Dataset, months: int = 1) -> xr.DataArray:
    """Cash used in the period: cash at its start + funding - cash at its end.

    Returns
    -------
    DataArray
        Unit of the results (currency per period), dims (.., month); negative where the company
        makes cash. 0 after an insolvency.
    """
    spent = at_start(results, "cash", months) - results["cash"]
    burn = spent + trailing(results["funding"], months)
    return named(burn, "Net burn", units_of(results, "cash"))


def burn_multiple(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """Net burn / net new ARR of the period, of the company.

    Returns
    -------
    DataArray
        Multiple, dims (.., month); NaN where ARR did not grow, negative where cash was made.

    Source
    ------
    Sacks, The Burn Multiple, 2020: under 1 amazing, 1-1.5 great, 1.5-2 good, 2-3 suspect, over 3
    bad.
    """
    gained = _over_segments(net_new_arr(results, months))
    return named(ratio(net_burn(results, months), gained), "Burn multiple", "1")


def rule_of_40(results: xr.Dataset) -> xr.DataArray:
    """Growth of ARR over 12 months + the margin of cash flow without funding.

    The margin is net cash flow before funding / recognised revenue of the 12 months, services fees
    apart.

    Returns
    -------
    DataArray
        Share (0.40 is the rule), dims (.., month); NaN before month 12, from no ARR or without
        revenue.

    Source
    ------
    Feld, The Rule of 40% for a Healthy SaaS Company, 2015; there with any profit margin.
    """
    revenue = trailing(_over_segments(results["revenue"]), YEAR)
    opening, closing = at_start(results, "arr", YEAR), results["closing_arr"]
    growth = ratio(_over_segments(closing), _over_segments(opening)) - 1.0
    margin = ratio(-net_burn(results, YEAR), revenue)
    return named(growth + margin, "Rule of 40", "1")


def month_of_insolvency(results: xr.Dataset) -> xr.DataArray:
    """Runway as simulated: the first month that ends with cash < 0.

    Returns
    -------
    DataArray
        Month number, dims (draw, replication); infinite where cash never runs out.
    """
    month = xr.apply_ufunc(
        formulas.first_month, results["insolvent"] > 0, input_core_dims=[["month"]]
    )
    return named(month, "Month in which cash runs out", "month")


def survives(results: xr.Dataset) -> xr.DataArray:
    """Whether the company never runs out of cash: no month's end has cash < 0.

    Returns
    -------
    DataArray
        Booleans, dims (draw, replication).
    """
    return named(month_of_insolvency(results) == np.inf, "Never runs out of cash", "1")


def runway(results: xr.Dataset, months: int = QUARTER) -> xr.DataArray:
    """Runway, closed form: cash / mean monthly burn of the period.

    It takes burn as constant: wrong for a company that grows (`month_of_insolvency` is the
    simulated answer).

    Returns
    -------
    DataArray
        Months, dims (.., month); infinite where no cash is burnt, 0 once it is gone.
    """
    burn = net_burn(results, months) / months
    left = ratio(results["cash"], burn).where(~(burn <= 0.0), np.inf)
    # a company that is gone burns nothing: it would seem to last for ever
    left = left.where(results["cash"] >= 0, 0.0)
    return named(left, "Runway, closed form", "month")
