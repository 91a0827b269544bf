"""Verdicts as others read them: machines, continuous integration, and people."""

import json
import re
from dataclasses import replace
from itertools import product
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gtmsim.analysis.evaluating import Measured
from gtmsim.analysis.gate import exit_code
from gtmsim.errors import ScenarioError
from gtmsim.report.gate import (
    annotations,
    as_json,
    as_junit,
    as_mapping,
    as_markdown,
    figure_text,
    lines,
)
from gtmsim.statistics.error import Estimate
from tests.analysis.verdicts import judged, judgement

HOSTILE = "a|b <i>\"x\"</i> & 'c' ]]> *_`\\\n::error::,: 100% \x1b[31m\x00 \ud800 é"
EVERY = ["pass", "breach", "inconclusive", "error"]
VERDICTS = [*EVERY, *(f"{verdict}?" for verdict in EVERY)]


def printed(*judgements, width=80):
    return [line.plain for line in lines(judgements, width)]


def suites(*judgements):
    return Xml.fromstring(as_junit(judgements).encode())


# JSON


def test_the_json_document_says_its_format_and_every_verdict():
    document = json.loads(as_json([judgement("pass", "breach?", reason="why")]))
    assert (document["format"], document["format_version"]) == ("gtmsim.gate", 1)
    assert (document["outcome"], document["exit_code"]) == ("pass", 0)
    (suite,) = document["judgements"]
    assert (suite["subject"], suite["inconclusive"]) == ("A plan", "fail")
    assert suite["checks"][1] == {
        "name": "The cash lasts",
        "that": "prob(survives) > 0.3",
        "verdict": "breach",
        "fails": False,
        "severity": "warning",
        "level": 0.95,
        "value": 0.34,
        "low": 0.31,
        "high": 0.37,
        "interval_level": 0.95,
        "sign": ">",
        "threshold": 0.3,
        "undefined": 0.0,
        "draws": 512,
        "replications": 2,
        "reason": "why",
        "file": "plans/a.toml",
        "line": 7,
    }


def test_what_is_no_number_is_null_in_json():
    infinite = replace(judged("breach"), measured=Measured(Estimate(0.1, float("-inf"), 1.0), 0.0))
    for found in (judgement("error"), replace(judgement(), judged=(infinite,))):
        assert json.loads(as_json([found]))["judgements"][0]["checks"][0]["low"] is None


def test_a_tolerance_has_its_half_width_as_threshold():
    found = as_mapping([judgement("pass", text="mean(arr[3]) +- 50k")])
    (check,) = found["judgements"][0]["checks"]
    assert (check["sign"], check["threshold"]) == ("+-", 50e3)


@pytest.mark.parametrize("write", [as_json, as_junit, as_markdown, lambda j: printed(*j)])
def test_nothing_judged_is_written_by_nothing(write):
    with pytest.raises(ScenarioError, match="no expectation"):
        write([judgement()])


# JUnit


@pytest.mark.parametrize("policy", ["fail", "warn"])
@pytest.mark.parametrize("verdicts", list(product(VERDICTS, repeat=2)))
def test_junit_has_a_failure_or_an_error_exactly_where_the_gate_fails(verdicts, policy):
    found = judgement(*verdicts, inconclusive=policy)
    tree = suites(found)
    failed = tree.findall(".//failure") + tree.findall(".//error")
    assert bool(failed) == (exit_code([found]) != 0)
    (suite,) = tree
    assert int(suite.get("tests")) == len(tree.findall(".//testcase")) == 2
    for tag, key in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert int(suite.get(key)) == len(tree.findall(f".//{tag}"))
    passed = [case for case in tree.iter("testcase") if not len(case)]
    assert len(passed) == sum(verdict.startswith("pass") for verdict in verdicts)


def test_junit_tells_a_breach_from_an_error_and_from_what_is_not_known():
    tree = suites(judgement("breach", "inconclusive", "error", "breach?", reason="why"))
    children = [case[0] for case in tree.iter("testcase")]
    assert [child.tag for child in children] == ["failure", "failure", "error", "skipped"]
    assert [child.get("type") for child in children] == ["breach", "inconclusive", "error", None]
    assert children[0].get("message") == (
        "The cash lasts: prob(survives) > 0.3: breach, 34% (31% to 37%); why"
    )
    case = tree.find(".//testcase")
    assert (case.get("file"), case.get("line")) == ("plans/a.toml", "7")
    skipped = suites(judgement("inconclusive", inconclusive="warn")).find(".//skipped")
    assert "inconclusive" in skipped.get("message")


def test_a_failed_simulation_is_an_error_everywhere_though_nothing_of_it_was_judged():
    for told in (judgement("pass"), judgement(), judgement("breach?")):
        failed = replace(told, failure="a worker died")
        document = as_mapping([failed])
        assert (document["outcome"], document["exit_code"]) == ("error", 5)
        assert document["judgements"][0]["failure"] == "a worker died"
        (suite,) = suites(failed)
        assert suite.get("errors") == "1"
        assert suite.find("testcase/error").get("message").endswith("a worker died.")
        assert any(line.startswith("::error") for line in annotations([failed]))
        assert "a worker died" in as_markdown([failed])
        assert printed(failed)[-1] == "A simulation failed."


def test_a_failed_simulation_is_told_once_where_its_checks_are_errors():
    failed = replace(judgement("error?"), failure="a worker died")
    (suite,) = suites(failed)
    assert (suite.get("tests"), suite.get("errors"), suite.get("skipped")) == ("1", "1", "0")


def test_a_sweep_has_a_test_suite_per_point():
    tree = suites(judgement("pass", subject="acv=1k"), judgement("breach", subject="acv=2k"))
    assert [suite.get("name") for suite in tree] == ["acv=1k", "acv=2k"]
    assert [suite.get("failures") for suite in tree] == ["0", "1"]


