"""Teams: how busy they are, and how they grow."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import Counted
from gtmsim.charts.curves import Curve, curve_chart
from gtmsim.charts.picture import Picture
from gtmsim.metrics import sales
from gtmsim.metrics.labels import QUARTER
from gtmsim.pages.grids import grid_of
from gtmsim.pages.page import Block, Folded, Section
from gtmsim.pages.reading import Read, fan_of
from gtmsim.report.tables import SHORT_UTILISATION

_MOST_BANDS = 3
"""Teams up to which each is drawn with its range."""
_TABLES = ("teams", "quota")


def section(read: Read) -> Section | None:
    """Show how busy teams are and how they grow; None without a team."""
    if not read.books.teams.sizes["team"]:
        return None
    return Section("teams", "Teams", (), tuple(_blocks(read)))


def _blocks(read: Read) -> Iterator[Block]:
    asked = read.books.teams["team_requests"].sum(("draw", "replication", "month")) > 0
    busy = [str(name) for name in asked["team"].to_numpy()[asked.to_numpy()]]
    if busy and read.timeline.months > QUARTER:
        yield _utilisation(read, busy).narrow()
    yield _headcount(read).narrow()
    for key in _TABLES:
        table = read.table(key)
        if table is not None:
            yield Folded(table.title, table)


def _utilisation(read: Read, names: list[str]) -> Picture:
    values = sales.utilisation(read.books.teams, QUARTER)
    curves = [_curve(read, values, name) for name in names]
    last = [f"{curve.name} {_text(curve, Unit.SHARE)}" for curve in curves]
    return _picture(
        read, "utilisation", "How busy each team is", curves, Counted(Unit.SHARE),
        f"Share of capacity taken, over three months; {_range(read, curves)}. Above "
        f"{SHORT_UTILISATION:.0%} a team is short",
        f"Median utilisation at the end: {', '.join(last)}.",
        is_stepped=False,
    )  # fmt: skip


def _headcount(read: Read) -> Picture:
    values = read.books.teams["team_headcount"]
    names = [str(name) for name in values["team"].to_numpy()]
    curves = [_curve(read, values, name) for name in names]
    last = [f"{curve.name} {_text(curve, Unit.COUNT)}" for curve in curves]
    return _picture(
        read, "reps", "How many people each team has", curves, Counted(Unit.COUNT),
        f"Reps in the month; {_range(read, curves)}",
        f"Median number of people at the end: {', '.join(last)}.",
        is_stepped=True,
    )  # fmt: skip


def _range(read: Read, curves: list[Curve]) -> str:
    what = "median and p10-p90" if len(curves) <= _MOST_BANDS else "median"
    return f"{read.futures_text(what)} while solvent"


def _picture(  # noqa: PLR0913  the parts of a picture
    read: Read,
    key: str,
    title: str,
    curves: list[Curve],
    counted: Counted,
    subtitle: str,
    alternative: str,
    *,
    is_stepped: bool,
) -> Picture:
    is_full = len(curves) <= _MOST_BANDS
    drawn = curves if is_full else [curve._replace(low=None, high=None) for curve in curves]
    chart = curve_chart(drawn, read.timeline, counted, is_stepped=is_stepped)
    rows = [
        (read.timeline.text(n + 1), *(_cell(curve, n, counted) for curve in curves))
        for n in range(read.timeline.months)
    ]
    table = grid_of(("month", *(curve.name for curve in curves)), rows)
    return Picture(key, title, subtitle, alternative, chart, table)


def _cell(curve: Curve, n: int, counted: Counted) -> str:
    assert curve.low is not None
    assert curve.high is not None
    values = (curve.values[n], curve.low[n], curve.high[n])
    middle, low, high = (counted.text(float(value)) for value in values)
    return middle if low == high else f"{middle} ({low}-{high})"


def _curve(read: Read, values: xr.DataArray, name: str) -> Curve:
    fan = fan_of(values.sel(team=name), read.books.solvent)
    own = [str(team) for team in read.books.teams["team"].to_numpy()].index(name)
    return Curve(name, fan["p50"], fan["p10"], fan["p90"], colour=own)


def _text(curve: Curve, unit: Unit) -> str:
    known = curve.values[~np.isnan(curve.values)]
    return Counted(unit).text(float(known[-1])) if len(known) else "-"
