"""Blocks on a disk that many processes write at once, and that outlives any of them.

A store holds arrays with a leading axis of blocks, such as the points of a sweep. Each block is
written by one process, in files of its own: first its numbers, last its ``done`` flag. So a writer
that is killed, at whatever moment, leaves a block that is not done, and nothing else. The flag is
a checksum of the numbers: a block whose files were lost or cut short later is not taken either,
whether they can still be read or not.

The store is Zarr, format 3; each of its files is written beside its place and renamed.
"""

import json
import shutil
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

import numpy as np
from numpy.typing import DTypeLike, NDArray

from gtmsim.errors import ResultsError, unwritten

if TYPE_CHECKING:
    import zarr

Arrays = Mapping[str, NDArray[Any]]

DONE = "done"
"""Array of the flags: 0 for a block that is not done, else 1 + CRC-32 of its numbers."""
FORMAT = "gtmsim blocks"
FORMAT_VERSION = 1

_LONGEST_SHOWN = 60
_METADATA = "zarr.json"
_UNREADABLE = (RuntimeError, ValueError, KeyError, TypeError)
"""What Zarr and its codecs raise at files that were cut short or overwritten."""


class OtherStoreError(ResultsError):
    """A store of something else than what is wanted."""

    def __init__(self, path: Path, differences: str) -> None:
        self.path, self.differences = path, differences
        super().__init__(
            f"{path} holds something else: {differences}. Choose another folder, or remove this one"
        )

    def __reduce__(self) -> tuple[type["OtherStoreError"], tuple[Path, str]]:
        """Travel between processes with the differences."""
        return OtherStoreError, (self.path, self.differences)


class Field(NamedTuple):
    """An array of the store.

    Attributes
    ----------
    name
        Name in the store.
    dims
        Names of the axes after that of the blocks.
    shape
        Their lengths.
    dtype
        Type of the numbers.
    """

    name: str
    dims: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: DTypeLike


