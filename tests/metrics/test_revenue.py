"""Recurring revenue, against small books worked out by hand."""

import numpy as np
import pytest

from gtmsim.metrics import revenue
from gtmsim.metrics.labels import company
from tests.metrics.books import results, values

NAN = np.nan


def by_month(*rows):
    """Months x segments from one row per segment."""
    return np.array(rows).T


def bridge_books():
    return results(
        3,
        opening_arr=[100, 1_000],
        new_arr=by_month([50, 40, 0], [0, 500, 0]),
        reactivated_arr=by_month([0, 5, 0], [0, 0, 0]),
        expansion_arr=by_month([10, 0, 7], [0, 100, 0]),
        contraction_arr=by_month([0, 3, 0], [50, 0, 0]),
        churned_arr=by_month([20, 0, 10], [0, 0, 300]),
        closing_arr=by_month([140, 182, 179], [950, 1_550, 1_250]),
    )


def test_the_bridge_closes_in_every_month_and_segment():
    bridge = revenue.arr_bridge(bridge_books())
    closing = bridge["opening"]
    for line, sign in revenue.BRIDGE_FLOWS.items():
        closing = closing + sign * bridge[line]
    assert (closing == bridge["closing"]).all()
    assert values(bridge["opening"], segment="smb") == [100, 140, 182]


def test_the_bridge_of_a_period_starts_from_the_opening_of_its_first_month():
    bridge = revenue.arr_bridge(company(bridge_books()), months=3).isel(month=-1)
    lines = {name: float(line.squeeze()) for name, line in bridge.data_vars.items()}
    assert lines == {
        "opening": 1_100,
        "new": 590,
        "reactivated": 5,
        "expansion": 117,
        "transferred": 0,
        "contraction": 53,
        "churned": 330,
        "ceased": 0,
        "closing": 1_429,
    }


def test_the_bridge_keeps_the_order_of_the_field():
    lines = "opening new reactivated expansion transferred contraction churned ceased closing"
    assert list(revenue.arr_bridge(bridge_books())) == lines.split()


def test_a_period_that_would_begin_before_month_1_has_no_bridge():
    bridge = revenue.arr_bridge(bridge_books(), months=3)
    assert all(np.isnan(values(line.isel(month=1))).all() for line in bridge.data_vars.values())


def test_carr_adds_what_is_signed_and_not_yet_in_service():
    books = results(1, closing_arr=[200, 0], signed_not_started_arr=[30, 500])
    assert values(revenue.closing_carr(books)) == [[230, 500]]


def test_net_new_arr_and_growth_are_measured_from_the_periods_opening():
    whole = company(bridge_books())
    assert values(revenue.net_new_arr(whole)) == [-10, 642, -303]
    growth = values(revenue.arr_growth(whole, months=3))
    assert growth[2] == pytest.approx(329 / 1_100)


def test_logo_churn_compounds_monthly_rates_on_customers_at_the_months_start():
    books = results(
        2,
        segments=["smb"],
        opening_customers=[100],
        churned_customers=[[10], [9]],
        closing_customers=[[90], [81]],
    )
    assert values(revenue.logo_churn(books, months=1), segment="smb") == pytest.approx([0.1, 0.1])
    assert values(revenue.logo_churn(books, months=2), segment="smb")[1] == pytest.approx(0.19)


def test_what_insolvency_takes_is_not_churn():
    books = results(
        1, segments=["smb"], opening_customers=[100], ceased_customers=[[100]], opening_arr=[100],
        ceased_arr=[[100]],
    )  # fmt: skip
    assert values(revenue.logo_churn(books, months=1)) == [[0]]
    assert values(revenue.revenue_churn(books, months=1)) == [[0]]


def test_revenue_churn_counts_churned_and_contracted_arr_and_no_expansion():
    churn = revenue.revenue_churn(bridge_books(), months=1)
    assert values(churn, segment="smb") == pytest.approx([20 / 100, 3 / 140, 10 / 182])


def test_renewal_rates_count_only_what_is_up_for_renewal():
    books = results(
        2,
        segments=["smb"],
        renewals_due=[[10], [0]],
        renewal_due_arr=[[1_000], [0]],
        renewal_lost_arr=[[150], [0]],
        churned_customers=[[3], [1]],
        involuntary_churned_customers=[[1], [1]],
    )
    assert values(revenue.renewal_rate(books, months=1), segment="smb") == pytest.approx(
        [0.85, NAN], nan_ok=True
    )
    assert values(revenue.logo_renewal_rate(books, months=1), segment="smb") == pytest.approx(
        [0.8, NAN], nan_ok=True
    )


def test_nrr_and_grr_are_measured_on_the_customers_of_twelve_months_ago():
    retained, capped = np.zeros((14, 1), int), np.zeros((14, 1), int)
    retained[11:, 0] = [110, 120, 90]
    capped[11:, 0] = [95, 96, 80]
    closing = np.full((14, 1), 200)
    closing[1, 0] = 90
    books = results(
        14,
        segments=["smb"],
        opening_arr=[100],
        closing_arr=closing,
        retained_arr=retained,
        retained_arr_capped=capped,
    )
    nrr, grr = (values(m(books), segment="smb") for m in (revenue.nrr, revenue.grr))
    assert np.isnan(nrr[:11]).all()
    assert nrr[11:] == pytest.approx([1.10, 0.60, 1.00])  # 110/100, 120/200, 90/90
    assert grr[11:] == pytest.approx([0.95, 0.48, 80 / 90])


def test_customers_whom_insolvency_took_are_no_loss_of_retention():
    retained = np.zeros((14, 1), int)
    retained[11] = 110
    insolvent = np.arange(14) >= 12
    books = results(
        14,
        segments=["smb"],
        opening_arr=[100],
        closing_arr=100,
        retained_arr=retained,
        retained_arr_capped=retained,
        insolvent=insolvent,
    )
    for metric in (revenue.nrr, revenue.grr):
        assert values(metric(books), segment="smb")[11:] == pytest.approx(
            [1.10, NAN, NAN], nan_ok=True
        )


def test_retention_of_the_company_is_a_ratio_of_sums_not_a_mean_of_ratios():
    retained = np.zeros((12, 2), int)
    retained[11] = [50, 1_900]
    books = results(12, opening_arr=[100, 1_000], retained_arr=retained)
    assert values(revenue.nrr(company(books)))[11] == pytest.approx(1_950 / 1_100)


def test_the_quick_ratio_is_arr_gained_over_arr_lost():
    ratio = values(revenue.quick_ratio(company(bridge_books()), months=3))
    assert ratio[2] == pytest.approx((590 + 5 + 117) / (330 + 53))


def test_the_quick_ratio_is_undefined_where_nothing_is_lost():
    assert np.isnan(values(revenue.quick_ratio(results(1, new_arr=[5, 5]), months=1))).all()


def test_the_largest_customer_of_the_company_is_the_largest_of_its_segments():
    books = results(1, closing_arr=[400, 600], largest_customer_arr=[40, 250])
    assert values(revenue.largest_customer_share(books)) == [[0.1, pytest.approx(250 / 600)]]
    assert values(revenue.largest_customer_share(company(books))) == [0.25]


def test_arr_per_customer_and_the_share_of_expansion():
    books = results(1, closing_arr=[400, 0], closing_customers=[8, 0], new_arr=[60, 0],
                    expansion_arr=[40, 0])  # fmt: skip
    assert values(revenue.arr_per_customer(books)) == [[50, pytest.approx(NAN, nan_ok=True)]]
    assert values(revenue.expansion_share(books, months=1), segment="smb") == [0.4]
