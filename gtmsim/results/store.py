"""The results folder: written beside the older results, which it replaces in one step.

A run writes into a folder of its own inside the results folder. When everything is on the disk,
that folder is renamed to ``.publishing``: this is the moment at which the new results exist. Its
files are then moved into place; whoever comes next finishes that if the run was killed meanwhile.
So a run that is killed, at whatever moment, leaves either the older results or its own, whole; and
of runs that end at the same time the last one's files stand, all of them.
"""

import errno
import json
import os
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np

from gtmsim.errors import DiskError, ResultsError, unwritten

if TYPE_CHECKING:
    import xarray as xr

RESULTS_FILE = "results.nc"
SUMMARY_FILE = "summary.json"
SCENARIO_FILE = "scenario.toml"
FILES = (RESULTS_FILE, SUMMARY_FILE, SCENARIO_FILE)

PUBLISHING = ".publishing"
PARTIAL = ".partial"

SUMMARY_VERSION = 1
"""Goes up when a reader of ``summary.json`` has to change."""

_MB, _GB = 10**6, 10**9
_RETRIES = 100


# --- reading ---------------------------------------------------------------------------------


def open_results(path: str | Path) -> "xr.Dataset":
    """Open the results of a simulation; numbers are read from the file when they are used.

    Parameters
    ----------
    path
        A results folder, or the NetCDF file in one.

    Returns
    -------
    Dataset
        Dims among draw, replication, month, segment, channel, funnel_stage, team, cohort, input.
        Every variable has ``units`` and ``long_name``; amounts are whole hundredths of the
        currency, see `convert_units`. The attributes say how to make the same numbers again.

    Raises
    ------
    ResultsError
        If there are none, or the file is not whole, not of gtmsim, or of another format version.
        Also later, when numbers are read that are damaged.
    """
    from gtmsim.results.dataset import open_file  # noqa: PLC0415  xarray takes a second

    if not isinstance(path, str | os.PathLike):
        got = type(path).__name__
        raise TypeError(f"open_results wants the path of a results folder; got a value of {got}")
    path = Path(path)
    try:
        is_folder = path.is_dir()
    except OSError as error:
        raise ResultsError(f"{path} may not be read: {error.strerror}") from error
    return open_file(results_file(path) if is_folder else path)


def results_file(folder: Path) -> Path:
    """NetCDF file of a results folder, after finishing what a killed run left to do."""
    with suppress(OSError):  # a folder that we may only read
        _finish_publishing(folder)
    published = folder / PUBLISHING / RESULTS_FILE
    return published if published.exists() else folder / RESULTS_FILE


def format_version(folder: Path) -> int | None:
    """Version of the format of the results in a folder; None where there are none of gtmsim."""
    import h5py  # noqa: PLC0415  not needed where there is no older file

    from gtmsim.results.provenance import FORMAT, version_in  # noqa: PLC0415

    file = results_file(folder)
    try:
        if not file.is_file():
            return None
        with h5py.File(file) as there:
            return version_in(there.attrs) if there.attrs.get("format") == FORMAT else None
    except (OSError, RuntimeError, KeyError, ValueError):  # as HDF5 tells damage
        return None


