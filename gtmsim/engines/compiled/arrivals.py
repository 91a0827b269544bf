"""Leads of a month, and their way through the stages before any team, in batches.

Nothing on that way depends on anyone else, so that it is computed at once, however long it takes:
entries, losses and costs are posted to their months, requests for a rep wait in the agenda of
theirs. Loops are short and single-purpose, so that the compiler vectorises the draws.
"""

from math import ceil

import numpy as np

from gtmsim.draws.counts import LAYER_HEIGHT, poisson_layer
from gtmsim.draws.families import sample_many
from gtmsim.draws.keys import (
    INDEX_BITS,
    MAX_INDEX,
    MAX_LAYERS,
    counter,
    entity_id,
    pack_place,
    place_of,
    stream_of,
)
from gtmsim.draws.threefry import uniforms
from gtmsim.engines.compiled.agenda import REQUEST, has_room, key_of, park, what_of
from gtmsim.engines.compiled.jobs import jobs_left, new_job
from gtmsim.engines.compiled.ledger import note
from gtmsim.engines.compiled.luck import draw_pairs
from gtmsim.engines.compiled.signing import customers_left, sign
from gtmsim.engines.compiled.terms import Terms
from gtmsim.engines.compiled.workspace import (
    AGENDA_FULL,
    BLOCK,
    CUSTOMERS_FULL,
    INTAKE,
    JOBS_FULL,
    LAYERS_AT_ONCE,
    NEVER,
    NOBODY,
    OK,
    TOO_MANY_LEADS,
    Batch,
    CustomerTime,
    JobInt,
    JobKind,
    JobTime,
    Log,
    Workspace,
)
from gtmsim.jit import lean, lean_inlined, merged
from gtmsim.plan.structure import (
    FunnelFloat,
    FunnelInt,
    Purpose,
    SegmentInt,
    Source,
    StreamInt,
)
from gtmsim.rules.clocks import month_of
from gtmsim.rules.money import round_half_up
from gtmsim.rules.state import Books, State
from gtmsim.vocabulary import (
    ChannelAccount,
    EventKind,
    FunnelAccount,
    LeadCohortAccount,
    SegmentAccount,
)

# kinds that a kernel chooses at run time: numba types a choice between whole numbers only
_LEAD = int(EventKind.LEAD)
_UNSERVED = int(EventKind.UNSERVED)

_STRIDE = 8
"""Entities written at once; what is written beyond a layer's points is written over."""

_MOST = LAYERS_AT_ONCE * MAX_INDEX + _STRIDE
"""What the layers that are drawn at once may add to the batch."""


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
    batch = workspace.batch
    for segment in range(terms.segment.shape[0]):
        n = np.int64(0)
        for stream in range(terms.stream.shape[0]):
            intensity = state.intensity[stream]
            is_source = terms.stream[stream, StreamInt.SOURCE] < Source.OPENING_CUSTOMERS
            is_ours = terms.stream[stream, StreamInt.SEGMENT] == segment
            if not (is_source and is_ours and intensity > 0.0):
                continue
            # Also where it is not a number.
            if not intensity < LAYER_HEIGHT * MAX_LAYERS:
                return TOO_MANY_LEADS
            layers = ceil(intensity / LAYER_HEIGHT)
            for first in range(0, layers, LAYERS_AT_ONCE):
                last = min(first + LAYERS_AT_ONCE, layers)
                if n + _MOST > batch.time.shape[0]:
                    code = pass_stages(terms, k0, k1, month, segment, n, workspace, books)
                    if code != OK:
                        return code
                    n = np.int64(0)
                new = draw_points(terms, k0, k1, month, stream, first, last, intensity, n, batch)
                is_open = state.open_segments[segment]
                greet(terms, month, stream, n, new, is_open, workspace, books)
                n += new if is_open else 0
        code = pass_stages(terms, k0, k1, month, segment, n, workspace, books)
        if code != OK:
            return code
    return OK


