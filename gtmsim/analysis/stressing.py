"""Stress tests: a plan and its downsides on the same luck.

    scenario file, pack -> stressed documents -> points of a sweep -> samples -> Dataset

Each stress is a point: the same seed, so that a difference from the plan as it is is that of the
stress alone, future by future. Money needed comes from the same points with unlimited cash.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from gtmsim.analysis.evaluating import STANDARD
from gtmsim.analysis.funding import without_limit
from gtmsim.analysis.outputs import EVENT, MONEY, ArrAt, CashAt, LowestCash, Met, Output, Worth
from gtmsim.analysis.points import Read
from gtmsim.analysis.stressed import Stressed, stressed
from gtmsim.analysis.sweeping import Filled, Progress, Sweep, dataset_of, fill
from gtmsim.analysis.units import Unit
from gtmsim.analysis.variants import sweep_of
from gtmsim.errors import Problem, ScenarioError
from gtmsim.metrics import profit
from gtmsim.results.dataset import convert_units
from gtmsim.scenario import Document, Scenario, load_document, read_scenario
from gtmsim.scenario.document import changed
from gtmsim.scenario.stressing import chosen, read_pack
from gtmsim.settings import DEFAULT_DRAWS, DEFAULT_ENGINE, DEFAULT_REPLICATIONS, DEFAULT_SEED
from gtmsim.simulation.api import Run, checked_run, with_months
from gtmsim.statistics import error, paired
from gtmsim.statistics.error import UNDEFINED, Estimate, Sample

AS_IS = "as_is"
"""Name of the plan without a stress."""
FUNDING_DRAWS = 256
"""Draws of the paths that nobody stops, from which the money needed is read."""
SURVIVAL = 0.9
"""Share of futures that the money needed keeps alive."""
SURVIVES, OUT, VALUE, CAPITAL = "survives", "month_out_of_cash", "value", "capital"


@dataclass(frozen=True)
class CashNeeded:
    """Opening cash with which a future that nobody stopped would not have run out."""

    def __call__(self, results: xr.Dataset) -> xr.DataArray:
        """Measure it."""
        opening = convert_units(results["opening_cash"])
        return (opening - convert_units(results["cash"]).min("month")).clip(min=0.0)


class StressTest(NamedTuple):
    """A stress test that can be run: everything in it has been checked."""

    stresses: tuple[Stressed, ...]
    """Of the pack, whether or not they apply."""
    futures: Sweep
    """The plan as it is, then each stress that applies."""
    unlimited: Sweep | None
    """The same with unlimited cash; None where money needed is not asked for."""


def stress(  # noqa: PLR0913  one keyword per option of `gtmsim stress`
    scenario: str | PathLike[str],
    *,
    only: Sequence[str] = (),
    pack: str | PathLike[str] | None = None,
    draws: int = DEFAULT_DRAWS,
    replications: int = DEFAULT_REPLICATIONS,
    seed: int = DEFAULT_SEED,
    months: int | None = None,
    workers: int | None = None,
    engine: str = DEFAULT_ENGINE,
    overrides: Sequence[str] = (),
    funding: bool = True,
    out: str | PathLike[str] | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Simulate a plan and its downsides on the same luck.

    Parameters
    ----------
    scenario
        TOML file.
    only
        Names of stresses; by default all of the pack.
    pack
        TOML file of stresses; by default the one that comes with gtmsim.
    draws, replications, seed, months, workers, engine
        As in `simulate`; the same for every stress.
    overrides
        ``path=value`` each, for the plan and all its stresses.
    funding
        Whether the money needed is found out, from as many simulations again of at most
        `FUNDING_DRAWS` draws.
    out
        Folder; what it holds of the same test is not simulated again. By default nothing stays.
    progress
        Called with the number of replications done, of the futures and then of the money needed.

    Returns
    -------
    Dataset
        By ``stress``, the first being `AS_IS`, and ``output``: ``sample``, dims (stress, output,
        draw, replication), NaN where the stress does not apply; ``figure``, the odds of an event,
        the median of an amount, the 10 % quantile of ``month_out_of_cash``; ``change``, the mean
        over futures of the difference from the plan as it is; both with ``bound`` value, low and
        high. ``capital``, opening cash with which 90 % of futures never run out, by stress and
        bound. Coordinates: ``title``, ``question``, ``description``, ``applies``, ``reason`` (why
        not) and ``changed`` (paths) by stress; ``label`` and ``unit`` by output.

    Raises
    ------
    ScenarioError
        With every problem of the scenario, the pack or a stressed plan, before anything runs.
    ResultsError
        If ``out`` holds another test.
    Interrupted
        If the user pressed Ctrl-C. What is done stays in ``out``.
    """
    how = checked_run(draws, replications, seed, workers, engine, overrides)
    test = prepare(scenario, only, pack, how, months, funding)
    if out is not None:
        return run_test(test, Path(out), progress)
    with TemporaryDirectory(prefix="gtmsim-") as folder:
        return run_test(test, Path(folder), progress)


