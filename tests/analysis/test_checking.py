"""`gtmsim.check`: the verdicts of `gtmsim run --check`, as labelled arrays."""

import pytest

import gtmsim
from gtmsim.analysis.evaluating import Futures, figure_of
from gtmsim.errors import ScenarioError, SimulationError
from gtmsim.expressions import parse_expectation
from gtmsim.simulation import api
from tests.analysis.test_judging import EXPECTED
from tests.analysis.test_sweeping import PLAN

HOW = {"draws": 8, "replications": 2, "seed": 7, "engine": "simpy", "max_draws": 16}


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "small.toml"
    made.write_text(PLAN + EXPECTED)
    made.with_name("other.toml").write_text(PLAN.replace('cash = "1M"', 'cash = "1.5M"'))
    return made


def test_every_check_has_its_verdict_and_the_figure_that_led_to_it(path):
    found = gtmsim.check(path, **HOW)
    first = "mean(diff(cash[end], 'other.toml')) > 0"
    assert list(found["check"].values) == [first, "Enough", "Close"]
    assert list(found["verdict"].values[:2]) == ["breach", "breach"]
    assert list(found["fails"].values) == [True, True, False]
    assert (found.attrs["outcome"], found.attrs["exit_code"]) == ("breach", 3)
    close = found.sel(check="Close")
    how = {"draws": int(close["draws"]), "replications": 2, "seed": 7, "engine": "simpy"}
    results = gtmsim.simulate(gtmsim.load_scenario(path), **how)
    statistic = parse_expectation(str(close["that"].item())).statistic
    expected = figure_of(statistic, Futures(results), float(close["interval_level"]), ">")
    assert tuple(close["figure"].values) == expected.estimate
    assert close["threshold"] == -8e3
    assert all(variable.attrs["long_name"] for variable in found.data_vars.values())


def test_a_policy_that_is_none_is_refused_before_anything_runs(path):
    with pytest.raises(SimulationError, match="inconclusive must be 'fail' or 'warn'; got 'zz'"):
        gtmsim.check(path, **HOW, inconclusive="zz")


def test_overrides_and_length_are_those_of_the_run(path):
    rich = gtmsim.check(path, overrides=["company.cash=2M"], months=12, **HOW)
    assert list(rich["verdict"].values[:2]) == ["pass", "pass"]


def test_a_scenario_is_judged_as_its_file_is(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    scenario = gtmsim.load_scenario(path)
    assert gtmsim.check(scenario, **HOW).identical(gtmsim.check(path, **HOW))


def test_a_precision_needs_no_expectations(path):
    path.write_text(PLAN)
    found = gtmsim.check(path, precision="mean(arr[end]) +- 1M", **HOW)
    assert list(found["verdict"].values) == ["pass"]
    with pytest.raises(ScenarioError, match=r"has no \[\[expect\]\]"):
        gtmsim.check(path, **HOW)


def test_a_simulation_that_fails_is_an_error_of_every_check(path, monkeypatch):
    def fail(*args):
        raise SimulationError("a worker died")

    monkeypatch.setattr(api, "work_of", fail)
    found = gtmsim.check(path, **HOW)
    assert set(found["verdict"].values) == {"error"}
    assert set(found["reason"].values) == {"a worker died"}
    assert found.attrs["exit_code"] == 5
