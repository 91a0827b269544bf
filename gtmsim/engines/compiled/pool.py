"""Accounts of the market that are taken and come free."""

from gtmsim.engines.compiled.terms import Terms
from gtmsim.jit import lean_inlined
from gtmsim.plan.market import NO_PROFILE
from gtmsim.rules.state import Books
from gtmsim.vocabulary import MarketAccount


@lean_inlined
def free_account(terms: Terms, books: Books, profile: int, month: int, cools: bool) -> None:
    """Free an account in ``month``, or once it has cooled off."""
    when = month + (terms.cool_off[0] if cools else 0)
    if profile != NO_PROFILE and when < terms.months[0]:
        books.market[when, terms.market.tier_of[profile], MarketAccount.FREED] += 1
