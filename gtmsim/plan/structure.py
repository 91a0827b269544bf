"""The Plan's tables: what the engines read, and nothing else.

``Structure`` holds whole numbers and keys that no draw changes; ``Values`` holds the numbers of one
draw. Each table has one row per thing and one column per field; the enumerations name the columns.
A column that refers to a row of another table is -1 where there is none. Money is in minor units,
time in months, boundaries count from 0 (month k of the user lies between boundaries k-1 and k).
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Keys = NDArray[np.uint64]
Flags = NDArray[np.bool_]

OPENING_YEARS = 7
"""Rows of an opening segment's churn distributions: survivors of 0, 1, ... 6 or more years."""


class Source(IntEnum):
    """Where a stream's entities come from."""

    ORGANIC = 0
    SPEND = 1
    OUTBOUND = 2
    VIRALITY = 3
    REFERRALS = 4
    PARTNERS = 5
    EVENTS = 6
    OPENING_CUSTOMERS = 7
    OPENING_PIPELINE = 8


class Purpose(IntEnum):
    """Draws of an entity that have a fixed name; others are named by stage, contract, playbook."""

    LAYER = 0  # u0: points in a layer of a strip
    POINT = 1  # u0: time in the month, u1: height in the layer
    ACV = 2  # u0: list price; u1: age of an opening customer
    POTENTIAL = 3  # u0: expansion cap
    ONBOARDING = 4  # u0: duration
    CHURN = 5  # u0: yearly churn propensity
    CHURN_CLOCK = 6  # u0: unit exponential
    SAVE = 7  # u0: saved or not
    CONTRACTION = 8  # u0: unit exponential, u1: size
    PAYMENT = 9  # u0: paid invoices before the next failure, u1: retry
    WIN_BACK = 10  # u0: returns or not, u1: time away
    SEAT = 11  # u0: unit exponential until the rep leaves
    ROUND = 12  # u0: closes or not
    BUYER = 13  # u0: employees, u1: potential
    BUYER_USE = 14  # u0: complexity, u1: vertical
    BUYER_PLACE = 15  # u0: region, u1: whether the account is free
    SERVICE_LEVEL = 16  # u0: missed in a month or not


MAX_BANDS = 9
"""Bands of ACV beside the lowest."""

MAX_VOLUME_STEPS = 9
"""Steps of a contract's volume discounts."""


class MarketInt(IntEnum):
    """Whole numbers of the market; its classes stand in the order of the qualities."""

    SIZES = 0  # classes of each quality, at least 1
    TIERS = 1
    COMPLEXITIES = 2
    VERTICALS = 3
    REGIONS = 4
    EMPLOYEES_DIST = 5
    POTENTIAL_DIST = 6
    COOL_OFF = 7  # months


N_QUALITIES = 5
"""What classes of accounts are about: the first columns of ``MarketInt``."""


class MarketFloat(IntEnum):
    """Numbers of the market: Pearson correlations of the qualities' normals."""

    SIZE_AND_POTENTIAL = 0
    SIZE_AND_COMPLEXITY = 1
    POTENTIAL_AND_COMPLEXITY = 2


class Effect(IntEnum):
    """What a class or a misfit multiplies."""

    WIN_ODDS = 0
    DURATION = 1
    CHURN = 2
    DELIVERY_COST = 3


TOUCHES = 3
"""Steps of touch: self-service, assisted, field."""


class ReachFloat(IntEnum):
    """Columns of a channel's reach: logarithms of the factors on its median lead."""

    EMPLOYEES_LOG = 0
    POTENTIAL_LOG = 1


class SegmentInt(IntEnum):
    """Whole-number columns of a segment."""

    FUNNEL_FIRST = 0  # row of its own motion's first stage
    FUNNEL_COUNT = 1  # of its own motion
    OPPORTUNITY_ROW = 2  # funnel row of its own motion from which an entry is an opportunity
    CONTRACT_FIRST = 3
    CONTRACT_COUNT = 4
    PLAYBOOK_FIRST = 5
    PLAYBOOK_COUNT = 6
    ONBOARDING_TEAM = 7
    CSM_TEAM = 8
    OPENS_BOUNDARY = 9  # boundary from which it is open; -1: not by month
    OPENS_STAGE = 10  # company stage from which it is open; -1: not by stage
    PRIORITY = 11
    ACV_DIST = 12
    CHURN_DIST = 13
    ONBOARDING_DIST = 14
    CAP_DIST = 15
    CONTRACTION_DIST = 16
    WIN_BACK_DIST = 17
    OPENING_STREAM = 18
    OPENING_COUNT = 19
    OPENING_ACV_DIST = 20
    OPENING_AGE_DIST = 21
    OPENING_CHURN_DIST = 22  # first of OPENING_YEARS rows
    CLOSING_TEAM = 23  # of the last funnel stage that has a team
    POTENTIAL_SHARE_DIST = 24  # of an account's potential; -1: the list price is that of ACV_DIST
    TOUCH = 25  # of its motion
    GRADUATES_TO = 26  # segment; -1: nobody moves up
    BANDS = 27  # of ACV that the queues tell apart, beside the lowest
    IS_CONDITIONAL = 28  # whether it waits for health or cash, and then stays open
    OPENS_AFTER = 29  # segment that must have been healthy; -1: none
    HEALTHY_MONTHS = 30  # closes in a row
    FALLBACK_FIRST = 31  # row of the first stage that low-value deals fall back to; -1: none do


