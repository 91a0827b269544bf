"""`gtmsim report`, and the page that `gtmsim run` writes beside its results."""

from pathlib import Path

import pytest

from gtmsim.cli import report as reporting

QUICK = ("--engine", "simpy", "--draws", "3", "--replications", "2")
PAGE = Path("results/tiny/report.html")


def test_a_run_writes_a_page_beside_its_results(gtmsim):
    found = gtmsim("run", "tiny.toml", *QUICK)
    assert found.code == 0
    assert "Open or forward results/tiny/report.html." in found.err
    names = {path.name for path in PAGE.parent.iterdir()}
    assert names == {"report.html", "results.nc", "scenario.toml", "summary.json"}
    text = PAGE.read_text()
    assert "<title>Tiny" in text
    assert "Closing ARR reaches $200k" in text
    assert "tiny.toml:14" in text  # where the price stands
    assert "gtmsim run tiny.toml --draws 3 --replications 2 --seed 1" in text


@pytest.mark.parametrize("option", ["--no-save", "--smoke"])
def test_a_run_that_keeps_nothing_writes_no_page(gtmsim, option):
    assert gtmsim("run", "tiny.toml", *QUICK, option).code == 0
    assert not Path("results").exists()


def test_a_file_that_is_not_ours_stays_and_results_are_saved(gtmsim):
    PAGE.parent.mkdir(parents=True)
    PAGE.write_text("my own")
    found = gtmsim("run", "tiny.toml", *QUICK)
    assert found.code == 0
    assert "The results are saved, without a report" in found.err
    assert PAGE.read_text() == "my own"
    assert Path("results/tiny/results.nc").exists()


def test_a_page_that_fails_loses_no_results_and_leaves_no_earlier_page(gtmsim, monkeypatch):
    gtmsim("run", "tiny.toml", *QUICK)

    def fail(*_: object) -> None:
        raise RuntimeError("no ink")

    monkeypatch.setattr(reporting, "write_page", fail)
    found = gtmsim("run", "tiny.toml", *QUICK, "--seed", "2")
    assert found.code == 0
    assert "without a report: no ink" in found.err
    assert "seed 2" in gtmsim("show", "results/tiny").out
    assert not PAGE.exists()


def test_who_stops_the_page_is_told_that_results_are_saved(gtmsim, monkeypatch):
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(reporting, "write_page", stop)
    found = gtmsim("run", "tiny.toml", *QUICK)
    assert found.code == 130
    assert "Stopped; the results are saved, without a report" in found.err
    assert gtmsim("show", "results/tiny").code == 0


def test_report_writes_the_page_and_the_pictures_again(gtmsim):
    gtmsim("run", "tiny.toml", *QUICK)
    before = PAGE.read_text()
    assert gtmsim("report", "results/tiny").code == 0
    assert PAGE.read_text().partition("<footer>")[0] == before.partition("<footer>")[0]
    found = gtmsim("report", "results/tiny", "--out", "mine.html", "--png", "pictures")
    assert found.code == 0
    assert Path("mine.html").exists()
    names = {path.name for path in Path("pictures").iterdir()}
    assert {"arr.png", "arr.svg", "cash.png"} <= names
    assert f"Wrote {len(names)} pictures into pictures" in found.err


def test_a_run_draws_its_pictures_too_and_loses_nothing_where_it_cannot(gtmsim):
    Path("pictures").mkdir()
    Path("pictures/arr.png").write_text("my own")
    found = gtmsim("run", "tiny.toml", *QUICK, "--png", "pictures")
    assert found.code == 0
    assert "The results are saved, without pictures" in found.err
    assert "Open or forward results/tiny/report.html." in found.err
    assert Path("pictures/arr.png").read_text() == "my own"
    found = gtmsim("run", "tiny.toml", *QUICK, "--png", "others")
    assert "pictures into others" in found.err
    assert Path("others/arr.svg").exists()
    refused = gtmsim("run", "tiny.toml", *QUICK, "--png", "others", "--no-save")
    assert refused.code == 2
    assert "--png and --no-save exclude each other" in refused.err


def test_without_the_scenarios_file_places_are_those_of_the_results(gtmsim):
    gtmsim("run", "tiny.toml", *QUICK)
    Path("tiny.toml").unlink()
    assert gtmsim("report", "results/tiny").code == 0
    assert "results/tiny/scenario.toml:" in PAGE.read_text()


def test_report_refuses_what_is_there_and_not_ours(gtmsim):
    gtmsim("run", "tiny.toml", *QUICK)
    Path("notes.html").write_text("my own")
    found = gtmsim("report", "results/tiny", "--out", "notes.html")
    assert found.code == 2
    assert "notes.html is no page of gtmsim" in found.err
    assert Path("notes.html").read_text() == "my own"


def test_report_of_nothing_says_so(gtmsim):
    found = gtmsim("report", "results/none")
    assert found.code == 2
    assert "does not exist" in found.err
