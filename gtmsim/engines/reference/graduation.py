"""Moving up: customers who outgrow their segment (docs/model.md, section 6)."""

from gtmsim.engines.reference.billing import start_payment_clock
from gtmsim.engines.reference.company import Company
from gtmsim.engines.reference.customer import Service
from gtmsim.engines.reference.expansion import follow_playbook
from gtmsim.engines.reference.service import start_churn_clock, start_contraction_clock
from gtmsim.rules.buyers import milli_load
from gtmsim.rules.clocks import CLOCKS_PER_STEP, MONTHS_BETWEEN_STEPS
from gtmsim.vocabulary import EventKind, SegmentAccount


def graduate_customers(company: Company) -> None:
    """Move up, at a month's start, every customer who has outgrown its segment."""
    for service in list(company.in_service):
        if has_outgrown(company, service):
            move_up(company, service)


def has_outgrown(company: Company, service: Service) -> bool:
    """Whether a customer moves up now; nobody does twice a year, in debt or amid an attempt."""
    segment, customer = service.segment, service.customer
    if segment.graduates_to < 0 or service.arr < segment.graduates_above:
        return False
    is_settled = customer.step == 0 or company.month - customer.moved_up >= MONTHS_BETWEEN_STEPS
    is_free = customer.attempts == 0 and not service.default_pending
    return bool(is_settled and is_free and company.state.open_segments[segment.graduates_to])


def move_up(company: Company, service: Service) -> None:
    """Move a customer to the next segment, with its contract and its history."""
    customer, old = service.customer, service.segment
    post_transfer(company, service, -1)
    customer.segment = company.terms.segments[old.graduates_to]
    customer.step += 1
    customer.moved_up = company.month
    customer.price_step = int(company.terms.prices.step[company.month, old.graduates_to])
    new = customer.segment
    delivery = company.terms.market.delivery[new.row, customer.account.profile]
    customer.load = milli_load(delivery)
    post_transfer(company, service, 1)
    company.accounts.log(EventKind.GRADUATED, service.entity, new.row, old.row, amount=service.arr)
    start_churn_clock(company, service)
    start_contraction_clock(company, service)
    start_payment_clock(company, service)
    for playbook in new.playbooks:
        customer.entity.used[playbook.clock_key] = customer.step * CLOCKS_PER_STEP
        company.begin(follow_playbook(company, service, playbook, customer.step))


def post_transfer(company: Company, service: Service, sign: int) -> None:
    """Post what moves into (1) or out of (-1) the customer's segment."""
    company.post(service, SegmentAccount.TRANSFERRED_CUSTOMERS, sign)
    company.post(service, SegmentAccount.TRANSFERRED_ARR, sign * service.arr)
    balance = service.deferred - service.unbilled
    company.post(service, SegmentAccount.TRANSFERRED_DEFERRED_REVENUE, sign * balance)
