"""What analyses cost beside the simulations that they ask for.

``python -m benchmarks.analyses`` prints a Markdown table. Seconds of processor time tell what a
sweep adds to its simulations; what two workers save is measured by the clock, and means something
only on a machine that does nothing else.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np

from gtmsim.analysis.sweeping import Sweep, prepare, run_sweep
from gtmsim.simulation.api import work_of
from gtmsim.simulation.runner import run_all
from gtmsim.statistics.voi import value_of_information

SCENARIO = Path(__file__).parent.parent / "scenarios" / "add_midmarket.toml"
INPUTS, DRAWS = 20, 2_000
"""Of the value of information."""
Row = tuple[str, str, str]


class Size(NamedTuple):
    """How much is measured."""

    scenario: Path = SCENARIO
    points: int = 100
    draws: int = 64
    few: int = 12
    """Points of the sweep whose workers are counted."""
    rounds: int = 3


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("points", "draws", "few", "rounds"):
        parser.add_argument(f"--{name}", type=int, default=Size._field_defaults[name])
    report(Size(**vars(parser.parse_args(arguments))))


def report(size: Size) -> None:
    """Print the table of a size."""
    print("| measure | figure | aim |\n| --- | --- | --- |")
    for row in (sweep_overhead(size), two_workers(size), partial_information(size)):
        print(f"| {' | '.join(row)} |", flush=True)


def sweep_overhead(size: Size) -> Row:
    """Processor time of a whole sweep, from its file on, against its simulations alone."""
    prepared = _prepared(size, size.points, workers=1)
    work_of(prepared.plans[0], prepared.how)  # compiled kernels are loaded before the clock starts
    alone, whole = [], []
    for _ in range(size.rounds):
        alone.append(_processor_seconds(lambda: _simulate_alone(prepared)))
        whole.append(_processor_seconds(lambda: _sweep(_prepared(size, size.points, workers=1))))
    ratio = np.median(whole) / np.median(alone)
    seconds = f"{np.median(whole):.1f} s against {np.median(alone):.1f} s"
    futures = f"{size.points} points x {size.draws} draws x 2"
    return f"sweep of {futures}, against its simulations", f"{ratio:.2f} x ({seconds})", "1.1 x"


def two_workers(size: Size) -> Row:
    """Time by the clock of a sweep with one worker against two."""
    one, two = (
        np.median([
            _seconds(lambda n=n: _sweep(_prepared(size, size.few, workers=n)))
            for _ in range(size.rounds)
        ])
        for n in (1, 2)
    )  # fmt: skip
    figure = f"{one / two:.2f} x ({one:.1f} s against {two:.1f} s)"
    futures = f"{size.few} points x {size.draws} draws x 2"
    return f"sweep of {futures}, two workers against one", figure, "at least 1.7 x"


def partial_information(size: Size) -> Row:
    """Time of the value of information of one input."""
    rng = np.random.default_rng(1)
    inputs = rng.normal(size=(DRAWS, INPUTS))
    unknown = np.stack([np.zeros(DRAWS), inputs @ np.linspace(1.0, 0.0, INPUTS)])
    benefit = unknown[:, :, None] + rng.normal(size=(2, DRAWS, 2))
    find = lambda: value_of_information(benefit, inputs)  # noqa: E731
    find()
    each = np.median([_processor_seconds(find) for _ in range(size.rounds)]) / INPUTS
    name = f"EVPPI of one of {INPUTS} inputs at {DRAWS:,} draws"
    return name, f"{1e3 * each:.1f} ms", "at most 10 ms"


def _prepared(size: Size, points: int, workers: int) -> Sweep:
    return prepare(
        size.scenario, {"company.cash": f"1M:4M:{points}"}, design="grid", draws=size.draws,
        replications=2, seed=1, months=None, workers=workers, engine="compiled", overrides=(),
    )  # fmt: skip


def _sweep(prepared: Sweep) -> None:
    with TemporaryDirectory(prefix="gtmsim-") as folder:
        run_sweep(prepared, Path(folder))


def _simulate_alone(prepared: Sweep) -> None:
    """Play the points' futures, and drop them."""
    works = (work_of(plan, prepared.how) for plan in prepared.plans)
    run_all(works, lambda number, simulated: None, workers=prepared.how.workers)


def _processor_seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
