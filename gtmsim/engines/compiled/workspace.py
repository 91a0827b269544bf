"""Arrays that a replication plays in: allocated once per block, reused, never seen outside.

Kernels check for room before they take any; `play` then returns which array was full, and the
driver doubles it and plays the replication again. The next block of the plan begins with the sizes
that this one came to need.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from gtmsim.draws.counts import LAYER_HEIGHT
from gtmsim.draws.keys import MAX_INDEX, MAX_LAYERS
from gtmsim.engines.compiled.terms import queue_ranks
from gtmsim.errors import CapacityError
from gtmsim.jit import lean
from gtmsim.plan.structure import CompanyInt, Floats, Ints, Keys, SegmentInt, Structure, TeamInt
from gtmsim.vocabulary import TOP_TEN, years_begun

OK = 0
CUSTOMERS_FULL = 1
JOBS_FULL = 2
AGENDA_FULL = 3
LEDGER_FULL = 4
TOO_MANY_LEADS = 5

NOBODY = -1
NEVER = np.inf

BLOCK_BITS = 7
BLOCK = 1 << BLOCK_BITS
"""Slots of a block of customers; a block holds one segment's."""

LAYERS_AT_ONCE = 64
BATCH = 2 * LAYERS_AT_ONCE * MAX_INDEX
"""Leads that are passed through the stages before a team together."""

INTAKE = 256
"""Customers that are taken in together."""


class Stand(IntEnum):
    """Where a customer stands."""

    EMPTY = 0  # nobody on the slot
    SIGNED = 1  # or away: service starts at NEXT
    AWAY = 2  # churned, comes back at NEXT
    SERVED = 3
    GONE = 4  # but a team still holds an attempt for it


class CustomerInt(IntEnum):
    """Whole-number rows of the customers."""

    STAND = 0
    ENTITY = 1
    CONTRACT = 2
    ARR = 3  # in service, else 0
    LAST_ARR = 4  # signed, or when it churned
    CAP = 5
    AMOUNT = 6  # of the billing period from ANCHOR on
    RECOGNISED = 7  # of AMOUNT
    UNBILLED = 8  # of the period before ANCHOR, in arrears
    ADVANCE = 9  # all bits set: invoiced in advance
    ELAPSED = 10  # whole months from START to END
    PAID_LEFT = 11  # invoices that will be paid before the next failure
    UNPAID = 12
    COHORT = 13
    SERVICE = 14  # services that have ended
    HELD = 15  # attempts that wait for a team or are worked
    N_CHURN = 16  # draws used per purpose
    N_SAVE = 17
    N_CONTRACTION = 18
    N_PAYMENT = 19
    N_WIN_BACK = 20
    LINK = 21  # next empty slot of the segment
    PROFILE = 22  # of the market's account
    LOAD = 23  # thousandths
    STEP = 24  # times that it moved up to another segment
    MOVED_UP = 25  # boundary at which it last did
    CAME_FROM = 26  # segment that it then left
    PRICE_STEP = 27  # price changes that it pays


class CustomerTime(IntEnum):
    """Rows of the customers' times; months, clocks in years."""

    NEXT = 0  # own event, expansion triggers apart
    START = 1
    ANCHOR = 2
    END = 3  # of the billing period
    DEFAULT = 4
    CHURN_CLOCK = 5
    CONTRACTION_CLOCK = 6
    THETA = 7
    SIGNED = 8


class Customers(NamedTuple):
    """Customers, one column each: signed, in service, away, or gone with an attempt in work."""

    number: Ints  # (CustomerInt, capacity)
    time: Floats  # (CustomerTime, capacity)
    threshold: Floats  # (playbooks of a segment, capacity) infinite while none runs
    n_clock: Ints  # (playbooks of a segment, capacity) clocks started
    first_wait: Floats  # (playbooks of a segment, capacity) unit exponentials of the first clocks
    past_arr: Ints  # (12, capacity) ARR at the last twelve closes, 0 before service
    segment: Ints  # (blocks,)
    empty: Ints  # (S,) first empty slot of the segment
    n_blocks: Ints  # (1,)
    due: Ints  # (capacity + 1,) slots with an own event in the month
    flag: Ints  # (BLOCK,) whether a slot of the block at hand is due
    closing: Ints  # (S, Closing)
    cohort: Ints  # (S, years + 1, CohortAccount) running
    largest: Ints  # (TOP_TEN,) ARR, in ascending order


