"""The policy at month boundaries: one compiled function to close a month, one to open the next.

Both engines call it, so that their agreement proves nothing about it; its tests are hand-computed.
The order of work is fixed: funding, costs, solvency, books and stage close a month; policy stage,
open segments, seats, customer success, spend and arrivals open the next.
"""

from math import ceil, floor

import numpy as np

from gtmsim.draws.elementary import exp, power
from gtmsim.draws.keys import counter
from gtmsim.draws.threefry import uniforms
from gtmsim.jit import lean, merged
from gtmsim.plan.structure import (
    ACQUIRING,
    AllocationFloat,
    ChannelFloat,
    ChannelInt,
    CompanyFloat,
    CompanyInt,
    CostFloat,
    CostInt,
    EventFloat,
    EventInt,
    Floats,
    FunnelInt,
    HireInt,
    Ints,
    PlaybookFloat,
    PlaybookInt,
    Purpose,
    RoundFloat,
    RoundInt,
    SegmentFloat,
    SegmentInt,
    Source,
    StreamFloat,
    StreamInt,
    Structure,
    TeamFloat,
    TeamFunction,
    TeamInt,
    Values,
)
from gtmsim.rules.allocation import allocated_total, product_factor
from gtmsim.rules.clocks import unit_exponential
from gtmsim.rules.health import is_healthy, runway_months
from gtmsim.rules.money import round_half_up
from gtmsim.rules.state import (
    BRIDGE_USED,
    EMPTY_SEAT,
    FLOOR_ACTIVE,
    HIGHEST_STAGE,
    MARKETING_PART,
    PAY_LEFT,
    POLICY_STAGE,
    PRODUCT_PART,
    RAMPED_SINCE,
    SPENT,
    Books,
    State,
)
from gtmsim.vocabulary import (
    MONTHS_PER_QUARTER,
    MONTHS_PER_YEAR,
    TICKS_PER_MONTH,
    ChannelAccount,
    CompanyAccount,
    MarketAccount,
    SegmentAccount,
    TeamAccount,
)

HIGHEST_LOAD = 10.0
"""Load of a success team is capped here, and is this where customers have no ramped CSM at all."""

# columns that a kernel chooses at run time: numba types a choice between whole numbers only
_SALES_TEAM_COST = int(SegmentAccount.SALES_TEAM_COST)
_SUCCESS_TEAM_COST = int(SegmentAccount.SUCCESS_TEAM_COST)
_TOOLS_COST = int(SegmentAccount.TOOLS_COST)
_PRODUCT_COST = int(CompanyAccount.PRODUCT_COST)
_GENERAL_COST = int(CompanyAccount.GENERAL_COST)
_MARKETING_COST = int(CompanyAccount.MARKETING_COST)
_SALES_COST = int(CompanyAccount.SALES_COST)
_SUCCESS_COST = int(CompanyAccount.SUCCESS_COST)
_SUPPORT_COST = int(CompanyAccount.SUPPORT_COST)


# --- opening a month -------------------------------------------------------------------------


@lean
def open_month(
    structure: Structure,
    values: Values,
    k0: np.uint64,
    k1: np.uint64,
    b: int,
    state: State,
    books: Books,
) -> None:
    """Set the policy of the month that begins at boundary ``b``.

    Parameters
    ----------
    structure, values
        The Plan and the numbers of the draw.
    k0, k1
        Key of the replication.
    b
        Boundary; 0 after the engine has set ``books.opening``.
    state, books
        Written: everything ``State`` holds for the month; spend and headcount of the month.
    """
    before = state.company[HIGHEST_STAGE]
    if b == 0:
        _start_stages(closing_arr(books.opening), values.stage_from_arr, state.company)
        before = state.company[HIGHEST_STAGE]
        _schedule_rounds(structure, values, k0, k1, state.round_month)
    else:
        _move_policy_stage(
            structure.company,
            closing_arr(books.segment[b - 1]),
            values.stage_from_arr,
            state.months_above,
            state.company,
        )
        _call_stage_rounds(structure, values, k0, k1, b, before, state)
    _watch_health(structure.segment, values.health, b, state.healthy_months, books)
    _open_segments(structure, values, b, state, books)
    _allocate(structure, values, b, state, books)
    for team in range(structure.team.shape[0]):
        _staff(structure, values, k0, k1, b, team, before, state, books)
    _cover(structure, values, b, state, books)
    _show_product(structure, values, b, state)
    _watch_service(structure, values, k0, k1, b, state)
    _spend(structure, values, b, state, books)
    _attract(structure, values, b, state, books)
    if b > 0:
        _tell_free(values.accounts, books.market[b - 1], state.free_share)
    state.worked_ticks[:] = 0
    state.expansion_ticks[:] = 0
    state.unused_revenue[:] = 0


@lean
def closing_arr(stocks: Ints) -> int:
    """ARR over all segments, from rows of the segment book."""
    arr = 0
    for s in range(stocks.shape[0]):
        arr += stocks[s, SegmentAccount.CLOSING_ARR]
    return arr


@lean
def stage_at(arr: int, from_arr: Floats) -> int:
    """Highest company stage whose threshold ``arr`` reaches; thresholds ascend."""
    stage = 0
    for g in range(from_arr.shape[0]):
        if arr >= from_arr[g]:
            stage = g
    return stage


@lean
def _start_stages(arr: int, from_arr: Floats, company: Ints) -> None:
    """Start in the stage of the opening ARR; its hires and rounds lie in the past."""
    company[POLICY_STAGE] = stage_at(arr, from_arr)
    company[HIGHEST_STAGE] = company[POLICY_STAGE]


@lean
def _move_policy_stage(
    rules: Ints, arr: int, from_arr: Floats, months_above: Ints, company: Ints
) -> None:
    confirmed = 0
    for g in range(from_arr.shape[0]):
        months_above[g] = _streak(months_above[g], arr >= from_arr[g])
        if months_above[g] >= rules[CompanyInt.CONFIRM_MONTHS]:
            confirmed = g
    stage = company[POLICY_STAGE]
    if confirmed > stage:
        company[POLICY_STAGE] = confirmed
        company[HIGHEST_STAGE] = max(company[HIGHEST_STAGE], confirmed)
    elif rules[CompanyInt.FALLS_BACK] and -months_above[stage] >= rules[CompanyInt.CONFIRM_MONTHS]:
        company[POLICY_STAGE] = stage_at(arr, from_arr)


