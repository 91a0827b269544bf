"""How sure the figures are: luck, ignorance, and the error of the simulation."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import Counted, Floats
from gtmsim.charts.picture import Picture
from gtmsim.charts.rows import Bar, Part, bar_chart
from gtmsim.errors import AnalysisError
from gtmsim.metrics.odds import target_met
from gtmsim.pages.grids import grid_of
from gtmsim.pages.page import Block, Facts, Section
from gtmsim.pages.reading import Read
from gtmsim.report.figures import sample, spread
from gtmsim.report.numbers import interval
from gtmsim.report.wording import words
from gtmsim.statistics.error import Estimate
from gtmsim.statistics.variance import split_variance

_SHARE = Counted(Unit.SHARE)


class Split(NamedTuple):
    """How much of what varies is ignorance."""

    label: str
    unknown: Estimate


def section(read: Read) -> Section:
    """Show how much is luck, how much is ignorance, and how large the error is."""
    text = (
        "Luck is what differs between futures of one and the same company; ignorance is what we do "
        "not know of it, drawn anew for each draw. More draws make the figures more exact; only "
        "measuring an assumption makes ignorance smaller.",
    )
    return Section("certainty", "How sure we are", text, tuple(_blocks(read)))


def _blocks(read: Read) -> Iterator[Block]:
    splits = [*_splits(read)]
    if splits:
        yield luck_and_ignorance(read, splits)
    yield Facts(tuple(_facts(read)))


def luck_and_ignorance(read: Read, splits: list[Split]) -> Picture:
    """Draw the share of each figure's variance that is ignorance."""
    told = [(one.label, _SHARE.text(one.unknown.value), _range(one.unknown)) for one in splits]
    first = splits[0]
    return Picture(
        key="luck",
        title=f"{_SHARE.text(first.unknown.value)} of what varies in {first.label} is what we do "
        "not know; the rest is luck",
        subtitle="Share of the variance over futures: blue is ignorance of the inputs, grey is "
        f"luck; {read.n_futures:,} futures, 95% intervals",
        alternative=" ".join(f"{label}: {value} is ignorance ({range_})."
                             for label, value, range_ in told[:2]),
        chart=bar_chart([_bar(one) for one in splits], _SHARE, 1.0, has_axis=False),
        table=grid_of(("figure", "ignorance", "95% interval"), told),
    )  # fmt: skip


def _bar(split: Split) -> Bar:
    value = split.unknown.value
    parts = Part("bar", 0.0, value, "ignorance"), Part("rest", value, 1.0, "luck")
    return Bar(split.label, f"ignorance {_SHARE.text(value)} ({_range(split.unknown)})", parts)


def _range(estimate: Estimate) -> str:
    return interval(estimate.low, estimate.high, Unit.SHARE, "")


def _splits(read: Read) -> Iterator[Split]:
    if not read.results.sizes["input"]:
        return
    for label, values in _figures(read):
        try:
            unknown = split_variance(values).share_unknown
        except AnalysisError:  # too few draws or replications
            continue
        if np.isfinite(unknown.value):
            yield Split(label, unknown)


def _figures(read: Read) -> Iterator[tuple[str, Floats]]:
    company = read.books.company
    yield "ARR at the end", sample(company["closing_arr"].isel(month=-1))
    yield "cash at the end", sample(company["cash"].isel(month=-1))
    yield "lowest cash", sample(company["cash"].min("month", keep_attrs=True))
    for name, target in read.targets.items():
        yield f"target {words(name)}", sample(target_met(read.results, target))


def _facts(read: Read) -> Iterator[tuple[str, str]]:
    yield "futures", read.answer.computed["futures"]
    arr = spread(read.books.company["closing_arr"].isel(month=-1), Unit.MONEY)
    for name, estimate in arr.estimates.items():
        yield f"ARR at the end, {name}", _with_error(read, estimate)
    yield "how to read ranges", read.answer.reading


def _with_error(read: Read, estimate: Estimate) -> str:
    money = read.money.text(estimate.value)
    if not np.isfinite(estimate.margin):
        return f"{money}; too few draws for its error"
    low, high = (read.money.text(end) for end in (estimate.low, estimate.high))
    return f"{money}; 95% interval of the simulation's error {low} to {high}"
