"""Expectations in a scenario: what is wrong with them, where, and when it is told."""

import pytest

from gtmsim.errors import ScenarioError
from gtmsim.results.scenario_text import scenario_text
from gtmsim.scenario import load_document, load_scenario, read_scenario, scenario_warnings
from gtmsim.scenario.dump import merged_toml
from gtmsim.scenario.expectations import read_expectations, read_option
from gtmsim.scenario.models import Expect, Objective
from tests.scenario.plans import PLAN, pointed_at, problem_of, problems_of, write


def plan(*expectations, more=""):
    """The plan with expectations, each as TOML writes it."""
    return PLAN + "".join(f"\n[[expect]]\nthat = {text}\n" for text in expectations) + more


def judged(path, overrides=()):
    document = load_document(path, overrides)
    return read_expectations(read_scenario(document), document)


def refusals(path, overrides=()):
    """Problems told before a plan is judged, in a scenario that loads."""
    with pytest.raises(ScenarioError) as caught:
        judged(path, overrides)
    return caught.value.problems


# In the file


def test_a_scenario_lists_expectations_with_a_name_a_level_and_a_severity(tmp_path):
    more = 'name = "It lasts"\nlevel = "90%"\nseverity = "warning"\n'
    path = write(tmp_path, plan("'mean(arr[24]) > 5M'", '"p10(cash_min) > 0"', more=more))
    assert load_scenario(path).expect == (
        Expect(that="mean(arr[24]) > 5M", name=None, level=0.95, severity="error"),
        Expect(that="p10(cash_min) > 0", name="It lasts", level=0.9, severity="warning"),
    )


def test_an_objective_weighs_arr_and_cash(tmp_path):
    path = write(tmp_path, PLAN + "[objective]\narr_multiple = 5\nruin = '-1M'\nmonth = 12\n")
    assert load_scenario(path).objective == Objective(
        arr_multiple=5.0, cash=1.0, ruin=-1e6, month=12
    )
    assert load_scenario(write(tmp_path, PLAN)).objective is None


def test_the_texts_that_keep_a_scenario_keep_its_expectations(tmp_path):
    more = 'name = "a \\"b\\""\nlevel = 0.9\n[objective]\narr_multiple = 5\n'
    path = write(tmp_path, plan("'prob(diff(arr[24], \"b.toml\") > 0) > 80%'", more=more))
    scenario = load_scenario(path)
    for text in (scenario_text(scenario), merged_toml(load_document(path))):
        assert load_scenario(write(tmp_path, text, "again.toml")) == scenario


def test_the_expectations_of_an_overlay_replace_those_of_its_base(tmp_path):
    write(tmp_path, plan("'mean(arr[24]) > 1'", "'mean(arr[24]) > 2'"), "base.toml")
    over = write(tmp_path, 'extends = "base.toml"\n[[expect]]\nthat = "mean(arr[24]) > 3"\n')
    assert [expected.that for expected in load_scenario(over).expect] == ["mean(arr[24]) > 3"]
    none = write(tmp_path, 'extends = "base.toml"\nexpect = "unset"\n')
    assert load_scenario(none).expect == ()


