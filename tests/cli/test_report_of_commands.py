"""Commands leave a page beside what they keep, and lose no answer over it."""

from pathlib import Path

import pytest

from gtmsim.errors import Interrupted, ResultsError
from tests.cli.scenarios import TINY

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


def test_a_file_that_is_no_page_stays_and_is_told_before_anything_runs(gtmsim, plans):
    Path("notes.html").write_text("mine")
    found = gtmsim("compare", *plans, *QUICK, "--no-funding", "--report", "notes.html", "-q")
    assert found.code == 2
    assert found.out == ""
    assert "notes.html is no page of gtmsim" in found.err
    assert Path("notes.html").read_text() == "mine"


def test_pictures_that_cannot_be_written_are_told_even_to_the_quiet(gtmsim, plans):
    Path("gone").write_text("a file where a folder should be")
    words = ("--no-funding", "--no-report", "--png", "gone/pictures", "-q")
    found = gtmsim("compare", *plans, *QUICK, *words)
    assert "Which plan" in found.out
    assert "No report was written" in found.err
    assert "gone" in found.err


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


MET = '[[expect]]\nthat = "prob(arr[end] >= 1) >= 0.5"\n'
DRAWN = (*QUICK, "--check", "--max-draws", "4")
JUDGED = {
    "run": ("run", "tiny.toml", "--out", "kept"),
    "sweep": ("sweep", "tiny.toml", *VARY, "--out", "kept"),
    "compare": (
        "compare",
        "tiny.toml",
        "more.toml",
        "--no-funding",
        "--report",
        "kept/report.html",
    ),
}
JUDGES = {
    "run": "gtmsim.analysis.checking.judged",
    "sweep": "gtmsim.analysis.judging.judge_points",
    "compare": "gtmsim.cli.compare.judge_plans",
}


@pytest.mark.parametrize("command", JUDGED)
@pytest.mark.parametrize(
    ("error", "code"), [(Interrupted("Stopped"), 130), (ResultsError("The folder is gone"), 2)]
)
def test_a_page_is_written_although_judging_ends_early(
    gtmsim, plans, monkeypatch, command, error, code
):
    def fail(_what: object, draws: object, _budget: object, simulate: object, *_: object) -> None:
        if command == "run":
            simulate(draws).close()
        raise error

    Path("tiny.toml").write_text(TINY + MET)
    monkeypatch.setattr(JUDGES[command], fail)
    found = gtmsim(*JUDGED[command], *DRAWN)
    assert (found.code, str(error) in found.err) == (code, True)
    assert "Open or forward kept/report.html" in found.err
    assert "</html>" in Path("kept/report.html").read_text(encoding="utf-8")
    assert ("Results are in kept" in found.err) == (command == "run")
    assert ("The sweep is in kept" in found.err) == (command == "sweep")


@pytest.mark.parametrize("command", JUDGED)
def test_a_page_has_the_verdicts_although_their_file_cannot_be_written(
    gtmsim, plans, monkeypatch, command
):
    def fail(*_: object) -> None:
        raise ResultsError("j.xml cannot be written: No space left on device")

    Path("tiny.toml").write_text(TINY + MET)
    monkeypatch.setattr("gtmsim.cli.gating.write_or_tell", fail)
    found = gtmsim(*JUDGED[command], *DRAWN, "--junit", "j.xml")
    assert (found.code, "j.xml cannot be written" in found.err) == (2, True)
    assert "Every expectation that counts" in Path("kept/report.html").read_text(encoding="utf-8")


def test_what_fails_last_hides_nothing_that_failed_first(gtmsim, monkeypatch):
    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    def refuse(*_: object) -> None:
        raise ResultsError("The folder is gone")

    Path("tiny.toml").write_text(TINY + MET)
    monkeypatch.setattr("gtmsim.pages.sweep.build.sweep_page", fail)
    monkeypatch.setattr("gtmsim.analysis.judging.judge_points", refuse)
    found = gtmsim(*JUDGED["sweep"], *DRAWN)
    assert (found.code, "The folder is gone" in found.err) == (2, True)


def test_a_comparison_that_judging_continues_has_a_page_too(gtmsim, plans):
    Path("tiny.toml").write_text(TINY + '[[expect]]\nthat = "median(arr[end]) >= 230k"\n')
    found = gtmsim(*JUDGED["compare"], *QUICK, "--check", "--max-draws", "8")
    assert "simulating 8 draws" in found.err
    assert "after 8 draws" in Path("kept/report.html").read_text(encoding="utf-8")
