"""What differs between two scenarios, value by value."""

from gtmsim.results.differences import Change, changes

BASE = """
[scenario]
name = "A"
months = 12
[teams.ae]
reps = 2
ramp = [0.5, 1.0]
win = { family = "logit_normal", p10 = 0.1, p90 = 0.2 }
"""


def test_equal_scenarios_differ_in_nothing_but_may_have_another_name():
    assert changes(BASE, BASE.replace('"A"', '"B"')) == ()


def test_a_changed_value_is_told_with_its_path():
    assert changes(BASE, BASE.replace("reps = 2", "reps = 3")) == (
        Change("teams.ae.reps", "2", "3"),
    )


def test_a_distribution_is_one_value():
    (change,) = changes(BASE, BASE.replace("p90 = 0.2", "p90 = 0.3"))
    assert change == Change(
        "teams.ae.win", "logit-normal (p10 0.1, p90 0.2)", "logit-normal (p10 0.1, p90 0.3)"
    )


def test_a_table_that_one_lacks_is_one_change():
    more = BASE + "[teams.sdr]\nreps = 1\n"
    assert changes(BASE, more) == (Change("teams.sdr", "not given", "{ reps }"),)
    assert changes(more, BASE) == (Change("teams.sdr", "{ reps }", "not given"),)
