"""From the win to the start of service (docs/model.md, section 5)."""

from collections.abc import Iterable

from gtmsim.engines.reference.buyers import NO_ACCOUNT, Account
from gtmsim.engines.reference.clock import Life, Turn
from gtmsim.engines.reference.company import Company
from gtmsim.engines.reference.customer import Customer, Deal
from gtmsim.engines.reference.luck import Entity
from gtmsim.engines.reference.sellers import Hold, Work
from gtmsim.engines.reference.service import start_customer
from gtmsim.engines.reference.terms import NOBODY, ContractTerms, SegmentTerms
from gtmsim.plan.structure import Purpose
from gtmsim.rules.buyers import milli_load
from gtmsim.rules.clocks import month_of, ticks, unit_exponential
from gtmsim.rules.money import round_half_up
from gtmsim.vocabulary import (
    MONTHS_PER_QUARTER,
    ChannelAccount,
    EventKind,
    LeadCohortAccount,
    SegmentAccount,
)


def win(company: Company, deal: Deal, seller: Hold | None) -> Life:
    """Sign a deal that is won, onboard the customer, go live; ``seller`` held the deal last."""
    customer = new_customer(company, deal.entity, deal.segment, deal.acv, deal.account)
    customer.signed = company.clock.now
    customer.price_step = int(company.terms.prices.step[company.month, deal.segment.row])
    post_signature(company, deal, customer)
    if deal.segment.onboarding_fee > 0:
        charge_fee(company, customer)
    if seller is not None:
        company.credit_rep(seller, customer.booked_arr)
    if customer.contract.starts_at_signature:
        start_customer(company, customer)
    yield from onboard(company, customer)
    if not customer.contract.starts_at_signature:
        start_customer(company, customer)


def new_customer(
    company: Company,
    entity: Entity,
    segment: SegmentTerms,
    acv: int,
    account: Account = NO_ACCOUNT,
) -> Customer:
    """Make a deal a customer with the contract it chooses, its price and its potential."""
    contract = choose_contract(company, entity, segment.contracts, acv)
    kept = contract.price_kept(acv)
    booked = max(1, int(round_half_up(acv * kept)))
    if account.is_known and segment.potential_share is not None:
        potential = int(round_half_up(account.potential * kept))
    else:
        u0, _ = company.luck.pair(entity, Purpose.POTENTIAL)
        potential = int(round_half_up(booked * segment.cap.at(u0)))
    customer = Customer(entity, segment, contract, booked, max(booked, potential), account)
    customer.load = milli_load(company.terms.market.delivery[segment.row, account.profile])
    return customer


def choose_contract(
    company: Company, entity: Entity, menu: Iterable[ContractTerms], acv: int
) -> ContractTerms:
    """Offer that wins the race of exponentials, each as fast as its weight for the deal."""

    def finish(contract: ContractTerms) -> float:
        u0, _ = company.luck.pair(entity, contract.key)
        return unit_exponential(u0) / contract.weight(acv)

    return min((contract for contract in menu if contract.share > 0.0), key=finish)


