"""Where leads come from: points under each stream's intensity (docs/model.md, section 2)."""

from collections.abc import Iterator
from math import ceil

from gtmsim.draws.counts import LAYER_HEIGHT
from gtmsim.engines.reference.buyers import account_of, is_free
from gtmsim.engines.reference.clock import Life, Turn
from gtmsim.engines.reference.company import Company
from gtmsim.engines.reference.customer import Deal
from gtmsim.engines.reference.funnel import choose_motion, sell
from gtmsim.engines.reference.luck import Entity
from gtmsim.engines.reference.terms import StreamTerms
from gtmsim.vocabulary import ChannelAccount, EventKind, LeadCohortAccount, SegmentAccount


def announce_leads(company: Company, month: int) -> None:
    """Begin the life of every lead of a month."""
    for stream in company.terms.streams:
        for entity, time in leads_of(company, stream, month):
            deal = deal_with(company, stream, entity)
            if deal is not None:
                company.begin(arrive(company, deal, time))


def deal_with(company: Company, stream: StreamTerms, entity: Entity) -> Deal | None:
    """Lead at a point; None if its account is busy. The market's accounts decide their segment."""
    if stream.segment is not None:
        return Deal(entity, stream, stream.segment)
    market, luck = company.terms.market, company.luck
    account = account_of(luck, market, stream.channel, entity)
    if not is_free(luck, market, company.state.free_share, entity, account):
        return None
    segment = company.terms.segments[market.segment_of[account.profile]]
    return Deal(entity, stream, segment, account)


def leads_of(company: Company, stream: StreamTerms, month: int) -> Iterator[tuple[Entity, float]]:
    """Leads of a stream in a month, each with its time: the points below the intensity."""
    intensity = company.state.intensity[stream.row]
    for layer in range(ceil(intensity / LAYER_HEIGHT)):
        for entity, time, height in company.luck.points(stream.row, month, layer):
            if (layer + height) * LAYER_HEIGHT < intensity:
                yield entity, month + time


def arrive(company: Company, deal: Deal, time: float) -> Life:
    """Lead's life from its arrival; one of a closed segment goes unserved."""
    yield company.clock.at(time, Turn.REQUEST, deal.entity.id)
    accounts, segment, channel = company.accounts, deal.segment.row, deal.stream.channel
    kind_of_account = deal.account.profile - 1
    accounts.post_both(segment, channel, "LEADS")
    if not company.state.open_segments[segment]:
        accounts.post_both(segment, channel, "UNSERVED_LEADS")
        accounts.log(EventKind.UNSERVED, deal.entity.id, segment, channel, sub=kind_of_account)
        return
    company.pool.take(deal.account, company.month)
    cost = deal.stream.cost_per_lead
    accounts.post_segment(segment, SegmentAccount.LEAD_COST, cost)
    accounts.post_channel(segment, channel, ChannelAccount.VARIABLE_COST, cost)
    came = deal.entity.lead_month
    accounts.post_cohort(came, segment, LeadCohortAccount.OPEN_LEADS, 1)
    accounts.post_cohort(came, segment, LeadCohortAccount.VARIABLE_COST, cost)
    accounts.log(EventKind.LEAD, deal.entity.id, segment, channel, amount=cost, sub=kind_of_account)
    choose_motion(company, deal)
    yield from sell(company, deal, deal.motion.stages[0].row)
