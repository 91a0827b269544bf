"""Simulate a scenario: from a Scenario to a labelled Dataset."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import numpy as np

from gtmsim.engines.block import Block
from gtmsim.errors import ClusterError, Problem, ScenarioError, SimulationError
from gtmsim.plan import Plan, compile_plan, draw_inputs, fill_values
from gtmsim.plan.structure import Floats, Ints
from gtmsim.results.layout import expected_size, layout
from gtmsim.results.provenance import Provenance
from gtmsim.results.scenario_text import scenario_text
from gtmsim.results.store import (
    RESULTS_FILE,
    check_space,
    open_results,
    publish,
    staging,
    write_scenario,
    write_summary,
)
from gtmsim.results.writer import ResultsWriter, writing
from gtmsim.rules.state import new_books
from gtmsim.scenario.models import Scenario
from gtmsim.settings import (
    DEFAULT_DRAWS,
    DEFAULT_ENGINE,
    DEFAULT_REPLICATIONS,
    DEFAULT_SEED,
    ENGINES,
    MAX_COUNT,
    MAX_MONTHS,
    MAX_SEED,
    MAX_WORKERS,
)
from gtmsim.simulation.blocks import Rectangle, largest_block
from gtmsim.simulation.runner import Simulated, Work, default_workers, run

if TYPE_CHECKING:
    import xarray as xr

Progress = Callable[[int], None]
Blocks = Callable[[range, Callable[[Simulated], None]], None]
"""Hands all blocks of these draws on to what it is given, in order."""
Summarise = Callable[["xr.Dataset"], Mapping[str, Any]]
InputsOf = Callable[[range], Floats]
"""Inputs of these draws, shape (draws, inputs), in the units of the scenario. Must be picklable."""


@dataclass(frozen=True)
class Run:
    """How a Plan is simulated.

    Attributes
    ----------
    draws, replications
        Number of draws, and of replications per draw.
    seed
        Of all luck and uncertainty.
    engine
        Key of ``ENGINES``.
    workers
        Blocks simulated at one time.
    overrides
        What was changed in the scenario's file.
    extend
        Whether older results in the results folder are continued.
    """

    draws: int
    replications: int
    seed: int
    engine: str
    workers: int
    overrides: tuple[str, ...] = ()
    extend: bool = False

    @property
    def in_processes(self) -> bool:
        """Whether the workers are processes."""
        return ENGINES[self.engine].processes and self.workers > 1


@dataclass(frozen=True)
class BlockTask:
    """Simulates rectangles of a Plan; see ``gtmsim.simulation.runner.Task``."""

    plan: Plan
    seed: int
    """Of the luck."""
    simulate_block: Callable[..., Block]
    inputs_of: InputsOf
    """Chooses the inputs of draws."""

    def __call__(self, rectangle: Rectangle, stop: Ints) -> Simulated:
        """Choose the inputs of the rectangle, fill the Plan with them, and simulate."""
        inputs = self.inputs_of(rectangle.draws)
        values = fill_values(self.plan, inputs)
        block = self.simulate_block(self.plan, values, self.seed, *rectangle, stop)
        return Simulated(block, inputs)


def simulate(  # noqa: PLR0913  one keyword per option of `gtmsim run`
    scenario: Scenario,
    *,
    draws: int = DEFAULT_DRAWS,
    replications: int = DEFAULT_REPLICATIONS,
    seed: int = DEFAULT_SEED,
    months: int | None = None,
    workers: int | None = None,
    engine: str = DEFAULT_ENGINE,
    progress: Progress | None = None,
    out: str | Path | None = None,
    summarise: Summarise | None = None,
    overrides: Sequence[str] = (),
    extend: bool = False,
    cluster: str | None = None,
) -> "xr.Dataset":
    """Simulate a scenario many times.

    Parameters
    ----------
    scenario
        From `load_scenario`.
    draws
        Draws of the uncertain inputs.
    replications
        Replications of each draw, which differ by luck alone.
    seed
        0 to 2**64 - 1. The same seed gives the same numbers, with any engine and any workers.
    months
        Length of the simulation, by default the scenario's.
    workers
        Replications simulated at one time. By default every core for the compiled engine, and one
        for ``simpy``, whose workers are processes.
    engine
        ``compiled`` or ``simpy``.
    progress
        Called with the number of replications done, every second or so.
    out
        Results folder. Older results in it are replaced when everything is done. By default the
        results are in a temporary file that disappears with the Dataset.
    summarise
        Makes the contents of ``summary.json`` in ``out`` from the Dataset.
    overrides
        ``path=value`` each: those that ``scenario`` was loaded with, to be told with the results.
    extend
        Simulate only the draws that the results in ``out`` do not have yet; the others are copied.
        The numbers are the same as if all were simulated at once. Without results there, all are.
    cluster
        Address of a dask scheduler whose workers see ``out``, or ``local`` or ``local:N`` for
        processes of this machine. What is done stays in ``out`` until everything is.

    Returns
    -------
    Dataset
        See `open_results`; its numbers are read from the file when they are used.

    Raises
    ------
    ScenarioError
        If the scenario cannot be run.
    CapacityError
        If it outgrows a limit.
    ResultsError
        If the results cannot be written, or not be extended; before the simulation where that can
        be known.
    Interrupted
        If the user pressed Ctrl-C. Nothing is left behind, but on a cluster what was done.
    ClusterError
        If the cluster cannot be used.
    SimulationError
        If a count or the engine's name is not valid, or there is no folder to extend.
    """
    if not isinstance(scenario, Scenario):
        got = type(scenario).__name__
        raise TypeError(f"simulate wants a Scenario, as from load_scenario(path); got a {got}")
    if extend and out is None:
        raise SimulationError("extend wants the results folder in out")
    if cluster is not None and out is None:
        raise ClusterError("A cluster needs a results folder (out) that its workers see")
    if cluster is not None:
        from gtmsim.simulation.cluster import check_address  # noqa: PLC0415  only where asked for

        check_address(cluster)
    how = replace(checked_run(draws, replications, seed, workers, engine, overrides), extend=extend)
    scenario = with_months(scenario, months)
    if out is not None and extend:
        _check_extensible(Path(out), provenance_of(scenario, how))
    plan = compile_plan(scenario)
    if out is None:
        return _simulate_temporary(plan, how, progress)
    folder = Path(out)
    with (
        staging(folder, expected_size(plan, draws, replications), draws) as staged,
        _blocks(plan, how, folder, cluster, progress) as blocks,
    ):
        _fill(staged, folder, plan, how, blocks, summarise)
        publish(staged, folder)
    return open_results(folder)


def _simulate_temporary(plan: Plan, how: Run, progress: Progress | None) -> "xr.Dataset":
    from gtmsim.results.dataset import open_temporary  # noqa: PLC0415  xarray takes a second

    folder = Path(mkdtemp(prefix="gtmsim-"))
    try:
        check_space(folder, expected_size(plan, how.draws, how.replications), how.draws)
        _write_results(folder / RESULTS_FILE, None, plan, how, _here(plan, how, progress))
    except BaseException:
        rmtree(folder, ignore_errors=True)
        raise
    return open_temporary(folder / RESULTS_FILE)


def _check_extensible(folder: Path, provenance: Provenance) -> None:
    from gtmsim.results.extension import continued  # noqa: PLC0415  xarray takes a second

    with continued(folder, provenance):
        pass


def _fill(
    staged: Path,
    folder: Path,
    plan: Plan,
    how: Run,
    blocks: Blocks,
    summarise: Summarise | None,
) -> None:
    """Write the three files of a results folder."""
    from gtmsim.results.dataset import open_file  # noqa: PLC0415  xarray takes a second

    older = folder if how.extend else None
    provenance = _write_results(staged / RESULTS_FILE, older, plan, how, blocks)
    write_scenario(staged, provenance.scenario)
    summary: Mapping[str, Any] = {}
    if summarise:
        with open_file(staged / RESULTS_FILE) as results:
            summary = summarise(results)
    write_summary(staged, provenance.attributes, summary)


def _write_results(
    path: Path, older: Path | None, plan: Plan, how: Run, blocks: Blocks
) -> Provenance:
    """Write a results file; what the folder ``older`` holds of it is copied."""
    provenance = provenance_of(plan.scenario, how)
    sizes = layout(plan, how.draws, how.replications)
    with writing(path, sizes, provenance.start, provenance.attributes) as writer:
        first = 0 if older is None else _copy(older, writer, plan, provenance)
        blocks(range(first, how.draws), lambda simulated: writer.write(*simulated))
    return provenance


def _here(plan: Plan, how: Run, progress: Progress | None) -> Blocks:
    """Blocks that this machine simulates."""

    def blocks(draws: range, sink: Callable[[Simulated], None]) -> None:
        work = work_of(plan, how)._replace(draws=draws)
        run(work, sink, workers=how.workers, processes=how.in_processes, progress=progress)

    return blocks


@contextmanager
def _blocks(
    plan: Plan, how: Run, folder: Path, cluster: str | None, progress: Progress | None
) -> Iterator[Blocks]:
    """Yield what makes all blocks, here or on a cluster, whose store goes once all is published."""
    if cluster is None:
        yield _here(plan, how, progress)
        return
    from gtmsim.simulation import spread  # noqa: PLC0415  not needed on one machine

    def blocks(draws: range, sink: Callable[[Simulated], None]) -> None:
        sizes = layout(plan, how.draws, how.replications)
        spread.spread(
            work_of(plan, how).task,
            plan.structure,
            len(plan.inputs),
            spread.cut_of(sizes, draws),
            folder,
            {**provenance_of(plan.scenario, how).attributes, "first_draw": draws.start},
            address=cluster,
            engine=how.engine,
            progress=progress,
            sink=sink,
        )

    yield blocks
    spread.remove(folder)


def work_of(plan: Plan, how: Run, inputs_of: InputsOf | None = None) -> Work:
    """All that is to be simulated of a Plan, as the runner takes it; makes the engine ready.

    Parameters
    ----------
    plan
        What to simulate.
    how
        How often and by what.
    inputs_of
        Inputs of draws; by default they are drawn. The luck of a draw is the same with any.
    """
    player = import_module(ENGINES[how.engine].module)
    player.make_ready()
    inputs_of = inputs_of or partial(draw_inputs, plan, how.seed)
    task = BlockTask(plan, how.seed, player.simulate_block, inputs_of)
    largest = largest_block(sum(book.nbytes for book in new_books(plan.structure)), how.workers)
    return Work(task, range(how.draws), how.replications, largest)


def checked_run(
    draws: int,
    replications: int,
    seed: int,
    workers: int | None,
    engine: str,
    overrides: Sequence[str] = (),
) -> Run:
    """Check how often and by what something is simulated.

    Raises
    ------
    SimulationError
        If a count or the engine's name is not valid.
    """
    _check("draws", draws, 1, MAX_COUNT)
    _check("replications", replications, 1, MAX_COUNT)
    _check("seed", seed, 0, MAX_SEED)
    return Run(draws, replications, seed, engine, _workers(workers, engine), tuple(overrides))


def _copy(older: Path, writer: ResultsWriter, plan: Plan, provenance: Provenance) -> int:
    """Copy the draws that are there already, and return how many."""
    from gtmsim.results import extension  # noqa: PLC0415  xarray takes a second

    with extension.continued(older, provenance) as file:
        n_draws = extension.draws_of(file)
        if file is not None:
            extension.check_inputs(file, draw_inputs(plan, provenance.seed, range(n_draws)))
            writer.copy(file, n_draws)
    return n_draws


def provenance_of(scenario: Scenario, how: Run) -> Provenance:
    """Where results of a run come from; the scenario has the length that is simulated."""
    header = scenario.scenario
    return Provenance(
        title=header.name,
        scenario=scenario_text(scenario),
        start=header.start,
        months=header.months,
        currency=header.currency,
        seed=how.seed,
        draws=how.draws,
        replications=how.replications,
        engine=how.engine,
        overrides=how.overrides,
    )


def with_months(scenario: Scenario, months: int | None) -> Scenario:
    """Scenario with another length, if one is given.

    Raises
    ------
    ScenarioError
        If the length is not valid.
    """
    if months is None:
        return scenario
    if isinstance(months, bool) or not isinstance(months, int | np.integer):
        problem = Problem("scenario.months", f"must be a whole number; got {months!r}")
        raise ScenarioError([problem])
    if not 1 <= months <= MAX_MONTHS:
        problem = Problem("scenario.months", f"must lie in [1, {MAX_MONTHS}]; got {months}")
        raise ScenarioError([problem])
    header = scenario.scenario.model_copy(update={"months": months})
    return scenario.model_copy(update={"scenario": header})


def _workers(workers: int | None, engine: str) -> int:
    if engine not in ENGINES:
        raise SimulationError(f"engine must be one of {', '.join(ENGINES)}; got {engine!r}")
    if workers is None:
        return 1 if ENGINES[engine].processes else default_workers()
    _check("workers", workers, 1, MAX_WORKERS)
    return workers


def _check(name: str, value: int, lowest: int, highest: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise SimulationError(f"{name} must be a whole number; got {value!r}")
    if not lowest <= value <= highest:
        raise SimulationError(f"{name} must lie in [{lowest}, {highest}]; got {value}")
