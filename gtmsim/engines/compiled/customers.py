"""Own events of customers: start of service, periods, renewals, defaults, expansion."""

import numpy as np

from gtmsim.draws.counts import NEVER as NEVER_FAILS
from gtmsim.draws.counts import geometric
from gtmsim.draws.families import sample_at
from gtmsim.engines.compiled.agenda import OWN, key_of, push, what_of
from gtmsim.engines.compiled.ledger import note
from gtmsim.engines.compiled.luck import pair
from gtmsim.engines.compiled.pool import free_account
from gtmsim.engines.compiled.signing import forget_customer
from gtmsim.engines.compiled.terms import Terms
from gtmsim.engines.compiled.workspace import (
    BLOCK,
    BLOCK_BITS,
    NEVER,
    NOBODY,
    Agenda,
    Closing,
    CustomerInt,
    Customers,
    CustomerTime,
    Log,
    Stand,
)
from gtmsim.jit import lean, lean_inlined, merged
from gtmsim.plan.structure import (
    ContractFloat,
    ContractInt,
    PlaybookFloat,
    PlaybookInt,
    Purpose,
    SegmentFloat,
    SegmentInt,
)
from gtmsim.rules.buyers import churn_by_fit
from gtmsim.rules.clocks import (
    churn_years,
    hastened,
    missed_hazard,
    month_of,
    trigger_time,
    unit_exponential,
)
from gtmsim.rules.money import instalment, prorated, recognised, round_half_up
from gtmsim.rules.state import Books, State
from gtmsim.vocabulary import (
    MONTHS_PER_YEAR,
    CohortAccount,
    CompanyAccount,
    EventKind,
    SegmentAccount,
    TeamAccount,
)

# What `advance` is asked for.
MONTH = np.int64(0)  # all own events of the month
EVENT = np.int64(1)  # the next own event
OUTCOME = np.int64(2)  # of an attempt whose work ended
RESTART = np.int64(3)  # a new clock after an attempt that expired

_ALL_BITS = -1

# kinds that a kernel chooses at run time: numba types a choice between whole numbers only
_SERVICE_STARTED = int(EventKind.SERVICE_STARTED)
_REACTIVATED = int(EventKind.REACTIVATED)


@lean_inlined
def next_own(
    terms: Terms, state: State, month: int, customers: Customers, segment: int, slot: int
) -> tuple[float, int, bool]:
    """Next own event of a customer in the month.

    Returns
    -------
    (time, q, meets_team)
        ``q`` is the number of the segment's playbook if it is a trigger, else -1; ``meets_team``
        tells whether what a team does this month may bear on the customer.
    """
    t = customers.time[CustomerTime.NEXT, slot]
    q = -1
    meets_team = customers.number[CustomerInt.HELD, slot] > 0
    first = terms.segment[segment, SegmentInt.PLAYBOOK_FIRST]
    for i in range(terms.playbook_count[segment]):
        hazard, rate = state.hazard[first + i], state.rate[first + i]
        threshold = customers.threshold[i, slot]
        if threshold < hazard + rate:
            fires = trigger_time(threshold, hazard, rate, month)
            if fires < t:
                t, q = fires, i
            if terms.playbook[first + i, PlaybookInt.TEAM] >= 0:
                meets_team = True
    return t, q, meets_team


@lean
def start_clock(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    t: float,
    month: int,
    state: State,
    customers: Customers,
    slot: int,
    playbook: int,
    q: int,
) -> None:
    """Start the expansion clock of playbook ``q`` of the customer's segment at ``t``."""
    n = customers.n_clock[q, slot]
    customers.n_clock[q, slot] = n + 1
    entity = customers.number[CustomerInt.ENTITY, slot]
    u0, _ = pair(k0, k1, terms.stream_key, terms.clock_key[playbook], entity, n)
    run = state.hazard[playbook] + state.rate[playbook] * (t - month)
    customers.threshold[q, slot] = run + unit_exponential(u0)


@lean
def start_churn_clock(
    terms: Terms, k0: np.uint64, k1: np.uint64, customers: Customers, slot: int
) -> None:
    """Start the next churn clock of a customer."""
    number, time = customers.number, customers.time
    n = number[CustomerInt.N_CHURN, slot]
    number[CustomerInt.N_CHURN, slot] = n + 1
    entity = number[CustomerInt.ENTITY, slot]
    segment, profile = customers.segment[slot >> BLOCK_BITS], number[CustomerInt.PROFILE, slot]
    u0, _ = pair(k0, k1, terms.stream_key, terms.purpose_key[Purpose.CHURN_CLOCK], entity, n)
    theta = churn_by_fit(time[CustomerTime.THETA, slot], terms.market.churn[segment, profile])
    time[CustomerTime.CHURN_CLOCK, slot] = churn_years(unit_exponential(u0), theta)


