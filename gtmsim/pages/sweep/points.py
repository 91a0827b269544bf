"""All points with all their figures, and how to make them again."""

from collections.abc import Iterator
from shlex import quote

import numpy as np

from gtmsim.errors import visible
from gtmsim.pages.grids import grid_of
from gtmsim.pages.page import Block, Code, Facts, Folded, Section
from gtmsim.pages.sweep.reading import Swept
from gtmsim.report.answer import READING
from gtmsim.report.sweep import computed_text, points_grid, varied_text

_MOST_OPEN = 30
"""Points that are shown without being asked for."""


def section(swept: Swept) -> Section:
    """Show the figures of every point."""
    return Section("points", "All points", (), tuple(_blocks(swept)))


def _blocks(swept: Swept) -> Iterator[Block]:
    made = points_grid(swept.results)
    table = made._replace(title=f"{swept.n_points:,} points", notes=(*made.notes, READING))
    yield table if swept.n_points <= _MOST_OPEN else Folded(table.title, table)
    failed = np.flatnonzero(swept.results["failure"].values != "")
    if len(failed):
        why = [(swept.place(int(n)), str(swept.results["failure"].values[n])) for n in failed]
        yield grid_of(("point", "why it failed"), why, labels=2)


def reproduction(swept: Swept) -> Section:
    """Show the command and what decides the numbers."""
    text = ("The same scenario, values and seed give the same numbers, on any machine.",)
    command = " ".join(quote(visible(word)) for word in swept.command)
    blocks: list[Block] = [Code((command,))] if command else []
    facts = Facts(tuple(_facts(swept)))
    return Section("reproduction", "How to reproduce it", text, (*blocks, facts))


def _facts(swept: Swept) -> Iterator[tuple[str, str]]:
    about = swept.results.attrs
    yield "varied", varied_text(swept.results).removeprefix("Varied: ")
    yield "design", str(about["design"])
    if about["overrides"]:
        yield "with", ", ".join(about["overrides"])
    yield "scenario's hash", str(about["scenario_hash"])
    yield "computed from", computed_text(swept.results)
    yield "libraries", str(about["libraries"])
