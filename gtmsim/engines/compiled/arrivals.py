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
from gtmsim.engines.compiled.pool import free_account
from gtmsim.engines.compiled.signing import customers_left, share_of_potential, sign
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
    Crowd,
    CustomerTime,
    JobInt,
    JobKind,
    JobTime,
    Log,
    Workspace,
)
from gtmsim.jit import lean, lean_inlined, merged
from gtmsim.plan.market import NO_PROFILE
from gtmsim.plan.structure import (
    Floats,
    FunnelInt,
    Ints,
    Purpose,
    SegmentFloat,
    SegmentInt,
    Source,
    StreamInt,
)
from gtmsim.rules.buyers import (
    POTENTIAL_ON_SIZE,
    POTENTIAL_OWN,
    USE_ON_POTENTIAL,
    USE_ON_SIZE,
    USE_OWN,
    attribute_normal,
    potential_normal,
    use_normal,
    with_odds,
)
from gtmsim.rules.clocks import month_of
from gtmsim.rules.money import round_half_up
from gtmsim.rules.state import Books, State
from gtmsim.vocabulary import (
    ChannelAccount,
    EventKind,
    FunnelAccount,
    LeadCohortAccount,
    MarketAccount,
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
                    code = _set_off(terms, k0, k1, month, segment, n, state, workspace, books)
                    if code != OK:
                        return code
                    n = np.int64(0)
                new = draw_points(
                    terms, k0, k1, month, stream, first, last, intensity, n,
                    batch.entity, batch.time, batch.value,
                )  # fmt: skip
                is_open = state.open_segments[segment]
                greet(terms, month, stream, segment, new, is_open, books)
                if workspace.log.time.shape[0] > 0:
                    for i in range(n, n + new):
                        entity, t = batch.entity[i], batch.time[i]
                        announce(terms, entity, t, segment, NO_PROFILE, is_open, workspace)
                batch.profile[n : n + new] = NO_PROFILE
                n += new if is_open else 0
        code = _set_off(terms, k0, k1, month, segment, n, state, workspace, books)
        if code != OK:
            return code
    return OK


@lean
def arrive_from_market(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    month: int,
    state: State,
    workspace: Workspace,
    books: Books,
) -> int:
    """Bring the leads of a month that are accounts of the market; returns what `arrive` does."""
    crowd = workspace.crowd
    n = np.int64(0)
    for stream in range(terms.stream.shape[0]):
        intensity = state.intensity[stream]
        if terms.stream[stream, StreamInt.SEGMENT] >= 0 or intensity <= 0.0:
            continue
        if not intensity < LAYER_HEIGHT * MAX_LAYERS:
            return TOO_MANY_LEADS
        layers = ceil(intensity / LAYER_HEIGHT)
        for first in range(0, layers, LAYERS_AT_ONCE):
            last = min(first + LAYERS_AT_ONCE, layers)
            if n + _MOST > crowd.time.shape[0]:
                code = _sort_out(terms, k0, k1, month, n, state, workspace, books)
                if code != OK:
                    return code
                n = np.int64(0)
            new = draw_points(
                terms, k0, k1, month, stream, first, last, intensity, n,
                crowd.entity, crowd.time, crowd.u0,
            )  # fmt: skip
            new = tell_apart(terms, k0, k1, stream, n, new, state.free_share, crowd)
            for segment in range(terms.segment.shape[0]):
                if crowd.count[segment] > 0:
                    is_open = state.open_segments[segment]
                    greet(terms, month, stream, segment, crowd.count[segment], is_open, books)
            n += new
    return _sort_out(terms, k0, k1, month, n, state, workspace, books)


@merged
def _sort_out(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    month: int,
    n: int,
    state: State,
    workspace: Workspace,
    books: Books,
) -> int:
    """Take the first ``n`` of the crowd, segment by segment, into the batch and on their way."""
    crowd, batch = workspace.crowd, workspace.batch
    recording = workspace.log.time.shape[0] > 0
    for segment in range(terms.segment.shape[0]):
        is_open = state.open_segments[segment]
        taken = np.int64(0)
        for i in range(n):
            if crowd.segment[i] == segment:
                batch.entity[taken], batch.time[taken] = crowd.entity[i], crowd.time[i]
                batch.profile[taken] = crowd.profile[i]
                taken += 1
        for i in range(taken if recording else 0):
            entity, t, profile = batch.entity[i], batch.time[i], batch.profile[i]
            announce(terms, entity, t, segment, profile, is_open, workspace)
        if is_open:
            for i in range(taken):
                tier = terms.market.tier_of[batch.profile[i]]
                books.market[month, tier, MarketAccount.TAKEN] += 1
            code = _set_off(terms, k0, k1, month, segment, taken, state, workspace, books)
            if code != OK:
                return code
    return OK


@merged
def tell_apart(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    stream: int,
    start: int,
    n: int,
    free_share: Floats,
    crowd: Crowd,
) -> int:
    """Give points of a stream their attributes; returns how many accounts are free to be leads."""
    market = terms.market
    channel = terms.stream[stream, StreamInt.CHANNEL]
    # From 0 in views: with an index that might be negative the loops would not vectorise.
    entity, time, profile = crowd.entity[start:], crowd.time[start:], crowd.profile[start:]
    segment, size, own = crowd.segment[start:], crowd.size, crowd.own
    u0, u1 = crowd.u0, crowd.u1
    stream_key = terms.stream_key[stream]
    _draw_points_pairs(k0, k1, stream_key ^ terms.purpose_key[Purpose.BUYER], n, entity, u0, u1)
    shift_size, shift_own = market.shift[channel, 0], market.shift[channel, 1]
    for i in range(n):
        size[i] = attribute_normal(u0[i], shift_size)
    for i in range(n):
        own[i] = attribute_normal(u1[i], shift_own)
    on_size, on_own = market.link[POTENTIAL_ON_SIZE], market.link[POTENTIAL_OWN]
    for i in range(n):
        u0[i] = potential_normal(size[i], own[i], on_size, on_own)
        profile[i] = 0
    _add_class(market.size_end, n, size, segment, profile)
    _add_class(market.tier_end, n, u0, segment, profile)

    _draw_points_pairs(k0, k1, stream_key ^ terms.purpose_key[Purpose.BUYER_USE], n, entity, u0, u1)
    use_size, use_potential = market.link[USE_ON_SIZE], market.link[USE_ON_POTENTIAL]
    use_own = market.link[USE_OWN]
    for i in range(n):
        size[i] = use_normal(size[i], own[i], u0[i], use_size, use_potential, use_own)
    _add_class(market.use_end, n, size, segment, profile)
    _add_class(market.vertical_end[channel], n, u1, segment, profile)

    key = stream_key ^ terms.purpose_key[Purpose.BUYER_PLACE]
    _draw_points_pairs(k0, k1, key, n, entity, u0, u1)
    _add_class(market.region_end[channel], n, u0, segment, profile)
    for i in range(n):
        profile[i] += 1

    crowd.count[:] = 0
    kept = 0
    for i in range(n):
        if u1[i] < free_share[market.tier_of[profile[i]]]:
            entity[kept], time[kept], profile[kept] = entity[i], time[i], profile[i]
            segment[kept] = market.segment_of[profile[i]]
            crowd.count[segment[kept]] += 1
            kept += 1
    return kept


@lean_inlined
def _draw_points_pairs(
    k0: np.uint64, k1: np.uint64, word: np.uint64, n: int, entity: Ints, u0: Floats, u1: Floats
) -> None:
    """Draw number 0 of points of one stream for a purpose."""
    for i in range(n):
        u0[i], u1[i] = uniforms(k0, k1, word, counter(place_of(entity[i]), 0))


@lean_inlined
def _add_class(ends: Floats, n: int, value: Floats, reached: Ints, profile: Ints) -> None:
    """Add to profiles the class of a value: how many ends of classes it has reached."""
    for i in range(n):
        reached[i] = 0
    for k in range(ends.shape[0]):
        end = ends[k]
        for i in range(n):
            reached[i] += value[i] >= end
    for i in range(n):
        profile[i] = profile[i] * (ends.shape[0] + 1) + reached[i]


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
    entity: Ints,
    time: Floats,
    counts: Floats,
) -> int:
    """Append the points of some layers that are leads; ``counts`` is scratch; returns how many."""
    # From 0 in views: with an index that might be negative the loops would not vectorise.
    entity, time = entity[start:], time[start:]
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
    terms: Terms, month: int, stream: int, segment: int, n: int, is_open: bool, books: Books
) -> None:
    """Count leads of a stream, and their entry into the funnel if their segment is open."""
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
        # Where some fall back to another motion, `_set_off` tells whose first stage they enter.
        if terms.segment[segment, SegmentInt.FALLBACK_FIRST] < 0:
            first = terms.segment[segment, SegmentInt.FUNNEL_FIRST]
            _post_entries(terms, month, month, segment, number, first, n, books)
    else:
        row[SegmentAccount.UNSERVED_LEADS] += n
        channel[ChannelAccount.UNSERVED_LEADS] += n