@lean
def start_contraction_clock(
    terms: Terms, k0: np.uint64, k1: np.uint64, customers: Customers, segment: int, slot: int
) -> None:
    """Start the next contraction clock, if the segment's customers shrink."""
    number = customers.number
    yearly = terms.segment_value[segment, SegmentFloat.CONTRACTION_HAZARD]
    n = number[CustomerInt.N_CONTRACTION, slot]
    number[CustomerInt.N_CONTRACTION, slot] = n + 1
    if yearly <= 0.0:
        customers.time[CustomerTime.CONTRACTION_CLOCK, slot] = NEVER
        return
    entity = number[CustomerInt.ENTITY, slot]
    u0, _ = pair(k0, k1, terms.stream_key, terms.purpose_key[Purpose.CONTRACTION], entity, n)
    customers.time[CustomerTime.CONTRACTION_CLOCK, slot] = unit_exponential(u0) / yearly


@lean
def start_payments(
    terms: Terms, k0: np.uint64, k1: np.uint64, customers: Customers, segment: int, slot: int
) -> None:
    """Count the invoices that are paid before the next one fails."""
    number = customers.number
    fails = terms.segment_value[segment, SegmentFloat.FAIL_RATE]
    number[CustomerInt.PAID_LEFT, slot] = NEVER_FAILS
    n = number[CustomerInt.N_PAYMENT, slot]
    number[CustomerInt.N_PAYMENT, slot] = n + 1
    if fails > 0.0:
        entity = number[CustomerInt.ENTITY, slot]
        u0, _ = pair(k0, k1, terms.stream_key, terms.purpose_key[Purpose.PAYMENT], entity, n)
        number[CustomerInt.PAID_LEFT, slot] = geometric(u0, fails)


@lean
def change_arr(
    terms: Terms, customers: Customers, segment: int, slot: int, change: int, heads: int
) -> None:
    """Let a customer's ARR change, and ``heads`` customers come or go with it."""
    number = customers.number
    number[CustomerInt.ARR, slot] += change
    contract = number[CustomerInt.CONTRACT, slot]
    cohort = customers.cohort[segment, number[CustomerInt.COHORT, slot]]
    cohort[CohortAccount.ARR] += change
    cohort[CohortAccount.CUSTOMERS] += heads
    closing = customers.closing[segment]
    closing[Closing.CUSTOMERS] += heads
    closing[Closing.ARR] += change
    closing[Closing.LOAD] += heads * number[CustomerInt.LOAD, slot]
    if terms.contract[contract, ContractInt.TERM] == 1:
        closing[Closing.MONTHLY_ARR] += change


@lean_inlined
def begin_period(terms: Terms, customers: Customers, slot: int, elapsed: int) -> int:
    """Begin the billing period ``elapsed`` months into the service; return its amount."""
    number, time = customers.number, customers.time
    contract = number[CustomerInt.CONTRACT, slot]
    term = terms.contract[contract, ContractInt.TERM]
    billing = terms.contract[contract, ContractInt.BILLING]
    start = time[CustomerTime.START, slot]
    index = 0 if billing == term else (elapsed % term) // billing
    amount = instalment(number[CustomerInt.ARR, slot], term, billing, index)
    number[CustomerInt.AMOUNT, slot] = amount
    number[CustomerInt.RECOGNISED, slot] = 0
    number[CustomerInt.UNBILLED, slot] = 0
    number[CustomerInt.ELAPSED, slot] = elapsed + billing
    time[CustomerTime.ANCHOR, slot] = start + elapsed
    time[CustomerTime.END, slot] = start + (elapsed + billing)
    return amount