class SegmentFloat(IntEnum):
    """Columns of a segment's numbers."""

    ONBOARDING_COST = 0
    CONTRACTION_HAZARD = 1  # per year
    ACCOUNTS_PER_REP = 2
    CHURN_OVERLOAD = 3
    EXPANSION_OVERLOAD = 4
    SAVE_RATE = 5
    FAIL_RATE = 6
    RETRY_SUCCESS = 7
    RETRY_MONTHS = 8
    WIN_BACK_RATE = 9
    COGS_SHARE = 10
    SUPPORT_PER_MONTH = 11
    GRADUATES_ABOVE = 12  # minor units a year
    ONBOARDING_FEE = 13
    FIRST_VALUE = 14  # months from signature to service; infinite: nobody minds
    LATE_CHURN = 15
    ALARMS_SEEN = 16  # share of churning renewals that the health score sees
    FALSE_ALARMS = 17  # a month and account
    ACCOUNTS_PER_ALARM = 18  # work in accounts, as of the two below
    REVIEWS_PER_MONTH = 19  # an account
    REVIEW_COST = 20
    ACCOUNTS_PER_REVIEW = 21
    REVIEWED_CHURN = 22  # factor on the hazard with all reviews
    PLAN_COST = 23  # a month and account
    ACCOUNTS_PER_PLAN = 24
    PLANNED_EXPANSION = 25  # factor on triggers with all plans
    RUNWAY_TO_OPEN = 26  # months that cash must last before it opens; 0: no such condition
    FALLBACK_BELOW = 27  # minor units a year
    MISSED_SHARE = 28  # of months: the service level is missed
    CREDIT_SHARE = 29  # of a missed month's fee
    MISSED_CHURN = 30  # factor on the churn hazard of a missed month


class HealthFloat(IntEnum):
    """Columns of the limits of a segment that another one waits for."""

    CAC = 0  # minor units
    CAC_TO_ACV = 1
    PAYBACK_MONTHS = 2
    CHURN_PER_YEAR = 3


class FunnelInt(IntEnum):
    """Columns of a funnel stage: a stage of one segment's motion, or of that it falls back to.

    The stages of a motion stand together, and the columns from ``STAGES`` on are alike in them.
    """

    SEGMENT = 0
    TEAM = 1
    DURATION_DIST = 2
    PATIENCE_DIST = 3
    STAGES = 4  # of the motion
    LAST_ROW = 5
    OPPORTUNITY_ROW = 6  # from which an entry is an opportunity
    TOUCH = 7


class FunnelFloat(IntEnum):
    """Columns of a funnel stage's numbers."""

    WIN_RATE = 0
    ENTRY_COST = 1  # cost and touches, whole minor units


class ContractInt(IntEnum):
    """Columns of a contract."""

    SEGMENT = 0
    TERM = 1
    BILLING = 2
    IN_ARREARS = 3
    STARTS_AT_SIGNATURE = 4
    VOLUME_STEPS = 5


class ContractFloat(IntEnum):
    """Columns of a contract's numbers."""

    SHARE = 0
    PAYMENT_MONTHS = 1
    DISCOUNT = 2
    UPLIFT = 3


class VolumeFloat(IntEnum):
    """Columns of a step of a contract's volume discounts."""

    FROM_ACV = 0  # minor units a year; infinite where there is no step
    KEPT = 1  # part that is left of the discounted price
    PULL = 2  # factor on the contract's share among deals of the step, before scaling


class PlaybookInt(IntEnum):
    """Columns of an expansion playbook."""

    SEGMENT = 0
    TEAM = 1
    UPLIFT_DIST = 2
    DURATION_DIST = 3
    PATIENCE_DIST = 4


class PlaybookFloat(IntEnum):
    """Columns of a playbook's numbers."""

    RATE = 0  # triggers per month
    WIN_RATE = 1
    COST = 2


class StreamInt(IntEnum):
    """Columns of a stream: a source of a channel, or an opening position."""

    SOURCE = 0
    CHANNEL = 1
    SEGMENT = 2  # -1: the market's accounts, whose segment depends on them
    FUNNEL_ROW = 3  # stage of an opening pipeline
    COUNT = 4  # entities of an opening position


