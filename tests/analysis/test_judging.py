"""The gate at the points of a sweep: as if each point had been run and judged alone."""

import numpy as np
import pytest

from gtmsim.analysis import sweeping
from gtmsim.analysis.evaluating import Futures
from gtmsim.analysis.gate import asked, judge
from gtmsim.analysis.judging import judge_points
from gtmsim.analysis.points import text_of
from gtmsim.analysis.sweeping import fill, prepare
from gtmsim.errors import CapacityError, ScenarioError
from gtmsim.scenario import load_document, load_scenario, read_scenario
from gtmsim.simulation.api import simulate
from tests.analysis.test_sweeping import PLAN, failing_at

HOW = {"replications": 2, "seed": 7, "engine": "simpy"}
DRAWS, BUDGET = 8, 32
EXPECTED = """
[[expect]]
that = "mean(diff(cash[end], 'other.toml')) > 0"

[[expect]]
name = "Enough"
that = "prob(min(cash[2:end]) > 1.5M and not arr[end] / cash[1] >= 1) >= 0.5"

[[expect]]
name = "Close"
that = "median(arr[end, segment=smb] - arr[12]) > -8k"
severity = "warning"
"""
CASH = ["company.cash=1M,2M"]
AT_POINTS = {"company.cash=1000000": "company.cash=1M", "company.cash=2000000": "company.cash=2M"}


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(PLAN + EXPECTED, encoding="utf-8")
    other = PLAN.replace('cash = "1M"', 'cash = "1.5M"').replace("months = 14", "months = 20")
    path.with_name("other.toml").write_text(other, encoding="utf-8")
    return path


def prepared(plan, vary=CASH, draws=DRAWS, **more):
    options = {"design": "grid", "months": None, "workers": 1, "overrides": (), "check": True}
    return prepare(plan, vary, draws=draws, **HOW, **(options | more))


def judged(sweep, folder, budget=BUDGET):
    """Judgements by point, and the numbers of the points simulated at each look."""
    looks = [list(range(len(sweep.plans)))]

    def more(stretch, numbers):
        looks.append(sorted(numbers))
        return fill(stretch, folder, numbers=numbers)

    filled = fill(sweep, folder)
    found = judge_points(sweep, filled, more, budget)
    return {judgement.subject: judgement for judgement in found}, looks


def alone(plan, override, budget=BUDGET):
    """Judgement of a point that is run by itself."""
    document = load_document(plan, [override])
    scenario = read_scenario(document)
    what = asked(scenario, document)

    def futures(draws):
        others = {name: simulate(other, draws=draws, **HOW) for name, other in what.others.items()}
        return Futures(simulate(scenario, draws=draws, **HOW), others)

    return judge("", what.checks, futures, budget, DRAWS)


def figures(judgement):
    return [(j.check.name, j.verdict, j.measured, j.draws, j.level) for j in judgement.judged]


@pytest.mark.slow
def test_every_point_is_judged_as_if_it_had_been_run_alone(plan, tmp_path):
    """Also against another plan, which ends later, and with more draws where it is not decided."""
    found, _ = judged(prepared(plan), tmp_path / "s")
    for point, override in AT_POINTS.items():
        assert figures(found[point]) == figures(alone(plan, override))
    verdicts = {point: [j.verdict.value for j in one.judged] for point, one in found.items()}
    assert [of[:2] for of in verdicts.values()] == [["breach", "breach"], ["pass", "pass"]]
    assert found["company.cash=2000000"].judged[2].draws > DRAWS


def test_only_what_is_not_decided_takes_more_draws_and_it_is_kept(plan, tmp_path, monkeypatch):
    clear = 'that = "prob(cash[1] > 0) >= 0.1"'
    close = plan.with_name("close.toml")
    close.write_text(
        '[[expect]]\nthat = "median(arr[14]) > 0"\n'
        '[[expect]]\nthat = "prob(arr[14] - arr[13] > 0) >= 0.5"\n'
    )
    plan.write_text(PLAN + "[[expect]]\n" + clear)
    sweep = prepared(plan, [f"expected=@,@{close}"])
    found, looks = judged(sweep, tmp_path / "s")
    subjects = [text_of(sweep.variations, point) for point in sweep.points]
    assert looks[0] == [0, 1]
    assert len(looks) > 1
    assert all(numbers == [1] for numbers in looks[1:])
    assert [j.draws for j in found[subjects[0]].judged] == [DRAWS]
    monkeypatch.setattr(sweeping, "work_of", None)  # nothing is simulated any more
    again, _ = judged(sweep, tmp_path / "s")
    assert {s: figures(j) for s, j in again.items()} == {s: figures(j) for s, j in found.items()}