@merged
def _start_service(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    t: float,
    month: int,
    state: State,
    customers: Customers,
    segment: int,
    slot: int,
    books: Books,
    log: Log,
) -> None:
    number = customers.number
    row = books.segment[month, segment]
    arr = number[CustomerInt.LAST_ARR, slot]
    contract = number[CustomerInt.CONTRACT, slot]
    is_new = number[CustomerInt.STAND, slot] == Stand.SIGNED
    if is_new:
        number[CustomerInt.COHORT, slot] = 1 + month // 12
        row[SegmentAccount.NEW_CUSTOMERS] += 1
        row[SegmentAccount.NEW_ARR] += arr
        kind = _SERVICE_STARTED
    else:
        row[SegmentAccount.REACTIVATED_CUSTOMERS] += 1
        row[SegmentAccount.REACTIVATED_ARR] += arr
        kind = _REACTIVATED
    if log.time.shape[0] > 0:
        entity = number[CustomerInt.ENTITY, slot]
        note(log, t, kind, entity, -1, segment, contract, -1, arr)
    in_service(terms, customers, segment, slot, t, arr)
    first = terms.segment[segment, SegmentInt.PLAYBOOK_FIRST]
    if not is_new:
        start_churn_clock(terms, k0, k1, customers, slot)
        start_contraction_clock(terms, k0, k1, customers, segment, slot)
        start_payments(terms, k0, k1, customers, segment, slot)
        for q in range(terms.playbook_count[segment]):
            start_clock(terms, k0, k1, t, month, state, customers, slot, first + q, q)
    else:
        waited = t - customers.time[CustomerTime.SIGNED, slot]
        if waited > terms.segment_value[segment, SegmentFloat.FIRST_VALUE]:
            clock = customers.time[CustomerTime.CHURN_CLOCK, slot]
            late = terms.segment_value[segment, SegmentFloat.LATE_CHURN]
            customers.time[CustomerTime.CHURN_CLOCK, slot] = hastened(clock, late)
        for q in range(terms.playbook_count[segment]):
            run = state.hazard[first + q] + state.rate[first + q] * (t - month)
            customers.threshold[q, slot] = run + customers.first_wait[q, slot]


@lean
def in_service(
    terms: Terms, customers: Customers, segment: int, slot: int, start: float, arr: int
) -> None:
    """Put a customer into service; its cohort is set."""
    number, time = customers.number, customers.time
    contract = number[CustomerInt.CONTRACT, slot]
    number[CustomerInt.STAND, slot] = Stand.SERVED
    in_arrears = terms.contract[contract, ContractInt.IN_ARREARS] == 1
    number[CustomerInt.ADVANCE, slot] = 0 if in_arrears else _ALL_BITS
    time[CustomerTime.START, slot] = start
    change_arr(terms, customers, segment, slot, arr, 1)


@lean
def clear_service(customers: Customers, slot: int) -> None:
    """Leave nothing on a slot that adds to what is measured."""
    for field in (CustomerInt.AMOUNT, CustomerInt.RECOGNISED, CustomerInt.UNBILLED):
        customers.number[field, slot] = 0
    customers.time[CustomerTime.END, slot] = NEVER
    for age in range(customers.past_arr.shape[0]):
        customers.past_arr[age, slot] = 0
    for q in range(customers.threshold.shape[0]):
        customers.threshold[q, slot] = NEVER


@lean
def leave(
    terms: Terms,
    month: int,
    customers: Customers,
    segment: int,
    slot: int,
    returns: float,
    books: Books,
) -> None:
    """Take a customer out of service and post what is lost; for good if ``returns`` is infinite."""
    number, time = customers.number, customers.time
    arr = number[CustomerInt.ARR, slot]
    row = books.segment[month, segment]
    row[SegmentAccount.CHURNED_CUSTOMERS] += 1
    row[SegmentAccount.CHURNED_ARR] += arr
    if returns == NEVER:
        free_account(terms, books, number[CustomerInt.PROFILE, slot], month, True)
    change_arr(terms, customers, segment, slot, -arr, -1)
    number[CustomerInt.LAST_ARR, slot] = arr
    number[CustomerInt.UNPAID, slot] = 0
    number[CustomerInt.SERVICE, slot] += 1
    time[CustomerTime.DEFAULT, slot] = NEVER
    time[CustomerTime.NEXT, slot] = returns
    clear_service(customers, slot)
    if returns < NEVER:
        number[CustomerInt.STAND, slot] = Stand.AWAY
    elif number[CustomerInt.HELD, slot] > 0:
        number[CustomerInt.STAND, slot] = Stand.GONE
    else:
        forget_customer(customers, segment, slot)


@merged
def _default(
    terms: Terms,
    t: float,
    month: int,
    customers: Customers,
    segment: int,
    slot: int,
    books: Books,
    log: Log,
) -> None:
    number, time = customers.number, customers.time
    row = books.segment[month, segment]
    amount = number[CustomerInt.AMOUNT, slot]
    anchor, end = time[CustomerTime.ANCHOR, slot], time[CustomerTime.END, slot]
    earned = recognised(amount, t, anchor, end)
    unpaid = number[CustomerInt.UNPAID, slot]
    row[SegmentAccount.REVENUE] += earned - number[CustomerInt.RECOGNISED, slot]
    if number[CustomerInt.ADVANCE, slot] != 0:
        credit = min(unpaid, amount - earned)
        bad_debt = unpaid - credit
        row[SegmentAccount.CREDIT_NOTES] += credit
        row[SegmentAccount.REVENUE] += amount - earned - credit
    else:
        unbilled = number[CustomerInt.UNBILLED, slot] + earned
        bad_debt = unpaid + unbilled
        row[SegmentAccount.BILLINGS] += unbilled
    row[SegmentAccount.BAD_DEBT] += bad_debt
    row[SegmentAccount.INVOLUNTARY_CHURNED_CUSTOMERS] += 1
    row[SegmentAccount.INVOLUNTARY_CHURNED_ARR] += number[CustomerInt.ARR, slot]
    if log.time.shape[0] > 0:
        entity, contract = number[CustomerInt.ENTITY, slot], number[CustomerInt.CONTRACT, slot]
        note(log, t, EventKind.DEFAULTED, entity, -1, segment, contract, -1, bad_debt)
    leave(terms, month, customers, segment, slot, NEVER, books)


