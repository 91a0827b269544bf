"""Comparing plans: same luck or refused, exact where worked by hand, as the mathematics below."""

import re

import numpy as np
import pytest
import xarray as xr

from gtmsim.analysis.comparing import compare, default_outputs
from gtmsim.analysis.evaluating import STANDARD, Futures, objective_of, sample_in, sample_of
from gtmsim.analysis.information import value_of_information
from gtmsim.analysis.pairing import aligned
from gtmsim.errors import AnalysisError, ResultsError, ScenarioError
from gtmsim.expressions import parse_quantity
from gtmsim.scenario.models import Objective
from gtmsim.statistics import decision, paired
from tests.report.companies import company


def plan(**more) -> xr.Dataset:
    """A company without uncertain inputs."""
    results = company(**more)
    nothing = np.empty((results.sizes["draw"], 0))
    return results.assign(inputs=(("draw", "input"), nothing)).assign_coords(input=[])


BASE = plan()


def richer(results: xr.Dataset, arr: float = 10_000.0, cash: float = 0.0) -> xr.Dataset:
    """The same futures with more ARR and cash, in currency, in every month."""
    more = results.copy()
    more["closing_arr"] = results["closing_arr"] + int(100 * arr)
    more["cash"] = results["cash"] + int(100 * cash)
    return more


def test_a_difference_that_is_the_same_in_every_future_is_exact():
    found = compare({"a": BASE, "b": richer(BASE)}, outputs=["arr[12]", "cash[end]"])
    assert found["difference"].sel(rival="b", output="arr[12]").to_numpy() == pytest.approx(20_000)
    assert (found["difference"].sel(output="cash[end]") == 0).all()
    assert found["better"].sel(output="arr[12]", bound="value") == 1.0
    assert found["better"].sel(output="cash[end]", bound="value") == 0.5
    assert np.isinf(found["variance_reduction"].sel(output="arr[12]", bound="value"))


def test_figures_are_those_of_the_mathematics_on_the_same_samples():
    other = plan(fails=True)
    outputs = ["arr[end]", "cash_min"]
    found = compare({"a": BASE, "b": other}, outputs=outputs)
    for output in outputs:
        quantity = parse_quantity(output)
        samples = [sample_of(quantity, Futures(one)) for one in (BASE, other)]
        expected = paired.compare(*samples)
        for name in ("difference", "p5", "p50", "p95", "better", "variance_reduction"):
            assert found[name].sel(rival="b", output=output).to_numpy() == pytest.approx(
                np.array(getattr(expected, name)), nan_ok=True
            )
    worth = np.array([objective_of(one, STANDARD) for one in (BASE, other)])
    made = decision.decide(worth)
    assert found["evpi"] == made.information.evpi.value
    assert found["regret"].to_numpy() == pytest.approx([one.value for one in made.regret])


def test_the_dearer_plan_is_worse_where_less_is_better():
    other = BASE.copy()
    other["channel_spend"] = BASE["channel_spend"] * 3 + 1_000
    found = compare({"a": BASE, "b": other}, outputs=["cac[end]"])
    assert found["difference"].sel(output="cac[end]", bound="low") > 0
    assert found["better"].sel(output="cac[end]", bound="value") == 0.0


def test_what_has_no_better_is_told_without_odds_of_it():
    found = compare({"a": BASE, "b": richer(BASE)}, outputs=["arr[12] - cash[12]", "0 - arr[12]"])
    assert found["better"].sel(output="arr[12] - cash[12]").isnull().all()
    assert found["better"].sel(output="0 - arr[12]", bound="value") == 1.0


def test_the_objective_decides():
    options = {"arr": richer(BASE, arr=1e6), "cash": richer(BASE, arr=0.0, cash=3e6)}
    by_arr = compare(options, Objective(arr_multiple=5.0))
    by_cash = compare(options, Objective(arr_multiple=1.0))
    assert np.argmax(by_arr["expected"].sel(bound="value").to_numpy()) == 0
    assert np.argmax(by_cash["expected"].sel(bound="value").to_numpy()) == 1
    assert by_arr["regret"].sel(option="cash") == pytest.approx(2 * 5e6 - 3e6)
    assert by_arr["evpi"] == 0.0
    assert by_arr["dominance_1"].sel(option="arr", other="cash") == "dominates"
    assert by_arr["dominance_1"].sel(option="cash", other="arr") == "does not dominate"


def test_a_useless_input_is_not_worth_knowing_and_the_deciding_one_is():
    rng = np.random.default_rng(3)
    n = 400
    base = company(draws=n)
    swing = rng.normal(size=n)
    inputs = xr.DataArray(
        np.stack([swing, rng.normal(size=n)], axis=1),
        dims=("draw", "input"),
        coords={"input": ["decides", "useless"]},
    )
    base = base.assign(inputs=inputs)
    other = base.copy()
    shift = xr.DataArray((swing * 1e8).astype(np.int64), dims="draw")
    other["cash"] = base["cash"] + shift
    found = compare({"a": base, "b": other}, outputs=["cash[end]"])
    # one option is worth N(0, sd) more: E max(0, X) = sd / sqrt(2 pi)
    expected = 1e6 / np.sqrt(2.0 * np.pi)
    decides = found.sel(input="decides")
    assert abs(float(decides["evppi"]) - expected) < 3 * float(decides["evppi_error"])
    assert float(found["evppi"].sel(input="useless")) < 0.1 * expected


