"""Every column of every table, against values worked out by hand from one scenario."""

from enum import IntEnum
from math import exp, inf, isclose, log, pi, sin

import numpy as np
import pytest
from scipy.stats import norm

from gtmsim.draws import families
from gtmsim.draws.tables import TABLE_SIZE
from gtmsim.plan import Plan, compile_plan, fill_values
from gtmsim.plan.structure import (
    AllocationFloat,
    ChannelFloat,
    ChannelInt,
    CompanyFloat,
    CompanyInt,
    ContractFloat,
    ContractInt,
    CostFloat,
    CostInt,
    EventFloat,
    EventInt,
    FunnelFloat,
    FunnelInt,
    HealthFloat,
    HireInt,
    MarketFloat,
    MarketInt,
    PlaybookFloat,
    PlaybookInt,
    PriceFloat,
    PriceInt,
    ReachFloat,
    RoundFloat,
    RoundInt,
    SegmentFloat,
    SegmentInt,
    Source,
    StreamFloat,
    StreamInt,
    Structure,
    TeamFloat,
    TeamFunction,
    TeamInt,
    Values,
)
from tests.plan.scenarios import EVERYTHING, changed

WIN_RATE, CHURN = 0.55, 0.25
"""The two uncertain inputs, as the tests below put them."""

ANNUAL = 0.3 * (0.9 / 0.8) ** -1.5 * exp(0.4 * 15.4375 / 30.0)
"""Weight of smb's annual contract: 10 % off instead of 20 %, and half a month more to pay."""

# Columns: value per row, in the order of the file. (Pairs: as keys of one dictionary, columns of
# different tables with one number would be the same.)

