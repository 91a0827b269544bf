"""What every shipped file says about its numbers."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import tomlkit
from tomlkit.items import AoT, Item, Table

from tests.scenarios.shipped import EVERY_FILE, SCENARIOS, path_of

TITLES = {"extends", "name", "question"}
SOURCES = re.compile(
    r"assumption|definition|playbook|surveys?\b|\bsee \w|as above|the same|stage_gated\.toml"
    r"|Benchmarkit|Bessemer|Bridge Group|ChartMogul|CRO Report|Fader|First Page Sage|HubSpot"
    r"|KBCM|KeyBanc|no primary source|Optifai|SaaS Capital|secondary|Tunguz|weak"
)
UNITS = re.compile(
    r"\b(USD|accounts?|calls|churn hazard|customers|days?|deals|employees|executives|expansions"
    r"|factor|growth a year|hazard|leads|likewise|meetings|months?|multiples?|opportunities"
    r"|order in queues|projects|proofs of concept|rank correlation|relative change|reps?|requests"
    r"|sales engineers|sellers|share|sign-ups|stage|triggers)\b"
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
        elif isinstance(item, AoT):
            for number, one in enumerate(item):
                yield from parameters(one, f"{name}.{number}.")
        else:
            yield name, item


def commented(path: Path) -> list[tuple[str, Item]]:
    """Parameters that need a comment."""
    document = tomlkit.parse(path.read_text())
    return [(key, item) for key, item in parameters(document) if key.split(".")[-1] not in TITLES]


def is_overlay(path: Path) -> bool:
    """Whether a file changes another one, perhaps in a line or two."""
    return "extends" in tomlkit.parse(path.read_text())


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
    assert len(found) > (0 if is_overlay(path) else 5)
    assert [key for key, item in found if not item.trivia.comment.lstrip("# ")] == []


def gives_reasons(comment: str) -> bool:
    """Whether three words or more follow each assumption, beside its being wide."""
    said = (after.partition(";")[0] for after in comment.split("assumption")[1:])
    return all(len(set(re.findall(r"[\w.%'-]+", text)) - {"wide"}) >= 3 for text in said)


def explains(comment: str) -> bool:
    """Whether a number's comment gives first its unit, then where it comes from and why."""
    unit, _, source = comment.lstrip("# ").partition(";")
    named = SOURCES.search(source or unit.partition(":")[2])
    return bool(UNITS.search(unit) and named and gives_reasons(comment))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_every_number_has_a_unit_and_a_source_or_a_reason(path: Path) -> None:
    numbers = [(key, item.trivia.comment) for key, item in commented(path) if has_number(item)]
    assert len(numbers) > (-1 if is_overlay(path) else 5)  # some change rules or names only
    assert [key for key, comment in numbers if not explains(comment)] == []


@pytest.mark.parametrize(
    ("comment", "explained"),
    [
        ("# USD a year; assumption: half a seller's base", True),
        ("# leads a month; assumption, wide: about one a week", True),
        ("# share; T. Tunguz: 11-22 %; the discount: assumption: as the two-year term", True),
        ("# share; the playbook's 40-60", True),
        ("# days: T. Tunguz, 11-22", True),
        ("# assumption", False),
        ("# USD a year; assumption", False),
        ("# USD a year; assumption, wide", False),
        ("# USD a year; assumption: a guess", False),
        ("# share; T. Tunguz: 11-22 %; the discount: assumption", False),
        ("# assumption; assumption: half a seller's base", False),
        ("# USD a year", False),
        ("# T. Tunguz: 11-22 %", False),
        ("", False),
    ],
)
def test_a_comment_without_unit_source_or_reason_is_seen(comment: str, explained: bool) -> None:
    assert explains(comment) == explained


def test_the_checks_see_parameters_in_every_form() -> None:
    text = """
        extends = "base.toml"
        a = 1
        [t]
        b.c = "5M" # USD; assumption
        d = { e = 2 } # USD
        [[x]]
        that = "p10(arr[end]) > 3" # USD
    """
    found = dict(parameters(tomlkit.parse(text)))
    assert set(found) == {"extends", "a", "t.b.c", "t.d", "x.0.that"}
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