class StreamFloat(IntEnum):
    """Columns of a stream's numbers."""

    SHARE = 0  # the segment's share of the channel
    REWARD = 1  # per customer won
    PARTNER_COMMISSION = 2  # of booked ARR


class ChannelInt(IntEnum):
    """Columns of a channel."""

    BUDGET = 0
    OUTBOUND_TEAM = 1
    HILL = 2  # 1: Hill curve, 0: power law
    ESTABLISHED = 3


class ChannelFloat(IntEnum):
    """Columns of a channel's numbers."""

    ORGANIC = 0  # leads a month at the start
    GROWTH_LOG = 1  # log of the yearly growth factor
    BUDGET_SHARE = 2
    REFERENCE_SPEND = 3  # Hill: spend that brings half
    LEADS = 4  # Hill: maximum
    EXPONENT = 5  # elasticity, or the Hill slope
    CARRY_OVER = 6
    OUTBOUND_RATE = 7
    VIRALITY_RATE = 8
    REFERRAL_RATE = 9
    PARTNERS = 10
    PARTNERS_ADDED = 11
    PARTNER_RATE = 12
    COST_PER_LEAD = 13


class EventInt(IntEnum):
    """Columns of a channel's event."""

    CHANNEL = 0
    MONTH = 1  # 0-based month in which it takes place
    EVERY = 2  # months between repeats; 0: once


class EventFloat(IntEnum):
    """Columns of an event's numbers."""

    LEADS = 0
    COST = 1


class TeamFunction(IntEnum):
    """Where a team's or cost line's money is shown."""

    SALES = 0
    MARKETING = 1
    SUCCESS = 2
    IMPLEMENTATION = 3
    SUPPORT = 4
    PRODUCT = 5
    G_AND_A = 6


ACQUIRING = (TeamFunction.SALES, TeamFunction.MARKETING)
"""Functions whose money and time count as acquisition."""


class TeamInt(IntEnum):
    """Columns of a team."""

    FUNCTION = 0
    REPS = 1
    LEAD_TIME = 2
    MAX_REPS = 3
    REPLACES = 4
    RULE_MONTHS = 5
    RULE_HIRES = 6
    RAMP_QUARTERS = 7
    IS_ALLOCATED = 8  # whether the allocation limits its pay


class TeamFloat(IntEnum):
    """Columns of a team's numbers."""

    OPEN_DEALS = 0
    LEAVES_PER_MONTH = 1
    COST_PER_MONTH = 2  # of a rep, without commission
    RECRUITING_COST = 3
    COMMISSION = 4
    QUOTA_PER_MONTH = 5
    CUSTOMERS_PER_REP = 6  # 0: no such rule
    UTILISATION_ABOVE = 7  # infinite: no such rule


class HireInt(IntEnum):
    """Columns of a planned hire."""

    TEAM = 0
    BOUNDARY = 1  # -1: by stage
    STAGE = 2  # -1: by month
    COUNT = 3


class RoundInt(IntEnum):
    """Columns of a funding round."""

    MONTH = 0  # 0-based month it is booked in; -1: by stage
    STAGE = 1  # -1: by month
    DELAY = 2  # months from the stage's beginning


class RoundFloat(IntEnum):
    """Columns of a round's numbers."""

    AMOUNT = 0
    CLOSES = 1


class CostInt(IntEnum):
    """Columns of a cost line."""

    FUNCTION = 0


class CostFloat(IntEnum):
    """Columns of a cost line's numbers."""

    GROWTH_LOG = 0
    SHARE_OF_REVENUE = 1


class PriceInt(IntEnum):
    """Columns of a price change."""

    MONTH = 0  # 0-based month from whose start it holds
    RENEWALS = 1


class PriceFloat(IntEnum):
    """Columns of a price change's numbers."""

    FACTOR = 0
    WIN_ODDS_ELASTICITY = 1
    CHURN_ELASTICITY = 2


class CompanyInt(IntEnum):
    """Whole numbers of the company."""

    MONTHS = 0
    START_CALENDAR_MONTH = 1  # 0 = January
    CONFIRM_MONTHS = 2
    FALLS_BACK = 3
    HAS_FLOOR = 4
    HIRING_FREEZE = 5
    ALLOCATED_BUDGET = 6  # budget that is the allocation's marketing part; -1: no allocation
    LARGEST_LEAVES = 7  # boundary at which the largest customer leaves; -1: never


class CompanyFloat(IntEnum):
    """Numbers of the company."""

    CASH = 0
    FLOOR_CASH = 1
    SPEND_CUT = 2
    BRIDGE = 3
    BURN_LIMIT = 4  # of the allocation, a month; infinite without one
    REFERENCE_PRODUCT_SPEND = 5
    PRODUCT_ELASTICITY = 6  # of churn; 0: product spend does nothing to it
    PRODUCT_ODDS_ELASTICITY = 7  # of the odds of winning


