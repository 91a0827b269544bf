"""Cash: how it may develop, and how long it lasts."""

from collections.abc import Iterator

import numpy as np

from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import Counted
from gtmsim.charts.curves import Curve, curve_chart
from gtmsim.charts.labels import Span
from gtmsim.charts.picture import Picture
from gtmsim.pages.grids import months_grid
from gtmsim.pages.page import Block, Folded, Section
from gtmsim.pages.reading import Read
from gtmsim.pages.samples import odds_by_month, samples_of
from gtmsim.pages.sections.fans import Told, fan_and_ends, stock_fan
from gtmsim.report.wording import words


def section(read: Read) -> Section:
    """Show how cash may develop and how long it lasts."""
    return Section("cash", "Cash", (), tuple(_blocks(read)))


def _blocks(read: Read) -> Iterator[Block]:
    yield cash_fan(read)
    yield survival(read)
    table = read.table("cash_by_year")
    if table is not None:
        yield Folded(table.title, table)


def cash_fan(read: Read) -> Picture:
    """Draw cash with its targets."""
    fan, (low, middle, high) = fan_and_ends(read, "cash")
    lowest = int(np.argmin(fan["p50"]))
    least, when = read.money.text(float(fan["p50"][lowest])), read.timeline.text(lowest + 1)
    told = Told(
        "Cash",
        f"Cash is {middle} at the end of the median future, {low} to {high} in 8 of 10",
        f"Fan of cash over {read.timeline.months} months. At the end the median is {middle}, p10 "
        f"{low} and p90 {high}. The median is lowest, {least}, in {when}.",
        "shaded: company stages from the month in which the median future enters them",
    )
    return stock_fan(read, "cash", "cash", fan, told, spans=stage_spans(read))


def stage_spans(read: Read) -> list[Span]:
    """Months of each company stage of the median future; none where it stays in one."""
    months = read.timeline.months
    entered = {name: float(np.median(month)) for name, month in read.stages_entered.items()}
    reached = {name: int(month) for name, month in entered.items() if month <= months}
    ends = [*list(reached.values())[1:], months][: len(reached)]
    return [
        Span(month, end, words(name))
        for (name, month), end in zip(reached.items(), ends, strict=True)
    ]


def survival(read: Read) -> Picture:
    """Draw the share of futures that have not run out of cash."""
    share = Counted(Unit.SHARE)
    alive = odds_by_month(samples_of(read.books.company["insolvent"] == 0, "month"))
    end, low, high = map(share.text, alive.last)
    return Picture(
        key="survival",
        title=f"{end} of futures never run out of cash",
        subtitle=f"Share of {read.n_futures:,} futures with cash at every month end so far; the "
        "band is its 95% Monte Carlo interval",
        alternative=f"By the end of {read.timeline.text(read.timeline.months)}, {end} ({low} to "
        f"{high}) of futures have never run out of cash.",
        chart=curve_chart(
            [Curve(end, *alive)], read.timeline, share, (0.0, 1.0), is_stepped=True, height=160
        ),
        table=months_grid(read.timeline, alive.columns("still solvent"), share),
    )
