"""Sweeps: the same futures, with the same luck, at many points of a scenario's values.

    scenario file -> document -> points -> plans -> samples in a store -> Dataset

Every point is simulated with the same seed, so that two points differ by what is varied alone and
differences between them are paired. Of a future only its outputs are kept. Points are blocks of a
Zarr store: what was done before a stop or a kill is not done again.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib import import_module
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import xarray as xr

from gtmsim.analysis.outputs import Output, Sample, default_outputs
from gtmsim.analysis.points import (
    Design,
    Point,
    coordinates_of,
    plans_of,
    points_of,
    read_design,
    scenarios_of,
    text_of,
    warnings_of,
)
from gtmsim.errors import ClusterError, GtmsimError, Interrupted, Problem, ScenarioError
from gtmsim.plan import Plan
from gtmsim.results.layout import layout
from gtmsim.results.memory import block_dataset
from gtmsim.results.provenance import libraries
from gtmsim.results.zarr_store import BlockStore, Field, open_store, read_store
from gtmsim.scenario import Document, Scenario, load_document
from gtmsim.scenario.dump import merged_toml
from gtmsim.scenario.varying import Variation, variations_of
from gtmsim.settings import (
    DEFAULT_DRAWS,
    DEFAULT_ENGINE,
    DEFAULT_REPLICATIONS,
    DEFAULT_SEED,
    ENGINES,
)
from gtmsim.simulation.api import Run, checked_run, work_of
from gtmsim.simulation.cluster import check_versions, connected, make_ready_once, versions
from gtmsim.simulation.runner import Simulated, Work, run, run_all

STORE = "sweep.zarr"
"""In the folder of a sweep."""
SAMPLE = "sample"

Progress = Callable[[int], None]
OutputsOf = Callable[[Scenario], tuple[Output, ...]]

_OWN_NAMES = frozenset(
    {"point", "output", "draw", "replication", "label", "unit", "is_detail"}
    | {"role", "varied", "text", "failure", SAMPLE}
)


@dataclass(frozen=True)
class Sweep:
    """A sweep that can be run: everything in it has been checked.

    Attributes
    ----------
    title
        Of the scenario.
    scenario
        Merged TOML of the scenario before anything is varied.
    variations
        What varies.
    design
        How the points were chosen.
    points, plans
        The points, and the plan of each.
    outputs
        Of each point: what is kept of its futures. Points may differ in their length and targets.
    how
        How often and by what each point is simulated.
    months
        Length asked for, if not the scenario's.
    inputs_hash
        Of all that the points say.
    warnings
        What the points' scenarios say without effect.
    """

    title: str
    scenario: str
    variations: tuple[Variation, ...]
    design: Design
    points: tuple[Point, ...]
    plans: tuple[Plan, ...]
    outputs: tuple[tuple[Output, ...], ...]
    how: Run
    months: int | None
    inputs_hash: str
    warnings: tuple[Problem, ...] = ()

    @cached_property
    def columns(self) -> tuple[Output, ...]:
        """Outputs that some point has, in order of first appearance."""
        known: dict[str, Output] = {}
        for outputs in self.outputs:
            for output in outputs:
                known.setdefault(output.name, output)
        return tuple(known.values())

    @property
    def shape(self) -> tuple[int, int, int]:
        """Outputs, draws, replications."""
        return len(self.columns), self.how.draws, self.how.replications

    @property
    def currency(self) -> str:
        """ISO 4217 code of every amount."""
        return self.plans[0].scenario.scenario.currency

    @property
    def attributes(self) -> Mapping[str, Any]:
        """All that decides the numbers, in the types of JSON."""
        return {
            "title": self.title,
            "scenario": self.scenario,
            "scenario_hash": sha256(self.scenario.encode()).hexdigest(),
            "points_hash": self.inputs_hash,
            "vary": [variation.name for variation in self.variations],
            "design": str(self.design),
            "outputs": [output.name for output in self.columns],
            "currency": self.currency,
            "months": self.months,
            "seed": self.how.seed,
            "draws": self.how.draws,
            "replications": self.how.replications,
            "engine": self.how.engine,
            "overrides": list(self.how.overrides),
            "gtmsim_version": version("gtmsim"),
            "libraries": libraries(),
        }

    def folder_name(self, stem: str) -> str:
        """Name of the folder of this sweep and no other: the scenario's file, and a hash."""
        text = json.dumps(self.attributes, sort_keys=True)
        return f"{stem}-sweep-{sha256(text.encode()).hexdigest()[:8]}"