def post_signature(company: Company, deal: Deal, customer: Customer) -> None:
    """Post a win: bookings, commissions, rewards, onboarding cost, length of the sales cycle."""
    accounts, segment, booked = company.accounts, deal.segment, customer.booked_arr
    now, row, channel = company.clock.now, deal.segment.row, deal.stream.channel
    accounts.log(EventKind.WON, deal.entity.id, row, customer.contract.row, amount=booked)
    accounts.post_both(row, channel, "NEW_LOGOS")
    accounts.post_both(row, channel, "BOOKED_ARR", booked)
    cycle = int(ticks(now) - ticks(deal.opportunity_time))
    accounts.post_segment(row, SegmentAccount.PIPELINE_CLOSED_ARR, deal.acv)
    accounts.post_segment(row, SegmentAccount.SALES_CYCLE_TICKS, cycle)
    if not deal.is_of_opening and quarter(deal.opportunity_time) == quarter(now):
        accounts.post_segment(row, SegmentAccount.SAME_QUARTER_BOOKED_ARR, booked)
    teams = {stage.team for stage in deal.motion.stages} - {NOBODY}
    commissions = sum(company.post_bookings(row, team, booked) for team in teams)
    partner = int(round_half_up(deal.stream.partner_commission * booked))
    reward = deal.stream.reward + partner
    accounts.post_segment(row, SegmentAccount.REFERRAL_COST, reward)
    accounts.post_channel(row, channel, ChannelAccount.VARIABLE_COST, reward)
    delivery = company.terms.market.delivery[row, customer.account.profile]
    onboarding = int(round_half_up(segment.onboarding_cost * delivery))
    accounts.post_segment(row, SegmentAccount.ONBOARDING_COST, onboarding)
    for account, amount in (
        (LeadCohortAccount.VARIABLE_COST, reward + commissions),
        (LeadCohortAccount.NEW_LOGOS, 1),
        (LeadCohortAccount.BOOKED_ARR, booked),
        (LeadCohortAccount.OPEN_LEADS, -1),
    ):
        accounts.post_cohort(deal.entity.lead_month, row, account, amount)


def charge_fee(company: Company, customer: Customer) -> None:
    """Invoice the services fee, which is paid as the contract says."""
    segment, now = customer.segment, company.clock.now
    company.accounts.post_segment(
        segment.row, SegmentAccount.SERVICES_REVENUE, segment.onboarding_fee
    )
    log_fee(company, customer, segment, EventKind.FEE_INVOICED)
    company.begin(pay_fee(company, customer, segment, now + customer.contract.payment_months))


def pay_fee(company: Company, customer: Customer, segment: SegmentTerms, at: float) -> Life:
    """Receive the services fee at its time."""
    yield company.clock.at(at, Turn.OWN, customer.entity.id)
    company.accounts.post_segment(
        segment.row, SegmentAccount.SERVICES_COLLECTIONS, segment.onboarding_fee
    )
    log_fee(company, customer, segment, EventKind.FEE_PAID)


def log_fee(company: Company, customer: Customer, segment: SegmentTerms, kind: EventKind) -> None:
    """Write a ledger entry about the services fee."""
    contract, fee = customer.contract.row, segment.onboarding_fee
    company.accounts.log(kind, customer.entity.id, segment.row, contract, amount=fee)


def quarter(t: float) -> int:
    """Quarter of the simulation, three months each."""
    return int(month_of(t)) // MONTHS_PER_QUARTER


def onboard(company: Company, customer: Customer) -> Life:
    """Onboarding, by a rep of the team if there is one; it stays that of the segment that sold."""
    segment, entity = customer.segment, customer.entity
    u0, _ = company.luck.pair(entity, Purpose.ONBOARDING)
    duration = segment.onboarding.at(u0)
    if segment.onboarding_team == NOBODY:
        log(company, customer, segment, EventKind.ONBOARDING_STARTED)
        yield company.clock.at(company.clock.now + duration, Turn.OWN, entity.id)
    else:
        team = company.teams[segment.onboarding_team]
        priority = segment.priority_of(0)
        work = Work(entity.id, segment.row, priority, lead_month=entity.lead_month)
        hold: Hold = yield team.request(work)
        log(company, customer, segment, EventKind.ONBOARDING_STARTED, hold.seat)
        yield company.clock.at(company.clock.now + duration, Turn.END, entity.id)
        team.release(hold)
    log(company, customer, segment, EventKind.WENT_LIVE)


def log(
    company: Company, customer: Customer, segment: SegmentTerms, kind: EventKind, seat: int = -1
) -> None:
    """Write a ledger entry about an onboarding."""
    company.accounts.log(kind, customer.entity.id, segment.row, segment.onboarding_team, seat=seat)
