"""Teams: reps on seats, the queue for them, and patience (docs/model.md, section 4)."""

from bisect import insort
from dataclasses import dataclass

from simpy import Event

from gtmsim.engines.reference.accounts import Accounts
from gtmsim.engines.reference.clock import Clock, Life, Turn
from gtmsim.plan.structure import Ints
from gtmsim.rules.clocks import ticks
from gtmsim.vocabulary import EventKind, TeamAccount


@dataclass(frozen=True)
class Work:
    """What a rep is asked for: whose work, for which segment, at which priority.

    ``sub`` is the playbook's row, -1 for a deal or an onboarding.
    """

    entity: int
    segment: int
    priority: int
    sub: int = -1


@dataclass(eq=False)
class Hold:
    """A rep's slot, held since the grant."""

    work: Work
    seat: int
    since: float


class Request(Event):
    """Waits for a rep; its value is the `Hold`, or None once patience is over."""

    def __init__(self, clock: Clock, work: Work) -> None:
        super().__init__(clock)
        self.work = work
        self.since = clock.now

    @property
    def rank(self) -> tuple[int, float, int, int]:
        """Place in the queue."""
        return self.work.priority, self.since, self.work.entity, self.work.sub


class Team:
    """Reps of one team; ``slots`` and ``worked_ticks`` are the policy's rows of the month."""

    def __init__(self, row: int, accounts: Accounts, slots: Ints, worked_ticks: Ints) -> None:
        self.row = row
        self.accounts = accounts
        self.clock = accounts.clock
        self.slots = slots
        self.worked_ticks = worked_ticks
        self.n_open = [0] * len(slots)
        self.queue: list[Request] = []
        self.holds: dict[Hold, None] = {}

    def request(self, work: Work, patience: float | None = None) -> Request:
        """Ask for a rep, waiting at most ``patience`` months; yield what is returned."""
        request = Request(self.clock, work)
        self._record(EventKind.REQUESTED, work)
        self.accounts.post_team(self.row, TeamAccount.REQUESTS)
        insort(self.queue, request, key=lambda waiting: waiting.rank)
        self.grant_free_slots()
        if patience is not None and not request.triggered:
            self.clock.process(self._lose_patience(request, self.clock.now + patience))
        return request

    def release(self, hold: Hold) -> None:
        """Give a slot back; the head of the queue takes it if the seat may still hold it."""
        self._post_work(hold, self.accounts.month, self.clock.now)
        del self.holds[hold]
        self.n_open[hold.seat] -= 1
        self._record(EventKind.RELEASED, hold.work, seat=hold.seat)
        self.grant_free_slots()

    def grant_free_slots(self) -> None:
        """Give free slots to the heads of the queue."""
        while self.queue and (seat := self._free_seat()) is not None:
            self._grant(self.queue.pop(0), seat)

    def close_month(self, month: int) -> None:
        """Post the month's work on what is still held, and who is still waiting."""
        for hold in self.holds:
            self._post_work(hold, month, month + 1.0)
        self.accounts.books.team[month, self.row, TeamAccount.WAITING] = len(self.queue)

    def _free_seat(self) -> int | None:
        """Return the free seat with the fewest open deals, the lowest on ties."""
        free = (seat for seat, n in enumerate(self.n_open) if n < self.slots[seat])
        return min(free, key=lambda seat: self.n_open[seat], default=None)

    def _grant(self, request: Request, seat: int) -> None:
        now = self.clock.now
        waited = int(ticks(now) - ticks(request.since))
        hold = Hold(request.work, seat, now)
        self.holds[hold] = None
        self.n_open[seat] += 1
        self.accounts.post_team(self.row, TeamAccount.GRANTS)
        self.accounts.post_team(self.row, TeamAccount.WAITED_TICKS, waited)
        self._record(EventKind.GRANTED, request.work, seat=seat, amount=waited)
        request.succeed(hold)

    def _lose_patience(self, request: Request, at: float) -> Life:
        yield self.clock.at(at, Turn.EXPIRY, request.work.entity, request.work.sub)
        if not request.triggered:
            self.queue.remove(request)
            self.accounts.post_team(self.row, TeamAccount.EXPIRED)
            self._record(EventKind.EXPIRED, request.work)
            request.succeed(None)

    def _post_work(self, hold: Hold, month: int, until: float) -> None:
        """Post the part of a hold that falls into ``month``."""
        worked = int(ticks(until) - ticks(max(hold.since, float(month))))
        self.accounts.books.team[month, self.row, TeamAccount.WORKED_TICKS] += worked
        self.worked_ticks[hold.work.segment] += worked

    def _record(self, kind: EventKind, work: Work, *, seat: int = -1, amount: int = 0) -> None:
        self.accounts.log(
            kind, work.entity, work.segment, self.row, seat=seat, amount=amount, sub=work.sub
        )
