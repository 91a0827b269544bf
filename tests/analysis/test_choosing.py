"""What to find out before a point of a sweep is chosen: the same as before a plan is."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import gtmsim
from gtmsim.analysis.choosing import worth_knowing
from gtmsim.analysis.information import UNTOLD
from gtmsim.analysis.sweeping import prepare, run_sweep
from gtmsim.statistics.decision import decide
from tests.cli.scenarios import tiny

DRAWS, REPLICATIONS = 64, 2
REPS = "teams.ae.reps"
CHURN = "segments.smb.churn_per_year"
CLOSE = (
    "channels.content.organic_per_month=60", "company.cash=20M", "teams.ae.base_per_year=1900k",
    f"{CHURN}={{ p10 = 0.05, p90 = 0.9 }}",
)  # fmt: skip
"""A second seller pays where customers stay, and does not where they leave."""


def known(folder: Path, vary: list[str], design: str = "grid", draws: int = DRAWS, **more):
    prepared = prepare(
        tiny(folder), vary, design=design, draws=draws, replications=REPLICATIONS, seed=1,
        months=None, workers=1, engine="compiled", overrides=CLOSE, **more,
    )  # fmt: skip
    return worth_knowing(prepared, run_sweep(prepared, folder / "sweep"))


def test_it_is_that_of_a_choice_between_the_same_plans(tmp_path):
    """Points and plans are simulated apart, and judged by the same objective."""
    found = known(tmp_path, [f"{REPS}=1,2"])
    plans = {
        str(n): gtmsim.simulate(
            gtmsim.load_scenario(tmp_path / "tiny.toml", [*CLOSE, f"{REPS}={n}"]),
            draws=DRAWS, replications=REPLICATIONS, seed=1,
        )
        for n in (1, 2)
    }  # fmt: skip
    other = gtmsim.value_of_information(plans)
    assert [*found["input"].values] == [*other["input"].values]
    for name in ("evppi", "evppi_error", "evppi_null_high"):
        np.testing.assert_allclose(found[name], other[name], rtol=1e-6, atol=1e-3)
    assert float(found["evpi"]) == pytest.approx(float(other["evpi"]), rel=1e-6)
    assert float(found["evpi"]) > 0.0
    assert found.attrs["information_of"] == ""
    assert found.attrs["information_points"] == 2


def test_without_what_the_objective_takes_points_are_judged_by_the_main_output(tmp_path):
    found = known(tmp_path, [f"{REPS}=1,2"], outputs=["arr[12]"])
    assert found.attrs["information_of"] == "arr[12]"


@pytest.mark.parametrize(
    ("vary", "design", "draws"),
    [
        ([f"{REPS}=1:2"], "tornado", DRAWS),
        (["segments.smb.acv.median=5k,6k", f"{REPS}=1,2"], "lhs:1", DRAWS),  # one point
    ],
)
def test_where_there_is_no_choice_nothing_is_told(tmp_path, vary, design, draws):
    found: xr.Dataset | None = known(tmp_path, vary, design, draws)
    assert found is None


def test_of_too_few_draws_only_that_is_told(tmp_path):
    found = known(tmp_path, [f"{REPS}=1,2"], draws=8)
    assert "8 draws are too few" in found.attrs[UNTOLD]
    assert not found.variables


def test_a_value_that_is_unknown_cannot_be_chosen(tmp_path):
    file = tiny(tmp_path)
    prepared = prepare(
        file, [f"{CHURN}=0.1,0.2"], design="grid", draws=DRAWS, replications=REPLICATIONS, seed=1,
        months=None, workers=1, engine="compiled", overrides=(),
    )  # fmt: skip
    assert worth_knowing(prepared, run_sweep(prepared, tmp_path / "sweep")) is None


def test_a_point_with_an_undefined_future_stays_where_it_is_best(tmp_path, monkeypatch):
    """Ranked over the futures that all points have; only one point fewer is chosen between."""
    monkeypatch.setattr("gtmsim.analysis.choosing.MOST_POINTS", 2)
    prepared = prepare(
        tiny(tmp_path), [f"{REPS}=1,2,3"], design="grid", draws=DRAWS,
        replications=REPLICATIONS, seed=1, months=None, workers=1, engine="compiled",
        overrides=CLOSE, outputs=["arr[12]"],
    )  # fmt: skip
    results = run_sweep(prepared, tmp_path / "sweep").load()
    rng = np.random.default_rng(5)
    sample = np.array([[1.0], [2.0], [3.0]])[:, :, None] + rng.normal(size=(3, DRAWS, REPLICATIONS))
    whole = sample[1:].copy()
    sample[2, 0, 0] = whole[:, 0, 0] = np.nan
    found = worth_knowing(
        prepared, results.assign(sample=(results["sample"].dims, sample[:, None]))
    )
    assert found.attrs["information_points"] == 2
    assert found.attrs["information_left_out"] == 1
    assert float(found["evpi"]) == pytest.approx(decide(whole).information.evpi.value)


def test_a_point_that_is_defined_nowhere_leaves_the_others_their_choice(tmp_path):
    vary = [f"{REPS}=1,2,3"]
    prepared = prepare(
        tiny(tmp_path), vary, design="grid", draws=DRAWS, replications=REPLICATIONS, seed=1,
        months=None, workers=1, engine="compiled", overrides=CLOSE,
    )  # fmt: skip
    results = run_sweep(prepared, tmp_path / "sweep").load()
    results["sample"][2] = np.nan
    results["failure"] = ("point", np.array(["", "", "too many customers"]))
    found = worth_knowing(prepared, results)
    assert found.attrs["information_points"] == 2
    assert found.attrs["information_left_out"] == 0
