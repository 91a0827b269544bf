"""A finished sweep in its folder: read again without the scenario that it was made from.

The store of a sweep holds numbers by the number of their point. What the points and the outputs are
is kept beside it, so that a page can be made of the folder alone.
"""

import json
from pathlib import Path

import numpy as np
import xarray as xr

from gtmsim.analysis.fans import DIMS, FAN
from gtmsim.analysis.sweeping import SAMPLE, STORE
from gtmsim.errors import ResultsError, unwritten
from gtmsim.files import write_whole
from gtmsim.results.zarr_store import read_store

POINTS = "points.json"
"""In the folder of a sweep: what its points and outputs are."""
_SAMPLE_DIMS = ("point", "output", "draw", "replication")


def is_sweep(folder: Path) -> bool:
    """Whether a folder is that of a sweep."""
    return (folder / STORE).is_dir()


def keep_points(results: xr.Dataset, folder: Path) -> None:
    """Write what the points and outputs of a sweep are beside its store.

    Parameters
    ----------
    results
        Of ``gtmsim.sweep``.
    folder
        Of the sweep.

    Raises
    ------
    ResultsError
        If it cannot be written.
    """
    labels = results.drop_vars([SAMPLE, FAN], errors="ignore").to_dict()
    try:
        write_whole(folder / POINTS, json.dumps(labels))
    except OSError as error:
        raise unwritten(f"{folder} cannot be written: {error.strerror or error}", error) from error


def open_sweep(folder: Path) -> xr.Dataset:
    """Read a finished sweep.

    Parameters
    ----------
    folder
        Of the sweep.

    Returns
    -------
    Dataset
        As of ``gtmsim.sweep``; NaN at points that are not done.

    Raises
    ------
    ResultsError
        If there is none, or it was not finished.
    """
    try:
        labels = json.loads((folder / POINTS).read_text(encoding="utf-8"))
        results = xr.Dataset.from_dict(labels)
    except (OSError, ValueError, KeyError) as error:
        raise ResultsError(
            f"{folder} holds no finished sweep. If a sweep or a stress test began here, its "
            "command finishes it, and writes its page"
        ) from error
    store = read_store(folder / STORE)
    done = store.done()[: results.sizes["point"]]
    kept = [store.read(int(n)) if is_done else None for n, is_done in enumerate(done)]
    shape = tuple(results.sizes[dim] for dim in _SAMPLE_DIMS)
    sample = np.full(shape, np.nan)
    for n, arrays in enumerate(kept):
        if arrays is not None:
            sample[n] = arrays[SAMPLE][: shape[1]]
    read = results.assign({SAMPLE: (_SAMPLE_DIMS, sample)})
    if "month" not in results.coords:
        return read
    fans = np.full((shape[0], *(results.sizes[dim] for dim in DIMS)), np.nan)
    for n, arrays in enumerate(kept):
        if arrays is not None:
            fans[n] = arrays[FAN]
    return read.assign({FAN: (("point", *DIMS), fans)})
