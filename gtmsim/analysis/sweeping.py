"""Sweeps: the same futures, with the same luck, at many points of a scenario's values.

    scenario file -> document -> points -> plans -> samples in a store -> Dataset

Every point is simulated with the same seed, so that two points differ by what is varied alone and
differences between them are paired. Of a future only its outputs are kept. Points are blocks of a
Zarr store: what was done before a stop or a kill is not done again.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from importlib import import_module
from itertools import chain
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from gtmsim.analysis.expected import PointGate, output_of, read_gate
from gtmsim.analysis.fans import AMOUNTS, DIMS, FAN, LEVELS, FanSample
from gtmsim.analysis.outputs import Output, default_outputs, expressed, read_outputs
from gtmsim.analysis.points import (
    Design,
    DesignKind,
    Point,
    Told,
    coordinates_of,
    plans_of,
    points_of,
    read_design,
    read_points,
    text_of,
    warnings_of,
)
from gtmsim.errors import ClusterError, GtmsimError, Interrupted, Problem, ScenarioError
from gtmsim.plan import Plan
from gtmsim.results.layout import layout
from gtmsim.results.memory import block_dataset
from gtmsim.results.provenance import libraries, own_version
from gtmsim.results.scenario_text import scenario_hash, scenario_text
from gtmsim.results.zarr_store import Arrays, BlockStore, Field, open_store, read_store
from gtmsim.scenario import Document, Scenario, load_document
from gtmsim.scenario.document import new_name
from gtmsim.scenario.dump import merged_toml
from gtmsim.scenario.overrides import read_override
from gtmsim.scenario.varying import Variation, variations_of
from gtmsim.settings import (
    DEFAULT_DRAWS,
    DEFAULT_ENGINE,
    DEFAULT_REPLICATIONS,
    DEFAULT_SEED,
    ENGINES,
)
from gtmsim.simulation.api import Run, checked_run, work_of
from gtmsim.simulation.cluster import (
    check_address,
    check_versions,
    connected,
    make_ready_once,
    versions,
)
from gtmsim.simulation.runner import Simulated, Work, run, run_all
from gtmsim.statistics.error import Sample

STORE = "sweep.zarr"
"""In the folder of a sweep."""
SAMPLE = "sample"

Progress = Callable[[int], None]
OutputsOf = Callable[[Scenario], tuple[Output, ...]]
Outputs = OutputsOf | Sequence[str]
"""What is kept of a future: from a point's scenario, or as expectations write it."""

