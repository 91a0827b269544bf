"""From the win to a customer whose service will start, and the rows that customers live on."""

import numpy as np

from gtmsim.draws.families import sample_at
from gtmsim.draws.keys import stream_of
from gtmsim.engines.compiled.ledger import note
from gtmsim.engines.compiled.luck import pair
from gtmsim.engines.compiled.terms import Terms
from gtmsim.engines.compiled.workspace import (
    BLOCK,
    BLOCK_BITS,
    NEVER,
    NOBODY,
    CustomerInt,
    Customers,
    CustomerTime,
    Log,
    Stand,
)
from gtmsim.jit import lean, lean_inlined
from gtmsim.plan.structure import (
    ContractFloat,
    ContractInt,
    Purpose,
    SegmentInt,
    StreamFloat,
    StreamInt,
)
from gtmsim.rules.clocks import month_of, ticks, unit_exponential
from gtmsim.rules.money import round_half_up
from gtmsim.rules.state import Books
from gtmsim.vocabulary import ChannelAccount, EventKind, SegmentAccount, TeamAccount


@lean_inlined
def customers_left(customers: Customers) -> int:
    """Customers of any one segment that surely fit."""
    return (customers.segment.shape[0] - customers.n_blocks[0]) * BLOCK


@lean
def new_customer(customers: Customers, segment: int, entity: int, contract: int) -> int:
    """Slot for a customer; there must be room."""
    number, time = customers.number, customers.time
    if customers.empty[segment] == NOBODY:
        block = customers.n_blocks[0]
        customers.n_blocks[0] = block + 1
        customers.segment[block] = segment
        for slot in range(block << BLOCK_BITS, (block + 1) << BLOCK_BITS):
            _wipe(customers, slot)
            number[CustomerInt.LINK, slot] = slot + 1
        number[CustomerInt.LINK, slot] = NOBODY
        customers.empty[segment] = block << BLOCK_BITS
    slot = customers.empty[segment]
    customers.empty[segment] = number[CustomerInt.LINK, slot]
    _wipe(customers, slot)
    number[CustomerInt.STAND, slot] = Stand.SIGNED
    number[CustomerInt.ENTITY, slot] = entity
    number[CustomerInt.CONTRACT, slot] = contract
    time[CustomerTime.NEXT, slot] = NEVER
    return slot


@lean
def forget_customer(customers: Customers, segment: int, slot: int) -> None:
    """Give a slot back; its amounts are 0 already."""
    customers.number[CustomerInt.STAND, slot] = Stand.EMPTY
    customers.number[CustomerInt.ENTITY, slot] = NOBODY
    customers.time[CustomerTime.NEXT, slot] = NEVER
    customers.number[CustomerInt.LINK, slot] = customers.empty[segment]
    customers.empty[segment] = slot


@lean
def _wipe(customers: Customers, slot: int) -> None:
    for field in range(customers.number.shape[0]):
        customers.number[field, slot] = 0
    for field in range(customers.time.shape[0]):
        customers.time[field, slot] = 0.0
    for q in range(customers.threshold.shape[0]):
        customers.threshold[q, slot] = NEVER
        customers.n_clock[q, slot] = 0
    for month in range(customers.past_arr.shape[0]):
        customers.past_arr[month, slot] = 0
    customers.number[CustomerInt.ENTITY, slot] = NOBODY
    customers.time[CustomerTime.NEXT, slot] = NEVER
    customers.time[CustomerTime.END, slot] = NEVER
    customers.time[CustomerTime.DEFAULT, slot] = NEVER


@lean
def choose_contract(
    terms: Terms, k0: np.uint64, k1: np.uint64, entity: int, segment: int
) -> int:
    """Contract of the segment's menu that an entity takes."""
    first = terms.segment[segment, SegmentInt.CONTRACT_FIRST]
    count = terms.segment[segment, SegmentInt.CONTRACT_COUNT]
    chosen, shortest = first, NEVER
    if count > 1:
        for contract in range(first, first + count):
            share = terms.contract_value[contract, ContractFloat.SHARE]
            if share > 0.0:
                u0, _ = pair(k0, k1, terms.stream_key, terms.contract_key[contract], entity, 0)
                wait = unit_exponential(u0) / share
                if wait < shortest:
                    chosen, shortest = contract, wait
    return chosen


