"""CAC, payback and lifetime value, against small books worked out by hand."""

import numpy as np
import pytest

from gtmsim.metrics import acquisition, odds, revenue
from gtmsim.metrics.labels import company
from gtmsim.vocabulary import TICKS_PER_MONTH
from tests.metrics.books import results, values


def spending_books(months=4, **more):
    """Two segments that cost 100 and 300 a month directly, and 80 of company costs."""
    return results(
        months,
        channel_spend=[40, 100],
        lead_cost=[5, 0],
        stage_cost=[10, 20],
        referral_cost=[5, 0],
        sales_team_cost=[20, 120],
        commissions=[10, 40],
        tools_cost=[10, 20],
        company_marketing_cost=50,
        company_sales_cost=30,
        **more,
    )


def test_fully_loaded_cost_counts_programmes_people_tools_and_the_companys_own_lines():
    assert values(acquisition.programme_cost(spending_books(1))) == [[60, 120]]
    assert values(acquisition.acquisition_cost(company(spending_books(1)))) == [480]


def test_costs_of_no_one_segment_follow_the_segments_own_cost():
    cost = acquisition.acquisition_cost(spending_books(1))
    assert values(cost) == [[100 + 80 * 0.25, 300 + 80 * 0.75]]


def test_costs_of_no_one_segment_are_shared_alike_where_segments_have_none():
    cost = acquisition.acquisition_cost(results(1, company_sales_cost=80))
    assert values(cost) == [[40, 40]]


def test_onboarding_support_and_success_are_not_acquisition():
    books = results(1, onboarding_cost=7, support_cost=7, success_team_cost=7, cogs=7)
    assert not np.any(values(acquisition.acquisition_cost(books)))


def test_cac_is_cost_over_new_logos_of_the_same_period():
    books = spending_books(2, new_logos=[[2, 1], [4, 0]])
    cac = acquisition.cac(books, months=2, lag=0).isel(month=1)
    assert values(cac) == pytest.approx([240 / 6, 720 / 1])


def test_paid_cac_is_programme_spend_without_people_over_new_logos():
    books = spending_books(2, new_logos=[[2, 1], [4, 0]])
    paid = acquisition.paid_cac(books, months=2, lag=0).isel(month=1)
    assert values(paid) == pytest.approx([120 / 6, 240])


def test_cac_takes_the_cost_of_a_sales_cycle_ago():
    books = results(
        3,
        segments=["smb"],
        channel_spend=[[100], [500], [900]],
        new_logos=[[5], [10], [10]],
    )
    cac = values(acquisition.cac(books, months=1, lag=1), segment="smb")
    assert cac == pytest.approx([np.nan, 10, 50], nan_ok=True)


def test_a_period_whose_spend_lies_partly_before_month_1_counts_the_rest_only():
    """Four months, a cycle of three: what month 4 won was paid for in month 1."""
    books = results(
        4,
        segments=["smb"],
        channel_spend=[[100], [500], [900], [7]],
        new_logos=[[5], [5], [5], [4]],
    )
    cac = values(acquisition.cac(books, months=4, lag=3), segment="smb")
    assert cac == pytest.approx([np.nan] * 3 + [25], nan_ok=True)
    half = values(acquisition.cac(books, months=4, lag=2.5), segment="smb")
    assert half[3] == pytest.approx((50 + 50 + 250) / (2.5 + 4))  # half of month 3's wins count
    assert np.isnan(values(acquisition.cac(books, months=4, lag=4))).all()


def test_it_is_told_how_many_months_of_wins_cac_counts():
    books = results(14, new_logos=[1, 1])
    lag = books["new_logos"].isel(month=0, draw=0, replication=0, drop=True) * [0.0, 2.5]
    counted = acquisition.cac_months(books, lag=lag)
    assert counted.sel(segment="smb").to_numpy().tolist()[11:] == [12, 12, 12]
    assert counted.sel(segment="enterprise").to_numpy().tolist()[11:] == [9.5, 10.5, 11.5]


def test_the_lag_is_the_mean_cycle_of_each_segment_parts_of_months_included():
    books = results(
        4,
        new_logos=[2, 1],
        sales_cycle_time=np.array([1, 3]) * TICKS_PER_MONTH,  # means of 0.5 and 3 months
        channel_spend=[[1, 10], [2, 20], [4, 40], [8, 80]],
    )
    lag = acquisition.cycle_lag(books)
    assert lag.to_numpy().tolist() == [0.5, 3]
    cac = acquisition.cac(books, months=1)
    assert values(cac, segment="smb") == [0.5, 0.75, 1.5, 3]
    assert values(cac, segment="enterprise") == pytest.approx([np.nan] * 3 + [10], nan_ok=True)


