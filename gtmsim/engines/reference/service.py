"""Life of a customer in service: periods, renewals, churn, return (docs/model.md, section 6)."""

from math import inf

from gtmsim.engines.reference.billing import end_period, start_payment_clock, start_period
from gtmsim.engines.reference.clock import Life, Own, Turn
from gtmsim.engines.reference.company import Company
from gtmsim.engines.reference.customer import Customer, Service
from gtmsim.engines.reference.departure import leave
from gtmsim.engines.reference.expansion import follow_playbook
from gtmsim.plan.structure import Purpose
from gtmsim.rules.buyers import churn_by_fit
from gtmsim.rules.clocks import churn_years, hastened, missed_hazard, unit_exponential
from gtmsim.rules.money import round_half_up
from gtmsim.vocabulary import MONTHS_PER_YEAR, EventKind, SegmentAccount


def start_customer(company: Company, customer: Customer) -> None:
    """First start of service, now."""
    u0, _ = company.luck.pair(customer.entity, Purpose.CHURN)
    customer.theta = customer.segment.churn.at(u0)
    customer.cohort = 1 + company.month // MONTHS_PER_YEAR
    service = Service(customer, company.clock.now, customer.booked_arr)
    company.post(service, SegmentAccount.NEW_CUSTOMERS)
    company.post(service, SegmentAccount.NEW_ARR, service.arr)
    company.log(service, EventKind.SERVICE_STARTED, service.arr)
    begin_service(company, service)
    segment = service.segment
    if service.start - customer.signed > segment.first_value:
        service.churn_clock = float(hastened(service.churn_clock, segment.late_churn))


def begin_service(company: Company, service: Service) -> None:
    """Start the clocks and the first billing period of a new or returning customer."""
    start_clocks(company, service)
    start_period(company, service, 0)
    company.begin(live(company, service, service.contract.billing))


def start_clocks(company: Company, service: Service) -> None:
    """Start a customer's clocks, and take it into service."""
    company.in_service[service] = None
    start_churn_clock(company, service)
    start_contraction_clock(company, service)
    start_payment_clock(company, service)
    for playbook in service.segment.playbooks:
        step = service.customer.step
        company.begin(follow_playbook(company, service, playbook, step))


def start_churn_clock(company: Company, service: Service) -> None:
    """Draw how many years of churn hazard the customer stands."""
    customer = service.customer
    u0, _ = company.luck.next_pair(customer.entity, Purpose.CHURN_CLOCK)
    fit = company.terms.market.churn[customer.segment.row, customer.account.profile]
    service.churn_clock = churn_years(unit_exponential(u0), churn_by_fit(customer.theta, fit))


def start_contraction_clock(company: Company, service: Service) -> None:
    """Draw how many years pass before the customer shrinks, and the luck of by how much."""
    u0, u1 = company.luck.next_pair(service.customer.entity, Purpose.CONTRACTION)
    hazard = service.segment.contraction_hazard
    service.contraction_clock = unit_exponential(u0) / hazard if hazard > 0.0 else inf
    service.contraction_luck = u1


def live(company: Company, service: Service, month_of_service: int) -> Life:
    """Periods and renewals from the end of the one that runs, until the customer leaves."""
    contract = service.contract
    while True:
        at = service.start + month_of_service
        yield company.clock.at(at, Turn.OWN, service.entity, Own.ARREARS)
        if not service.active:
            return
        end_period(company, service)
        if month_of_service % contract.term == 0:
            yield company.clock.at(at, Turn.OWN, service.entity, Own.RENEWAL)
            if service.active:
                renew(company, service)
        yield company.clock.at(at, Turn.OWN, service.entity, Own.PERIOD)
        if not service.active:
            return
        start_period(company, service, month_of_service)
        month_of_service += contract.billing


def renew(company: Company, service: Service) -> None:
    """Decide at the end of a term: stay or leave, shrink, and pay the uplift."""
    company.post(service, SegmentAccount.RENEWALS_DUE)
    company.post(service, SegmentAccount.RENEWAL_DUE_ARR, service.arr)
    years = service.contract.term / MONTHS_PER_YEAR
    price, hazard = price_change(company, service)
    multiplier = company.state.churn_multiplier[service.segment.row] * hazard
    multiplier *= missed_service(company, service)
    service.churn_clock -= years * multiplier
    if service.churn_clock < 0.0 and not save(company, service):
        churn(company, service)
        return
    contract_if_due(company, service, years)
    change_price(company, service, price)
    uplift(company, service)
    company.log(service, EventKind.RENEWED, service.arr)


