"""What each plan brings more than the first, month by month, future by future."""

from collections.abc import Iterator, Mapping

import numpy as np

from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import Counted, Floats
from gtmsim.charts.curves import Curve, curve_chart
from gtmsim.charts.fan import fan_chart
from gtmsim.charts.labels import Level
from gtmsim.charts.picture import Picture
from gtmsim.pages.compare.reading import AMOUNTS, Plans
from gtmsim.pages.grids import months_grid
from gtmsim.pages.page import Block, Folded, Section
from gtmsim.pages.samples import MonthlyOdds, fan_over, odds_by_month
from gtmsim.report.shares import NEGLIGIBLE
from gtmsim.statistics.error import Estimate

_SHARE = Counted(Unit.SHARE)


def section(plans: Plans) -> Section:
    """Show the differences over months, and how likely each plan is ahead."""
    text = (
        f"Each future of a plan is compared with the same future of {plans.first}: the same leads "
        "with the same luck, so that what is left is the plan's own doing.",
    )
    return Section("difference", "The difference, month by month", text, tuple(_blocks(plans)))


def _blocks(plans: Plans) -> Iterator[Block]:
    for rival in plans.rivals:
        for name in AMOUNTS:
            yield difference_fan(plans, rival, name).narrow()
    for name in AMOUNTS:
        yield odds_of_more(plans, name).narrow()
    for rival in plans.rivals:
        table = plans.table(f"difference_{rival}")
        if table is not None:
            yield Folded(table.title, table)


def difference_fan(plans: Plans, rival: str, name: str) -> Picture:
    """Draw how much more of an amount a plan has than the first."""
    change = plans.difference(rival, name)
    fan, mean = fan_over(change), float(change[..., -1].mean())
    money, what = plans.money, AMOUNTS[name]
    low, middle, high = (float(fan[q][-1]) for q in ("p10", "p50", "p90"))
    ends = f"{money.text(low)} to {money.text(high)} in 8 of 10"
    end = plans.timeline.text(plans.timeline.months)
    told = (
        f"{rival} ends with {_than(middle, what, plans)} in the median future, "
        f"{money.text(abs(mean))} {'less' if mean < 0.0 else 'more'} on average"
    )
    return Picture(
        key=f"difference-{name.replace('_', '-')}-{plans.names.index(rival)}",
        title=told,
        subtitle=f"{what[:1].upper()}{what[1:]} of {rival} less that of {plans.first} at month "
        f"ends; bands are {plans.futures_text('p10-p90 and p25-p75')}",
        alternative=f"Fan of the difference in {what}. At the end of {end}: median "
        f"{money.text(middle)}, mean {money.text(mean)}, {ends}. {_turn(fan['p50'], plans)}",
        chart=fan_chart(
            fan, plans.timeline, money, (), [Level(0.0, "no difference")], plans.colour(rival)
        ),
        table=months_grid(plans.timeline, fan, money),
    )


def _than(change: float, what: str, plans: Plans) -> str:
    """Compare an amount with that of the first plan: ``$1.2M more ARR than a``."""
    if change == 0.0:
        return f"as much {what} as {plans.first}"
    more = "more" if change > 0.0 else "less"
    return f"{plans.money.text(abs(change))} {more} {what} than {plans.first}"


def _turn(middle: Floats, plans: Plans) -> str:
    """Say when the median difference takes its final sign."""
    same = np.sign(middle) == np.sign(middle[-1])
    first = len(middle) - int(np.argmin(same[::-1])) if not same.all() else 0
    if first == 0:
        return "The median has one sign throughout."
    side = "above" if middle[-1] > 0 else "below" if middle[-1] < 0 else "at"
    return f"The median stays {side} zero from {plans.timeline.text(first + 1)} on."


def odds_of_more(plans: Plans, name: str) -> Picture:
    """Draw how likely each plan has more of an amount than the first."""
    what = AMOUNTS[name]
    changes = {rival: plans.difference(rival, name) for rival in plans.rivals}
    found = {rival: odds_by_month(change > 0.0) for rival, change in changes.items()}
    ties = {rival: odds_by_month(change == 0.0) for rival, change in changes.items()}
    curves = [Curve(rival, *odds, colour=plans.colour(rival)) for rival, odds in found.items()]
    ends = [
        f"{rival} in {_text(odds.last)}, the same in {_SHARE.text(ties[rival].last.value)}"
        for rival, odds in found.items()
    ]
    columns: dict[str, Floats] = {}
    for rival, odds in found.items():
        columns |= odds.columns(rival) | {f"{rival}, the same": ties[rival].value}
    same = _at_the_end(ties)
    tied = f", the same in {_text_of(same)}" if max(same) >= NEGLIGIBLE else ""
    return Picture(
        key=f"odds-{name.replace('_', '-')}",
        title=f"More {what} than {plans.first}: in {_text_of(_at_the_end(found))} of futures "
        f"at the end{tied}",
        subtitle=f"Share of {plans.n_futures:,} futures with more {what} than {plans.first}; ties "
        "do not count; bands are 95% Monte Carlo intervals",
        alternative=f"At the end of {plans.timeline.text(plans.timeline.months)} there is more "
        f"{what} than with {plans.first}: with {'; with '.join(ends)} of futures.",
        chart=curve_chart(curves, plans.timeline, _SHARE, (0.0, 1.0)),
        table=months_grid(plans.timeline, columns, _SHARE),
    )


def _at_the_end(odds: Mapping[str, MonthlyOdds]) -> tuple[float, float]:
    """Least and largest share of any plan in the last month."""
    last = [one.last.value for one in odds.values()]
    return min(last), max(last)


def _text_of(ends: tuple[float, float]) -> str:
    return " to ".join(dict.fromkeys(map(_SHARE.text, ends)))


def _text(odds: Estimate) -> str:
    return f"{_SHARE.text(odds.value)} ({_SHARE.text(odds.low)} to {_SHARE.text(odds.high)})"
