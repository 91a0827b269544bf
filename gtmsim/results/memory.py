"""Results of one block as labelled arrays, without a file in between."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from gtmsim.engines.block import Block
from gtmsim.plan.structure import Floats
from gtmsim.results.frame import month_end
from gtmsim.results.layout import VARIABLES, Layout, Variable
from gtmsim.scenario.models import Header


def block_dataset(block: Block, inputs: Floats, layout: Layout, header: Header) -> xr.Dataset:
    """Label a block as `open_results` labels the results that it is a part of.

    Parameters
    ----------
    block
        Books of a rectangle of draws and replications; the Dataset shows them, without a copy.
    inputs
        Inputs of its draws, shape (draws, inputs).
    layout
        Labels of the whole results.
    header
        Of the scenario that was simulated.

    Returns
    -------
    Dataset
        The variables, units and coordinates of results. Amounts are whole hundredths of the
        currency, as 64-bit numbers throughout. Of the attributes only those that a metric reads:
        title, start, months, currency.
    """
    variables = {
        variable.name: _variable(variable, block, header.currency) for variable in VARIABLES
    }
    attrs = {"long_name": "Values of the uncertain inputs", "units": "as in the scenario"}
    variables["inputs"] = xr.Variable(("draw", "input"), inputs, attrs)
    about = {
        "title": header.name,
        "start": header.start.isoformat(),
        "months": header.months,
        "currency": header.currency,
    }
    return xr.Dataset(variables, _coordinates(block, layout, header), about)


def _variable(variable: Variable, block: Block, currency: str) -> xr.Variable:
    attrs = {
        "long_name": variable.account.long_name,
        "units": variable.storage.units.format(currency=currency),
        "kind": variable.account.kind,
    }
    return xr.Variable(("draw", "replication", *variable.dims), variable.numbers(block), attrs)


def _coordinates(block: Block, layout: Layout, header: Header) -> Mapping[str, Any]:
    labels = {dim: np.asarray(labels) for dim, labels in layout.labels.items()}
    ends = [month_end(header.start, month) for month in layout.labels["month"]]
    segments, stages = zip(
        *(label.split(".", 1) for label in layout.labels["funnel_stage"]), strict=True
    )
    return {
        "draw": np.asarray(block.draws),
        "replication": np.asarray(block.replications),
        **labels,
        "date": ("month", np.array(ends, "datetime64[ns]")),
        "funnel_segment": ("funnel_stage", np.asarray(segments)),
        "motion_stage": ("funnel_stage", np.asarray(stages)),
    }
