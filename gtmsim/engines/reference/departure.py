"""How a customer leaves service, by its own will or by default."""

from gtmsim.engines.reference.company import Company
from gtmsim.engines.reference.customer import Service
from gtmsim.vocabulary import SegmentAccount


def leave(company: Company, service: Service) -> None:
    """End a service now and post what the company loses with it."""
    company.post(service, SegmentAccount.CHURNED_CUSTOMERS)
    company.post(service, SegmentAccount.CHURNED_ARR, service.arr)
    service.active = False
    del company.in_service[service]
