"""`gtmsim run` and `gtmsim show`, from scenario to answer."""

import csv
import io
import json
from itertools import chain
from pathlib import Path

import h5py
import pytest

from gtmsim.cli.progress import Report, progress
from gtmsim.cli.session import Session
from gtmsim.engines.compiled import compiling
from gtmsim.errors import DiskError, Interrupted, ResultsError
from gtmsim.results.provenance import FORMAT_VERSION
from tests.cli.conftest import QUICK


def test_the_answer_goes_to_stdout_and_messages_to_stderr(gtmsim):
    found = gtmsim("run", "tiny.toml", *QUICK)
    assert found.code == 0
    assert found.out.startswith("Tiny\nDoes the command line work?\n\n- Closing ARR reaches $200k")
    for title in ("ARR bridge by year", "Unit economics", "Is each motion healthy?"):
        assert title in found.out
    assert "3 draws x 2 replications = 6 futures, 14 months from 2026-01-01, seed 1" in found.out
    assert "Results are in results/tiny" in found.err


def test_results_are_saved_under_the_scenarios_name_with_scenario_and_summary(saved):
    folder = Path("results/tiny")
    assert {path.name for path in folder.iterdir()} == {
        "results.nc", "scenario.toml", "summary.json",
    }  # fmt: skip
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["provenance"]["draws"] == 3
    assert "odds" in summary["tables"]


def test_out_chooses_the_folder_and_no_save_keeps_nothing(gtmsim):
    assert gtmsim("run", "tiny.toml", *QUICK, "--out", "here").code == 0
    assert Path("here/results.nc").exists()
    assert gtmsim("run", "tiny.toml", *QUICK, "--no-save").code == 0
    assert not Path("results").exists()


def test_show_prints_the_answer_of_saved_results_again(gtmsim):
    ran = gtmsim("run", "tiny.toml", *QUICK).out
    shown = gtmsim("show", "results/tiny").out
    assert ran.split("\nComputed from")[0] == shown.split("\nComputed from")[0]


def test_the_other_formats_are_clean_data(saved):
    read = json.loads(saved("show", "results/tiny", "--format", "json").out)
    assert read["title"] == "Tiny"
    lines = list(csv.reader(io.StringIO(saved("show", "results/tiny", "--format", "csv").out)))
    assert len({len(line) for line in lines}) == 1
    assert saved("show", "results/tiny", "--format", "markdown").out.startswith("# Tiny\n")


def test_the_summary_is_the_json_answer(gtmsim):
    made = json.loads(gtmsim("run", "tiny.toml", *QUICK, "--format", "json").out)
    saved = json.loads(Path("results/tiny/summary.json").read_text())
    assert made["tables"] == saved["tables"]
    assert made["headline"] == saved["headline"]


def test_both_engines_give_the_same_answer(gtmsim):
    words = ("run", "tiny.toml", "--draws", "3", "--no-save", "--format", "json", "--engine")
    compiled, simpy = (json.loads(gtmsim(*words, engine).out) for engine in ("compiled", "simpy"))
    assert compiled["tables"] == simpy["tables"]
    assert compiled["headline"] == simpy["headline"]


def test_the_seed_decides_the_numbers(gtmsim):
    words = ("run", "tiny.toml", *QUICK, "--no-save", "--format", "csv")
    first, again, other = (gtmsim(*words, "--seed", seed).out for seed in ("5", "5", "6"))
    assert first == again != other


def test_set_changes_a_value_and_months_the_length(gtmsim):
    found = gtmsim("run", "tiny.toml", *QUICK, "--set", 'scenario.name="Other"', "--months", "5")
    assert found.out.startswith("Other\n")
    assert "5 months from" in found.out
    assert "not judged, the simulation ends before" in found.out
    (folder,) = Path("results").iterdir()
    merged = (folder / "scenario.toml").read_text()
    assert "Other" in merged
    assert "months = 5" in merged


def test_a_changed_plan_leaves_the_results_of_the_plan_itself_alone(saved):
    before = Path("results/tiny/results.nc").read_bytes()
    for changes in (["--set", "teams.ae.reps=2"], ["--set", "teams.ae.reps=3"], ["--months", "5"]):
        saved("run", "tiny.toml", *QUICK, *changes)
        saved("run", "tiny.toml", *QUICK, *changes)
    names = sorted(folder.name for folder in Path("results").iterdir())
    assert names[0] == "tiny"
    assert [len(name) for name in names[1:]] == [len("tiny-01234567")] * 3
    assert Path("results/tiny/results.nc").read_bytes() == before