@lean
def _streak(streak: int, above: bool) -> int:
    """Months in a row at or above (positive) or below (negative) a threshold."""
    if above:
        return max(streak, 0) + 1
    return min(streak, 0) - 1


@merged
def _closes(structure: Structure, values: Values, k0: np.uint64, k1: np.uint64, q: int) -> bool:
    word = structure.round_key[q] ^ structure.purpose_key[Purpose.ROUND]
    u0, _ = uniforms(k0, k1, word, counter(0, 0))
    return u0 < values.round[q, RoundFloat.CLOSES]


@merged
def _schedule_rounds(
    structure: Structure, values: Values, k0: np.uint64, k1: np.uint64, round_month: Ints
) -> None:
    for q in range(structure.round.shape[0]):
        month = structure.round[q, RoundInt.MONTH]
        if month >= 0 and _closes(structure, values, k0, k1, q):
            round_month[q] = month


@merged
def _call_stage_rounds(
    structure: Structure,
    values: Values,
    k0: np.uint64,
    k1: np.uint64,
    b: int,
    before: int,
    state: State,
) -> None:
    for q in range(structure.round.shape[0]):
        stage = structure.round[q, RoundInt.STAGE]
        reached = before < stage <= state.company[HIGHEST_STAGE]
        if reached and _closes(structure, values, k0, k1, q):
            state.round_month[q] = b + structure.round[q, RoundInt.DELAY]


@merged
def _watch_health(
    segment: Ints, limits: Floats, b: int, healthy_months: Ints, books: Books
) -> None:
    """Count the closes in a row at which segments that others wait for were healthy."""
    for s in range(segment.shape[0]):
        is_watched = False
        for waiting in range(segment.shape[0]):
            is_watched = is_watched or segment[waiting, SegmentInt.OPENS_AFTER] == s
        if is_watched:
            healthy = is_healthy(b, s, limits[s], books.segment, books.company, books.opening)
            healthy_months[s] = healthy_months[s] + 1 if healthy else 0


@merged
def _open_segments(
    structure: Structure, values: Values, b: int, state: State, books: Books
) -> None:
    segment, is_open = structure.segment, state.open_segments
    stage = state.company[POLICY_STAGE]
    runway = runway_months(b, books.company)
    for s in range(segment.shape[0]):
        by_month = segment[s, SegmentInt.OPENS_BOUNDARY]
        by_stage = segment[s, SegmentInt.OPENS_STAGE]
        opens = 0 <= by_month <= b or 0 <= by_stage <= stage
        if segment[s, SegmentInt.IS_CONDITIONAL] == 1:
            after = segment[s, SegmentInt.OPENS_AFTER]
            if after >= 0:
                wanted = segment[s, SegmentInt.HEALTHY_MONTHS]
                opens = opens and state.healthy_months[after] >= wanted
            opens = opens and runway >= values.segment[s, SegmentFloat.RUNWAY_TO_OPEN]
            opens = opens or is_open[s]  # a condition is met once
        for g in range(stage + 1):
            opens = opens or structure.stage_opens[g, s]
        is_open[s] = opens
        books.segment[b, s, SegmentAccount.IS_OPEN] = 1 if opens else 0


# --- allocation ------------------------------------------------------------------------------


@merged
def _allocate(structure: Structure, values: Values, b: int, state: State, books: Books) -> None:
    """Split the month's total: two parts are spent now, one is a budget, one limits hires."""
    if structure.company[CompanyInt.ALLOCATED_BUDGET] >= 0:
        arr = closing_arr(books.opening) if b == 0 else closing_arr(books.segment[b - 1])
        spent, pay = state.allocated[SPENT], 0.0
        for team in range(structure.team.shape[0]):
            if structure.team[team, TeamInt.IS_ALLOCATED] == 1:
                n_reps = structure.team[team, TeamInt.REPS]
                if b > 0:
                    spent += books.team[b - 1, team, TeamAccount.COST]
                    n_reps = _staying(b, state.seat_start[team], state.seat_leaves[team])
                pay += n_reps * values.team[team, TeamFloat.COST_PER_MONTH]
        numbers = values.allocation[state.company[POLICY_STAGE]]
        burn_limit = values.company[CompanyFloat.BURN_LIMIT]
        total = allocated_total(b, arr, numbers, burn_limit, spent, books.company)
        product = round_half_up(total * numbers[AllocationFloat.PRODUCT])
        support = round_half_up(total * numbers[AllocationFloat.SUPPORT])
        books.company[b, CompanyAccount.PRODUCT_COST] += product
        books.company[b, CompanyAccount.SUPPORT_COST] += support
        state.allocated[PRODUCT_PART] = product
        state.allocated[MARKETING_PART] = total * numbers[AllocationFloat.MARKETING]
        state.allocated[PAY_LEFT] = total * numbers[AllocationFloat.SALES_AND_SUCCESS] - pay
        state.allocated[SPENT] = product + support


@lean
def _staying(b: int, start: Ints, leaves: Floats) -> int:
    """Reps in seat who do not leave at boundary ``b``."""
    n = 0
    for seat in range(start.shape[0]):
        if start[seat] != EMPTY_SEAT and leaves[seat] > b:
            n += 1
    return n


# --- seats -----------------------------------------------------------------------------------


