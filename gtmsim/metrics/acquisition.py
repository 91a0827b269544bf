"""What new customers cost and are worth: CAC, payback, LTV.

CAC comes in three: paid (programmes only, per new logo), fully loaded (people, tools and ramp too,
per new logo) and blended (sales and marketing with the cost of expansion, over new and expansion
ARR together, hence only as a ratio). And it comes twice: by period, of what a period cost and won,
lagged by the sales cycle, and by cohort, of the leads that came in a period, whenever they cost and
won (`lead_cohort_cac`).

Acquisition cost is what sales and marketing cost in the period, lost deals, idle sellers and ramp
included: channel spend and events, cost per lead, stages and touches, referral rewards and partner
commissions, sales and marketing teams, commissions earned, tools, and the company's own sales and
marketing cost lines. Onboarding, support and customer success are cost of revenue instead. What of
seller time and commissions belongs to expansions is not acquisition: it is in the blended cost.
"""

import numpy as np
import xarray as xr

from gtmsim.metrics import formulas
from gtmsim.metrics.labels import (
    QUARTER,
    YEAR,
    along_months,
    before,
    months_of,
    named,
    ratio,
    total,
    trailing,
    units_of,
)
from gtmsim.metrics.profit import gross_margin
from gtmsim.metrics.revenue import arr_per_customer, grr

PROGRAMME_COSTS = ("channel_spend", "lead_cost", "stage_cost", "referral_cost")
PEOPLE_COSTS = ("sales_team_cost", "commissions", "tools_cost")
OF_EXPANSIONS = ("expansion_team_cost", "expansion_commissions")
"""Parts of the cost of people that expansions take."""
COMPANY_COSTS = ("company_marketing_cost", "company_sales_cost")


def programme_cost(results: xr.Dataset) -> xr.DataArray:
    """Cost of programmes: channel spend + leads + stages and touches + rewards, by month.

    Rewards are those of referrers, with partners' commissions. No people, tools or costs of no one
    segment.

    Returns
    -------
    DataArray
        Unit of the results (currency a month), dims (.., month[, segment]).
    """
    cost = total(results, PROGRAMME_COSTS)
    return named(cost, "Programme cost", units_of(results, "channel_spend"))


def acquisition_cost(results: xr.Dataset) -> xr.DataArray:
    """Fully loaded cost of acquisition by month: programmes + people + tools + company costs.

    Programmes are `programme_cost`, people the sales and marketing teams with the commissions they
    earn, but for their time and commissions of expansions. Company costs are the marketing and
    sales cost lines of no one segment: they fall on the segments by their own acquisition cost of
    the month, alike where none has any.

    Returns
    -------
    DataArray
        Unit of the results (currency a month), dims (.., month[, segment]); sums over segments to
        that of the company.
    """
    direct = total(results, PROGRAMME_COSTS + PEOPLE_COSTS) - total(results, OF_EXPANSIONS)
    cost = _with_company_costs(direct, results)
    return named(cost, "Acquisition cost", units_of(results, "channel_spend"))


def _with_company_costs(direct: xr.DataArray, results: xr.Dataset) -> xr.DataArray:
    """Add the month's costs of no one segment, by the segments' own cost."""
    shared = total(results, COMPANY_COSTS)
    if "segment" in direct.dims:
        share = ratio(direct, direct.sum("segment")).fillna(1.0 / direct.sizes["segment"])
        shared = shared * share
    return direct + shared


def sales_and_marketing_cost(results: xr.Dataset) -> xr.DataArray:
    """Acquisition cost + the cost of expansion, by month.

    Expansion costs its triggers, the sellers' time for its attempts, and its commissions.

    Returns
    -------
    DataArray
        Unit of the results (currency a month), dims (.., month[, segment]).
    """
    cost = acquisition_cost(results) + total(results, ("expansion_cost", *OF_EXPANSIONS))
    return named(cost, "Sales and marketing cost", units_of(results, "channel_spend"))


def cycle_lag(results: xr.Dataset) -> xr.DataArray:
    """Lag from spend to win: sales cycles of all replications and months / new logos.

    It is one number for all replications, because those with few wins hardly show theirs. So the
    lagged metrics of one replication depend a little on the others, and on how many were
    simulated; their Monte Carlo intervals take the lag as known.

    Returns
    -------
    DataArray
        Months, parts of months included, dims ([segment]); 0 where nothing was won.
    """
    over = [dim for dim in ("draw", "replication", "month") if dim in results["new_logos"].dims]
    cycle = ratio(months_of(results, "sales_cycle_time").sum(over), results["new_logos"].sum(over))
    return named(cycle.fillna(0.0), "Mean sales cycle", "month")


