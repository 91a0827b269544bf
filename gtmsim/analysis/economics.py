"""Unit economics in closed form: what follows from a segment's drivers without simulating.

Where the simulation has queues, a closed form needs an assumption (`ASSUMPTIONS`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gtmsim.analysis.deals import Deals, deals_of
from gtmsim.analysis.drivers import ChannelDrivers, Drivers
from gtmsim.metrics import formulas
from gtmsim.plan.structure import Floats, Ints
from gtmsim.vocabulary import MONTHS_PER_YEAR

LTV_MONTHS = 60
"""Horizon of the discounted LTV."""
DISCOUNT_PER_YEAR = 0.10
BREAK_EVEN_MONTHS = 240
"""A cohort that has not paid back by then never does."""

ASSUMPTIONS = (
    "Nobody queues: every seller is busy, and no deal is lost by waiting. Idle time and patience "
    "make the simulated CAC higher.",
    "Teams are in steady turnover: ramp is the mean over reps who leave at a constant rate.",
    "Volumes are those of the month in which a segment opens: spend of that stage at its ARR, "
    "opening customers, planned reps, mean season, no growth. A burn limit leaves what it leaves "
    "in a first month. Product spend acts on churn and win rates as it is then, for good.",
    "List prices, by which deals fall back and get volume discounts, are those of the start. "
    "Service credits are a cost of service, in a mean month.",
    "CSMs run just the accounts they can, and hold all of their reviews and account plans; "
    "onboarding is spread over a customer's mean life.",
    "Expansion, price increases (by the menu's stated shares) and contraction are constant rates "
    "up to the mean cap; they are in NRR, discounted LTV and break-even, not in ARPA x margin / "
    "churn.",
)


@dataclass(frozen=True, eq=False)
class ChannelEconomics:
    """Cost of winning customers through a channel; currency per win, shape (draws,).

    Attributes
    ----------
    name
        The channel.
    leads, wins
        A month.
    paid_cac
        Spend and events, leads, stage entries, rewards: no people.
    cac
        Fully loaded: with sellers and commissions, without what no channel causes.
    marginal_cac
        Of one more win by more spend; NaN where no spend brings leads.
    """

    name: str
    leads: Floats
    wins: Floats
    paid_cac: Floats
    cac: Floats
    marginal_cac: Floats


@dataclass(frozen=True, eq=False)
class CacParts:
    """What fully loaded CAC is made of, currency per win, shape (draws,)."""

    programmes: Floats
    """Channel spend, events and cost per lead."""
    stages: Floats
    """Stage entries and touches, losing attempts included."""
    rewards: Floats
    """Referral rewards and partners' commissions."""
    sellers: Floats
    """Sellers' time and prospecting, losing attempts included."""
    commissions: Floats
    overhead: Floats
    """Tools, and the company's own sales and marketing cost."""


@dataclass(frozen=True, eq=False)
class Economics:
    """Unit economics of a segment; arrays of shape (draws,).

    Attributes
    ----------
    segment
        Its name.
    channels
        By channel.
    parts
        Of CAC.
    wins
        New customers a month.
    fallen, fallen_wins
        Share of leads, and of new customers, whose deal falls back to the other motion.
    list_acv, acv
        Mean list price of new customers, and their first-year ARR net of discounts.
    paid_cac, cac, cac_to_acv
        Paid and fully loaded CAC; the latter per unit of first-year ARR.
    gross_margin
        Of recurring revenue, onboarding spread over the mean life.
    payback_months
        CAC payback on gross margin; infinite where the margin is not positive.
    break_even_month
        Month of its life in which a cohort's gross profit has repaid its CAC; infinite if never.
    churn_per_year
        Newcomers who leave a year, for not paying too.
    ltv, discounted_ltv
        ARPA x gross margin / churn; and the gross profit of five years, discounted at 10 % a year.
    ltv_to_cac
        Of the first.
    nrr, grr
        Of a cohort's first year.
    expansion_per_year
        Growth of a customer's ARR.
    """

    segment: str
    channels: tuple[ChannelEconomics, ...]
    parts: CacParts
    wins: Floats
    fallen: Floats
    fallen_wins: Floats
    list_acv: Floats
    acv: Floats
    paid_cac: Floats
    cac: Floats
    cac_to_acv: Floats
    gross_margin: Floats
    payback_months: Floats
    break_even_month: Floats
    churn_per_year: Floats
    ltv: Floats
    discounted_ltv: Floats
    ltv_to_cac: Floats
    nrr: Floats
    grr: Floats
    expansion_per_year: Floats
    measures: Mapping[str, Floats]
    """What verdicts are about, by the name of its limit."""