@merged
def _staff(
    structure: Structure,
    values: Values,
    k0: np.uint64,
    k1: np.uint64,
    b: int,
    team: int,
    before: int,
    state: State,
    books: Books,
) -> None:
    """Leavers, hires and ramp of one team."""
    rules = structure.team[team]
    numbers = values.team[team]
    start, leaves = state.seat_start[team], state.seat_leaves[team]
    booked, quota = state.seat_booked[team], state.seat_quota[team]
    due = state.starts[team]
    row = books.team[b, team]
    key = structure.team_key[team] ^ structure.purpose_key[Purpose.SEAT]
    generation = state.seat_generation[team]
    frozen = state.company[FLOOR_ACTIVE] == 1 and structure.company[CompanyInt.HIRING_FREEZE] == 1

    if b == 0:
        for _ in range(rules[TeamInt.REPS]):
            _fill_seat(
                key, k0, k1, 0, RAMPED_SINCE, numbers, start, leaves, generation, booked, quota
            )
    _let_go(b, rules, start, leaves, due, row)
    _plan_hires(structure.hire, team, b, before, state.company[HIGHEST_STAGE], rules, due)
    if b > 0 and not frozen and state.waiting_hires[team] == 0:
        served = 0
        for s in range(structure.segment.shape[0]):
            if structure.customers_of[team, s]:
                served += books.segment[b - 1, s, SegmentAccount.CLOSING_CUSTOMERS]
        _decide_hires(
            served, b, rules, numbers, start, due, books.team[b - 1, team], state.busy_months, team
        )
    if frozen:
        due[b + 1] += due[b]
        due[b] = 0
    pay = numbers[TeamFloat.COST_PER_MONTH] if rules[TeamInt.IS_ALLOCATED] == 1 else 0.0
    pay_left = state.allocated[PAY_LEFT] if rules[TeamInt.IS_ALLOCATED] == 1 else np.inf
    state.waiting_hires[team] = 0
    for _ in range(due[b]):
        if _headcount(start) < rules[TeamInt.MAX_REPS]:
            if pay > pay_left:
                state.waiting_hires[team] += 1
            else:
                pay_left -= pay
                state.allocated[PAY_LEFT] -= pay
                _fill_seat(key, k0, k1, b, b, numbers, start, leaves, generation, booked, quota)
                row[TeamAccount.HIRED] += 1
    due[b + 1] += state.waiting_hires[team]
    _ramp(b, rules, numbers, values.ramp[team], start, state.seat_slots[team], row)


@lean
def _headcount(start: Ints) -> int:
    n = 0
    for seat in range(start.shape[0]):
        if start[seat] != EMPTY_SEAT:
            n += 1
    return n


@lean
def _fill_seat(
    key: np.uint64,
    k0: np.uint64,
    k1: np.uint64,
    b: int,
    since: int,
    numbers: Floats,
    start: Ints,
    leaves: Floats,
    generation: Ints,
    booked: Ints,
    quota: Ints,
) -> None:
    """Put a new rep on the lowest empty seat, with nothing of the one before."""
    for seat in range(start.shape[0]):
        if start[seat] == EMPTY_SEAT:
            start[seat] = since
            u0, _ = uniforms(k0, k1, key, counter((seat << 16) | generation[seat], 0))
            leaves[seat] = b + unit_exponential(u0) / numbers[TeamFloat.LEAVES_PER_MONTH]
            generation[seat] += 1
            booked[seat] = 0
            quota[seat] = 0
            return


@lean
def _let_go(b: int, rules: Ints, start: Ints, leaves: Floats, due: Ints, row: Ints) -> None:
    for seat in range(start.shape[0]):
        if start[seat] != EMPTY_SEAT and leaves[seat] <= b:
            start[seat] = EMPTY_SEAT
            row[TeamAccount.LEFT] += 1
            if rules[TeamInt.REPLACES]:
                _schedule(due, b + rules[TeamInt.LEAD_TIME], 1)


@lean
def _schedule(due: Ints, boundary: int, n: int) -> None:
    if boundary < due.shape[0]:
        due[boundary] += n


@lean
def _plan_hires(
    hire: Ints, team: int, b: int, before: int, highest: int, rules: Ints, due: Ints
) -> None:
    for h in range(hire.shape[0]):
        if hire[h, HireInt.TEAM] != team:
            continue
        if hire[h, HireInt.BOUNDARY] == b:
            _schedule(due, b, hire[h, HireInt.COUNT])
        if before < hire[h, HireInt.STAGE] <= highest:
            _schedule(due, b + rules[TeamInt.LEAD_TIME], hire[h, HireInt.COUNT])


@lean
def _decide_hires(
    served: int,
    b: int,
    rules: Ints,
    numbers: Floats,
    start: Ints,
    due: Ints,
    last: Ints,
    busy_months: Ints,
    team: int,
) -> None:
    """Hiring rules, by what the month that closed showed."""
    when = b + rules[TeamInt.LEAD_TIME]
    per_rep = numbers[TeamFloat.CUSTOMERS_PER_REP]
    if per_rep > 0.0:
        planned = _headcount(start)
        for later in range(b, due.shape[0]):
            planned += due[later]
        _schedule(due, when, max(0, ceil(served / per_rep) - planned))
    capacity = last[TeamAccount.SLOTS] * TICKS_PER_MONTH
    limit = numbers[TeamFloat.UTILISATION_ABOVE]
    busy = capacity > 0 and last[TeamAccount.WORKED_TICKS] > limit * capacity
    busy_months[team] = busy_months[team] + 1 if busy else 0
    if busy and busy_months[team] >= rules[TeamInt.RULE_MONTHS]:
        _schedule(due, when, rules[TeamInt.RULE_HIRES])
        busy_months[team] = 0


@lean
def _ramp(
    b: int, rules: Ints, numbers: Floats, ramp: Floats, start: Ints, slots: Ints, row: Ints
) -> None:
    """Slots of every seat in the month, by its rep's tenure."""
    for seat in range(start.shape[0]):
        slots[seat] = 0
        if start[seat] == EMPTY_SEAT:
            continue
        share = ramp_share(b, start[seat], rules, ramp)
        slots[seat] = floor(numbers[TeamFloat.OPEN_DEALS] * share)
        row[TeamAccount.HEADCOUNT] += 1
        row[TeamAccount.RAMPED_MILLI_REPS] += round_half_up(1000.0 * share)
        row[TeamAccount.SLOTS] += slots[seat]


@lean
def ramp_share(b: int, start: int, rules: Ints, ramp: Floats) -> float:
    """Share of full capacity in month ``b`` of a rep who started at boundary ``start``."""
    quarter = (b - start) // MONTHS_PER_QUARTER
    return ramp[min(quarter, rules[TeamInt.RAMP_QUARTERS] - 1)]


# --- customer success ------------------------------------------------------------------------


