"""The JSON Schema, the template and the merged text: a scenario as others read it."""

import json
import re
import tomllib
from datetime import date
from pathlib import Path

import jsonschema
import pytest

import gtmsim
from gtmsim.scenario import load_document, load_scenario, read_scenario, scenario_warnings
from gtmsim.scenario.dump import merged_toml
from gtmsim.scenario.models import Scenario
from gtmsim.scenario.reference import reference_text, sections
from gtmsim.scenario.schema import scenario_schema, schema_text
from gtmsim.scenario.template import template
from tests.scenario.plans import PLAN, edited, write
from tests.scenarios.shipped import SCENARIOS

PACKAGE = Path(gtmsim.__file__).parent
SCENARIO_IDS = [path.stem for path in SCENARIOS]


def as_json(value):
    """TOML values as JSON has them."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


@pytest.fixture(scope="module")
def validator():
    return jsonschema.Draft7Validator(scenario_schema())


def complaints(validator, text):
    return list(validator.iter_errors(as_json(tomllib.loads(text))))


# The schema


def test_the_checked_in_schema_is_up_to_date():
    written = (PACKAGE / "scenario.schema.json").read_text(encoding="utf-8")
    assert written == schema_text(), "run `make schema`"


def test_the_schema_is_a_schema():
    jsonschema.Draft7Validator.check_schema(scenario_schema())


@pytest.mark.parametrize("path", SCENARIOS, ids=SCENARIO_IDS)
def test_editors_accept_every_shipped_scenario(validator, path):
    assert complaints(validator, path.read_text(encoding="utf-8")) == []


def test_editors_accept_the_template_and_the_plan_of_the_tests(validator):
    assert complaints(validator, template()) == []
    assert complaints(validator, PLAN) == []


def test_editors_accept_a_file_that_extends_another_and_unsets(validator):
    text = 'extends = ["a.toml"]\nteams.ae = "unset"\ncompany.cash = "unset"\nsegments.smb.acv = 5'
    assert complaints(validator, text) == []


def test_editors_accept_choices(validator):
    assert (
        complaints(validator, edited(("win_rate = 0.2", "win_rate = { choices = [0.1, 0.2] }")))
        == []
    )
    weighted = 'win_rate = { choices = ["10%", 0.2], weights = [1, 2.5] }'
    assert complaints(validator, edited(("win_rate = 0.2", weighted))) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("moths", "months"),
        ('"1M"', '"75d"'),
        ('"1M"', "-1"),
        ('"1M"', "true"),
        ("win_rate = 0.2", "win_rate = 1.2"),
        ("win_rate = 0.2", 'win_rate = "5k€"'),
        ("months = 24", "months = 0"),
        ("months = 24", "months = 2.5"),
        ('"monthly"', '"weekly"'),
        ('{ median = "2.4k", p90 = "6k" }', "{ median = 3 }"),
        ('{ median = "2.4k", p90 = "6k" }', "{ median = 3, p9 = 4 }"),
        ('{ median = "2.4k", p90 = "6k" }', "{ choices = [3, 4] }"),
        ("win_rate = 0.2", "win_rate = { choices = 0.2 }"),
        ("win_rate = 0.2", "win_rate = { choices = [0.2, 1.2] }"),
        ("win_rate = 0.2", "win_rate = { weights = [1, 2] }"),
        ("reps = 2", "ramp_by_quarter = []"),
        ("[channels.web]", "[channels.Web]"),
        ("[company]", "[companies]"),
    ],
)
def test_editors_mark_what_validate_refuses(validator, old, new):
    text = PLAN.replace("months", "moths") if old == "moths" else edited((old, new))
    assert complaints(validator, text)


def test_every_key_and_table_of_the_schema_is_described():
    schema = scenario_schema()
    tables = [schema, *(d for d in schema["definitions"].values() if "properties" in d)]
    documented = [t for t in tables if "family" not in t["properties"]]
    assert all(table["description"] for table in documented)
    for table in documented:
        assert all(entry["description"] for entry in table["properties"].values()), table


def test_the_schema_speaks_json_schema_and_not_pydantic():
    text = json.dumps(scenario_schema())
    for jargon in ('"ge"', '"le"', "x-quantity", "$defs", '"null"'):
        assert jargon not in text


# The template


def test_the_template_runs_as_it_is_without_warnings(tmp_path):
    document = load_document(write(tmp_path, template()))
    assert scenario_warnings(read_scenario(document), document) == ()


def test_the_template_shows_every_table():
    assert set(tomllib.loads(template())) >= {
        "scenario",
        "company",
        "segments",
        "motions",
        "teams",
        "channels",
        "costs",
        "targets",
    }


# The merged text


@pytest.mark.parametrize("path", SCENARIOS, ids=SCENARIO_IDS)
def test_the_merged_text_says_the_same_in_one_file(tmp_path, path):
    document = load_document(path, ["company.cash=7M"])
    again = load_document(write(tmp_path, merged_toml(document)))
    assert again.data == document.data
    scenario = read_scenario(document)
    assert read_scenario(again) == scenario
    orders = {name: list(motion.stages) for name, motion in scenario.motions.items()}
    read = load_scenario(tmp_path / "plan.toml")
    assert {name: list(motion.stages) for name, motion in read.motions.items()} == orders


def test_the_merged_text_keeps_odd_names_and_texts(tmp_path):
    text = (
        '"a b"."" = { "c.d" = "x\\n\\u0000\\"" }\nl = [[1, 2], [{ e = 2026-01-01 }]]\nempty = {}\n'
    )
    document = load_document(write(tmp_path, text))
    assert tomllib.loads(merged_toml(document)) == document.data


# Shipped scenarios


@pytest.mark.parametrize("path", SCENARIOS, ids=SCENARIO_IDS)
def test_every_shipped_scenario_loads(path):
    document = load_document(path)
    assert isinstance(read_scenario(document), Scenario)


# The reference


def test_the_reference_is_up_to_date():
    page = (PACKAGE.parent / "docs" / "reference.md").read_text(encoding="utf-8")
    assert page == reference_text(), "run `make schema`"


def test_the_reference_has_every_key_of_every_table():
    told = {
        part.splitlines()[0]: re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE)
        for part in reference_text().split("\n### ")[1:]
    }
    models = [model for model, _ in sections()]
    assert {model.__name__ for model in models} == set(Scenario.model_json_schema()["$defs"])
    assert list(told.values()) == [list(model.model_fields) for model in models]


@pytest.mark.parametrize(
    ("key", "takes", "default"),
    [
        ("cash_below", "amount of money (may be uncertain)", "required"),
        ("days", "number of days (varies)", "`0`"),
        ("spend_per_month", "amount of money (may be uncertain, may differ by stage)", "`0`"),
        ("billing", '`"monthly"`, `"quarterly"`', '`"annual"`'),
        ("months", "whole number, 1 to 600", "required"),
        ("hires", "array: table", ""),
        ("pipeline", "by name: by name: whole number", ""),
        ("churn_per_year", "table or share (may be uncertain)", "required"),
        ("ramp_by_quarter", "array: share (may be uncertain)", "`[1]`"),
        ("that", "[expectation](expressions.md)", "required"),
    ],
)
def test_the_reference_says_what_a_key_takes(key, takes, default):
    lines = [line.split(" | ") for line in reference_text().splitlines() if f"| `{key}` |" in line]
    assert any(cells[1].startswith(takes) and cells[2].strip() == default for cells in lines)


def test_a_table_in_several_places_is_told_once_with_all_of_them():
    text = reference_text()
    assert text.count("### `[channels.<name>.virality]`") == 1
    assert "Also `[channels.<name>.referrals]`." in text
    assert "### `[[expect]]`" in text


def test_the_examples_of_the_reference_are_valid(tmp_path):
    whole, part = re.findall(r"```toml\n(.*?)```", reference_text(), re.DOTALL)
    base = write(tmp_path, whole, "base.toml")
    assert load_scenario(base)
    assert load_scenario(write(tmp_path, f'extends = "base.toml"\n{part}'))
