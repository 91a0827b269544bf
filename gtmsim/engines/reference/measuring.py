"""What is measured at a month's end, customer by customer (docs/model.md, section 7)."""

from heapq import nlargest

from gtmsim.engines.reference.billing import recognise
from gtmsim.engines.reference.company import Company
from gtmsim.engines.reference.customer import Service
from gtmsim.plan.structure import Ints
from gtmsim.vocabulary import TOP_TEN, CohortAccount, CompanyAccount, SegmentAccount

OPENING = -1
"""The month whose close is the opening position."""

RETENTION_MONTHS = 12


def measure_opening(company: Company) -> None:
    """Measure the customers of the opening position."""
    for service in company.in_service:
        service.closing_arr[OPENING] = service.arr
        service.closing_segment[OPENING] = service.segment.row
        measure_stocks(service, company.books.opening[service.segment.row])


def measure_month(company: Company, month: int) -> None:
    """Earn revenue up to the end of ``month``, then measure customers and teams."""
    for service in company.in_service:
        recognise(company, service, month, month + 1.0)
        service.closing_arr[month] = service.arr
        service.closing_segment[month] = service.segment.row
        measure_stocks(service, company.books.segment[month, service.segment.row])
        measure_retention(service, month, company.books.segment[month])
        cohort = company.books.cohort[month, service.segment.row, service.customer.cohort]
        cohort[CohortAccount.CUSTOMERS] += 1
        cohort[CohortAccount.ARR] += service.arr
    largest = nlargest(TOP_TEN, (service.arr for service in company.in_service))
    company.books.company[month, CompanyAccount.TOP_TEN_ARR] = sum(largest)
    for team in company.teams:
        team.close_month(month)


def measure_stocks(service: Service, row: Ints) -> None:
    """Add a customer to its segment's stocks."""
    row[SegmentAccount.CLOSING_CUSTOMERS] += 1
    row[SegmentAccount.CLOSING_ARR] += service.arr
    row[SegmentAccount.SERVICE_MILLI_LOAD] += service.customer.load
    if service.contract.term == 1:
        row[SegmentAccount.CLOSING_MONTHLY_ARR] += service.arr
    row[SegmentAccount.DEFERRED_REVENUE] += service.deferred
    row[SegmentAccount.UNBILLED_RECEIVABLES] += service.unbilled
    row[SegmentAccount.LARGEST_CUSTOMER_ARR] = max(
        int(row[SegmentAccount.LARGEST_CUSTOMER_ARR]), service.arr
    )


def measure_retention(service: Service, month: int, rows: Ints) -> None:
    """Add a customer of twelve months ago to its segment of then: ARR now, and at most then."""
    then = service.closing_arr.get(month - RETENTION_MONTHS)
    if then is not None:
        row = rows[service.closing_segment[month - RETENTION_MONTHS]]
        row[SegmentAccount.RETAINED_ARR] += service.arr
        row[SegmentAccount.RETAINED_ARR_CAPPED] += min(then, service.arr)