INTS: tuple[tuple[IntEnum, tuple[int, ...]], ...] = (
    (CompanyInt.MONTHS, (48,)),
    (CompanyInt.START_CALENDAR_MONTH, (2,)),  # March
    (CompanyInt.CONFIRM_MONTHS, (3,)),
    (CompanyInt.FALLS_BACK, (1,)),
    (CompanyInt.HAS_FLOOR, (1,)),
    (CompanyInt.HIRING_FREEZE, (1,)),
    (CompanyInt.ALLOCATED_BUDGET, (1,)),  # after paid
    (CompanyInt.LARGEST_LEAVES, (30,)),
    # smb, mid, enterprise, public_sector
    (SegmentInt.FUNNEL_FIRST, (0, 2, 5, 8)),
    (SegmentInt.FUNNEL_COUNT, (2, 3, 3, 3)),
    (SegmentInt.OPPORTUNITY_ROW, (1, 3, 6, 9)),  # no team: the last; else demo, the first with one
    (SegmentInt.CONTRACT_FIRST, (0, 2, 3, 4)),
    (SegmentInt.CONTRACT_COUNT, (2, 1, 1, 1)),
    (SegmentInt.PLAYBOOK_FIRST, (0, 0, 2, 0)),
    (SegmentInt.PLAYBOOK_COUNT, (0, 2, 1, 0)),
    (SegmentInt.ONBOARDING_TEAM, (-1, 3, -1, -1)),
    (SegmentInt.CSM_TEAM, (-1, 2, -1, -1)),
    (SegmentInt.CLOSING_TEAM, (-1, 0, 0, 0)),
    (SegmentInt.OPENS_BOUNDARY, (0, 5, -1, 0)),
    (SegmentInt.OPENS_STAGE, (-1, -1, 3, -1)),
    (SegmentInt.IS_CONDITIONAL, (0, 0, 1, 0)),
    (SegmentInt.OPENS_AFTER, (-1, -1, 1, -1)),
    (SegmentInt.HEALTHY_MONTHS, (0, 6, 4, 0)),
    (SegmentInt.PRIORITY, (50, 10, 50, 50)),
    (SegmentInt.OPENING_STREAM, (12, 13, -1, -1)),
    (SegmentInt.OPENING_COUNT, (40, 3, 0, 0)),
    (SegmentInt.GRADUATES_TO, (-1, 2, -1, -1)),
    (SegmentInt.BANDS, (0, 2, 0, 0)),
    (SegmentInt.TOUCH, (0, 1, 1, 1)),  # a team in the motion assists
    (SegmentInt.FALLBACK_FIRST, (-1, -1, -1, 11)),
    # visit, trial; pql, demo, close of each of the three others; visit, trial of the last again
    (FunnelInt.SEGMENT, (0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3)),
    (FunnelInt.TEAM, (-1, -1, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1, -1)),
    (FunnelInt.STAGES, (2, 2, *[3] * 9, 2, 2)),
    (FunnelInt.LAST_ROW, (1, 1, 4, 4, 4, 7, 7, 7, 10, 10, 10, 12, 12)),
    (FunnelInt.OPPORTUNITY_ROW, (1, 1, 3, 3, 3, 6, 6, 6, 9, 9, 9, 12, 12)),
    (FunnelInt.TOUCH, (0, 0, *[1] * 9, 0, 0)),
    # smb monthly, smb annual, mid two_year, enterprise annual, public_sector annual
    (ContractInt.SEGMENT, (0, 0, 1, 2, 3)),
    (ContractInt.TERM, (1, 12, 24, 12, 12)),
    (ContractInt.BILLING, (1, 12, 24, 12, 12)),
    (ContractInt.IN_ARREARS, (0, 0, 1, 0, 0)),
    (ContractInt.STARTS_AT_SIGNATURE, (0, 0, 1, 0, 0)),
    (ContractInt.VOLUME_STEPS, (0, 2, 0, 0, 0)),
    # mid seats, mid upgrade, enterprise seats
    (PlaybookInt.SEGMENT, (1, 1, 2)),
    (PlaybookInt.TEAM, (0, -1, -1)),
    (
        StreamInt.SOURCE,
        (
            Source.ORGANIC,
            Source.ORGANIC,
            Source.SPEND,
            Source.SPEND,
            Source.SPEND,
            Source.OUTBOUND,
            Source.OUTBOUND,
            Source.VIRALITY,
            Source.REFERRALS,
            Source.PARTNERS,
            Source.EVENTS,
            Source.ORGANIC,
            Source.OPENING_CUSTOMERS,
            Source.OPENING_CUSTOMERS,
            Source.OPENING_PIPELINE,
        ),
    ),
    (StreamInt.CHANNEL, (0, 0, 0, 0, 1, 2, 2, 3, 3, 3, 3, 4, 5, 5, 5)),
    (StreamInt.SEGMENT, (0, 1, 0, 1, 0, 1, 2, 0, 0, 0, 0, -1, 0, 1, 1)),
    (StreamInt.FUNNEL_ROW, (*[-1] * 14, 3)),
    (StreamInt.COUNT, (*[0] * 12, 40, 3, 7)),
    # content, ads, outbound, network, search
    (ChannelInt.BUDGET, (-1, 0, -1, -1, -1)),
    (ChannelInt.OUTBOUND_TEAM, (-1, -1, 1, -1, -1)),
    (ChannelInt.HILL, (0, 1, 0, 0, 0)),
    (ChannelInt.ESTABLISHED, (1, 0, 0, 0, 0)),
    # launch, conference
    (EventInt.CHANNEL, (3, 3)),
    (EventInt.MONTH, (1, 8)),
    (EventInt.EVERY, (0, 12)),
    # ae, sdr, csm, implementation
    (
        TeamInt.FUNCTION,
        (
            TeamFunction.SALES,
            TeamFunction.MARKETING,
            TeamFunction.SUCCESS,
            TeamFunction.IMPLEMENTATION,
        ),
    ),
    (TeamInt.REPS, (4, 0, 0, 0)),
    (TeamInt.LEAD_TIME, (4, 2, 2, 2)),
    (TeamInt.MAX_REPS, (30, 100, 100, 100)),
    (TeamInt.REPLACES, (0, 1, 1, 1)),
    (TeamInt.RULE_MONTHS, (3, 2, 2, 2)),
    (TeamInt.RULE_HIRES, (2, 1, 1, 1)),
    (TeamInt.RAMP_QUARTERS, (3, 1, 1, 1)),
    (TeamInt.IS_ALLOCATED, (1, 0, 1, 0)),
    # two hires of ae, one of implementation
    (HireInt.TEAM, (0, 0, 3)),
    (HireInt.BOUNDARY, (4, -1, 7)),
    (HireInt.STAGE, (-1, 2, -1)),
    (HireInt.COUNT, (2, 3, 1)),
    # seed, series_a
    (RoundInt.MONTH, (5, -1)),
    (RoundInt.STAGE, (-1, 2)),
    (RoundInt.DELAY, (0, 4)),
    # engineering, office
    (CostInt.FUNCTION, (TeamFunction.PRODUCT, TeamFunction.G_AND_A)),
    # rise, cut
    (PriceInt.MONTH, (6, 12)),
    (PriceInt.RENEWALS, (0, 1)),
    (MarketInt.SIZES, (2,)),
    (MarketInt.TIERS, (2,)),
    (MarketInt.COMPLEXITIES, (1,)),
    (MarketInt.VERTICALS, (2,)),
    (MarketInt.REGIONS, (2,)),
    (MarketInt.COOL_OFF, (4,)),
)

