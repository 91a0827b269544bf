"""Credits for missed service levels: less revenue, less cash, and nothing else."""

import numpy as np
import pytest

from gtmsim.rules.clocks import missed_hazard
from gtmsim.rules.state import Books
from gtmsim.vocabulary import CompanyAccount
from gtmsim.vocabulary import SegmentAccount as S
from tests.rules.hand import Hand
from tests.theory.worlds import play, world

TOUCHED = [S.REVENUE, S.SERVICE_CREDITS]
OTHERS = [account for account in S if account not in TOUCHED]


def company(**level) -> dict:
    contracts = {
        "annual": {"share": 0.6, "term_months": 12, "payment_days": 45},
        "arrears": {"share": 0.4, "term_months": 3, "billing": "monthly", "in_arrears": True},
    }
    return world(
        24,
        segments__smb__contracts=contracts,
        segments__smb__cogs_share=0.2,
        segments__smb__churn_per_year=0.3,
        segments__smb__payments={"fails": 0.1, "retry_success": 0.5},
        segments__smb__onboarding={"fee": 50},
        **({"segments__smb__service_level": level} if level else {}),
    )


def test_a_missed_month_is_credited_by_hand():
    level = {"misses_per_year": 12, "credit": 0.1}
    hand = Hand(segments__mid__service_level=level, segments__mid__cogs_share=0.3)
    hand.open(0)
    hand.post(0, S.REVENUE, 400_00, 1000_05)
    hand.post(0, S.SERVICES_REVENUE, 0, 77_00)
    assert hand.close(0)
    credits, revenue, cogs = (
        hand.books.segment[0, :, account].tolist()
        for account in (S.SERVICE_CREDITS, S.REVENUE, S.COGS)
    )
    assert credits == [0, 100_01]  # a tenth of 1000.05, rounded half up; no credit on services
    assert revenue == [400_00, 900_04]
    assert cogs == [0, 300_02]  # the hosting of what was served, credited or not
    assert hand.company(CompanyAccount.CASH)[0] == 1000_00 - 100_01 - 300_02


def test_a_service_level_that_is_kept_costs_nothing():
    hand = Hand(segments__mid__service_level={"misses_per_year": 0, "credit": 0.5})
    hand.open(0)
    hand.post(0, S.REVENUE, 400_00, 1000_00)
    hand.close(0)
    assert hand.books.segment[0, :, S.SERVICE_CREDITS].tolist() == [0, 0]
    assert hand.books.segment[0, :, S.REVENUE].tolist() == [400_00, 1000_00]


@pytest.fixture(scope="module")
def both() -> tuple[Books, Books]:
    """Books with and without a service level, of the same futures."""
    level = {"misses_per_year": 3, "credit": 0.25}
    return play(company(**level), replications=60), play(company(), replications=60)


def test_credits_come_off_revenue_and_cash_to_the_cent(both):
    credited, plain = both
    np.testing.assert_array_equal(credited.segment[..., OTHERS], plain.segment[..., OTHERS])
    credits = credited.segment[..., S.SERVICE_CREDITS]
    gross = plain.segment[..., S.REVENUE]
    np.testing.assert_array_equal(credited.segment[..., S.REVENUE] + credits, gross)
    cash = plain.company[..., CompanyAccount.CASH] - credits.sum(-1).cumsum(-1)
    np.testing.assert_array_equal(credited.company[..., CompanyAccount.CASH], cash)
    is_missed = credits > 0
    np.testing.assert_array_equal(credits[is_missed], np.floor(0.25 * gross[is_missed] + 0.5))


def test_revenue_and_receivables_roll_forward_with_credits(both):
    book = both[0].segment
    stocks = book[..., S.DEFERRED_REVENUE] - book[..., S.UNBILLED_RECEIVABLES]
    moved = book[..., S.BILLINGS] - book[..., S.CREDIT_NOTES] - book[..., S.REVENUE]
    moved = moved - book[..., S.SERVICE_CREDITS]
    np.testing.assert_array_equal(np.diff(stocks, axis=2, prepend=0), moved)
    assert (book[..., S.RECEIVABLES] >= 0).all()


