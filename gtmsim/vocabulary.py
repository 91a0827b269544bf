"""The words that scenarios, engines, results and reports share: accounts, events, purposes.

An account is a column of a book; the enumeration gives its column, the tables below its unit and
meaning. Money is in minor units (hundredths) in the books, ARR too.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

MINOR_UNITS = 100
DAYS_PER_MONTH = 30.4375
MONTHS_PER_QUARTER = 3
MONTHS_PER_YEAR = 12
TOP_TEN = 10
"""Customers whose part of ARR tells how much hangs on few."""
TICKS_PER_MONTH = 1 << 20
"""Worked and waiting time is counted in whole ticks, so that sums do not depend on order."""


def years_begun(months: int) -> int:
    """Years of the simulation that begin within so many months."""
    return -(-months // MONTHS_PER_YEAR)


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
    # stocks at the month's end: measured customer by customer, or carried from month to month
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
    # of the largest customer
    LARGEST_CUSTOMER_ARR = 54
    # deals won, and the pipeline at list price
    SALES_CYCLE_TICKS = 55
    PIPELINE_CREATED_ARR = 56
    PIPELINE_CLOSED_ARR = 57
    # a stock that is carried, and a flag
    RECEIVABLES = 58
    IS_OPEN = 59
    # parts: of bookings, of commissions, of the sellers' cost and time
    SAME_QUARTER_BOOKED_ARR = 60
    EXPANSION_COMMISSIONS = 61
    EXPANSION_TEAM_COST = 62
    SELLER_TICKS = 63
    # a stock: customers in service, each weighted by what it costs to serve
    SERVICE_MILLI_LOAD = 64
    # moved up into the segment, less moved out of it; they sum to 0 over the segments
    TRANSFERRED_CUSTOMERS = 65
    TRANSFERRED_ARR = 66
    TRANSFERRED_DEFERRED_REVENUE = 67
    # one-off services, outside billings, revenue and collections of contracts
    SERVICES_REVENUE = 68
    SERVICES_COLLECTIONS = 69
    # beside the success teams' pay
    SUCCESS_PROGRAMME_COST = 70
    # given back for a missed service level, and no part of revenue
    SERVICE_CREDITS = 71


class ChannelAccount(IntEnum):
    """Columns of the channel book, per month, segment and channel.

    The last channel is the opening pipeline.
    """

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
    QUOTA = 13
    REPS_ON_QUOTA = 14
    REPS_AT_QUOTA = 15


class CohortAccount(IntEnum):
    """Columns of the cohort book, per month, segment and year of first service (0 = opening)."""

    CUSTOMERS = 0
    ARR = 1


class LeadCohortAccount(IntEnum):
    """Columns of the lead-cohort book, per month in which a lead came and segment."""

    VARIABLE_COST = 0
    SELLER_TICKS = 1
    NEW_LOGOS = 2
    BOOKED_ARR = 3
    OPEN_LEADS = 4


class MarketAccount(IntEnum):
    """Columns of the market book, per month and tier of ACV potential."""

    TAKEN = 0
    FREED = 1
    BUSY = 2


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
    OPENING_CASH = 12
    TOP_TEN_ARR = 13


Kind = Literal["flow", "stock"]
Unit = Literal[
    "count", "ARR", "currency", "ticks", "flag", "milli-reps", "milli-customers", "index"
]


@dataclass(frozen=True)
class Account:
    """What a column holds."""

    name: str
    unit: Unit
    kind: Kind
    long_name: str


# Accounts in column order. Names are those of the variables of a results Dataset, where all books
# meet: what a book other than the segment's holds is named after it. They name what is measured,
# time and reps, not the ticks and thousandths that a column counts it in.

SEGMENT_ACCOUNTS = (
    Account("leads", "count", "flow", "Leads, whether the segment was open or not"),
    Account("unserved_leads", "count", "flow", "Leads that found the segment closed"),
    Account("opportunities", "count", "flow", "Opportunities created"),
    Account("lost_opportunities", "count", "flow", "Opportunities lost, or gone while waiting"),
    Account("new_logos", "count", "flow", "Contracts signed with new customers"),
    Account("new_customers", "count", "flow", "New customers whose service started"),
    Account("reactivated_customers", "count", "flow", "Churned customers who came back"),
    Account("churned_customers", "count", "flow", "Customers lost, involuntary churn included"),
    Account(
        "involuntary_churned_customers", "count", "flow", "Customers lost because they did not pay"
    ),
    Account("ceased_customers", "count", "flow", "Customers that insolvency took"),
    Account("saved_customers", "count", "flow", "Churning customers whom customer success kept"),
    Account("renewals_due", "count", "flow", "Contracts up for renewal"),
    Account("expansions", "count", "flow", "Expansions won"),
    Account("expansion_triggers", "count", "flow", "Expansion playbooks triggered"),
    Account("contractions", "count", "flow", "Renewals at less ARR"),
    Account("booked_arr", "ARR", "flow", "ARR of contracts signed with new customers"),
    Account("new_arr", "ARR", "flow", "ARR of new customers from the start of service"),
    Account("reactivated_arr", "ARR", "flow", "ARR of customers who came back"),
    Account("expansion_arr", "ARR", "flow", "ARR added by customers in service, uplift included"),
    Account("uplift_arr", "ARR", "flow", "Part of expansion: price increases at renewal"),
    Account("contraction_arr", "ARR", "flow", "ARR given up by customers who stayed"),
    Account("churned_arr", "ARR", "flow", "ARR of customers lost, involuntary churn included"),
    Account(
        "involuntary_churned_arr", "ARR", "flow", "ARR of customers lost because they did not pay"
    ),
    Account("ceased_arr", "ARR", "flow", "ARR that insolvency took"),
    Account("renewal_due_arr", "ARR", "flow", "ARR of contracts up for renewal"),
    Account("renewal_lost_arr", "ARR", "flow", "ARR of contracts that churned at renewal"),
    Account("billings", "currency", "flow", "Invoices issued"),
    Account("credit_notes", "currency", "flow", "Invoices taken back for service not rendered"),
    Account(
        "revenue",
        "currency",
        "flow",
        "Revenue recognised, straight-line over service, less service credits",
    ),
    Account("collections", "currency", "flow", "Cash received from customers"),
    Account("bad_debt", "currency", "flow", "Invoices for service rendered, written off"),
    Account("cogs", "currency", "flow", "Hosting and third-party cost of the service"),
    Account("support_cost", "currency", "flow", "Support cost per customer"),
    Account("onboarding_cost", "currency", "flow", "Onboarding cost per customer"),
    Account("commissions", "currency", "flow", "Commissions earned by the month's bookings"),
    Account("commissions_paid", "currency", "flow", "Commissions paid, for the month before"),
    Account("stage_cost", "currency", "flow", "Cost and touches of funnel stages entered"),
    Account("lead_cost", "currency", "flow", "Cost per lead"),
    Account("referral_cost", "currency", "flow", "Rewards and partner commissions"),
    Account("expansion_cost", "currency", "flow", "Cost of expansion triggers"),
    Account("channel_spend", "currency", "flow", "Channel spend and events, by share of leads"),
    Account("sales_team_cost", "currency", "flow", "Cost of sales and marketing teams, by work"),
    Account(
        "success_team_cost",
        "currency",
        "flow",
        "Cost of success and implementation teams, by work and customers",
    ),
    Account("tools_cost", "currency", "flow", "Cost of the tools that the segment needs"),
    Account("closing_customers", "count", "stock", "Customers in service at the month's end"),
    Account("closing_arr", "ARR", "stock", "ARR in service at the month's end"),
    Account("closing_monthly_arr", "ARR", "stock", "Part of ARR on month-to-month terms"),
    Account(
        "signed_not_started_arr", "ARR", "stock", "ARR signed and not yet in service (CARR - ARR)"
    ),
    Account("deferred_revenue", "currency", "stock", "Invoiced and not yet earned"),
    Account("unbilled_receivables", "currency", "stock", "Earned and not yet invoiced"),
    Account("open_opportunities", "count", "stock", "Opportunities open at the month's end"),
    Account("open_pipeline_arr", "ARR", "stock", "ACV of opportunities open at the month's end"),
    Account("retained_arr", "ARR", "stock", "ARR now of the customers of twelve months ago"),
    Account(
        "retained_arr_capped",
        "ARR",
        "stock",
        "ARR now, at most that of then, of the customers of twelve months ago",
    ),
    Account("largest_customer_arr", "ARR", "stock", "ARR of the largest customer"),
    Account(
        "sales_cycle_time", "ticks", "flow", "Time from opportunity to signature, over deals won"
    ),
    Account("pipeline_created_arr", "ARR", "flow", "ACV of opportunities created"),
    Account("pipeline_closed_arr", "ARR", "flow", "ACV of opportunities won, lost or gone"),
    Account(
        "receivables",
        "currency",
        "stock",
        "Invoiced and not yet paid or written off, services fees included",
    ),
    Account("is_open", "flag", "stock", "1 in months in which the segment is sold to"),
    Account(
        "same_quarter_booked_arr",
        "ARR",
        "flow",
        "Part of ARR booked: its opportunity came in the same quarter (months 1-3, 4-6, ...)",
    ),
    Account(
        "expansion_commissions", "currency", "flow", "Part of commissions: earned by expansions"
    ),
    Account(
        "expansion_team_cost",
        "currency",
        "flow",
        "Part of the cost of sales and marketing teams: work on expansions",
    ),
    Account(
        "seller_time",
        "ticks",
        "flow",
        "Time for which sales and marketing teams' slots were taken, expansions apart",
    ),
    Account(
        "service_load",
        "milli-customers",
        "stock",
        "Customers in service, each weighted by its delivery cost",
    ),
    Account(
        "transferred_customers",
        "count",
        "flow",
        "Customers who moved up into the segment, less those who moved up out of it",
    ),
    Account(
        "transferred_arr", "ARR", "flow", "ARR moved up into the segment, less that moved out of it"
    ),
    Account(
        "transferred_deferred_revenue",
        "currency",
        "flow",
        "Deferred revenue, less unbilled receivables, that moved with customers",
    ),
    Account("services_revenue", "currency", "flow", "One-off services fees, invoiced and earned"),
    Account("services_collections", "currency", "flow", "Cash received for services fees"),
    Account(
        "success_programme_cost", "currency", "flow", "Cost of business reviews and account plans"
    ),
    Account(
        "service_credits",
        "currency",
        "flow",
        "Credits paid for a missed service level, taken off revenue",
    ),
)

CHANNEL_ACCOUNTS = (
    Account("leads_by_channel", "count", "flow", "Leads, whether the segment was open or not"),
    Account("unserved_leads_by_channel", "count", "flow", "Leads that found the segment closed"),
    Account("opportunities_by_channel", "count", "flow", "Opportunities created"),
    Account(
        "lost_opportunities_by_channel", "count", "flow", "Opportunities lost, or gone waiting"
    ),
    Account("new_logos_by_channel", "count", "flow", "Contracts signed with new customers"),
    Account("booked_arr_by_channel", "ARR", "flow", "ARR of contracts signed with new customers"),
    Account("spend_by_channel", "currency", "flow", "Channel spend and events, by share of leads"),
    Account(
        "variable_cost_by_channel",
        "currency",
        "flow",
        "Cost of leads, stages, rewards and partner commissions",
    ),
)

FUNNEL_ACCOUNTS = (
    Account("funnel_entered", "count", "flow", "Entries into the funnel stage"),
    Account("funnel_won", "count", "flow", "Entries that went on, or won the deal"),
    Account("funnel_lost", "count", "flow", "Entries lost by their outcome"),
    Account("funnel_expired", "count", "flow", "Entries lost while waiting for a rep"),
)

TEAM_ACCOUNTS = (
    Account("team_headcount", "count", "stock", "Reps in the month"),
    Account("team_hired", "count", "flow", "Reps who started"),
    Account("team_left", "count", "flow", "Reps who left"),
    Account("team_ramped_reps", "milli-reps", "stock", "Reps, each weighted by ramp"),
    Account("team_slots", "count", "stock", "Deals, projects or requests that reps can hold"),
    Account("team_requests", "count", "flow", "Requests for a rep"),
    Account("team_grants", "count", "flow", "Requests that got a rep"),
    Account("team_expired", "count", "flow", "Requests given up while waiting"),
    Account("team_worked_time", "ticks", "flow", "Time for which slots were taken"),
    Account("team_waited_time", "ticks", "flow", "Time that granted requests had waited"),
    Account("team_waiting", "count", "stock", "Requests waiting at the month's end"),
    Account("team_booked_arr", "ARR", "flow", "ARR of new deals and expansions that it worked"),
    Account("team_cost", "currency", "flow", "Pay, tools and recruiting, without commissions"),
    Account("team_quota", "ARR", "flow", "Bookings expected of the month's reps, by their ramp"),
    Account(
        "team_reps_on_quota", "count", "flow", "In month 12, 24, ...: reps with a quota in the year"
    ),
    Account(
        "team_reps_at_quota", "count", "flow", "In month 12, 24, ...: those who reached their quota"
    ),
)

COHORT_ACCOUNTS = (
    Account("cohort_customers", "count", "stock", "Customers in service at the month's end"),
    Account("cohort_arr", "ARR", "stock", "ARR in service at the month's end"),
)

LEAD_COHORT_ACCOUNTS = (
    Account(
        "lead_cohort_variable_cost",
        "currency",
        "flow",
        "Leads of the month: cost of leads, stages, rewards and commissions so far",
    ),
    Account(
        "lead_cohort_seller_time",
        "ticks",
        "flow",
        "Leads of the month: time of sales and marketing teams so far, expansions apart",
    ),
    Account(
        "lead_cohort_new_logos", "count", "flow", "Leads of the month: contracts signed so far"
    ),
    Account("lead_cohort_booked_arr", "ARR", "flow", "Leads of the month: ARR signed so far"),
    Account(
        "lead_cohort_open_leads",
        "count",
        "flow",
        "Leads of the month: neither won nor lost at the end of the simulation",
    ),
)

MARKET_ACCOUNTS = (
    Account("accounts_taken", "count", "flow", "Accounts of the market that became leads"),
    Account(
        "accounts_freed",
        "count",
        "flow",
        "Accounts of the market that can be leads again, lost and cooled off",
    ),
    Account(
        "accounts_busy",
        "count",
        "stock",
        "Accounts of the market in the funnel, in service or cooling off",
    ),
)

COMPANY_ACCOUNTS = (
    Account("funding", "currency", "flow", "Money from funding rounds"),
    Account("product_cost", "currency", "flow", "Running costs of product"),
    Account("general_cost", "currency", "flow", "Running costs of general and administration"),
    Account("company_marketing_cost", "currency", "flow", "Marketing costs of no one segment"),
    Account("company_sales_cost", "currency", "flow", "Sales costs of no one segment"),
    Account("company_success_cost", "currency", "flow", "Success costs of no one segment"),
    Account("company_support_cost", "currency", "flow", "Support costs of no one segment"),
    Account("cash", "currency", "stock", "Cash at the month's end"),
    Account("insolvent", "flag", "stock", "1 once cash has ended a month below zero"),
    Account("company_stage", "index", "stock", "Company stage of closing ARR"),
    Account("policy_stage", "index", "stock", "Company stage whose policy the month followed"),
    Account("floor_active", "flag", "stock", "1 while the low-cash policy acts"),
    Account("opening_cash", "currency", "stock", "Cash at the start"),
    Account("top_ten_arr", "ARR", "stock", "ARR of the ten largest customers"),
)

OPENING_STOCKS = (
    SegmentAccount.CLOSING_CUSTOMERS,
    SegmentAccount.CLOSING_ARR,
    SegmentAccount.CLOSING_MONTHLY_ARR,
    SegmentAccount.SIGNED_NOT_STARTED_ARR,
    SegmentAccount.DEFERRED_REVENUE,
    SegmentAccount.UNBILLED_RECEIVABLES,
    SegmentAccount.RECEIVABLES,
    SegmentAccount.OPEN_OPPORTUNITIES,
    SegmentAccount.OPEN_PIPELINE_ARR,
)
"""What the opening position states per segment; ``opening_stock`` names and explains each."""


def opening_stock(account: SegmentAccount) -> Account:
    """Return the account of a stock at the start of month 1, such as ``opening_arr``."""
    closing = SEGMENT_ACCOUNTS[account]
    name = f"opening_{closing.name.removeprefix('closing_')}"
    long_name = closing.long_name.replace("at the month's end", "at the start")
    return Account(name, closing.unit, "stock", f"Opening position: {long_name}")


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
    GRADUATED = 26
    FEE_INVOICED = 27
    FEE_PAID = 28
    TERMINATED = 29
    # the company's
    REP_STARTED = 30
    REP_LEFT = 31
    STAGE_REACHED = 32
    SEGMENT_OPENED = 33
    FUNDED = 34
    INSOLVENT = 35


OPENING_CHANNEL = "opening"
"""Name of the pseudo-channel that opening customers and pipeline are booked under."""