FLOATS: tuple[tuple[IntEnum, tuple[float, ...]], ...] = (
    (CompanyFloat.CASH, (500_000_000.0,)),
    (CompanyFloat.FLOOR_CASH, (20_000_000.0,)),
    (CompanyFloat.SPEND_CUT, (0.4,)),
    (CompanyFloat.BRIDGE, (30_000_000.0,)),
    (CompanyFloat.BURN_LIMIT, (15_000_000.0,)),
    (CompanyFloat.REFERENCE_PRODUCT_SPEND, (2_000_000.0,)),
    (CompanyFloat.PRODUCT_ELASTICITY, (0.3,)),
    (CompanyFloat.PRODUCT_ODDS_ELASTICITY, (0.4,)),
    # pre_pmf, early_growth, scaling, mature, global
    (AllocationFloat.PER_MONTH, (0.0, 4e6, 4e6, 9e6, 9e6)),
    (AllocationFloat.SHARE_OF_ARR, (0.02,) * 5),
    (AllocationFloat.PRODUCT, (0.5, 0.5, 0.375, 0.375, 0.375)),
    (AllocationFloat.MARKETING, (0.25, 0.25, 0.375, 0.375, 0.375)),
    (AllocationFloat.SALES_AND_SUCCESS, (0.125,) * 5),
    (AllocationFloat.SUPPORT, (0.125,) * 5),
    (SegmentFloat.ONBOARDING_COST, (0.0, 40_000.0, 0.0, 0.0)),
    (SegmentFloat.ONBOARDING_FEE, (0.0, 90_000.0, 0.0, 0.0)),
    (SegmentFloat.FIRST_VALUE, (inf, 2.0, inf, inf)),
    (SegmentFloat.LATE_CHURN, (1.0, 1.5, 1.0, 1.0)),
    (SegmentFloat.GRADUATES_ABOVE, (0.0, 6_000_000.0, 0.0, 0.0)),
    (SegmentFloat.CONTRACTION_HAZARD, (0.0, log(10.0 / 9.0), 0.0, 0.0)),
    (SegmentFloat.ACCOUNTS_PER_REP, (0.0, 50.0, 0.0, 0.0)),
    (SegmentFloat.CHURN_OVERLOAD, (0.0, 0.8, 0.0, 0.0)),
    (SegmentFloat.EXPANSION_OVERLOAD, (0.0, 0.6, 0.0, 0.0)),
    (SegmentFloat.SAVE_RATE, (0.0, 0.2, 0.0, 0.0)),
    (SegmentFloat.ALARMS_SEEN, (0.0, 0.7, 0.0, 0.0)),
    (SegmentFloat.FALSE_ALARMS, (0.0, 0.1, 0.0, 0.0)),
    (SegmentFloat.ACCOUNTS_PER_ALARM, (0.0, 0.5, 0.0, 0.0)),
    (SegmentFloat.REVIEWS_PER_MONTH, (0.0, 0.5, 0.0, 0.0)),
    (SegmentFloat.REVIEW_COST, (0.0, 12_000.0, 0.0, 0.0)),
    (SegmentFloat.ACCOUNTS_PER_REVIEW, (0.0, 0.3, 0.0, 0.0)),
    (SegmentFloat.REVIEWED_CHURN, (0.0, 0.85, 0.0, 0.0)),
    (SegmentFloat.PLAN_COST, (0.0, 5_000.0, 0.0, 0.0)),
    (SegmentFloat.ACCOUNTS_PER_PLAN, (0.0, 0.4, 0.0, 0.0)),
    (SegmentFloat.PLANNED_EXPANSION, (0.0, 1.3, 0.0, 0.0)),
    (SegmentFloat.FAIL_RATE, (0.02, 0.0, 0.0, 0.0)),
    (SegmentFloat.RETRY_SUCCESS, (0.6, 0.0, 0.0, 0.0)),
    (SegmentFloat.RETRY_MONTHS, (2.0, 14.0 / 30.4375, 14.0 / 30.4375, 14.0 / 30.4375)),
    (SegmentFloat.WIN_BACK_RATE, (0.1, 0.0, 0.0, 0.0)),
    (SegmentFloat.COGS_SHARE, (0.15, 0.0, 0.0, 0.0)),
    (SegmentFloat.SUPPORT_PER_MONTH, (1000.0, 0.0, 0.0, 0.0)),
    (SegmentFloat.RUNWAY_TO_OPEN, (0.0, 0.0, 9.0, 0.0)),
    (SegmentFloat.FALLBACK_BELOW, (0.0, 0.0, 0.0, 4_000_000.0)),
    (SegmentFloat.MISSED_SHARE, (0.0, 0.0, 0.25, 0.0)),
    (SegmentFloat.CREDIT_SHARE, (0.0, 0.0, 0.1, 0.0)),
    (SegmentFloat.MISSED_CHURN, (0.0, 0.0, 1.4, 0.0)),
    # mid, by its mean list price: the playbook's limits but for two
    (HealthFloat.CAC, (inf, 800_000.0, inf, inf)),
    (HealthFloat.CAC_TO_ACV, (inf, 0.25, inf, inf)),
    (HealthFloat.PAYBACK_MONTHS, (inf, 18.0, inf, inf)),
    (HealthFloat.CHURN_PER_YEAR, (inf, 0.2, inf, inf)),
    (FunnelFloat.WIN_RATE, (0.4, 0.1, *[WIN_RATE, 0.5, 0.3] * 3, 0.4, 0.1)),
    # 10.00 and 2.5 touches of 75.01: 1000 + 18752.5 cents, halves up
    (FunnelFloat.ENTRY_COST, (0.0, 0.0, *[0.0, 19_753.0, 0.0] * 3, 0.0, 0.0)),
    (ContractFloat.SHARE, (0.7 / (0.7 + ANNUAL), ANNUAL / (0.7 + ANNUAL), 1.0, 1.0, 1.0)),
    (ContractFloat.PAYMENT_MONTHS, (0.0, 1.0, 0.0, 0.0, 0.0)),
    (ContractFloat.DISCOUNT, (0.0, 0.1, 0.0, 0.0, 0.0)),
    (ContractFloat.UPLIFT, (0.0, 0.05, 0.0, 0.0, 0.0)),
    (PlaybookFloat.RATE, (0.1, 0.05, 0.025)),
    (PlaybookFloat.WIN_RATE, (0.5, 0.25, 0.6)),
    (PlaybookFloat.COST, (30_000.0, 0.0, 0.0)),
    (StreamFloat.SHARE, (0.75, 0.25, 0.75, 0.25, 1, 0.5, 0.5, 1, 1, 1, 1, 1, 0, 0, 0)),
    (StreamFloat.REWARD, (*[0.0] * 7, 500.0, 5000.0, *[0.0] * 6)),
    (StreamFloat.PARTNER_COMMISSION, (*[0.0] * 9, 0.15, *[0.0] * 5)),
    (ChannelFloat.ORGANIC, (40.0, 0.0, 0.0, 0.0, 12.0)),
    (ChannelFloat.GROWTH_LOG, (log(1.3), 0.0, 0.0, 0.0, 0.0)),
    (ChannelFloat.BUDGET_SHARE, (0.0, 0.4, 0.0, 0.0, 0.0)),
    (ChannelFloat.REFERENCE_SPEND, (1_500_000.0, 2_000_000.0, 1.0, 1.0, 1.0)),
    (ChannelFloat.LEADS, (120.0, 500.0, 0.0, 0.0, 0.0)),
    (ChannelFloat.EXPONENT, (0.7, 1.5, 1.0, 1.0, 1.0)),
    (ChannelFloat.CARRY_OVER, (0.5, 0.0, 0.0, 0.0, 0.0)),
    (ChannelFloat.OUTBOUND_RATE, (0.0, 0.0, 8.0, 0.0, 0.0)),
    (ChannelFloat.VIRALITY_RATE, (0.0, 0.0, 0.0, 0.02, 0.0)),
    (ChannelFloat.REFERRAL_RATE, (0.0, 0.0, 0.0, 0.01, 0.0)),
    (ChannelFloat.PARTNERS, (0.0, 0.0, 0.0, 5.0, 0.0)),
    (ChannelFloat.PARTNERS_ADDED, (0.0, 0.0, 0.0, 0.5, 0.0)),
    (ChannelFloat.PARTNER_RATE, (0.0, 0.0, 0.0, 2.0, 0.0)),
    (ChannelFloat.COST_PER_LEAD, (150.0, 0.0, 0.0, 0.0, 0.0)),
    (EventFloat.LEADS, (90.0, 30.0)),
    (EventFloat.COST, (400_000.0, 2_500_000.0)),
    (TeamFloat.OPEN_DEALS, (12.0, 1.0, 1.0, 1.0)),
    (TeamFloat.LEAVES_PER_MONTH, (0.02, 0.0, 0.0, 0.0)),
    # ae: 120k x 1.25 / 12 + 300
    (TeamFloat.COST_PER_MONTH, (1_280_000.0, 500_000.0, 750_000.0, 80_000_00.0 / 12.0)),
    (TeamFloat.RECRUITING_COST, (900_000.0, 0.0, 0.0, 0.0)),
    (TeamFloat.COMMISSION, (0.1, 0.0, 0.0, 0.0)),
    (TeamFloat.QUOTA_PER_MONTH, (7_000_000.0, 0.0, 0.0, 0.0)),
    (TeamFloat.CUSTOMERS_PER_REP, (0.0, 0.0, 45.0, 20.0)),
    (TeamFloat.UTILISATION_ABOVE, (0.8, inf, inf, inf)),
    (RoundFloat.AMOUNT, (100_000_000.0, 800_000_000.0)),
    (RoundFloat.CLOSES, (0.9, 1.0)),
    (CostFloat.GROWTH_LOG, (log(1.1), 0.0)),
    (CostFloat.SHARE_OF_REVENUE, (0.0, 0.03)),
    (PriceFloat.FACTOR, (1.1, 0.95)),
    (PriceFloat.WIN_ODDS_ELASTICITY, (0.5, 0.0)),
    (PriceFloat.CHURN_ELASTICITY, (0.25, 0.0)),
    # Pearson's of normals that have the rank correlation
    (MarketFloat.SIZE_AND_POTENTIAL, (2.0 * sin(pi * 0.5 / 6.0),)),
    (MarketFloat.SIZE_AND_COMPLEXITY, (2.0 * sin(pi * 0.25 / 6.0),)),
    (MarketFloat.POTENTIAL_AND_COMPLEXITY, (-2.0 * sin(pi * 0.25 / 6.0),)),
    (ReachFloat.EMPLOYEES_LOG, (*[0.0] * 4, log(2.0))),
    (ReachFloat.POTENTIAL_LOG, (*[0.0] * 4, log(0.5))),
)