_OWN_NAMES = frozenset(
    {"point", "output", "draw", "replication", "label", "unit", "is_detail"}
    | {"role", "varied", "text", "failure", SAMPLE, FAN, *DIMS}
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
    points
        The points.
    plans
        The plan of each point, and then those that points are compared with.
    outputs
        Of each point: what is shown of its futures. Points may differ in their length and targets.
    how
        How often and by what each point is simulated.
    months
        Length asked for, if not the scenario's.
    inputs_hash
        Of all that the points say.
    warnings
        What the points' scenarios say without effect.
    gate
        What the points are judged by.
    first
        First draw, where those before it are in another store.
    has_fans
        Whether quantiles of ARR and cash by month are kept of each point.
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
    gate: PointGate = field(default_factory=PointGate)
    first: int = 0
    has_fans: bool = False

    @cached_property
    def columns(self) -> tuple[Output, ...]:
        """Outputs that some point shows, in order of first appearance."""
        return _distinct(self.outputs)

    @cached_property
    def stored(self) -> tuple[str, ...]:
        """Names of all that is kept of futures: what is shown, then what is only judged."""
        return tuple(
            output.name
            for output in _distinct([self.columns, *map(self.kept_at, range(len(self.plans)))])
        )

    def kept_at(self, number: int) -> tuple[Output, ...]:
        """List all that is kept of a point's futures, or of those of a plan it is compared with."""
        shown = self.outputs[number] if number < len(self.points) else ()
        return (*shown, *map(output_of, self.gate.leaves_at(number)))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of a future, draws, replications."""
        return len(self.stored), self.how.draws - self.first, self.how.replications

    @cached_property
    def longest(self) -> int:
        """Months of the longest plan."""
        return max(plan.scenario.scenario.months for plan in self.plans)

    @property
    def currency(self) -> str:
        """ISO 4217 code of every amount."""
        return self.plans[0].scenario.scenario.currency

    @cached_property
    def attributes(self) -> Mapping[str, Any]:
        """All that decides the numbers, in the types of JSON."""
        return {
            "title": self.title,
            "scenario": self.scenario,
            "scenario_hash": scenario_hash(self.scenario),
            "points_hash": self.inputs_hash,
            "vary": [variation.name for variation in self.variations],
            "design": str(self.design),
            "outputs": list(self.stored),
            "currency": self.currency,
            "months": self.months,
            "seed": self.how.seed,
            "draws": self.how.draws,
            "replications": self.how.replications,
            "engine": self.how.engine,
            "overrides": list(self.how.overrides),
            "gtmsim_version": own_version(),
            "libraries": libraries(),
            **({"compared_hash": self._compared_hash} if self.gate.compared else {}),
            **({"first_draw": self.first} if self.first else {}),
            **({"fan_months": self.longest} if self.has_fans else {}),
        }

    @property
    def _compared_hash(self) -> str:
        texts = [scenario_text(plan.scenario) for plan in self.gate.compared]
        return sha256("\0".join(texts).encode()).hexdigest()

    def folder_name(self, stem: str, kind: str = "sweep") -> str:
        """Name of the folder of this sweep and no other: the scenario's file, and a hash."""
        text = json.dumps(self.attributes, sort_keys=True)
        return f"{stem}-{kind}-{sha256(text.encode()).hexdigest()[:8]}"


def _distinct(several: Iterable[Iterable[Output]]) -> tuple[Output, ...]:
    known: dict[str, Output] = {}
    for output in chain.from_iterable(several):
        known.setdefault(output.name, output)
    return tuple(known.values())


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
    outputs: Outputs = default_outputs,
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
        What is kept of each future: numbers as expectations write them, such as ``arr[36]`` or
        ``cash_min``, or a function of a point's scenario. By default ARR at the end of each year,
        cash, survival and every target.
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
    if cluster is not None:
        if out is None:
            raise ClusterError("A cluster needs a folder (out) that its workers see")
        check_address(cluster)
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
    outputs: Outputs = default_outputs,
    check: bool = False,
    precision: Sequence[str] = (),
) -> Sweep:
    """Read and check everything of a sweep.

    Parameters and errors are those of `sweep`, and of `gtmsim.analysis.expected.read_gate`.
    """
    chosen = read_design(design)
    variations = variations_of(vary)
    _check_names(variations)
    if isinstance(scenario, Scenario):
        raise TypeError("sweep wants the path of a scenario's file, to vary it; got a Scenario")
    document = load_document(scenario, overrides)
    if chosen.kind != DesignKind.TORNADO:  # whose base point has what is set
        _check_not_set(variations, overrides)
    points = points_of(variations, chosen, seed)
    told = Told(variations, points)
    with _telling_new_names(variations, document):
        reads = read_points(document, variations, points, months, told)
    scenarios = [read.scenario for read in reads]
    asked_for = () if callable(outputs) else read_outputs(outputs, scenarios)
    gate = read_gate(reads, told, check, precision) if check or precision else PointGate()
    how = checked_run(draws, replications, seed, workers, engine, overrides)
    plans = plans_of(scenarios, variations, points)
    return Sweep(
        title=scenarios[0].scenario.name,
        scenario=merged_toml(document),
        variations=variations,
        design=chosen,
        points=points,
        plans=(*plans, *gate.compared),
        outputs=tuple(map(outputs, scenarios))
        if callable(outputs)
        else (expressed(asked_for, plans[0]),) * len(points),
        how=how,
        months=months,
        inputs_hash=_hash(document, variations, points),
        warnings=warnings_of(variations, points, reads),
        gate=gate,
        has_fans=True,
    )


