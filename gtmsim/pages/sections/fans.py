"""How an amount of the company may develop, with its targets: what ARR and cash share."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gtmsim.charts.axes import Floats
from gtmsim.charts.fan import fan_chart
from gtmsim.charts.labels import Goal, Level, Span
from gtmsim.charts.picture import Picture
from gtmsim.metrics.odds import target_met
from gtmsim.pages.grids import months_grid
from gtmsim.pages.reading import Read, fan_of
from gtmsim.report.numbers import share


class Ends(NamedTuple):
    """Quantiles at the end, written."""

    low: str
    middle: str
    high: str


class Told(NamedTuple):
    """What is said of an amount.

    Attributes
    ----------
    name
        What it is called, where a sentence begins.
    title
        Of its picture.
    alternative
        What the picture shows, in words.
    stages
        How it shows the company's stages.
    """

    name: str
    title: str
    alternative: str
    stages: str


def fan_and_ends(read: Read, stock: str) -> tuple[Mapping[str, Floats], Ends]:
    """Quantiles of an amount by month, and those at the end as texts."""
    fan = fan_of(read.books.company[stock])
    return fan, Ends(*(read.money.text(float(fan[q][-1])) for q in ("p10", "p50", "p90")))


def stock_fan(
    read: Read,
    key: str,
    stock: str,
    fan: Mapping[str, Floats],
    told: Told,
    levels: Sequence[Level] = (),
    spans: Sequence[Span] = (),
) -> Picture:
    """Draw an amount with its targets.

    Parameters
    ----------
    read
        The results.
    key
        Of the picture.
    stock
        The amount, as results and targets call it.
    fan
        Its quantiles by month.
    told
        What is said of it.
    levels, spans
        Amounts from which, and months in which, the company is in another stage.
    """
    stages = f"; {told.stages}" if levels or spans else ""
    return Picture(
        key=key,
        title=told.title,
        subtitle=f"{told.name} at month ends; bands are {read.futures_text('p10-p90 and p25-p75')}"
        f"{stages}",
        alternative=told.alternative,
        chart=fan_chart(fan, read.timeline, read.money, goals_on(read, stock), levels, spans=spans),
        table=months_grid(read.timeline, fan, read.money),
    )


def goals_on(read: Read, metric: str) -> list[Goal]:
    """Targets of the company on an amount."""
    found = []
    for name, target in read.targets.items():
        bound = target.at_least if target.at_least is not None else target.at_most
        if target.metric != metric or target.segment is not None or bound is None:
            continue
        last = target.last_month(read.timeline.months)
        if last <= read.timeline.months:
            first = 1 if target.always else last
            sign = "≥" if target.at_least is not None else "≤"
            text = f"{sign} {read.money.text(float(bound))} in {_odds(read, name)}"
            found.append(Goal(float(bound), first, last, text))
    return found


def _odds(read: Read, name: str) -> str:
    return share(float(target_met(read.results, read.targets[name]).mean()))