def unit_economics(drivers: Drivers) -> Economics:
    """Work out the unit economics that follow from a segment's drivers."""
    deals = deals_of(drivers)
    parts, measures = cac_parts(drivers, deals), _measures(drivers, deals)
    profit = cohort_profit(drivers, deals, BREAK_EVEN_MONTHS)
    discounted = formulas.present_value(profit[:, :LTV_MONTHS], DISCOUNT_PER_YEAR)
    cac, churn, margin = (measures[name] for name in ("cac", "churn_per_year", "gross_margin"))
    return Economics(
        segment=drivers.segment,
        channels=tuple(channel_economics(drivers, deals, one) for one in drivers.channels),
        parts=parts,
        wins=wins_per_month(drivers, deals),
        fallen=deals.fallen,
        fallen_wins=1.0 - formulas.ratio(deals.own_won, deals.won),
        list_acv=deals.list_acv,
        acv=deals.acv,
        paid_cac=parts.programmes + parts.stages + parts.rewards,
        cac=cac,
        cac_to_acv=measures["cac_to_acv"],
        gross_margin=margin,
        payback_months=measures["payback_months"],
        break_even_month=break_even_month(cac + drivers.onboarding, profit),
        churn_per_year=churn,
        ltv=formulas.lifetime_value(deals.acv, margin, churn),
        discounted_ltv=discounted - drivers.onboarding,
        ltv_to_cac=measures["ltv_to_cac"],
        nrr=measures["nrr"],
        grr=_first_year(drivers, churn),
        expansion_per_year=drivers.expansion,
        measures=measures,
    )


def measures_of(drivers: Drivers) -> dict[str, Floats]:
    """Work out what verdicts are about, by the name of its limit; arrays of shape (draws,)."""
    return _measures(drivers, deals_of(drivers))


def _measures(drivers: Drivers, deals: Deals) -> dict[str, Floats]:
    cac = sum(vars(cac_parts(drivers, deals)).values(), start=np.zeros(_n(drivers)))
    acv, churn = deals.acv, churn_per_year(drivers, deals)
    margin = gross_margin(drivers, deals, churn)
    ltv = formulas.lifetime_value(acv, margin, churn)
    free = np.where(ltv > 0.0, np.inf, np.nan)
    found = {
        "cac": cac,
        "cac_to_acv": formulas.ratio(cac, acv),
        "payback_months": payback_months(cac, acv, margin),
        "ltv_to_cac": np.where(cac == 0.0, free, formulas.ratio(ltv, cac)),
        "churn_per_year": churn,
        "gross_margin": margin,
        "cac_ratio": formulas.ratio(cac, acv),
        "nrr": _first_year(drivers, churn) * (1.0 + drivers.expansion),
        "support_per_customer_per_year": drivers.support,
        "expansion_per_year": drivers.expansion,
    }
    if drivers.accounts_per_rep is not None:
        found["accounts_per_rep"] = drivers.accounts_per_rep
    return found


def _first_year(drivers: Drivers, churn: Floats) -> Floats:
    """ARR that is left of a cohort after a year, without expansion."""
    left: Floats = (1.0 - churn) * (1.0 - drivers.contraction)
    return left


# --- acquisition -----------------------------------------------------------------------------


def wins_per_month(drivers: Drivers, deals: Deals) -> Floats:
    """Count the customers won a month through all channels."""
    leads = sum((channel.leads for channel in drivers.channels), start=np.zeros(_n(drivers)))
    won: Floats = leads * deals.won
    return won


def cac_parts(drivers: Drivers, deals: Deals) -> CacParts:
    """Parts of fully loaded CAC: costs of a month over its wins, summed before the division."""
    wins = wins_per_month(drivers, deals)

    def per_win(costs: list[Floats]) -> Floats:
        return formulas.ratio(sum(costs, start=np.zeros(_n(drivers))), wins)

    share, per_lead = deals.won, _sellers_per_lead
    return CacParts(
        programmes=per_win([c.programme + c.leads * c.lead_cost for c in drivers.channels]),
        stages=np.where(wins > 0.0, _stages_per_win(drivers, deals), np.nan),
        rewards=per_win([c.leads * share * _rewards(c, deals.acv) for c in drivers.channels]),
        sellers=per_win([c.leads * per_lead(drivers, c, deals) for c in drivers.channels]),
        commissions=drivers.commission * deals.own_arr,
        overhead=per_win([drivers.overhead]),
    )


def direct_cost(drivers: Drivers) -> Floats:
    """Acquisition cost a month without the costs that segments share."""
    deals = deals_of(drivers)
    wins = wins_per_month(drivers, deals)
    parts = vars(cac_parts(drivers, deals))
    per_win = sum((parts[name] for name in parts if name != "overhead"), start=np.zeros_like(wins))
    unwon: Floats = sum((c.programme for c in drivers.channels), start=np.zeros_like(wins))
    return np.where(wins > 0.0, wins * per_win, unwon)


def channel_economics(drivers: Drivers, deals: Deals, channel: ChannelDrivers) -> ChannelEconomics:
    """Cost of winning customers through one channel."""
    share = deals.won
    sellers = formulas.ratio(_sellers_per_lead(drivers, channel, deals), share)
    follows = _stages_per_win(drivers, deals) + _rewards(channel, deals.acv)
    per_lead = formulas.ratio(channel.programme, channel.leads) + channel.lead_cost
    paid = formulas.ratio(per_lead, share) + follows
    loaded = sellers + drivers.commission * deals.own_arr
    more = formulas.ratio(channel.marginal_lead + channel.lead_cost, share) + follows
    return ChannelEconomics(
        name=channel.name,
        leads=channel.leads,
        wins=channel.leads * share,
        paid_cac=paid,
        cac=paid + loaded,
        marginal_cac=more + loaded,
    )


