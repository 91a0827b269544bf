"""Life of a customer, worked out by hand (docs/model.md, section 6).

The customer of these tests signs at 1.0; its list price is 12,000 a year.
"""

import pytest

from gtmsim.rules.money import prorated
from gtmsim.vocabulary import CohortAccount, EventKind, SegmentAccount, TeamAccount
from tests.engines.reference.companies import MONTH, Story, company, story_of

K = 100_000
"""A thousand of the currency, in minor units."""

CSM = {"function": "success", "reps": 1, "open_deals": 1, "base_per_year": 0}


def customer(contract: dict | None = None, **changes) -> dict:
    menu = {"only": {"share": 1.0, "term_months": 12, **(contract or {})}}
    return company(
        company__opening__pipeline={"smb": {"close": 1}},
        segments__smb__contracts=menu,
        **changes,
    )


def checked(story: Story) -> Story:
    """The story, its bridge and its deferred revenue closed in every month."""
    book, opening = story.books.segment[:, 0], story.books.opening[0]
    account = SegmentAccount
    for month, row in enumerate(book):
        last = opening if month == 0 else book[month - 1]
        assert row[account.CLOSING_ARR] == (
            last[account.CLOSING_ARR]
            + row[account.NEW_ARR]
            + row[account.REACTIVATED_ARR]
            + row[account.EXPANSION_ARR]
            - row[account.CONTRACTION_ARR]
            - row[account.CHURNED_ARR]
            - row[account.CEASED_ARR]
        )
        if row[account.CEASED_CUSTOMERS] == 0:
            invoiced_ahead, before = (
                stocks[account.DEFERRED_REVENUE] - stocks[account.UNBILLED_RECEIVABLES]
                for stocks in (row, last)
            )
            billed = row[account.BILLINGS] - row[account.CREDIT_NOTES] - row[account.REVENUE]
            assert invoiced_ahead == before + billed
    return story


# --- invoices and payments


def test_an_annual_invoice_in_advance_is_earned_month_by_month():
    story = checked(story_of(customer({"payment_days": 2 * MONTH})))
    assert story.times(EventKind.INVOICED) == [1.0, 13.0]
    assert story.times(EventKind.PAID) == [3.0, 15.0]
    assert story.by_month(SegmentAccount.REVENUE)[:4] == [0, K, K, K]
    assert story.by_month(SegmentAccount.DEFERRED_REVENUE)[:14] == [
        *[0, 11 * K, 10 * K, 9 * K, 8 * K, 7 * K, 6 * K, 5 * K, 4 * K, 3 * K, 2 * K, K, 0],
        11 * K,
    ]
    assert story.by_month(SegmentAccount.RECEIVABLES)[:4] == [0, 12 * K, 12 * K, 0]
    assert story.by_month(SegmentAccount.COLLECTIONS)[3] == 12 * K


def test_a_quarterly_invoice_in_arrears_follows_what_was_earned():
    story = checked(story_of(customer({"billing": "quarterly", "in_arrears": True})))
    assert story.times(EventKind.INVOICED)[:2] == [4.0, 7.0]
    assert story.amounts(EventKind.INVOICED)[:2] == [3 * K, 3 * K]
    assert story.by_month(SegmentAccount.UNBILLED_RECEIVABLES)[:5] == [0, K, 2 * K, 3 * K, K]
    assert story.total(SegmentAccount.DEFERRED_REVENUE) == 0


def test_instalments_of_an_odd_price_sum_to_the_term():
    story = story_of(customer({"billing": "monthly"}, segments__smb__acv=100))
    assert sum(story.amounts(EventKind.INVOICED)[:12]) == 10_000
    assert set(story.amounts(EventKind.INVOICED)) == {833, 834}


def test_monthly_contracts_count_apart():
    story = story_of(customer({"term_months": 1, "billing": "monthly"}))
    assert story.by_month(SegmentAccount.CLOSING_MONTHLY_ARR)[:3] == [0, 12 * K, 12 * K]
    assert len(story.times(EventKind.RENEWED)) == 22


# --- failed payments


def failing(contract: dict, retry_success: float = 0.0, **changes) -> Story:
    payments = {"fails": 1.0, "retry_success": retry_success, "retry_days": MONTH}
    contract = {"payment_days": MONTH, **contract}
    return checked(story_of(customer(contract, segments__smb__payments=payments, **changes)))


