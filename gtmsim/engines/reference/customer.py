"""Who is sold to and served: a deal, a customer, a service and its billing period."""

from dataclasses import dataclass, field

from gtmsim.engines.reference.buyers import NO_ACCOUNT, Account
from gtmsim.engines.reference.luck import Entity
from gtmsim.engines.reference.terms import (
    ContractTerms,
    MotionTerms,
    SegmentTerms,
    StreamTerms,
)


@dataclass(eq=False)
class Deal:
    """A lead on its way through the funnel; money and time are set at the opportunity."""

    entity: Entity
    stream: StreamTerms
    segment: SegmentTerms
    account: Account = NO_ACCOUNT
    acv: int = 0
    opportunity_time: float = 0.0
    is_of_opening: bool = False  # it was an opportunity at the start
    motion: MotionTerms = field(init=False)

    def __post_init__(self) -> None:
        self.motion = self.segment.motion

    @property
    def is_priced(self) -> bool:
        """Whether its ACV is fixed; it is at least 1 then."""
        return self.acv > 0


@dataclass(eq=False)
class Customer:
    """Someone who signed; ``cap`` is the ARR that expansion never exceeds."""

    entity: Entity
    segment: SegmentTerms
    contract: ContractTerms
    booked_arr: int
    cap: int
    account: Account = NO_ACCOUNT
    cohort: int = 0
    theta: float = 0.0  # yearly churn propensity
    signed: float = 0.0  # time of signature
    load: int = 1000  # thousandths: what it costs to serve, against others of its segment
    price_step: int = 0  # price changes that it pays
    step: int = 0  # times that it moved up to another segment
    moved_up: int = 0  # boundary at which it last did
    attempts: int = 0  # expansion attempts that wait for a rep or are worked, of any service

    def expanded(self, arr: int, raised: int) -> int:
        """ARR after a rise from ``arr`` to ``raised``, at most the cap or what it already is."""
        return min(raised, max(arr, self.cap))


@dataclass
class Period:
    """A stretch of a billing period over which ``amount`` is earned straight-line.

    A change of ARR within the period ends one stretch and begins the next; ``earned_before`` is
    what the earlier ones earned (of use only in arrears, where it is yet to be invoiced).
    """

    amount: int
    anchor: float
    end: float
    earned: int = 0
    earned_before: int = 0

    @property
    def unearned(self) -> int:
        """What the rest of the period will earn."""
        return self.amount - self.earned


@dataclass(eq=False)
class Service:
    """An unbroken time of a customer in service, from its start or return until it leaves."""

    customer: Customer
    start: float
    arr: int
    period: Period = field(default_factory=lambda: Period(0, 0.0, 0.0))
    churn_clock: float = 0.0  # years of churn hazard left
    contraction_clock: float = 0.0  # years left
    contraction_luck: float = 0.0  # uniform that decides the size of the next contraction
    paid_before_failure: int = 0
    retry_luck: float = 0.0  # uniform that decides the retry of the next invoice to fail
    unpaid: int = 0
    default_pending: bool = False
    active: bool = True
    closing_arr: dict[int, int] = field(default_factory=dict)  # by month, -1: the opening
    closing_segment: dict[int, int] = field(default_factory=dict)

    @property
    def entity(self) -> int:
        """Identity of the customer."""
        return self.customer.entity.id

    @property
    def segment(self) -> SegmentTerms:
        """Segment of the customer."""
        return self.customer.segment

    @property
    def contract(self) -> ContractTerms:
        """Contract of the customer."""
        return self.customer.contract

    @property
    def deferred(self) -> int:
        """Invoiced and not yet earned."""
        return 0 if self.contract.in_arrears else self.period.unearned

    @property
    def unbilled(self) -> int:
        """Earned and not yet invoiced."""
        period = self.period
        return period.earned_before + period.earned if self.contract.in_arrears else 0