def read_summary(folder: Path) -> Mapping[str, Any]:
    """Read ``summary.json`` of a results folder; empty where there is none of gtmsim."""
    results_file(folder)
    try:
        summary = json.loads((folder / SUMMARY_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    known = isinstance(summary, dict) and summary.get("summary_version") == SUMMARY_VERSION
    return summary if known else {}


# --- writing ---------------------------------------------------------------------------------


@contextmanager
def staging(folder: Path, size: int, draws: int = 1) -> Iterator[Path]:
    """Yield a folder for the files of a run; what is not published disappears with the block.

    Parameters
    ----------
    folder
        The results folder; made if need be, and removed again if nothing is published.
    size
        Bytes that the results take at most.
    draws
        That they hold.

    Raises
    ------
    ResultsError
        Before anything is simulated: if the folder cannot be written, holds files that are not
        results, or lies on a disk without enough space.
    """
    made = _make_folder(folder)
    try:
        with _explaining(folder):
            _check_in_the_way(folder)
        _remove_abandoned(folder)
        staged = folder / f"{PARTIAL}-{socket.gethostname()}-{os.getpid()}-{uuid4().hex}"
        with _explaining(folder):
            staged.mkdir()
        try:
            check_space(folder, size, draws)
            yield staged
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    finally:
        for parent in made:  # innermost first; stops at the first that holds something
            with suppress(OSError):
                parent.rmdir()


def publish(staged: Path, folder: Path) -> None:
    """Replace the results in ``folder`` by those in ``staged``, all of them or none.

    Parameters
    ----------
    staged
        Folder from `staging` with the complete files.
    folder
        The results folder.

    Raises
    ------
    ResultsError
        If they cannot be moved; the older results are then as they were.
    """
    with _explaining(folder):
        for path in (*staged.iterdir(), staged):
            _flush_to_disk(path)
        _rename_to_publishing(staged, folder)
        _finish_publishing(folder)


def _rename_to_publishing(staged: Path, folder: Path) -> None:
    for _ in range(_RETRIES):
        _finish_publishing(folder)
        try:
            staged.rename(folder / PUBLISHING)
        except OSError as error:  # another run published in between: it comes first
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
        else:
            _flush_to_disk(folder)
            return
    raise OSError(errno.EBUSY, "other runs keep publishing there")


def _finish_publishing(folder: Path) -> None:
    """Move published files into place; any number of processes may do so at once."""
    publishing = folder / PUBLISHING
    for name in FILES:
        with suppress(FileNotFoundError):  # moved by another process
            os.replace(publishing / name, folder / name)
    with suppress(OSError):  # not there, or the next run's already
        publishing.rmdir()


def _flush_to_disk(path: Path) -> None:
    if path.is_dir() and os.name != "posix":
        return  # folders cannot be opened there
    descriptor = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_scenario(staged: Path, text: str) -> None:
    """Write the scenario as it was simulated."""
    with _explaining(staged):
        (staged / SCENARIO_FILE).write_text(text, encoding="utf-8", newline="\n")


def write_summary(staged: Path, provenance: Mapping[str, Any], summary: Mapping[str, Any]) -> None:
    """Write ``summary.json``.

    Parameters
    ----------
    staged
        Folder from `staging`.
    provenance
        Attributes of the results; the scenario's text is left to its own file.
    summary
        Reported figures: mappings, sequences, arrays, text, numbers. What is not finite
        becomes null.
    """
    origin = {key: value for key, value in provenance.items() if key != "scenario"}
    document = {"summary_version": SUMMARY_VERSION, "provenance": origin, **summary}
    text = json.dumps(_plain(document), indent=2, ensure_ascii=False, allow_nan=False)
    with _explaining(staged):
        (staged / SUMMARY_FILE).write_text(text + "\n", encoding="utf-8", newline="\n")


def _plain(value: Any) -> Any:
    """Return the value in the types of JSON."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if hasattr(value, "__array__"):  # NumPy's and xarray's
        return _plain(np.asarray(value).tolist())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


# --- before the simulation -------------------------------------------------------------------


def check_space(folder: Path, size: int, draws: int = 1) -> None:
    """Raise a DiskError if the disk of ``folder`` has less free space than results take.

    Parameters
    ----------
    folder
        Where they will be.
    size
        Bytes that they take.
    draws
        That they hold; the message says how many fit.
    """
    free = shutil.disk_usage(folder).free
    if size > free:
        raise DiskError(
            f"The results may take {_in_bytes(size)}, and {folder} has {_in_bytes(free)} free: "
            f"{_fitting(free, size, draws)}. Simulate fewer, or choose a folder on a larger disk"
        )


def _in_bytes(size: int) -> str:
    return f"{size / _GB:,.1f} GB" if size >= _GB else f"{size / _MB:,.1f} MB"


def _fitting(free: int, size: int, draws: int) -> str:
    """Say how many of the draws the disk can take."""
    from gtmsim.results.layout import OVERHEAD_BYTES  # noqa: PLC0415  not needed where all fit

    part = (free - OVERHEAD_BYTES) / max(1, size - OVERHEAD_BYTES)
    fit = int(max(0.0, part) * draws)
    return f"about {fit:,} of the {draws:,} draws fit" if fit else "not one draw fits"


def _make_folder(folder: Path) -> list[Path]:
    """Make a folder and return those that were made, innermost first."""
    with _explaining(folder):  # even a look at it may be forbidden
        for path in (folder, *folder.parents):
            if path.exists() and not path.is_dir():
                raise ResultsError(f"{path} is a file; results need a folder. Choose another one")
        missing = [path for path in (folder, *folder.parents) if not path.exists()]
        folder.mkdir(parents=True, exist_ok=True)
    return missing


def _check_in_the_way(folder: Path) -> None:
    """Refuse to replace files that gtmsim did not write."""
    present = [name for name in FILES if (folder / name).exists()]
    if present and format_version(folder) is None:
        raise ResultsError(
            f"{folder} holds a {present[0]} that is not part of results of gtmsim, and it would "
            "be replaced. Choose another folder, or move it away"
        )


def _remove_abandoned(folder: Path) -> None:
    """Remove what killed runs of this machine left behind."""
    for partial in folder.glob(f"{PARTIAL}-{socket.gethostname()}-*"):
        pid = partial.name.split("-")[-2]
        if os.name == "posix" and not _is_running(int(pid)):
            shutil.rmtree(partial, ignore_errors=True)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def _explaining(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise unwritten(
            f"{folder} cannot be written: {error.strerror or error}. Choose another folder", error
        ) from error
