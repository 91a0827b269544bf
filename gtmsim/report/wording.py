"""Names of variables, months and targets as a reader of the answer knows them."""

from collections.abc import Sequence

import xarray as xr

from gtmsim.analysis.information import UNTOLD
from gtmsim.analysis.units import unit_of
from gtmsim.metrics.odds import by_month
from gtmsim.report.numbers import written
from gtmsim.scenario.models import Target

_ACRONYMS = {"arr", "cac", "carr", "nrr", "grr", "ltv", "cogs", "acv"}


def words(name: str) -> str:
    """Write an identifier as words: ``closing_arr`` is closing ARR."""
    parts = name.split("_")
    return " ".join(part.upper() if part in _ACRONYMS else part for part in parts)


def short_names(names: Sequence[str]) -> list[str]:
    """Last parts of each path: two, or more where that is not enough to tell it from others.

    A number says nothing without the list that it counts, and whose that is: then only the first
    part is left out, if any.
    """
    return [_short_name(name, [other for other in names if other != name]) for name in names]


def _short_name(name: str, others: Sequence[str]) -> str:
    parts = name.split(".")
    fewest = len(parts) - 1 if any(part.isdecimal() for part in parts) else 2
    for n in range(fewest, len(parts)):
        short = ".".join(parts[-n:])
        if not any(f".{other}".endswith(f".{short}") for other in others):
            return short
    return name


def owned_names(names: Sequence[str]) -> list[str]:
    """Each path without its first part, which only says what kind of thing it belongs to.

    Whose it is stays: ``teams.ae.reps`` is ``ae.reps``. A path of two parts, or one that would then
    be like another, stays whole.
    """
    short = [name.partition(".")[2] if name.count(".") > 1 else name for name in names]
    return [one if short.count(one) == 1 else name for one, name in zip(short, names, strict=True)]


def untold_text(found: xr.Dataset) -> str:
    """Say why nothing is told of what inputs are worth knowing; empty where it is told."""
    why = found.attrs.get(UNTOLD)
    return f"Not told: {why}." if why else ""


def month_text(results: xr.Dataset, month: int) -> str:
    """Write a month with its date: ``month 36 (Dec 2028)``."""
    if "date" not in results.coords or not 1 <= month <= results.sizes["month"]:
        return f"month {month}"
    date = results["date"].isel(month=month - 1)
    return f"month {month} ({date.dt.strftime('%b %Y').item()})"


def target_text(results: xr.Dataset, target: Target, currency: str) -> str:
    """Say what a target asks for: ``closing ARR reaches $7M by month 36 (Dec 2028)``."""
    one = results.isel(draw=[0], replication=[0])
    unit = unit_of(target.metric, by_month(one, target.metric, target.segment).attrs["units"])
    subject = words(target.metric) + (f" of {target.segment}" if target.segment else "")
    low, high = (
        None if bound is None else written(float(bound), unit, currency)
        for bound in (target.at_least, target.at_most)
    )
    return f"{subject} {_bounds(target, low, high)} {_when(results, target)}"


def _bounds(target: Target, low: str | None, high: str | None) -> str:
    verb = "stays" if target.always else "is"
    if low and high:
        return f"{verb} between {low} and {high}"
    if target.always or target.at_month is not None:
        return f"{verb} at {low} or more" if low else f"{verb} at {high} or less"
    return f"reaches {low}" if low else f"is down to {high}"


def _when(results: xr.Dataset, target: Target) -> str:
    if target.always:
        return "throughout"
    if target.at_month is not None:
        return f"at the end of {month_text(results, target.at_month)}"
    if target.by_month is not None:
        return f"by {month_text(results, target.by_month)}"
    return "in some month"
