"""A simulation spread over a cluster: every worker writes its blocks to a store in the folder.

The store is cut by the sizes of the simulation alone, not by the cluster: so a run that was killed
goes on with any other cluster, and its results file is that of one process, byte for byte.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from math import ceil
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from gtmsim.engines.block import Block
from gtmsim.errors import ClusterError, Interrupted, ResultsError
from gtmsim.plan.structure import Structure
from gtmsim.results.layout import Layout
from gtmsim.results.zarr_store import (
    BlockStore,
    Field,
    OtherStoreError,
    open_store,
    read_store,
)
from gtmsim.rules.state import Books, new_books
from gtmsim.settings import ENGINES
from gtmsim.simulation.blocks import Rectangle
from gtmsim.simulation.cluster import check_versions, connected, make_ready_once, versions
from gtmsim.simulation.runner import Simulated, Task

STORE = ".blocks.zarr"
"""In the results folder, until the results are there."""
_GONE = f"{STORE}.gone-"
INPUTS = "inputs"
FEWEST_BLOCKS = 64
"""A small simulation is cut into so many where it has them, so that many workers have work."""


@dataclass(frozen=True)
class Cut:
    """How all replications are cut into blocks of one size, but for the last ones.

    Attributes
    ----------
    draws
        Ordinals of the draws.
    replications
        Number of replications per draw.
    block_draws, block_replications
        The same of a block.
    """

    draws: range
    replications: int
    block_draws: int
    block_replications: int

    @property
    def blocks(self) -> int:
        """Number of blocks."""
        return ceil(len(self.draws) / self.block_draws) * self._per_draw

    @property
    def _per_draw(self) -> int:
        return ceil(self.replications / self.block_replications)

    def rectangle(self, number: int) -> Rectangle:
        """Draws and replications of a block; they follow each other as the results file does."""
        row, column = divmod(number, self._per_draw)
        first, replication = row * self.block_draws, column * self.block_replications
        return Rectangle(
            self.draws[first : first + self.block_draws],
            range(replication, min(replication + self.block_replications, self.replications)),
        )


def cut_of(layout: Layout, draws: range) -> Cut:
    """Cut some draws of a simulation by the cells of its results file, or smaller."""
    cell_draws, replications = layout.cell
    few = max(1, ceil(len(draws) / FEWEST_BLOCKS))
    return Cut(draws, layout.replications, min(cell_draws, few), replications)


@dataclass(frozen=True)
class BlockJob:
    """Simulates a block and writes it into the store."""

    store: str
    task: Task
    cut: Cut
    engine: str
    versions: str

    def __call__(self, number: int, own: Any) -> None:
        """Do it, unless another worker has."""
        check_versions(self.versions)
        store = read_store(Path(self.store))
        if store.is_done(number):
            return
        make_ready_once(import_module(ENGINES[self.engine].module).make_ready)
        simulated = self.task(self.cut.rectangle(number), np.zeros(1, np.int64))
        store.write(number, _padded(simulated, self.cut))


def spread(  # noqa: PLR0913  all that a simulation and its cluster are
    task: Task,
    structure: Structure,
    n_inputs: int,
    cut: Cut,
    folder: Path,
    attributes: Mapping[str, Any],
    *,
    address: str,
    engine: str,
    progress: Callable[[int], None] | None,
    sink: Callable[[Simulated], None],
) -> None:
    """Simulate the blocks that are not done yet on a cluster, and hand all of them on.

    Parameters
    ----------
    task
        Simulates a rectangle of replications.
    structure
        Of the plan: the shapes of its books.
    n_inputs
        Number of its uncertain inputs.
    cut
        Into blocks.
    folder
        The results folder, which exists on every machine of the cluster.
    attributes
        Of the results: all that decides their numbers.
    address
        Of the cluster, see `connected`.
    engine
        Key of ``ENGINES``.
    progress
        Called with the number of replications done, those of earlier runs among them.
    sink
        Receives the blocks in order, in the calling thread, once all are done.

    Raises
    ------
    Interrupted
        If the user pressed Ctrl-C; blocks that are done stay.
    ClusterError
        If the cluster cannot be used.
    SimulationError
        If it went away.
    """
    about = {**attributes, "block": [cut.block_draws, cut.block_replications]}
    fields = _fields(structure, cut, n_inputs)
    store = _opened(folder.resolve() / STORE, cut, fields, about)
    store.damaged()  # are not done from now on
    missing = [int(number) for number in np.flatnonzero(~store.done())]
    done = cut.draws.stop * cut.replications - sum(cut.rectangle(n).size for n in missing)

    def count(number: int) -> None:
        nonlocal done
        done += cut.rectangle(number).size
        if progress:
            progress(done)

    try:
        if missing:
            job = BlockJob(str(store.path), task, cut, engine, versions())
            with connected(address, folder) as cluster:
                cluster.each(job, dict.fromkeys(missing), count)
        _gather(store, cut, sink)
    except (Interrupted, KeyboardInterrupt):
        n_done = int(store.done().sum())
        raise Interrupted(
            f"Stopped; {n_done} of {store.size} blocks are kept in {folder}. "
            "The same command goes on from there"
        ) from None
    except ClusterError:
        if store.is_new and not store.done().any():
            store.remove()
        raise


def _opened(
    path: Path, cut: Cut, fields: Sequence[Field], attributes: Mapping[str, Any]
) -> BlockStore:
    """Open the store of a simulation; blocks of another one that was stopped are not for it."""
    try:
        return open_store(path, cut.blocks, fields, attributes)
    except OtherStoreError as error:
        raise ResultsError(
            f"{path} holds blocks of another run that was stopped: {error.differences}. Give its "
            f"command again to go on with it, or remove {path} to give it up, or choose another "
            "folder"
        ) from error


def _gather(store: BlockStore, cut: Cut, sink: Callable[[Simulated], None]) -> None:
    """Hand on all blocks of a store in order."""
    for number in range(store.size):
        sink(_bare(store.read(number), cut.rectangle(number)))


def remove(folder: Path) -> None:
    """Remove the store from a results folder, once the results are there.

    It is renamed first: no worker that comes late finds half a store, nor goes on writing to it.
    """
    with suppress(OSError):
        (folder / STORE).rename(folder / f"{_GONE}{uuid4().hex}")
    for gone in folder.glob(f"{_GONE}*"):
        shutil.rmtree(gone, ignore_errors=True)


def _fields(structure: Structure, cut: Cut, n_inputs: int) -> list[Field]:
    books = new_books(structure)._asdict()
    leading = (cut.block_draws, cut.block_replications)
    fields = [
        Field(name, ("draw", "replication", *_dims(book.ndim)), (*leading, *book.shape), book.dtype)
        for name, book in books.items()
    ]
    return [*fields, Field(INPUTS, ("draw", "input"), (cut.block_draws, n_inputs), np.float64)]


def _dims(n: int) -> tuple[str, ...]:
    return tuple(f"axis_{i}" for i in range(n))


def _padded(simulated: Simulated, cut: Cut) -> dict[str, np.ndarray]:
    """Arrays of a block in the size of a whole one; the last blocks end with zeros."""
    block, inputs = simulated
    arrays: dict[str, np.ndarray] = {}
    for name, book in block.books._asdict().items():
        whole = np.zeros((cut.block_draws, cut.block_replications, *book.shape[2:]), book.dtype)
        whole[: book.shape[0], : book.shape[1]] = book
        arrays[name] = whole
    arrays[INPUTS] = np.zeros((cut.block_draws, inputs.shape[1]))
    arrays[INPUTS][: len(inputs)] = inputs
    return arrays


def _bare(arrays: Mapping[str, np.ndarray], rectangle: Rectangle) -> Simulated:
    """Return a block without what it was padded with."""
    draws, replications = rectangle
    n, m = len(draws), len(replications)
    books = Books(*(arrays[name][:n, :m] for name in Books._fields))
    return Simulated(Block(draws, replications, books), arrays[INPUTS][:n])