def continued(prepared: Sweep, draws: int) -> Sweep:
    """Sweep of more draws, which judges what fewer left undecided and shows nothing.

    Parameters
    ----------
    prepared
        The sweep so far.
    draws
        Number of draws up to which it goes, from those that there are.
    """
    return replace(
        prepared,
        outputs=((),) * len(prepared.points),
        how=replace(prepared.how, draws=draws),
        first=prepared.how.draws,
        has_fans=False,
    )


def _check_names(variations: Sequence[Variation]) -> None:
    message = "is a name of the sweep itself; choose another one for the switch"
    wrong = [v for v in variations if v.name in _OWN_NAMES]
    if wrong:
        raise ScenarioError([Problem(v.name, message, v.key) for v in wrong])


@contextmanager
def _telling_new_names(variations: Sequence[Variation], document: Document) -> Iterator[None]:
    """Refuse to vary a key of something that the scenario lacks, such as a stage, with the rest."""
    found = (new_name(document.root, v.path, v.key) for v in variations if not v.is_overlay)
    problems = [problem for problem in found if problem is not None]
    try:
        yield
    except ScenarioError as error:
        paths = tuple(problem.path for problem in problems)
        others = [problem for problem in error.problems if not problem.path.startswith(paths)]
        raise ScenarioError([*problems, *others], error.more) from None
    if problems:
        raise ScenarioError(problems)


def _check_not_set(variations: Sequence[Variation], overrides: Sequence[str]) -> None:
    """Refuse values that are set and then varied at every point: nothing would be left of them."""
    problems = [
        Problem(
            variation.name,
            "is varied, which leaves nothing of this value",
            override.entry.key,
            "Leave out --set or --vary of it.",
        )
        for override in map(read_override, overrides)
        for variation in variations
        if variation.replaces(override.path)
    ]
    if problems:
        raise ScenarioError(problems)


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

    def __init__(
        self,
        plan: Plan,
        outputs: Sequence[Output],
        columns: Sequence[str],
        how: Run,
        first: int = 0,
        fan_months: int = 0,
    ):
        self._outputs = outputs
        self._rows = [columns.index(output.name) for output in outputs]
        self._first = first
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
            "gtmsim_version": own_version(),
        }
        shape = (len(columns), how.draws - first, how.replications)
        self.sample: Sample = np.full(shape, np.nan)
        self.left = shape[1] * shape[2]
        self._fan_months = fan_months
        self._fans = FanSample(header.months, *shape[1:]) if fan_months else None

    @property
    def arrays(self) -> Arrays:
        """What the store keeps of the point."""
        fan = {} if self._fans is None else {FAN: self._fans.fan(self._fan_months)}
        return {SAMPLE: self.sample, **fan}

    def add(self, simulated: Simulated) -> None:
        """Measure a block."""
        block, inputs = simulated
        results = block_dataset(block, inputs, self._layout, self._about)
        draws, replications = _slice(block.draws, self._first), _slice(block.replications)
        # Labels are those of one Dataset: comparing them costs more than the arithmetic.
        with xr.set_options(arithmetic_join="exact"):  # type: ignore[no-untyped-call]
            for row, output in zip(self._rows, self._outputs, strict=True):
                self.sample[row, draws, replications] = output.sample(results)
            if self._fans is not None:
                self._fans.add(results, draws, replications)
        self.left -= len(block.draws) * len(block.replications)


def _slice(extent: range, first: int = 0) -> slice:
    return slice(extent.start - first, extent.stop - first)


