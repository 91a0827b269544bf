"""Which assumption matters, by designs: inputs at points that were chosen for the question.

    Scenario -> Plan -> design (parts, draws, inputs) -> samples in a store -> indices

A design has rows that share what they do not vary: a base point of a pick-freeze design, a walk of
a Morris design. Such rows also share their luck, replication by replication: the number of the base
point or walk is that of the draw, whichever row of it is simulated. *Parts* are rows by their place
in the base point or walk; each part is one simulation of all draws, and a block of the store.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gtmsim.analysis.outputs import Output, expressed, read_outputs
from gtmsim.analysis.sweeping import (
    SAMPLE,
    Begun,
    PointSample,
    Progress,
    keeping,
    looked_at,
    simulate_blocks,
)
from gtmsim.errors import AnalysisError, Place, Problem, ScenarioError
from gtmsim.plan import Plan, compile_plan, inputs_at
from gtmsim.plan.inputs import independent_uniforms
from gtmsim.results.provenance import libraries, own_version
from gtmsim.results.scenario_text import scenario_hash, scenario_text
from gtmsim.results.zarr_store import BlockStore, Field, open_store
from gtmsim.scenario import Scenario
from gtmsim.settings import DEFAULT_ENGINE, DEFAULT_REPLICATIONS, DEFAULT_SEED
from gtmsim.simulation.api import Run, checked_run, with_months, work_of
from gtmsim.simulation.runner import Simulated, Work
from gtmsim.statistics.designs import (
    PickFreeze,
    Trajectories,
    between,
    morris_trajectories,
    pick_freeze,
)
from gtmsim.statistics.error import LEVEL, Estimate, Sample
from gtmsim.statistics.indices import MIN_DRAWS, ByInput, NoSpreadError, sobol_indices
from gtmsim.statistics.morris import MIN_WALKS, elementary_effects
from gtmsim.statistics.variance import MIN_REPLICATIONS, split_variance
from gtmsim.words import nearest

STORE = "sensitivity.zarr"
"""In the folder of an experiment."""
DEFAULT_OUTPUTS = ("arr[end]", "cash[end]", "cash_min", "survives")
"""ARR and cash at the end, lowest cash, survival."""
LOW, HIGH = 0.1, 0.9
"""Quantiles between which Morris designs move an input."""
MOST_POINTS = 200_000
"""Of a design, replications apart."""

Floats = NDArray[np.float64]
Design = PickFreeze | Trajectories


class Kind(StrEnum):
    """What a design is for."""

    SOBOL = "sobol"
    """First and total Sobol' indices."""
    MORRIS = "morris"
    """Screening by elementary effects."""


@dataclass(frozen=True)
class Method:
    """A kind of design, and its number of base points or walks."""

    kind: Kind
    n: int

    def __str__(self) -> str:
        """As it is written: ``sobol:256``."""
        return f"{self.kind}:{self.n}"


@dataclass(frozen=True, eq=False)
class Experiment:
    """A design that can be simulated: everything in it has been checked.

    Attributes
    ----------
    plan
        What is simulated.
    method
        What it is for, and how large it is.
    groups
        Paths of the inputs that are varied together, which are correlated; most stand alone.
    design
        Points of the groups' inputs.
    inputs
        Values of all inputs, shape (parts, draws, inputs).
    outputs
        What is kept of the futures.
    how
        How often and by what each point is simulated; a draw is a base point or walk.
    """

    plan: Plan
    method: Method
    groups: tuple[tuple[str, ...], ...]
    design: Design
    inputs: Floats
    outputs: tuple[Output, ...]
    how: Run

    @property
    def parts(self) -> int:
        """Rows of a base point or walk."""
        return len(self.inputs)

    @property
    def labels(self) -> list[str]:
        """Names of the groups: ``a``, or ``a + b``."""
        return [" + ".join(group) for group in self.groups]

    @cached_property
    def attributes(self) -> Mapping[str, Any]:
        """All that decides the numbers, in the types of JSON."""
        header, text = self.plan.scenario.scenario, scenario_text(self.plan.scenario)
        return {
            "title": header.name,
            "scenario": text,
            "scenario_hash": scenario_hash(text),
            "start": header.start.isoformat(),
            "months": header.months,
            "currency": header.currency,
            "design": str(self.method),
            "inputs": self.labels,
            "outputs": [output.name for output in self.outputs],
            "seed": self.how.seed,
            "draws": self.how.draws,
            "replications": self.how.replications,
            "engine": self.how.engine,
            "overrides": list(self.how.overrides),
            "gtmsim_version": own_version(),
            "libraries": libraries(),
        }

    def folder_name(self, stem: str) -> str:
        """Name of the folder of this experiment and no other: the scenario's file, and a hash."""
        text = json.dumps(self.attributes, sort_keys=True)
        return f"{stem}-{self.method.kind}-{sha256(text.encode()).hexdigest()[:8]}"

    def work(self, part: int) -> Work:
        """All that is to be simulated of a part."""
        return work_of(self.plan, self.how, Chosen(self.inputs[part]))

    def part_sample(self, _: int) -> PointSample:
        """Return what collects the outputs of a part."""
        return DefinedSample(self)


