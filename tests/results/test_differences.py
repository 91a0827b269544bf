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


def test_arrays_of_different_length_tell_what_was_dropped_and_added():
    longer = HIRES.replace("n = 2 }]", "n = 2 }, { month = 10, n = 1 }]")
    added = Change("teams.ae.hires", "2 elements", "3 elements: added { month 10, n 1 }")
    assert changes(HIRES, longer) == (added,)
    moved = HIRES.replace("{ month = 3, n = 1 }, { month = 9, n = 2 }", "{ month = 20, n = 2 }")
    assert changes(HIRES, moved) == (
        Change(
            "teams.ae.hires",
            "2 elements",
            "1 element: dropped { month 3, n 1 }, { month 9, n 2 }; added { month 20, n 2 }",
        ),
    )


def test_of_equal_elements_each_counts():
    twice = HIRES.replace("month = 9, n = 2", "month = 3, n = 1")
    once = HIRES.replace(", { month = 9, n = 2 }", "")
    assert changes(twice, once)[0].after == "1 element: dropped { month 3, n 1 }"


def test_of_many_elements_the_first_are_written_out():
    many = ", ".join(f"{{ month = {month}, n = 1 }}" for month in range(4, 9))
    changed = HIRES.replace("{ month = 3, n = 1 }, { month = 9, n = 2 }", many)
    (change,) = changes(BASE, changed)
    assert change.before == "not given"
    assert change.after == "[{ month 4, n 1 }, { month 5, n 1 }, { month 6, n 1 } and 2 more]"
    (change,) = changes(HIRES, changed)
    assert change.after.endswith("{ month 6, n 1 } and 2 more")


def test_tables_inside_a_distribution_are_written_with_their_values():
    chosen = BASE.replace(
        'win = { family = "logit_normal", p10 = 0.1, p90 = 0.2 }',
        'win = { family = "choices", of = [{ value = 1, weight = 2 }] }',
    )
    (change,) = changes(chosen, chosen.replace("weight = 2", "weight = 3"))
    assert change.before == "choices (of [{ value 1, weight 2 }])"
    assert change.after == "choices (of [{ value 1, weight 3 }])"