def test_the_answer_tells_in_every_format_what_was_changed(gtmsim):
    words = ("--set", "teams.ae.reps=2", "--months", "5", "--out", "here")
    ran = gtmsim("run", "tiny.toml", *QUICK, *words).out
    told = "With: teams.ae.reps=2, scenario.months=5"
    assert told in ran
    assert told in gtmsim("show", "here").out
    markdown = gtmsim("show", "here", "--format", "markdown").out
    assert "With: `teams.ae.reps=2`, `scenario.months=5`" in markdown
    changes = ["teams.ae.reps=2", "scenario.months=5"]
    assert json.loads(gtmsim("show", "here", "--format", "json").out)["overrides"] == changes
    lines = list(csv.DictReader(io.StringIO(gtmsim("show", "here", "--format", "csv").out)))
    assert [line["row"] for line in lines if line["table"] == "overrides"] == changes
    assert "With:" not in gtmsim("run", "tiny.toml", *QUICK).out


def test_another_plan_of_the_same_name_does_not_replace_results(saved):
    before = Path("results/tiny/results.nc").read_bytes()
    Path("b").mkdir()
    Path("b/tiny.toml").write_text(Path("tiny.toml").read_text().replace("reps = 1", "reps = 2"))
    found = saved("run", "b/tiny.toml", *QUICK)
    assert found.code == 2
    assert "results/tiny holds the results of tiny.toml" in found.err
    assert "--out" in found.err
    assert Path("results/tiny/results.nc").read_bytes() == before
    chosen = saved("run", "b/tiny.toml", *QUICK, "--out", "results/tiny")
    assert chosen.code == 0
    assert "holds 3 draws x 2 of tiny.toml; they are replaced" in chosen.err


def test_a_plan_that_was_moved_or_copied_keeps_its_results_folder(saved):
    Path("b").mkdir()
    Path("b/tiny.toml").write_text(Path("tiny.toml").read_text())
    assert saved("run", "b/tiny.toml", *QUICK).code == 0
    Path("b/tiny.toml").rename("tiny.toml")
    changed = saved("run", "tiny.toml", *QUICK, "--seed", "2")
    assert changed.code == 0
    assert "replaced" not in changed.err


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("reps = 1", "reps = 1", ""),
        ("reps = 1", "reps = 2", "3 draws x 2 of this plan as it was before"),
        ("3", "2", "3 draws x 2 of this plan;"),
        ("3", "4", ""),
    ],
    ids=["the same", "another state of the plan", "fewer draws", "more draws"],
)
def test_what_is_lost_with_earlier_results_is_told(saved, before, after, told):
    draws = after if after.isdigit() else "3"
    text = Path("tiny.toml").read_text()
    Path("tiny.toml").write_text(text if after.isdigit() else text.replace(before, after))
    found = saved("run", "tiny.toml", *QUICK, "--draws", draws)
    assert found.code == 0
    assert told in found.err
    assert ("are replaced" in found.err) == bool(told)


def test_a_loss_of_older_results_is_told_even_to_the_quiet(saved):
    found = saved("run", "tiny.toml", *QUICK, "--draws", "2", "-q")
    assert found.err.startswith("results/tiny holds 3 draws x 2 of this plan; they are replaced")
    assert found.err.count("\n") == 1


def test_results_of_a_newer_gtmsim_are_not_replaced_without_a_word(saved):
    with h5py.File("results/tiny/results.nc", "r+") as file:
        file.attrs["format_version"] = FORMAT_VERSION + 1
    Path("results/tiny/summary.json").write_text('{"summary_version": 99}')
    found = saved("run", "tiny.toml", *QUICK)
    assert found.code == 2
    assert f"results of a newer gtmsim (format {FORMAT_VERSION + 1}; this one" in found.err
    asked = saved("run", "tiny.toml", *QUICK, "--out", "results/tiny")
    assert asked.code == 0
    assert "newer gtmsim" in asked.err
    assert "they are replaced" in asked.err
    assert "newer" not in saved("run", "tiny.toml", *QUICK).err


