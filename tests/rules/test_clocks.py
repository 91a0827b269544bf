"""Clocks fire inside their month, and churn clocks give the yearly probability they stand for."""

from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gtmsim.rules.clocks import below, churn_years, month_of, ticks, trigger_time, unit_exponential


def test_a_boundary_belongs_to_the_month_it_begins():
    assert [month_of(t) for t in (0.0, 0.999, 1.0, below(2.0), 2.0)] == [0, 0, 1, 1, 2]


def test_a_month_has_2_to_the_20_ticks():
    assert [ticks(t) for t in (0.0, 0.5, 1.0, 2.25)] == [0, 2**19, 2**20, 9 * 2**18]


@given(
    hazard=st.floats(0, 1e4),
    rate=st.floats(1e-6, 10),
    part=st.floats(0, 1),
    month=st.integers(0, 599),
)
def test_a_trigger_lies_in_its_month(hazard, rate, part, month):
    t = trigger_time(hazard + rate * part, hazard, rate, month)
    assert month <= t < month + 1


def test_a_trigger_lies_where_the_hazard_reaches_the_threshold():
    assert trigger_time(2.25, 2.0, 0.5, 7) == 7.5


@pytest.mark.parametrize("theta", [0.05, 0.31, 0.9])
def test_a_churn_clock_outlasts_a_year_with_the_survival_probability(theta):
    uniforms = (np.arange(100_000) + 0.5) / 100_000
    years = np.array([churn_years(unit_exponential(u), theta) for u in uniforms])
    assert (years > 1).mean() == pytest.approx(1 - theta, abs=2e-5)


def test_nobody_churns_at_zero_and_everybody_at_one():
    assert churn_years(0.1, 0.0) == inf
    assert churn_years(5.0, 1.0) == 0.0
