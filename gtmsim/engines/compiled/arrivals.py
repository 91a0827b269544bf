"""Leads of a month, and their way through the stages before any team, in batches.

Nothing on that way depends on anyone else, so that it is computed at once, however long it takes:
entries, losses and costs are posted to their months, requests for a rep wait in the agenda of
theirs. Loops are short and single-purpose, so that the compiler vectorises the draws.
"""

from math import ceil

import numpy as np

from gtmsim.draws.counts import LAYER_HEIGHT, poisson_layer
from gtmsim.draws.families import sample_many
from gtmsim.draws.keys import counter, entity_id, pack_place
from gtmsim.draws.threefry import uniforms
from gtmsim.engines.compiled.agenda import REQUEST, has_room, key_of, park, what_of
from gtmsim.engines.compiled.jobs import jobs_left, new_job
from gtmsim.engines.compiled.ledger import note
from gtmsim.engines.compiled.signing import customers_left, sign
from gtmsim.engines.compiled.terms import Terms
from gtmsim.engines.compiled.workspace import (
    AGENDA_FULL,
    BLOCK,
    CUSTOMERS_FULL,
    INTAKE,
    JOBS_FULL,
    LAYERS_PER_BATCH,
    NEVER,
    NOBODY,
    OK,
    Batch,
    CustomerTime,
    JobInt,
    JobKind,
    JobTime,
    Log,
    Workspace,
)
from gtmsim.jit import lean, lean_inlined
from gtmsim.plan.structure import (
    FunnelFloat,
    FunnelInt,
    Ints,
    Purpose,
    SegmentInt,
    Source,
    StreamInt,
)
from gtmsim.rules.clocks import month_of
from gtmsim.rules.money import round_half_up
from gtmsim.rules.state import Books, State
from gtmsim.vocabulary import ChannelAccount, EventKind, FunnelAccount, SegmentAccount

# kinds that a kernel chooses at run time: numba types a choice between whole numbers only
_LEAD = int(EventKind.LEAD)
_UNSERVED = int(EventKind.UNSERVED)


@lean
def arrive(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    month: int,
    state: State,
    workspace: Workspace,
    books: Books,
) -> int:
    """Bring the leads of a month; returns OK, or the code of what was full."""
    for stream in range(terms.stream.shape[0]):
        intensity = state.intensity[stream]
        if terms.stream[stream, StreamInt.SOURCE] >= Source.OPENING_CUSTOMERS or intensity <= 0.0:
            continue
        segment = terms.stream[stream, StreamInt.SEGMENT]
        layers = ceil(intensity / LAYER_HEIGHT)
        for first in range(0, layers, LAYERS_PER_BATCH):
            last = min(first + LAYERS_PER_BATCH, layers)
            n = draw_points(
                terms, k0, k1, month, stream, first, last, intensity, workspace.batch
            )
            n = greet(terms, month, stream, n, state.open_segments[segment], workspace, books)
            code = pass_stages(terms, k0, k1, stream, n, workspace, books)
            if code != OK:
                return code
    return OK


@lean
def draw_points(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    month: int,
    stream: int,
    first: int,
    last: int,
    intensity: float,
    batch: Batch,
) -> int:
    """Put the points of some layers that are leads into the batch; returns how many."""
    place, time, height, counts = batch.place, batch.time, batch.u1, batch.u0
    word = terms.stream_key[stream] ^ terms.purpose_key[Purpose.LAYER]
    for i in range(last - first):
        counts[i], _ = uniforms(k0, k1, word, counter(pack_place(month, first + i, 0), 0))
    n = 0
    for i in range(last - first):
        for index in range(poisson_layer(counts[i])):
            place[n] = pack_place(month, first + i, index)
            height[n] = first + i
            n += 1
    word = terms.stream_key[stream] ^ terms.purpose_key[Purpose.POINT]
    for i in range(n):
        u0, u1 = uniforms(k0, k1, word, counter(place[i], 0))
        time[i] = month + u0
        height[i] = (height[i] + u1) * LAYER_HEIGHT
    # Only the top layer has points that are no leads.
    kept = 0
    for i in range(n):
        place[kept], time[kept] = place[i], time[i]
        kept += height[i] < intensity
    return kept


