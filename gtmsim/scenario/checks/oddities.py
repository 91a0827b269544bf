"""What can be simulated but was probably not meant: told as warnings."""

from collections.abc import Iterator
from itertools import chain, pairwise

from gtmsim.scenario.checks.allocation import find_idle_parts
from gtmsim.scenario.checks.buyers import market_channels, segments_of_market
from gtmsim.scenario.checks.doubts import find_doubts
from gtmsim.scenario.checks.expectations import beyond_horizon
from gtmsim.scenario.checks.misfits import find_misfits
from gtmsim.scenario.findings import Finding
from gtmsim.scenario.models import Channel, Scenario
from gtmsim.scenario.places import Path

_WORK = {"open_deals", "ramp_by_quarter", "commission", "quota_per_year", "hiring"}
"""Keys of a team that matter only if it works."""


def find_oddities(scenario: Scenario) -> list[Finding]:
    """Parts of a scenario without effect, and motions that a price cannot carry."""
    checks = (
        _beyond_horizon,
        _idle_teams,
        _unreached_segments,
        _idle_channels,
        _unused,
        find_misfits,
        _choices_without_reference,
        _shrinking_discounts,
        find_idle_parts,
    )
    doubts = find_doubts(scenario, set(_teams_with_work(scenario)))
    return [*chain.from_iterable(check(scenario) for check in checks), *doubts]


def _beyond_horizon(scenario: Scenario) -> Iterator[Finding]:
    months = scenario.scenario.months
    for path, month in _month_numbers(scenario):
        if month is not None and month > months:
            yield Finding(path, f"lies after the last simulated month, {months}; got {month}")
    for name, funding in scenario.company.rounds.items():
        if funding.delay_months >= months:
            message = f"is not before the last simulated month, {months}; the round never comes"
            yield Finding(("company", "rounds", name, "delay_months"), message)
    leaves = scenario.company.largest_customer_leaves
    if leaves is not None and leaves >= months:
        message = f"is not before the last simulated month, {months}: nobody leaves; got {leaves}"
        yield Finding(("company", "largest_customer_leaves"), message)
    yield from beyond_horizon(scenario)


def _shrinking_discounts(scenario: Scenario) -> Iterator[Finding]:
    for name, segment in scenario.segments.items():
        for contract, terms in segment.contracts.items():
            path = ("segments", name, "contracts", contract, "volume_discounts")
            for number, (before, step) in enumerate(pairwise(terms.volume_discounts), 1):
                low, here = before.discount, step.discount
                if isinstance(low, float) and isinstance(here, float) and here < low:
                    message = f"is less than the {low:g} of the smaller deals before; got {here:g}"
                    yield Finding((*path, number, "discount"), message)


def _month_numbers(scenario: Scenario) -> Iterator[tuple[Path, int | None]]:
    for name, segment in scenario.segments.items():
        if segment.opens:
            yield ("segments", name, "opens", "month"), segment.opens.month
    for name, funding in scenario.company.rounds.items():
        yield ("company", "rounds", name, "month"), funding.month
    for name, team in scenario.teams.items():
        for number, hires in enumerate(team.hires):
            yield ("teams", name, "hires", number, "month"), hires.month
    for name, channel in scenario.channels.items():
        for event, when in channel.events.items():
            yield ("channels", name, "events", event, "month"), when.month
    for name, change in scenario.price_changes.items():
        yield ("price_changes", name, "month"), change.month
    for name, target in scenario.targets.items():
        yield ("targets", name, "by_month"), target.by_month
        yield ("targets", name, "at_month"), target.at_month


def _idle_teams(scenario: Scenario) -> Iterator[Finding]:
    """Tell teams that are described as working, for nobody; one that is only paid is a cost."""
    busy = set(_teams_with_work(scenario))
    for name, team in scenario.teams.items():
        if name not in busy and team.model_fields_set & _WORK:
            message = "is used by no motion, onboarding, playbook, channel or segment"
            yield Finding(("teams", name), message, at_key=True)


