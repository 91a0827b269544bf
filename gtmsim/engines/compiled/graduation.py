"""Moving up: customers who outgrow their segment get a slot in a block of the next."""

import numpy as np

from gtmsim.engines.compiled.customers import (
    change_arr,
    clear_service,
    start_churn_clock,
    start_clock,
    start_contraction_clock,
    start_payments,
)
from gtmsim.engines.compiled.ledger import note
from gtmsim.engines.compiled.signing import customers_left, forget_customer, new_customer
from gtmsim.engines.compiled.terms import Terms
from gtmsim.engines.compiled.workspace import (
    BLOCK,
    CUSTOMERS_FULL,
    NEVER,
    OK,
    CustomerInt,
    Customers,
    CustomerTime,
    Log,
    Stand,
)
from gtmsim.jit import lean
from gtmsim.plan.structure import SegmentFloat, SegmentInt
from gtmsim.rules.buyers import milli_load
from gtmsim.rules.clocks import CLOCKS_PER_STEP, MONTHS_BETWEEN_STEPS
from gtmsim.rules.state import Books, State
from gtmsim.vocabulary import EventKind, SegmentAccount


@lean
def graduate(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    month: int,
    state: State,
    customers: Customers,
    books: Books,
    log: Log,
) -> int:
    """Move up, at a month's start, who has outgrown its segment; OK, or what was full."""
    for block in range(customers.n_blocks[0]):
        segment = customers.segment[block]
        to = terms.segment[segment, SegmentInt.GRADUATES_TO]
        if to < 0 or not state.open_segments[to]:
            continue
        if customers_left(customers) < 2 * BLOCK:
            return CUSTOMERS_FULL
        for slot in range(block * BLOCK, (block + 1) * BLOCK):
            if _has_outgrown(terms, month, customers, segment, slot):
                _move_up(terms, k0, k1, month, state, customers, segment, to, slot, books, log)
    return OK


@lean
def _has_outgrown(terms: Terms, month: int, customers: Customers, segment: int, slot: int) -> bool:
    number = customers.number
    above = terms.segment_value[segment, SegmentFloat.GRADUATES_ABOVE]
    is_served = number[CustomerInt.STAND, slot] == Stand.SERVED
    if not is_served or number[CustomerInt.ARR, slot] < above:
        return False
    is_settled = (
        number[CustomerInt.STEP, slot] == 0
        or month - number[CustomerInt.MOVED_UP, slot] >= MONTHS_BETWEEN_STEPS
    )
    in_debt = customers.time[CustomerTime.DEFAULT, slot] < NEVER
    return is_settled and not in_debt and number[CustomerInt.HELD, slot] == 0


@lean
def _move_up(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    month: int,
    state: State,
    customers: Customers,
    segment: int,
    to: int,
    slot: int,
    books: Books,
    log: Log,
) -> None:
    number = customers.number
    arr = number[CustomerInt.ARR, slot]
    earned = number[CustomerInt.RECOGNISED, slot]
    if number[CustomerInt.ADVANCE, slot] != 0:
        balance = number[CustomerInt.AMOUNT, slot] - earned
    else:
        balance = -(number[CustomerInt.UNBILLED, slot] + earned)
    for side in range(2):
        sign = 1 - 2 * side
        row = books.segment[month, segment if side == 1 else to]
        row[SegmentAccount.TRANSFERRED_CUSTOMERS] += sign
        row[SegmentAccount.TRANSFERRED_ARR] += sign * arr
        row[SegmentAccount.TRANSFERRED_DEFERRED_REVENUE] += sign * balance
    change_arr(terms, customers, segment, slot, -arr, -1)
    new = new_customer(customers, to)
    _copy(customers, slot, new)
    clear_service(customers, slot)
    forget_customer(customers, segment, slot)
    number[CustomerInt.STEP, new] += 1
    number[CustomerInt.MOVED_UP, new] = month
    number[CustomerInt.CAME_FROM, new] = segment
    number[CustomerInt.PRICE_STEP, new] = terms.prices.step[month, to]
    delivery = terms.market.delivery[to, number[CustomerInt.PROFILE, new]]
    number[CustomerInt.LOAD, new] = milli_load(delivery)
    change_arr(terms, customers, to, new, arr, 1)
    start_churn_clock(terms, k0, k1, customers, new)
    start_contraction_clock(terms, k0, k1, customers, to, new)
    start_payments(terms, k0, k1, customers, to, new)
    first = terms.segment[to, SegmentInt.PLAYBOOK_FIRST]
    now = float(month)
    for q in range(terms.playbook_count[to]):
        customers.n_clock[q, new] = number[CustomerInt.STEP, new] * CLOCKS_PER_STEP
        start_clock(terms, k0, k1, now, month, state, customers, new, first + q, q)
    if log.time.shape[0] > 0:
        entity = number[CustomerInt.ENTITY, new]
        note(log, now, EventKind.GRADUATED, entity, -1, to, segment, -1, arr)


@lean
def _copy(customers: Customers, slot: int, new: int) -> None:
    """Give the customer on ``slot`` the slot ``new``, without expansion clocks."""
    for field in range(customers.number.shape[0]):
        if field != CustomerInt.LINK:
            customers.number[field, new] = customers.number[field, slot]
    for field in range(customers.time.shape[0]):
        customers.time[field, new] = customers.time[field, slot]
    for age in range(customers.past_arr.shape[0]):
        customers.past_arr[age, new] = customers.past_arr[age, slot]
    for q in range(customers.threshold.shape[0]):
        customers.threshold[q, new] = NEVER
