"""The merged loop of a month: everything that meets teams, in the model's order."""

import numpy as np

from gtmsim.draws.families import sample_at
from gtmsim.draws.keys import stream_of
from gtmsim.engines.compiled.agenda import (
    END,
    EXPIRY,
    OWN,
    REQUEST,
    START,
    comes_before,
    drop_first,
    entity_of,
    has_room,
    key_of,
    kind_of,
    park,
    push,
    sub_of,
    subject_of,
    what_of,
)
from gtmsim.engines.compiled.cohorts import lead_month, post_cohort
from gtmsim.engines.compiled.customers import EVENT, OUTCOME, RESTART, advance, next_own
from gtmsim.engines.compiled.jobs import end_job, jobs_left, new_job
from gtmsim.engines.compiled.ledger import note
from gtmsim.engines.compiled.luck import draw, pair
from gtmsim.engines.compiled.pool import free_account
from gtmsim.engines.compiled.signing import customers_left, share_of_potential, sign
from gtmsim.engines.compiled.terms import Terms
from gtmsim.engines.compiled.workspace import (
    AGENDA_FULL,
    BLOCK,
    BLOCK_BITS,
    CUSTOMERS_FULL,
    JOBS_FULL,
    NEVER,
    NOBODY,
    OK,
    Agenda,
    CustomerInt,
    Customers,
    CustomerTime,
    Desks,
    JobInt,
    JobKind,
    Jobs,
    JobTime,
    Log,
    Workspace,
)
from gtmsim.jit import lean, lean_inlined, merged
from gtmsim.plan.market import NO_PROFILE
from gtmsim.plan.structure import (
    FunnelInt,
    Ints,
    PlaybookInt,
    Purpose,
    SegmentInt,
    StreamInt,
)
from gtmsim.rules.buyers import with_odds
from gtmsim.rules.clocks import month_of, ticks
from gtmsim.rules.money import round_half_up
from gtmsim.rules.state import Books, State
from gtmsim.vocabulary import (
    MONTHS_PER_YEAR,
    TICKS_PER_MONTH,
    ChannelAccount,
    EventKind,
    FunnelAccount,
    LeadCohortAccount,
    SegmentAccount,
    TeamAccount,
)

# columns that a kernel chooses at run time: numba types a choice between whole numbers only
_WON = int(FunnelAccount.WON)
_LOST = int(FunnelAccount.LOST)

_SEAT_BITS = 20
_NO_SEAT = 1 << 62

_BOUNDARY = np.int64(-2)  # kind of granting at the boundary, which is no entity's
_NOTHING = np.int64(-1)
_ONE = np.int64(1)

_ROOM = 8
"""What one event may take at most of the agenda and of the jobs."""


# --- seats and queues ------------------------------------------------------------------------


@merged
def count_slots(slots: Ints, desks: Desks) -> None:
    """Free slots of every team at the month's start."""
    for team in range(slots.shape[0]):
        desks.free[team] = 0
        desks.seats[team] = 0
        for seat in range(slots.shape[1]):
            if slots[team, seat] > 0:
                desks.seats[team] = seat + 1
                desks.free[team] += max(0, slots[team, seat] - desks.held[team, seat])


@merged
def free_seat(slots: Ints, desks: Desks, team: int) -> int:
    """Of the seats with a free slot, the one that holds least; the lowest on ties."""
    best = _NO_SEAT
    for seat in range(desks.seats[team]):
        held = desks.held[team, seat]
        rank = (held << _SEAT_BITS) | seat
        best = min(best, rank if held < slots[team, seat] else _NO_SEAT)
    return best & ((1 << _SEAT_BITS) - 1)


@merged
def join_queue(jobs: Jobs, desks: Desks, job: int) -> None:
    """Put a job into its team's queue, which is in order of request time, entity, sub."""
    number = jobs.number
    team = number[job, JobInt.TEAM]
    rank = number[job, JobInt.RANK]
    # Requests come in order of time, so that all but ties stop at the tail.
    ahead = desks.tail[team, rank]
    behind = NOBODY
    while ahead != NOBODY and comes_before(
        jobs.time[job, JobTime.REQUESTED],
        number[job, JobInt.ENTITY],
        number[job, JobInt.SUB],
        jobs.time[ahead, JobTime.REQUESTED],
        number[ahead, JobInt.ENTITY],
        number[ahead, JobInt.SUB],
    ):
        behind = ahead
        ahead = number[ahead, JobInt.AHEAD]
    number[job, JobInt.AHEAD] = ahead
    number[job, JobInt.BEHIND] = behind
    if ahead == NOBODY:
        desks.head[team, rank] = job
    else:
        number[ahead, JobInt.BEHIND] = job
    if behind == NOBODY:
        desks.tail[team, rank] = job
    else:
        number[behind, JobInt.AHEAD] = job
    number[job, JobInt.WAITS] = 1
    desks.waiting[team] += 1


