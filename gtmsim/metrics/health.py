"""Verdicts on simulated segments: inside the ranges of the playbook and of surveys, or not."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import xarray as xr

from gtmsim.metrics import acquisition, formulas, profit, revenue
from gtmsim.metrics.labels import YEAR, named, ratio
from gtmsim.metrics.verdicts import State, states_of, worst
from gtmsim.plan.means import mean_of
from gtmsim.results.dataset import convert_units
from gtmsim.scenario.kinds import MONEY
from gtmsim.scenario.models import Verdicts
from gtmsim.scenario.profiles import Bounds, Ruler, bounds_of, profile_by_price, profile_by_touch
from gtmsim.scenario.quantities import Quantity

_PRICE = Quantity(MONEY, varies=True)


class Judged(NamedTuple):
    """How a segment is judged."""

    profile: str
    is_stated: bool
    """Whether the scenario states the profile; else it follows from the mean list price."""
    limits: Mapping[Ruler, Mapping[str, Bounds]]


def judged_as(results: xr.Dataset) -> Mapping[str, Judged]:
    """Profile and limits of each segment, from the scenario that results keep.

    Returns
    -------
    Mapping
        By segment; no dims.
    """
    return _judged_as(str(results.attrs["scenario"]))


@lru_cache(maxsize=16)
def _judged_as(text: str) -> Mapping[str, Judged]:
    scenario = tomllib.loads(text)
    verdicts = Verdicts.model_validate(scenario.get("verdicts", {}))
    found: dict[str, Judged] = {}
    for name, segment in scenario["segments"].items():
        stated = segment.get("profile")
        if "acv" in segment:
            derived = profile_by_price(mean_of(_PRICE.read(segment["acv"])))
        else:
            motion = scenario["motions"][segment["motion"]]
            has_team = any("team" in stage for stage in motion["stages"].values())
            derived = profile_by_touch(motion.get("touch"), has_team)
        profile = stated or derived
        limits = {ruler: bounds_of(verdicts, profile, ruler) for ruler in Ruler}
        found[name] = Judged(profile, stated is not None, limits)
    return found


def health_measures(results: xr.Dataset, months: int = YEAR) -> dict[str, xr.DataArray]:
    """Measure what verdicts are about, over the period that ends with each month.

    Parameters
    ----------
    results
        Results by segment.
    months
        Length of the period.

    Returns
    -------
    dict of DataArray
        By the name of the limit, in currency, months and shares, dims (draw, replication, month,
        segment). Payback is infinite where the gross margin is not positive. Accounts per CSM
        are the scenario's and no figure of results.
    """
    # Each sum once: the metrics of the same names would each work out CAC again.
    margin, cac = profit.gross_margin(results, months), acquisition.cac(results, months)
    acv, churn = (
        acquisition.booked_arr_per_logo(results, months),
        revenue.logo_churn(results, months),
    )
    payback = named(xr.apply_ufunc(formulas.cac_payback, cac, acv, margin), "CAC payback", "month")
    never = (margin <= 0.0) & cac.notnull()
    found = {
        "cac": cac,
        "cac_to_acv": named(ratio(cac, acv), "CAC / ACV", "1"),
        "payback_months": payback.where(~never, np.inf),
        "ltv_to_cac": named(ratio(acquisition.ltv(results, months), cac), "LTV:CAC", "1"),
        "churn_per_year": churn,
        "gross_margin": margin,
        "cac_ratio": acquisition.cac_ratio(results, months),
        "nrr": revenue.nrr(results),
        "support_per_customer_per_year": profit.support_per_customer_per_year(results, months),
        "expansion_per_year": revenue.expansion_per_year(results, months),
    }
    return {name: convert_units(values) for name, values in found.items()}


def criterion_states(
    results: xr.Dataset, ruler: Ruler, measures: Mapping[str, xr.DataArray]
) -> dict[str, dict[str, xr.DataArray]]:
    """State of each measure of each segment, by segment and measure.

    Parameters
    ----------
    results
        Tell profiles and limits.
    ruler
        What the measures are held against.
    measures
        Of `health_measures`; some months of them will do.

    Returns
    -------
    dict of dict of DataArray
        `State` as numbers, dims those of the measures but segment; NaN where a measure is
        undefined.
    """
    found: dict[str, dict[str, xr.DataArray]] = {}
    for segment, judged in judged_as(results).items():
        own = {name: values.sel(segment=segment, drop=True) for name, values in measures.items()}
        states = states_of({n: v.to_numpy() for n, v in own.items()}, judged.limits[ruler])
        found[segment] = {name: own[name].copy(data=state) for name, state in states.items()}
    return found


def verdict(results: xr.Dataset, ruler: Ruler, months: int = YEAR) -> xr.DataArray:
    """Verdict on each segment's motion over the period that ends with each month.

    Parameters as in `health_measures`.

    Returns
    -------
    DataArray
        `State` as numbers, dims (draw, replication, month, segment); NaN where a measure is
        undefined and none is broken.
    """
    parts = []
    measures = health_measures(results, months)
    for segment, states in criterion_states(results, ruler, measures).items():
        one = next(iter(states.values()))
        state = worst({name: values.to_numpy() for name, values in states.items()})
        parts.append(one.copy(data=state).expand_dims(segment=[segment], axis=-1))
    joined = xr.concat(parts, "segment").transpose(*results["revenue"].dims)
    return named(joined, f"Verdict by the {ruler.value}", "1")


def healthy(results: xr.Dataset) -> xr.DataArray:
    """Whether a segment is inside the playbook's range: 1 where every measure is, else 0.

    Measures are those of the last 12 months for which its profile has a limit: CAC, CAC / ACV,
    payback, churn, gross margin and so on.

    Parameters
    ----------
    results
        Results by segment.

    Returns
    -------
    DataArray
        Share, 1 or 0, dims (.., month, segment); 0 where a measure is undefined, as before month
        12, without new customers or once cash has run out, and while the segment is closed.
    """
    return _flag(results, Ruler.PLAYBOOK)


def healthy_by_benchmark(results: xr.Dataset) -> xr.DataArray:
    """Whether a segment is inside what surveys publish: 1 where every measure is, else 0.

    As `healthy`, with the limits of the benchmark.

    Parameters
    ----------
    results
        Results by segment.

    Returns
    -------
    DataArray
        Share, 1 or 0, dims (.., month, segment); 0 as in `healthy`.
    """
    return _flag(results, Ruler.BENCHMARK)


def _flag(results: xr.Dataset, ruler: Ruler) -> xr.DataArray:
    is_healthy = (verdict(results, ruler) == State.HEALTHY) & (results["is_open"] > 0)
    flags = is_healthy.astype(np.float64)
    return named(flags, f"Healthy by the {ruler.value}", "1")


def of_all_open(flags: xr.DataArray, results: xr.Dataset) -> xr.DataArray:
    """Whether all open segments are: 1 where each segment open in the month has the flag, else 0.

    Parameters
    ----------
    flags
        1 or 0 by segment, of `healthy` or `healthy_by_benchmark`.
    results
        Results by segment.

    Returns
    -------
    DataArray
        Share, 1 or 0, dims (.., month); 0 where no segment is open.
    """
    is_open = results["is_open"] > 0
    every = (flags.where(is_open, 1.0).min("segment") > 0) & is_open.any("segment")
    return named(every.astype(np.float64), str(flags.attrs["long_name"]), "1")
