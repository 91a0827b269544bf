"""Files laid over each other: extends, merge rules, unset, overrides, places."""

import pickle
from copy import deepcopy
from datetime import date

import pytest
from pydantic import BaseModel

from gtmsim.errors import ScenarioError
from gtmsim.scenario import load_document, load_scenario
from gtmsim.scenario.distributions import Distribution
from gtmsim.scenario.readonly import ReadOnly
from tests.scenario.plans import PLAN, pointed_at, problem_of, problems_of, write
from tests.scenarios.shipped import SCENARIOS


def overlay(folder, text, base=PLAN):
    write(folder, base, "base.toml")
    return write(folder, 'extends = "base.toml"\n' + text)


def merged(folder, base, over):
    write(folder, base, "base.toml")
    return load_document(write(folder, f'extends = "base.toml"\n{over}')).data


# Merging


def test_tables_merge_and_keep_the_base_s_order(tmp_path):
    data = merged(tmp_path, "[t.a]\nx = 1\n[t.b]\ny = 1", "[t.c]\nz = 2\n[t.a]\nx = 3")
    assert data == {"t": {"a": {"x": 3}, "b": {"y": 1}, "c": {"z": 2}}}
    assert list(data["t"]) == ["a", "b", "c"]


def test_arrays_replace(tmp_path):
    assert merged(tmp_path, "a = [1, 2, 3]", "a = [4]") == {"a": [4]}


def test_a_plain_value_replaces_a_table_and_the_other_way_round(tmp_path):
    assert merged(tmp_path, "a = { x = 1 }\nb = 2", "a = 1\nb = { y = 2 }") == {
        "a": 1,
        "b": {"y": 2},
    }


def test_a_whole_distribution_replaces_another_and_a_part_of_one_merges(tmp_path):
    base = "a = { median = 1, p90 = 5 }\nb = { median = 1, p90 = 5 }"
    data = merged(tmp_path, base, "a = { p10 = 1, p90 = 2 }\nb = { p90 = 9 }")
    assert data == {"a": {"p10": 1, "p90": 2}, "b": {"median": 1, "p90": 9}}


def test_unset_removes_what_the_base_gave(tmp_path):
    assert merged(tmp_path, "a = 1\nt.x = 1\nt.y = 2", 'a = "unset"\nt.x = "unset"') == {
        "t": {"y": 2}
    }


def test_what_was_unset_may_be_set_again_further_up(tmp_path):
    write(tmp_path, "a = 1", "first.toml")
    write(tmp_path, 'extends = "first.toml"\na = "unset"\nb = 2', "second.toml")
    path = write(tmp_path, 'extends = "second.toml"\na = 3')
    assert load_document(path).data == {"b": 2, "a": 3}


def test_bases_apply_in_order_and_the_file_itself_last(tmp_path):
    write(tmp_path, "a = 1\nb = 1\nc = 1", "one.toml")
    write(tmp_path, "b = 2\nc = 2", "two.toml")
    path = write(tmp_path, 'extends = ["one.toml", "two.toml"]\nc = 3')
    assert load_document(path).data == {"a": 1, "b": 2, "c": 3}


def test_a_base_is_found_beside_the_file_that_names_it(tmp_path):
    (tmp_path / "inner").mkdir()
    write(tmp_path, "a = 1", "root.toml")
    write(tmp_path / "inner", 'extends = "../root.toml"\nb = 2', "middle.toml")
    path = write(tmp_path, 'extends = "inner/middle.toml"')
    document = load_document(path)
    assert document.data == {"a": 1, "b": 2}
    assert [file.rpartition("/")[2] for file in document.files] == [
        "plan.toml",
        "middle.toml",
        "root.toml",
    ]


def test_two_bases_may_share_a_base(tmp_path):
    write(tmp_path, "a = 1", "root.toml")
    write(tmp_path, 'extends = "root.toml"\nb = 2', "left.toml")
    write(tmp_path, 'extends = "root.toml"\nc = 3', "right.toml")
    path = write(tmp_path, 'extends = ["left.toml", "right.toml"]')
    assert load_document(path).data == {"a": 1, "b": 2, "c": 3}