@lean
def leave_queue(jobs: Jobs, desks: Desks, job: int) -> None:
    """Take a job out of its team's queue."""
    number = jobs.number
    team = number[job, JobInt.TEAM]
    rank = number[job, JobInt.RANK]
    ahead, behind = number[job, JobInt.AHEAD], number[job, JobInt.BEHIND]
    if ahead == NOBODY:
        desks.head[team, rank] = behind
    else:
        number[ahead, JobInt.BEHIND] = behind
    if behind == NOBODY:
        desks.tail[team, rank] = ahead
    else:
        number[behind, JobInt.AHEAD] = ahead
    number[job, JobInt.WAITS] = 0
    desks.waiting[team] -= 1


@merged
def rank_of(terms: Terms, jobs: Jobs, job: int) -> int:
    """Rank in queues: of a deal by its ACV, of anything else that of the segment's lowest band."""
    segment = jobs.number[job, JobInt.SEGMENT]
    band = 0
    if jobs.number[job, JobInt.KIND] == JobKind.DEAL:
        acv = jobs.number[job, JobInt.ACV]
        for b in range(terms.segment[segment, SegmentInt.BANDS]):
            band += acv >= terms.band[segment, b]
    return terms.queue_rank[segment, band]


@merged
def head_of_queue(desks: Desks, team: int) -> int:
    """First job of a team's queue, which is not empty."""
    for rank in range(desks.head.shape[1]):
        if desks.head[team, rank] != NOBODY:
            return desks.head[team, rank]
    return NOBODY


@lean
def schedule(agenda: Agenda, month: int, months: int, t: float, key: int, what: int) -> bool:
    """Put an instant on the agenda unless it lies beyond the horizon; tells whether it did."""
    if t >= months:
        return False
    if t < month + 1:
        push(agenda, t, key, what)
    else:
        park(agenda, month_of(t), t, key, what)
    return True


@merged
def request(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    t: float,
    month: int,
    state: State,
    workspace: Workspace,
    books: Books,
    job: int,
) -> None:
    """Ask the job's team for a rep at ``t``."""
    jobs, desks, log = workspace.jobs, workspace.desks, workspace.log
    number = jobs.number
    team, entity = number[job, JobInt.TEAM], number[job, JobInt.ENTITY]
    sub = number[job, JobInt.SUB]
    jobs.time[job, JobTime.REQUESTED] = t
    books.team[month, team, TeamAccount.REQUESTS] += 1
    if log.time.shape[0] > 0:
        segment = number[job, JobInt.SEGMENT]
        note(log, t, EventKind.REQUESTED, entity, sub, segment, team, -1, 0)
    if desks.free[team] > 0:
        grant(terms, k0, k1, t, month, state, workspace, books, job)
        return
    number[job, JobInt.RANK] = rank_of(terms, jobs, job)
    join_queue(jobs, desks, job)
    expires = t + patience(terms, k0, k1, jobs, job)
    jobs.time[job, JobTime.EXPIRES] = expires
    key, what = key_of(EXPIRY, entity), what_of(sub, job)
    schedule(workspace.agenda, month, terms.months[0], expires, key, what)


@merged
def patience(terms: Terms, k0: np.uint64, k1: np.uint64, jobs: Jobs, job: int) -> float:
    """How long a job waits; infinite where nothing limits it."""
    number = jobs.number
    entity, kind = number[job, JobInt.ENTITY], number[job, JobInt.KIND]
    if kind == JobKind.DEAL:
        row = number[job, JobInt.ROW]
        dist = terms.funnel[row, FunnelInt.PATIENCE_DIST]
        if dist >= 0:
            return draw(terms, k0, k1, terms.patience_key[row], entity, 0, dist)
    elif kind == JobKind.ATTEMPT:
        playbook = number[job, JobInt.SUB]
        dist = terms.playbook[playbook, PlaybookInt.PATIENCE_DIST]
        if dist >= 0:
            n = number[job, JobInt.N]
            _, u1 = pair(k0, k1, terms.stream_key, terms.work_key[playbook], entity, n)
            return sample_at(terms.dists, dist, terms.tables, u1)
    return NEVER


