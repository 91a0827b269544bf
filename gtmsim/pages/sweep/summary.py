"""What a sweep's page says first: which input matters most, and which point is best."""

from collections.abc import Iterator, Sequence

import numpy as np

from gtmsim.analysis.points import DesignKind
from gtmsim.analysis.units import Unit
from gtmsim.pages.page import Card, Cards
from gtmsim.pages.sweep.effects import Influence, Influences
from gtmsim.pages.sweep.inputs import change_text
from gtmsim.pages.sweep.reading import Column, Swept, in_parts
from gtmsim.report.numbers import interval, share
from gtmsim.words import named_or_counted

_MOST_CARDS = 4


def answer_in_one(swept: Swept, influences: Influences) -> str:
    """Answer in one sentence: what the main output hangs on, and where it is best."""
    if not swept.done:
        return "No point could be simulated."
    if not swept.columns:
        return "What is asked of a future is defined in none."
    return f"{swept.main.heading} {_depends_on(swept, swept.main, influences)}."


def _best(swept: Swept, column: Column) -> str:
    """Say where an output is best."""
    best = best_point(swept, column)
    value, between = in_parts(swept.cells[best][column.number], column.counted)
    side = "highest" if column.towards > 0 else "lowest"
    told = (
        f"{value} of futures ({between})"
        if column.is_event
        else f"{value} in the median future, {between} in 8 of 10"
    )
    return (
        f"Of {len(swept.done):,} points, {swept.place(best)} has the {side} {column.what} of "
        f"{column.label}: {told}."
    )


def _depends_on(swept: Swept, column: Column, influences: Influences) -> str:
    influence = influences[column.number]
    if influence.explained:
        return _explained_by(swept, influence)
    effects = [e for e in influence.effects if np.isfinite(e.change.value)]
    if not effects:
        return "depends on its inputs in a way that so few points cannot tell"
    top = effects[0]
    if top.change.value == 0.0:
        return "does not change with anything that is varied"
    rivals = [swept.short[e.name] for e in effects[1:] if e.may_exceed(top)]
    return (
        f"depends most on {swept.short[top.name]}: from {top.low} to {top.high} its {column.what} "
        f"{'change' if column.is_event else 'changes'} by {change_text(top, column)}"
        f"{_as_much(rivals)}"
    )


def _as_much(rivals: Sequence[str]) -> str:
    """Name inputs whose place behind the first is not certain."""
    if not rivals:
        return ""
    whose = named_or_counted(rivals, "other inputs")
    return f"; within the error {whose} may matter as much"


def _explained_by(swept: Swept, influence: Influence) -> str:
    top = influence.explained[0]
    name, most = swept.short[top.name], top.share
    known = f"{share(most.value)} ({interval(most.low, most.high, Unit.SHARE, '')})"
    if influence.is_noise:
        return (
            "varies between points in a way that no input explains by itself: the most that one "
            f"seems to explain is {known}, by {name}"
        )
    rivals = [swept.short[e.name] for e in influence.explained[1:] if e.share.high > most.low]
    return (
        f"depends most on {name}, which by itself explains {known} of what varies between points"
        f"{_as_much(rivals)}"
    )


def best_point(swept: Swept, column: Column) -> int:
    """Point at which an output is best."""
    values = [column.towards * swept.figure(n, column).value for n in swept.done]
    return swept.done[int(np.nanargmax(values))]


def details(swept: Swept, influences: Influences) -> tuple[str, ...]:
    """Return the sentences that go on from the first: the best point, and further outputs."""
    others = [c for c in swept.columns if not c.is_detail and c.number != swept.main.number]
    best = () if swept.kind == DesignKind.TORNADO else (_best(swept, swept.main),)
    return *best, *(
        f"{column.heading} {_depends_on(swept, column, influences)}."
        for column in others[:_MOST_CARDS]
    )


def key_figures(swept: Swept) -> Cards:
    """Choose the figures of the scenario as it is, or of the best point."""
    return Cards(tuple(_cards(swept)))


def _cards(swept: Swept) -> Iterator[Card]:
    is_tornado = swept.kind == DesignKind.TORNADO
    point = swept.done[0] if is_tornado else best_point(swept, swept.main)
    where = "as the scenario is" if is_tornado else "at the best point"
    for column in [c for c in swept.columns if not c.is_detail][:_MOST_CARDS]:
        value, note = in_parts(swept.cells[point][column.number], column.counted)
        kind = "95% interval" if column.is_event else "in 8 of 10"
        yield Card(f"{column.heading}, {where}", value, f"{note}, {kind}" if note else "")
