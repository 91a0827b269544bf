"""Margins, burn and cash, against small books worked out by hand."""

import numpy as np
import pytest

from gtmsim.metrics import profit
from gtmsim.metrics.labels import company
from tests.metrics.books import results, values

NAN, INF = np.nan, np.inf


def test_gross_margin_takes_hosting_support_onboarding_and_success_and_no_bad_debt():
    books = results(
        1, segments=["smb"], revenue=[1_000], cogs=[100], support_cost=[40], onboarding_cost=[10],
        success_team_cost=[35], success_programme_cost=[15], company_success_cost=30,
        company_support_cost=20, bad_debt=[500],
    )  # fmt: skip
    assert values(profit.gross_margin(books, months=1)) == [[0.75]]
    assert values(profit.gross_margin(company(books), months=1)) == [0.75]


def test_support_of_no_one_segment_follows_revenue():
    books = results(1, revenue=[300, 100], company_support_cost=40)
    assert values(profit.cost_of_revenue(books)) == [[30, 10]]


def cash_books():
    """Month 1: 1,000 + 90 + 0 - 240; month 2: 850 + 90 + 500 - 240; nothing new after."""
    return results(
        3,
        opening_cash=1_000,
        collections=[40, 50],
        funding=[0, 500, 0],
        cogs=[10, 10],
        commissions_paid=[10, 10],
        sales_team_cost=[100, 0],
        commissions=[77, 77],
        bad_debt=[55, 55],
        product_cost=60,
        general_cost=40,
        cash=[850, 1_200, 1_050],
    )


def test_the_cash_bridge_closes_and_counts_commissions_when_they_are_paid():
    bridge = profit.cash_bridge(cash_books())
    closing = (
        bridge["opening"]
        + bridge["collections"]
        + bridge["funding"]
        - bridge["segment_payments"]
        - bridge["company_payments"]
    )
    assert values(closing) == values(bridge["closing"]) == [850, 1_200, 1_050]
    assert values(bridge["segment_payments"]) == [140, 140, 140]


def test_every_cost_of_the_books_is_paid_once():
    """Each cost account is in the bridge, but for commissions, which are paid a month later."""
    costs = [name for name in cash_books() if name.endswith("_cost") or name in ("cogs",)]
    paid = profit.SEGMENT_PAYMENTS + profit.COMPANY_PAYMENTS
    # the same money by channel, team, cohort and purpose
    aside = {"variable_cost_by_channel", "team_cost", "lead_cohort_variable_cost"}
    aside |= {"expansion_team_cost"}
    others = {"commissions_paid", "channel_spend", "service_credits"}
    assert set(costs) - aside == set(paid) - others


def test_net_burn_leaves_funding_out():
    books = cash_books()
    assert values(profit.net_burn(books)) == [150, 150, 150]
    assert values(profit.net_burn(books, months=3))[2] == 450


def test_the_burn_multiple_is_burn_per_unit_of_net_new_arr():
    books = cash_books().assign(closing_arr=results(3, closing_arr=[[50, 50], [150, 150], [90, 90]])
                                ["closing_arr"])  # fmt: skip
    multiple = values(profit.burn_multiple(books, months=1))
    assert multiple == pytest.approx([1.5, 0.75, NAN], nan_ok=True)


def test_the_rule_of_40_adds_growth_and_cash_flow_margin():
    closing = np.linspace(110, 200, 12).astype(int)[:, None]
    books = results(
        12, segments=["smb"], opening_arr=[100], closing_arr=closing, revenue=[10],
        opening_cash=1_000, cash=1_000 - 2 * np.arange(1, 13),
    )  # fmt: skip
    rule = values(profit.rule_of_40(books))
    assert np.isnan(rule[:11]).all()
    assert rule[11] == pytest.approx(1.00 - 24 / 120)


def test_the_simulated_runway_is_the_first_month_below_zero_and_else_infinite():
    books = results(3, draws=2, insolvent=[[[0, 1, 1]], [[0, 0, 0]]], cash=5)
    assert profit.month_of_insolvency(books).to_numpy().ravel().tolist() == [2, INF]
    assert profit.survives(books).to_numpy().ravel().tolist() == [False, True]


def test_the_closed_form_runway_divides_cash_by_mean_burn():
    books = results(3, opening_cash=400, cash=[300, 200, 100])
    assert values(profit.runway(books)) == pytest.approx([NAN, NAN, 1.0], nan_ok=True)
    assert values(profit.runway(books, months=1)) == pytest.approx([3, 2, 1])


def test_a_company_that_makes_cash_has_an_endless_runway():
    assert values(profit.runway(results(1, opening_cash=5, cash=9), months=1)) == [INF]


def test_a_company_that_is_gone_has_no_runway_though_it_burns_nothing():
    books = results(6, opening_cash=900, cash=[600, 300, 0, -300, -300, -300])
    assert values(profit.runway(books, months=1)) == [2, 1, 0, 0, 0, 0]
    by_quarter = values(profit.runway(books))
    assert by_quarter == pytest.approx([NAN, NAN, 0, 0, 0, 0], nan_ok=True)


def test_deferred_revenue_and_receivables_roll_forward():
    books = results(
        2,
        segments=["smb"],
        opening_deferred_revenue=[50],
        opening_unbilled_receivables=[10],
        opening_receivables=[30],
        billings=[[120], [0]],
        credit_notes=[[0], [20]],
        revenue=[[60], [40]],
        collections=[[90], [15]],
        bad_debt=[[0], [5]],
        deferred_revenue=[[100], [45]],
        unbilled_receivables=[[0], [5]],
        receivables=[[60], [20]],
    )
    deferred = profit.revenue_roll_forward(books)
    closing = (
        deferred["opening"] + deferred["billings"] - deferred["credit_notes"] - deferred["revenue"]
    )
    assert values(closing) == values(deferred["closing"]) == [[100], [40]]
    owed = profit.receivables_roll_forward(books)
    closing = (
        owed["opening"]
        + owed["billings"]
        - owed["credit_notes"]
        - owed["collections"]
        - owed["bad_debt"]
    )
    assert values(closing) == values(owed["closing"]) == [[60], [20]]