@lean
def grant(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    t: float,
    month: int,
    state: State,
    workspace: Workspace,
    books: Books,
    job: int,
) -> None:
    """Give a job the free seat of its team that holds least, and begin its work at ``t``."""
    jobs, desks, log = workspace.jobs, workspace.desks, workspace.log
    number = jobs.number
    team, entity = number[job, JobInt.TEAM], number[job, JobInt.ENTITY]
    sub, segment = number[job, JobInt.SUB], number[job, JobInt.SEGMENT]
    seat = free_seat(state.seat_slots, desks, team)
    desks.held[team, seat] += 1
    desks.free[team] -= 1
    number[job, JobInt.SEAT] = seat
    jobs.time[job, JobTime.LEAVES] = state.seat_leaves[team, seat]
    waited = ticks(t) - ticks(jobs.time[job, JobTime.REQUESTED])
    row = books.team[month, team]
    row[TeamAccount.GRANTS] += 1
    row[TeamAccount.WAITED_TICKS] += waited
    if log.time.shape[0] > 0:
        note(log, t, EventKind.GRANTED, entity, sub, segment, team, seat, waited)
        if number[job, JobInt.KIND] == JobKind.ONBOARDING:
            note(log, t, EventKind.ONBOARDING_STARTED, entity, sub, segment, team, seat, 0)
    begin_work(terms, k0, k1, t, month, state, workspace, books, job)


@lean
def begin_work(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    t: float,
    month: int,
    state: State,
    workspace: Workspace,
    books: Books,
    job: int,
) -> None:
    """Draw how long the work takes, and its outcome for a deal; post its ticks of the month."""
    jobs, desks = workspace.jobs, workspace.desks
    number = jobs.number
    entity, kind = number[job, JobInt.ENTITY], number[job, JobInt.KIND]
    sub, segment, team = (
        number[job, JobInt.SUB],
        number[job, JobInt.SEGMENT],
        number[job, JobInt.TEAM],
    )
    if kind == JobKind.DEAL and jobs.time[job, JobTime.WORK] >= 0.0:
        end = t + jobs.time[job, JobTime.WORK]
        jobs.time[job, JobTime.WORK] = -1.0
    elif kind == JobKind.DEAL:
        row = number[job, JobInt.ROW]
        u0, u1 = pair(k0, k1, terms.stream_key, terms.stage_key[row], entity, 0)
        win_rate = terms.market.win_rate[row, number[job, JobInt.PROFILE]]
        odds = odds_of(terms, state, entity, row, month_of(jobs.time[job, JobTime.ENTERED]))
        number[job, JobInt.WON] = u0 < with_odds(win_rate, odds)
        dist = terms.funnel[row, FunnelInt.DURATION_DIST]
        slower = terms.market.duration[row, number[job, JobInt.PROFILE]]
        end = t + sample_at(terms.dists, dist, terms.tables, u1) * slower
    elif kind == JobKind.ATTEMPT:
        n = number[job, JobInt.N]
        dist = terms.playbook[sub, PlaybookInt.DURATION_DIST]
        end = t + draw(terms, k0, k1, terms.work_key[sub], entity, n, dist)
    else:
        dist = terms.segment[segment, SegmentInt.ONBOARDING_DIST]
        end = t + draw(terms, k0, k1, terms.purpose_key[Purpose.ONBOARDING], entity, 0, dist)
    jobs.time[job, JobTime.BEGUN] = t
    state.worked_ticks[team, segment] += ticks(min(end, month + 1.0)) - ticks(t)
    if end >= month + 1:
        desks.begun[team, segment] += 1
    if kind == JobKind.ATTEMPT:
        state.expansion_ticks[team, segment] += ticks(min(end, month + 1.0)) - ticks(t)
        if end >= month + 1:
            desks.begun_attempts[team, segment] += 1
    elif terms.is_acquiring[team]:
        # All of it at once: work ends as planned, and insolvency clears the cohorts.
        worked = ticks(min(end, float(terms.months[0]))) - ticks(t)
        post_cohort(terms, books, entity, segment, LeadCohortAccount.SELLER_TICKS, worked)
    key, what = key_of(END, entity), what_of(sub, job)
    schedule(workspace.agenda, month, terms.months[0], end, key, what)


