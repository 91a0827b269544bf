"""Money of a customer: periods, revenue, invoices, payments, default (docs/model.md, section 6)."""

from gtmsim.draws.counts import NEVER, geometric
from gtmsim.engines.reference.clock import Life, Own, Turn
from gtmsim.engines.reference.company import Company
from gtmsim.engines.reference.customer import Period, Service
from gtmsim.engines.reference.departure import leave
from gtmsim.engines.reference.terms import SegmentTerms
from gtmsim.plan.structure import Purpose
from gtmsim.rules.money import instalment, prorated, recognised
from gtmsim.vocabulary import EventKind, SegmentAccount


def start_period(company: Company, service: Service, month_of_service: int) -> None:
    """Begin the billing period that starts ``month_of_service`` months into the service."""
    service.period = period_at(service, month_of_service)
    if not service.contract.in_arrears:
        invoice(company, service, service.period.amount)


def period_at(service: Service, month_of_service: int) -> Period:
    """Billing period that starts ``month_of_service`` months into the service, at today's ARR."""
    contract = service.contract
    index = month_of_service % contract.term // contract.billing
    return Period(
        amount=int(instalment(service.arr, contract.term, contract.billing, index)),
        anchor=service.start + month_of_service,
        end=service.start + (month_of_service + contract.billing),
    )


def end_period(company: Company, service: Service) -> None:
    """Earn what is left of the period that ends now; in arrears, invoice it."""
    recognise(company, service, company.month)
    if service.contract.in_arrears:
        amount, now = service.unbilled, company.clock.now
        service.period = Period(0, now, now)  # invoiced, even if a default comes at this instant
        invoice(company, service, amount)


def recognise(company: Company, service: Service, month: int, until: float | None = None) -> None:
    """Post the revenue earned until now (or ``until``) to ``month``."""
    period = service.period
    t = company.clock.now if until is None else until
    earned = int(recognised(period.amount, t, period.anchor, period.end))
    revenue = earned - period.earned
    company.books.segment[month, service.segment.row, SegmentAccount.REVENUE] += revenue
    period.earned = earned


def change_arr(company: Company, service: Service, change: int) -> None:
    """Change the ARR within a period; the rest of the period is priced pro rata."""
    now, period = company.clock.now, service.period
    recognise(company, service, company.month)
    extra = int(prorated(change, now, period.end))
    service.arr += change
    service.period = Period(
        amount=period.unearned + extra,
        anchor=now,
        end=period.end,
        earned_before=period.earned_before + period.earned,
    )
    if not service.contract.in_arrears:
        invoice(company, service, extra)


def start_payment_clock(company: Company, service: Service) -> None:
    """Draw how many invoices will be paid before one fails, and the luck of its retry."""
    fail_rate = service.segment.fail_rate
    u0, service.retry_luck = company.luck.next_pair(service.customer.entity, Purpose.PAYMENT)
    service.paid_before_failure = int(geometric(u0, fail_rate)) if fail_rate > 0.0 else NEVER


def invoice(company: Company, service: Service, amount: int) -> None:
    """Issue an invoice now: it is paid, paid after a retry, or never paid."""
    if amount <= 0:
        return
    now, segment = company.clock.now, service.segment
    company.post(service, SegmentAccount.BILLINGS, amount)
    company.log(service, EventKind.INVOICED, amount)
    payment_months = service.contract.payment_months
    if service.default_pending:
        service.unpaid += amount
        return
    if service.paid_before_failure > 0:
        service.paid_before_failure -= 1
        company.begin(collect(company, service, segment, amount, now + payment_months))
        return
    is_collected = service.retry_luck < segment.retry_success
    start_payment_clock(company, service)
    settled = now + (payment_months + segment.retry_months)
    if is_collected:
        company.begin(collect(company, service, segment, amount, settled))
    else:
        service.unpaid += amount
        service.default_pending = True
        company.begin(default(company, service, settled))


def collect(
    company: Company, service: Service, segment: SegmentTerms, amount: int, at: float
) -> Life:
    """Receive a payment at its time, whatever has become of the customer of then."""
    yield company.clock.at(at, Turn.OWN, service.entity)
    accounts = company.accounts
    accounts.post_segment(segment.row, SegmentAccount.COLLECTIONS, amount)
    contract = service.contract.row
    accounts.log(EventKind.PAID, service.entity, segment.row, contract, amount=amount)


def default(company: Company, service: Service, at: float) -> Life:
    """Write off what is unpaid at ``at``; a customer still in service leaves."""
    yield company.clock.at(at, Turn.OWN, service.entity, Own.DEFAULT)
    bad_debt = _write_off(company, service) if service.active else service.unpaid
    company.post(service, SegmentAccount.BAD_DEBT, bad_debt)
    company.log(service, EventKind.DEFAULTED, bad_debt)
    if service.active:
        company.post(service, SegmentAccount.INVOLUNTARY_CHURNED_CUSTOMERS)
        company.post(service, SegmentAccount.INVOLUNTARY_CHURNED_ARR, service.arr)
        company.pool.free(service.customer.account, company.month, cools=True)
        leave(company, service)


def _write_off(company: Company, service: Service) -> int:
    """Close the running period of a defaulting customer; return the bad debt."""
    recognise(company, service, company.month)
    if service.contract.in_arrears:
        company.post(service, SegmentAccount.BILLINGS, service.unbilled)
        return service.unpaid + service.unbilled
    credit = min(service.unpaid, service.deferred)
    company.post(service, SegmentAccount.CREDIT_NOTES, credit)
    company.post(service, SegmentAccount.REVENUE, service.deferred - credit)
    return service.unpaid - credit
