"""The results folder: replaced whole or not at all, whatever happens."""

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections import namedtuple
from contextlib import suppress
from pathlib import Path

import h5py
import numpy as np
import pytest

from gtmsim.errors import DiskError, ResultsError
from gtmsim.results import open_results, publish, staging, write_scenario, write_summary
from gtmsim.results.store import PARTIAL, PUBLISHING, results_file
from tests.simulation.stub import provenance, stub_plan, write_results

ROOT = Path(__file__).parents[2]
PLAN = stub_plan(months=2)
FILES = ["results.nc", "scenario.toml", "summary.json"]
SIZE = 1000


def write_files(staged: Path, seed: int) -> None:
    """Write the three files of a run, each with its seed."""
    write_results(staged / "results.nc", PLAN, 2, 1, seed=seed)
    write_scenario(staged, f"# seed {seed}\n")
    write_summary(staged, provenance(PLAN, 2, 1, seed).attributes, {"closing_arr": 1.5})


def save(folder: Path, seed: int, template: Path | None = None) -> None:
    """Save results in which every file names its seed; or copies of a template's files."""
    with staging(folder, SIZE) as staged:
        if template:
            shutil.copytree(template, staged, dirs_exist_ok=True)
        else:
            write_files(staged, seed)
        publish(staged, folder)


def saved_seeds(folder: Path) -> set[int]:
    """Seeds that the three files of a folder name, after it has been looked into."""
    with h5py.File(results_file(folder)) as file:
        assert file["cash"][()].shape == (2, 1, 2)
        seeds = {int(file.attrs["seed"])}
    seeds.add(json.loads((folder / "summary.json").read_text())["provenance"]["seed"])
    seeds.add(int((folder / "scenario.toml").read_text().split()[-1]))
    return seeds


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_run_leaves_its_three_files_and_nothing_else(tmp_path):
    folder = tmp_path / "results" / "plan"
    save(folder, seed=1)
    assert names_in(folder) == FILES
    assert names_in(tmp_path) == ["results"]
    assert saved_seeds(folder) == {1}


def test_a_second_run_replaces_all_three_and_leaves_other_files_alone(tmp_path):
    save(tmp_path, seed=1)
    (tmp_path / "report.html").write_text("mine")
    save(tmp_path, seed=2)
    assert saved_seeds(tmp_path) == {2}
    assert names_in(tmp_path) == sorted([*FILES, "report.html"])


def test_an_older_dataset_that_is_open_keeps_its_numbers(tmp_path):
    save(tmp_path, seed=1)
    with open_results(tmp_path) as older:
        first = older["cash"].values
        save(tmp_path, seed=2)
        np.testing.assert_array_equal(older["cash"].values, first)
    assert saved_seeds(tmp_path) == {2}


def test_a_run_that_fails_leaves_the_older_results_and_nothing_of_its_own(tmp_path):
    save(tmp_path, seed=1)
    with suppress(ZeroDivisionError), staging(tmp_path, SIZE) as staged:
        write_results(staged / "results.nc", PLAN, 2, 1, seed=2)
        raise ZeroDivisionError
    assert names_in(tmp_path) == FILES
    assert saved_seeds(tmp_path) == {1}


def test_a_first_run_that_fails_leaves_no_folder(tmp_path):
    with pytest.raises(KeyboardInterrupt), staging(tmp_path / "a" / "b", SIZE):
        raise KeyboardInterrupt
    assert names_in(tmp_path) == []


# --- killed ----------------------------------------------------------------------------------

WRITES_FOR_EVER = """
    import sys
    from pathlib import Path
    from tests.results.test_store import save

    folder, seed = Path(sys.argv[1]), int(sys.argv[2])
    print("ready", flush=True)
    while True:
        save(folder, seed)
        seed += 1
"""


