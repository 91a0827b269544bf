"""From the win to a customer whose service will start, and the slots that customers live on.

Customers are taken in by batches, so that the draws that each one needs are made in vectorised
loops; what a draw decides later (when the first churn clock runs out, say) is drawn here too.
"""

import numpy as np

from gtmsim.draws.counts import NEVER as NEVER_FAILS
from gtmsim.draws.counts import geometric
from gtmsim.draws.families import FIXED, sample_at, sample_many
from gtmsim.draws.keys import stream_of
from gtmsim.engines.compiled.cohorts import lead_month
from gtmsim.engines.compiled.ledger import note
from gtmsim.engines.compiled.luck import draw_pairs, pair
from gtmsim.engines.compiled.terms import Terms
from gtmsim.engines.compiled.workspace import (
    BLOCK,
    BLOCK_BITS,
    NEVER,
    NOBODY,
    CustomerInt,
    Customers,
    CustomerTime,
    Intake,
    Log,
    Stand,
)
from gtmsim.jit import lean, lean_inlined, merged
from gtmsim.plan.market import NO_PROFILE
from gtmsim.plan.structure import (
    ContractFloat,
    ContractInt,
    Floats,
    Purpose,
    SegmentFloat,
    SegmentInt,
    Source,
    StreamFloat,
    StreamInt,
    VolumeFloat,
)
from gtmsim.rules.buyers import (
    POTENTIAL_ON_SIZE,
    POTENTIAL_OWN,
    attribute_normal,
    churn_by_fit,
    milli_load,
    potential_normal,
    potential_of,
)
from gtmsim.rules.clocks import churn_years, month_of, ticks, unit_exponential
from gtmsim.rules.money import round_half_up
from gtmsim.rules.state import Books
from gtmsim.vocabulary import (
    MONTHS_PER_QUARTER,
    ChannelAccount,
    EventKind,
    LeadCohortAccount,
    SegmentAccount,
    TeamAccount,
)

# columns that a kernel chooses at run time: numba types a choice between whole numbers only
_KEPT = int(VolumeFloat.KEPT)
_PULL = int(VolumeFloat.PULL)

# --- slots -----------------------------------------------------------------------------------


@lean_inlined
def customers_left(customers: Customers) -> int:
    """Count the customers of any one segment that surely fit."""
    return (customers.segment.shape[0] - customers.n_blocks[0]) * BLOCK


@merged
def new_customer(customers: Customers, segment: int) -> int:
    """Slot for a customer; there must be room."""
    number = customers.number
    if customers.empty[segment] == NOBODY:
        block = customers.n_blocks[0]
        customers.n_blocks[0] = block + 1
        customers.segment[block] = segment
        first, beyond = block << BLOCK_BITS, (block + 1) << BLOCK_BITS
        _wipe_block(customers, first, beyond)
        for slot in range(first, beyond):
            number[CustomerInt.LINK, slot] = slot + 1
        number[CustomerInt.LINK, beyond - 1] = NOBODY
        customers.empty[segment] = first
    slot = customers.empty[segment]
    customers.empty[segment] = number[CustomerInt.LINK, slot]
    return slot


@merged
def _wipe_block(customers: Customers, first: int, beyond: int) -> None:
    """Leave nothing of former customers on a block."""
    for field in range(customers.number.shape[0]):
        for slot in range(first, beyond):
            customers.number[field, slot] = 0
    for field in range(customers.time.shape[0]):
        for slot in range(first, beyond):
            customers.time[field, slot] = NEVER
    for q in range(customers.threshold.shape[0]):
        for slot in range(first, beyond):
            customers.threshold[q, slot] = NEVER
    for age in range(customers.past_arr.shape[0]):
        for slot in range(first, beyond):
            customers.past_arr[age, slot] = 0
    for slot in range(first, beyond):
        customers.number[CustomerInt.ENTITY, slot] = NOBODY
        customers.time[CustomerTime.ANCHOR, slot] = 0.0


@lean
def forget_customer(customers: Customers, segment: int, slot: int) -> None:
    """Give back the slot of a customer who has left service."""
    number = customers.number
    number[CustomerInt.STAND, slot] = Stand.EMPTY
    number[CustomerInt.ENTITY, slot] = NOBODY
    customers.time[CustomerTime.NEXT, slot] = NEVER
    number[CustomerInt.SERVICE, slot] = 0
    number[CustomerInt.N_SAVE, slot] = 0
    number[CustomerInt.N_WIN_BACK, slot] = 0
    number[CustomerInt.LINK, slot] = customers.empty[segment]
    customers.empty[segment] = slot


# --- what a new customer brings --------------------------------------------------------------