@merged
def _cover(structure: Structure, values: Values, b: int, state: State, books: Books) -> None:
    """Load of the success teams, and what it does to churn, saves and expansion."""
    segment, playbook = structure.segment, structure.playbook
    for p in range(playbook.shape[0]):
        state.hazard[p] += state.rate[p]
        state.rate[p] = values.playbook[p, PlaybookFloat.RATE]
    by_product = product_factor(
        state.allocated[PRODUCT_PART],
        values.company[CompanyFloat.REFERENCE_PRODUCT_SPEND],
        values.company[CompanyFloat.PRODUCT_ELASTICITY],
    )
    for s in range(segment.shape[0]):
        state.churn_multiplier[s] = by_product
        team = segment[s, SegmentInt.CSM_TEAM]
        if team < 0:
            continue
        stocks = books.opening if b == 0 else books.segment[b - 1]
        ramped = books.team[b, team, TeamAccount.RAMPED_MILLI_REPS] / 1000.0
        load = success_load(team, ramped, segment, values.segment, stocks)
        held = share_held(team, ramped, load, segment, values.segment, stocks)
        excess = max(0.0, load - 1.0)
        numbers = values.segment[s]
        overload = 1.0 + numbers[SegmentFloat.CHURN_OVERLOAD] * excess
        reviewed = 1.0 + held * (numbers[SegmentFloat.REVIEWED_CHURN] - 1.0)
        state.churn_multiplier[s] = overload * reviewed * by_product
        seen = numbers[SegmentFloat.ALARMS_SEEN]
        state.save_rate[s] = seen * numbers[SegmentFloat.SAVE_RATE] / max(1.0, load)
        planned = 1.0 + held * (numbers[SegmentFloat.PLANNED_EXPANSION] - 1.0)
        slower = 1.0 + numbers[SegmentFloat.EXPANSION_OVERLOAD] * excess
        for p in range(playbook.shape[0]):
            if playbook[p, PlaybookInt.SEGMENT] == s:
                state.rate[p] = values.playbook[p, PlaybookFloat.RATE] * planned / slower
        customers = stocks[s, SegmentAccount.CLOSING_CUSTOMERS]
        each = numbers[SegmentFloat.REVIEWS_PER_MONTH] * numbers[SegmentFloat.REVIEW_COST]
        each += numbers[SegmentFloat.PLAN_COST]
        cost = round_half_up(customers * held * each)
        books.segment[b, s, SegmentAccount.SUCCESS_PROGRAMME_COST] = cost


@merged
def _show_product(structure: Structure, values: Values, b: int, state: State) -> None:
    """Factors of product spend on the odds of stages, for leads that come in the month."""
    elasticity = values.company[CompanyFloat.PRODUCT_ODDS_ELASTICITY]
    if elasticity > 0.0:
        for row in range(structure.funnel.shape[0]):
            state.product_odds[b, row] = product_factor(
                state.allocated[PRODUCT_PART],
                values.company[CompanyFloat.REFERENCE_PRODUCT_SPEND],
                -elasticity / structure.funnel[row, FunnelInt.STAGES],
            )


@merged
def _watch_service(
    structure: Structure, values: Values, k0: np.uint64, k1: np.uint64, b: int, state: State
) -> None:
    """Tell in which segments the service level is missed in the month that begins."""
    for s in range(structure.segment.shape[0]):
        missed_share = values.segment[s, SegmentFloat.MISSED_SHARE]
        if missed_share > 0.0:
            word = structure.segment_key[s] ^ structure.purpose_key[Purpose.SERVICE_LEVEL]
            u0, _ = uniforms(k0, k1, word, counter(b, 0))
            state.level_missed[s] = u0 < missed_share
            state.missed_months[b + 1, s] = state.missed_months[b, s] + state.level_missed[s]


@lean
def success_load(team: int, ramped: float, segment: Ints, numbers: Floats, stocks: Ints) -> float:
    """Reps that a success team's customers and alarms need, over the ramped reps it has.

    Parameters
    ----------
    team
        Row of the team.
    ramped
        Reps, each weighted by ramp.
    segment, numbers
        Segment tables, (S, SegmentInt) and (S, SegmentFloat).
    stocks
        Rows of the segment book of the month that ends at the boundary, (S, SegmentAccount); its
        churning renewals tell the alarms that are true.
    """
    needed = 0.0
    for s in range(segment.shape[0]):
        if segment[s, SegmentInt.CSM_TEAM] == team:
            customers = stocks[s, SegmentAccount.CLOSING_CUSTOMERS]
            work = numbers[s, SegmentFloat.ACCOUNTS_PER_ALARM] * _alarms(numbers[s], stocks[s])
            needed += (customers + work) / numbers[s, SegmentFloat.ACCOUNTS_PER_REP]
    if needed == 0.0:
        return 0.0
    if ramped == 0.0:
        return HIGHEST_LOAD
    return min(needed / ramped, HIGHEST_LOAD)


@lean
def _alarms(numbers: Floats, row: Ints) -> float:
    """Accounts that a segment's health score warned of in a month, rightly and wrongly."""
    churning = (
        row[SegmentAccount.CHURNED_CUSTOMERS]
        - row[SegmentAccount.INVOLUNTARY_CHURNED_CUSTOMERS]
        + row[SegmentAccount.SAVED_CUSTOMERS]
    )
    wrong = numbers[SegmentFloat.FALSE_ALARMS] * row[SegmentAccount.CLOSING_CUSTOMERS]
    return numbers[SegmentFloat.ALARMS_SEEN] * churning + wrong


@lean
def share_held(
    team: int, ramped: float, load: float, segment: Ints, numbers: Floats, stocks: Ints
) -> float:
    """Share of a success team's reviews and plans for which its load leaves time.

    Parameters
    ----------
    load
        As `success_load` tells; the other parameters are its own.
    """
    if load > 1.0:
        return 0.0
    needed = 0.0
    for s in range(segment.shape[0]):
        if segment[s, SegmentInt.CSM_TEAM] == team:
            each = numbers[s, SegmentFloat.ACCOUNTS_PER_PLAN]
            each += (
                numbers[s, SegmentFloat.REVIEWS_PER_MONTH]
                * numbers[s, SegmentFloat.ACCOUNTS_PER_REVIEW]
            )
            customers = stocks[s, SegmentAccount.CLOSING_CUSTOMERS]
            needed += customers * each / numbers[s, SegmentFloat.ACCOUNTS_PER_REP]
    left = (1.0 - load) * ramped
    return 1.0 if needed <= left else left / needed