@lean
def greet(
    terms: Terms,
    month: int,
    stream: int,
    n: int,
    is_open: bool,
    workspace: Workspace,
    books: Books,
) -> int:
    """Count leads; returns how many enter the funnel."""
    batch, log = workspace.batch, workspace.log
    segment = terms.stream[stream, StreamInt.SEGMENT]
    number = terms.stream[stream, StreamInt.CHANNEL]
    row = books.segment[month, segment]
    channel = books.channel[month, segment, number]
    cost = terms.lead_cost[stream]
    row[SegmentAccount.LEADS] += n
    channel[ChannelAccount.LEADS] += n
    if is_open:
        row[SegmentAccount.LEAD_COST] += n * cost
        channel[ChannelAccount.VARIABLE_COST] += n * cost
    else:
        row[SegmentAccount.UNSERVED_LEADS] += n
        channel[ChannelAccount.UNSERVED_LEADS] += n
    if log.time.shape[0] > 0:
        kind = _LEAD if is_open else _UNSERVED
        for i in range(n):
            entity = entity_id(stream, batch.place[i])
            amount = cost if is_open else 0
            note(log, batch.time[i], kind, entity, -1, segment, number, -1, amount)
    return n if is_open else 0


@lean
def pass_stages(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    stream: int,
    n: int,
    workspace: Workspace,
    books: Books,
) -> int:
    """Take the leads of the batch to their first request for a rep, their loss or their win."""
    batch, log = workspace.batch, workspace.log
    segment = terms.stream[stream, StreamInt.SEGMENT]
    opportunity_row = terms.segment[segment, SegmentInt.OPPORTUNITY_ROW]
    first = terms.segment[segment, SegmentInt.FUNNEL_FIRST]
    beyond = first + terms.segment[segment, SegmentInt.FUNNEL_COUNT]
    for row in range(first, beyond):
        if n == 0:
            return OK
        _enter(terms, stream, row, n, batch, books, log)
        if row == opportunity_row:
            _open_opportunities(terms, k0, k1, stream, row, n, batch, books, log)
        if terms.funnel[row, FunnelInt.TEAM] >= 0:
            return _request_reps(terms, stream, row, n, workspace)
        word = terms.stream_key[stream] ^ terms.stage_key[row]
        for i in range(n):
            batch.u0[i], batch.u1[i] = uniforms(k0, k1, word, counter(batch.place[i], 0))
        if row < opportunity_row:
            n = _leave_at_entry(terms, stream, row, n, batch, books, log)
            n = _wait(terms, row, n, batch, books)
        else:
            n = _wait_for_outcome(terms, stream, row, n, batch, books, log)
    return _sign_all(terms, k0, k1, stream, n, workspace, books)


@lean_inlined
def _enter(
    terms: Terms, stream: int, row: int, n: int, batch: Batch, books: Books, log: Log
) -> None:
    segment = terms.stream[stream, StreamInt.SEGMENT]
    channel = terms.stream[stream, StreamInt.CHANNEL]
    cost = terms.entry_cost[row]
    count = batch.entered
    for i in range(n):
        count[int(batch.time[i])] += 1
    for month in range(count.shape[0]):
        entries = count[month]
        if entries > 0:
            books.funnel[month, row, FunnelAccount.ENTERED] += entries
            books.segment[month, segment, SegmentAccount.STAGE_COST] += entries * cost
            books.channel[month, segment, channel, ChannelAccount.VARIABLE_COST] += entries * cost
            count[month] = 0
    if log.time.shape[0] > 0:
        for i in range(n):
            entity = entity_id(stream, batch.place[i])
            t = batch.time[i]
            note(log, t, EventKind.STAGE_ENTERED, entity, -1, segment, row, -1, cost)