def test_points_of_other_lengths_are_compared_up_to_their_own_end(plan, tmp_path):
    sweep = prepared(plan, ["scenario.months=12,14"])
    assert [p.scenario.scenario.months for p in sweep.gate.compared] == [12, 14]
    found, _ = judged(sweep, tmp_path / "s", DRAWS)
    for point, judgement in found.items():
        expected = alone(plan, point, DRAWS)
        assert figures(judgement) == figures(expected)


def test_a_point_without_expectations_is_not_judged_and_none_at_all_is_refused(plan, tmp_path):
    bare = plan.with_name("bare.toml")
    bare.write_text('expect = "unset"')
    found, _ = judged(prepared(plan, [f"expected=@,@{bare}"]), tmp_path / "s", DRAWS)
    assert [len(judgement.judged) for judgement in found.values()] == [3, 0]
    plan.write_text(PLAN)
    with pytest.raises(ScenarioError, match=r"has no \[\[expect\]\]"):
        prepared(plan)


def test_a_precision_is_judged_at_every_point(plan, tmp_path):
    sweep = prepared(plan, check=False, precision=["mean(arr[end]) +- 1M"])
    found, _ = judged(sweep, tmp_path / "s", DRAWS)
    verdicts = [[j.verdict.value for j in judgement.judged] for judgement in found.values()]
    assert verdicts == [["pass"], ["pass"]]


@pytest.mark.parametrize(("cash", "why"), [(2e6, "too many"), (1.5e6, "other.toml: too many")])
def test_a_point_that_fails_or_what_it_is_compared_with_is_an_error(
    plan, tmp_path, monkeypatch, cash, why
):
    failing_at(monkeypatch, cash, CapacityError("too many"))
    found, _ = judged(prepared(plan), tmp_path / "s", DRAWS)
    reasons = {point: {j.reason for j in one.judged} for point, one in found.items()}
    assert reasons["company.cash=2000000"] == {why}
    assert (reasons["company.cash=1000000"] == {why}) == (cash == 1.5e6)


def test_what_is_judged_is_not_shown(plan, tmp_path):
    sweep, plain = prepared(plan), prepared(plan, check=False)
    shown = sweeping.run_sweep(sweep, tmp_path / "a")
    expected = sweeping.run_sweep(plain, tmp_path / "b")
    assert list(shown["output"].values) == list(expected["output"].values)
    np.testing.assert_array_equal(shown["sample"], expected["sample"])
    assert sweep.folder_name("x") != plain.folder_name("x")


def test_problems_of_every_point_are_told_once_before_anything_runs(plan, tmp_path, monkeypatch):
    monkeypatch.setattr(sweeping, "work_of", None)
    plan.write_text(PLAN + "[[expect]]\nthat = \"diff(arr[13], 'nowhere.toml') > 0\"\n")
    with pytest.raises(ScenarioError) as caught:
        sweeping.run_sweep(
            prepared(plan, ["scenario.months=12,14", "company.cash=1M,2M"]), tmp_path
        )
    told = [str(problem) for problem in caught.value.problems]
    assert sum("nowhere.toml, which is not there" in one for one in told) == 1
    assert len(told) == len(set(told))
    (late,) = [one for one in told if "last simulated month" in one]
    assert "At the point scenario.months=12, company.cash=1000000." in late
    assert f"{plan}:" in late


def test_a_changed_plan_to_compare_with_makes_another_sweep(plan):
    before = prepared(plan).folder_name("x")
    other = plan.with_name("other.toml")
    other.write_text(other.read_text().replace("1.5M", "1.6M"))
    assert prepared(plan).folder_name("x") != before


def test_a_switch_between_plans_looks_for_files_beside_the_overlay(plan, tmp_path):
    (tmp_path / "inner").mkdir()
    overlay = tmp_path / "inner" / "over.toml"
    overlay.write_text("[[expect]]\nthat = \"diff(arr[12], 'own.toml') >= 0\"\n")
    overlay.with_name("own.toml").write_text(PLAN)
    sweep = prepared(plan, [f"plan=@,@{overlay}"])
    assert [list(which) for which in sweep.gate.which] == [["other.toml"], ["own.toml"]]
    assert sweep.gate.compared[1].scenario == load_scenario(overlay.with_name("own.toml"))