@lean
def announce(
    terms: Terms,
    entity: int,
    t: float,
    segment: int,
    profile: int,
    is_open: bool,
    workspace: Workspace,
) -> None:
    """Write a lead into the ledger."""
    stream = stream_of(entity)
    channel = terms.stream[stream, StreamInt.CHANNEL]
    kind = _LEAD if is_open else _UNSERVED
    cost = terms.lead_cost[stream] if is_open else 0
    note(workspace.log, t, kind, entity, profile - 1, segment, channel, -1, cost)


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
def _set_off(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    month: int,
    segment: int,
    n: int,
    state: State,
    workspace: Workspace,
    books: Books,
) -> int:
    """Send leads of a segment on their way; those of low value may fall back to another motion."""
    row = terms.segment[segment, SegmentInt.FUNNEL_FIRST]
    fallback = terms.segment[segment, SegmentInt.FALLBACK_FIRST]
    n_own = n
    if fallback >= 0:
        n_own = _put_high_first(terms, k0, k1, segment, n, workspace.batch)
        _enter(terms, month, segment, n_own, n, workspace.batch, books)
    count = n_own
    while True:  # one call for both motions: it is the largest part to compile
        code = pass_stages(terms, k0, k1, month, row, count, state, workspace, books)
        if code != OK or fallback < 0 or row == fallback:
            return code
        _keep_low(n_own, n, workspace.batch)
        row, count = fallback, n - n_own