class DefinedSample(PointSample):
    """Collects outputs that every future must have; the first block that lacks one ends it."""

    def __init__(self, experiment: Experiment):
        self.names = [output.name for output in experiment.outputs]
        super().__init__(experiment.plan, experiment.outputs, self.names, experiment.how)

    def add(self, simulated: Simulated) -> None:
        """Measure a block."""
        super().add(simulated)
        draws, replications = simulated.block.draws, simulated.block.replications
        block = self.sample[:, draws.start : draws.stop, replications.start : replications.stop]
        for name, values in zip(self.names, block, strict=True):
            check_defined(name, values)


@dataclass(frozen=True, eq=False)
class Chosen:
    """Inputs of all draws, shape (draws, inputs), as a run takes them."""

    inputs: Floats

    def __call__(self, draws: range) -> Floats:
        """Choose those of some draws."""
        return self.inputs[draws.start : draws.stop]


# --- before anything runs --------------------------------------------------------------------


def read_method(text: str) -> Method:
    """Read ``sobol:N`` or ``morris:N``.

    Raises
    ------
    ScenarioError
        If it is neither, or N is too small to give an error.
    """
    match = re.fullmatch(r"(sobol|morris):([1-9][0-9]{0,99})", text)
    if match is None:
        hint = f"{text}:256 takes 256 base points." if text == "sobol" else ""
        hint = f"{text}:20 takes 20 walks." if text == "morris" else hint
        raise _wrong_design(text, f"must be sobol:N or morris:N; got {text!r}", hint)
    method = Method(Kind(match[1]), int(match[2]))
    is_sobol = method.kind == Kind.SOBOL
    least, what = (MIN_DRAWS, "base points") if is_sobol else (MIN_WALKS, "walks")
    if method.n < least:
        raise _wrong_design(text, f"takes at least {least} {what}; got {method.n}")
    if method.n > MOST_POINTS:
        raise _wrong_design(
            text, f"has {method.n:,} {what}; at most {MOST_POINTS:,} points are possible in all"
        )
    return method


def _wrong_design(text: str, message: str, hint: str = "") -> ScenarioError:
    return ScenarioError([Problem("", message, Place(f"--design {text}", 0, 1), hint)])


def prepare(  # noqa: PLR0913  one keyword per option of `gtmsim sensitivity --design`
    scenario: Scenario,
    design: str,
    *,
    outputs: Sequence[str] = (),
    inputs: Sequence[str] = (),
    replications: int = DEFAULT_REPLICATIONS,
    seed: int = DEFAULT_SEED,
    months: int | None = None,
    workers: int | None = None,
    engine: str = DEFAULT_ENGINE,
    overrides: Sequence[str] = (),
) -> Experiment:
    """Read and check everything of an experiment.

    Parameters and errors are those of ``gtmsim.analysis.sensitivity.sensitivity``.
    """
    method = read_method(design)
    if replications < MIN_REPLICATIONS:
        raise AnalysisError(
            f"a design takes {MIN_REPLICATIONS} replications, to tell an effect from luck; "
            f"found {replications}"
        )
    how = checked_run(method.n, replications, seed, workers, engine, overrides)
    scenario = with_months(scenario, months)
    asked = read_outputs(outputs or DEFAULT_OUTPUTS, [scenario])
    plan = compile_plan(scenario)
    kept = expressed(asked, plan)
    groups = _groups(plan, inputs)
    if method.kind == Kind.MORRIS:
        _check_alone(plan, groups)
    _check_size(method, groups)
    make = _pick_freeze if method.kind == Kind.SOBOL else _walks
    made, uniforms = make(plan, groups, method.n, seed)
    values = np.stack([inputs_at(plan, dict(zip(plan.drawn, u.T, strict=True))) for u in uniforms])
    named = tuple(tuple(path for path in group if path in _paths(plan)) for group in groups)
    return Experiment(plan, method, named, made, values, kept, how)


def _paths(plan: Plan) -> tuple[str, ...]:
    return tuple(given.path for given in plan.inputs)


