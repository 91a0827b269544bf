"""Odds of targets, stages and insolvency over replications."""

import inspect

import numpy as np
import pytest

from gtmsim.metrics import acquisition, contribution, health, odds, profit, revenue, sales
from gtmsim.results.dataset import convert_units
from gtmsim.scenario.models import Target
from gtmsim.scenario.targets import BY_SEGMENT, COMPANY_METRICS, SEGMENT_METRICS, TARGETABLE
from tests.metrics.books import results, values


def met(books, **target):
    return odds.target_met(books, Target(**target)).to_numpy().ravel().tolist()


def paths(*cash, **more):
    """One draw per path of cash, in currency."""
    amounts = np.array(cash)[:, None, :] * 100
    return results(amounts.shape[-1], draws=len(cash), cash=amounts, **more)


def test_a_target_is_in_currency_and_met_in_any_month_up_to_its_month():
    books = paths([1, 5, 1], [1, 1, 5], [1, 1, 1])
    assert met(books, metric="cash", at_least=5) == [True, True, False]
    assert met(books, metric="cash", at_least=5, by_month=2) == [True, False, False]


def test_a_target_at_a_month_is_judged_in_that_month_only():
    assert met(paths([5, 1, 1], [1, 5, 1]), metric="cash", at_least=5, at_month=2) == [False, True]


def test_a_target_of_a_month_after_the_end_is_not_judged():
    books = paths([9, 9], [1, 1])
    assert np.isnan(met(books, metric="cash", at_least=5, by_month=3)).all()
    assert np.isnan(met(books, metric="cash", at_least=5, at_month=3)).all()


def test_a_target_for_always_must_hold_in_every_month():
    books = paths([1, 5, 1], [5, 6, 5])
    assert met(books, metric="cash", at_least=5, always=True) == [False, True]
    assert met(books, metric="cash", at_most=5, always=True) == [True, False]


def test_an_insolvent_month_meets_no_target():
    insolvent = np.array([[[0, 1, 1]], [[0, 0, 0]]])
    books = paths([9, -1, -1], [9, 9, 3], insolvent=insolvent)
    assert met(books, metric="cash", at_most=3) == [False, True]
    assert met(books, metric="cash", at_most=100, always=True) == [False, True]


def test_a_month_in_which_the_metric_is_undefined_does_not_break_a_target_for_always():
    books = results(13, opening_arr=[100, 0], closing_arr=[100, 0], retained_arr=[100, 0])
    assert met(books, metric="nrr", at_least=1.0, always=True) == [True]
    assert met(results(13), metric="nrr", at_least=1.0, always=True) == [False]


def test_a_target_may_be_set_on_one_segment_or_on_the_company():
    books = results(1, closing_arr=[60_000, 50_000])
    assert met(books, metric="closing_arr", at_least=1_000) == [True]
    assert met(books, metric="closing_arr", at_least=1_000, segment="smb") == [False]
    assert met(books, metric="closing_arr", at_least=600, segment="smb") == [True]


@pytest.mark.parametrize("name", odds.MONTHLY)
def test_every_metric_has_a_value_by_month_for_the_company_and_for_a_segment(name):
    books = results(14, draws=3, replications=2)
    assert odds.by_month(books, name).dims == ("draw", "replication", "month")
    if name not in COMPANY_METRICS:
        assert odds.by_month(books, name, "smb").dims == ("draw", "replication", "month")


MODULES = (acquisition, contribution, health, profit, revenue, sales)
PUBLIC = {
    f"{module.__name__.rsplit('.', 1)[-1]}.{name}": item
    for module in MODULES
    for name, item in inspect.getmembers(module, inspect.isfunction)
    if item.__module__ == module.__name__ and not name.startswith("_")
}
STATED_UNITS = {
    "Share": "1",
    "Multiple": "1",
    "Month": "month",
    "Months": "month",
    "Days": "day",
    "Unit of the results (ARR)": "0.01 USD/year",
    "Unit of the results (currency": "0.01 USD",
}


def returned(metric):
    """What a docstring says before its sections, and under Returns."""
    text = inspect.getdoc(metric)
    before, _, after = text.partition("Returns\n-------\n")
    return before.partition("Parameters\n---")[0], after.partition("\n\nSource")[0]


@pytest.mark.parametrize(
    "name", sorted(set(PUBLIC) - {"revenue.retention_parts", "sales.fallback_of"})
)
def test_every_metric_states_its_definition_and_its_dimensions(name):
    definition, result = returned(PUBLIC[name])
    assert len(definition.split()) >= 5, "a name said again is no definition"
    assert "dims" in result


