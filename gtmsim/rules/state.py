"""What a replication carries from boundary to boundary, and the books it fills."""

from typing import NamedTuple

import numpy as np

from gtmsim.draws.families import BETA
from gtmsim.draws.tables import TABLE_SIZE, fill_beta_table, fill_gamma_table
from gtmsim.jit import kernel
from gtmsim.plan.structure import (
    CompanyInt,
    Flags,
    Floats,
    Ints,
    MarketInt,
    Structure,
    TeamInt,
    Values,
)
from gtmsim.vocabulary import (
    ChannelAccount,
    CohortAccount,
    CompanyAccount,
    FunnelAccount,
    LeadCohortAccount,
    MarketAccount,
    SegmentAccount,
    TeamAccount,
    years_begun,
)


class State(NamedTuple):
    """What the policy leaves for the month that begins; engines write what they are said to.

    S segments, R funnel rows, P playbooks, N streams, C channels, T teams, X seats, M months, Y
    years, G stages.
    """

    open_segments: Flags  # (S,)
    intensity: Floats  # (N,) leads a month
    seat_slots: Ints  # (T, X) deals that the seat may hold
    churn_multiplier: Floats  # (S,) on the churn hazard
    product_odds: Floats  # (M, R) on the odds of a stage, for leads that came in the month
    save_rate: Floats  # (S,)
    hazard: Floats  # (P,) cumulative expansion hazard at the month's start
    rate: Floats  # (P,) expansion triggers a month
    worked_ticks: Ints  # (T, S) of the month; the engine adds, the boundary clears
    expansion_ticks: Ints  # (T, S) the part of them that expansion attempts took
    seat_booked: Ints  # (T, X, Y) ARR that the seat's rep booked; the engine adds
    # the policy's own memory
    company: Ints  # (N_COMPANY_STATE,)
    seat_start: Ints  # (T, X) boundary at which the rep started; EMPTY_SEAT if none
    seat_leaves: Floats  # (T, X) time at which the rep leaves
    seat_generation: Ints  # (T, X)
    seat_quota: Ints  # (T, X) of the seat's rep in the year so far
    starts: Ints  # (T, M + 1) reps due to start at a boundary
    level_missed: Flags  # (S,) the service level is missed in the month
    unused_revenue: Ints  # (S,) of the month, for service never rendered; as worked_ticks
    missed_months: Ints  # (M + 1, S) months before a boundary in which it was missed
    waiting_hires: Ints  # (T,) reps whose start the allocation put off
    allocated: Floats  # (N_ALLOCATED,) minor units of the month
    busy_months: Ints  # (T,) months in a row over the utilisation rule
    healthy_months: Ints  # (S,) closes in a row at which a segment that others wait for was healthy
    months_above: Ints  # (G,) closes in a row at or above a stage's threshold
    round_month: Ints  # (Q,) month in which a round is due; NOT_DUE if it is not known yet
    effect: Floats  # (C,) spend smoothed by carry-over
    free_share: Floats  # (tiers,) part of the market's accounts that can be leads
    weights: Floats  # (S,) scratch: kernels without reference counts allocate nothing


class Books(NamedTuple):
    """Integer sums per month; columns are the account enumerations of the vocabulary."""

    segment: Ints  # (M, S, SegmentAccount)
    channel: Ints  # (M, S, C + 1, ChannelAccount)
    funnel: Ints  # (M, R, FunnelAccount)
    team: Ints  # (M, T, TeamAccount)
    cohort: Ints  # (M, S, Y + 1, CohortAccount)
    lead_cohort: Ints  # (M, S, LeadCohortAccount) by the month in which the lead came
    market: Ints  # (M, tiers, MarketAccount)
    company: Ints  # (M, CompanyAccount)
    opening: Ints  # (S, SegmentAccount) stocks at the start of month 0


EMPTY_SEAT = -(1 << 40)
RAMPED_SINCE = -1200
NOT_DUE = -1

POLICY_STAGE = 0
HIGHEST_STAGE = 1  # that the policy has ever been in
FLOOR_ACTIVE = 2
BRIDGE_USED = 3
N_COMPANY_STATE = 4

PRODUCT_PART = 0
MARKETING_PART = 1
PAY_LEFT = 2  # of the sales and success part, for hires
SPENT = 3  # what the total was spent on, but for teams
N_ALLOCATED = 4