@merged
def _enter(
    terms: Terms, month: int, segment: int, n_own: int, n: int, batch: Batch, books: Books
) -> None:
    """Post the entries of leads whose motion is known only by their value."""
    first = terms.segment[segment, SegmentInt.FUNNEL_FIRST]
    fallback = terms.segment[segment, SegmentInt.FALLBACK_FIRST]
    for i in range(n):
        channel = terms.stream[stream_of(batch.entity[i]), StreamInt.CHANNEL]
        row = first if i < n_own else fallback
        _post_entries(terms, month, month, segment, channel, row, 1, books)


@merged
def _keep_low(n_own: int, n: int, batch: Batch) -> None:
    """Leave those in the batch who fall back."""
    for i in range(n_own, n):
        batch.entity[i - n_own], batch.time[i - n_own] = batch.entity[i], batch.time[i]
        batch.profile[i - n_own] = batch.profile[i]


@merged
def _put_high_first(
    terms: Terms, k0: np.uint64, k1: np.uint64, segment: int, n: int, batch: Batch
) -> int:
    """Put the leads of the batch first that are worth the segment's motion; returns how many."""
    _draw_prices(terms, k0, k1, segment, n, batch)
    below = terms.segment_value[segment, SegmentFloat.FALLBACK_BELOW]
    n_high = 0
    for i in range(n):
        if batch.acv[i] >= below:
            entity, time, profile = batch.entity[i], batch.time[i], batch.profile[i]
            batch.entity[i], batch.entity[n_high] = batch.entity[n_high], entity
            batch.time[i], batch.time[n_high] = batch.time[n_high], time
            batch.profile[i], batch.profile[n_high] = batch.profile[n_high], profile
            n_high += 1
    return n_high