@lean
def booked_arr(acv: int, discount: float) -> int:
    """ARR of a contract, net of its discount."""
    return max(1, round_half_up(acv * (1.0 - discount)))


@lean
def potential(
    terms: Terms, k0: np.uint64, k1: np.uint64, entity: int, segment: int, booked: int
) -> int:
    """ARR that an account never exceeds."""
    key = terms.purpose_key[Purpose.POTENTIAL]
    u0, _ = pair(k0, k1, terms.stream_key, key, entity, 0)
    multiple = sample_at(terms.dists, terms.segment[segment, SegmentInt.CAP_DIST], terms.tables, u0)
    return max(booked, round_half_up(booked * multiple))


@lean
def onboarding_months(
    terms: Terms, k0: np.uint64, k1: np.uint64, entity: int, segment: int
) -> float:
    """Work until go-live."""
    key = terms.purpose_key[Purpose.ONBOARDING]
    u0, _ = pair(k0, k1, terms.stream_key, key, entity, 0)
    row = terms.segment[segment, SegmentInt.ONBOARDING_DIST]
    return sample_at(terms.dists, row, terms.tables, u0)


@lean
def sign(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    t: float,
    entity: int,
    segment: int,
    acv: int,
    opportunity: float,
    customers: Customers,
    books: Books,
    log: Log,
) -> int:
    """Post a win at ``t``, before the horizon, and take the customer in.

    Returns
    -------
    int
        The customer's slot, with the start of service in NEXT (infinite: at go-live, when a team
        has done its work); NOBODY if service starts after the horizon.
    """
    contract = choose_contract(terms, k0, k1, entity, segment)
    arr = booked_arr(acv, terms.contract_value[contract, ContractFloat.DISCOUNT])
    _post_win(terms, t, entity, segment, acv, arr, opportunity, books)
    start = t
    team = terms.segment[segment, SegmentInt.ONBOARDING_TEAM]
    at_signature = terms.contract[contract, ContractInt.STARTS_AT_SIGNATURE] == 1
    if team == NOBODY:
        live = t + onboarding_months(terms, k0, k1, entity, segment)
        if log.time.shape[0] > 0:
            note(log, t, EventKind.ONBOARDING_STARTED, entity, -1, segment, -1, -1, 0)
            note(log, live, EventKind.WENT_LIVE, entity, -1, segment, -1, -1, 0)
        start = t if at_signature else live
    elif not at_signature:
        start = NEVER
    if log.time.shape[0] > 0:
        note(log, t, EventKind.WON, entity, -1, segment, contract, -1, arr)
    if start >= terms.months[0] and start < NEVER:
        return NOBODY
    slot = new_customer(customers, segment, entity, contract)
    customers.number[CustomerInt.LAST_ARR, slot] = arr
    customers.number[CustomerInt.CAP, slot] = potential(terms, k0, k1, entity, segment, arr)
    customers.time[CustomerTime.NEXT, slot] = start
    return slot


@lean_inlined
def _post_win(
    terms: Terms,
    t: float,
    entity: int,
    segment: int,
    acv: int,
    arr: int,
    opportunity: float,
    books: Books,
) -> None:
    month = month_of(t)
    stream = stream_of(entity)
    row = books.segment[month, segment]
    channel = books.channel[month, segment, terms.stream[stream, StreamInt.CHANNEL]]
    row[SegmentAccount.NEW_LOGOS] += 1
    row[SegmentAccount.BOOKED_ARR] += arr
    row[SegmentAccount.PIPELINE_CLOSED_ARR] += acv
    row[SegmentAccount.SALES_CYCLE_TICKS] += ticks(t) - ticks(opportunity)
    row[SegmentAccount.ONBOARDING_COST] += terms.onboarding_cost[segment]
    channel[ChannelAccount.NEW_LOGOS] += 1
    channel[ChannelAccount.BOOKED_ARR] += arr
    for team in range(terms.sells.shape[1]):
        if terms.sells[segment, team]:
            books.team[month, team, TeamAccount.BOOKED_ARR] += arr
            row[SegmentAccount.COMMISSIONS] += round_half_up(terms.commission[team] * arr)
    partner = terms.stream_value[stream, StreamFloat.PARTNER_COMMISSION]
    cost = terms.reward[stream] + round_half_up(partner * arr)
    row[SegmentAccount.REFERRAL_COST] += cost
    channel[ChannelAccount.VARIABLE_COST] += cost
