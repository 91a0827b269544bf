"""Channels, their events, and the streams of leads they are split into."""

import numpy as np

from gtmsim.plan.distributions import Number
from gtmsim.plan.leaves import Node
from gtmsim.plan.lowering.rows import NONE
from gtmsim.plan.lowering.tables import (
    IntRow,
    NumberRow,
    flag_table,
    int_table,
    write_cells,
    write_rows,
)
from gtmsim.plan.names import Names, SegmentPart, Stream, row_of
from gtmsim.plan.structure import (
    ChannelFloat,
    ChannelInt,
    EventFloat,
    EventInt,
    Flags,
    Ints,
    Source,
    StreamFloat,
    StreamInt,
    Values,
)
from gtmsim.scenario.models import Scenario
from gtmsim.vocabulary import OPENING_CHANNEL

MARKET = ""
"""Segment of a stream of the market's accounts."""

_REWARDED = {Source.VIRALITY: "virality", Source.REFERRALS: "referrals"}


# Streams


def channel_streams(root: Node) -> tuple[Stream, ...]:
    """Streams of all channels, in the order of the file: channel, source, segment."""
    return tuple(
        Stream(source, channel, segment)
        for channel, node in root.at("channels").items()
        for source in _sources(node)
        for segment in node.model.segments or (MARKET,)
        if segment == MARKET or node.at("segments").may_be_positive(segment)
    )


def opening_streams(scenario: Scenario) -> tuple[Stream, ...]:
    """Streams of the opening position: customers, then pipeline."""
    opening = scenario.company.opening
    customers = tuple(
        Stream(Source.OPENING_CUSTOMERS, OPENING_CHANNEL, segment) for segment in opening.customers
    )
    pipeline = tuple(
        Stream(Source.OPENING_PIPELINE, OPENING_CHANNEL, segment, stage)
        for segment, deals in opening.pipeline.items()
        for stage in deals
    )
    return customers + pipeline


def _sources(channel: Node) -> list[Source]:
    present = {
        Source.ORGANIC: channel.may_be_positive("organic_per_month"),
        Source.SPEND: channel.has("response"),
        Source.OUTBOUND: channel.has("outbound"),
        Source.VIRALITY: channel.has("virality"),
        Source.REFERRALS: channel.has("referrals"),
        Source.PARTNERS: channel.has("partners"),
        Source.EVENTS: bool(channel.model.events),
    }
    return [source for source, is_present in present.items() if is_present]


# Structure


def stream_table(scenario: Scenario, names: Names) -> Ints:
    """Whole numbers of the streams, shape (N, StreamInt)."""
    return int_table(StreamInt, [_stream_row(scenario, names, stream) for stream in names.streams])


def channel_table(scenario: Scenario, names: Names) -> Ints:
    """Whole numbers of the channels, shape (C, ChannelInt)."""
    return int_table(
        ChannelInt, [_channel_row(scenario, names, name) for name in scenario.channels]
    )


def event_table(scenario: Scenario, names: Names) -> Ints:
    """Whole numbers of the channels' events, shape (E, EventInt)."""
    rows = [
        {
            EventInt.CHANNEL: names.channels.index(channel),
            EventInt.MONTH: event.month - 1,
            EventInt.EVERY: event.every_months or 0,
        }
        for channel, name in names.events
        for event in [scenario.channels[channel].events[name]]
    ]
    return int_table(EventInt, rows)


def word_of_mouth_table(scenario: Scenario, names: Names, source: Source) -> Flags:
    """Segments whose customers bring a channel leads, shape (C, S)."""
    rows = []
    for channel in scenario.channels.values():
        word = getattr(channel, _REWARDED[source])
        counted = names.segments if word and word.customers_of is None else ()
        counted = word.customers_of if word and word.customers_of is not None else counted
        rows.append([segment in counted for segment in names.segments])
    return flag_table(len(names.segments), rows)


def _stream_row(scenario: Scenario, names: Names, stream: Stream) -> IntRow[StreamInt]:
    opening = scenario.company.opening
    count, row = 0, NONE
    if stream.source == Source.OPENING_CUSTOMERS:
        count = opening.customers[stream.segment].count
    elif stream.source == Source.OPENING_PIPELINE:
        count = opening.pipeline[stream.segment][stream.stage]
        row = names.funnel.index(SegmentPart(stream.segment, stream.stage))
    return {
        StreamInt.SOURCE: stream.source,
        StreamInt.CHANNEL: names.channels.index(stream.channel),
        StreamInt.SEGMENT: row_of(names.segments, stream.segment or None),
        StreamInt.FUNNEL_ROW: row,
        StreamInt.COUNT: count,
    }


