"""Numbers that must fit each other: shares of a whole, terms and billing, heads, calendars."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import Any

from gtmsim.scenario.findings import Finding
from gtmsim.scenario.models import Scenario, Segment, Team, VolumeDiscount
from gtmsim.scenario.places import Path
from gtmsim.settings import MAX_OPENING
from gtmsim.vocabulary import MONTHS_PER_YEAR, OPENING_CHANNEL

SUM_TOLERANCE = 1e-6
BILLING_MONTHS = {"monthly": 1, "quarterly": 3, "half_yearly": 6, "annual": 12}
"""Months of a billing period; ``upfront`` is the whole term."""
YEARS = (1900, 2200)


def check_quantities(scenario: Scenario) -> Iterator[Finding]:
    """Numbers that contradict each other, or that leave nothing to divide by."""
    return chain(
        _calendar(scenario),
        _mixes(scenario),
        _menus(scenario),
        _divisors(scenario),
        _heads(scenario),
        _bands(scenario),
        _volume_discounts(scenario),
        _service_levels(scenario),
        _reserved(scenario),
        _opening(scenario),
    )


def _calendar(scenario: Scenario) -> Iterator[Finding]:
    first, last = YEARS
    if not first <= scenario.scenario.start.year <= last:
        message = f"must lie in the years {first} to {last}; got {scenario.scenario.start}"
        yield Finding(("scenario", "start"), message)


def _mixes(scenario: Scenario) -> Iterator[Finding]:
    for name, channel in scenario.channels.items():
        path = ("channels", name, "segments")
        if not channel.segments and scenario.buyers is None:
            hint = "Or describe the market in `buyers`, and the channel's leads are accounts of it."
            yield Finding(path, "needs at least one segment", hint)
        yield from sums_to_one(path, channel.segments)


def _menus(scenario: Scenario) -> Iterator[Finding]:
    for name, segment in scenario.segments.items():
        path = ("segments", name, "contracts")
        if not segment.contracts:
            yield Finding(path, "needs at least one contract")
        shares = {contract: terms.share for contract, terms in segment.contracts.items()}
        yield from sums_to_one(path, shares, "share")
        yield from _billing(path, segment)


def sums_to_one(path: Path, shares: Mapping[str, Any], key: str = "") -> Iterator[Finding]:
    """Shares that do not sum to 1. Where one is uncertain, every draw scales them to 1 instead."""
    numbers = [share for share in shares.values() if isinstance(share, float)]
    total = sum(numbers)
    if not shares or len(numbers) < len(shares) or abs(total - 1.0) <= SUM_TOLERANCE:
        return
    only = next(iter(shares))
    at = (*path, only, *([key] if key else [])) if len(shares) == 1 else path
    what = "must be 1, as the only one" if len(shares) == 1 else "must have shares that sum to 1"
    yield Finding(at, f"{what}; {'got' if len(shares) == 1 else 'they sum to'} {total:.6g}")


def _billing(path: Path, segment: Segment) -> Iterator[Finding]:
    for name, contract in segment.contracts.items():
        period = BILLING_MONTHS.get(contract.billing, contract.term_months)
        if contract.term_months % period:
            fits = [b for b, months in BILLING_MONTHS.items() if contract.term_months % months == 0]
            given = "billing" in contract.model_fields_set
            at = (*path, name, "billing" if given else "term_months")
            message = (
                f"does not fit: {contract.billing} billing comes every {period} months, "
                f"and the term is {contract.term_months}"
            )
            choices = ", ".join(f'"{billing}"' for billing in [*fits, "upfront"])
            yield Finding(at, message, f"Billing that fits: {choices}.")


def _divisors(scenario: Scenario) -> Iterator[Finding]:
    """Numbers of which 0 makes no sense, because something is divided by them."""
    for path, value in _positive(scenario):
        if value == 0.0:
            yield Finding(path, "must be above 0; got 0")


def _positive(scenario: Scenario) -> Iterator[tuple[Path, Any]]:
    for name, segment in scenario.segments.items():
        yield ("segments", name, "acv"), segment.acv
        yield ("segments", name, "potential_share"), segment.potential_share
        if segment.csm:
            yield ("segments", name, "csm", "accounts_per_rep"), segment.csm.accounts_per_rep
        for key in ("alpha", "beta", "concentration"):
            yield (
                ("segments", name, "churn_per_year", key),
                getattr(segment.churn_per_year, key, None),
            )
    for name, team in scenario.teams.items():
        yield ("teams", name, "quota_per_year"), team.quota_per_year
        if team.hiring:
            path = ("teams", name, "hiring", "customers_per_rep")
            yield path, team.hiring.customers_per_rep
    for name, channel in scenario.channels.items():
        for key in ("reference_spend", "half_spend", "slope"):
            yield ("channels", name, "response", key), getattr(channel.response, key, None)
    for name, customers in scenario.company.opening.customers.items():
        yield ("company", "opening", "customers", name, "acv"), customers.acv


def _heads(scenario: Scenario) -> Iterator[Finding]:
    for name, team in scenario.teams.items():
        yield from _headcount(("teams", name), team)
        if isinstance(team.open_deals, float) and team.open_deals < 1.0:
            message = f"must be at least 1, or a rep never works; got {team.open_deals:g}"
            yield Finding(("teams", name, "open_deals"), message)
    for name, segment in scenario.segments.items():
        csm = scenario.teams.get(segment.csm.team) if segment.csm else None
        if csm is not None and csm.function != "success":
            message = f'must name a team with function = "success"; this one has "{csm.function}"'
            yield Finding(("segments", name, "csm", "team"), message)


def _bands(scenario: Scenario) -> Iterator[Finding]:
    for name, segment in scenario.segments.items():
        bands = segment.value_bands
        for number, (before, band) in enumerate(pairwise(bands), 1):
            if isinstance(before, float) and isinstance(band, float) and band <= before:
                path = ("segments", name, "value_bands", number)
                yield Finding(path, f"must be above {before:g}, the band before it; got {band:g}")


def _volume_discounts(scenario: Scenario) -> Iterator[Finding]:
    for name, segment in scenario.segments.items():
        for contract, terms in segment.contracts.items():
            path = ("segments", name, "contracts", contract, "volume_discounts")
            yield from _steps(path, terms.volume_discounts)


def _steps(path: Path, steps: Sequence[VolumeDiscount]) -> Iterator[Finding]:
    """Tell steps that do not ascend, and one that leaves nothing of the price."""
    for number, (before, step) in enumerate(pairwise(steps), 1):
        low, end = before.from_acv, step.from_acv
        if isinstance(low, float) and isinstance(end, float) and end <= low:
            message = f"must be above {low:g}, the step before it; got {end:g}"
            yield Finding((*path, number, "from_acv"), message)
    for number, step in enumerate(steps):
        if step.discount == 1.0:
            yield Finding((*path, number, "discount"), "must be below 1; got 1")


def _service_levels(scenario: Scenario) -> Iterator[Finding]:
    for name, segment in scenario.segments.items():
        misses = segment.service_level.misses_per_year if segment.service_level else 0.0
        if isinstance(misses, float) and misses > MONTHS_PER_YEAR:
            path = ("segments", name, "service_level", "misses_per_year")
            yield Finding(path, f"must be at most {MONTHS_PER_YEAR}, one a month; got {misses:g}")


def _headcount(path: Path, team: Team) -> Iterator[Finding]:
    planned = sum(hires.n for hires in team.hires)
    if team.reps + planned > team.max_reps:
        given = "max_reps" in team.model_fields_set
        message = (
            f"has {team.reps} reps and plans {planned} hires, more than max_reps = {team.max_reps}"
        )
        below = ("max_reps",) if given else ("hires",) if planned else ("reps",)
        at: Path = (*path, *below)
        if given:
            message = f"is below the {team.reps} reps and {planned} hires that are planned"
        yield Finding(at, message, "Give `max_reps`." if not given else "", at_key=not given)


def _reserved(scenario: Scenario) -> Iterator[Finding]:
    if OPENING_CHANNEL in scenario.channels:
        message = "is the name under which the opening position is shown; choose another"
        yield Finding(("channels", OPENING_CHANNEL), message, at_key=True)


def _opening(scenario: Scenario) -> Iterator[Finding]:
    """More customers or deals at the start than an engine can hold at once."""
    opening = scenario.company.opening
    path: Path = ("company", "opening")
    customers = {
        (*path, "customers", name, "count"): held.count for name, held in opening.customers.items()
    }
    deals = {
        (*path, "pipeline", segment, stage): n
        for segment, stages in opening.pipeline.items()
        for stage, n in stages.items()
    }
    for what, counts in (("customers", customers), ("deals", deals)):
        total = sum(counts.values())
        if total > MAX_OPENING:
            many = max(counts, key=lambda at: counts[at])
            of = "" if counts[many] == total else f"; all segments have {total:,}"
            message = f"must leave at most {MAX_OPENING:,} {what} at the start{of}"
            yield Finding(many, f"{message}; got {counts[many]:,}", "Let one stand for several.")