@lean
def post_pending_default(
    terms: Terms, customers: Customers, segment: int, slot: int, books: Books, log: Log
) -> None:
    """Post the default of a customer who leaves before it: it concerns the service that ends."""
    number = customers.number
    default, unpaid = customers.time[CustomerTime.DEFAULT, slot], number[CustomerInt.UNPAID, slot]
    if default < terms.months[0]:
        books.segment[month_of(default), segment, SegmentAccount.BAD_DEBT] += unpaid
        if log.time.shape[0] > 0:
            entity, contract = number[CustomerInt.ENTITY, slot], number[CustomerInt.CONTRACT, slot]
            note(log, default, EventKind.DEFAULTED, entity, -1, segment, contract, -1, unpaid)


@merged
def _churn(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    t: float,
    month: int,
    customers: Customers,
    segment: int,
    slot: int,
    books: Books,
    log: Log,
) -> None:
    number = customers.number
    entity, contract = number[CustomerInt.ENTITY, slot], number[CustomerInt.CONTRACT, slot]
    arr = number[CustomerInt.ARR, slot]
    books.segment[month, segment, SegmentAccount.RENEWAL_LOST_ARR] += arr
    if log.time.shape[0] > 0:
        note(log, t, EventKind.CHURNED, entity, -1, segment, contract, -1, arr)
    post_pending_default(terms, customers, segment, slot, books, log)
    returns = NEVER
    rate = terms.segment_value[segment, SegmentFloat.WIN_BACK_RATE]
    if rate > 0.0:
        n = number[CustomerInt.N_WIN_BACK, slot]
        number[CustomerInt.N_WIN_BACK, slot] = n + 1
        u0, u1 = pair(k0, k1, terms.stream_key, terms.purpose_key[Purpose.WIN_BACK], entity, n)
        if u0 < rate:
            away = terms.segment[segment, SegmentInt.WIN_BACK_DIST]
            returns = t + sample_at(terms.dists, away, terms.tables, u1)
            returns = returns if returns < terms.months[0] else NEVER
    leave(terms, month, customers, segment, slot, returns, books)


@lean
def _change_price(
    terms: Terms,
    t: float,
    month: int,
    customers: Customers,
    segment: int,
    slot: int,
    factor: float,
    books: Books,
    log: Log,
) -> None:
    """Renew at a changed price; more is uplift, whatever the customer's cap."""
    number = customers.number
    entity, contract = number[CustomerInt.ENTITY, slot], number[CustomerInt.CONTRACT, slot]
    row = books.segment[month, segment]
    arr = number[CustomerInt.ARR, slot]
    added = max(1, round_half_up(arr * factor)) - arr
    if added == 0:
        return
    change_arr(terms, customers, segment, slot, added, 0)
    recording = log.time.shape[0] > 0
    if added > 0:
        row[SegmentAccount.EXPANSION_ARR] += added
        row[SegmentAccount.UPLIFT_ARR] += added
        if recording:
            note(log, t, EventKind.UPLIFTED, entity, -1, segment, contract, -1, added)
    else:
        row[SegmentAccount.CONTRACTIONS] += 1
        row[SegmentAccount.CONTRACTION_ARR] -= added
        if recording:
            note(log, t, EventKind.CONTRACTED, entity, -1, segment, contract, -1, -added)


