"""`gtmsim explain`: what a scenario says, and what follows from it without simulating."""

import csv
import io
import json
from pathlib import Path

import pytest

PLAN = """\
extends = "tiny.toml"

[segments.smb]
acv = "20k"

[segments.big]
motion = "assisted"
acv = "150k"
profile = "enterprise"
churn_per_year = 0.08
contracts.annual = { share = 1, term_months = 12 }

[channels.content]
segments = { smb = 0.9, big = 0.1 }
"""


@pytest.fixture
def two(gtmsim):
    """A plan of two segments over tiny.toml."""
    Path("two.toml").write_text(PLAN, encoding="utf-8")
    return gtmsim


def tables(found):
    return json.loads(found.out)["tables"]


def test_every_merged_value_is_told_with_the_file_and_line_it_comes_from(two):
    found = two("explain", "two.toml", "--set", "teams.ae.reps=3", "--values")
    told = {line.split()[0]: line.split() for line in found.out.splitlines() if line.strip()}
    assert told["segments.smb.acv"][1:] == ['"20k"', "two.toml:4"]
    assert told["segments.smb.motion"][1:] == ['"assisted"', "tiny.toml:12"]
    assert told["teams.ae.reps"][1:] == ["3", "--set", "teams.ae.reps=3"]
    lines = {
        path: Path(file).read_text().splitlines()[int(line) - 1]
        for path, row in tables(two("explain", "two.toml", "--format", "json"))["values"][
            "rows"
        ].items()
        for file, _, line in [row["origin"]["text"].partition(":")]
    }
    assert len(lines) > 20
    assert all(path.rpartition(".")[2] in line for path, line in lines.items())


def test_without_values_it_says_how_many_come_from_where(two):
    text = two("explain", "two.toml").out
    assert "from tiny.toml" in text
    assert "from two.toml. --values lists each with its line." in text
    assert "tiny.toml:12" not in text


def test_nothing_is_simulated(two, monkeypatch):
    def fail(*_, **__):
        raise AssertionError("simulated")

    monkeypatch.setattr("gtmsim.simulation.api.simulate", fail)
    monkeypatch.setattr("gtmsim.engines.compiled.simulate_block", fail)
    assert two("explain", "two.toml").code == 0


def test_the_headline_says_by_what_each_segment_is_judged_and_how(two):
    text = " ".join(two("explain", "two.toml").out.split())
    assert "smb, judged as mid_market for its mean list price of $20k: " in text
    assert "big, judged as enterprise as it says: " in text
    assert "one account: when it is empty, everything ends" in text
    assert "teams.ae smb, big their deals, projects or accounts take the same people's time" in text


def test_figures_are_those_of_the_closed_form(two):
    """9 leads a month, nine in ten for smb, win 0.3 of them; a slot costs 60,000 / 12 / 5."""
    rows = tables(two("explain", "two.toml", "--format", "json"))["economics"]["rows"]
    assert rows["wins"]["smb"]["value"] == pytest.approx(9 * 0.9 * 0.3)
    seller = 1_000 * 10 / 30.4375 / 0.3
    assert rows["cac"]["smb"]["value"] == pytest.approx(seller + 0.1 * 20_000)
    churn = rows["churn_per_year"]["smb"]
    assert churn["p10"] < churn["value"] < churn["p90"]
    assert (churn["p10"], churn["p90"]) == pytest.approx((0.1, 0.3), rel=0.02)


def test_each_measure_has_its_figure_its_limit_and_its_state(two):
    made = tables(two("explain", "two.toml", "--format", "json"))["verdict_big_playbook"]
    assert made["rows"]["churn_per_year"]["judgement"] == {
        "state": "healthy", "unit": "share", "at_most": 0.1,
    }  # fmt: skip
    assert made["rows"]["ltv_to_cac"]["judgement"]["at_least"] == 3.0
    assert made["rows"]["expansion_per_year"]["judgement"]["state"] == "strained"
    assert made["rows"]["verdict"]["judgement"] == {"state": "strained"}
    assert made["title"] == "big by the playbook for enterprise: strained"