@merged
def draw_points(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    month: int,
    stream: int,
    first: int,
    last: int,
    intensity: float,
    start: int,
    batch: Batch,
) -> int:
    """Append the points of some layers that are leads to the batch; returns how many."""
    # From 0 in views: with an index that might be negative the loops would not vectorise.
    entity, time, counts = batch.entity[start:], batch.time[start:], batch.value
    word = terms.stream_key[stream] ^ terms.purpose_key[Purpose.LAYER]
    for i in range(last - first):
        counts[i], _ = uniforms(k0, k1, word, counter(pack_place(month, first + i, 0), 0))
    n = 0
    n_under = 0
    for i in range(last - first):
        lowest = entity_id(stream, pack_place(month, first + i, 0))
        count = poisson_layer(counts[i])
        for index in range(0, count, _STRIDE):
            for more in range(_STRIDE):
                entity[n + index + more] = lowest + (index + more)
        n += count
        # A layer whose top lies under the intensity has leads only.
        if (first + i + 1) * LAYER_HEIGHT < intensity:
            n_under = n
    word = terms.stream_key[stream] ^ terms.purpose_key[Purpose.POINT]
    for i in range(n_under):
        u0, _ = uniforms(k0, k1, word, counter(place_of(entity[i]), 0))
        time[i] = month + u0
    kept = n_under
    for i in range(n_under, n):
        place = place_of(entity[i])
        u0, u1 = uniforms(k0, k1, word, counter(place, 0))
        layer = (place >> INDEX_BITS) & (MAX_LAYERS - 1)
        if (layer + u1) * LAYER_HEIGHT < intensity:
            entity[kept], time[kept] = entity[i], month + u0
            kept += 1
    return kept


@merged
def greet(
    terms: Terms,
    month: int,
    stream: int,
    start: int,
    n: int,
    is_open: bool,
    workspace: Workspace,
    books: Books,
) -> None:
    """Count the leads of a stream, and their entry into the funnel if the segment is open."""
    batch, log = workspace.batch, workspace.log
    segment = terms.stream[stream, StreamInt.SEGMENT]
    number = terms.stream[stream, StreamInt.CHANNEL]
    row = books.segment[month, segment]
    channel = books.channel[month, segment, number]
    row[SegmentAccount.LEADS] += n
    channel[ChannelAccount.LEADS] += n
    lead_cost = terms.lead_cost[stream] if is_open else 0
    if is_open:
        row[SegmentAccount.LEAD_COST] += n * lead_cost
        channel[ChannelAccount.VARIABLE_COST] += n * lead_cost
        cohort = books.lead_cohort[month, segment]
        cohort[LeadCohortAccount.VARIABLE_COST] += n * lead_cost
        cohort[LeadCohortAccount.OPEN_LEADS] += n
        first = terms.segment[segment, SegmentInt.FUNNEL_FIRST]
        _post_entries(terms, month, month, segment, number, first, n, books)
    else:
        row[SegmentAccount.UNSERVED_LEADS] += n
        channel[ChannelAccount.UNSERVED_LEADS] += n
    if log.time.shape[0] > 0:
        kind = _LEAD if is_open else _UNSERVED
        for i in range(start, start + n):
            entity = batch.entity[i]
            note(log, batch.time[i], kind, entity, -1, segment, number, -1, lead_cost)


@lean_inlined
def _post_entries(
    terms: Terms, came: int, month: int, segment: int, channel: int, row: int, n: int, books: Books
) -> None:
    """Post entries into a row in ``month`` of leads that came in month ``came``."""
    cost = n * terms.entry_cost[row]
    books.lead_cohort[came, segment, LeadCohortAccount.VARIABLE_COST] += cost
    books.funnel[month, row, FunnelAccount.ENTERED] += n
    books.segment[month, segment, SegmentAccount.STAGE_COST] += cost
    books.channel[month, segment, channel, ChannelAccount.VARIABLE_COST] += cost


@lean
def pass_stages(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    month: int,
    segment: int,
    n: int,
    workspace: Workspace,
    books: Books,
) -> int:
    """Take leads of a segment to their first request for a rep, their loss or their win."""
    batch, log = workspace.batch, workspace.log
    recording = log.time.shape[0] > 0
    opportunity_row = terms.segment[segment, SegmentInt.OPPORTUNITY_ROW]
    first = terms.segment[segment, SegmentInt.FUNNEL_FIRST]
    beyond = first + terms.segment[segment, SegmentInt.FUNNEL_COUNT]
    batch.entered[:] = 0
    batch.entered[month] = n
    for row in range(first, beyond):
        if n == 0:
            return OK
        if recording:
            cost = terms.entry_cost[row]
            for i in range(n):
                entity, t = batch.entity[i], batch.time[i]
                note(log, t, EventKind.STAGE_ENTERED, entity, -1, segment, row, -1, cost)
        if row == opportunity_row:
            _open_opportunities(terms, k0, k1, segment, row, n, batch, books, log)
        draw_pairs(
            terms, k0, k1, terms.stage_key[row], n, batch.entity, batch.word, batch.u0, batch.u1
        )
        if terms.funnel[row, FunnelInt.TEAM] >= 0:
            return _request_reps(terms, segment, row, n, workspace)
        if row < opportunity_row:
            n = _leave_at_entry(terms, month, segment, row, n, batch, books, log)
            n = _wait(terms, row, n, batch)
        else:
            n = _wait_for_outcome(terms, month, segment, row, n, batch, books, log)
        _move_on(terms, month, segment, row, row + 1 < beyond, n, batch, books)
    return _sign_all(terms, k0, k1, segment, n, workspace, books)


