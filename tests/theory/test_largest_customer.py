"""The largest customer leaves: who that is, what its contract comes to, and that nobody else moves.

Customers are those of the opening position, three months into contracts of a year, unless said.
"""

import numpy as np
import pytest

from gtmsim.engines import compiled, reference
from gtmsim.engines.block import Ledger
from gtmsim.plan import compile_plan, draw_inputs, fill_values
from gtmsim.rules.state import Books
from gtmsim.scenario.models import Scenario
from gtmsim.vocabulary import CompanyAccount, EventKind
from gtmsim.vocabulary import SegmentAccount as S
from tests.engines.compiled.plans import everything
from tests.plan.scenarios import EVERYTHING
from tests.theory.worlds import follow, world

BIG, SMALL = 12_000_00, 1_200_00
MONTH = 30.4375


def two_segments(months: int = 12, **changes) -> dict:
    """Two small customers and a big one; nobody is sold to."""
    contracts = {"annual": {"share": 1.0, "term_months": 12}}
    plain = {"motion": "self_service", "churn_per_year": 0.0, "contracts": contracts}
    tables = world(
        months,
        segments={"smb": plain | {"acv": 1_200}, "mid": plain | {"acv": 12_000}},
        channels={"web": {"segments": {"smb": 1.0}}},
        company__opening={
            "customers": {
                "smb": {"count": 2, "age_months": 3.0},
                "mid": {"count": 1, "age_months": 3.0},
            }
        },
        company__largest_customer_leaves=2,
    )
    for path, value in changes.items():
        *parents, key = path.split("__")
        table = tables
        for parent in parents:
            table = table.setdefault(parent, {})
        table[key] = value
    return tables


def mid(books: Books, account: S, months: int = 6) -> list[int]:
    """Account of the big customer's segment, by month."""
    return books.segment[:months, 1, account].tolist()


def ends(ledger: Ledger) -> Ledger:
    """Terminations."""
    return ledger[ledger["kind"] == EventKind.TERMINATED]


def test_the_largest_of_all_segments_leaves_in_the_month_after_and_takes_its_arr():
    books, ledger = follow(two_segments())
    assert mid(books, S.CLOSING_ARR) == [BIG, BIG, 0, 0, 0, 0]
    assert mid(books, S.CLOSING_CUSTOMERS) == [1, 1, 0, 0, 0, 0]
    assert mid(books, S.CHURNED_ARR) == [0, 0, BIG, 0, 0, 0]
    assert mid(books, S.CHURNED_CUSTOMERS) == [0, 0, 1, 0, 0, 0]
    assert not books.segment[..., [S.INVOLUNTARY_CHURNED_ARR, S.RENEWAL_LOST_ARR]].any()
    assert books.segment[:, 0, S.CLOSING_ARR].tolist() == [2 * SMALL] * 12
    assert ends(ledger)[["time", "segment", "amount"]].tolist() == [(2.0, 1, BIG)]


def test_what_was_paid_ahead_is_kept_earned_at_once_and_costs_no_hosting():
    books, ledger = follow(two_segments(segments__mid__cogs_share=0.2))
    # five of twelve months are over: seven are left of the 12,000 that were invoiced
    assert mid(books, S.REVENUE) == [1_000_00, 1_000_00, 7_000_00, 0, 0, 0]
    assert mid(books, S.DEFERRED_REVENUE) == [8_000_00, 7_000_00, 0, 0, 0, 0]
    assert mid(books, S.COGS) == [200_00, 200_00, 0, 0, 0, 0]
    assert not books.segment[:, 1, [S.BILLINGS, S.CREDIT_NOTES, S.BAD_DEBT]].any()
    story = ledger[ledger["entity"] == ends(ledger)["entity"][0]]
    assert story["time"].max() == 2.0  # no renewal, no invoice any more


