"""The Structure: every table of whole numbers, flags and keys."""

from gtmsim.plan.lowering import (
    channels,
    company,
    contracts,
    market,
    prices,
    segments,
    stages,
    teams,
)
from gtmsim.plan.lowering.keys import lower_keys
from gtmsim.plan.lowering.rows import DistRows
from gtmsim.plan.names import Names
from gtmsim.plan.structure import Source, Structure
from gtmsim.scenario.models import Scenario


def lower_structure(scenario: Scenario, names: Names, dists: DistRows) -> Structure:
    """Lower what no draw changes."""
    return Structure(
        company=company.company_row(scenario, names),
        segment=segments.segment_table(scenario, names, dists),
        funnel=segments.funnel_table(scenario, names, dists),
        contract=contracts.contract_table(scenario, names),
        playbook=contracts.playbook_table(scenario, names, dists),
        stream=channels.stream_table(scenario, names),
        channel=channels.channel_table(scenario, names),
        event=channels.event_table(scenario, names),
        team=teams.team_table(scenario, names),
        hire=teams.hire_table(scenario, names),
        round=company.round_table(scenario, names),
        cost=company.cost_table(scenario, names),
        stage_opens=stages.stage_opens_table(scenario, names),
        stack_of=company.stack_table(scenario, names),
        virality_of=channels.word_of_mouth_table(scenario, names, Source.VIRALITY),
        referral_of=channels.word_of_mouth_table(scenario, names, Source.REFERRALS),
        customers_of=teams.customers_of_table(scenario, names),
        works_for=teams.works_for_table(scenario, names),
        price=prices.price_table(scenario, names),
        price_of=prices.price_segments_table(scenario, names),
        market=market.market_row(scenario, names, dists),
        class_needs=market.needs_row(scenario, names),
        segment_of=market.segment_row(scenario, names),
        **lower_keys(names)._asdict(),
    )
