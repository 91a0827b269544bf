"""The allocation: a total, parts that sum to it, and what spends them."""

from collections.abc import Iterator, Mapping

from gtmsim.scenario.allocation import ALLOCATED_BUDGET
from gtmsim.scenario.checks.quantities import SUM_TOLERANCE
from gtmsim.scenario.findings import Finding
from gtmsim.scenario.models import Focus, Scenario
from gtmsim.scenario.stages import company_stages

_TOTALS = ("per_month", "share_of_arr", "burn_limit_per_month")


def check_allocation(scenario: Scenario) -> Iterator[Finding]:
    """Allocations without a total, with parts that do not sum to it, or with a budget twice."""
    allocation = scenario.allocation
    if allocation is None:
        return
    if all(getattr(allocation, key) is None for key in _TOTALS):
        message = "needs `per_month`, `share_of_arr` or `burn_limit_per_month`"
        yield Finding(("allocation",), message, at_key=True)
    if ALLOCATED_BUDGET in scenario.budgets:
        message = "is the name of the allocation's marketing part too; choose another"
        yield Finding(("budgets", ALLOCATED_BUDGET), message, at_key=True)
    effect = allocation.product_effect
    if effect is not None and effect.reference_per_month == 0.0:
        path = ("allocation", "product_effect", "reference_per_month")
        yield Finding(path, "must be above 0; got 0")
    elasticities = ("churn_elasticity", "win_odds_elasticity")
    if effect is not None and not effect.model_fields_set & set(elasticities):
        message = "needs `churn_elasticity` or `win_odds_elasticity`"
        yield Finding(("allocation", "product_effect"), message)
    yield from _parts(scenario, allocation.focus)


def find_idle_parts(scenario: Scenario) -> Iterator[Finding]:
    """Tell parts of an allocation that nobody spends or that limit nobody."""
    allocation = scenario.allocation
    if allocation is None:
        return
    spends = any(
        channel.spend is not None and channel.spend.budget == ALLOCATED_BUDGET
        for channel in scenario.channels.values()
    )
    for part, is_used, message in (
        ("marketing", spends, "is drawn on by no channel"),
        (
            "sales_and_success",
            bool(allocation.teams),
            "limits no team: `allocation.teams` is empty",
        ),
    ):
        if getattr(allocation.focus, part) != 0.0 and not is_used:
            yield Finding(("allocation", "focus", part), message, at_key=True)


def _parts(scenario: Scenario, focus: Focus) -> Iterator[Finding]:
    """Tell shares that do not sum to 1; uncertain ones are scaled to it in every draw."""
    parts = {part: getattr(focus, part) for part in Focus.model_fields}
    by_stage = {part: share for part, share in parts.items() if isinstance(share, Mapping)}
    numbers = [share for share in parts.values() if not isinstance(share, Mapping)]
    numbers += [share for named in by_stage.values() for share in named.values()]
    if not all(isinstance(number, float) for number in numbers):
        return
    # A stage that a part does not name keeps the share of the one before it.
    now = {part: 0.0 if part in by_stage else float(share) for part, share in parts.items()}
    for stage in _stages_in_order(scenario):
        now |= {part: float(named[stage]) for part, named in by_stage.items() if stage in named}
        total = sum(now.values())
        if abs(total - 1.0) > SUM_TOLERANCE:
            where = f" in the stage {stage}" if by_stage else ""
            message = f"must have shares that sum to 1; they sum to {total:.6g}{where}"
            yield Finding(("allocation", "focus"), message)
            return


def _stages_in_order(scenario: Scenario) -> list[str]:
    """Stages by threshold; where one is uncertain, in the order of the file."""
    thresholds = {name: stage.from_arr for name, stage in company_stages(scenario).items()}
    certain = {name: float(arr) for name, arr in thresholds.items() if isinstance(arr, float)}
    if len(certain) < len(thresholds):
        return list(thresholds)
    return sorted(certain, key=lambda name: certain[name])
