"""Sweeps: the numbers of `simulate` at every point, kept through stops, failures and kills."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import gtmsim
from gtmsim.analysis import sweeping
from gtmsim.analysis.evaluating import Futures, sample_of
from gtmsim.analysis.points import points_of, read_design
from gtmsim.analysis.sweeping import STORE, prepare, run_sweep, store_of
from gtmsim.errors import CapacityError, Interrupted, ResultsError, ScenarioError
from gtmsim.expressions import parse_quantity
from gtmsim.report.sweep import swings_of
from gtmsim.results.zarr_store import read_store
from gtmsim.scenario.varying import read_variations
from gtmsim.statistics import error

PLAN = """
[scenario]
name = "Small"
start = 2026-03-01
months = 14

[company]
cash = "1M"
opening.customers.smb = { count = 12, age_months = { median = 6, p90 = 20 } }

[segments.smb]
motion = "self_service"
acv = { median = "1k", p90 = "3k" }
churn_per_year = { mean = { p10 = 0.2, p90 = 0.4 }, concentration = 4 }
contracts.annual = { share = 1, term_months = 12, billing = "monthly" }

[segments.late]
motion = "self_service"
opens.month = 3
acv = { median = "2k", p90 = "3k" }
churn_per_year = 0.2
contracts.annual = { share = 1, term_months = 12, billing = "monthly" }

[motions.self_service.stages.trial]
win_rate = { p10 = 0.2, p90 = 0.4 }
days = { median = 10, p90 = 30 }

[channels.search]
segments = { smb = 0.6, late = 0.4 }
organic_per_month = 6

