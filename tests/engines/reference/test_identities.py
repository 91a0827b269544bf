"""What must hold in every month of every company, whatever it does."""

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from gtmsim.engines.reference import trace
from gtmsim.plan import compile_plan, draw_inputs, fill_values
from gtmsim.rules.state import Books
from gtmsim.scenario.models import Scenario
from gtmsim.vocabulary import (
    ChannelAccount,
    CohortAccount,
    CompanyAccount,
    FunnelAccount,
    SegmentAccount,
    TeamAccount,
)
from tests.engines.generated import scenarios


def books_of(tables: dict) -> Books:
    plan = compile_plan(Scenario.model_validate(tables))
    (values,) = fill_values(plan, draw_inputs(plan, 1, range(1)))
    books, _ = trace(plan, values, 1, 0, 0)
    lived = np.flatnonzero(books.company[:, CompanyAccount.INSOLVENT])
    months = lived[0] + 1 if len(lived) else len(books.company)
    return Books(*(book[:months] for book in books[:-1]), books.opening)


def change(books: Books, stock: SegmentAccount) -> np.ndarray:
    """Change of a stock over each month, per segment."""
    with_opening = np.concatenate([books.opening[None], books.segment])
    return np.diff(with_opening[:, :, stock], axis=0)


def flows(books: Books, *signed: tuple[int, SegmentAccount]) -> np.ndarray:
    return sum(sign * books.segment[:, :, account] for sign, account in signed)


def check_bridge(books: Books) -> None:
    account = SegmentAccount
    arr = flows(
        books,
        (1, account.NEW_ARR),
        (1, account.REACTIVATED_ARR),
        (1, account.EXPANSION_ARR),
        (1, account.TRANSFERRED_ARR),
        (-1, account.CONTRACTION_ARR),
        (-1, account.CHURNED_ARR),
        (-1, account.CEASED_ARR),
    )
    customers = flows(
        books,
        (1, account.NEW_CUSTOMERS),
        (1, account.REACTIVATED_CUSTOMERS),
        (1, account.TRANSFERRED_CUSTOMERS),
        (-1, account.CHURNED_CUSTOMERS),
        (-1, account.CEASED_CUSTOMERS),
    )
    np.testing.assert_array_equal(change(books, account.CLOSING_ARR), arr)
    np.testing.assert_array_equal(change(books, account.CLOSING_CUSTOMERS), customers)


def check_billing(books: Books) -> None:
    account = SegmentAccount
    ahead = change(books, account.DEFERRED_REVENUE) - change(books, account.UNBILLED_RECEIVABLES)
    billed = flows(
        books,
        (1, account.BILLINGS),
        (-1, account.CREDIT_NOTES),
        (-1, account.REVENUE),
        (-1, account.SERVICE_CREDITS),
    )
    moved = flows(books, (1, account.TRANSFERRED_DEFERRED_REVENUE))
    np.testing.assert_array_equal(ahead, billed + moved)
    assert (moved.sum(axis=-1) == 0).all()
    stocks = (account.DEFERRED_REVENUE, account.UNBILLED_RECEIVABLES, account.RECEIVABLES)
    assert (books.segment[:, :, stocks] >= 0).all()


def check_cohorts(books: Books) -> None:
    cohorts = books.cohort.sum(axis=2)
    account = SegmentAccount
    np.testing.assert_array_equal(
        cohorts[:, :, CohortAccount.ARR], books.segment[:, :, account.CLOSING_ARR]
    )
    np.testing.assert_array_equal(
        cohorts[:, :, CohortAccount.CUSTOMERS], books.segment[:, :, account.CLOSING_CUSTOMERS]
    )
    retained, capped = (
        books.segment[:, :, account.RETAINED_ARR],
        books.segment[:, :, account.RETAINED_ARR_CAPPED],
    )
    assert (capped <= retained).all()
    # Who moved up within the year is kept in the segment of then: only the sum is bounded.
    assert (retained.sum(1) <= books.segment[:, :, account.CLOSING_ARR].sum(1)).all()
    assert (retained[:11] == 0).all()


def check_queues(books: Books) -> None:
    waiting = np.cumsum(
        books.team[:, :, TeamAccount.REQUESTS]
        - books.team[:, :, TeamAccount.GRANTS]
        - books.team[:, :, TeamAccount.EXPIRED],
        axis=0,
    )
    np.testing.assert_array_equal(books.team[:, :, TeamAccount.WAITING], waiting)
    inside = np.cumsum(
        books.funnel[:, :, FunnelAccount.ENTERED]
        - books.funnel[:, :, FunnelAccount.WON]
        - books.funnel[:, :, FunnelAccount.LOST]
        - books.funnel[:, :, FunnelAccount.EXPIRED],
        axis=0,
    )
    assert (inside >= 0).all()
    for stock in (SegmentAccount.OPEN_OPPORTUNITIES, SegmentAccount.OPEN_PIPELINE_ARR):
        assert (books.segment[:, :, stock] >= 0).all()


def check_channels(books: Books) -> None:
    for name in ("LEADS", "UNSERVED_LEADS", "OPPORTUNITIES", "LOST_OPPORTUNITIES", "NEW_LOGOS"):
        by_channel = books.channel[:, :, :, ChannelAccount[name]].sum(axis=2)
        np.testing.assert_array_equal(by_channel, books.segment[:, :, SegmentAccount[name]])


@pytest.mark.parametrize(
    "check", [check_bridge, check_billing, check_cohorts, check_queues, check_channels]
)
def test_the_books_close(check):
    @seed(99)
    @settings(
        max_examples=25,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(scenarios())
    def run(tables):
        check(books_of(tables))

    run()
