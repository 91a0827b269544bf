"""`gtmsim sensitivity` of saved results."""

import json
from pathlib import Path

import pytest

from gtmsim.analysis import experiments
from gtmsim.errors import Interrupted
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


# --- designs ---------------------------------------------------------------------------------

DESIGNED = ("sensitivity", "tiny.toml", "--engine", "simpy", "--design")
SHARES = ("--output", "cash[end]", "--set", "company.cash.p10=1M", "--set", "company.cash.p90=9M")


def test_a_sobol_design_tells_what_inputs_do_alone_and_with_others(gtmsim, tmp_path):
    found = gtmsim(*DESIGNED, "sobol:20", *SHARES)
    assert found.code == 0
    assert "Alone and with others" in found.out
    assert "company.cash" in found.out
    assert "80 points (sobol:20, 2 inputs) x 2 replications = 160 futures" in found.out
    (folder,) = (tmp_path / "results").iterdir()
    assert folder.name.startswith("tiny-sobol-")
    again = gtmsim(*DESIGNED, "sobol:20", *SHARES)
    assert again.out == found.out
    assert again.err.startswith("4 of 4 parts are done already.")


def test_json_has_both_indices_with_their_intervals(gtmsim):
    found = gtmsim(*DESIGNED, "sobol:20", *SHARES, "--format", "json", "-q")
    tables = json.loads(found.out)["tables"]
    assert found.err == ""
    for table in ("totals", "inputs"):
        cash = tables[table]["rows"]["company.cash"]["cash[end]"]
        assert cash["low"] <= cash["value"] <= cash["high"]
        assert cash["value"] == pytest.approx(1.0, abs=0.2)


def test_a_morris_design_screens_in_the_unit_of_the_output(gtmsim):
    found = gtmsim(*DESIGNED, "morris:3", *SHARES, "--format", "json", "-q")
    rows = json.loads(found.out)["tables"]["screening.cash[end]"]["rows"]
    assert rows["company.cash"]["mu_star"]["value"] == pytest.approx(8e6, rel=0.05)
    assert rows["company.cash"]["mu_star"]["unit"] == "money"
    told = gtmsim(*DESIGNED, "morris:3", *SHARES).out.replace("\n", " ")
    assert "company.cash matters most" in told


def test_only_the_chosen_inputs_are_told(gtmsim):
    words = (*DESIGNED, "morris:3", *SHARES, "--inputs", "company.cash", "--format", "csv", "-q")
    lines = gtmsim(*words).out.splitlines()[1:]
    assert {line.split(",")[1] for line in lines if not line.startswith("overrides")} == {
        "company.cash"
    }


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("design", ["sobol:20", "morris:3"])
def test_a_design_fits_the_terminal(gtmsim, monkeypatch, columns, design):
    monkeypatch.setenv("COLUMNS", str(columns))
    found = gtmsim(*DESIGNED, design)
    assert found.code == 0
    assert max(map(len, found.out.splitlines())) <= columns


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("tiny.toml",), "add a design, such as --design sobol:256"),
        (("results/tiny", "--design", "sobol:20"), "results/tiny holds results"),
        (("results/tiny", "--seed", "3"), "--seed: only a scenario with --design is simulated"),
        (("tiny.toml", "--design", "sobol:3"), "takes at least 20 base points"),
        (("tiny.toml", "--design", "lhs:30"), "must be sobol:N or morris:N; got 'lhs:30'"),
        (("tiny.toml", "--design", "sobol:20", "--inputs", "cash"), "is no uncertain input"),
        (("tiny.toml", "--design", "sobol:20", "--output", "arrr[3]"), "Did you mean `arr`"),
        (("tiny.toml", "--design", "sobol:20", "--replications", "1"), "--replications"),
        (("gone.toml", "--design", "sobol:20"), "gone.toml"),
    ],
)
def test_what_does_not_go_together_is_told_before_anything_runs(gtmsim, words, told):
    Path("results/tiny").mkdir(parents=True)
    found = gtmsim("sensitivity", *words)
    assert found.code == 2
    assert found.out == ""
    assert told in found.err
    assert not list(Path("results/tiny").iterdir())


def test_ctrl_c_keeps_what_is_done(gtmsim, monkeypatch):
    real = experiments.simulate_blocks

    def stopped(store, missing, *rest, **options):
        real(store, missing[:2], *rest, **options)
        raise Interrupted("Ctrl-C")

    with monkeypatch.context() as stopping:
        stopping.setattr(experiments, "simulate_blocks", stopped)
        found = gtmsim(*DESIGNED, "sobol:20", *SHARES)
    assert found.code == 130
    assert "2 of 4 parts are kept in results/tiny-sobol-" in found.err
    assert gtmsim(*DESIGNED, "sobol:20", *SHARES).err.startswith("2 of 4 parts are done already.")
