"""Limits within which a segment is healthy enough for the next one to open."""

import numpy as np

from gtmsim.plan.distributions import Number
from gtmsim.plan.leaves import Node
from gtmsim.plan.lowering.tables import NumberRow, write_rows
from gtmsim.plan.means import mean_of
from gtmsim.plan.names import Names
from gtmsim.plan.structure import HealthFloat, Values
from gtmsim.scenario.models import Scenario
from gtmsim.scenario.profiles import Ruler, bounds_of, profile_of
from gtmsim.vocabulary import MINOR_UNITS

_IN_MINOR_UNITS = {HealthFloat.CAC}


def write_health(root: Node, names: Names, out: Values) -> None:
    """Write the playbook's limits of the segments that others wait for."""
    scenario: Scenario = root.model
    watched = {
        segment.opens.after for segment in scenario.segments.values() if segment.opens is not None
    }
    none: NumberRow[HealthFloat] = dict.fromkeys(HealthFloat, np.inf)
    rows = [_limits(root, name) if name in watched else none for name in names.segments]
    write_rows(out.health, HealthFloat, rows)


def _limits(root: Node, segment: str) -> NumberRow[HealthFloat]:
    scenario: Scenario = root.model
    price = scenario.segments[segment].acv
    profile = profile_of(scenario, segment, 0.0 if price is None else mean_of(price))
    given = root.at("verdicts", profile, Ruler.PLAYBOOK.value)
    usual = bounds_of(scenario.verdicts, profile, Ruler.PLAYBOOK)
    row: NumberRow[HealthFloat] = {}
    for column in HealthFloat:
        measure = column.name.lower()
        limit: Number = given.number(measure) if given.has(measure) else usual[measure].healthy
        row[column] = limit * MINOR_UNITS if column in _IN_MINOR_UNITS else limit
    return row
