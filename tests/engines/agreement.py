"""Compare what two engines did with one scenario, and tell the first difference."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from gtmsim.engines import compiled, reference
from gtmsim.engines.block import LEDGER_DTYPE, Ledger, books_at
from gtmsim.plan import Plan, draw_inputs, fill_values
from gtmsim.rules.state import Books
from gtmsim.vocabulary import (
    ChannelAccount,
    CohortAccount,
    CompanyAccount,
    EventKind,
    FunnelAccount,
    LeadCohortAccount,
    MarketAccount,
    SegmentAccount,
    TeamAccount,
)

ACCOUNTS = {
    "segment": SegmentAccount,
    "channel": ChannelAccount,
    "funnel": FunnelAccount,
    "team": TeamAccount,
    "cohort": CohortAccount,
    "lead_cohort": LeadCohortAccount,
    "market": MarketAccount,
    "company": CompanyAccount,
    "opening": SegmentAccount,
}


def assert_engines_agree(
    plan: Plan, seed: int, draw: int = 0, replication: int = 1
) -> tuple[Books, Ledger]:
    """Play one replication on both engines; books and ledgers must be equal to the bit.

    The compiled engine plays it twice: for its ledger, and in a block after other replications,
    whose workspace it then inherits.
    """
    (values,) = fill_values(plan, draw_inputs(plan, seed, range(draw, draw + 1)))
    key = (seed, draw, replication)
    expected_books, expected_ledger = reference.trace(plan, values, *key)
    books, ledger = compiled.trace(plan, values, *key)
    replications = range(replication + 1)
    rectangle = (range(draw, draw + 1), replications)
    block = compiled.simulate_block(plan, (values,), seed, *rectangle, np.zeros(1, np.int64))
    differences = [
        *ledger_differences(expected_ledger, ledger),
        *book_differences(expected_books, books),
        *book_differences(expected_books, books_at(block, 0, replication)),
    ]
    assert not differences, "\n".join(["reference and compiled differ:", *differences])
    return expected_books, expected_ledger


def ledger_differences(expected: Ledger, found: Ledger) -> Iterator[str]:
    """First place where two ledgers part, with what stands before it."""
    shared = min(len(expected), len(found))
    unequal = np.flatnonzero(expected[:shared] != found[:shared])
    if len(unequal) == 0 and len(expected) == len(found):
        return
    first = int(unequal[0]) if len(unequal) else shared
    yield f"ledgers of {len(expected)} and {len(found)} entries, from entry {first} on:"
    yield from (f"    both       {shown(entry)}" for entry in expected[max(0, first - 3) : first])
    yield from (f"    reference  {shown(entry)}" for entry in expected[first : first + 3])
    yield from (f"    compiled   {shown(entry)}" for entry in found[first : first + 3])
    entity = int((expected if first < len(expected) else found)[first]["entity"])
    for name, ledger in (("reference", expected), ("compiled", found)):
        story = ledger[ledger["entity"] == entity]
        yield f"  entity {entity} in the {name} engine:"
        yield from (f"    {shown(entry)}" for entry in story)


def shown(entry: Any) -> str:
    """Entry of a ledger in words."""
    rest = ", ".join(f"{name} {entry[name]}" for name in (LEDGER_DTYPE.names or ())[2:])
    return f"{float(entry['time'])!r} {EventKind(entry['kind']).name}: {rest}"


def book_differences(expected: Books, found: Books) -> Iterator[str]:
    """First cell of each book that differs."""
    for name, accounts in ACCOUNTS.items():
        cells = np.argwhere(getattr(expected, name) != getattr(found, name))
        if len(cells):
            place = tuple(int(i) for i in cells[0])
            values = int(getattr(expected, name)[place]), int(getattr(found, name)[place])
            account = accounts(place[-1]).name
            yield (
                f"{name} book, {len(cells)} cells; first at {place[:-1]} {account}: "
                f"reference {values[0]}, compiled {values[1]}"
            )
