"""Expressions on results written by hand: what each comes to in each future, and over them."""

import numpy as np
import pytest

from gtmsim.analysis.evaluating import (
    Futures,
    Kept,
    events_of,
    figure_of,
    leaves_of,
    objective_of,
    sample_of,
)
from gtmsim.analysis.measuring import needed_by
from gtmsim.errors import ResultsError
from gtmsim.expressions import parse_expectation
from gtmsim.metrics import odds
from gtmsim.scenario.models import Objective
from gtmsim.statistics import error
from tests.metrics.books import results
from tests.report.companies import company

NAN, INF = np.nan, np.inf

# Four futures: two draws of two replications, three months; amounts in hundredths.
CASH = np.array([[[5, 1, 3], [4, 6, 2]], [[9, 9, 9], [1, -2, -2]]]) * 100
ARR_SMB = np.array([[[10, 20, 30], [0, 0, 0]], [[7, 7, 7], [1, 2, 4]]]) * 100
ARR = np.stack([ARR_SMB, np.full((2, 2, 3), 500)], -1)
INSOLVENT = np.array([[[0, 0, 0], [0, 0, 0]], [[0, 0, 0], [0, 1, 1]]])


def books(**more):
    given = {"cash": CASH, "closing_arr": ARR, "insolvent": INSOLVENT, **more}
    return results(3, draws=2, replications=2, **given)


def futures(**others):
    return Futures(books(), others)


def sample(quantity, of=None):
    tree = parse_expectation(f"mean({quantity}) > 0").statistic.of
    return sample_of(tree, of or futures()).tolist()


def events(condition, of=None):
    tree = parse_expectation(f"prob({condition}) > 0").statistic.of
    return events_of(tree, of or futures()).tolist()


def figure(statistic, of, sign=">=", level=0.95):
    return figure_of(parse_expectation(f"{statistic} > 0").statistic, of, level, sign)


# Quantities


@pytest.mark.parametrize(
    ("quantity", "values"),
    [
        ("cash[2]", [[1, 6], [9, -2]]),
        ("cash[end]", [[3, 2], [9, -2]]),
        ("arr[1]", [[15, 5], [12, 6]]),
        ("closing_arr[1]", [[15, 5], [12, 6]]),
        ("arr[end, segment=smb]", [[30, 0], [7, 4]]),
        ("cash_min", [[1, 2], [9, -2]]),
        ("survives", [[1, 1], [1, 0]]),
        ("month_out_of_cash", [[INF, INF], [INF, 2]]),
        ("min(cash)", [[1, 2], [9, -2]]),
        ("max(cash[1:2])", [[5, 6], [9, 1]]),
        ("sum(cash[2:])", [[4, 8], [18, -4]]),
        ("avg(cash[:])", [[3, 4], [9, -1]]),
        ("max(arr[:2, segment=smb])", [[20, 0], [7, 2]]),
        ("net_new_arr[2]", [[10, 0], [0, 1]]),
        ("1.5", [[1.5, 1.5], [1.5, 1.5]]),
        ("cash[3] - 2 * arr[3, segment=smb] + 1", [[-56, 3], [-4, -9]]),
        ("-cash[3] * -(1 - 3)", [[-6, -4], [-18, 4]]),
        ("cash[3] / (cash[1] - 1)", [[0.75, 2 / 3], [1.125, NAN]]),
    ],
)
def test_a_quantity_has_a_value_in_each_future(quantity, values):
    np.testing.assert_allclose(sample(quantity), values)


def test_the_months_that_are_undefined_are_left_out_except_of_a_sum():
    """NRR has no value in the first 11 months."""
    retained = np.zeros((14, 1), int)
    retained[11:, 0] = [200, 120, 90]
    one = Futures(
        results(14, segments=["smb"], opening_arr=[100], closing_arr=[100], retained_arr=retained)
    )
    assert sample("min(nrr)", one) == [[pytest.approx(0.9)]]
    assert sample("max(nrr)", one) == [[pytest.approx(2.0)]]
    assert sample("avg(nrr)", one) == [[pytest.approx(4.1 / 3)]]
    assert np.isnan(sample("sum(nrr)", one)).all()
    for reduction in ("min", "max", "avg"):
        assert np.isnan(sample(f"{reduction}(nrr[1:11])", one)).all()


