"""One replication, month by month."""

from typing import NamedTuple

import numpy as np

from gtmsim.engines.compiled.agenda import begin_month, has_room
from gtmsim.engines.compiled.arrivals import arrive, arrive_from_market
from gtmsim.engines.compiled.customers import MONTH, advance, find_due, measure
from gtmsim.engines.compiled.graduation import graduate
from gtmsim.engines.compiled.opening import open_pipeline, open_position
from gtmsim.engines.compiled.sellers import close_desks, work
from gtmsim.engines.compiled.termination import lose_largest
from gtmsim.engines.compiled.terms import Terms
from gtmsim.engines.compiled.workspace import AGENDA_FULL, LEDGER_FULL, OK, Workspace, clear
from gtmsim.jit import lean
from gtmsim.plan.structure import CompanyInt, Structure, Values
from gtmsim.rules.boundary import close_month, open_month
from gtmsim.rules.state import Books, State, reset

_UNUSED = np.int64(-1)


class World(NamedTuple):
    """What the kernels of a replication share; they get it, and each part, as a handle."""

    structure: Structure
    values: Values
    terms: Terms
    state: State
    workspace: Workspace
    books: Books


@lean
def play(k0: np.uint64, k1: np.uint64, world: World) -> int:
    """Play a replication into the books of ``world``.

    Parameters
    ----------
    k0, k1
        Key of the replication.
    world
        Handle: the Plan, the numbers of a draw and what is written: state, workspace and books,
        whatever they held before.

    Returns
    -------
    int
        OK, or the code of an array of the workspace that was full; the books are then worthless.
    """
    structure, values, terms = world.structure, world.values, world.terms
    state, workspace, books = world.state, world.workspace, world.books
    customers, agenda, log = workspace.customers, workspace.agenda, workspace.log
    reset(state, books)
    clear(workspace)
    code = open_position(terms, k0, k1, workspace, books)
    if code == OK:
        code = open_pipeline(terms, k0, k1, workspace, books)
    for month in range(structure.company[CompanyInt.MONTHS]):
        open_month(structure, values, k0, k1, month, state, books)
        if month == structure.company[CompanyInt.LARGEST_LEAVES]:
            lose_largest(terms, k0, k1, month, state, customers, books, log)
        if code == OK and terms.takes_graduates.any():
            code = graduate(terms, k0, k1, month, state, customers, books, log)
        if code == OK:
            code = arrive(terms, k0, k1, month, state, workspace, books)
        if code == OK and terms.market.segment_of.shape[0] > 1:
            code = arrive_from_market(terms, k0, k1, month, state, workspace, books)
        if code == OK:
            begin_month(agenda, month)
            n_due = find_due(terms, month, state, customers)
            code = OK if has_room(agenda, n_due) else AGENDA_FULL
        if code == OK:
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
                _UNUSED,
                _UNUSED,
                _UNUSED,
                _UNUSED,
            )
            code = work(terms, k0, k1, month, state, workspace, books)
        if code != OK:
            return code
        measure(month, terms, customers, books)
        close_desks(month, state, workspace.desks, books)
        if not close_month(structure, values, month, state, books):
            break
    is_cut_off = log.count[0] > log.time.shape[0] > 0
    return LEDGER_FULL if is_cut_off else OK
