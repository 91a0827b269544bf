"""Receivables of the books against what customers owe, event by event.

The books add up flows at month ends. Here every invoice is followed from its event to the event
that settles it: a payment at its due time, or the default that ends its service.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pytest

from gtmsim.engines.block import Ledger
from gtmsim.engines.compiled import trace
from gtmsim.plan import Plan, compile_plan, draw_inputs, fill_values
from gtmsim.plan.structure import ContractFloat, SegmentFloat, Values
from gtmsim.rules.state import Books
from gtmsim.scenario.models import Scenario
from gtmsim.vocabulary import EventKind
from gtmsim.vocabulary import SegmentAccount as S
from tests.theory.worlds import world

MONTHS = 36
MENU = {
    "monthly": {"share": 0.3, "term_months": 1, "billing": "monthly", "payment_days": 20},
    "arrears": {
        "share": 0.3,
        "term_months": 12,
        "billing": "quarterly",
        "in_arrears": True,
        "payment_days": 45,
    },
    "annual": {"share": 0.4, "term_months": 12, "payment_days": 75, "uplift": 0.03},
}
LATE_PAYERS = world(
    MONTHS,
    channels__web__organic_per_month=80,
    company__opening={"customers": {"smb": {"count": 60, "age_months": {"p10": 2, "p90": 30}}}},
    segments__smb__acv={"median": 1200, "p90": 4000},
    segments__smb__churn_per_year=0.5,
    segments__smb__contracts=MENU,
    segments__smb__expansion={"seats": {"per_year": 1.5, "win_rate": 0.5, "uplift": 0.2}},
    segments__smb__payments={"fails": 0.12, "retry_success": 0.5, "retry_days": 25},
    segments__smb__win_back={"rate": 0.6, "days": 15},
)


@dataclass(frozen=True)
class Invoice:
    """An invoice that nothing has settled yet."""

    time: float
    amount: int
    service: int
    """Which of the customer's services issued it; one more after every return."""


@dataclass(frozen=True)
class Trace:
    """A replication of the late payers."""

    plan: Plan
    values: Values
    books: Books
    ledger: Ledger


@pytest.fixture(scope="module")
def late() -> Trace:
    plan = compile_plan(Scenario.model_validate(LATE_PAYERS, strict=False))
    (values,) = fill_values(plan, draw_inputs(plan, 3, range(1)))
    books, ledger = trace(plan, values, 3, 0, 0)
    return Trace(plan, values, books, ledger)


def due_times(invoice: Invoice, contract: int, segment: int, values: Values) -> set[float]:
    """When an invoice may be paid: as agreed, or by the retry."""
    agreed = values.contract[contract, ContractFloat.PAYMENT_MONTHS]
    retry = values.segment[segment, SegmentFloat.RETRY_MONTHS]
    return {invoice.time + agreed, invoice.time + (agreed + retry)}


def settled_by_payment(owed: list[Invoice], event: np.void, values: Values) -> Invoice | None:
    """Return the invoice that a payment settles; None for one that is older than the simulation."""
    contract, segment = int(event["detail"]), int(event["segment"])
    fitting = (
        invoice
        for invoice in owed
        if invoice.amount == event["amount"]
        and event["time"] in due_times(invoice, contract, segment, values)
    )
    return next(fitting, None)


def flows(ledger: Ledger, values: Values) -> dict[str, np.ndarray]:
    """Amounts by month of what moves receivables; invoices without an event are not in them."""
    owed: dict[int, list[Invoice]] = defaultdict(list)
    service: dict[int, int] = defaultdict(int)
    moved = {
        name: np.zeros(MONTHS, np.int64)
        for name in ("invoiced", "paid", "written_off", "defaulted")
    }
    for event in ledger:
        entity, amount, month = int(event["entity"]), int(event["amount"]), int(event["time"])
        mine = owed[entity]
        if event["kind"] == EventKind.REACTIVATED:
            service[entity] += 1
        elif event["kind"] == EventKind.INVOICED:
            mine.append(Invoice(float(event["time"]), amount, service[entity]))
            moved["invoiced"][month] += amount
        elif event["kind"] == EventKind.PAID:
            moved["paid"][month] += amount
            if (invoice := settled_by_payment(mine, event, values)) is not None:
                mine.remove(invoice)
        elif event["kind"] == EventKind.DEFAULTED:
            moved["defaulted"][month] += amount
            ended = min((invoice.service for invoice in mine), default=0)
            gone = [invoice for invoice in mine if invoice.service == ended]
            moved["written_off"][month] += sum(invoice.amount for invoice in gone)
            owed[entity] = [invoice for invoice in mine if invoice not in gone]
    return moved


def receivables(ledger: Ledger, late: Trace) -> np.ndarray:
    """What customers owe at each month's end."""
    moved = flows(ledger, late.values)
    change = moved["invoiced"] - moved["paid"] - moved["written_off"]
    return late.books.opening[0, S.RECEIVABLES] + change.cumsum()


def test_payments_fail_customers_return_and_defaults_outlive_services(late):
    kinds = late.ledger["kind"]
    assert (kinds == EventKind.DEFAULTED).sum() > 50
    assert (kinds == EventKind.REACTIVATED).sum() > 50
    assert late.books.opening[0, S.RECEIVABLES] > 0
    defaults = (kinds == EventKind.DEFAULTED).sum()
    voluntary = (
        late.books.segment[..., S.CHURNED_CUSTOMERS]
        - late.books.segment[..., S.INVOLUNTARY_CHURNED_CUSTOMERS]
    )
    assert defaults > late.books.segment[..., S.INVOLUNTARY_CHURNED_CUSTOMERS].sum()
    assert voluntary.sum() > 0


def test_receivables_are_what_is_invoiced_and_neither_paid_nor_written_off(late):
    owed = receivables(late.ledger, late)
    np.testing.assert_array_equal(owed, late.books.segment[:, 0, S.RECEIVABLES])


def test_what_a_default_takes_is_credited_or_bad_debt(late):
    """In arrears a default bills what is earned and not yet invoiced, and loses it at once."""
    moved, book = flows(late.ledger, late.values), late.books.segment[:, 0]
    billed_at_default = book[:, S.BILLINGS] - moved["invoiced"]
    assert (billed_at_default >= 0).all()
    assert billed_at_default.any()
    np.testing.assert_array_equal(moved["defaulted"], book[:, S.BAD_DEBT])
    np.testing.assert_array_equal(
        moved["written_off"] + billed_at_default, book[:, S.CREDIT_NOTES] + book[:, S.BAD_DEBT]
    )


@pytest.mark.parametrize("kind", [EventKind.INVOICED, EventKind.PAID, EventKind.DEFAULTED])
def test_the_check_sees_one_missing_event(late, kind):
    events = np.flatnonzero(late.ledger["kind"] == kind)
    less = np.delete(late.ledger, events[len(events) // 2])
    assert (receivables(less, late) != late.books.segment[:, 0, S.RECEIVABLES]).any()
