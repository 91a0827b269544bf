"""Blocks on a disk that many processes write at once, and that outlives any of them.

A store holds arrays with a leading axis of blocks, such as the points of a sweep. Each block is
written by one process, in files of its own: first its numbers, last its ``done`` flag. So a writer
that is killed, at whatever moment, leaves a block that is not done, and nothing else. The flag is
a checksum of the numbers: a block whose files were lost or cut short later is not taken either.

The store is Zarr, format 3; each of its files is written beside its place and renamed.
"""

import json
import shutil
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
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
    """An open store; see `open_store`."""

    def __init__(self, path: Path, group: "zarr.Group") -> None:
        self.path = path
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
            return np.asarray(self._flags[:], np.int64).astype(np.bool_)

    def is_done(self, block: int) -> bool:
        """Whether one block is done."""
        with _explaining(self.path):
            return bool(self._flags[block] != 0)

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
            if int(self._flags[block]) == flag:  # another may be reading it
                return
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
            flag = int(self._flags[block])
            if flag == 0:
                raise ResultsError(f"Block {block} of {self.path} is not done")
            arrays = {name: np.asarray(array[block]) for name, array in self._arrays.items()}
            if _flag_of(arrays) == flag:
                return arrays
            self._flags[block] = 0
        raise ResultsError(
            f"Block {block} of {self.path} is damaged: its numbers are not those that were "
            "written. The same command again makes it anew"
        )

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
    ResultsError
        If there is a store of something else, with what differs; or it cannot be written.
    """
    wanted = _as_json({**attributes, "format": FORMAT, "format_version": FORMAT_VERSION})
    if not path.exists():
        _make(path, blocks, fields, wanted)
    store = read_store(path)
    found = store.attributes
    if found != wanted:
        raise ResultsError(
            f"{path} holds something else: {_differences(found, wanted)}. "
            "Choose another folder, or remove this one"
        )
    return store


def read_store(path: Path) -> BlockStore:
    """Open a store that exists; its blocks may be written.

    Raises
    ------
    ResultsError
        If it is none.
    """
    import zarr  # noqa: PLC0415  not needed by a run on one machine

    if not path.is_dir():
        raise ResultsError(f"{path} does not exist")
    try:
        group = zarr.open_group(path, mode="r+", zarr_format=3, use_consolidated=False)
    except (OSError, KeyError, ValueError) as error:
        raise ResultsError(f"{path} is not a store of gtmsim: {error}") from error
    if group.attrs.get("format") != FORMAT or DONE not in group:
        raise ResultsError(f"{path} is not a store of gtmsim")
    return BlockStore(path, group)


def _make(path: Path, blocks: int, fields: Sequence[Field], attributes: Mapping[str, Any]) -> None:
    """Make an empty store beside its place, so that it is there whole or not at all."""
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
