"""What every shipped file says about its numbers."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import tomlkit
from tomlkit.items import Item, Table

from tests.scenarios.shipped import EVERY_FILE, SCENARIOS, path_of

TITLES = {"extends", "name", "question"}
SOURCES = re.compile(
    r"assumption|definition|playbook|surveys?\b|\bsee \w|as above|the same|stage_gated\.toml"
    r"|Benchmarkit|Bessemer|Bridge Group|ChartMogul|CRO Report|Fader|First Page Sage|HubSpot"
    r"|KBCM|KeyBanc|no primary source|Optifai|SaaS Capital|secondary|Tunguz|weak"
)
UNITS = re.compile(
    r"\b(USD|accounts?|calls|churn hazard|customers|days?|deals|expansions|growth a year|hazard"
    r"|leads|likewise|meetings|months?|multiple|opportunities|order in queues|projects"
    r"|proofs of concept|relative change|reps?|requests|sales engineers|sellers|share|sign-ups"
    r"|stage|triggers)\b"
)


def parameters(table: object, path: str = "") -> Iterator[tuple[str, Item]]:
    """Keys of a TOML document that hold a value, with the value."""
    container = table.value if isinstance(table, Table) else table
    for key, item in container.body:
        if key is None:
            continue
        name = f"{path}{key.key}"
        if isinstance(item, Table):
            yield from parameters(item, f"{name}.")
        else:
            yield name, item


def commented(path: Path) -> list[tuple[str, Item]]:
    """Parameters that need a comment."""
    document = tomlkit.parse(path.read_text())
    return [(key, item) for key, item in parameters(document) if key.split(".")[-1] not in TITLES]


def has_number(item: Item) -> bool:
    """Whether a value states a number; amounts are strings such as "15k"."""
    return re.search(r"(?<![a-z_])\d", item.as_string()) is not None


def test_the_folder_holds_the_scenarios_that_the_documentation_names() -> None:
    names = {path.stem for path in SCENARIOS}
    assert names >= {"smb_only", "add_midmarket", "enterprise_first", "stage_gated", "too_early"}


@pytest.mark.parametrize("path", EVERY_FILE, ids=lambda path: path.stem)
def test_editors_find_the_schema(path: Path) -> None:
    assert path.read_text().startswith("#:schema ../gtmsim/scenario.schema.json\n")


@pytest.mark.parametrize("path", EVERY_FILE, ids=lambda path: path.stem)
def test_every_parameter_line_has_a_comment(path: Path) -> None:
    found = commented(path)
    assert len(found) > 5
    assert [key for key, item in found if not item.trivia.comment.lstrip("# ")] == []


def explains(comment: str) -> bool:
    """Whether a number's comment gives first its unit, then where it comes from."""
    unit, _, source = comment.lstrip("# ").partition(";")
    return bool(UNITS.search(unit) and SOURCES.search(source or unit.partition(":")[2]))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_every_number_has_a_unit_and_a_source_or_calls_itself_an_assumption(path: Path) -> None:
    numbers = [(key, item.trivia.comment) for key, item in commented(path) if has_number(item)]
    assert len(numbers) > 5
    assert [key for key, comment in numbers if not explains(comment)] == []


@pytest.mark.parametrize(
    ("comment", "explained"),
    [
        ("# USD a year; assumption", True),
        ("# share; the playbook's 40-60", True),
        ("# days: T. Tunguz, 11-22", True),
        ("# assumption", False),
        ("# assumption; assumption", False),
        ("# USD a year", False),
        ("# T. Tunguz: 11-22 %", False),
        ("", False),
    ],
)
def test_a_comment_without_a_unit_or_a_source_is_seen(comment: str, explained: bool) -> None:
    assert explains(comment) == explained


def test_the_checks_see_parameters_in_every_form() -> None:
    text = """
        extends = "base.toml"
        a = 1
        [t]
        b.c = "5M" # USD; assumption
        d = { e = 2 } # USD
    """
    found = dict(parameters(tomlkit.parse(text)))
    assert set(found) == {"extends", "a", "t.b.c", "t.d"}
    assert found["t.b.c"].trivia.comment == "# USD; assumption"
    assert [has_number(found[key]) for key in ("a", "t.b.c", "t.d", "extends")] == [1, 1, 1, 0]


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_scenario_says_what_it_asks_and_what_it_is_calibrated_to(path: Path) -> None:
    text = path.read_text()
    assert "question = " in text
    assert "Calibrated to" in text or "calibrated to" in text or 'extends = "' in text


def test_too_early_changes_no_buyer() -> None:
    changed = tomlkit.parse(path_of("too_early").read_text())
    assert set(changed) == {"extends", "scenario", "stages", "budgets", "teams"}
