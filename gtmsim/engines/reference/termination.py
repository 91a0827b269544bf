"""Termination: the largest customer leaves in the middle of its contract (docs/model.md, 6)."""

from gtmsim.engines.reference.billing import end_period
from gtmsim.engines.reference.company import Company
from gtmsim.engines.reference.customer import Service
from gtmsim.engines.reference.departure import leave
from gtmsim.vocabulary import EventKind, SegmentAccount


def lose_largest(company: Company) -> None:
    """End the contract of the customer with the most ARR; of equals the lowest entity's."""
    if company.in_service:
        terminate(company, max(company.in_service, key=lambda one: (one.arr, -one.entity)))


def terminate(company: Company, service: Service) -> None:
    """End a contract now: what was invoiced stays due, what was used is invoiced."""
    end_period(company, service)
    if not service.contract.in_arrears:
        unused = service.period.unearned
        company.post(service, SegmentAccount.REVENUE, unused)
        company.state.unused_revenue[service.segment.row] += unused
    company.log(service, EventKind.TERMINATED, service.arr)
    company.pool.free(service.customer.account, company.month, cools=True)
    leave(company, service)
