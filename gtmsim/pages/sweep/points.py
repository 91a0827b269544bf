"""All points with all their figures, and how to make them again."""

from collections.abc import Iterator

import numpy as np

from gtmsim.pages.grids import grid_of
from gtmsim.pages.page import Block, Folded, Section
from gtmsim.pages.reproducing import reproduction
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


def how_made(swept: Swept) -> Section:
    """Show the command and what decides the numbers."""
    return reproduction("scenario, values and seed", swept.command, _facts(swept))


def _facts(swept: Swept) -> Iterator[tuple[str, str]]:
    about = swept.results.attrs
    yield "varied", varied_text(swept.results).removeprefix("Varied: ")
    yield "design", str(about["design"])
    if about["overrides"]:
        yield "with", ", ".join(about["overrides"])
    yield "scenario's hash", str(about["scenario_hash"])
    yield "computed from", computed_text(swept.results)
    yield "libraries", str(about["libraries"])
