"""docs/playbook.md maps every row of the playbook to keys and outputs that exist."""

import importlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gtmsim.cli.main import cli
from gtmsim.results.layout import VARIABLES
from gtmsim.scenario.schema import scenario_schema

PAGE = Path(__file__).parents[2] / "docs" / "playbook.md"
NOT_YET = "not yet"
N_NOT_YET = 0
"""Rows that the model does not hold: this number only falls."""
N_ROWS = {
    "Five ways to segment": 9,
    "Three motions": 30,
    "Channels": 16,
    "Where the money goes": 5,
    "Targets per segment": 9,
    "Worked examples": 3,
    "Company stages": 6,
    "Related practice": 5,
    "Definitions": 23,
}
"""Rows by part of the playbook: one that is dropped from the page is missed here."""
METRICS = ("acquisition", "contribution", "health", "odds", "profit", "revenue", "sales")


class Row(NamedTuple):
    part: str
    says: str
    keys: str
    outputs: str


def rows_of(text: str) -> list[Row]:
    """Rows of the tables of a page, without their heads."""
    rows: list[Row] = []
    for section in text.split("\n## ")[1:]:
        part, _, body = section.partition("\n")
        lines = [line for line in body.splitlines() if line.startswith("|")][2:]
        rows += [
            Row(part, *(cell.strip() for cell in line.strip("|").split("|"))) for line in lines
        ]
    return rows


def codes(cell: str) -> list[str]:
    """What a cell names, in backticks."""
    return re.findall(r"`([^`]+)`", cell)


@cache
def whole() -> Mapping[str, Any]:
    """Schema of a scenario."""
    return scenario_schema()


def below(schema: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    """Schemas of a key of a table, of any name (``*``) or of the tables of an array."""
    if "$ref" in schema:
        *_, definition = schema["$ref"].split("/")
        yield from below(whole()["definitions"][definition], name)
    for option in schema.get("anyOf", ()):
        yield from below(option, name)
    if "items" in schema:
        yield from below(schema["items"], name)
    if name == "*":
        yield from schema.get("patternProperties", {}).values()
    elif name in schema.get("properties", {}):
        yield schema["properties"][name]


@cache
def is_key(path: str) -> bool:
    """Whether a scenario may have a key, such as ``segments.*.acv``."""
    found: list[Mapping[str, Any]] = [whole()]
    for name in path.split("."):
        found = [inner for schema in found for inner in below(schema, name)]
    return bool(found)


def is_output(name: str) -> bool:
    """Whether results have a variable, there is a metric (``module.name``) or a command."""
    command = name.removeprefix("gtmsim ")
    if command != name:
        return command in cli.commands
    module, _, metric = name.rpartition(".")
    if module in METRICS:
        found = getattr(importlib.import_module(f"gtmsim.metrics.{module}"), metric, None)
        return getattr(found, "__module__", "") == f"gtmsim.metrics.{module}"
    return name in {variable.name for variable in VARIABLES}


def faults(row: Row) -> list[str]:
    """What is wrong with a row."""
    wrong = [f"`{key}` is not a key" for key in codes(row.keys) if not is_key(key)]
    wrong += [f"`{name}` is not an output" for name in codes(row.outputs) if not is_output(name)]
    if NOT_YET in (row.keys, row.outputs):
        return wrong
    if not codes(row.keys):
        wrong.append("has no key")
    if not codes(row.outputs):
        wrong.append("has no output")
    return wrong


ROWS = rows_of(PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.says)
def test_a_row_of_the_playbook_has_keys_and_outputs_that_exist(row: Row) -> None:
    assert faults(row) == []


def test_no_row_of_the_playbook_is_lost() -> None:
    counted = {part: sum(row.part == part for row in ROWS) for part in N_ROWS}
    assert counted == N_ROWS
    assert len(ROWS) == sum(N_ROWS.values())
    assert len({(row.part, row.says) for row in ROWS}) == len(ROWS)


def test_rows_that_are_not_held_yet_are_counted() -> None:
    assert sum(NOT_YET in (row.keys, row.outputs) for row in ROWS) == N_NOT_YET


@pytest.mark.parametrize(
    ("keys", "outputs", "fault"),
    [
        ("`segments.*.acvs`", "`leads`", "`segments.*.acvs` is not a key"),
        ("`segments.smb.acv`", "`leads`", "`segments.smb.acv` is not a key"),
        ("`segmentation.size`", "`leads`", "`segmentation.size` is not a key"),
        ("`segments.*.acv`", "`lead`", "`lead` is not an output"),
        ("`segments.*.acv`", "`revenue.nnr`", "`revenue.nnr` is not an output"),
        ("`segments.*.acv`", "`revenue.trailing`", "`revenue.trailing` is not an output"),
        ("`segments.*.acv`", "`labels.ratio`", "`labels.ratio` is not an output"),
        ("`segments.*.acv`", "`gtmsim guess`", "`gtmsim guess` is not an output"),
        ("the price", "`leads`", "has no key"),
        ("`segments.*.acv`", "the leads", "has no output"),
    ],
)
def test_a_row_that_leads_nowhere_is_seen(keys: str, outputs: str, fault: str) -> None:
    assert faults(Row("part", "says", keys, outputs)) == [fault]


def test_a_row_with_both_is_held() -> None:
    row = Row("part", "says", "`segments.*.acv`, `segmentation.tiers`", "`leads`, `revenue.nrr`")
    assert faults(row) == []
