"""The shipped scenarios, and simulations of them that several tests share."""

from functools import cache
from pathlib import Path

import xarray as xr

import gtmsim

ROOT = Path(__file__).parents[2]
SCENARIOS = sorted((ROOT / "scenarios").glob("*.toml"))
REFERENCE = ROOT / "benchmarks" / "reference.toml"
EVERY_FILE = [*SCENARIOS, REFERENCE]
SEED = 1


def path_of(name: str) -> Path:
    return ROOT / "scenarios" / f"{name}.toml"


@cache
def results_of(path: Path, draws: int = 24, replications: int = 1) -> xr.Dataset:
    """Results of a shipped file, in currency, months and reps."""
    scenario = gtmsim.load_scenario(path)
    results = gtmsim.simulate(scenario, draws=draws, replications=replications, seed=SEED)
    return gtmsim.convert_units(results.load())
