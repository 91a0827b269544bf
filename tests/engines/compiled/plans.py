"""Plans that the compiled engine's tests play."""

from copy import deepcopy
from typing import Any

from gtmsim.engines.compiled.engine import Player
from gtmsim.engines.compiled.workspace import Capacity
from gtmsim.plan import Plan, compile_plan, draw_inputs, fill_values
from gtmsim.plan.structure import Values
from gtmsim.rules.state import Books, new_books
from gtmsim.scenario.models import Scenario
from tests.plan.scenarios import EVERYTHING

SEED = 5


def everything(months: int = 18, **scenario: Any) -> tuple[Plan, Values]:
    """A plan with every feature but later ones, and the numbers of its first draw.

    Teams are short and costs low, so that deals wait and the company lives.
    """
    tables = deepcopy(EVERYTHING)
    tables["scenario"]["months"] = months
    tables["company"]["cash"] = 1e9
    tables["motions"]["self_service"]["stages"]["trial"]["win_rate"] = 0.5
    tables["teams"]["ae"]["reps"] = 2
    tables["teams"]["ae"]["open_deals"] = 3.0
    tables |= scenario
    plan = compile_plan(Scenario.model_validate(tables, strict=False))
    return plan, numbers_of(plan, 0)


def numbers_of(plan: Plan, draw: int) -> Values:
    """Numbers of a draw."""
    (values,) = fill_values(plan, draw_inputs(plan, SEED, range(draw, draw + 1)))
    return values


def books_of(plan: Plan, values: Values, capacity: Capacity, replication: int = 0) -> Books:
    """Books of a replication in a workspace of given capacity."""
    books = new_books(plan.structure)
    player = Player(plan.structure, capacity)
    player.play(player.numbers(values), SEED, 0, replication, books)
    return books


def equal(one: Books, other: Books) -> bool:
    """Whether two books hold the same in every place."""
    return all((a == b).all() for a, b in zip(one, other, strict=True))