def new_state(structure: Structure) -> State:
    """State arrays of the right sizes; ``reset`` gives them their first values."""
    months = int(structure.company[CompanyInt.MONTHS])
    n_segments, n_teams = len(structure.segment), len(structure.team)
    n_seats = int(structure.team[:, TeamInt.MAX_REPS].max(initial=1))
    n_stages = structure.stage_opens.shape[0]
    n_years = years_begun(months)
    integers = np.int64
    return State(
        open_segments=np.zeros(n_segments, np.bool_),
        intensity=np.zeros(len(structure.stream)),
        seat_slots=np.zeros((n_teams, n_seats), integers),
        churn_multiplier=np.ones(n_segments),
        product_odds=np.ones((months, len(structure.funnel))),
        save_rate=np.zeros(n_segments),
        hazard=np.zeros(len(structure.playbook)),
        rate=np.zeros(len(structure.playbook)),
        worked_ticks=np.zeros((n_teams, n_segments), integers),
        expansion_ticks=np.zeros((n_teams, n_segments), integers),
        seat_booked=np.zeros((n_teams, n_seats, n_years), integers),
        company=np.zeros(N_COMPANY_STATE, integers),
        seat_start=np.full((n_teams, n_seats), EMPTY_SEAT, integers),
        seat_leaves=np.zeros((n_teams, n_seats)),
        seat_generation=np.zeros((n_teams, n_seats), integers),
        seat_quota=np.zeros((n_teams, n_seats), integers),
        starts=np.zeros((n_teams, months + 1), integers),
        level_missed=np.zeros(n_segments, np.bool_),
        unused_revenue=np.zeros(n_segments, integers),
        missed_months=np.zeros((months + 1, n_segments), integers),
        waiting_hires=np.zeros(n_teams, integers),
        allocated=np.zeros(N_ALLOCATED),
        busy_months=np.zeros(n_teams, integers),
        healthy_months=np.zeros(n_segments, integers),
        months_above=np.zeros(n_stages, integers),
        round_month=np.full(len(structure.round), NOT_DUE, integers),
        effect=np.zeros(len(structure.channel)),
        free_share=np.ones(structure.market[MarketInt.TIERS]),
        weights=np.zeros(n_segments),
    )


def new_books(structure: Structure) -> Books:
    """Empty books for one replication."""
    months = int(structure.company[CompanyInt.MONTHS])
    n_segments, n_channels = len(structure.segment), len(structure.channel)
    n_cohorts = 1 + years_begun(months)
    integers = np.int64
    return Books(
        segment=np.zeros((months, n_segments, len(SegmentAccount)), integers),
        channel=np.zeros((months, n_segments, n_channels + 1, len(ChannelAccount)), integers),
        funnel=np.zeros((months, len(structure.funnel), len(FunnelAccount)), integers),
        team=np.zeros((months, len(structure.team), len(TeamAccount)), integers),
        cohort=np.zeros((months, n_segments, n_cohorts, len(CohortAccount)), integers),
        lead_cohort=np.zeros((months, n_segments, len(LeadCohortAccount)), integers),
        market=np.zeros((months, structure.market[MarketInt.TIERS], len(MarketAccount)), integers),
        company=np.zeros((months, len(CompanyAccount)), integers),
        opening=np.zeros((n_segments, len(SegmentAccount)), integers),
    )


@kernel
def reset(state: State, books: Books) -> None:
    """Make both ready for a new replication."""
    state.open_segments[:] = False
    state.intensity[:] = 0.0
    state.seat_slots[:] = 0
    state.churn_multiplier[:] = 1.0
    state.product_odds[:] = 1.0
    state.save_rate[:] = 0.0
    state.hazard[:] = 0.0
    state.rate[:] = 0.0
    state.worked_ticks[:] = 0
    state.expansion_ticks[:] = 0
    state.seat_booked[:] = 0
    state.company[:] = 0
    state.seat_start[:] = EMPTY_SEAT
    state.seat_leaves[:] = 0.0
    state.seat_generation[:] = 0
    state.seat_quota[:] = 0
    state.starts[:] = 0
    state.level_missed[:] = False
    state.unused_revenue[:] = 0
    state.missed_months[:] = 0
    state.waiting_hires[:] = 0
    state.allocated[:] = 0.0
    state.busy_months[:] = 0
    state.healthy_months[:] = 0
    state.months_above[:] = 0
    state.round_month[:] = NOT_DUE
    state.effect[:] = 0.0
    state.free_share[:] = 1.0
    books.segment[:] = 0
    books.channel[:] = 0
    books.funnel[:] = 0
    books.team[:] = 0
    books.cohort[:] = 0
    books.lead_cohort[:] = 0
    books.market[:] = 0
    books.company[:] = 0
    books.opening[:] = 0


def new_tables(values: Values) -> Floats:
    """Buffer for the quantile tables of one draw."""
    return np.zeros(max(1, len(values.table_specs)) * TABLE_SIZE)


@kernel
def fill_tables(specs: Floats, tables: Floats) -> None:
    """Fill the quantile tables that a draw's distributions refer to.

    Parameters
    ----------
    specs
        ``Values.table_specs``, shape (tables, 3): family, a, b.
    tables
        Written, shape (tables * TABLE_SIZE,).
    """
    for i in range(specs.shape[0]):
        if specs[i, 0] == BETA:
            fill_beta_table(specs[i, 1], specs[i, 2], tables, i * TABLE_SIZE)
        else:
            fill_gamma_table(specs[i, 1], tables, i * TABLE_SIZE)
