"""`--check` of `gtmsim compare` and `gtmsim sweep`: a judgement per plan or point."""

import json
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from gtmsim.results import open_results
from tests.cli.scenarios import TINY

QUICK = ("--engine", "simpy", "--draws", "12", "--replications", "2", "--max-draws", "12")
VARY = ("--vary", "company.cash=1M:3M:3")
MET = 'that = "prob(arr[end] >= 1) >= 0.5"'
BROKEN = 'that = "mean(arr[end]) >= 1B"'
MORE = "that = 'mean(diff(arr[end], \"tiny.toml\")) >= 0'"
RICH = 'that = "mean(cash[1]) > 1.5M"'


def write(name: str, *tables: str, text: str = TINY) -> None:
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text(text + "".join(f"\n[[expect]]\n{table}\n" for table in tables))


def checks_of(file: str) -> dict[str, list[dict]]:
    document = json.loads(Path(file).read_text())
    return {one["subject"]: one["checks"] for one in document["judgements"]}


# Sweeps


def test_a_sweep_ends_with_the_worst_verdict_of_its_points(gtmsim):
    write("tiny.toml", MET, RICH)
    found = gtmsim("sweep", "tiny.toml", *VARY, *QUICK, "--check", "--junit", "j.xml")
    assert found.code == 3
    suites = Xml.parse("j.xml").getroot()
    assert [(suite.get("name"), suite.get("tests"), suite.get("failures")) for suite in suites] == [
        ("company.cash=$1M", "2", "1"),
        ("company.cash=$2M", "2", "0"),
        ("company.cash=$3M", "2", "0"),
    ]
    assert "The plan breaches an expectation." in found.out
    again = gtmsim("sweep", "tiny.toml", *VARY, *QUICK, "--check")
    assert again.err.startswith("3 of 3 points are done already.")
    assert (again.code, again.out) == (3, found.out)


def test_a_point_has_the_verdicts_that_a_run_with_its_values_has(gtmsim):
    write("tiny.toml", MET, RICH, MORE.replace("tiny", "base"))
    write("base.toml", text=TINY.replace("reps = 1", "reps = 2"))
    gtmsim("sweep", "tiny.toml", *VARY, *QUICK, "--check", "--judgement", "s.json")
    for point, checks in checks_of("s.json").items():
        gtmsim("run", "tiny.toml", *QUICK, "--set", point, "--check", "--judgement", "r.json")
        (expected,) = checks_of("r.json").values()
        assert checks == expected


def test_more_draws_are_simulated_of_points_that_are_not_decided(gtmsim):
    write("tiny.toml", 'that = "prob(cash[1] > 1.5M) >= 0.8"')
    words = ("--engine", "simpy", "--draws", "4", "--max-draws", "64", "--replications", "1")
    found = gtmsim("sweep", "tiny.toml", *VARY, *words, "--check", "--judgement", "s.json")
    draws = {point: checks[0]["draws"] for point, checks in checks_of("s.json").items()}
    assert draws["company.cash=$1M"] == 4
    assert draws["company.cash=$2M"] == draws["company.cash=$3M"] > 4
    assert "2 points are not decided: simulating to 16 draws." in found.err
    assert found.code == 3
    assert "3 points (grid) x 4 draws" in found.out.replace("\n", " ")


def test_one_point_that_is_not_decided_is_told_as_one(gtmsim):
    write("tiny.toml", 'that = "prob(cash[1] > 2.5M) >= 0.8"')
    words = ("--engine", "simpy", "--draws", "4", "--max-draws", "16", "--replications", "1")
    found = gtmsim("sweep", "tiny.toml", *VARY, *words, "--check")
    assert "1 point is not decided: simulating to 16 draws." in found.err


def test_numbers_that_are_asked_for_replace_the_usual_ones(gtmsim):
    words = ("--output", "arr[end]", "--output", "cash[12] / arr[12]", "--output", "survives")
    made = gtmsim("sweep", "tiny.toml", *VARY, *QUICK[:6], *words, "--format", "json", "-q")
    points = json.loads(made.out)["points"]
    units = {name: one["unit"] for name, one in points[0]["outputs"].items()}
    assert units == {"arr[end]": "money", "cash[12] / arr[12]": "multiple", "survives": "share"}
    gtmsim("run", "tiny.toml", *QUICK[:6], "--set", "company.cash=1M", "--out", "one")
    with open_results("one") as results:
        arr = results["closing_arr"].isel(month=-1).sum("segment").to_numpy() / 100
    assert points[0]["outputs"]["arr[end]"]["mean"]["value"] == pytest.approx(arr.mean())