@merged
def end_work(t: float, month: int, state: State, jobs: Jobs, desks: Desks, job: int) -> None:
    """Post the ticks of a work that ends at ``t`` and began in an earlier month."""
    team, segment = jobs.number[job, JobInt.TEAM], jobs.number[job, JobInt.SEGMENT]
    worked = ticks(t) - ticks(float(month))
    desks.lasting[team, segment] -= 1
    state.worked_ticks[team, segment] += worked
    if jobs.number[job, JobInt.KIND] == JobKind.ATTEMPT:
        desks.lasting_attempts[team, segment] -= 1
        state.expansion_ticks[team, segment] += worked


@merged
def release(t: float, state: State, workspace: Workspace, job: int) -> int:
    """Take the rep from a job; returns the team if a slot is free now, else NOBODY."""
    jobs, desks, log = workspace.jobs, workspace.desks, workspace.log
    number = jobs.number
    team, seat = number[job, JobInt.TEAM], number[job, JobInt.SEAT]
    if log.time.shape[0] > 0:
        entity, segment = number[job, JobInt.ENTITY], number[job, JobInt.SEGMENT]
        sub = number[job, JobInt.SUB]
        note(log, t, EventKind.RELEASED, entity, sub, segment, team, seat, 0)
    desks.held[team, seat] -= 1
    if desks.held[team, seat] < state.seat_slots[team, seat]:
        desks.free[team] += 1
        return team
    return NOBODY


# --- deals -----------------------------------------------------------------------------------


@lean_inlined
def odds_of(terms: Terms, state: State, entity: int, row: int, entered: int) -> float:
    """Factor on the odds of a row that a deal entered in a month: of prices, and of the product.

    A deal of the opening position counts as come in the first month.
    """
    came = max(lead_month(terms, entity), 0)
    return terms.prices.odds[entered, row] * state.product_odds[came, row]


@lean
def enter_row(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    t: float,
    workspace: Workspace,
    books: Books,
    job: int,
    row: int,
) -> None:
    """Let a deal enter a funnel row at ``t``, before the horizon."""
    jobs, log = workspace.jobs, workspace.log
    number = jobs.number
    entity, segment = number[job, JobInt.ENTITY], number[job, JobInt.SEGMENT]
    month = month_of(t)
    channel = terms.stream[stream_of(entity), StreamInt.CHANNEL]
    cost = terms.entry_cost[row]
    number[job, JobInt.ROW] = row
    jobs.time[job, JobTime.ENTERED] = t
    books.funnel[month, row, FunnelAccount.ENTERED] += 1
    books.segment[month, segment, SegmentAccount.STAGE_COST] += cost
    books.channel[month, segment, channel, ChannelAccount.VARIABLE_COST] += cost
    post_cohort(terms, books, entity, segment, LeadCohortAccount.VARIABLE_COST, cost)
    recording = log.time.shape[0] > 0
    if recording:
        note(log, t, EventKind.STAGE_ENTERED, entity, -1, segment, row, -1, cost)
    # An opening deal that is an opportunity has its ACV already.
    is_new = number[job, JobInt.ACV] == 0
    if is_new and row == terms.funnel[row, FunnelInt.OPPORTUNITY_ROW]:
        profile = number[job, JobInt.PROFILE]
        acv = draw_acv(terms, k0, k1, entity, segment, profile, month)
        number[job, JobInt.ACV] = acv
        jobs.time[job, JobTime.OPPORTUNITY] = t
        books.segment[month, segment, SegmentAccount.OPPORTUNITIES] += 1
        books.segment[month, segment, SegmentAccount.PIPELINE_CREATED_ARR] += acv
        books.channel[month, segment, channel, ChannelAccount.OPPORTUNITIES] += 1
        if recording:
            note(log, t, EventKind.OPPORTUNITY, entity, -1, segment, row, -1, acv)


@lean
def draw_acv(
    terms: Terms, k0: np.uint64, k1: np.uint64, entity: int, segment: int, profile: int, month: int
) -> int:
    """List price a year of a deal that is an opportunity in ``month``."""
    level = terms.prices.level[month, segment]
    share = terms.segment[segment, SegmentInt.POTENTIAL_SHARE_DIST]
    if share >= 0 and profile != NO_PROFILE:
        u0, _ = pair(k0, k1, terms.stream_key, terms.purpose_key[Purpose.ACV], entity, 0)
        part = share_of_potential(terms, k0, k1, entity, share, u0)
        return max(1, round_half_up(part * level))
    row = terms.segment[segment, SegmentInt.ACV_DIST]
    acv = draw(terms, k0, k1, terms.purpose_key[Purpose.ACV], entity, 0, row)
    return max(1, round_half_up(acv * level))


