"""Names that refer to something: motions, teams, segments, stages, budgets, stacks, metrics."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from gtmsim.scenario.allocation import budget_names
from gtmsim.scenario.checks.circles import circles
from gtmsim.scenario.findings import Finding
from gtmsim.scenario.models import Focus, Scenario
from gtmsim.scenario.places import Path
from gtmsim.scenario.stages import company_stages
from gtmsim.scenario.targets import BY_SEGMENT, TARGETABLE
from gtmsim.words import closest

_MANY = 12  # names that a hint lists


@dataclass(frozen=True)
class Reference:
    """A name at a path, and what it should be the name of."""

    path: Path
    name: str
    noun: str
    """Such as "segment"; the plural adds an s."""
    known: Iterable[str]
    at_key: bool = False
    """Whether the name is a key."""


References: TypeAlias = Iterator[Reference]


def check_references(scenario: Scenario) -> Iterator[Finding]:
    """Names of what does not exist."""
    for reference in _references(scenario):
        if reference.name not in reference.known:
            message = f"names the {reference.noun} `{reference.name}`, which does not exist"
            yield Finding(reference.path, message, _hint(reference), at_key=reference.at_key)
    yield from _stacks_without_end(scenario)
    yield from _graduation_without_end(scenario)


def _hint(reference: Reference) -> str:
    known = list(reference.known)
    if near := closest(reference.name, known):
        return f"Did you mean `{near}`?"
    if not known:
        return f"There are no {reference.noun}s."
    more = ", ..." if len(known) > _MANY else "."
    return f"The {reference.noun}s are {', '.join(sorted(known)[:_MANY])}{more}"


def _references(scenario: Scenario) -> References:
    yield from _of_company(scenario)
    yield from _of_segments(scenario)
    yield from _of_motions(scenario)
    yield from _of_teams(scenario)
    yield from _of_channels(scenario)
    yield from _of_costs(scenario)
    yield from _of_targets(scenario)


def _of_company(scenario: Scenario) -> References:
    for name, stage in scenario.stages.items():
        yield from _each(("stages", name, "open"), stage.open, "segment", scenario.segments)
    for name, funding in scenario.company.rounds.items():
        yield from _stage(scenario, ("company", "rounds", name, "stage"), funding.stage)
    at: Path = ("company", "opening")
    opening = scenario.company.opening
    yield from _keys((*at, "customers"), opening.customers, "segment", scenario.segments)
    yield from _keys((*at, "pipeline"), opening.pipeline, "segment", scenario.segments)
    for name, deals in opening.pipeline.items():
        segment = scenario.segments.get(name)
        motion = scenario.motions.get(segment.motion) if segment else None
        if motion:
            noun = f"{segment.motion} stage" if segment else "stage"
            yield from _keys((*at, "pipeline", name), deals, noun, motion.stages)


def _of_segments(scenario: Scenario) -> References:
    for name, segment in scenario.segments.items():
        at = ("segments", name)
        yield Reference((*at, "motion"), segment.motion, "motion", scenario.motions)
        opens = segment.opens.stage if segment.opens else None
        yield from _stage(scenario, (*at, "opens", "stage"), opens)
        after = segment.opens.after if segment.opens else None
        if after is not None:
            yield Reference((*at, "opens", "after"), after, "segment", scenario.segments)
        yield from _team(scenario, (*at, "onboarding", "team"), segment.onboarding.team)
        for playbook, terms in segment.expansion.items():
            yield from _team(scenario, (*at, "expansion", playbook, "team"), terms.team)
        yield from _team(scenario, (*at, "csm", "team"), segment.csm.team if segment.csm else None)
        if segment.fallback is not None:
            path = (*at, "fallback", "motion")
            yield Reference(path, segment.fallback.motion, "motion", scenario.motions)
        if segment.graduates is not None:
            path = (*at, "graduates", "to")
            yield Reference(path, segment.graduates.to, "segment", scenario.segments)
        if segment.tech_stack is not None:
            stacks = scenario.tech_stacks
            yield Reference((*at, "tech_stack"), segment.tech_stack, "tech stack", stacks)


def _of_motions(scenario: Scenario) -> References:
    for name, motion in scenario.motions.items():
        at = ("motions", name)
        for stage, work in motion.stages.items():
            yield from _team(scenario, (*at, "stages", stage, "team"), work.team)
        yield from _each((*at, "order"), motion.order, f"{name} stage", motion.stages)
        if motion.opportunity_stage is not None:
            path = (*at, "opportunity_stage")
            yield Reference(path, motion.opportunity_stage, f"{name} stage", motion.stages)


def _of_teams(scenario: Scenario) -> References:
    for name, team in scenario.teams.items():
        at = ("teams", name)
        for number, hires in enumerate(team.hires):
            yield from _stage(scenario, (*at, "hires", number, "stage"), hires.stage)
        counted = team.hiring.customers_of if team.hiring else None
        path = (*at, "hiring", "customers_of")
        yield from _each(path, counted, "segment", scenario.segments)
        yield from _each((*at, "segments"), team.segments, "segment", scenario.segments)


def _of_channels(scenario: Scenario) -> References:
    for name, channel in scenario.channels.items():
        at = ("channels", name)
        yield from _keys((*at, "segments"), channel.segments, "segment", scenario.segments)
        yield from _by_stage(scenario, (*at, "spend_per_month"), channel.spend_per_month)
        if channel.spend:
            path = (*at, "spend", "budget")
            yield Reference(path, channel.spend.budget, "budget", budget_names(scenario))
        team = channel.outbound.team if channel.outbound else None
        yield from _team(scenario, (*at, "outbound", "team"), team)
        for source in ("virality", "referrals"):
            word = getattr(channel, source)
            counted = word.customers_of if word else None
            path = (*at, source, "customers_of")
            yield from _each(path, counted, "segment", scenario.segments)


def _of_costs(scenario: Scenario) -> References:
    for name, budget in scenario.budgets.items():
        yield from _by_stage(scenario, ("budgets", name, "per_month"), budget.per_month)
        yield from _by_stage(scenario, ("budgets", name, "share_of_arr"), budget.share_of_arr)
    yield from _of_allocation(scenario)
    for name, line in scenario.costs.items():
        yield from _by_stage(scenario, ("costs", name, "per_month"), line.per_month)
    for name, change in scenario.price_changes.items():
        path = ("price_changes", name, "segments")
        yield from _each(path, change.segments, "segment", scenario.segments)
    for name, stack in scenario.tech_stacks.items():
        path = ("tech_stacks", name, "includes")
        yield from _each(path, stack.includes, "tech stack", scenario.tech_stacks)


def _of_allocation(scenario: Scenario) -> References:
    if scenario.allocation is None:
        return
    at: Path = ("allocation",)
    for key in ("per_month", "share_of_arr"):
        yield from _by_stage(scenario, (*at, key), getattr(scenario.allocation, key))
    for part in Focus.model_fields:
        yield from _by_stage(
            scenario, (*at, "focus", part), getattr(scenario.allocation.focus, part)
        )
    yield from _each((*at, "teams"), scenario.allocation.teams, "team", scenario.teams)


def _of_targets(scenario: Scenario) -> References:
    for name, target in scenario.targets.items():
        at = ("targets", name)
        yield Reference((*at, "metric"), target.metric, "metric", TARGETABLE)
        if target.segment is None:
            continue
        yield Reference((*at, "segment"), target.segment, "segment", scenario.segments)
        if target.metric in TARGETABLE and target.segment in scenario.segments:
            yield Reference((*at, "metric"), target.metric, "segment metric", BY_SEGMENT)


def _each(path: Path, names: Iterable[str] | None, noun: str, known: Iterable[str]) -> References:
    return (Reference((*path, n), name, noun, known) for n, name in enumerate(names or ()))


def _keys(path: Path, names: Iterable[str], noun: str, known: Iterable[str]) -> References:
    return (Reference((*path, name), name, noun, known, at_key=True) for name in names)


def _by_stage(scenario: Scenario, path: Path, value: Any) -> References:
    if isinstance(value, Mapping):
        yield from _keys(path, value, "company stage", company_stages(scenario))


def _stage(scenario: Scenario, path: Path, name: str | None) -> References:
    if name is not None:
        yield Reference(path, name, "company stage", company_stages(scenario))


def _team(scenario: Scenario, path: Path, name: str | None) -> References:
    if name is not None:
        yield Reference(path, name, "team", scenario.teams)


def _graduation_without_end(scenario: Scenario) -> Iterator[Finding]:
    """Segments whose customers would move up in a circle, each circle told once."""

    def above(name: str) -> str | None:
        segment = scenario.segments.get(name)
        return segment.graduates.to if segment and segment.graduates else None

    for circle in circles(scenario.segments, above):
        path = ("segments", circle[0], "graduates", "to")
        yield Finding(path, f"makes a circle: {' -> '.join(circle)}")


def _stacks_without_end(scenario: Scenario) -> Iterator[Finding]:
    """Tech stacks that include themselves, each loop told once."""
    told: set[frozenset[str]] = set()
    for name in scenario.tech_stacks:
        loop = _loop(scenario, (name,))
        if loop and frozenset(loop) not in told:
            told.add(frozenset(loop))
            path = ("tech_stacks", loop[0], "includes")
            yield Finding(path, f"makes a loop: {' -> '.join(loop)}")


def _loop(scenario: Scenario, chain: tuple[str, ...]) -> tuple[str, ...]:
    """Stacks from one back to itself, if following ``chain`` leads there."""
    stack = scenario.tech_stacks.get(chain[-1])
    for inner in stack.includes if stack else ():
        if inner in chain:
            return (*chain[chain.index(inner) :], inner)
        if found := _loop(scenario, (*chain, inner)):
            return found
    return ()
