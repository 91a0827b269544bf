"""Who a segment's leads are, stage by stage, where they are accounts of the market.

Accounts of one segment differ: those that a stage lets pass are not those that entered it. Each
profile goes through the funnel with its own win rates; what a segment sees is their mix. Where a
price decides how a deal is sold or what it pays, the accounts of a profile come in bands of prices.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gtmsim.analysis.drivers import with_odds
from gtmsim.plan.market import Market, market_of, profile_prices
from gtmsim.plan.structure import Floats, MarketInt, Structure, Values

NOBODY = 1e-300


class Funnel(NamedTuple):
    """A motion that leads of a segment go through.

    Attributes
    ----------
    rows
        Its rows of the funnel.
    odds
        Factor on the odds of its stages, for all accounts alike, shape (draws, stages).
    """

    rows: list[int]
    odds: Floats


@dataclass(frozen=True, eq=False)
class Menu:
    """Prices of a segment's leads.

    Attributes
    ----------
    ends
        List prices at which bands but the first begin, ascending, minor units a year, shape
        (draws, bands - 1).
    below
        Price under which leads go through the second funnel, shape (draws,); 0 with one.
    parts
        Equally likely shares of an account's potential that are its price, shape (draws, parts);
        None where accounts are priced as leads without attributes are.
    prices
        Equally likely prices of leads without attributes, minor units, shape (draws, prices).
    """

    ends: Floats
    below: Floats
    parts: Floats | None
    prices: Floats


@dataclass(frozen=True, eq=False)
class Composition:
    """A segment's leads of all channels together; arrays over draws.

    Attributes
    ----------
    win_rate
        By funnel and stage, of those who enter it, shape (draws, stages) each.
    duration
        Factor on the time of each stage, of those who enter it, likewise.
    churn, delivery
        Factors of those who are won, shape (draws,).
    known
        Part of those who are won that are accounts of the market, shape (draws,).
    price
        Mean list price by band, of those who are won, minor units a year, shape (draws, bands).
    weight
        Part of the leads by band, likewise.
    relative_win
        Share of a band that is won over that of all who go through its funnel, likewise.
    """

    win_rate: tuple[Floats, ...]
    duration: tuple[Floats, ...]
    churn: Floats
    delivery: Floats
    known: Floats
    price: Floats
    weight: Floats
    relative_win: Floats


class Kinds:
    """Market tables of each draw, made once for draws that agree in them."""

    def __init__(self, structure: Structure, values: Values) -> None:
        self._structure, self._values = structure, values
        self._known: dict[bytes, Market] = {}
        self._shares: dict[tuple[bytes, int], tuple[Floats, Floats]] = {}
        self._spread = structure.market[[MarketInt.EMPLOYEES_DIST, MarketInt.POTENTIAL_DIST]]

    def composition(
        self,
        s: int,
        funnels: tuple[Funnel, ...],
        menu: Menu,
        leads: Mapping[int, Floats],
        others: Floats,
    ) -> Composition:
        """Compose a segment's leads.

        Parameters
        ----------
        s, funnels
            Row of the segment, and its motion; after it that which deals of low value fall back to.
        menu
            Prices of its leads.
        leads
            By row of a channel that reaches the market: its leads a month of the segment, shape
            (draws,).
        others
            Leads a month without attributes.
        """
        n, n_bands = len(others), menu.ends.shape[1] + 1
        shapes = [(n, len(funnel.rows)) for funnel in funnels]
        by_draw, by_band = np.ones((3, n)), np.ones((3, n, n_bands))
        out = Composition(
            tuple(np.ones(shape) for shape in shapes),
            tuple(np.ones(shape) for shape in shapes),
            *by_draw,
            *by_band,
        )
        for draw in range(n):
            at_draw = {c: float(count[draw]) for c, count in leads.items()}
            weight, price = self._leads(draw, s, menu, at_draw, float(others[draw]))
            self._compose(draw, s, funnels, menu, weight, price, out)
        return out

    def _leads(
        self, draw: int, s: int, menu: Menu, leads: Mapping[int, float], others: float
    ) -> tuple[Floats, Floats]:
        """Leads a month and their mean price by profile and band, shape (F, bands)."""
        market, ends = self._market(draw), menu.ends[draw]
        band = np.searchsorted(ends, menu.prices[draw], side="right")
        n_bands = len(ends) + 1
        share = np.bincount(band, minlength=n_bands) / len(band)
        paid = np.bincount(band, menu.prices[draw], n_bands) / len(band)
        weight = np.zeros((len(market.segment_of), n_bands))
        worth = np.zeros_like(weight)
        ours = (market.segment_of[1:] == s)[:, np.newaxis]
        for channel, count in leads.items():
            of_profiles, mean = self._shares_of(draw, channel, menu)
            inside = np.where(ours, of_profiles, 0.0)
            part = count / max(inside.sum(), NOBODY)
            weight[1:] += part * inside
            worth[1:] += part * inside * mean
        if menu.parts is None:
            whole = weight.sum(axis=1, keepdims=True)
            weight, worth = whole * share, whole * paid
        weight[0], worth[0] = others * share, others * paid
        if weight.sum() <= 0.0:
            weight[0], worth[0] = share, paid
        return weight, worth / np.maximum(weight, NOBODY)

    def _compose(
        self,
        draw: int,
        s: int,
        funnels: tuple[Funnel, ...],
        menu: Menu,
        weight: Floats,
        price: Floats,
        out: Composition,
    ) -> None:
        market = self._market(draw)
        falls = np.array([*menu.ends[draw], np.inf]) <= menu.below[draw]
        won = np.zeros_like(weight)
        for way, (funnel, bands) in enumerate(zip(funnels, (~falls, falls), strict=False)):
            entered = weight * bands
            rates = _Rates(market, funnel, draw)
            passed = rates.follow(entered, out.win_rate[way], out.duration[way])
            won += passed
            mean = passed.sum() / max(entered.sum(), NOBODY)
            here = passed.sum(0) / np.maximum(entered.sum(0), NOBODY) / max(mean, NOBODY)
            out.relative_win[draw, bands] = here[bands] if mean > 0.0 else 1.0
        of_profile, total = won.sum(axis=1), max(won.sum(), NOBODY)
        out.churn[draw] = of_profile @ market.churn[s] / total
        out.delivery[draw] = of_profile @ market.delivery[s] / total
        out.known[draw] = of_profile[1:].sum() / total
        out.weight[draw] = weight.sum(0) / weight.sum()
        sold = np.where(won.sum(0) > 0.0, won, weight)
        out.price[draw] = (sold * price).sum(0) / np.maximum(sold.sum(0), NOBODY)

    def _shares_of(self, draw: int, channel: int, menu: Menu) -> tuple[Floats, Floats]:
        """Shares and prices of a channel's leads, once for draws that agree in all of them."""
        has_price = menu.parts is not None
        parts = menu.parts[draw] if menu.parts is not None else np.ones(1)
        ends = menu.ends[draw] if has_price else np.empty(0)
        key = (self._reached(draw) + parts.tobytes() + ends.tobytes(), channel)
        if key not in self._shares:
            self._shares[key] = profile_prices(self._market(draw), channel, ends, parts)
        return self._shares[key]

    def _reached(self, draw: int) -> bytes:
        """All that the shares of channels' leads follow from."""
        values = self._values
        tables = (values.market, values.class_number, values.reach, values.reach_weight)
        read = (*(table[draw] for table in tables), values.dists[draw, self._spread])
        return b"".join(np.ascontiguousarray(table).tobytes() for table in read)

    def _market(self, draw: int) -> Market:
        at_draw = Values(*(table[draw] for table in self._values))
        read = (
            at_draw.market,
            at_draw.class_number,
            at_draw.class_effect,
            at_draw.misfit,
            at_draw.reach,
            at_draw.reach_weight,
            at_draw.dists[self._spread],
            at_draw.funnel,
        )
        key = b"".join(np.ascontiguousarray(table).tobytes() for table in read)
        if key not in self._known:
            self._known[key] = market_of(self._structure, at_draw)
        return self._known[key]


class _Rates(NamedTuple):
    """What a motion does to each profile in a draw."""

    market: Market
    funnel: Funnel
    draw: int

    def follow(self, entered: Floats, win_rate: Floats, duration: Floats) -> Floats:
        """Take leads by profile and band through the stages; returns who is won."""
        for k, row in enumerate(self.funnel.rows):
            rate = with_odds(self.market.win_rate[row], self.funnel.odds[self.draw, k])
            total = entered.sum()
            if total <= NOBODY:
                entered = np.zeros_like(entered)
                win_rate[self.draw, k] = rate[0]
                continue
            passing = entered * rate[:, np.newaxis]
            duration[self.draw, k] = entered.sum(axis=1) @ self.market.duration[row] / total
            win_rate[self.draw, k] = passing.sum() / total
            entered = passing
        return entered
