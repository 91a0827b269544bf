"""The opening position: customers with a past, and deals that are under way."""

from math import floor

import numpy as np

from gtmsim.draws.families import sample_at
from gtmsim.draws.keys import entity_id
from gtmsim.engines.compiled.agenda import REQUEST, has_room, key_of, park, what_of
from gtmsim.engines.compiled.customers import (
    begin_period,
    draw_theta,
    in_service,
    start_clocks,
)
from gtmsim.engines.compiled.jobs import jobs_left, new_job
from gtmsim.engines.compiled.ledger import note
from gtmsim.engines.compiled.luck import pair
from gtmsim.engines.compiled.sellers import draw_acv, walk
from gtmsim.engines.compiled.signing import (
    booked_arr,
    choose_contract,
    customers_left,
    new_customer,
    potential,
)
from gtmsim.engines.compiled.terms import Terms
from gtmsim.engines.compiled.workspace import (
    AGENDA_FULL,
    BLOCK,
    CUSTOMERS_FULL,
    JOBS_FULL,
    NOBODY,
    OK,
    Closing,
    CustomerInt,
    CustomerTime,
    JobInt,
    JobKind,
    JobTime,
    Workspace,
)
from gtmsim.jit import lean
from gtmsim.plan.structure import (
    OPENING_YEARS,
    ContractFloat,
    ContractInt,
    Purpose,
    SegmentInt,
    Source,
    StreamInt,
)
from gtmsim.rules.clocks import month_of
from gtmsim.rules.money import instalment, recognised, round_half_up
from gtmsim.rules.state import Books, State
from gtmsim.vocabulary import EventKind, SegmentAccount

_BEFORE = -1
"""Month before the first: nothing is due in it, so that all goes to the agenda of its month."""


@lean
def open_position(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    state: State,
    workspace: Workspace,
    books: Books,
) -> int:
    """Set the opening position and its stocks; returns OK, or the code of what was full."""
    customers = workspace.customers
    for segment in range(terms.segment.shape[0]):
        count = terms.segment[segment, SegmentInt.OPENING_COUNT]
        if count == 0:
            continue
        if customers_left(customers) < count + BLOCK:
            return CUSTOMERS_FULL
        for place in range(count):
            _open_customer(terms, k0, k1, segment, place, state, workspace, books)
    for segment in range(terms.segment.shape[0]):
        row, closing = books.opening[segment], customers.closing[segment]
        row[SegmentAccount.CLOSING_CUSTOMERS] = closing[Closing.CUSTOMERS]
        row[SegmentAccount.CLOSING_ARR] = closing[Closing.ARR]
        row[SegmentAccount.CLOSING_MONTHLY_ARR] = closing[Closing.MONTHLY_ARR]
    return OK


@lean
def open_pipeline(
    terms: Terms, k0: np.uint64, k1: np.uint64, workspace: Workspace, books: Books
) -> int:
    """Let the opening deals enter their stages; returns OK, or the code of what was full."""
    for stream in range(terms.stream.shape[0]):
        if terms.stream[stream, StreamInt.SOURCE] == Source.OPENING_PIPELINE:
            for place in range(terms.stream[stream, StreamInt.COUNT]):
                code = _open_deal(terms, k0, k1, stream, place, workspace, books)
                if code != OK:
                    return code
    return OK


