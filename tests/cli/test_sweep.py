"""`gtmsim sweep`: what it shows, in every format, and how it ends."""

import csv
import io
import json
import sys
from itertools import product
from pathlib import Path

import pytest

from gtmsim.cli.main import exit_code
from tests.cli.scenarios import TINY

FEW = ("--draws", "3", "--replications", "2", "--engine", "simpy")
GRID = ("--vary", "company.cash=1M:3M:3", "--vary", "teams.ae.reps=1,2")


def test_a_row_per_point_with_its_values_and_the_outputs(gtmsim, monkeypatch):
    monkeypatch.setenv("COLUMNS", "140")
    found = gtmsim("sweep", "tiny.toml", *GRID, *FEW)
    assert found.code == 0
    lines = found.out.splitlines()
    rows = [line.split()[:2] for line in lines if line.startswith("$")]
    assert rows[:6] == [[cash, reps] for cash in ("$1M", "$2M", "$3M") for reps in ("1", "2")]
    header = next(line for line in lines if line.startswith("company.cash"))
    assert header.split()[:2] == ["company.cash", "ae.reps"]
    assert "6 points (grid) x 3 draws x 2 replications = 36 futures" in found.out.replace("\n", " ")
    assert "results/tiny-sweep-" in found.err


def test_points_that_do_not_fit_beside_their_outputs_are_numbered(gtmsim, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    lines = gtmsim("sweep", "tiny.toml", *GRID, *FEW).out.splitlines()
    values = lines[lines.index("Points") + 1 : lines.index("Outputs by point")]
    assert values[0].split() == ["point", "company.cash", "ae.reps"]
    assert [row.split() for row in values[2:8]] == [
        [str(n + 1), cash, reps]
        for n, (cash, reps) in enumerate(product(("$1M", "$2M", "$3M"), "12"))
    ]
    outputs = [line.split()[0] for line in lines[lines.index("Outputs by point") :] if line]
    assert outputs.count("point") > 1
    assert outputs.count("6") == outputs.count("point")


def test_outputs_that_no_future_has_are_named_once_and_have_no_table(gtmsim):
    words = ("sweep", "tiny.toml", *GRID, *FEW, "--months", "12")
    for design in ("grid", "tornado"):
        out = gtmsim(*words, "--design", design).out
        assert out.count("growth") == 1
        assert "Defined in no future: growth." in out
    assert "Defined in no future: growth." in gtmsim(*words, "--format", "markdown").out


def test_what_has_no_effect_is_told_once_and_where_not_at_every_point(gtmsim):
    words = ("--vary", "targets.growth.by_month=9,99", "--vary", "company.cash=1M:2M:2")
    idle = ("--set", "channels.idle={segments = {smb = 1}}")
    told = gtmsim("sweep", "tiny.toml", *words, *idle, *FEW).err
    assert told.count("channels.idle has no source of leads") == 1
    assert "has no source of leads\n    At the point" not in told
    assert told.count("lies after the last simulated month, 14; got 99") == 1
    assert "Warning" not in gtmsim("sweep", "tiny.toml", *words, *FEW, "-q").err


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("design", ["grid", "tornado"])
def test_it_fits_the_terminal(gtmsim, monkeypatch, columns, design):
    monkeypatch.setenv("COLUMNS", str(columns))
    words = ("sweep", "tiny.toml", *GRID, *FEW, "--design", design)
    found = gtmsim(*words)
    assert found.code == 0
    assert max(map(len, found.out.splitlines())) <= columns


def test_json_has_every_figure_with_its_interval(gtmsim):
    found = gtmsim("sweep", "tiny.toml", *GRID, *FEW, "--format", "json", "-q")
    made = json.loads(found.out)
    assert found.err == ""
    assert [point["values"]["company.cash"] for point in made["points"]][::2] == [1e6, 2e6, 3e6]
    arr = made["points"][0]["outputs"]["arr[14]"]
    assert arr["p50"]["low"] is None or arr["p50"]["low"] <= arr["p50"]["value"]
    odds = made["points"][0]["outputs"]["survives"]
    assert 0 <= odds["low"] <= odds["value"] <= odds["high"] <= 1
    assert "swings" not in made


def test_a_tornado_tells_swings_in_json(gtmsim):
    words = ("sweep", "tiny.toml", *GRID, *FEW, "--design", "tornado", "--format", "json", "-q")
    swings = json.loads(gtmsim(*words).out)["swings"]
    cash = {swing["input"]: swing["swing"] for swing in swings["cash_min"]}
    assert cash["company.cash"]["value"] == pytest.approx(2e6)
    assert cash["company.cash"]["high"] == pytest.approx(2e6)  # the same in every future


def test_points_have_the_numbers_of_the_tables_in_csv(gtmsim):
    rows = gtmsim("sweep", "tiny.toml", *GRID, *FEW, "--format", "csv").out.splitlines()[1:]
    assert {row.split(",")[0] for row in rows} == set("123456")


def test_csv_has_a_line_per_figure_and_markdown_a_table(gtmsim):
    words = ("sweep", "tiny.toml", *GRID, *FEW, "-q", "--format")
    lines = list(csv.DictReader(io.StringIO(gtmsim(*words, "csv").out)))
    assert {line["company.cash"] for line in lines} == {"1000000.0", "2000000.0", "3000000.0"}
    events = {"survives", "targets.growth"}
    outputs = {line["output"] for line in lines}
    assert len(lines) == 6 * sum(1 if name in events else 4 for name in outputs)
    assert "| company.cash | ae.reps |" in gtmsim(*words, "markdown").out


def test_the_same_command_again_is_only_read_and_a_changed_one_has_another_folder(gtmsim, tmp_path):
    first = gtmsim("sweep", "tiny.toml", *GRID, *FEW)
    again = gtmsim("sweep", "tiny.toml", *GRID, *FEW)
    assert again.out == first.out
    assert again.err.startswith("6 of 6 points are done already.")
    gtmsim("sweep", "tiny.toml", *GRID, *FEW, "--set", "teams.ae.commission=0.2")
    gtmsim("sweep", "tiny.toml", *GRID, *FEW, "--seed", "2")
    gtmsim("sweep", "tiny.toml", *GRID, *FEW, "--design", "lhs:2")
    assert len(list((tmp_path / "results").iterdir())) == 4


def test_what_is_set_stands_beside_what_is_varied_and_in_the_base_of_a_tornado(gtmsim):
    varied = ("--vary", "company.cash=1M:3M:2", "--vary", "teams.ae={reps=1},{reps=2}")
    words = ("sweep", "tiny.toml", *varied, "--set", "teams.ae.commission=0.2", *FEW)
    assert gtmsim(*words).code == 0
    tornado = ("--design", "tornado", "--format", "json", "--set", "company.cash=2.5M", "-q")
    base = json.loads(gtmsim(*words, *tornado).out)["points"][0]
    assert base["values"]["company.cash"] == 2.5e6


@pytest.mark.parametrize("file", ["sample/c/1/0/0/0", "done/c/1"])
def test_a_point_whose_files_are_damaged_is_told_and_simulated_again(gtmsim, tmp_path, file):
    words = ("sweep", "tiny.toml", "--vary", "company.cash=1M,2M,3M", *FEW, "--out", "s")
    first = gtmsim(*words)
    harmed = tmp_path / "s" / "sweep.zarr" / file
    harmed.write_bytes(harmed.read_bytes()[:10])
    again = gtmsim(*words)
    assert again.code == 0
    assert again.out == first.out
    told = "Damaged on the disk, and simulated again: company.cash=2000000.\n2 of 3 points are done"
    assert again.err.startswith(told)
    assert gtmsim(*words).err.startswith("3 of 3 points are done already.")


def test_a_sweep_whose_description_is_damaged_is_told_in_a_line(gtmsim, tmp_path):
    words = ("sweep", "tiny.toml", "--vary", "company.cash=1M,2M,3M", *FEW, "--out", "s")
    gtmsim(*words)
    harmed = tmp_path / "s" / "sweep.zarr" / "sample" / "zarr.json"
    harmed.write_bytes(harmed.read_bytes()[:45])
    found = gtmsim(*words)
    assert found.code == 2
    assert "sample/zarr.json was cut short or overwritten. Remove the folder s" in found.err
    assert found.err.count("\n") == 1


@pytest.mark.parametrize("command", ["run", "sweep"])
@pytest.mark.parametrize("address", ["local:0", "local:-1", "local:x", "local:1000", "LOCAL", ""])
def test_a_wrong_cluster_is_told_before_anything_is_read_or_written(
    gtmsim, tmp_path, command, address
):
    vary = ("--vary", "company.cash=1M,2M") if command == "sweep" else ()
    found = gtmsim(command, "tiny.toml", *vary, *FEW, "--cluster", address, "--out", "x")
    assert found.code == 2
    told = "with N processes from 1 to 999, or the address of a dask scheduler" if address else ""
    assert (told or "names no address") in found.err
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("command", ["run", "sweep"])
def test_without_dask_nothing_is_left_behind(gtmsim, tmp_path, monkeypatch, command):
    monkeypatch.setitem(sys.modules, "distributed", None)
    vary = ("--vary", "company.cash=1M,2M") if command == "sweep" else ()
    found = gtmsim(command, "tiny.toml", *vary, *FEW, "--cluster", "local:2", "--out", "x")
    assert found.code == 2
    assert "pip install gtmsim[cluster]" in found.err
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--vary", "company.csh=1:2"), "Did you mean `cash`?"),
        (("--vary", "company.cash=2:1"), "wants a low end below its high end"),
        (("--vary", "company.cash=1"), "wants at least two values"),
        (("--vary", "teams.ae.commission=0.1:7"), "must lie in [0, 1]; got 7"),
        (("--vary", "x=@no.toml,@"), "names no.toml, which does not exist"),
        (("--vary", "'a|b'=@,@tiny.toml"), "is no name for a switch: letters, digits"),
        (
            ("--vary", "company.cash=1:2", "--design", "cube"),
            "lhs:N or sobol:N, with N from 1 to 5,000;",
        ),
        (
            ("--vary", "company.cash=1:2", "--design", "sobol:1000000000"),
            "The sweep has 1,000,000,000 points; at most 5,000 are possible",
        ),
        (
            ("--vary", "company.cash=1M:3M", "--set", "company.cash=1"),
            "company.cash is varied, which leaves nothing of this value",
        ),
        (
            ("--vary", "company.cash=1M:3M", "--set", "company.cash.p10=1"),
            "company.cash is varied, which leaves nothing of this value",
        ),
        (("--vary", "company.cash=1:2", "--cluster", ""), "names no address"),
        ((), "Missing option '--vary'"),
    ],
)
def test_what_is_wrong_is_told_before_anything_runs(gtmsim, tmp_path, words, told):
    found = gtmsim("sweep", "tiny.toml", *words, *FEW)
    assert found.code == 2
    assert found.out == ""
    assert told in found.err
    assert not list(tmp_path.glob("results/*/*/sample/c/*"))