def _start(tmp_path: Path, folder: Path, seed: int) -> subprocess.Popen:
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(WRITES_FOR_EVER))
    process = subprocess.Popen(
        [sys.executable, str(script), str(folder), str(seed)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process.stdout as output:
        assert output.readline() == "ready\n"
    return process


@pytest.mark.parametrize("moment", [0.0, 0.03, 0.07, 0.13, 0.2, 0.31])
def test_a_run_that_is_killed_at_any_moment_leaves_one_results_whole(tmp_path, moment):
    folder = tmp_path / "plan"
    save(folder, seed=1)
    process = _start(tmp_path, folder, seed=2)
    time.sleep(moment)
    process.kill()
    process.wait()
    assert len(saved_seeds(folder)) == 1
    save(folder, seed=9)
    assert saved_seeds(folder) == {9}
    assert names_in(folder) == FILES


@pytest.fixture
def calls_until_kill(monkeypatch):
    """Save in a child that is killed at its n-th call of the operating system."""

    def run(folder: Path, template: Path, n: int) -> bool:
        child = os.fork()
        if child:
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        count = 0

        def counted(real):
            def call(*args, **kwargs):
                nonlocal count
                count += 1
                if count == n:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*args, **kwargs)

            return call

        for name in ("replace", "fsync", "rename", "mkdir", "rmdir", "open"):
            monkeypatch.setattr(os, name, counted(getattr(os, name)))
        save(folder, 2, template)
        os._exit(0)

    return run


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_run_that_is_killed_between_any_two_steps_leaves_one_results_whole(
    tmp_path, calls_until_kill
):
    folder, older, newer = (tmp_path / name for name in ("plan", "older", "newer"))
    save(older, seed=1)
    save(newer, seed=2)
    before, after, n = 0, 0, 1
    save(folder, 1, older)
    while calls_until_kill(folder, newer, n):
        seeds = saved_seeds(folder)
        assert seeds in ({1}, {2}), n
        before, after = before + (seeds == {1}), after + (seeds == {2})
        shutil.rmtree(folder)
        save(folder, 1, older)
        n += 1
    assert before > 5
    assert after > 3
    assert saved_seeds(folder) == {2}


def test_what_a_killed_run_left_is_removed_by_the_next_one_but_not_what_a_live_one_writes(
    tmp_path,
):
    save(tmp_path, seed=1)
    host = os.uname().nodename
    dead = subprocess.Popen(["true"])
    dead.wait()
    (tmp_path / f"{PARTIAL}-{host}-{dead.pid}-abc").mkdir()
    (tmp_path / f"{PARTIAL}-{host}-{os.getpid()}-abc").mkdir()
    (tmp_path / f"{PARTIAL}-elsewhere-{dead.pid}-abc").mkdir()
    save(tmp_path, seed=2)
    left = [name for name in names_in(tmp_path) if name.startswith(PARTIAL)]
    assert left == [f"{PARTIAL}-elsewhere-{dead.pid}-abc", f"{PARTIAL}-{host}-{os.getpid()}-abc"]


def test_simultaneous_runs_into_one_folder_do_not_mix(tmp_path):
    folder = tmp_path / "plan"
    processes = [_start(tmp_path, folder, seed) for seed in (1000, 2000, 3000)]
    time.sleep(1.5)
    for process in processes:
        assert process.poll() is None
        process.kill()
        process.wait()
    assert len(saved_seeds(folder)) == 1


def test_results_that_were_published_but_not_yet_moved_are_the_ones_that_open(tmp_path):
    save(tmp_path / "plan", seed=1)
    save(tmp_path / "other", seed=2)
    (tmp_path / "other").rename(tmp_path / "plan" / PUBLISHING)
    assert saved_seeds(tmp_path / "plan") == {2}
    assert names_in(tmp_path / "plan") == FILES


# --- told before the simulation ----------------------------------------------------------------


GB = 10**9


def _refusal(folder: Path, size: int = SIZE, draws: int = 1) -> str:
    with pytest.raises(ResultsError) as caught, staging(folder, size, draws):
        pytest.fail("the simulation would have started")
    return str(caught.value)


def test_a_disk_without_space_is_told_with_both_sizes_and_what_would_fit(tmp_path, monkeypatch):
    save(tmp_path / "plan", seed=1)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(0, 0, 3 * GB))
    message = _refusal(tmp_path / "plan", 12 * GB, draws=1_000)
    assert "may take 12.0 GB" in message
    assert "has 3.0 GB free" in message
    assert "about 249 of the 1,000 draws fit" in message
    assert saved_seeds(tmp_path / "plan") == {1}
    assert names_in(tmp_path / "plan") == FILES
    _refusal(tmp_path / "new", 12 * GB)
    assert names_in(tmp_path) == ["plan"]


@pytest.mark.parametrize(("free", "told"), [(0, "not one draw fits"), (9 * 10**6, "9.0 MB free")])
def test_little_space_is_told_in_the_unit_that_shows_it(tmp_path, monkeypatch, free, told):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(0, 0, free))
    with pytest.raises(DiskError, match=told), staging(tmp_path / "new", 10**7, 5):
        pytest.fail("the simulation would have started")


@pytest.mark.parametrize("below", ["", "deeper", "deeper/still"])
def test_a_file_in_the_way_of_the_folder_is_named(tmp_path, below):
    (tmp_path / "plan").write_text("mine")
    assert f"{tmp_path / 'plan'} is a file" in _refusal(tmp_path / "plan" / below)
    assert (tmp_path / "plan").read_text() == "mine"


@pytest.mark.parametrize("name", FILES)
def test_files_that_gtmsim_did_not_write_are_not_replaced(tmp_path, name):
    (tmp_path / name).write_text("mine")
    message = _refusal(tmp_path)
    assert f"holds a {name} that is not part of results of gtmsim" in message
    assert (tmp_path / name).read_text() == "mine"
    assert names_in(tmp_path) == [name]


def test_a_folder_in_place_of_the_file_is_not_replaced(tmp_path):
    (tmp_path / "results.nc").mkdir()
    assert "not part of results of gtmsim" in _refusal(tmp_path)


@pytest.fixture
def locked(entered_by_all):
    folder = entered_by_all / "locked"
    save(folder, seed=1)
    folder.chmod(0o555)
    return folder


def test_a_folder_that_cannot_be_written_is_told(locked, as_nobody):
    assert f"{locked} cannot be written: Permission denied" in _refusal(locked)
    assert names_in(locked) == FILES


def test_a_folder_that_cannot_be_made_is_told(locked, as_nobody):
    assert "cannot be written: Permission denied" in _refusal(locked / "new")
    assert names_in(locked) == FILES


# --- the summary -------------------------------------------------------------------------------


def test_the_summary_states_where_it_is_from_and_what_it_was_given(tmp_path):
    figures = {"cash": {"p50": np.float64(2.5), "n": np.int64(3)}, "odds": (0.1, float("nan"))}
    write_summary(tmp_path, provenance(PLAN, 4, 2).attributes, figures)
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["summary_version"] == 1
    assert summary["provenance"]["draws"] == 4
    assert "scenario" not in summary["provenance"]
    assert summary["cash"] == {"p50": 2.5, "n": 3}
    assert summary["odds"] == [0.1, None]
