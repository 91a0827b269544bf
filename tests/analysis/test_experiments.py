"""Sobol' and Morris designs of a scenario, on a company whose cash is a known function.

Cash at the end is its opening cash less what an office costs, 10 reps x base x (1 + on-costs), plus
what its customers pay, which is luck alone. So every index has a closed form.
"""

from pathlib import Path

import numpy as np
import pytest

import gtmsim
from gtmsim.analysis.experiments import (
    HIGH,
    LOW,
    STORE,
    _sobol,
    prepare,
    read_method,
    run_experiment,
)
from gtmsim.errors import AnalysisError, Interrupted, ResultsError, ScenarioError
from gtmsim.plan import draw_inputs
from gtmsim.results.zarr_store import read_store
from gtmsim.statistics.designs import pick_freeze

PLAN = """
[scenario]
name = "Known"
start = 2026-01-01
months = 12

[company]
cash = { family = "uniform", low = 20_000_000, high = 22_000_000 }
opening.customers.smb = { count = 40 }

[segments.smb]
motion = "self_service"
acv = { median = "6k", p90 = "20k" }
churn_per_year = 0.3
contracts.annual = { share = 1, term_months = 12, billing = "monthly" }

[segments.empty]
motion = "unseen"
acv = { median = "6k", p90 = "20k" }
churn_per_year = 0.3
contracts.annual = { share = 1, term_months = 12 }

[motions.self_service.stages.trial]
win_rate = 0.1
days = 10

[motions.unseen.stages.trial]
win_rate = { family = "uniform", low = 0.1, high = 0.9 }
days = 10

[channels.search]
segments = { smb = 1.0 }
organic_per_month = 2

[teams.office]
function = "marketing"
reps = 10
base_per_year = { family = "uniform", low = 40_000, high = 120_000 }
on_costs = { family = "uniform", low = 0.0, high = 0.8 }
"""
CORRELATED = """
[[correlations]]
between = ["company.cash", "teams.office.base_per_year"]
spearman = 0.6
"""
CASH, DUMMY = "company.cash", "motions.unseen.stages.trial.win_rate"
BASE, ON_COSTS = "teams.office.base_per_year", "teams.office.on_costs"

# Variances of uniform inputs, in M, and means: cash - 10 base (1 + on_costs).
OF_CASH, OF_BASE, OF_ON_COSTS = 2.0**2 / 12, 0.08**2 / 12, 0.8**2 / 12
MEAN_BASE, MEAN_FACTOR = 0.08, 1.4
ALONE = np.array([
    OF_CASH, 0.0, 100 * OF_BASE * MEAN_FACTOR**2, 100 * OF_ON_COSTS * MEAN_BASE**2
])  # fmt: skip
TOGETHER = 100 * OF_BASE * OF_ON_COSTS
VARIANCE = ALONE.sum() + TOGETHER
FIRST = ALONE / VARIANCE
TOTAL = (ALONE + np.array([0.0, 0.0, TOGETHER, TOGETHER])) / VARIANCE

MUCH_LUCK = ["company.opening.customers.smb.count=200", 'segments.smb.acv.p90="40k"']
FEW = {"seed": 3, "replications": 2}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("plans")


@pytest.fixture(scope="module")
def scenario(folder):
    return loaded(folder, PLAN)


def loaded(folder: Path, text: str, overrides=()):
    path = folder / "known.toml"
    path.write_text(text, encoding="utf-8")
    return gtmsim.load_scenario(path, overrides)


def within(found, name: str, expected, n_errors: float, floor: float = 1e-9) -> bool:
    values, errors = found[name].to_numpy()[0], found[f"{name}_error"].to_numpy()[0]
    return bool((np.abs(values - expected) <= n_errors * errors + floor).all())


# --- known indices ---------------------------------------------------------------------------


