"""The simulation of the playbook's worked examples agrees with their closed forms.

Each figure is a sum over futures whose expected value is known; it may miss it by four standard
errors, taken from the futures themselves.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from gtmsim.analysis.economics import Economics
from gtmsim.analysis.explaining import explain
from gtmsim.metrics.acquisition import lead_cohort_cost
from gtmsim.results.dataset import convert_units
from gtmsim.scenario import load_scenario
from gtmsim.simulation import simulate
from tests.theory.closed_forms import z_score

SCENARIO = load_scenario(Path(__file__).parents[2] / "scenarios" / "playbook_examples.toml")
SEGMENTS = tuple(SCENARIO.segments)
MONTHS = SCENARIO.scenario.months
YEARS = MONTHS // 12
FAR = 4.0


@cache
def results() -> xr.Dataset:
    return simulate(SCENARIO, draws=200, replications=1, seed=11).load()


@cache
def closed(segment: str) -> Economics:
    found = explain(SCENARIO, draws=2).segments
    return next(one.at_means for one in found if one.name == segment)


def futures(values: xr.DataArray, segment: str) -> np.ndarray:
    """A number per future, in currency."""
    return convert_units(values).sel(segment=segment).to_numpy().ravel()


def kept(segment: str, growth: float = 0.0) -> float:
    """Customers at the end per customer won a month, each grown by a share at every renewal."""
    churn = float(closed(segment).churn_per_year[0])
    return 12 * sum(((1 - churn) * (1 + growth)) ** year for year in range(YEARS))


@pytest.mark.parametrize("segment", SEGMENTS)
def test_cac_by_cohort_is_the_cac_of_the_closed_form(segment):
    cost = futures(convert_units(lead_cohort_cost(results())).sum("month"), segment)
    won = futures(results()["lead_cohort_new_logos"].sum("month"), segment)
    assert abs(z_score(cost - float(closed(segment).cac[0]) * won, 0.0)) < FAR
    assert cost.sum() / won.sum() == pytest.approx(float(closed(segment).cac[0]), rel=0.02)


@pytest.mark.parametrize("segment", SEGMENTS)
def test_customers_are_those_won_who_have_not_left(segment):
    at_end = futures(results()["closing_customers"].isel(month=-1), segment)
    assert abs(z_score(at_end, float(closed(segment).wins[0]) * kept(segment))) < FAR


@pytest.mark.parametrize("segment", SEGMENTS)
def test_arr_grows_by_the_expansion_of_those_who_stay(segment):
    found = closed(segment)
    expected = found.wins[0] * found.acv[0] * kept(segment, float(found.expansion_per_year[0]))
    at_end = futures(results()["closing_arr"].isel(month=-1), segment)
    assert abs(z_score(at_end, float(expected))) < FAR


@pytest.mark.parametrize("segment", SEGMENTS)
def test_every_customer_books_the_acv(segment):
    booked = futures(results()["booked_arr"].sum("month"), segment)
    won = futures(results()["new_logos"].sum("month"), segment)
    np.testing.assert_allclose(booked, won * float(closed(segment).acv[0]))


@pytest.mark.parametrize("segment", SEGMENTS)
def test_of_the_customers_up_for_renewal_the_share_leaves_that_the_lifetime_says(segment):
    due = futures(results()["renewals_due"].sum("month"), segment)
    left = futures(results()["churned_customers"].sum("month"), segment)
    assert abs(z_score(left - float(closed(segment).churn_per_year[0]) * due, 0.0)) < FAR


@pytest.mark.parametrize("segment", SEGMENTS)
def test_gross_profit_is_the_margin_of_the_closed_form(segment):
    revenue = futures(results()["revenue"].sum("month"), segment)
    cost = futures(results()["cogs"].sum("month"), segment)
    margin = 1 - cost.sum() / revenue.sum()
    assert margin == pytest.approx(float(closed(segment).gross_margin[0]), rel=1e-6)