def _teams_with_work(scenario: Scenario) -> Iterator[str | None]:
    for motion in scenario.motions.values():
        yield from (stage.team for stage in motion.stages.values())
    for segment in scenario.segments.values():
        yield segment.onboarding.team
        yield segment.csm.team if segment.csm else None
        yield from (playbook.team for playbook in segment.expansion.values())
    for channel in scenario.channels.values():
        yield channel.outbound.team if channel.outbound else None


def _unreached_segments(scenario: Scenario) -> Iterator[Finding]:
    reached = {
        segment
        for channel in scenario.channels.values()
        for segment, share in channel.segments.items()
        if share != 0.0
    }
    if market_channels(scenario):
        reached |= segments_of_market(scenario)
    opening = scenario.company.opening
    for name in scenario.segments:
        if name not in reached | set(opening.customers) | set(opening.pipeline):
            yield Finding(("segments", name), "is reached by no channel", at_key=True)


def _idle_channels(scenario: Scenario) -> Iterator[Finding]:
    for name, channel in scenario.channels.items():
        path = ("channels", name)
        if not _has_source(channel):
            yield Finding(path, "has no source of leads", at_key=True)
        served = [segment for segment, share in channel.segments.items() if share != 0.0]
        served = served or list(segments_of_market(scenario))
        if served and all(_never_opens(scenario, segment) for segment in served):
            yield Finding(path, "reaches only segments that never open", at_key=True)
        spends = channel.spend is not None or channel.spend_per_month != 0.0
        if channel.response is not None and not spends:
            yield Finding((*path, "response"), "has no spend to respond to", at_key=True)


def _has_source(channel: Channel) -> bool:
    sources = ("response", "outbound", "virality", "referrals", "partners")
    given = any(getattr(channel, source) is not None for source in sources)
    return given or bool(channel.events) or channel.organic_per_month != 0.0


def _never_opens(scenario: Scenario, name: str) -> bool:
    opens = scenario.segments[name].opens
    by_stage = any(name in (stage.open or ()) for stage in scenario.stages.values())
    late = opens is not None and (opens.month or 0) > scenario.scenario.months
    return late and not by_stage


def _unused(scenario: Scenario) -> Iterator[Finding]:
    """Tell what nothing refers to."""
    motions = {segment.motion for segment in scenario.segments.values()}
    motions |= {one.fallback.motion for one in scenario.segments.values() if one.fallback}
    budgets = {channel.spend.budget for channel in scenario.channels.values() if channel.spend}
    stacks = {segment.tech_stack for segment in scenario.segments.values()}
    stacks |= {inner for stack in scenario.tech_stacks.values() for inner in stack.includes}
    if scenario.buyers is not None and not market_channels(scenario):
        yield Finding(("buyers",), "is reached by no channel: all have a segment mix", at_key=True)
    for table, used in (("motions", motions), ("budgets", budgets), ("tech_stacks", stacks)):
        for name in getattr(scenario, table):
            if name not in used:
                yield Finding((table, name), "is used by nothing", at_key=True)


def _choices_without_reference(scenario: Scenario) -> Iterator[Finding]:
    """Tell choices that no terms move, and reference terms that nobody chooses by."""
    keys = ("reference_discount", "reference_payment_days")
    for name, segment in scenario.segments.items():
        at = ("segments", name)
        given = [
            (*at, "contracts", contract, key)
            for contract, terms in segment.contracts.items()
            for key in keys
            if getattr(terms, key) is not None
        ]
        if segment.contract_choice is None:
            message = "has no effect without the segment's `contract_choice`"
            yield from (Finding(path, message, at_key=True) for path in given)
        elif not given and not any(one.volume_discounts for one in segment.contracts.values()):
            message = "has no effect: no contract states the terms at which its share was observed"
            hint = "Give contracts `reference_discount` or `reference_payment_days`."
            yield Finding((*at, "contract_choice"), message, hint, at_key=True)
