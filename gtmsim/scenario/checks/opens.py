"""Segments that wait for each other."""

from collections.abc import Iterator

from gtmsim.scenario.checks.circles import circles
from gtmsim.scenario.findings import Finding
from gtmsim.scenario.models import Scenario


def check_opens(scenario: Scenario) -> Iterator[Finding]:
    """Segments that wait for themselves in the end, each loop told once."""

    def after(name: str) -> str | None:
        segment = scenario.segments.get(name)
        return segment.opens.after if segment and segment.opens else None

    for circle in circles(scenario.segments, after):
        path = ("segments", circle[0], "opens", "after")
        yield Finding(path, f"makes a loop, and none of it opens: {' -> '.join(circle)}")
