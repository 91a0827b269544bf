"""Every point to look at: controls choose one, and charts and figures show it."""

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np

from gtmsim.analysis.fans import AMOUNTS, FAN
from gtmsim.analysis.points import DesignKind
from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import Counted, Floats
from gtmsim.charts.chosen import chosen_fan
from gtmsim.charts.fan import QUANTILES
from gtmsim.charts.picture import Picture
from gtmsim.pages.grids import grid_of
from gtmsim.pages.page import Choice, Control, Explorer, Section
from gtmsim.pages.sweep.effects import effects_of, levels_of
from gtmsim.pages.sweep.reading import Swept, as_text

MOST_POINTS = 400
"""Points that a page can hold the development of."""
_MOST_NUMBERS = 12_000
"""Months of points that are drawn: of many points, not every month is."""
_STEPS = (1, 2, 3, 6, 12)
_LABELS = {"arr": "ARR", "cash": "Cash"}
_MOST_FIGURES = 6


def section(swept: Swept) -> Section | None:
    """Show a point at a time; None where there are too many, or nothing is known by month."""
    points = order_of(swept)
    if not 1 < len(points) <= MOST_POINTS:
        return None
    text = ("Move a control: the charts and figures are those of that point, simulated before.",)
    return Section("explorer", "Look at a point", text, (explorer(swept, points),))


def order_of(swept: Swept) -> list[int]:
    """Points that did not fail; of random ones those first at which the main input is least."""
    if swept.kind in (DesignKind.GRID, DesignKind.TORNADO):
        return list(swept.done)
    first = effects_of(swept, swept.main)[0].name
    levels = levels_of(swept, first)
    return [n for points in levels.values() for n in points]


def explorer(swept: Swept, points: list[int]) -> Explorer:
    """Lay out the controls, what they lead to, and what is then shown."""
    controls, lookup = (_grid if swept.kind == DesignKind.GRID else _list)(swept, points)
    return Explorer(
        controls=controls,
        lookup=lookup,
        choices=tuple(_choice(swept, n) for n in points),
        start=_start(swept, points),
        pictures=tuple(_fans(swept, points)),
    )


def _start(swept: Swept, points: list[int]) -> int:
    """Begin with the scenario as it is, or with the best point."""
    if swept.kind == DesignKind.TORNADO:
        return 0
    main = swept.main
    return int(np.nanargmax([main.towards * swept.figure(n, main).value for n in points]))


def _grid(swept: Swept, points: list[int]) -> tuple[tuple[Control, ...], tuple[int, ...]]:
    """One control for each input."""
    levels = {name: levels_of(swept, name) for name in swept.names}
    controls = tuple(Control(swept.short[name], tuple(levels[name])) for name in swept.names)
    place = {tuple(swept.values[name][n] for name in swept.names): k for k, n in enumerate(points)}
    combined = product(*(levels[name] for name in swept.names))
    return controls, tuple(place.get(values, -1) for values in combined)


def _list(swept: Swept, points: list[int]) -> tuple[tuple[Control, ...], tuple[int, ...]]:
    """One control for all points."""
    label = "point"
    if swept.kind == DesignKind.TORNADO:
        options = tuple(_moved(swept, n) for n in points)
    else:
        first = effects_of(swept, swept.main)[0].name
        label = f"point, by {swept.short[first]}"
        options = tuple(swept.place(n) for n in points)
    return (Control(label, options),), tuple(range(len(points)))


def _moved(swept: Swept, point: int) -> str:
    name = str(swept.results["varied"].values[point])
    return f"{swept.short[name]} {swept.values[name][point]}" if name else "the scenario as it is"


def _choice(swept: Swept, point: int) -> Choice:
    where = _moved(swept, point) if swept.kind == DesignKind.TORNADO else swept.place(point)
    shown = [c for c in swept.columns if not c.is_detail] or [swept.main]
    figures = tuple(as_text(swept.cells[point][c.number], c.counted) for c in shown[:_MOST_FIGURES])
    return Choice(where, tuple(c.label for c in shown[:_MOST_FIGURES]), figures)


def _fans(swept: Swept, points: list[int]) -> Iterator[Picture]:
    if FAN not in swept.results or swept.timeline is None:
        return
    for row, amount in enumerate(AMOUNTS):
        yield _fan(swept, points, row, _LABELS[amount]).narrow()


def _fan(swept: Swept, points: list[int], row: int, label: str) -> Picture:
    assert swept.timeline is not None, "asked for with the fans"
    timeline, money = swept.timeline, Counted(Unit.MONEY, swept.currency)
    months = _months(timeline.months, len(points))
    kept = swept.results[FAN].values[points, row][..., [month - 1 for month in months]]
    fans = [_by_name(kept[n]) for n in range(len(points))]
    start = _start(swept, points)
    ends = [(swept.place(n), *_last(fan, money)) for n, fan in zip(points, fans, strict=True)]
    every = "" if months[0] == 1 else f", every {months[0]} months"
    where, low, middle, high = ends[start]
    return Picture(
        key=f"explorer-{label.lower()}",
        title=f"{label} at the chosen point",
        subtitle=f"{label} at month ends{every}; bands are p10-p90 and p25-p75 of "
        f"{swept.n_futures:,} futures; the axis is the same for all points",
        alternative=f"{label} at the end, at {where}: median {middle}, p10 {low}, p90 {high}.",
        chart=chosen_fan(fans, months, timeline, money, start),
        table=grid_of(("point", "p10 at the end", "median", "p90"), ends),
    )


def _months(length: int, points: int) -> list[int]:
    """Months that are drawn, the last among them."""
    step = next((s for s in _STEPS if points * length / s <= _MOST_NUMBERS), _STEPS[-1])
    first = length % step or step
    return [*range(first, length + 1, step)]


def _by_name(levels: Floats) -> Mapping[str, Floats]:
    return dict(zip(QUANTILES, levels, strict=True))


def _last(fan: Mapping[str, Floats], money: Counted) -> tuple[str, str, str]:
    known = np.flatnonzero(~np.isnan(fan["p50"]))
    at = int(known[-1]) if len(known) else -1
    low, middle, high = (money.text(float(fan[q][at])) for q in ("p10", "p50", "p90"))
    return low, middle, high