def _delayed(flow: xr.DataArray, lag: xr.DataArray) -> xr.DataArray:
    """Flow of ``lag`` months ago, where the lag may differ between segments."""
    if not lag.dims:
        return along_months(formulas.delayed, flow, months=float(lag))
    parts = [
        along_months(
            formulas.delayed, flow.sel(segment=[name]), months=float(lag.sel(segment=name))
        )
        for name in flow["segment"].to_numpy()
    ]
    return xr.concat(parts, "segment").transpose(*flow.dims)


def _lag(results: xr.Dataset, given: xr.DataArray | float | None) -> xr.DataArray:
    return cycle_lag(results) if given is None else xr.DataArray(given)


def _counted(results: xr.Dataset, lag: xr.DataArray) -> xr.DataArray:
    """Share of each month's wins whose cost lies in month 1 or later, dims (month[, segment])."""
    return _delayed(xr.ones_like(results["month"], np.float64) * xr.ones_like(lag), lag)


def cac_months(
    results: xr.Dataset, months: int = YEAR, lag: xr.DataArray | float | None = None
) -> xr.DataArray:
    """Months of new logos that `cac` counts: those whose lagged cost lies in the simulation.

    Parameters as in `cac`.

    Returns
    -------
    DataArray
        Months, dims (month[, segment]): ``months`` but where that reaches back to a cost before
        month 1; NaN where the period itself begins before.
    """
    counted = trailing(_counted(results, _lag(results, lag)), months)
    return named(counted, "Months of new logos in CAC", "month")


def cac(
    results: xr.Dataset, months: int = YEAR, lag: xr.DataArray | float | None = None
) -> xr.DataArray:
    """Fully loaded CAC by period: acquisition cost (lagged by the sales cycle) / new logos.

    The cost is `acquisition_cost`, lost deals and idle sellers included. New logos whose cost lies
    before month 1, which is unknown, are left out with it: a first year has the CAC of the months
    that remain (`cac_months`).

    Parameters
    ----------
    results
        Results, by segment or of the company.
    months
        Length of the period that ends with each month.
    lag
        Months from cost to win, parts of months included; by default `cycle_lag`.

    Returns
    -------
    DataArray
        Unit of the results (currency per customer), dims (.., month[, segment]); NaN where the
        period begins before month 1, won nobody or has all of its cost before month 1.

    Source
    ------
    Skok, SaaS Metrics 2.0, 2013; the lag is common practice for cycles over a month.
    """
    return _per_new_logo(results, acquisition_cost(results), months, lag, "CAC, fully loaded")


def paid_cac(
    results: xr.Dataset, months: int = YEAR, lag: xr.DataArray | float | None = None
) -> xr.DataArray:
    """Paid CAC by period: programme cost (lagged by the sales cycle) / new logos.

    The cost is `programme_cost`: no people, commissions, tools or costs of no one segment. New
    logos are those of all channels.

    Parameters
    ----------
    results, months, lag
        As in `cac`.

    Returns
    -------
    DataArray
        Unit of the results (currency per customer), dims (.., month[, segment]); NaN as in `cac`.
    """
    return _per_new_logo(results, programme_cost(results), months, lag, "CAC, paid")


def _per_new_logo(
    results: xr.Dataset,
    cost: xr.DataArray,
    months: int,
    lag: xr.DataArray | float | None,
    long_name: str,
) -> xr.DataArray:
    return named(
        _lagged_ratio(results, cost, results["new_logos"], months, lag),
        long_name,
        units_of(results, "channel_spend"),
    )


def _lagged_ratio(
    results: xr.Dataset,
    cost: xr.DataArray,
    won: xr.DataArray,
    months: int,
    lag: xr.DataArray | float | None,
) -> xr.DataArray:
    """Lagged cost of a period over what it won, as far as that cost lies in the simulation."""
    return ratio(*_lagged(results, cost, won, months, lag))