def _channel_row(scenario: Scenario, names: Names, name: str) -> IntRow[ChannelInt]:
    channel = scenario.channels[name]
    response, outbound = channel.response, channel.outbound
    return {
        ChannelInt.BUDGET: row_of(names.budgets, channel.spend.budget if channel.spend else None),
        ChannelInt.OUTBOUND_TEAM: row_of(names.teams, outbound.team if outbound else None),
        ChannelInt.HILL: int(response is not None and response.max_leads is not None),
        ChannelInt.ESTABLISHED: int(response is not None and response.established),
    }


# Values


def write_channels(root: Node, names: Names, out: Values) -> None:
    """Write the numbers of the channels, their events and their streams."""
    nodes = [node for _, node in root.at("channels").items()]
    mixes = [_mix(node, names) for node in nodes]
    write_rows(out.channel, ChannelFloat, [_channel_numbers(node) for node in nodes])
    write_cells(out.season, [_season(node) for node in nodes])
    write_cells(out.spend, [node.money_by_stage("spend_per_month", names.stages) for node in nodes])
    write_cells(out.mix, mixes)
    write_rows(out.event, EventFloat, [_event_numbers(root, *event) for event in names.events])
    write_rows(
        out.stream, StreamFloat, [_stream_numbers(root, names, mixes, row) for row in names.streams]
    )


def _channel_numbers(channel: Node) -> NumberRow[ChannelFloat]:
    return _response_numbers(channel) | {
        ChannelFloat.ORGANIC: channel.number("organic_per_month"),
        ChannelFloat.GROWTH_LOG: np.log1p(channel.number("growth_per_year")),
        ChannelFloat.BUDGET_SHARE: channel.number_in("spend", "share"),
        ChannelFloat.OUTBOUND_RATE: channel.number_in("outbound", "leads_per_rep_per_month"),
        ChannelFloat.VIRALITY_RATE: channel.number_in("virality", "per_customer_per_month"),
        ChannelFloat.REFERRAL_RATE: channel.number_in("referrals", "per_customer_per_month"),
        ChannelFloat.PARTNERS: channel.number_in("partners", "count"),
        ChannelFloat.PARTNERS_ADDED: channel.number_in("partners", "added_per_month"),
        ChannelFloat.PARTNER_RATE: channel.number_in("partners", "leads_per_partner_per_month"),
        ChannelFloat.COST_PER_LEAD: channel.money("cost_per_lead"),
    }


def _response_numbers(channel: Node) -> NumberRow[ChannelFloat]:
    if not channel.has("response"):  # a curve that is 0 everywhere and divides by 1
        return _response_row(1.0, 0.0, 1.0, 0.0)
    response = channel.at("response")
    is_hill = response.has("max_leads")
    return _response_row(
        response.money("half_spend" if is_hill else "reference_spend"),
        response.number("max_leads" if is_hill else "leads"),
        response.number("slope" if is_hill else "elasticity"),
        response.number("carry_over"),
    )


def _response_row(
    spend: Number, leads: Number, exponent: Number, carry_over: Number
) -> NumberRow[ChannelFloat]:
    return {
        ChannelFloat.REFERENCE_SPEND: spend,
        ChannelFloat.LEADS: leads,
        ChannelFloat.EXPONENT: exponent,
        ChannelFloat.CARRY_OVER: carry_over,
    }


def _season(channel: Node) -> list[Number]:
    if not channel.has("seasonality"):
        return [1.0] * 12
    factors = channel.at("seasonality")
    return [factors.number(month) for month in range(12)]


def _mix(channel: Node, names: Names) -> list[Number]:
    served = tuple(channel.model.segments)
    if not served:  # the market's: `write_reach` finds out whom the channel reaches
        return [0.0] * len(names.segments)
    shares = channel.at("segments").shares([(segment,) for segment in served])
    by_segment = dict(zip(served, shares, strict=True))
    return [by_segment.get(segment, 0.0) for segment in names.segments]


def _event_numbers(root: Node, channel: str, name: str) -> NumberRow[EventFloat]:
    event = root.at("channels", channel, "events", name)
    return {EventFloat.LEADS: event.number("leads"), EventFloat.COST: event.money("cost")}


def _stream_numbers(
    root: Node, names: Names, mixes: list[list[Number]], stream: Stream
) -> NumberRow[StreamFloat]:
    if stream.channel == OPENING_CHANNEL:
        return dict.fromkeys(StreamFloat, 0.0)
    mix = mixes[names.channels.index(stream.channel)]
    return {
        StreamFloat.SHARE: (mix[names.segments.index(stream.segment)] if stream.segment else 1.0),
        StreamFloat.REWARD: _reward(root, stream),
        StreamFloat.PARTNER_COMMISSION: _partner_commission(root, stream),
    }


def _reward(root: Node, stream: Stream) -> Number:
    if stream.source not in _REWARDED:
        return 0.0
    return root.at("channels", stream.channel, _REWARDED[stream.source]).money("reward")


def _partner_commission(root: Node, stream: Stream) -> Number:
    if stream.source != Source.PARTNERS:
        return 0.0
    return root.at("channels", stream.channel, "partners").number("commission")