@pytest.mark.parametrize("name", odds.MONTHLY)
def test_the_unit_that_a_metric_states_is_the_unit_it_has(name):
    books = results(14)
    attributes = odds.MONTHLY[name](books).attrs
    assert attributes["long_name"]
    result = returned(odds.MONTHLY[name])[1].partition("\n")[2].strip()
    stated = max((unit for unit in STATED_UNITS if result.startswith(unit)), key=len, default=None)
    assert stated is not None, f"no unit stated in: {result}"
    assert attributes["units"] == STATED_UNITS[stated]


@pytest.mark.parametrize("name", odds.MONTHLY)
def test_amounts_come_out_in_the_unit_they_came_in(name):
    """A metric of converted results is the converted metric of stored ones."""
    rng = np.random.default_rng(3)
    books = results(14)
    books = books.map(lambda v: v.copy(data=rng.integers(1, 50, v.shape)), keep_attrs=True)
    stored = convert_units(odds.MONTHLY[name](books))
    converted = odds.MONTHLY[name](convert_units(books))
    np.testing.assert_allclose(stored, converted)
    assert stored.attrs["units"] == converted.attrs["units"]


def test_a_scenario_may_set_targets_on_exactly_the_metrics_by_month():
    assert set(odds.MONTHLY) == SEGMENT_METRICS | COMPANY_METRICS


def test_whatever_a_scenario_may_set_a_target_on_has_a_value_by_month():
    books = results(13)
    for name in TARGETABLE:
        assert odds.by_month(books, name).dims == ("draw", "replication", "month"), name
    for name in BY_SEGMENT:
        assert odds.by_month(books, name, "smb").dims == ("draw", "replication", "month"), name


def test_every_public_metric_by_month_can_be_a_target():
    """Metrics with other dims or of another kind are listed here, so that none is forgotten."""
    others = {
        "acquisition": "programme_cost acquisition_cost sales_and_marketing_cost cycle_lag "
        "cac_months cohort_value cohort_break_even lead_cohort_cost lead_cohort_cac "
        "lead_cohort_cac_ratio lead_cohort_closed_share "
        "lead_cohort_is_immature",
        "contribution": "contribution_parts",
        "health": "judged_as health_measures criterion_states verdict of_all_open",
        "profit": "cost_of_revenue cash_bridge revenue_roll_forward receivables_roll_forward "
        "month_of_insolvency survives",
        "revenue": "arr_bridge retention_parts",
        "sales": "quota_attainment utilisation mean_wait expired_share reps_at_quota "
        "team_pipeline_coverage coverage_rates team_needed_coverage fallback_shares "
        "fallback_of",
    }
    aside = {f"{module}.{name}" for module, names in others.items() for name in names.split()}
    assert {name.partition(".")[2] for name in set(PUBLIC) - aside} == set(odds.MONTHLY)


def test_a_stage_is_reached_in_the_first_month_at_its_arr_or_beyond():
    stage = np.array([[[0, 1, 0, 1]], [[0, 2, 2, 2]], [[0, 0, 0, 0]]])
    books = results(4, draws=3, company_stage=stage)
    months = odds.month_of_stage(books, "early_growth").to_numpy().ravel()
    assert months.tolist() == [2, 2, np.inf]


def test_the_stage_of_the_opening_arr_and_those_before_it_are_reached_at_the_start():
    """ARR falls under the stage in month 1: it was still reached."""
    books = results(2, company_stage=[0, 0], policy_stage=[1, 1])
    months = [float(odds.month_of_stage(books, stage).squeeze()) for stage in books["stage"].values]
    assert months == [0, 0, np.inf, np.inf]


def stage_books():
    return results(
        4,
        segments=["smb"],
        policy_stage=[0, 0, 1, 1],
        insolvent=[0, 0, 0, 1],
        channel_spend=[[100], [300], [800], [9_999]],
        new_logos=[[1], [3], [2], [0]],
        opening_cash=1_000,
        cash=[900, 600, 0, -9],
    )


def test_cac_and_burn_in_a_stage_cover_the_months_under_its_policy_while_solvent():
    books = stage_books()
    assert values(odds.cac_in_stage(books, "pre_pmf")) == [100]
    assert values(odds.cac_in_stage(books, "early_growth")) == [400]
    assert values(odds.burn_in_stage(books, "pre_pmf")) == 200
    assert values(odds.burn_in_stage(books, "early_growth")) == 600
    assert np.isnan(values(odds.burn_in_stage(books, "mature")))


def test_nrr_in_a_stage_sums_before_it_divides():
    stage, retained = np.zeros(14, int), np.zeros((14, 1), int)
    stage[12:] = 1
    retained[11:, 0] = [500, 120, 90]
    closing = np.full((14, 1), 100)
    closing[1, 0] = 50
    books = results(
        14, segments=["smb"], opening_arr=[100], closing_arr=closing, policy_stage=stage,
        retained_arr=retained,
    )  # fmt: skip
    assert values(odds.nrr_in_stage(books, "early_growth")) == [pytest.approx(210 / 150)]
    assert np.isnan(values(odds.nrr_in_stage(books, "mature"))).all()
