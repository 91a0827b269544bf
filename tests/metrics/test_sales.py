"""Sales metrics, against small books worked out by hand."""

import numpy as np
import pytest
import xarray as xr

from gtmsim.metrics import sales
from gtmsim.vocabulary import DAYS_PER_MONTH, TICKS_PER_MONTH
from tests.metrics.books import results, values

NAN = np.nan


def test_the_win_rate_is_of_opportunities_that_closed_not_of_those_created():
    books = results(1, opportunities=[100, 0], new_logos=[6, 0], lost_opportunities=[14, 0])
    assert values(sales.win_rate(books, months=1)) == [[0.3, pytest.approx(NAN, nan_ok=True)]]


def test_the_sales_cycle_is_the_mean_time_to_signature_in_days():
    books = results(2, segments=["smb"], new_logos=[[1], [3]],
                    sales_cycle_time=np.array([[4], [4]]) * TICKS_PER_MONTH)  # fmt: skip
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
        sales_cycle_time=np.array([[4], [4]]) * TICKS_PER_MONTH,
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
    assert coverage == pytest.approx([NAN, NAN, 700 / 300], nan_ok=True)  # no team closes smb's


def coverage_books(months=15, **more):
    """Enterprise is closed by the AEs; SMB closes itself. Pipeline of 1,000 and 1,200 a quarter."""
    pipeline = np.zeros((months, 2), int)
    pipeline[2::3] = [5_000, 1_200]
    given = {
        "opening_open_pipeline_arr": [4_000, 1_000],
        "open_pipeline_arr": pipeline,
        "booked_arr": [700, 60],
        "same_quarter_booked_arr": [600, 20],
        "team_quota": [100, 30],
    }
    return results(months, **{**given, **more})


def test_coverage_of_a_team_is_of_the_segments_it_closes_and_its_own_quota():
    coverage = sales.team_pipeline_coverage(coverage_books())
    assert values(coverage, team="ae")[2::3] == pytest.approx([1_000 / 300] + [1_200 / 300] * 4)
    assert np.isnan(values(coverage, team="csm")).all()
    assert values(sales.pipeline_coverage(coverage_books()))[5] == pytest.approx(1_200 / 300)


def test_segments_that_one_team_closes_are_covered_together():
    books = coverage_books().assign_coords(closing_team=("segment", ["ae", "ae"]))
    coverage = values(sales.team_pipeline_coverage(books), team="ae")
    assert coverage[2:6:3] == pytest.approx([5_000 / 300, 6_200 / 300])


def test_a_closing_team_without_a_quota_brings_no_pipeline_to_the_companys_coverage():
    """SMB is closed by a team without a quota: coverage, needed and rates are enterprise's."""
    given = {"team_quota": [100, 0]}
    books = coverage_books(**given).assign_coords(closing_team=("segment", ["csm", "ae"]))
    alone = coverage_books(**given)  # nobody closes SMB
    for metric in (sales.pipeline_coverage, sales.needed_coverage):
        np.testing.assert_array_equal(metric(books), metric(alone))
    assert values(sales.pipeline_coverage(books))[5] == pytest.approx(1_200 / 300)
    for rate in sales.coverage_rates(books, by_team=True).values():
        assert np.isnan(values(rate, team="csm")).all()
    both = coverage_books().assign_coords(closing_team=("segment", ["csm", "ae"]))
    assert values(sales.pipeline_coverage(both))[5] == pytest.approx(6_200 / 390)


def test_bookings_of_a_quarter_divide_into_those_of_its_pipeline_and_those_created_in_it():
    rates = sales.coverage_rates(coverage_books(), by_team=True)
    assert values(rates["created_and_won"], team="ae")[11:] == pytest.approx([20 / 60] * 4)
    # 40 of 60 a month come from pipeline; it opened at 1,000, then 1,200 three times
    expected = [12 * 40 / (1_000 + 3 * 1_200)] * 3 + [12 * 40 / (4 * 1_200)]
    assert values(rates["conversion"], team="ae")[11:] == pytest.approx(expected)
    assert np.isnan(values(rates["conversion"], team="ae")[:11]).all()
    assert np.isnan(values(rates["conversion"], team="csm")).all()