class BlockStore:
    """An open store; see `open_store`.

    Attributes
    ----------
    path
        Its folder.
    is_new
        Whether opening it has made it.
    """

    def __init__(self, path: Path, group: "zarr.Group", is_new: bool = False) -> None:
        self.path = path
        self.is_new = is_new
        self._group = group
        self._flags: Any = group[DONE]
        names = (name for name in sorted(group.array_keys()) if name != DONE)
        self._arrays: dict[str, Any] = {name: group[name] for name in names}

    @property
    def attributes(self) -> Mapping[str, Any]:
        """What the blocks are of."""
        return dict(self._group.attrs)

    @property
    def size(self) -> int:
        """Number of blocks, done or not."""
        return int(self._flags.shape[0])

    def done(self) -> NDArray[np.bool_]:
        """Whether each block is done, shape (blocks,)."""
        with _explaining(self.path):
            try:
                return np.asarray(self._flags[:], np.int64).astype(np.bool_)
            except _UNREADABLE:  # some flag: which one shows only one by one
                return np.array([bool(self._flag(block)) for block in range(self.size)], np.bool_)

    def is_done(self, block: int) -> bool:
        """Whether one block is done; one whose flag cannot be read is not."""
        with _explaining(self.path):
            return bool(self._flag(block))

    def damaged(self) -> list[int]:
        """Read all that is there, and return the blocks that are not what was written.

        They count as not done from now on.
        """
        if self.is_new:
            return []
        return [block for block in range(self.size) if self._is_damaged(block)]

    def _is_damaged(self, block: int) -> bool:
        with _explaining(self.path):
            flag = self._flag(block)
            if flag == 0 or (flag and self._sound(block, flag) is not None):
                return False
            self._flags[block] = 0
        return True

    def _flag(self, block: int) -> int | None:
        """Flag of a block; None if it cannot be read."""
        try:
            return int(self._flags[block])
        except _UNREADABLE:
            return None

    def _sound(self, block: int, flag: int) -> Arrays | None:
        """Numbers of a block; None if they cannot be read or are not those of the flag."""
        try:
            arrays = {name: np.asarray(array[block]) for name, array in self._arrays.items()}
        except _UNREADABLE:
            return None
        return arrays if _flag_of(arrays) == flag else None

    def write(self, block: int, arrays: Arrays) -> None:
        """Write a block, its flag last; one that is done with these numbers is left as it is.

        Parameters
        ----------
        block
            Which one. What was written of it before is replaced.
        arrays
            One of each field, by name, without the axis of the blocks.
        """
        if set(arrays) != set(self._arrays):
            raise ValueError(f"a block has {sorted(self._arrays)}; got {sorted(arrays)}")
        typed = {name: self._typed(name, arrays[name]) for name in self._arrays}
        flag = _flag_of(typed)
        with _explaining(self.path):
            if self._flag(block) == flag and self._sound(block, flag) is not None:
                return  # another may be reading it
            self._flags[block] = 0
            for name, array in typed.items():
                self._arrays[name][block] = array
            self._flags[block] = flag

    def read(self, block: int) -> Arrays:
        """Read a block.

        Raises
        ------
        ResultsError
            If it is not done, or its numbers are not those that were written; it then counts as
            not done from now on.
        """
        with _explaining(self.path):
            flag = self._flag(block)
            if flag == 0:
                raise ResultsError(f"Block {block} of {self.path} is not done")
            arrays = self._sound(block, flag) if flag else None
            if arrays is not None:
                return arrays
            self._flags[block] = 0
        raise ResultsError(
            f"Block {block} of {self.path} is damaged: its numbers are not those that were "
            "written. The same command again makes it anew"
        )

    def has(self, fields: Sequence[Field]) -> bool:
        """Whether its arrays are these."""
        wanted = {one.name: (one.shape, np.dtype(one.dtype)) for one in fields}
        found = {name: (tuple(a.shape[1:]), a.dtype) for name, a in self._arrays.items()}
        return found == wanted and {a.shape[0] for a in self._arrays.values()} == {self.size}

    def remove(self) -> None:
        """Remove it; renamed first, lest a worker that comes late finds half of it."""
        gone = self.path.with_name(f"{self.path.name}.gone-{uuid4().hex}")
        with suppress(OSError):
            self.path.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    def _typed(self, name: str, array: NDArray[Any]) -> NDArray[Any]:
        stored = self._arrays[name]
        typed = np.ascontiguousarray(array, stored.dtype)
        if typed.shape != tuple(stored.shape[1:]):
            raise ValueError(f"{name} of a block has shape {stored.shape[1:]}; got {typed.shape}")
        return typed


def open_store(
    path: Path, blocks: int, fields: Sequence[Field], attributes: Mapping[str, Any]
) -> BlockStore:
    """Open a store to go on with it, or make a new one.

    Parameters
    ----------
    path
        Its folder.
    blocks
        Number of blocks.
    fields
        Its arrays.
    attributes
        What the blocks are of, in the types of JSON: all that decides their numbers.

    Raises
    ------
    OtherStoreError
        If there is a store of something else, with what differs.
    ResultsError
        If it is damaged, or cannot be written.
    """
    wanted = _as_json({**attributes, "format": FORMAT, "format_version": FORMAT_VERSION})
    is_new = not path.exists() and _make(path, blocks, fields, wanted)
    with _described(path) as group:
        found = dict(group.attrs)
        if found != wanted:
            raise OtherStoreError(path, _differences(found, wanted))
        for field in fields:
            _check_description(path, path / field.name / _METADATA)
        store = BlockStore(path, group, is_new)
        if not store.has(fields):
            raise _damaged(path, "its arrays are not those that were made")
    return store


def read_store(path: Path) -> BlockStore:
    """Open a store that exists; its blocks may be written.

    Raises
    ------
    ResultsError
        If it is none, or its description is damaged.
    """
    with _described(path) as group:
        return BlockStore(path, group)


