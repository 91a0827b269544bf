"""Money: how long each plan's cash lasts, and how much each needs."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import Counted
from gtmsim.charts.curves import Curve, curve_chart
from gtmsim.charts.picture import Picture
from gtmsim.charts.rows import Dot, Range, range_chart
from gtmsim.charts.theme import in_colour
from gtmsim.pages.compare.reading import Plans
from gtmsim.pages.grids import grid_of, months_grid
from gtmsim.pages.page import Block, Folded, Section
from gtmsim.pages.samples import columns_of, odds_by_month, samples_of
from gtmsim.report.numbers import share
from gtmsim.statistics.error import Estimate
from gtmsim.words import enumeration

_SHARE = Counted(Unit.SHARE)


def section(plans: Plans) -> Section:
    """Show how long cash lasts and how much money each plan needs."""
    return Section("money", "Cash and capital", (), tuple(_blocks(plans)))


def _blocks(plans: Plans) -> Iterator[Block]:
    if not plans.made.funds:
        yield survival(plans)
        return
    yield survival(plans).narrow()
    yield capital(plans).narrow()
    table = plans.table("funding")
    if table is not None:
        yield Folded(table.title, table)


def survival(plans: Plans) -> Picture:
    """Draw the share of futures of each plan that have not run out of cash."""
    alive = {
        name: odds_by_month(samples_of(plans.company[name]["insolvent"] == 0, "month"))
        for name in plans.names
    }
    told = enumeration(f"{name} in {_SHARE.text(odds.last.value)}" for name, odds in alive.items())
    lowest = min(float(odds.low.min()) for odds in alive.values())
    floor = np.floor(10.0 * lowest) / 10.0 if lowest > 0.5 else 0.0  # noqa: PLR2004  half
    return Picture(
        key="survival",
        title=f"Cash lasts to the end: {told} of futures",
        subtitle=f"Share of {plans.n_futures:,} futures with cash at every month end so far; bands "
        "are 95% Monte Carlo intervals"
        + (f"; the axis begins at {_SHARE.text(floor)}" if floor else ""),
        alternative=f"By the end of {plans.timeline.text(plans.timeline.months)} cash has lasted "
        f"with {told} of futures.",
        chart=curve_chart(
            [Curve(name, *odds) for name, odds in alive.items()],
            plans.timeline, _SHARE, (float(floor), 1.0), is_stepped=True,
        ),
        table=months_grid(plans.timeline, columns_of(alive), _SHARE),
    )  # fmt: skip


def capital(plans: Plans) -> Picture:
    """Draw how much opening cash each plan needs to live in most futures."""
    money, funds = plans.money, plans.made.funds
    survivals = [float(s) for s in next(iter(funds.values()))["survival"].to_numpy()]
    needs = {name: [_estimate(fund, s) for s in survivals] for name, fund in funds.items()}
    ranges = [Range(name, _note(found, survivals, money), found[0].value, found[-1].value,
                    _dots(found, survivals, plans.colour(name)), plans.colour(name))
              for name, found in needs.items()]  # fmt: skip
    most, least = share(survivals[-1]), share(survivals[0])
    told = enumeration(
        f"{name} needs {money.text(found[0].value)}" for name, found in needs.items()
    )
    rows = [
        (name, share(survival), *(money.text(value) for value in need))
        for name, found in needs.items()
        for survival, need in zip(survivals, found, strict=True)
    ]
    return Picture(
        key="capital",
        title=f"To live in {least} of futures, {told}",
        subtitle=f"Opening cash with which {least} (ring) and {most} (dot) of futures never run "
        "out, if nobody stops them; beside the rounds of the plan",
        alternative=f"Opening cash for {least} of futures: {told}.",
        chart=range_chart(ranges, money),
        table=grid_of(("plan", "survives", "cash needed", "95% from", "to"), rows, labels=2),
    )


def _estimate(fund: xr.Dataset, survival: float) -> Estimate:
    return Estimate.of(fund["capital"].sel(survival=survival))


def _dots(needs: list[Estimate], survivals: list[float], colour: int) -> tuple[Dot, ...]:
    styles = [in_colour(style, colour) for style in ("ring", *["dot"] * (len(needs) - 1))]
    return tuple(
        Dot(style, need.value, f"for {share(survival)}")
        for style, need, survival in zip(styles, needs, survivals, strict=True)
    )


def _note(needs: list[Estimate], survivals: list[float], money: Counted) -> str:
    return ", ".join(
        f"{money.text(need.value)} for {share(survival)}"
        for need, survival in zip(needs, survivals, strict=True)
    )
