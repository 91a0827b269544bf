"""Variants of a plan as the points of a sweep: simulated on the same luck, kept, and gone on with.

What a sweep varies are values; here each point is a whole scenario that someone else has made.
"""

import json
from collections.abc import Sequence
from hashlib import sha256

from gtmsim.analysis.outputs import Output
from gtmsim.analysis.points import Design, DesignKind, Point, Read, plans_of, warnings_of
from gtmsim.analysis.sweeping import Sweep
from gtmsim.errors import Place
from gtmsim.results.scenario_text import scenario_text
from gtmsim.scenario.varying import Level, Variation
from gtmsim.simulation.api import Run


def sweep_of(
    switch: str,
    labels: Sequence[str],
    reads: Sequence[Read],
    outputs: Sequence[tuple[Output, ...]],
    how: Run,
    months: int | None = None,
    also: Sequence[str] = (),
) -> Sweep:
    """Make a sweep whose points are these scenarios.

    Parameters
    ----------
    switch
        What tells the points apart.
    labels
        Of the points; the first is the scenario that others are variants of.
    reads
        Scenario of each point, of the length that is simulated, and its document.
    outputs
        What is kept of the futures of each point.
    how
        How often and by what each is simulated.
    months
        Length asked for, if not the scenario's.
    also
        What decides the numbers and neither the scenarios nor the names of the outputs say.

    Raises
    ------
    ScenarioError, CapacityError
        Of the first scenario that has no plan.
    """
    variation = switch_of(switch, labels)
    points = tuple(Point((level,)) for level in variation.levels)
    scenarios = [read.scenario for read in reads]
    texts = [scenario_text(scenario) for scenario in scenarios]
    names = [[output.name for output in some] for some in outputs]
    said = [switch, *labels, *texts, names, *also]
    return Sweep(
        title=scenarios[0].scenario.name,
        scenario=texts[0],
        variations=(variation,),
        design=Design(DesignKind.GRID),
        points=points,
        plans=plans_of(scenarios, (variation,), points),
        outputs=tuple(outputs),
        how=how,
        months=months,
        inputs_hash=sha256(json.dumps(said).encode()).hexdigest(),
        warnings=warnings_of((variation,), points, reads),
    )


def switch_of(name: str, labels: Sequence[str]) -> Variation:
    """Make a switch between levels that are made elsewhere."""
    nowhere = Place(name, 0, 1)
    levels = tuple(Level(label, ()) for label in labels)
    return Variation(name=name, levels=levels, unit="", path=(), key=nowhere, place=nowhere)
