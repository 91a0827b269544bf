"""Recurring revenue: how it may grow, and from what."""

from collections.abc import Iterator, Mapping

from gtmsim.charts.bridge import bridge_chart, steps_of
from gtmsim.charts.labels import Level
from gtmsim.charts.picture import Picture
from gtmsim.metrics import revenue
from gtmsim.pages.grids import grid_of
from gtmsim.pages.page import Block, Folded, Section
from gtmsim.pages.reading import Read
from gtmsim.pages.samples import futures_of
from gtmsim.pages.sections.fans import Told, fan_and_ends, stock_fan
from gtmsim.plan.means import mean_of
from gtmsim.report.wording import words
from gtmsim.scenario.models import Stage
from gtmsim.scenario.stages import over_default


def section(read: Read) -> Section:
    """Show how ARR may grow."""
    return Section("growth", "Growth", (), tuple(_blocks(read)))


def _blocks(read: Read) -> Iterator[Block]:
    yield arr_fan(read)
    yield arr_bridge(read)
    table = read.table("arr_by_year")
    if table is not None:
        yield Folded(table.title, table)


def arr_fan(read: Read) -> Picture:
    """Draw closing ARR with its targets and the company's stages."""
    fan, (low, middle, high) = fan_and_ends(read, "closing_arr")
    months = read.timeline.months
    told = Told(
        "ARR",
        f"ARR reaches {middle} in the median future, {low} to {high} in 8 of 10",
        f"Fan of closing ARR over {months} months. At the end of {read.timeline.text(months)} the "
        f"median is {middle}, p10 {low} and p90 {high}.",
        "shaded: company stages by their ARR",
    )
    return stock_fan(read, "arr", "closing_arr", fan, told, _levels(read))


def arr_bridge(read: Read) -> Picture:
    """Draw what ARR gains and loses over the whole simulation, as means, which add up."""
    months, money = read.timeline.months, read.money
    bridge = revenue.arr_bridge(read.books.company, months).isel(month=-1)
    means = {name: float(futures_of(line).mean()) for name, line in bridge.data_vars.items()}
    flows = [(line, sign * means[line]) for line, sign in revenue.BRIDGE_FLOWS.items()]
    steps = steps_of(means["opening"], flows, money)
    gain, loss = max(flows, key=_amount), min(flows, key=_amount)
    told = ", ".join(f"{step.label} {step.text}" for step in steps)
    return Picture(
        key="bridge",
        title=f"From {steps[0].text} to {steps[-1].text} of ARR: {gain[0]} adds "
        f"{money.text(gain[1])}, {loss[0]} takes {money.text(-loss[1])}",
        subtitle=f"ARR bridge over {months} months; means of {read.n_futures:,} futures, which "
        "add up",
        alternative=f"ARR bridge, means: {told}.",
        chart=bridge_chart(steps, money),
        table=grid_of(("line", "ARR"), [(step.label, step.text) for step in steps]),
    )


def _amount(flow: tuple[str, float]) -> float:
    return flow[1]


def _levels(read: Read) -> list[Level]:
    """ARR from which each company stage begins; an uncertain one at its mean."""
    given = read.scenario.get("stages", {})
    stages = {name: Stage.model_validate(_threshold(stage)) for name, stage in given.items()}
    starts = {name: stage.from_arr for name, stage in over_default(stages).items()}
    means = {name: mean_of(value) for name, value in starts.items() if value is not None}
    return [
        Level(value, f"{words(name)} from {read.money.text(value)}", is_band=True)
        for name, value in sorted(means.items(), key=lambda mean: mean[1])
        if value > 0
    ]


def _threshold(stage: Mapping[str, object]) -> Mapping[str, object]:
    return {key: value for key, value in stage.items() if key == "from_arr"}
