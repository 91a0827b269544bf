"""Every expectation shown in docs/expressions.md is one, and means something in a scenario."""

import re
import tomllib
from pathlib import Path

import pytest

from gtmsim.expressions import parse_expectation, parse_precision
from gtmsim.expressions.names import IN_A_STAGE, OF_THE_PATH, STAGE_ENTRY
from gtmsim.scenario import load_scenario
from gtmsim.scenario.checks.expectations import name_faults
from gtmsim.scenario.models import Expect, Objective

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "expressions.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def examples(language):
    lines = [line for block in blocks(language) for line in block.splitlines()]
    return [line.partition("#")[0].strip() for line in lines]


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(ROOT / "scenarios" / "add_midmarket.toml")


@pytest.mark.parametrize("text", examples("expect"))
def test_every_expectation_shown_can_be_asked_of_a_shipped_scenario(text, scenario):
    assert list(name_faults(parse_expectation(text), scenario)) == []


@pytest.mark.parametrize("text", examples("precision"))
def test_every_precision_shown_can_be_asked_of_a_shipped_scenario(text, scenario):
    assert list(name_faults(parse_precision(text), scenario)) == []


def test_the_tables_shown_are_those_of_a_scenario():
    tables = tomllib.loads(*blocks("toml"))
    assert [Expect.model_validate(table).severity for table in tables["expect"]] == [
        "error",
        "warning",
    ]
    assert Objective.model_validate(tables["objective"]).month == 36


def test_the_page_names_every_measure_that_is_no_target():
    for name in (*OF_THE_PATH, STAGE_ENTRY, *IN_A_STAGE):
        assert f"`{name}" in PAGE