[targets.grows]
metric = "closing_arr"
at_least = "25k"
by_month = 14
"""

HOW = {"draws": 4, "replications": 2, "seed": 7, "engine": "simpy"}
GRID = {"segments.late.opens.month": [1, 9], "company.cash": ["1M", "2M"]}


@pytest.fixture(scope="module")
def plan(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("plan") / "small.toml"
    path.write_text(PLAN, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def swept(plan) -> xr.Dataset:
    return gtmsim.sweep(plan, GRID, **HOW)


def prepared(plan, vary=GRID, design="grid", **changes):
    options = {"months": None, "workers": 1, "overrides": (), **HOW, **changes}
    return prepare(plan, vary, design=design, **options)


def at(results: xr.Dataset, point: int, output: str) -> np.ndarray:
    return results["sample"].isel(point=point).sel(output=output).to_numpy()


@pytest.mark.parametrize("point", range(4))
def test_a_point_has_the_numbers_of_a_simulation_with_its_values(plan, swept, point):
    where = swept.isel(point=point)
    overrides = [f"{name}={float(where[name])}" for name in GRID]
    overrides[0] = overrides[0].removesuffix(".0")
    results = gtmsim.simulate(gtmsim.load_scenario(plan, overrides), **HOW)
    arr = results["closing_arr"].isel(month=[11, 13]).sum("segment") / 100
    cash = results["cash"] / 100
    reached = (results["closing_arr"].sum("segment") >= 2_500_000).any("month")
    expected = {
        "arr[12]": arr.isel(month=0),
        "arr[14]": arr.isel(month=1),
        "cash_min": cash.min("month"),
        "cash[14]": cash.isel(month=-1),
        "survives": (results["insolvent"] == 0).all("month"),
        "targets.grows": reached,
    }
    assert list(swept["output"].values) == list(expected)
    for name, values in expected.items():
        np.testing.assert_array_equal(at(swept, point, name), values, err_msg=name)


def test_points_differ_in_what_is_varied_and_a_grid_has_every_combination(swept):
    assert swept["segments.late.opens.month"].values.tolist() == [1, 1, 9, 9]
    assert swept["company.cash"].values.tolist() == [1e6, 2e6, 1e6, 2e6]
    assert (at(swept, 0, "arr[14]") != at(swept, 2, "arr[14]")).any()


def test_the_same_luck_more_cash_is_that_much_more_cash_in_every_future(swept):
    more = at(swept, 1, "cash[14]") - at(swept, 0, "cash[14]")
    np.testing.assert_allclose(more, 1e6, rtol=1e-14)  # cents are no binary fractions
    np.testing.assert_array_equal(at(swept, 1, "arr[14]"), at(swept, 0, "arr[14]"))


@pytest.mark.parametrize("engine", ["simpy", "compiled"])
def test_engines_and_workers_do_not_change_a_number(plan, swept, engine):
    again = gtmsim.sweep(plan, GRID, **{**HOW, "engine": engine}, workers=2)
    np.testing.assert_array_equal(again["sample"], swept["sample"])


def test_points_of_other_lengths_and_targets_have_nothing_where_they_do_not_reach(plan):
    vary = {"scenario.months": [12, 14]}
    results = gtmsim.sweep(plan, vary, **HOW, overrides=["targets.grows.by_month=12"])
    assert np.isnan(at(results, 0, "arr[14]")).all()
    assert np.isfinite(at(results, 1, "arr[14]")).all()
    np.testing.assert_array_equal(at(results, 0, "arr[12]"), at(results, 1, "arr[12]"))


def test_a_value_is_varied_inside_each_overlay(plan, tmp_path):
    overlay = tmp_path / "over.toml"
    overlay.write_text('[company]\ncash = "9M"\n[scenario]\nmonths = 12', encoding="utf-8")
    expected = [(1e6, 12), (1e6, 14), (2e6, 12), (2e6, 14)]
    arguments = [f"plan=@,@{overlay}", "company.cash=1M,2M"]
    for vary in (arguments, arguments[::-1]):
        plans = prepared(plan, vary).plans
        told = [(p.scenario.company.cash, p.scenario.scenario.months) for p in plans]
        assert sorted(told) == expected


# --- designs ---------------------------------------------------------------------------------


def test_a_tornado_moves_one_value_at_a_time_from_the_scenario(plan):
    results = gtmsim.sweep(plan, GRID, design="tornado", **HOW)
    assert results["role"].values.tolist() == ["base", "low", "high", "low", "high"]
    assert results["segments.late.opens.month"].values.tolist() == [3, 1, 9, 3, 3]
    assert results["company.cash"].values.tolist() == [1e6, 1e6, 1e6, 1e6, 2e6]
    base = gtmsim.simulate(gtmsim.load_scenario(plan), **HOW)
    np.testing.assert_array_equal(at(results, 0, "cash[14]"), base["cash"].isel(month=-1) / 100)


def test_swings_are_paired_differences_sorted_by_size(plan):
    results = gtmsim.sweep(plan, GRID, design="tornado", **HOW)
    outputs = list(results["output"].values)
    cash = swings_of(results, outputs.index("cash[14]"))
    assert [swing.name for swing in cash] == ["company.cash", "segments.late.opens.month"]
    assert cash[0].swing == pytest.approx((1e6, 1e6, 1e6), rel=1e-14)  # the same in every future
    arr = swings_of(results, outputs.index("arr[14]"))
    assert [swing.name for swing in arr] == ["segments.late.opens.month", "company.cash"]
    assert arr[1].swing.value == 0
    paired = error.mean(at(results, 2, "arr[14]") - at(results, 1, "arr[14]"))
    assert arr[0].swing == paired
    assert arr[0].swing.value == pytest.approx(arr[0].at_high.value - arr[0].at_low.value)


def test_a_latin_hypercube_takes_every_part_of_each_range_once():
    variations = read_variations(["company.cash=0:10", "teams.ae.reps=1:10"])
    points = points_of(variations, read_design("lhs:10"), 1)
    cash, reps = zip(*([level.label for level in point.levels] for point in points), strict=True)
    np.testing.assert_array_equal(np.sort(np.floor(cash)), np.arange(10))
    np.testing.assert_array_equal(np.sort(reps), np.arange(1, 11))
    assert points == points_of(variations, read_design("lhs:10"), 1)
    assert points != points_of(variations, read_design("lhs:10"), 2)


def test_sobol_points_of_a_longer_design_begin_with_the_shorter_one():
    variations = read_variations(["company.cash=0:10", "x=a,b"])
    few, many = (points_of(variations, read_design(f"sobol:{n}"), 1) for n in (6, 11))
    assert many[:6] == few


@pytest.mark.parametrize("text", ["grd", "lhs", "lhs:0", "lhs:-1", "sobol:x", "grid:3", ""])
def test_a_wrong_design_is_told(text):
    with pytest.raises(ScenarioError, match="lhs:N or sobol:N, with N from 1 to 5,000; got"):
        read_design(text)


def test_too_many_points_and_none_at_all_are_told():
    many = read_variations([f"x{n}=1:10:10" for n in range(4)])
    with pytest.raises(ScenarioError, match=r"has 10,000 points; at most 5,000"):
        points_of(many, read_design("grid"), 1)
    with pytest.raises(ScenarioError, match="needs something to vary"):
        points_of((), read_design("grid"), 1)


# --- what is asked of a future ---


def test_numbers_of_a_future_are_kept_as_expectations_write_them(plan):
    texts = ["cash[end] / arr[12]", "arr[6, segment=late]", "min(cash[2:4])", "survives"]
    asked = gtmsim.sweep(plan, GRID, **HOW, outputs=[*texts, "survives"])
    assert list(asked["output"].values) == texts
    assert list(asked["unit"].values) == ["multiple", "money", "money", "event"]
    overrides = ["segments.late.opens.month=9", "company.cash=1M"]
    results = gtmsim.simulate(gtmsim.load_scenario(plan, overrides), **HOW)
    for text in texts:
        expected = sample_of(parse_quantity(text), Futures(results))
        np.testing.assert_array_equal(at(asked, 2, text), expected)


def test_a_segment_that_a_point_lacks_has_no_arr(plan):
    overlay = plan.with_name("without.toml")
    overlay.write_text(
        'segments.late = "unset"\nchannels.search.segments = { smb = 1, late = "unset" }\n'
    )
    asked = gtmsim.sweep(plan, [f"plan=@,@{overlay}"], **HOW, outputs=["arr[14, segment=late]"])
    assert (at(asked, 0, "arr[14, segment=late]") > 0).any()
    assert (at(asked, 1, "arr[14, segment=late]") == 0).all()


def test_every_problem_of_numbers_that_are_asked_for_is_told(plan):
    with pytest.raises(ScenarioError) as caught:
        prepared(plan, outputs=["arr[15]", "arrr[1]", "diff(arr[1], 'b.toml')"])
    assert len(caught.value.problems) == 3
    with pytest.raises(ScenarioError, match="Nothing is asked"):
        prepared(plan, outputs=[])
    with pytest.raises(TypeError, match="one text"):
        prepared(plan, outputs="arr[12]")


# --- before anything runs --------------------------------------------------------------------


def never(*args, **kwargs):
    raise AssertionError("simulated")


def test_every_problem_of_every_point_is_told_once_before_anything_runs(plan, monkeypatch):
    monkeypatch.setattr(sweeping, "work_of", never)
    vary = ["segments.smb.churn_per_year=0.1,1.5", "segments.smbb.acv=1:2", "company.csh=1:9:9"]
    with pytest.raises(ScenarioError) as caught:
        gtmsim.sweep(plan, vary, **HOW)
    told = [problem.message for problem in caught.value.problems]
    assert sorted(told) == ["does not exist", "is not a known key", "must lie in [0, 1]; got 1.5"]
    assert all(str(p).startswith(f"--vary {v}") for p, v in zip(
        sorted(caught.value.problems, key=lambda p: p.path), sorted(vary), strict=True
    ))  # fmt: skip


def test_a_problem_of_values_that_do_not_go_together_names_the_point(plan):
    vary = ["scenario.months=6,14", "company.cash=1:2:2"]
    with pytest.raises(ScenarioError) as caught:
        prepared(plan, ["segments.late.motion=self_service,other", *vary])
    (found,) = caught.value.problems
    assert "other" in str(found)


def test_a_switch_must_not_have_a_name_of_the_sweeps_own(plan):
    overlay = plan.with_name("over.toml")
    overlay.write_text("[company]\ncash = 3", encoding="utf-8")
    with pytest.raises(ScenarioError, match="is a name of the sweep itself"):
        prepared(plan, [f"draw=@,@{overlay}"])
    assert len(prepared(plan, [f"funding=@,@{overlay}"]).plans) == 2


# --- what is kept ----------------------------------------------------------------------------


def count_works(monkeypatch) -> list:
    made = []
    real = sweeping.work_of
    monkeypatch.setattr(sweeping, "work_of", lambda *args: made.append(args) or real(*args))
    return made


def test_a_finished_sweep_is_not_simulated_again(plan, swept, tmp_path, monkeypatch):
    gtmsim.sweep(plan, GRID, **HOW, out=tmp_path / "s")
    made = count_works(monkeypatch)
    progress = []
    again = gtmsim.sweep(plan, GRID, **HOW, out=tmp_path / "s", progress=progress.append)
    assert made == []
    assert progress == []
    np.testing.assert_array_equal(again["sample"], swept["sample"])


def test_a_stopped_sweep_goes_on_where_it_was(plan, swept, tmp_path, monkeypatch):
    sweep = prepared(plan)

    def stop_after_two(done):
        if done == 16:
            raise Interrupted("Ctrl-C")

    told = r"Stopped; 2 of 4 points are kept in .*s\. The same command goes on"
    with pytest.raises(Interrupted, match=told):
        run_sweep(sweep, tmp_path / "s", progress=stop_after_two)
    made = count_works(monkeypatch)
    progress = []
    results = run_sweep(sweep, tmp_path / "s", progress=progress.append)
    assert len(made) == 2
    assert progress[-1] == 16
    np.testing.assert_array_equal(results["sample"], swept["sample"])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"seed": 8}, "seed is 7 there and 8 here"),
        ({"draws": 5}, "draws is 4 there and 5 here"),
        ({"overrides": ("segments.late.acv=7k",)}, "the scenario differs"),
        ({"vary": {**GRID, "company.cash": [1, 2]}}, "the points differs"),
        ({"design": "tornado"}, "the points differs; design is"),
        ({"engine": "compiled"}, 'engine is "simpy" there'),
    ],
)
def test_a_folder_of_another_sweep_is_refused_with_what_differs(plan, tmp_path, changes, told):
    sweep = prepared(plan)
    store_of(sweep, tmp_path)
    other = prepared(plan, **changes)
    with pytest.raises(ResultsError, match=f"holds something else: .*{told}"):
        store_of(other, tmp_path)
    assert other.folder_name("small") != sweep.folder_name("small")
    assert prepared(plan).folder_name("small") == sweep.folder_name("small")


def test_a_changed_overlay_makes_another_sweep(plan, tmp_path):
    overlay = tmp_path / "over.toml"
    names = set()
    for cash in ("1M", "3M"):
        overlay.write_text(f'[company]\ncash = "{cash}"', encoding="utf-8")
        names.add(prepared(plan, [f"funding=@,@{overlay}"]).folder_name("small"))
    assert len(names) == 2


def failing_at(monkeypatch, cash: float, problem: Exception) -> None:
    """Let the points of a cash position fail."""
    real = sweeping.work_of

    def work_of(plan, how):
        work = real(plan, how)
        if plan.scenario.company.cash != cash:
            return work

        def fail(rectangle, stop):
            raise problem

        return work._replace(task=fail)

    monkeypatch.setattr(sweeping, "work_of", work_of)


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (CapacityError("too many customers"), "too many customers"),
        (ZeroDivisionError("in the engine"), "ZeroDivisionError: in the engine"),
    ],
)
def test_a_point_that_fails_is_told_and_the_others_are_not_lost(
    plan, swept, tmp_path, monkeypatch, problem, told
):
    progress = []
    with monkeypatch.context() as broken:
        failing_at(broken, 2e6, problem)
        results = gtmsim.sweep(plan, GRID, **HOW, out=tmp_path, progress=progress.append)
    assert results["failure"].values.tolist() == ["", told, "", told]
    assert np.isnan(results["sample"].isel(point=[1, 3])).all()
    assert progress[-1] == 32
    np.testing.assert_array_equal(results["sample"][0::2], swept["sample"][0::2])
    mended = gtmsim.sweep(plan, GRID, **HOW, out=tmp_path)
    np.testing.assert_array_equal(mended["sample"], swept["sample"])


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_sweep_that_is_killed_loses_no_finished_point(plan, tmp_path):
    vary = ["--vary", "company.cash=1M:2M:16"]
    few = ["--draws", "4", "--engine", "simpy", "--seed", "7", "--out", "s", "-q"]
    words = [sys.executable, "-m", "gtmsim", "sweep", str(plan), *vary, *few, "--format", "csv"]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE) as process:
        await_points(tmp_path / "s", 3)
        process.send_signal(signal.SIGKILL)
    done = read_store(tmp_path / "s" / STORE).done()
    assert 3 <= done.sum() < 16
    before = {
        file: file.stat().st_mtime_ns
        for number in np.flatnonzero(done)
        for file in (tmp_path / "s" / STORE / "sample" / "c" / str(number)).rglob("*")
    }
    finished = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert before
    assert all(file.stat().st_mtime_ns == changed for file, changed in before.items())
    at_once = gtmsim.sweep(plan, vary[1::2], draws=4, seed=7, engine="simpy")
    kept = read_store(tmp_path / "s" / STORE)
    for number in range(16):
        np.testing.assert_array_equal(kept.read(number)["sample"], at_once["sample"][number])
    assert finished.stdout.count("\n") == 1 + 16 * (4 * 4 + 2)


def await_points(folder: Path, n: int) -> None:
    deadline = time.monotonic() + 120
    while not (folder / STORE).exists() or read_store(folder / STORE).done().sum() < n:
        assert time.monotonic() < deadline
        time.sleep(0.02)
