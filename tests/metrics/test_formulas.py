"""The formulas on plain arrays, against numbers worked out by hand."""

import numpy as np
import pytest

from gtmsim.metrics import formulas

NAN, INF = np.nan, np.inf


def same(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_ratio_is_undefined_where_the_denominator_is_not_positive():
    same(formulas.ratio([6, 1, 1], [3, 0, -2]), [2, NAN, NAN])


def test_a_trailing_sum_covers_its_window_and_is_undefined_before_it_is_full():
    same(formulas.trailing_sum([[1, 2, 4, 8]], 3), [[NAN, NAN, 7, 14]])
    same(formulas.trailing_sum([1, 2, 4], 1), [1, 2, 4])
    same(formulas.trailing_sum([1, 2, 4], 3), [NAN, NAN, 7])
    same(formulas.trailing_sum([1, 2], 3), [NAN, NAN])


def test_a_lag_looks_back_and_is_undefined_before_the_first_month():
    same(formulas.lagged([1, 2, 4], 2), [NAN, NAN, 1])
    same(formulas.lagged([1, 2, 4], 0), [1, 2, 4])
    same(formulas.lagged([1, 2, 4], 5), [NAN, NAN, NAN])


def test_what_is_delayed_arrives_later_and_between_whole_months_in_parts():
    same(formulas.delayed([1, 2, 4], 0), [1, 2, 4])
    same(formulas.delayed([1, 2, 4], 2), [0, 0, 1])
    same(formulas.delayed([1, 2, 4], 0.25), [0.75, 1.75, 3.5])
    same(formulas.delayed([1, 2, 4], 7.5), [0, 0, 0])


def test_what_is_unknown_arrives_unknown_not_as_nothing():
    same(formulas.delayed([NAN, 1, 2], 1), [0, NAN, 1])
    same(formulas.delayed([NAN, 1, 2, 3], 0.5), [NAN, NAN, 1.5, 2.5])
    same(formulas.delayed([NAN, 1], 0), [NAN, 1])


def test_monthly_churn_compounds_and_does_not_add_up():
    same(formulas.compounded([0.1] * 12, 12)[-1], 1 - 0.9**12)  # 0.718, not 1.2
    same(formulas.compounded([0.5, 0.5, 0.0], 2), [NAN, 0.75, 0.5])


def test_months_without_customers_are_not_months_without_churn():
    """A year in which there were customers for three months only: their rate is put on the year."""
    year = [NAN] * 9 + [0.1] * 3
    same(formulas.compounded(year, 12)[-1], 1 - 0.9**12)  # not 1 - 0.9**3
    same(formulas.compounded([NAN, NAN, 0.2], 2), [NAN, NAN, 1 - 0.8**2])


def test_a_window_with_customers_in_less_than_a_quarter_of_it_has_no_churn():
    same(formulas.compounded([NAN] * 10 + [0.1] * 2, 12)[-1], NAN)
    same(formulas.compounded([NAN, NAN, NAN], 2), [NAN, NAN, NAN])


def test_a_monthly_rate_is_at_most_everything():
    """More left than were there at the month's start: some joined and left within the month."""
    same(formulas.compounded([1.5, 0.0], 1), [1.0, 0.0])
    same(formulas.compounded([1.5, 1.5], 2), [NAN, 1.0])  # not 1 - 0.25


def test_the_first_month_counts_from_one_and_never_is_infinite():
    same(
        formulas.first_month([[False, True, True], [True, False, False], [False] * 3]), [2, 1, INF]
    )


@pytest.mark.parametrize(
    ("cac", "arr", "margin", "months"),
    [
        (1_000, 2_400, 0.80, 6.25),  # 1,000 / (200 x 0.8)
        (4_666.666666666667, 20_000, 0.78, 3.5897435897435899),
        (90_000, 200_000, 0.75, 7.2),
        (1_000, 0, 0.8, NAN),
        (1_000, 2_400, -0.1, NAN),
    ],
)
def test_cac_payback_is_on_gross_margin(cac, arr, margin, months):
    same(formulas.cac_payback(cac, arr, margin), months)


def test_lifetime_value_is_yearly_gross_profit_over_yearly_churn():
    same(formulas.lifetime_value(2_400, 0.8, 0.4), 4_800)
    same(formulas.lifetime_value(2_400, 0.8, 0.0), INF)
    same(formulas.lifetime_value(NAN, 0.8, 0.0), NAN)
    same(formulas.lifetime_value(2_400, 0.8, NAN), NAN)


def test_ltv_to_cac_of_the_published_examples_on_gross_profit():
    ltv = formulas.lifetime_value([2_400, 20_000, 200_000], [0.8, 0.78, 0.75], [0.4, 0.25, 0.2])
    same(ltv / [1_000, 14_000 / 3, 90_000], [4.8, 13.371428571428572, 8.333333333333334])


def test_sales_velocity_multiplies_the_pipeline_and_divides_by_the_cycle():
    same(formulas.sales_velocity(50, 20_000, 0.25, 2.5), 100_000)
    same(formulas.sales_velocity(50, 20_000, 0.25, 0), NAN)


def test_a_funnel_is_entered_by_those_who_passed_the_stages_before():
    same(formulas.reached([0.5, 0.4]), [1, 0.5, 0.2])
    same(formulas.reached([[0.5], [1.0]]), [[1, 0.5], [1, 1]])


def test_a_lead_costs_the_stages_that_it_reaches():
    """Every lead enters the first at 100, one in two the demo at 40; who wins it is paid alike."""
    same(formulas.cost_per_lead([100, 40], [0.5, 0.4]), 100 + 0.5 * 40)
    same(formulas.cost_per_lead([100, 40], [0.0, 0.4]), 100)


def test_customers_who_differ_stay_longer_than_their_mean_says():
    """Beta(1, 2): mean churn 1/3, and of those who stayed a year 1/4."""
    same(formulas.kept_share(1.0, 2.0, [0, 1, 2]), [1, 2 / 3, 2 / 3 * 3 / 4])
    same(formulas.kept_share(NAN, NAN, [0, 1, 2], 0.25), [1, 0.75, 0.75**2])


def test_a_flow_is_discounted_from_the_middle_of_its_month():
    same(formulas.present_value([0] * 6 + [100], 0.21), 100 / 1.21 ** (6.5 / 12))
    same(formulas.present_value([[1, 2], [3, 4]], 0.0), [3, 7])


def test_a_fixed_life_with_expansion_is_a_geometric_sum():
    """The playbook's examples: 20,000 + 22,000 + 24,200 + 26,620, and five years at 20 %."""
    same(formulas.fixed_life_value(20_000, 1.0, 4, 0.1), 92_820)
    same(formulas.fixed_life_value(200_000, 1.0, 5, 0.2), 1_488_320)
    same(formulas.fixed_life_value(2_400, 0.8, 2.5), 4_800)


def test_one_more_lead_costs_what_the_curve_says_at_its_slope():
    """Against a small step along a power law and a Hill curve."""
    step = 1e-6

    def power(spend):
        return 40 * (spend / 8000) ** 0.5

    def hill(spend):
        return 50 * spend**1.5 / (spend**1.5 + 6000**1.5)

    for curve, exponent, top in ((power, 0.5, None), (hill, 1.5, 50)):
        slope = (curve(9000 * (1 + step)) - curve(9000)) / (9000 * step)
        cost = formulas.marginal_lead_cost(9000, curve(9000), exponent, top is not None, top or 1)
        np.testing.assert_allclose(cost, 1 / slope, rtol=1e-5)
    same(formulas.marginal_lead_cost(0.0, 0.0, 0.5), NAN)
