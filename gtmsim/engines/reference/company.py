"""What the processes of one replication share."""

from simpy import Event, Process

from gtmsim.draws.keys import replication_key
from gtmsim.engines.reference.accounts import Accounts
from gtmsim.engines.reference.buyers import Pool
from gtmsim.engines.reference.clock import Clock, Life
from gtmsim.engines.reference.customer import Service
from gtmsim.engines.reference.luck import Luck
from gtmsim.engines.reference.sellers import Hold, Team
from gtmsim.engines.reference.terms import TermsReader
from gtmsim.plan.structure import CompanyInt, Floats, Structure, TeamFloat, Values
from gtmsim.rules.boundary import close_month, open_month
from gtmsim.rules.money import round_half_up
from gtmsim.rules.state import new_books, new_state, reset
from gtmsim.vocabulary import MONTHS_PER_YEAR, EventKind, SegmentAccount, TeamAccount


class Company:
    """One replication of a company.

    Attributes
    ----------
    clock
        The SimPy environment; ``clock.now`` in months, ``yield clock.at(time)`` waits for a time.
    luck
        Draws by entity, purpose and number.
    terms
        The Plan: segments with their stages, contracts and playbooks; streams of leads.
    accounts
        Books and ledger: ``post_segment``, ``post_team``, ``log``, ...
    state
        What the policy left for the month: open segments, intensities, seats, churn multipliers.
    pool
        Accounts of the market that are taken and come free.
    teams
        Teams in the Plan's order; ``yield team.request(work)`` waits for a rep.
    in_service
        Services that are running, in the order of their start.
    month_opened
        Event to ``yield`` for: the next boundary, after the policy has acted.
    """

    def __init__(
        self,
        structure: Structure,
        values: Values,
        tables: Floats,
        key: tuple[int, int, int],
        keeps_ledger: bool = False,
    ) -> None:
        """Set up the company; ``key`` is (seed, draw, replication)."""
        self.structure, self.values = structure, values
        self.k0, self.k1 = replication_key(*key)
        self.clock = Clock()
        self.luck = Luck(structure, self.k0, self.k1)
        self.terms = TermsReader(structure, values, tables).terms()
        self.state, self.books = new_state(structure), new_books(structure)
        reset(self.state, self.books)
        self.accounts = Accounts(self.clock, self.books, keeps_ledger)
        self.pool = Pool(structure, self.terms, self.books)
        self.teams = tuple(
            Team(row, self.accounts, structure, self.state) for row in range(len(structure.team))
        )
        self.in_service: dict[Service, None] = {}
        self.month_opened = Event(self.clock)

    @property
    def months(self) -> int:
        """Horizon."""
        return int(self.structure.company[CompanyInt.MONTHS])

    @property
    def month(self) -> int:
        """0-based month of the present instant."""
        return self.accounts.month

    def begin(self, life: Life) -> Process:
        """Let a process live on its own from now on."""
        return self.clock.process(life)

    def set_policy(self, month: int) -> None:
        """Let the policy of a month act."""
        open_month(self.structure, self.values, self.k0, self.k1, month, self.state, self.books)

    def open_month(self) -> None:
        """Grant what capacity is free, and wake who waits for the month."""
        for team in self.teams:
            team.grant_free_slots()
        self.month_opened.succeed()
        self.month_opened = Event(self.clock)

    def close_month(self, month: int) -> bool:
        """Let the books be closed; tell whether the company is solvent."""
        return bool(close_month(self.structure, self.values, month, self.state, self.books))

    def post(self, service: Service, account: SegmentAccount, amount: int = 1) -> None:
        """Post to a customer's segment."""
        self.accounts.post_segment(service.segment.row, account, amount)

    def log(self, service: Service, kind: EventKind, amount: int) -> None:
        """Write a ledger entry about a customer's contract."""
        self.accounts.log(
            kind, service.entity, service.segment.row, service.contract.row, amount=amount
        )

    def post_bookings(self, segment: int, team: int, arr: int) -> int:
        """Credit a team with booked ARR, and its segment with the commission, which it returns."""
        rate = self.values.team[team, TeamFloat.COMMISSION]
        commission = int(round_half_up(rate * arr))
        self.accounts.post_team(team, TeamAccount.BOOKED_ARR, arr)
        self.accounts.post_segment(segment, SegmentAccount.COMMISSIONS, commission)
        return commission

    def credit_rep(self, hold: Hold, arr: int) -> None:
        """Credit the rep of a hold with booked ARR, unless that rep has left."""
        self.teams[hold.team].credit(hold, arr, self.month // MONTHS_PER_YEAR)