class Closing(IntEnum):
    """Running stocks of a segment."""

    CUSTOMERS = 0
    ARR = 1
    MONTHLY_ARR = 2
    LOAD = 3


class JobKind(IntEnum):
    """What a team is asked for."""

    DEAL = 0
    ONBOARDING = 1
    ATTEMPT = 2


class JobInt(IntEnum):
    """Whole-number columns of a job."""

    KIND = 0
    ENTITY = 1
    SUB = 2  # playbook's row of an attempt
    SEGMENT = 3
    ROW = 4  # funnel row of a deal
    TEAM = 5
    SEAT = 6  # of the rep who holds it, or held it last
    WON = 7
    ACV = 8
    CUSTOMER = 9  # slot
    SERVICE = 10
    N = 11  # of the attempt's clock
    WAITS = 12
    AHEAD = 13  # in the queue
    BEHIND = 14  # in the queue, or next unused job
    PROFILE = 15  # of the market's account
    RANK = 16  # in queues


class JobTime(IntEnum):
    """Columns of a job's times."""

    OPPORTUNITY = 0
    REQUESTED = 1
    EXPIRES = 2
    BEGUN = 3  # the work that runs
    WORK = 4  # months of work that the row takes, if drawn ahead; else negative
    LEAVES = 5  # when the rep on SEAT leaves
    ENTERED = 6  # the deal's row


class Jobs(NamedTuple):
    """What entities want from teams: deals, onboardings, expansion attempts."""

    number: Ints  # (capacity, JobInt)
    time: Floats  # (capacity, JobTime)
    room: Ints  # (3,) first unused job, jobs ever used, unused jobs


class Agenda(NamedTuple):
    """Instants at which entities meet teams: a list per month to come, and the month's own.

    ``key`` is kind << 56 | entity, ``what`` is (sub + 1) << 32 | job or customer slot, so that
    (time, key, what) is the model's order.
    """

    time: Floats  # (capacity,) of the months to come
    key: Ints
    what: Ints
    link: Ints  # next of the month's list, or next unused
    first: Ints  # (M + 1,)
    last: Ints  # (M + 1,)
    room: Ints  # (3,) first unused entry, entries ever used, unused entries
    due_time: Floats  # (capacity,) the month's list, sorted
    due_key: Ints
    due_what: Ints
    heap_time: Floats  # (capacity,) what comes up during the month
    heap_key: Ints
    heap_what: Ints
    size: Ints  # (2,) of the due list and of the heap
    bucket: Ints  # (capacity + 2,) counts while sorting


class Desks(NamedTuple):
    """Seats and queues of the teams. K: ranks of queue priority."""

    held: Ints  # (T, X) jobs that the seat holds
    free: Ints  # (T,) slots without a job
    seats: Ints  # (T,) seats up to the last with slots
    head: Ints  # (T, K) first job of the queue
    tail: Ints  # (T, K)
    waiting: Ints  # (T,)
    lasting: Ints  # (T, S) holds of earlier months that have not ended
    begun: Ints  # (T, S) holds of this month that outlast it
    lasting_attempts: Ints  # (T, S) the expansion attempts among them
    begun_attempts: Ints  # (T, S)


class Batch(NamedTuple):
    """Leads of one segment on their way through the stages before a team."""

    entity: Ints  # (BATCH,)
    time: Floats
    word: Keys  # of the draws that are made
    u0: Floats
    u1: Floats
    value: Floats
    acv: Ints
    opportunity: Floats
    order: Ints  # (BATCH,) who stays
    profile: Ints  # (BATCH,)
    won: Ints  # (BATCH,) whether it passes the row
    entered: Ints  # (M + 1,) entries into the row by month
    moved: Ints  # (M + 1, C + 1) who goes on, by month and channel


class Crowd(NamedTuple):
    """Leads of a month from the market, before they are told apart by segment."""

    entity: Ints  # (BATCH,)
    time: Floats
    profile: Ints
    segment: Ints
    u0: Floats
    u1: Floats
    size: Floats  # normals
    own: Floats
    count: Ints  # (S,) leads of a stream by segment