def test_intervals_of_several_rivals_are_wider_than_of_one():
    rivals = {name: plan(fails=True, draws=40 + n) for n, name in enumerate("abcd")}
    found = compare({"base": BASE, **rivals}, outputs=["cash[end]"])
    alone, joint = (
        found[name].sel(output="cash[end]") for name in ("difference", "joint_difference")
    )
    width = joint.sel(bound="high") - joint.sel(bound="low")
    assert (width >= alone.sel(bound="high") - alone.sel(bound="low")).all()


@pytest.mark.parametrize(
    ("attribute", "value", "told"),
    [
        ("seed", 2, r"seed \(1 and 2\)"),
        ("months", 36, "months"),
        ("gtmsim_version", "9", "version"),
    ],
)
def test_results_that_do_not_belong_together_are_refused(attribute, value, told):
    other = BASE.assign_attrs({attribute: value})
    base = BASE.assign_attrs(seed=1)
    with pytest.raises(ResultsError, match=told):
        compare({"a": base, "b": other if attribute == "seed" else other.assign_attrs(seed=1)})


@pytest.mark.parametrize(
    ("outputs", "told"),
    [
        (["ar[end]"], "Did you mean `arr`"),
        (["arr"], "is a figure of every month"),
        (["arr[99]"], "lies after the last simulated month"),
        (["arr[end, segment=nobody]"], "there is no segment `nobody`"),
        (["diff(arr[end], 'b.toml')"], "compares with another scenario"),
    ],
)
def test_outputs_that_mean_nothing_are_told_as_on_the_command_line(outputs, told):
    with pytest.raises(ScenarioError, match=re.escape(told)):
        compare({"a": BASE, "b": BASE}, outputs=outputs)
    with pytest.raises(TypeError, match="got one text"):
        compare({"a": BASE, "b": BASE}, outputs="arr[end]")


def test_the_objective_that_plans_state_is_taken_and_different_ones_are_refused():
    def stating(table):
        one = BASE.copy()
        one.attrs["scenario"] = f"{BASE.attrs['scenario']}\n[objective]\n{table}\n"
        return one

    states = {"a": stating("arr_multiple = 2.0"), "b": BASE}
    chosen = {"a": BASE, "b": BASE}
    expected = compare(chosen, Objective(arr_multiple=2.0))["expected"]
    assert compare(states)["expected"].equals(expected)
    assert not compare(chosen)["expected"].equals(expected)
    with pytest.raises(ResultsError, match="a and b state different objectives"):
        compare({"a": states["a"], "b": stating("arr_multiple = 3.0")})
    assert value_of_information(states)["evpi"] == 0.0


def test_one_plan_is_no_comparison():
    with pytest.raises(AnalysisError, match="at least two"):
        compare({"a": BASE})


def test_of_different_numbers_of_draws_those_that_all_have_count():
    few = plan(draws=10)
    cut = aligned({"a": BASE, "b": few})
    assert [one.sizes["draw"] for one in cut] == [10, 10]
    assert cut[0].equals(BASE.isel(draw=slice(10)))


def test_a_segment_that_a_plan_lacks_has_no_arr():
    one = BASE.isel(segment=[0])
    name = str(BASE["segment"].to_numpy()[1])
    found = compare({"a": one, "b": BASE}, outputs=[f"arr[end, segment={name}]"])
    whole = sample_of(parse_quantity(f"arr[end, segment={name}]"), Futures(BASE))
    assert found["difference"].sel(bound="value") == pytest.approx(whole.mean())


def test_a_segment_that_a_plan_lacks_is_missing_in_its_own_place_only():
    one = BASE.isel(segment=[0])
    name = str(BASE["segment"].to_numpy()[1])
    for written in (f"arr[end] - arr[end, segment={name}]", f"max(arr[segment={name}]) + arr[end]"):
        assert sample_in(parse_quantity(written), one).tolist() == (
            sample_of(parse_quantity("arr[end]"), Futures(one)).tolist()
        )
    assert np.isnan(sample_in(parse_quantity(f"arr[end] + nrr[end, segment={name}]"), one)).all()


def test_by_default_arr_and_cash_of_each_year_are_compared():
    assert default_outputs(BASE)[:4] == ["arr[12]", "arr[24]", "cash[12]", "cash[24]"]
    assert "survives" in default_outputs(BASE)


def test_every_figure_says_what_it_is():
    found = compare({"a": BASE, "b": richer(BASE)})
    assert all(variable.attrs["long_name"] for variable in found.data_vars.values())