# --- spend and arrivals ----------------------------------------------------------------------


@merged
def _spend(structure: Structure, values: Values, b: int, state: State, books: Books) -> None:
    """Channel spend of the month; a channel spends while one of its segments is open."""
    stage = state.company[POLICY_STAGE]
    arr = closing_arr(books.opening) if b == 0 else closing_arr(books.segment[b - 1])
    allocated = structure.company[CompanyInt.ALLOCATED_BUDGET]
    kept = 1.0
    if state.company[FLOOR_ACTIVE] == 1:
        kept = 1.0 - values.company[CompanyFloat.SPEND_CUT]
    for c in range(structure.channel.shape[0]):
        spend = 0.0
        if _serves_open_segment(values.mix[c], state.open_segments):
            spend = values.spend[c, stage]
            budget = structure.channel[c, ChannelInt.BUDGET]
            if budget >= 0:
                total = values.budget_amount[budget, stage]
                total += values.budget_share_of_arr[budget, stage] * arr
                if budget == allocated:
                    total = state.allocated[MARKETING_PART]
                spend += values.channel[c, ChannelFloat.BUDGET_SHARE] * total
            spend *= kept
            if budget == allocated >= 0:
                state.allocated[SPENT] += round_half_up(spend)
        carry = values.channel[c, ChannelFloat.CARRY_OVER]
        if b == 0 and structure.channel[c, ChannelInt.ESTABLISHED]:
            state.effect[c] = spend
        state.effect[c] = carry * state.effect[c] + (1.0 - carry) * spend
        paid = round_half_up(spend) + _event_cost(c, b, structure.event, values.event)
        _book_spend(c, paid, values.mix[c], books.channel[b], books.segment[b])


@lean
def _serves_open_segment(mix: Floats, is_open: np.ndarray) -> bool:
    for s in range(mix.shape[0]):
        if mix[s] > 0.0 and is_open[s]:
            return True
    return False


@lean
def _takes_place(event: Ints, c: int, b: int) -> bool:
    if event[EventInt.CHANNEL] != c or b < event[EventInt.MONTH]:
        return False
    since = b - event[EventInt.MONTH]
    every = event[EventInt.EVERY]
    return since == 0 or (every > 0 and since % every == 0)


@lean
def _event_cost(c: int, b: int, event: Ints, numbers: Floats) -> int:
    cost = 0
    for e in range(event.shape[0]):
        if _takes_place(event[e], c, b):
            cost += round_half_up(numbers[e, EventFloat.COST])
    return cost


@lean
def _book_spend(c: int, amount: int, mix: Floats, channel: Ints, segment: Ints) -> None:
    """Spend of a channel on its segments, by the leads it brings them."""
    share, booked = 0.0, 0
    for s in range(mix.shape[0]):
        share += mix[s]
        part = round_half_up(amount * share) - booked
        booked += part
        channel[s, c, ChannelAccount.SPEND] += part
        segment[s, SegmentAccount.CHANNEL_SPEND] += part


@merged
def _attract(structure: Structure, values: Values, b: int, state: State, books: Books) -> None:
    """Leads a month of every stream."""
    stream = structure.stream
    stocks = books.opening if b == 0 else books.segment[b - 1]
    for n in range(stream.shape[0]):
        source, c = stream[n, StreamInt.SOURCE], stream[n, StreamInt.CHANNEL]
        leads = 0.0
        if source == Source.ORGANIC:
            leads = organic_leads(
                values.channel[c],
                values.season[c],
                structure.company[CompanyInt.START_CALENDAR_MONTH],
                b,
            )
        elif source == Source.SPEND:
            leads = spend_leads(
                structure.channel[c, ChannelInt.HILL] == 1, values.channel[c], state.effect[c]
            )
        elif source == Source.OUTBOUND:
            team = structure.channel[c, ChannelInt.OUTBOUND_TEAM]
            ramped = books.team[b, team, TeamAccount.RAMPED_MILLI_REPS] / 1000.0
            leads = values.channel[c, ChannelFloat.OUTBOUND_RATE] * ramped
        elif source == Source.VIRALITY:
            n_customers = _customers(structure.virality_of[c], stocks)
            leads = values.channel[c, ChannelFloat.VIRALITY_RATE] * n_customers
        elif source == Source.REFERRALS:
            n_customers = _customers(structure.referral_of[c], stocks)
            leads = values.channel[c, ChannelFloat.REFERRAL_RATE] * n_customers
        elif source == Source.PARTNERS:
            leads = partner_leads(values.channel[c], b)
        elif source == Source.EVENTS:
            for e in range(structure.event.shape[0]):
                if _takes_place(structure.event[e], c, b):
                    leads += values.event[e, EventFloat.LEADS]
        state.intensity[n] = leads * values.stream[n, StreamFloat.SHARE]


@lean
def _tell_free(accounts: Floats, market: Ints, free_share: Floats) -> None:
    """Part of each tier's accounts that is not busy."""
    for tier in range(accounts.shape[0]):
        busy = market[tier, MarketAccount.BUSY]
        if accounts[tier] < np.inf:
            left = accounts[tier] - busy
            free_share[tier] = left / accounts[tier] if left > 0.0 else 0.0


@lean
def _customers(counted: np.ndarray, stocks: Ints) -> int:
    n_customers = 0
    for s in range(counted.shape[0]):
        if counted[s]:
            n_customers += stocks[s, SegmentAccount.CLOSING_CUSTOMERS]
    return n_customers


@lean
def organic_leads(numbers: Floats, season: Floats, first_calendar_month: int, b: int) -> float:
    """Organic leads of a channel in month ``b``: growth compounds monthly, seasons repeat."""
    growth = exp(numbers[ChannelFloat.GROWTH_LOG] * (b / 12.0))
    return numbers[ChannelFloat.ORGANIC] * growth * season[(first_calendar_month + b) % 12]


@lean
def spend_leads(hill: bool, numbers: Floats, effect: float) -> float:
    """Leads a month that spend brings, by its smoothed ``effect`` (minor units a month)."""
    ratio = effect / numbers[ChannelFloat.REFERENCE_SPEND]
    response = power(ratio, numbers[ChannelFloat.EXPONENT])
    if hill:
        response = response / (1.0 + response)
    return numbers[ChannelFloat.LEADS] * response


