"""Where compiled kernels are kept: one folder per state, which nobody else can fill."""

import os
import tempfile
import time
from pathlib import Path

import numba
import pytest

from gtmsim import jit


@pytest.fixture
def folder_of():
    """Ask for the folder anew."""
    return jit.cache_folder.__wrapped__


@pytest.mark.parametrize(
    "change",
    [
        lambda patch: patch.setattr(numba, "__version__", "0.0"),
        lambda patch: patch.setattr(numba.config, "CPU_NAME", "generic"),
        lambda patch: patch.setattr(jit.sys, "version_info", (3, 0, 0)),
        lambda patch: patch.setattr(jit, "_KERNEL_SOURCES", ("jit.py",)),
    ],
    ids=["numba", "processor", "python", "sources"],
)
def test_what_compiled_code_depends_on_has_a_folder_of_its_own(folder_of, monkeypatch, change):
    before = folder_of()
    assert folder_of() == before
    change(monkeypatch)
    assert folder_of() != before


def test_a_source_that_was_written_again_has_a_folder_of_its_own(monkeypatch, tmp_path):
    """numba goes by the time of a source file; what it would not find is not there."""
    source = tmp_path / "jit.py"
    source.write_text("")
    monkeypatch.setattr(jit, "_PACKAGE", tmp_path)
    before = jit._state()
    os.utime(source, (1.0, 1.0))
    assert jit._state() != before


def test_an_old_folder_is_removed_and_a_used_one_is_not(folder_of, monkeypatch, tmp_path):
    monkeypatch.setenv("GTMSIM_CACHE_DIR", str(tmp_path))
    old, young = tmp_path / "kernels-old", tmp_path / "kernels-young"
    for folder, age in ((old, 31.0), (young, 29.0)):
        folder.mkdir()
        os.utime(folder, times=(then := time.time() - age * 24 * 3600, then))
    used = folder_of()
    assert {*tmp_path.iterdir()} == {young, used}


def test_without_a_cache_kernels_go_to_a_folder_that_is_the_users_own(
    folder_of, monkeypatch, tmp_path
):
    (tmp_path / "a file").touch()
    monkeypatch.setenv("GTMSIM_CACHE_DIR", str(tmp_path / "a file" / "below"))
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    first = folder_of()
    assert first.parent == tmp_path
    assert first.stat().st_mode & 0o77 == 0
    assert folder_of() == first


@pytest.mark.skipif(os.name != "posix", reason="folders have no such modes elsewhere")
def test_a_folder_that_others_may_write_is_not_used(folder_of, monkeypatch, tmp_path):
    (tmp_path / "a file").touch()
    monkeypatch.setenv("GTMSIM_CACHE_DIR", str(tmp_path / "a file" / "below"))
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    theirs = folder_of()
    theirs.chmod(0o777)
    mine = folder_of()
    assert mine != theirs
    assert Path(mine).stat().st_mode & 0o77 == 0
