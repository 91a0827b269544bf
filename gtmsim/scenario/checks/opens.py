"""Segments that wait for each other."""

from collections.abc import Iterator

from gtmsim.scenario.findings import Finding
from gtmsim.scenario.models import Scenario


def check_opens(scenario: Scenario) -> Iterator[Finding]:
    """Segments that wait for themselves in the end, each loop told once."""
    told: set[frozenset[str]] = set()
    for name in scenario.segments:
        chain = [name]
        while (after := _after(scenario, chain[-1])) is not None and after not in chain:
            chain.append(after)
        if after == name and frozenset(chain) not in told:
            told.add(frozenset(chain))
            path = ("segments", name, "opens", "after")
            message = f"makes a loop, and none of it opens: {' -> '.join([*chain, name])}"
            yield Finding(path, message)


def _after(scenario: Scenario, name: str) -> str | None:
    segment = scenario.segments.get(name)
    return segment.opens.after if segment and segment.opens else None
