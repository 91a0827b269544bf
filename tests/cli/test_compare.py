"""`gtmsim compare`, from scenarios or results to the answer."""

import csv
import io
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from gtmsim.analysis.units import Unit
from gtmsim.report.comparison import _information_table
from gtmsim.report.numbers import interval
from tests.cli.scenarios import TINY

QUICK = ("--engine", "simpy", "--draws", "6", "--replications", "2")


@pytest.fixture
def plans(gtmsim):
    Path("more.toml").write_text('extends = "tiny.toml"\n[teams.ae]\nreps = 3\n')
    return "tiny.toml", "more.toml"


def test_the_answer_tells_which_plan_and_what_differs(gtmsim, plans):
    found = gtmsim("compare", *plans, *QUICK)
    assert found.code == 0
    assert found.out.startswith("tiny against more\n")
    for text in ("more less tiny", "Which plan", "Money that the plan needs", "teams.ae.reps: 1"):
        assert text in found.out
    assert "assumed, for no scenario states an" in found.out.replace("\n", " ")
    assert max(map(len, found.out.splitlines())) <= 100


def test_plans_that_do_not_differ_are_told_as_ties(gtmsim):
    Path("twin.toml").write_text('extends = "tiny.toml"\nscenario.name = "Twin"\n')
    words = ("--engine", "simpy", "--draws", "64", "--replications", "1", "--months", "3")
    found = gtmsim("compare", "tiny.toml", "twin.toml", *words)
    told = " ".join(found.out.split())
    assert "tiny and twin are worth the same" in told
    assert "twin ends month 3 (Mar 2026) with the ARR of tiny in every future" in told
    assert "Neither twin nor tiny runs out of cash in any future." in told
    assert "No difference in any future: ARR, month 3; cash, month 3" in told  # NRR is unknown
    assert "None of the inputs is worth knowing by itself" in told
    assert "never where they live without" in told


def test_plans_that_differ_are_not_told_as_ties(gtmsim, plans):
    told = " ".join(gtmsim("compare", *plans, *QUICK, "--no-funding").out.split())
    assert "in every future" not in told
    assert "No difference in any future: survives." in told
    assert "is worth most" in told


def test_results_that_are_there_are_used_and_others_made(gtmsim, plans):
    gtmsim("run", "tiny.toml", *QUICK)
    found = gtmsim("compare", *plans, *QUICK, "--no-funding")
    assert "tiny.toml: results of results/tiny" in found.err
    assert "more.toml: simulating 6 draws x 2" in found.err
    again = gtmsim("compare", *plans, *QUICK, "--no-funding")
    assert "simulating" not in again.err
    assert again.out == found.out


def test_results_of_a_changed_scenario_are_made_again(gtmsim, plans):
    gtmsim("compare", *plans, *QUICK, "--no-funding")
    Path("tiny.toml").write_text(TINY.replace("reps = 1", "reps = 2"))
    assert "tiny.toml: simulating" in gtmsim("compare", *plans, *QUICK, "--no-funding").err


def test_folders_of_results_are_compared_as_they_are(gtmsim, plans):
    for plan in plans:
        gtmsim("run", plan, *QUICK)
    found = gtmsim("compare", "results/tiny", "results/more", "--no-funding")
    assert found.code == 0
    assert "12 futures" not in found.out
    assert "6 draws x 2 replications of each plan" in found.out


def test_results_of_different_seeds_are_refused(gtmsim, plans):
    gtmsim("run", plans[0], *QUICK)
    gtmsim("run", plans[1], *QUICK, "--seed", "5")
    found = gtmsim("compare", "results/tiny", "results/more")
    assert found.code == 2
    assert "differ in seed (1 and 5)" in found.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--seed", "5"), "their seed is 1"),
        (("--months", "3"), "their months are 14"),
        (("--draws", "7"), "their draws are 6"),
        (("--replications", "1"), "their replications are 2"),
        (("--set", "teams.ae.reps=2"), "--set changes scenarios"),
    ],
)
def test_options_that_results_cannot_follow_are_refused(gtmsim, plans, words, told):
    gtmsim("run", plans[0], *QUICK)
    found = gtmsim("compare", "results/tiny", "more.toml", *QUICK[:2], *words)
    assert found.code == 2
    assert told in " ".join(found.err.split())
    assert not Path("results/more").exists()