def sweep(  # noqa: PLR0913  one keyword per option of `gtmsim sweep`
    scenario: str | PathLike[str],
    vary: Mapping[str, Any] | Sequence[str],
    *,
    design: str = "grid",
    draws: int = DEFAULT_DRAWS,
    replications: int = DEFAULT_REPLICATIONS,
    seed: int = DEFAULT_SEED,
    months: int | None = None,
    workers: int | None = None,
    engine: str = DEFAULT_ENGINE,
    overrides: Sequence[str] = (),
    outputs: OutputsOf = default_outputs,
    out: str | PathLike[str] | None = None,
    progress: Progress | None = None,
    cluster: str | None = None,
) -> xr.Dataset:
    """Simulate a scenario at many points of its values, with the same luck at each.

    Parameters
    ----------
    scenario
        TOML file.
    vary
        By path in the scenario its values, such as ``{"company.cash": ["1M", "2M"]}``, a range as
        text (``"1M:5M:9"``), or by any name ``Path`` objects of overlays (``None``: the scenario
        as it is). Or a sequence of arguments of ``--vary``.
    design
        ``grid`` (every combination), ``tornado`` (one at a time), ``lhs:N`` or ``sobol:N``.
    draws, replications, seed, months, workers, engine
        As in `simulate`; the same for every point.
    overrides
        ``path=value`` each, for all points.
    outputs
        From a point's scenario what is kept of its futures.
    out
        Folder of the sweep. What it holds of the same sweep is not simulated again. By default
        nothing stays on the disk.
    progress
        Called with the number of replications done, of those that had to be.
    cluster
        As in `simulate`; each point is a task of its own.

    Returns
    -------
    Dataset
        ``sample``, dims (point, output, draw, replication): currency, 1 or 0 for an event, NaN
        where it is undefined or the point failed. Coordinates: every varied path by point,
        ``failure`` (empty, or why a point failed), ``label`` and ``unit`` by output; of a tornado
        ``role`` and ``varied`` by point.

    Raises
    ------
    ScenarioError
        With every problem of a value, a path, an overlay or the design, before anything runs.
    ResultsError
        If ``out`` holds another sweep, with what differs.
    Interrupted
        If the user pressed Ctrl-C. Points that are done stay in ``out``.
    ClusterError
        If the cluster cannot be used.
    """
    if out is None and cluster is not None:
        raise ClusterError("A cluster needs a folder (out) that its workers see")
    prepared = prepare(
        scenario, vary, design=design, draws=draws, replications=replications, seed=seed,
        months=months, workers=workers, engine=engine, overrides=overrides, outputs=outputs,
    )  # fmt: skip
    if out is not None:
        return run_sweep(prepared, Path(out), progress=progress, cluster=cluster)
    with TemporaryDirectory(prefix="gtmsim-") as folder:
        return run_sweep(prepared, Path(folder), progress=progress)


def prepare(  # noqa: PLR0913  one keyword per option of `gtmsim sweep`
    scenario: str | PathLike[str],
    vary: Mapping[str, Any] | Sequence[str],
    *,
    design: str,
    draws: int,
    replications: int,
    seed: int,
    months: int | None,
    workers: int | None,
    engine: str,
    overrides: Sequence[str],
    outputs: OutputsOf = default_outputs,
) -> Sweep:
    """Read and check everything of a sweep; parameters and errors are those of `sweep`."""
    chosen = read_design(design)
    variations = variations_of(vary)
    _check_names(variations)
    document = load_document(scenario, overrides)
    points = points_of(variations, chosen, seed)
    scenarios = scenarios_of(document, variations, points, months)
    how = checked_run(draws, replications, seed, workers, engine, overrides)
    plans = plans_of(scenarios, variations, points)
    return Sweep(
        title=scenarios[0].scenario.name,
        scenario=merged_toml(document),
        variations=variations,
        design=chosen,
        points=points,
        plans=plans,
        outputs=tuple(outputs(each) for each in scenarios),
        how=how,
        months=months,
        inputs_hash=_hash(document, variations, points),
        warnings=warnings_of(document, variations, points, scenarios),
    )


def _check_names(variations: Sequence[Variation]) -> None:
    message = "is a name of the sweep itself; choose another one for the switch"
    wrong = [v for v in variations if v.name in _OWN_NAMES]
    if wrong:
        raise ScenarioError([Problem(v.name, message, v.key) for v in wrong])