def test_the_number_that_would_mend_it_is_told_and_does(two):
    words = ("explain", "two.toml", "--format", "json", "--set", "segments.big.churn_per_year=0.12")
    expansion = "verdicts.enterprise.playbook.expansion_per_year=0"
    found = tables(two(*words, "--set", expansion))["verdict_big_playbook"]
    assert found["rows"]["verdict"]["judgement"]["state"] == "broken"
    assert found["notes"] == ["One number would mend it: churn a year from 12% to 10% (-17%)."]
    words = (*words[:4], "--set", "segments.big.churn_per_year=0.1", "--set", expansion)
    assert tables(two(*words))["verdict_big_playbook"]["rows"]["verdict"]["judgement"] == {
        "state": "healthy"
    }


def test_limits_of_the_scenario_take_the_place_of_the_playbooks(two):
    words = ("explain", "two.toml", "--format", "json")
    changed = ("--set", "verdicts.enterprise.playbook.churn_per_year=5%")
    row = tables(two(*words, *changed))["verdict_big_playbook"]["rows"]["churn_per_year"]
    assert row["judgement"] == {"state": "broken", "unit": "share", "at_most": 0.05}


def test_csv_and_json_have_the_same_figures(two):
    rows = list(csv.DictReader(io.StringIO(two("explain", "two.toml", "--format", "csv").out)))
    figures = tables(two("explain", "two.toml", "--format", "json"))
    said = {(r["table"], r["row"], r["column"], r["statistic"]): r["value"] for r in rows}
    cac = figures["economics"]["rows"]["cac"]["big"]
    assert float(said["economics", "cac", "big", "p90"]) == cac["p90"]
    assert (
        said["verdict_smb_playbook", "verdict", "judgement", "state"]
        == (figures["verdict_smb_playbook"]["rows"]["verdict"]["judgement"]["state"])
    )
    assert said["values", "segments.smb.acv", "origin", "text"] == "two.toml:4"


@pytest.mark.parametrize("columns", [80, 100, 120])
def test_no_line_is_wider_than_the_terminal(two, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    text = two("explain", "two.toml", "--values").out
    assert max(map(len, text.splitlines())) <= columns
    assert not any(line != line.rstrip() for line in text.splitlines())


def test_markdown_has_a_table_of_every_verdict(two):
    text = two("explain", "two.toml", "--format", "markdown").out
    assert "## smb by the playbook for mid_market: " in text
    assert "| churn a year | " in text


def test_what_does_not_go_with_its_price_is_warned_of_before_anything_runs(two):
    words = ("--set", "segments.smb.acv=1.5k")
    for command in ("explain", "validate"):
        message = two(command, "two.toml", *words).err
        assert "segments.smb.motion has human touches at a list price of about 1,500" in message
    assert "human touches" in two("run", "two.toml", *words, "--no-save", "--draws", "2",
                                  "--engine", "simpy", "--months", "2").err  # fmt: skip


def test_a_scenario_that_cannot_be_run_is_not_explained(two):
    found = two("explain", "two.toml", "--set", "segments.smb.motion=nobody")
    assert found.code == 2
    assert "names the motion `nobody`" in found.err
    assert found.out == ""


def test_who_falls_back_is_told_where_somebody_may(two):
    """Prices are uniform to 20k, and the fallback wins half as many of its leads, a quarter."""
    assert (
        "fallen" not in tables(two("explain", "two.toml", "--format", "json"))["economics"]["rows"]
    )
    Path("falls.toml").write_text(
        'extends = "two.toml"\n[scenario]\nname = "falls"\n'
        "[segments.big]\n"
        'acv = { family = "uniform", low = 0, high = "20k" }\n'
        'fallback = { below_acv = "5k", motion = "alone" }\n'
        "[motions.alone.stages.paid]\nwin_rate = 0.1\n",
        encoding="utf-8",
    )
    rows = tables(two("explain", "falls.toml", "--format", "json"))["economics"]["rows"]
    assert rows["fallen"]["big"]["value"] == pytest.approx(0.25)
    assert rows["fallen"]["smb"]["value"] == 0
