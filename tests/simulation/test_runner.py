"""Blocks on workers: order, sameness, failure and Ctrl-C."""

import os
import signal
import subprocess
import sys
import textwrap
import time
import tracemalloc
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest

from gtmsim.errors import Interrupted, SimulationError
from gtmsim.simulation.blocks import in_flight
from gtmsim.simulation.runner import Work, run, run_all
from tests.simulation.stub import StubTask, stub_plan, write_results

PLAN = stub_plan()
ROOT = Path(__file__).parents[2]


def _hash_of_results(folder: Path, draws: int, replications: int, **how) -> str:
    path = folder / "results.nc"
    write_results(path, PLAN, draws, replications, **how)
    return sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(("draws", "replications"), [(70, 2), (1, 150), (3, 70), (40, 1)])
def test_any_workers_and_any_block_size_give_the_same_file_byte_for_byte(
    tmp_path, draws, replications
):
    hashes = {
        _hash_of_results(tmp_path, draws, replications, workers=workers, largest=largest)
        for workers, largest in [(1, 1), (1, 64), (2, 7), (2, 1000), (3, 33)]
    }
    assert len(hashes) == 1


def test_processes_give_the_same_file_as_threads(tmp_path):
    threads = _hash_of_results(tmp_path, 20, 2, workers=2)
    assert _hash_of_results(tmp_path, 20, 2, workers=2, processes=True) == threads


def test_another_seed_gives_another_file(tmp_path):
    assert _hash_of_results(tmp_path, 4, 2) != _hash_of_results(tmp_path, 4, 2, seed=2)


class Uneven(StubTask):
    """Takes longer for early blocks, so that later ones are ready first."""

    def __call__(self, rectangle, stop):
        time.sleep(0.03 if rectangle.draws.start % 2 == 0 else 0.0)
        return super().__call__(rectangle, stop)


def test_the_sink_gets_blocks_in_order_though_they_finish_out_of_order():
    starts = []
    work = Work(Uneven(PLAN), range(12), 1, largest=1)
    run(work, lambda s: starts.append(s.block.draws.start), workers=3)
    assert starts == list(range(12))


def test_progress_counts_replications_up_to_all_of_them():
    done = []
    run(
        Work(StubTask(PLAN), range(9), 3, largest=5),
        lambda s: None,
        workers=2,
        progress=done.append,
    )
    assert done[-1] == 27
    assert all(earlier < later for earlier, later in pairwise(done))


class Failing(StubTask):
    """Fails in the fifth draw."""

    def __call__(self, rectangle, stop):
        if 5 in rectangle.draws:
            raise ZeroDivisionError("in the engine")
        return super().__call__(rectangle, stop)


@pytest.mark.parametrize("processes", [False, True])
def test_an_engines_own_error_reaches_the_caller(processes):
    work = Work(Failing(PLAN), range(40), 1, largest=1)
    with pytest.raises(ZeroDivisionError, match="in the engine"):
        run(work, lambda s: None, workers=2, processes=processes)


class KilledWorker(StubTask):
    """Is killed, as by a system without memory."""

    def __call__(self, rectangle, stop):
        signal.raise_signal(signal.SIGKILL)


def test_a_worker_process_that_dies_is_told_in_the_projects_own_words():
    work = Work(KilledWorker(PLAN), range(4), 1, largest=1)
    with pytest.raises(SimulationError, match="worker process died"):
        run(work, lambda s: None, workers=1, processes=True)


def test_an_error_of_the_sink_stops_the_workers():
    def full(simulated):
        raise OSError("disk full")

    begin = time.monotonic()
    with pytest.raises(OSError, match="disk full"):
        run(Work(StubTask(PLAN, seconds=0.02), range(10_000), 1, largest=8), full, workers=2)
    assert time.monotonic() - begin < 5