def test_a_slightly_longer_cycle_changes_cac_slightly():
    spend = np.array([100, 900, 100, 900, 100, 900])[:, None]
    books = results(6, segments=["smb"], channel_spend=spend, new_logos=[[10]] * 6)
    cac = [
        values(acquisition.cac(books, months=1, lag=lag), segment="smb")[5]
        for lag in (1.49, 1.51, 1.99, 2.01)
    ]
    assert np.abs(np.diff(cac)[[0, 2]]).max() < 2


def test_cac_of_paid_channels_leaves_out_channels_without_spend_and_their_customers():
    books = results(
        1,
        segments=["smb"],
        spend_by_channel=[[[0, 90, 0]]],
        variable_cost_by_channel=[[[50, 10, 0]]],
        new_logos_by_channel=[[[7, 4, 1]]],
    )
    assert values(acquisition.paid_channel_cac(books, months=1, lag=0)) == [[25]]


def test_blended_means_over_new_and_expansion_wherever_it_is_said():
    said = [name for name in odds.MONTHLY if "blended" in name]
    assert said == ["blended_cac_ratio"]


def test_cac_ratios_are_per_unit_of_arr_booked_and_of_arr_booked_and_expanded():
    books = company(spending_books(1, booked_arr=[200, 40], expansion_arr=[10, 70],
                                   expansion_cost=[20, 12]))  # fmt: skip
    assert values(acquisition.cac_ratio(books, months=1)) == [480 / 240]
    assert values(acquisition.blended_cac_ratio(books, months=1)) == [pytest.approx(512 / 320)]


def test_cac_payback_is_in_months_of_gross_margin():
    books = results(
        1,
        segments=["smb"],
        channel_spend=[1_000],
        new_logos=[2],
        booked_arr=[2_400],
        revenue=[500],
        cogs=[60],
        support_cost=[40],
    )
    # CAC 500; 1,200 a year per logo is 100 a month, at 80 % gross margin 80
    assert values(acquisition.cac_payback(books, months=1, lag=0)) == [[6.25]]


def ltv_books(months=12, **more):
    """Every month's customers of a year before have lost a fifth of their ARR since."""
    given = {
        "opening_customers": [100],
        "opening_arr": [240_000],
        "closing_customers": [100],
        "closing_arr": [240_000],
        "retained_arr_capped": [192_000],
        "revenue": [20_000],
        "cogs": [4_000],
    }
    return results(months, segments=["smb"], **{**given, **more})


def test_ltv_is_arr_per_customer_times_margin_over_what_a_year_takes():
    ltv = values(acquisition.ltv(ltv_books()), segment="smb")
    assert np.isnan(ltv[:11]).all()
    assert ltv[11] == pytest.approx(2_400 * 0.8 / 0.2)


def test_a_segment_that_grows_does_not_live_longer():
    """It doubles in year 2 on yearly terms, and a fifth leave: of the 1,200 whose year is over."""
    number = 1_200 + 100 * np.arange(-11, 13).clip(0)[:, None]
    books = ltv_books(
        24,
        opening_customers=[1_200],
        opening_arr=[1_200 * 2_400],
        closing_customers=number,
        closing_arr=2_400 * number,
        churned_customers=[20],
        retained_arr_capped=[0.8 * 1_200 * 2_400],
        revenue=200 * number,
        cogs=40 * number,
    )
    flattered = 2_400 * 0.8 / values(revenue.logo_churn(books), segment="smb")[23]
    assert flattered == pytest.approx(2_400 * 0.8 / (1 - np.exp(-0.2 * np.log(2))), rel=0.05)
    assert values(acquisition.ltv(books), segment="smb")[23] == pytest.approx(2_400 * 0.8 / 0.2)


def test_ltv_without_losses_is_endless_and_unknown_without_customers_a_year_ago():
    kept = ltv_books(retained_arr_capped=[240_000])
    assert values(acquisition.ltv(kept), segment="smb")[11] == np.inf
    new = ltv_books(opening_customers=[0], opening_arr=[0], retained_arr_capped=[0])
    assert np.isnan(values(acquisition.ltv(new), segment="smb")[11])


def test_ltv_to_cac_divides_the_two():
    books = ltv_books(channel_spend=[1_000], new_logos=[2])
    ratio = values(acquisition.ltv_to_cac(books, lag=0), segment="smb")
    assert ratio[11] == pytest.approx(9_600 / 500)


def two_segments(**more):
    """LTV 9,600 and 600,000; CAC 500 and 100,000: LTV:CAC 19.2 and 6."""
    given = {
        "opening_customers": [1_000, 10],
        "opening_arr": [2_400_000, 1_000_000],
        "closing_customers": [1_000, 10],
        "closing_arr": [2_400_000, 1_000_000],
        "retained_arr_capped": [1_920_000, 900_000],
        "revenue": [200_000, 83_000],
        "cogs": [40_000, 33_200],
        "new_logos": [20, 1],
        "channel_spend": [10_000, 100_000],
    }
    return results(12, **{**given, **more})