@lean_inlined
def _draw(
    terms: Terms, k0: np.uint64, k1: np.uint64, key: np.uint64, n: int, intake: Intake
) -> None:
    """First draws of everyone in the intake for a purpose, into its ``u0``."""
    draw_pairs(terms, k0, k1, key, n, intake.entity, intake.word, intake.u0, intake.u1)


@lean
def draw_values(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    key: np.uint64,
    row: int,
    n: int,
    intake: Intake,
    value: Floats,
) -> None:
    """Value of the distribution in ``row`` for everyone in the intake."""
    if terms.dists[row, 0] != FIXED:
        _draw(terms, k0, k1, key, n, intake)
    sample_many(terms.dists[row], terms.tables, intake.u0[:n], value)


@lean_inlined
def volume_factor(terms: Terms, contract: int, acv: int, column: int) -> float:
    """Factor in a column of the last step of a contract's volume discounts that a deal reaches."""
    reached = 0
    for step in range(terms.contract[contract, ContractInt.VOLUME_STEPS]):
        reached += acv >= terms.volume[contract, step, VolumeFloat.FROM_ACV]
    return terms.volume[contract, reached - 1, column] if reached > 0 else 1.0


@lean_inlined
def price_kept(terms: Terms, contract: int, acv: int) -> float:
    """Part of a deal's list price that a contract leaves."""
    kept = 1.0 - terms.contract_value[contract, ContractFloat.DISCOUNT]
    return kept * volume_factor(terms, contract, acv, _KEPT)


@lean
def draw_contracts(
    terms: Terms, k0: np.uint64, k1: np.uint64, segment: int, n: int, intake: Intake
) -> None:
    """Contract, first ARR and potential of everyone in the intake, from their list prices."""
    first = terms.segment[segment, SegmentInt.CONTRACT_FIRST]
    count = terms.segment[segment, SegmentInt.CONTRACT_COUNT]
    chosen, shortest, u0 = intake.contract, intake.value, intake.u0
    chosen[:n] = first
    shortest[:n] = NEVER
    for contract in range(first, first + count if count > 1 else first):
        share = terms.contract_value[contract, ContractFloat.SHARE]
        if share > 0.0:
            _draw(terms, k0, k1, terms.contract_key[contract], n, intake)
            weight = intake.u1
            weight[:n] = share
            if terms.contract[contract, ContractInt.VOLUME_STEPS] > 0:
                for i in range(n):
                    weight[i] *= volume_factor(terms, contract, intake.acv[i], _PULL)
            for i in range(n):
                wait = unit_exponential(u0[i]) / weight[i]
                chosen[i] = contract if wait < shortest[i] else chosen[i]
                shortest[i] = wait if wait < shortest[i] else shortest[i]
    for i in range(n):
        kept = price_kept(terms, chosen[i], intake.acv[i])
        intake.arr[i] = max(1, round_half_up(intake.acv[i] * kept))
    key = terms.purpose_key[Purpose.POTENTIAL]
    cap_row = terms.segment[segment, SegmentInt.CAP_DIST]
    draw_values(terms, k0, k1, key, cap_row, n, intake, intake.value)
    for i in range(n):
        intake.cap[i] = max(intake.arr[i], round_half_up(intake.arr[i] * intake.value[i]))
    if terms.segment[segment, SegmentInt.POTENTIAL_SHARE_DIST] >= 0:
        for i in range(n):
            if intake.profile[i] != NO_PROFILE:
                kept = price_kept(terms, chosen[i], intake.acv[i])
                potential = account_potential(terms, k0, k1, intake.entity[i])
                intake.cap[i] = max(intake.arr[i], round_half_up(potential * kept))


@lean
def account_potential(terms: Terms, k0: np.uint64, k1: np.uint64, entity: int) -> float:
    """ACV potential of an account of the market, minor units a year."""
    market = terms.market
    channel = terms.stream[stream_of(entity), StreamInt.CHANNEL]
    key = terms.purpose_key[Purpose.BUYER]
    u_size, u_own = pair(k0, k1, terms.stream_key, key, entity, 0)
    z = potential_normal(
        attribute_normal(u_size, market.shift[channel, 0]),
        attribute_normal(u_own, market.shift[channel, 1]),
        market.link[POTENTIAL_ON_SIZE],
        market.link[POTENTIAL_OWN],
    )
    return potential_of(z, market.potential[0], market.potential[1])


@lean
def share_of_potential(
    terms: Terms, k0: np.uint64, k1: np.uint64, entity: int, row: int, u: float
) -> float:
    """List price of an account's first deal: the share of its potential at ``u``."""
    potential = account_potential(terms, k0, k1, entity)
    return potential * sample_at(terms.dists, row, terms.tables, u)