def test_a_retry_collects_later():
    story = failing({}, retry_success=1.0)
    assert story.times(EventKind.PAID) == [3.0, 15.0]
    assert story.times(EventKind.DEFAULTED) == []


def test_a_default_ends_the_contract_and_credits_what_is_not_earned():
    story = failing({})
    assert story.times(EventKind.DEFAULTED) == [3.0]
    assert story.amounts(EventKind.DEFAULTED) == [2 * K]
    assert story.by_month(SegmentAccount.CREDIT_NOTES)[3] == 10 * K
    assert story.total(SegmentAccount.BAD_DEBT) == story.total(SegmentAccount.REVENUE) == 2 * K
    assert story.by_month(SegmentAccount.INVOLUNTARY_CHURNED_ARR)[3] == 12 * K
    assert story.by_month(SegmentAccount.CHURNED_CUSTOMERS)[3] == 1
    assert story.total(SegmentAccount.RENEWAL_LOST_ARR) == 0
    assert story.by_month(SegmentAccount.RECEIVABLES)[3] == 0


def test_invoices_issued_while_a_default_is_pending_are_lost_with_it():
    story = failing({"billing": "monthly"})
    # issued at 1, 2; at 3 the default comes before the next period
    assert story.times(EventKind.INVOICED) == [1.0, 2.0]
    assert story.amounts(EventKind.DEFAULTED) == [2 * K]


def test_a_default_in_arrears_invoices_and_writes_off_what_was_earned():
    story = failing({"billing": "quarterly", "in_arrears": True})
    assert story.times(EventKind.INVOICED) == [4.0]
    assert story.times(EventKind.DEFAULTED) == [6.0]
    assert story.amounts(EventKind.DEFAULTED) == [5 * K]
    assert story.total(SegmentAccount.BILLINGS) == 5 * K


def test_an_arrears_invoice_that_defaults_at_its_own_instant_is_written_off_once():
    payments = {"fails": 1.0, "retry_success": 0.0, "retry_days": 0.0}
    contract = {"billing": "quarterly", "in_arrears": True}
    story = checked(story_of(customer(contract, segments__smb__payments=payments)))
    assert story.times(EventKind.INVOICED) == story.times(EventKind.DEFAULTED) == [4.0]
    assert story.total(SegmentAccount.BILLINGS) == story.total(SegmentAccount.BAD_DEBT) == 3 * K


def test_the_debt_of_a_customer_who_churned_is_bad_when_it_falls_due():
    story = failing(
        {"term_months": 1, "billing": "monthly"},
        segments__smb__churn_per_year=1.0,
        segments__smb__win_back={"rate": 1.0, "days": MONTH / 2},
        scenario__months=4,
    )
    assert story.times(EventKind.CHURNED) == [2.0, 3.5]
    assert story.times(EventKind.REACTIVATED) == [2.5]
    # the first service's debt falls due within the second service, and does not end it
    assert story.times(EventKind.DEFAULTED) == [3.0]
    assert story.amounts(EventKind.DEFAULTED) == [K]
    assert story.total(SegmentAccount.INVOLUNTARY_CHURNED_CUSTOMERS) == 0


# --- renewals


def test_a_customer_who_will_churn_leaves_at_the_first_renewal():
    story = checked(story_of(customer(segments__smb__churn_per_year=1.0)))
    assert story.times(EventKind.CHURNED) == [13.0]
    assert story.times(EventKind.RENEWED) == []
    assert story.by_month(SegmentAccount.RENEWALS_DUE)[13] == 1
    assert story.by_month(SegmentAccount.RENEWAL_DUE_ARR)[13] == 12 * K
    assert story.by_month(SegmentAccount.RENEWAL_LOST_ARR)[13] == 12 * K
    assert len(story.times(EventKind.INVOICED)) == 1


def test_a_customer_without_churn_renews_on_the_day():
    story = checked(story_of(customer({"billing": "monthly"}, scenario__months=26)))
    assert story.times(EventKind.RENEWED) == [13.0, 25.0]


def test_success_saves_who_would_have_left_once_per_renewal():
    coverage = {"team": "csm", "accounts_per_rep": 10, "save_rate": 1.0}
    tables = customer(
        {"term_months": 6, "billing": "half_yearly"},
        segments__smb__churn_per_year=1.0,
        segments__smb__csm=coverage,
        teams__csm=CSM,
    )
    story = checked(story_of(tables))
    assert story.times(EventKind.SAVED) == story.times(EventKind.RENEWED) == [7.0, 13.0, 19.0]
    assert story.total(SegmentAccount.SAVED_CUSTOMERS) == 3