def test_an_empty_results_folder_is_refused(gtmsim):
    found = gtmsim("run", "tiny.toml", *QUICK, "--out", "")
    assert found.code == 2
    assert "names no folder" in found.err
    assert not Path("results.nc").exists()


def test_smoke_leaves_the_draws_that_were_asked_for(gtmsim):
    found = gtmsim("run", "tiny.toml", "--engine", "simpy", "--smoke", "--draws", "19")
    assert "19 draws" in found.out


def test_extend_adds_the_draws_that_are_missing_and_gives_the_answer_of_one_run(gtmsim):
    words = ("run", "tiny.toml", "--engine", "simpy", "--replications", "2", "--format", "json")
    gtmsim(*words, "--draws", "3", "--out", "more")
    extended = gtmsim(*words, "--draws", "7", "--out", "more", "--extend")
    at_once = gtmsim(*words, "--draws", "7", "--out", "all")
    results = [json.loads(found.out) for found in (extended, at_once)]
    for answer in results:
        answer["computed"].pop("time")
    assert results[0] == results[1]
    assert Path("more/results.nc").read_bytes() == Path("all/results.nc").read_bytes()


def test_extend_refuses_results_of_something_else_and_leaves_them(gtmsim):
    gtmsim("run", "tiny.toml", *QUICK, "--out", "results")
    before = Path("results/results.nc").read_bytes()
    found = gtmsim("run", "tiny.toml", *QUICK, "--out", "results", "--extend", "--seed", "5")
    assert found.code == 2
    assert "results cannot be extended: its seed is 1, this run's is 5" in found.err
    assert Path("results/results.nc").read_bytes() == before


def test_one_of_a_thing_is_told_in_the_singular(gtmsim):
    words = ("--draws", "1", "--replications", "1", "--months", "1", "--no-save")
    found = gtmsim("run", "tiny.toml", "--engine", "simpy", *words)
    assert "1 draw x 1 replication = 1 future, 1 month from" in found.out
    assert "Unit economics, last month\n" in found.out


def test_a_count_that_is_no_number_is_told_in_plain_words(gtmsim):
    found = gtmsim("run", "tiny.toml", "--draws", "abc")
    assert found.code == 2
    assert "'--draws': wants a whole number; got 'abc'" in found.err


def test_quiet_leaves_only_data(gtmsim):
    found = gtmsim("run", "tiny.toml", *QUICK, "-q")
    assert found.err == ""
    assert found.out


def test_verbose_shows_the_monte_carlo_error_of_every_median(gtmsim):
    words = ("run", "tiny.toml", *QUICK, "--no-save")
    assert "± p50" not in gtmsim(*words).out
    assert "± p50" in gtmsim(*words, "-v").out


def test_smoke_is_short_and_saves_nothing(gtmsim):
    found = gtmsim("run", "tiny.toml", "--engine", "simpy", "--smoke", "--months", "1")
    assert "256 draws x 2 replications = 512 futures" in found.out
    assert not Path("results").exists()


def test_piped_output_has_a_fixed_width_and_no_colour(gtmsim):
    found = gtmsim("run", "tiny.toml", *QUICK, "--no-save")
    assert "\x1b" not in found.out
    assert max(map(len, found.out.splitlines())) <= 100


