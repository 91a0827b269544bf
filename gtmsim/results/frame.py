"""A results file before its numbers: dimensions, coordinates, variables, attributes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import h5py
import numpy as np
from numpy.typing import DTypeLike, NDArray

from gtmsim.results.disk import DiskFile
from gtmsim.results.layout import INPUT_ATTRIBUTES, VARIABLES, Layout, Variable

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
    "tier": "Class of the ACV potential of the market's accounts",
    "stage": "Company stage",
    "input": "Uncertain input, by its path in the scenario",
}


@contextmanager
def created_file(
    disk: DiskFile, layout: Layout, start: date, attributes: Mapping[str, str | int]
) -> Iterator[h5py.File]:
    """Create a results file whose variables hold nothing yet, and keep it open for writing.

    It is NetCDF 4: HDF5 in which every dimension is a scale. h5py writes it directly, because
    h5netcdf takes three times as long, which is felt at every start.

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
    """
    with h5py.File(disk, "w", track_order=True, rdcc_nbytes=CHUNK_CACHE_BYTES) as file:
        file.attrs.update(attributes)
        _write_coordinates(file, layout, start)
        for variable in VARIABLES:
            _create_variable(file, layout, variable, str(attributes["currency"]))
        _create(file, "inputs", ("draw", "input"), np.float64, INPUT_ATTRIBUTES)
        yield file


def _create_variable(file: h5py.File, layout: Layout, variable: Variable, currency: str) -> None:
    dims = ("draw", "replication", *variable.dims)
    storage: dict[str, Any] = {}
    if 0 not in layout.shape(variable):  # a scenario without teams has nothing to compress
        storage = {
            "chunks": (*layout.cell, *layout.shape(variable)),
            "compression": "gzip",
            "compression_opts": COMPRESSION_LEVEL,
            "shuffle": True,
        }
    attrs = variable.attributes(currency)
    _create(file, variable.name, dims, variable.storage.dtype, attrs, **storage)


def _create(
    file: h5py.File,
    name: str,
    dims: Sequence[str],
    dtype: DTypeLike,
    attrs: Mapping[str, str],
    **storage: Any,
) -> None:
    scales = [file[dim] for dim in dims]
    shape = tuple(len(scale) for scale in scales)
    variable = file.create_dataset(name, shape, dtype, track_order=True, **storage)
    variable.attrs.update(attrs)
    for axis, scale in enumerate(scales):
        h5py.h5ds.attach_scale(variable.id, scale.id, axis)


def _write_coordinates(file: h5py.File, layout: Layout, start: date) -> None:
    numbered = {"draw": range(layout.draws), "replication": range(layout.replications)}
    for number, (dim, labels) in enumerate({**numbered, **layout.labels}.items()):
        scale = file.create_dataset(dim, data=_array(labels), track_order=True)
        scale.attrs["long_name"] = _LONG_NAMES[dim]
        scale.make_scale(dim)
        scale.attrs["_Netcdf4Dimid"] = np.int32(number)  # the order of dimensions
    segments, names = layout.funnel_parts
    _write_labels(file, "funnel_stage", "funnel_segment", segments, "Segment of the stage")
    _write_labels(file, "funnel_stage", "motion_stage", names, "Name of the stage in its motion")
    closers = layout.closing_teams
    _write_labels(file, "segment", "closing_team", closers, "Team that closes the segment's deals")
    _write_dates(file, [month_end(start, month) for month in layout.labels["month"]])
    file.attrs["coordinates"] = "date funnel_segment motion_stage closing_team"


def _write_labels(
    file: h5py.File, dim: str, name: str, labels: Sequence[str], long_name: str
) -> None:
    attrs = {"long_name": long_name}
    _create(file, name, (dim,), h5py.string_dtype(), attrs, data=_array(labels))


def _write_dates(file: h5py.File, ends: Sequence[date]) -> None:
    attrs = {
        "long_name": "Last day of the month",
        "units": f"days since {EPOCH.isoformat()}",
        "calendar": "proleptic_gregorian",
    }
    days = np.array([(end - EPOCH).days for end in ends])
    _create(file, "date", ("month",), np.int64, attrs, data=days)


def _array(labels: Sequence[Any]) -> NDArray[Any]:
    """Labels as they are stored: a range as whole numbers, others as text."""
    if isinstance(labels, range):
        return np.array(labels, np.int64)
    return np.array(labels, h5py.string_dtype())


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
