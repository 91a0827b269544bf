"""The Plan's tables as the kernels of a replication read them, for one draw."""

from typing import NamedTuple

import numpy as np

from gtmsim.plan.market import Market, market_of
from gtmsim.plan.prices import Prices, prices_of
from gtmsim.plan.structure import (
    ACQUIRING,
    MAX_BANDS,
    ChannelFloat,
    CompanyInt,
    Flags,
    Floats,
    FunnelFloat,
    FunnelInt,
    Ints,
    Keys,
    MarketInt,
    PlaybookFloat,
    SegmentFloat,
    SegmentInt,
    StreamFloat,
    StreamInt,
    Structure,
    TeamFloat,
    TeamInt,
    Values,
)
from gtmsim.rules.money import round_half_up


class Terms(NamedTuple):
    """What happens to entities, in the Plan's own tables; money that is posted as it is, rounded.

    Rows as in ``Structure`` and ``Values``.
    """

    months: Ints  # (1,)
    segment: Ints
    segment_value: Floats
    funnel: Ints
    contract: Ints
    contract_value: Floats
    volume: Floats
    playbook: Ints
    playbook_value: Floats
    stream: Ints
    stream_value: Floats
    dists: Floats
    tables: Floats
    commission: Floats  # (T,)
    lead_cost: Ints  # (N,)
    entry_cost: Ints  # (R,)
    reward: Ints  # (N,)
    onboarding_cost: Ints  # (S,)
    onboarding_fee: Ints  # (S,)
    trigger_cost: Ints  # (P,)
    sells: Flags  # (R, T) the team works a stage of the row's motion
    is_acquiring: Flags  # (T,) a sales or marketing team
    queue_rank: Ints  # (S, MAX_BANDS + 1) rank in queues of a segment's deals by band of ACV
    band: Floats  # (S, MAX_BANDS)
    playbook_count: Ints  # (S,)
    takes_graduates: Flags  # (S,) customers of another segment move up to it
    purpose_key: Keys
    stream_key: Keys
    stage_key: Keys
    patience_key: Keys
    contract_key: Keys
    clock_key: Keys
    attempt_key: Keys
    work_key: Keys
    cool_off: Ints  # (1,) months
    market: Market
    prices: Prices


def terms_of(structure: Structure, values: Values, tables: Floats) -> Terms:
    """Arrange the tables of one draw; ``tables`` are its quantile tables, filled."""
    segment, stream = structure.segment, structure.stream
    return Terms(
        months=np.array([structure.company[CompanyInt.MONTHS]]),
        segment=segment,
        segment_value=values.segment,
        funnel=structure.funnel,
        contract=structure.contract,
        contract_value=values.contract,
        volume=values.volume,
        playbook=structure.playbook,
        playbook_value=values.playbook,
        stream=stream,
        stream_value=values.stream,
        dists=values.dists,
        tables=tables,
        commission=np.ascontiguousarray(values.team[:, TeamFloat.COMMISSION]),
        lead_cost=_lead_costs(stream, values.channel),
        entry_cost=_rounded(values.funnel[:, FunnelFloat.ENTRY_COST]),
        reward=_rounded(values.stream[:, StreamFloat.REWARD]),
        onboarding_cost=_rounded(values.segment[:, SegmentFloat.ONBOARDING_COST]),
        onboarding_fee=_rounded(values.segment[:, SegmentFloat.ONBOARDING_FEE]),
        trigger_cost=_rounded(values.playbook[:, PlaybookFloat.COST]),
        sells=_sellers(structure),
        is_acquiring=np.isin(structure.team[:, TeamInt.FUNCTION], ACQUIRING),
        queue_rank=queue_ranks(segment),
        band=values.band,
        playbook_count=np.ascontiguousarray(segment[:, SegmentInt.PLAYBOOK_COUNT]),
        takes_graduates=np.isin(np.arange(len(segment)), segment[:, SegmentInt.GRADUATES_TO]),
        purpose_key=structure.purpose_key,
        stream_key=structure.stream_key,
        stage_key=structure.stage_key,
        patience_key=structure.patience_key,
        contract_key=structure.contract_key,
        clock_key=structure.clock_key,
        attempt_key=structure.attempt_key,
        work_key=structure.work_key,
        cool_off=structure.market[[MarketInt.COOL_OFF]],
        market=market_of(structure, values),
        prices=prices_of(structure, values),
    )


def queue_ranks(segment: Ints) -> Ints:
    """Rank in queues by segment and band of ACV: by priority, then from the highest band on."""
    bands = segment[:, [SegmentInt.BANDS]]
    below = np.maximum(0, bands - np.arange(MAX_BANDS + 1))
    priority = segment[:, [SegmentInt.PRIORITY]] * (MAX_BANDS + 1) + below
    known = np.unique(priority)
    return np.searchsorted(known, priority).astype(np.int64)


def _rounded(amounts: Floats) -> Ints:
    return np.array([round_half_up(amount) for amount in amounts], np.int64)


def _lead_costs(stream: Ints, channel: Floats) -> Ints:
    """Cost of a lead per stream; opening entities, whose channel has no row, cost nothing."""
    costs = np.append(_rounded(channel[:, ChannelFloat.COST_PER_LEAD]), 0)
    return costs[stream[:, StreamInt.CHANNEL]]


def _sellers(structure: Structure) -> Flags:
    sells = np.zeros((len(structure.funnel), len(structure.team)), np.bool_)
    last = structure.funnel[:, FunnelInt.LAST_ROW]
    for row, team in zip(last, structure.funnel[:, FunnelInt.TEAM], strict=True):
        if team >= 0:
            sells[last == row, team] = True
    return sells