@lean_inlined
def _open_opportunities(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    stream: int,
    row: int,
    n: int,
    batch: Batch,
    books: Books,
    log: Log,
) -> None:
    segment = terms.stream[stream, StreamInt.SEGMENT]
    channel = terms.stream[stream, StreamInt.CHANNEL]
    word = terms.stream_key[stream] ^ terms.purpose_key[Purpose.ACV]
    for i in range(n):
        batch.u0[i], _ = uniforms(k0, k1, word, counter(batch.place[i], 0))
    dist = terms.segment[segment, SegmentInt.ACV_DIST]
    sample_many(terms.dists[dist], terms.tables, batch.u0[:n], batch.value)
    for i in range(n):
        batch.acv[i] = max(1, round_half_up(batch.value[i]))
        batch.opportunity[i] = batch.time[i]
    for i in range(n):
        month = int(batch.time[i])
        books.segment[month, segment, SegmentAccount.OPPORTUNITIES] += 1
        books.segment[month, segment, SegmentAccount.PIPELINE_CREATED_ARR] += batch.acv[i]
        books.channel[month, segment, channel, ChannelAccount.OPPORTUNITIES] += 1
    if log.time.shape[0] > 0:
        for i in range(n):
            entity = entity_id(stream, batch.place[i])
            t, acv = batch.time[i], batch.acv[i]
            note(log, t, EventKind.OPPORTUNITY, entity, -1, segment, row, -1, acv)


@lean_inlined
def _leave_at_entry(
    terms: Terms, stream: int, row: int, n: int, batch: Batch, books: Books, log: Log
) -> int:
    """Lose at entry who will not pass a stage before the opportunity; returns who stays."""
    segment = terms.stream[stream, StreamInt.SEGMENT]
    win_rate = terms.funnel_value[row, FunnelFloat.WIN_RATE]
    if log.time.shape[0] > 0:
        for i in range(n):
            if not batch.u0[i] < win_rate:
                entity = entity_id(stream, batch.place[i])
                note(log, batch.time[i], EventKind.LOST, entity, -1, segment, row, -1, 0)
    count = batch.lost
    kept = 0
    for i in range(n):
        won = batch.u0[i] < win_rate
        count[int(batch.time[i])] += 1 - won
        batch.place[kept], batch.time[kept] = batch.place[i], batch.time[i]
        batch.u1[kept] = batch.u1[i]
        kept += won
    _post(count, books.funnel, row, FunnelAccount.LOST)
    return kept


@lean_inlined
def _wait(terms: Terms, row: int, n: int, batch: Batch, books: Books) -> int:
    """Let the batch pass a stage; returns how many do before the horizon."""
    dist = terms.funnel[row, FunnelInt.DURATION_DIST]
    sample_many(terms.dists[dist], terms.tables, batch.u1[:n], batch.value)
    for i in range(n):
        batch.time[i] += batch.value[i]
    count, months = batch.won, terms.months[0]
    kept = 0
    for i in range(n):
        t = batch.time[i]
        batch.place[kept], batch.time[kept] = batch.place[i], t
        if t < months:
            count[int(t)] += 1
            kept += 1
    _post(count, books.funnel, row, FunnelAccount.WON)
    return kept


@lean_inlined
def _wait_for_outcome(
    terms: Terms, stream: int, row: int, n: int, batch: Batch, books: Books, log: Log
) -> int:
    """Let opportunities spend a stage without a team, then win or lose; returns who goes on."""
    segment = terms.stream[stream, StreamInt.SEGMENT]
    channel = terms.stream[stream, StreamInt.CHANNEL]
    win_rate = terms.funnel_value[row, FunnelFloat.WIN_RATE]
    dist = terms.funnel[row, FunnelInt.DURATION_DIST]
    sample_many(terms.dists[dist], terms.tables, batch.u1[:n], batch.value)
    recording = log.time.shape[0] > 0
    kept = 0
    for i in range(n):
        t = batch.time[i] + batch.value[i]
        if t >= terms.months[0]:
            continue
        month = month_of(t)
        won = batch.u0[i] < win_rate
        if recording:
            entity = entity_id(stream, batch.place[i])
            note(log, t, EventKind.STAGE_ENDED, entity, -1, segment, row, -1, 0)
            if not won:
                acv = batch.acv[i]
                note(log, t, EventKind.LOST, entity, -1, segment, row, -1, acv)
        if won:
            books.funnel[month, row, FunnelAccount.WON] += 1
            batch.place[kept], batch.time[kept] = batch.place[i], t
            batch.acv[kept], batch.opportunity[kept] = batch.acv[i], batch.opportunity[i]
            kept += 1
        else:
            books.funnel[month, row, FunnelAccount.LOST] += 1
            books.segment[month, segment, SegmentAccount.LOST_OPPORTUNITIES] += 1
            books.segment[month, segment, SegmentAccount.PIPELINE_CLOSED_ARR] += batch.acv[i]
            books.channel[month, segment, channel, ChannelAccount.LOST_OPPORTUNITIES] += 1
    return kept