def test_metrics_of_a_stage_and_its_month_are_those_of_the_metrics():
    one = Futures(
        results(
            4,
            policy_stage=[0, 0, 1, 1],
            company_stage=[0, 1, 1, 1],
            channel_spend=[[100, 50], [300, 50], [800, 100], [800, 100]],
            new_logos=[[1, 1], [3, 1], [4, 0], [4, 1]],
            opening_cash=1_000,
            cash=[900, 600, 0, -800],
        )
    )
    assert sample("cac[stage=pre_pmf]", one) == [[500 / 6 / 100]]
    assert sample("cac[stage=early_growth, segment=smb]", one) == [[2.0]]
    assert sample("net_burn[stage=pre_pmf]", one) == [[2.0]]
    assert sample("month_of_stage[stage=early_growth]", one) == [[2]]
    assert sample("month_of_stage[stage=mature]", one) == [[INF]]


def test_a_difference_is_taken_future_by_future():
    other = books(cash=CASH[::-1])
    assert sample('diff(cash[1], "b")', futures(b=other)) == [[-4, 3], [4, -3]]
    assert sample('diff(2 * cash[1] - 1, "b") + cash[1]', futures(b=other)) == [[-3, 10], [17, -5]]
    assert sample('diff(arr[3, segment=smb], "b")', futures(b=other)) == [[0, 0], [0, 0]]


def test_a_longer_scenario_is_read_up_to_the_end_of_this_one():
    longer = results(5, draws=2, replications=2, cash=np.arange(5) * 100)
    assert sample('diff(cash[end], "b")', futures(b=longer)) == [[1, 0], [7, -4]]
    assert sample('diff(max(cash), "b")', futures(b=longer)) == [[3, 4], [7, -1]]


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (results(3, draws=3, replications=2), "b has 3 draws, this scenario 2"),
        (results(3, draws=2, replications=1), "b has 1 replications, this scenario 2"),
        (results(2, draws=2, replications=2), "b ends before this scenario"),
        (books().assign_attrs(seed=2), r"b differs from this scenario in seed \(None and 2\)"),
        (books().assign_attrs(currency="EUR"), r"in currency \(USD and EUR\)"),
    ],
)
def test_other_results_without_the_same_luck_are_refused(other, message):
    with pytest.raises(ResultsError, match=message):
        sample('diff(cash[1], "b")', futures(b=other))


def test_results_that_are_missing_or_too_short_are_refused():
    with pytest.raises(ResultsError, match="there are no results of b to compare with"):
        sample('diff(cash[1], "b")')
    for quantity in ("cash[4]", "min(cash[2:4])"):
        with pytest.raises(ResultsError, match="month 4 lies after the last month of the results"):
            sample(quantity)


@pytest.mark.parametrize("name", odds.MONTHLY)
def test_the_variables_that_a_metric_needs_are_enough_for_it(name):
    """What is left out of large results changes nothing."""
    whole = company(draws=3)
    needed = needed_by(odds.widest(name), whole)
    assert len(needed.data_vars) < len(whole.data_vars) / 3
    np.testing.assert_array_equal(odds.by_month(needed, name), odds.by_month(whole, name))


