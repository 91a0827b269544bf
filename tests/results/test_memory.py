"""A block in memory is labelled as the same results in a file."""

import numpy as np
import xarray as xr

import gtmsim
from gtmsim.plan import compile_plan
from gtmsim.results.layout import layout
from gtmsim.results.memory import block_dataset
from gtmsim.simulation.api import checked_run, work_of
from gtmsim.simulation.blocks import Rectangle
from tests.cli.scenarios import tiny


def test_a_block_in_memory_is_a_part_of_the_results_file(tmp_path):
    scenario = gtmsim.load_scenario(tiny(tmp_path))
    results = gtmsim.simulate(scenario, draws=5, replications=3, engine="simpy")
    plan = compile_plan(scenario)
    task = work_of(plan, checked_run(5, 3, 1, 1, "simpy")).task
    block, inputs = task(Rectangle(range(1, 4), range(2)), np.zeros(1, np.int64))
    made = block_dataset(block, inputs, layout(plan, 5, 3), results.attrs)
    part = results.isel(draw=slice(1, 4), replication=slice(2)).load()
    xr.testing.assert_equal(made, part)
    for name, array in part.data_vars.items():
        assert made[name].attrs == array.attrs, name
        assert made[name].dims == array.dims
