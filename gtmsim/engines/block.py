"""What both engines hand back: a block of books, or the ledger of one replication.

Meaning of a ledger entry's columns, by kind of event:

====================  ============  ========  ==========================================
kind                  detail        seat      amount
====================  ============  ========  ==========================================
LEAD                  channel       --        cost of the lead
UNSERVED              channel       --        0
STAGE_ENTERED         funnel row    --        entry cost
OPPORTUNITY           funnel row    --        ACV
STAGE_ENDED           funnel row    --        0
LOST                  funnel row    --        ACV, 0 before the opportunity
REQUESTED             team          --        0
GRANTED               team          seat      waited ticks
EXPIRED               team          --        0
RELEASED              team          seat      0
WON                   contract row  --        booked ARR
ONBOARDING_STARTED    team or --    seat      0
WENT_LIVE             team or --    --        0
SERVICE_STARTED       contract row  --        ARR
REACTIVATED           contract row  --        ARR
RENEWED               contract row  --        ARR that goes on
SAVED                 contract row  --        ARR
CONTRACTED            contract row  --        ARR given up
UPLIFTED              contract row  --        ARR added
EXPANSION_TRIGGERED   team or --    --        cost of the trigger
EXPANDED              team or --    --        ARR added
EXPANSION_FAILED      team or --    --        0
CHURNED               contract row  --        ARR
INVOICED              contract row  --        amount of the invoice
PAID                  contract row  --        amount of the payment
DEFAULTED             contract row  --        bad debt
GRADUATED             old segment   --        ARR
FEE_INVOICED          contract row  --        services fee
FEE_PAID              contract row  --        services fee
====================  ============  ========  ==========================================

``--`` is -1. ``sub`` is the playbook's row for everything that concerns an expansion attempt (its
request, grant, expiry and release included). For LEAD and UNSERVED it is the kind of account of the
market that the lead is, its place among `gtmsim.scenario.market.profiles`. Else it is -1.
``segment`` is the entity's. STAGE_ENDED stands where the model's table names it: at the end of a
row's duration from the opportunity row on, and of every row that a rep works.

Entries of the company come from its books, see `company_events`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gtmsim.plan.structure import Ints, Structure
from gtmsim.rules.state import Books, new_books
from gtmsim.vocabulary import CompanyAccount, EventKind, SegmentAccount, TeamAccount

LEDGER_DTYPE = np.dtype(
    [
        ("time", np.float64),  # months
        ("kind", np.int64),  # EventKind
        ("entity", np.int64),  # entity_id; -1: the company
        ("sub", np.int64),  # playbook row, or a lead's kind of account
        ("segment", np.int64),
        ("detail", np.int64),
        ("seat", np.int64),
        ("amount", np.int64),  # minor units, but where the table above says otherwise
    ]
)

Ledger = NDArray[np.void]
"""Entries of `LEDGER_DTYPE`, shape (events,), in the order of `sorted_ledger`."""


@dataclass(frozen=True)
class Block:
    """Books of a rectangle of draws and replications.

    Attributes
    ----------
    draws, replications
        The rectangle.
    books
        Each array with two more axes in front: [draw, replication].
    """

    draws: range
    replications: range
    books: Books


def new_block(structure: Structure, draws: range, replications: range) -> Block:
    """Return a block of zeros."""
    leading = (len(draws), len(replications))
    single = new_books(structure)
    books = Books(*(np.zeros((*leading, *book.shape), book.dtype) for book in single))
    return Block(draws, replications, books)


def books_at(block: Block, draw: int, replication: int) -> Books:
    """Books of one replication as views; ``draw`` and ``replication`` count within the block."""
    return Books(*(book[draw, replication] for book in block.books))


def whole_ledger(entries: Ledger, books: Books) -> Ledger:
    """Ledger of one replication: its entities' entries up to its end, and the company's.

    Parameters
    ----------
    entries
        Of the entities, in any order; those at or after the end of the replication, which is the
        horizon or the boundary of its insolvency, are dropped.
    books
        Of the replication; the company's entries come from them, and may fall on the end itself.

    Returns
    -------
    Ledger
        In the order of `sorted_ledger`.
    """
    insolvent = np.flatnonzero(books.company[:, CompanyAccount.INSOLVENT])
    end = int(insolvent[0]) + 1 if len(insolvent) else len(books.company)
    lived = entries[entries["time"] < end]
    return sorted_ledger(np.concatenate([lived, company_events(books)]))


def sorted_ledger(entries: Ledger) -> Ledger:
    """Put entries in the ledger's order.

    Time, kind, entity, sub and then the columns that are left, so that the order is the same
    whatever produced the entries.
    """
    columns = [entries[name] for name in reversed(LEDGER_DTYPE.names or ())]
    return entries[np.lexsort(columns)]


def company_events(books: Books) -> Ledger:
    """Entries of the company's own events, read from the books of one replication.

    Returns
    -------
    Ledger
        REP_STARTED and REP_LEFT at the boundary (``detail`` the team, ``amount`` how many),
        SEGMENT_OPENED at the boundary (``detail`` the segment), FUNDED at the start of its month
        (``amount`` the money), STAGE_REACHED (``detail`` the company stage) and INSOLVENT
        (``amount`` the cash) at the end of their month; unsorted.
    """
    entries = [
        *_team_entries(books.team[:, :, TeamAccount.HIRED], EventKind.REP_STARTED),
        *_team_entries(books.team[:, :, TeamAccount.LEFT], EventKind.REP_LEFT),
    ]
    is_open = books.segment[:, :, SegmentAccount.IS_OPEN]
    for month, segment in np.argwhere(np.diff(is_open, axis=0, prepend=0) > 0):
        entries.append((int(month), EventKind.SEGMENT_OPENED, int(segment), 0))
    company = books.company
    for month in np.flatnonzero(company[:, CompanyAccount.FUNDING]):
        amount = int(company[month, CompanyAccount.FUNDING])
        entries.append((int(month), EventKind.FUNDED, -1, amount))
    stage = company[:, CompanyAccount.STAGE]
    for month in np.flatnonzero(np.diff(stage, prepend=0)):
        entries.append((int(month) + 1, EventKind.STAGE_REACHED, int(stage[month]), 0))
    for month in np.flatnonzero(company[:, CompanyAccount.INSOLVENT])[:1]:
        cash = int(company[month, CompanyAccount.CASH])
        entries.append((int(month) + 1, EventKind.INSOLVENT, -1, cash))
    return _company_ledger(entries)


def _team_entries(counts: Ints, kind: EventKind) -> list[tuple[int, int, int, int]]:
    return [(month, kind, team, counts[month, team]) for month, team in np.argwhere(counts)]


def _company_ledger(entries: list[tuple[int, int, int, int]]) -> Ledger:
    ledger = np.full(len(entries), -1, LEDGER_DTYPE)
    columns = np.array(entries, np.int64).reshape(-1, 4)
    for i, name in enumerate(("time", "kind", "detail", "amount")):
        ledger[name] = columns[:, i]
    return ledger
