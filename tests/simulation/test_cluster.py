"""A cluster of real processes: the same bytes as one process, whatever is killed on the way."""

import operator
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import gtmsim
from gtmsim.analysis.outputs import LowestCash, Output
from gtmsim.analysis.sweeping import STORE as SWEEP_STORE
from gtmsim.errors import ClusterError, Problem, ScenarioError
from gtmsim.results.zarr_store import BlockStore, read_store
from gtmsim.simulation import cluster
from gtmsim.simulation.spread import STORE, Cut
from tests.cli.scenarios import tiny

distributed = pytest.importorskip("distributed")

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

DRAWS = 150
HOW = {"draws": DRAWS, "replications": 2, "engine": "simpy", "seed": 3}
VARY = {"company.cash": "1M:3M:12"}


@pytest.fixture(scope="module")
def scheduler() -> Iterator[distributed.LocalCluster]:
    """Two worker processes that are started again when they die."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address="localhost:0", silence_logs=50
    ) as started:
        yield started


@pytest.fixture(scope="module")
def plan(tmp_path_factory) -> Path:
    return tiny(tmp_path_factory.mktemp("plan"))


@pytest.fixture(scope="module")
def alone(plan, tmp_path_factory) -> Path:
    """Results of one process."""
    folder = tmp_path_factory.mktemp("alone") / "r"
    gtmsim.simulate(gtmsim.load_scenario(plan), **HOW, out=folder).close()
    return folder


def worker_ids(scheduler) -> list[int]:
    with distributed.Client(scheduler.scheduler_address) as client:
        return list(client.run(os.getpid).values())


def await_done(path: Path, n: int) -> BlockStore:
    """Wait until n blocks of a store are done."""
    deadline = time.monotonic() + 120
    while not path.exists() or read_store(path).done().sum() < n:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return read_store(path)


class Killer(threading.Thread):
    """Kills a process as soon as a store has two blocks; `left` says how many it had not."""

    def __init__(self, pid: int, store: Path):
        super().__init__()
        self.pid, self.path, self.left = pid, store, 0

    def run(self):
        done = await_done(self.path, 2).done()
        os.kill(self.pid, signal.SIGKILL)
        self.left = int((~done).sum())


# --- blocks of one simulation ----------------------------------------------------------------


def test_a_worker_that_is_killed_loses_nothing_and_the_file_is_that_of_one_process(
    scheduler, plan, alone, tmp_path
):
    before = worker_ids(scheduler)
    killer = Killer(before[0], tmp_path / "r" / STORE)
    killer.start()
    progress = []
    gtmsim.simulate(
        gtmsim.load_scenario(plan),
        **HOW,
        out=tmp_path / "r",
        cluster=scheduler.scheduler_address,
        progress=progress.append,
    ).close()
    killer.join()
    assert killer.left > 0
    assert before[0] not in worker_ids(scheduler)
    assert progress[-1] == 2 * DRAWS
    for name in ("results.nc", "scenario.toml", "summary.json"):
        assert (tmp_path / "r" / name).read_bytes() == (alone / name).read_bytes()
    assert not (tmp_path / "r" / STORE).exists()


def command(plan: Path, address: str) -> list[str]:
    words = ["run", str(plan), "--draws", str(DRAWS), "--engine", "simpy", "--seed", "3"]
    return [sys.executable, "-m", "gtmsim", *words, "--out", "r", "--cluster", address]


@pytest.mark.slow
def test_a_run_that_is_killed_as_a_whole_goes_on_from_its_blocks(scheduler, plan, alone, tmp_path):
    words = command(plan, scheduler.scheduler_address)
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE) as process:
        store = await_done(tmp_path / "r" / STORE, 3)
        process.send_signal(signal.SIGKILL)
    time.sleep(1.0)  # the scheduler drops what its client had asked for
    done = store.done()
    assert 3 <= done.sum() < len(done)
    files = {
        file: file.stat().st_mtime_ns
        for number in np.flatnonzero(done)
        for file in (store.path / "segment" / "c" / str(number)).rglob("*")
    }
    assert files
    progress, kept = [], []

    def look(replications):
        progress.append(replications)
        if not kept:
            kept.extend(file.stat().st_mtime_ns == written for file, written in files.items())

    gtmsim.simulate(
        gtmsim.load_scenario(plan),
        **HOW,
        out=tmp_path / "r",
        cluster=scheduler.scheduler_address,
        progress=look,
    ).close()
    assert kept
    assert all(kept)
    assert progress[0] > 3 * 2 * 2
    assert (tmp_path / "r" / "results.nc").read_bytes() == (alone / "results.nc").read_bytes()


@pytest.mark.slow
def test_a_cluster_adds_draws_to_results_of_one_process(scheduler, plan, alone, tmp_path):
    scenario, folder = gtmsim.load_scenario(plan), tmp_path / "r"
    gtmsim.simulate(scenario, **{**HOW, "draws": 70}, out=folder).close()
    progress = []
    gtmsim.simulate(
        scenario, **HOW, out=folder, extend=True, cluster=scheduler.scheduler_address,
        progress=progress.append,
    ).close()  # fmt: skip
    assert (folder / "results.nc").read_bytes() == (alone / "results.nc").read_bytes()
    assert progress[0] > 2 * 70
    assert progress[-1] == 2 * DRAWS


def test_unfinished_blocks_of_another_simulation_are_refused_with_what_differs(
    scheduler, plan, tmp_path
):
    with subprocess.Popen(command(plan, scheduler.scheduler_address), cwd=tmp_path) as process:
        await_done(tmp_path / "r" / STORE, 1)
        process.send_signal(signal.SIGKILL)
    with pytest.raises(gtmsim.ResultsError, match="seed is 3 there and 4 here"):
        gtmsim.simulate(
            gtmsim.load_scenario(plan),
            **{**HOW, "seed": 4},
            out=tmp_path / "r",
            cluster=scheduler.scheduler_address,
        )


def _hear_interrupts():
    """Undo what a shell does to the jobs it starts in the background: they ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_done_and_leaves_no_process_behind(plan, tmp_path):
    words = command(plan, "local:2")
    with subprocess.Popen(
        words, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        preexec_fn=_hear_interrupts, start_new_session=True,  # noqa: PLW1509  no threads
    ) as process:  # fmt: skip
        store = await_done(tmp_path / "r" / STORE, 2)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to every process of the job
        out, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    n_done = int(store.done().sum())
    message = f"Stopped; {n_done} of {store.size} blocks are kept in r."
    assert told == f"{message} The same command goes on from there\n"
    await_end_of_group(process.pid)


