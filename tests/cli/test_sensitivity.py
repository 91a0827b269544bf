"""`gtmsim sensitivity` of saved results."""

import json
from pathlib import Path

from tests.cli.scenarios import TINY

QUICK = ("--engine", "simpy", "--draws", "60", "--replications", "2")


def test_the_answer_names_what_matters(gtmsim):
    gtmsim("run", "tiny.toml", *QUICK)
    found = gtmsim("sensitivity", "results/tiny")
    assert found.code == 0
    assert "Which assumption matters" in found.out
    assert "is what we do not know" in found.out
    assert max(map(len, found.out.splitlines())) <= 100


def test_json_holds_the_asked_output(gtmsim):
    gtmsim("run", "tiny.toml", *QUICK)
    words = ("sensitivity", "results/tiny", "--output", "arr[6]", "--format", "json")
    tables = json.loads(gtmsim(*words).out)["tables"]
    assert list(tables["split"]["rows"]) == ["arr[6]"]


def test_bad_input_is_told_in_a_line(gtmsim):
    assert gtmsim("sensitivity", "nowhere").code == 2
    gtmsim("run", "tiny.toml", *QUICK)
    found = gtmsim("sensitivity", "results/tiny", "--output", "arrr[6]")
    assert found.code == 2
    assert "arr" in found.err
    Path("tiny.toml").write_text(
        TINY.replace("churn_per_year = { p10 = 0.1, p90 = 0.3 }", "churn_per_year = 0.2")
    )
    gtmsim("run", "tiny.toml", *QUICK)
    certain = gtmsim("sensitivity", "results/tiny")
    assert certain.code == 2
    assert "no input is uncertain" in certain.err