@merged
def pass_stages(
    terms: Terms,
    k0: np.uint64,
    k1: np.uint64,
    month: int,
    first: int,
    n: int,
    state: State,
    workspace: Workspace,
    books: Books,
) -> int:
    """Take leads from a motion's first row to their first request for a rep, loss or win."""
    batch, log = workspace.batch, workspace.log
    recording = log.time.shape[0] > 0
    segment = terms.funnel[first, FunnelInt.SEGMENT]
    opportunity_row = terms.funnel[first, FunnelInt.OPPORTUNITY_ROW]
    beyond = terms.funnel[first, FunnelInt.LAST_ROW] + 1
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
            return _request_reps(terms, month, segment, row, n, state, workspace)
        _find_outcomes(terms, month, row, n, state, batch)
        if row < opportunity_row:
            n = _leave_at_entry(terms, month, segment, row, n, batch, books, log)
            n = _wait(terms, row, n, batch)
        else:
            n = _wait_for_outcome(terms, month, segment, row, n, batch, books, log)
        _move_on(terms, month, segment, row, row + 1 < beyond, n, batch, books)
    return _sign_all(terms, k0, k1, segment, beyond - 1, n, workspace, books)


@merged
def _draw_prices(
    terms: Terms, k0: np.uint64, k1: np.uint64, segment: int, n: int, batch: Batch
) -> None:
    """List price a year of each of the batch, at the prices of its time, into its ``acv``."""
    key = terms.purpose_key[Purpose.ACV]
    draw_pairs(terms, k0, k1, key, n, batch.entity, batch.word, batch.u0, batch.u1)
    dist = terms.segment[segment, SegmentInt.ACV_DIST]
    share = terms.segment[segment, SegmentInt.POTENTIAL_SHARE_DIST]
    if dist >= 0:
        sample_many(terms.dists[dist], terms.tables, batch.u0[:n], batch.value)
    if share >= 0:
        for i in range(n):
            if batch.profile[i] != NO_PROFILE:
                entity, u0 = batch.entity[i], batch.u0[i]
                batch.value[i] = share_of_potential(terms, k0, k1, entity, share, u0)
    if terms.prices.change[0]:
        for i in range(n):
            batch.value[i] *= terms.prices.level[int(batch.time[i]), segment]
    for i in range(n):
        batch.acv[i] = max(1, round_half_up(batch.value[i]))


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
    _draw_prices(terms, k0, k1, segment, n, batch)
    for i in range(n):
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
    win_rate = terms.market.win_rate[row]
    if log.time.shape[0] > 0:
        for i in range(n):
            if not batch.won[i]:
                note(log, batch.time[i], EventKind.LOST, batch.entity[i], -1, segment, row, -1, 0)
    if win_rate.shape[0] > 1:
        for i in range(n):
            if not batch.won[i]:
                free_account(terms, books, batch.profile[i], int(batch.time[i]), False)
    kept = 0
    for i in range(n):
        batch.order[kept] = i
        kept += batch.won[i]
    for j in range(kept):
        i = batch.order[j]
        batch.entity[j], batch.time[j], batch.u1[j] = batch.entity[i], batch.time[i], batch.u1[i]
        batch.profile[j] = batch.profile[i]
    # Lost are those of the month's entries who do not stay.
    for j in range(kept):
        batch.entered[int(batch.time[j])] -= 1
    books.lead_cohort[came, segment, LeadCohortAccount.OPEN_LEADS] -= n - kept
    for month in range(terms.months[0]):
        books.funnel[month, row, FunnelAccount.LOST] += batch.entered[month]
    return kept


@lean_inlined
def _find_outcomes(terms: Terms, came: int, row: int, n: int, state: State, batch: Batch) -> None:
    """Whether each of the batch, leads of month ``came``, passes the row it enters at its time."""
    win_rate = terms.market.win_rate[row]
    by_product = state.product_odds[came, row]
    if terms.prices.change[0] or by_product != 1.0:
        for i in range(n):
            odds = terms.prices.odds[int(batch.time[i]), row] * by_product
            batch.won[i] = batch.u0[i] < with_odds(win_rate[batch.profile[i]], odds)
    elif win_rate.shape[0] > 1:
        for i in range(n):
            batch.won[i] = batch.u0[i] < win_rate[batch.profile[i]]
    else:
        rate = win_rate[NO_PROFILE]
        for i in range(n):
            batch.won[i] = batch.u0[i] < rate


