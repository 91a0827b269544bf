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
    """Contract menu; arrays of shape (draws, contracts) but for the months of a term."""

    share: Floats
    discount: Floats
    months: Ints
    involuntary: Floats
    """Customers lost a year for not paying."""


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
    channels
        Channels that reach it.
    commission
        Share of booked ARR that sellers earn.
    overhead
        Tools and the company's own sales and marketing cost a month that fall on it.
    list_acv
        Mean list price a year.
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
    channels: tuple[ChannelDrivers, ...]
    commission: Floats
    overhead: Floats
    list_acv: Floats
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

    @property
    def booked_acv(self) -> Floats:
        """First-year ARR of a customer, net of discount."""
        kept: Floats = (self.terms.share * (1.0 - self.terms.discount)).sum(1)
        return self.list_acv * kept


def repeated(drivers: Drivers, n: int) -> Drivers:
    """Drivers of one draw, ``n`` times over."""
    return replace(
        drivers,
        **_repeated(drivers, n),
        channels=tuple(replace(channel, **_repeated(channel, n)) for channel in drivers.channels),
        terms=replace(drivers.terms, **_repeated(drivers.terms, n)),
    )


_BY_DRAW = np.float64
"""Every array of floats has a row per draw; flags and whole numbers are of the structure."""


def _repeated(part: Drivers | ChannelDrivers | Terms, n: int) -> dict[str, Any]:
    arrays = {name: value for name, value in vars(part).items() if isinstance(value, np.ndarray)}
    return {
        name: np.repeat(array, n, axis=0)
        for name, array in arrays.items()
        if array.dtype == _BY_DRAW
    }
