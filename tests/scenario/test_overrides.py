"""`--set` where it goes wrong: in plain words, and once."""

import pytest

from gtmsim.scenario import load_document, load_scenario
from tests.scenario.plans import PLAN, problem_of, write

MERGING = "It is a share, a distribution such as { p10, p90 }"


@pytest.mark.parametrize(
    ("override", "message", "hint"),
    [
        ("teams.ae.ramp_by_quarter=[2]", "must lie in [0, 1]; got 2", "Did you mean 0.02?"),
        ("teams.ae.ramp_by_quarter=[]", "needs at least 1 entry; it has 0", ""),
        ("scenario.start=2026-02-30", 'is no such day; got "2026-02-30"', ""),
        ('scenario.start="2026-02-03"', "wants a date without quotes", ""),
        ("segments.smb.acv={median=18k,p90=27k}", "is not valid TOML", 'quotes: "18k"'),
        ('segments.smb.acv={median="18k",p90=', "is not valid TOML", ""),
        ("motions.self_service.stages.trail.win_rate=0.3", "does not exist", "as a whole: motions"),
        ("channels.webb.organic_per_month=3", "does not exist", "Something new is set as a whole"),
        ("segments={}", "merges nothing", "segments=unset removes"),
        ("segments={smb={}}", "merges nothing", "segments=unset removes"),
    ],
)
def test_a_wrong_override_is_told_once_and_says_what_to_do(tmp_path, override, message, hint):
    problem = problem_of(write(tmp_path, PLAN), [override])
    assert problem.message.startswith(message)
    assert hint in problem.hint
    assert bool(problem.hint) == bool(hint)


def test_one_path_set_twice_to_different_values_is_refused(tmp_path):
    path = write(tmp_path, PLAN)
    problem = problem_of(path, ["company.cash=1M", "company.cash=2M"])
    assert str(problem).startswith("--set company.cash=2M: company.cash is set twice, first by")
    assert "first by --set company.cash=1M" in problem.message


def test_a_path_may_be_set_again_where_nothing_is_lost(tmp_path):
    path = write(tmp_path, "[t]\nx = 1")
    for overrides, there in (
        (["t.x=2", "t.x=2"], {"x": 2}),
        (["t={x=2}", "t={y=3}"], {"x": 2, "y": 3}),
        (["t.x=unset", "t.x=2"], {"x": 2}),
    ):
        assert load_document(path, overrides).data == {"t": there}


def test_churn_speaks_of_distributions_where_their_keys_are_mixed(tmp_path):
    churn = "segments.smb.churn_per_year={mean=0.2,concentration=8,p50=0.1}"
    assert problem_of(write(tmp_path, PLAN), [churn]).hint.startswith(MERGING)


def test_an_override_may_repeat_what_is_there_or_make_a_table(tmp_path):
    path = write(tmp_path, "[t]\nx = 1")
    assert load_document(path, ["t={x=1}"]).data == {"t": {"x": 1}}
    assert load_document(path, ["u={}"]).data == {"t": {"x": 1}, "u": {}}


def test_overrides_are_a_sequence_and_not_one_text(tmp_path):
    with pytest.raises(TypeError, match="sequence of path=value; got one text"):
        load_scenario(write(tmp_path, PLAN), "company.cash=2M")