@pytest.mark.parametrize(
    ("tables", "words", "told"),
    [
        ((), ("--check",), "has no [[expect]]"),
        ((MET,), ("--junit", "j.xml"), "add --check"),
        (('that = "mean(arr[14]) > 0"',), ("--check", "--months", "12"), "last simulated month"),
        ((MORE.replace("tiny", "no"),), ("--check",), "no.toml, which is not there"),
        ((), ("--precision", "mean(arrr[3]) +- 1"), "Did you mean `arr`"),
        ((), ("--output", "arrr[3]"), "Did you mean `arr`"),
        ((), ("--output", "arr[15]"), "last simulated month"),
        ((), ("--output", "diff(arr[3], 'base.toml')"), "compares with another scenario"),
        ((), ("--output", "prob(arr[3] > 1)"), "--output prob"),
    ],
)
def test_bad_input_of_a_sweep_is_told_before_anything_is_simulated(gtmsim, tables, words, told):
    write("tiny.toml", *tables)
    found = gtmsim("sweep", "tiny.toml", *VARY, *QUICK[:6], *words)
    assert found.code == 2
    assert told in found.err
    assert not Path("results").exists()


def test_a_month_that_only_some_points_reach_is_refused(gtmsim):
    vary = ("--vary", "scenario.months=12,14", "--set", "targets.growth=unset")
    found = gtmsim("sweep", "tiny.toml", *vary, *QUICK[:6], "--output", "arr[13]")
    assert found.code == 2
    assert "lies after the last simulated month, 12" in found.err


# Comparisons


@pytest.fixture
def plans(gtmsim) -> tuple[str, str]:
    write("tiny.toml", MET)
    Path("more.toml").write_text(f'extends = "tiny.toml"\n[teams.ae]\nreps = 3\n[[expect]]\n{MORE}')
    return "tiny.toml", "more.toml"


def test_each_plan_of_a_comparison_is_judged(gtmsim, plans):
    words = ("--check", "--no-funding", "--junit", "j.xml")
    found = gtmsim("compare", *plans, *QUICK, *words)
    assert found.code == 4, "12 draws do not tell whether more reps bring more"
    suites = Xml.parse("j.xml").getroot()
    assert [suite.get("name") for suite in suites] == ["tiny", "more"]
    assert [suite.get("failures") for suite in suites] == ["0", "1"]
    assert gtmsim("compare", *plans, *QUICK, *words, "--inconclusive", "warn").code == 0
    assert gtmsim("compare", *plans, *QUICK[:6], "--no-funding").code == 0


def test_a_plan_has_the_verdicts_that_its_run_has(gtmsim, plans):
    gtmsim("compare", *plans, *QUICK, "--check", "--no-funding", "--judgement", "c.json")
    gtmsim("run", "more.toml", *QUICK, "--check", "--judgement", "r.json")
    (expected,) = checks_of("r.json").values()
    assert checks_of("c.json")["more"] == expected


def test_an_expectation_compares_with_the_plan_as_it_is_compared(gtmsim, plans):
    """With --set both have three reps, so that nothing differs."""
    words = ("--set", "teams.ae.reps=3", "--check", "--no-funding", "--judgement", "c.json")
    assert gtmsim("compare", *plans, *QUICK, *words).code == 0
    (check,) = checks_of("c.json")["more"]
    assert (check["value"], check["low"], check["high"]) == (0, 0, 0)


def test_a_file_beside_the_comparison_is_simulated_for_it(gtmsim, plans):
    write("base.toml", text=TINY.replace("organic_per_month = 9", "organic_per_month = 1"))
    write("tiny.toml", "that = 'prob(diff(arr[end], \"base.toml\") > 0) >= 0.5'")
    found = gtmsim("compare", *plans, *QUICK, "--check", "--no-funding", "--judgement", "c.json")
    assert "base.toml: simulating 12 draws" in found.err
    assert [check["verdict"] for check in checks_of("c.json")["tiny"]] == ["pass"]
    assert {path.name for path in Path("results").iterdir()} == {"tiny", "more"}


def test_results_are_judged_by_the_draws_they_have_and_known_by_their_folder(gtmsim, plans):
    for plan in plans:
        gtmsim("run", plan, *QUICK[:6])
    words = ("--max-draws", "48", "--check", "--no-funding", "--judgement", "c.json")
    found = gtmsim("compare", "results/tiny", "results/more", *QUICK[:6], *words)
    assert found.code == 4
    assert "simulating" not in found.err
    assert {check["draws"] for checks in checks_of("c.json").values() for check in checks} == {12}