# Distributions: (family, a, b) per row, or None where there is none.

Shown = tuple[int, float, float] | None
Z = 1.2815515655446004  # standard normal quantile at 0.9


def _fixed(value: float) -> Shown:
    return (families.FIXED, value, 0.0)


DISTS: tuple[tuple[IntEnum, tuple[Shown, ...]], ...] = (
    (
        SegmentInt.ACV_DIST,
        (
            (families.LOGNORMAL, log(200_000.0), log(2.5) / Z),
            (families.LOGNORMAL, log(800_000.0 * 4_500_000.0) / 2.0, log(5.625) / (2.0 * Z)),
            _fixed(20_000_000.0),
            _fixed(9_000_000.0),
        ),
    ),
    (
        SegmentInt.CHURN_DIST,
        (
            (families.BETA, 2.0, 6.0),  # mean 0.25, concentration 8
            (families.BETA, 1.5, 9.0),
            _fixed(0.08),
            _fixed(0.05),
        ),
    ),
    (SegmentInt.ONBOARDING_DIST, (_fixed(0.0), _fixed(0.5), _fixed(0.0), _fixed(0.0))),
    (SegmentInt.CAP_DIST, (_fixed(4.0), _fixed(5.0), _fixed(5.0), _fixed(5.0))),
    (SegmentInt.CONTRACTION_DIST, (None, _fixed(0.3), None, None)),
    (SegmentInt.POTENTIAL_SHARE_DIST, (None, _fixed(0.4), None, None)),
    (SegmentInt.WIN_BACK_DIST, (_fixed(3.0), None, None, None)),
    (
        SegmentInt.OPENING_ACV_DIST,
        (
            _fixed(210_000.0),
            (families.LOGNORMAL, log(800_000.0 * 4_500_000.0) / 2.0, log(5.625) / (2.0 * Z)),
            None,
            None,
        ),
    ),
    (SegmentInt.OPENING_AGE_DIST, (_fixed(18.0), (families.UNIFORM, 0.0, 36.0), None, None)),
    (
        SegmentInt.OPENING_CHURN_DIST,
        (
            (families.BETA, 2.0, 6.0),
            (families.BETA, 1.5, 9.0),
            None,
            None,
        ),
    ),
    (
        FunnelInt.DURATION_DIST,
        (
            _fixed(0.0),
            _fixed(14.0 / 30.4375),
            *[(families.GAMMA, 2.0, 5.0 / 30.4375), _fixed(0.5), _fixed(1.0)] * 3,
            _fixed(0.0),
            _fixed(14.0 / 30.4375),
        ),
    ),
    (FunnelInt.PATIENCE_DIST, (None, None, *[None, _fixed(2.0), None] * 3, None, None)),
    (PlaybookInt.UPLIFT_DIST, ((families.BETA, 2.0, 6.0), _fixed(0.2), _fixed(0.1))),
    (PlaybookInt.DURATION_DIST, (_fixed(0.25), _fixed(0.0), _fixed(0.0))),
    (PlaybookInt.PATIENCE_DIST, (_fixed(2.0), None, None)),
    (MarketInt.EMPLOYEES_DIST, ((families.LOGNORMAL, log(40.0), log(10.0) / Z),)),
    (MarketInt.POTENTIAL_DIST, ((families.LOGNORMAL, log(500_000.0), log(10.0) / Z),)),
)

