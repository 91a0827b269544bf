"""Limits of the tables and of the keys."""

from gtmsim.draws.keys import MAX_MONTHS, MAX_STREAMS
from gtmsim.errors import CapacityError
from gtmsim.plan.names import Names
from gtmsim.scenario.models import Scenario

MAX_FUNNEL_ROWS = 1024
"""Stages over all segments."""


def check_capacity(scenario: Scenario, names: Names) -> None:
    """Refuse a scenario that the tables or the keys cannot hold.

    Raises
    ------
    CapacityError
        Naming the limit and the way out.
    """
    _check("months", scenario.scenario.months, MAX_MONTHS, "shorten the scenario")
    _check("streams of leads", len(names.streams), MAX_STREAMS, "merge channels or segments")
    _check("funnel stages", len(names.funnel), MAX_FUNNEL_ROWS, "merge segments or stages")


def _check(what: str, count: int, limit: int, way_out: str) -> None:
    if count > limit:
        raise CapacityError(f"the model has {count} {what}; at most {limit} fit: {way_out}")
