"""What segments wait for: another one that has been healthy, and cash for long enough.

Figures are those of the metrics (`gtmsim.metrics`), over the twelve months that end at the
boundary. CAC is that of the period, without a lag: the sales cycle is not known while it runs.
"""

import numpy as np

from gtmsim.draws.elementary import power
from gtmsim.jit import lean
from gtmsim.plan.structure import Floats, HealthFloat, Ints
from gtmsim.vocabulary import (
    MONTHS_PER_QUARTER,
    MONTHS_PER_YEAR,
    CompanyAccount,
    SegmentAccount,
)

_LEAST_PART = 4
"""A quarter of the year must have customers before its rates of churn stand for all of it."""


@lean
def is_healthy(b: int, s: int, limits: Floats, segment: Ints, company: Ints, opening: Ints) -> bool:
    """Whether a segment was open and inside its limits at the close before boundary ``b``.

    Parameters
    ----------
    b, s
        Boundary and segment.
    limits
        Of the segment, (HealthFloat,).
    segment, company, opening
        Books, (M, S, SegmentAccount), (M, CompanyAccount), (S, SegmentAccount).

    Returns
    -------
    bool
        False where a figure is undefined: before month 12, without new logos or gross margin.
    """
    if b < MONTHS_PER_YEAR or segment[b - 1, s, SegmentAccount.IS_OPEN] == 0:
        return False
    cost, served = 0.0, 0.0
    won, booked, revenue = 0, 0, 0
    for m in range(b - MONTHS_PER_YEAR, b):
        cost += _acquisition_cost(segment[m], s, company[m])
        served += _cost_of_revenue(segment[m], s, company[m])
        won += segment[m, s, SegmentAccount.NEW_LOGOS]
        booked += segment[m, s, SegmentAccount.BOOKED_ARR]
        revenue += segment[m, s, SegmentAccount.REVENUE]
        revenue += segment[m, s, SegmentAccount.SERVICES_REVENUE]
    if won == 0 or revenue <= served:
        return False
    margin = (revenue - served) / revenue
    payback = cost / (booked / MONTHS_PER_YEAR * margin)
    return (
        cost <= limits[HealthFloat.CAC] * won
        and cost <= limits[HealthFloat.CAC_TO_ACV] * booked
        and payback <= limits[HealthFloat.PAYBACK_MONTHS]
        and yearly_churn(b, s, segment, opening) <= limits[HealthFloat.CHURN_PER_YEAR]
    )


@lean
def _acquisition_cost(rows: Ints, s: int, company: Ints) -> float:
    """Fully loaded cost of acquisition of a segment's month, its part of the company's included."""
    shared = company[CompanyAccount.MARKETING_COST] + company[CompanyAccount.SALES_COST]
    own, of_all = 0, 0
    for other in range(rows.shape[0]):
        row = rows[other]
        direct = (
            row[SegmentAccount.CHANNEL_SPEND]
            + row[SegmentAccount.LEAD_COST]
            + row[SegmentAccount.STAGE_COST]
            + row[SegmentAccount.REFERRAL_COST]
            + row[SegmentAccount.SALES_TEAM_COST]
            + row[SegmentAccount.COMMISSIONS]
            + row[SegmentAccount.TOOLS_COST]
            - row[SegmentAccount.EXPANSION_TEAM_COST]
            - row[SegmentAccount.EXPANSION_COMMISSIONS]
        )
        of_all += direct
        if other == s:
            own = direct
    return own + _part_of(shared, own, of_all, rows.shape[0])


@lean
def _cost_of_revenue(rows: Ints, s: int, company: Ints) -> float:
    """Cost of revenue of a segment's month, its part of the company's included."""
    shared = company[CompanyAccount.SUCCESS_COST] + company[CompanyAccount.SUPPORT_COST]
    of_all = 0
    for other in range(rows.shape[0]):
        of_all += rows[other, SegmentAccount.REVENUE]
    row = rows[s]
    direct = (
        row[SegmentAccount.COGS]
        + row[SegmentAccount.SUPPORT_COST]
        + row[SegmentAccount.ONBOARDING_COST]
        + row[SegmentAccount.SUCCESS_TEAM_COST]
        + row[SegmentAccount.SUCCESS_PROGRAMME_COST]
    )
    return direct + _part_of(shared, row[SegmentAccount.REVENUE], of_all, rows.shape[0])


@lean
def _part_of(shared: int, own: int, of_all: int, n_segments: int) -> float:
    """Part of a shared cost that falls on who has ``own``; alike where nobody has any."""
    return shared * (own / of_all) if of_all > 0 else shared / n_segments


@lean
def yearly_churn(b: int, s: int, segment: Ints, opening: Ints) -> float:
    """Logo churn of a segment in the year before boundary ``b``: monthly rates compounded.

    Parameters as in `is_healthy`.

    Returns
    -------
    float
        Share; infinite with customers in less than a quarter of the months.
    """
    kept, seen = 1.0, 0
    for m in range(b - MONTHS_PER_YEAR, b):
        start = opening[s] if m == 0 else segment[m - 1, s]
        customers = start[SegmentAccount.CLOSING_CUSTOMERS]
        if customers > 0:
            lost = segment[m, s, SegmentAccount.CHURNED_CUSTOMERS] / customers
            kept *= 1.0 - min(lost, 1.0)
            seen += 1
    if seen * _LEAST_PART < MONTHS_PER_YEAR:
        return np.inf
    return 1.0 - power(kept, MONTHS_PER_YEAR / seen)


@lean
def runway_months(b: int, company: Ints) -> float:
    """Months that cash lasts at boundary ``b``, at the mean net burn of the last three months.

    Parameters
    ----------
    b
        Boundary.
    company
        Book, (M, CompanyAccount).

    Returns
    -------
    float
        Infinite where no cash is burnt; 0 at the start, where no month tells.
    """
    if b == 0:
        return 0.0
    months = min(b, MONTHS_PER_QUARTER)
    burnt = 0
    for m in range(b - months, b):
        burnt += net_burn(company[m])
    if burnt <= 0:
        return np.inf
    return company[b - 1, CompanyAccount.CASH] / (burnt / months)


@lean
def net_burn(row: Ints) -> int:
    """Cash that a month used, funding apart, from its row of the company book."""
    used = row[CompanyAccount.OPENING_CASH] - row[CompanyAccount.CASH]
    return used + row[CompanyAccount.FUNDING]
