"""Motions that a price cannot carry, as the growth playbook names them: told as warnings."""

from collections.abc import Iterator
from math import sqrt

from gtmsim.scenario.distributions import Distribution
from gtmsim.scenario.findings import Finding
from gtmsim.scenario.models import Motion, MotionStage, Scenario, Segment, Team
from gtmsim.scenario.profiles import profile_by_price
from gtmsim.vocabulary import DAYS_PER_MONTH, MONTHS_PER_YEAR

FIELD_SALES_FROM = 15e3
"""Price a year up to which an enterprise process does not pay."""
CSM_FROM = 3e3
"""Price a year up to which a CSM is too dear."""
HUMANS_FROM = 2e3
"""Price a year up to which no human touch is affordable."""
MANY_STAGES = MANY_TOUCHES = 5
"""Staffed stages, or meetings, that make an enterprise process."""


def find_misfits(scenario: Scenario) -> Iterator[Finding]:
    """Segments whose motion, service or terms do not go with their price."""
    for name, segment in scenario.segments.items():
        price = typical(segment.acv)
        if price is not None:
            yield from _of_price(scenario, name, segment, price)
        yield from _monthly_enterprise(name, segment, price)


def typical(value: float | Distribution | None) -> float | None:
    """Middle of what a number may be: its median or mean, or between its quantiles.

    Returns
    -------
    float or None
        None where the form of the distribution has no such middle.
    """
    if not isinstance(value, Distribution):
        return value
    said = {name: typical(parameter) for name, parameter in value.parameters}
    for name in ("median", "mean", "mode"):
        if said.get(name) is not None:
            return said[name]
    for ends in (("p10", "p90"), ("low", "high")):
        low, high = (said.get(end) for end in ends)
        if low is not None and high is not None:
            return sqrt(low * high) if low > 0.0 else 0.5 * (low + high)
    return sorted(value.choices)[len(value.choices) // 2] if value.choices else None


def _of_price(scenario: Scenario, name: str, segment: Segment, price: float) -> Iterator[Finding]:
    at = ("segments", name)
    motion = scenario.motions[segment.motion]
    of = f"at a list price of about {price:,.0f} a year"
    if price <= FIELD_SALES_FROM and _is_field_sales(motion):
        hint = f"Shorten it, or sell something above {FIELD_SALES_FROM:,.0f}."
        yield Finding((*at, "motion"), f"is an enterprise process {of}", hint)
    elif price <= HUMANS_FROM and any(map(_has_humans, motion.stages.values())):
        hint = "A touch costs 50 to 200: let the product sell, or raise the price."
        yield Finding((*at, "motion"), f"has human touches {of}", hint)
    if price <= CSM_FROM and segment.csm is not None:
        hint = "Automate success where accounts are small."
        yield Finding((*at, "csm"), f"has CSMs for accounts {of}", hint, at_key=True)
    cost = _delivery_cost(scenario, segment, price)
    if cost >= price:
        hint = "Onboarding, support, success and hosting of its first year; raise the price."
        yield Finding(at, f"costs about {cost:,.0f} to deliver {of}", hint, at_key=True)


def _is_field_sales(motion: Motion) -> bool:
    stages = motion.stages.values()
    meetings = sum(typical(stage.touches) or 0.0 for stage in stages)
    return sum(map(_has_humans, stages)) >= MANY_STAGES or meetings >= MANY_TOUCHES


def _has_humans(stage: MotionStage) -> bool:
    return stage.team is not None or stage.touches != 0.0


def _delivery_cost(scenario: Scenario, segment: Segment, price: float) -> float:
    """Cost of serving a customer in its first year, at middle values."""
    onboarding, csm = segment.onboarding, segment.csm
    cost = _number(onboarding.cost) + _number(segment.support_per_customer_per_year)
    cost += _number(segment.cogs_share) * price
    if onboarding.team is not None:
        team = scenario.teams[onboarding.team]
        months = _number(onboarding.days) / DAYS_PER_MONTH
        cost += _pay_per_year(team) / MONTHS_PER_YEAR * months / max(_number(team.open_deals), 1.0)
    if csm is not None and _number(csm.accounts_per_rep) > 0.0:
        cost += _pay_per_year(scenario.teams[csm.team]) / _number(csm.accounts_per_rep)
    return cost


def _pay_per_year(team: Team) -> float:
    pay = _number(team.base_per_year) * (1.0 + _number(team.on_costs))
    return pay + MONTHS_PER_YEAR * _number(team.tools_per_month)


def _number(value: float | Distribution) -> float:
    return typical(value) or 0.0


def _monthly_enterprise(name: str, segment: Segment, price: float | None) -> Iterator[Finding]:
    by_price = "" if price is None else profile_by_price(price)
    if (segment.profile or by_price) != "enterprise":
        return
    for contract, terms in segment.contracts.items():
        if terms.term_months == 1 and terms.share != 0.0:
            path = ("segments", name, "contracts", contract, "term_months")
            hint = "Enterprises sign for a year or more; a monthly term asks them to leave."
            yield Finding(path, "is month to month for enterprise customers", hint)
