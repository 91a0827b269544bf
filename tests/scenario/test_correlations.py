"""Correlations as a scenario states them, and what is wrong with them."""

from pathlib import Path

import pytest

from gtmsim.errors import ScenarioError
from gtmsim.plan import compile_plan
from gtmsim.results.scenario_text import scenario_text
from gtmsim.scenario import Scenario, check_scenario, load_document, load_scenario, read_scenario
from gtmsim.scenario.correlations import mentioned, spearman_matrix
from gtmsim.scenario.dump import merged_toml
from gtmsim.scenario.uncertain import uncertain_inputs
from tests.plan.scenarios import EVERYTHING, changed
from tests.scenario.plans import edited, pointed_at, problem_of, problems_of, write
from tests.scenarios.shipped import SCENARIOS

CASH, LEADS = "company.cash", "channels.web.organic_per_month"
TRIAL, CALL = (f"motions.self_service.stages.{stage}.win_rate" for stage in ("trial", "call"))
PAY = "teams.ae.base_per_year"
UNCERTAIN = edited(
    ('cash = "1M"', 'cash = { p10 = "1M", p90 = "2M" }'),
    ("win_rate = 0.2", "win_rate = { p10 = 0.1, p90 = 0.3 }"),
    ("win_rate = 0.5", "win_rate = { choices = [0.4, 0.5] }"),
    ("organic_per_month = 50", "organic_per_month = { p10 = 40, p90 = 60 }"),
    ('"2.4k", p90', '{ p10 = "2k", p90 = "3k" }, p90'),
)


def tables(*pairs: tuple[str, str, float]) -> str:
    return "".join(
        f'\n[[correlations]]\nbetween = ["{a}", "{b}"]\nspearman = {spearman}\n'
        for a, b, spearman in pairs
    )


def with_correlations(folder: Path, *pairs: tuple[str, str, float]) -> Path:
    return write(folder, UNCERTAIN + tables(*pairs))


def test_correlations_are_a_matrix_in_the_order_of_first_mention(tmp_path):
    path = with_correlations(tmp_path, (TRIAL, CASH, 0.3), (LEADS, TRIAL, "-0.2"))
    scenario = load_scenario(path)
    assert mentioned(scenario.correlations) == (TRIAL, CASH, LEADS)
    assert spearman_matrix(scenario.correlations).tolist() == [
        [1.0, 0.3, -0.2],
        [0.3, 1.0, 0.0],
        [-0.2, 0.0, 1.0],
    ]


def test_a_parameter_of_variability_and_a_choice_can_be_correlated(tmp_path):
    path = with_correlations(tmp_path, ("segments.smb.acv.median", CALL, 0.3))
    assert len(load_scenario(path).correlations) == 1


def test_the_written_scenario_keeps_its_correlations(tmp_path):
    path = with_correlations(tmp_path, (TRIAL, CASH, 0.3), (LEADS, TRIAL, -0.25))
    document = load_document(path)
    scenario = read_scenario(document)
    for text in (merged_toml(document), scenario_text(scenario)):
        assert load_scenario(write(tmp_path, text, "again.toml")) == scenario


def test_an_override_reaches_a_correlation_by_its_number(tmp_path):
    path = with_correlations(tmp_path, (TRIAL, CASH, 0.3), (LEADS, TRIAL, -0.25))
    scenario = load_scenario(path, ["correlations.1.spearman=0.5"])
    assert [one.spearman for one in scenario.correlations] == [0.3, 0.5]


@pytest.mark.parametrize(
    ("pair", "told", "hint", "marked"),
    [
        (("company.chas", TRIAL), "`company.chas` is not an uncertain input", CASH, "company.chas"),
        (("nothing.like.it", TRIAL), "is not an uncertain input", "Uncertain here:", "nothing"),
        ((CASH, PAY), f"`{PAY}` is certain, 90000", "Only uncertain inputs", PAY),
        (
            ("segments.smb.acv", CASH),
            "differs from customer to customer",
            "Its uncertain parameter is `segments.smb.acv.median`.",
            "segments.smb.acv",
        ),
        ((CASH, CASH), "wants two different inputs", "", f'["{CASH}", "{CASH}"]'),
    ],
)
def test_what_is_no_uncertain_input_is_told_where_it_stands(tmp_path, pair, told, hint, marked):
    problem = problem_of(with_correlations(tmp_path, (*pair, 0.3)))
    assert told in problem.message
    assert hint in problem.hint
    assert marked in pointed_at(problem)