class AllocationFloat(IntEnum):
    """Columns of the allocation, by company stage."""

    PER_MONTH = 0  # infinite where a burn limit alone makes the total
    SHARE_OF_ARR = 1  # a month
    PRODUCT = 2  # share of the total, as those below
    MARKETING = 3
    SALES_AND_SUCCESS = 4
    SUPPORT = 5


class Structure(NamedTuple):
    """What no draw changes.

    S segments, R funnel stages, K contracts, P playbooks, N streams, C channels, E events, T teams,
    G company stages, H hires, Q rounds, L cost lines, B budgets, W stacks; K classes of accounts
    and F profiles, the first of them that of a lead without attributes.
    """

    company: Ints  # (CompanyInt,)
    segment: Ints  # (S, SegmentInt)
    funnel: Ints  # (R, FunnelInt)
    contract: Ints  # (K, ContractInt)
    playbook: Ints  # (P, PlaybookInt)
    stream: Ints  # (N, StreamInt)
    channel: Ints  # (C, ChannelInt)
    event: Ints  # (E, EventInt)
    team: Ints  # (T, TeamInt)
    hire: Ints  # (H, HireInt)
    round: Ints  # (Q, RoundInt)
    cost: Ints  # (L, CostInt)
    stage_opens: Flags  # (G, S): the stage's policy opens the segment
    stack_of: Flags  # (S, W): the segment needs the stack, nested ones included
    virality_of: Flags  # (C, S): customers that count for virality
    referral_of: Flags  # (C, S): customers that count for referrals
    customers_of: Flags  # (T, S): customers that the hiring rule counts
    works_for: Flags  # (T, S): segments that the team is said to work for
    price: Ints  # (Z, PriceInt) price changes
    price_of: Flags  # (Z, S): segments whose prices change
    market: Ints  # (MarketInt,)
    class_needs: Ints  # (K,) step of touch
    segment_of: Ints  # (F,) segment of a profile; -1 for the first
    purpose_key: Keys  # (Purpose,)
    stream_key: Keys  # (N,)
    segment_key: Keys  # (S,)
    team_key: Keys  # (T,)
    round_key: Keys  # (Q,)
    stage_key: Keys  # (R,) u0: outcome, u1: duration
    patience_key: Keys  # (R,) u0: patience
    contract_key: Keys  # (K,) u0: race for the menu
    clock_key: Keys  # (P,) u0: unit exponential
    attempt_key: Keys  # (P,) u0: outcome, u1: uplift
    work_key: Keys  # (P,) u0: duration, u1: patience


class Values(NamedTuple):
    """The numbers of one draw; rows as in ``Structure``."""

    company: Floats  # (CompanyFloat,)
    segment: Floats  # (S, SegmentFloat)
    health: Floats  # (S, HealthFloat); infinite for segments that no other waits for
    funnel: Floats  # (R, FunnelFloat)
    contract: Floats  # (K, ContractFloat)
    volume: Floats  # (K, MAX_VOLUME_STEPS, VolumeFloat)
    playbook: Floats  # (P, PlaybookFloat)
    stream: Floats  # (N, StreamFloat)
    channel: Floats  # (C, ChannelFloat)
    season: Floats  # (C, 12) January first
    mix: Floats  # (C, S) share of the channel's leads per segment; rows sum to 1
    spend: Floats  # (C, G) spend a month by company stage
    event: Floats  # (E, EventFloat)
    team: Floats  # (T, TeamFloat)
    ramp: Floats  # (T, longest ramp)
    round: Floats  # (Q, RoundFloat)
    cost: Floats  # (L, CostFloat)
    cost_amount: Floats  # (L, G) amount a month by company stage
    budget_amount: Floats  # (B, G)
    budget_share_of_arr: Floats  # (B, G) a month
    allocation: Floats  # (G, AllocationFloat)
    stage_from_arr: Floats  # (G,)
    stack_cost: Floats  # (W,) a month
    price: Floats  # (Z, PriceFloat)
    band: Floats  # (S, MAX_BANDS) ACV from which a deal is in it; infinite where there is none
    market: Floats  # (MarketFloat,)
    class_number: Floats  # (K,) lower end in employees or minor units, or share of the market
    class_effect: Floats  # (K, Effect)
    misfit: Floats  # (2 TOUCHES - 1, Effect) by touch given less touch needed, from the lowest
    reach: Floats  # (C, ReachFloat)
    reach_weight: Floats  # (C, K)
    accounts: Floats  # (tiers,) accounts of the market; infinite if it never runs dry
    dists: Floats  # (D, DIST_WIDTH) distributions, see gtmsim.draws.families
    table_specs: Floats  # (tables, 3): family, a, b of each quantile table, in table order