# Tables without named columns.

STAGES = ("pre_pmf", "early_growth", "scaling", "mature", "global")
FLAGS = {
    "stage_opens": [[s == "scaling" and i == 2 for i in range(4)] for s in STAGES],
    "stack_of": [[1, 0, 0], [1, 0, 1], [0, 0, 0], [0, 0, 0]],  # basic, analytics, crm
    "virality_of": [[0] * 4, [0] * 4, [0] * 4, [1, 0, 0, 0], [0] * 4],
    "referral_of": [[0] * 4, [0] * 4, [0] * 4, [1, 1, 1, 1], [0] * 4],
    "customers_of": [[1] * 4, [1] * 4, [0, 1, 0, 0], [0, 1, 1, 0]],
    "works_for": [[0] * 4, [0] * 4, [0] * 4, [0, 1, 1, 0]],
    "price_of": [[0, 1, 0, 0], [1] * 4],
}
NO_STEP = [inf, 0, 0]
# steps of smb's yearly contract: from, kept, and 1.5 powers of the price as a pull
VOLUME_STEPS = [[3e5, 0.8, 0.8**-1.5], [7e5, 0.5, 0.5**-1.5]]
CELLS = {
    "volume": [
        [NO_STEP] * 9,
        [*VOLUME_STEPS, *[NO_STEP] * 7],
        *[[NO_STEP] * 9] * 3,
    ],
    "season": [list(range(1, 13)), *[[1] * 12] * 4],
    # the last reaches the slow quarter of the market twice as well as the rest
    "mix": [[0.75, 0.25, 0, 0], [1, 0, 0, 0], [0, 0.5, 0.5, 0], [1, 0, 0, 0], [0, 0.4, 0.6, 0]],
    "spend": [[0, 1e6, 1e6, 5e6, 5e6], *[[0] * 5] * 4],
    "ramp": [[0.25, 0.5, 1.0], *[[1.0] * 3] * 3],
    "cost_amount": [[8e6, 8e6, 30e6, 30e6, 30e6], [2e6] * 5],
    "budget_amount": [[3e6] * 5, [0] * 5],
    "budget_share_of_arr": [[0, 0, 0.01, 0.01, 0.01], [0] * 5],
    "stage_from_arr": [0, 1e8, 8e8, 5e9, 1e10],
    "stack_cost": [90_000, 40_000, 250_000],
    "band": [[inf] * 9, [1e6, 4e6, *[inf] * 7], *[[inf] * 9] * 2],
    # small, large, low, high, all, fast, slow, home, abroad
    "class_number": [1, 500, 0, 2_000_000, 1, 0.75, 0.25, 0.5, 0.5],
    # odds of winning, days, churn, delivery cost
    "class_effect": [
        [1, 1, 1, 1], [1, 1.25, 1, 1], [1, 1, 1, 1], [0.8, 1, 1, 1], [1, 1, 1, 1],
        [1, 1, 1, 1], [1, 1, 1.5, 1], [1, 1, 1, 1], [1, 1, 1, 2],
    ],
    # from two steps too little to two too much
    "misfit": [
        [0.25, 1.3, 2.2, 1.6], [0.5, 1, 2, 1], [1, 1, 1, 1], [1, 1.25, 1, 1], [1, 1, 1, 1.5],
    ],
    "reach_weight": [*[[1] * 9] * 4, [1, 1, 1, 1, 1, 1, 2, 1, 1]],
    "accounts": [1000 * norm.cdf(log(4) / log(10) * Z), 1000 * norm.sf(log(4) / log(10) * Z)],
}  # fmt: skip
WHOLE = {
    "class_needs": [0, 2, 0, 1, 0, 0, 0, 0, 0],
    # of a lead without attributes; then by size, tier, vertical and, fastest, region
    "segment_of": [-1, *[2, 2, 1, 1] * 4],
}
KEYED = {field for field in Structure._fields if field.endswith("_key")}