class Intake(NamedTuple):
    """Deals of one segment that are won together, and what is drawn for the customers."""

    entity: Ints  # (INTAKE,)
    time: Floats  # of signature
    acv: Ints
    opportunity: Floats
    profile: Ints
    row: Ints  # of the funnel, passed last
    contract: Ints
    arr: Ints
    cap: Ints
    slot: Ints
    word: Keys  # of the draws that are made
    u0: Floats
    u1: Floats
    value: Floats
    theta: Floats
    churn: Floats  # first clocks
    contraction: Floats
    paid_left: Ints
    clock: Floats  # (playbooks of a segment, INTAKE)


class Log(NamedTuple):
    """The ledger as it is written; of no length where nobody asked for one."""

    time: Floats  # (capacity,)
    column: Ints  # (capacity, 7) the other columns of ``LEDGER_DTYPE``
    count: Ints  # (1,)


class Workspace(NamedTuple):
    """Everything a replication plays in."""

    customers: Customers
    jobs: Jobs
    agenda: Agenda
    desks: Desks
    batch: Batch
    crowd: Crowd
    intake: Intake
    log: Log


LIMIT = 1 << 23
"""Customers, jobs or instants that a workspace may come to hold: some gigabytes."""

NOUNS = ("customers", "deals and requests", "instants to come", "ledger entries")


class Capacity(NamedTuple):
    """Sizes that grow."""

    customers: int = 1 << 14
    jobs: int = 1 << 14
    agenda: int = 1 << 14
    ledger: int = 0

    def grown(self, code: int) -> "Capacity":
        """Double what was full.

        Raises
        ------
        CapacityError
            If it is at its limit, or the arrivals outgrow the keys of the draws.
        """
        if code == TOO_MANY_LEADS:
            raise CapacityError(
                f"a channel brings more than {LAYER_HEIGHT * MAX_LAYERS:,.0f} leads of a segment in"
                " a month: lower its growth, spend or word of mouth"
            )
        name = self._fields[code - 1]
        size = max(1 << 12, 2 * getattr(self, name))
        if size > LIMIT and code != LEDGER_FULL:
            raise CapacityError(
                f"a replication has more than {LIMIT:,} {NOUNS[code - 1]} at once: lower its"
                " growth or shorten the scenario"
            )
        return self._replace(**{name: size})

    def or_larger(self, other: "Capacity") -> "Capacity":
        """Size by size the larger of the two."""
        return Capacity(*map(max, self, other))


def new_workspace(structure: Structure, capacity: Capacity) -> Workspace:
    """Allocate a workspace; `clear` makes it ready for a replication."""
    months = int(structure.company[CompanyInt.MONTHS])
    n_segments, n_teams = len(structure.segment), len(structure.team)
    n_playbooks = max(1, int(structure.segment[:, SegmentInt.PLAYBOOK_COUNT].max(initial=0)))
    n_ranks = int(queue_ranks(structure.segment).max(initial=0)) + 1
    return Workspace(
        customers=_new_customers(n_segments, n_playbooks, months, capacity.customers),
        jobs=Jobs(
            number=_integers(capacity.jobs, len(JobInt)),
            time=np.zeros((capacity.jobs, len(JobTime))),
            room=_integers(3),
        ),
        agenda=_new_agenda(months, capacity.agenda),
        desks=Desks(
            held=_integers(n_teams, int(structure.team[:, TeamInt.MAX_REPS].max(initial=1))),
            free=_integers(n_teams),
            seats=_integers(n_teams),
            head=_integers(n_teams, n_ranks),
            tail=_integers(n_teams, n_ranks),
            waiting=_integers(n_teams),
            lasting=_integers(n_teams, n_segments),
            begun=_integers(n_teams, n_segments),
            lasting_attempts=_integers(n_teams, n_segments),
            begun_attempts=_integers(n_teams, n_segments),
        ),
        batch=Batch(
            entity=_integers(BATCH),
            time=np.zeros(BATCH),
            word=np.zeros(BATCH, np.uint64),
            u0=np.zeros(BATCH),
            u1=np.zeros(BATCH),
            value=np.zeros(BATCH),
            acv=_integers(BATCH),
            opportunity=np.zeros(BATCH),
            order=_integers(BATCH),
            profile=_integers(BATCH),
            won=_integers(BATCH),
            entered=_integers(months + 1),
            moved=_integers(months + 1, len(structure.channel) + 1),
        ),
        crowd=_new_crowd(n_segments, structure),
        intake=_new_intake(n_playbooks),
        log=Log(np.zeros(capacity.ledger), _integers(capacity.ledger, 7), _integers(1)),
    )