def test_points_that_fail_end_with_code_5_and_the_reason(gtmsim, monkeypatch):
    from gtmsim.analysis import sweeping  # noqa: PLC0415
    from gtmsim.errors import CapacityError  # noqa: PLC0415

    real = sweeping.work_of

    def fail(rectangle, stop):
        raise CapacityError("too many customers")

    def work_of(plan, how):
        work = real(plan, how)
        return work._replace(task=fail) if plan.scenario.company.cash == 2e6 else work

    monkeypatch.setattr(sweeping, "work_of", work_of)
    found = gtmsim("sweep", "tiny.toml", *GRID, *FEW)
    assert found.code == 5
    assert "2 of 6 points failed; the others are kept:" in found.err
    assert "company.cash=$2M, teams.ae.reps=1: too many customers" in found.err
    assert sum("failed" in line for line in found.out.splitlines()) == 2

    # a gate whose only expectation warns, and is met by the points that did not fail
    warns = '\n[[expect]]\nthat = "mean(cash[1]) > 0"\nseverity = "warning"\n'
    Path("tiny.toml").write_text(TINY + warns)
    reports = ("--check", "--max-draws", "4", "--judgement", "v.json", "--junit", "v.xml")
    judged = gtmsim("sweep", "tiny.toml", *GRID, *FEW, *reports)
    assert judged.code == json.loads(Path("v.json").read_text())["exit_code"] == 5
    assert 'errors="1"' in Path("v.xml").read_text()


def test_a_sweep_may_be_written_to_a_named_folder_and_not_over_another(gtmsim, tmp_path):
    assert gtmsim("sweep", "tiny.toml", *GRID, *FEW, "--out", "mine").code == 0
    assert (tmp_path / "mine" / "sweep.zarr").is_dir()
    refused = gtmsim("sweep", "tiny.toml", *GRID, *FEW, "--out", "mine", "--seed", "9")
    assert refused.code == 2
    assert "seed is 1 there and 9 here" in refused.err
    assert int(exit_code(["sweep", "tiny.toml", *GRID, "--out", ""])) == 2