def _lagged(
    results: xr.Dataset,
    cost: xr.DataArray,
    won: xr.DataArray,
    months: int,
    lag: xr.DataArray | float | None,
) -> tuple[xr.DataArray, xr.DataArray]:
    """Lagged cost of a period, and what it won as far as that cost lies in the simulation."""
    by = _lag(results, lag)
    counted = (won * _counted(results, by)).transpose(*won.dims)
    return trailing(_delayed(cost, by), months), trailing(counted, months)


def paid_channel_cac(
    results: xr.Dataset, months: int = YEAR, lag: xr.DataArray | float | None = None
) -> xr.DataArray:
    """CAC of paid channels by period: cost of channels with spend / new logos they brought.

    The cost is programme cost only and lagged by the sales cycle, as in `paid_cac`. Channels
    without spend in any replication are left out, with their customers. A channel's organic leads
    cannot be told from its paid ones.

    Parameters
    ----------
    results, months, lag
        As in `cac`.

    Returns
    -------
    DataArray
        Unit of the results (currency per customer), dims (.., month[, segment]); NaN as in `cac`.
    """
    spend = results["spend_by_channel"]
    paid = spend.sum([dim for dim in spend.dims if dim != "channel"]) > 0
    cost = (spend + results["variable_cost_by_channel"]).where(paid, 0).sum("channel")
    won = results["new_logos_by_channel"].where(paid, 0).sum("channel")
    per_logo = _lagged_ratio(results, cost, won, months, lag)
    return named(per_logo, "CAC of paid channels", units_of(results, "spend_by_channel"))


def lead_cohort_cost(results: xr.Dataset) -> xr.DataArray:
    """Fully loaded cost by the month in which leads came: leads + spend + sellers + company costs.

    Of the served leads of a segment that came in a month, won or not:

    - what they cost by the end of the simulation: cost of leads, stages and touches, referral
      rewards, partner commissions, and commissions on what they signed;
    - the segment's channel spend and events of the month in which they came;
    - their sellers: the time that sales and marketing teams worked on them (expansions apart), at
      the segment's cost per hour worked: its sales team cost and tools over the whole simulation,
      less the work on expansions, over the time worked for it, the opening pipeline's included. So
      idle time, ramp and leavers are spread by worked time. Where nobody worked for the segment,
      the cost of the month in which they came;
    - costs of no one segment of the month in which they came, spread as in `acquisition_cost`, by
      the cohorts' own cost.

    Over all months it is the acquisition cost of the simulation, but for that of the opening
    pipeline.

    Parameters
    ----------
    results
        Results by segment.

    Returns
    -------
    DataArray
        Unit of the results (currency), dims (.., month, segment), by the month in which leads came;
        of leads that are still open, so far. NaN in replications that end insolvent, whose cohorts
        are not kept.
    """
    sellers = results["sales_team_cost"] + results["tools_cost"] - results["expansion_team_cost"]
    per_month_worked = ratio(sellers.sum("month"), months_of(results, "seller_time").sum("month"))
    worked = months_of(results, "lead_cohort_seller_time") * per_month_worked
    variable = results["lead_cohort_variable_cost"] + results["channel_spend"]
    direct = variable + worked.where(per_month_worked.notnull(), sellers)
    cost = _with_company_costs(direct.transpose(*variable.dims), results)
    return named(
        cost.where(_is_kept(results)), "Acquisition cost by month of the lead",
        units_of(results, "channel_spend"),
    )  # fmt: skip


def _is_kept(results: xr.Dataset) -> xr.DataArray:
    """Replications whose lead cohorts are kept: those that are solvent to the end."""
    return results["insolvent"].isel(month=-1, drop=True) == 0


def _of_cohort(flow: xr.DataArray, months: int, pooled: bool) -> xr.DataArray:
    return trailing(flow.sum("segment", skipna=False) if pooled else flow, months)


def lead_cohort_cac(results: xr.Dataset, months: int = YEAR, pooled: bool = False) -> xr.DataArray:
    """Fully loaded CAC by cohort: what the leads of a period cost / new logos among them.

    Cost and new logos are those of the leads that came in the period, up to the end of the
    simulation (`lead_cohort_cost`); nothing is lagged. While leads of the period are open
    (`lead_cohort_is_immature`), neither is final.

    Parameters
    ----------
    results
        Results by segment.
    months
        Length of the period that ends with each month: 1 for the leads of a month, 3 of a quarter,
        12 of a year.
    pooled
        Of all segments together.

    Returns
    -------
    DataArray
        Unit of the results (currency per customer), dims (.., month[, segment]), by the last month
        in which leads came; NaN where the period begins before month 1 or won nobody, and in
        replications that end insolvent.

    Source
    ------
    Skok, SaaS Metrics 2.0, 2013 (CAC); by cohort of leads, so that no lag has to be assumed.
    """
    cost = _of_cohort(lead_cohort_cost(results), months, pooled)
    won = _of_cohort(results["lead_cohort_new_logos"], months, pooled)
    return named(ratio(cost, won), "CAC by cohort of leads", units_of(results, "channel_spend"))