@lean
def lose(
    terms: Terms,
    t: float,
    entity: int,
    segment: int,
    row: int,
    acv: int,
    profile: int,
    books: Books,
) -> None:
    """Post the loss of a lead to its cohort, and of an opportunity to its accounts."""
    post_cohort(terms, books, entity, segment, LeadCohortAccount.OPEN_LEADS, -1)
    month = month_of(t)
    was_opportunity = row >= terms.funnel[row, FunnelInt.OPPORTUNITY_ROW]
    free_account(terms, books, profile, month, was_opportunity)
    if was_opportunity:
        channel = terms.stream[stream_of(entity), StreamInt.CHANNEL]
        books.segment[month, segment, SegmentAccount.LOST_OPPORTUNITIES] += 1
        books.segment[month, segment, SegmentAccount.PIPELINE_CLOSED_ARR] += acv
        books.channel[month, segment, channel, ChannelAccount.LOST_OPPORTUNITIES] += 1


@merged
def walk(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    t: float,
    month: int,
    state: State,
    workspace: Workspace,
    books: Books,
    job: int,
    row: int,
    at_once: bool,
) -> int:
    """Let a deal that holds no rep go on with ``row`` at ``t``, to its next request or its end.

    ``at_once`` tells whether a request at ``t`` itself is part of the event that leads to it.

    Returns
    -------
    int
        The job if it asks for a rep now, else NOBODY.
    """
    jobs, agenda, log = workspace.jobs, workspace.agenda, workspace.log
    number = jobs.number
    recording = log.time.shape[0] > 0
    months = terms.months[0]
    entity, segment = number[job, JobInt.ENTITY], number[job, JobInt.SEGMENT]
    passed = number[job, JobInt.ROW]  # a row of the same motion
    opportunity_row = terms.funnel[passed, FunnelInt.OPPORTUNITY_ROW]
    last = terms.funnel[passed, FunnelInt.LAST_ROW]
    while row <= last:
        enter_row(terms, k0, k1, t, workspace, books, job, row)
        team = terms.funnel[row, FunnelInt.TEAM]
        if team >= 0:
            number[job, JobInt.TEAM] = team
            if at_once:
                return job
            schedule(agenda, month, months, t, key_of(REQUEST, entity), what_of(-1, job))
            return NOBODY
        at_once = False
        u0, u1 = pair(k0, k1, terms.stream_key, terms.stage_key[row], entity, 0)
        profile = number[job, JobInt.PROFILE]
        odds = odds_of(terms, state, entity, row, month_of(t))
        won = u0 < with_odds(terms.market.win_rate[row, profile], odds)
        if won or row >= opportunity_row:
            dist = terms.funnel[row, FunnelInt.DURATION_DIST]
            slower = terms.market.duration[row, profile]
            t = t + sample_at(terms.dists, dist, terms.tables, u1) * slower
            if t >= months:
                end_job(jobs, job)
                return NOBODY
            if recording and row >= opportunity_row:
                note(log, t, EventKind.STAGE_ENDED, entity, -1, segment, row, -1, 0)
        if not won:
            books.funnel[month_of(t), row, FunnelAccount.LOST] += 1
            acv = number[job, JobInt.ACV] if row >= opportunity_row else 0
            if recording:
                note(log, t, EventKind.LOST, entity, -1, segment, row, -1, acv)
            lose(terms, t, entity, segment, row, acv, profile, books)
            end_job(jobs, job)
            return NOBODY
        books.funnel[month_of(t), row, FunnelAccount.WON] += 1
        row += 1
    return win(terms, k0, k1, t, month, state, workspace, books, job, at_once)


@lean_inlined
def rep_in_seat(jobs: Jobs, job: int, month: int) -> int:
    """Seat of the rep who held a job last, if there was one who is with the team in ``month``.

    A rep who leaves at a time is gone from the next boundary on.
    """
    seat = jobs.number[job, JobInt.SEAT]
    return seat if seat != NOBODY and jobs.time[job, JobTime.LEAVES] > month else NOBODY


