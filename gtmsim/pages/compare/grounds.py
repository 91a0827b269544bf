"""What the comparison stands on: what differs, how sure it is, and how to make it again."""

from collections.abc import Iterator

import numpy as np

from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import Counted
from gtmsim.charts.picture import Picture
from gtmsim.charts.rows import Dot, Range, is_logarithmic, range_chart
from gtmsim.charts.theme import in_colour
from gtmsim.pages.compare.reading import Plans
from gtmsim.pages.grids import grid_of
from gtmsim.pages.page import Block, Facts, Folded, Section
from gtmsim.pages.reproducing import reproduction
from gtmsim.report.comparison import output_label

_TIMES = Counted(Unit.MULTIPLE)
_MOST_OPEN = 20
"""Changes that are shown without being asked for."""


def changes(plans: Plans) -> Section | None:
    """Show what differs between the scenarios; None where nothing does."""
    blocks = tuple(_changes(plans))
    return Section("changes", "What differs between the plans", (), blocks) if blocks else None


def _changes(plans: Plans) -> Iterator[Block]:
    for rival, found in plans.made.changed.items():
        if found:
            rows = [(change.path, change.before, change.after) for change in found]
            table = grid_of(("value", plans.first, rival), rows, labels=3)
            count = f"{len(rows)} value{'' if len(rows) == 1 else 's'}"
            title = f"From {plans.first} to {rival}: {count}"
            few = len(rows) <= _MOST_OPEN
            yield table._replace(title=title) if few else Folded(title, table)


def certainty(plans: Plans) -> Section:
    """Show how sure the differences are."""
    text = (
        "Because plans share their luck, most of it drops out of a difference: independent runs "
        "would need several times the draws for the same interval.",
    )
    return Section("certainty", "How sure we are", text, tuple(_certainty(plans)))


def _certainty(plans: Plans) -> Iterator[Block]:
    for rival in plans.rivals:
        if found := _saved(plans, rival):
            yield draws_saved(plans, rival, found)
        table = plans.table(f"detail_{rival}")
        if table is not None:
            yield Folded(table.title, table)
    yield Facts(
        (
            ("futures", plans.answer.computed["futures"]),
            ("how to read ranges", plans.answer.reading),
        )
    )


def _saved(plans: Plans, rival: str) -> dict[str, float]:
    """Tell how many times the draws independent runs would need, by figure."""
    compared, base = plans.made.compared, plans.made.results[plans.first]
    values = compared["variance_reduction"].sel(rival=rival, bound="value")
    return {
        output_label(str(output), base): float(values.sel(output=output))
        for output in values["output"].to_numpy()
        if np.isfinite(values.sel(output=output))
    }


def draws_saved(plans: Plans, rival: str, found: dict[str, float]) -> Picture:
    """Draw how many times the draws independent runs would need."""
    middle = float(np.median([*found.values()]))
    colour = plans.colour(rival)
    style = in_colour("dot", colour)
    ranges = [
        Range(label, _TIMES.text(value), min(1.0, value), max(1.0, value),
              (Dot(style, value, "times the draws"),), colour)
        for label, value in found.items()
    ]  # fmt: skip
    scale = "; the axis is logarithmic" if is_logarithmic(ranges) else ""
    return Picture(
        key=f"draws-saved-{plans.names.index(rival)}",
        title=f"The same luck saves draws: {_TIMES.text(middle)} as many would be needed without "
        "it, at the median",
        subtitle=f"Variance of the difference of independent runs of {rival} and {plans.first} "
        f"over that of these, from 1x, where nothing is saved; {plans.n_futures:,} futures "
        f"each{scale}",
        alternative="Times the draws: "
        + "; ".join(f"{label} {_TIMES.text(value)}" for label, value in found.items())
        + ".",
        chart=range_chart(ranges, _TIMES),
        table=grid_of(
            ("figure", "times the draws"), [(k, _TIMES.text(v)) for k, v in found.items()]
        ),
    )


def how_made(plans: Plans) -> Section:
    """Show the command and what decides the numbers."""
    return reproduction("plans and seed", plans.made.command, _facts(plans))


def _facts(plans: Plans) -> Iterator[tuple[str, str]]:
    for name, one in plans.made.results.items():
        yield f"scenario of {name}", f"{one.attrs['title']}, hash {one.attrs['scenario_hash']}"
    yield "computed from", ", ".join(plans.answer.computed.values())
