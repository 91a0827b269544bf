"""Keys that exclude or need each other."""

from collections.abc import Iterator, Sequence
from itertools import chain

from pydantic import BaseModel

from gtmsim.expressions.names import FLAGS
from gtmsim.scenario.findings import Finding
from gtmsim.scenario.models import Churn, HiringRules, Opens, Response, Scenario, Target
from gtmsim.scenario.places import Path
from gtmsim.words import alternatives, enumeration

_POWER_LAW = ("reference_spend", "leads", "elasticity")
_RULE_PARTS = {"customers_per_rep": {"customers_of"}, "utilisation_above": {"for_months", "n"}}
_HILL = ("max_leads", "half_spend", "slope")


def check_choices(scenario: Scenario) -> Iterator[Finding]:
    """Tables with none, or more than one, of keys that are alternatives."""
    return chain(
        _moments(scenario),
        _channels(scenario),
        _churn(scenario),
        _work_without_team(scenario),
        _fallbacks(scenario),
        _hiring_rules(scenario),
        _targets(scenario),
    )


def exactly_one(path: Path, model: BaseModel, keys: Sequence[str]) -> Iterator[Finding]:
    """Tell a table that does not have exactly one of ``keys``."""
    given = _given(model, keys)
    if not given:
        yield Finding(path, f"needs {_either(keys)}")
    elif len(given) > 1:
        message = f"excludes {_quoted(given[:1])}: give one of them"
        yield Finding((*path, given[1]), message, _unset_hint(given), at_key=True)


def _moments(scenario: Scenario) -> Iterator[Finding]:
    keys = ("month", "stage")
    for name, segment in scenario.segments.items():
        if segment.opens:
            yield from _opens(("segments", name, "opens"), segment.opens)
    for name, funding in scenario.company.rounds.items():
        yield from exactly_one(("company", "rounds", name), funding, keys)
        if funding.stage is None and "delay_months" in funding.model_fields_set:
            message = "belongs to `stage`, which is missing"
            yield Finding(("company", "rounds", name, "delay_months"), message, at_key=True)
    for name, team in scenario.teams.items():
        for number, hires in enumerate(team.hires):
            yield from exactly_one(("teams", name, "hires", number), hires, keys)


def _opens(path: Path, opens: Opens) -> Iterator[Finding]:
    """Tell a segment that would open by two moments, or by nothing."""
    moments, conditions = ("month", "stage"), ("after", "runway_months")
    if _given(opens, moments):
        yield from exactly_one(path, opens, moments)
    elif not _given(opens, conditions):
        yield Finding(path, f"needs {_either(moments + conditions)}")
    if opens.after is None and "healthy_months" in opens.model_fields_set:
        message = "belongs to `after`, which is missing"
        yield Finding((*path, "healthy_months"), message, at_key=True)


def _fallbacks(scenario: Scenario) -> Iterator[Finding]:
    """Tell fallbacks to the segment's own motion, and to one that needs people."""
    for name, segment in scenario.segments.items():
        if segment.fallback is None:
            continue
        other, path = segment.fallback.motion, ("segments", name, "fallback", "motion")
        stages = scenario.motions[other].stages if other in scenario.motions else {}
        worked = [stage for stage, work in stages.items() if work.team is not None]
        if other == segment.motion:
            yield Finding(path, "must be another motion than the segment's own")
        elif worked:
            team = stages[worked[0]].team
            message = f"must be a motion without teams; its stage `{worked[0]}` has `{team}`"
            yield Finding(path, message)


def _channels(scenario: Scenario) -> Iterator[Finding]:
    for name, channel in scenario.channels.items():
        at = ("channels", name)
        if channel.spend and channel.spend_per_month != 0.0:
            message = "excludes `spend_per_month`: a channel has its own spend or a budget's share"
            yield Finding((*at, "spend"), message, at_key=True)
        if channel.response:
            yield from _response((*at, "response"), channel.response)


def _response(path: Path, response: Response) -> Iterator[Finding]:
    power_law, hill = _given(response, _POWER_LAW), _given(response, _HILL)
    if power_law and hill:
        message = f"belongs to a Hill curve, and {_quoted(power_law)} to a power law: give one"
        yield Finding((*path, hill[0]), message, at_key=True)
        return
    wanted = _HILL if hill else _POWER_LAW
    missing = [key for key in wanted if key not in power_law + hill]
    if power_law or hill:
        curve = "Hill curve" if hill else "power law"
        for key in missing:
            yield Finding(path, f"needs `{key}` for its {curve}", missing=key)
    else:
        hint = f"A power law has {_quoted(_POWER_LAW)}; a Hill curve has {_quoted(_HILL)}."
        yield Finding(path, "needs a curve", hint)


