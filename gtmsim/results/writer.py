"""Write blocks of books into one NetCDF file as they come.

Memory is bounded by the cells that are open, not by the number of replications; the bytes of the
file do not depend on how the work was cut, as long as blocks come in order.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from itertools import product
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import h5netcdf
import h5py
import numpy as np
from numpy.typing import NDArray

from gtmsim.engines.block import Block
from gtmsim.errors import CapacityError, ResultsError
from gtmsim.plan.structure import Floats, Ints
from gtmsim.results.layout import VARIABLES, Layout, Variable

EPOCH = date(1970, 1, 1)
CHUNK_CACHE_BYTES = 1 << 16  # per variable; a cell is written once, so nothing is read back
COMPRESSION_LEVEL = 1  # higher levels are several times slower for a few per cent of size

_COORDINATES = {
    "draw": "Draw of the uncertain inputs",
    "replication": "Replication of a draw, with its own luck",
    "month": "Month of the scenario, 1 the first",
    "segment": "Segment",
    "channel": "Channel; the last is the opening position's",
    "funnel_stage": "Stage of a segment's motion",
    "team": "Team",
    "cohort": "Year in which service first started, 0 the opening customers",
    "stage": "Company stage",
    "input": "Uncertain input, by its path in the scenario",
}


class Cell(NamedTuple):
    """A cell that waits for its last replications."""

    arrays: tuple[Ints, ...]
    """One per variable."""
    missing: NDArray[np.bool_]
    """(draws, replications) of the cell that have not come yet."""


class ResultsWriter:
    """Writer of one results file; closes it when the ``with`` block ends.

    Parameters
    ----------
    path
        File to create.
    layout
        Its sizes.
    start
        First day of month 1.
    attributes
        Attributes of the whole file, see ``gtmsim.results.provenance``.

    Raises
    ------
    ResultsError
        If the file cannot be written, from every method.
    """

    def __init__(
        self, path: Path, layout: Layout, start: date, attributes: Mapping[str, str | int]
    ) -> None:
        self._path = path
        self._layout = layout
        self._cells: dict[tuple[int, int], Cell] = {}
        with _explaining(path):
            self._file = h5netcdf.File(path, "w", rdcc_nbytes=CHUNK_CACHE_BYTES)
            self._file.dimensions = dict(layout.sizes)
            self._file.attrs.update(attributes)
            _write_coordinates(self._file, layout, start)
            _create_variables(self._file, layout)

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the file; what goes wrong in doing so does not hide an earlier error."""
        try:
            with _explaining(self._path):
                self._file.close()
        except ResultsError:
            if error is None:
                raise

    def write(self, block: Block, inputs: Floats) -> None:
        """Add a block.

        Parameters
        ----------
        block
            Any rectangle of replications that has not been written.
        inputs
            Inputs of its draws, shape (draws, inputs).
        """
        with _explaining(self._path):
            if inputs.size:
                self._file["inputs"][_slice(block.draws)] = inputs
            for index in _cells_of(block, self._layout):
                self._fill(index, block)

    def _fill(self, index: tuple[int, int], block: Block) -> None:
        draws, replications = _extent(index, self._layout)
        cell = self._cells.pop(index, None) or _new_cell(draws, replications, self._layout)
        shared = _overlap(block.draws, draws), _overlap(block.replications, replications)
        source = tuple(_slice(s, b.start) for s, b in zip(shared, _extent_of(block), strict=True))
        target = _slice(shared[0], draws.start), _slice(shared[1], replications.start)
        for variable, array in zip(VARIABLES, cell.arrays, strict=True):
            array[target] = narrowed(variable, _numbers(variable, block)[source])
        cell.missing[target] = False
        if cell.missing.any():
            self._cells[index] = cell
        else:
            self._flush(_slice(draws), _slice(replications), cell)

    def _flush(self, draws: slice, replications: slice, cell: Cell) -> None:
        for variable, array in zip(VARIABLES, cell.arrays, strict=True):
            if array.size:
                self._file[variable.name][draws, replications] = array


def narrowed(variable: Variable, numbers: Ints) -> Ints:
    """Numbers in the type in which the file holds them.

    Raises
    ------
    CapacityError
        If one does not fit.
    """
    stored = numbers.astype(variable.storage.dtype)
    if not np.array_equal(stored, numbers):
        limit = np.iinfo(stored.dtype).max
        raise CapacityError(
            f"{variable.name} reaches {numbers.max():,}, and a results file holds at most "
            f"{limit:,} of it a month; simulate a smaller company"
        )
    return stored


@contextmanager
def _explaining(path: Path) -> Iterator[None]:
    """Turn what the operating system says about a file into a message for the user."""
    try:
        yield
    except (OSError, RuntimeError) as error:  # h5py raises both for a failed write
        raise ResultsError(
            f"{path} could not be written: {error}. Is the disk full? "
            "Earlier results are as they were."
        ) from error


