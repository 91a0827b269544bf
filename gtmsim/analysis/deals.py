"""What a segment's leads come to: the way they are sold, the contract they choose, what they pay.

A list price decides whether a lead falls back to the other motion, and what volume discount it
gets; so all of it follows from the prices that leads have.
"""

from typing import NamedTuple

import numpy as np

from gtmsim.analysis.drivers import Drivers, Terms
from gtmsim.metrics import formulas
from gtmsim.plan.structure import Flags, Floats, VolumeFloat


class Deals(NamedTuple):
    """A segment's leads and wins; arrays of shape (draws,) unless said.

    Attributes
    ----------
    kept, fallen
        Shares of the leads that go through the segment's own motion, and through the other one.
    won, own_won
        Share of leads that are won; and that are won in the segment's own motion.
    list_acv
        Mean list price a year of those won.
    share
        Of those won, by contract, shape (draws, contracts).
    arr
        First-year ARR by contract, over all that are won, shape (draws, contracts).
    own_arr
        The part of all their first-year ARR that is won in the own motion.
    """

    kept: Floats
    fallen: Floats
    won: Floats
    own_won: Floats
    list_acv: Floats
    share: Floats
    arr: Floats
    own_arr: Floats

    @property
    def acv(self) -> Floats:
        """First-year ARR of a customer, net of discounts."""
        net: Floats = self.arr.sum(1)
        return net


def deals_of(drivers: Drivers) -> Deals:
    """Follow the leads of a segment to their contracts."""
    prices, leads = drivers.prices, drivers.price_weight
    own = formulas.reached(drivers.win_rate)[:, -1]
    falls = np.zeros(prices.shape, np.bool_)
    passing = np.broadcast_to(own[:, np.newaxis], prices.shape)
    if drivers.fallback is not None:
        falls = prices < drivers.fallback.below[:, np.newaxis]
        other = formulas.reached(drivers.fallback.win_rate)[:, -1]
        passing = np.where(falls, other[:, np.newaxis], passing)
    wins = leads * passing * drivers.relative_win
    won = wins.sum(1)
    # Where nothing is won, the prices are those of the leads.
    weight = np.where(won[:, np.newaxis] > 0.0, formulas.ratio(wins, won[:, np.newaxis]), leads)
    share, kept = choices(drivers.terms, prices)
    arr = share * kept * (weight * prices)[:, :, np.newaxis]
    return Deals(
        kept=np.where(falls, 0.0, leads).sum(1),
        fallen=np.where(falls, leads, 0.0).sum(1),
        won=won,
        own_won=np.where(falls, 0.0, wins).sum(1),
        list_acv=(weight * prices).sum(1),
        share=(share * weight[:, :, np.newaxis]).sum(1),
        arr=arr.sum(1),
        own_arr=np.where(falls[:, :, np.newaxis], 0.0, arr).sum((1, 2)),
    )


def choices(terms: Terms, prices: Floats) -> tuple[Floats, Floats]:
    """How buyers choose from a menu at some list prices, and what of the price is left.

    Parameters
    ----------
    terms
        The menu.
    prices
        Currency a year, shape (draws, prices).

    Returns
    -------
    (share, kept)
        Shape (draws, prices, contracts) each: of the buyers at the price, and of the price.
    """
    shape = (*prices.shape, terms.share.shape[1])
    weight, kept = np.ones(shape), np.ones(shape)
    for step in np.moveaxis(terms.volume, 2, 0):
        reached: Flags = prices[:, :, np.newaxis] >= step[:, np.newaxis, :, VolumeFloat.FROM_ACV]
        weight = np.where(reached, step[:, np.newaxis, :, VolumeFloat.PULL], weight)
        kept = np.where(reached, step[:, np.newaxis, :, VolumeFloat.KEPT], kept)
    weight = weight * terms.share[:, np.newaxis]
    kept = kept * (1.0 - terms.discount)[:, np.newaxis]
    return weight / weight.sum(2, keepdims=True), kept
