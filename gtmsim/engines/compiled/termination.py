"""Termination: the largest customer leaves in the middle of its contract."""

import numpy as np

from gtmsim.engines.compiled.customers import invoice, leave, post_pending_default
from gtmsim.engines.compiled.ledger import note
from gtmsim.engines.compiled.terms import Terms
from gtmsim.engines.compiled.workspace import (
    BLOCK,
    BLOCK_BITS,
    NEVER,
    NOBODY,
    CustomerInt,
    Customers,
    Log,
)
from gtmsim.jit import lean
from gtmsim.rules.state import Books, State
from gtmsim.vocabulary import EventKind, SegmentAccount


@lean
def lose_largest(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    month: int,
    state: State,
    customers: Customers,
    books: Books,
    log: Log,
) -> None:
    """End, at a month's start, the contract of the customer with the most ARR."""
    slot = _largest(customers)
    if slot == NOBODY:
        return
    number, now = customers.number, float(month)
    segment = customers.segment[slot >> BLOCK_BITS]
    # The close of the month before has recognised all that is earned by now.
    amount, earned = number[CustomerInt.AMOUNT, slot], number[CustomerInt.RECOGNISED, slot]
    if number[CustomerInt.ADVANCE, slot] != 0:
        books.segment[month, segment, SegmentAccount.REVENUE] += amount - earned
        state.unused_revenue[segment] += amount - earned
    else:
        used = number[CustomerInt.UNBILLED, slot] + earned
        if used > 0:
            invoice(terms, k0, k1, now, month, customers, segment, slot, used, books, log)
    if log.time.shape[0] > 0:
        entity, contract = number[CustomerInt.ENTITY, slot], number[CustomerInt.CONTRACT, slot]
        arr = number[CustomerInt.ARR, slot]
        note(log, now, EventKind.TERMINATED, entity, -1, segment, contract, -1, arr)
    post_pending_default(terms, customers, segment, slot, books, log)
    leave(terms, month, customers, segment, slot, NEVER, books)


@lean
def _largest(customers: Customers) -> int:
    """Slot of the customer with the most ARR, of equals the lowest entity; nobody in service."""
    arrs, entities = customers.number[CustomerInt.ARR], customers.number[CustomerInt.ENTITY]
    found, most = NOBODY, 0
    for slot in range(customers.n_blocks[0] * BLOCK):
        arr = arrs[slot]
        if arr > most or (arr == most > 0 and entities[slot] < entities[found]):
            found, most = slot, arr
    return found
