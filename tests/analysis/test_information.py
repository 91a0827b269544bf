"""What to measure first, from results: the closed form of two normal inputs, and groups."""

import numpy as np
import pytest
import xarray as xr

import gtmsim
from gtmsim.analysis.information import positions_of
from gtmsim.errors import AnalysisError
from gtmsim.statistics import voi
from tests.report.companies import company
from tests.statistics.test_voi import EVPPI, N_DRAWS, P1, P2, normals

RNG_SEED = 20_260_112
UNIT = 1e6
"""Net benefit is p1 - p2 in units of so much currency, which cents resolve."""
PATHS = ["market.p1", "market.p2", "costs.noise"]


@pytest.fixture(scope="module")
def options():
    """Nothing, and p1 - p2 more cash at the end, p1 ~ N(1, 1), p2 ~ N(0, deviation 2)."""
    inputs, gain = normals(np.random.default_rng(RNG_SEED))
    base = company(months=2, draws=N_DRAWS)
    base = base.assign(inputs=(("draw", "input"), inputs)).assign_coords(input=PATHS)
    cents = xr.DataArray((gain * UNIT * 100).round().astype(np.int64), dims="draw")
    return {"nothing": base, "something": base.assign(cash=base["cash"] + cents)}


def test_two_normal_inputs_and_both_together_are_worth_the_closed_form(options):
    """Nothing, p1, p2 or both known: 0.48, 0.08 and 0.40 units, within 3 standard errors."""
    groups = {"both": PATHS[:2], "market": ["market"]}
    found = gtmsim.value_of_information(options, groups=groups)
    both = EVPPI[P1, P2] * UNIT
    assert float(found["evpi"]) == pytest.approx(both, abs=3 * float(found["evpi_error"]))
    for path, known in (("market.p1", (P1,)), ("market.p2", (P2,))):
        one = found.sel(input=path)
        within = 3 * float(one["evppi_error"])
        assert float(one["evppi"]) == pytest.approx(EVPPI[known] * UNIT, abs=within)
        assert one["evppi"] > one["evppi_null_high"] >= one["evppi_null"]
        assert one["evppi_held_out"] <= one["evppi"] + 3 * one["evppi_held_out_error"]
    group = found.sel(group="both")
    within = 3 * float(group["group_evppi_error"])
    assert float(group["group_evppi"]) == pytest.approx(both, abs=within)
    assert group["group_evppi"] > found["evppi"].max()
    useless = found.sel(input="costs.noise")
    assert useless["evppi"] < 0.02 * both


def test_a_table_stands_for_the_inputs_in_it(options):
    groups = {"both": PATHS[:2], "table": ["market"], "twice": ["market", "market.p2"]}
    found = gtmsim.value_of_information(options, groups=groups)
    assert len(set(found["group_evppi"].to_numpy())) == 1
    assert positions_of("x", ["market"], ["market.p1", "markets.p2"]) == [0]


def test_figures_are_those_of_the_mathematics_on_the_same_samples(options):
    found = gtmsim.value_of_information(options)
    compared = gtmsim.compare(options, outputs=["cash[end]"], groups={"both": PATHS[:2]})
    assert compared["evpi"] == found["evpi"]
    xr.testing.assert_equal(compared["evppi"], found["evppi"])
    assert compared.sizes["group"] == 1
    assert set(voi.PartialInformation._fields) == {
        str(name).removeprefix("evppi_") for name, one in found.items() if "input" in one.dims
    }
    assert all(variable.attrs["long_name"] for variable in found.data_vars.values())


@pytest.mark.parametrize(
    ("path", "told"), [("market.p3", "Did you mean `market.p"), ("x", "There are market.p1")]
)
def test_a_group_of_what_is_not_uncertain_is_refused(options, path, told):
    for ask in (gtmsim.value_of_information, gtmsim.compare):
        with pytest.raises(AnalysisError, match=f"group g: {path} is no uncertain input. {told}"):
            ask(options, groups={"g": [path]})


def test_of_many_inputs_only_the_nearest_are_named():
    inputs = [f"segments.s{n}.churn_per_year" for n in range(20)] + ["channels.paid.spend"]
    with pytest.raises(AnalysisError) as told:
        positions_of("g", ["channel.cost"], inputs)
    assert "Of the 21 uncertain inputs, these are nearest: channels.paid.spend, " in str(told.value)
    assert str(told.value).count("churn_per_year") == 4


def test_too_few_draws_without_a_group_speak_of_none(options):
    few = {name: one.isel(draw=slice(32)) for name, one in options.items()}
    with pytest.raises(
        AnalysisError, match=r"32 draws .* an input alone .* at least \d+ draws"
    ) as it:
        gtmsim.value_of_information(few)
    assert "group" not in str(it.value)


@pytest.mark.parametrize("ask", [gtmsim.compare, gtmsim.value_of_information])
def test_what_is_no_mapping_of_results_is_a_type_error(options, ask):
    told = r"results is a mapping from names of plans to their results, .*; got a list"
    with pytest.raises(TypeError, match=told):
        ask(list(options.values()))
    with pytest.raises(TypeError, match=r"results\['b'\] must be results, .*; got a str"):
        ask({"a": options["nothing"], "b": "plan.toml"})


def test_too_few_draws_for_a_group_are_told(options):
    few = {name: one.isel(draw=slice(60)) for name, one in options.items()}
    with pytest.raises(AnalysisError, match="60 draws are too few"):
        gtmsim.compare(few, groups={"both": PATHS[:2]})