def test_blocks_are_not_simulated_far_ahead_of_the_sink():
    started, written = [], []

    class Noting(StubTask):
        def __call__(self, rectangle, stop):
            started.append(rectangle)
            return super().__call__(rectangle, stop)

    def slow(simulated):
        time.sleep(0.01)
        written.append(simulated)
        assert len(started) - len(written) <= in_flight(2)

    run(Work(Noting(PLAN), range(30), 1, largest=1), slow, workers=2)


def test_ctrl_c_stops_within_a_replication_and_is_told_as_interrupted():
    def press(simulated):
        signal.raise_signal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    begin = time.monotonic()
    with pytest.raises(Interrupted, match="nothing was saved"):
        run(Work(StubTask(PLAN, seconds=0.01), range(100_000), 1, largest=64), press, workers=2)
    assert time.monotonic() - begin < 5
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_ctrl_c_acts_as_without_gtmsim():
    def press_twice(simulated):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            run(Work(StubTask(PLAN), range(100), 1, largest=1), press_twice, workers=1)
    finally:
        signal.signal(signal.SIGINT, before)


SCRIPT = """
    import sys
    from pathlib import Path
    from gtmsim.errors import Interrupted
    from gtmsim.results import publish, staging
    from tests.simulation.stub import stub_plan, write_results

    if __name__ == "__main__":
        folder, processes = Path(sys.argv[1]), sys.argv[2] == "processes"
        try:
            with staging(folder, 1) as staged:
                write_results(
                    staged / "results.nc", stub_plan(), 100_000, 1, seconds=0.02, workers=2,
                    processes=processes, progress=lambda done: print(done, flush=True),
                )
                publish(staged, folder)
        except Interrupted as error:
            print(error)
            sys.exit(130)
"""


def _hear_interrupts():
    """Undo what a shell does to the jobs it starts in the background: they ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_ctrl_c_in_the_terminal_leaves_nothing_behind(tmp_path, kind):
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT))
    folder = tmp_path / "results" / "plan"
    process = subprocess.Popen(
        [sys.executable, str(script), str(folder), kind],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_hear_interrupts,  # noqa: PLW1509  no thread of ours runs here
    )
    assert process.stdout.readline().strip().isdecimal()
    os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to the whole group
    output, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert output.splitlines()[-1] == "Stopped; nothing was saved"
    assert errors == ""
    assert [path.name for path in tmp_path.iterdir()] == ["script.py"]


def _peak_memory(path: Path, draws: int) -> int:
    tracemalloc.start()
    write_results(path, PLAN, draws, 1, workers=2, largest=8)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_number_of_replications(tmp_path):
    _peak_memory(tmp_path / "warm.nc", 128)
    few = _peak_memory(tmp_path / "few.nc", 128)
    many = _peak_memory(tmp_path / "many.nc", 1024)
    assert many < 1.25 * few


@pytest.mark.parametrize("workers", [1, 3])
def test_several_works_come_whole_and_in_order_and_one_that_fails_holds_up_none(workers):
    works = [Work(kind(PLAN), range(9), 2, 4) for kind in (StubTask, Failing, StubTask)]
    seen, failures, progress = [], [], []

    def sink(number, simulated):
        block = simulated.block
        seen.extend((number, d, r) for d in block.draws for r in block.replications)

    run_all(
        works,
        sink,
        failed=lambda number, error: failures.append((number, str(error))),
        workers=workers,
        progress=progress.append,
    )
    whole = [(draw, replication) for draw in range(9) for replication in range(2)]
    for number in (0, 2):
        assert [(d, r) for n, d, r in seen if n == number] == whole
    assert [n for n, _, _ in seen] == sorted(n for n, _, _ in seen)
    assert all(draw < 5 for n, draw, _ in seen if n == 1)
    assert failures == [(1, "in the engine")]
    assert progress[-1] == 3 * 18


def test_works_are_made_when_they_are_due_and_not_before():
    made, met = [], []

    def works():
        for n in range(20):
            made.append(n)
            yield Work(StubTask(PLAN), range(1), 1, 1)

    run_all(works(), lambda number, _: met.append(len(made) - number), workers=2)
    assert len(made) == 20
    assert max(met) <= in_flight(2) + 1