def test_the_rates_of_a_month_within_a_quarter_are_those_of_the_quarter_before():
    booked = np.repeat(np.array([0, 60, 30]), 3)[:, None] * [0, 1]
    books = coverage_books(9, booked_arr=booked, same_quarter_booked_arr=booked // 3)
    share = values(sales.coverage_rates(books, months=3)["conversion"])
    assert share == pytest.approx([NAN, NAN, 0, 0, 0, 0.1, 0.1, 0.1, 0.05], nan_ok=True)


def test_needed_coverage_is_what_makes_bookings_meet_quota():
    """A quarter books 180 of a pipeline of 1,200: 60 of it are new, 120 from the pipeline."""
    needed = values(sales.team_needed_coverage(coverage_books(), months=3), team="ae")
    assert needed[5] == pytest.approx((1 - 20 / 60) / (120 / 1_200))
    assert values(sales.needed_coverage(coverage_books(), months=3))[5] == pytest.approx(needed[5])
    at_quota = coverage_books(team_quota=[60, 0])  # what the quarter books
    coverage = values(sales.team_pipeline_coverage(at_quota), team="ae")
    assert coverage[5] == pytest.approx(needed[5])


@pytest.mark.parametrize("months", [0, 1, 4, 14])
def test_rates_of_parts_of_quarters_are_refused(months):
    for metric in (sales.coverage_rates, sales.needed_coverage, sales.team_needed_coverage):
        with pytest.raises(ValueError, match=f"multiple of 3; got {months}"):
            metric(coverage_books(), months)


def test_coverage_over_needed_is_bookings_over_quota_in_the_period_of_the_rates():
    books = coverage_books(6, team_quota=[80, 0])
    part = sales.pipeline_coverage(books) / sales.needed_coverage(books, months=3)
    assert values(part)[5] == pytest.approx(60 / 80)


def test_needed_coverage_is_undefined_where_nothing_came_from_pipeline():
    books = coverage_books(same_quarter_booked_arr=[700, 60])
    assert np.isnan(values(sales.needed_coverage(books))).all()


def test_reps_at_quota_is_of_the_whole_year_that_ends_in_the_period():
    on, at = np.zeros((26, 2), int), np.zeros((26, 2), int)
    on[[11, 23]] = [[4, 0], [5, 0]]
    at[[11, 23]] = [[1, 0], [3, 0]]
    share = sales.reps_at_quota(results(26, team_reps_on_quota=on, team_reps_at_quota=at))
    by_month = values(share, team="ae")
    assert by_month[11:] == [0.25] * 12 + [0.6] * 3
    assert np.isnan(by_month[:11]).all()
    assert np.isnan(values(share, team="csm")).all()


def test_quota_attainment_is_bookings_over_quota_and_undefined_without_quota():
    books = results(2, team_booked_arr=[[50, 5], [100, 5]], team_quota=[100, 0])
    attainment = sales.quota_attainment(books, months=2).isel(month=1)
    assert values(attainment) == pytest.approx([0.75, NAN], nan_ok=True)


def test_utilisation_is_slot_time_taken_over_slot_time_offered():
    books = results(
        2,
        team_slots=[[10, 0], [30, 0]],
        team_worked_time=np.array([[8, 0], [22, 0]]) * TICKS_PER_MONTH,
    )
    used = sales.utilisation(books, months=2).isel(month=1)
    assert values(used) == pytest.approx([0.75, NAN], nan_ok=True)


def test_the_mean_wait_is_over_granted_requests_and_the_rest_is_the_share_that_gave_up():
    books = results(
        1,
        team_grants=[4, 0],
        team_expired=[1, 0],
        team_waited_time=np.array([2, 0]) * TICKS_PER_MONTH,
    )
    assert values(sales.mean_wait(books, months=1), team="ae") == [0.5 * DAYS_PER_MONTH]
    assert values(sales.expired_share(books, months=1), team="ae") == [0.2]


def test_shares_that_fall_back_count_first_stages_and_wins_of_last_ones():
    """60 of smb's 100 leads in two months, 3 of its 5 wins; of 150 leads and 15 wins of both."""
    stages = ["demo", "close", "self.trial", "self.pay", "demo"]
    segments = ["smb"] * 4 + ["mid"]
    entered, won = [20, 9, 30, 8, 25], [9, 1, 8, 1.5, 5]
    dims = ("draw", "replication", "month", "funnel_stage")
    funnel = xr.Dataset(
        {
            "funnel_entered": (dims, np.broadcast_to(entered, (1, 1, 2, 5))),
            "funnel_won": (dims, np.broadcast_to(won, (1, 1, 2, 5))),
        },
        {
            "month": [1, 2],
            "funnel_segment": ("funnel_stage", segments),
            "motion_stage": ("funnel_stage", stages),
        },
    )
    by_segment = sales.fallback_shares(funnel, 2).isel(draw=0, replication=0, month=-1)
    assert by_segment["leads"].sel(segment=["smb", "mid"]).to_numpy().tolist() == [0.6, 0.0]
    assert by_segment["new_logos"].sel(segment=["smb", "mid"]).to_numpy().tolist() == [0.6, 0.0]
    whole = sales.fallback_shares(funnel, 2, pooled=True).isel(draw=0, replication=0, month=-1)
    assert float(whole["leads"]) == pytest.approx(60 / 150)
    assert float(whole["new_logos"]) == pytest.approx(3 / 15)