# Places


def test_every_value_keeps_the_place_it_comes_from(tmp_path):
    path = overlay(tmp_path, '[company]\ncash = "2M"')
    origins = {p: (v, str(at)) for p, v, at in load_document(path).origins()}
    assert origins["company", "cash"] == ("2M", f"{path}:3:8")
    assert origins["scenario", "months"] == (24, f"{tmp_path / 'base.toml'}:4:10")


def test_places_are_exact_in_every_way_of_writing_a_table(tmp_path):
    text = '\ufeff# h\r\n[a."b c"]\r\nx = { y.z = 1, "q" = [10, { r = 2 }] }\r\n[[l]]\r\nn = 1\r\n'
    text += '[[l]]\r\n[l.sub]\r\n"ü" = "é" # c\r\n'
    path = tmp_path / "plan.toml"
    path.write_bytes(text.encode())
    document = load_document(path)
    places = {
        ("a",): "2:2",
        ("a", "b c"): "2:4",
        ("a", "b c", "x", "y", "z"): "3:13",
        ("a", "b c", "x", "q", 0): "3:23",
        ("a", "b c", "x", "q", 1, "r"): "3:33",
        ("l", 1): "6:3",
    }
    for where, place in places.items():
        assert str(document.place(where)) == f"{path}:{place}", where


def test_a_key_that_is_not_ascii_is_located_too(tmp_path):
    path = write(tmp_path, '"ü" = { x = 1 , y = 2 }')
    assert load_document(path).place(("ü", "y")).column == 21


def test_a_problem_in_a_base_points_into_the_base(tmp_path):
    path = overlay(tmp_path, 'company.cash = "2M"', PLAN.replace("months = 24", "months = 0"))
    problem = problem_of(path)
    assert problem.place is not None
    assert problem.place.file == str(tmp_path / "base.toml")
    assert pointed_at(problem) == "0"


# Loops and missing files


def test_a_loop_of_extends_is_told_with_its_chain(tmp_path):
    write(tmp_path, 'extends = "b.toml"', "a.toml")
    write(tmp_path, 'extends = "./c.toml"', "b.toml")
    write(tmp_path, 'extends = ["b.toml"]', "c.toml")
    problem = problem_of(tmp_path / "a.toml")
    names = [f"{tmp_path}/{name}.toml" for name in "bcb"]
    assert problem.message == f"makes a loop: {' -> '.join(names)}"
    assert problem.place is not None
    assert problem.place.file == names[1]
    assert pointed_at(problem) == '"b.toml"'


def test_a_file_that_extends_itself_is_a_loop(tmp_path):
    assert "makes a loop" in problem_of(write(tmp_path, 'extends = "plan.toml"')).message


def test_a_missing_base_is_reported_where_it_is_named(tmp_path):
    problem = problem_of(write(tmp_path, '\nextends = "bsae.toml"'))
    assert "does not exist" in problem.message
    assert pointed_at(problem) == '"bsae.toml"'


def test_the_problems_of_several_bases_come_together(tmp_path):
    write(tmp_path, "a = ", "broken.toml")
    path = write(tmp_path, 'extends = ["broken.toml", "missing.toml", 3, ""]')
    assert len(problems_of(path)) == 4


def test_an_endless_chain_of_files_is_stopped(tmp_path):
    for number in range(40):
        write(tmp_path, f'extends = "{number + 1}.toml"', f"{number}.toml")
    assert "a chain of more than 32 files" in problem_of(tmp_path / "0.toml").message


# Overrides


@pytest.fixture
def plan(tmp_path):
    return write(tmp_path, PLAN)