@merged
def win(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    t: float,
    month: int,
    state: State,
    workspace: Workspace,
    books: Books,
    job: int,
    at_once: bool,
) -> int:
    """Sign at ``t`` and see to onboarding; returns what `walk` does."""
    customers, jobs, agenda, log = (
        workspace.customers,
        workspace.jobs,
        workspace.agenda,
        workspace.log,
    )
    intake, number = workspace.intake, jobs.number
    entity, segment = number[job, JobInt.ENTITY], number[job, JobInt.SEGMENT]
    acv, opportunity = number[job, JobInt.ACV], jobs.time[job, JobTime.OPPORTUNITY]
    intake.entity[0], intake.time[0] = entity, t
    intake.acv[0], intake.opportunity[0] = acv, opportunity
    intake.profile[0], intake.row[0] = number[job, JobInt.PROFILE], number[job, JobInt.ROW]
    sign(terms, k0, k1, segment, _ONE, intake, customers, books, log)
    rep = rep_in_seat(jobs, job, month_of(t))
    if rep != NOBODY:
        year = month_of(t) // MONTHS_PER_YEAR
        state.seat_booked[number[job, JobInt.TEAM], rep, year] += intake.arr[0]
    slot = intake.slot[0]
    starts = NEVER
    if slot != NOBODY:
        starts = customers.time[CustomerTime.NEXT, slot]
        if starts < month + 1:
            push(agenda, starts, key_of(OWN, entity), what_of(-1, slot))
    team = terms.segment[segment, SegmentInt.ONBOARDING_TEAM]
    if team == NOBODY:
        end_job(jobs, job)
        return NOBODY
    number[job, JobInt.KIND] = JobKind.ONBOARDING
    number[job, JobInt.TEAM] = team
    number[job, JobInt.CUSTOMER] = NOBODY if starts < NEVER else slot
    if at_once:
        return job
    schedule(agenda, month, terms.months[0], t, key_of(REQUEST, entity), what_of(-1, job))
    return NOBODY


@merged
def end_row(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    t: float,
    month: int,
    state: State,
    workspace: Workspace,
    books: Books,
    job: int,
) -> bool:
    """End the work on a deal's row at ``t``; tells whether the same rep goes on with the next."""
    jobs, log = workspace.jobs, workspace.log
    number = jobs.number
    entity, segment = number[job, JobInt.ENTITY], number[job, JobInt.SEGMENT]
    row, won = number[job, JobInt.ROW], number[job, JobInt.WON] == 1
    if log.time.shape[0] > 0:
        note(log, t, EventKind.STAGE_ENDED, entity, -1, segment, row, -1, 0)
    books.funnel[month, row, _WON if won else _LOST] += 1
    goes_on = (
        won
        and row < terms.funnel[row, FunnelInt.LAST_ROW]
        and terms.funnel[row + 1, FunnelInt.TEAM] == number[job, JobInt.TEAM]
    )
    if goes_on:
        enter_row(terms, k0, k1, t, workspace, books, job, row + 1)
        begin_work(terms, k0, k1, t, month, state, workspace, books, job)
    return goes_on


@merged
def lose_deal(terms: Terms, t: float, jobs: Jobs, books: Books, log: Log, job: int) -> None:
    """End a deal that its row's outcome lost at ``t``."""
    number = jobs.number
    entity, segment = number[job, JobInt.ENTITY], number[job, JobInt.SEGMENT]
    row = number[job, JobInt.ROW]
    acv = 0
    if row >= terms.funnel[row, FunnelInt.OPPORTUNITY_ROW]:
        acv = number[job, JobInt.ACV]
    if log.time.shape[0] > 0:
        note(log, t, EventKind.LOST, entity, -1, segment, row, -1, acv)
    lose(terms, t, entity, segment, row, acv, number[job, JobInt.PROFILE], books)
    end_job(jobs, job)


# --- what else meets teams -------------------------------------------------------------------


@merged
def watch(
    terms: Terms, month: int, state: State, workspace: Workspace, segment: int, slot: int
) -> None:
    """Put a customer's next own event on the agenda if it falls into the month."""
    customers = workspace.customers
    t, q, _ = next_own(terms, state, month, customers, segment, slot)
    if t < month + 1:
        sub = terms.segment[segment, SegmentInt.PLAYBOOK_FIRST] + q if q >= 0 else -1
        key = key_of(OWN, customers.number[CustomerInt.ENTITY, slot])
        push(workspace.agenda, t, key, what_of(sub, slot))


