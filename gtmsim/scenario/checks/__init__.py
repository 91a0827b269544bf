"""What a valid structure may still get wrong: the meaning of its parts together.

Each check is a function from a Scenario to its findings.
"""

from collections.abc import Callable, Iterator

from gtmsim.scenario.checks.allocation import check_allocation
from gtmsim.scenario.checks.buyers import check_buyers
from gtmsim.scenario.checks.choices import check_choices
from gtmsim.scenario.checks.correlations import check_correlations
from gtmsim.scenario.checks.currency import check_currency
from gtmsim.scenario.checks.expectations import check_expectations
from gtmsim.scenario.checks.oddities import find_oddities
from gtmsim.scenario.checks.opens import check_opens
from gtmsim.scenario.checks.quantities import check_quantities
from gtmsim.scenario.checks.references import check_references
from gtmsim.scenario.checks.stages import check_stages
from gtmsim.scenario.findings import Finding
from gtmsim.scenario.models import Scenario

__all__ = ["check_currency", "find_mistakes", "find_oddities"]

_CHECKS: tuple[Callable[[Scenario], Iterator[Finding]], ...] = (
    check_references,
    check_choices,
    check_quantities,
    check_stages,
    check_opens,
    check_allocation,
    check_buyers,
    check_expectations,
    check_correlations,
)


def find_mistakes(scenario: Scenario) -> list[Finding]:
    """Everything for which a scenario cannot be simulated."""
    return [finding for check in _CHECKS for finding in check(scenario)]
