"""gtmsim: Monte Carlo simulation of go-to-market (GTM) plans.

What ``__all__`` lists is the public interface::

    scenario = gtmsim.load_scenario("scenarios/add_midmarket.toml")
    results = gtmsim.simulate(scenario, draws=256, replications=2, seed=1)
    cash = gtmsim.convert_units(results["cash"])  # USD, by draw, replication and month
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gtmsim.analysis.checking import check
    from gtmsim.analysis.comparing import compare
    from gtmsim.analysis.explaining import explain
    from gtmsim.analysis.information import value_of_information
    from gtmsim.analysis.sensitivity import sensitivity
    from gtmsim.analysis.stressing import stress
    from gtmsim.analysis.sweeping import sweep
    from gtmsim.analysis.tripwires import tripwires
    from gtmsim.analysis.walking import walk
    from gtmsim.errors import (
        AnalysisError,
        CapacityError,
        ClusterError,
        ExpressionError,
        GtmsimError,
        Interrupted,
        ResultsError,
        ScenarioError,
        SimulationError,
    )
    from gtmsim.results.dataset import convert_units
    from gtmsim.results.store import open_results
    from gtmsim.scenario import Scenario, load_scenario
    from gtmsim.simulation.api import simulate

    __version__: str

__all__ = [
    "AnalysisError",
    "CapacityError",
    "ClusterError",
    "ExpressionError",
    "GtmsimError",
    "Interrupted",
    "ResultsError",
    "Scenario",
    "ScenarioError",
    "SimulationError",
    "__version__",
    "check",
    "compare",
    "convert_units",
    "explain",
    "load_scenario",
    "open_results",
    "sensitivity",
    "simulate",
    "stress",
    "sweep",
    "tripwires",
    "value_of_information",
    "walk",
]

# Imported when first asked for, so that `import gtmsim` and `gtmsim --help` answer at once.
_HOMES = {
    "AnalysisError": "gtmsim.errors",
    "CapacityError": "gtmsim.errors",
    "ClusterError": "gtmsim.errors",
    "ExpressionError": "gtmsim.errors",
    "GtmsimError": "gtmsim.errors",
    "Interrupted": "gtmsim.errors",
    "ResultsError": "gtmsim.errors",
    "Scenario": "gtmsim.scenario",
    "ScenarioError": "gtmsim.errors",
    "SimulationError": "gtmsim.errors",
    "check": "gtmsim.analysis.checking",
    "compare": "gtmsim.analysis.comparing",
    "convert_units": "gtmsim.results.dataset",
    "explain": "gtmsim.analysis.explaining",
    "load_scenario": "gtmsim.scenario",
    "open_results": "gtmsim.results.store",
    "sensitivity": "gtmsim.analysis.sensitivity",
    "simulate": "gtmsim.simulation.api",
    "stress": "gtmsim.analysis.stressing",
    "sweep": "gtmsim.analysis.sweeping",
    "tripwires": "gtmsim.analysis.tripwires",
    "value_of_information": "gtmsim.analysis.information",
    "walk": "gtmsim.analysis.walking",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its home."""
    if name == "__version__":
        value: Any = import_module("importlib.metadata").version("gtmsim")
    elif name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
    else:
        raise AttributeError(f"module 'gtmsim' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Public names, imported or not."""
    return sorted({*globals(), *__all__})