def _create_variables(file: h5netcdf.File, layout: Layout) -> None:
    for variable in VARIABLES:
        dims = ("draw", "replication", *variable.dims)
        shape = layout.shape(variable)
        created = _create(file, variable.name, dims, variable.storage.dtype, layout.cell, shape)
        created.attrs["long_name"] = variable.account.long_name
        created.attrs["units"] = variable.storage.units.format(currency=file.attrs["currency"])
        created.attrs["kind"] = variable.account.kind
    inputs = file.create_variable("inputs", ("draw", "input"), np.float64)
    inputs.attrs["long_name"] = "Values of the uncertain inputs, in the units of the scenario"
    inputs.attrs["units"] = "as in the scenario"


def _create(
    file: h5netcdf.File,
    name: str,
    dims: tuple[str, ...],
    dtype: object,
    cell: tuple[int, int],
    shape: tuple[int, ...],
) -> h5netcdf.Variable:
    if 0 in shape:  # a scenario without teams, say
        return file.create_variable(name, dims, dtype)
    return file.create_variable(
        name,
        dims,
        dtype,
        chunks=(*cell, *shape),
        compression="gzip",
        compression_opts=COMPRESSION_LEVEL,
        shuffle=True,
    )


def _write_coordinates(file: h5netcdf.File, layout: Layout, start: date) -> None:
    labels = {"draw": range(layout.draws), "replication": range(layout.replications)}
    for dim, along in {**labels, **layout.labels}.items():
        _write_labels(file, dim, dim, along, _COORDINATES[dim])
    stages = [label.split(".", 1) for label in map(str, layout.labels["funnel_stage"])]
    _write_labels(
        file, "funnel_segment", "funnel_stage", [s for s, _ in stages], "Segment of the stage"
    )
    _write_labels(
        file, "motion_stage", "funnel_stage", [s for _, s in stages], "Name within its motion"
    )
    ends = [(month_end(start, month) - EPOCH).days for month in layout.labels["month"]]
    _write_labels(file, "date", "month", ends, "Last day of the month")
    file["date"].attrs["units"] = f"days since {EPOCH.isoformat()}"
    file["date"].attrs["calendar"] = "proleptic_gregorian"
    file.attrs["coordinates"] = "date funnel_segment motion_stage"


def _write_labels(file: h5netcdf.File, name: str, dim: str, labels: object, long_name: str) -> None:
    values = list(labels)  # type: ignore[call-overload]
    text = bool(values) and isinstance(values[0], str)
    dtype = h5py.string_dtype() if text else np.int64
    variable = file.create_variable(name, (dim,), dtype)
    variable.attrs["long_name"] = long_name
    if values:
        variable[:] = np.array(values, object if text else np.int64)


def month_end(start: date, month: int) -> date:
    """Last day of a month of the scenario.

    Parameters
    ----------
    start
        First day of month 1.
    month
        1 the first.
    """
    years, months = divmod(start.month - 1 + month, 12)
    following = date(start.year + years, months + 1, 1)
    day = min(start.day, _days_in(following)) - 1
    return date.fromordinal(following.toordinal() + day - 1)


def _days_in(first: date) -> int:
    years, months = divmod(first.month, 12)
    return (date(first.year + years, months + 1, 1) - first).days


def _numbers(variable: Variable, block: Block) -> Ints:
    """Numbers of a variable in a block, shape (draws, replications, *variable's)."""
    book: Ints = getattr(block.books, variable.book)[..., variable.column]
    return book if variable.month is None else book[:, :, variable.month]


def _extent_of(block: Block) -> tuple[range, range]:
    return block.draws, block.replications


def _cells_of(block: Block, layout: Layout) -> Iterator[tuple[int, int]]:
    """Return the indices of the cells that a block touches."""
    touched = (
        range(extent.start // size, (extent.stop - 1) // size + 1)
        for extent, size in zip(_extent_of(block), layout.cell, strict=True)
    )
    return product(*touched)  # type: ignore[return-value]


def _extent(index: tuple[int, int], layout: Layout) -> tuple[range, range]:
    """Draws and replications of a cell; the last ones are smaller."""
    starts = [i * size for i, size in zip(index, layout.cell, strict=True)]
    draws = range(starts[0], min(starts[0] + layout.cell[0], layout.draws))
    return draws, range(starts[1], min(starts[1] + layout.cell[1], layout.replications))


def _new_cell(draws: range, replications: range, layout: Layout) -> Cell:
    leading = len(draws), len(replications)
    arrays = tuple(
        np.empty((*leading, *layout.shape(variable)), variable.storage.dtype)
        for variable in VARIABLES
    )
    return Cell(arrays, np.ones(leading, np.bool_))


def _overlap(a: range, b: range) -> range:
    return range(max(a.start, b.start), min(a.stop, b.stop))


def _slice(extent: range, origin: int = 0) -> slice:
    return slice(extent.start - origin, extent.stop - origin)
