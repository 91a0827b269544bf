"""`gtmsim run --check` and `--precision`: verdicts, their files and exit codes."""

import json
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from tests.cli.disks import fill_the_disk
from tests.cli.scenarios import TINY

QUICK = ("--engine", "simpy", "--draws", "20", "--replications", "2", "--max-draws", "20")
MET = 'that = "prob(arr[end] >= 1) >= 0.5"'
BROKEN = 'that = "mean(arr[end]) >= 1B"'
NOTHING = 'that = "mean(arr[1] / 0) > 0"'


def expecting(*tables: str) -> None:
    Path("tiny.toml").write_text(TINY + "".join(f"[[expect]]\n{table}\n" for table in tables))


@pytest.mark.parametrize(
    ("tables", "code"),
    [
        ((MET,), 0),
        ((MET, BROKEN), 3),
        ((BROKEN + '\nseverity = "warning"',), 0),
        ((NOTHING, BROKEN), 5),
    ],
    ids=["met", "broken", "a warning", "no figure"],
)
def test_the_exit_code_is_that_of_the_verdicts(gtmsim, tables, code):
    expecting(*tables)
    found = gtmsim("run", "tiny.toml", "--check", *QUICK)
    assert found.code == code
    assert "ARR bridge by year" in found.out


@pytest.mark.parametrize("command", ["run", "sweep", "compare"])
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--max-draws", "16"), "--max-draws says how judging ends: add --check or --precision."),
        (("--inconclusive", "warn"), "--inconclusive says how judging ends: add --check or"),
        (("--draws", "32", "--max-draws", "16", "--check"), "16 is below --draws, which is 32:"),
        (("--max-draws", "16", "--check"), "16 is below --draws, which is 1,024 by default:"),
    ],
)
def test_limits_of_judging_without_use_are_refused(gtmsim, tmp_path, command, words, told):
    expecting(MET)
    more = {"run": (), "sweep": ("--vary", "company.cash=1M,2M"), "compare": ("tiny.toml",)}
    found = gtmsim(command, "tiny.toml", *more[command], *words)
    assert found.code == 2
    assert told in found.err
    assert not (tmp_path / "results").exists()


def test_what_cannot_be_decided_fails_unless_told_otherwise(gtmsim):
    arr = json.loads(gtmsim("run", "tiny.toml", *QUICK[:6], "--format", "json").out)
    median = arr["tables"]["arr_by_year"]["rows"]["year_2"]["closing"]["p50"]["value"]
    expecting(f'that = "median(arr[end]) >= {median:.0f}"')
    assert gtmsim("run", "tiny.toml", "--check", *QUICK).code == 4
    assert gtmsim("run", "tiny.toml", "--check", *QUICK, "--inconclusive", "warn").code == 0


