"""`gtmsim stress`: what it shows, in every format, and how it ends."""

import csv
import io
import json

import pytest

FEW = ("--draws", "3", "--replications", "2", "--engine", "simpy")
TWO = ("--only", "churn_up", "--only", "round_slips")


def test_the_first_line_says_what_hurts_most_and_whether_the_plan_survives(gtmsim):
    found = gtmsim("stress", "tiny.toml", *FEW, "--only", "leads_down", "--only", "price_cut")
    assert found.code == 0
    headline = next(line for line in found.out.splitlines() if line.startswith("- "))
    assert headline.startswith("- Leads -30% (or, within the error, Prices -10%) hurts most, and")
    assert "results/tiny-stress-" in found.err


def test_a_stress_that_does_not_apply_is_told_with_its_reason(gtmsim):
    found = gtmsim("stress", "tiny.toml", *FEW, *TWO)
    assert "Rounds six months late (the plan has no funding round)" in found.out
    row = next(line for line in found.out.splitlines() if line.startswith("Rounds six months"))
    assert row.split()[-3:] == ["does", "not", "apply"]


@pytest.mark.parametrize("columns", [80, 120])
def test_the_output_fits_the_terminal(gtmsim, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    out = gtmsim("stress", "tiny.toml", *FEW, "-v").out
    assert max(map(len, out.splitlines())) <= columns
    assert "attrition" in out


def test_every_format_has_the_same_figures(gtmsim):
    words = ("stress", "tiny.toml", *FEW, "--only", "churn_up", "--format")
    answer = json.loads(gtmsim(*words, "json").out)
    survival = answer["tables"]["survival"]["rows"]["churn_up"]["survives"]
    assert survival["unit"] == "share"
    rows = list(csv.DictReader(io.StringIO(gtmsim(*words, "csv").out)))
    same = [
        r
        for r in rows
        if (r["table"], r["row"], r["column"]) == ("survival", "churn_up", "survives")
    ]
    assert float(same[0]["value"]) == survival["value"]
    assert "## Does cash last?" in gtmsim(*words, "markdown").out


def test_the_same_command_goes_on_from_what_is_there(gtmsim):
    words = ("stress", "tiny.toml", *FEW, *TWO, "--no-funding")
    first = gtmsim(*words)
    again = gtmsim(*words)
    assert "2 of 2 stresses are done already." in again.err
    assert again.out == first.out
    assert "Cash for 90%" not in first.out


def test_a_pack_of_ones_own_takes_the_place_of_the_one_that_comes_along(gtmsim, tmp_path):
    (tmp_path / "mine.toml").write_text(
        '[dear]\ntitle = "Dearer people"\n'
        'changes = [{ path = "teams.*.base_per_year", scale = 1.5 }]\n'
    )
    out = gtmsim("stress", "tiny.toml", *FEW, "--pack", "mine.toml").out
    assert "Dearer people hurts most" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--only", "chrun_up"], "Did you mean churn_up?"),
        (["--pack", "none.toml"], "none.toml"),
        (["--pack", "bad.toml"], "bad.toml:2"),
        (["--set", "company.cash=lots"], "company.cash"),
        (["--draws", "0"], "--draws"),
    ],
)
def test_bad_input_is_told_before_anything_runs(gtmsim, tmp_path, words, message):
    (tmp_path / "bad.toml").write_text('[x]\nchanges = [{ path = "no.such", scale = 2 }]\n')
    found = gtmsim("stress", "tiny.toml", *FEW, *words)
    assert found.code == 2
    assert message in found.err
    assert found.out == ""
    assert not (tmp_path / "results").exists()


# --- the walk of `gtmsim compare` ------------------------------------------------------------


@pytest.fixture
def two(tmp_path):
    """A plan with one rep and one cost more."""
    path = tmp_path / "more.toml"
    path.write_text(
        'extends = "tiny.toml"\n[teams.ae]\nreps = 2\n'
        '[costs.tools]\nfunction = "product"\nper_month = 100\n'
    )
    return path.name


def test_a_walk_is_told_by_driver_and_its_cost_before_it_runs(gtmsim, two):
    found = gtmsim("compare", "tiny.toml", two, *FEW, "--no-funding", "--walk", "cash[14]")
    assert found.code == 0
    assert "The walk has 2 drivers and 4 plans, 24 futures." in found.err
    assert "The walk from tiny to more: cash[14]" in found.out
    assert "From tiny to more, cash[14] changes by" in found.out.replace("\n", " ").replace(
        "  ", " "
    )
    rows = [line.split()[0] for line in found.out.splitlines() if line]
    assert {"teams.ae", "costs.tools", "difference"} <= set(rows)


@pytest.mark.parametrize("words", [["--walk", "cash[99]"], ["--walk", "mood"]])
def test_a_walk_of_what_is_not_there_is_refused(gtmsim, two, words):
    found = gtmsim("compare", "tiny.toml", two, *FEW, *words)
    assert found.code == 2
    assert "--walk" in found.err
    assert "simulating" not in found.err


def test_a_walk_has_two_ends(gtmsim, two, tmp_path):
    (tmp_path / "third.toml").write_text((tmp_path / two).read_text())
    found = gtmsim("compare", "tiny.toml", two, "third.toml", *FEW, "--walk", "cash[14]")
    assert found.code == 2
    assert "two plans" in found.err


# --- tripwires -------------------------------------------------------------------------------

SIGNS = ("--draws", "12", "--replications", "2", "--engine", "simpy")
TIGHT = ("--set", "targets.growth.at_least=320k")


def test_a_tripwire_is_a_sentence_with_its_shares(gtmsim):
    found = gtmsim("tripwires", "tiny.toml", "--target", "growth", *SIGNS, *TIGHT)
    assert found.code == 0
    text = " ".join(found.out.split())
    assert "of futures do not meet growth." in text
    assert "When can it be seen?" in text
    assert "stopping pays is not said" in text


def test_tripwires_read_results_that_are_there(gtmsim):
    assert gtmsim("run", "tiny.toml", *SIGNS, *TIGHT, "--out", "there").code == 0
    words = ("tripwires", "there", "--target", "growth", "--metric", "closing_arr")
    answer = json.loads(gtmsim(*words, "--false-alarms", "20%", "--format", "json").out)
    rows = answer["tables"]["candidates"]["rows"]
    assert rows
    assert all(name.startswith("closing_arr[") for name in rows)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--target", "grwoth"], "Did you mean growth?"),
        ([], "Give --target NAME"),
        (["--target", "growth", "--by-month", "14"], "not before month 14"),
        (["--target", "growth", "--metric", "mood"], "is not looked at"),
        (["--target", "growth", "--false-alarms", "2"], "wants a share"),
        (["--target", "growth", "--against", "tiny.toml"], "Give --target NAME"),
    ],
)
def test_bad_tripwires_are_told_before_anything_runs(gtmsim, words, message):
    found = gtmsim("tripwires", "tiny.toml", *SIGNS, *words)
    assert found.code == 2
    assert message in found.err
    assert "simulating" not in found.err