@merged
def _open_opportunities(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    segment: int,
    row: int,
    n: int,
    batch: Batch,
    books: Books,
    log: Log,
) -> None:
    key = terms.purpose_key[Purpose.ACV]
    draw_pairs(terms, k0, k1, key, n, batch.entity, batch.word, batch.u0, batch.u1)
    dist = terms.segment[segment, SegmentInt.ACV_DIST]
    sample_many(terms.dists[dist], terms.tables, batch.u0[:n], batch.value)
    for i in range(n):
        batch.acv[i] = max(1, round_half_up(batch.value[i]))
        batch.opportunity[i] = batch.time[i]
    for i in range(n):
        month = int(batch.time[i])
        channel = terms.stream[stream_of(batch.entity[i]), StreamInt.CHANNEL]
        books.segment[month, segment, SegmentAccount.OPPORTUNITIES] += 1
        books.segment[month, segment, SegmentAccount.PIPELINE_CREATED_ARR] += batch.acv[i]
        books.channel[month, segment, channel, ChannelAccount.OPPORTUNITIES] += 1
    if log.time.shape[0] > 0:
        for i in range(n):
            entity, t, acv = batch.entity[i], batch.time[i], batch.acv[i]
            note(log, t, EventKind.OPPORTUNITY, entity, -1, segment, row, -1, acv)


@merged
def _leave_at_entry(
    terms: Terms, came: int, segment: int, row: int, n: int, batch: Batch, books: Books, log: Log
) -> int:
    """Lose at entry who will not pass a stage before the opportunity; returns who stays."""
    win_rate = terms.funnel_value[row, FunnelFloat.WIN_RATE]
    if log.time.shape[0] > 0:
        for i in range(n):
            if not batch.u0[i] < win_rate:
                note(log, batch.time[i], EventKind.LOST, batch.entity[i], -1, segment, row, -1, 0)
    kept = 0
    for i in range(n):
        batch.order[kept] = i
        kept += batch.u0[i] < win_rate
    for j in range(kept):
        i = batch.order[j]
        batch.entity[j], batch.time[j], batch.u1[j] = batch.entity[i], batch.time[i], batch.u1[i]
    # Lost are those of the month's entries who do not stay.
    for j in range(kept):
        batch.entered[int(batch.time[j])] -= 1
    books.lead_cohort[came, segment, LeadCohortAccount.OPEN_LEADS] -= n - kept
    for month in range(terms.months[0]):
        books.funnel[month, row, FunnelAccount.LOST] += batch.entered[month]
    return kept


@merged
def _wait(terms: Terms, row: int, n: int, batch: Batch) -> int:
    """Let the batch pass a stage; returns how many do before the horizon."""
    dist = terms.funnel[row, FunnelInt.DURATION_DIST]
    sample_many(terms.dists[dist], terms.tables, batch.u1[:n], batch.value)
    for i in range(n):
        batch.time[i] += batch.value[i]
    kept = 0
    for i in range(n):
        batch.entity[kept], batch.time[kept] = batch.entity[i], batch.time[i]
        kept += batch.time[i] < terms.months[0]
    return kept