@pytest.mark.parametrize(
    ("written", "under", "message"),
    [
        ('"p10(cash_mn) > 0"', "cash_mn", "`cash_mn` is not measured"),
        ("'p10(ARR[24]) > 0'", "ARR", "`ARR` is not measured"),
        ('"""p10(cash_min) >> 0"""', ">", "wants a number here; got `>`"),
        ('"mean(diff(arr[24], \\"b.toml\\")) > x"', "x", "wants a number here"),
        ('"mean(diff(arr[24], \\"\\u00e9.toml\\")) > x"', "x", "wants a number here"),
        ("'''\np10(cash_min) > x'''", "'''", "wants a number here"),
        ("3", "3", 'wants an expectation such as "p10(cash_min) > 0"; got 3'),
        ("'mean(arr[24, segment=sbm]) > 0'", "sbm", "there is no segment `sbm`"),
        ("'mean(cac[stage=scalin]) > 0'", "scalin", "there is no company stage `scalin`"),
        ("'mean(cash[24, segment=smb]) > 0'", "smb", "`cash` is of the whole company"),
        ("'mean(net_burn[stage=scaling, segment=smb]) > 0'", "smb", "is of the whole company"),
        ("'mean(arr) > 0'", "arr", "is a figure of every month"),
        ("'mean(arr[1:3]) > 0'", "1:3", "are several months"),
        ("'mean(min(arr[3])) > 0'", "3", "is one month"),
        ("'mean(arr[stage=scaling]) > 0'", "arr[stage=scaling]", "has no figure by stage"),
        ("'mean(cac[3, stage=scaling]) > 0'", "cac[3, stage=scaling]", "is of no month"),
        ("'mean(month_of_stage) > 0'", "month_of_stage", "needs a stage"),
        ("'mean(min(cash_min)) > 0'", "cash_min", "has one value per future"),
        ("'mean(sum(arr[1:12])) > 1'", "sum(arr[1:12])", "`arr` is a stock: a sum over months"),
        ("'mean(1 - sum(cash)) > 1'", "sum(cash)", "`cash` is a stock: a sum over months"),
        ("'mean(survives[24]) > 0'", "survives[24]", "has one value per future"),
        ("'mean(arr[24]) > $5 + 1'", "+", "wants nothing more"),
        ("'mean(arr[24]) > £5'", "£5", "is not in the scenario's currency, EUR; got £"),
    ],
)
def test_a_mistake_inside_an_expectation_is_told_at_its_character(
    tmp_path, written, under, message
):
    problem = problem_of(write(tmp_path, plan(written)))
    assert problem.path == "expect.0.that"
    assert pointed_at(problem) == under
    assert message in problem.message


@pytest.mark.parametrize("flow", ["new_arr[1:12]", "net_burn", "floor_active", "healthy"])
def test_flows_and_flags_may_be_added_up(tmp_path, flow):
    assert load_scenario(write(tmp_path, plan(f"'mean(sum({flow})) > 1'"))).expect


def test_a_mistake_in_an_expectation_of_an_override_is_told_in_the_override(tmp_path):
    path = write(tmp_path, plan("'mean(arr[24]) > 0'"))
    for argument in ("expect.0.that=mean(arrr[24]) > 0", 'expect.0.that="mean(arrr[24]) > 0"'):
        problem = problem_of(path, [argument])
        assert pointed_at(problem) == "arrr"
        assert str(problem).startswith("--set expect.0.that=")


def test_every_problem_of_expectations_comes_at_once(tmp_path):
    more = "level = 0.5\nseverity = 'eror'\n[objective]\nmonths = 3\n"
    path = write(tmp_path, plan("'mean(arr) >'", "'mean(cash[2]) > 1'", more=more))
    assert [problem.path for problem in problems_of(path)] == [
        "expect.0.that", "expect.1.level", "expect.1.severity", "objective", "objective.months",
    ]  # fmt: skip


def test_a_table_where_an_array_of_tables_is_wanted_is_shown_the_brackets(tmp_path):
    problem = problem_of(write(tmp_path, PLAN + "[expect]\nthat = 'mean(arr[24]) > 0'\n"))
    assert problem.hint == "Each is written [[expect]]."


def test_two_expectations_of_one_name_are_refused(tmp_path):
    named = plan("'mean(arr[24]) > 0'", more="name = 'x'\n") + plan(
        "'mean(arr[24]) > 1'", more="name = 'x'\n"
    ).removeprefix(PLAN)
    assert [p.path for p in problems_of(write(tmp_path, named))] == [
        "expect.0.name",
        "expect.1.name",
    ]
    same = write(tmp_path, plan("'mean(arr[24]) > 0'", "'mean(arr[24]) > 0'"))
    assert {pointed_at(problem) for problem in problems_of(same)} == {"'mean(arr[24]) > 0'"}


# Before it is judged


def test_months_beyond_the_end_are_a_warning_until_the_plan_is_judged(tmp_path):
    more = "[objective]\narr_multiple = 1\nmonth = 30\n"
    path = write(tmp_path, plan("'mean(arr[24]) > 0'", "'p10(min(cash[3:25])) > 0'", more=more))
    document = load_document(path)
    warnings = scenario_warnings(read_scenario(document), document)
    assert [pointed_at(warning) for warning in warnings] == ["3:25", "30"]
    assert refusals(path) == warnings
    assert "lies after the last simulated month, 24; got 25" in warnings[0].message
    assert judged(path, ["scenario.months=36"]).others == {}


