"""Retention of cohorts, from books written by hand."""

import numpy as np
import pytest

from gtmsim.metrics.cohorts import at_constant_rate, cohort_retention, pooled_retention
from tests.metrics.books import results


def books(fails: bool = False):
    """A year of joining, then 24 months; and opening customers who never leave."""
    months = 36
    there = np.zeros((2, 1, months, 1, 4), int)
    for month in range(1, months + 1):
        joined = min(month, 12) * 10
        lost = max(0, month - 12) * (5 if month <= 24 else 2) - (36 if month > 24 else 0) * -1
        there[:, 0, month - 1, 0, 1] = joined if month <= 12 else 120 - lost
        there[:, 0, month - 1, 0, 0] = 50
    insolvent = np.zeros((2, 1, months), int)
    if fails:
        insolvent[1, 0, 20:] = 1
        there[1, 0, 20:] = 0
    return results(
        months, 2, 1, ("smb",), cohort_customers=there, opening_customers=[50], insolvent=insolvent
    )


def test_a_cohorts_base_is_the_end_of_the_year_in_which_it_joined():
    retained = cohort_retention(books()).sel(segment="smb", cohort=1)
    assert retained.sel(age=0) == 1.0
    assert retained.sel(age=12) == pytest.approx((120 - 60) / 120)
    assert np.isnan(retained.sel(age=25))


def test_opening_customers_are_counted_from_the_start():
    retained = cohort_retention(books()).sel(segment="smb", cohort=0)
    np.testing.assert_array_equal(retained, np.ones(37))


def test_what_insolvency_takes_is_no_churn():
    one, other = (cohort_retention(books(fails)).sel(cohort=1) for fails in (False, True))
    np.testing.assert_array_equal(one, other)


def test_new_customers_are_pooled_without_those_of_the_opening():
    retained = pooled_retention(books()).sel(segment="smb")
    assert retained.sel(age=12) == pytest.approx(0.5)


def test_the_constant_rate_is_that_of_the_first_year():
    constant = at_constant_rate(pooled_retention(books())).sel(segment="smb")
    assert constant.sel(age=12) == pytest.approx(0.5)
    assert constant.sel(age=24) == pytest.approx(0.25)
