"""Compiling in processes: once per kernel, stopped at once, and never a reason to fail."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from gtmsim.engines.compiled import compiling
from gtmsim.engines.compiled.workspace import Capacity
from gtmsim.errors import Interrupted
from tests.engines.compiled.plans import books_of, everything

SCRIPT = """
from benchmarks.__main__ import _plan, _play
from gtmsim.engines.compiled import make_ready
make_ready()
_play(*_plan(), 1)
"""


@pytest.fixture
def nothing_compiled(monkeypatch, tmp_path):
    monkeypatch.setattr(compiling, "cache_folder", lambda: tmp_path)


@pytest.mark.slow
def test_each_kernel_is_compiled_once_and_found_by_the_first_run(tmp_path):
    """A kernel compiled for other types than those it is called with would be there twice."""
    environment = os.environ | {"GTMSIM_CACHE_DIR": str(tmp_path)}
    subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=Path(__file__).parents[3], env=environment, check=True
    )
    for kernel in compiling.KERNELS.values():
        module = kernel.__module__.rpartition(".")[2]
        found = [*tmp_path.glob(f"*/*/{module}.{kernel.__name__}-*.nbc")]
        assert len(found) == 1, kernel


def test_the_types_are_those_that_a_replication_uses():
    """A scenario with every feature calls the kernel that the smallest one has compiled."""
    books_of(*everything(months=1), Capacity())
    assert compiling.play.signatures == [compiling.signature(compiling.play)]


def test_a_machine_that_starts_no_process_compiles_later(nothing_compiled, monkeypatch):
    asked = []

    def refuse(command, **_):
        asked.append(command)
        raise OSError("no more processes")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    compiling.make_ready()
    assert len(asked) == 1


def test_a_compiler_that_fails_is_no_error(nothing_compiled, monkeypatch):
    monkeypatch.setattr(compiling, "_CODE", "raise SystemExit(3)")
    compiling.make_ready()
    assert not compiling.are_compiled()


def test_ctrl_c_stops_the_compilers_at_once(nothing_compiled, monkeypatch):
    monkeypatch.setattr(compiling, "_CODE", "import time; time.sleep(60)")
    started = []
    popen = subprocess.Popen

    def start(*args, **options):
        started.append(popen(*args, **options))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    begun = time.perf_counter()
    try:
        with pytest.raises(Interrupted):
            compiling.make_ready()
    finally:
        signal.signal(signal.SIGINT, before)
    assert time.perf_counter() - begun < 20.0
    assert [process.poll() for process in started] == [-signal.SIGKILL] * 2