@pytest.mark.parametrize(
    ("argument", "read"),
    [
        ("company.cash=5M", lambda s: s.company.cash == 5e6),
        ("company.cash = 5M", lambda s: s.company.cash == 5e6),
        ("company.cash=1_500", lambda s: s.company.cash == 1500.0),
        ('company.cash="$5M"', lambda s: s.company.cash == 5e6),
        ("segments.smb.acv=2k", lambda s: s.segments["smb"].acv == 2000.0),
        ("segments.smb.acv.p90=9k", lambda s: s.segments["smb"].acv["p90"] == 9000.0),
        ('segments."smb".acv=2k', lambda s: s.segments["smb"].acv == 2000.0),
        ("segments.'smb' . acv=2k", lambda s: s.segments["smb"].acv == 2000.0),
        (
            "segments.smb.acv={p10=1, p90=2}",
            lambda s: s.segments["smb"].acv.form == ("p10", "p90"),
        ),
        ("scenario.start=2027-03-01", lambda s: s.scenario.start == date(2027, 3, 1)),
        ("scenario.name=Plan B, later", lambda s: s.scenario.name == "Plan B, later"),
        ("scenario.name=#1", lambda s: s.scenario.name == "#1"),
        ('scenario.name=""', lambda s: s.scenario.name == ""),
        ("targets.solvent=unset", lambda s: s.targets == {}),
        ("teams.ae.replaces=false", lambda s: s.teams["ae"].replaces is False),
        ("teams.ae.ramp_by_quarter=[0.5, 1]", lambda s: len(s.teams["ae"].ramp_by_quarter) == 2),
    ],
)
def test_an_override_is_read_as_toml_or_else_as_text(plan, argument, read):
    assert read(load_scenario(plan, [argument]))


def test_an_element_of_an_array_is_overridden_by_its_number(tmp_path):
    hires = "hires = [{ month = 1, n = 1 }, { month = 2, n = 1 }]"
    path = write(tmp_path, PLAN.replace("reps = 2", hires))
    scenario = load_scenario(path, ["teams.ae.hires.1.n=7"])
    assert [hire.n for hire in scenario.teams["ae"].hires] == [1, 7]


@pytest.mark.parametrize(
    ("argument", "message", "under"),
    [
        ("company.cash", "wants path=value", "company.cash"),
        ("=5", "wants path=value", "=5"),
        ("", "wants path=value", "^"),
        ("company.cash=", "has no value", None),
        ("company..cash=5", "a name is missing here", "."),
        ("company.ca sh=5", "names are joined by points", "s"),
        ("company.cash=[1", "is not valid TOML", "[1"),
        ('company.cash="5', "is not valid TOML", '"5'),
        ("company.cash=" + "[" * 40 + "]" * 40, "is nested more than 32 levels deep", None),
        ("company.cash=" + "[" * 9000, "is nested more than 32 levels deep", None),
        ("a." * 50 + "a=1", "is a path of more than 32 names", None),
        ("extends=other.toml", "can be set in a file only", "extends"),
        ("teams.ae.ramp_by_quarter.x=1", "name an element by its number", None),
        ("teams.ae.ramp_by_quarter.9=1", "has 2 elements, numbered from 0; got 9", None),
        ("teams.ae.ramp_by_quarter." + "9" * 6000 + "=1", "has 2 elements", None),
        ("company.cash=5X", "wants an amount of money", "5X"),
        ("company.cash=8%", '"8%" is a percentage', "8%"),
        ("company.csh=5", "is not a known key", "company.csh"),
        ("teams.a.open_deals=5", "does not exist", "teams.a.open_deals"),
        ("teams.a.open_deals=unset", "there is no `a`", "teams.a.open_deals"),
        ("targets.solvnt=unset", "there is no `solvnt`", "targets.solvnt"),
        ("company.cash=unset", "needs `cash`, which is unset here", "company.cash"),
    ],
)
def test_a_bad_override_is_shown_with_a_caret_in_the_argument(tmp_path, argument, message, under):
    path = write(tmp_path, PLAN.replace("reps = 2", "reps = 2\nramp_by_quarter = [0.5, 1]"))
    problem = problem_of(path, [argument])
    assert message in problem.message
    assert str(problem).startswith(f"--set {argument[:100]}")
    if under is not None:
        assert pointed_at(problem) == under.replace("^", "")[: len(under)]