def test_the_ltv_of_a_company_is_that_of_its_new_customers_segment_by_segment():
    books = two_segments()
    assert values(acquisition.ltv(books), month=12) == pytest.approx([9_600, 600_000])
    mixed = values(acquisition.ltv(books, pooled=True), month=12)
    assert mixed == pytest.approx((20 * 9_600 + 1 * 600_000) / 21)
    alike = values(acquisition.ltv(company(books)), month=12)
    assert alike < 0.6 * mixed  # one churn and one ARR for all


def test_the_ltv_to_cac_of_a_company_lies_between_its_segments():
    books = two_segments()
    assert values(acquisition.ltv_to_cac(books, lag=0), month=12) == pytest.approx([19.2, 6.0])
    mixed = values(acquisition.ltv_to_cac(books, lag=0, pooled=True), month=12)
    assert mixed == pytest.approx((20 * 9_600 + 600_000) / 110_000)
    alike = values(acquisition.ltv_to_cac(company(books), lag=0), month=12)
    assert alike < 6.0  # below either segment
    assert values(odds.by_month(books, "ltv_to_cac"), month=12) == pytest.approx(mixed)


def test_a_segment_of_unknown_ltv_is_left_out_of_the_companys_with_its_cost():
    books = two_segments(opening_arr=[2_400_000, 0], retained_arr_capped=[1_920_000, 0])
    assert values(acquisition.ltv(books, pooled=True), month=12) == pytest.approx(9_600)
    mixed = values(acquisition.ltv_to_cac(books, lag=0, pooled=True), month=12)
    assert mixed == pytest.approx(19.2)


def test_a_segment_that_wins_nobody_costs_the_company_and_brings_nothing():
    books = two_segments(new_logos=[20, 0], retained_arr_capped=[1_920_000, 1_000_000])
    mixed = values(acquisition.ltv_to_cac(books, lag=0, pooled=True), month=12)
    assert mixed == pytest.approx(20 * 9_600 / 110_000)


def test_the_magic_number_compares_quarters_of_revenue_with_the_cost_before():
    books = results(6, segments=["smb"], revenue=[[100]] * 3 + [[120]] * 3, channel_spend=[40])
    magic = values(acquisition.magic_number(books), segment="smb")
    assert np.isnan(magic[:5]).all()
    assert magic[5] == pytest.approx((360 - 300) * 4 / 120)


def cohort_books():
    """Year 1: 10 join, 1,200 ARR from month 1. Year 2: nobody. Gross margin 50 %."""
    arr = np.zeros((24, 1, 3), int)
    arr[:, 0, 1] = 1_200
    joined = np.zeros((24, 1), int)
    joined[0] = 10
    return results(
        24,
        segments=["smb"],
        cohort_arr=arr,
        new_customers=joined,
        revenue=[100],
        cogs=[50],
        channel_spend=np.where(np.arange(24) < 12, 75, 0)[:, None],
    )


def test_cohort_value_is_discounted_gross_profit_per_customer_joined():
    undiscounted = acquisition.cohort_value(cohort_books(), discount_per_year=0.0)
    assert values(undiscounted, segment="smb") == pytest.approx([24 * 50 / 10, np.nan], nan_ok=True)
    discounted = values(acquisition.cohort_value(cohort_books(), 0.10), segment="smb")[0]
    by_hand = sum(5 * 1.1 ** (-(m + 0.5) / 12) for m in range(24))
    assert discounted == pytest.approx(by_hand)


def test_a_cohort_breaks_even_when_its_gross_profit_has_repaid_the_years_cost():
    months = acquisition.cohort_break_even(cohort_books())
    assert values(months, segment="smb") == pytest.approx([18, np.nan], nan_ok=True)  # 900 / 50


def test_a_cohort_breaks_even_after_its_start_at_the_earliest():
    """The second year cost nothing, so it is repaid as soon as it has begun."""
    books = cohort_books()
    joined = books["new_customers"].where(books["month"] != 20, 3)
    months = acquisition.cohort_break_even(books.assign(new_customers=joined))
    assert values(months, segment="smb") == [18, 1]


def test_a_cohort_that_does_not_break_even_in_time_never_does():
    books = cohort_books().assign(channel_spend=cohort_books()["channel_spend"] * 10)
    assert values(acquisition.cohort_break_even(books), segment="smb")[0] == np.inf


# --- cohorts of leads --------------------------------------------------------------------------


