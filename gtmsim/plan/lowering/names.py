"""Names of all rows, in the order of the file."""

from gtmsim.plan.leaves import Node
from gtmsim.plan.lowering.channels import channel_streams, opening_streams
from gtmsim.plan.lowering.market import class_rows
from gtmsim.plan.lowering.segments import funnel_of
from gtmsim.plan.lowering.stages import stage_names
from gtmsim.plan.names import ChannelEvent, Names, SegmentPart
from gtmsim.scenario.allocation import budget_names
from gtmsim.scenario.models import Scenario
from gtmsim.vocabulary import OPENING_CHANNEL


def lower_names(root: Node) -> Names:
    """Name the rows of every table."""
    scenario: Scenario = root.model
    segments = scenario.segments.items()
    return Names(
        segments=tuple(scenario.segments),
        channels=(*scenario.channels, OPENING_CHANNEL),
        streams=channel_streams(root) + opening_streams(scenario),
        funnel=tuple(stage for name in scenario.segments for stage in funnel_of(scenario, name)),
        contracts=tuple(
            SegmentPart(name, c) for name, segment in segments for c in segment.contracts
        ),
        playbooks=tuple(
            SegmentPart(name, p) for name, segment in segments for p in segment.expansion
        ),
        events=tuple(
            ChannelEvent(name, event)
            for name, channel in scenario.channels.items()
            for event in channel.events
        ),
        teams=tuple(scenario.teams),
        stages=stage_names(root),
        rounds=tuple(scenario.company.rounds),
        costs=tuple(scenario.costs),
        budgets=budget_names(scenario),
        stacks=tuple(scenario.tech_stacks),
        price_changes=tuple(scenario.price_changes),
        classes=class_rows(scenario),
    )
