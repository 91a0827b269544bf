"""What a stress test says: which stress is worst, and changes of odds in points."""

import numpy as np
import xarray as xr

from gtmsim.analysis.outputs import EVENT
from gtmsim.analysis.stressing import AS_IS, SURVIVES, VALUE, _change
from gtmsim.analysis.units import Unit
from gtmsim.report.answer import Figure
from gtmsim.report.numbers import interval
from gtmsim.report.stress import (
    _hurts_most,
    _survival_cells,
    _survived,
    known_stresses,
    worst,
)
from gtmsim.statistics.error import Estimate, wilson

N = 128


def changes_of(odds: list[tuple[float, ...]], value: list[float]) -> xr.Dataset:
    """Changes of the plan as it is and of stresses a, b, ..."""
    values = [(one, one - 1.0, one + 1.0) for one in value]
    changes = np.array([[o, v] for o, v in zip(odds, values, strict=True)])
    names = [AS_IS, *"abcdef"[: len(odds) - 1]]
    return xr.Dataset(
        {"change": (("stress", "output", "bound"), changes)},
        {"stress": names, "output": [SURVIVES, VALUE], "bound": list(Estimate._fields)},
    )


ZERO, LOST, UNTOLD = (0.0, 0.0, 0.0), (-0.1, -0.15, -0.05), (-0.1, -0.15, 0.01)


def test_of_equal_losses_of_odds_the_one_that_costs_more_value_is_worst():
    assert worst(changes_of([ZERO, LOST, LOST], [0.0, -1e6, -3e6])) == "b"
    assert worst(changes_of([ZERO, LOST, LOST], [0.0, -3e6, -1e6])) == "a"


def test_odds_come_first_where_their_loss_can_be_told():
    assert worst(changes_of([ZERO, LOST, ZERO], [0.0, -1e6, -3e6])) == "a"
    assert worst(changes_of([ZERO, UNTOLD, ZERO], [0.0, -1e6, -3e6])) == "b"
    assert worst(changes_of([ZERO, ZERO], [0.0, 1e6])) is None
    known = (-0.05, -0.07, -0.03)
    assert worst(changes_of([ZERO, UNTOLD, known], [0.0, 1e6, -1e6])) == "b"


def figures_with(odds: list[tuple[float, ...]], changes: xr.Dataset) -> xr.Dataset:
    n = len(odds)
    return changes.assign(
        figure=(("stress", "output", "bound"), np.array([[one, one] for one in odds])),
        title=("stress", ["as it is", *"ABCDEF"[: n - 1]]),
        applies=("stress", [True] * n),
        failure=("stress", [""] * n),
    )


def test_a_plan_that_fails_already_is_not_said_to_fail_by_a_stress():
    low, well = (0.72, 0.64, 0.79), (0.97, 0.95, 0.98)
    changes = changes_of([ZERO, LOST], [0.0, -1e6])
    told = _hurts_most(figures_with([low, low], changes), "a", "USD")
    assert told.startswith(
        "The plan does not survive with 90% odds even as it is: cash lasts in 72%"
    )
    assert "A hurts most: cash lasts" in told
    told = _hurts_most(figures_with([well, low], changes), "a", "USD")
    assert told.startswith("A hurts most, and the plan does not survive it with 90% odds")


def test_stresses_that_cannot_be_told_from_the_worst_are_named_beside_it():
    figures = [(0.95, 0.9, 0.97)] * 3
    near, far = (-0.09, -0.14, -0.04), (-0.02, -0.04, -0.01)
    for other, said in ((near, "A (or, within the error, B) hurts most"), (far, "A hurts most")):
        changes = changes_of([ZERO, LOST, other], [0.0, -1e6, -1e6])
        assert _hurts_most(figures_with(figures, changes), "a", "USD").startswith(said)


def test_stresses_that_failed_or_do_not_apply_are_not_counted():
    odds = xr.DataArray([[[1.0] * 3], [[0.95] * 3], [[np.nan] * 3], [[0.5] * 3], [[np.nan] * 3]])
    tested = xr.Dataset(
        {
            "figure": (("stress", "output", "bound"), odds.values),
            "applies": ("stress", [True, True, True, True, False]),
            "failure": ("stress", ["", "", "too many customers", "", ""]),
        },
        {"stress": [AS_IS, *"abcd"], "output": [SURVIVES], "bound": list(Estimate._fields)},
    )
    assert known_stresses(tested) == (AS_IS, "a", "c")
    assert _survived(tested) == "Cash lasts in at least 90% of futures under 1 of 2 stresses."
    assert _survived(tested.isel(stress=[0, 2, 4])) == "No stress of the pack could be tried."


def test_odds_that_no_future_changes_have_the_interval_of_none_of_so_many_draws():
    alive = np.ones((N, 2))
    alive[: N // 4] = 0.0
    found = _change(alive, alive, SURVIVES, EVENT)
    none = wilson(0.0, N)[1]
    assert found.value == 0.0
    assert -none <= found.low < -0.5 * none
    assert 0.5 * none < found.high <= none


def test_a_change_of_odds_is_in_points():
    figures = xr.Dataset(
        {"figure": (("stress", "output", "bound"), np.full((2, 2, 3), 0.5)),
         **changes_of([ZERO, (-0.016, -0.05, -0.004)], [0.0, 0.0])},
    )  # fmt: skip
    figures = figures.reindex(output=[SURVIVES, VALUE, "month_out_of_cash"])
    change = list(_survival_cells(figures, "a"))[1]
    assert isinstance(change, Figure)
    assert change.unit == Unit.POINTS
    assert interval(*change.estimate[1:], change.unit, "") == "-5 to -0.4 pt"
