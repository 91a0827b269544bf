"""The compiled engine's face: a block of replications, or the trace of one."""

from typing import NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from gtmsim.draws.keys import replication_key
from gtmsim.engines.block import (
    Block,
    Ledger,
    books_at,
    new_block,
    whole_ledger,
)
from gtmsim.engines.compiled.handles import handle
from gtmsim.engines.compiled.ledger import entries
from gtmsim.engines.compiled.replication import World, play
from gtmsim.engines.compiled.terms import Terms, terms_of
from gtmsim.engines.compiled.workspace import OK, Capacity, new_workspace
from gtmsim.errors import Interrupted
from gtmsim.plan import Plan
from gtmsim.plan.structure import Ints, Structure, Values
from gtmsim.rules.state import Books, fill_tables, new_books, new_state, new_tables

Tables = TypeVar("Tables", Structure, Values)

_learnt: WeakKeyDictionary[Plan, Capacity] = WeakKeyDictionary()
"""Sizes that the plans at hand came to need: a block that began with smaller ones would play its
first replication once more for every doubling. No book depends on them."""


class Numbers(NamedTuple):
    """The numbers of one draw as handles, ready for the kernels."""

    values: Values
    terms: Terms


class Player:
    """Plays replications of a Plan, one after the other, in one workspace that grows as needed."""

    def __init__(self, structure: Structure, capacity: Capacity) -> None:
        self._plain = _plain(structure)
        self._structure = handle(self._plain)
        self._state = handle(new_state(structure))
        self.capacity = capacity
        self.workspace = handle(new_workspace(structure, capacity))

    @property
    def ledger(self) -> Ledger:
        """Entries of the replication played last, as they came."""
        return entries(self.workspace.log)

    def numbers(self, values: Values) -> Numbers:
        """Make the numbers of a draw ready."""
        values = _plain(values)
        tables = new_tables(values)
        fill_tables(values.table_specs, tables)
        return Numbers(handle(values), handle(terms_of(self._plain, values, tables)))

    def world(self, numbers: Numbers, books: Books) -> World:
        """Handle of all that the kernels of a replication share."""
        own = (self._state, self.workspace, handle(books))
        return handle(World(self._structure, *numbers, *own))

    def play(self, numbers: Numbers, seed: int, draw: int, replication: int, books: Books) -> None:
        """Play a replication into ``books``."""
        k0, k1 = replication_key(seed, draw, replication)
        while True:
            code = play(k0, k1, self.world(numbers, books))
            if code == OK:
                return
            self.capacity = self.capacity.grown(code)
            self.workspace = handle(new_workspace(self._plain, self.capacity))


def simulate_block(
    plan: Plan,
    values: tuple[Values, ...],
    seed: int,
    draws: range,
    replications: range,
    stop: Ints,
) -> Block:
    """Simulate a rectangle of draws and replications.

    Parameters
    ----------
    plan
        What to simulate.
    values
        Numbers of each draw in ``draws``.
    seed
        0 to 2**64 - 1.
    draws, replications
        Ordinals; a replication is the same in whatever block it is simulated.
    stop
        Shape (1,); not 0 once the user asks to stop, read before every replication.

    Raises
    ------
    Interrupted
        If ``stop`` was set.
    """
    block = new_block(plan.structure, draws, replications)
    player = Player(plan.structure, _learnt.get(plan, Capacity()))
    for i, draw in enumerate(draws):
        numbers = player.numbers(values[i])
        for j, replication in enumerate(replications):
            if stop[0] != 0:
                raise Interrupted("stopped by the user")
            player.play(numbers, seed, draw, replication, books_at(block, i, j))
    _learnt[plan] = player.capacity.or_larger(_learnt.get(plan, Capacity()))
    return block


def trace(
    plan: Plan, values: Values, seed: int, draw: int, replication: int
) -> tuple[Books, Ledger]:
    """Simulate one replication and keep its ledger.

    Parameters
    ----------
    plan, values
        What to simulate, and the numbers of the draw.
    seed, draw, replication
        Which replication; its books are those of `simulate_block`.

    Returns
    -------
    (books, ledger)
        The ledger is that of `whole_ledger`.
    """
    player = Player(plan.structure, Capacity(ledger=1 << 16))
    books = new_books(plan.structure)
    player.play(player.numbers(values), seed, draw, replication, books)
    return books, whole_ledger(player.ledger, books)


def _plain(tables: Tables) -> Tables:
    """Tables as the kernels were compiled for: contiguous and writable, whatever they come as."""
    return type(tables)(*(np.require(table, requirements=["C", "W"]) for table in tables))
