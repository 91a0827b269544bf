"""The shipped scenarios, and simulations of them that several tests share.

The tests that simulate most leave variants of the market to `make test-all`.
"""

from collections.abc import Collection
from functools import cache
from pathlib import Path

import pytest
import xarray as xr

import gtmsim

ROOT = Path(__file__).parents[2]
SCENARIOS = sorted((ROOT / "scenarios").glob("*.toml"))
REFERENCE = ROOT / "benchmarks" / "reference.toml"
EVERY_FILE = [*SCENARIOS, REFERENCE]
SEED = 1
VARIANTS = (
    "add_midmarket_later", "csm_ratio", "enterprise_annual", "enterprise_monthly", "focus",
    "one_motion", "reliability", "route_by", "second_segment_month_18", "second_segment_never",
    "segmented_no_fit",
)  # fmt: skip
"""Begin the names of plans that differ from another one by few lines."""


QUICK = tuple(path.stem for path in SCENARIOS if not path.stem.startswith(VARIANTS))


def shipped(quick: Collection[str] = QUICK) -> list:
    """Paths of all scenarios, as parameters of tests that are slow but for some."""
    return [
        pytest.param(path, marks=() if path.stem in quick else pytest.mark.slow, id=path.stem)
        for path in SCENARIOS
    ]


def path_of(name: str) -> Path:
    return ROOT / "scenarios" / f"{name}.toml"


@cache
def results_of(path: Path, draws: int = 24, replications: int = 1) -> xr.Dataset:
    """Results of a shipped file, in currency, months and reps."""
    scenario = gtmsim.load_scenario(path)
    results = gtmsim.simulate(scenario, draws=draws, replications=replications, seed=SEED)
    return gtmsim.convert_units(results.load())
