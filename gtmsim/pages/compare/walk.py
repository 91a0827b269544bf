"""The walk from the first plan to the second: how much each of its changes makes."""

import numpy as np
import xarray as xr

from gtmsim.charts.axes import Counted
from gtmsim.charts.bridge import bridge_chart, steps_between
from gtmsim.charts.picture import Picture
from gtmsim.pages.compare.reading import Plans
from gtmsim.pages.grids import grid_of
from gtmsim.pages.page import Folded, Section
from gtmsim.report.walk import futures_of_walk, unit_of_walk, walk_sentence
from gtmsim.words import counted as number_of

_HEADER = ("change", "adds", "95% from", "to", "least by order", "most by order")


def section(plans: Plans) -> Section | None:
    """Show the walk; None where it was not asked for."""
    walked = plans.made.walked
    if walked is None:
        return None
    first, second = plans.names[:2]
    tables = (Folded(table.title, table) for table in plans.tables("walk_"))
    text = (walk_sentence(walked, first, second),)
    return Section("walk", "The walk, change by change", text, (waterfall(plans, walked), *tables))


def waterfall(plans: Plans, walked: xr.Dataset) -> Picture:
    """Draw what each change adds on the way from the first plan to the second."""
    first, second = plans.names[:2]
    counted = Counted(unit_of_walk(walked), plans.answer.currency)
    effects = walked["effect"].sel(bound="value").to_numpy()
    order = [int(n) for n in np.argsort(-np.abs(effects), kind="stable")]
    names = [str(name) for name in walked["driver"].values]
    start = float(walked["before"].sel(bound="value"))
    changes = [(names[n], float(effects[n])) for n in order]
    steps = steps_between(first, start, changes, second, counted)
    most = order[0]
    futures = number_of(futures_of_walk(walked), "future")
    return Picture(
        key="walk",
        title=f"Most of the way to {second} is {names[most]}: "
        f"{counted.signed(float(effects[most]))}",
        subtitle=f"{walked.attrs['metric']}, mean over {futures} on the same luck; each change "
        f"averaged over {number_of(walked.attrs['n_orders'], 'order')}, the parts add up",
        alternative=", ".join(f"{step.label} {step.text}" for step in steps) + ".",
        chart=bridge_chart(steps, counted),
        table=grid_of(_HEADER, [_row(walked, n, counted) for n in order]),
    )


def _row(walked: xr.Dataset, n: int, counted: Counted) -> tuple[str, ...]:
    one = walked.isel(driver=n)
    ends = (float(one[name].sel(bound="value")) for name in ("least", "most"))
    numbers = [*map(float, one["effect"]), *ends]
    return (str(one["driver"].item()), *(counted.signed(value) for value in numbers))
