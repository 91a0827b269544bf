"""The words that scenarios, engines, results and reports share: accounts, events, purposes.

An account is a column of a book; the enumeration gives its column, the tables below its unit and
meaning. Money is in minor units (hundredths) in the books, ARR too.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

MINOR_UNITS = 100
DAYS_PER_MONTH = 30.4375
TICKS_PER_MONTH = 1 << 20
"""Worked and waiting time is counted in whole ticks, so that sums do not depend on order."""


class SegmentAccount(IntEnum):
    """Columns of the segment book, per month and segment."""

    # counts
    LEADS = 0
    UNSERVED_LEADS = 1
    OPPORTUNITIES = 2
    LOST_OPPORTUNITIES = 3
    NEW_LOGOS = 4
    NEW_CUSTOMERS = 5
    REACTIVATED_CUSTOMERS = 6
    CHURNED_CUSTOMERS = 7
    INVOLUNTARY_CHURNED_CUSTOMERS = 8
    CEASED_CUSTOMERS = 9
    SAVED_CUSTOMERS = 10
    RENEWALS_DUE = 11
    EXPANSIONS = 12
    EXPANSION_TRIGGERS = 13
    CONTRACTIONS = 14
    # annual recurring revenue
    BOOKED_ARR = 15
    NEW_ARR = 16
    REACTIVATED_ARR = 17
    EXPANSION_ARR = 18
    UPLIFT_ARR = 19
    CONTRACTION_ARR = 20
    CHURNED_ARR = 21
    INVOLUNTARY_CHURNED_ARR = 22
    CEASED_ARR = 23
    RENEWAL_DUE_ARR = 24
    RENEWAL_LOST_ARR = 25
    # money
    BILLINGS = 26
    CREDIT_NOTES = 27
    REVENUE = 28
    COLLECTIONS = 29
    BAD_DEBT = 30
    COGS = 31
    SUPPORT_COST = 32
    ONBOARDING_COST = 33
    COMMISSIONS = 34
    COMMISSIONS_PAID = 35
    STAGE_COST = 36
    LEAD_COST = 37
    REFERRAL_COST = 38
    EXPANSION_COST = 39
    CHANNEL_SPEND = 40
    SALES_TEAM_COST = 41
    SUCCESS_TEAM_COST = 42
    TOOLS_COST = 43
    # stocks at the month's end, measured customer by customer
    CLOSING_CUSTOMERS = 44
    CLOSING_ARR = 45
    CLOSING_MONTHLY_ARR = 46
    SIGNED_NOT_STARTED_ARR = 47
    DEFERRED_REVENUE = 48
    UNBILLED_RECEIVABLES = 49
    OPEN_OPPORTUNITIES = 50
    OPEN_PIPELINE_ARR = 51
    # of the customers of twelve months ago: their ARR now, and now but at most then
    RETAINED_ARR = 52
    RETAINED_ARR_CAPPED = 53
    # the largest customers
    LARGEST_CUSTOMER_ARR = 54
    SALES_CYCLE_TICKS = 55
    PIPELINE_CREATED_ARR = 56
    PIPELINE_CLOSED_ARR = 57


class ChannelAccount(IntEnum):
    """Columns of the channel book, per month, segment and channel (the last channel is the
    opening pipeline)."""

    LEADS = 0
    UNSERVED_LEADS = 1
    OPPORTUNITIES = 2
    LOST_OPPORTUNITIES = 3
    NEW_LOGOS = 4
    BOOKED_ARR = 5
    SPEND = 6
    VARIABLE_COST = 7


class FunnelAccount(IntEnum):
    """Columns of the funnel book, per month and funnel stage (a stage of a segment's motion)."""

    ENTERED = 0
    WON = 1
    LOST = 2
    EXPIRED = 3


class TeamAccount(IntEnum):
    """Columns of the team book, per month and team."""

    HEADCOUNT = 0
    HIRED = 1
    LEFT = 2
    RAMPED_MILLI_REPS = 3
    SLOTS = 4
    REQUESTS = 5
    GRANTS = 6
    EXPIRED = 7
    WORKED_TICKS = 8
    WAITED_TICKS = 9
    WAITING = 10
    BOOKED_ARR = 11
    COST = 12


class CohortAccount(IntEnum):
    """Columns of the cohort book, per month, segment and year of first service (0 = opening)."""

    CUSTOMERS = 0
    ARR = 1


class CompanyAccount(IntEnum):
    """Columns of the company book, per month."""

    FUNDING = 0
    PRODUCT_COST = 1
    GENERAL_COST = 2
    MARKETING_COST = 3
    SALES_COST = 4
    SUCCESS_COST = 5
    SUPPORT_COST = 6
    CASH = 7
    INSOLVENT = 8
    STAGE = 9
    POLICY_STAGE = 10
    FLOOR_ACTIVE = 11


Kind = Literal["flow", "stock"]
Unit = Literal["count", "ARR", "currency", "ticks", "flag", "milli-reps", "index"]


@dataclass(frozen=True)
class Account:
    """What a column holds."""

    name: str
    unit: Unit
    kind: Kind
    long_name: str


class EventKind(IntEnum):
    """Entries of the ledger, in the order in which they happen at one instant."""

    # one entity's instant; the numbers order the ledger, they are not causes
    LEAD = 0
    UNSERVED = 1
    STAGE_ENDED = 2
    RELEASED = 3
    GRANTED = 4
    EXPIRED = 5
    STAGE_ENTERED = 6
    OPPORTUNITY = 7
    REQUESTED = 8
    LOST = 9
    WON = 10
    ONBOARDING_STARTED = 11
    WENT_LIVE = 12
    SERVICE_STARTED = 13
    REACTIVATED = 14
    RENEWED = 15
    SAVED = 16
    CONTRACTED = 17
    UPLIFTED = 18
    EXPANSION_TRIGGERED = 19
    EXPANDED = 20
    EXPANSION_FAILED = 21
    CHURNED = 22
    INVOICED = 23
    PAID = 24
    DEFAULTED = 25
    # the company's
    REP_STARTED = 26
    REP_LEFT = 27
    STAGE_REACHED = 28
    SEGMENT_OPENED = 29
    FUNDED = 30
    INSOLVENT = 31


OPENING_CHANNEL = "opening"
"""Name of the pseudo-channel that opening customers and pipeline are booked under."""
