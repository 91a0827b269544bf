"""What a future is worth is said with its month, in its currency, and who says so."""

from gtmsim.report.objective import objective_text
from gtmsim.scenario.models import Objective

STATED = Objective(arr_multiple=3.0, cash=0.5, ruin=-2e6, month=24)


def test_a_stated_objective_is_told_with_its_month_and_its_ruin_as_money():
    assert objective_text(STATED, "EUR", True) == (
        "Value of a future: 3 x ARR + 0.5 x cash at the end of month 24, -\u20ac2M where cash has "
        "run out."
    )


def test_it_is_told_whose_it_is_where_others_state_none():
    told = objective_text(STATED, "USD", True, ("more.toml", "less.toml"))
    assert told.startswith("Value of a future, by the objective of more.toml and less.toml: 3 x")


def test_an_objective_that_nobody_states_is_told_to_be_assumed():
    told = objective_text(Objective(arr_multiple=5.0), "USD", False)
    assert "at the end, $0 where cash has run out: assumed, for no scenario states an" in told