def await_end_of_group(group: int) -> None:
    """Wait until no process of the group is left; fail if one stays."""
    deadline = time.monotonic() + 20
    while True:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        assert time.monotonic() < deadline, "a process stays behind"
        time.sleep(0.1)


@pytest.mark.parametrize(("draws", "replications"), [(7, 5), (1, 150), (200, 1), (3, 64)])
def test_blocks_cover_every_replication_once_in_the_order_of_the_file(draws, replications):
    cut = Cut(range(draws), replications, min(draws, 3), min(replications, 64))
    order = [
        (draw, replication)
        for number in range(cut.blocks)
        for draw in cut.rectangle(number).draws
        for replication in cut.rectangle(number).replications
    ]
    everything = {(d, r) for d in range(draws) for r in range(replications)}
    assert len(order) == len(everything)
    assert set(order) == everything
    assert [draw for draw, _ in order][:1] == [0]


# --- sweeps ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_sweep_on_a_cluster_whose_worker_is_killed_has_the_numbers_of_one_process(
    scheduler, plan, tmp_path
):
    how = {**HOW, "draws": 30}
    killer = Killer(worker_ids(scheduler)[0], tmp_path / SWEEP_STORE)
    killer.start()
    address = scheduler.scheduler_address
    swept = gtmsim.sweep(plan, VARY, **how, out=tmp_path, cluster=address)
    killer.join()
    assert killer.left > 0
    assert not any(swept["failure"].values)
    np.testing.assert_array_equal(swept["sample"], gtmsim.sweep(plan, VARY, **how)["sample"])