def test_more_draws_continue_the_results_of_a_plan(gtmsim, plans, monkeypatch):
    from gtmsim.simulation import api  # noqa: PLC0415

    real, simulated = api.run, []
    monkeypatch.setattr(
        api, "run", lambda work, *a, **k: simulated.append(work.draws) or real(work, *a, **k)
    )
    words = ("--engine", "simpy", "--draws", "6", "--replications", "2", "--max-draws", "12")
    found = gtmsim("compare", *plans, *words, "--check", "--no-funding", "--judgement", "c.json")
    assert found.code == 4
    assert [check["draws"] for check in checks_of("c.json")["more"]] == [12]
    assert simulated == [range(6), range(6), range(6, 12), range(6, 12)]
    with open_results("results/more") as results:
        assert results.sizes["draw"] == 12
    gtmsim("run", "more.toml", *QUICK, "--check", "--judgement", "r.json")
    (expected,) = checks_of("r.json").values()
    ((one,), (alone,)) = checks_of("c.json")["more"], expected
    assert (one["value"], one["draws"]) == (alone["value"], alone["draws"])


def test_a_plan_without_expectations_is_named_and_none_at_all_is_refused(gtmsim, plans):
    write("other.toml")
    found = gtmsim("compare", "tiny.toml", "other.toml", *QUICK, "--check", "--no-funding")
    assert found.code == 0
    assert "other has no [[expect]], and is not judged." in found.err
    assert "other\nIt has no expectation, and was not judged." in found.out
    write("tiny.toml")
    refused = gtmsim("compare", "tiny.toml", "other.toml", *QUICK, "--check")
    assert refused.code == 2
    assert refused.err.count("has no [[expect]]") == 2


def test_problems_of_every_plan_are_told_before_anything_is_simulated(gtmsim, plans):
    write("tiny.toml", MORE.replace("tiny", "nowhere"))
    Path("more.toml").write_text('extends = "tiny.toml"\n[[expect]]\nthat = "mean(arr[40]) > 0"\n')
    found = gtmsim("compare", *plans, *QUICK, "--check")
    assert found.code == 2
    assert "tiny.toml:" in found.err
    assert "nowhere.toml, which is not there" in found.err
    assert "last simulated month, 14; got 40" in found.err
    assert not Path("results").exists()


def test_a_simulation_that_fails_is_an_error_of_its_plan(gtmsim, plans, monkeypatch):
    from gtmsim.errors import SimulationError  # noqa: PLC0415
    from gtmsim.simulation import api  # noqa: PLC0415

    real = api.compile_plan

    def compile_plan(scenario):
        if scenario.teams["ae"].reps == 3:
            raise SimulationError("a worker died")
        return real(scenario)

    monkeypatch.setattr(api, "compile_plan", compile_plan)
    found = gtmsim("compare", *plans, *QUICK, "--check", "--junit", "j.xml")
    assert found.code == 5
    suites = Xml.parse("j.xml").getroot()
    assert [suite.get("errors") for suite in suites] == ["0", "1"]


def test_plans_of_one_file_name_have_results_of_their_own(gtmsim, plans):
    write("later/tiny.toml", MET, text=TINY.replace("reps = 1", "reps = 2"))
    words = ("tiny.toml", "later/tiny.toml", *QUICK[:6], "--no-funding")
    first = gtmsim("compare", *words)
    assert first.code == 0
    assert len(list(Path("results").iterdir())) == 2
    again = gtmsim("compare", *words)
    assert "simulating" not in again.err
    assert again.out == first.out


@pytest.mark.parametrize(
    ("group", "told"),
    [
        ("sales", "wants NAME=path,path"),
        ("sales=", "wants NAME=path,path"),
        ("sales=segments.smb.acv", "is no uncertain input"),
        ("sales=segments.smb.churn", "Did you mean `segments.smb.churn_per_year`"),
    ],
)
def test_a_group_that_is_none_is_told_before_anything_is_simulated(gtmsim, plans, group, told):
    found = gtmsim("compare", *plans, *QUICK[:6], "--group", group)
    assert found.code == 2
    assert told in found.err
    assert not Path("results").exists()


def test_a_group_is_told_beside_the_inputs(gtmsim, plans):
    words = ("--engine", "simpy", "--draws", "50", "--replications", "1", "--no-funding")
    found = gtmsim("compare", *plans, *words, "--group", "market=segments", "--format", "json")
    rows = json.loads(found.out)["tables"]["information"]["rows"]
    assert "group market" in rows


# Before anything is judged


def test_validate_refuses_expectations_that_cannot_be_judged(gtmsim):
    write("tiny.toml", MORE.replace("tiny", "nowhere"), 'that = "mean(arr[15]) > 0"')
    found = gtmsim("validate", "tiny.toml")
    assert found.code == 2
    line = Path("tiny.toml").read_text().splitlines().index(MORE.replace("tiny", "nowhere")) + 1
    assert f"tiny.toml:{line}:29: expect.0.that compares with nowhere.toml" in found.err
    assert (
        f"tiny.toml:{line + 3}:18: expect.1.that lies after the last simulated month" in found.err
    )
    assert "Warning" not in found.err
