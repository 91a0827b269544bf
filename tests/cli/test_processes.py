"""What only a real process shows: exit codes, closed pipes, Ctrl-C."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.cli.scenarios import tiny

GTMSIM = [sys.executable, "-m", "gtmsim"]


PATIENCE = 120
"""Seconds after which a command that should have ended is given up."""


def start(folder, *words):
    return subprocess.Popen(
        [*GTMSIM, *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_hear_interrupts if os.name == "posix" else None,  # noqa: PLW1509  no threads
    )


def _hear_interrupts():
    """Undo what a shell does to the jobs it starts in the background: they ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_a_command_exits_with_its_code(tmp_path):
    done = subprocess.run([*GTMSIM, "validate", "x.toml"], cwd=tmp_path, capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_a_reader_that_has_seen_enough_is_no_error(tmp_path, form):
    words = ("trace", str(tiny(tmp_path)), "--engine", "simpy", "--limit", "0", "--format", form)
    with start(tmp_path, *words) as process:
        process.stdout.close()
        told = process.stderr.read()
        assert process.wait(timeout=120) == 141
    assert told == ""


@pytest.mark.parametrize("form", ["table", "json"])
def test_the_answer_may_go_to_a_reader_that_has_left(tmp_path, form):
    words = ("run", str(tiny(tmp_path)), "--engine", "simpy", "--draws", "1", "-q")
    with start(tmp_path, *words, "--format", form) as process:
        process.stdout.close()
        told = process.stderr.read()
        assert process.wait(timeout=120) == 141
    assert told == ""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="wants a disk that is full")
@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_output_on_a_full_disk_is_told_in_one_line(tmp_path, form):
    words = ("trace", str(tiny(tmp_path)), "--engine", "simpy", "-q", "--format", form)
    with open("/dev/full", "w") as full:
        done = subprocess.run([*GTMSIM, *words], stdout=full, stderr=subprocess.PIPE, text=True,
                              check=False)  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "Error: the output could not be written: No space left on device\n"


@pytest.mark.skipif(os.name != "posix", reason="limits of POSIX")
@pytest.mark.parametrize("saving", [("--out", "o"), ("--no-save",)])
def test_results_on_a_full_disk_are_told_in_one_line(tmp_path, saving):
    words = ("run", str(tiny(tmp_path)), "--engine", "simpy", "--draws", "2", "-q", *saving)
    done = subprocess.run([*GTMSIM, *words], cwd=tmp_path, preexec_fn=_small_files,
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 1
    assert "Is the disk full?" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tiny.toml"]


def _small_files():
    """Let no file grow beyond 64 kB."""
    import resource  # noqa: PLC0415  not on every system

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("engine", ["compiled", "simpy"])
def test_termination_stops_as_ctrl_c_does(tmp_path, engine):
    words = ("run", str(tiny(tmp_path)), "--engine", engine, "--workers", "2")
    if engine == "compiled":  # kernels that are being compiled would be waited for
        with start(tmp_path, *words, "--draws", "1", "--no-save") as process:
            process.communicate()
    with start(tmp_path, *words, "--draws", "4000000", "--out", "o") as process:
        _await_simulation(process, tmp_path / "o")
        time.sleep(1.0)
        process.send_signal(signal.SIGTERM)
        told = ended(process)[1]
    assert process.returncode == 143
    assert told.strip().endswith("Stopped; nothing was saved")
    assert not (tmp_path / "o").exists()


_SWALLOWING = """
import signal, time, weakref
from importlib import import_module

program = import_module("gtmsim.cli.main")

class Thing:
    pass

def command(args):
    thing = Thing()
    seen = weakref.ref(thing, lambda _: signal.raise_signal(signal.{name}))
    del thing
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        return 130
    return 0

program.exit_code = command
program.main([])
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_that_arrives_in_a_finaliser_is_not_lost(name, code):
    done = subprocess.run([sys.executable, "-c", _SWALLOWING.format(name=name)],
                          preexec_fn=_hear_interrupts, capture_output=True, text=True,
                          check=False, timeout=PATIENCE)  # fmt: skip
    assert done.returncode == code
    assert done.stderr == ""


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
        out, told = ended(process)
    assert process.returncode == 130
    assert out == ""
    assert told.strip().endswith("Stopped; nothing was saved")
    assert not (tmp_path / "o").exists()


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_replication_that_takes_minutes_is_not_waited_for(tmp_path, number, code):
    words = ("run", str(tiny(tmp_path)), "--engine", "simpy", "--draws", "1", "--out", "o")
    huge = ("--set", "channels.content.organic_per_month=300k")
    with start(tmp_path, *words, *huge) as process:
        _await_simulation(process, tmp_path / "o")
        time.sleep(2.0)
        process.send_signal(number)
        sent = time.monotonic()
        told = ended(process)[1]
    assert time.monotonic() - sent < 15.0
    assert process.returncode == code
    assert told.strip().endswith("Stopped; nothing was saved")
    assert not (tmp_path / "o").exists()


def ended(process):
    """Output and messages of a process that was told to stop."""
    try:
        return process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def _await_simulation(process, folder):
    deadline = time.monotonic() + 120
    while not any(folder.glob(".partial-*/results.nc")):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.1)
