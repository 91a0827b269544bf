"""Targets and company stages: how likely each is met, and by when."""

from collections.abc import Iterator

import numpy as np

from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import Counted
from gtmsim.charts.curves import Curve, curve_chart
from gtmsim.charts.picture import Picture
from gtmsim.metrics import odds
from gtmsim.pages.grids import months_grid
from gtmsim.pages.page import Block, Section
from gtmsim.pages.reading import Read
from gtmsim.pages.samples import futures_of
from gtmsim.report.wording import target_text, words
from gtmsim.words import enumeration

_SHARE = Counted(Unit.SHARE)


def section(read: Read) -> Section:
    """Show how likely each target is met by each month, and when stages are reached."""
    return Section("targets", "Targets and stages", (), tuple(_blocks(read)))


def _blocks(read: Read) -> Iterator[Block]:
    odds_, stages = target_odds(read) if read.targets else None, stage_months(read)
    found = [picture for picture in (odds_, stages) if picture is not None]
    yield from found if len(found) == 1 else (picture.narrow() for picture in found)
    table = read.table("stages")
    if table is not None:
        yield table


def target_odds(read: Read) -> Picture:
    """Draw the probability of each target by month, up to its own."""
    curves = [Curve(words(name), _odds_by_month(read, name)) for name in read.targets]
    told = [
        f"{target_text(read.results, target, read.currency)}: {_at_end(curve)}"
        for target, curve in zip(read.targets.values(), curves, strict=True)
    ]
    return Picture(
        key="targets",
        title="How likely each target is met, by month",
        subtitle=f"Share of {read.n_futures:,} futures that have met it by then, or have held it "
        "so far; each line ends at its target's month",
        alternative=f"At the end: {'; '.join(told)}.",
        chart=curve_chart(curves, read.timeline, _SHARE, (0.0, 1.0)),
        table=months_grid(read.timeline, {curve.name: curve.values for curve in curves}, _SHARE),
    )


def _odds_by_month(read: Read, name: str) -> np.ndarray:
    target = read.targets[name]
    share = futures_of(odds.target_met_by_month(read.results, target), "month").mean(0)
    last = target.last_month(read.timeline.months)
    return np.where(np.arange(1, len(share) + 1) <= last, share, np.nan)


def _at_end(curve: Curve) -> str:
    known = curve.values[~np.isnan(curve.values)]
    return _SHARE.text(float(known[-1]))


def stage_months(read: Read) -> Picture | None:
    """Draw when each later company stage is reached; None where the company has one stage only."""
    company = read.books.company
    names = [str(name) for name in company["stage"].to_numpy()]
    lowest = int(company["policy_stage"].isel(month=0).min())
    later = names[lowest + 1 :]
    if not later:
        return None
    months = {name: futures_of(odds.month_of_stage(company, name)) for name in later}
    curves = [
        Curve(words(name), _reached(month, read.timeline.months)) for name, month in months.items()
    ]
    reached = [f"{curve.name} in {_SHARE.text(float(curve.values[-1]))}" for curve in curves]
    return Picture(
        key="stages",
        title=f"Reached by the end: {enumeration(reached)} of futures",
        subtitle=f"Share of {read.n_futures:,} futures that have reached each company stage",
        alternative="Time to each stage, as the share of futures that have reached it. "
        + " ".join(_median(words(name), month, read) for name, month in months.items()),
        chart=curve_chart(curves, read.timeline, _SHARE, (0.0, 1.0), is_stepped=True),
        table=months_grid(read.timeline, {curve.name: curve.values for curve in curves}, _SHARE),
    )


def _reached(months: np.ndarray, length: int) -> np.ndarray:
    return np.array([(months <= month).mean() for month in range(1, length + 1)])


def _median(name: str, months: np.ndarray, read: Read) -> str:
    middle = float(np.sort(months)[(len(months) - 1) // 2])
    if not np.isfinite(middle):
        return f"Half of the futures do not reach {name}."
    return f"Half of the futures reach {name} by {read.timeline.text(int(middle))}."