# Conditions


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("cash[1] >= 4", [[1, 1], [1, 0]]),
        ("cash[1] > 4", [[1, 0], [1, 0]]),
        ("cash[1] <= 4", [[0, 1], [0, 1]]),
        ("cash[1] < 4", [[0, 0], [0, 1]]),
        ("survives", [[1, 1], [1, 0]]),
        ("not survives", [[0, 0], [0, 1]]),
        ("insolvent[1]", [[0, 0], [0, 0]]),
        ("cash[1] > 4 and cash[3] > 3", [[0, 0], [1, 0]]),
        ("cash[1] < 4 or cash[3] >= 3", [[1, 0], [1, 1]]),
        # 1 / (cash[1] - 5) has no value in the first future
        ("1 / (cash[1] - 5) < 0", [[NAN, 1], [0, 1]]),
        ("0 > 1 / (cash[1] - 5)", [[NAN, 1], [0, 1]]),
        ("not 1 / (cash[1] - 5) < 0", [[NAN, 0], [1, 0]]),
        ("1 / (cash[1] - 5) < 0 and cash[2] > 2", [[0, 1], [0, 0]]),
        ("cash[2] < 2 or 1 / (cash[1] - 5) < 0", [[1, 1], [0, 1]]),
        ("1 / (cash[1] - 5) < 0 and cash[2] < 2", [[NAN, 0], [0, 1]]),
        ("1 / (cash[1] - 5) < 0 or cash[2] > 6", [[NAN, 1], [1, 1]]),
    ],
)
def test_a_condition_holds_fails_or_is_undefined_in_each_future(condition, holds):
    np.testing.assert_array_equal(events(condition), holds)


# Statistics


def paths(cash):
    """One draw per value, in currency, of one month."""
    amounts = np.asarray(cash, float)[:, None, None] * 100
    return Futures(results(1, draws=len(cash), cash=amounts.astype(int)))


def test_statistics_are_those_of_the_sample_with_their_intervals():
    of = paths(range(1, 41))
    values = np.arange(1.0, 41.0)[:, None]
    assert figure("mean(cash[1])", of) == (error.mean(values), 0.0, "")
    assert figure("p10(cash[1])", of) == (error.quantile(values, 0.1), 0.0, "")
    assert figure("prob(cash[1] > 30)", of) == (error.probability(values > 30), 0.0, "")
    assert figure("median(cash[1])", of, level=0.5).estimate == error.quantile(values, 0.5, 0.5)


def test_a_mean_of_a_flag_is_a_share_whose_error_is_known_even_if_all_are_alike():
    survived = figure("mean(survives)", paths([1] * 40))
    assert survived.estimate == error.probability(np.ones((40, 1)))
    assert survived.estimate.low < 0.95


@pytest.mark.parametrize("quantity", ["1 - survives", "survives * 1", "survives * insolvent[1]"])
def test_so_is_a_mean_of_what_is_calculated_from_flags(quantity):
    found = figure(f"mean({quantity})", paths([1] * 40)).estimate
    value = 1.0 if quantity == "survives * 1" else 0.0
    assert found == error.probability(np.full((40, 1), value))
    assert found.low < found.high


def test_a_mean_of_zeros_and_ones_is_a_share_whatever_it_is_of():
    happens = np.array([1.0] + [0.0] * 39)
    found = figure("mean(cash[1])", paths(happens))
    assert found.estimate == error.probability(happens[:, None])


@pytest.mark.parametrize("cash", [0, 1, 7])
def test_an_amount_that_is_alike_in_every_future_seen_has_a_mean_without_bounds(cash):
    found = figure("mean(cash[1])", paths([cash] * 40))
    assert found.estimate == (cash, -INF, INF)
    assert found.problem.startswith("is the same in every future seen")


def test_a_difference_that_is_alike_in_every_future_is_exact_unless_it_is_of_flags():
    of = Futures(paths([9] * 40).results, {"b.toml": paths([7] * 40).results})
    assert figure('mean(diff(cash[1], "b.toml"))', of).estimate == (2, 2, 2)
    never = error.probability(np.zeros((40, 1))).high
    assert figure('mean(diff(survives, "b.toml"))', of).estimate == (0, -never, never)
    beside = figure('mean(diff(cash[1], "b.toml") + cash[1])', of).estimate
    assert beside == (11, -INF, INF)


