"""What couples segments, so that a change in one moves others."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from gtmsim.scenario.models import Channel, Focus, Scenario, WordOfMouth


class Coupling(NamedTuple):
    """Something that several segments share."""

    what: str
    """Path of it in the scenario."""
    segments: tuple[str, ...]
    why: str
    """How one segment moves the others."""


def couplings(scenario: Scenario) -> tuple[Coupling, ...]:
    """Find what couples the segments of a scenario; nothing where there is one segment."""
    if len(scenario.segments) == 1:
        return ()
    found = (
        *_teams(scenario),
        *_budgets(scenario),
        *_allocation(scenario),
        *_conditions(scenario),
        *_word_of_mouth(scenario),
        *_company(scenario),
    )
    return tuple(coupling for coupling in found if len(coupling.segments) > 1)


def _teams(scenario: Scenario) -> Iterator[Coupling]:
    for team, spec in scenario.teams.items():
        served = [name for name in scenario.segments if team in _teams_of(scenario, name)]
        counted = spec.hiring.customers_of if spec.hiring and spec.hiring.customers_of else ()
        both = [name for name in scenario.segments if name in served or name in counted]
        why = "their deals, projects or accounts take the same people's time"
        yield Coupling(f"teams.{team}", tuple(both), why)


def _teams_of(scenario: Scenario, name: str) -> set[str | None]:
    segment = scenario.segments[name]
    stages = scenario.motions[segment.motion].stages.values()
    teams = {stage.team for stage in stages} | {segment.onboarding.team}
    teams |= {playbook.team for playbook in segment.expansion.values()}
    return teams | {segment.csm.team if segment.csm else None}


def _budgets(scenario: Scenario) -> Iterator[Coupling]:
    everyone = tuple(scenario.segments)
    for name, budget in scenario.budgets.items():
        follows_arr = isinstance(budget.share_of_arr, Mapping) or budget.share_of_arr != 0.0
        is_used = any(c.spend and c.spend.budget == name for c in scenario.channels.values())
        if follows_arr and is_used:
            yield Coupling(f"budgets.{name}", everyone, "it follows the ARR of the whole company")


def _allocation(scenario: Scenario) -> Iterator[Coupling]:
    allocation = scenario.allocation
    if allocation is not None and (
        allocation.teams
        or allocation.share_of_arr is not None
        or allocation.burn_limit_per_month is not None
    ):
        why = "one total, for all of them, limits what is spent and who is hired"
        yield Coupling("allocation", tuple(scenario.segments), why)


def _conditions(scenario: Scenario) -> Iterator[Coupling]:
    for name, segment in scenario.segments.items():
        if segment.opens is not None and segment.opens.after is not None:
            both = [other for other in scenario.segments if other in (name, segment.opens.after)]
            why = "one opens once the other is healthy"
            yield Coupling(f"segments.{name}.opens.after", tuple(both), why)
        if segment.opens is not None and segment.opens.runway_months is not None:
            why = "it opens once the company's cash lasts long enough"
            yield Coupling(f"segments.{name}.opens.runway_months", tuple(scenario.segments), why)


def _word_of_mouth(scenario: Scenario) -> Iterator[Coupling]:
    for name, channel in scenario.channels.items():
        for key, word in _words(channel):
            told = [segment for segment, share in channel.segments.items() if share != 0.0]
            counted = scenario.segments if word.customers_of is None else word.customers_of
            both = [segment for segment in scenario.segments if segment in (*told, *counted)]
            why = "customers of one bring leads to another"
            yield Coupling(f"channels.{name}.{key}", tuple(both), why)


def _words(channel: Channel) -> Iterator[tuple[str, WordOfMouth]]:
    for key in ("virality", "referrals"):
        word = getattr(channel, key)
        if word is not None:
            yield key, word


def _company(scenario: Scenario) -> Iterator[Coupling]:
    everyone = tuple(scenario.segments)
    if scenario.company.floor is not None:
        why = "low cash freezes hiring or cuts spend in all of them"
        yield Coupling("company.floor", everyone, why)
    if scenario.company.largest_customer_leaves is not None:
        why = "who leaves is the largest customer of them all"
        yield Coupling("company.largest_customer_leaves", everyone, why)
    if any(_acts_by_stage(scenario)):
        why = "the company's stage, which its ARR decides, sets what is open, spent and hired"
        yield Coupling("stages", everyone, why)
    yield Coupling("company.cash", everyone, "one account: when it is empty, everything ends")


def _acts_by_stage(scenario: Scenario) -> Iterator[bool]:
    yield from (stage.open is not None for stage in scenario.stages.values())
    yield from (bool(s.opens and s.opens.stage) for s in scenario.segments.values())
    yield from (r.stage is not None for r in scenario.company.rounds.values())
    yield from (h.stage is not None for team in scenario.teams.values() for h in team.hires)
    yield from (isinstance(c.spend_per_month, Mapping) for c in scenario.channels.values())
    yield from (isinstance(line.per_month, Mapping) for line in scenario.costs.values())
    for budget in scenario.budgets.values():
        yield isinstance(budget.per_month, Mapping) or isinstance(budget.share_of_arr, Mapping)
    if scenario.allocation is not None:
        totals = scenario.allocation.per_month, scenario.allocation.share_of_arr
        parts = (getattr(scenario.allocation.focus, part) for part in Focus.model_fields)
        yield from (isinstance(number, Mapping) for number in (*totals, *parts))
