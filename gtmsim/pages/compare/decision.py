"""Which plan: the answer in one sentence, the odds, the regret, and the early signs."""

from collections.abc import Iterator

import numpy as np

from gtmsim.analysis.units import Unit
from gtmsim.charts.axes import Counted
from gtmsim.charts.picture import Picture
from gtmsim.charts.rows import Bar, Part, bar_chart
from gtmsim.charts.theme import in_colour
from gtmsim.pages.compare.reading import Against, Plans
from gtmsim.pages.grids import grid_of
from gtmsim.pages.page import Block, Card, Cards, Folded, Section
from gtmsim.pages.samples import samples_of
from gtmsim.report.comparing import ranked, worth_text
from gtmsim.report.figures import not_negative
from gtmsim.report.numbers import interval, share
from gtmsim.report.shares import futures_text, ties_text
from gtmsim.statistics.error import Estimate
from gtmsim.words import enumeration

_SHARE = Counted(Unit.SHARE)
_DOMINATES = "dominates"
_DOMINANCE = (
    (1, "for whoever prefers more value (first order)"),
    (2, "for whoever also dislikes risk (second order)"),
)
_NEEDED = 0.9


def answer_in_one(plans: Plans) -> str:
    """Answer in one sentence which plan is better, how likely, and by how much."""
    odds = plans.odds
    if all(tuple(one.difference) == (0.0, 0.0, 0.0) for one in odds):
        return f"{enumeration(plans.names)} are worth the same in every future."
    best, nearest = plans.best, odds[0]
    told = f"worth more than {nearest.other} {_in(nearest)}, by {_by(nearest, plans)} on average"
    unsure = [one.other for one in odds if not one.difference.low > 0.0]
    if unsure:
        return (
            f"Which of {enumeration([best, *unsure])} is better cannot be told: {best} is {told}."
        )
    if len(odds) > 1:
        return f"{best} is the best of {len(plans.names)} plans: {told}."
    return f"{best} is the better plan: {told}."


def _in(one: Against) -> str:
    """Say in how many futures; `only` in how many, where more are worth less."""
    told = futures_text(one.more, one.same, one.less)
    return told.replace("in ", "in only ", 1) if one.more.value < one.less.value else told


def _by(one: Against, plans: Plans) -> str:
    value, low, high = one.difference
    return f"{plans.money.text(value)} ({interval(low, high, Unit.MONEY, plans.answer.currency)})"


def key_figures(plans: Plans) -> Cards:
    """Choose the figures of the best plan that a reader asks for first."""
    return Cards(tuple(_cards(plans)))


def _cards(plans: Plans) -> Iterator[Card]:
    money, currency = plans.money, plans.answer.currency
    for one in plans.odds[:1]:
        ends = interval(one.more.low, one.more.high, Unit.SHARE, "")
        note = f"{ends}, 95% interval{ties_text(one.same, one.less)}"
        yield Card(f"{plans.best} worth more than {one.other}", share(one.more.value), note)
        ends = interval(one.difference.low, one.difference.high, Unit.MONEY, currency)
        yield Card(
            "Worth more on average", money.text(one.difference.value), f"{ends}, 95% interval"
        )
    compared = plans.made.compared
    regret = float(compared["regret"].sel(option=plans.best))
    if np.isfinite(regret):
        found = _regret(plans, plans.best)
        note = f"{interval(found.low, found.high, Unit.MONEY, currency)}, 95% interval"
        yield Card(f"Expected regret of {plans.best}", money.text(found.value), note)
    yield from _needs(plans)


def _needs(plans: Plans) -> Iterator[Card]:
    """Cash that each plan needs, beside what it opens with."""
    money = plans.money
    for name, fund in plans.made.funds.items():
        need = Estimate.of(fund["capital"].sel(survival=_NEEDED))
        ends = interval(need.low, need.high, Unit.MONEY, plans.answer.currency)
        opening = float(samples_of(plans.made.results[name]["opening_cash"]).mean())
        note = f"{ends}, 95% interval; if nobody cuts spend. It opens with {money.text(opening)}"
        yield Card(f"Cash that keeps {name} alive in 90%", money.text(need.value), note)


def details(plans: Plans) -> tuple[str, ...]:
    """Return the sentences that go on from the first."""
    others = (
        f"Than {one.other}, {plans.best} is worth more {_in(one)}, by {_by(one, plans)} on average."
        for one in plans.odds[1:]
    )
    return (worth_text(plans.made, plans.answer.currency), *others, *plans.answer.headline[1:])