def _rewards(channel: ChannelDrivers, acv: Floats) -> Floats:
    return channel.reward + channel.partner_commission * acv


def _stages_per_win(drivers: Drivers, deals: Deals) -> Floats:
    """Cost and touches of the stages that all leads enter, of either motion, per win."""
    per_lead = deals.kept * formulas.cost_per_lead(drivers.entry_cost, drivers.win_rate)
    if drivers.fallback is not None:
        other = drivers.fallback
        per_lead += deals.fallen * formulas.cost_per_lead(other.entry_cost, other.win_rate)
    return formulas.ratio(per_lead, deals.won)


def _sellers_per_lead(drivers: Drivers, channel: ChannelDrivers, deals: Deals) -> Floats:
    """Sellers' pay per lead; a team that prospects too is paid once, for what takes it longer."""
    entered = formulas.reached(drivers.win_rate)[:, :-1] * drivers.seller_cost
    entered *= deals.kept[:, np.newaxis]
    theirs = np.where(channel.prospects, entered, 0.0).sum(1)
    pay: Floats = entered.sum(1) - theirs + np.maximum(theirs, channel.prospecting)
    return pay


# --- what a customer is worth ----------------------------------------------------------------


def churn_per_year(drivers: Drivers, deals: Deals) -> Floats:
    """Newcomers who leave a year: at renewal, less those saved, and for not paying."""
    kept = formulas.kept_share(drivers.churn_alpha, drivers.churn_beta, 1.0, drivers.churn_constant)
    leaving = (1.0 - kept) * (1.0 - drivers.save_rate)
    unpaid = (deals.share * drivers.terms.involuntary).sum(1)
    lost: Floats = 1.0 - (1.0 - leaving) * (1.0 - unpaid)
    return lost


def gross_margin(drivers: Drivers, deals: Deals, churn: Floats) -> Floats:
    """(Revenue - cost of revenue) / revenue of a customer, onboarding over its mean life."""
    yearly = drivers.support + drivers.success + churn * drivers.onboarding
    return 1.0 - drivers.cogs_share - formulas.ratio(yearly, deals.acv)


def payback_months(cac: Floats, acv: Floats, margin: Floats) -> Floats:
    """CAC payback on gross margin; infinite where the margin is not positive."""
    months = formulas.cac_payback(cac, acv, margin)
    return np.where((margin <= 0.0) & ~np.isnan(cac), np.inf, months)


def cohort_profit(drivers: Drivers, deals: Deals, months: int) -> Floats:
    """Gross profit of a customer by month of its life, onboarding apart.

    Returns
    -------
    ndarray, shape (draws, months)
        Currency; over the customers who joined, those who left included.
    """
    month: Ints = np.arange(months, dtype=np.int64)
    revenue, kept = np.zeros((_n(drivers), months)), np.zeros((_n(drivers), months))
    for k, term in enumerate(drivers.terms.months):
        staying = _staying(drivers, k, month // term * term, month)
        kept += deals.share[:, [k]] * staying
        revenue += deals.arr[:, [k]] * staying
    net = (1.0 + drivers.expansion) * (1.0 - drivers.contraction)
    grown = np.minimum(net[:, np.newaxis] ** (month / MONTHS_PER_YEAR), drivers.cap[:, np.newaxis])
    service = (drivers.support + drivers.success)[:, np.newaxis]
    margin = 1.0 - drivers.cogs_share[:, np.newaxis]
    profit: Floats = (revenue * grown * margin - kept * service) / MONTHS_PER_YEAR
    return profit


def _staying(drivers: Drivers, k: int, renewed: Ints, month: Ints) -> Floats:
    """Share of a contract's customers still there in each month, shape (draws, months)."""
    exposed = renewed / MONTHS_PER_YEAR * (1.0 - drivers.save_rate[:, np.newaxis])
    kept = formulas.kept_share(
        drivers.churn_alpha[:, np.newaxis],
        drivers.churn_beta[:, np.newaxis],
        exposed,
        drivers.churn_constant[:, np.newaxis],
    )
    paying: Floats = (1.0 - drivers.terms.involuntary[:, [k]]) ** (month / MONTHS_PER_YEAR)
    return kept * paying


def break_even_month(cost: Floats, profit: Floats) -> Floats:
    """Month in which the profit so far has repaid a cost; infinite if it never does.

    Parameters
    ----------
    cost
        Shape (draws,).
    profit
        By month, shape (draws, months).
    """
    repaid = np.cumsum(profit, axis=1) >= cost[:, np.newaxis] - 1e-9
    month = formulas.first_month(repaid)
    return np.where(np.isnan(cost), np.nan, np.where(cost <= 0.0, 0.0, month))


def _n(drivers: Drivers) -> int:
    return len(drivers.prices)