def prepare(
    scenario: str | PathLike[str],
    only: Sequence[str],
    pack: str | PathLike[str] | None,
    how: Run,
    months: int | None,
    funding: bool,
) -> StressTest:
    """Read and check everything of a stress test; see `stress`."""
    stresses = chosen(read_pack(pack), only)
    document = load_document(scenario, how.overrides)
    base = Read(with_months(read_scenario(document), months), document)
    found = tuple(stressed(one, base.scenario, document) for one in stresses)
    applied = [one for one in found if one.applies]
    reads = [base, *_reads(applied, document, months)]
    labels = [AS_IS, *(one.stress.name for one in applied)]
    outputs = [outputs_of(read.scenario) for read in reads]
    futures = sweep_of("stress", labels, reads, outputs, how, months)
    return StressTest(found, futures, _unlimited(labels, reads, how, months) if funding else None)


def _reads(applied: Sequence[Stressed], document: Document, months: int | None) -> list[Read]:
    """Read every stressed plan; all problems in one message, with the stress that brings them."""
    reads: list[Read] = []
    problems: dict[Problem, None] = {}
    for one in applied:
        try:
            own = changed(document, one.overrides)
            reads.append(Read(with_months(read_scenario(own), months), own))
        except ScenarioError as error:
            told = f"Stress {one.stress.name}."
            problems |= {replace(p, hint=f"{p.hint} {told}".strip()): None for p in error.problems}
    if problems:
        raise ScenarioError(list(problems))
    return reads


def _unlimited(
    labels: Sequence[str],
    reads: Sequence[Read],
    how: Run,
    months: int | None,
) -> Sweep:
    rich = [read._replace(scenario=without_limit(read.scenario)) for read in reads]
    needed = Output(CAPITAL, "cash needed", MONEY, CashNeeded())
    few = replace(how, draws=min(FUNDING_DRAWS, how.draws))
    outputs = [(needed,) for _ in rich]
    return sweep_of("capital", labels, rich, outputs, few, months)


def outputs_of(scenario: Scenario) -> tuple[Output, ...]:
    """Survival, ARR and cash at the end, lowest cash, the objective and every target."""
    last = scenario.scenario.months
    objective = scenario.objective or STANDARD
    return (
        Output(SURVIVES, "cash lasts", EVENT, profit.survives),
        Output(f"arr[{last}]", f"ARR month {last}", MONEY, ArrAt(last)),
        Output(f"cash[{last}]", f"cash month {last}", MONEY, CashAt(last)),
        Output("cash_min", "lowest cash", MONEY, LowestCash()),
        Output(OUT, "month cash runs out", Unit.MONTH.value, profit.month_of_insolvency),
        Output(VALUE, "value", MONEY, Worth(objective)),
        *(
            Output(f"targets.{name}", name, EVENT, Met(target))
            for name, target in scenario.targets.items()
        ),
    )


# --- running ---------------------------------------------------------------------------------


def run_test(test: StressTest, folder: Path, progress: Progress | None = None) -> xr.Dataset:
    """Simulate what is not done yet, and label it; see `stress`."""
    filled = fill(test.futures, folder, progress=progress)
    money = None
    if test.unlimited is not None:
        money = fill(test.unlimited, folder / CAPITAL, progress=progress)
    return labelled(test, filled, money)


