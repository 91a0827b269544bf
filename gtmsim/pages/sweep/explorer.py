"""Every point to look at: controls choose one, and charts and figures show it."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from gtmsim.analysis.fans import AMOUNTS, FAN
from gtmsim.analysis.points import DesignKind
from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import Counted, Floats, Timeline
from gtmsim.charts.chosen import chosen_fan
from gtmsim.charts.fan import QUANTILES
from gtmsim.charts.picture import Picture
from gtmsim.pages.grids import grid_of
from gtmsim.pages.page import Card, Choice, Control, Explorer, Section
from gtmsim.pages.sweep.effects import Influences, levels_of
from gtmsim.pages.sweep.reading import Swept, in_parts

MOST_POINTS = 400
"""Points that a page can hold the development of."""
_MOST_NUMBERS = 12_000
"""Months of points that are drawn: of many points, not every month is."""
_STEPS = (1, 2, 3, 6, 12)
_LABELS = {"arr": "ARR", "cash": "Cash"}
_MOST_FIGURES = 6


def section(swept: Swept, influences: Influences) -> Section | None:
    """Show a point at a time; None where there are too many, or nothing is known by month."""
    first = influences[swept.main.number].names[0]
    points = order_of(swept, first)
    if not 1 < len(points) <= MOST_POINTS:
        return None
    text = ("Move a control: the charts and figures are those of that point, simulated before.",)
    return Section("explorer", "Look at a point", text, (explorer(swept, points, first),))


def order_of(swept: Swept, first: str) -> list[int]:
    """Points that did not fail; of random ones those where ``first`` is least come first."""
    if swept.kind in (DesignKind.GRID, DesignKind.TORNADO):
        return list(swept.done)
    levels = levels_of(swept, first)
    return [n for points in levels.values() for n in points]


def explorer(swept: Swept, points: list[int], first: str) -> Explorer:
    """Lay out the controls, what they lead to, and what is then shown."""
    is_grid = swept.kind == DesignKind.GRID
    controls, lookup = _grid(swept, points) if is_grid else _list(swept, points, first)
    fans = _fans_of(swept, points)
    return Explorer(
        controls=controls,
        lookup=lookup,
        choices=tuple(_choice(swept, n, fans, k) for k, n in enumerate(points)),
        start=_start(swept, points),
        pictures=tuple(_picture(swept, fan, points) for fan in fans),
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


def _list(
    swept: Swept, points: list[int], first: str
) -> tuple[tuple[Control, ...], tuple[int, ...]]:
    """One control for all points."""
    label = "point"
    if swept.kind == DesignKind.TORNADO:
        options = tuple(_moved(swept, n) for n in points)
    else:
        label = f"point, by {swept.short[first]}"
        options = tuple(swept.place(n) for n in points)
    return (Control(label, options),), tuple(range(len(points)))


def _moved(swept: Swept, point: int) -> str:
    name = str(swept.results["varied"].values[point])
    return f"{swept.short[name]} {swept.values[name][point]}" if name else "the scenario as it is"


def _where(swept: Swept, point: int) -> str:
    return _moved(swept, point) if swept.kind == DesignKind.TORNADO else swept.place(point)


def _choice(swept: Swept, point: int, fans: Sequence["Fans"], k: int) -> Choice:
    shown = [c for c in swept.columns if not c.is_detail] or [swept.main]
    cards = (
        Card(c.label, *in_parts(swept.cells[point][c.number], c.counted))
        for c in shown[:_MOST_FIGURES]
    )
    titles, told = (tuple(getattr(fan, name)[k] for fan in fans) for name in ("titles", "told"))
    return Choice(_where(swept, point), tuple(cards), titles, told)


class Fans(NamedTuple):
    """Fans of an amount at every point.

    Attributes
    ----------
    label
        What the amount is called.
    timeline
        All months.
    months
        Those that are drawn.
    fans
        One for each point.
    ends
        Where each point is; p10, median and p90 at its end.
    """

    label: str
    timeline: Timeline
    months: Sequence[int]
    fans: Sequence[Mapping[str, Floats]]
    ends: Sequence[tuple[str, str, str, str]]

    @property
    def titles(self) -> list[str]:
        """What each is called."""
        return [f"{self.label}: {where}" for where, *_ in self.ends]

    @property
    def told(self) -> list[str]:
        """What each says in words."""
        return [
            f"{self.label} at the end, at {where}: median {middle}, p10 {low}, p90 {high}."
            for where, low, middle, high in self.ends
        ]


def _fans_of(swept: Swept, points: list[int]) -> list[Fans]:
    if FAN not in swept.results or swept.timeline is None:
        return []
    money = Counted(Unit.MONEY, swept.currency)
    months = _months(swept.timeline.months, len(points))
    kept = swept.results[FAN].values[points][..., [month - 1 for month in months]]
    found = []
    for row, amount in enumerate(AMOUNTS):
        fans = [dict(zip(QUANTILES, levels, strict=True)) for levels in kept[:, row]]
        ends = [(_where(swept, n), *_last(fan, money)) for n, fan in zip(points, fans, strict=True)]
        found.append(Fans(_LABELS[amount], swept.timeline, months, fans, ends))
    return found


def _picture(swept: Swept, made: Fans, points: list[int]) -> Picture:
    money, start = Counted(Unit.MONEY, swept.currency), _start(swept, points)
    every = "" if made.months[0] == 1 else f", every {made.months[0]} months"
    picture = Picture(
        key=f"explorer-{made.label.lower()}",
        title=made.titles[start],
        subtitle=f"{made.label} at month ends{every}; bands are p10-p90 and p25-p75 of "
        f"{swept.n_futures:,} futures; the axis is the same for all points",
        alternative=made.told[start],
        chart=chosen_fan(made.fans, made.months, made.timeline, money, start),
        table=grid_of(("point", "p10 at the end", "median", "p90"), made.ends),
    )
    return picture.narrow()


def _months(length: int, points: int) -> list[int]:
    """Months that are drawn, the last among them."""
    step = next((s for s in _STEPS if points * length / s <= _MOST_NUMBERS), _STEPS[-1])
    first = length % step or step
    return [*range(first, length + 1, step)]


def _last(fan: Mapping[str, Floats], money: Counted) -> tuple[str, str, str]:
    known = np.flatnonzero(~np.isnan(fan["p50"]))
    at = int(known[-1]) if len(known) else -1
    low, middle, high = (money.text(float(fan[q][at])) for q in ("p10", "p50", "p90"))
    return low, middle, high
