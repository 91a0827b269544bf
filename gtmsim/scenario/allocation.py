"""Names of the budgets that channels draw on: those of the file and that of the allocation."""

from gtmsim.scenario.models import Scenario

ALLOCATED_BUDGET = "marketing"
"""Budget that the marketing part of an allocation is."""


def budget_names(scenario: Scenario) -> tuple[str, ...]:
    """Name every budget, that of the allocation last."""
    allocated = (ALLOCATED_BUDGET,) if scenario.allocation is not None else ()
    return (*scenario.budgets, *allocated)