def test_the_same_pair_twice_is_told_at_the_second_in_either_order(tmp_path):
    problem = problem_of(with_correlations(tmp_path, (CASH, TRIAL, 0.3), (TRIAL, CASH, 0.3)))
    assert problem.path == "correlations.1.between"
    assert "is the pair of correlations.0 again" in problem.message


@pytest.mark.parametrize("spearman", [1, -1.0, 1.5, '"50%"'])
def test_a_correlation_lies_between_minus_1_and_1(tmp_path, spearman):
    problem = problem_of(with_correlations(tmp_path, (CASH, TRIAL, spearman)))
    assert problem.path == "correlations.0.spearman"


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        (f', "{TRIAL}"', "", "correlations.0.between"),
        ("spearman =", "pearson =", "correlations.0.pearson"),
        ("[[correlations]]", "[correlations]", "correlations"),
    ],
)
def test_a_malformed_table_is_told(tmp_path, old, new, path):
    text = UNCERTAIN + tables((CASH, TRIAL, 0.3)).replace(old, new)
    assert path in [problem.path for problem in problems_of(write(tmp_path, text))]


def test_the_pair_that_breaks_the_matrix_is_named_with_the_range_in_which_it_would_be_fine(
    tmp_path,
):
    pairs = (CASH, TRIAL, 0.5), (CASH, LEADS, 0.5)
    problem = problem_of(with_correlations(tmp_path, *pairs, (LEADS, TRIAL, -0.9)))
    assert problem.path == "correlations.2.spearman"
    assert f"between `{LEADS}` and `{TRIAL}` it must lie in [-0.447, 0.999]" in problem.message
    assert pointed_at(problem) == "-0.9"
    for end in (-0.447, 0.999):
        assert load_scenario(with_correlations(tmp_path, *pairs, (LEADS, TRIAL, end)))
    for beyond in (-0.449, -0.999):
        problem_of(with_correlations(tmp_path, *pairs, (LEADS, TRIAL, beyond)))


def test_a_pair_that_no_table_names_may_be_the_one_that_breaks_it(tmp_path):
    pairs = [(CASH, TRIAL, -0.15), (CASH, LEADS, 0.6), (TRIAL, LEADS, -0.5), (CASH, CALL, -0.45)]
    problem = problem_of(with_correlations(tmp_path, *pairs, (TRIAL, CALL, 0.65)))
    assert problem.path == "correlations.4"
    assert f"`{LEADS}` and `{CALL}`, which no table correlates, would" in problem.message
    assert "would have to lie in [-0.97, -0.112], and not at 0" in problem.message
    assert f'Add {{ between = ["{LEADS}", "{CALL}"], spearman = -0.112 }}' in problem.hint
    added = with_correlations(tmp_path, *pairs, (TRIAL, CALL, 0.65), (LEADS, CALL, -0.112))
    assert len(load_scenario(added).correlations) == 6


def test_where_no_single_pair_helps_the_factor_that_does_is_told(tmp_path):
    four = (CASH, TRIAL, LEADS, CALL)
    pairs = [(a, b, -0.8) for n, b in enumerate(four) for a in four[:n]]
    problem = problem_of(with_correlations(tmp_path, *pairs))
    assert problem.path == "correlations.1"  # the first two already cannot
    assert "whichever single one is changed" in problem.message
    assert "if each is multiplied by 0.399" in problem.hint
    assert load_scenario(with_correlations(tmp_path, *[(a, b, -0.8 * 0.399) for a, b, _ in pairs]))


def test_a_scenario_made_in_python_is_checked_too():
    impossible = (
        {"between": (CASH, "motions.assisted.stages.pql.win_rate"), "spearman": 0.9},
        {"between": (CASH, "segments.smb.churn_per_year.mean"), "spearman": 0.9},
    )
    scenario = changed(EVERYTHING, company__cash={"p10": 1e6, "p90": 2e6}, correlations=impossible)
    with pytest.raises(ScenarioError, match="must lie in"):
        check_scenario(scenario)
    with pytest.raises(ScenarioError, match="cannot hold all at once"):
        compile_plan(scenario)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_the_paths_that_can_be_correlated_are_the_inputs_of_the_plan(path):
    scenario: Scenario = load_scenario(path)
    inputs = {column.path for column in compile_plan(scenario).inputs}
    assert set(uncertain_inputs(scenario)) == inputs