def _hash(document: Document, variations: Sequence[Variation], points: Sequence[Point]) -> str:
    """Hash of the document and of what the points lay over it."""
    parts = [
        [[".".join(change.path), change.entry.plain] for change in level.changes]
        for point in points
        for level in point.levels
    ]
    said = [document.data, [v.name for v in variations], parts]
    return sha256(json.dumps(said, default=str).encode()).hexdigest()


# --- running ---------------------------------------------------------------------------------


class PointSample:
    """Collects the outputs of one point from its blocks."""

    def __init__(self, plan: Plan, outputs: Sequence[Output], columns: Sequence[str], how: Run):
        self._outputs = outputs
        self._rows = [columns.index(output.name) for output in outputs]
        self._layout = layout(plan, how.draws, how.replications)
        header = plan.scenario.scenario
        self._about: dict[str, str | int] = {
            "title": header.name,
            "start": header.start.isoformat(),
            "months": header.months,
            "currency": header.currency,
            "seed": how.seed,
            "draws": how.draws,
            "replications": how.replications,
            "engine": how.engine,
            "gtmsim_version": version("gtmsim"),
        }
        self.sample: Sample = np.full((len(columns), how.draws, how.replications), np.nan)
        self.left = how.draws * how.replications

    def add(self, simulated: Simulated) -> None:
        """Measure a block."""
        block, inputs = simulated
        results = block_dataset(block, inputs, self._layout, self._about)
        draws, replications = _slice(block.draws), _slice(block.replications)
        # Labels are those of one Dataset: comparing them costs more than the arithmetic.
        with xr.set_options(arithmetic_join="exact"):  # type: ignore[no-untyped-call]
            for row, output in zip(self._rows, self._outputs, strict=True):
                self.sample[row, draws, replications] = output.sample(results)
        self.left -= len(block.draws) * len(block.replications)


def _slice(extent: range) -> slice:
    return slice(extent.start, extent.stop)


def run_sweep(
    prepared: Sweep,
    folder: Path,
    *,
    progress: Progress | None = None,
    cluster: str | None = None,
) -> xr.Dataset:
    """Simulate the points that are not done yet.

    Parameters
    ----------
    prepared
        From `prepare`.
    folder
        Where its store is, or will be.
    progress, cluster
        As in `sweep`.

    Returns
    -------
    Dataset
        See `sweep`.
    """
    store = store_of(prepared, folder)
    missing = missing_points(store)
    failures: dict[int, str] = {}
    with keeping(store):
        if cluster is None:
            _simulate(prepared, store, missing, failures, progress)
        elif missing:
            _spread(prepared, store, missing, failures, progress, cluster)
    return dataset_of(prepared, store, failures)


def store_of(prepared: Sweep, folder: Path) -> BlockStore:
    """Open the store of a sweep, or make it."""
    fields = [Field(SAMPLE, ("output", "draw", "replication"), prepared.shape, np.float64)]
    return open_store(folder / STORE, len(prepared.points), fields, prepared.attributes)


def missing_points(store: BlockStore) -> list[int]:
    """Points that are not done."""
    return [int(number) for number in np.flatnonzero(~store.done())]


@contextmanager
def keeping(store: BlockStore, blocks: str = "points") -> Iterator[None]:
    """Say at a stop what is kept; ``blocks`` names what a block of the store is."""
    try:
        yield
    except (Interrupted, KeyboardInterrupt):
        done = int(store.done().sum())
        raise Interrupted(
            f"Stopped; {done} of {store.size} {blocks} are kept in {store.path.parent}. "
            "The same command goes on from there"
        ) from None


def _simulate(
    prepared: Sweep,
    store: BlockStore,
    missing: Sequence[int],
    failures: dict[int, str],
    progress: Progress | None,
) -> None:
    def failed(number: int, error: Exception) -> None:
        failures[number] = reason(error)

    simulate_blocks(
        store,
        missing,
        lambda number: work_of(prepared.plans[number], prepared.how),
        lambda number: point_sample(prepared, number),
        prepared.how,
        failed=failed,
        progress=progress,
    )


