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


HIRES = BASE + "hires = [{ month = 3, n = 1 }, { month = 9, n = 2 }]\n"


def test_a_changed_element_of_an_array_is_told_with_its_values():
    changed = HIRES.replace("n = 1", "n = 3")
    assert changes(HIRES, changed) == (Change("teams.ae.hires.0.n", "1", "3"),)


def test_of_several_changed_elements_the_first_is_told_and_how_many_there_are():
    changed = HIRES.replace("n = 1", "n = 3").replace("month = 9", "month = 8")
    assert changes(HIRES, changed) == (
        Change("teams.ae.hires", "2 elements", "2 elements, 2 of them different"),
        Change("teams.ae.hires.0.n", "1", "3"),
    )


def test_arrays_of_different_length_say_so():
    longer = HIRES.replace("n = 2 }]", "n = 2 }, { month = 10, n = 1 }]")
    length = Change("teams.ae.hires", "2 elements", "3 elements")
    assert changes(HIRES, longer) == (length,)
    both = changes(HIRES, longer.replace("month = 3", "month = 4"))
    assert both == (length, Change("teams.ae.hires.0.month", "3", "4"))


def test_tables_inside_a_distribution_are_written_with_their_values():
    chosen = BASE.replace(
        'win = { family = "logit_normal", p10 = 0.1, p90 = 0.2 }',
        'win = { family = "choices", of = [{ value = 1, weight = 2 }] }',
    )
    (change,) = changes(chosen, chosen.replace("weight = 2", "weight = 3"))
    assert change.before == "choices (of [{ value 1, weight 2 }])"
    assert change.after == "choices (of [{ value 1, weight 3 }])"
