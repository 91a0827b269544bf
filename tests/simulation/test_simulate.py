"""From a scenario to results, by either engine."""

import json
import shutil
import tempfile
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import gtmsim
from gtmsim.errors import ResultsError, ScenarioError, SimulationError
from gtmsim.results.provenance import overrides_of
from gtmsim.simulation import api

SMALL = """
[scenario]
name = "Small"
start = 2026-03-01
months = 3
currency = "EUR"

[company]
cash = "1M"
opening.customers.smb = { count = 40, age_months = { median = 6, p90 = 20 } }

[segments.smb]
motion = "self_service"
acv = { median = "1k", p90 = "3k" }
churn_per_year = { mean = { p10 = 0.2, p90 = 0.4 }, concentration = 4 }
contracts.monthly = { share = 1, term_months = 1, billing = "monthly" }

[motions.self_service.stages.trial]
win_rate = { p10 = 0.2, p90 = 0.4 }
days = { median = 10, p90 = 30 }

[channels.search]
segments = { smb = 1.0 }
organic_per_month = 60
"""


@pytest.fixture(scope="module")
def scenario(tmp_path_factory) -> gtmsim.Scenario:
    path = tmp_path_factory.mktemp("scenario") / "small.toml"
    path.write_text(SMALL, encoding="utf-8")
    return gtmsim.load_scenario(path)


@pytest.fixture(scope="module")
def results(scenario, tmp_path_factory) -> xr.Dataset:
    out = tmp_path_factory.mktemp("results") / "small"
    return gtmsim.simulate(scenario, draws=6, replications=2, seed=7, out=out).load()


def test_both_engines_give_identical_numbers(scenario, results):
    by_simpy = gtmsim.simulate(scenario, draws=6, replications=2, seed=7, engine="simpy")
    assert by_simpy.attrs["engine"] == "simpy"
    xr.testing.assert_identical(by_simpy.load().assign_attrs(engine="compiled"), results)


def test_the_simpy_engine_runs_in_processes_with_the_same_numbers(scenario, results):
    options = {"draws": 6, "replications": 2, "seed": 7, "engine": "simpy", "workers": 2}
    again = gtmsim.simulate(scenario, **options)
    xr.testing.assert_equal(again.load(), results)


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_do_not_change_a_number(scenario, results, workers):
    again = gtmsim.simulate(scenario, draws=6, replications=2, seed=7, workers=workers)
    xr.testing.assert_identical(again.load(), results)


def test_more_draws_and_replications_leave_the_first_ones_as_they_were(scenario, results):
    more = gtmsim.simulate(scenario, draws=9, replications=3, seed=7)
    first = more.isel(draw=slice(6), replication=slice(2)).load()
    xr.testing.assert_equal(first.drop_vars("inputs"), results.drop_vars("inputs"))
    np.testing.assert_array_equal(first["inputs"], results["inputs"])


def test_draws_differ_in_their_inputs_and_replications_in_their_luck(results):
    inputs = results["inputs"].sel(input="motions.self_service.stages.trial.win_rate")
    assert len(np.unique(inputs)) == 6
    arr = results["closing_arr"].isel(month=-1, segment=0)
    assert (arr.isel(replication=0) != arr.isel(replication=1)).any()


def test_the_arr_bridge_closes_from_the_opening_position_on(results):
    movement = (
        results["new_arr"]
        + results["reactivated_arr"]
        + results["expansion_arr"]
        - results["contraction_arr"]
        - results["churned_arr"]
        - results["ceased_arr"]
    )
    closing = results["opening_arr"] + movement.cumsum("month")
    np.testing.assert_array_equal(
        closing.transpose(*results["closing_arr"].dims), results["closing_arr"]
    )
    assert (results["opening_arr"] > 0).all()


def test_a_shorter_simulation_is_the_beginning_of_the_longer_one(scenario, results):
    shorter = gtmsim.simulate(scenario, draws=6, replications=2, seed=7, months=2)
    assert shorter.attrs["months"] == 2
    assert "months = 2" in shorter.attrs["scenario"]
    np.testing.assert_array_equal(
        shorter["closing_arr"], results["closing_arr"].isel(month=slice(2))
    )


def test_results_carry_the_calendar_and_currency_of_the_scenario(results):
    assert str(results["date"].values[0])[:10] == "2026-03-31"
    assert gtmsim.convert_units(results["cash"]).attrs["units"] == "EUR"


