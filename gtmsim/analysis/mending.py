"""The one number that would mend a motion: the smallest relative change that makes it healthy.

Each lever moves one driver of a segment by a factor; all else stays, the price's effect on win
rate too. A doubling counts as much as a halving.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from gtmsim.analysis.deals import deals_of
from gtmsim.analysis.drivers import Drivers, repeated
from gtmsim.analysis.economics import measures_of
from gtmsim.metrics.verdicts import State, states_of, worst
from gtmsim.plan.structure import Flags, Floats
from gtmsim.scenario.profiles import Bounds

LARGEST_CHANGE = 100.0
"""Factor beyond which a number is another one."""
_STEPS = 200
_HALVINGS = 40


class Mend(NamedTuple):
    """A change that makes a motion healthy."""

    number: str
    """Which number, as a user knows it."""
    unit: str
    """``money`` or ``share``; ``count`` of accounts."""
    before: float
    after: float

    @property
    def size(self) -> float:
        """Size of the change: the logarithm of its factor, without sign."""
        return abs(float(np.log(self.after / self.before))) if self.after > 0.0 else np.inf


@dataclass(frozen=True)
class _Lever:
    """A number that can be moved."""

    number: str
    unit: str
    value: float
    move: Callable[[Drivers, Floats], Drivers]
    """Drivers with the number times a factor, for one factor per draw."""
    lowest: float = 1.0 / LARGEST_CHANGE
    highest: float = LARGEST_CHANGE


def mend(drivers: Drivers, limits: Mapping[str, Bounds]) -> Mend | None:
    """Find the smallest change of one number that makes a motion healthy.

    Parameters
    ----------
    drivers
        Of one draw.
    limits
        By measure, all of which have to be healthy afterwards.

    Returns
    -------
    Mend or None
        None where the motion is healthy, or where no one number mends it.
    """
    if _is_healthy(drivers, limits).all():
        return None
    found = [
        Mend(lever.number, lever.unit, lever.value, lever.value * factor)
        for lever in _levers(drivers)
        if (factor := _factor(drivers, lever, limits)) is not None
    ]
    return min(found, key=lambda change: change.size, default=None)


def mends(drivers: Drivers, limits: Mapping[str, Bounds]) -> dict[str, Mend | None]:
    """Smallest change that mends each measure by itself, of the measures that are not healthy."""
    states = states_of(measures_of(drivers), limits)
    return {
        name: mend(drivers, {name: limits[name]})
        for name, state in states.items()
        if not (state == State.HEALTHY).all()
    }


def _is_healthy(drivers: Drivers, limits: Mapping[str, Bounds]) -> Flags:
    healthy: Flags = worst(states_of(measures_of(drivers), limits)) == State.HEALTHY
    return healthy


def _factor(drivers: Drivers, lever: _Lever, limits: Mapping[str, Bounds]) -> float | None:
    """Factor nearest to 1 with which a lever mends the motion: found on a grid, then halved."""
    found = []
    for end in (lever.lowest, lever.highest):
        if end in (0.0, 1.0) or not np.isfinite(end):
            continue
        grid = np.geomspace(1.0, end, _STEPS + 1)
        healthy = _judged(drivers, lever, grid, limits)
        if healthy.any():
            first = int(healthy.argmax())
            found.append(_narrowed(drivers, lever, limits, grid[first - 1], grid[first]))
    return min(found, key=lambda factor: abs(np.log(factor)), default=None)


def _narrowed(
    drivers: Drivers, lever: _Lever, limits: Mapping[str, Bounds], ill: float, well: float
) -> float:
    for _ in range(_HALVINGS):
        middle = float(np.sqrt(ill * well))
        is_well = bool(_judged(drivers, lever, np.array([middle]), limits)[0])
        ill, well = (ill, middle) if is_well else (middle, well)
    return float(well)


def _judged(
    drivers: Drivers, lever: _Lever, factors: Floats, limits: Mapping[str, Bounds]
) -> Flags:
    moved = lever.move(repeated(drivers, len(factors)), factors)
    return _is_healthy(moved, limits)


# --- levers ----------------------------------------------------------------------------------


def _levers(drivers: Drivers) -> Iterator[_Lever]:
    """Numbers of a segment that can be moved, those that are 0 left out."""
    return (lever for lever in _all_levers(drivers) if lever.value > 0.0)


def _all_levers(drivers: Drivers) -> Iterator[_Lever]:
    for n, stage in enumerate(drivers.stages):
        yield _win_rate_lever(f"win rate of {stage}", float(drivers.win_rate[0, n]), _win_rate(n))
    if drivers.fallback is not None:
        for n, stage in enumerate(drivers.fallback.stages):
            rate = float(drivers.fallback.win_rate[0, n])
            yield _win_rate_lever(f"win rate of {stage} after fallback", rate, _fallen_rate(n))
    now = {name: float(values[0]) for name, values in measures_of(drivers).items()}
    margin = now["gross_margin"]
    yield _Lever("cost of a lead", "money", _cost_of_lead(drivers), _lead_cost, highest=1.0)
    if not drivers.in_bands:  # whose deals a change of price would sort anew
        yield _Lever("list price a year", "money", float(deals_of(drivers).list_acv[0]), _price)
    yield _Lever("churn a year", "share", now["churn_per_year"], _churn, highest=1.0)
    best = 1.0 + float(drivers.cogs_share[0]) / margin if margin > 0.0 else 1.0
    yield _Lever("gross margin", "share", margin, _margin, lowest=1.0, highest=best)
    yield _Lever(
        "support cost of a customer a year", "money", float(drivers.support[0]), _support,
        highest=1.0,
    )  # fmt: skip
    yield _Lever("expansion a year", "share", float(drivers.expansion[0]), _expansion, lowest=1.0)
    if drivers.accounts_per_rep is not None:
        accounts = float(drivers.accounts_per_rep[0])
        yield _Lever("accounts per CSM", "count", accounts, _accounts, lowest=1.0)


def _win_rate_lever(
    number: str, win_rate: float, move: Callable[[Drivers, Floats], Drivers]
) -> _Lever:
    top = 1.0 / win_rate if win_rate > 0.0 else 1.0
    return _Lever(number, "share", win_rate, move, highest=top)


def _cost_of_lead(drivers: Drivers) -> float:
    """Mean cost of a lead of all channels: spend, events, cost per lead, prospecting."""
    leads = sum(float(channel.leads[0]) for channel in drivers.channels)
    cost = sum(
        float((c.programme + c.leads * (c.lead_cost + c.prospecting))[0]) for c in drivers.channels
    )
    return cost / leads if leads > 0.0 else 0.0


def _win_rate(n: int) -> Callable[[Drivers, Floats], Drivers]:
    def move(drivers: Drivers, factors: Floats) -> Drivers:
        return replace(drivers, win_rate=_raised(drivers.win_rate, n, factors))

    return move


def _fallen_rate(n: int) -> Callable[[Drivers, Floats], Drivers]:
    def move(drivers: Drivers, factors: Floats) -> Drivers:
        if drivers.fallback is None:
            return drivers
        rates = _raised(drivers.fallback.win_rate, n, factors)
        return replace(drivers, fallback=replace(drivers.fallback, win_rate=rates))

    return move


def _raised(rates: Floats, n: int, factors: Floats) -> Floats:
    raised = rates.copy()
    raised[:, n] = np.minimum(rates[:, n] * factors, 1.0)
    return raised


def _lead_cost(drivers: Drivers, factors: Floats) -> Drivers:
    channels = tuple(
        replace(
            channel,
            programme=channel.programme * factors,
            lead_cost=channel.lead_cost * factors,
            prospecting=channel.prospecting * factors,
        )
        for channel in drivers.channels
    )
    return replace(drivers, channels=channels)


def _price(drivers: Drivers, factors: Floats) -> Drivers:
    return replace(drivers, prices=drivers.prices * factors[:, np.newaxis])


def _churn(drivers: Drivers, factors: Floats) -> Drivers:
    """Churn of newcomers, who differ as much as before, and of those who do not pay."""
    whole = drivers.churn_alpha + drivers.churn_beta
    alpha = drivers.churn_alpha * factors
    involuntary = drivers.terms.involuntary * factors[:, np.newaxis]
    return replace(
        drivers,
        churn_alpha=alpha,
        churn_beta=whole - alpha,
        churn_constant=drivers.churn_constant * factors,
        terms=replace(drivers.terms, involuntary=involuntary),
    )


def _margin(drivers: Drivers, factors: Floats) -> Drivers:
    gained = measures_of(drivers)["gross_margin"] * (factors - 1.0)
    return replace(drivers, cogs_share=np.maximum(drivers.cogs_share - gained, 0.0))


def _support(drivers: Drivers, factors: Floats) -> Drivers:
    return replace(drivers, support=drivers.support * factors)


def _expansion(drivers: Drivers, factors: Floats) -> Drivers:
    return replace(drivers, expansion=drivers.expansion * factors)


def _accounts(drivers: Drivers, factors: Floats) -> Drivers:
    if drivers.accounts_per_rep is None:
        return drivers
    more = drivers.accounts_per_rep * factors
    return replace(drivers, accounts_per_rep=more, success=drivers.success / factors)