def test_a_narrow_terminal_gets_narrow_output(gtmsim, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    found = gtmsim("run", "tiny.toml", *QUICK, "--no-save")
    assert max(map(len, found.out.splitlines())) <= 80


@pytest.mark.parametrize("columns", ["0", "-1", "", "wide"])
def test_a_width_that_is_none_is_that_of_piped_output(saved, monkeypatch, columns):
    piped = saved("show", "results/tiny").out
    monkeypatch.setenv("COLUMNS", columns)
    assert saved("show", "results/tiny").out == piped


@pytest.mark.parametrize("columns", ["1", "19"])
def test_a_terminal_of_no_use_gets_the_narrowest_output(saved, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", "20")
    narrow = saved("show", "results/tiny").out
    monkeypatch.setenv("COLUMNS", columns)
    assert saved("show", "results/tiny").out == narrow


@pytest.mark.parametrize(("no_color", "styled"), [("", True), ("1", False)])
def test_no_color_is_honoured_on_a_terminal(gtmsim, monkeypatch, no_color, styled):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", no_color)
    gtmsim("run", "tiny.toml", *QUICK)
    assert ("\x1b[" in gtmsim("show", "results/tiny").out) == styled


def test_older_results_stand_when_a_run_fails(saved, monkeypatch):
    before = Path("results/tiny/results.nc").read_bytes()

    def fail(*_: object, **__: object) -> None:
        raise Interrupted("Stopped; nothing was saved")

    monkeypatch.setattr("gtmsim.simulation.simulate", fail)
    found = saved("run", "tiny.toml", *QUICK, "--seed", "9")
    assert (found.code, found.err.strip()) == (130, "Stopped; nothing was saved")
    assert Path("results/tiny/results.nc").read_bytes() == before


@pytest.mark.parametrize(
    ("error", "code"),
    [(DiskError("Is the disk full?"), 1), (ResultsError("The folder is gone"), 5)],
)
def test_a_disk_that_fills_up_on_the_way_has_a_code_of_its_own(gtmsim, monkeypatch, error, code):
    def fail(*_: object, progress: Report, **__: object) -> None:
        progress(2)
        raise error

    monkeypatch.setattr("gtmsim.simulation.simulate", fail)
    found = gtmsim("run", "tiny.toml", *QUICK)
    assert found.code == code
    assert str(error) in found.err


def test_a_disk_without_room_has_the_code_of_a_full_disk(gtmsim):
    found = gtmsim("run", "tiny.toml", "--draws", "100000000", "--replications", "1000")
    assert found.code == 1
    assert "of the 100,000,000 draws fit" in found.err
    assert not Path("results").exists()


def test_results_are_kept_when_the_answer_fails(gtmsim, monkeypatch):
    def fail(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("gtmsim.report.build.answer", fail)
    found = gtmsim("run", "tiny.toml", *QUICK)
    assert found.code == 1
    assert "gtmsim crashed: ZeroDivisionError: a bug" in found.err
    assert "Traceback" not in found.err
    assert Path("results/tiny/results.nc").exists()


def test_debug_shows_where_a_crash_happened(gtmsim, monkeypatch):
    def fail(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("gtmsim.report.build.answer", fail)
    found = gtmsim("run", "tiny.toml", *QUICK, "--debug")
    assert found.code == 1
    assert "Traceback (most recent call last)" in found.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run", "missing.toml"], "missing.toml: does not exist"),
        (["run", "tiny.toml", "--set", "segments.smb.acvv=3"], "Did you mean"),
        (["run", "tiny.toml", "--set", "nonsense"], "nonsense"),
        (["run", "tiny.toml", "--out", "tiny.toml"], "tiny.toml"),
        (["show", "nowhere"], "nowhere"),
        (["show", "tiny.toml"], "not a results file"),
        (["trace", "missing.toml"], "missing.toml: does not exist"),
    ],
)
def test_bad_input_is_told_before_anything_runs(gtmsim, words, told):
    found = gtmsim(*words)
    assert found.code == 2
    assert told in found.err
    assert found.out == ""
    assert "Traceback" not in found.err


class Terminal(io.StringIO):
    """A stderr that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


def test_progress_is_shown_on_a_terminal_only(monkeypatch):
    for stream, shown in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr("sys.stderr", stream)
        monkeypatch.setenv("TERM", "xterm")
        with progress(10, Session()) as report:
            report(5)
            report(10)
        assert ("Simulating" in stream.getvalue()) == shown


def test_progress_is_silent_when_quiet(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    with progress(10, Session(quiet=True)) as report:
        report(10)
    assert stream.getvalue() == ""


def test_the_first_compilation_is_announced_and_no_later_one(gtmsim, monkeypatch, tmp_path):
    words = ("run", "tiny.toml", "--draws", "1", "--no-save")
    gtmsim(*words, "--engine", "compiled")
    assert "Compiling the engine" not in gtmsim(*words, "--engine", "compiled").err
    compiled: list[str] = []
    monkeypatch.setattr(compiling, "cache_folder", lambda: tmp_path / "empty")
    monkeypatch.setattr(
        compiling, "_compile_in_processes", lambda shares: compiled.extend(chain(*shares))
    )
    assert "Compiling the engine" in gtmsim(*words, "--engine", "compiled").err
    assert set(compiled) == {compiling.INPUTS, *compiling.KERNELS}
    assert "Compiling the engine" not in gtmsim(*words, "--engine", "simpy").err
