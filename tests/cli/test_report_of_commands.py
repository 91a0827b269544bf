"""Commands leave a page beside what they keep, and lose no answer over it."""

from pathlib import Path

import pytest

QUICK = ("--engine", "simpy", "--draws", "4", "--replications", "2", "--months", "6")
VARY = ("--vary", "company.cash=1M,2M", "--vary", "teams.ae.reps=1,2")


@pytest.fixture
def plans(gtmsim):
    Path("more.toml").write_text('extends = "tiny.toml"\n[teams.ae]\nreps = 3\n')
    return "tiny.toml", "more.toml"


def test_a_comparison_leaves_a_page_that_names_its_command(gtmsim, plans):
    found = gtmsim("compare", *plans, *QUICK, "--no-funding", "--quiet")
    (file,) = Path("results").glob("more-against-tiny-*/report.html")
    text = file.read_text(encoding="utf-8")
    assert "gtmsim compare tiny.toml more.toml --engine simpy" in text
    assert "--quiet" not in text[text.index("<pre") : text.index("</pre>")]
    assert found.err == ""


def test_the_page_of_a_comparison_goes_where_it_is_asked_for_or_nowhere(gtmsim, plans):
    words = ("compare", *plans, *QUICK, "--no-funding")
    told = gtmsim(*words, "--report", "boards/q3.html", "--png", "slides").err
    assert "Open or forward boards/q3.html" in told
    assert Path("boards/q3.html").is_file()
    assert {file.suffix for file in Path("slides").iterdir()} == {".png", ".svg"}
    assert not [*Path("results").glob("*against*")]
    gtmsim(*words, "--no-report")
    assert not [*Path("results").glob("*against*")]
    assert gtmsim(*words, "--no-report", "--report", "x.html").code == 2


def test_a_file_that_is_no_page_stays_and_the_answer_is_told(gtmsim, plans):
    Path("notes.html").write_text("mine")
    found = gtmsim("compare", *plans, *QUICK, "--no-funding", "--report", "notes.html")
    assert found.code == 0
    assert "Which plan" in found.out
    assert "No report was written: notes.html is no page of gtmsim" in found.err
    assert Path("notes.html").read_text() == "mine"


def test_a_sweep_leaves_a_page_that_can_be_made_again_from_its_folder(gtmsim):
    found = gtmsim("sweep", "tiny.toml", *VARY, *QUICK, "--out", "mine")
    assert "Open or forward mine/report.html" in found.err
    first = Path("mine/report.html").read_text(encoding="utf-8")
    assert "gtmsim sweep tiny.toml --vary" in first
    assert gtmsim("report", "mine").code == 0
    assert Path("mine/report.html").read_text(encoding="utf-8") == first


def test_a_stress_test_leaves_a_page(gtmsim):
    words = ("--only", "win_rate_down", "--no-funding", "--out", "tested")
    found = gtmsim("stress", "tiny.toml", *QUICK, *words)
    assert found.code == 0, found.err
    assert "Open or forward tested/report.html" in found.err
    assert "gtmsim stress tiny.toml" in Path("tested/report.html").read_text(encoding="utf-8")