def simulate_blocks(
    store: BlockStore,
    missing: Sequence[int],
    work: Callable[[int], Work],
    sample: Callable[[int], PointSample],
    how: Run,
    *,
    failed: Callable[[int, Exception], None] | None = None,
    progress: Progress | None = None,
) -> None:
    """Simulate blocks of a store here, and write each when it is done.

    Parameters
    ----------
    store
        Where to.
    missing
        Numbers of the blocks.
    work, sample
        What to simulate of a block, and what collects its outputs.
    how
        By what.
    failed
        Receives the number of a block that failed, and why; by default an error ends everything.
    progress
        Called with the number of replications done.
    """
    samples: dict[int, PointSample] = {}

    def sink(n: int, simulated: Simulated) -> None:
        number = missing[n]
        if number not in samples:
            samples[number] = sample(number)
        samples[number].add(simulated)
        if samples[number].left == 0:
            store.write(number, {SAMPLE: samples.pop(number).sample})

    def given_up(n: int, error: Exception) -> None:
        samples.pop(missing[n], None)
        if failed is None:
            raise error
        failed(missing[n], error)

    run_all(
        (work(number) for number in missing),
        sink,
        failed=given_up,
        workers=how.workers,
        processes=how.in_processes,
        progress=progress,
    )


@dataclass(frozen=True)
class PointJob:
    """Simulates a point on a worker of a cluster, and writes it into the store."""

    store: str
    columns: tuple[str, ...]
    how: Run
    versions: str

    def __call__(self, number: int, own: tuple[Plan, tuple[Output, ...]]) -> None:
        """Do it, unless another worker has."""
        check_versions(self.versions)
        store = read_store(Path(self.store))
        if store.is_done(number):
            return
        plan, outputs = own
        make_ready_once(import_module(ENGINES[self.how.engine].module).make_ready)
        sample = PointSample(plan, outputs, self.columns, self.how)
        run(work_of(plan, self.how), sample.add)
        store.write(number, {SAMPLE: sample.sample})


def _spread(
    prepared: Sweep,
    store: BlockStore,
    missing: Sequence[int],
    failures: dict[int, str],
    progress: Progress | None,
    address: str,
) -> None:
    columns = tuple(output.name for output in prepared.columns)
    job = PointJob(str(store.path.resolve()), columns, prepared.how, versions())
    own = {number: (prepared.plans[number], prepared.outputs[number]) for number in missing}
    futures = 0

    def done(number: int) -> None:
        nonlocal futures
        futures += prepared.how.draws * prepared.how.replications
        if progress:
            progress(futures)

    def failed(number: int, error: Exception) -> None:
        failures[number] = reason(error)
        done(number)

    with connected(address, store.path.parent) as cluster:
        cluster.each(job, own, done, failed)


def point_sample(prepared: Sweep, number: int) -> PointSample:
    """Return what collects the outputs of a point."""
    columns = [output.name for output in prepared.columns]
    return PointSample(prepared.plans[number], prepared.outputs[number], columns, prepared.how)


def reason(error: Exception) -> str:
    """Say why a point failed."""
    return str(error) if isinstance(error, GtmsimError) else f"{type(error).__name__}: {error}"


def dataset_of(prepared: Sweep, store: BlockStore, failures: Mapping[int, str]) -> xr.Dataset:
    """Label what a store holds."""
    shape = (len(prepared.points), *prepared.shape)
    sample: Sample = np.full(shape, np.nan)
    for number in np.flatnonzero(store.done()):
        sample[number] = store.read(int(number))[SAMPLE]
    points, columns = prepared.points, prepared.columns
    scenarios = [plan.scenario for plan in prepared.plans]
    values = coordinates_of(prepared.variations, points, scenarios)
    units = {variation.name: variation.unit for variation in prepared.variations}
    varied = [prepared.variations[p.varied].name if p.varied >= 0 else "" for p in points]
    by_point = {
        **{name: ("point", array, {"units": units[name]}) for name, array in values.items()},
        "role": ("point", [str(point.role) for point in points]),
        "varied": ("point", varied),
        "text": ("point", [text_of(prepared.variations, point) for point in points]),
        "failure": ("point", [failures.get(n, "") for n in range(len(points))]),
    }
    return xr.Dataset(
        {SAMPLE: (("point", "output", "draw", "replication"), sample)},
        {
            "point": np.arange(len(points)),
            "output": [output.name for output in columns],
            "label": ("output", [output.label for output in columns]),
            "unit": ("output", [output.unit for output in columns]),
            "is_detail": ("output", [output.is_detail for output in columns]),
            "draw": np.arange(prepared.how.draws),
            "replication": np.arange(prepared.how.replications),
            **by_point,
        },
        dict(store.attributes),
    )