def _groups(plan: Plan, chosen: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Group inputs that are varied together: correlated ones, all where one of them is chosen.

    Groups are independent of each other, so that each has indices that mean what they say.
    """
    known = _paths(plan)
    if not known:
        raise AnalysisError("no input is uncertain: give numbers as distributions to ask this")
    unknown = [path for path in chosen if path not in known]
    if unknown:
        raise ScenarioError([_no_input(path, known) for path in unknown])
    asked = set(chosen or known)
    together = {path: {path} for path in plan.drawn}
    for one in plan.scenario.correlations:
        if one.spearman:
            merged = together[one.between[0]] | together[one.between[1]]
            together |= dict.fromkeys(merged, merged)
    groups = (tuple(p for p in plan.drawn if p in together[path]) for path in known)
    return tuple(group for group in dict.fromkeys(groups) if asked & set(group))


def _no_input(path: str, known: Sequence[str]) -> Problem:
    hint = nearest(path, known, "uncertain inputs")
    return Problem(
        "", "is no uncertain input of the scenario", Place(f"--inputs {path}", 0, 1), hint
    )


def _check_alone(plan: Plan, groups: Sequence[Sequence[str]]) -> None:
    """Refuse to move one of several correlated inputs."""
    moved = {path for group in groups for path in group}
    for one in plan.scenario.correlations:
        if one.spearman and moved & set(one.between):
            raise AnalysisError(
                f"{one.between[0]} and {one.between[1]} are correlated ({one.spearman:g}): a "
                "Morris design moves one input while the others stay, to where these two hardly "
                "ever are together. Take --design sobol:N, which takes correlated inputs as "
                "one, or other --inputs"
            )


def _check_size(method: Method, groups: Sequence[Sequence[str]]) -> None:
    points = method.n * (len(groups) + (2 if method.kind == Kind.SOBOL else 1))
    if points > MOST_POINTS:
        raise _wrong_design(
            str(method), f"has {points:,} points of {len(groups)} inputs; at most {MOST_POINTS:,} "
            "are possible", "Take fewer, or look at some inputs alone: --inputs path,path",
        )  # fmt: skip


def _pick_freeze(
    plan: Plan, groups: Sequence[Sequence[str]], n: int, seed: int
) -> tuple[PickFreeze, Floats]:
    """Design of all that is drawn, and its uniforms, shape (parts, draws, paths)."""
    columns = [[plan.drawn.index(path) for path in group] for group in groups]
    design = pick_freeze(n, len(plan.drawn), seed, columns)
    return design, _by_part(design.points, n)


def _walks(
    plan: Plan, groups: Sequence[Sequence[str]], n: int, seed: int
) -> tuple[Trajectories, Floats]:
    """Design of the chosen inputs, and uniforms; other inputs differ from walk to walk alone."""
    design = morris_trajectories(n, len(groups), seed)
    others = [independent_uniforms(path, seed, range(n)) for path in plan.drawn]
    uniforms = np.repeat(np.stack(others, axis=1)[np.newaxis], len(groups) + 1, axis=0)
    moved = [plan.drawn.index(path) for (path,) in groups]
    uniforms[:, :, moved] = _by_part(between(design.points, LOW, HIGH), n)
    return design, uniforms


def _by_part(rows: Floats, n: int) -> Floats:
    """Arrange rows of a design, shape (n parts, ...), as (parts, n, ...)."""
    return np.moveaxis(rows.reshape(n, -1, *rows.shape[1:]), 1, 0)


def _by_row(parts: Floats) -> Floats:
    """Arrange samples of shape (parts, n, replications) as rows of the design."""
    return np.moveaxis(parts, 1, 0).reshape(-1, parts.shape[-1])


# --- running ---------------------------------------------------------------------------------


def run_experiment(
    experiment: Experiment,
    folder: Path,
    *,
    level: float = LEVEL,
    progress: Progress | None = None,
    begun: Begun | None = None,
) -> xr.Dataset:
    """Simulate the parts that are not done yet, and say what they show.

    Parameters
    ----------
    experiment
        From `prepare`.
    folder
        Where its store is, or will be.
    level
        Confidence level of intervals.
    progress
        Called with the number of replications done, of those that had to be.
    begun
        From `begin`, if that was asked before.

    Returns
    -------
    Dataset
        See ``gtmsim.analysis.sensitivity.sensitivity``.
    """
    store, missing, _ = begun or begin(experiment, folder)
    with keeping(store, "parts"):
        simulate_blocks(
            store,
            missing,
            experiment.work,
            experiment.part_sample,
            experiment.how,
            progress=progress,
        )
    sample = np.stack([store.read(part)[SAMPLE] for part in range(experiment.parts)], axis=1)
    return found_by(experiment, sample, level)


def begin(experiment: Experiment, folder: Path) -> Begun:
    """Open the store of an experiment, and see what is missing in it."""
    return looked_at(store_of(experiment, folder))


def store_of(experiment: Experiment, folder: Path) -> BlockStore:
    """Open the store of an experiment, or make it."""
    how = experiment.how
    shape = (len(experiment.outputs), how.draws, how.replications)
    fields = [Field(SAMPLE, ("output", "draw", "replication"), shape, np.float64)]
    return open_store(folder / STORE, experiment.parts, fields, experiment.attributes)


# --- what it shows ---------------------------------------------------------------------------


def found_by(experiment: Experiment, sample: Sample, level: float = LEVEL) -> xr.Dataset:
    """Say what the samples of an experiment show.

    Parameters
    ----------
    experiment
        What was simulated.
    sample
        Shape (outputs, parts, draws, replications).
    level
        Confidence level of intervals.
    """
    names = [output.name for output in experiment.outputs]
    if isinstance(experiment.design, PickFreeze):
        found = _indices(experiment.design, sample, level)
    else:
        found = _effects(experiment.design, sample)
    about = {k: v for k, v in experiment.attributes.items() if k not in ("inputs", "outputs")}
    about["points"] = experiment.parts * experiment.how.draws
    return found.assign_coords(output=names, input=experiment.labels).assign_attrs(about)


def check_defined(text: str, sample: Sample) -> None:
    """Refuse an output that some future lacks.

    Raises
    ------
    AnalysisError
        If there is such a future.
    """
    missing = 1.0 - float(np.isfinite(sample).mean())
    if missing > 0.0:
        raise AnalysisError(
            f"{text} has no finite value in {100 * missing:.3g}% of futures: ask for one that "
            "every future has, such as cash_min"
        )


def _indices(design: PickFreeze, sample: Sample, level: float) -> xr.Dataset:
    shares = [split_variance(parts[0], level).share_unknown for parts in sample]
    found = [_sobol(design, parts) for parts in sample]
    labelled = {
        "share_unknown": (("output", "bound"), np.array(shares), _UNKNOWN),
        **_figures("first_order", "Share of that part due to the input alone", "1",
                   [first for first, _ in found]),
        **_figures("total", "Share of that part due to the input, alone and with others", "1",
                   [total for _, total in found]),
    }  # fmt: skip
    return xr.Dataset(labelled, {"bound": list(Estimate._fields)})


_CLEAR = 2.0
"""Standard errors by which a variance is told from 0."""
_UNKNOWN = {"long_name": "Part of the variance of futures that is not luck", "units": "1"}


def _sobol(design: PickFreeze, parts: Sample) -> tuple[ByInput, ByInput]:
    """First and total indices; NaN where an output never varies, or hardly more than by luck.

    Shares of a variance that may be nothing have errors that cannot be trusted.
    """
    nothing = np.full(len(parts) - 2, np.nan)
    unknown = ByInput(nothing, nothing)
    try:
        found = sobol_indices(*design.split(_by_row(parts)))
    except NoSpreadError:
        return unknown, unknown
    if found.unknown.value < _CLEAR * found.unknown.error:
        return unknown, unknown
    return found.first, found.total


def _effects(design: Trajectories, sample: Sample) -> xr.Dataset:
    found = [elementary_effects(design, _by_row(parts)) for parts in sample]
    unit = "that of the output"
    floor = {"long_name": "What luck alone makes of mu_star", "units": unit}
    labelled = {
        **_figures("mu", "Mean change from p10 to p90 of the input", unit, [s.mu for s in found]),
        **_figures("mu_star", "Mean size of that change", unit, [s.mu_star for s in found]),
        **_figures("sigma", "Standard deviation of that change between walks, without luck", unit,
                   [s.sigma for s in found]),
        "luck_floor": (("output", "input"), np.array([s.luck_floor for s in found]), floor),
    }  # fmt: skip
    return xr.Dataset(labelled)


def _figures(name: str, text: str, unit: str, by_output: Sequence[ByInput]) -> dict[str, Any]:
    """Values and standard errors, dims (output, input)."""
    dims = ("output", "input")
    values, errors = (np.array(list(part)) for part in zip(*by_output, strict=True))
    return {
        name: (dims, values, {"long_name": text, "units": unit}),
        f"{name}_error": (dims, errors, {"long_name": f"Standard error of {name}", "units": unit}),
    }
