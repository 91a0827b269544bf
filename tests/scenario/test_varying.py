"""`--vary`: ranges, lists and overlays, and where they go wrong."""

import re
from pathlib import Path

import numpy as np
import pytest

from gtmsim.errors import ScenarioError
from gtmsim.scenario import load_document, read_scenario
from gtmsim.scenario.document import changed
from gtmsim.scenario.varying import AS_IS, Range, read_variations, variations_of
from tests.scenario.plans import PLAN, pointed_at, write


def labels(argument: str) -> list:
    (variation,) = read_variations([argument])
    return [level.label for level in variation.levels]


def problem(*arguments: str):
    with pytest.raises(ScenarioError) as caught:
        read_variations(arguments)
    assert len(caught.value.problems) == 1
    return caught.value.problems[0]


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("company.cash=1M:5M", [1e6, 2e6, 3e6, 4e6, 5e6]),
        ("company.cash=$1M:$2M:3", [1e6, 1.5e6, 2e6]),
        ("segments.smb.churn_per_year=0.1:0.3:3", [0.1, 0.2, 0.3]),
        ("segments.smb.churn_per_year=8%:12%:3", [0.08, 0.1, 0.12]),
        ("segments.smb.acv=10k,12k, 20_000", [10e3, 12e3, 20e3]),
        ("segments.smb.acv.median=1k:2k:2", [1e3, 2e3]),
        ("motions.m.stages.demo.days=30:3mo:2", [30.0, 91.3125]),
        ("segments.mid.opens.month=1:24:6", [1.0, 6.0, 10.0, 15.0, 19.0, 24.0]),
        ("segments.mid.opens.month=1:3:9", [1.0, 2.0, 3.0]),
        ("teams.ae.reps=1:5", [1.0, 2.0, 3.0, 4.0, 5.0]),
        ("channels.paid.spend_per_month.scaling=1k:3k:3", [1e3, 2e3, 3e3]),
        ("targets.a.at_least=-2:2:3", [-2.0, 0.0, 2.0]),
        ("segments.smb.motion=self_service,assisted", ["self_service", "assisted"]),
        ("segments.smb.acv={ median = 1, p90 = 2 },3", ["{ median = 1, p90 = 2 }", 3.0]),
        ("a.b=true,false", ["true", "false"]),
        ('a."b.c"=1,2', [1.0, 2.0]),
    ],
)
def test_an_argument_gives_its_values_in_the_unit_of_the_key(argument, expected):
    assert labels(argument) == expected


def test_whole_numbers_are_whole_in_the_scenario_and_others_are_not():
    (months,) = read_variations(["segments.mid.opens.month=1:24:6"])
    assert [type(level.changes[0].entry.plain) for level in months.levels] == [int] * 6
    (cash,) = read_variations(["company.cash=1:5"])
    assert {type(level.changes[0].entry.plain) for level in cash.levels} == {float}


@pytest.mark.parametrize(
    ("argument", "message", "under"),
    [
        ("company.cash", "wants path=value, such as company.cash=1M:5M", "company.cash"),
        ("company.cash=", "has no value", "^"),
        ("company.cash=5M", "wants at least two values", "5M"),
        ("company.cash=5M:1M", "wants a low end below its high end; got 5M and 1M", "5M:1M"),
        ("company.cash=1M:1M:3", "wants a low end below", "1M:1M:3"),
        ("company.cash=1M:5M:1", "wants a number of points from 2 to 1000; got 1", "1"),
        ("company.cash=1M:5M:2.5", "wants a number of points", "2.5"),
        ("company.cash=1M:5M:3:4", "wants low:high or low:high:n", "1M:5M:3:4"),
        ("company.cash=1M:", "wants low:high or low:high:n", "1M:"),
        ("company.cash=8%:9%", 'wants an amount of money such as 15000 or "$15k"', "8%"),
        ("company.cash=1M,,2M", "a value is missing here", ","),
        ("company.cash=1M,1_000_000", "has the value 1000000 twice", "1_000_000"),
        ("segments.smb.churn_per_year=0.1:1.2", "must lie in [0, 1]; got 1.2", "1.2"),
        ("segments.mid.opens.month=0:6", "must be at least 1 and at most 600; got 0", "0"),
        ("segments.mid.opens.month=1.5:6", "wants a whole number", "1.5"),
        ("segments.smb.motion=a:b", "wants a number", "a"),
        ("plan=@a.toml,fast", "an overlay is written @file.toml", "fast"),
        ("company.cash=[1,2", "is not valid TOML", "[1,2"),
    ],
)
def test_a_wrong_argument_is_told_once_with_its_place(argument, message, under):
    found = problem(argument)
    assert message in found.message
    assert str(found).startswith(f"--vary {argument}: ")
    assert under in (pointed_at(found), "^")