def test_as_many_months_are_missed_as_stated(both):
    """A quarter of the months, all customers of a month together."""
    served = both[1].segment[..., S.REVENUE] > 10_00
    missed = both[0].segment[..., S.SERVICE_CREDITS][served] > 0
    error = np.sqrt(0.25 * 0.75 / missed.size)
    assert missed.mean() == pytest.approx(0.25, abs=4 * error)


def test_months_of_segments_are_missed_independently_and_on_their_own_keys():
    level = {"misses_per_year": 6, "credit": 1.0}
    missed = {}
    for names in (("smb",), ("mid",), ("smb", "mid")):
        changes = {f"segments__{name}__service_level": level for name in names}
        hand = Hand(**changes)
        flags = []
        for m in range(12):
            hand.open(m)
            flags.append(hand.state.level_missed.tolist())
            hand.close(m)
        missed[names] = np.array(flags)
    np.testing.assert_array_equal(missed["smb", "mid"][:, 0], missed["smb",][:, 0])
    np.testing.assert_array_equal(missed["smb", "mid"][:, 1], missed["mid",][:, 1])
    assert not missed["smb",][:, 1].any()
    assert (missed["smb", "mid"][:, 0] != missed["smb", "mid"][:, 1]).any()


# --- churn of who lives through missed months


def leaving(months: int, term: int, factor: float | None, misses: float) -> Books:
    """A market of customers who leave at 30 % a year, under a level that is often missed."""
    level = {"misses_per_year": misses, "credit": 0.5} | (
        {} if factor is None else {"churn": factor}
    )
    tables = world(
        months,
        segments__smb__churn_per_year=0.3,
        segments__smb__contracts={
            "only": {"share": 1.0, "term_months": term, "billing": "monthly"}
        },
        segments__smb__service_level=level,
        channels__web__organic_per_month=400,
    )
    return play(tables, replications=4)


def left(books: Books) -> tuple[np.ndarray, np.ndarray]:
    """Renewals and the customers who churned at them, by future and month."""
    row = books.segment[0, :, :, 0]
    return row[..., S.RENEWALS_DUE], row[..., S.CHURNED_CUSTOMERS]


def test_missed_months_multiply_the_churn_hazard_of_the_term():
    """All twelve are missed at a factor of 2: of 0.7 who would have stayed, 0.7 again do."""
    due, gone = (by.sum() for by in left(leaving(30, 12, 2.0, 12)))
    assert due > 1500
    assert gone / due == pytest.approx(0.51, abs=4 * np.sqrt(0.51 * 0.49 / due))


def test_a_renewal_judges_the_months_that_its_term_covered():
    books = leaving(30, 1, 6.0, 6)
    due, gone = left(books)
    missed = books.segment[0, :, :, 0, S.SERVICE_CREDITS] > 0
    for was_missed, factor in ((True, 6.0), (False, 1.0)):
        here = missed[:, 2:-1] == was_missed
        n, k = due[:, 3:][here].sum(), gone[:, 3:][here].sum()
        rate = 1 - 0.7 ** (factor / 12)
        assert k / n == pytest.approx(rate, abs=4 * np.sqrt(rate * (1 - rate) / n))


def test_nobody_minds_missed_months_by_default():
    for factor in (None, 1.0):
        due, gone = left(leaving(26, 12, factor, 12))
        due_kept, gone_kept = left(leaving(26, 12, 3.0, 0))
        np.testing.assert_array_equal(due, due_kept)
        np.testing.assert_array_equal(gone, gone_kept)


def test_months_before_the_start_count_as_kept():
    missed = np.array([[0], [1], [2], [2]])
    assert missed_hazard(3.0, missed, 0, 2, 12) == 1 + 2 * 2 / 12
    assert missed_hazard(3.0, missed, 0, 3, 1) == 1.0
    assert missed_hazard(3.0, missed, 0, 3, 2) == 2.0
    assert missed_hazard(1.0, missed, 0, 3, 3) == 1.0
