"""A results file before its numbers: dimensions, coordinates, variables, attributes."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import h5netcdf
import h5py
import numpy as np

from gtmsim.results.disk import DiskFile
from gtmsim.results.layout import VARIABLES, Layout, Variable

EPOCH = date(1970, 1, 1)
COMPRESSION_LEVEL = 1  # higher levels are several times slower for a few per cent of size
CHUNK_CACHE_BYTES = 1 << 16  # per variable; a cell is written once, nothing is read back

_LONG_NAMES = {
    "draw": "Draw of the uncertain inputs",
    "replication": "Replication of a draw, with luck of its own",
    "month": "Month of the scenario, 1 the first",
    "segment": "Segment",
    "channel": "Channel; the last is the opening position's",
    "funnel_stage": "Stage of a segment's motion",
    "team": "Team",
    "cohort": "Year in which service first started; 0 the opening customers",
    "stage": "Company stage",
    "input": "Uncertain input, by its path in the scenario",
}


def create_file(
    disk: DiskFile, layout: Layout, start: date, attributes: Mapping[str, str | int]
) -> h5netcdf.File:
    """Create a results file whose variables hold nothing yet.

    Parameters
    ----------
    disk
        The file on the disk.
    layout
        Its sizes.
    start
        First day of month 1.
    attributes
        Of the whole file; ``currency`` is needed.

    Returns
    -------
    h5netcdf.File
        Open for writing.
    """
    file = h5netcdf.File(disk, "w", rdcc_nbytes=CHUNK_CACHE_BYTES)
    try:
        _fill_frame(file, layout, start, attributes)
    except BaseException:  # Ctrl-C too: left open, HDF5 would complain when Python ends
        file.close()
        raise
    return file


def _fill_frame(
    file: h5netcdf.File, layout: Layout, start: date, attributes: Mapping[str, str | int]
) -> None:
    file.dimensions = dict(layout.sizes)
    file.attrs.update(attributes)
    _write_coordinates(file, layout, start)
    for variable in VARIABLES:
        _create_variable(file, layout, variable, str(attributes["currency"]))
    inputs = file.create_variable("inputs", ("draw", "input"), np.float64)
    inputs.attrs["long_name"] = "Values of the uncertain inputs"
    inputs.attrs["units"] = "as in the scenario"


def _create_variable(
    file: h5netcdf.File, layout: Layout, variable: Variable, currency: str
) -> None:
    dims = ("draw", "replication", *variable.dims)
    storage: dict[str, Any] = {}
    if 0 not in layout.shape(variable):  # a scenario without teams has nothing to compress
        storage = {
            "chunks": (*layout.cell, *layout.shape(variable)),
            "compression": "gzip",
            "compression_opts": COMPRESSION_LEVEL,
            "shuffle": True,
        }
    created = file.create_variable(variable.name, dims, variable.storage.dtype, **storage)
    created.attrs["long_name"] = variable.account.long_name
    created.attrs["units"] = variable.storage.units.format(currency=currency)
    created.attrs["kind"] = variable.account.kind


def _write_coordinates(file: h5netcdf.File, layout: Layout, start: date) -> None:
    numbered = {"draw": range(layout.draws), "replication": range(layout.replications)}
    for dim, labels in {**numbered, **layout.labels}.items():
        _write_labels(file, dim, dim, labels, _LONG_NAMES[dim])
    stages = [label.split(".", 1) for label in layout.labels["funnel_stage"]]
    segments, names = zip(*stages, strict=True)
    _write_labels(file, "funnel_segment", "funnel_stage", segments, "Segment of the stage")
    _write_labels(file, "motion_stage", "funnel_stage", names, "Name of the stage in its motion")
    _write_dates(file, [month_end(start, month) for month in layout.labels["month"]])
    file.attrs["coordinates"] = "date funnel_segment motion_stage"


def _write_labels(
    file: h5netcdf.File, name: str, dim: str, labels: Sequence[Any], long_name: str
) -> None:
    """Write the labels along a dimension: a range as whole numbers, others as text."""
    is_range = isinstance(labels, range)
    variable = file.create_variable(name, (dim,), np.int64 if is_range else h5py.string_dtype())
    variable.attrs["long_name"] = long_name
    if labels:
        variable[:] = np.array(labels, np.int64 if is_range else object)


def _write_dates(file: h5netcdf.File, ends: Sequence[date]) -> None:
    variable = file.create_variable("date", ("month",), np.int64)
    variable.attrs["long_name"] = "Last day of the month"
    variable.attrs["units"] = f"days since {EPOCH.isoformat()}"
    variable.attrs["calendar"] = "proleptic_gregorian"
    variable[:] = np.array([(end - EPOCH).days for end in ends])


def month_end(start: date, month: int) -> date:
    """Last day of a month of the scenario.

    Parameters
    ----------
    start
        First day of month 1.
    month
        1 the first.
    """
    following = _first_of_month(start.year * 12 + start.month - 1 + month)
    after_it = _first_of_month(following.year * 12 + following.month)
    day = min(start.day, (after_it - following).days)
    return date.fromordinal(following.toordinal() + day - 2)


def _first_of_month(months: int) -> date:
    """First day of a month, by the months since January of the year 0."""
    return date(months // 12, months % 12 + 1, 1)
