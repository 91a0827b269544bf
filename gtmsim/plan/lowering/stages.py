"""The company's stages."""

import numpy as np

from gtmsim.plan.distributions import Number
from gtmsim.plan.leaves import Node, dotted
from gtmsim.plan.lowering.tables import flag_table, write_cells
from gtmsim.plan.names import Names
from gtmsim.plan.structure import Flags, Values
from gtmsim.scenario.models import Scenario
from gtmsim.scenario.stages import company_stages
from gtmsim.vocabulary import MINOR_UNITS


def stage_names(root: Node) -> tuple[str, ...]:
    """Stages by ascending threshold, an uncertain one by its median."""
    thresholds = {stage: _from_arr(root, stage) for stage in company_stages(root.model)}
    return tuple(sorted(thresholds, key=lambda stage: float(np.median(thresholds[stage]))))


def stage_opens_table(scenario: Scenario, names: Names) -> Flags:
    """Segments that the policy of a company stage opens, shape (G, S)."""
    stages = company_stages(scenario)
    opened = [stages[stage].open or () for stage in names.stages]
    return flag_table(
        len(names.segments), [[segment in row for segment in names.segments] for row in opened]
    )


def write_stages(root: Node, names: Names, out: Values) -> None:
    """Write the thresholds of the stages, kept in their order in every draw."""
    thresholds = [_from_arr(root, stage) * MINOR_UNITS for stage in names.stages]
    write_cells(out.stage_from_arr[:, np.newaxis], [thresholds])
    np.maximum.accumulate(out.stage_from_arr, axis=1, out=out.stage_from_arr)


def _from_arr(root: Node, stage: str) -> Number:
    threshold = company_stages(root.model)[stage].from_arr
    return root.leaves.number(dotted(("stages", stage, "from_arr")), threshold)