@lean_inlined
def _post(count: Ints, funnel: Ints, row: int, account: int) -> None:
    """Post counts by month, and clear them."""
    for month in range(count.shape[0]):
        if count[month] > 0:
            funnel[month, row, account] += count[month]
            count[month] = 0


@lean
def _request_reps(terms: Terms, stream: int, row: int, n: int, workspace: Workspace) -> int:
    """Put the batch's requests for the team of ``row`` on the agenda."""
    batch, jobs, agenda = workspace.batch, workspace.jobs, workspace.agenda
    segment = terms.stream[stream, StreamInt.SEGMENT]
    is_opportunity = row >= terms.segment[segment, SegmentInt.OPPORTUNITY_ROW]
    if jobs_left(jobs) < n:
        return JOBS_FULL
    if not has_room(agenda, n):
        return AGENDA_FULL
    for i in range(n):
        entity = entity_id(stream, batch.place[i])
        job = new_job(jobs, JobKind.DEAL, entity, -1, segment)
        jobs.number[job, JobInt.ROW] = row
        jobs.number[job, JobInt.TEAM] = terms.funnel[row, FunnelInt.TEAM]
        if is_opportunity:
            jobs.number[job, JobInt.ACV] = batch.acv[i]
            jobs.time[job, JobTime.OPPORTUNITY] = batch.opportunity[i]
        t = batch.time[i]
        park(agenda, month_of(t), t, key_of(REQUEST, entity), what_of(-1, job))
    return OK


@lean
def _sign_all(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    stream: int,
    n: int,
    workspace: Workspace,
    books: Books,
) -> int:
    """Sign with everyone in the batch, who won without a team."""
    batch, intake, customers, jobs, agenda = (
        workspace.batch,
        workspace.intake,
        workspace.customers,
        workspace.jobs,
        workspace.agenda,
    )
    segment = terms.stream[stream, StreamInt.SEGMENT]
    team = terms.segment[segment, SegmentInt.ONBOARDING_TEAM]
    if customers_left(customers) < n + BLOCK:
        return CUSTOMERS_FULL
    if team >= 0 and jobs_left(jobs) < n:
        return JOBS_FULL
    if team >= 0 and not has_room(agenda, n):
        return AGENDA_FULL
    for first in range(0, n, INTAKE):
        size = min(INTAKE, n - first)
        for i in range(size):
            intake.entity[i] = entity_id(stream, batch.place[first + i])
            intake.time[i], intake.acv[i] = batch.time[first + i], batch.acv[first + i]
            intake.opportunity[i] = batch.opportunity[first + i]
        sign(terms, k0, k1, segment, size, intake, customers, books, workspace.log)
        for i in range(size if team >= 0 else 0):
            entity, t, slot = intake.entity[i], intake.time[i], intake.slot[i]
            job = new_job(jobs, JobKind.ONBOARDING, entity, -1, segment)
            jobs.number[job, JobInt.TEAM] = team
            if slot != NOBODY and customers.time[CustomerTime.NEXT, slot] == NEVER:
                jobs.number[job, JobInt.CUSTOMER] = slot
            park(agenda, month_of(t), t, key_of(REQUEST, entity), what_of(-1, job))
    return OK
