"""Results as labelled arrays."""

import shutil
import weakref
from pathlib import Path
from typing import TypeVar

import h5py
import numpy as np
import xarray as xr

from gtmsim.errors import ResultsError
from gtmsim.results.layout import FRACTIONS
from gtmsim.results.provenance import FORMAT, FORMAT_VERSION, version_in
from gtmsim.results.reading import Source, read_lazily
from gtmsim.results.scenario_text import scenario_hash

Data = TypeVar("Data", xr.Dataset, xr.DataArray)


def open_file(path: Path) -> xr.Dataset:
    """Open a results file; its numbers are read when they are used, and not kept.

    Parameters
    ----------
    path
        The NetCDF file.

    Raises
    ------
    ResultsError
        If it is not there, not whole, not of gtmsim or of another format version; also later, when
        numbers are read from a file that is damaged.
    """
    check_file(path)
    results = read_lazily(Source(path))
    text = str(results.attrs.get("scenario", ""))
    if results.attrs.get("scenario_hash", "") not in ("", scenario_hash(text)):
        results.close()
        raise ResultsError(f"{path} is damaged in its scenario; copy it again or simulate again")
    return results


def open_temporary(path: Path) -> xr.Dataset:
    """Open a results file whose folder is removed once nothing reads from it any more."""
    source = Source(path)
    weakref.finalize(source, _discard, source.file, path.parent)
    return read_lazily(source)


def _discard(file: h5py.File, folder: Path) -> None:
    file.close()
    shutil.rmtree(folder, ignore_errors=True)


def check_file(path: Path) -> None:
    """Raise a ResultsError that says what is wrong with a results file, if anything is."""
    try:
        if not path.is_file() and path.parent.is_dir() and any(path.parent.iterdir()):
            raise ResultsError(f"{path.parent} holds no results of a run: no {path.name} is there")
        if not path.is_file():
            raise ResultsError(f"{path} does not exist; simulate first: gtmsim run SCENARIO")
        path.open("rb").close()  # HDF5 would not say that it may not be read
        with h5py.File(path) as file:
            attributes = {key: file.attrs[key] for key in file.attrs if key.startswith("format")}
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        raise ResultsError(_why_unreadable(path, error)) from error
    if attributes.get("format") != FORMAT:
        raise ResultsError(f"{path} is not a results file of gtmsim; name its results folder")
    found = version_in(attributes)
    if found != FORMAT_VERSION:
        raise ResultsError(
            f"{path} has format version {found}; this gtmsim reads version {FORMAT_VERSION}. "
            "Simulate the scenario again: gtmsim run SCENARIO"
        )


def _why_unreadable(path: Path, error: Exception) -> str:
    if isinstance(error, PermissionError):
        return f"{path} may not be read: {error.strerror}"
    if "truncated" in str(error):
        return f"{path} is cut short, as by an unfinished copy; copy it again or simulate again"
    if not h5py.is_hdf5(path):
        return f"{path} is not a results file of gtmsim (not NetCDF 4)"
    return f"{path} is damaged ({error}); copy it again or simulate again"


def convert_units(results: Data) -> Data:
    """Turn stored whole numbers into currency, months and reps.

    A Dataset holds amounts in hundredths of the currency, time in 2**-20 months and ramped reps in
    thousandths, so that identities hold exactly. Select the variables first: the ones converted
    are loaded into memory, as floats.

    Parameters
    ----------
    results
        Results of ``simulate`` or ``open_results``, or a variable of them.

    Returns
    -------
    Dataset or DataArray
        The same, with ``units`` that say so: ``USD``, ``USD/year`` (ARR), ``month``, ``rep``.

    Raises
    ------
    TypeError
        If it is neither.
    """
    if isinstance(results, xr.DataArray):
        return _converted(results)
    if not isinstance(results, xr.Dataset):
        got = type(results).__name__
        raise TypeError(f"convert_units wants results, as from simulate(...); got a value of {got}")
    # Not `map`: with keep_attrs it would put the old units back.
    return results.assign({name: _converted(array) for name, array in results.data_vars.items()})


def _converted(variable: xr.DataArray) -> xr.DataArray:
    fraction, _, unit = variable.attrs.get("units", "").partition(" ")
    if fraction not in FRACTIONS:
        return variable
    converted = variable / np.float64(FRACTIONS[fraction])
    return converted.assign_attrs({**variable.attrs, "units": unit})