def test_a_point_that_fails_on_a_worker_is_told_and_the_others_are_kept(scheduler, plan, tmp_path):
    def outputs(scenario):
        if scenario.company.cash < 2e6:
            return (Output("cash", "cash", "money", LowestCash()),)
        return (Output("cash", "cash", "money", operator.itemgetter("no_such_variable")),)

    swept = gtmsim.sweep(
        plan, {"company.cash": ["1M", "3M"]}, **{**HOW, "draws": 2}, outputs=outputs,
        out=tmp_path, cluster=scheduler.scheduler_address,
    )  # fmt: skip
    assert swept["failure"].values[0] == ""
    assert np.isfinite(swept["sample"][0]).all()
    assert swept["failure"].values[1].startswith("KeyError: ")
    assert "no_such_variable" in swept["failure"].values[1]


# --- what cannot be used ---------------------------------------------------------------------


def test_without_dask_the_extra_is_named(plan, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"pip install gtmsim\[cluster\]"):
        gtmsim.simulate(gtmsim.load_scenario(plan), **HOW, out=tmp_path / "r", cluster="local")


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nowhere"])
def test_an_address_at_which_nobody_answers_is_told(address, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECTION_SECONDS", 0.5)
    with (
        pytest.raises(ClusterError, match=r"No dask scheduler answers at .* Is it running"),
        cluster.connected(address, tmp_path),
    ):
        pass


@pytest.mark.parametrize("address", ["local:0", "local:-1", "local:x", "local:", "Local:2"])
def test_a_wrong_number_of_processes_is_told_at_once(address, tmp_path):
    told = f"from 1 to 999, or the address of a dask scheduler .*; got '{address}'"
    with pytest.raises(ClusterError, match=told), cluster.connected(address, tmp_path):
        pass


def test_an_empty_address_is_told(tmp_path):
    with pytest.raises(ClusterError, match="names no address"), cluster.connected(" ", tmp_path):
        pass


@pytest.mark.slow
def test_a_scheduler_without_workers_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECTION_SECONDS", 1.0)
    with (
        distributed.LocalCluster(
            n_workers=0, dashboard_address="localhost:0", silence_logs=50
        ) as empty,
        pytest.raises(ClusterError, match="has no workers; start some"),
        cluster.connected(empty.scheduler_address, tmp_path),
    ):
        pass


def test_workers_with_other_versions_are_refused(scheduler, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "versions", lambda: "gtmsim 9.9.9, numpy 2.0")
    with (
        pytest.raises(ClusterError, match=r"tcp://.*: has other versions: gtmsim .* \(here gtmsim"),
        cluster.connected(scheduler.scheduler_address, tmp_path),
    ):
        pass
    with pytest.raises(ClusterError, match="A worker has other versions"):
        cluster.check_versions("gtmsim 0.0.1")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"versions": ""}, "has no gtmsim"),
        ({"sees": False}, "does not see .*; put --out on a disk that all machines share"),
        ({"writes": False}, "cannot write into"),
        (OSError("gone"), "does not answer .gone"),
    ],
)
def test_a_worker_that_cannot_be_used_is_told(answer, told, tmp_path):
    whole = {"versions": cluster.versions(), "sees": True, "writes": True}
    assert cluster._told(whole, tmp_path) == ""
    found = answer if isinstance(answer, OSError) else {**whole, **answer}
    with pytest.raises(AssertionError, match=told):
        raise AssertionError(cluster._told(found, tmp_path))


def test_the_probe_of_workers_tells_what_it_sees(tmp_path):
    probe = cluster._probe()
    (tmp_path / "token").touch()
    assert probe(str(tmp_path / "token")) == {
        "versions": cluster.versions(),
        "sees": True,
        "writes": True,
    }
    found = probe(str(tmp_path / "elsewhere" / "token"))
    assert (found["sees"], found["writes"]) == (False, False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["token"]


def test_a_cluster_needs_a_folder(plan):
    with pytest.raises(ClusterError, match="needs a results folder"):
        gtmsim.simulate(gtmsim.load_scenario(plan), **HOW, cluster="local")
    with pytest.raises(ClusterError, match="needs a folder"):
        gtmsim.sweep(plan, VARY, **HOW, cluster="local")


def test_problems_travel_between_processes_whole():
    import pickle  # noqa: PLC0415

    error = ScenarioError([Problem("a.b", "is wrong")])
    assert pickle.loads(pickle.dumps(error)).problems == error.problems