@pytest.mark.slow
def test_sobol_indices_are_those_of_the_closed_form(scenario):
    found = gtmsim.sensitivity(scenario, ["cash[end]"], design="sobol:256")
    assert list(found["input"].to_numpy()) == [CASH, DUMMY, BASE, ON_COSTS]
    assert within(found, "first_order", FIRST, 3.0)
    assert within(found, "total", TOTAL, 3.0)
    assert found["total"].to_numpy()[0] == pytest.approx(TOTAL, abs=0.03)
    assert found["total"].sel(input=ON_COSTS) > found["first_order"].sel(input=ON_COSTS)


@pytest.fixture(scope="module")
def lucky(folder):
    return loaded(folder, PLAN, MUCH_LUCK)


@pytest.fixture(scope="module")
def lucky_indices(lucky):
    return gtmsim.sensitivity(lucky, ["cash[end]"], design="sobol:512")


def test_luck_as_large_as_the_signal_moves_no_index_and_a_dummys_total_is_exactly_0(lucky_indices):
    found = lucky_indices
    share = found["share_unknown"].sel(bound="value").item()
    assert 0.3 < share < 0.7
    assert within(found, "first_order", FIRST, 3.0)
    assert within(found, "total", TOTAL, 3.0)
    assert found["total"].sel(input=DUMMY).item() == 0.0
    assert found["first_order_error"].max() < 0.35


def test_the_share_that_is_not_luck_is_that_of_ordinary_draws(lucky, lucky_indices):
    by_design = lucky_indices["share_unknown"]
    with gtmsim.simulate(lucky, draws=512, replications=2, seed=9) as results:
        by_draws = gtmsim.sensitivity(results, ["cash[end]"])["share_unknown"]
    low, high = (float(by_draws.sel(bound=end)[0]) for end in ("low", "high"))
    assert low < float(by_design.sel(bound="value")[0]) < high


def test_correlated_inputs_have_the_indices_of_what_they_do_together(folder):
    """Uniform inputs have their Spearman correlation as Pearson correlation, too."""
    correlated = loaded(folder, f"{PLAN}{CORRELATED}")
    found = gtmsim.sensitivity(correlated, ["cash[end]"], design="sobol:512")
    assert list(found["input"].to_numpy()) == [f"{CASH} + {BASE}", DUMMY, ON_COSTS]
    covariance = 0.6 * np.sqrt(OF_CASH * OF_BASE)
    alone = np.array([ALONE[0] + ALONE[2] - 2 * 10 * MEAN_FACTOR * covariance, 0.0, ALONE[3]])
    variance = alone.sum() + TOGETHER
    assert within(found, "first_order", alone / variance, 3.0)
    total = (alone + np.array([TOGETHER, 0.0, TOGETHER])) / variance
    assert within(found, "total", total, 3.0)


def test_chosen_inputs_have_the_shares_that_they_have_of_all(scenario):
    found = gtmsim.sensitivity(scenario, ["cash[end]"], design="sobol:256", inputs=[ON_COSTS])
    assert list(found["input"].to_numpy()) == [ON_COSTS]
    assert within(found, "total", TOTAL[3], 3.0)


def test_morris_changes_are_the_slopes_over_the_middle_four_fifths(scenario):
    found = gtmsim.sensitivity(scenario, ["cash[end]"], design="morris:30").isel(output=0)
    changes = found["mu"].to_numpy()
    base = 0.8 * 10 * 0.08 * MEAN_FACTOR * 1e6
    on_costs = 0.8 * 10 * 0.8 * MEAN_BASE * 1e6
    assert changes[0] == pytest.approx(0.8 * 2e6, abs=0.1)  # cents of rounding
    assert changes[1] == found["mu_star"].to_numpy()[1] == found["luck_floor"].to_numpy()[1] == 0
    for n, expected in ((2, -base), (3, -on_costs)):
        assert abs(changes[n] - expected) < 3 * float(found["mu_error"][n])
        assert found["mu_star"][n] == -changes[n]
        assert found["sigma"][n] > 3 * found["sigma_error"][n]
    assert found["sigma"].to_numpy()[:2] == pytest.approx(0.0, abs=1.0)


