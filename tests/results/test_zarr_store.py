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


HARMS = {
    "empty": lambda whole: b"",
    "1 byte": lambda whole: whole[:1],
    "10 bytes": lambda whole: whole[:10],
    "half": lambda whole: whole[: len(whole) // 2],
    "all but one byte": lambda whole: whole[:-1],
    "garbage": lambda whole: bytes(n % 251 for n in range(len(whole))),
}


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("file", ["books/c/1/0", "done/c/1"])
def test_a_block_whose_files_cannot_be_read_is_not_done_and_made_again(store, path, file, harm):
    for number in range(3):
        store.write(number, block(number))
    (path / file).write_bytes(HARMS[harm]((path / file).read_bytes()))
    again = open_store(path, 4, FIELDS, ABOUT)
    assert again.damaged() == [1]
    assert again.done().tolist() == [True, False, True, False]
    again.write(1, block(1))
    assert again.damaged() == []
    np.testing.assert_array_equal(again.read(1)["books"], block(1)["books"])


def test_what_was_lost_or_changed_is_damaged_and_what_is_not_done_is_not(store, path):
    for number in range(3):
        store.write(number, block(number))
    (path / "books" / "c" / "1" / "0").unlink()
    store._arrays["sample"][2] = np.zeros(5)
    again = open_store(path, 4, FIELDS, ABOUT)
    assert again.damaged() == [1, 2]
    assert again.done().tolist() == [True, False, False, False]


@pytest.mark.parametrize("file", ["books/c/1/0", "done/c/1"])
def test_a_block_that_cannot_be_read_is_told_when_it_is_wanted(store, path, file):
    store.write(1, block(1))
    (path / file).write_bytes((path / file).read_bytes()[:5])
    assert store.is_done(1) == (file[0] == "b")
    with pytest.raises(ResultsError, match=r"Block 1 of .* is damaged"):
        store.read(1)
    assert not store.is_done(1)


def test_a_damaged_block_is_written_even_though_its_flag_is_whole(store, path):
    store.write(1, block(1))
    file = path / "books" / "c" / "1" / "0"
    file.write_bytes(file.read_bytes()[:5])
    store.write(1, block(1))
    np.testing.assert_array_equal(store.read(1)["books"], block(1)["books"])


@pytest.mark.parametrize("harm", ["empty", "half", "all but one byte", "garbage", "lost"])
@pytest.mark.parametrize("file", ["zarr.json", "books/zarr.json", "done/zarr.json"])
def test_a_damaged_description_is_told_with_what_to_do(store, path, file, harm):
    store.write(1, block(1))
    if harm == "lost":
        (path / file).unlink()
    else:
        (path / file).write_bytes(HARMS[harm]((path / file).read_bytes()))
    with pytest.raises(ResultsError, match="is damaged: ") as told:
        open_store(path, 4, FIELDS, ABOUT)
    text = str(told.value)
    assert file in text
    assert f"Remove the folder {path} and give the same command again" in text


def test_arrays_of_another_shape_are_damage(store, path):
    described = (path / "books" / "zarr.json").read_text()
    (path / "books" / "zarr.json").write_text(described.replace("3\n  ]", "4\n  ]", 1))
    with pytest.raises(ResultsError, match="is damaged: its arrays are not those that were made"):
        open_store(path, 4, FIELDS, ABOUT)


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
