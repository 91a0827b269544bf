"""Blocks on a disk: done is written last, and what is not done is never taken."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from gtmsim.errors import ResultsError
from gtmsim.results.zarr_store import Field, open_store, read_store

FIELDS = (Field("sample", ("draw",), (5,), np.float64), Field("books", ("month",), (3,), np.int64))
ABOUT = {"seed": 1, "scenario_hash": "abc", "version": "0.1.0"}


def block(number: int) -> dict[str, np.ndarray]:
    return {"sample": np.arange(5) + number / 2, "books": np.arange(3) * number}


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "deep" / "store.zarr"


@pytest.fixture
def store(path):
    return open_store(path, 4, FIELDS, ABOUT)


def test_what_was_written_is_read_back_by_another_process_of_the_same_work(store, path):
    store.write(2, block(2))
    again = open_store(path, 4, FIELDS, ABOUT)
    assert again.done().tolist() == [False, False, True, False]
    assert again.is_done(2)
    for name, array in again.read(2).items():
        np.testing.assert_array_equal(array, block(2)[name])
        assert array.dtype == block(2)[name].dtype


def test_undefined_numbers_survive(store):
    store.write(0, {**block(0), "sample": np.array([np.nan, np.inf, -0.0, 1.0, 2.0])})
    read = store.read(0)["sample"]
    assert np.isnan(read[0])
    assert np.isinf(read[1])


def test_a_block_that_is_not_done_is_never_taken(store):
    with pytest.raises(ResultsError, match=r"Block 1 of .* is not done"):
        store.read(1)


def test_writing_one_block_touches_no_file_of_another(store, path):
    store.write(0, block(0))
    before = {file: file.read_bytes() for file in path.rglob("*") if file.is_file()}
    store.write(1, block(1))
    assert all(file.read_bytes() == content for file, content in before.items())


def test_a_done_block_that_is_written_again_stays_done_under_its_reader(store, monkeypatch):
    store.write(0, block(0))

    class Untouched:
        def __init__(self, array):
            self.shape, self.dtype, self._array = array.shape, array.dtype, array

        def __getitem__(self, key):
            return self._array[key]

        def __setitem__(self, key, value):
            raise AssertionError("a done block was not done for a moment")

    monkeypatch.setattr(store, "_flags", Untouched(store._flags))
    for name in ("books", "sample"):
        monkeypatch.setitem(store._arrays, name, Untouched(store._arrays[name]))
    store.write(0, block(0))
    np.testing.assert_array_equal(store.read(0)["sample"], block(0)["sample"])


def test_a_block_whose_writer_failed_half_way_is_not_done(store, monkeypatch):
    store.write(0, block(0))

    class Broken:
        shape, dtype = (4, 3), np.dtype(np.int64)

        def __setitem__(self, key, value):
            raise OSError(28, "No space left on device")

    monkeypatch.setitem(store._arrays, "books", Broken())
    with pytest.raises(ResultsError, match=r"store.zarr cannot be .*: No space left on device"):
        store.write(0, block(7))
    assert not store.is_done(0)


@pytest.mark.parametrize("harm", ["cut", "lost"])
def test_a_block_whose_files_were_harmed_is_told_and_made_again(store, path, harm):
    store.write(1, block(1))
    (file,) = (f for f in (path / "books" / "c").rglob("*") if f.is_file())
    if harm == "lost":
        file.unlink()
    else:
        store._arrays["books"][1] = block(2)["books"]
    with pytest.raises(ResultsError, match=r"Block 1 of .* is damaged"):
        store.read(1)
    assert not store.is_done(1)
    store.write(1, block(1))
    np.testing.assert_array_equal(store.read(1)["books"], block(1)["books"])


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"seed": 2}, "seed is 1 there and 2 here"),
        ({"scenario_hash": "def"}, "the scenario differs"),
        ({"version": "0.2.0"}, 'version is "0.1.0" there and "0.2.0" here'),
        ({"design": "lhs:9"}, 'design is null there and "lhs:9" here'),
    ],
)
def test_a_store_of_something_else_is_refused_with_what_differs(store, path, changed, told):
    store.write(0, block(0))
    with pytest.raises(ResultsError, match=f"holds something else: {told}") as refused:
        open_store(path, 4, FIELDS, {**ABOUT, **changed})
    assert "there" not in str(refused.value) or str(refused.value).count("there") == 1
    assert read_store(path).is_done(0)


def test_what_is_no_store_is_told(tmp_path):
    with pytest.raises(ResultsError, match="does not exist"):
        read_store(tmp_path / "nothing")
    (tmp_path / "other").mkdir()
    with pytest.raises(ResultsError, match="is not a store of gtmsim"):
        read_store(tmp_path / "other")


def test_a_block_of_another_shape_is_refused(store):
    with pytest.raises(ValueError, match="sample of a block has shape"):
        store.write(0, {**block(0), "sample": np.zeros(4)})
    with pytest.raises(ValueError, match="a block has"):
        store.write(0, {"sample": np.zeros(5)})


WRITER = """
import sys
from pathlib import Path
import numpy as np
from gtmsim.results.zarr_store import read_store

store = read_store(Path(sys.argv[1]))
print("ready", flush=True)
while True:
    for number in range(store.size):
        store.write(number, {"sample": np.full(200_000, 1.0 + number)})
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_writer_that_is_killed_leaves_whole_blocks_and_blocks_that_are_not_done(path):
    n, blocks = 200_000, 6
    store = open_store(path, blocks, [Field("sample", ("draw",), (n,), np.float64)], ABOUT)
    seen = set()
    for wait in (0.02, 0.05, 0.08, 0.13):
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WRITER), str(path)], stdout=subprocess.PIPE
        )
        with process:
            process.stdout.readline()
            time.sleep(wait)
            process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
        for number in np.flatnonzero(store.done()):
            np.testing.assert_array_equal(store.read(number)["sample"], np.full(n, 1.0 + number))
            seen.add(int(number))
    assert seen  # some were done, so the comparison was made
