"""Validating answers at once: it loads quickly and brings no heavy library with it."""

import subprocess
import sys
from time import perf_counter

import pytest

from gtmsim.scenario import load_scenario
from gtmsim.scenario.template import template
from tests.scenario.plans import write

HEAVY = ("numba", "scipy", "xarray", "numpy", "simpy", "h5py", "pandas")


@pytest.mark.parametrize("module", ["gtmsim.scenario", "gtmsim.scenario.schema"])
def test_reading_scenarios_imports_nothing_heavy(module):
    code = f"import sys, {module}; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_a_scenario_loads_in_far_less_than_a_blink(tmp_path):
    path = write(tmp_path, template())

    def seconds():
        start = perf_counter()
        load_scenario(path)
        return perf_counter() - start

    assert min(seconds() for _ in range(5)) < 0.15
