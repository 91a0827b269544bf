"""Sales: win rate, cycle, velocity, coverage, and how busy the teams are."""

from collections.abc import Mapping, Sequence

import numpy as np
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
    """Mean sales cycle: time from opportunity to signature (waits included) / deals won.

    Both are of the deals won in the period.

    Returns
    -------
    DataArray
        Days, dims (.., month[, segment]); NaN where nothing was won.
    """
    cycle = ratio(
        trailing(months_of(results, "sales_cycle_time"), months),
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


def fallback_of(motion_stage: str) -> str:
    """Motion that a stage belongs to where it is that of a fallback; empty where it is not."""
    return motion_stage.rpartition(".")[0]


def fallback_shares(results: xr.Dataset, months: int = YEAR, pooled: bool = False) -> xr.Dataset:
    """Shares of a fallback: leads that fall back / leads, and new customers from there / all.

    Leads are entries into the first stage of a motion, deals won those of its last stage; an
    opening pipeline counts where it is.

    Parameters
    ----------
    results
        Needs ``funnel_entered`` and ``funnel_won``, dims (.., month, funnel_stage).
    months
        Length of the period that ends with each month.
    pooled
        Of the company instead of each segment.

    Returns
    -------
    Dataset
        ``leads`` and ``new_logos``, shares, dims (.., month[, segment]); 0 for segments without a
        fallback, NaN where nobody came or was won.
    """
    owners = results["funnel_segment"].to_numpy()
    fallbacks = [fallback_of(str(stage)) for stage in results["motion_stage"].to_numpy()]
    motions = [*zip(owners, fallbacks, strict=True)]
    firsts = {motion: motions.index(motion) for motion in motions}
    lasts = {motion: n for n, motion in enumerate(motions)}
    fallen = [bool(fallback) for _, fallback in firsts]
    parts = {
        "leads": (results["funnel_entered"], firsts, "Leads that fall back"),
        "new_logos": (results["funnel_won"], lasts, "New customers who fell back"),
    }
    return xr.Dataset(
        {
            name: named(_share_of(flow, rows, fallen, months, pooled), long_name, "1")
            for name, (flow, rows, long_name) in parts.items()
        }
    )


def _share_of(
    flow: xr.DataArray,
    rows: Mapping[tuple[str, str], int],
    fallen: Sequence[bool],
    months: int,
    pooled: bool,
) -> xr.DataArray:
    """Share of a flow through rows of the funnel that is through those of fallbacks."""
    sums = trailing(flow.isel(funnel_stage=[*rows.values()]), months)
    of_fallbacks = sums * xr.DataArray([*fallen], dims="funnel_stage")
    if pooled:
        return ratio(of_fallbacks.sum("funnel_stage"), sums.sum("funnel_stage"))
    owner = xr.DataArray([segment for segment, _ in rows], dims="funnel_stage", name="segment")
    return ratio(_by_owner(of_fallbacks, owner), _by_owner(sums, owner))


def _by_owner(sums: xr.DataArray, owner: xr.DataArray) -> xr.DataArray:
    """Sum rows of the funnel by the segment that they belong to."""
    names = [*dict.fromkeys(owner.to_numpy().tolist())]
    parts = [
        sums.isel(funnel_stage=(owner == name).to_numpy()).sum("funnel_stage") for name in names
    ]
    return xr.concat(parts, xr.Variable("segment", names)).transpose(..., "segment")


def pipeline_coverage(results: xr.Dataset, months: int = QUARTER) -> xr.DataArray:
    """Pipeline open at the period's start / quota of the period, of the company.

    At the period's start all of its quota is left. All open pipeline counts, for deals have no
    expected closing date, but of segments only whose deals a team with a quota closes; quota is
    that of these teams' reps in the period, as simulated: of each, by its ramp. A segment's closing
    team is the team of its last funnel stage that has one.

    Parameters
    ----------
    results
        Results by segment.
    months
        Length of the period that ends with each month.

    Returns
    -------
    DataArray
        Multiple, dims (.., month); NaN without quota and where the period begins before month 1.
    """
    closes = _closes(results)
    pipeline = at_start(results, "open_pipeline_arr", months)
    quota = results["team_quota"].where(closes.any("segment"), 0).sum("team")
    covered = ratio(_of_company(pipeline, closes), trailing(quota, months))
    return named(covered, "Pipeline coverage", "1")


def team_pipeline_coverage(results: xr.Dataset, months: int = QUARTER) -> xr.DataArray:
    """Pipeline that a team closes, open at the period's start / its quota of the period.

    Parameters and terms as in `pipeline_coverage`.

    Returns
    -------
    DataArray
        Multiple, dims (.., month, team); NaN for teams without quota or that close no segment's
        deals.
    """
    pipeline = _by_team(at_start(results, "open_pipeline_arr", months), _closes(results))
    covered = ratio(pipeline, trailing(results["team_quota"], months))
    return named(covered, "Pipeline coverage", "1")


def coverage_rates(results: xr.Dataset, months: int = YEAR, by_team: bool = False) -> xr.Dataset:
    """How bookings of a quarter divide: won from its opening pipeline, or created and won in it.

    Created and won is ARR booked of opportunities of the same quarter / ARR booked; conversion is
    ARR booked from the quarter's opening pipeline / ACV of that pipeline.

    Of new customers only, in segments whose deals a team with a quota closes. Quarters are those of
    the simulation: months 1-3, 4-6 and so on. Sums over the quarters of the period come before the
    division.

    Parameters
    ----------
    results
        Results by segment.
    months
        Length of the period that ends with the last whole quarter up to each month; a multiple
        of 3.
    by_team
        Of each closing team instead of all of them.

    Raises
    ------
    ValueError
        If the period is no whole number of quarters.

    Returns
    -------
    Dataset
        ``created_and_won``, the share of ARR booked whose opportunity was created in the same
        quarter; ``conversion``, ARR booked from pipeline that was open at the quarter's start / ACV
        of that pipeline. Both have dims (.., month[, team]); NaN without bookings, or pipeline, and
        where the period begins before month 1.
    """
    if months < QUARTER or months % QUARTER:
        raise ValueError(f"months must be a multiple of {QUARTER}; got {months}")
    closes = _closes(results)
    pool = _by_team if by_team else _of_company
    ends = results["month"] % QUARTER == 0
    booked, same, pipeline = (
        trailing(pool(part, closes), months)
        for part in (
            results["booked_arr"],
            results["same_quarter_booked_arr"],
            at_start(results, "open_pipeline_arr", QUARTER).where(ends, 0.0),
        )
    )
    return xr.Dataset(
        {
            "created_and_won": named(
                _at_quarter_end(ratio(same, booked)), "Bookings created in their quarter", "1"
            ),
            "conversion": named(
                _at_quarter_end(ratio(booked - same, pipeline)), "Conversion of pipeline", "1"
            ),
        }
    )


def needed_coverage(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """Pipeline coverage of a quarter with which bookings meet quota, by the rates of the period.

    (1 - share of a quarter's bookings that were created and won in it) / value conversion of its
    opening pipeline, both of the quarters of the period (`coverage_rates`): how things went, not
    what will be. With rates of the period itself this is its opening pipeline / its bookings, so
    that coverage / needed is bookings / quota; what moves it is told by the two rates. Conversion
    is of ACV into booked ARR, discounts included, because quota is in booked ARR. Bookings are of
    new customers: expansions, which count in `quota_attainment`, are left out.

    Parameters
    ----------
    results
        Results by segment.
    months
        Length of the period that ends with the last whole quarter up to each month; a multiple
        of 3.

    Returns
    -------
    DataArray
        Multiple, dims (.., month), to compare with `pipeline_coverage` of a quarter; NaN where
        nothing was booked from opening pipeline.
    """
    return _needed(coverage_rates(results, months))


def team_needed_coverage(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """Coverage with which a team meets quota: (1 - created and won) / conversion, of its deals.

    Parameters and terms as in `needed_coverage`.

    Returns
    -------
    DataArray
        Multiple, dims (.., month, team), to compare with `team_pipeline_coverage`; NaN for teams
        that close no segment's deals.
    """
    return _needed(coverage_rates(results, months, by_team=True))


def _needed(rates: xr.Dataset) -> xr.DataArray:
    needed = ratio(1.0 - rates["created_and_won"], rates["conversion"])
    return named(needed, "Pipeline coverage needed", "1")


def _closes(results: xr.Dataset) -> xr.DataArray:
    """Tell which team with a quota closes which segment's deals, dims (segment, team).

    A team without a quota would bring pipeline and nothing to hold it against.
    """
    closes = (results["closing_team"] == results["team"]).drop_vars("closing_team")
    quota = results["team_quota"]
    return closes & (quota.sum([dim for dim in quota.dims if dim != "team"]) > 0)


def _of_company(by_segment: xr.DataArray, closes: xr.DataArray) -> xr.DataArray:
    """Sum over the segments whose deals a team with a quota closes."""
    return by_segment.where(closes.any("team"), 0).sum("segment", skipna=False)


def _by_team(by_segment: xr.DataArray, closes: xr.DataArray) -> xr.DataArray:
    """Sum over the segments that each team closes; NaN for a team that closes none."""
    pooled = by_segment.where(closes, 0).sum("segment", skipna=False)
    return pooled.where(closes.any("segment"))


def _at_quarter_end(values: xr.DataArray) -> xr.DataArray:
    """Value of the last whole quarter up to each month."""
    number = np.arange(1, values.sizes["month"] + 1)
    last = xr.DataArray(np.maximum(number // QUARTER * QUARTER - 1, 0), dims="month")
    chosen = values.isel(month=last).assign_coords(month=values["month"])
    return chosen.where(xr.DataArray(number >= QUARTER, dims="month")).transpose(*values.dims)


def quota_attainment(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """ARR that a team's reps booked / their quota in the period, weighted by ramp.

    Returns
    -------
    DataArray
        Share, dims (.., month, team); NaN for a team without quota. A deal that two teams worked
        counts for both, and what a team's expansions added counts too.
    """
    booked = trailing(results["team_booked_arr"], months)
    return named(ratio(booked, trailing(results["team_quota"], months)), "Quota attainment", "1")


def reps_at_quota(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """Reps who reached their quota / reps with one, in the whole years that end in the period.

    Of the reps in seat at the end of a year (months 1-12, 13-24, ...) with a quota in it: those
    whose bookings of the year are at least their quota of the year, by their ramp and time with the
    team. A rep books the deals that he or she held at the signature, or last before it, and the
    expansions that he or she worked; who worked an earlier stage of a deal gets nothing for it, so
    that a team of which others take over, such as SDRs with a quota, reaches it with expansions
    only. `quota_attainment` is of the team as a whole; the two differ.

    Returns
    -------
    DataArray
        Share, dims (.., month, team); NaN where no year ends in the period, and for teams without
        quota, without reps at the year's end, or that neither close deals nor work expansions.
    """
    reached = trailing(results["team_reps_at_quota"], months)
    reps = trailing(results["team_reps_on_quota"], months)
    return named(ratio(reached, reps), "Reps at 100% of quota", "1")


def utilisation(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """Time for which a team's slots were taken / the time they offered in the period.

    Returns
    -------
    DataArray
        Share, dims (.., month, team); NaN without capacity. Above 1 where reps who left still
        finish deals.
    """
    worked = trailing(months_of(results, "team_worked_time"), months)
    return named(ratio(worked, trailing(results["team_slots"], months)), "Utilisation", "1")


def mean_wait(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """Mean wait for a rep: waits of the requests granted in the period / their number.

    Requests that gave up do not count.

    Returns
    -------
    DataArray
        Days, dims (.., month, team); NaN where nothing was granted.
    """
    waited = trailing(months_of(results, "team_waited_time"), months)
    wait = ratio(waited, trailing(results["team_grants"], months))
    return named(wait * DAYS_PER_MONTH, "Mean wait for a rep", "day")


def expired_share(results: xr.Dataset, months: int = YEAR) -> xr.DataArray:
    """Share of requests for a rep that gave up waiting: given up / (granted + given up).

    Returns
    -------
    DataArray
        Share, dims (.., month, team); NaN where no request ended.
    """
    expired = trailing(results["team_expired"], months)
    ended = expired + trailing(results["team_grants"], months)
    return named(ratio(expired, ended), "Requests that gave up waiting", "1")