@lean
def draw_clocks(
    terms: Terms, k0: np.uint64, k1: np.uint64, segment: int, n: int, intake: Intake
) -> None:
    """First clocks of everyone in the intake, whose churn propensity is known."""
    u0 = intake.u0
    _draw(terms, k0, k1, terms.purpose_key[Purpose.CHURN_CLOCK], n, intake)
    for i in range(n):
        u0[i] = unit_exponential(u0[i])
    fit = terms.market.churn[segment]
    if fit.shape[0] > 1:
        for i in range(n):
            theta = churn_by_fit(intake.theta[i], fit[intake.profile[i]])
            intake.churn[i] = churn_years(u0[i], theta)
    else:
        for i in range(n):
            intake.churn[i] = churn_years(u0[i], intake.theta[i])

    yearly = terms.segment_value[segment, SegmentFloat.CONTRACTION_HAZARD]
    intake.contraction[:n] = NEVER
    if yearly > 0.0:
        _draw(terms, k0, k1, terms.purpose_key[Purpose.CONTRACTION], n, intake)
        for i in range(n):
            intake.contraction[i] = unit_exponential(u0[i]) / yearly

    fails = terms.segment_value[segment, SegmentFloat.FAIL_RATE]
    intake.paid_left[:n] = NEVER_FAILS
    if fails > 0.0:
        _draw(terms, k0, k1, terms.purpose_key[Purpose.PAYMENT], n, intake)
        for i in range(n):
            intake.paid_left[i] = geometric(u0[i], fails)

    first = terms.segment[segment, SegmentInt.PLAYBOOK_FIRST]
    for q in range(terms.segment[segment, SegmentInt.PLAYBOOK_COUNT]):
        _draw(terms, k0, k1, terms.clock_key[first + q], n, intake)
        for i in range(n):
            intake.clock[q, i] = unit_exponential(u0[i])


@lean
def take_in(terms: Terms, customers: Customers, segment: int, i: int, intake: Intake) -> int:
    """Give a customer of the intake a slot, signed; returns the slot."""
    number, time = customers.number, customers.time
    slot = new_customer(customers, segment)
    number[CustomerInt.STAND, slot] = Stand.SIGNED
    number[CustomerInt.ENTITY, slot] = intake.entity[i]
    number[CustomerInt.CONTRACT, slot] = intake.contract[i]
    number[CustomerInt.LAST_ARR, slot] = intake.arr[i]
    number[CustomerInt.CAP, slot] = intake.cap[i]
    number[CustomerInt.PAID_LEFT, slot] = intake.paid_left[i]
    number[CustomerInt.PROFILE, slot] = intake.profile[i]
    delivery = terms.market.delivery[segment, intake.profile[i]]
    number[CustomerInt.LOAD, slot] = milli_load(delivery)
    number[CustomerInt.STEP, slot] = 0
    number[CustomerInt.PRICE_STEP, slot] = 0
    number[CustomerInt.MOVED_UP, slot] = 0
    number[CustomerInt.N_CHURN, slot] = 1
    number[CustomerInt.N_CONTRACTION, slot] = 1
    number[CustomerInt.N_PAYMENT, slot] = 1
    time[CustomerTime.THETA, slot] = intake.theta[i]
    time[CustomerTime.CHURN_CLOCK, slot] = intake.churn[i]
    time[CustomerTime.CONTRACTION_CLOCK, slot] = intake.contraction[i]
    for q in range(customers.n_clock.shape[0]):
        customers.n_clock[q, slot] = 1
        customers.first_wait[q, slot] = intake.clock[q, i]
    return slot


# --- the win ---------------------------------------------------------------------------------


@lean
def sign(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    segment: int,
    n: int,
    intake: Intake,
    customers: Customers,
    books: Books,
    log: Log,
) -> None:
    """Post the wins in the intake, all before the horizon and of one segment, and take them in.

    ``intake.slot`` tells the customers' slots, with the start of service in NEXT (infinite: at
    go-live, when a team has done its work); NOBODY if service starts after the horizon.
    """
    recording = log.time.shape[0] > 0
    draw_contracts(terms, k0, k1, segment, n, intake)
    key = terms.purpose_key[Purpose.CHURN]
    theta_row = terms.segment[segment, SegmentInt.CHURN_DIST]
    draw_values(terms, k0, k1, key, theta_row, n, intake, intake.theta)
    draw_clocks(terms, k0, k1, segment, n, intake)
    team = terms.segment[segment, SegmentInt.ONBOARDING_TEAM]
    if team == NOBODY:
        key = terms.purpose_key[Purpose.ONBOARDING]
        live_row = terms.segment[segment, SegmentInt.ONBOARDING_DIST]
        draw_values(terms, k0, k1, key, live_row, n, intake, intake.value)
    for i in range(n):
        t, entity, contract = intake.time[i], intake.entity[i], intake.contract[i]
        _post_win(terms, segment, i, intake, books)
        if terms.onboarding_fee[segment] > 0:
            _charge_fee(terms, segment, i, intake, books, log)
        if recording:
            note(log, t, EventKind.WON, entity, -1, segment, contract, -1, intake.arr[i])
        live = NEVER
        if team == NOBODY:
            live = t + intake.value[i]
            if recording:
                note(log, t, EventKind.ONBOARDING_STARTED, entity, -1, segment, -1, -1, 0)
                note(log, live, EventKind.WENT_LIVE, entity, -1, segment, -1, -1, 0)
        starts = t if terms.contract[contract, ContractInt.STARTS_AT_SIGNATURE] == 1 else live
        intake.slot[i] = NOBODY
        if starts < terms.months[0] or starts == NEVER:
            slot = take_in(terms, customers, segment, i, intake)
            customers.time[CustomerTime.NEXT, slot] = starts
            customers.time[CustomerTime.SIGNED, slot] = t
            step = terms.prices.step[month_of(t), segment]
            customers.number[CustomerInt.PRICE_STEP, slot] = step
            intake.slot[i] = slot