UNDEFINED_IN_A_FOURTH = "1 / (cash[1] - 1) * (cash[1] - 1)"  # 1 wherever it is defined
FOURTH = [1, 2, 3, 4] * 10


@pytest.mark.parametrize(
    ("sign", "share", "lowest", "highest"), [(">=", 0.75, -INF, 1), ("<", 1.0, 1, INF)]
)
def test_undefined_futures_count_against_the_expectation(sign, share, lowest, highest):
    of = paths(FOURTH)
    met = figure(f"prob({UNDEFINED_IN_A_FOURTH} > 0)", of, sign)
    assert (met.estimate.value, met.undefined) == (share, 0.25)
    assert figure(f"p10({UNDEFINED_IN_A_FOURTH})", of, sign).estimate.value == lowest
    assert figure(f"p90({UNDEFINED_IN_A_FOURTH})", of, sign).estimate.value == highest


def test_a_mean_of_what_is_undefined_in_some_futures_is_no_figure():
    found = figure(f"mean({UNDEFINED_IN_A_FOURTH})", paths(FOURTH))
    assert np.isnan(found.estimate).all()
    assert found.problem.startswith("is undefined in 25% of futures")


def test_a_mean_of_what_is_infinite_in_some_futures_is_no_figure_with_or_without_a_sign():
    for sign in (">", "<", None):
        found = figure("mean(month_out_of_cash)", futures(), sign)
        assert np.isnan(found.estimate).all()
        assert found.problem.startswith("is infinite in 75% of futures")


def test_without_an_expectation_undefined_futures_are_left_out():
    of = paths(FOURTH)
    for statistic in ("prob({} > 0)", "p10({})", "mean({})"):
        found = figure(statistic.format(UNDEFINED_IN_A_FOURTH), of, sign=None)
        assert (found.estimate.value, found.undefined) == (1.0, 0.25)


@pytest.mark.parametrize("statistic", ["prob({} > 0)", "p10({})", "mean({})"])
@pytest.mark.parametrize("sign", [">", "<", None])
def test_what_is_undefined_in_every_future_is_no_figure(statistic, sign):
    for of in (paths([1] * 20), paths([])):
        found = figure(statistic.format(UNDEFINED_IN_A_FOURTH), of, sign)
        assert np.isnan(found.estimate).all()
        assert found.problem == "is undefined in every future"


# The objective


def test_an_objective_weighs_arr_and_cash_and_counts_ruin_at_its_own_value():
    objective = Objective(arr_multiple=2.0, cash=0.5, ruin=-7.0)
    assert objective_of(books(), objective).tolist() == [[71.5, 11.0], [28.5, -7.0]]
    at_start = objective.model_copy(update={"month": 1})
    assert objective_of(books(), at_start).tolist() == [[32.5, 12.0], [28.5, 12.5]]


# From what was kept of results


@pytest.mark.parametrize(
    "text",
    [
        "mean(arr[end] - 2 * min(cash[1:2])) > 0",
        "p10(diff(arr[2, segment=smb] / cash[1], 'b')) > 0",
        "prob(survives and not max(cash) > arr[3] or diff(cash_min, 'b') < 1) > 0",
        "median(diff(arr[end], 'b') + arr[end]) > 0",
    ],
)
def test_what_is_kept_of_results_is_enough_to_judge_by(text):
    other = results(5, draws=2, replications=2, cash=np.arange(5) * 100, closing_arr=300)
    statistic = parse_expectation(text).statistic
    whole = Futures(books(), {"b": other})
    cut = {"": books(), "b": other.isel(month=slice(3))}
    sizes = {"draw": 2, "replication": 2}
    kept = {
        name: Kept({leaf: sample_of(leaf, Futures(one)) for leaf in leaves_of(statistic)}, sizes)
        for name, one in cut.items()
    }
    assert figure_of(statistic, Futures(kept[""], {"b": kept["b"]})) == figure_of(statistic, whole)
