"""Which assumption matters: a cause is named only where the futures show it."""

import numpy as np
import pytest
import xarray as xr

from gtmsim.report.sensitivity import sensitivity_answer

RESULTS = xr.Dataset(
    attrs={"title": "A plan", "currency": "USD", "seed": 1, "draws": 64, "replications": 2}
)
LARGE, NONE = (0.6, 0.1), (0.05, 0.2)


def found(unknown=(0.5, 0.4, 0.6), **indices):
    """An answer on the lowest cash, with (value, error) of each input by index."""
    data = {"share_unknown": (("output", "bound"), [unknown])} if "mu_star" not in indices else {}
    for name, pairs in indices.items():
        values, errors = np.array(pairs, float).T
        data[name] = (("output", "input"), values[None])
        data[f"{name}_error"] = (("output", "input"), errors[None])
    names = [f"teams.t{n}.reps" for n in range(len(next(iter(indices.values()))))]
    coords = {"output": ["cash_min"], "input": names, "bound": ["value", "low", "high"]}
    attrs = {"draws": 64, "replications": 2}
    return xr.Dataset(data, coords, attrs)


def told(dataset):
    made = sensitivity_answer(dataset, RESULTS)
    return made.headline[0], {table.key: table for table in made.tables}


def test_the_input_with_a_part_that_is_shown_is_named():
    text, _ = told(found(first_order=[NONE, LARGE]))
    assert text == (
        "Lowest cash: 50% (40-60%) of the variance between futures is what we do not know; 60% of "
        "that is due to teams.t1.reps. The rest is luck."
    )


@pytest.mark.parametrize("index", ["first_order", "total"])
@pytest.mark.parametrize(
    ("unknown", "part"),
    [((0.072, 0.0, 0.31), LARGE), ((0.5, 0.4, 0.6), (0.83, 0.5)), ((0.5, 0.4, 0.6), (np.nan,) * 2)],
)
def test_no_input_is_named_where_its_interval_or_that_of_the_whole_holds_0(index, unknown, part):
    indices = {"first_order": [part, NONE], index: [part, NONE]}
    text, _ = told(found(unknown, **indices))
    assert "is what we do not know, too little to tell by which input. The rest" in text


def test_the_largest_of_many_inputs_without_a_part_is_not_named():
    """2.3 standard errors: more than one input has by luck, less than the largest of 30 has."""
    largest = (0.23, 0.1)
    assert "teams.t0.reps" in told(found(first_order=[largest]))[0]
    assert "teams" not in told(found(first_order=[largest, *([NONE] * 29)]))[0]


def test_what_an_input_does_alone_is_told_beside_its_total_only_if_it_is_a_part_of_it():
    text, _ = told(found(first_order=[(0.3, 0.1)], total=[LARGE]))
    assert "30% of that is due to teams.t0.reps alone, 60% with what it does beside others" in text
    text, _ = told(found(first_order=[(0.72, 0.1)], total=[(0.45, 0.1)]))
    assert "about 45% of that is due to teams.t0.reps, alone and with what it does" in text
    assert "72%" not in text


def test_intervals_of_shares_end_at_0_and_100_percent():
    _, tables = told(found((0.5, -0.3, 1.4), first_order=[(0.83, 2.0)]))
    cells = (tables["inputs"].rows[0].cells[0], *tables["split"].rows[0].cells)
    assert [tuple(cell.estimate) for cell in cells] == [(0.83, 0, 1), (0.5, 0, 1), (0.5, 0, 1)]


def test_sections_without_a_row_are_left_out():
    nothing = [(np.nan, np.nan)]
    assert set(told(found(first_order=nothing, total=nothing))[1]) == {"split"}


def screened(*sizes, floor=0.0):
    dataset = found(mu_star=sizes, mu=sizes, sigma=sizes)
    floors = np.full((1, len(sizes)), floor)
    return dataset.assign(luck_floor=(("output", "input"), floors))


def test_an_input_matters_most_only_if_it_is_shown_to_beat_every_other():
    text, _ = told(screened((8e6, 1e5), (2e6, 1e5)))
    assert "teams.t0.reps matters most; from its p10 to its p90 it moves this by $8M" in text
    assert "is among those that matter;" in told(screened((8e6, 2e6), (7e6, 1e5)))[0]
    assert "teams.t0.reps matters;" in told(screened((8e6, 1e5)))[0]


def test_an_effect_that_luck_may_be_is_not_told_as_one():
    text, _ = told(screened((1.14e6, 0.66e6), floor=1.24e6))
    assert text == "Lowest cash: no input's effect can be told from luck."
    assert told(screened((0.0, 0.0)))[0] == "Lowest cash: no input changes it."