@merged
def _renew(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    t: float,
    month: int,
    state: State,
    customers: Customers,
    segment: int,
    slot: int,
    books: Books,
    log: Log,
) -> bool:
    """Renewal at ``t``; tells whether the customer stays."""
    number, time = customers.number, customers.time
    recording = log.time.shape[0] > 0
    entity, contract = number[CustomerInt.ENTITY, slot], number[CustomerInt.CONTRACT, slot]
    row = books.segment[month, segment]
    years = terms.contract[contract, ContractInt.TERM] / 12.0
    row[SegmentAccount.RENEWALS_DUE] += 1
    row[SegmentAccount.RENEWAL_DUE_ARR] += number[CustomerInt.ARR, slot]

    price, multiplier = 1.0, state.churn_multiplier[segment]
    before, now = number[CustomerInt.PRICE_STEP, slot], terms.prices.step[month, segment]
    if now != before:
        number[CustomerInt.PRICE_STEP, slot] = now
        levels, hazards = terms.prices.renewal_level[segment], terms.prices.renewal_hazard[segment]
        price = levels[now] / levels[before]
        multiplier = multiplier * (hazards[now] / hazards[before])
    term = terms.contract[contract, ContractInt.TERM]
    missed = terms.segment_value[segment, SegmentFloat.MISSED_CHURN]
    multiplier = multiplier * missed_hazard(missed, state.missed_months, segment, month, term)
    time[CustomerTime.CHURN_CLOCK, slot] -= years * multiplier
    if time[CustomerTime.CHURN_CLOCK, slot] < 0.0:
        saved = False
        if state.save_rate[segment] > 0.0:
            n = number[CustomerInt.N_SAVE, slot]
            number[CustomerInt.N_SAVE, slot] = n + 1
            u0, _ = pair(k0, k1, terms.stream_key, terms.purpose_key[Purpose.SAVE], entity, n)
            saved = u0 < state.save_rate[segment]
        if not saved:
            _churn(terms, k0, k1, t, month, customers, segment, slot, books, log)
            return False
        row[SegmentAccount.SAVED_CUSTOMERS] += 1
        if recording:
            arr = number[CustomerInt.ARR, slot]
            note(log, t, EventKind.SAVED, entity, -1, segment, contract, -1, arr)
        start_churn_clock(terms, k0, k1, customers, slot)

    time[CustomerTime.CONTRACTION_CLOCK, slot] -= years
    if time[CustomerTime.CONTRACTION_CLOCK, slot] < 0.0:
        n = number[CustomerInt.N_CONTRACTION, slot] - 1
        key = terms.purpose_key[Purpose.CONTRACTION]
        _, u1 = pair(k0, k1, terms.stream_key, key, entity, n)
        size_row = terms.segment[segment, SegmentInt.CONTRACTION_DIST]
        size = sample_at(terms.dists, size_row, terms.tables, u1)
        arr = number[CustomerInt.ARR, slot]
        given_up = arr - max(1, round_half_up(arr * (1.0 - size)))
        change_arr(terms, customers, segment, slot, -given_up, 0)
        row[SegmentAccount.CONTRACTIONS] += 1
        row[SegmentAccount.CONTRACTION_ARR] += given_up
        if recording:
            note(log, t, EventKind.CONTRACTED, entity, -1, segment, contract, -1, given_up)
        start_contraction_clock(terms, k0, k1, customers, segment, slot)

    if price != 1.0:
        _change_price(terms, t, month, customers, segment, slot, price, books, log)
    arr = number[CustomerInt.ARR, slot]
    uplift = terms.contract_value[contract, ContractFloat.UPLIFT]
    added = 0
    if uplift > 0.0:
        cap = max(arr, number[CustomerInt.CAP, slot])
        added = min(round_half_up(arr * (1.0 + uplift)), cap) - arr
    if added != 0:
        change_arr(terms, customers, segment, slot, added, 0)
        row[SegmentAccount.EXPANSION_ARR] += added
        row[SegmentAccount.UPLIFT_ARR] += added
        if recording:
            note(log, t, EventKind.UPLIFTED, entity, -1, segment, contract, -1, added)
    if recording:
        note(log, t, EventKind.RENEWED, entity, -1, segment, contract, -1, arr + added)
    return True


