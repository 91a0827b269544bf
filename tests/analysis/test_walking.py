"""The walk: drivers that stand, and effects that sum to the difference."""

import numpy as np
import pytest

from gtmsim.analysis.units import Unit
from gtmsim.analysis.walking import walk
from gtmsim.analysis.ways import way
from gtmsim.errors import AnalysisError, ResultsError, ScenarioError
from gtmsim.report.walk import walk_sentence, walk_table
from gtmsim.scenario import load_scenario
from tests.cli.scenarios import tiny
from tests.scenarios.shipped import ROOT

FEW = {"draws": 3, "replications": 2, "engine": "simpy", "workers": 1}


def plan(folder, name, text):
    path = folder / name
    path.write_text(f'extends = "tiny.toml"\n{text}', encoding="utf-8")
    tiny(folder)
    return path


def costs(**per_month):
    return "".join(
        f'[costs.{name}]\nfunction = "product"\nper_month = {amount}\n'
        for name, amount in per_month.items()
    )


def drivers(before, after):
    shipped = ROOT / "scenarios"
    found = way(*(load_scenario(shipped / f"{name}.toml") for name in (before, after)))
    return [driver.parts for driver in found.drivers], found


def test_effects_sum_to_the_difference_in_every_future(tmp_path):
    other = plan(
        tmp_path, "b.toml", '[teams.ae]\nreps = 3\n[channels.content]\norganic_per_month = 20\n'
        '[motions.assisted.stages.demo]\nwin_rate = 0.4\n',
    )  # fmt: skip
    found = walk(tmp_path / "tiny.toml", other, "arr[14]", **FEW)
    assert set(found["driver"].values) == {"teams.ae", "channels.content", "motions.assisted"}
    total = found["sample"].sum("driver").values
    assert float(total.mean()) == pytest.approx(float(found["total"].sel(bound="value")), rel=1e-12)
    summed = found["effect"].sel(bound="value").sum()
    assert float(summed) == pytest.approx(float(found["total"].sel(bound="value")), rel=1e-12)
    ends = found["after"] - found["before"]
    assert float(ends.sel(bound="value")) == pytest.approx(float(summed), rel=1e-9)
    assert found.attrs["n_plans"] == 8


def test_costs_add_up_exactly_and_do_not_interact(tmp_path):
    other = plan(tmp_path, "b.toml", costs(one=100, two=1000, three=5))
    found = walk(tmp_path / "tiny.toml", other, "cash[14]", **FEW)
    by_name = found["effect"].sel(bound="value").to_series().to_dict()
    named = dict(zip(found["driver"].values, by_name.values(), strict=True))
    expected = {"costs.one": -1400.0, "costs.two": -14000.0, "costs.three": -70.0}
    assert named == {name: pytest.approx(amount) for name, amount in expected.items()}
    assert np.abs(found["interaction"].sel(bound="value").values).max() < 1e-6


def test_many_drivers_are_walked_in_one_order_and_its_opposite(tmp_path):
    amounts = {f"c{n}": n + 1 for n in range(6)}
    found = walk(
        tmp_path / "tiny.toml", plan(tmp_path, "b.toml", costs(**amounts)), "cash[14]", **FEW
    )
    assert found.attrs["n_orders"] == 2
    assert found.attrs["n_plans"] == 12
    values = found["effect"].sel(bound="value").values
    assert values == pytest.approx([-14.0 * (n + 1) for n in range(6)])


def test_what_needs_each_other_is_one_driver_and_what_needs_it_comes_after():
    parts, found = drivers("smb_only", "add_midmarket")
    core = next(one for one in parts if one[0] == "segments.mid_market")
    assert {"motions.sales_assisted", "teams.ae", "teams.sdr"} <= set(core)
    number = [one[0] for one in parts].index("segments.mid_market")
    for order in found.orders:
        for name in ("channels.webinars", "teams.sales_lead"):
            at = [one[0] for one in parts].index(name)
            assert order.index(at) > order.index(number)


def test_plans_that_are_not_valid_in_between_make_one_driver():
    parts, _ = drivers("market", "focus_smb")
    assert parts == [("allocation", "budgets.marketing", "costs.product", "costs.support_desk")]


def test_the_way_back_has_the_same_difference(tmp_path):
    other = plan(tmp_path, "b.toml", costs(one=100))
    there = walk(tmp_path / "tiny.toml", other, "cash[14]", **FEW)
    back = walk(other, tmp_path / "tiny.toml", "cash[14]", **FEW)
    assert float(there["total"][0]) == -float(back["total"][0]) == pytest.approx(-1400.0)


@pytest.mark.parametrize("metric", ["objective", "survives"])
def test_other_numbers_of_a_future_can_be_walked(tmp_path, metric):
    other = plan(tmp_path, "b.toml", costs(one=100))
    found = walk(tmp_path / "tiny.toml", other, metric, **FEW)
    assert float(found["total"][0]) == pytest.approx(-1400.0 if metric == "objective" else 0.0)


def test_a_walk_of_odds_is_known_where_no_future_changes_and_is_told_in_points(tmp_path):
    other = plan(tmp_path, "b.toml", costs(one=100))
    found = walk(tmp_path / "tiny.toml", other, "survives", **FEW)
    value, low, high = found["effect"].isel(driver=0).values
    assert low < value == 0.0 < high
    after = found["after"].sel(bound=["value", "low"]).values
    assert after[0] == 1.0 > after[1]
    rows = {row.key: row for row in walk_table(found, "a", "b").rows}
    units = [rows[key].cells[0].unit for key in ("before", "total", "after")]
    assert units == [Unit.SHARE, Unit.POINTS, Unit.SHARE]
    assert " pt" in walk_sentence(found, "a", "b")


def test_what_cannot_be_walked_is_refused_before_anything_runs(tmp_path):
    path = tiny(tmp_path)
    with pytest.raises(AnalysisError, match="do not differ"):
        walk(path, plan(tmp_path, "b.toml", '[scenario]\nname = "B"\n'), **FEW)
    with pytest.raises(ResultsError, match="differ in months"):
        walk(path, plan(tmp_path, "b.toml", "[scenario]\nmonths = 9\n"), **FEW)
    with pytest.raises(ScenarioError, match="--walk"):
        walk(path, plan(tmp_path, "b.toml", costs(one=1)), "arr[99]", **FEW)