def test_a_run_on_other_luck_is_not_replaced(gtmsim, plans):
    long = ("--engine", "simpy", "--draws", "9", "--replications", "1", "--seed", "5")
    gtmsim("run", "tiny.toml", *long)
    before = Path("results/tiny/summary.json").read_bytes()
    assert gtmsim("compare", *plans, *QUICK, "--no-funding").code == 0
    assert Path("results/tiny/summary.json").read_bytes() == before
    again = gtmsim("compare", *plans, *QUICK, "--no-funding")
    assert "simulating" not in again.err


def test_money_needed_is_told_of_plans_whose_opening_cash_is_correlated(gtmsim, plans):
    text = TINY.replace('cash = "2M"', 'cash = { p10 = "1M", p90 = "3M" }')
    between = 'between = ["company.cash", "segments.smb.churn_per_year"]'
    Path("tiny.toml").write_text(f"{text}\n[[correlations]]\n{between}\nspearman = 0.5\n")
    found = gtmsim("compare", *plans, *QUICK)
    assert found.code == 0, found.err
    assert "Money that the plan needs" in found.out


def test_money_needed_that_cannot_be_told_loses_nothing_else_and_fails_the_gate(
    gtmsim, plans, monkeypatch
):
    from gtmsim.errors import SimulationError  # noqa: PLC0415

    def fail(*_):
        raise SimulationError("a worker died")

    warns = '\n[[expect]]\nthat = "prob(survives) >= 0"\nseverity = "warning"\n'
    Path("tiny.toml").write_text(TINY + warns)
    monkeypatch.setattr(sys.modules["gtmsim.cli.compare"], "simulated", fail)
    words = ("--check", "--max-draws", "6", "--judgement", "v.json", "--junit", "v.xml")
    found = gtmsim("compare", *plans, *QUICK, *words)
    assert found.code == json.loads(Path("v.json").read_text())["exit_code"] == 5
    assert "more less tiny" in found.out
    assert "tiny without limit of cash: a worker died" in found.err
    assert "<error" in Path("v.xml").read_text()


def test_json_and_csv_hold_every_figure_with_its_interval(gtmsim, plans):
    words = ("compare", *plans, *QUICK, "--no-funding", "--output", "arr[end]")
    tables = json.loads(gtmsim(*words, "--format", "json").out)["tables"]
    row = tables["difference_more"]["rows"]["arr[end]"]
    assert {"value", "low", "high"} <= set(row["difference"])
    assert {"from", "to"} <= set(row["range"])
    lines = [*csv.DictReader(io.StringIO(gtmsim(*words, "--format", "csv").out))]
    assert {line["table"] for line in lines} >= {"difference_more", "decision"}


def test_an_objective_of_the_scenario_is_used(gtmsim, plans):
    with Path("tiny.toml").open("a") as file:
        file.write("[objective]\narr_multiple = 3\nruin = -1000\n")
    found = gtmsim("compare", *plans, *QUICK, "--no-funding")
    worth = "Value of a future: 3 x ARR + 1 x cash at the end, -$1k where cash has run out."
    assert worth in " ".join(found.out.split())


def test_an_objective_that_one_plan_states_for_all_is_told_to_be_its(gtmsim, plans):
    with Path("more.toml").open("a") as file:
        file.write("[objective]\narr_multiple = 3\nruin = -2e6\n")
    told = " ".join(gtmsim("compare", *plans, *QUICK, "--no-funding").out.split())
    assert "Value of a future, by the objective of more.toml: 3 x ARR" in told
    assert "-$2M where cash has run out." in told


def test_plans_that_run_out_of_cash_in_the_same_futures_are_told_so(gtmsim):
    Path("twin.toml").write_text('extends = "tiny.toml"\nscenario.name = "Twin"\n')
    dear = ("--set", "company.cash=1", "--set", "teams.ae.base_per_year=6M")
    words = (*dear, "--no-funding", "--output", "survives")
    told = " ".join(gtmsim("compare", "tiny.toml", "twin.toml", *QUICK, *words).out.split())
    assert "twin runs out of cash in the futures in which tiny does." in told


def test_several_plans_have_one_interval_in_headline_and_table(gtmsim):
    """Those that hold for all plans together; of two plans, those of the one difference."""
    for name, leads in (("more", 12), ("most", 20)):
        text = f'extends = "tiny.toml"\nchannels.content.organic_per_month = {leads}\n'
        Path(f"{name}.toml").write_text(text)
    plans = ("tiny.toml", "more.toml")
    words = ("--no-funding", "--output", "arr[end]", "--output", "survives", "--format", "json")
    more_draws = ("--engine", "simpy", "--draws", "40", "--replications", "1", "--months", "8")
    for given in (plans, (*plans, "most.toml")):
        made = json.loads(gtmsim("compare", *given, *more_draws, *words).out)
        headline = " ".join(made["headline"])
        for rival in ("more", "most")[: len(given) - 1]:
            row = made["tables"][f"difference_{rival}"]["rows"]["arr[end]"]["difference"]
            assert _ends_in(headline, row["low"], row["high"])
            assert made["tables"][f"difference_{rival}"]["rows"]["survives"]["difference"][
                "unit"
            ] == "share_difference"  # fmt: skip
        together = "hold for all plans together" in str(made["tables"]["difference_more"]["notes"])
        assert together == (len(given) > 2)