def lead_cohort_cac_ratio(
    results: xr.Dataset, months: int = YEAR, pooled: bool = False
) -> xr.DataArray:
    """New-logo CAC ratio by cohort: what the leads of a period cost / ARR they booked.

    Parameters and terms as in `lead_cohort_cac`; `cac_ratio` is by period.

    Returns
    -------
    DataArray
        Multiple, dims (.., month[, segment]), by the last month in which leads came; NaN as in
        `lead_cohort_cac`.
    """
    cost = _of_cohort(lead_cohort_cost(results), months, pooled)
    booked = _of_cohort(results["lead_cohort_booked_arr"], months, pooled)
    return named(ratio(cost, booked), "CAC ratio by cohort of leads", "1")


def lead_cohort_closed_share(
    results: xr.Dataset, months: int = YEAR, pooled: bool = False
) -> xr.DataArray:
    """Share of leads decided by the end of the simulation: 1 - leads still open / leads served.

    Both are of the leads that came in the period.

    Parameters as in `lead_cohort_cac`.

    Returns
    -------
    DataArray
        Share, dims (.., month[, segment]); NaN without leads and in replications that end
        insolvent.
    """
    served = _of_cohort(results["leads"] - results["unserved_leads"], months, pooled)
    still_open = _of_cohort(results["lead_cohort_open_leads"], months, pooled)
    closed = (1.0 - ratio(still_open, served)).where(_is_kept(results))
    return named(closed, "Leads won or lost by the end", "1")


def lead_cohort_is_immature(
    results: xr.Dataset, months: int = YEAR, pooled: bool = False
) -> xr.DataArray:
    """Whether leads of a period are still open: 1 where their number at the end is > 0, else 0.

    Parameters as in `lead_cohort_cac`.

    Returns
    -------
    DataArray
        1 or 0, dims (.., month[, segment]); NaN where the period begins before month 1 and in
        replications that end insolvent.
    """
    still_open = _of_cohort(results["lead_cohort_open_leads"], months, pooled)
    flag = (still_open > 0).where(still_open.notnull() & _is_kept(results))
    return named(flag.astype(np.float64), "Leads of the period are still open", "1")