class Begun(NamedTuple):
    """What is there of a sweep or an experiment, and what is not.

    Attributes
    ----------
    store
        Holds what is kept of futures.
    missing
        Numbers of the blocks that are to be simulated.
    damaged
        Those that had been done, and whose files were lost or harmed since; missing, too.
    """

    store: BlockStore
    missing: tuple[int, ...]
    damaged: tuple[int, ...]


@dataclass(frozen=True)
class Filled:
    """What is done of a sweep.

    Attributes
    ----------
    store
        Holds what is kept of futures.
    failures
        By number of the point, or of the plan that points are compared with: why it failed.
    """

    store: BlockStore
    failures: Mapping[int, str]


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
    return dataset_of(prepared, fill(prepared, folder, progress=progress, cluster=cluster))


def fill(
    prepared: Sweep,
    folder: Path,
    *,
    numbers: Collection[int] | None = None,
    progress: Progress | None = None,
    cluster: str | None = None,
) -> Filled:
    """Simulate the points that are not done yet, and the plans that they are compared with.

    Parameters
    ----------
    prepared, folder, progress, cluster
        As in `run_sweep`.
    numbers
        Those that are wanted, by number; by default all.
    """
    return go_on(prepared, begin(prepared, folder, numbers), progress=progress, cluster=cluster)


def begin(prepared: Sweep, folder: Path, numbers: Collection[int] | None = None) -> Begun:
    """Open the store of a sweep, and see what is missing in it; see `fill`."""
    return looked_at(store_of(prepared, folder), numbers)


def go_on(
    prepared: Sweep, begun: Begun, *, progress: Progress | None = None, cluster: str | None = None
) -> Filled:
    """Simulate what is missing; see `fill`.

    Parameters
    ----------
    prepared, progress, cluster
        As in `fill`.
    begun
        From `begin`.
    """
    store, missing = begun.store, begun.missing
    failures: dict[int, str] = {}
    try:
        with keeping(store, count=len(prepared.points)):
            if cluster is None:
                _simulate(prepared, store, missing, failures, progress)
            elif missing:
                _spread(prepared, store, missing, failures, progress, cluster)
    except ClusterError:
        if store.is_new and not store.done().any():
            store.remove()
        raise
    return Filled(store, failures)


def store_of(prepared: Sweep, folder: Path) -> BlockStore:
    """Open the store of a sweep, or make it."""
    fields = [Field(SAMPLE, ("output", "draw", "replication"), prepared.shape, np.float64)]
    if prepared.has_fans:
        shape = (len(AMOUNTS), len(LEVELS), prepared.longest)
        fields.append(Field(FAN, DIMS, shape, np.float64))
    name = f"more-{prepared.how.draws}.zarr" if prepared.first else STORE
    return open_store(folder / name, len(prepared.plans), fields, prepared.attributes)


def looked_at(store: BlockStore, numbers: Collection[int] | None = None) -> Begun:
    """See which of some blocks, by default all, are missing or damaged in a store."""

    def wanted(blocks: Iterable[int]) -> tuple[int, ...]:
        return tuple(int(n) for n in blocks if numbers is None or n in numbers)

    damaged = wanted(store.damaged())
    return Begun(store, wanted(np.flatnonzero(~store.done())), damaged)


def work_at(prepared: Sweep, number: int) -> Work:
    """All that is to be simulated of a point."""
    return _work(prepared.plans[number], prepared.how, prepared.first)


def _work(plan: Plan, how: Run, first: int) -> Work:
    return work_of(plan, how)._replace(draws=range(first, how.draws))