TABLES: dict[type[IntEnum], str] = {
    CompanyInt: "company",
    SegmentInt: "segment",
    FunnelInt: "funnel",
    ContractInt: "contract",
    PlaybookInt: "playbook",
    StreamInt: "stream",
    ChannelInt: "channel",
    EventInt: "event",
    TeamInt: "team",
    HireInt: "hire",
    RoundInt: "round",
    CostInt: "cost",
    PriceInt: "price",
    MarketInt: "market",
    CompanyFloat: "company",
    AllocationFloat: "allocation",
    SegmentFloat: "segment",
    HealthFloat: "health",
    FunnelFloat: "funnel",
    ContractFloat: "contract",
    PlaybookFloat: "playbook",
    StreamFloat: "stream",
    ChannelFloat: "channel",
    EventFloat: "event",
    TeamFloat: "team",
    RoundFloat: "round",
    CostFloat: "cost",
    PriceFloat: "price",
    MarketFloat: "market",
    ReachFloat: "reach",
}
NOTHING = (0, -1, 0.0, inf, None)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return compile_plan(changed(EVERYTHING))


@pytest.fixture(scope="module")
def values(plan: Plan) -> Values:
    given = {
        "motions.assisted.stages.pql.win_rate": WIN_RATE,
        "segments.smb.churn_per_year.mean": CHURN,
    }
    return fill_values(plan, np.array([[given[column.path] for column in plan.inputs]]))[0]