def test_the_summary_is_made_from_the_results_before_anything_is_replaced(scenario, tmp_path):
    gtmsim.simulate(
        scenario,
        draws=2,
        out=tmp_path / "small",
        summarise=lambda r: {"customers": r["closing_customers"].isel(month=-1).mean()},
    )
    summary = json.loads((tmp_path / "small" / "summary.json").read_text())
    assert summary["customers"] > 0
    assert summary["provenance"]["title"] == "Small"
    before = {path.name: path.read_bytes() for path in (tmp_path / "small").iterdir()}

    def fails(results):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        gtmsim.simulate(scenario, draws=3, out=tmp_path / "small", summarise=fails)
    assert {p.name: p.read_bytes() for p in (tmp_path / "small").iterdir()} == before


def test_the_kept_scenario_simulates_to_the_same_file(scenario, tmp_path):
    gtmsim.simulate(scenario, draws=2, out=tmp_path / "first")
    again = gtmsim.load_scenario(tmp_path / "first" / "scenario.toml")
    gtmsim.simulate(again, draws=2, out=tmp_path / "second")
    files = [tmp_path / run / "results.nc" for run in ("first", "second")]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_without_a_folder_nothing_stays_on_the_disk(scenario, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    results = gtmsim.simulate(scenario, draws=2)
    assert results["closing_arr"].values.any()
    del results
    assert list(tmp_path.iterdir()) == []


# --- refused before anything is simulated ------------------------------------------------------


@pytest.fixture
def no_engine(monkeypatch):
    """Fails if an engine is asked for."""

    def refuse(module):
        pytest.fail("the simulation would have started")

    monkeypatch.setattr(api, "import_module", refuse)


def _free(monkeypatch, free: int) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(free, 0, free))


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize("saved", [True, False])
def test_a_million_replications_on_a_small_disk_are_refused_with_both_sizes(
    scenario, tmp_path, monkeypatch, saved
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    _free(monkeypatch, 1 << 28)
    out = tmp_path / "plan" if saved else None
    with pytest.raises(ResultsError, match=r"may take .* MB, and .* has 268\.4 MB free"):
        gtmsim.simulate(scenario, draws=1_000_000, replications=1, out=out)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"draws": 0}, r"draws must lie in \[1, 4294967295\]; got 0"),
        ({"replications": -1}, "replications must lie"),
        ({"seed": -1}, "seed must lie"),
        ({"seed": 2**64}, "seed must lie"),
        ({"workers": 0}, "workers must lie"),
        ({"seed": 1.5}, r"seed must be a whole number; got 1\.5"),
        ({"draws": "5"}, "draws must be a whole number; got '5'"),
        ({"draws": 2.5}, r"draws must be a whole number; got 2\.5"),
        ({"replications": True}, "replications must be a whole number; got True"),
        ({"engine": "fast"}, "engine must be one of compiled, simpy; got 'fast'"),
    ],
)
def test_a_number_out_of_range_is_refused_by_name(scenario, options, message):
    with pytest.raises(SimulationError, match=message):
        gtmsim.simulate(scenario, **options)


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize("months", [0, -3, 601])
def test_a_length_out_of_range_is_a_problem_of_the_scenario(scenario, months):
    with pytest.raises(ScenarioError, match=r"scenario.months must lie in \[1, 600\]"):
        gtmsim.simulate(scenario, months=months)


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize("months", [1.5, "6"])
def test_a_length_that_is_no_whole_number_is_told(scenario, months):
    with pytest.raises(ScenarioError, match=r"scenario.months must be a whole number; got"):
        gtmsim.simulate(scenario, months=months)


@pytest.mark.usefixtures("no_engine")
def test_a_file_in_the_way_is_told_before_the_simulation(scenario, tmp_path):
    (tmp_path / "plan").write_text("mine")
    with pytest.raises(ResultsError, match="is a file"):
        gtmsim.simulate(scenario, out=tmp_path / "plan")


def test_the_refusals_come_before_an_engine_is_asked_for(scenario, no_engine):
    with pytest.raises(pytest.fail.Exception, match="would have started"):
        gtmsim.simulate(scenario, draws=1)


def test_paths_may_be_text(scenario, tmp_path):
    gtmsim.simulate(scenario, draws=1, replications=1, out=str(tmp_path / "plan"))
    assert gtmsim.open_results(str(tmp_path / "plan")).sizes["draw"] == 1
    assert (Path(tmp_path) / "plan" / "results.nc").exists()


def test_only_a_scenario_can_be_simulated():
    with pytest.raises(TypeError, match=r"wants a Scenario, as from load_scenario.*; got a str"):
        gtmsim.simulate("plan.toml")


def test_results_tell_the_overrides_only_where_there_are_any(scenario, results):
    told = gtmsim.simulate(scenario, draws=1, replications=1, engine="simpy", overrides=["a=1"])
    assert overrides_of(told.attrs) == ("a=1",)
    assert "overrides" not in results.attrs