@lean
def partner_leads(numbers: Floats, b: int) -> float:
    """Leads of a channel's partners in month ``b``."""
    partners = numbers[ChannelFloat.PARTNERS] + numbers[ChannelFloat.PARTNERS_ADDED] * b
    return partners * numbers[ChannelFloat.PARTNER_RATE]


# --- closing a month -------------------------------------------------------------------------


@lean
def close_month(structure: Structure, values: Values, m: int, state: State, books: Books) -> bool:
    """Close the books of month ``m`` and tell whether the company lives on.

    Parameters
    ----------
    structure, values
        The Plan and the numbers of the draw.
    m
        0-based month whose events and measured stocks the engine has posted.
    state, books
        Written: costs, cash, stocks and stage of the month.

    Returns
    -------
    bool
        False if cash is below zero: ARR has ceased, later months are cleared and frozen.
    """
    _pay_commissions(m, books.segment)
    for team in range(structure.team.shape[0]):
        _pay_team(structure, values, m, team, state, books)
        _count_reps_at_quota(structure, values, m, team, state, books)
    _pay_tools(
        structure.stack_of, values.stack_cost, state.open_segments, state.weights, books.segment[m]
    )
    _credit(values.segment, state.level_missed, state.unused_revenue, books.segment[m])
    _serve(values.segment, state.unused_revenue, books.segment[m])
    _pay_cost_lines(structure, values, m, state, books)
    _carry_stocks(m, books)
    _settle_cash(values, structure.round, m, state, books)
    _apply_floor(structure.company, values.company, books.company[m], state.company)
    arr = closing_arr(books.segment[m])
    solvent = books.company[m, CompanyAccount.CASH] >= 0
    if not solvent:
        cease(m, books)
        arr = 0
    books.company[m, CompanyAccount.STAGE] = stage_at(arr, values.stage_from_arr)
    books.company[m, CompanyAccount.POLICY_STAGE] = state.company[POLICY_STAGE]
    return solvent


@lean
def _pay_commissions(m: int, segment: Ints) -> None:
    """Commissions are paid the month after they are earned."""
    if m > 0:
        for s in range(segment.shape[1]):
            earned = segment[m - 1, s, SegmentAccount.COMMISSIONS]
            segment[m, s, SegmentAccount.COMMISSIONS_PAID] = earned


@merged
def _pay_team(
    structure: Structure, values: Values, m: int, team: int, state: State, books: Books
) -> None:
    """Pay of a team and its new hires, spread over segments by the work done for them."""
    row = books.team[m, team]
    numbers = values.team[team]
    cost = row[TeamAccount.HEADCOUNT] * round_half_up(numbers[TeamFloat.COST_PER_MONTH])
    cost += row[TeamAccount.HIRED] * round_half_up(numbers[TeamFloat.RECRUITING_COST])
    row[TeamAccount.COST] = cost
    ramped = row[TeamAccount.RAMPED_MILLI_REPS] / 1000.0
    row[TeamAccount.QUOTA] = round_half_up(numbers[TeamFloat.QUOTA_PER_MONTH] * ramped)

    function = structure.team[team, TeamInt.FUNCTION]
    account = _SUCCESS_TEAM_COST
    if function in ACQUIRING:
        account = _SALES_TEAM_COST
    work_shares(structure, values, team, state, books.segment[m])
    _spread(cost, state.weights, account, books.segment[m])
    if account == _SALES_TEAM_COST:
        worked, on_expansions = state.worked_ticks[team], state.expansion_ticks[team]
        _tell_expansions(cost, state.weights, worked, on_expansions, books.segment[m])


@merged
def work_shares(
    structure: Structure, values: Values, team: int, state: State, stocks: Ints
) -> None:
    """Put into ``state.weights`` the weights by which a team's cost falls on segments.

    Accounts looked after for a success team; else worked time; else, for prospecting, the mix of
    its channels; else the segments that it is said to work for, open or not; else the open
    segments alike.
    """
    n_segments = structure.segment.shape[0]
    weights = state.weights
    for s in range(n_segments):
        weights[s] = 0.0
        if structure.segment[s, SegmentInt.CSM_TEAM] == team:
            customers = stocks[s, SegmentAccount.CLOSING_CUSTOMERS]
            weights[s] = customers / values.segment[s, SegmentFloat.ACCOUNTS_PER_REP]
    if total(weights) == 0.0:
        for s in range(n_segments):
            weights[s] = state.worked_ticks[team, s]
    if total(weights) == 0.0:
        for c in range(structure.channel.shape[0]):
            if structure.channel[c, ChannelInt.OUTBOUND_TEAM] == team:
                for s in range(n_segments):
                    if state.open_segments[s]:
                        weights[s] += values.mix[c, s]
    if total(weights) == 0.0:
        for s in range(n_segments):
            weights[s] = 1.0 if structure.works_for[team, s] else 0.0
    if total(weights) == 0.0:
        for s in range(n_segments):
            weights[s] = 1.0 if state.open_segments[s] else 0.0
    if total(weights) == 0.0:
        for s in range(n_segments):
            weights[s] = 1.0


@lean
def total(weights: Floats) -> float:
    """Sum in order, so that it is the same bits everywhere."""
    so_far = 0.0
    for s in range(weights.shape[0]):
        so_far += weights[s]
    return so_far


@lean
def _spread(amount: int, weights: Floats, account: int, segment: Ints) -> None:
    """Post whole parts of ``amount`` that sum to it."""
    whole, before = total(weights), 0.0
    for s in range(weights.shape[0]):
        segment[s, account] += _part(amount, whole, before, weights[s])
        before += weights[s]


@lean
def _part(amount: int, whole: float, before: float, weight: float) -> int:
    """Whole part of ``amount`` that falls on ``weight``, after ``before`` of the weights."""
    return round_half_up(amount * ((before + weight) / whole)) - round_half_up(
        amount * (before / whole)
    )


