"""Read a results file lazily: names and labels now, numbers when they are used.

It does what ``xarray.open_dataset(path, engine="h5netcdf")`` does, in a tenth of the time, which
is felt at every start. The file is read with h5py; xarray decodes it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import xarray as xr
from numpy.typing import NDArray
from xarray.backends import BackendArray
from xarray.core import indexing

from gtmsim.errors import ResultsError

_HDF5 = frozenset({"CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST"})
"""Attributes by which HDF5 joins variables and dimensions."""
_NETCDF = ("_Netcdf4", "_NCProperties")
"""Beginnings of the names of attributes by which NetCDF does."""


_NO_VARIABLE = b"This is a netCDF dimension but not a netCDF variable"


@contextmanager
def explaining_damage(path: Path) -> Iterator[None]:
    """Turn whatever HDF5 stumbles over in a damaged file into a ResultsError."""
    try:
        yield
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        said = error.args[0] if isinstance(error, KeyError) else error
        why = (str(said).splitlines() or [type(error).__name__])[0]
        raise ResultsError(
            f"{path} cannot be read: it is damaged, or its disk is ({why}). "
            "Copy it again, or simulate again"
        ) from error


class Source:
    """An open file; it stays open while anything reads from it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with explaining_damage(path):
            self.file = h5py.File(path)

    def close(self) -> None:
        """Close the file; what has not been read cannot be read any more."""
        self.file.close()

    def __reduce__(self) -> tuple[type["Source"], tuple[Path]]:
        """Open the file again in the process that gets it."""
        return Source, (self.path,)


class StoredArray(BackendArray):
    """Numbers of a variable, in the file."""

    def __init__(self, source: Source, name: str) -> None:
        self._source = source
        self._name = name
        self.shape: tuple[int, ...] = source.file[name].shape
        self.dtype: np.dtype[Any] = source.file[name].dtype

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        """Read a part."""
        support = indexing.IndexingSupport.OUTER_1VECTOR
        return indexing.explicit_indexing_adapter(key, self.shape, support, self._read)

    def _read(self, key: tuple[Any, ...]) -> NDArray[Any]:
        with explaining_damage(self._source.path):
            return np.asarray(self._source.file[self._name][key])


def read_lazily(source: Source) -> xr.Dataset:
    """Return what a file holds as a Dataset that reads from it.

    Raises
    ------
    ResultsError
        Now or when numbers are read, if the file is damaged.
    """
    with explaining_damage(source.path):
        return _labelled(source)


def _labelled(source: Source) -> xr.Dataset:
    file = source.file
    lost = [name for name, stored in file.items() if stored is None]
    if lost:
        raise KeyError(f"{lost[0]} is listed and not there")
    scales = {stored.id: name for name, stored in file.items() if stored.is_scale}
    named = [name for name in file if not _is_bare_dimension(file[name])]
    variables = {name: _variable(source, name, scales) for name in named}
    results = xr.Dataset(attrs=_attributes(file.attrs))
    results = xr.decode_cf(results.assign(variables), decode_timedelta=False)
    results.set_close(source.close)
    return results


def _is_bare_dimension(stored: h5py.Dataset) -> bool:
    """Whether it only gives a dimension its length, as in files that xarray writes."""
    return bytes(stored.attrs.get("NAME", b"")).startswith(_NO_VARIABLE)


def _variable(source: Source, name: str, scales: Mapping[h5py.h5d.DatasetID, str]) -> xr.Variable:
    stored = source.file[name]
    dims = (name,) if stored.is_scale else tuple(scales[dim[0].id] for dim in stored.dims)
    attrs = _attributes(stored.attrs)
    if h5py.check_string_dtype(stored.dtype):
        return xr.Variable(dims, np.asarray(stored.asstr()[()], np.str_), attrs)
    lazy = indexing.LazilyIndexedArray(StoredArray(source, name))
    encoding = {"zlib": True, "complevel": 1, "shuffle": True} if stored.chunks else {}
    return xr.Variable(dims, lazy, attrs, encoding)


def _attributes(attrs: h5py.AttributeManager) -> dict[str, Any]:
    names = (key for key in attrs if key not in _HDF5 and not key.startswith(_NETCDF))
    return {name: _bare(attrs[name]) for name in names}


def _bare(value: Any) -> Any:
    """Return a number that NetCDF wrapped into an array of one."""
    return value[0] if isinstance(value, np.ndarray) and value.shape == (1,) else value