def _ends_in(text, low, high):
    """Whether an interval of money stands in a text, with its signs or said by a word."""
    known = interval(low, high, Unit.MONEY, "USD")
    by_word = interval(*sorted((abs(low), abs(high))), Unit.MONEY, "USD")
    return f"({known}" in text or (low * high > 0.0 and f"({by_word})" in text)


@pytest.mark.parametrize("width", [80, 68, 40])
def test_tables_fit_and_keep_better_beside_its_mean(gtmsim, plans, width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    found = gtmsim("compare", *plans, *QUICK)
    text = found.out.splitlines()
    assert max(map(len, text)) <= width
    if width >= 68:
        rule = next(n for n in range(text.index("more less tiny"), len(text)) if "──" in text[n])
        assert {"difference", "better"} <= set(text[rule - 1].split())


def test_a_change_that_a_plan_cannot_take_is_told_with_the_plan(gtmsim):
    """Of those that can, nothing; of several that cannot, each."""
    for name in ("one", "two"):
        Path(f"{name}.toml").write_text(TINY.replace("teams.ae", "teams.seller"))
        text = Path(f"{name}.toml").read_text().replace('team = "ae"', 'team = "seller"')
        Path(f"{name}.toml").write_text(text)
    words = ("--set", "teams.ae.reps=3", "--no-funding")
    found = gtmsim("compare", "tiny.toml", "one.toml", "two.toml", *QUICK, *words)
    assert found.code == 2
    assert found.err.count("--set teams.ae.reps=3") >= 2
    assert "In one.toml." in found.err
    assert "In two.toml." in found.err
    assert "tiny.toml" not in found.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("tiny.toml",), "at least two plans"),
        (("tiny.toml", "tiny.toml"), "given twice"),
        (("tiny.toml", "nowhere.toml"), "nowhere.toml"),
        (("tiny.toml", "more.toml", "--output", "arr[end"), "arr[end"),
        (("tiny.toml", "more.toml", "--output", "prob(arr[end] > 1)"), "prob"),
        (("tiny.toml", "more.toml", "--output", "arrr[end]"), "arrr"),
        (("tiny.toml", "more.toml", "--output", "arr[40]"), "40"),
        (("tiny.toml", "more.toml", "--output", "arr[3, segment=nobody]"), "nobody"),
        (("tiny.toml", "more.toml", "--group", "c=segments.smb"), "group c: 6 draws are too few"),
        (("tiny.toml", "more.toml", "--group", "all=chanels"), "chanels"),
    ],
)
def test_bad_input_is_told_before_anything_is_simulated(gtmsim, plans, words, told):
    found = gtmsim("compare", *words, *QUICK)
    assert found.code == 2
    assert told in found.err
    assert "Traceback" not in found.err
    assert "simulating" not in found.err


def test_the_interval_of_what_knowing_everything_is_worth_is_named(gtmsim, plans):
    told = " ".join(gtmsim("compare", *plans, *QUICK, "--no-funding").out.split())
    assert re.search(r"before choosing would be worth \S+ \(95% interval \S+-\S+\)", told)


def test_inputs_that_are_not_shown_are_compared_with_inputs_alone():
    """A group stands first whatever it is worth."""
    kinds = {"evppi": "input", "group_evppi": "group"}
    values = {"evppi": np.arange(10.0, 0.0, -1.0), "group_evppi": np.array([0.5])}
    compared = xr.Dataset(
        {
            f"{name}{more}": (kinds[name], found)
            for name, found in values.items()
            for more in ("", "_error", "_null_high")
        },
        {"input": [f"a{n}" for n in range(10)], "group": ["both"]},
    )
    table = _information_table(compared)
    assert table.notes[1] == "2 more inputs are worth no more than the last one here."
    nothing = _information_table(compared.assign(evppi=0.0 * compared["evppi"]))
    assert nothing.notes[1].startswith("None of the inputs is worth knowing by itself")
