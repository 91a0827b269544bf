"""One replication, month by month."""

from typing import NamedTuple

import numpy as np

from gtmsim.engines.compiled.agenda import begin_month, has_room
from gtmsim.engines.compiled.arrivals import arrive
from gtmsim.engines.compiled.customers import MONTH, advance, find_due, measure
from gtmsim.engines.compiled.opening import open_pipeline, open_position
from gtmsim.engines.compiled.sellers import close_desks, work
from gtmsim.engines.compiled.terms import Terms
from gtmsim.engines.compiled.workspace import AGENDA_FULL, LEDGER_FULL, OK, Log, Workspace, clear
from gtmsim.jit import kernel, lean
from gtmsim.plan.structure import CompanyInt, Structure, Values
from gtmsim.rules.boundary import close_month, open_month
from gtmsim.rules.state import Books, State, reset


class World(NamedTuple):
    """What the kernels of a replication share; they get it as a handle."""

    terms: Terms
    state: State
    workspace: Workspace
    books: Books


@kernel
def play(
    structure: Structure,
    values: Values,
    k0: np.uint64,
    k1: np.uint64,
    state: State,
    books: Books,
    world: World,
) -> int:
    """Play a replication into ``books``.

    Parameters
    ----------
    structure, values
        The Plan and the numbers of the draw.
    k0, k1
        Key of the replication.
    state, books
        Written; what they held does not matter.
    world
        Handle: the same state and books, the terms of the same draw, and a workspace.

    Returns
    -------
    int
        OK, or the code of an array of the workspace that was full; the books are then worthless.
    """
    terms, workspace = world.terms, world.workspace
    reset(state, books)
    clear(workspace)
    code = open_position(terms, k0, k1, workspace, world.books)
    if code == OK:
        code = open_pipeline(terms, k0, k1, workspace, world.books)
    for month in range(structure.company[CompanyInt.MONTHS]):
        if code != OK:
            return code
        open_month(structure, values, k0, k1, month, state, books)
        code = play_month(k0, k1, month, world)
        if code == OK and not close_month(structure, values, month, state, books):
            break
    if code == OK and is_cut_off(workspace.log):
        return LEDGER_FULL
    return code


@lean
def is_cut_off(log: Log) -> bool:
    """Whether a ledger was asked for and did not fit."""
    return log.count[0] > log.time.shape[0] > 0


@lean
def play_month(k0: np.uint64, k1: np.uint64, month: int, world: World) -> int:
    """Play and measure a month that the policy has opened; returns OK or what was full."""
    terms, state, workspace, books = world.terms, world.state, world.workspace, world.books
    customers, agenda, log = workspace.customers, workspace.agenda, workspace.log
    code = arrive(terms, k0, k1, month, state, workspace, books)
    if code != OK:
        return code
    begin_month(agenda, month)
    n_due = find_due(terms, month, state, customers)
    if not has_room(agenda, n_due):
        return AGENDA_FULL
    advance(
        terms,
        k0,
        k1,
        month,
        state,
        customers,
        agenda,
        books,
        log,
        MONTH,
        n_due,
        0.0,
        0,
        0,
        0,
    )
    code = work(terms, k0, k1, month, state, workspace, books)
    if code != OK:
        return code
    measure(month, customers, books)
    close_desks(month, state, workspace.desks, books)
    return OK