@lean
def _tell_expansions(
    cost: int, weights: Floats, worked: Ints, on_expansions: Ints, segment: Ints
) -> None:
    """Post what of a selling team's cost its work on expansions took, and its other work."""
    whole, before = total(weights), 0.0
    for s in range(weights.shape[0]):
        part = _part(cost, whole, before, weights[s])
        before += weights[s]
        segment[s, SegmentAccount.SELLER_TICKS] += worked[s] - on_expansions[s]
        if on_expansions[s] > 0:
            share = on_expansions[s] / worked[s]
            segment[s, SegmentAccount.EXPANSION_TEAM_COST] += round_half_up(part * share)


@merged
def _count_reps_at_quota(
    structure: Structure, values: Values, m: int, team: int, state: State, books: Books
) -> None:
    """Let the quota of a team's reps grow by the month's; at a year's end count who reached it."""
    if not _is_credited(structure.segment, structure.playbook, team):
        return
    start, quota = state.seat_start[team], state.seat_quota[team]
    per_month = values.team[team, TeamFloat.QUOTA_PER_MONTH]
    row = books.team[m, team]
    is_year_end = (m + 1) % MONTHS_PER_YEAR == 0
    for seat in range(start.shape[0]):
        if start[seat] != EMPTY_SEAT:
            share = ramp_share(m, start[seat], structure.team[team], values.ramp[team])
            quota[seat] += round_half_up(per_month * share)
            if is_year_end and quota[seat] > 0:
                row[TeamAccount.REPS_ON_QUOTA] += 1
                if state.seat_booked[team, seat, m // MONTHS_PER_YEAR] >= quota[seat]:
                    row[TeamAccount.REPS_AT_QUOTA] += 1
    if is_year_end:
        quota[:] = 0


@lean
def _is_credited(segment: Ints, playbook: Ints, team: int) -> bool:
    """Whether a team's reps book anything: it closes a segment's deals or works a playbook."""
    for p in range(playbook.shape[0]):
        if playbook[p, PlaybookInt.TEAM] == team:
            return True
    for s in range(segment.shape[0]):
        if segment[s, SegmentInt.CLOSING_TEAM] == team:
            return True
    return False


@lean
def _pay_tools(
    stack_of: np.ndarray, stack_cost: Floats, is_open: np.ndarray, weights: Floats, segment: Ints
) -> None:
    """Each tech stack that an open segment needs is paid once, by those segments alike."""
    n_segments = stack_of.shape[0]
    for w in range(stack_of.shape[1]):
        for s in range(n_segments):
            weights[s] = 1.0 if is_open[s] and stack_of[s, w] else 0.0
        if total(weights) > 0.0:
            _spread(round_half_up(stack_cost[w]), weights, _TOOLS_COST, segment)


@lean
def _credit(numbers: Floats, missed: np.ndarray, unused: Ints, segment: Ints) -> None:
    """Credits for service levels that were missed: they lessen revenue, and are paid in cash."""
    for s in range(segment.shape[0]):
        if missed[s]:
            fee = max(segment[s, SegmentAccount.REVENUE] - unused[s], 0)
            credit = round_half_up(numbers[s, SegmentFloat.CREDIT_SHARE] * fee)
            segment[s, SegmentAccount.SERVICE_CREDITS] = credit
            segment[s, SegmentAccount.REVENUE] -= credit


@lean
def _serve(numbers: Floats, unused: Ints, segment: Ints) -> None:
    """Cost of revenue that follows revenue and customers."""
    for s in range(segment.shape[0]):
        row = segment[s]
        # What serving takes does not fall with what is credited.
        revenue = row[SegmentAccount.REVENUE] - unused[s] + row[SegmentAccount.SERVICE_CREDITS]
        customers = row[SegmentAccount.SERVICE_MILLI_LOAD] / 1000.0
        row[SegmentAccount.COGS] = round_half_up(numbers[s, SegmentFloat.COGS_SHARE] * revenue)
        row[SegmentAccount.SUPPORT_COST] = round_half_up(
            numbers[s, SegmentFloat.SUPPORT_PER_MONTH] * customers
        )


@lean
def _cost_account(function: int) -> int:
    if function == TeamFunction.PRODUCT:
        return _PRODUCT_COST
    if function == TeamFunction.G_AND_A:
        return _GENERAL_COST
    if function == TeamFunction.MARKETING:
        return _MARKETING_COST
    if function == TeamFunction.SALES:
        return _SALES_COST
    if function == TeamFunction.SUPPORT:
        return _SUPPORT_COST
    return _SUCCESS_COST


@merged
def _pay_cost_lines(
    structure: Structure, values: Values, m: int, state: State, books: Books
) -> None:
    stage = state.company[POLICY_STAGE]
    revenue = 0
    for s in range(structure.segment.shape[0]):
        revenue += books.segment[m, s, SegmentAccount.REVENUE] - state.unused_revenue[s]
    for line in range(structure.cost.shape[0]):
        growth = exp(values.cost[line, CostFloat.GROWTH_LOG] * (m / 12.0))
        amount = values.cost_amount[line, stage] * growth
        amount += values.cost[line, CostFloat.SHARE_OF_REVENUE] * revenue
        account = _cost_account(structure.cost[line, CostInt.FUNCTION])
        books.company[m, account] += round_half_up(amount)


@lean
def _carry_stocks(m: int, books: Books) -> None:
    """Stocks that are last month's plus the month's flows."""
    for s in range(books.segment.shape[1]):
        last = books.opening[s] if m == 0 else books.segment[m - 1, s]
        row = books.segment[m, s]
        row[SegmentAccount.OPEN_OPPORTUNITIES] = (
            last[SegmentAccount.OPEN_OPPORTUNITIES]
            + row[SegmentAccount.OPPORTUNITIES]
            - row[SegmentAccount.LOST_OPPORTUNITIES]
            - row[SegmentAccount.NEW_LOGOS]
        )
        row[SegmentAccount.OPEN_PIPELINE_ARR] = (
            last[SegmentAccount.OPEN_PIPELINE_ARR]
            + row[SegmentAccount.PIPELINE_CREATED_ARR]
            - row[SegmentAccount.PIPELINE_CLOSED_ARR]
        )
        row[SegmentAccount.SIGNED_NOT_STARTED_ARR] = (
            last[SegmentAccount.SIGNED_NOT_STARTED_ARR]
            + row[SegmentAccount.BOOKED_ARR]
            - row[SegmentAccount.NEW_ARR]
        )
        row[SegmentAccount.RECEIVABLES] = (
            last[SegmentAccount.RECEIVABLES]
            + row[SegmentAccount.BILLINGS]
            - row[SegmentAccount.CREDIT_NOTES]
            - row[SegmentAccount.COLLECTIONS]
            - row[SegmentAccount.BAD_DEBT]
            + row[SegmentAccount.SERVICES_REVENUE]
            - row[SegmentAccount.SERVICES_COLLECTIONS]
        )
    for tier in range(books.market.shape[1]):
        row = books.market[m, tier]
        busy = row[MarketAccount.TAKEN] - row[MarketAccount.FREED]
        if m > 0:
            busy += books.market[m - 1, tier, MarketAccount.BUSY]
        row[MarketAccount.BUSY] = busy


@lean
def cash_flow(row: Ints) -> int:
    """Cash that a segment's month brings, from its row of the segment book."""
    return (
        row[SegmentAccount.COLLECTIONS]
        + row[SegmentAccount.SERVICES_COLLECTIONS]
        - row[SegmentAccount.CHANNEL_SPEND]
        - row[SegmentAccount.LEAD_COST]
        - row[SegmentAccount.STAGE_COST]
        - row[SegmentAccount.REFERRAL_COST]
        - row[SegmentAccount.ONBOARDING_COST]
        - row[SegmentAccount.EXPANSION_COST]
        - row[SegmentAccount.COMMISSIONS_PAID]
        - row[SegmentAccount.SALES_TEAM_COST]
        - row[SegmentAccount.SUCCESS_TEAM_COST]
        - row[SegmentAccount.SUCCESS_PROGRAMME_COST]
        - row[SegmentAccount.TOOLS_COST]
        - row[SegmentAccount.COGS]
        - row[SegmentAccount.SUPPORT_COST]
        - row[SegmentAccount.SERVICE_CREDITS]
    )


@merged
def _settle_cash(values: Values, rounds: Ints, m: int, state: State, books: Books) -> None:
    row = books.company[m]
    for q in range(rounds.shape[0]):
        if state.round_month[q] == m:
            row[CompanyAccount.FUNDING] += round_half_up(values.round[q, RoundFloat.AMOUNT])
    cash = round_half_up(values.company[CompanyFloat.CASH])
    if m > 0:
        cash = books.company[m - 1, CompanyAccount.CASH]
    row[CompanyAccount.OPENING_CASH] = cash
    cash += row[CompanyAccount.FUNDING]
    for s in range(books.segment.shape[1]):
        cash += cash_flow(books.segment[m, s])
    cash -= (
        row[CompanyAccount.PRODUCT_COST]
        + row[CompanyAccount.GENERAL_COST]
        + row[CompanyAccount.MARKETING_COST]
        + row[CompanyAccount.SALES_COST]
        + row[CompanyAccount.SUCCESS_COST]
        + row[CompanyAccount.SUPPORT_COST]
    )
    row[CompanyAccount.CASH] = cash


@lean
def _apply_floor(rules: Ints, numbers: Floats, row: Ints, company: Ints) -> None:
    """Low cash: the policy acts in the next month; the bridge comes once, at once."""
    if rules[CompanyInt.HAS_FLOOR] == 0:
        return
    low = row[CompanyAccount.CASH] < numbers[CompanyFloat.FLOOR_CASH]
    company[FLOOR_ACTIVE] = 1 if low else 0
    row[CompanyAccount.FLOOR_ACTIVE] = company[FLOOR_ACTIVE]
    if low and company[BRIDGE_USED] == 0:
        company[BRIDGE_USED] = 1
        bridge = round_half_up(numbers[CompanyFloat.BRIDGE])
        row[CompanyAccount.FUNDING] += bridge
        row[CompanyAccount.CASH] += bridge


@merged
def cease(m: int, books: Books) -> None:
    """Insolvency at the end of month ``m``: ARR ceases, flows stop, cash stays where it is."""
    for s in range(books.segment.shape[1]):
        row = books.segment[m, s]
        row[SegmentAccount.CEASED_ARR] = row[SegmentAccount.CLOSING_ARR]
        row[SegmentAccount.CEASED_CUSTOMERS] = row[SegmentAccount.CLOSING_CUSTOMERS]
        for account in (
            SegmentAccount.CLOSING_ARR,
            SegmentAccount.CLOSING_CUSTOMERS,
            SegmentAccount.CLOSING_MONTHLY_ARR,
            SegmentAccount.SIGNED_NOT_STARTED_ARR,
            SegmentAccount.OPEN_OPPORTUNITIES,
            SegmentAccount.OPEN_PIPELINE_ARR,
            SegmentAccount.RETAINED_ARR,
            SegmentAccount.RETAINED_ARR_CAPPED,
            SegmentAccount.LARGEST_CUSTOMER_ARR,
            SegmentAccount.SERVICE_MILLI_LOAD,
        ):
            row[account] = 0
    books.company[m, CompanyAccount.TOP_TEN_ARR] = 0
    books.cohort[m] = 0
    books.market[m, :, MarketAccount.BUSY] = 0
    books.lead_cohort[:] = 0
    books.company[m, CompanyAccount.INSOLVENT] = 1
    books.segment[m + 1 :] = 0
    books.channel[m + 1 :] = 0
    books.funnel[m + 1 :] = 0
    books.team[m + 1 :] = 0
    books.cohort[m + 1 :] = 0
    books.market[m + 1 :] = 0
    books.company[m + 1 :] = 0
    for later in range(m + 1, books.company.shape[0]):
        row = books.company[later]
        row[CompanyAccount.OPENING_CASH] = books.company[m, CompanyAccount.CASH]
        row[CompanyAccount.CASH] = books.company[m, CompanyAccount.CASH]
        row[CompanyAccount.INSOLVENT] = 1
        row[CompanyAccount.POLICY_STAGE] = books.company[m, CompanyAccount.POLICY_STAGE]
        for s in range(books.segment.shape[1]):
            for account in (
                SegmentAccount.DEFERRED_REVENUE,
                SegmentAccount.UNBILLED_RECEIVABLES,
                SegmentAccount.RECEIVABLES,
            ):
                books.segment[later, s, account] = books.segment[m, s, account]
