"""What only a real process shows: exit codes, closed pipes, Ctrl-C."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.cli.scenarios import tiny

GTMSIM = [sys.executable, "-m", "gtmsim"]


def start(folder, *words):
    return subprocess.Popen(
        [*GTMSIM, *words], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_a_command_exits_with_its_code(tmp_path):
    done = subprocess.run([*GTMSIM, "validate", "x.toml"], cwd=tmp_path, capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path):
    words = ("trace", str(tiny(tmp_path)), "--engine", "simpy", "--format", "csv")
    with start(tmp_path, *words) as process:
        process.stdout.readline()
        process.stdout.close()
        told = process.stderr.read()
        assert process.wait(timeout=120) == 141
    assert told == ""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("engine", "wait"), [("compiled", 1.0), ("simpy", 1.0), ("simpy", 0.0)]
)  # at once: while the file is still being laid out
def test_ctrl_c_stops_and_leaves_nothing_behind(tmp_path, engine, wait):
    scenario = str(tiny(tmp_path))
    words = ("run", scenario, "--engine", engine)
    if engine == "compiled":  # kernels that are being compiled would be waited for
        with start(tmp_path, *words, "--draws", "1", "--no-save") as process:
            process.communicate()
    with start(tmp_path, *words, "--draws", "4000000", "--out", "o") as process:
        _await_simulation(process, tmp_path / "o")
        time.sleep(wait)
        process.send_signal(signal.SIGINT)
        out, told = process.communicate()
    assert process.returncode == 130
    assert out == ""
    assert told.strip().endswith("Stopped; nothing was saved")
    assert not (tmp_path / "o").exists()


def _await_simulation(process, folder):
    deadline = time.monotonic() + 120
    while not any(folder.glob(".partial-*/results.nc")):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.1)
