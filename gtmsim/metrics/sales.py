"""Sales: win rate, cycle, velocity, coverage, and how busy the teams are."""

import xarray as xr

from gtmsim.metrics import formulas
from gtmsim.metrics.acquisition import booked_arr_per_logo
from gtmsim.metrics.labels import (
    QUARTER,
    YEAR,
    at_start,
    months_of,
    named,
    ratio,
    trailing,
    units_of,
)
from gtmsim.vocabulary import DAYS_PER_MONTH


def win_rate(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """Opportunities won / opportunities won or lost in the period (not: of those created).

    Returns
    -------
    DataArray
        Share, dims (.., month[, segment]); NaN where no opportunity closed.
    """
    won = trailing(results["new_logos"], months)
    lost = trailing(results["lost_opportunities"], months)
    return named(ratio(won, won + lost), "Win rate", "1")


def sales_cycle(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """Mean time from opportunity to signature of the deals won in the period, waits included.

    Returns
    -------
    DataArray
        Days, dims (.., month[, segment]); NaN where nothing was won.
    """
    cycle = ratio(
        trailing(months_of(results, "sales_cycle_ticks"), months),
        trailing(results["new_logos"], months),
    )
    return named(cycle * DAYS_PER_MONTH, "Sales cycle", "day")


def sales_velocity(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """Sales velocity: opportunities x ARR per win x win rate / cycle, new ARR a month.

    Opportunities are those open at month starts, averaged over the period.

    Returns
    -------
    DataArray
        Unit of the results (ARR) per month, dims (.., month[, segment]); NaN where nothing was
        won or deals take no time.
    """
    velocity = xr.apply_ufunc(
        formulas.sales_velocity,
        trailing(at_start(results, "open_opportunities"), months) / months,
        booked_arr_per_logo(results, months),
        win_rate(results, months),
        sales_cycle(results, months) / DAYS_PER_MONTH,
    )
    return named(velocity, "Sales velocity a month", units_of(results, "booked_arr"))


def lead_to_customer(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """Share of leads that become customers: new logos / leads served, both of the period.

    Returns
    -------
    DataArray
        Share, dims (.., month[, segment]); NaN without leads.
    """
    served = results["leads"] - results["unserved_leads"]
    share = ratio(trailing(results["new_logos"], months), trailing(served, months))
    return named(share, "Leads that become customers", "1")


def pipeline_coverage(results: xr.Dataset, months: int = QUARTER) -> xr.DataArray:
    """Pipeline open at the period's start / quota of the period, of the company.

    At the period's start all of its quota is left. All open pipeline counts, for deals have no
    expected closing date, and so does the quota of every team that has one: results hold pipeline
    by segment and quota by team, so there is no coverage of one team. Where teams before or after
    the opportunity have a quota too, coverage is on the low side. Nor is the coverage *needed*
    known, (1 - share of bookings created and won within the period) / share of the opening
    pipeline won within it: bookings are not stored by when their opportunity was created.

    Returns
    -------
    DataArray
        Multiple, dims (.., month); NaN without quota.
    """
    pipeline = at_start(results, "open_pipeline_arr", months)
    if "segment" in pipeline.dims:
        pipeline = pipeline.sum("segment", skipna=False)
    quota = trailing(results["team_quota"].sum("team"), months)
    return named(ratio(pipeline, quota), "Pipeline coverage", "1")


def quota_attainment(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """ARR that a team's reps booked / their quota in the period, weighted by ramp.

    Returns
    -------
    DataArray
        Share, dims (.., month, team); NaN for a team without quota. A deal that two teams worked
        counts for both.
    """
    booked = trailing(results["team_booked_arr"], months)
    return named(ratio(booked, trailing(results["team_quota"], months)), "Quota attainment", "1")


def utilisation(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """Time for which a team's slots were taken / the time they offered in the period.

    Returns
    -------
    DataArray
        Share, dims (.., month, team); NaN without capacity. Above 1 where reps who left still
        finish deals.
    """
    worked = trailing(months_of(results, "team_worked_ticks"), months)
    return named(ratio(worked, trailing(results["team_slots"], months)), "Utilisation", "1")


def mean_wait(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """Mean wait for a rep of the requests granted in the period; those that gave up do not count.

    Returns
    -------
    DataArray
        Days, dims (.., month, team); NaN where nothing was granted.
    """
    waited = trailing(months_of(results, "team_waited_ticks"), months)
    wait = ratio(waited, trailing(results["team_grants"], months))
    return named(wait * DAYS_PER_MONTH, "Mean wait for a rep", "day")


def expired_share(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """Share of requests for a rep that gave up waiting, of those granted or given up.

    Returns
    -------
    DataArray
        Share, dims (.., month, team); NaN where no request ended.
    """
    expired = trailing(results["team_expired"], months)
    ended = expired + trailing(results["team_grants"], months)
    return named(ratio(expired, ended), "Requests that gave up waiting", "1")
