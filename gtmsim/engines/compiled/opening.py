"""The opening position: customers with a past, and deals that are under way."""

from math import floor

import numpy as np

from gtmsim.draws.families import sample_many
from gtmsim.draws.keys import counter, entity_id
from gtmsim.draws.threefry import uniforms
from gtmsim.engines.compiled.agenda import START, has_room, key_of, park, what_of
from gtmsim.engines.compiled.customers import begin_period, in_service
from gtmsim.engines.compiled.jobs import jobs_left, new_job
from gtmsim.engines.compiled.ledger import note
from gtmsim.engines.compiled.luck import draw
from gtmsim.engines.compiled.sellers import draw_acv
from gtmsim.engines.compiled.signing import (
    customers_left,
    draw_clocks,
    draw_contracts,
    take_in,
)
from gtmsim.engines.compiled.terms import Terms
from gtmsim.engines.compiled.workspace import (
    AGENDA_FULL,
    BLOCK,
    CUSTOMERS_FULL,
    INTAKE,
    JOBS_FULL,
    OK,
    Closing,
    CustomerInt,
    CustomerTime,
    Intake,
    JobInt,
    JobKind,
    JobTime,
    Workspace,
)
from gtmsim.jit import lean, merged
from gtmsim.plan.market import NO_PROFILE
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
from gtmsim.rules.state import Books
from gtmsim.vocabulary import EventKind, SegmentAccount


@lean
def open_position(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
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
        for first in range(0, count, INTAKE):
            n = min(INTAKE, count - first)
            _draw_customers(terms, k0, k1, segment, first, n, workspace.intake)
            for i in range(n):
                _open_customer(terms, segment, i, workspace, books)
    for segment in range(terms.segment.shape[0]):
        row, closing = books.opening[segment], customers.closing[segment]
        row[SegmentAccount.CLOSING_CUSTOMERS] = closing[Closing.CUSTOMERS]
        row[SegmentAccount.CLOSING_ARR] = closing[Closing.ARR]
        row[SegmentAccount.CLOSING_MONTHLY_ARR] = closing[Closing.MONTHLY_ARR]
        row[SegmentAccount.SERVICE_MILLI_LOAD] = closing[Closing.LOAD]
    return OK


@lean
def open_pipeline(
    terms: Terms, k0: np.uint64, k1: np.uint64, workspace: Workspace, books: Books
) -> int:
    """Put the opening deals on the agenda; returns OK, or the code of what was full."""
    for stream in range(terms.stream.shape[0]):
        if terms.stream[stream, StreamInt.SOURCE] == Source.OPENING_PIPELINE:
            for place in range(terms.stream[stream, StreamInt.COUNT]):
                code = _open_deal(terms, k0, k1, stream, place, workspace, books)
                if code != OK:
                    return code
    return OK


@merged
def _draw_customers(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    segment: int,
    first: int,
    n: int,
    intake: Intake,
) -> None:
    """Put ``n`` opening customers into the intake, their ages into its time."""
    stream = terms.segment[segment, SegmentInt.OPENING_STREAM]
    acv_dist = terms.segment[segment, SegmentInt.OPENING_ACV_DIST]
    age_dist = terms.segment[segment, SegmentInt.OPENING_AGE_DIST]
    key = terms.stream_key[stream] ^ terms.purpose_key[Purpose.ACV]
    for i in range(n):
        intake.entity[i] = entity_id(stream, first + i)
        intake.u0[i], intake.time[i] = uniforms(k0, k1, key, counter(first + i, 0))
    sample_many(terms.dists[acv_dist], terms.tables, intake.u0[:n], intake.value)
    sample_many(terms.dists[age_dist], terms.tables, intake.time[:n], intake.time)
    for i in range(n):
        intake.acv[i] = max(1, round_half_up(intake.value[i]))
        intake.profile[i] = NO_PROFILE
    draw_contracts(terms, k0, k1, segment, n, intake)
    key = terms.purpose_key[Purpose.CHURN]
    for i in range(n):
        term = terms.contract[intake.contract[i], ContractInt.TERM]
        years = floor(intake.time[i] / term) * term // 12
        row = terms.segment[segment, SegmentInt.OPENING_CHURN_DIST] + min(OPENING_YEARS - 1, years)
        intake.theta[i] = draw(terms, k0, k1, key, intake.entity[i], 0, row)
    draw_clocks(terms, k0, k1, segment, n, intake)


@merged
def _open_customer(terms: Terms, segment: int, i: int, workspace: Workspace, books: Books) -> None:
    """Put a customer of the intake into service at minus its age."""
    customers, intake, log = workspace.customers, workspace.intake, workspace.log
    number, time = customers.number, customers.time
    entity, contract, arr = intake.entity[i], intake.contract[i], intake.arr[i]
    age = intake.time[i]
    term = terms.contract[contract, ContractInt.TERM]
    billing = terms.contract[contract, ContractInt.BILLING]

    slot = take_in(terms, customers, segment, i, intake)
    in_service(terms, customers, segment, slot, -age, arr)
    customers.past_arr[11, slot] = arr
    for q in range(terms.playbook_count[segment]):
        customers.threshold[q, slot] = intake.clock[q, i]

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


@merged
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
    segment = terms.stream[stream, StreamInt.SEGMENT]
    entity = entity_id(stream, place)
    row = terms.stream[stream, StreamInt.FUNNEL_ROW]
    job = new_job(jobs, JobKind.DEAL, entity, -1, segment)
    jobs.number[job, JobInt.PROFILE] = NO_PROFILE
    if row >= terms.segment[segment, SegmentInt.OPPORTUNITY_ROW]:
        acv = draw_acv(terms, k0, k1, entity, segment, NO_PROFILE, 0)
        jobs.number[job, JobInt.ACV] = acv
        jobs.time[job, JobTime.OPPORTUNITY] = 0.0
        books.opening[segment, SegmentAccount.OPEN_OPPORTUNITIES] += 1
        books.opening[segment, SegmentAccount.OPEN_PIPELINE_ARR] += acv
    jobs.number[job, JobInt.ROW] = row
    park(agenda, 0, 0.0, key_of(START, entity), what_of(-1, job))
    return OK