def test_what_was_used_in_arrears_is_invoiced_and_paid_in_its_time():
    terms = {"share": 1.0, "term_months": 12, "billing": "half_yearly", "in_arrears": True}
    contracts = {"late": terms | {"payment_days": 2 * MONTH}}
    books, _ = follow(two_segments(segments__mid__contracts=contracts))
    assert mid(books, S.UNBILLED_RECEIVABLES) == [4_000_00, 5_000_00, 0, 0, 0, 0]
    assert mid(books, S.BILLINGS) == [0, 0, 5_000_00, 0, 0, 0]
    assert mid(books, S.REVENUE) == [1_000_00, 1_000_00, 0, 0, 0, 0]
    assert mid(books, S.COLLECTIONS) == [0, 0, 0, 0, 5_000_00, 0]


def test_an_invoice_that_will_not_be_paid_is_written_off_when_it_falls_due():
    contracts = {
        "half": {
            "share": 1.0,
            "term_months": 12,
            "billing": "half_yearly",
            "payment_days": 2 * MONTH,
        }
    }
    tables = two_segments(
        segments__mid__contracts=contracts,
        segments__mid__payments={"fails": 1.0, "retry_success": 0.0, "retry_days": 0.0},
        company__largest_customer_leaves=4,
    )
    books, _ = follow(tables)  # invoiced at 3, due at 5, and gone at 4
    assert mid(books, S.BILLINGS) == [0, 0, 0, 6_000_00, 0, 0]
    assert mid(books, S.REVENUE)[3:] == [1_000_00, 5_000_00, 0]
    assert mid(books, S.BAD_DEBT) == [0, 0, 0, 0, 0, 6_000_00]
    assert mid(books, S.RECEIVABLES) == [0, 0, 0, 6_000_00, 6_000_00, 0]
    assert not books.segment[..., S.INVOLUNTARY_CHURNED_CUSTOMERS].any()


def test_a_renewal_at_the_same_instant_comes_too_late():
    ages = {f"company__opening__customers__{name}__age_months": 10.0 for name in ("smb", "mid")}
    books, _ = follow(two_segments(**ages))
    assert mid(books, S.RENEWALS_DUE) == [0] * 6
    assert mid(books, S.BILLINGS) == [0] * 6
    assert books.segment[2, 0, S.RENEWALS_DUE] == 2


def test_it_does_not_come_back():
    back = {"rate": 1.0, "days": MONTH}
    books, _ = follow(two_segments(segments__mid__win_back=back))
    assert not books.segment[..., S.REACTIVATED_CUSTOMERS].any()


@pytest.mark.parametrize("engine", [compiled, reference], ids=["compiled", "reference"])
def test_of_equals_the_one_who_came_first_leaves(engine):
    tables = two_segments(segments__mid__acv=1_200, company__opening__customers__mid__count=3)
    plan = compile_plan(Scenario.model_validate(tables, strict=False))
    (values,) = fill_values(plan, draw_inputs(plan, 1, range(1)))
    _, ledger = engine.trace(plan, values, 1, 0, 0)
    (gone,) = ends(ledger)["entity"]
    stayed = ledger["entity"][ledger["kind"] == EventKind.RENEWED]
    assert len(stayed) == 4
    assert (stayed > gone).all()


@pytest.mark.parametrize("month", [1, 11, 12, 30])
def test_it_leaves_only_before_the_last_month(month):
    _, ledger = follow(two_segments(company__largest_customer_leaves=month))
    assert len(ends(ledger)) == (month < 12)


def test_a_company_without_customers_loses_nobody():
    tables = two_segments(company__opening={"customers": {}})
    books, ledger = follow(tables)
    assert len(ends(ledger)) == 0
    assert not books.segment[..., S.CHURNED_CUSTOMERS].any()


def test_its_word_of_mouth_ends_with_it():
    virality = {"per_customer_per_month": 40.0, "customers_of": ["mid"]}
    books, _ = follow(two_segments(channels__web__virality=virality))
    leads = books.segment[:, 0, S.LEADS]
    assert (leads[:3] > 0).all()  # the month in which it leaves began with it
    assert not leads[3:].any()