@merged
def _expand(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    t: float,
    month: int,
    customers: Customers,
    segment: int,
    slot: int,
    playbook: int,
    n: int,
    in_same_service: bool,
    rep: int,
    state: State,
    books: Books,
    log: Log,
) -> int:
    """Outcome of attempt ``n`` of a playbook at ``t``; returns what is to be invoiced now."""
    number, time = customers.number, customers.time
    entity = number[CustomerInt.ENTITY, slot]
    row = books.segment[month, segment]
    team = terms.playbook[playbook, PlaybookInt.TEAM]
    added = 0
    if in_same_service:
        u0, u1 = pair(k0, k1, terms.stream_key, terms.attempt_key[playbook], entity, n)
        if u0 < terms.playbook_value[playbook, PlaybookFloat.WIN_RATE]:
            uplift_row = terms.playbook[playbook, PlaybookInt.UPLIFT_DIST]
            uplift = sample_at(terms.dists, uplift_row, terms.tables, u1)
            arr = number[CustomerInt.ARR, slot]
            cap = max(arr, number[CustomerInt.CAP, slot])
            added = min(round_half_up(arr * (1.0 + uplift)), cap) - arr
    if added <= 0:
        if log.time.shape[0] > 0:
            note(log, t, EventKind.EXPANSION_FAILED, entity, playbook, segment, team, -1, 0)
        return 0
    row[SegmentAccount.EXPANSIONS] += 1
    row[SegmentAccount.EXPANSION_ARR] += added
    change_arr(terms, customers, segment, slot, added, 0)
    if team >= 0:
        books.team[month, team, TeamAccount.BOOKED_ARR] += added
        commission = round_half_up(terms.commission[team] * added)
        row[SegmentAccount.COMMISSIONS] += commission
        row[SegmentAccount.EXPANSION_COMMISSIONS] += commission
        if rep != NOBODY:
            state.seat_booked[team, rep, month // MONTHS_PER_YEAR] += added
    if log.time.shape[0] > 0:
        note(log, t, EventKind.EXPANDED, entity, playbook, segment, team, -1, added)

    # The rest of the period earns what it would have earned, and the pro-rata price of the change.
    amount, end = number[CustomerInt.AMOUNT, slot], time[CustomerTime.END, slot]
    earned = recognised(amount, t, time[CustomerTime.ANCHOR, slot], end)
    extra = prorated(added, t, end)
    row[SegmentAccount.REVENUE] += earned - number[CustomerInt.RECOGNISED, slot]
    number[CustomerInt.AMOUNT, slot] = amount - earned + extra
    number[CustomerInt.RECOGNISED, slot] = 0
    time[CustomerTime.ANCHOR, slot] = t
    if number[CustomerInt.ADVANCE, slot] != 0:
        return extra
    number[CustomerInt.UNBILLED, slot] += earned
    return 0


@merged
def invoice(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    t: float,
    month: int,
    customers: Customers,
    segment: int,
    slot: int,
    amount: int,
    books: Books,
    log: Log,
) -> None:
    """Issue an invoice at ``t`` and settle what becomes of it."""
    number, time = customers.number, customers.time
    recording = log.time.shape[0] > 0
    entity, contract = number[CustomerInt.ENTITY, slot], number[CustomerInt.CONTRACT, slot]
    books.segment[month, segment, SegmentAccount.BILLINGS] += amount
    if recording:
        note(log, t, EventKind.INVOICED, entity, -1, segment, contract, -1, amount)
    if time[CustomerTime.DEFAULT, slot] < NEVER:
        number[CustomerInt.UNPAID, slot] += amount
        return
    delay = terms.contract_value[contract, ContractFloat.PAYMENT_MONTHS]
    left = number[CustomerInt.PAID_LEFT, slot]
    number[CustomerInt.PAID_LEFT, slot] = left - 1
    if left <= 0:
        n = number[CustomerInt.N_PAYMENT, slot] - 1
        key = terms.purpose_key[Purpose.PAYMENT]
        _, u1 = pair(k0, k1, terms.stream_key, key, entity, n)
        start_payments(terms, k0, k1, customers, segment, slot)
        delay = delay + terms.segment_value[segment, SegmentFloat.RETRY_MONTHS]
        if u1 >= terms.segment_value[segment, SegmentFloat.RETRY_SUCCESS]:
            number[CustomerInt.UNPAID, slot] = amount
            time[CustomerTime.DEFAULT, slot] = t + delay
            return
    paid = t + delay
    if paid < terms.months[0]:
        books.segment[month_of(paid), segment, SegmentAccount.COLLECTIONS] += amount
        if recording:
            note(log, paid, EventKind.PAID, entity, -1, segment, contract, -1, amount)


@lean
def advance(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    month: int,
    state: State,
    customers: Customers,
    agenda: Agenda,
    books: Books,
    log: Log,
    task: int,
    subject: int,
    when: float,
    playbook: int,
    n: int,
    service: int,
    rep: int,
) -> int:
    """Play own events of customers in ``month``.

    Parameters
    ----------
    task, subject
        MONTH: all events of the first ``subject`` customers of ``due``; who meets a team goes to
        the agenda's heap instead. EVENT: the next one of the customer in slot ``subject``.
        OUTCOME, RESTART: what follows attempt ``n`` of ``playbook``, made for ``service``, at
        ``when``.
    rep
        Seat of the rep who worked that attempt, -1 if that rep has left.

    Returns
    -------
    int
        EVENT: number of the segment's playbook whose trigger asks for a team, else -1.
    """
    number, time = customers.number, customers.time
    recording = log.time.shape[0] > 0
    many = task == MONTH
    for index in range(subject if many else 1):
        slot = customers.due[index] if many else subject
        segment = customers.segment[slot >> BLOCK_BITS]
        entity = number[CustomerInt.ENTITY, slot]
        first = terms.segment[segment, SegmentInt.PLAYBOOK_FIRST]
        row = books.segment[month, segment]
        while True:
            t, q = when, playbook - first
            trigger = False
            if task <= EVENT:
                t, q, meets_team = next_own(terms, state, month, customers, segment, slot)
                if t >= month + 1:
                    break
                trigger = q >= 0
                if many and meets_team:
                    sub = first + q if trigger else -1
                    push(agenda, t, key_of(OWN, entity), what_of(sub, slot))
                    break

            bill = 0
            begins = False
            attempt = -1
            restarts = False
            served = number[CustomerInt.STAND, slot] == Stand.SERVED
            if task >= OUTCOME:
                number[CustomerInt.HELD, slot] -= 1
                served = served and number[CustomerInt.SERVICE, slot] == service
                restarts = served
                attempt = n if task == OUTCOME else -1
            elif trigger:
                team = terms.playbook[first + q, PlaybookInt.TEAM]
                cost = terms.trigger_cost[first + q]
                row[SegmentAccount.EXPANSION_TRIGGERS] += 1
                row[SegmentAccount.EXPANSION_COST] += cost
                if recording:
                    kind = EventKind.EXPANSION_TRIGGERED
                    note(log, t, kind, entity, first + q, segment, team, -1, cost)
                if team >= 0:
                    number[CustomerInt.HELD, slot] += 1
                    customers.threshold[q, slot] = NEVER
                    return q
                attempt = customers.n_clock[q, slot] - 1
                restarts = True
            elif not served:
                _start_service(terms, k0, k1, t, month, state, customers, segment, slot, books, log)
                number[CustomerInt.ELAPSED, slot] = 0
                begins = True
            elif t == time[CustomerTime.DEFAULT, slot]:
                _default(terms, t, month, customers, segment, slot, books, log)
            else:
                amount = number[CustomerInt.AMOUNT, slot]
                row[SegmentAccount.REVENUE] += amount - number[CustomerInt.RECOGNISED, slot]
                number[CustomerInt.RECOGNISED, slot] = amount
                if number[CustomerInt.ADVANCE, slot] == 0:
                    bill = number[CustomerInt.UNBILLED, slot] + amount
                if bill > 0:
                    # Invoiced in arrears; the period's end itself is the next event.
                    number[CustomerInt.AMOUNT, slot] = 0
                    number[CustomerInt.RECOGNISED, slot] = 0
                    number[CustomerInt.UNBILLED, slot] = 0
                else:
                    contract = number[CustomerInt.CONTRACT, slot]
                    term = terms.contract[contract, ContractInt.TERM]
                    begins = True
                    if number[CustomerInt.ELAPSED, slot] % term == 0:
                        begins = _renew(
                            terms, k0, k1, t, month, state, customers, segment, slot, books, log
                        )

            if begins:
                amount = begin_period(terms, customers, slot, number[CustomerInt.ELAPSED, slot])
                if number[CustomerInt.ADVANCE, slot] != 0:
                    bill = amount
            if attempt >= 0:
                bill = _expand(
                    terms,
                    k0,
                    k1,
                    t,
                    month,
                    customers,
                    segment,
                    slot,
                    first + q,
                    attempt,
                    served,
                    rep,
                    state,
                    books,
                    log,
                )
            if bill > 0:
                invoice(terms, k0, k1, t, month, customers, segment, slot, bill, books, log)
            if restarts:
                start_clock(terms, k0, k1, t, month, state, customers, slot, first + q, q)
            if number[CustomerInt.STAND, slot] == Stand.SERVED:
                time[CustomerTime.NEXT, slot] = min(
                    time[CustomerTime.END, slot], time[CustomerTime.DEFAULT, slot]
                )
            elif (
                number[CustomerInt.STAND, slot] == Stand.GONE
                and number[CustomerInt.HELD, slot] == 0
            ):
                forget_customer(customers, segment, slot)
            if not many:
                break
    return NOBODY


@lean
def find_due(terms: Terms, month: int, state: State, customers: Customers) -> int:
    """List in ``due`` the slots with an own event in the month; returns how many."""
    due, flag = customers.due, customers.flag
    times = customers.time[CustomerTime.NEXT]
    close = month + 1.0
    n = 0
    for block in range(customers.n_blocks[0]):
        segment = customers.segment[block]
        first = terms.segment[segment, SegmentInt.PLAYBOOK_FIRST]
        slot = block * BLOCK
        for i in range(BLOCK):
            flag[i] = times[slot + i] < close
        for q in range(terms.playbook_count[segment]):
            limit = state.hazard[first + q] + state.rate[first + q]
            thresholds = customers.threshold[q]
            for i in range(BLOCK):
                flag[i] |= thresholds[slot + i] < limit
        for i in range(BLOCK):
            due[n] = slot + i
            n += flag[i]
    return n


@lean
def _return_retained(month: int, customers: Customers, block: int, books: Books) -> None:
    """Count who moved up within twelve months to the segment of then, and not to the block's."""
    number, arrs = customers.number, customers.number[CustomerInt.ARR]
    past = customers.past_arr[month % 12]
    row = books.segment[month, customers.segment[block]]
    for slot in range(block * BLOCK, (block + 1) * BLOCK):
        moved_up = number[CustomerInt.MOVED_UP, slot]
        recent = number[CustomerInt.STEP, slot] > 0 and moved_up > month - 12
        if recent and past[slot] > 0:
            arr, then = arrs[slot], past[slot]
            left = books.segment[month, number[CustomerInt.CAME_FROM, slot]]
            row[SegmentAccount.RETAINED_ARR] -= arr
            left[SegmentAccount.RETAINED_ARR] += arr
            row[SegmentAccount.RETAINED_ARR_CAPPED] -= min(arr, then)
            left[SegmentAccount.RETAINED_ARR_CAPPED] += min(arr, then)


@lean
def _note_largest(customers: Customers, block: int) -> None:
    """Put the block's largest customers into their places among the largest of all."""
    largest, arrs = customers.largest, customers.number[CustomerInt.ARR]
    for slot in range(block * BLOCK, (block + 1) * BLOCK):
        place = -1
        while place + 1 < largest.shape[0] and arrs[slot] > largest[place + 1]:
            place += 1
            if place > 0:
                largest[place - 1] = largest[place]
        if place >= 0:
            largest[place] = arrs[slot]


@lean
def measure(month: int, terms: Terms, customers: Customers, books: Books) -> None:
    """Post revenue up to the month's end and the stocks of customers in service."""
    number, time = customers.number, customers.time
    amounts, earned_before = number[CustomerInt.AMOUNT], number[CustomerInt.RECOGNISED]
    anchors, ends = time[CustomerTime.ANCHOR], time[CustomerTime.END]
    arrs, unbilleds = number[CustomerInt.ARR], number[CustomerInt.UNBILLED]
    in_advance = number[CustomerInt.ADVANCE]
    past = customers.past_arr[month % 12]
    close = month + 1.0
    customers.largest[:] = 0
    for block in range(customers.n_blocks[0]):
        revenue, deferred, unbilled, largest, retained, capped = 0, 0, 0, 0, 0, 0
        for slot in range(block * BLOCK, (block + 1) * BLOCK):
            amount = amounts[slot]
            earned = recognised(amount, close, anchors[slot], ends[slot])
            revenue += earned - earned_before[slot]
            earned_before[slot] = earned
            deferred += (amount - earned) & in_advance[slot]
            unbilled += (unbilleds[slot] + earned) & ~in_advance[slot]
            arr, then = arrs[slot], past[slot]
            largest = max(largest, arr)
            retained += arr if then > 0 else 0
            capped += min(arr, then)
        if terms.takes_graduates[customers.segment[block]]:
            _return_retained(month, customers, block, books)
        for slot in range(block * BLOCK, (block + 1) * BLOCK):
            past[slot] = arrs[slot]
        row = books.segment[month, customers.segment[block]]
        row[SegmentAccount.REVENUE] += revenue
        row[SegmentAccount.DEFERRED_REVENUE] += deferred
        row[SegmentAccount.UNBILLED_RECEIVABLES] += unbilled
        row[SegmentAccount.LARGEST_CUSTOMER_ARR] = max(
            row[SegmentAccount.LARGEST_CUSTOMER_ARR], largest
        )
        row[SegmentAccount.RETAINED_ARR] += retained
        row[SegmentAccount.RETAINED_ARR_CAPPED] += capped
        if largest > customers.largest[0]:
            _note_largest(customers, block)
    books.company[month, CompanyAccount.TOP_TEN_ARR] = customers.largest.sum()
    for segment in range(customers.closing.shape[0]):
        row = books.segment[month, segment]
        row[SegmentAccount.CLOSING_CUSTOMERS] = customers.closing[segment, Closing.CUSTOMERS]
        row[SegmentAccount.CLOSING_ARR] = customers.closing[segment, Closing.ARR]
        row[SegmentAccount.CLOSING_MONTHLY_ARR] = customers.closing[segment, Closing.MONTHLY_ARR]
        row[SegmentAccount.SERVICE_MILLI_LOAD] = customers.closing[segment, Closing.LOAD]
        for year in range(customers.cohort.shape[1]):
            for account in range(customers.cohort.shape[2]):
                stock = customers.cohort[segment, year, account]
                books.cohort[month, segment, year, account] = stock
