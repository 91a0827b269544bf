"""The opening position: customers, and deals in the pipeline (docs/model.md, section 6)."""

from gtmsim.engines.reference.billing import collect, period_at
from gtmsim.engines.reference.clock import Life, Turn
from gtmsim.engines.reference.company import Company
from gtmsim.engines.reference.customer import Customer, Deal, Service
from gtmsim.engines.reference.funnel import sell, set_price
from gtmsim.engines.reference.luck import Entity, new_entity
from gtmsim.engines.reference.onboarding import new_customer
from gtmsim.engines.reference.service import live, start_clocks
from gtmsim.engines.reference.terms import OpeningTerms, SegmentTerms, StreamTerms
from gtmsim.plan.structure import Purpose, Source
from gtmsim.rules.money import recognised, round_half_up
from gtmsim.vocabulary import MONTHS_PER_YEAR, SegmentAccount


def open_position(company: Company) -> None:
    """Set up whom the company has at the start, before the policy opens the first month."""
    for segment in company.terms.segments:
        if segment.opening is not None:
            for ordinal in range(segment.opening.count):
                add_customer(company, segment, segment.opening, ordinal)
    for stream in company.terms.streams:
        if stream.source is Source.OPENING_PIPELINE:
            for ordinal in range(stream.count):
                add_deal(company, stream, ordinal)


def add_deal(company: Company, stream: StreamTerms, ordinal: int) -> None:
    """Set up an open deal; from the opportunity stage on it has its price already."""
    assert stream.segment is not None
    deal = Deal(new_entity(stream.row, ordinal), stream, stream.segment)
    if stream.funnel_row >= deal.motion.opportunity_row:
        set_price(company, deal)
        deal.is_of_opening = True
        stocks = company.books.opening[stream.segment.row]
        stocks[SegmentAccount.OPEN_OPPORTUNITIES] += 1
        stocks[SegmentAccount.OPEN_PIPELINE_ARR] += deal.acv
    company.begin(resume(company, deal))


def resume(company: Company, deal: Deal) -> Life:
    """Enter the deal's stage at the start."""
    yield company.clock.at(0.0, Turn.REQUEST, deal.entity.id)
    yield from sell(company, deal, deal.stream.funnel_row)


def add_customer(
    company: Company, segment: SegmentTerms, opening: OpeningTerms, ordinal: int
) -> None:
    """Set up a customer in the middle of its service."""
    entity = new_entity(opening.stream, ordinal)
    price_luck, age_luck = company.luck.pair(entity, Purpose.ACV)
    acv = max(1, int(round_half_up(opening.acv.at(price_luck))))
    age = opening.age.at(age_luck)
    customer = new_customer(company, entity, segment, acv)
    customer.theta = propensity_of_survivor(company, opening, entity, customer, age)
    begun = int(age) // customer.contract.billing * customer.contract.billing
    service = Service(customer, -age, customer.booked_arr)
    service.period = period_at(service, begun)
    service.period.earned = int(
        recognised(service.period.amount, 0.0, service.period.anchor, service.period.end)
    )
    start_clocks(company, service)
    expect_payments(company, service, begun)
    company.begin(live(company, service, begun + customer.contract.billing))


def propensity_of_survivor(
    company: Company, opening: OpeningTerms, entity: Entity, customer: Customer, age: float
) -> float:
    """Churn propensity of a customer whom the renewals behind it have already tried."""
    renewals = int(age) // customer.contract.term
    years = renewals * customer.contract.term // MONTHS_PER_YEAR
    u0, _ = company.luck.pair(entity, Purpose.CHURN)
    return opening.churn[min(years, len(opening.churn) - 1)].at(u0)


def expect_payments(company: Company, service: Service, begun: int) -> None:
    """Payments still to come for invoices issued before the start: opening receivables.

    In advance the running period, begun ``begun`` months into the service, was invoiced as well.
    """
    contract = service.contract
    for month_of_service in range(begun, -1, -contract.billing):
        period = period_at(service, month_of_service)
        issued = period.end if contract.in_arrears else period.anchor
        due = issued + contract.payment_months
        if due < 0.0:
            return
        if issued <= 0.0 and period.amount > 0:
            company.books.opening[service.segment.row, SegmentAccount.RECEIVABLES] += period.amount
            segment = service.segment
            company.begin(collect(company, service, segment, period.amount, due))