@merged
def is_next(
    terms: Terms,
    t: float,
    month: int,
    state: State,
    customers: Customers,
    entity: int,
    sub: int,
    slot: int,
) -> bool:
    """Whether an own event on the agenda is still the customer's next one."""
    if customers.number[CustomerInt.ENTITY, slot] != entity:
        return False
    segment = customers.segment[slot >> BLOCK_BITS]
    due, q, _ = next_own(terms, state, month, customers, segment, slot)
    return (
        due == t
        and (terms.segment[segment, SegmentInt.PLAYBOOK_FIRST] + q if q >= 0 else -1) == sub
    )


@merged
def go_live(t: float, workspace: Workspace, job: int) -> None:
    """Let the customer of an onboarding that is done go live at ``t``."""
    customers, jobs, log = workspace.customers, workspace.jobs, workspace.log
    number = jobs.number
    entity, slot = number[job, JobInt.ENTITY], number[job, JobInt.CUSTOMER]
    if log.time.shape[0] > 0:
        segment, team = number[job, JobInt.SEGMENT], number[job, JobInt.TEAM]
        note(log, t, EventKind.WENT_LIVE, entity, -1, segment, team, -1, 0)
    if slot != NOBODY:
        customers.time[CustomerTime.NEXT, slot] = t
        push(workspace.agenda, t, key_of(OWN, entity), what_of(-1, slot))
    end_job(jobs, job)


@merged
def expire(
    terms: Terms, t: float, month: int, workspace: Workspace, books: Books, job: int
) -> None:
    """Take a job that waited too long out of its queue; a deal is lost by it."""
    jobs, log = workspace.jobs, workspace.log
    number = jobs.number
    entity, segment = number[job, JobInt.ENTITY], number[job, JobInt.SEGMENT]
    team, sub, row = number[job, JobInt.TEAM], number[job, JobInt.SUB], number[job, JobInt.ROW]
    leave_queue(jobs, workspace.desks, job)
    books.team[month, team, TeamAccount.EXPIRED] += 1
    if log.time.shape[0] > 0:
        note(log, t, EventKind.EXPIRED, entity, sub, segment, team, -1, 0)
    if number[job, JobInt.KIND] == JobKind.DEAL:
        books.funnel[month, row, FunnelAccount.EXPIRED] += 1
        profile = number[job, JobInt.PROFILE]
        lose(terms, t, entity, segment, row, number[job, JobInt.ACV], profile, books)
        end_job(jobs, job)


@merged
def new_attempt(terms: Terms, workspace: Workspace, segment: int, slot: int, q: int) -> int:
    """Job of an expansion attempt that a customer's trigger asks for."""
    customers, jobs = workspace.customers, workspace.jobs
    playbook = terms.segment[segment, SegmentInt.PLAYBOOK_FIRST] + q
    entity = customers.number[CustomerInt.ENTITY, slot]
    job = new_job(jobs, JobKind.ATTEMPT, entity, playbook, segment)
    jobs.number[job, JobInt.TEAM] = terms.playbook[playbook, PlaybookInt.TEAM]
    jobs.number[job, JobInt.N] = customers.n_clock[q, slot] - 1
    jobs.number[job, JobInt.CUSTOMER] = slot
    jobs.number[job, JobInt.SERVICE] = customers.number[CustomerInt.SERVICE, slot]
    return job


# --- the loop --------------------------------------------------------------------------------