def test_each_renewal_has_its_own_luck_of_being_saved():
    coverage = {"team": "csm", "accounts_per_rep": 100, "save_rate": 0.5}
    story = opening(
        {"term_months": 1, "billing": "monthly"},
        customers={"count": 40},
        segments__smb__churn_per_year=1.0,
        segments__smb__csm=coverage,
        teams__csm=CSM,
    )
    saved, churned = set(story.places(EventKind.SAVED)), set(story.places(EventKind.CHURNED))
    assert saved & churned
    assert churned - saved


def test_a_customer_who_shrinks_does_so_at_renewal_before_the_uplift():
    contraction = {"per_year": 1.0, "size": 0.5}
    story = checked(story_of(customer({"uplift": 0.1}, segments__smb__contraction=contraction)))
    assert story.amounts(EventKind.CONTRACTED) == [6 * K]
    assert story.amounts(EventKind.UPLIFTED) == [60_000]
    assert story.amounts(EventKind.RENEWED) == [660_000]
    assert story.by_month(SegmentAccount.UPLIFT_ARR)[13] == 60_000
    assert story.by_month(SegmentAccount.EXPANSION_ARR)[13] == 60_000


def test_the_uplift_stops_at_the_account_s_potential():
    story = story_of(
        customer(
            {"term_months": 6, "billing": "upfront", "uplift": 0.5},
            segments__smb__expansion_cap=1.25,
            scenario__months=20,
        )
        | {"scenario": {**company()["scenario"], "months": 20}}
    )
    assert story.amounts(EventKind.UPLIFTED) == [3 * K]
    assert story.amounts(EventKind.RENEWED) == [15 * K, 15 * K, 15 * K]


def test_a_customer_won_back_returns_on_the_same_terms_and_begins_anew():
    win_back = {"rate": 1.0, "days": 2.5 * MONTH}
    story = checked(
        story_of(
            customer(
                {"term_months": 3, "billing": "quarterly"},
                segments__smb__churn_per_year=1.0,
                segments__smb__win_back=win_back,
                scenario__months=12,
            )
        )
    )
    assert story.times(EventKind.CHURNED) == [4.0, 9.5]
    assert story.times(EventKind.REACTIVATED) == [6.5]
    assert story.times(EventKind.SERVICE_STARTED) == [1.0]
    assert story.by_month(SegmentAccount.REACTIVATED_ARR)[6] == 12 * K
    assert story.times(EventKind.INVOICED) == [1.0, 6.5]
    assert story.total(SegmentAccount.NEW_CUSTOMERS) == 1


# --- expansion


def expanding(playbook: dict, **changes) -> Story:
    playbook = {"per_year": 24, "win_rate": 1.0, "uplift": 0.1, **playbook}
    return checked(story_of(customer(segments__smb__expansion={"seats": playbook}, **changes)))


def test_an_expansion_is_invoiced_to_the_end_of_the_running_period():
    story = expanding({"cost": 7}, scenario__months=13, segments__smb__expansion_cap=1.1)
    # the first success exhausts the potential, so that every later attempt fails
    (expanded_at,) = story.times(EventKind.EXPANDED)
    assert story.amounts(EventKind.EXPANDED) == [120_000]
    assert story.times(EventKind.INVOICED) == [1.0, expanded_at]
    assert story.amounts(EventKind.INVOICED)[1] == prorated(120_000, expanded_at, 13.0)
    n_triggers = len(story.times(EventKind.EXPANSION_TRIGGERED))
    assert len(story.times(EventKind.EXPANSION_FAILED)) == n_triggers - 1 > 0
    assert story.total(SegmentAccount.EXPANSION_COST) == 700 * n_triggers
    assert story.total(SegmentAccount.REVENUE) == story.total(SegmentAccount.BILLINGS)


def test_in_arrears_an_expansion_is_in_the_period_s_own_invoice():
    story = checked(
        story_of(
            customer(
                {"in_arrears": True},
                segments__smb__expansion={
                    "seats": {"per_year": 12, "win_rate": 1.0, "uplift": 0.5}
                },
                segments__smb__expansion_cap=1.5,
                scenario__months=14,
            )
        )
    )
    (expanded_at,) = story.times(EventKind.EXPANDED)
    assert story.times(EventKind.INVOICED) == [13.0]
    assert story.amounts(EventKind.INVOICED) == [12 * K + prorated(6 * K, expanded_at, 13.0)]


