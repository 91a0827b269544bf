"""The walk from one plan to another: how much of a difference each driver makes.

    two plans -> drivers -> plans between them -> points of a sweep -> samples -> effects

All plans have the same luck, so that the effects of the drivers sum to the difference of the two
plans in every future.
"""

from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from gtmsim.analysis.evaluating import STANDARD
from gtmsim.analysis.outputs import EVENT, MONEY, Output, Worth, expressed, read_outputs
from gtmsim.analysis.stating import common_objective
from gtmsim.analysis.sweeping import Filled, Progress, Sweep, dataset_of, fill
from gtmsim.analysis.variants import sweep_of
from gtmsim.analysis.ways import Way, way
from gtmsim.errors import AnalysisError, ResultsError, SimulationError
from gtmsim.plan import compile_plan
from gtmsim.scenario import Scenario, load_scenario
from gtmsim.settings import DEFAULT_DRAWS, DEFAULT_ENGINE, DEFAULT_REPLICATIONS, DEFAULT_SEED
from gtmsim.simulation.api import Run, checked_run, with_months
from gtmsim.statistics import error, paired
from gtmsim.statistics.attribution import Effect, Made, attribute
from gtmsim.statistics.error import Estimate, Sample

OBJECTIVE = "objective"
"""Asks for what a future is worth."""
_ALIKE = ("start", "months", "currency")


class Walk(NamedTuple):
    """A walk that can be run: everything in it has been checked."""

    metric: str
    way: Way
    steps: tuple[Made, ...]
    """Which drivers are changed at each point of the sweep."""
    sweep: Sweep

    @property
    def n_plans(self) -> int:
        """How many plans are simulated."""
        return len(self.steps)