@lean
def work(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    month: int,
    state: State,
    workspace: Workspace,
    books: Books,
) -> int:
    """Play a month of the teams; returns OK, or the code of what was full.

    One long function with one call of each that it needs: a call from several places would be
    compiled into each.
    """
    customers, jobs, agenda, desks = (
        workspace.customers,
        workspace.jobs,
        workspace.agenda,
        workspace.desks,
    )
    number = jobs.number
    count_slots(state.seat_slots, desks)
    # Granting at the boundary comes first: an event of no entity for every team that can grant.
    team = 0
    due, n_due = 0, agenda.size[0]
    while team < desks.free.shape[0] or due < n_due or agenda.size[1] > 0:
        # A release, and so an event, may lead to no more than one grant; a boundary to many.
        grants = min(desks.free[team], desks.waiting[team]) if team < desks.free.shape[0] else 0
        if not has_room(agenda, _ROOM + grants):
            return AGENDA_FULL
        if jobs_left(jobs) < _ROOM:
            return JOBS_FULL
        if customers_left(customers) < BLOCK:
            return CUSTOMERS_FULL

        t, kind, entity, sub, subject = float(month), _BOUNDARY, NOBODY, NOBODY, NOBODY
        if team == desks.free.shape[0]:
            from_heap = due == n_due
            if not from_heap and agenda.size[1] > 0:
                from_heap = comes_before(
                    agenda.heap_time[0],
                    agenda.heap_key[0],
                    agenda.heap_what[0],
                    agenda.due_time[due],
                    agenda.due_key[due],
                    agenda.due_what[due],
                )
            if from_heap:
                t, key, what = agenda.heap_time[0], agenda.heap_key[0], agenda.heap_what[0]
                drop_first(agenda)
            else:
                t, key, what = agenda.due_time[due], agenda.due_key[due], agenda.due_what[due]
                due += 1
            kind, entity = kind_of(key), entity_of(key)
            sub, subject = sub_of(what), subject_of(what)

        job = subject
        task, slot, n, service, rep = _NOTHING, NOBODY, NOBODY, NOBODY, NOBODY
        asking, granting, row = NOBODY, NOBODY, NOBODY
        if kind == _BOUNDARY:
            granting = team
            team += 1
        elif kind == REQUEST:
            asking = job
        elif kind == START:
            row = number[job, JobInt.ROW]
        elif kind == OWN:
            if is_next(terms, t, month, state, customers, entity, sub, subject):
                task, slot = EVENT, subject
        elif kind == EXPIRY:
            still_waits = (
                number[job, JobInt.WAITS] == 1
                and number[job, JobInt.ENTITY] == entity
                and jobs.time[job, JobTime.EXPIRES] == t
            )
            if still_waits:
                expire(terms, t, month, workspace, books, job)
                if number[job, JobInt.ENTITY] == entity:
                    task = RESTART
        else:
            if jobs.time[job, JobTime.BEGUN] < month:
                end_work(t, month, state, jobs, desks, job)
            ended = number[job, JobInt.KIND]
            is_deal = ended == JobKind.DEAL
            if not (is_deal and end_row(terms, k0, k1, t, month, state, workspace, books, job)):
                granting = release(t, state, workspace, job)
                if is_deal and number[job, JobInt.WON] == 1:
                    row = number[job, JobInt.ROW] + 1
                elif is_deal:
                    lose_deal(terms, t, jobs, books, workspace.log, job)
                elif ended == JobKind.ONBOARDING:
                    go_live(t, workspace, job)
                else:
                    task = OUTCOME

        # A freed slot is offered before the entity goes on.
        if granting != NOBODY:
            while desks.free[granting] > 0 and desks.waiting[granting] > 0:
                first = head_of_queue(desks, granting)
                leave_queue(jobs, desks, first)
                grant(terms, k0, k1, t, month, state, workspace, books, first)
        if row != NOBODY:
            at_once = kind != START
            asking = walk(terms, k0, k1, t, month, state, workspace, books, job, row, at_once)
        if task != _NOTHING:
            if task >= OUTCOME:
                slot, n = number[job, JobInt.CUSTOMER], number[job, JobInt.N]
                service = number[job, JobInt.SERVICE]
                rep = rep_in_seat(jobs, job, month)
                end_job(jobs, job)
            segment = customers.segment[slot >> BLOCK_BITS]
            log = workspace.log
            q = advance(
                terms,
                k0,
                k1,
                month,
                state,
                customers,
                agenda,
                books,
                log,
                task,
                slot,
                t,
                sub,
                n,
                service,
                rep,
            )
            watch(terms, month, state, workspace, segment, slot)
            if q != NOBODY:
                asking = new_attempt(terms, workspace, segment, slot, q)
        if asking != NOBODY:
            request(terms, k0, k1, t, month, state, workspace, books, asking)
    return OK


@lean
def close_desks(month: int, state: State, desks: Desks, books: Books) -> None:
    """Post worked time and queues at the month's end."""
    for team in range(desks.waiting.shape[0]):
        worked = 0
        for segment in range(desks.lasting.shape[1]):
            ticks_lasting = desks.lasting[team, segment] * TICKS_PER_MONTH
            state.worked_ticks[team, segment] += ticks_lasting
            desks.lasting[team, segment] += desks.begun[team, segment]
            desks.begun[team, segment] = 0
            ticks_of_attempts = desks.lasting_attempts[team, segment] * TICKS_PER_MONTH
            state.expansion_ticks[team, segment] += ticks_of_attempts
            desks.lasting_attempts[team, segment] += desks.begun_attempts[team, segment]
            desks.begun_attempts[team, segment] = 0
            worked += state.worked_ticks[team, segment]
        books.team[month, team, TeamAccount.WORKED_TICKS] += worked
        books.team[month, team, TeamAccount.WAITING] = desks.waiting[team]