def cac_ratio(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """New-logo CAC ratio: acquisition cost / new-logo ARR booked, not lagged.

    Returns
    -------
    DataArray
        Multiple, dims (.., month[, segment]); NaN without bookings.

    Source
    ------
    KeyBanc and Benchmarkit SaaS surveys (new customer CAC ratio).
    """
    cost = trailing(acquisition_cost(results), months)
    return named(ratio(cost, trailing(results["booked_arr"], months)), "CAC ratio, new logos", "1")


def blended_cac_ratio(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """Blended CAC ratio: sales and marketing cost / (new-logo ARR booked + expansion ARR).

    Returns
    -------
    DataArray
        Multiple, dims (.., month[, segment]); NaN without either.

    Source
    ------
    KeyBanc and Benchmarkit SaaS surveys (blended CAC ratio).
    """
    cost = trailing(sales_and_marketing_cost(results), months)
    gained = trailing(results["booked_arr"] + results["expansion_arr"], months)
    return named(ratio(cost, gained), "CAC ratio, blended", "1")


def magic_number(results: xr.Dataset) -> xr.DataArray:
    """(Revenue of the quarter - revenue of the quarter before) x 4 / cost of the quarter before.

    Revenue is recognised (not ARR), services fees apart; the cost is that of sales and marketing.

    Returns
    -------
    DataArray
        Multiple, dims (.., month[, segment]), of the quarter that ends with the month; NaN before
        month 6 and without cost.

    Source
    ------
    Scale Venture Partners, The Magic Number, 2008: above 0.75 invest, under 0.5 look again.
    """
    revenue = trailing(results["revenue"], QUARTER)
    added = (revenue - before(revenue, QUARTER)) * (YEAR // QUARTER)
    cost = trailing(sales_and_marketing_cost(results), QUARTER)
    return named(ratio(added, before(cost, QUARTER)), "Magic number", "1")


def booked_arr_per_logo(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """Average first-year contract value: ARR booked / new logos.

    Returns
    -------
    DataArray
        Unit of the results (ARR), dims (.., month[, segment]); NaN where nobody was won.
    """
    acv = ratio(trailing(results["booked_arr"], months), trailing(results["new_logos"], months))
    return named(acv, "ARR booked per new logo", units_of(results, "booked_arr"))


def cac_payback(
    results: xr.Dataset, months: int = YEAR, lag: xr.DataArray | float | None = None
) -> xr.DataArray:
    """Months for a new customer's gross margin to repay its fully loaded CAC.

    CAC / (booked ARR per new logo / 12 x gross margin), all of the same period (of which `cac`
    may leave out the first months).

    Parameters
    ----------
    results
        Results, by segment or of the company.
    months
        Length of the period that ends with each month.
    lag
        As in `cac`.

    Returns
    -------
    DataArray
        Months, dims (.., month[, segment]); NaN where nobody was won or the gross margin is not
        positive.

    Source
    ------
    Skok, SaaS Metrics 2.0, 2013.
    """
    payback = xr.apply_ufunc(
        formulas.cac_payback,
        cac(results, months, lag),
        booked_arr_per_logo(results, months),
        gross_margin(results, months),
    )
    return named(payback, "CAC payback on gross margin", "month")


def cac_to_acv(
    results: xr.Dataset, months: int = YEAR, lag: xr.DataArray | float | None = None
) -> xr.DataArray:
    """Fully loaded CAC / ARR booked per new logo, the cost lagged as in `cac`.

    `cac_ratio` is the same without a lag.

    Parameters
    ----------
    results, months, lag
        As in `cac`.

    Returns
    -------
    DataArray
        Multiple, dims (.., month[, segment]); NaN where nobody was won.
    """
    quotient = ratio(cac(results, months, lag), booked_arr_per_logo(results, months))
    return named(quotient, "CAC per unit of first-year ARR", "1")


def ltv(results: xr.Dataset, months: int = YEAR, pooled: bool = False) -> xr.DataArray:
    """LTV, closed form: ARR per customer x gross margin / (1 - GRR), undiscounted.

    The gross profit of a customer whose ARR melts by the same share year after year. That share is
    what the customers of 12 months ago have lost since, by leaving and shrinking. Logo churn of the
    period would flatter a segment that grows: customers on yearly terms who joined within the year
    are counted in it, and cannot leave yet. Expansion is left out. In a segment that grows on terms
    of more than a year, some of this flattery remains. `cohort_value` is the simulated counterpart.

    Parameters
    ----------
    results
        Results by segment, or of the company, whose customers are then taken as alike.
    months
        Period of the gross margin.
    pooled
        Of all segments together: the mean over the new logos of the period, each worth the LTV of
        its segment; segments whose LTV is not known are left out. So it lies between the
        segments', where the mixed churn and the mixed ARR of all need not lead.

    Returns
    -------
    DataArray
        Unit of the results (currency per customer), dims (.., month[, segment]); infinite where
        nothing was lost, NaN before month 12, without customers 12 months ago, and from an
        insolvency on.

    Source
    ------
    Skok, SaaS Metrics 2.0, 2013 (ARPA x gross margin / churn), with the gross revenue churn of a
    year as the churn.
    """
    value = xr.apply_ufunc(
        formulas.lifetime_value,
        arr_per_customer(results),
        gross_margin(results, months),
        1.0 - grr(results),
    )
    if pooled:
        won = trailing(results["new_logos"], months)
        value = ratio(_worth(won, value), _of_known(won, value))
    return named(value, "LTV, closed form", units_of(results, "channel_spend"))


def ltv_to_cac(
    results: xr.Dataset,
    months: int = YEAR,
    lag: xr.DataArray | float | None = None,
    pooled: bool = False,
) -> xr.DataArray:
    """LTV:CAC: gross-profit LTV in closed form / fully loaded CAC (`ltv`, `cac`).

    Parameters
    ----------
    results, months, lag
        As in `cac`.
    pooled
        Of all segments together: the new logos of the period, each worth the LTV of its segment,
        over what they cost; a ratio of sums over segments. Those whose LTV is not known are left
        out with their cost.

    Returns
    -------
    DataArray
        Multiple, dims (.., month[, segment]); NaN where either is undefined, infinite where nothing
        was lost.

    Source
    ------
    Skok, SaaS Metrics 2.0, 2013: 3 is the usual floor.
    """
    value = ltv(results, months)
    if pooled:
        cost, won = _lagged(results, acquisition_cost(results), results["new_logos"], months, lag)
        quotient = ratio(_worth(won, value), _of_known(cost, value))
    else:
        quotient = ratio(value, cac(results, months, lag))
    return named(quotient, "LTV:CAC", "1")


def _worth(won: xr.DataArray, value: xr.DataArray) -> xr.DataArray:
    """Sum over segments of what new logos are worth, where that is known."""
    counts = (won > 0) & value.notnull()  # nobody is worth nothing, also at an endless LTV
    return (won * value).where(counts, 0.0).sum("segment")


def _of_known(values: xr.DataArray, known: xr.DataArray) -> xr.DataArray:
    """Sum over the segments in which something else is known."""
    return values.where(known.notnull(), 0.0).sum("segment", skipna=False)


def cohort_value(results: xr.Dataset, discount_per_year: float = 0.10) -> xr.DataArray:
    """Discounted gross profit so far of a yearly cohort / its customers, as simulated.

    Gross profit is each month's cohort ARR / 12 x the segment's gross margin over the whole
    simulation, discounted to the start of the cohort's year, by default at 10 % a year. Its
    customers are those whose service began in that year.

    Parameters
    ----------
    results
        Results, by segment or of the company.
    discount_per_year
        Yearly discount rate.

    Returns
    -------
    DataArray
        Unit of the results (currency per customer), dims (.., cohort[, segment]); capped at the
        simulation's end, hence a lower bound of lifetime value. The cohort of the opening
        customers (0) has no acquisition and is left out. NaN where nobody joined.

    Source
    ------
    Gupta, Lehmann and Stuart, Valuing Customers, 2004 (discounted margin of a cohort).
    """
    profit = _cohort_profit(results)
    since = results["month"] - 1 - (profit["cohort"] - 1) * YEAR
    factor = (1.0 + discount_per_year) ** (-(since + 0.5) / YEAR)
    value = ratio((profit * factor.where(since >= 0, 0.0)).sum("month"), _joined(results))
    return named(value, "Cohort LTV to date, discounted", units_of(results, "channel_spend"))


def cohort_break_even(results: xr.Dataset) -> xr.DataArray:
    """Months until a yearly cohort's gross profit has repaid its year's acquisition cost.

    The first month with gross profit so far >= acquisition cost of the cohort's year, counted from
    the start of that year. Gross profit is as in `cohort_value`, but undiscounted; the cost is not
    lagged.

    Returns
    -------
    DataArray
        Months, at least 1, dims (.., cohort[, segment]); infinite where the simulation ends
        before, NaN where nobody joined.

    Source
    ------
    Skok, SaaS Metrics 2.0, 2013 (cohort break-even).
    """
    earned = _cohort_profit(results).cumsum("month")
    cost = _in_cohort_years(acquisition_cost(results), results)
    repaid = (earned >= cost) & (results["month"] > (cost["cohort"] - 1) * YEAR)
    month = xr.apply_ufunc(formulas.first_month, repaid, input_core_dims=[["month"]])
    since = month - (month["cohort"] - 1) * YEAR
    return named(since.where(_joined(results) > 0), "Cohort break-even", "month")


def _cohort_profit(results: xr.Dataset) -> xr.DataArray:
    """Gross profit of the cohorts that are there but the opening one, by month."""
    horizon = results.sizes["month"]
    margin = gross_margin(results, horizon).isel(month=-1, drop=True)
    return results["cohort_arr"].sel(cohort=slice(1, None)) / YEAR * margin


def _joined(results: xr.Dataset) -> xr.DataArray:
    return _in_cohort_years(results["new_customers"], results)


def _in_cohort_years(flow: xr.DataArray, results: xr.Dataset) -> xr.DataArray:
    """Sum of a flow over the year of each cohort that is there but the opening one."""
    year = ((flow["month"] - 1) // YEAR + 1).rename("cohort")
    cohorts = results["cohort"].sel(cohort=slice(1, None))
    return flow.groupby(year).sum("month").sel(cohort=cohorts)
