"""Sales metrics, against small books worked out by hand."""

import numpy as np
import pytest

from gtmsim.metrics import sales
from gtmsim.vocabulary import DAYS_PER_MONTH, TICKS_PER_MONTH
from tests.metrics.books import results, values

NAN = np.nan


def test_the_win_rate_is_of_opportunities_that_closed_not_of_those_created():
    books = results(1, opportunities=[100, 0], new_logos=[6, 0], lost_opportunities=[14, 0])
    assert values(sales.win_rate(books, months=1)) == [[0.3, pytest.approx(NAN, nan_ok=True)]]


def test_the_sales_cycle_is_the_mean_time_to_signature_in_days():
    books = results(2, segments=["smb"], new_logos=[[1], [3]],
                    sales_cycle_ticks=np.array([[4], [4]]) * TICKS_PER_MONTH)  # fmt: skip
    cycle = values(sales.sales_cycle(books, months=2), segment="smb")
    assert cycle[1] == pytest.approx(2 * DAYS_PER_MONTH)  # 8 months over 4 deals


def test_sales_velocity_uses_the_pipeline_at_month_starts():
    books = results(
        2,
        segments=["smb"],
        opening_open_opportunities=[30],
        open_opportunities=[[50], [99]],
        new_logos=[[1], [3]],
        lost_opportunities=[[4], [8]],
        booked_arr=[[1_000], [3_000]],
        sales_cycle_ticks=np.array([[4], [4]]) * TICKS_PER_MONTH,
    )
    # 40 open on average x 1,000 x 4/16 / 2 months
    assert values(sales.sales_velocity(books, months=2), segment="smb")[1] == pytest.approx(5_000)


def test_leads_of_a_closed_segment_do_not_count_as_lost_conversions():
    books = results(1, leads=[100, 0], unserved_leads=[20, 0], new_logos=[4, 0])
    assert values(sales.lead_to_customer(books, months=1), segment="smb") == [0.05]


def test_pipeline_coverage_is_opening_pipeline_over_the_periods_quota():
    books = results(
        3, opening_open_pipeline_arr=[500, 700], open_pipeline_arr=[9, 9], team_quota=[100, 0]
    )
    coverage = values(sales.pipeline_coverage(books))
    assert coverage == pytest.approx([NAN, NAN, 4.0], nan_ok=True)


def test_quota_attainment_is_bookings_over_quota_and_undefined_without_quota():
    books = results(2, team_booked_arr=[[50, 5], [100, 5]], team_quota=[100, 0])
    attainment = sales.quota_attainment(books, months=2).isel(month=1)
    assert values(attainment) == pytest.approx([0.75, NAN], nan_ok=True)


def test_utilisation_is_slot_time_taken_over_slot_time_offered():
    books = results(
        2,
        team_slots=[[10, 0], [30, 0]],
        team_worked_ticks=np.array([[8, 0], [22, 0]]) * TICKS_PER_MONTH,
    )
    used = sales.utilisation(books, months=2).isel(month=1)
    assert values(used) == pytest.approx([0.75, NAN], nan_ok=True)


def test_the_mean_wait_is_over_granted_requests_and_the_rest_is_the_share_that_gave_up():
    books = results(
        1,
        team_grants=[4, 0],
        team_expired=[1, 0],
        team_waited_ticks=np.array([2, 0]) * TICKS_PER_MONTH,
    )
    assert values(sales.mean_wait(books, months=1), team="ae") == [0.5 * DAYS_PER_MONTH]
    assert values(sales.expired_share(books, months=1), team="ae") == [0.2]
