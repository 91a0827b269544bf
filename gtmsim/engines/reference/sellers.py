"""Teams: reps on seats, the queue for them, and patience (docs/model.md, section 4)."""

from bisect import insort
from dataclasses import dataclass

from simpy import Event

from gtmsim.engines.reference.accounts import Accounts
from gtmsim.engines.reference.clock import Clock, Life, Turn
from gtmsim.plan.structure import ACQUIRING, Structure, TeamInt
from gtmsim.rules.clocks import ticks
from gtmsim.rules.state import EMPTY_SEAT, State
from gtmsim.vocabulary import EventKind, LeadCohortAccount, TeamAccount

"""Functions of teams whose cost is acquisition."""


@dataclass(frozen=True)
class Work:
    """What a rep is asked for: whose work, for which segment, at which priority.

    ``sub`` is the playbook's row, -1 for a deal or an onboarding; ``lead_month`` that in which the
    deal or the customer came as a lead, if it did.
    """

    entity: int
    segment: int
    priority: int
    sub: int = -1
    lead_month: int | None = None

    @property
    def is_expansion(self) -> bool:
        """Whether it is an expansion attempt."""
        return self.sub >= 0


@dataclass(eq=False)
class Hold:
    """A rep's slot, held since the grant; ``generation`` tells the reps of one seat apart."""

    work: Work
    team: int
    seat: int
    generation: int
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
    """Reps of one team; ``slots`` and the like are the policy's rows of the month."""

    def __init__(self, row: int, accounts: Accounts, structure: Structure, state: State) -> None:
        self.row = row
        self.accounts = accounts
        self.clock = accounts.clock
        self.is_acquiring = structure.team[row, TeamInt.FUNCTION] in ACQUIRING
        self.slots = state.seat_slots[row]
        self.worked_ticks = state.worked_ticks[row]
        self.expansion_ticks = state.expansion_ticks[row]
        self.starts = state.seat_start[row]
        self.generations = state.seat_generation[row]
        self.booked = state.seat_booked[row]
        self.n_open = [0] * len(self.slots)
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

    def credit(self, hold: Hold, arr: int, year: int) -> None:
        """Credit the rep of a hold with booked ARR, if still in the seat."""
        is_here = self.starts[hold.seat] != EMPTY_SEAT
        if is_here and self.generations[hold.seat] == hold.generation:
            self.booked[hold.seat, year] += arr

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
        hold = Hold(request.work, self.row, seat, int(self.generations[seat]), now)
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
        work = hold.work
        self.worked_ticks[work.segment] += worked
        if work.is_expansion:
            self.expansion_ticks[work.segment] += worked
        elif self.is_acquiring:
            self.accounts.post_cohort(
                work.lead_month, work.segment, LeadCohortAccount.SELLER_TICKS, worked
            )

    def _record(self, kind: EventKind, work: Work, *, seat: int = -1, amount: int = 0) -> None:
        self.accounts.log(
            kind, work.entity, work.segment, self.row, seat=seat, amount=amount, sub=work.sub
        )