def _id(column: object) -> str:
    return f"{type(column).__name__}.{column.name}" if isinstance(column, IntEnum) else ""


@pytest.mark.parametrize(("column", "expected"), INTS, ids=_id)
def test_a_column_of_whole_numbers_holds_what_the_scenario_says(
    column: IntEnum, expected: tuple[int, ...], plan: Plan
) -> None:
    table = np.atleast_2d(getattr(plan.structure, TABLES[type(column)]))

    assert table[:, column].tolist() == list(expected)


@pytest.mark.parametrize(("column", "expected"), FLOATS, ids=_id)
def test_a_column_of_numbers_holds_what_the_scenario_says_in_engine_units(
    column: IntEnum, expected: tuple[float, ...], values: Values
) -> None:
    table = np.atleast_2d(getattr(values, TABLES[type(column)]))

    np.testing.assert_allclose(table[:, column], expected, rtol=1e-14)


@pytest.mark.parametrize(("column", "expected"), DISTS, ids=_id)
def test_a_column_of_distributions_refers_to_what_the_scenario_says_in_engine_units(
    column: IntEnum, expected: tuple[Shown, ...], plan: Plan, values: Values
) -> None:
    table = np.atleast_2d(getattr(plan.structure, TABLES[type(column)]))

    for row, shown in zip(table[:, column], expected, strict=True):
        if shown is None:
            assert row == -1
        else:
            np.testing.assert_allclose(values.dists[row, :3], shown, rtol=1e-12)