def test_an_output_that_never_varies_has_no_shares_and_no_changes(scenario):
    indices = gtmsim.sensitivity(scenario, ["survives"], design="sobol:20", **FEW)
    assert np.isnan(indices["first_order"]).all()
    assert np.isnan(indices["total"]).all()
    screened = gtmsim.sensitivity(scenario, ["survives"], design="morris:2", **FEW)
    assert (screened["mu_star"] == 0.0).all()


# --- what is simulated -----------------------------------------------------------------------


@pytest.mark.parametrize("part", [0, 1, 4])
def test_rows_of_a_base_point_have_their_own_inputs_and_the_luck_of_its_draw(
    scenario, folder, tmp_path, part
):
    experiment = prepare(scenario, "sobol:20", outputs=["cash[end]"], **FEW)
    run_experiment(experiment, tmp_path)
    sample = read_store(tmp_path / STORE).read(part)["sample"][0]
    for draw in (0, 7):
        values = dict(
            zip([CASH, DUMMY, BASE, ON_COSTS], experiment.inputs[part, draw], strict=True)
        )
        certain = loaded(
            folder, PLAN, [f"{path}={float(value)!r}" for path, value in values.items()]
        )
        with gtmsim.simulate(certain, draws=draw + 1, **FEW) as results:
            cash = results["cash"].isel(draw=draw, month=-1) / 100
            np.testing.assert_array_equal(sample[draw], cash)


def test_only_the_chosen_input_moves_along_a_walk_and_others_are_drawn_per_walk(scenario):
    experiment = prepare(scenario, "morris:6", inputs=[BASE], **FEW)
    drawn = draw_inputs(experiment.plan, FEW["seed"], range(6))
    assert experiment.inputs.shape == (2, 6, 4)
    for column in (0, 1, 3):
        np.testing.assert_array_equal(
            experiment.inputs[:, :, column], np.tile(drawn[:, column], (2, 1))
        )
    quantile = (experiment.inputs[:, :, 2] - 40_000) / 80_000
    levels = LOW + (HIGH - LOW) * np.arange(4) / 3
    assert np.isclose(quantile[..., None], levels).any(-1).all()
    assert (quantile[0] != quantile[1]).all()


@pytest.mark.parametrize("how", [{"workers": 2}, {"engine": "simpy", "workers": 2}])
def test_engines_and_workers_do_not_change_a_number(scenario, how):
    once = gtmsim.sensitivity(scenario, design="morris:5", workers=1, **FEW)
    again = gtmsim.sensitivity(scenario, design="morris:5", **FEW, **how)
    for name in once.data_vars:
        np.testing.assert_array_equal(once[name], again[name])


def test_a_stopped_design_goes_on_where_it_was(scenario, tmp_path):
    experiment = prepare(scenario, "morris:5", **FEW)

    def stop_after_two(done):
        if done >= 20:
            raise Interrupted("Ctrl-C")

    with pytest.raises(Interrupted, match="2 of 5 parts are kept in"):
        run_experiment(experiment, tmp_path, progress=stop_after_two)
    told = []
    found = run_experiment(experiment, tmp_path, progress=told.append)
    assert told[-1] == 30
    at_once = gtmsim.sensitivity(scenario, design="morris:5", **FEW)
    np.testing.assert_array_equal(found["mu_star"], at_once["mu_star"])
    with pytest.raises(ResultsError, match="seed is 3 there and 4 here"):
        gtmsim.sensitivity(scenario, design="morris:5", **{**FEW, "seed": 4}, out=tmp_path)


def test_a_part_that_is_damaged_is_simulated_again(scenario, tmp_path):
    how = {**FEW, "out": tmp_path, "design": "morris:5"}
    found = gtmsim.sensitivity(scenario, **how)
    file = tmp_path / STORE / "sample" / "c" / "1" / "0" / "0" / "0"
    file.write_bytes(file.read_bytes()[:10])
    told = []
    again = gtmsim.sensitivity(scenario, **how, progress=told.append)
    assert told[-1] == 10
    np.testing.assert_array_equal(found["mu_star"], again["mu_star"])