def _integers(*shape: int) -> Ints:
    return np.zeros(shape, np.int64)


def _new_customers(n_segments: int, n_playbooks: int, months: int, capacity: int) -> Customers:
    return Customers(
        number=_integers(len(CustomerInt), capacity),
        time=np.zeros((len(CustomerTime), capacity)),
        threshold=np.zeros((n_playbooks, capacity)),
        n_clock=_integers(n_playbooks, capacity),
        first_wait=np.zeros((n_playbooks, capacity)),
        past_arr=_integers(12, capacity),
        segment=_integers(capacity // BLOCK),
        empty=_integers(n_segments),
        n_blocks=_integers(1),
        due=_integers(capacity + 1),
        flag=_integers(BLOCK),
        closing=_integers(n_segments, len(Closing)),
        cohort=_integers(n_segments, 1 + years_begun(months), 2),
        largest=_integers(TOP_TEN),
    )


def _new_crowd(n_segments: int, structure: Structure) -> Crowd:
    """Room for leads of the market; next to none where there is no market."""
    room = BATCH if len(structure.segment_of) > 1 else 1
    return Crowd(
        entity=_integers(room),
        time=np.zeros(room),
        profile=_integers(room),
        segment=_integers(room),
        u0=np.zeros(room),
        u1=np.zeros(room),
        size=np.zeros(room),
        own=np.zeros(room),
        count=_integers(n_segments),
    )


def _new_intake(n_playbooks: int) -> Intake:
    return Intake(
        entity=_integers(INTAKE),
        time=np.zeros(INTAKE),
        acv=_integers(INTAKE),
        opportunity=np.zeros(INTAKE),
        profile=_integers(INTAKE),
        row=_integers(INTAKE),
        contract=_integers(INTAKE),
        arr=_integers(INTAKE),
        cap=_integers(INTAKE),
        slot=_integers(INTAKE),
        word=np.zeros(INTAKE, np.uint64),
        u0=np.zeros(INTAKE),
        u1=np.zeros(INTAKE),
        value=np.zeros(INTAKE),
        theta=np.zeros(INTAKE),
        churn=np.zeros(INTAKE),
        contraction=np.zeros(INTAKE),
        paid_left=_integers(INTAKE),
        clock=np.zeros((n_playbooks, INTAKE)),
    )


def _new_agenda(months: int, capacity: int) -> Agenda:
    return Agenda(
        time=np.zeros(capacity),
        key=_integers(capacity),
        what=_integers(capacity),
        link=_integers(capacity),
        first=_integers(months + 1),
        last=_integers(months + 1),
        room=_integers(3),
        due_time=np.zeros(capacity),
        due_key=_integers(capacity),
        due_what=_integers(capacity),
        heap_time=np.zeros(capacity),
        heap_key=_integers(capacity),
        heap_what=_integers(capacity),
        size=_integers(2),
        bucket=_integers(capacity + 2),
    )


@lean
def clear(workspace: Workspace) -> None:
    """Make a workspace ready for a replication."""
    customers, jobs, agenda, desks = (
        workspace.customers,
        workspace.jobs,
        workspace.agenda,
        workspace.desks,
    )
    customers.n_blocks[0] = 0
    customers.empty[:] = NOBODY
    customers.closing[:] = 0
    customers.cohort[:] = 0
    for room in (jobs.room, agenda.room):
        room[0] = NOBODY
        room[1] = 0
        room[2] = 0
    agenda.first[:] = NOBODY
    agenda.last[:] = NOBODY
    agenda.size[:] = 0
    desks.held[:] = 0
    desks.head[:] = NOBODY
    desks.tail[:] = NOBODY
    desks.waiting[:] = 0
    desks.lasting[:] = 0
    desks.begun[:] = 0
    desks.lasting_attempts[:] = 0
    desks.begun_attempts[:] = 0
    workspace.log.count[0] = 0