@contextmanager
def _described(path: Path) -> "Iterator[zarr.Group]":
    """Yield a store as Zarr has it; what Zarr stumbles over in it is damage."""
    import zarr  # noqa: PLC0415  not needed by a run on one machine

    if not path.is_dir():
        raise ResultsError(f"{path} does not exist")
    arrays = {DONE, *(file.parent.name for file in path.glob(f"*/{_METADATA}"))}
    if not any((path / name / _METADATA).exists() for name in ("", DONE)):
        raise _no_store(path)
    for name in ("", *sorted(arrays)):
        _check_description(path, path / name / _METADATA)
    try:
        group = zarr.open_group(path, mode="r+", zarr_format=3, use_consolidated=False)
        if group.attrs.get("format") != FORMAT:
            raise _no_store(path)
        yield group
    except OSError as error:
        raise unwritten(f"{path} cannot be read: {error.strerror or error}", error) from error
    except _UNREADABLE as error:
        raise _damaged(path, "what describes it is not what was written") from error


def _no_store(path: Path) -> ResultsError:
    return ResultsError(f"{path} is not a store of gtmsim. Choose another folder, or move it away")


def _check_description(path: Path, file: Path) -> None:
    """Refuse a store, a file of whose description was lost, cut short or overwritten."""
    try:
        said = json.loads(file.read_bytes())
    except FileNotFoundError:
        raise _damaged(path, f"{file.relative_to(path)} is missing") from None
    except OSError as error:
        raise unwritten(f"{file} cannot be read: {error.strerror or error}", error) from error
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise _damaged(path, f"{file.relative_to(path)} was cut short or overwritten")


def _damaged(path: Path, how: str) -> ResultsError:
    return ResultsError(
        f"{path} is damaged: {how}. Remove the folder {path} and give "
        "the same command again, which makes all of it anew; or choose another folder"
    )


def _make(path: Path, blocks: int, fields: Sequence[Field], attributes: Mapping[str, Any]) -> bool:
    """Make an empty store beside its place, so that it is there whole or not at all.

    Returns
    -------
    bool
        Whether it is this one: another process may have made it meanwhile.
    """
    import zarr  # noqa: PLC0415  not needed by a run on one machine

    fresh = path.with_name(f"{path.name}.new-{uuid4().hex}")
    with _explaining(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            group = zarr.create_group(fresh, zarr_format=3, attributes=dict(attributes))
            for field in (*fields, Field(DONE, (), (), np.int64)):
                _create(group, field, blocks)
            fresh.rename(path)
        except BaseException as error:
            shutil.rmtree(fresh, ignore_errors=True)
            if not (isinstance(error, OSError) and path.exists()):  # made by another process
                raise
            return False
    return True


def _create(group: "zarr.Group", field: Field, blocks: int) -> None:
    floating = np.issubdtype(np.dtype(field.dtype), np.floating)
    group.create_array(
        field.name,
        shape=(blocks, *field.shape),
        chunks=(1, *(max(1, length) for length in field.shape)),  # a block has files of its own
        dtype=np.dtype(field.dtype),
        dimension_names=("block", *field.dims),
        fill_value=np.nan if floating else 0,
    )


def _flag_of(arrays: Arrays) -> int:
    """Checksum of a block's numbers; never 0."""
    sum_so_far = 0
    for name in sorted(arrays):
        sum_so_far = zlib.crc32(arrays[name].tobytes(), sum_so_far)
    return 1 + sum_so_far


def _as_json(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes as they will be read back."""
    plain: dict[str, Any] = json.loads(json.dumps(attributes))
    return plain


def _differences(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    keys = [key for key in (*wanted, *(k for k in found if k not in wanted))]
    differing = (key for key in keys if found.get(key) != wanted.get(key))
    return "; ".join(_difference(key, found.get(key), wanted.get(key)) for key in differing)


def _difference(key: str, found: Any, wanted: Any) -> str:
    name = key.replace("_", " ")
    texts = [json.dumps(value, ensure_ascii=False) for value in (found, wanted)]
    if max(map(len, texts)) > _LONGEST_SHOWN or key.endswith("hash"):
        return f"the {name.removesuffix(' hash')} differs"
    return f"{name} is {texts[0]} there and {texts[1]} here"


@contextmanager
def _explaining(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise unwritten(
            f"{path} cannot be read or written: {error.strerror or error}", error
        ) from error
