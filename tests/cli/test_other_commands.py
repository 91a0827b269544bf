"""`gtmsim trace`, `validate`, `schema` and `init`."""

import csv
import io
import json
from pathlib import Path

import pytest

from gtmsim.scenario.template import template
from tests.cli.disks import fill_the_disk
from tests.cli.scenarios import TINY

TRACE = ("trace", "tiny.toml", "--months", "6", "--engine", "simpy")


def events(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_trace_lists_events_with_names(gtmsim):
    found = gtmsim(*TRACE)
    assert found.code == 0
    lines = found.out.splitlines()
    assert lines[0].split() == ["month", "date", "event", "entity", "detail", "rep", "amount"]
    assert any("content/organic/smb 1." in line for line in lines)


def test_trace_follows_one_entity_from_lead_to_end(gtmsim):
    won = events(gtmsim(*TRACE, "--kind", "won", "--format", "csv").out)[0]
    life = events(gtmsim(*TRACE, "--entity", won["entity"], "--format", "csv").out)
    assert life[0]["event"] == "lead"
    assert {"opportunity", "granted", "won", "invoiced"} <= {event["event"] for event in life}
    assert {event["entity"] for event in life} == {won["entity"]}


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_both_engines_trace_the_same_events(gtmsim, form):
    words = ("trace", "tiny.toml", "--format", form, "--limit", "0", "--replication", "1")
    compiled, simpy = (gtmsim(*words, "--engine", engine).out for engine in ("compiled", "simpy"))
    assert compiled == simpy
    assert len(compiled.splitlines()) > 50


def test_trace_as_json_and_csv_have_the_same_events(gtmsim):
    rows = events(gtmsim(*TRACE, "--format", "csv").out)
    objects = json.loads(gtmsim(*TRACE, "--format", "json").out)
    assert list(rows[0]) == list(objects[0])
    assert [row["event"] for row in rows] == [event["event"] for event in objects]
    assert [float(row["time"]) for row in rows] == [event["time"] for event in objects]


MARKET = """
[buyers]
potential = { median = "8k", p90 = "60k" }
tiers.low = { from_acv = 0 }
tiers.high = { from_acv = "20k" }
regions.near = { share = 0.5 }
regions.far = { share = 0.5 }

[[segmentation]]
to = "smb"
"""


@pytest.mark.parametrize("engine", ["compiled", "simpy"])
def test_trace_tells_what_kind_of_account_a_lead_from_the_market_is(gtmsim, engine):
    Path("market.toml").write_text(TINY.replace("segments = { smb = 1 }\n", "") + MARKET)
    words = ("trace", "market.toml", "--kind", "lead", "--engine", engine)
    table = gtmsim(*words).out.splitlines()[2:]
    rows = events(gtmsim(*words, "--format", "csv").out)
    told = [event["account"] for event in json.loads(gtmsim(*words, "--format", "json").out)]

    assert {(one["tiers"], one["regions"]) for one in told} == {
        (tier, region) for tier in ("low", "high") for region in ("near", "far")
    }
    texts = [f"tiers.{one['tiers']} regions.{one['regions']}" for one in told]
    assert [row["account"] for row in rows] == texts
    assert all(f"content ({text})" in line for text, line in zip(texts, table, strict=False))


def test_trace_shows_a_hundred_events_unless_told_otherwise(gtmsim):
    some = gtmsim(*TRACE)
    assert len(some.out.splitlines()) == 102
    assert "100 of " in some.err
    assert len(gtmsim(*TRACE, "--limit", "0").out.splitlines()) > 102
    assert len(gtmsim(*TRACE, "--limit", "7").out.splitlines()) == 9


def test_trace_says_when_nothing_matches(gtmsim):
    words = (*TRACE, "--entity", "company", "--kind", "won")
    found = gtmsim(*words)
    assert found.code == 0
    assert "No such event" in found.err
    assert json.loads(gtmsim(*words, "--format", "json").out) == []


def test_trace_refuses_an_entity_that_is_not_there(gtmsim):
    found = gtmsim(*TRACE, "--entity", "nobody")
    assert found.code == 2
    assert "--entity 'nobody' is not in this future" in found.err
    assert "such as 'content/organic/smb 1.0.0'" in found.err
    assert found.out == ""


@pytest.mark.parametrize("columns", [75, 80])
def test_a_trace_is_folded_to_a_narrow_terminal(gtmsim, monkeypatch, columns):
    words = (*TRACE, "--limit", "0")
    whole = gtmsim(*words).out
    monkeypatch.setenv("COLUMNS", str(columns))
    narrow = gtmsim(*words).out
    assert max(map(len, narrow.splitlines())) <= columns
    assert len(narrow.splitlines()) >= len(whole.splitlines())


def test_trace_counts_the_reps_who_start(gtmsim):
    words = ("--set", "teams.ae.hires=[{month=3,n=2}]", "--kind", "rep_started")
    assert gtmsim(*TRACE, *words).out.splitlines()[-1].endswith("2 reps")


def test_draws_and_replications_have_different_luck(gtmsim):
    words = (*TRACE, "--kind", "lead", "--format", "csv")
    first, second = (gtmsim(*words, "--replication", n).out for n in ("0", "1"))
    assert first != second


def test_validate_says_what_a_scenario_holds(gtmsim):
    found = gtmsim("validate", "tiny.toml")
    assert found.code == 0
    assert found.out.strip() == (
        "tiny.toml is valid: 1 segment, 1 channel, 1 team, 1 uncertain input, 14 months"
    )


def test_validate_tells_every_mistake_of_every_file(gtmsim):
    Path("bad.toml").write_text(Path("tiny.toml").read_text().replace("win_rate = 0.3",
                                "win_rate = 1.3\nteem = 1"))  # fmt: skip
    found = gtmsim("validate", "tiny.toml", "bad.toml", "missing.toml")
    assert found.code == 2
    assert "tiny.toml is valid" in found.out
    assert "bad.toml:" in found.err
    assert "win_rate" in found.err
    assert "teem" in found.err
    assert "missing.toml: does not exist" in found.err


def test_schema_is_json(gtmsim):
    schema = json.loads(gtmsim("schema").out)
    assert "segments" in schema["properties"]


def test_schema_writes_one_of_the_pages_or_says_that_they_are_two(gtmsim):
    assert gtmsim("schema", "--markdown").out.startswith("# The scenario file\n")
    assert gtmsim("schema", "--metrics").out.startswith("# What each metric means\n")
    both = gtmsim("schema", "--metrics", "--markdown")
    assert both.code == 2
    assert "two pages" in both.err


def test_init_writes_a_scenario_that_is_valid(gtmsim):
    found = gtmsim("init")
    assert found.code == 0
    assert Path("plan.toml").read_text(encoding="utf-8") == template()
    assert gtmsim("validate", "plan.toml").code == 0


def test_init_never_overwrites_unless_forced(gtmsim):
    Path("mine.toml").write_text("precious")
    found = gtmsim("init", "mine.toml")
    assert found.code == 2
    assert "--force" in found.err
    assert Path("mine.toml").read_text() == "precious"
    assert gtmsim("init", "mine.toml", "--force").code == 0
    assert Path("mine.toml").read_text(encoding="utf-8") == template()


def test_init_writes_to_the_terminal_where_asked(gtmsim):
    assert gtmsim("init", "-").out == template()
    assert not Path("-").exists()


@pytest.mark.parametrize("words", [("init", "new.toml"), ("init", "mine.toml", "--force")])
def test_init_on_a_full_disk_leaves_what_was_there(gtmsim, monkeypatch, words):
    Path("mine.toml").write_text("precious")
    before = sorted(Path().iterdir())
    fill_the_disk(monkeypatch)
    found = gtmsim(*words)
    assert found.code == 1
    assert found.err == f"Error: {words[1]} cannot be written: No space left on device\n"
    assert sorted(Path().iterdir()) == before
    assert Path("mine.toml").read_text() == "precious"


def test_a_command_that_is_suggested_can_be_copied(gtmsim):
    found = gtmsim("init", "my plan; rm *.toml")
    assert "Next: gtmsim run 'my plan; rm *.toml'" in found.err


def test_a_file_name_that_acts_on_a_terminal_is_shown_by_its_codes(gtmsim):
    Path("a\x1b[2Jb\n.toml").write_text(
        Path("tiny.toml").read_text().replace("reps = 1", "reps = -1")
    )
    found = gtmsim("validate", "a\x1b[2Jb\n.toml")
    assert found.code == 2
    assert "\x1b" not in found.err
    assert found.err.startswith("a\\x1b[2Jb\\n.toml:24:8: teams.ae.reps")


def test_init_in_a_folder_that_is_not_there_is_invalid_input(gtmsim):
    found = gtmsim("init", "no/such/folder/plan.toml")
    assert found.code == 2
    assert "cannot be written" in found.err
