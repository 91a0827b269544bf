"""The page of definitions: every metric, with what its docstring and signature say."""

import re
from pathlib import Path

import pytest

import gtmsim
from gtmsim.expressions import names
from gtmsim.metrics import acquisition, odds, profit, revenue, sales
from gtmsim.metrics.definitions import GROUPS, IN_EXPECTATIONS, define, definitions_text
from gtmsim.scenario.targets import COMPANY_METRICS, SEGMENT_METRICS

FUNCTIONS = [function for group in GROUPS.values() for function in group]
PAGE = Path(gtmsim.__file__).parents[1] / "docs" / "metrics.md"


def written(returns, text="Cost / new logos.", parameters=""):
    """A function with a docstring of these parts."""

    def metric(results, months=12):
        return results

    metric.__doc__ = f"{text}\n\n{parameters}Returns\n-------\nDataArray\n    {returns}\n"
    return metric


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == definitions_text(), "run `make schema`"


def test_the_page_defines_every_metric_that_a_target_may_be_set_on_once():
    headings = re.findall(r"^### `(\w+)`$", definitions_text(), re.MULTILINE)
    assert len(headings) == len(set(headings))
    assert set(headings) >= odds.MONTHLY.keys() == SEGMENT_METRICS | COMPANY_METRICS


def test_the_page_says_which_metrics_a_target_may_be_set_on():
    uses = {function.__name__: define(function).facts["Use"] for function in FUNCTIONS}
    targets = {name for name, use in uses.items() if use.startswith("targets")}
    assert targets == set(odds.MONTHLY)
    assert {name for name in targets if "one segment" in uses[name]} == SEGMENT_METRICS


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_every_metric_has_a_formula_and_a_unit(function):
    definition = define(function)
    assert definition.formula
    assert definition.facts["Unit"]
    for fact in (definition.formula, *definition.facts.values()):
        assert "dims" not in fact
        assert "``" not in fact
        assert "Parameters" not in fact


@pytest.mark.parametrize(
    "metric",
    [
        written("Share, dims (.., month).", text="How well the company does."),
        written("Share."),
        lambda results: results,
    ],
    ids=["no formula", "no dims", "no docstring"],
)
def test_a_metric_whose_docstring_defines_nothing_is_refused(metric):
    with pytest.raises(ValueError, match="lacks a formula"):
        define(metric)


def test_an_entry_is_read_from_docstring_and_signature():
    metric = written(
        "Unit of the results (ARR) per month, dims (.., month[, segment]); NaN without\n    wins.",
        parameters="Parameters\n----------\nmonths\n    Period of the margin.\n\n",
    )
    definition = define(metric)
    assert definition.formula == "Cost / new logos."
    assert definition.facts["Window"] == "12 months: period of the margin."
    assert definition.facts["Unit"] == "ARR per month"
    assert definition.facts["At the edges"] == "NaN without wins."


@pytest.mark.parametrize(
    ("function", "fact", "text"),
    [
        (profit.net_burn, "Window", "the month"),
        (sales.pipeline_coverage, "Window", "3 months"),
        (revenue.nrr, "At the edges", "from an insolvency on"),
        (acquisition.cac, "Unit", "currency per customer"),
        (acquisition.ltv, "Of the company", "each worth the LTV of its segment"),
        (odds.MONTHLY["healthy"], "Of the company", "each segment open in the month"),
        (revenue.quick_ratio, "Source", "Kellogg, The SaaS Quick Ratio, 2015"),
        (sales.quota_attainment, "Use", "no target"),
    ],
)
def test_the_page_has_the_facts_of_an_entry(function, fact, text):
    assert text in define(function).facts[fact]
    assert f"- *{fact}:*" in definitions_text()


def test_metrics_of_the_path_are_written_as_expectations_know_them():
    plain = {text for text in IN_EXPECTATIONS.values() if "[" not in text}
    of_stages = {text.partition("[")[0] for text in IN_EXPECTATIONS.values() if "[" in text}
    assert plain <= names.OF_THE_PATH.keys()
    assert of_stages == {names.STAGE_ENTRY, *names.IN_A_STAGE}


def test_links_within_the_page_lead_to_its_entries():
    text = definitions_text()
    assert set(re.findall(r"\]\(#(\w+)\)", text)) <= {f.__name__ for f in FUNCTIONS}


def test_the_page_has_every_metric_of_the_definitions_of_the_playbook():
    playbook = PAGE.with_name("playbook.md").read_text(encoding="utf-8")
    table = playbook.partition("\n## Definitions\n")[2]
    named = set(re.findall(r"`(?:revenue|acquisition|profit|sales)\.(\w+)`", table))
    assert len(named) > 30
    assert named <= {function.__name__ for function in FUNCTIONS}


def test_the_page_adds_up_the_statements():
    assert "| income | Gross margin | Gross profit / Revenue |" in definitions_text()
    assert "| Total assets | Cash + Receivables + Unbilled receivables |" in definitions_text()
