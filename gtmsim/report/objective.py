"""What a future is worth, in words."""

from collections.abc import Sequence

from gtmsim.report.numbers import money
from gtmsim.scenario.models import Objective
from gtmsim.words import enumeration


def objective_text(
    objective: Objective, currency: str, is_stated: bool, stated_by: Sequence[str] = ()
) -> str:
    """Say in a sentence what a future is worth, and who says so.

    Parameters
    ----------
    objective
        What it is worth.
    currency
        ISO 4217 code.
    is_stated
        Whether a scenario states it; else it is the assumed standard one.
    stated_by
        Files of the plans that state it, where others state none and get it too.
    """
    when = f"at the end of month {objective.month}" if objective.month else "at the end"
    by = f", by the objective of {enumeration(stated_by)}" if stated_by else ""
    assumed = "" if is_stated else ": assumed, for no scenario states an [objective]"
    return (
        f"Value of a future{by}: {objective.arr_multiple:g} x ARR + {objective.cash:g} x cash "
        f"{when}, {money(objective.ruin, currency)} where cash has run out{assumed}."
    )