def section(plans: Plans) -> Section:
    """Show the recommendation: odds, regret, dominance."""
    return Section("decision", "The decision", tuple(_text(plans)), tuple(_blocks(plans)))


def _text(plans: Plans) -> Iterator[str]:
    compared = plans.made.compared
    odds = float(compared["best_in_draw"].sel(option=plans.best, bound="value"))
    sure = ""
    if np.isfinite(odds):
        sure = (
            " Over what is not known of the inputs, it is the best on average over luck in "
            f"{share(odds)} of their draws."
        )
    yield f"Take {plans.best}, if nothing more can be learned before choosing.{sure}"
    yield from dominance_in_words(plans)
    yield from _not_asked(plans)


def _not_asked(plans: Plans) -> Iterator[str]:
    """Name the options of further parts of the page."""
    further = []
    if plans.made.walked is None and len(plans.names) == 2:  # noqa: PLR2004  (two ends of a walk)
        further.append("--walk objective adds how much each of its changes brings")
    if plans.made.tripped is None:
        further.append("--tripwires what tells early that another plan would be better")
    if further:
        yield f"Not asked for here: {enumeration(further)}."


def dominance_in_words(plans: Plans) -> Iterator[str]:
    """Say which plan dominates which; or that risk is a matter of taste."""
    found = False
    for one in ranked(plans.made.compared):
        for order, who in _DOMINANCE:
            if below := _dominated(plans, one, order):
                found = True
                yield f"{one} dominates {enumeration(below)} {who}."
    if not found:
        yield (
            "No plan dominates another: each has outcomes in which it does worse, so the choice "
            "also hangs on how much risk you like."
        )


def _dominated(plans: Plans, one: str, order: int) -> list[str]:
    """Plans that one dominates in an order, and in no stronger one."""
    verdicts = [plans.made.compared[f"dominance_{n}"].sel(option=one) for n in range(1, order + 1)]
    return [
        other
        for other in plans.names
        if other != one
        and str(verdicts[-1].sel(other=other).item()) == _DOMINATES
        and not any(str(v.sel(other=other).item()) == _DOMINATES for v in verdicts[:-1])
    ]


def _blocks(plans: Plans) -> Iterator[Block]:
    if np.isfinite(plans.made.compared["regret"]).all():  # one replication cannot tell it
        yield regret_bars(plans)
    table = plans.table("decision")
    if table is not None:
        yield Folded(table.title, table)


def regret_bars(plans: Plans) -> Picture:
    """Draw what each plan leaves on the table on average."""
    compared, money = plans.made.compared, plans.money
    names = ranked(compared)
    found = {name: _regret(plans, name) for name in names}
    best = compared["best_in_draw"].sel(bound="value")
    odds = {name: float(best.sel(option=name)) for name in names}
    styles = {name: in_colour("bar", plans.colour(name)) for name in names}
    bars = [
        Bar(name, _note(money.text(found[name].value), odds[name]),
            (Part(styles[name], 0.0, found[name].value, "expected regret"),))
        for name in names
    ]  # fmt: skip
    least, most = names[0], max(names, key=lambda name: found[name].value)
    rows = [
        (name, *(money.text(value) for value in found[name]), _SHARE.text(odds[name]))
        for name in names
    ]
    return Picture(
        key="regret",
        title=f"Choosing {least} gives up {money.text(found[least].value)} on average; {most} "
        f"{money.text(found[most].value)}",
        subtitle="Expected regret: what the best plan for each draw of the inputs is worth more, "
        f"on average over luck; {plans.made.compared.attrs['draws']:,} draws",
        alternative="Expected regret: "
        + "; ".join(f"{name} {money.text(found[name].value)}" for name in names)
        + ".",
        chart=bar_chart(bars, money),
        table=grid_of(("plan", "expected regret", "95% from", "to", "best on average"), rows),
    )


def _note(regret: str, odds: float) -> str:
    return f"{regret}; best in {share(odds)} of draws" if np.isfinite(odds) else regret


def _regret(plans: Plans, name: str) -> Estimate:
    compared = plans.made.compared
    error = float(compared["regret_error"].sel(option=name))
    return not_negative(float(compared["regret"].sel(option=name)), error)