def test_every_wrong_argument_is_told_and_a_path_may_be_varied_once():
    with pytest.raises(ScenarioError) as caught:
        read_variations(["company.cash=5M", "company.cash=1:2", "company.cash=3:4", "x"])
    told = [found.message for found in caught.value.problems]
    assert len(told) == 3
    assert "is varied twice" in told[1]


def test_a_switch_lays_whole_files_over_the_scenario_with_what_they_extend(tmp_path):
    plan = write(tmp_path, PLAN)
    base = load_document(plan)
    name = next(iter(base.data["segments"]))
    write(tmp_path, f"[segments.{name}]\nacv = 1234", "low.toml")
    fast = write(tmp_path, 'extends = "low.toml"\n[company]\ncash = "7M"', "fast.toml")
    (switch,) = read_variations([f"plan=@,@{fast}"])
    assert [level.label for level in switch.levels] == [AS_IS, "fast"]
    assert changed(base, switch.levels[0].changes).data == base.data
    scenario = read_scenario(changed(base, switch.levels[1].changes))
    assert scenario.company.cash == 7e6
    assert scenario.segments[name].acv == 1234
    assert load_document(plan).data == base.data


def test_an_overlay_may_unset_what_the_scenario_has(tmp_path):
    base = load_document(write(tmp_path, "[t]\nx = 1\ny = 2"))
    over = write(tmp_path, '[t]\nx = "unset"', "over.toml")
    (switch,) = variations_of({"plan": [None, Path(over)]})
    assert changed(base, switch.levels[1].changes).data == {"t": {"y": 2}}


def test_an_overlay_that_is_not_there_is_told_with_a_suggestion(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "[company]\ncash = 1", "fast.toml")
    found = problem("plan=@fats.toml,@")
    assert found.message == "names fats.toml, which does not exist"
    assert found.hint == "Did you mean fast.toml?"
    assert pointed_at(found) == "@fats.toml"


def test_overlays_of_one_name_are_told_apart_by_their_folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder, "[company]\ncash = 1", "fast.toml")
    assert labels("plan=@a/fast.toml,@b/fast.toml") == ["a/fast.toml", "b/fast.toml"]


def test_python_gives_values_numpy_arrays_text_or_paths():
    given = {"company.cash": np.array([1e6, 2e6]), "teams.ae.reps": [1, "2"], "s.x": "1:3:3"}
    cash, reps, x = variations_of(given)
    assert [level.label for level in cash.levels] == [1e6, 2e6]
    assert [level.label for level in reps.levels] == [1.0, 2.0]
    assert [level.label for level in x.levels] == [1.0, 2.0, 3.0]
    with pytest.raises(ScenarioError, match="not both"):
        variations_of({"plan": [Path("x.toml"), 3]})
    with pytest.raises(TypeError, match="got one text"):
        variations_of("company.cash=1:2")


def test_between_two_ends_every_whole_number_has_the_same_part():
    shares = (np.arange(600) + 0.5) / 600
    counts = np.unique([Range(1.0, 6.0, whole=True).at(u) for u in shares], return_counts=True)
    np.testing.assert_array_equal(counts, [np.arange(1, 7), np.full(6, 100)])
    assert Range(0.0, 10.0, whole=False).at(0.25) == 2.5


def test_a_level_between_takes_every_value_of_a_list():
    (motion,) = read_variations(["segments.smb.motion=a,b,c"])
    assert [motion.at(u).label for u in (0.0, 0.34, 0.67, 0.999)] == ["a", "b", "c", "c"]


@pytest.mark.parametrize("text", ["company.cash=1M:5M", 'x="a,b","c:d"', "x=[1,2],[3]"])
def test_signs_inside_quotes_and_brackets_part_nothing(text):
    (variation,) = read_variations([text])
    expected = {"c": 5, "x": 2}[re.match(r"\w", text)[0]]
    assert len(variation.levels) == expected
