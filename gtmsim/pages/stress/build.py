"""Build the page of a stress test."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr

from gtmsim.analysis.stressing import AS_IS, CAPITAL, SURVIVAL, SURVIVES, VALUE
from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import Counted, bounded
from gtmsim.charts.picture import Picture
from gtmsim.charts.rows import Dot, Range, range_chart
from gtmsim.charts.signed import from_zero, signed_chart
from gtmsim.pages.grids import grid_of
from gtmsim.pages.page import Block, Card, Cards, Folded, Page, Section
from gtmsim.pages.reproducing import reproduction
from gtmsim.report.answer import Answer
from gtmsim.report.numbers import interval, share
from gtmsim.report.stress import known_stresses, worst
from gtmsim.report.text import computed_text, grid
from gtmsim.statistics.error import Estimate

_SHARE = Counted(Unit.SHARE)


@dataclass(frozen=True, eq=False)
class Tested:
    """A stress test in the shapes that sections need."""

    found: xr.Dataset
    """Of ``gtmsim.stress``."""
    answer: Answer
    command: tuple[str, ...]

    @property
    def money(self) -> Counted:
        """How amounts are written."""
        return Counted(Unit.MONEY, self.answer.currency)

    @property
    def n_futures(self) -> int:
        """Number of futures of the plan and of each stress."""
        return int(self.found.sizes["draw"] * self.found.sizes["replication"])

    @property
    def stresses(self) -> tuple[str, ...]:
        """Those that apply and did not fail, the plan as it is first."""
        return known_stresses(self.found)

    def title(self, stress: str) -> str:
        """Name of a stress for people."""
        return str(self.found["title"].sel(stress=stress).item())

    def figure(self, stress: str, output: str) -> Estimate:
        """Odds or median of an output."""
        return Estimate.of(self.found["figure"].sel(stress=stress, output=output))

    def change(self, stress: str, output: str) -> Estimate:
        """Mean difference of an output from the plan as it is."""
        return Estimate.of(self.found["change"].sel(stress=stress, output=output))


def stress_page(found: xr.Dataset, answer: Answer, command: tuple[str, ...] = ()) -> Page:
    """Make the page of a stress test.

    Parameters
    ----------
    found
        Of ``gtmsim.stress``.
    answer
        Of ``gtmsim.report.stress.stress_answer``, of the same test.
    command
        Words that make the test again; empty if they are not known.
    """
    tested = Tested(found, answer, command)
    sections = (_cash(tested), _losses(tested), _figures(tested), _pack(tested), _again(tested))
    return Page(
        title=answer.title,
        question=" ".join(answer.question.split()),
        answer=answer.headline[0],
        details=answer.headline[1:],
        cards=Cards(tuple(_cards(tested))),
        sections=tuple(part for part in sections if part.blocks),
        footer=f"Computed from {computed_text(answer)}.",
    )


def _cards(tested: Tested) -> Iterator[Card]:
    name = worst(tested.found)
    for stress in [AS_IS, *([name] if name else [])]:
        value, low, high = tested.figure(stress, SURVIVES)
        title = f"Cash lasts: {tested.title(stress)}"
        yield Card(title, share(value), f"{interval(low, high, Unit.SHARE, '')}, 95% interval")
        if CAPITAL in tested.found:
            need = Estimate.of(tested.found[CAPITAL].sel(stress=stress))
            ends = interval(need.low, need.high, Unit.MONEY, tested.answer.currency)
            label = f"Cash for {share(SURVIVAL)}: {tested.title(stress)}"
            note = f"{ends}, 95% interval; opening cash, if nobody cuts spend"
            yield Card(label, tested.money.text(need.value), note)


def _cash(tested: Tested) -> Section:
    blocks: list[Block] = [survival(tested)]
    if CAPITAL in tested.found:
        blocks = [survival(tested).narrow(), capital(tested).narrow()]
    return Section("cash", "Does cash last?", (), tuple(blocks))


def survival(tested: Tested) -> Picture:
    """Draw the odds that cash lasts under each stress."""
    names = sorted(tested.stresses, key=lambda name: tested.figure(name, SURVIVES).value)
    odds = {name: tested.figure(name, SURVIVES) for name in names}
    rows = [(tested.title(name), *(_SHARE.text(value) for value in odds[name])) for name in names]
    ranges = [
        Range(tested.title(name), f"{value} ({low} to {high})", odds[name].low, odds[name].high,
              (Dot("ring" if name == AS_IS else "dot", odds[name].value, "cash lasts"),))
        for name, (_, value, low, high) in zip(names, rows, strict=True)
    ]  # fmt: skip
    alive = [n for n in names if n != AS_IS and odds[n].value >= SURVIVAL]
    return Picture(
        key="survival",
        title=f"Cash lasts in at least {share(SURVIVAL)} of futures under {len(alive)} of "
        f"{len(names) - 1} stresses",
        subtitle=f"Share of {tested.n_futures:,} futures in which cash never runs out; ring: the "
        "plan as it is; bars are 95% Monte Carlo intervals; counted before rounding",
        alternative="Cash lasts: " + "; ".join(f"{row[0]} {row[1]}" for row in rows) + ".",
        chart=range_chart(ranges, _SHARE),
        table=grid_of(("stress", "cash lasts", "95% from", "to"), rows),
    )


def capital(tested: Tested) -> Picture:
    """Draw the opening cash that each stress asks for."""
    money, found = tested.money, tested.found[CAPITAL]
    needs = {name: Estimate.of(found.sel(stress=name)) for name in tested.stresses}
    names = sorted(needs, key=lambda name: -needs[name].value)
    rows = [(tested.title(name), *(money.text(value) for value in needs[name])) for name in names]
    ranges = [
        Range(label, f"{value} ({low} to {high})" if np.isfinite(needs[name].high) else value,
              bounded(needs[name].low, needs[name].value),
              bounded(needs[name].high, needs[name].value),
              (Dot("ring" if name == AS_IS else "dot", needs[name].value, "cash needed"),))
        for name, (label, value, low, high) in zip(names, rows, strict=True)
    ]  # fmt: skip
    most = names[0]
    return Picture(
        key="capital",
        title=f"{tested.title(most)} asks for most cash: {money.text(needs[most].value)}",
        subtitle=f"Opening cash with which {share(SURVIVAL)} of futures never run out, if nobody "
        "stops them; ring: the plan as it is; bars are 95% Monte Carlo intervals",
        alternative="Cash needed: " + "; ".join(f"{row[0]} {row[1]}" for row in rows) + ".",
        chart=range_chart(ranges, money),
        table=grid_of(("stress", "cash needed", "95% from", "to"), rows),
    )


def _losses(tested: Tested) -> Section:
    arr = next(str(o) for o in tested.found["output"].values if str(o).startswith("arr["))
    label = str(tested.found["label"].sel(output=arr).item())
    pictures = (
        losses(tested, VALUE, "the value of a future").narrow(),
        losses(tested, arr, label).narrow(),
    )
    return Section("losses", "What each stress costs", (), pictures)


def losses(tested: Tested, output: str, label: str) -> Picture:
    """Draw what each stress changes in an output, the worst first."""
    money = tested.money
    changes = {name: tested.change(name, output) for name in tested.stresses if name != AS_IS}
    names = sorted(changes, key=lambda name: changes[name].value)
    rows = [
        (tested.title(name), *(money.signed(value) for value in changes[name])) for name in names
    ]
    bars = [
        from_zero(row[0], row[1], *changes[name]) for name, row in zip(names, rows, strict=True)
    ]
    return Picture(
        key=f"losses-{'value' if output == VALUE else 'arr'}",
        title=f"{rows[0][0]} costs most of {label}: {rows[0][1]}"
        if rows
        else f"Nothing of {label}",
        subtitle=f"Mean change of {label} over {tested.n_futures:,} futures, each paired with its "
        "own; black lines are 95% Monte Carlo intervals",
        alternative="Changes: " + "; ".join(f"{row[0]} {row[1]}" for row in rows) + ".",
        chart=signed_chart(bars, money),
        table=grid_of(("stress", "mean change", "95% from", "to"), rows),
    )


def _figures(tested: Tested) -> Section:
    tables = [
        grid(table, tested.answer.currency) for table in tested.answer.tables if table.key != "pack"
    ]
    blocks = tuple(Folded(table.title, table) for table in tables)
    return Section("figures", "All figures", (tested.answer.reading,), blocks)


def _pack(tested: Tested) -> Section:
    tables = (
        grid(table, tested.answer.currency) for table in tested.answer.tables if table.key == "pack"
    )
    return Section("pack", "The stresses", (), tuple(tables))


def _again(tested: Tested) -> Section:
    facts = [("computed from", computed_text(tested.answer))]
    return reproduction("plan, stresses and seed", tested.command, facts)