def _churn(scenario: Scenario) -> Iterator[Finding]:
    for name, segment in scenario.segments.items():
        if isinstance(segment.churn_per_year, Churn):
            yield from _beta(("segments", name, "churn_per_year"), segment.churn_per_year)


def _beta(path: Path, churn: Churn) -> Iterator[Finding]:
    by_mean, by_shape = (
        _given(churn, ("mean", "concentration")),
        _given(churn, ("alpha", "beta")),
    )
    if by_mean and by_shape:
        message = f"excludes {_quoted(by_mean)}: give the mean or alpha and beta"
        yield Finding((*path, by_shape[0]), message, _unset_hint(by_mean + by_shape), at_key=True)
    elif by_shape:
        missing = [key for key in ("alpha", "beta") if key not in by_shape]
        yield from (Finding(path, f"needs `{key}`", missing=key) for key in missing)
    elif churn.mean is None:
        yield Finding(path, "needs `mean`, or `alpha` and `beta`", missing="mean")
    elif churn.concentration is not None and churn.mean in (0.0, 1.0):
        message = f"must be above 0 and below 1 where customers differ; got {churn.mean:g}"
        yield Finding((*path, "mean"), message, "Leave out `concentration` if all are alike.")


def _work_without_team(scenario: Scenario) -> Iterator[Finding]:
    for name, motion in scenario.motions.items():
        for stage, work in motion.stages.items():
            if work.team is None and work.patience_days is not None:
                yield _needs_team(("motions", name, "stages", stage, "patience_days"))
    for name, segment in scenario.segments.items():
        for playbook, terms in segment.expansion.items():
            at = ("segments", name, "expansion", playbook)
            if terms.team is None and terms.days != 0.0:
                yield _needs_team((*at, "days"))
            if terms.team is None and terms.patience_days is not None:
                yield _needs_team((*at, "patience_days"))


def _needs_team(path: Path) -> Finding:
    return Finding(path, "needs a `team` beside it: nobody is waited for without one", at_key=True)


def _hiring_rules(scenario: Scenario) -> Iterator[Finding]:
    for name, team in scenario.teams.items():
        if team.hiring is None:
            continue
        path = ("teams", name, "hiring")
        given = _given(team.hiring, tuple(_RULE_PARTS))
        if given:
            yield from _rule_parts(path, team.hiring, given)
        else:
            yield Finding(path, f"needs {_either(tuple(_RULE_PARTS))}")


def _rule_parts(path: Path, rules: HiringRules, given: list[str]) -> Iterator[Finding]:
    """Keys that say more about a rule that is not there."""
    for rule, keys in _RULE_PARTS.items():
        if rule not in given:
            for key in sorted(rules.model_fields_set & keys):
                yield Finding((*path, key), f"belongs to `{rule}`, which is missing", at_key=True)


def _targets(scenario: Scenario) -> Iterator[Finding]:
    for name, target in scenario.targets.items():
        path = ("targets", name)
        yield from _target_bounds(path, target)
        when = ("by_month", "at_month", "always")
        yield from exactly_one(path, target, when)


def _target_bounds(path: Path, target: Target) -> Iterator[Finding]:
    low, high = target.at_least, target.at_most
    if low is None and high is None:
        yield Finding(path, "needs `at_least` or `at_most`")
    elif low is not None and high is not None and low > high:
        message = f"must not be above `at_most`; got {low:g} and {high:g}"
        yield Finding((*path, "at_least"), message)
    if target.metric in FLAGS:
        for key, bound in (("at_least", low), ("at_most", high)):
            if bound is not None and not 0.0 <= bound <= 1.0:
                message = f"`{target.metric}` is 0 or 1 in a month; got {bound:g}"
                yield Finding((*path, key), message)


def _given(model: BaseModel, keys: Sequence[str]) -> list[str]:
    """Those of ``keys`` that say something; 0 does."""
    values = ((key, getattr(model, key)) for key in keys)
    return [key for key, value in values if value is not None and value is not False]


def _either(keys: Sequence[str]) -> str:
    return alternatives([f"`{key}`" for key in keys])


def _quoted(keys: Sequence[str]) -> str:
    return enumeration([f"`{key}`" for key in keys])


def _unset_hint(keys: Sequence[str]) -> str:
    return f'One that a base file gives is removed by {keys[0]} = "unset".'
