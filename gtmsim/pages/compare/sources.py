"""Where the difference comes from: lines of the ARR bridge, segments and channels."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import xarray as xr

from gtmsim.charts.axes import Counted
from gtmsim.charts.bridge import bridge_chart, steps_between
from gtmsim.charts.picture import Picture
from gtmsim.charts.signed import from_zero, signed_chart
from gtmsim.metrics.revenue import BRIDGE_FLOWS
from gtmsim.pages.compare.reading import Plans
from gtmsim.pages.grids import grid_of
from gtmsim.pages.page import Block, Section
from gtmsim.pages.samples import samples_of
from gtmsim.report.text import Grid
from gtmsim.statistics import error
from gtmsim.statistics.error import Estimate

_HEADER = ("mean difference", "95% from", "to")


class Share(NamedTuple):
    """A part of a difference."""

    label: str
    mean: Estimate


def section(plans: Plans) -> Section:
    """Show what the difference in ARR is made of."""
    text = ("Parts are means over the same futures, and add up to the whole.",)
    return Section("sources", "Where it comes from", text, tuple(_blocks(plans)))


def _blocks(plans: Plans) -> Iterator[Block]:
    for rival in plans.rivals:
        if not bridge_parts(plans, rival):
            continue  # not a line of any future differs
        yield difference_bridge(plans, rival)
        if len(_labels(plans, rival, "segment")) > 1:
            yield by_segment(plans, rival).narrow()
        if found := _by_channel(plans, rival):
            yield by_channel(plans, rival, found).narrow()


def difference_bridge(plans: Plans, rival: str) -> Picture:
    """Draw the way from the closing ARR of the first plan to that of another."""
    parts = bridge_parts(plans, rival)
    money, months = plans.money, plans.timeline.months
    start, end = (_closing(plans, name) for name in (plans.first, rival))
    changes = [(part.label, part.mean.value) for part in parts]
    steps = steps_between(plans.first, start, changes, rival, money)
    most = max(parts, key=lambda part: abs(part.mean.value))
    told = ", ".join(f"{part.label} {money.signed(part.mean.value)}" for part in parts)
    return Picture(
        key=f"sources-bridge-{plans.names.index(rival)}",
        title=f"Most of the {money.signed(end - start)} of ARR is {most.label} ARR: "
        f"{money.signed(most.mean.value)}",
        subtitle=f"From the closing ARR of {plans.first} to that of {rival}, by lines of the ARR "
        f"bridge over {months} months; means of {plans.n_futures:,} futures, which add up",
        alternative=f"{plans.first} closes with {money.text(start)}, {rival} with "
        f"{money.text(end)}. Differences: {told}.",
        chart=bridge_chart(steps, money),
        table=_table("line", parts, money.signed(end - start), money),
    )


def bridge_parts(plans: Plans, rival: str) -> list[Share]:
    """Mean difference of every line of the bridge over all months, with the sign that it adds."""
    before, after = (
        samples_of(plans.company[name]["opening_arr"]) for name in (plans.first, rival)
    )
    lines = {"opening": after - before}
    for line, sign in BRIDGE_FLOWS.items():
        lines[line] = sign * plans.difference(rival, f"{line}_arr").sum(-1)
    return [Share(name, error.mean(values)) for name, values in lines.items() if values.any()]


def _closing(plans: Plans, name: str) -> float:
    return float(plans.amount(name, "closing_arr")[..., -1].mean())


def by_segment(plans: Plans, rival: str) -> Picture:
    """Draw the difference in closing ARR by segment."""
    parts = segment_parts(plans, rival)
    return _parts_picture(
        plans, rival, parts, "segment", f"closing ARR at the end, {rival} less {plans.first}"
    )


def segment_parts(plans: Plans, rival: str) -> list[Share]:
    """Mean difference in closing ARR by segment; one that a plan lacks has none."""
    last = {
        name: plans.by_segment[name]["closing_arr"].isel(month=-1) for name in (rival, plans.first)
    }
    return _parts(last, "segment", _labels(plans, rival, "segment"), (rival, plans.first))


def by_channel(plans: Plans, rival: str, parts: list[Share]) -> Picture:
    """Draw the difference in booked ARR by channel."""
    months = plans.timeline.months
    return _parts_picture(
        plans, rival, parts, "channel",
        f"ARR booked with new customers over {months} months, {rival} less {plans.first}",
    )  # fmt: skip


def _by_channel(plans: Plans, rival: str) -> list[Share]:
    """Mean difference in ARR booked by channel, where there is any."""
    pair = (rival, plans.first)
    labels = list(
        dict.fromkeys(str(c) for name in pair for c in plans.by_channel[name]["channel"].values)
    )
    parts = _parts(plans.by_channel, "channel", labels, pair)
    return [part for part in parts if part.mean.value != 0.0]


def _labels(plans: Plans, rival: str, dim: str) -> list[str]:
    both = (plans.by_segment[name] for name in (plans.first, rival))
    return list(dict.fromkeys(str(label) for one in both for label in one[dim].values))


def _parts(
    values: Mapping[str, xr.DataArray], dim: str, labels: list[str], pair: tuple[str, str]
) -> list[Share]:
    """Mean difference of each label, the largest first; what a plan lacks is 0 in it."""
    one, other = ({str(k): n for n, k in enumerate(values[name][dim].values)} for name in pair)
    more, base = (samples_of(values[name], dim) for name in pair)
    parts = []
    for label in labels:
        gained = more[..., one[label]] if label in one else np.zeros(more.shape[:2])
        had = base[..., other[label]] if label in other else np.zeros(base.shape[:2])
        parts.append(Share(label, error.mean(gained - had)))
    moved = [part for part in parts if part.mean.value != 0.0] or parts
    return sorted(moved, key=lambda part: -abs(part.mean.value))


def _parts_picture(plans: Plans, rival: str, parts: list[Share], dim: str, what: str) -> Picture:
    money, most = plans.money, parts[0]
    total = sum(part.mean.value for part in parts)
    rows = [from_zero(part.label, money.signed(part.mean.value), *part.mean) for part in parts]
    told = "; ".join(f"{p.label} {money.signed(p.mean.value)}" for p in parts[:4])
    return Picture(
        key=f"sources-{dim}-{plans.names.index(rival)}",
        title=f"By {dim}: {most.label} makes {money.signed(most.mean.value)} of "
        f"{money.signed(total)}",
        subtitle=f"Mean difference in {what}; black lines are 95% Monte Carlo intervals",
        alternative=f"Difference by {dim}: {told}; in all {money.signed(total)}.",
        chart=signed_chart(rows, money),
        table=_table(dim, parts, money.signed(total), money),
    )


def _table(index: str, parts: list[Share], total: str, money: Counted) -> Grid:
    rows = [(p.label, *(money.signed(value) for value in p.mean)) for p in parts]
    return grid_of((index, *_HEADER), [*rows, ("all together", total, "", "")])
