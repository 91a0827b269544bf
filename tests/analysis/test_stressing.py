"""Stresses: what they change in any plan, and that nothing else moves."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gtmsim.analysis.outputs import EVENT, expressed, read_outputs
from gtmsim.analysis.stressed import stressed
from gtmsim.analysis.stressing import AS_IS, stress
from gtmsim.errors import ScenarioError
from gtmsim.plan import compile_plan
from gtmsim.scenario import load_document, read_scenario
from gtmsim.scenario.document import changed
from gtmsim.scenario.stressing import chosen, read_pack
from gtmsim.simulation.api import with_months
from tests.cli.scenarios import tiny
from tests.scenarios.shipped import shipped

FEW = {"draws": 3, "replications": 2, "engine": "simpy", "workers": 1}
SHIPPED = read_pack()


def pack(folder: Path, text: str) -> Path:
    path = folder / "pack.toml"
    path.write_text(text, encoding="utf-8")
    return path


def plan_of(folder: Path, text: str = ""):
    path = tiny(folder)
    path.write_text(path.read_text() + text, encoding="utf-8")
    document = load_document(path)
    return read_scenario(document), document


def found(name: str, folder: Path, text: str = ""):
    scenario, document = plan_of(folder, text)
    return stressed(chosen(SHIPPED, [name])[0], scenario, document)


def changes(name: str, folder: Path, text: str = "") -> dict[str, object]:
    return {".".join(o.path): o.entry.plain for o in found(name, folder, text).overrides}


# --- what they change ------------------------------------------------------------------------


@pytest.mark.parametrize("path", shipped())
def test_every_stress_makes_a_valid_plan_of_every_shipped_scenario_or_says_why_not(path):
    document = load_document(path)
    scenario = read_scenario(document)
    for one in SHIPPED:
        here = stressed(one, scenario, document)
        assert here.applies or here.reason
        compile_plan(read_scenario(changed(document, here.overrides)))


def test_the_win_rate_falls_by_a_fifth_over_the_stages_of_opportunities_together(tmp_path):
    stages = """
