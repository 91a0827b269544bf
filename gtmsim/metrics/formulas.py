"""The arithmetic of the metrics on plain arrays: no labels, no units, no engine.

Functions work elementwise and broadcast; where months matter, they are the last axis. A figure that
is undefined is NaN. A ratio's parts are summed before they are divided, by the caller.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln

from gtmsim.vocabulary import MONTHS_PER_YEAR

Array = NDArray[np.float64]

_LEAST_PART = 4
"""A quarter of a window must be seen before its rates stand for all of it."""


def ratio(numerator: ArrayLike, denominator: ArrayLike) -> Array:
    """Quotient; NaN where the denominator is not positive."""
    top, bottom = np.broadcast_arrays(
        np.asarray(numerator, np.float64), np.asarray(denominator, np.float64)
    )
    out: Array = np.full(top.shape, np.nan)
    np.divide(top, bottom, out=out, where=bottom > 0.0)
    return out


def trailing_sum(flow: ArrayLike, months: int) -> Array:
    """Sum each month and the ``months - 1`` before it.

    Parameters
    ----------
    flow
        Shape (..., month).
    months
        Length of the window, at least 1.

    Returns
    -------
    Array
        Shape (..., month); NaN in the first ``months - 1`` months, and where a summand is.
    """
    values = np.asarray(flow, np.float64)
    out = np.full_like(values, np.nan)
    if months <= values.shape[-1]:
        out[..., months - 1 :] = _window_sums(values, months)
    return out


def _window_sums(values: Array, months: int) -> Array:
    """Sum every window of ``months``, shape (..., windows), from sums of 1, 2, 4, ... months."""
    n = values.shape[-1] - months + 1
    out = np.zeros_like(values[..., :n])
    sums, length, done = values, 1, 0
    while True:
        if months & length:
            out += sums[..., done : done + n]
            done += length
        if done == months:
            return out
        sums, length = sums[..., :-length] + sums[..., length:], 2 * length


def lagged(stock: ArrayLike, months: int) -> Array:
    """Value of ``months`` ago; NaN where that lies before the first month. Shape (..., month)."""
    values = np.asarray(stock, np.float64)
    out = np.full(values.shape, np.nan)
    if months < values.shape[-1]:
        out[..., months:] = values[..., : values.shape[-1] - months]
    return out


def delayed(flow: ArrayLike, months: float) -> Array:
    """Flow as it arrives ``months`` later, between whole months in parts on either side.

    Parameters
    ----------
    flow
        Shape (..., month).
    months
        Delay, at least 0; 1.25 months put a quarter of a month's flow into the second month after
        it and the rest into the first.

    Returns
    -------
    Array
        Shape (..., month); nothing arrives from before the first month. NaN where part of what
        arrives is.
    """
    values = np.asarray(flow, np.float64)
    whole = int(months)
    later = months - whole
    if later == 0.0:  # nothing arrives a month later: not 0 x NaN either
        return _shifted(values, whole)
    return (1.0 - later) * _shifted(values, whole) + later * _shifted(values, whole + 1)


def _shifted(values: Array, months: int) -> Array:
    """Flow of ``months`` ago; 0 where that lies before the first month."""
    out = np.zeros(values.shape)
    if months < values.shape[-1]:
        out[..., months:] = values[..., : values.shape[-1] - months]
    return out


def compounded(monthly: ArrayLike, months: int) -> Array:
    """Loss over ``months`` months at monthly rates: 1 - product of (1 - rate), not their sum.

    Months without a rate say nothing: the rates seen in the window are put on its whole length,
    1 - kept ** (months / months seen).

    Parameters
    ----------
    monthly
        Shares lost a month, shape (..., month), NaN where nobody is there to lose. A rate above 1
        (some joined and left within the month) counts as 1.
    months
        Length of the window.

    Returns
    -------
    Array
        Shape (..., month); NaN in the first ``months - 1`` months and where less than a quarter
        of the window has rates.
    """
    rates = np.asarray(monthly, np.float64)
    out = np.full(rates.shape, np.nan)
    n_windows = rates.shape[-1] - months + 1
    if n_windows > 0:
        kept = np.ones((*rates.shape[:-1], n_windows))
        seen = np.zeros(kept.shape)
        for first in range(months):  # not one array of all windows: that would be large
            month = rates[..., first : first + n_windows]
            kept *= np.where(np.isnan(month), 1.0, 1.0 - np.clip(month, 0.0, 1.0))
            seen += ~np.isnan(month)
        is_enough = seen * _LEAST_PART >= months
        lost = 1.0 - kept ** (months / np.maximum(seen, 1.0))
        out[..., months - 1 :] = np.where(is_enough, lost, np.nan)
    return out


def first_month(flags: ArrayLike) -> Array:
    """Find the first month with a flag, counted from 1; infinite where there is none.

    Parameters
    ----------
    flags
        Shape (..., month).

    Returns
    -------
    Array
        Shape (...). Infinite, not NaN, so that quantiles over replications count "never" as
        later than everything.
    """
    marked = np.asarray(flags, np.bool_)
    return np.where(marked.any(-1), marked.argmax(-1) + 1.0, np.inf)


def cac_payback(cac: ArrayLike, new_arr_per_customer: ArrayLike, gross_margin: ArrayLike) -> Array:
    """Months for a new customer's gross margin to repay its acquisition cost.

    Parameters
    ----------
    cac
        Acquisition cost per new customer, currency.
    new_arr_per_customer
        First ARR of a new customer, currency a year.
    gross_margin
        Share of revenue, in (-inf, 1].

    Returns
    -------
    Array
        Months; NaN where the margin or the ARR is not positive (it never repays).

    Source
    ------
    Skok, SaaS Metrics 2.0, 2013: CAC / (new MRR x gross margin).
    """
    monthly = np.asarray(new_arr_per_customer, np.float64) / MONTHS_PER_YEAR
    return ratio(cac, monthly * np.asarray(gross_margin, np.float64))


def lifetime_value(
    arr_per_customer: ArrayLike, gross_margin: ArrayLike, churn_per_year: ArrayLike
) -> Array:
    """Gross profit of a customer over its life, closed form, undiscounted.

    Parameters
    ----------
    arr_per_customer
        ARPA, currency a year.
    gross_margin
        Share of revenue.
    churn_per_year
        Yearly probability of leaving; the life is 1 / churn years.

    Returns
    -------
    Array
        Currency; infinite at zero churn, NaN where an input is.

    Source
    ------
    Skok, SaaS Metrics 2.0, 2013: ARPA x gross margin / churn. It takes one constant churn rate,
    which understates the life of customers who differ (Fader and Hardie, 2010).
    """
    profit = np.asarray(arr_per_customer, np.float64) * np.asarray(gross_margin, np.float64)
    churn = np.asarray(churn_per_year, np.float64)
    endless = np.where(np.isnan(profit), np.nan, np.where(churn == 0.0, np.inf, np.nan))
    return np.where(churn > 0.0, ratio(profit, churn), endless)


def reached(win_rate: ArrayLike) -> Array:
    """Share of leads that enter each stage of a funnel, and at last the share that is won.

    Parameters
    ----------
    win_rate
        Probability of passing each stage, shape (..., stages).

    Returns
    -------
    Array
        Shape (..., stages + 1), from 1 on.
    """
    passed = np.cumprod(np.asarray(win_rate, np.float64), axis=-1)
    return np.concatenate([np.ones((*passed.shape[:-1], 1)), passed], axis=-1)


def cost_per_lead(entry_cost: ArrayLike, win_rate: ArrayLike) -> Array:
    """Cost of the stages that a lead enters in the mean, whether it is won or not.

    Parameters
    ----------
    entry_cost
        Cost of each entry into a stage, currency, shape (..., stages).
    win_rate
        Probability of passing each stage, shape (..., stages).

    Returns
    -------
    Array
        Currency per lead, shape (...).
    """
    entered: Array = (reached(win_rate)[..., :-1] * np.asarray(entry_cost)).sum(-1)
    return entered


def kept_share(
    alpha: ArrayLike, beta: ArrayLike, years: ArrayLike, constant: ArrayLike = np.nan
) -> Array:
    """Share of a cohort that has not left after some years, where customers differ.

    Parameters
    ----------
    alpha, beta
        Of the Beta distribution of the yearly churn probability over newcomers, above 0.
    years
        Time since the start, at least 0.
    constant
        Yearly churn probability where all customers are alike; NaN where they differ.

    Returns
    -------
    Array
        B(alpha, beta + years) / B(alpha, beta), or (1 - constant) ** years.

    Source
    ------
    Fader and Hardie, How to project customer retention, 2007 (shifted-beta-geometric), with times
    between whole years.
    """
    a, b, t, same = np.broadcast_arrays(
        *(np.asarray(given, np.float64) for given in (alpha, beta, years, constant))
    )
    alike = ~np.isnan(same)
    differing = np.exp(betaln(a, b + t) - betaln(a, b))
    kept: Array = np.where(alike, (1.0 - np.where(alike, same, 0.0)) ** t, differing)
    return kept


def present_value(monthly: ArrayLike, discount_per_year: float) -> Array:
    """Present value of a flow, each month's in its middle.

    Parameters
    ----------
    monthly
        Flow, shape (..., month), from the start on.
    discount_per_year
        Yearly discount rate.

    Returns
    -------
    Array
        Shape (...).
    """
    flow = np.asarray(monthly, np.float64)
    years = (np.arange(flow.shape[-1]) + 0.5) / MONTHS_PER_YEAR
    value: Array = (flow * (1.0 + discount_per_year) ** -years).sum(-1)
    return value


def fixed_life_value(
    arr_per_customer: ArrayLike,
    gross_margin: ArrayLike,
    life_years: ArrayLike,
    expansion_per_year: ArrayLike = 0.0,
) -> Array:
    """Gross profit of a customer that stays for a given time and expands once a year.

    Nobody leaves within the life; a year's expansion comes at the year's end.

    Parameters
    ----------
    arr_per_customer
        First ARR, currency a year.
    gross_margin
        Share of revenue.
    life_years
        Life of a customer, years.
    expansion_per_year
        Yearly growth of its ARR, above -1.

    Returns
    -------
    Array
        Currency, undiscounted: ARR x margin x ((1 + g) ** life - 1) / g; with no expansion ARR x
        margin x life. Exact for whole years.
    """
    growth, life = np.broadcast_arrays(
        np.asarray(expansion_per_year, np.float64), np.asarray(life_years, np.float64)
    )
    grows = growth != 0.0
    safe = np.where(grows, growth, 1.0)
    years = np.where(grows, ((1.0 + safe) ** life - 1.0) / safe, life)
    profit: Array = np.asarray(arr_per_customer, np.float64) * np.asarray(gross_margin) * years
    return profit


def marginal_lead_cost(
    spend: ArrayLike,
    leads: ArrayLike,
    exponent: ArrayLike,
    is_hill: bool = False,
    max_leads: ArrayLike = np.nan,
) -> Array:
    """Spend that one more lead costs, on a curve of diminishing returns.

    Parameters
    ----------
    spend
        Spend a month.
    leads
        Leads a month that it brings.
    exponent
        Elasticity of a power law, or the slope of a Hill curve.
    is_hill
        Whether it is a Hill curve.
    max_leads
        Leads a month that no spend exceeds, of a Hill curve.

    Returns
    -------
    Array
        Currency per lead: spend / leads / elasticity, where the elasticity of a Hill curve is
        slope x (1 - leads / max_leads). NaN without leads, or where more spend brings none.
    """
    elasticity = np.asarray(exponent, np.float64)
    if is_hill:
        elasticity = elasticity * (1.0 - ratio(leads, max_leads))
    return ratio(spend, np.asarray(leads, np.float64) * elasticity)


def sales_velocity(
    open_opportunities: ArrayLike,
    arr_per_win: ArrayLike,
    win_rate: ArrayLike,
    cycle_months: ArrayLike,
) -> Array:
    """Multiply a pipeline into the new ARR a month that it yields.

    Parameters
    ----------
    open_opportunities
        Opportunities open on average in the period.
    arr_per_win
        ARR booked per win, currency a year.
    win_rate
        Share of closed opportunities that are won.
    cycle_months
        Mean time from opportunity to win, months.

    Returns
    -------
    Array
        Currency of ARR a month; NaN where the cycle is 0.

    Source
    ------
    Common sales-operations identity: opportunities x deal value x win rate / cycle length.
    """
    value = np.asarray(open_opportunities, np.float64) * np.asarray(arr_per_win, np.float64)
    return ratio(value * np.asarray(win_rate, np.float64), cycle_months)
