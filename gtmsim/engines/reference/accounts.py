"""Books and ledger of one replication: where the processes post what happens to them."""

import numpy as np

from gtmsim.engines.block import LEDGER_DTYPE, Ledger
from gtmsim.engines.reference.clock import Clock
from gtmsim.rules.clocks import month_of
from gtmsim.rules.state import Books
from gtmsim.vocabulary import (
    ChannelAccount,
    EventKind,
    FunnelAccount,
    LeadCohortAccount,
    SegmentAccount,
    TeamAccount,
)


class Accounts:
    """Posts to the month of the clock, and writes the ledger if it is kept."""

    def __init__(self, clock: Clock, books: Books, keeps_ledger: bool) -> None:
        self.clock = clock
        self.books = books
        self.keeps_ledger = keeps_ledger
        self._entries: list[tuple[float, int, int, int, int, int, int, int]] = []

    @property
    def month(self) -> int:
        """0-based month of the present instant."""
        return int(month_of(self.clock.now))

    def post_segment(self, segment: int, account: SegmentAccount, amount: int = 1) -> None:
        """Post to a segment in the present month."""
        self.books.segment[self.month, segment, account] += amount

    def post_channel(
        self, segment: int, channel: int, account: ChannelAccount, amount: int = 1
    ) -> None:
        """Post to a channel's part for a segment in the present month."""
        self.books.channel[self.month, segment, channel, account] += amount

    def post_both(self, segment: int, channel: int, name: str, amount: int = 1) -> None:
        """Post to the accounts of the same name of a segment and of its channel."""
        self.post_segment(segment, SegmentAccount[name], amount)
        self.post_channel(segment, channel, ChannelAccount[name], amount)

    def post_funnel(self, row: int, account: FunnelAccount) -> None:
        """Count at a funnel stage in the present month."""
        self.books.funnel[self.month, row, account] += 1

    def post_cohort(
        self, lead_month: int | None, segment: int, account: LeadCohortAccount, amount: int
    ) -> None:
        """Post to the leads of a segment that came in a month; None: to nobody."""
        if lead_month is not None:
            self.books.lead_cohort[lead_month, segment, account] += amount

    def post_team(self, team: int, account: TeamAccount, amount: int = 1) -> None:
        """Post to a team in the present month."""
        self.books.team[self.month, team, account] += amount

    def log(
        self,
        kind: EventKind,
        entity: int,
        segment: int,
        detail: int = -1,
        *,
        seat: int = -1,
        amount: int = 0,
        sub: int = -1,
    ) -> None:
        """Write an entry of the ledger, stamped with the present instant."""
        if self.keeps_ledger:
            entry = (self.clock.now, kind, entity, sub, segment, detail, seat, amount)
            self._entries.append(entry)

    def ledger(self) -> Ledger:
        """Entries so far, in the order in which they were written."""
        return np.array(self._entries, LEDGER_DTYPE)
