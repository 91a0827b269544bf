"""Accounts of the market: what they are, and whether they can be leads (docs/model.md, 2)."""

from dataclasses import dataclass

import numpy as np

from gtmsim.engines.reference.luck import Entity, Luck
from gtmsim.engines.reference.terms import Terms
from gtmsim.plan.market import NO_PROFILE, Market
from gtmsim.plan.structure import Floats, Ints, MarketInt, Purpose, Structure
from gtmsim.rules.buyers import (
    POTENTIAL_ON_SIZE,
    POTENTIAL_OWN,
    USE_ON_POTENTIAL,
    USE_ON_SIZE,
    USE_OWN,
    attribute_normal,
    potential_normal,
    potential_of,
    use_normal,
)
from gtmsim.rules.state import Books
from gtmsim.vocabulary import MarketAccount


@dataclass(frozen=True)
class Account:
    """An account of the market: its kind, and its ACV potential in minor units a year."""

    profile: int
    potential: float = 0.0

    @property
    def is_known(self) -> bool:
        """Whether the lead is an account of the market at all."""
        return self.profile != NO_PROFILE


NO_ACCOUNT = Account(NO_PROFILE)
"""Of a lead that has a segment and no other attributes."""


def account_of(luck: Luck, market: Market, channel: int, entity: Entity) -> Account:
    """Attributes of a lead that a channel finds in the market."""
    u_size, u_potential = luck.pair(entity, Purpose.BUYER)
    u_use, u_vertical = luck.pair(entity, Purpose.BUYER_USE)
    u_region, _ = luck.pair(entity, Purpose.BUYER_PLACE)
    link, shift = market.link, market.shift[channel]
    z_size = attribute_normal(u_size, shift[0])
    z_own = attribute_normal(u_potential, shift[1])
    z_potential = potential_normal(z_size, z_own, link[POTENTIAL_ON_SIZE], link[POTENTIAL_OWN])
    weights = (link[USE_ON_SIZE], link[USE_ON_POTENTIAL], link[USE_OWN])
    classes = (
        class_at(market.size_end, z_size),
        class_at(market.tier_end, z_potential),
        class_at(market.use_end, use_normal(z_size, z_own, u_use, *weights)),
        class_at(market.vertical_end[channel], u_vertical),
        class_at(market.region_end[channel], u_region),
    )
    profile = 1 + int(np.ravel_multi_index(classes, tuple(market.counts)))
    return Account(profile, potential_of(z_potential, *market.potential))


def class_at(ends: Floats, value: float) -> int:
    """Class that holds a value; one on an end is in the class that begins there."""
    return int(np.searchsorted(ends, value, side="right"))


def is_free(
    luck: Luck, market: Market, free_share: Floats, entity: Entity, account: Account
) -> bool:
    """Whether an account can be a lead: part of its tier is busy."""
    _, u_free = luck.pair(entity, Purpose.BUYER_PLACE)
    return bool(u_free < free_share[market.tier_of[account.profile]])


class Pool:
    """Accounts of the market by tier: those that are taken, and those that come free."""

    def __init__(self, structure: Structure, terms: Terms, books: Books) -> None:
        self.tier_of: Ints = terms.market.tier_of
        self.cool_off = int(structure.market[MarketInt.COOL_OFF])
        self.book = books.market

    def take(self, account: Account, month: int) -> None:
        """Take an account that became a lead."""
        self._post(account, month, MarketAccount.TAKEN)

    def free(self, account: Account, month: int, *, cools: bool) -> None:
        """Free an account in ``month``, or once it has cooled off."""
        self._post(account, month + (self.cool_off if cools else 0), MarketAccount.FREED)

    def _post(self, account: Account, month: int, column: MarketAccount) -> None:
        if account.is_known and month < len(self.book):
            self.book[month, self.tier_of[account.profile], column] += 1