def test_an_override_is_shown_on_one_line_whatever_is_in_it(plan):
    text = str(problem_of(plan, ["company.cash=5\n\x1b[31mX" + "y" * 9000]))
    assert "\x1b" not in text
    assert all(len(line) < 400 for line in text.splitlines())


def test_unsetting_a_default_is_no_mistake(plan):
    assert load_scenario(plan, ["teams.ae.open_deals=unset"]) == load_scenario(plan)


def test_problems_come_in_the_order_of_files_lines_and_overrides(tmp_path):
    base = PLAN.replace("months = 24", "months = 0").replace("share = 0.6", "share = 6")
    path = overlay(tmp_path, "[company]\ncash = true\n[segments.smb]\nmotion = 1", base)
    problems = problems_of(path, ["teams.ae.reps=-1"])
    assert [problem.path for problem in problems] == [
        "company.cash",
        "segments.smb.motion",
        "scenario.months",
        "segments.smb.contracts.monthly.share",
        "teams.ae.reps",
    ]


# What a document is as a whole


def test_a_scenario_is_frozen(plan):
    scenario = load_scenario(plan)
    with pytest.raises(ValueError, match="frozen"):
        scenario.company.cash = 1.0  # type: ignore[misc]


def tables_of(value):
    """Every table by name in a scenario, however deep."""
    if isinstance(value, BaseModel):
        value = dict(value)
    elif isinstance(value, dict):
        yield value
    inside = value.values() if isinstance(value, dict) else ()
    for item in [*inside, *(value if isinstance(value, tuple) else ())]:
        yield from tables_of(item)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_the_tables_of_a_scenario_are_read_only(path):
    scenario = load_scenario(path)
    tables = [*tables_of(scenario)]
    assert len(tables) > 20
    for table in tables:
        with pytest.raises(TypeError, match="read-only"):
            table["zzz"] = 1
    assert scenario == load_scenario(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.update(zzz=1),
        lambda table: table.setdefault("zzz", 1),
        lambda table: table.pop("smb"),
        lambda table: table.popitem(),
        lambda table: table.clear(),
        lambda table: table.__delitem__("smb"),
        lambda table: table.__ior__({"zzz": 1}),
    ],
)
def test_a_table_refuses_every_way_of_changing_it(change):
    table = ReadOnly({"smb": 1})
    with pytest.raises(TypeError, match="read-only"):
        change(table)
    assert table == {"smb": 1}


@pytest.mark.parametrize(
    "copied",
    [
        lambda scenario: pickle.loads(pickle.dumps(scenario)),
        deepcopy,
        lambda scenario: scenario.model_copy(),
        lambda scenario: scenario.model_copy(deep=True),
    ],
)
def test_a_copy_of_a_scenario_is_equal_and_read_only(copied):
    scenario = load_scenario(SCENARIOS[0])
    other = copied(scenario)
    assert other == scenario
    with pytest.raises(TypeError, match="read-only"):
        other.segments["zzz"] = 1


def test_churn_may_be_a_share_an_uncertain_share_or_differ_between_customers(plan):
    def churn(value):
        return load_scenario(plan, [f"segments.smb.churn_per_year={value}"]).segments["smb"]

    assert churn("15%").churn_per_year == 0.15
    assert isinstance(churn("{ p10 = 0.1, p90 = 0.2 }").churn_per_year, Distribution)
    assert isinstance(churn("{ mean = 0.2, sd = 0.1 }").churn_per_year, Distribution)
    differing = churn("{ mean = { p10 = 0.1, p90 = 0.2 }, concentration = 5 }").churn_per_year
    assert differing.concentration == 5.0


def test_every_problem_is_in_the_exceptions_text(plan):
    with pytest.raises(ScenarioError, match=r"(?s)company\.cash.*scenario\.months.*2 problems"):
        load_scenario(plan, ["company.cash=x", "scenario.months=0"])


@pytest.mark.parametrize("path", [3, None, b"plan.toml"])
def test_what_is_no_path_is_told_by_its_type(path):
    with pytest.raises(TypeError, match=f"path of a scenario file.*{type(path).__name__}"):
        load_scenario(path)