def lead_books(**more):
    """Two months; SMB has no sellers' time, enterprise has 10 months of it over both."""
    given = {
        "leads": [[50, 8], [60, 10]],
        "unserved_leads": [[10, 0], [0, 0]],
        "lead_cohort_variable_cost": [[400, 1_000], [600, 500]],
        "lead_cohort_new_logos": [[4, 2], [5, 1]],
        "lead_cohort_booked_arr": [[1_060, 3_300], [435, 430]],
        "lead_cohort_open_leads": [[0, 2], [0, 5]],
        "lead_cohort_seller_time": np.array([[0, 6], [0, 3]]) * TICKS_PER_MONTH,
        "seller_time": np.array([[0, 2], [0, 8]]) * TICKS_PER_MONTH,
        "channel_spend": [[100, 50], [200, 60]],
        "sales_team_cost": [[0, 900], [0, 500]],
        "expansion_team_cost": [[0, 300], [0, 200]],
        "tools_cost": [[30, 40], [70, 60]],
    }
    return results(2, **{**given, **more})


def test_a_cohort_costs_its_own_cost_its_months_spend_and_its_sellers_time():
    cost = values(acquisition.lead_cohort_cost(lead_books()))
    # enterprise: 900 + 500 - 300 - 200 + 40 + 60 over 10 months worked is 100 a month
    assert cost == [[400 + 100 + 30, 1_000 + 50 + 600], [600 + 200 + 70, 500 + 60 + 300]]


def test_costs_of_no_one_segment_fall_on_the_leads_of_their_month_by_the_cohorts_own_cost():
    books = lead_books(company_marketing_cost=[218, 0], company_sales_cost=[0, 173])
    cost = acquisition.lead_cohort_cost(books) - acquisition.lead_cohort_cost(lead_books())
    assert values(cost) == [
        pytest.approx([53, 165]),
        pytest.approx([173 * 870 / 1_730, 173 * 860 / 1_730]),
    ]


def test_cohort_cac_is_the_cost_of_a_periods_leads_per_new_logo_among_them():
    books = lead_books()
    assert values(acquisition.lead_cohort_cac(books, months=1)) == [
        pytest.approx([530 / 4, 1_650 / 2]),
        pytest.approx([870 / 5, 860 / 1]),
    ]
    of_both = acquisition.lead_cohort_cac(books, months=2).isel(month=1)
    assert values(of_both) == pytest.approx([1_400 / 9, 2_510 / 3])
    pooled = acquisition.lead_cohort_cac(books, months=2, pooled=True)
    assert values(pooled) == pytest.approx([np.nan, 3_910 / 12], nan_ok=True)


def test_the_cac_ratio_of_a_cohort_is_its_cost_per_unit_of_arr_that_its_leads_booked():
    books = lead_books()
    by_month = acquisition.lead_cohort_cac_ratio(books, months=1)
    assert values(by_month) == [pytest.approx([0.5, 0.5]), pytest.approx([2.0, 2.0])]
    pooled = acquisition.lead_cohort_cac_ratio(books, months=2, pooled=True)
    assert values(pooled)[1] == pytest.approx(3_910 / 5_225)


def test_a_cohort_that_won_nobody_has_no_cac():
    books = lead_books(lead_cohort_new_logos=[[0, 2], [5, 1]], lead_cohort_booked_arr=0)
    assert np.isnan(values(acquisition.lead_cohort_cac_ratio(books, months=1))).all()
    assert np.isnan(values(acquisition.lead_cohort_cac(books, months=1), segment="smb")[0])


def test_a_cohort_is_immature_while_leads_of_it_are_open():
    books = lead_books()
    assert values(acquisition.lead_cohort_is_immature(books, months=1)) == [[0, 1], [0, 1]]
    assert values(acquisition.lead_cohort_is_immature(books, months=2, pooled=True))[1] == 1
    closed = acquisition.lead_cohort_closed_share(books, months=1)
    assert values(closed) == [[1.0, 1 - 2 / 8], [1.0, 1 - 5 / 10]]
    pooled = acquisition.lead_cohort_closed_share(books, months=2, pooled=True)
    assert values(pooled)[1] == pytest.approx(1 - 7 / (40 + 60 + 18))  # the unserved do not count


def test_cohorts_of_a_company_that_fails_are_unknown_not_free():
    books = lead_books(insolvent=[0, 1])
    for metric in (
        acquisition.lead_cohort_cost(books),
        acquisition.lead_cohort_cac(books, months=1),
        acquisition.lead_cohort_cac_ratio(books, months=1),
        acquisition.lead_cohort_closed_share(books, months=1),
        acquisition.lead_cohort_is_immature(books, months=1),
    ):
        assert np.isnan(values(metric)).all()


def test_what_sellers_cost_for_expansions_is_in_the_blended_cost_only():
    books = spending_books(
        1, expansion_team_cost=[5, 30], expansion_commissions=[2, 3], expansion_cost=[1, 1]
    )
    assert values(acquisition.acquisition_cost(company(books))) == [480 - 40]
    assert values(acquisition.sales_and_marketing_cost(company(books))) == [480 + 2]