def test_several_expansions_of_one_period_in_arrears_are_all_in_its_invoice():
    playbook = {"per_year": 12, "win_rate": 1.0, "uplift": 0.2}
    story = checked(
        story_of(
            customer(
                {"in_arrears": True},
                segments__smb__expansion={"seats": playbook},
                scenario__months=14,
            )
        )
    )
    added = zip(story.amounts(EventKind.EXPANDED), story.times(EventKind.EXPANDED), strict=True)
    priced = [prorated(change, t, 13.0) for change, t in added if t < 13.0]
    assert len(priced) > 2
    assert story.amounts(EventKind.INVOICED) == [12 * K + sum(priced)]


def test_a_playbook_s_team_works_the_trigger_and_earns_the_commission():
    team = {"function": "sales", "reps": 1, "open_deals": 1, "base_per_year": 0, "commission": 0.2}
    story = expanding({"team": "am", "days": MONTH}, teams__am=team, scenario__months=12)
    assert story.entries(EventKind.GRANTED)["sub"].tolist() == [0] * len(
        story.times(EventKind.GRANTED)
    )
    starts, ends = story.times(EventKind.GRANTED), story.times(EventKind.RELEASED)
    assert ends == [start + 1.0 for start in starts][: len(ends)]
    assert story.times(EventKind.EXPANDED) == ends
    added = sum(story.amounts(EventKind.EXPANDED))
    assert story.books.team[:, 0, TeamAccount.BOOKED_ARR].sum() == added
    # a new clock starts when the work ends, so one customer's triggers never overlap
    triggers = story.times(EventKind.EXPANSION_TRIGGERED)
    assert all(later > end for later, end in zip(triggers[1:], ends, strict=False))


def test_a_trigger_that_nobody_works_expires_and_the_next_clock_starts():
    team = {"function": "sales", "reps": 0, "base_per_year": 0}
    story = expanding({"team": "am", "patience_days": MONTH}, teams__am=team)
    triggers, expiries = (
        story.times(EventKind.EXPANSION_TRIGGERED),
        story.times(EventKind.EXPIRED),
    )
    assert len(triggers) > 2
    assert expiries == [t + 1.0 for t in triggers][: len(expiries)]
    assert all(later > end for later, end in zip(triggers[1:], expiries, strict=False))


def test_work_for_a_customer_who_left_ends_as_planned_and_gains_nothing():
    team = {"function": "sales", "reps": 1, "open_deals": 1, "base_per_year": 0}
    story = expanding(
        {"team": "am", "days": 15 * MONTH},
        teams__am=team,
        segments__smb__churn_per_year=1.0,
    )
    (granted,) = story.times(EventKind.GRANTED)
    assert granted < story.times(EventKind.CHURNED)[0] == 13.0 < granted + 15.0
    assert story.times(EventKind.RELEASED) == [granted + 15.0]
    assert story.times(EventKind.EXPANSION_FAILED) == [granted + 15.0]
    assert len(story.times(EventKind.EXPANSION_TRIGGERED)) == 1


def test_the_success_team_s_load_slows_triggers_down():
    def n_triggers(accounts_per_rep: float) -> int:
        coverage = {"team": "csm", "accounts_per_rep": accounts_per_rep, "save_rate": 0.0}
        story = expanding({"win_rate": 0.0}, segments__smb__csm=coverage, teams__csm=CSM)
        return len(story.times(EventKind.EXPANSION_TRIGGERED))

    assert n_triggers(0.1) < n_triggers(1.0) / 3


# --- the opening position


def opening(contract: dict, **changes) -> Story:
    menu = {"only": {"share": 1.0, "term_months": 12, **contract}}
    customers = {"count": 1, "age_months": 15}
    return checked(
        story_of(
            company(
                company__opening__customers={"smb": {**customers, **changes.pop("customers", {})}},
                segments__smb__contracts=menu,
                **changes,
            )
        )
    )