def labelled(test: StressTest, filled: Filled, money: Filled | None) -> xr.Dataset:
    """Label what a stress test found; see `stress`."""
    swept = dataset_of(test.futures, filled)
    rows = _rows(test)
    outputs = [str(name) for name in swept["output"].values]
    sample = _by_row(swept["sample"].to_numpy(), rows)
    data = _figures(sample, outputs, [str(unit) for unit in swept["unit"].values])
    if test.unlimited is not None and money is not None:
        told = {"long_name": f"Opening cash with which {SURVIVAL:.0%} of futures never run out"}
        data[CAPITAL] = (("stress", "bound"), _capital(test.unlimited, money, rows), told)
    failures = dict(zip(swept["stress"].values, swept["failure"].values, strict=True))
    coordinates = {
        **{name: swept.coords[name] for name in ("draw", "replication", "output")},
        **{name: ("output", swept[name].values) for name in ("label", "unit")},
        **_by_stress(test, failures),
        "bound": list(Estimate._fields),
    }
    return xr.Dataset(data, coordinates, _about(test))


def _by_row(samples: Sample, rows: Sequence[int]) -> Sample:
    """Sample of each row; NaN where it has no point."""
    sample = np.full((len(rows), *samples.shape[1:]), np.nan)
    for row, point in enumerate(rows):
        if point >= 0:
            sample[row] = samples[point]
    return sample


def _figures(sample: Sample, outputs: Sequence[str], units: Sequence[str]) -> dict[str, Any]:
    figures = [[_figure(*one) for one in zip(s, outputs, units, strict=True)] for s in sample]
    changes = [
        [_change(*each) for each in zip(one, sample[0], outputs, units, strict=True)]
        for one in sample
    ]
    dims = ("stress", "output", "bound")
    return {
        "sample": (("stress", "output", "draw", "replication"), sample),
        "figure": (dims, np.array(figures), {"long_name": "Odds, median or first decile"}),
        "change": (dims, np.array(changes), {"long_name": "Mean difference from the plan as is"}),
    }


def _rows(test: StressTest) -> list[int]:
    """Point of each row: the plan as it is, then every stress; -1 where it does not apply."""
    points = iter(range(1, len(test.futures.points)))
    return [0, *(next(points) if one.applies else -1 for one in test.stresses)]


def _figure(sample: Sample, output: str, unit: str) -> Estimate:
    if np.isnan(sample).all():
        return UNDEFINED
    if unit == EVENT:
        return error.probability(sample)
    return error.quantile(sample, 1.0 - SURVIVAL if output == OUT else 0.5)


def _change(sample: Sample, base: Sample, output: str, unit: str) -> Estimate:
    """Mean paired difference; none of a month that most futures never have.

    Of odds with the interval of paired proportions, known also where no future changed.
    """
    if output == OUT or np.isnan(sample - base).all():
        return UNDEFINED
    if unit == EVENT:
        return paired.difference_of_odds(base, sample)
    return error.mean(sample - base)


def _capital(sweep: Sweep, money: Filled, rows: Sequence[int]) -> list[Estimate]:
    sample = dataset_of(sweep, money)["sample"].sel(output=CAPITAL).to_numpy()
    return [error.quantile(sample[row], SURVIVAL) if row >= 0 else UNDEFINED for row in rows]


def _by_stress(test: StressTest, failures: Mapping[str, str]) -> dict[str, Any]:
    found = test.stresses
    texts: dict[str, list[str]] = {
        "title": ["the plan as it is", *(one.stress.title for one in found)],
        "question": ["", *(one.stress.question for one in found)],
        "description": ["", *(one.stress.description for one in found)],
        "reason": ["", *(one.reason for one in found)],
        "changed": ["", *(", ".join(one.changed) for one in found)],
    }
    names = [AS_IS, *(one.stress.name for one in found)]
    return {
        "stress": names,
        **{name: ("stress", values) for name, values in texts.items()},
        "applies": ("stress", [True, *(one.applies for one in found)]),
        "failure": ("stress", [failures.get(name, "") for name in names]),
    }


def _about(test: StressTest) -> dict[str, Any]:
    objective = test.futures.plans[0].scenario.objective or STANDARD
    return {
        **test.futures.attributes,
        "question": test.futures.plans[0].scenario.scenario.question,
        "objective": objective.model_dump_json(exclude_none=True),
    }
