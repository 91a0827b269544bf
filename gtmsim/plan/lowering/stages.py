"""The company's stages: the usual four, and what the scenario changes."""

import numpy as np

from gtmsim.plan.distributions import Number
from gtmsim.plan.leaves import Node, dotted
from gtmsim.plan.lowering.tables import flag_table, write_cells
from gtmsim.plan.names import Names
from gtmsim.plan.structure import Flags, Values
from gtmsim.scenario.models import Scenario, Stage
from gtmsim.vocabulary import MINOR_UNITS

DEFAULT_FROM_ARR = {"pre_pmf": 0.0, "early_growth": 1e6, "scaling": 10e6, "mature": 50e6}
"""Closing ARR from which the company is in a stage, in the scenario's currency."""


def stage_names(root: Node) -> tuple[str, ...]:
    """Stages by ascending threshold."""
    scenario: Scenario = root.model
    every = tuple(dict.fromkeys([*DEFAULT_FROM_ARR, *scenario.stages]))
    return tuple(sorted(every, key=lambda stage: float(np.mean(_from_arr(root, stage)))))


def stage_opens_table(scenario: Scenario, names: Names) -> Flags:
    """Segments that the policy of a company stage opens, shape (G, S)."""
    opened = [scenario.stages.get(stage, Stage()).open or () for stage in names.stages]
    return flag_table(
        len(names.segments), [[segment in row for segment in names.segments] for row in opened]
    )


def write_stages(root: Node, names: Names, out: Values) -> None:
    """Write the thresholds of the stages."""
    thresholds = [_from_arr(root, stage) * MINOR_UNITS for stage in names.stages]
    write_cells(out.stage_from_arr[:, np.newaxis], [thresholds])


def _from_arr(root: Node, stage: str) -> Number:
    said = root.model.stages.get(stage, Stage()).from_arr
    value = DEFAULT_FROM_ARR.get(stage) if said is None else said
    return root.leaves.number(dotted(("stages", stage, "from_arr")), value)
