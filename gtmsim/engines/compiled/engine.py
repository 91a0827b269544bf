"""The compiled engine's face: a block of replications, or the trace of one."""

from collections.abc import Iterator
from contextlib import contextmanager
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
from gtmsim.engines.compiled.workspace import OK, Capacity, Closing, new_workspace
from gtmsim.errors import CapacityError, Interrupted, OutgrownError
from gtmsim.plan import Plan
from gtmsim.plan.names import Names
from gtmsim.plan.structure import Ints, Structure, Values
from gtmsim.rules.state import Books, fill_tables, new_books, new_state, new_tables
from gtmsim.vocabulary import CompanyAccount

Tables = TypeVar("Tables", Structure, Values)

_learnt: WeakKeyDictionary[Plan, Capacity] = WeakKeyDictionary()
"""Sizes that the plans at hand came to need: a block that began with smaller ones would play its
first replication once more for every doubling. No book depends on them."""


_GO_ON = np.zeros(1, np.int64)


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

    def play(
        self,
        numbers: Numbers,
        seed: int,
        draw: int,
        replication: int,
        books: Books,
        stop: Ints = _GO_ON,
    ) -> None:
        """Play a replication into ``books``, in a workspace that is doubled until it is enough.

        Raises
        ------
        Interrupted
            If ``stop`` was set.
        CapacityError
            If it outgrows every workspace.
        """
        k0, k1 = replication_key(seed, draw, replication)
        while True:
            if stop[0] != 0:
                raise Interrupted("stopped by the user")
            code = play(k0, k1, self.world(numbers, books))
            if code == OK:
                return
            self.capacity = self.capacity.grown(code)
            self.workspace = handle(new_workspace(self._plain, self.capacity))

    def outgrown_by(self, names: Names, books: Books) -> str:
        """Say where a replication stood when it had outgrown the workspace."""
        closed = np.flatnonzero(books.company[:, CompanyAccount.CASH])
        month = int(closed[-1]) + 2 if len(closed) else 1
        stream = names.streams[int(np.argmax(self._state.intensity))]
        customers = self.workspace.customers.closing[:, Closing.CUSTOMERS]
        segment = names.segments[int(np.argmax(customers))]
        return (
            f"in month {month}; most leads come from channel {stream.channel} for {stream.segment},"
            f" most customers are in {segment} ({customers.max():,})"
        )


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
        Shape (1,); not 0 once the user asks to stop, read before every replication, and whenever
        one is played again in a larger workspace.

    Raises
    ------
    Interrupted
        If ``stop`` was set.
    OutgrownError
        If a replication outgrows every workspace.
    """
    block = new_block(plan.structure, draws, replications)
    player = Player(plan.structure, _learnt.get(plan, Capacity()))
    for i, draw in enumerate(draws):
        numbers = player.numbers(values[i])
        for j, replication in enumerate(replications):
            books = books_at(block, i, j)
            with _outgrowing(player, plan.names, books):
                player.play(numbers, seed, draw, replication, books, stop)
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
    with _outgrowing(player, plan.names, books):
        player.play(player.numbers(values), seed, draw, replication, books)
    return books, whole_ledger(player.ledger, books)


@contextmanager
def _outgrowing(player: Player, names: Names, books: Books) -> Iterator[None]:
    """Say of a replication that outgrows every workspace where it stood."""
    try:
        yield
    except CapacityError as error:
        where = player.outgrown_by(names, books)
        raise OutgrownError(f"{error}. It was {where}") from error


def _plain(tables: Tables) -> Tables:
    """Tables as the kernels were compiled for: contiguous and writable, whatever they come as."""
    return type(tables)(*(np.require(table, requirements=["C", "W"]) for table in tables))