@lean_inlined
def _draw_durations(terms: Terms, row: int, n: int, batch: Batch) -> None:
    """Time that each of the batch spends in a stage, from its ``u1`` into its ``value``."""
    dist = terms.funnel[row, FunnelInt.DURATION_DIST]
    sample_many(terms.dists[dist], terms.tables, batch.u1[:n], batch.value)
    slower = terms.market.duration[row]
    if slower.shape[0] > 1:
        for i in range(n):
            batch.value[i] *= slower[batch.profile[i]]


@merged
def _wait(terms: Terms, row: int, n: int, batch: Batch) -> int:
    """Let the batch pass a stage; returns how many do before the horizon."""
    _draw_durations(terms, row, n, batch)
    for i in range(n):
        batch.time[i] += batch.value[i]
    kept = 0
    for i in range(n):
        batch.entity[kept], batch.time[kept] = batch.entity[i], batch.time[i]
        batch.profile[kept] = batch.profile[i]
        kept += batch.time[i] < terms.months[0]
    return kept


@merged
def _wait_for_outcome(
    terms: Terms, came: int, segment: int, row: int, n: int, batch: Batch, books: Books, log: Log
) -> int:
    """Let opportunities spend a stage without a team, then win or lose; returns who goes on."""
    _draw_durations(terms, row, n, batch)
    recording = log.time.shape[0] > 0
    kept = 0
    for i in range(n):
        t, entity, acv = batch.time[i] + batch.value[i], batch.entity[i], batch.acv[i]
        if t >= terms.months[0]:
            continue
        month = month_of(t)
        won = batch.won[i] == 1
        if recording:
            note(log, t, EventKind.STAGE_ENDED, entity, -1, segment, row, -1, 0)
            if not won:
                note(log, t, EventKind.LOST, entity, -1, segment, row, -1, acv)
        if won:
            batch.entity[kept], batch.time[kept] = entity, t
            batch.acv[kept], batch.opportunity[kept] = acv, batch.opportunity[i]
            batch.profile[kept] = batch.profile[i]
            kept += 1
        else:
            channel = terms.stream[stream_of(entity), StreamInt.CHANNEL]
            free_account(terms, books, batch.profile[i], month, True)
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
def _request_reps(
    terms: Terms, came: int, segment: int, row: int, n: int, state: State, workspace: Workspace
) -> int:
    """Put the batch's requests for the team of ``row`` on the agenda, with what its work brings."""
    batch, jobs, agenda = workspace.batch, workspace.jobs, workspace.agenda
    is_opportunity = row >= terms.funnel[row, FunnelInt.OPPORTUNITY_ROW]
    if jobs_left(jobs) < n:
        return JOBS_FULL
    if not has_room(agenda, n):
        return AGENDA_FULL
    _find_outcomes(terms, came, row, n, state, batch)
    _draw_durations(terms, row, n, batch)
    for i in range(n):
        entity, t = batch.entity[i], batch.time[i]
        job = new_job(jobs, JobKind.DEAL, entity, -1, segment)
        jobs.number[job, JobInt.ROW] = row
        jobs.number[job, JobInt.TEAM] = terms.funnel[row, FunnelInt.TEAM]
        jobs.number[job, JobInt.PROFILE] = batch.profile[i]
        jobs.number[job, JobInt.WON] = batch.won[i]
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
    row: int,
    n: int,
    workspace: Workspace,
    books: Books,
) -> int:
    """Sign with everyone in the batch, who passed a motion's last row without a team."""
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
            intake.profile[i], intake.row[i] = batch.profile[first + i], row
        sign(terms, k0, k1, segment, size, intake, customers, books, workspace.log)
        for i in range(size if team >= 0 else 0):
            entity, t, slot = intake.entity[i], intake.time[i], intake.slot[i]
            job = new_job(jobs, JobKind.ONBOARDING, entity, -1, segment)
            jobs.number[job, JobInt.PROFILE] = intake.profile[i]
            jobs.number[job, JobInt.TEAM] = team
            if slot != NOBODY and customers.time[CustomerTime.NEXT, slot] == NEVER:
                jobs.number[job, JobInt.CUSTOMER] = slot
            park(agenda, month_of(t), t, key_of(REQUEST, entity), what_of(-1, job))
    return OK