@merged
def _wait_for_outcome(
    terms: Terms, came: int, segment: int, row: int, n: int, batch: Batch, books: Books, log: Log
) -> int:
    """Let opportunities spend a stage without a team, then win or lose; returns who goes on."""
    win_rate = terms.funnel_value[row, FunnelFloat.WIN_RATE]
    dist = terms.funnel[row, FunnelInt.DURATION_DIST]
    sample_many(terms.dists[dist], terms.tables, batch.u1[:n], batch.value)
    recording = log.time.shape[0] > 0
    kept = 0
    for i in range(n):
        t, entity, acv = batch.time[i] + batch.value[i], batch.entity[i], batch.acv[i]
        if t >= terms.months[0]:
            continue
        month = month_of(t)
        won = batch.u0[i] < win_rate
        if recording:
            note(log, t, EventKind.STAGE_ENDED, entity, -1, segment, row, -1, 0)
            if not won:
                note(log, t, EventKind.LOST, entity, -1, segment, row, -1, acv)
        if won:
            batch.entity[kept], batch.time[kept] = entity, t
            batch.acv[kept], batch.opportunity[kept] = acv, batch.opportunity[i]
            kept += 1
        else:
            channel = terms.stream[stream_of(entity), StreamInt.CHANNEL]
            books.lead_cohort[came, segment, LeadCohortAccount.OPEN_LEADS] -= 1
            books.funnel[month, row, FunnelAccount.LOST] += 1
            books.segment[month, segment, SegmentAccount.LOST_OPPORTUNITIES] += 1
            books.segment[month, segment, SegmentAccount.PIPELINE_CLOSED_ARR] += acv
            books.channel[month, segment, channel, ChannelAccount.LOST_OPPORTUNITIES] += 1
    return kept


@merged
def _move_on(
    terms: Terms,
    came: int,
    segment: int,
    row: int,
    enters_next: bool,
    n: int,
    batch: Batch,
    books: Books,
) -> None:
    """Post that the batch passed ``row``, and its entry into the next."""
    last = 0
    for i in range(n):
        month = int(batch.time[i])
        batch.moved[month, terms.stream[stream_of(batch.entity[i]), StreamInt.CHANNEL]] += 1
        last = max(last, month)
    batch.entered[:] = 0
    for month in range(last + 1):
        for channel in range(batch.moved.shape[1]):
            count = batch.moved[month, channel]
            if count > 0:
                batch.moved[month, channel] = 0
                batch.entered[month] += count
                books.funnel[month, row, FunnelAccount.WON] += count
                if enters_next:
                    _post_entries(terms, came, month, segment, channel, row + 1, count, books)


@merged
def _request_reps(terms: Terms, segment: int, row: int, n: int, workspace: Workspace) -> int:
    """Put the batch's requests for the team of ``row`` on the agenda, with what its work brings."""
    batch, jobs, agenda = workspace.batch, workspace.jobs, workspace.agenda
    is_opportunity = row >= terms.segment[segment, SegmentInt.OPPORTUNITY_ROW]
    win_rate = terms.funnel_value[row, FunnelFloat.WIN_RATE]
    if jobs_left(jobs) < n:
        return JOBS_FULL
    if not has_room(agenda, n):
        return AGENDA_FULL
    dist = terms.funnel[row, FunnelInt.DURATION_DIST]
    sample_many(terms.dists[dist], terms.tables, batch.u1[:n], batch.value)
    for i in range(n):
        entity, t = batch.entity[i], batch.time[i]
        job = new_job(jobs, JobKind.DEAL, entity, -1, segment)
        jobs.number[job, JobInt.ROW] = row
        jobs.number[job, JobInt.TEAM] = terms.funnel[row, FunnelInt.TEAM]
        jobs.number[job, JobInt.WON] = batch.u0[i] < win_rate
        jobs.time[job, JobTime.WORK] = batch.value[i]
        if is_opportunity:
            jobs.number[job, JobInt.ACV] = batch.acv[i]
            jobs.time[job, JobTime.OPPORTUNITY] = batch.opportunity[i]
        park(agenda, month_of(t), t, key_of(REQUEST, entity), what_of(-1, job))
    return OK


@merged
def _sign_all(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    segment: int,
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
            intake.entity[i], intake.time[i] = batch.entity[first + i], batch.time[first + i]
            intake.acv[i], intake.opportunity[i] = (
                batch.acv[first + i],
                batch.opportunity[first + i],
            )
        sign(terms, k0, k1, segment, size, intake, customers, books, workspace.log)
        for i in range(size if team >= 0 else 0):
            entity, t, slot = intake.entity[i], intake.time[i], intake.slot[i]
            job = new_job(jobs, JobKind.ONBOARDING, entity, -1, segment)
            jobs.number[job, JobInt.TEAM] = team
            if slot != NOBODY and customers.time[CustomerTime.NEXT, slot] == NEVER:
                jobs.number[job, JobInt.CUSTOMER] = slot
            park(agenda, month_of(t), t, key_of(REQUEST, entity), what_of(-1, job))
    return OK