@contextmanager
def keeping(store: BlockStore, blocks: str = "points", count: int | None = None) -> Iterator[None]:
    """Say at a stop what is kept.

    Parameters
    ----------
    store
        Where to.
    blocks
        What a block of the store is.
    count
        How many of the blocks, from the first, that is true of; by default all.
    """
    try:
        yield
    except (Interrupted, KeyboardInterrupt):
        size = store.size if count is None else count
        done = int(store.done()[:size].sum())
        raise Interrupted(
            f"Stopped; {done} of {size} {blocks} are kept in {store.path.parent}. "
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
        lambda number: work_at(prepared, number),
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
            store.write(number, samples.pop(number).arrays)

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
    first: int
    versions: str
    fan_months: int = 0

    def __call__(self, number: int, own: tuple[Plan, tuple[Output, ...]]) -> None:
        """Do it, unless another worker has."""
        check_versions(self.versions)
        store = read_store(Path(self.store))
        if store.is_done(number):
            return
        plan, outputs = own
        make_ready_once(import_module(ENGINES[self.how.engine].module).make_ready)
        sample = PointSample(plan, outputs, self.columns, self.how, self.first, self.fan_months)
        run(_work(plan, self.how, self.first), sample.add)
        store.write(number, sample.arrays)


def _spread(
    prepared: Sweep,
    store: BlockStore,
    missing: Sequence[int],
    failures: dict[int, str],
    progress: Progress | None,
    address: str,
) -> None:
    path = str(store.path.resolve())
    fans = prepared.longest if prepared.has_fans else 0
    job = PointJob(path, prepared.stored, prepared.how, prepared.first, versions(), fans)
    own = {number: (prepared.plans[number], prepared.kept_at(number)) for number in missing}
    futures = 0

    def done(number: int) -> None:
        nonlocal futures
        futures += prepared.shape[1] * prepared.shape[2]
        if progress:
            progress(futures)

    def failed(number: int, error: Exception) -> None:
        failures[number] = reason(error)
        done(number)

    with connected(address, store.path.parent) as cluster:
        cluster.each(job, own, done, failed)


def point_sample(prepared: Sweep, number: int) -> PointSample:
    """Return what collects the outputs of a point."""
    outputs = prepared.kept_at(number)
    plan, how, first = prepared.plans[number], prepared.how, prepared.first
    fans = prepared.longest if prepared.has_fans else 0
    return PointSample(plan, outputs, prepared.stored, how, first, fans)


def reason(error: Exception) -> str:
    """Say why a point failed."""
    return str(error) if isinstance(error, GtmsimError) else f"{type(error).__name__}: {error}"


def dataset_of(prepared: Sweep, filled: Filled) -> xr.Dataset:
    """Label what is shown of what a store holds."""
    points, columns, store = prepared.points, prepared.columns, filled.store
    sample: Sample = np.full((len(points), len(columns), *prepared.shape[1:]), np.nan)
    fans = np.full((len(points), len(AMOUNTS), len(LEVELS), prepared.longest), np.nan)
    for number in np.flatnonzero(store.done()[: len(points)]):
        kept = store.read(int(number))
        sample[number] = kept[SAMPLE][: len(columns)]
        fans[number] = kept.get(FAN, np.nan)
    scenarios = [plan.scenario for plan in prepared.plans[: len(points)]]
    values = coordinates_of(prepared.variations, points, scenarios)
    units = {variation.name: variation.unit for variation in prepared.variations}
    varied = [prepared.variations[p.varied].name if p.varied >= 0 else "" for p in points]
    by_point = {
        **{name: ("point", array, {"units": units[name]}) for name, array in values.items()},
        "role": ("point", [str(point.role) for point in points]),
        "varied": ("point", varied),
        "text": ("point", [text_of(prepared.variations, point) for point in points]),
        "failure": ("point", [filled.failures.get(n, "") for n in range(len(points))]),
    }
    variables = {SAMPLE: (("point", "output", "draw", "replication"), sample)}
    by_month: dict[str, Any] = {}
    if prepared.has_fans:
        by_month = {
            "amount": list(AMOUNTS), "level": list(LEVELS),
            "month": np.arange(1, prepared.longest + 1),
        }  # fmt: skip
    return xr.Dataset(
        variables | ({FAN: (("point", *DIMS), fans)} if prepared.has_fans else {}),
        {
            **by_month,
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
