"""What the unit economics of a segment follow from, as arrays over draws of the inputs."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gtmsim.plan.structure import Flags, Floats, Ints


@dataclass(frozen=True, eq=False)
class ChannelDrivers:
    """A channel's part in a segment; arrays of shape (draws,).

    Attributes
    ----------
    name
        The channel.
    leads
        Leads a month that it brings the segment.
    programme
        Spend and events a month that fall on the segment.
    lead_cost
        Paid per lead on top.
    prospecting
        Pay of the team that prospects, per lead; 0 without outbound.
    prospects
        Whether each funnel stage is worked by that same team, shape (stages,): its time is then
        paid once.
    reward, partner_commission
        Referral rewards per win, and partners' share of booked ARR, on average over sources.
    marginal_lead
        Spend for one more lead; NaN where no spend brings leads.
    """

    name: str
    leads: Floats
    programme: Floats
    lead_cost: Floats
    prospecting: Floats
    prospects: Flags
    reward: Floats
    partner_commission: Floats
    marginal_lead: Floats


@dataclass(frozen=True, eq=False)
class Terms:
    """Contract menu; arrays of shape (draws, contracts) but for the months of a term.

    Attributes
    ----------
    share, discount
        As the menu says, before volume discounts.
    months
        Of a term, shape (contracts,).
    involuntary
        Customers lost a year for not paying.
    volume
        Steps of volume discounts in ascending order, shape (draws, contracts, steps, VolumeFloat):
        currency a year, infinite where a contract has fewer; price kept; factor on the share.
    """

    share: Floats
    discount: Floats
    months: Ints
    involuntary: Floats
    volume: Floats


@dataclass(frozen=True, eq=False)
class FallbackDrivers:
    """Motion without a team that deals of low value fall back to.

    Attributes
    ----------
    below
        List price a year under which they do, shape (draws,).
    stages, win_rate, entry_cost
        Its stages, as in `Drivers`.
    """

    below: Floats
    stages: tuple[str, ...]
    win_rate: Floats
    entry_cost: Floats


@dataclass(frozen=True, eq=False)
class Drivers:
    """What the unit economics of a segment follow from; arrays of shape (draws,).

    Attributes
    ----------
    segment
        Its name.
    stages
        Funnel stages in order.
    win_rate, entry_cost, seller_cost
        By funnel stage, shape (draws, stages): probability of passing, cost and touches per entry,
        sellers' pay for the time that an entry takes.
    fallback
        Motion that deals of low value fall back to; None without one.
    channels
        Channels that reach it.
    commission
        Share of booked ARR that sellers earn.
    overhead
        Tools and the company's own sales and marketing cost a month that fall on it.
    prices, price_weight, relative_win
        List prices a year that leads have, shape (draws, prices): many where a price decides how a
        deal is sold or what it pays, else their mean. With each the part of the leads that has it,
        and the share of those that is won over that of all who are sold in the same way.
    in_bands
        Whether a price stands for a band of prices that are sold and discounted alike.
    terms
        Contracts.
    cogs_share
        Hosting, third parties, the company's own support and success cost, and service credits in
        a mean month, of revenue.
    support, success
        Cost per customer a year.
    onboarding
        Cost per customer, once.
    churn_alpha, churn_beta, churn_constant
        Yearly churn of newcomers: a Beta, or one probability for all where the first two are NaN.
    save_rate
        Share of churning customers that success saves.
    accounts_per_rep
        Accounts that a CSM can run; None without customer success.
    expansion, contraction
        Yearly growth of a customer's ARR by playbooks and price increases, and the share of ARR
        given up a year.
    cap
        Multiple of its first ARR that a customer's ARR does not exceed.
    """

    segment: str
    stages: tuple[str, ...]
    win_rate: Floats
    entry_cost: Floats
    seller_cost: Floats
    fallback: FallbackDrivers | None
    channels: tuple[ChannelDrivers, ...]
    commission: Floats
    overhead: Floats
    prices: Floats
    price_weight: Floats
    relative_win: Floats
    in_bands: bool
    terms: Terms
    cogs_share: Floats
    support: Floats
    success: Floats
    onboarding: Floats
    churn_alpha: Floats
    churn_beta: Floats
    churn_constant: Floats
    save_rate: Floats
    accounts_per_rep: Floats | None
    expansion: Floats
    contraction: Floats
    cap: Floats


def with_odds(rate: Floats, factor: Floats) -> Floats:
    """Win rates whose odds are ``factor`` times as high; arrays of shapes that fit."""
    changed: Floats = rate * factor / (rate * factor + 1.0 - rate)
    return np.where(factor == 1.0, rate, changed)


def repeated(drivers: Drivers, n: int) -> Drivers:
    """Drivers of one draw, ``n`` times over."""
    return replace(
        drivers,
        **_repeated(drivers, n),
        channels=tuple(replace(channel, **_repeated(channel, n)) for channel in drivers.channels),
        terms=replace(drivers.terms, **_repeated(drivers.terms, n)),
        fallback=drivers.fallback and replace(drivers.fallback, **_repeated(drivers.fallback, n)),
    )


_BY_DRAW = np.float64
"""Every array of floats has a row per draw; flags and whole numbers are of the structure."""


def _repeated(part: Drivers | ChannelDrivers | FallbackDrivers | Terms, n: int) -> dict[str, Any]:
    arrays = {name: value for name, value in vars(part).items() if isinstance(value, np.ndarray)}
    return {
        name: np.repeat(array, n, axis=0)
        for name, array in arrays.items()
        if array.dtype == _BY_DRAW
    }