def test_the_reports_agree_with_the_exit_code(gtmsim, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    expecting(MET, BROKEN)
    files = ("--junit", "j.xml", "--judgement", "j.json", "--summary", "s.md")
    found = gtmsim("run", "tiny.toml", "--check", *QUICK, *files)
    assert found.code == 3
    suite = next(Xml.parse("j.xml").getroot().iter("testsuite"))
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert "breach" in Path("j.json").read_text()
    assert "breach" in Path("s.md").read_text()
    assert "::error file=tiny.toml,line=" in found.err
    assert {path.name for path in Path().iterdir()} == {
        "tiny.toml", "results", "j.xml", "j.json", "s.md",
    }  # fmt: skip


REPORTS = (("--junit", "v.xml"), ("--judgement", "v.json"), ("--summary", "v.md"))


@pytest.mark.parametrize(("option", "file"), REPORTS)
def test_a_report_replaces_an_older_report_and_nothing_else(gtmsim, option, file):
    expecting(MET)
    words = ("run", "tiny.toml", "--check", *QUICK, "--no-save")
    assert gtmsim(*words, option, file).code == 0
    first = Path(file).read_text()
    expecting(BROKEN)
    assert gtmsim(*words, option, file).code == 3
    assert Path(file).read_text() != first


@pytest.mark.parametrize(("option", "file"), REPORTS)
@pytest.mark.parametrize("precious", ["tiny.toml", "notes.md"])
def test_a_report_never_replaces_a_file_of_the_users(gtmsim, option, file, precious):
    expecting(MET)
    Path("notes.md").write_text("Mine.")
    before = Path(precious).read_text()
    found = gtmsim("run", "tiny.toml", "--check", *QUICK, option, precious)
    assert found.code == 2
    assert f"{option}: {precious} holds something else than verdicts" in found.err
    assert Path(precious).read_text() == before
    assert not Path("results").exists()


def test_a_report_may_go_to_a_file_that_a_service_made_empty(gtmsim):
    expecting(MET)
    Path("step.md").touch()
    assert gtmsim("run", "tiny.toml", "--check", *QUICK, "--summary", "step.md").code == 0
    assert "prob" in Path("step.md").read_text()


def test_a_report_on_a_full_disk_leaves_the_older_one(gtmsim, monkeypatch):
    expecting(MET)
    words = ("run", "tiny.toml", "--check", *QUICK, "--no-save", "--junit", "v.xml")
    gtmsim(*words)
    before = Path("v.xml").read_text()
    fill_the_disk(monkeypatch)
    assert gtmsim(*words).code == 1
    assert Path("v.xml").read_text() == before


def test_more_draws_are_simulated_only_while_something_is_undecided(gtmsim):
    words = ("--engine", "simpy", "--replications", "2", "--draws", "8", "--max-draws", "32")
    expecting(MET)
    decided = gtmsim("run", "tiny.toml", "--check", *words)
    assert "8 draws x 2" in decided.out
    expecting('that = "prob(arr[end] >= 1) >= 0.9"')  # 8 draws leave room for less
    more = gtmsim("run", "tiny.toml", "--check", *words)
    assert "32 draws x 2" in more.out


def test_a_precision_is_reached_or_told_to_be_out_of_reach(gtmsim):
    words = ("run", "tiny.toml", *QUICK, "--precision")
    assert gtmsim(*words, "mean(arr[end]) +- 1M").code == 0
    assert gtmsim(*words, "mean(arr[end]) +- 1").code == 4


def test_every_precision_is_judged_and_not_the_last_alone(gtmsim):
    unknown, known = ("--precision", "mean(arr[end]) +- 1"), ("--precision", "p10(cash_min) > 0")
    words = ("--junit", "v.xml", "--judgement", "v.json")
    assert gtmsim("run", "tiny.toml", *QUICK, *unknown, *known, *words).code == 4
    checks = json.loads(Path("v.json").read_text())["judgements"][0]["checks"]
    assert [check["that"] for check in checks] == [unknown[1], known[1]]
    assert [check["verdict"] for check in checks] == ["inconclusive", "pass"]
    assert Path("v.xml").read_text().count("<testcase") == 2


def test_every_precision_that_is_none_is_told_at_once(gtmsim):
    words = ("--precision", "mean(arr[end]) + 3", "--precision", "prob(survives) >= 90")
    found = gtmsim("run", "tiny.toml", *QUICK, *words)
    assert found.code == 2
    assert "wants >=, <=, > or <" in found.err
    assert "Did you mean 90%?" in found.err


def test_a_difference_is_taken_on_the_same_luck(gtmsim):
    gtmsim("run", "tiny.toml", *QUICK[:6])
    expecting(MET)
    Path("twin.toml").write_text(
        'extends = "tiny.toml"\nexpect = [{ that = "p1(diff(arr[end], \\"tiny.toml\\")) >= 0" },'
        ' { that = "p99(diff(arr[end], \\"tiny.toml\\")) <= 0" }]\n'
    )
    found = gtmsim("run", "twin.toml", "--check", "--engine", "simpy", "--draws", "400",
                   "--replications", "1", "--max-draws", "400", "--months", "3", "--no-save",
                   "--format", "json")  # fmt: skip
    assert found.code == 0, found.err


@pytest.mark.parametrize(
    ("tables", "words", "told"),
    [
        ((), ("--check",), "has no [[expect]]"),
        (('that = "p10(cash_mni) > 0"',), ("--check",), "cash_min"),
        (('that = "mean(arr[40]) > 0"',), ("--check",), "last simulated month"),
        (('that = "prob(survives) >= 90"',), ("--check",), "Did you mean 90%?"),
        (('that = "diff(arr[3], \\"no.toml\\") > 0"',), ("--check",), "no.toml"),
        ((MET,), ("--precision", "mean(arr[end]) + 3"), "--precision"),
        ((MET,), ("--junit", "j.xml"), "--check"),
        ((MET,), ("--check", "--junit", "nowhere/j.xml"), "no folder"),
    ],
)
def test_bad_input_is_told_before_anything_is_simulated(gtmsim, tables, words, told):
    expecting(*tables)
    found = gtmsim("run", "tiny.toml", *QUICK, *words)
    assert found.code == 2
    assert told in found.err
    assert not Path("results").exists()