@merged
def _post_win(terms: Terms, segment: int, i: int, intake: Intake, books: Books) -> None:
    t, arr = intake.time[i], intake.arr[i]
    month = month_of(t)
    entity = intake.entity[i]
    stream = stream_of(entity)
    row = books.segment[month, segment]
    channel = books.channel[month, segment, terms.stream[stream, StreamInt.CHANNEL]]
    row[SegmentAccount.NEW_LOGOS] += 1
    row[SegmentAccount.BOOKED_ARR] += arr
    row[SegmentAccount.PIPELINE_CLOSED_ARR] += intake.acv[i]
    row[SegmentAccount.SALES_CYCLE_TICKS] += ticks(t) - ticks(intake.opportunity[i])
    delivery = terms.market.delivery[segment, intake.profile[i]]
    onboarding = round_half_up(terms.onboarding_cost[segment] * delivery)
    row[SegmentAccount.ONBOARDING_COST] += onboarding
    channel[ChannelAccount.NEW_LOGOS] += 1
    channel[ChannelAccount.BOOKED_ARR] += arr
    commissions = 0
    for team in range(terms.sells.shape[1]):
        if terms.sells[intake.row[i], team]:
            books.team[month, team, TeamAccount.BOOKED_ARR] += arr
            commissions += round_half_up(terms.commission[team] * arr)
    row[SegmentAccount.COMMISSIONS] += commissions
    partner = terms.stream_value[stream, StreamFloat.PARTNER_COMMISSION]
    cost = terms.reward[stream] + round_half_up(partner * arr)
    row[SegmentAccount.REFERRAL_COST] += cost
    channel[ChannelAccount.VARIABLE_COST] += cost
    if _is_of_quarter(terms, month, month_of(intake.opportunity[i]), stream, segment):
        row[SegmentAccount.SAME_QUARTER_BOOKED_ARR] += arr
    came = lead_month(terms, entity)
    if came >= 0:
        cohort = books.lead_cohort[came, segment]
        cohort[LeadCohortAccount.VARIABLE_COST] += cost + commissions
        cohort[LeadCohortAccount.NEW_LOGOS] += 1
        cohort[LeadCohortAccount.BOOKED_ARR] += arr
        cohort[LeadCohortAccount.OPEN_LEADS] -= 1


@lean
def _charge_fee(terms: Terms, segment: int, i: int, intake: Intake, books: Books, log: Log) -> None:
    """Invoice the services fee of a customer of the intake, who pays as the contract says."""
    t, entity, contract = intake.time[i], intake.entity[i], intake.contract[i]
    fee = terms.onboarding_fee[segment]
    paid = t + terms.contract_value[contract, ContractFloat.PAYMENT_MONTHS]
    books.segment[month_of(t), segment, SegmentAccount.SERVICES_REVENUE] += fee
    if paid < terms.months[0]:
        books.segment[month_of(paid), segment, SegmentAccount.SERVICES_COLLECTIONS] += fee
    if log.time.shape[0] > 0:
        note(log, t, EventKind.FEE_INVOICED, entity, -1, segment, contract, -1, fee)
        if paid < terms.months[0]:
            note(log, paid, EventKind.FEE_PAID, entity, -1, segment, contract, -1, fee)


@lean_inlined
def _is_of_quarter(terms: Terms, month: int, created: int, stream: int, segment: int) -> bool:
    """Whether an opportunity won in ``month`` was created in the same quarter, after the start."""
    is_opening = (
        terms.stream[stream, StreamInt.SOURCE] == Source.OPENING_PIPELINE
        and terms.stream[stream, StreamInt.FUNNEL_ROW]
        >= terms.segment[segment, SegmentInt.OPPORTUNITY_ROW]
    )
    return not is_opening and created // MONTHS_PER_QUARTER == month // MONTHS_PER_QUARTER