def test_its_csm_has_the_others_left():
    csm = {"team": "csm", "accounts_per_rep": 2.0}
    rep = {"function": "success", "reps": 1, "base_per_year": 1_200}
    books, _ = follow(
        two_segments(segments__smb__csm=csm, segments__mid__csm=csm, teams={"csm": rep})
    )
    paid = books.segment[:4, :, S.SUCCESS_TEAM_COST]
    assert paid[:, 1].tolist() == [33_33, 33_33, 0, 0]
    assert (paid.sum(1) == 100_00).all()


def test_nobody_else_moves():
    """In a company whose customers share nothing, one story is cut off and no other differs."""
    sold = {
        "company__opening__customers__smb__count": 40,
        "channels__web__organic_per_month": 30,
        "segments__smb__churn_per_year": {"mean": 0.3, "concentration": 3.0},
        "segments__smb__acv": {"median": 1_200, "p90": 4_000},
        "segments__smb__payments": {"fails": 0.1, "retry_success": 0.5},
        "segments__smb__expansion": {"seats": {"per_year": 2.0, "win_rate": 0.5, "uplift": 0.2}},
        "segments__smb__contraction": {"per_year": 0.2, "size": 0.2},
    }
    with_it = two_segments(30, company__largest_customer_leaves=10, **sold)
    del with_it["segments"]["mid"], with_it["company"]["opening"]["customers"]["mid"]
    books, ledger = follow(with_it)
    del with_it["company"]["largest_customer_leaves"]
    books_before, before = follow(with_it)
    (end,) = ends(ledger)
    others, others_before = (one[one["entity"] != end["entity"]] for one in (ledger, before))
    np.testing.assert_array_equal(others, others_before)
    assert len(np.unique(others["entity"])) > 200
    its, its_before = (one[one["entity"] == end["entity"]] for one in (ledger, before))
    until = its_before[its_before["time"] < 10.0]
    np.testing.assert_array_equal(its[its["time"] < 10.0], until)
    assert end["amount"] == books_before.segment[9, 0, S.LARGEST_CUSTOMER_ARR]
    arr, arr_before = (one.segment[:, 0, S.CLOSING_ARR] for one in (books, books_before))
    assert (arr[:10] == arr_before[:10]).all()
    assert arr[10] == arr_before[10] - end["amount"]


def test_the_accounts_close_in_a_company_with_every_feature():
    changes = {"cash": 1e9, "largest_customer_leaves": 12}
    plan, values = everything(30, company=EVERYTHING["company"] | changes)
    books, ledger = compiled.trace(plan, values, 3, 0, 0)
    assert len(ends(ledger)) == 1
    flows = books.segment.sum(1)
    opening = books.opening.sum(0)

    def start(account: S) -> np.ndarray:
        return np.concatenate([opening[None, account], flows[:-1, account]])

    bridge = start(S.CLOSING_ARR) + flows[:, S.NEW_ARR] + flows[:, S.REACTIVATED_ARR]
    bridge = bridge + flows[:, S.EXPANSION_ARR] - flows[:, S.CONTRACTION_ARR]
    bridge = bridge - flows[:, S.CHURNED_ARR] - flows[:, S.CEASED_ARR]
    assert (bridge == flows[:, S.CLOSING_ARR]).all()
    net = start(S.DEFERRED_REVENUE) - start(S.UNBILLED_RECEIVABLES) + flows[:, S.BILLINGS]
    net = net - flows[:, S.CREDIT_NOTES] - flows[:, S.REVENUE] - flows[:, S.SERVICE_CREDITS]
    assert (net == flows[:, S.DEFERRED_REVENUE] - flows[:, S.UNBILLED_RECEIVABLES]).all()
    assert not books.company[-1, CompanyAccount.INSOLVENT]