def test_an_opening_customer_is_in_the_middle_of_its_term():
    story = opening({"payment_days": 4 * MONTH})
    stocks = story.books.opening[0]
    assert stocks[SegmentAccount.CLOSING_CUSTOMERS] == 1
    assert stocks[SegmentAccount.CLOSING_ARR] == 12 * K
    assert stocks[SegmentAccount.DEFERRED_REVENUE] == 9 * K
    assert stocks[SegmentAccount.RECEIVABLES] == 12 * K
    assert story.times(EventKind.PAID)[0] == 1.0  # issued at -3
    assert story.times(EventKind.RENEWED) == [9.0, 21.0]
    assert story.times(EventKind.INVOICED) == [9.0, 21.0]
    assert story.total(SegmentAccount.NEW_ARR) == 0
    assert story.books.cohort[0, 0, 0, CohortAccount.CUSTOMERS] == 1


def test_earlier_opening_invoices_may_still_be_due():
    story = opening({"billing": "monthly", "payment_days": 2 * MONTH})
    # issued at -2, -1 and 0 (the period that runs at 0 began then), due at 0, 1 and 2
    assert story.times(EventKind.PAID)[:3] == [0.0, 1.0, 2.0]
    assert story.books.opening[0, SegmentAccount.RECEIVABLES] == 3 * K
    assert story.times(EventKind.INVOICED)[0] == 1.0


def test_an_opening_customer_in_arrears_has_earned_what_is_not_yet_invoiced():
    story = opening({"billing": "half_yearly", "in_arrears": True})
    stocks = story.books.opening[0]
    assert stocks[SegmentAccount.UNBILLED_RECEIVABLES] == 3 * K
    assert stocks[SegmentAccount.DEFERRED_REVENUE] == 0
    assert story.times(EventKind.INVOICED)[0] == 3.0
    assert story.amounts(EventKind.INVOICED)[0] == 6 * K


def test_opening_customers_count_in_retention_from_the_twelfth_month_on():
    story = opening({"uplift": 0.1})
    now, capped = (
        story.by_month(SegmentAccount.RETAINED_ARR),
        story.by_month(SegmentAccount.RETAINED_ARR_CAPPED),
    )
    assert now[:12] == [0] * 11 + [1_320_000]  # uplifted at 9
    assert capped[:12] == [0] * 11 + [12 * K]
    assert now[21] == 1_452_000  # uplifted again at 21, against the close of month 9
    assert capped[21] == 1_320_000


def test_retention_counts_no_customer_who_was_away():
    story = opening(
        {"term_months": 12},
        segments__smb__churn_per_year=1.0,
        segments__smb__win_back={"rate": 1.0, "days": MONTH},
    )
    assert story.times(EventKind.CHURNED) == [9.0, 22.0]
    assert story.times(EventKind.REACTIVATED) == [10.0, 23.0]
    retained = story.by_month(SegmentAccount.RETAINED_ARR)
    assert [month for month, arr in enumerate(retained) if arr] == []


# --- the end


def test_insolvency_ends_everything_at_its_boundary():
    rent = {"rent": {"function": "g_and_a", "per_month": 1_000}}
    story = opening({"billing": "monthly"}, company__cash=2_500, costs=rent)
    # 1,000 come in at 0 for the running month, 1,000 at 1 and 2; 1,000 go out a month
    assert story.times(EventKind.INSOLVENT) == []
    broke = opening({}, company__cash=2_500, costs=rent)
    assert broke.times(EventKind.INSOLVENT) == [3.0]
    assert max(broke.ledger["time"]) == 3.0
    assert broke.by_month(SegmentAccount.CEASED_ARR)[:4] == [0, 0, 12 * K, 0]
    assert broke.by_month(SegmentAccount.CLOSING_CUSTOMERS)[:4] == [1, 1, 0, 0]


def test_an_event_on_the_horizon_does_not_happen():
    story = story_of(customer(scenario__months=13))
    assert story.times(EventKind.RENEWED) == []
    assert story.total(SegmentAccount.RENEWALS_DUE) == 0


@pytest.mark.parametrize("seed", range(3))
def test_the_same_key_gives_the_same_story(seed):
    channel = {"segments": {"smb": 1.0}, "organic_per_month": 20}
    tables = company(channels__web=channel, motions__direct__stages__close__win_rate=0.3)
    first, again = story_of(tables, seed), story_of(tables, seed)
    assert first.ledger.tolist() == again.ledger.tolist()
    assert first.ledger.tolist() != story_of(tables, seed + 1).ledger.tolist()
