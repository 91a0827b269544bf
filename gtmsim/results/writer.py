"""Write blocks of books into one NetCDF file as they come.

Memory is bounded by the cells that are open, not by the number of replications; the bytes of the
file do not depend on how the work was cut, as long as blocks come in order.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from itertools import product
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray

from gtmsim.engines.block import Block
from gtmsim.errors import OutgrownError
from gtmsim.plan.structure import Floats, Ints
from gtmsim.results.disk import DiskFile
from gtmsim.results.frame import created_file
from gtmsim.results.layout import VARIABLES, Layout, Variable


class Cell(NamedTuple):
    """A cell that waits for its last replications."""

    arrays: tuple[Ints, ...]
    """One per variable."""
    missing: NDArray[np.bool_]
    """(draws, replications) of the cell that have not come yet."""


@contextmanager
def writing(
    path: Path, layout: Layout, start: date, attributes: Mapping[str, str | int]
) -> Iterator["ResultsWriter"]:
    """Write a results file; it is complete when the ``with`` block has ended without an error.

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
        If it cannot be written, at the start, during a ``write`` or at the end.
    """
    with DiskFile(path) as disk:
        with created_file(disk, layout, start, attributes) as file:
            yield ResultsWriter(disk, file, layout)
        disk.check()


class ResultsWriter:
    """Takes blocks into a results file; see `writing`."""

    def __init__(self, disk: DiskFile, file: h5py.File, layout: Layout) -> None:
        self._disk = disk
        self._file = file
        self._layout = layout
        self._cells: dict[tuple[int, int], Cell] = {}

    def write(self, block: Block, inputs: Floats) -> None:
        """Add a block.

        Parameters
        ----------
        block
            Any rectangle of replications that has not been written.
        inputs
            Inputs of its draws, shape (draws, inputs).
        """
        if inputs.size:
            self._file["inputs"][_slice(block.draws)] = inputs
        for index in _cells_of(_extent_of(block), self._layout):
            self._fill(index, block)
        self._disk.check()

    def copy(self, older: h5py.File, draws: int) -> None:
        """Add the first draws from an older file, which has fewer of them and is alike else.

        Parameters
        ----------
        older
            Results file.
        draws
            Number of its draws.
        """
        if "inputs" in older and self._file["inputs"].size:
            self._file["inputs"][:draws] = older["inputs"][:draws]
        held = range(draws), range(self._layout.replications)
        for index in _cells_of(held, self._layout):
            self._fill_from(index, older, held[0])
            self._disk.check()

    def _fill(self, index: tuple[int, int], block: Block) -> None:
        draws, replications = _extent(index, self._layout)
        cell = self._cell(index)
        shared = _overlap(block.draws, draws), _overlap(block.replications, replications)
        source = tuple(_slice(s, b.start) for s, b in zip(shared, _extent_of(block), strict=True))
        target = _slice(shared[0], draws.start), _slice(shared[1], replications.start)
        for variable, array in zip(VARIABLES, cell.arrays, strict=True):
            array[target] = narrowed(variable, variable.numbers(block)[source])
        self._filled(index, cell, target)

    def _fill_from(self, index: tuple[int, int], older: h5py.File, held: range) -> None:
        draws, replications = _extent(index, self._layout)
        cell = self._cell(index)
        shared = _overlap(held, draws)
        target = _slice(shared, draws.start), slice(None)
        for variable, array in zip(VARIABLES, cell.arrays, strict=True):
            if array.size:
                array[target] = older[variable.name][_slice(shared), _slice(replications)]
        self._filled(index, cell, target)

    def _cell(self, index: tuple[int, int]) -> Cell:
        return self._cells.pop(index, None) or _new_cell(
            *_extent(index, self._layout), self._layout
        )

    def _filled(self, index: tuple[int, int], cell: Cell, target: tuple[slice, slice]) -> None:
        """Note what has come; write the cell when it is whole."""
        draws, replications = _extent(index, self._layout)
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
    OutgrownError
        If one does not fit.
    """
    stored = numbers.astype(variable.storage.dtype)
    if not np.array_equal(stored, numbers):
        limit = np.iinfo(stored.dtype).max
        raise OutgrownError(
            f"{variable.name} reaches {numbers.max():,}, and a results file holds at most "
            f"{limit:,} of it a month; simulate a smaller company"
        )
    return stored


def _extent_of(block: Block) -> tuple[range, range]:
    return block.draws, block.replications


def _cells_of(extents: tuple[range, range], layout: Layout) -> Iterator[tuple[int, int]]:
    """Return the indices of the cells that draws and replications touch."""
    touched = (
        range(extent.start // size, (extent.stop - 1) // size + 1)
        for extent, size in zip(extents, layout.cell, strict=True)
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