def missed_service(company: Company, service: Service) -> float:
    """Factor on the churn hazard of the term that ends, by the months whose level was missed."""
    segment, missed = service.segment, company.state.missed_months
    term = service.contract.term
    return float(missed_hazard(segment.missed_churn, missed, segment.row, company.month, term))


def price_change(company: Company, service: Service) -> tuple[float, float]:
    """Factors on price and on churn hazard of the price changes that reach a renewal now."""
    prices, row, customer = company.terms.prices, service.segment.row, service.customer
    before, now = customer.price_step, int(prices.step[company.month, row])
    customer.price_step = now
    if now == before:
        return 1.0, 1.0
    price = prices.renewal_level[row, now] / prices.renewal_level[row, before]
    hazard = prices.renewal_hazard[row, now] / prices.renewal_hazard[row, before]
    return float(price), float(hazard)


def change_price(company: Company, service: Service, factor: float) -> None:
    """Renew at the changed price; more is uplift, whatever the customer's cap."""
    arr = max(1, int(round_half_up(service.arr * factor)))
    added = arr - service.arr
    if added > 0:
        company.post(service, SegmentAccount.EXPANSION_ARR, added)
        company.post(service, SegmentAccount.UPLIFT_ARR, added)
        company.log(service, EventKind.UPLIFTED, added)
    elif added < 0:
        company.post(service, SegmentAccount.CONTRACTIONS)
        company.post(service, SegmentAccount.CONTRACTION_ARR, -added)
        company.log(service, EventKind.CONTRACTED, -added)
    service.arr = arr


def save(company: Company, service: Service) -> bool:
    """Whether customer success keeps a customer who is about to churn."""
    save_rate = company.state.save_rate[service.segment.row]
    if save_rate <= 0.0:
        return False
    u0, _ = company.luck.next_pair(service.customer.entity, Purpose.SAVE)
    if u0 >= save_rate:
        return False
    company.post(service, SegmentAccount.SAVED_CUSTOMERS)
    company.log(service, EventKind.SAVED, service.arr)
    start_churn_clock(company, service)
    return True


def contract_if_due(company: Company, service: Service, years: float) -> None:
    """Shrink the ARR if the contraction clock has run out."""
    service.contraction_clock -= years
    if service.contraction_clock >= 0.0 or service.segment.contraction is None:
        return
    size = service.segment.contraction.at(service.contraction_luck)
    arr = max(1, int(round_half_up(service.arr * (1.0 - size))))
    company.post(service, SegmentAccount.CONTRACTIONS)
    company.post(service, SegmentAccount.CONTRACTION_ARR, service.arr - arr)
    company.log(service, EventKind.CONTRACTED, service.arr - arr)
    service.arr = arr
    start_contraction_clock(company, service)


def uplift(company: Company, service: Service) -> None:
    """Raise the ARR by the contract's uplift, up to the customer's cap."""
    raised = int(round_half_up(service.arr * (1.0 + service.contract.uplift)))
    added = service.customer.expanded(service.arr, raised) - service.arr
    if added == 0:
        return
    company.post(service, SegmentAccount.EXPANSION_ARR, added)
    company.post(service, SegmentAccount.UPLIFT_ARR, added)
    company.log(service, EventKind.UPLIFTED, added)
    service.arr += added


def churn(company: Company, service: Service) -> None:
    """Leave at a renewal, perhaps to return one day."""
    company.post(service, SegmentAccount.RENEWAL_LOST_ARR, service.arr)
    company.log(service, EventKind.CHURNED, service.arr)
    leave(company, service)
    back = return_time(company, service)
    if back < company.months:
        company.begin(return_at(company, service, back))
    else:
        company.pool.free(service.customer.account, company.month, cools=True)


def return_time(company: Company, service: Service) -> float:
    """When a churned customer comes back; infinite if never."""
    segment = service.segment
    if segment.win_back is None:
        return inf
    u0, u1 = company.luck.next_pair(service.customer.entity, Purpose.WIN_BACK)
    return company.clock.now + segment.win_back.at(u1) if u0 < segment.win_back_rate else inf


def return_at(company: Company, left: Service, at: float) -> Life:
    """Come back at ``at``: the same contract and ARR, a new service."""
    yield company.clock.at(at, Turn.OWN, left.entity)
    service = Service(left.customer, company.clock.now, left.arr)
    company.post(service, SegmentAccount.REACTIVATED_CUSTOMERS)
    company.post(service, SegmentAccount.REACTIVATED_ARR, service.arr)
    company.log(service, EventKind.REACTIVATED, service.arr)
    begin_service(company, service)
