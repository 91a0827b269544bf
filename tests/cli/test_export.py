"""`gtmsim export`."""

import contextlib
import csv
import io
import os
from pathlib import Path

import openpyxl
import pytest

from tests.cli.disks import fill_the_disk


@pytest.fixture
def results(gtmsim) -> Path:
    """Results folder of a small run."""
    found = gtmsim("run", "tiny.toml", "--draws", "4", "--set", "company.cash=3M", "--out", "done")
    assert found.code == 0
    return Path("done")


def test_the_workbook_stands_beside_the_results(gtmsim, results):
    found = gtmsim("export", results)
    assert found.code == 0
    assert found.err == "Wrote done/workbook.xlsx.\n"
    assert found.out == ""
    names = openpyxl.load_workbook(results / "workbook.xlsx").sheetnames
    assert "Balance sheet" in names
    again = (results / "workbook.xlsx").read_bytes()
    assert gtmsim("export", results / "results.nc").code == 0
    assert (results / "workbook.xlsx").read_bytes() == again


def test_origins_are_those_of_the_plan_as_long_as_it_says_what_was_simulated(gtmsim, results):
    def origins():
        gtmsim("export", results)
        sheet = openpyxl.load_workbook(results / "workbook.xlsx")["Assumptions"]
        return {row[0].value: row[3].value for row in sheet.iter_rows()}

    assert origins()["segments.smb.motion"] == "tiny.toml:12"
    assert origins()["company.cash"] == "--set company.cash=3M"
    Path("elsewhere").mkdir()
    with contextlib.chdir("elsewhere"):
        assert gtmsim("export", Path("..") / results).code == 0
    sheet = openpyxl.load_workbook(results / "workbook.xlsx")["Assumptions"]
    assert "../tiny.toml:12" in [row[3].value for row in sheet.iter_rows()]
    Path("tiny.toml").write_text(Path("tiny.toml").read_text().replace("reps = 1", "reps = 2"))
    assert origins()["segments.smb.motion"].startswith("scenario.toml:")


def test_a_csv_holds_the_statements(gtmsim, results):
    assert gtmsim("export", results, "--out", "statements.CSV").code == 0
    rows = list(csv.DictReader(io.StringIO(Path("statements.CSV").read_text(encoding="utf-8"))))
    assert {row["statement"] for row in rows} == {
        "income", "cash_flow", "balance_sheet", "arr_bridge",
    }  # fmt: skip
    assert gtmsim("export", results, "--out", "statements.CSV").code == 0


@pytest.mark.parametrize(
    ("out", "says"),
    [
        ("x.pdf", "name a file that ends with .xlsx or .csv"),
        ("x", "name a file that ends with .xlsx or .csv"),
        ("no/such/x.xlsx", "there is no folder"),
        ("mine.xlsx", "holds something else than an export of gtmsim"),
        ("mine.csv", "holds something else than an export of gtmsim"),
    ],
)
def test_what_cannot_be_written_is_told_and_nothing_is_touched(gtmsim, results, out, says):
    for name in ("mine.xlsx", "mine.csv"):
        Path(name).write_text("precious")
    found = gtmsim("export", results, "--out", out)
    assert found.code == 2
    assert says in found.err
    assert "Traceback" not in found.err
    assert Path("mine.xlsx").read_text() == Path("mine.csv").read_text() == "precious"


def test_results_that_are_not_there_or_damaged_are_invalid_input(gtmsim, results):
    assert gtmsim("export", "nowhere").code == 2
    whole = (results / "results.nc").read_bytes()
    (results / "results.nc").write_bytes(whole[: len(whole) // 2])
    found = gtmsim("export", results)
    assert found.code == 2
    assert "cut short" in found.err
    assert not (results / "workbook.xlsx").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_invalid_input(gtmsim, results):
    Path("closed").mkdir(mode=0o500)
    found = gtmsim("export", results, "--out", "closed/x.xlsx")
    assert found.code == 2
    assert "cannot be written" in found.err


def test_a_full_disk_leaves_what_was_there(gtmsim, results, monkeypatch):
    gtmsim("export", results)
    before = (results / "workbook.xlsx").read_bytes()
    fill_the_disk(monkeypatch)
    found = gtmsim("export", results)
    assert found.code == 1
    assert "No space left on device" in found.err
    assert (results / "workbook.xlsx").read_bytes() == before
    assert not list(results.glob(".gtmsim-*"))


def test_a_run_names_the_exports_of_earlier_results_and_leaves_them(gtmsim, results):
    """A workbook that was changed is still of those; one of the same results is not named."""
    words = ("run", "tiny.toml", "--set", "company.cash=3M", "--out", "done")
    gtmsim("export", results)
    gtmsim("export", results, "--out", results / "lines.csv")
    (results / "own.csv").write_text("mine\n")
    before = (results / "workbook.xlsx").read_bytes()
    same = gtmsim(*words, "--draws", "4")
    assert "workbook.xlsx was exported" not in same.err
    other = gtmsim(*words, "--draws", "5", "--quiet")
    assert "done/workbook.xlsx was exported from the results before this run" in other.err
    assert "done/lines.csv was exported" in other.err
    assert "own.csv" not in other.err
    assert (results / "workbook.xlsx").read_bytes() == before
    edited = openpyxl.load_workbook(results / "workbook.xlsx")
    edited.save(results / "workbook.xlsx")
    assert "done/workbook.xlsx was exported" in gtmsim(*words, "--draws", "6").err