[motions.assisted.stages.close]
win_rate = { p10 = 0.4, p90 = 0.6 }
"""
    made = changes("win_rate_down", tmp_path, stages)
    root = 0.8**0.5
    assert made == {
        "motions.assisted.stages.demo.win_rate": pytest.approx(0.3 * root),
        "motions.assisted.stages.close.win_rate": {
            "family": "logit_normal",
            "p10": pytest.approx(0.4 * root),
            "p90": pytest.approx(0.6 * root),
        },
    }


@pytest.mark.parametrize(
    ("stated", "key", "expected"),
    [
        ("0.2", "", 1.0 - 0.8**1.5),
        ("{ mean = 0.2, concentration = 5 }", ".mean", 1.0 - 0.8**1.5),
        ("{ alpha = 1.0, beta = 4.0 }", ".alpha", 1.5),
    ],
)
def test_churn_moves_in_each_of_its_forms(tmp_path, stated, key, expected):
    path = tiny(tmp_path)
    path.write_text(path.read_text().replace("{ p10 = 0.1, p90 = 0.3 }", stated))
    document = load_document(path)
    here = stressed(chosen(SHIPPED, ["churn_up"])[0], read_scenario(document), document)
    made = {".".join(o.path): o.entry.plain for o in here.overrides}
    assert made == {f"segments.smb.churn_per_year{key}": pytest.approx(expected)}
    read_scenario(changed(document, here.overrides))


def test_days_to_pay_are_added_where_none_are_given(tmp_path):
    assert changes("collection_late", tmp_path) == {
        "segments.smb.contracts.annual.payment_days": 30.0
    }


def test_only_teams_that_hire_lose_people(tmp_path):
    assert not found("hires_fail", tmp_path).applies
    hires = "hires = [{ month = 3, n = 1 }]\n"
    path = tiny(tmp_path)
    path.write_text(path.read_text().replace("[teams.ae]\n", f"[teams.ae]\n{hires}"))
    document = load_document(path)
    here = stressed(chosen(SHIPPED, ["hires_fail"])[0], read_scenario(document), document)
    assert here.changed == ("teams.ae.leaves_per_year",)
    assert 1.0 - np.exp(-here.overrides[0].entry.plain) == pytest.approx(0.5, abs=1e-4)


ROUND = '[company.rounds.seed]\nmonth = 5\namount = "1M"\n'


def test_a_round_comes_six_months_later(tmp_path):
    assert changes("round_slips", tmp_path, ROUND) == {"company.rounds.seed.month": 11}
    staged = ROUND.replace("month = 5", 'stage = "scaling"')
    assert changes("round_slips", tmp_path, staged) == {"company.rounds.seed.delay_months": 6}
    longer = staged + "delay_months = 3\n"
    assert changes("round_slips", tmp_path, longer) == {"company.rounds.seed.delay_months": 9}


def test_a_plan_without_rounds_has_none_to_slip(tmp_path):
    assert found("round_slips", tmp_path).reason == "the plan has no funding round"


@pytest.mark.parametrize(("months", "applies"), [(12, False), (13, True)])
def test_the_largest_customer_leaves_where_the_plan_goes_on_after_it(tmp_path, months, applies):
    scenario, document = plan_of(tmp_path)
    scenario = with_months(scenario, months)
    here = stressed(chosen(SHIPPED, ["largest_leaves"])[0], scenario, document)
    assert here.changed == (("company.largest_customer_leaves",) if applies else ())
    assert here.reason.startswith("" if applies else "the plan ends with month 12 or before")


@pytest.mark.parametrize(("month", "applies"), [(6, False), (12, False), (13, True)])
def test_a_loss_that_the_plan_has_already_is_not_put_off(tmp_path, month, applies):
    path = tiny(tmp_path)
    text = path.read_text().replace(
        "[company]\n", f"[company]\nlargest_customer_leaves = {month}\n"
    )
    path.write_text(text, encoding="utf-8")
    document = load_document(path)
    (leaves,) = chosen(SHIPPED, ["largest_leaves"])
    here = stressed(leaves, read_scenario(document), document)
    assert here.changed == (("company.largest_customer_leaves",) if applies else ())
    assert applies or "already" in here.reason


# --- on the same luck ------------------------------------------------------------------------


def monthly(scenario):
    """Outputs by month, for the tests of what moves when."""
    texts = [f"{name}[{month}]" for name in ("arr", "cash") for month in (4, 12)]
    return expressed(read_outputs(texts, [scenario]), compile_plan(scenario))


def test_a_stress_that_changes_nothing_gives_differences_of_exactly_zero(tmp_path):
    cost = "{ function = 'product', per_month = 0 }"
    file = pack(tmp_path, f'[same]\nchanges = [{{ path = "costs.none", set = {cost} }}]\n')
    tested = stress(tiny(tmp_path), pack=file, funding=False, **FEW)
    assert tested["stress"].values.tolist() == [AS_IS, "same"]
    before, after = tested["sample"].values
    assert np.array_equal(before, after, equal_nan=True)
    change = tested["change"].sel(stress="same").dropna("output")
    assert (change.sel(bound="value") == 0.0).all()
    events = change["unit"] == EVENT
    assert events.any()
    assert (change.where(~events, drop=True) == 0.0).all()
    assert (change.where(events, drop=True).sel(bound="high") > 0.0).all(), "of few futures"


def test_a_later_round_leaves_the_months_before_it_as_they_were(tmp_path, monkeypatch):
    monkeypatch.setattr("gtmsim.analysis.stressing.outputs_of", monthly)
    monkeypatch.setattr("gtmsim.analysis.stressing._figure", lambda *_: (0.0, 0.0, 0.0))
    path = tiny(tmp_path)
    path.write_text(path.read_text() + ROUND)
    tested = stress(path, only=["round_slips"], funding=False, **FEW)
    before, after = (tested["sample"].sel(stress=one) for one in (AS_IS, "round_slips"))
    assert (before.sel(output="cash[4]") == after.sel(output="cash[4]")).all()
    assert (before.sel(output="cash[12]") == after.sel(output="cash[12]")).all()  # all is in again
    assert (before.sel(output="arr[12]") == after.sel(output="arr[12]")).all()


def test_the_largest_customer_is_missed_from_the_month_after_it_left(tmp_path, monkeypatch):
    monkeypatch.setattr("gtmsim.analysis.stressing.outputs_of", monthly)
    monkeypatch.setattr("gtmsim.analysis.stressing._figure", lambda *_: (0.0, 0.0, 0.0))
    leaves = '{ path = "company.largest_customer_leaves", set = 4, within = true }'
    file = pack(tmp_path, f"[leaves]\nchanges = [{leaves}]\n")
    tested = stress(tiny(tmp_path), pack=file, funding=False, **FEW)
    before, after = (tested["sample"].sel(stress=one) for one in (AS_IS, "leaves"))
    for output in ("arr[4]", "cash[4]"):
        assert (before.sel(output=output) == after.sel(output=output)).all()
    lost = before.sel(output="arr[12]") - after.sel(output="arr[12]")
    assert (lost >= 0).all()  # some would have left by then
    assert (lost > 0).any()


def test_a_stress_that_hurts_is_worse_in_every_figure_that_it_bears_on(tmp_path):
    tested = stress(tiny(tmp_path), only=["win_rate_down", "round_slips"], **FEW)
    change = tested["change"].sel(stress="win_rate_down", bound="value")
    assert change.sel(output="arr[14]") < 0.0
    assert change.sel(output="value") < 0.0
    missing = tested.sel(stress="round_slips")
    assert not missing["applies"]
    assert missing["reason"].item() == "the plan has no funding round"
    assert np.isnan(missing["figure"]).all()
    assert tested["capital"].sel(stress=AS_IS, bound="value") >= 0.0


def test_a_test_that_is_kept_is_not_simulated_again(tmp_path, monkeypatch):
    words = {"only": ["churn_up"], "out": tmp_path / "kept", **FEW}
    first = stress(tiny(tmp_path), **words)
    monkeypatch.setattr("gtmsim.analysis.sweeping.run_all", _only_nothing)
    assert stress(tiny(tmp_path), **words).equals(first)


def test_another_process_knows_the_test_by_the_same_hash(tmp_path):
    code = (
        "import sys\n"
        "from gtmsim.analysis.stressing import prepare\n"
        "from gtmsim.simulation.api import checked_run\n"
        "how = checked_run(3, 1, 1, 1, 'simpy')\n"
        "test = prepare(sys.argv[1], ['churn_up', 'largest_leaves'], None, how, None, True)\n"
        "print(test.futures.folder_name('x'), test.unlimited.folder_name('x'))\n"
    )
    words = [sys.executable, "-c", code, str(tiny(tmp_path))]
    names = [
        subprocess.run(words, capture_output=True, text=True, check=True).stdout for _ in range(2)
    ]
    assert names[0] == names[1]


def _only_nothing(work, *_, **__):
    assert not list(work)


# --- packs -----------------------------------------------------------------------------------


def changing(path: str, how: str) -> str:
    """Text of a pack with one change."""
    return f'[a]\nchanges = [{{ path = "{path}", {how} }}]'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[a]\nchanges = [{ path = "motions.*.win", scale = 0.8 }]', "leads to no number"),
        ('[a]\nchanges = [{ path = "company.cash" }]', "wants exactly one of"),
        ('[a]\nchanges = [{ path = "company.cash", scale = -1 }]', "must be above 0"),
        ('[a]\nchanges = [{ path = "company.cash", add = "3d" }]', "is a time"),
        ("[a]\nchange = []", "Did you mean `changes`?"),
        ("[a]\ntitle = 3", "wants text in quotes"),
        ("[a]\nloses_largest = 12", "is not known"),
        ('[a]\nchanges = [{ path = "company.cash", add = 1, within = true }]', "that is `set`"),
        (changing("company.cash", "scale = 0.8, spread = true"), "and a * in the path"),
        (changing("teams.*.reps", "add = -1, spread = true"), "wants a factor"),
        (changing("teams.*.base_per_year", 'scale = 2, spread = "no"'), "wants true or false"),
        (changing("teams.*.base_per_year", 'scale = 2, having = "reps"'), "wants an array of keys"),
        (
            changing("motions.*.stages.*.win_rate", "scale = 0.9, opportunities = 1"),
            "wants true or false",
        ),
        (
            changing("teams.*.base_per_year", "scale = 2, opportunities = true"),
            "begins with motions.*.stages.*",
        ),
        ('[a]\ntitle = "empty"', "changes nothing"),
        ("a = 1", "wants a table"),
    ],
)
def test_a_bad_pack_is_told_with_its_place(tmp_path, text, message):
    with pytest.raises(ScenarioError) as told:
        read_pack(pack(tmp_path, text))
    assert message in str(told.value)
    assert "pack.toml:" in str(told.value)


def test_what_a_stress_makes_invalid_is_told_at_the_line_of_the_pack(tmp_path):
    change = '{ path = "price_changes.x", set = "magic" }'
    with pytest.raises(ScenarioError) as told:
        stress(tiny(tmp_path), pack=pack(tmp_path, f"[bad]\nchanges = [\n  {change},\n]"), **FEW)
    assert "pack.toml:3" in str(told.value)
    assert "Stress bad." in str(told.value)


def test_a_stress_that_the_pack_lacks_gets_a_suggestion():
    with pytest.raises(ScenarioError, match="Did you mean churn_up"):
        chosen(SHIPPED, ["churn_upp"])
