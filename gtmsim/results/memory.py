"""Results of one block as labelled arrays, without a file in between."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import xarray as xr

from gtmsim.engines.block import Block
from gtmsim.plan.structure import Floats
from gtmsim.results.frame import month_end
from gtmsim.results.layout import INPUT_ATTRIBUTES, VARIABLES, Layout, Variable


def block_dataset(
    block: Block, inputs: Floats, layout: Layout, attributes: Mapping[str, str | int]
) -> xr.Dataset:
    """Label a block as `open_results` labels the results that it is a part of.

    Parameters
    ----------
    block
        Books of a rectangle of draws and replications; the Dataset shows them, without a copy.
    inputs
        Inputs of its draws, shape (draws, inputs).
    layout
        Labels of the whole results.
    attributes
        Of the results, ``currency`` and ``start`` among them; see ``gtmsim.results.provenance``.

    Returns
    -------
    Dataset
        The variables, units and coordinates of results; whole numbers have 64 bits throughout.
    """
    currency = str(attributes["currency"])
    variables = {variable.name: _variable(variable, block, currency) for variable in VARIABLES}
    variables["inputs"] = xr.Variable(("draw", "input"), inputs, INPUT_ATTRIBUTES)
    start = date.fromisoformat(str(attributes["start"]))
    return xr.Dataset(variables, _coordinates(block, layout, start), attributes)


def _variable(variable: Variable, block: Block, currency: str) -> xr.Variable:
    dims = ("draw", "replication", *variable.dims)
    return xr.Variable(dims, variable.numbers(block), variable.attributes(currency))


def _coordinates(block: Block, layout: Layout, start: date) -> Mapping[str, Any]:
    labels = {dim: np.asarray(labels) for dim, labels in layout.labels.items()}
    ends = [month_end(start, month) for month in layout.labels["month"]]
    segments, stages = layout.funnel_parts
    return {
        "draw": np.asarray(block.draws),
        "replication": np.asarray(block.replications),
        **labels,
        "date": ("month", np.array(ends, "datetime64[ns]")),
        "funnel_segment": ("funnel_stage", np.asarray(segments)),
        "motion_stage": ("funnel_stage", np.asarray(stages)),
        "closing_team": ("segment", np.asarray(layout.closing_teams)),
    }
