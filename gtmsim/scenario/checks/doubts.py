"""Values that are allowed and hardly ever meant: told as warnings."""

from collections.abc import Iterator, Set
from itertools import chain
from typing import Any, TypeGuard

from gtmsim.scenario.findings import Finding
from gtmsim.scenario.models import Scenario
from gtmsim.vocabulary import MONTHS_PER_YEAR

_LARGEST_DISCOUNT = 0.9
_MOST_LEAVERS = 2.0


def find_doubts(scenario: Scenario, busy: Set[str | None]) -> Iterator[Finding]:
    """Values that are hardly meant.

    Parameters
    ----------
    scenario
        The scenario.
    busy
        Teams that are asked for something.
    """
    return chain(_unstaffed(scenario, busy), _segments(scenario), _turnover(scenario))


def _unstaffed(scenario: Scenario, busy: Set[str | None]) -> Iterator[Finding]:
    """Tell teams with work and without people, now or ever."""
    for name, team in scenario.teams.items():
        if name in busy and not (team.reps or team.hires or team.hiring):
            message = "has nobody, and hires nobody: what it is asked for is never done"
            hint = "Give it `reps`, `hires` or `hiring`."
            yield Finding(("teams", name), message, hint, at_key=True)


def _segments(scenario: Scenario) -> Iterator[Finding]:
    for name, segment in scenario.segments.items():
        path = ("segments", name)
        if _is_number(segment.expansion_cap) and segment.expansion_cap < 1.0:
            message = f"lets no customer expand: {segment.expansion_cap:g} of the first ARR at most"
            yield Finding((*path, "expansion_cap"), message, "1.5 lets ARR grow by half.")
        for contract, terms in segment.contracts.items():
            if _is_number(terms.discount) and terms.discount >= _LARGEST_DISCOUNT:
                message = f"leaves {1.0 - terms.discount:.0%} of the price"
                yield Finding((*path, "contracts", contract, "discount"), message)


def _turnover(scenario: Scenario) -> Iterator[Finding]:
    for name, team in scenario.teams.items():
        if _is_number(team.leaves_per_year) and team.leaves_per_year > _MOST_LEAVERS:
            stay = MONTHS_PER_YEAR / team.leaves_per_year
            message = f"has a rep stay for {stay:.2g} months on average"
            hint = "It is leavers per rep and year, such as 0.25."
            yield Finding(("teams", name, "leaves_per_year"), message, hint)


def _is_number(value: Any) -> TypeGuard[float]:
    """Whether it is certain."""
    return isinstance(value, int | float)
