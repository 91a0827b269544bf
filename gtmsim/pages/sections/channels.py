"""Channels: what is spent on each, and what one more customer through it would cost."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from gtmsim.analysis.driving import drivers_of
from gtmsim.analysis.economics import ChannelEconomics, unit_economics
from gtmsim.charts.axes import Floats
from gtmsim.charts.picture import Picture
from gtmsim.charts.rows import Dot, Range, is_logarithmic, range_chart
from gtmsim.charts.scatter import Spot, scatter_chart
from gtmsim.metrics.labels import YEAR
from gtmsim.pages.grids import grid_of
from gtmsim.pages.page import Section
from gtmsim.pages.reading import Read
from gtmsim.pages.samples import futures_of
from gtmsim.plan import compile_plan
from gtmsim.plan.means import mean_of
from gtmsim.statistics.quantiles import quantiles
from gtmsim.vocabulary import OPENING_CHANNEL
from gtmsim.words import enumeration

_HEADER = ("channel, segment", "spend a month", "CAC", "CAC of one more", "p10", "p90")


class Channel(NamedTuple):
    """A channel that brings a segment's leads by spend."""

    name: str
    segment: str
    label: str
    spend: float
    """A month, of the last year."""
    cac: float
    marginal: float
    low: float
    high: float
    """Ends of the marginal CAC's range over draws of the inputs."""


def section(read: Read) -> Section | None:
    """Show spend and marginal CAC of channels; None where none brings leads by spend."""
    found = [*_channels(read)]
    if not found:
        return None
    blocks = spend_against_cost(read, found), marginal_cac(read, found)
    return Section("channels", "Channels", (*_others(read, found),), blocks)


def _others(read: Read, found: list[Channel]) -> Iterator[str]:
    """Name the channels that are not drawn."""
    shown = {channel.name for channel in found} | {OPENING_CHANNEL}
    names = (str(name) for name in read.results["channel"].to_numpy())
    if others := [name for name in names if name not in shown]:
        yield (
            f"Not drawn: {enumeration(others)}, which bring leads by other means than spend that "
            "could be raised, or had none of it in the last year."
        )


def spend_against_cost(read: Read, channels: list[Channel]) -> Picture:
    """Draw what is spent on each channel against what one more customer by it costs."""
    money = read.money
    spots = [
        Spot(one.label, one.spend, one.marginal, one.low, one.high,
             read.segments.index(one.segment))
        for one in channels
    ]  # fmt: skip
    most = max(channels, key=lambda channel: channel.spend)
    dearest = max(channels, key=lambda channel: channel.marginal)
    texts = [(one.label, money.text(one.spend), money.text(one.marginal)) for one in channels]
    return Picture(
        key="spend",
        title=f"Most is spent on {most.label}, {money.text(most.spend)} a month; one more customer "
        f"costs most by {dearest.label}, {money.text(dearest.marginal)}",
        subtitle="Across: spend a month of the last year, as simulated, mean of "
        f"{read.n_futures:,} futures while solvent; up: CAC of one more customer by more spend, in "
        "closed form, with its p10-p90 over draws of the inputs; one colour a segment",
        alternative="; ".join(
            f"{label}: {spend} a month, {cost} for one more customer"
            for label, spend, cost in texts
        )
        + ".",
        chart=scatter_chart(spots, money, money),
        table=grid_of(("channel, segment", "spend a month", "CAC of one more"), texts),
    )


def marginal_cac(read: Read, channels: list[Channel]) -> Picture:
    """Draw CAC and marginal CAC of each channel, with what is spent on it."""
    money = read.money
    channels = sorted(channels, key=lambda c: (read.segments.index(c.segment), c.marginal))
    ranges = [
        Range(one.label, f"{money.text(one.spend)} a month", one.low, one.high,
              (Dot("ring", one.cac, "CAC"), Dot("dot", one.marginal, "CAC of one more")))
        for one in channels
    ]  # fmt: skip
    rows = [
        (one.label, *map(money.text, (one.spend, one.cac, one.marginal, one.low, one.high)))
        for one in channels
    ]
    most = max(channels, key=lambda channel: channel.spend)
    return Picture(
        key="channels",
        title=_finding(read, channels),
        subtitle="Ring: fully loaded CAC; dot: CAC of one more customer by more spend, with its "
        "p10-p90 over draws of the inputs; in closed form, at the volumes with which each segment "
        "opens. Beside the name: spend a month of the last year, as simulated, mean of "
        f"{read.n_futures:,} futures while solvent"
        + (". Logarithmic axis" if is_logarithmic(ranges) else ""),
        alternative=f"{_finding(read, channels)}. Most is spent on {most.label}: "
        f"{money.text(most.spend)} a month, at a CAC of {money.text(most.cac)}; one more customer "
        f"by it costs {money.text(most.marginal)}.",
        chart=range_chart(ranges, money),
        table=grid_of(_HEADER, rows),
    )


def _finding(read: Read, channels: list[Channel]) -> str:
    """Name the cheapest channel of each segment."""
    found = []
    for segment in dict.fromkeys(channel.segment for channel in channels):
        least = min((c for c in channels if c.segment == segment), key=lambda c: c.marginal)
        cost = read.money.text(least.marginal)
        whose = f" for {segment}" if len(read.segments) > 1 else ""
        found.append(f"{least.name}{whose} ({cost})")
    return f"One more customer costs least by {enumeration(found)}"


def _channels(read: Read) -> Iterator[Channel]:
    plan = compile_plan(read.plan)
    means = np.array([mean_of(given.distribution) for given in plan.inputs]).reshape(1, -1)
    drawn = np.asarray(read.results["inputs"].to_numpy(), np.float64)
    spend = _spend(read)
    for one, many in zip(drivers_of(plan, means), drivers_of(plan, drawn), strict=True):
        both = zip(unit_economics(one).channels, unit_economics(many).channels, strict=True)
        for at_means, over_draws in both:
            money = spend.get((at_means.name, one.segment), 0.0)
            is_known = (
                np.isfinite(at_means.marginal_cac[0]) and np.isfinite(over_draws.marginal_cac).any()
            )
            if money > 0.0 and is_known:
                yield _channel(read, one.segment, money, at_means, over_draws)


def _channel(
    read: Read,
    segment: str,
    spend: float,
    at_means: ChannelEconomics,
    over_draws: ChannelEconomics,
) -> Channel:
    name = at_means.name
    label = f"{name}, {segment}" if len(read.segments) > 1 else name
    cac, marginal = float(at_means.cac[0]), float(at_means.marginal_cac[0])
    return Channel(name, segment, label, spend, cac, marginal, *_ends(over_draws.marginal_cac))


def _ends(values: Floats) -> tuple[float, float]:
    low, high = quantiles(values[np.isfinite(values)], (0.1, 0.9))
    return float(low), float(high)


def _spend(read: Read) -> dict[tuple[str, str], float]:
    """Spend a month on each channel for each segment, over the last year while solvent."""
    last = read.results["spend_by_channel"].isel(month=slice(-YEAR, None))
    solvent = read.books.solvent.isel(month=slice(-YEAR, None))
    of_solvent = last.where(solvent, 0).sum("month", keep_attrs=True)
    by_channel = futures_of(of_solvent, "channel", "segment").sum(0)
    months = max(1, int(solvent.sum()))
    return {
        (str(channel), str(segment)): float(by_channel[i, j]) / months
        for i, channel in enumerate(last["channel"].to_numpy())
        for j, segment in enumerate(last["segment"].to_numpy())
    }