# Hostile names


@pytest.mark.parametrize("name", [HOSTILE, "]]>", '"><failure/>', "&lt;", "\ufffe"])
def test_junit_holds_any_name_without_changing_its_structure(name):
    tree = suites(judgement("pass", name=name, subject=name, reason=name))
    assert [element.tag for element in tree.iter()] == ["testsuites", "testsuite", "testcase"]
    kept = re.sub("[\x00\x1b\ud800\ufffe]", "\ufffd", name)
    assert tree.find(".//testcase").get("name") == kept


@given(st.text(st.characters(), max_size=30))
def test_junit_can_be_read_back_whatever_the_names_are(name):
    tree = suites(judgement("breach", name=name or "x", subject=name, reason=name))
    assert len(tree.findall(".//failure")) == 1


@given(st.text(st.characters(), max_size=30))
def test_a_markdown_row_has_its_cells_whatever_the_names_are(name):
    rows = as_markdown([judgement("breach", name=name or "x", reason=name)]).splitlines()
    table = [row for row in rows if row.startswith("|")]
    assert len(table) == 3
    assert {len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) for row in table} == {6}


def test_markdown_of_a_hostile_name_is_its_text():
    (row,) = as_markdown([judgement("pass", name=HOSTILE, subject="")]).splitlines()[-1:]
    assert row.startswith(r"| pass | a\|b \<i\>" + '"x"' + r"\</i\> &amp; 'c' \]\]\> \*\_\`\\ ::er")
    assert "\x1b" not in row


@given(st.text(st.characters(), max_size=30))
def test_an_annotation_is_one_line_that_reads_back_as_it_was_meant(name):
    (line,) = annotations([judgement("breach", name=name or "x", subject=name)])
    assert not set(line) & set("\r\n")
    command, properties, data = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line, re.DOTALL).groups()
    assert command == "error"
    read = dict(part.split("=", 1) for part in properties.split(","))
    assert list(read) == ["file", "line", "col", "title"]
    assert unescaped(read["title"]) == (name or "x")
    assert unescaped(data).startswith(f"{name}: {name}" if name else "x: ")


def unescaped(text):
    for code, sign in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(code, sign)
    return text


# Annotations


def test_annotations_are_errors_where_the_gate_fails_and_else_warnings_at_their_lines():
    found = judgement("pass", "breach", "inconclusive", "error", "breach?", inconclusive="warn")
    told = list(annotations([found]))
    assert [line.split(" ")[0] for line in told] == ["::error", "::warning", "::error", "::warning"]
    assert told[0] == (
        "::error file=plans/a.toml,line=7,col=8,title=The cash lasts::A plan: "
        "The cash lasts: prob(survives) > 0.3: breach, 34%25 (31%25 to 37%25)"
    )


def test_an_expectation_of_an_option_has_no_line_to_annotate():
    first = judged("breach")
    nowhere = replace(first, check=replace(first.check, place=None))
    (line,) = annotations([replace(judgement(), judged=(nowhere,), subject="")])
    assert line.startswith("::error title=The cash lasts::The cash lasts: ")


# Text


@pytest.mark.parametrize("width", [80, 60, 120])
def test_the_table_fits_the_terminal(width):
    long = 'prob(diff(arr[24, segment=mid_market], "plans/add_midmarket_later.toml") > 0) >= 0.8'
    found = judgement(*VERDICTS, name="x" * 90, text=long, reason=long)
    text = printed(found, width=width)
    assert max(map(len, text)) <= width
    assert "xxxxxxxx" in "".join(text)


def test_the_table_says_what_came_out_and_the_last_line_what_it_comes_to():
    text = printed(judgement("breach", "breach?", "inconclusive", inconclusive="warn"))
    assert [line.split("  ")[0] for line in text[3:6]] == [
        "BREACH", "breach (warning)", "inconclusive (warning)",
    ]  # fmt: skip
    assert text[3].endswith("34% (31% to 37%)")
    assert text[-1] == "The plan breaches an expectation."
    assert printed(judgement("pass"))[-1] == "Every expectation that counts is met."


def test_nothing_that_acts_on_a_terminal_reaches_it():
    text = printed(judgement("breach", name=HOSTILE, subject=HOSTILE, reason=HOSTILE))
    assert all(line.isprintable() for line in text)


@pytest.mark.parametrize(
    ("text", "estimate", "written"),
    [
        ("prob(survives) > 0.3", (0.34, 0.31, 0.37), "34% (31% to 37%)"),
        ("mean(nrr[24]) > 90%", (1.05, 0.98, 1.1), "105% (98% to 110%)"),
        ("mean(nrr[24]) > 0.9", (1.05, 0.98, 1.1), "1.05 (0.98 to 1.1)"),
        ("p10(cash_min) > $1M", (-24_100, -1.2e6, 3e6), "-$24.1k (-$1.2M to $3M)"),
        ("p10(cash_min) > EUR 1M", (2e6, 1e6, 3e6), "EUR 2M (EUR 1M to EUR 3M)"),
        ("p1(cash_min) > 0", (5, float("-inf"), 7), "5 (unbounded to 7)"),
        ("mean(arr[3]) +- 50k", (2e6, 1.9e6, 2.1e6), "2M (1.9M to 2.1M)"),
        ("mean(arr[3]) > 0", (float("nan"),) * 3, "-"),
    ],
)
def test_a_figure_is_written_in_the_way_of_its_threshold(text, estimate, written):
    found = replace(judged("pass", text=text), measured=Measured(Estimate(*estimate), 0.0))
    assert figure_text(found) == written