@lean
def _open_customer(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    segment: int,
    place: int,
    state: State,
    workspace: Workspace,
    books: Books,
) -> None:
    customers, log = workspace.customers, workspace.log
    number, time = customers.number, customers.time
    entity = entity_id(terms.segment[segment, SegmentInt.OPENING_STREAM], place)
    u0, u1 = pair(k0, k1, terms.stream_key, terms.purpose_key[Purpose.ACV], entity, 0)
    acv_dist = terms.segment[segment, SegmentInt.OPENING_ACV_DIST]
    age_dist = terms.segment[segment, SegmentInt.OPENING_AGE_DIST]
    acv = max(1, round_half_up(sample_at(terms.dists, acv_dist, terms.tables, u0)))
    age = sample_at(terms.dists, age_dist, terms.tables, u1)
    contract = choose_contract(terms, k0, k1, entity, segment)
    arr = booked_arr(acv, terms.contract_value[contract, ContractFloat.DISCOUNT])
    term = terms.contract[contract, ContractInt.TERM]
    billing = terms.contract[contract, ContractInt.BILLING]

    slot = new_customer(customers, segment, entity, contract)
    number[CustomerInt.CAP, slot] = potential(terms, k0, k1, entity, segment, arr)
    years = floor(age / term) * term // 12
    first = terms.segment[segment, SegmentInt.OPENING_CHURN_DIST]
    draw_theta(terms, k0, k1, customers, slot, first + min(OPENING_YEARS - 1, years))
    in_service(terms, customers, segment, slot, -age, arr)
    customers.past_arr[11, slot] = arr
    start_clocks(terms, k0, k1, 0.0, 0, state, customers, segment, slot)

    elapsed = floor(age / billing) * billing
    amount = begin_period(terms, customers, slot, elapsed)
    time[CustomerTime.NEXT, slot] = time[CustomerTime.END, slot]
    anchor, end = time[CustomerTime.ANCHOR, slot], time[CustomerTime.END, slot]
    earned = recognised(amount, 0.0, anchor, end)
    number[CustomerInt.RECOGNISED, slot] = earned
    row = books.opening[segment]
    in_advance = number[CustomerInt.ADVANCE, slot] != 0
    if in_advance:
        row[SegmentAccount.DEFERRED_REVENUE] += amount - earned
    else:
        row[SegmentAccount.UNBILLED_RECEIVABLES] += earned
    row[SegmentAccount.LARGEST_CUSTOMER_ARR] = max(row[SegmentAccount.LARGEST_CUSTOMER_ARR], arr)

    # Invoices that are not due before 0, from the latest back to the first.
    delay = terms.contract_value[contract, ContractFloat.PAYMENT_MONTHS]
    issued = elapsed
    while issued >= (0 if in_advance else billing):
        paid = (time[CustomerTime.START, slot] + issued) + delay
        if paid < 0.0:
            break
        period = issued if in_advance else issued - billing
        invoice = instalment(arr, term, billing, (period % term) // billing)
        row[SegmentAccount.RECEIVABLES] += invoice
        if paid < terms.months[0]:
            books.segment[month_of(paid), segment, SegmentAccount.COLLECTIONS] += invoice
            if log.time.shape[0] > 0:
                note(log, paid, EventKind.PAID, entity, -1, segment, contract, -1, invoice)
        issued -= billing


@lean
def _open_deal(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    stream: int,
    place: int,
    workspace: Workspace,
    books: Books,
) -> int:
    jobs, agenda = workspace.jobs, workspace.agenda
    if jobs_left(jobs) < 1:
        return JOBS_FULL
    if not has_room(agenda, 1):
        return AGENDA_FULL
    if customers_left(workspace.customers) < BLOCK:
        return CUSTOMERS_FULL
    segment = terms.stream[stream, StreamInt.SEGMENT]
    entity = entity_id(stream, place)
    row = terms.stream[stream, StreamInt.FUNNEL_ROW]
    job = new_job(jobs, JobKind.DEAL, entity, -1, segment)
    if row >= terms.segment[segment, SegmentInt.OPPORTUNITY_ROW]:
        acv = draw_acv(terms, k0, k1, entity, segment)
        jobs.number[job, JobInt.ACV] = acv
        jobs.time[job, JobTime.OPPORTUNITY] = 0.0
        books.opening[segment, SegmentAccount.OPEN_OPPORTUNITIES] += 1
        books.opening[segment, SegmentAccount.OPEN_PIPELINE_ARR] += acv
    asking = walk(terms, k0, k1, 0.0, _BEFORE, workspace, books, job, row)
    if asking != NOBODY:
        park(agenda, 0, 0.0, key_of(REQUEST, entity), what_of(-1, asking))
    return OK