@pytest.mark.parametrize("table", FLAGS)
def test_a_table_of_flags_holds_what_the_scenario_says(table: str, plan: Plan) -> None:
    np.testing.assert_array_equal(getattr(plan.structure, table), FLAGS[table])


@pytest.mark.parametrize("table", WHOLE)
def test_a_table_of_whole_numbers_without_column_names_holds_what_the_scenario_says(
    table: str, plan: Plan
) -> None:
    assert getattr(plan.structure, table).tolist() == WHOLE[table]


@pytest.mark.parametrize("table", CELLS)
def test_a_table_without_column_names_holds_what_the_scenario_says(
    table: str, values: Values
) -> None:
    np.testing.assert_allclose(getattr(values, table), CELLS[table], rtol=1e-14)


def test_every_column_of_every_table_is_checked_with_something_in_it() -> None:
    checked = {_id(column): rows for column, rows in (*INTS, *FLOATS, *DISTS)}

    columns = [_id(column) for table in TABLES for column in table]
    unchecked = [column for column in columns if column not in checked]
    empty = [c for c, rows in checked.items() if len(set(rows)) == 1 and rows[0] in NOTHING]
    assert not unchecked
    assert not empty


def test_every_table_is_checked() -> None:
    whole = {name for columns, name in TABLES.items() if columns.__name__.endswith("Int")}
    numbers = {name for columns, name in TABLES.items() if columns.__name__.endswith("Float")}

    assert set(Structure._fields) == whole | set(FLAGS) | set(WHOLE) | KEYED
    assert set(Values._fields) == numbers | set(CELLS) | {"dists", "table_specs"}


def test_survivors_of_more_years_churn_less(plan: Plan, values: Values) -> None:
    for segment, (alpha, beta) in enumerate([(2.0, 6.0), (1.5, 9.0)]):
        first = plan.structure.segment[segment, SegmentInt.OPENING_CHURN_DIST]
        rows = values.dists[first : first + 7]

        assert rows[:, 0].tolist() == [families.BETA] * 7
        np.testing.assert_allclose(rows[:, 1], alpha)
        np.testing.assert_allclose(rows[:, 2], beta + np.arange(7))


def test_each_table_of_quantiles_belongs_to_the_distribution_that_points_at_it(
    values: Values,
) -> None:
    with_table = values.dists[np.isin(values.dists[:, 0], (families.BETA, families.GAMMA))]

    assert len(with_table) == len(values.table_specs) == 16
    for record in with_table:
        spec = values.table_specs[int(record[3]) // TABLE_SIZE]
        assert spec.tolist() == record[:3].tolist()


def test_untruncated_distributions_leave_the_uniform_alone(values: Values) -> None:
    assert values.dists[:, 4].tolist() == [0.0] * len(values.dists)
    assert values.dists[:, 5].tolist() == [1.0] * len(values.dists)


def test_entry_cost_rounds_halves_up() -> None:
    plan = compile_plan(
        changed(
            EVERYTHING,
            motions__assisted__stages__demo__cost=0.0,
            motions__assisted__stages__demo__touches=0.5,
            motions__assisted__stages__demo__cost_per_touch=0.05,
        )
    )
    (values,) = fill_values(plan, np.array([[WIN_RATE, CHURN]]))

    assert isclose(values.funnel[3, FunnelFloat.ENTRY_COST], 3.0, abs_tol=0.0)