def test_a_scenario_without_expectations_cannot_be_judged(tmp_path):
    (problem,) = refusals(write(tmp_path, PLAN))
    assert "has no [[expect]]" in problem.message
    assert problem.place.file.endswith("plan.toml")


def comparing(folder, more=""):
    text = plan("'diff(arr[24, segment=smb], \"inner/other.toml\") > 0'") + more
    (folder / "inner").mkdir()
    return write(folder, text)


def test_a_file_to_compare_with_is_loaded_beside_the_file_that_lists_the_expectation(tmp_path):
    base = comparing(tmp_path)
    write(tmp_path / "inner", PLAN, "other.toml")
    (tmp_path / "elsewhere").mkdir()
    over = write(tmp_path / "elsewhere", 'extends = "../plan.toml"\n')
    for path in (base, over):
        assert judged(path).others == {
            "inner/other.toml": load_scenario(tmp_path / "inner" / "other.toml")
        }


def test_a_file_to_compare_with_that_is_not_there_is_a_warning_until_the_plan_is_judged(tmp_path):
    path = comparing(tmp_path)
    write(tmp_path / "inner", PLAN, "othr.toml")
    document = load_document(path)
    warnings = scenario_warnings(read_scenario(document), document)
    assert [pointed_at(warning) for warning in warnings] == ['"inner/other.toml"']
    assert "inner/othr.toml?" in warnings[0].hint
    assert refusals(path) == warnings


def test_problems_of_a_file_to_compare_with_are_told_in_that_file(tmp_path):
    path = comparing(tmp_path)
    write(tmp_path / "inner", PLAN.replace("months = 24", "months = 0"), "other.toml")
    its, mine = refusals(path)
    assert its.place.file.endswith("inner/other.toml")
    assert pointed_at(its) == "0"
    assert pointed_at(mine) == '"inner/other.toml"'


@pytest.mark.parametrize(
    ("old", "new", "under", "message"),
    [
        ("months = 24", "months = 12", '"inner/other.toml"', "ends after 12 months"),
        ("smb", "mid_market", "smb", "there is no segment `smb` in inner/other.toml"),
        ("start = 2026", "start = 2025", '"inner/other.toml"', "starts on 2025-"),
        ('"EUR"', '"USD"', '"inner/other.toml"', "counts in USD, this scenario in EUR"),
    ],
)
def test_a_scenario_that_cannot_be_compared_with_is_refused(tmp_path, old, new, under, message):
    path = comparing(tmp_path)
    write(tmp_path / "inner", PLAN.replace(old, new), "other.toml")
    (problem,) = refusals(path)
    assert pointed_at(problem) == under
    assert message in problem.message


def test_scenarios_that_compare_with_each_other_do_not_go_round_in_circles(tmp_path):
    write(tmp_path, plan("'diff(arr[24], \"b.toml\") > 0'"), "a.toml")
    write(tmp_path, plan("'diff(arr[24], \"a.toml\") < 0'"), "b.toml")
    assert list(judged(tmp_path / "a.toml").others) == ["b.toml"]


# In an option


def test_an_option_s_expression_is_checked_with_the_scenario(tmp_path):
    scenario = load_scenario(write(tmp_path, PLAN))
    (tolerance,) = read_option("--precision", "mean(arr[24]) +- 50k", scenario).expressions
    assert tolerance.half_width.value == 50e3
    text = "mean(arrr[25] - diff(cash[1], 'b.toml')) +- €5"
    with pytest.raises(ScenarioError) as caught:
        read_option("--precision", text, scenario, str(tmp_path / "-"))
    problems = caught.value.problems
    assert [pointed_at(problem) for problem in problems] == ["arrr", "25", "'b.toml'"]
    assert all(str(problem).startswith("--precision: ") for problem in problems)
    with pytest.raises(ScenarioError, match="wants >=, <=, > or <"):
        read_option("--check", "mean(arr[24])", scenario)