# --- what is refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sobl:20", "must be sobol:N or morris:N; got"),
        ("sobol", "sobol:256 takes 256 base points"),
        ("morris", "morris:20 takes 20 walks"),
        ("sobol:19", "takes at least 20 base points; got 19"),
        ("sobol:10000000000", "has 10,000,000,000 base points; at most 200,000 points"),
        ("morris:1", "takes at least 2 walks; got 1"),
    ],
)
def test_a_wrong_design_is_told(text, told):
    with pytest.raises(ScenarioError, match=told):
        read_method(text)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"inputs": [f"{BASE}s"]}, f"Did you mean `{BASE}`"),
        ({"outputs": ['diff(arr[3], "known.toml")']}, "compares with another scenario"),
        ({"outputs": ["arrr[3]"]}, "Did you mean `arr`"),
        ({"outputs": ["arr[13]"]}, "13"),
        ({"design": "sobol:100000"}, r"has 600,000 points of 4 inputs; at most 200,000"),
    ],
)
def test_wrong_options_are_told_before_anything_runs(scenario, options, told):
    with pytest.raises(ScenarioError, match=told):
        prepare(scenario, **{"design": "sobol:20", **options})


def test_one_replication_cannot_tell_an_effect_from_luck(scenario):
    with pytest.raises(AnalysisError, match="takes 2 replications"):
        gtmsim.sensitivity(scenario, design="sobol:20", replications=1)


@pytest.mark.parametrize("inputs", [(), (CASH,), (BASE, DUMMY)])
def test_a_walk_that_would_move_one_of_two_correlated_inputs_is_refused(folder, inputs):
    correlated = loaded(folder, f"{PLAN}{CORRELATED}")
    with pytest.raises(AnalysisError, match=rf"{CASH} and {BASE} are correlated \(0.6\)"):
        prepare(correlated, "morris:5", inputs=inputs)
    assert prepare(correlated, "morris:5", inputs=[ON_COSTS, DUMMY]).labels == [DUMMY, ON_COSTS]


def test_an_undefined_output_is_told_at_the_first_block_and_nothing_is_kept(scenario, tmp_path):
    with pytest.raises(AnalysisError, match=r"nrr\[3\] has no finite value in 100% of futures"):
        gtmsim.sensitivity(scenario, ["nrr[3]"], design="sobol:20", **FEW, out=tmp_path)
    assert not read_store(tmp_path / STORE).done().any()


def test_results_have_no_design_and_a_scenario_needs_one(scenario):
    with pytest.raises(AnalysisError, match=r"give a design such as sobol:256, or the results"):
        gtmsim.sensitivity(scenario)
    with gtmsim.simulate(scenario, draws=2) as results:  # noqa: SIM117
        with pytest.raises(AnalysisError, match="give the scenario, not its results"):
            gtmsim.sensitivity(results, design="sobol:20")


def test_without_uncertain_inputs_there_is_nothing_to_ask(folder):
    values = {CASH: "20M", DUMMY: 0.2, BASE: "50k", ON_COSTS: 0.1}
    certain = loaded(folder, PLAN, [f"{path}={value}" for path, value in values.items()])
    with pytest.raises(AnalysisError, match="no input is uncertain"):
        prepare(certain, "sobol:20")


def test_every_figure_says_what_it_is(scenario):
    for design in ("sobol:20", "morris:2"):
        found = gtmsim.sensitivity(scenario, ["cash_min"], design=design, **FEW)
        assert all(v.attrs["long_name"] and v.attrs["units"] for v in found.data_vars.values())
        assert found.attrs["design"] == design


def test_only_an_output_without_spread_has_no_index_and_other_faults_are_told():
    design = pick_freeze(32, 2, seed=1)
    parts = np.ones((4, 32, 2))
    first, total = _sobol(design, parts)
    assert np.isnan([*first.value, *total.value]).all()
    with pytest.raises(AnalysisError, match="undefined or infinite"):
        _sobol(design, np.full_like(parts, np.nan))