def walk(  # noqa: PLR0913  one keyword per option of `gtmsim compare --walk`
    before: str | PathLike[str],
    after: str | PathLike[str],
    metric: str = OBJECTIVE,
    *,
    draws: int = DEFAULT_DRAWS,
    replications: int = DEFAULT_REPLICATIONS,
    seed: int = DEFAULT_SEED,
    months: int | None = None,
    workers: int | None = None,
    engine: str = DEFAULT_ENGINE,
    out: str | PathLike[str] | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Share out the difference between two plans among what differs between them.

    Parameters
    ----------
    before, after
        TOML files.
    metric
        A number of each future, as in expectations: ``arr[36]``, ``survives``; or ``objective``.
    draws, replications, seed, months, workers, engine
        As in `simulate`; the same for every plan.
    out
        Folder; what it holds of the same walk is not simulated again. By default nothing stays.
    progress
        Called with the number of replications done.

    Returns
    -------
    Dataset
        By ``driver``: ``sample`` and ``effect``, which sum to the difference; ``least`` and
        ``most``, what it brings in the order in which that is least, and most; ``interaction``,
        most less least. ``before``, ``after`` and ``total``: the plans and their
        difference. All but ``sample`` have ``bound`` value, low and high. ``parts``: the tables of
        each driver. Of up to four drivers all orders are taken that their needs allow (the Shapley
        value); of more one order and its opposite. Futures in which the metric is undefined at
        some step are left out and counted in the attribute ``undefined``.

    Raises
    ------
    ScenarioError
        With every problem of a plan or the metric, before anything runs.
    ResultsError
        If the plans have different starts, lengths or currencies.
    AnalysisError
        If they do not differ, or the metric is defined in no future.
    SimulationError
        If a plan between them fails.
    Interrupted
        If the user pressed Ctrl-C. What is done stays in ``out``.
    """
    how = checked_run(draws, replications, seed, workers, engine)
    first, second = (with_months(load_scenario(path), months) for path in (before, after))
    prepared = prepare(first, second, metric, how)
    if out is not None:
        return run_walk(prepared, Path(out), progress)
    with TemporaryDirectory(prefix="gtmsim-") as folder:
        return run_walk(prepared, Path(folder), progress)


def prepare(before: Scenario, after: Scenario, metric: str, how: Run) -> Walk:
    """Read and check everything of a walk; see `walk`."""
    headers = before.scenario, after.scenario
    differing = [name for name in _ALIKE if getattr(headers[0], name) != getattr(headers[1], name)]
    if differing:
        raise ResultsError(
            f"the plans differ in {', '.join(differing)}: no walk leads between them"
        )
    output = _output(before, after, metric)
    found = way(before, after)
    if not found.drivers:
        raise AnalysisError("the plans do not differ in anything that a future depends on")
    made = tuple(found.reads)
    labels = ["+".join(map(str, sorted(step))) or "none" for step in made]
    outputs = [(output,)] * len(made)
    reads = list(found.reads.values())
    sweep = sweep_of("changed", labels, reads, outputs, how, also=[repr(output.measure)])
    return Walk(metric, found, made, sweep)


def _output(before: Scenario, after: Scenario, metric: str) -> Output:
    if metric == OBJECTIVE:
        stated = common_objective({"before": before.objective, "after": after.objective})
        return Output(OBJECTIVE, "value", MONEY, Worth(stated or STANDARD))
    asked = read_outputs([metric], [before, after], "--walk")
    return expressed(asked, compile_plan(after))[0]


def run_walk(prepared: Walk, folder: Path, progress: Progress | None = None) -> xr.Dataset:
    """Simulate what is not done yet, and share out the difference; see `walk`."""
    return labelled(prepared, fill(prepared.sweep, folder, progress=progress))


def labelled(prepared: Walk, filled: Filled) -> xr.Dataset:
    """Label the effects of the drivers; see `walk`."""
    if filled.failures:
        why = next(iter(filled.failures.values()))
        raise SimulationError(f"{len(filled.failures)} plans between the two failed: {why}")
    swept = dataset_of(prepared.sweep, filled)
    samples = swept["sample"].isel(output=0).to_numpy()
    defined = np.isfinite(samples).all(0)
    if not defined.any():
        raise AnalysisError(f"{prepared.metric} is defined in no future of all plans between")
    values = {
        made: np.where(defined, sample, np.nan)
        for made, sample in zip(prepared.steps, samples, strict=True)
    }
    effects = attribute(prepared.way.orders, values)
    ends = values[Made()], values[Made(range(len(effects)))]
    return _dataset(prepared, effects, ends, swept, int((~defined).sum()))


def _dataset(
    prepared: Walk,
    effects: list[Effect],
    ends: tuple[Sample, Sample],
    swept: xr.Dataset,
    undefined: int,
) -> xr.Dataset:
    drivers = prepared.way.drivers
    is_event = swept["unit"].values[0] == EVENT
    moved = paired.shift_of_odds if is_event else error.mean
    by_driver: dict[str, Any] = {
        name: (("driver", "bound"), [list(moved(getattr(one, name))) for one in effects])
        for name in ("effect", "least", "most")
    }
    # Two changes of a share lie up to 2 apart.
    apart = [2.0 * np.array(moved(one.interaction / 2.0)) for one in effects]
    by_driver["interaction"] = (("driver", "bound"), apart)
    before, after = ends
    there = error.probability if is_event else error.mean
    whole = {"before": there(before), "after": there(after), "total": moved(after - before)}
    return xr.Dataset(
        {
            "sample": (
                ("driver", "draw", "replication"),
                np.array([one.effect for one in effects]),
            ),
            **by_driver,
            **{name: ("bound", list(estimate)) for name, estimate in whole.items()},
        },
        {
            "driver": [driver.name for driver in drivers],
            "parts": ("driver", [", ".join(driver.parts) for driver in drivers]),
            "bound": list(Estimate._fields),
            "draw": swept["draw"].values,
            "replication": swept["replication"].values,
        },
        {
            "metric": prepared.metric,
            "unit": str(swept["unit"].values[0]),
            "currency": prepared.sweep.currency,
            "n_plans": prepared.n_plans,
            "n_orders": len(prepared.way.orders),
            "undefined": undefined,
            "seed": prepared.sweep.how.seed,
        },
    )
