"""The tables of the answer, from results."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, TypeAlias

import numpy as np
import xarray as xr

from gtmsim.analysis.units import Unit
from gtmsim.metrics import acquisition, odds, profit, revenue, sales
from gtmsim.metrics.labels import QUARTER, YEAR, at_start, company, trailing
from gtmsim.report.answer import Brief, Cell, Figure, Layout, Row, Spread, Table
from gtmsim.report.figures import odds as probability
from gtmsim.report.figures import spread
from gtmsim.report.numbers import interval, share, written
from gtmsim.words import enumeration

COMPANY = "company"
SHORT_UTILISATION = 0.85
SHORT_GAVE_UP = 0.05
SHORT_ODDS = 0.1
"""A team that is short in fewer futures is not named in a line of its own."""


@dataclass(frozen=True)
class Books:
    """Results in the shapes that the tables need.

    Attributes
    ----------
    segments
        Results by segment.
    company
        Sums over segments.
    teams
        The teams' books.
    solvent
        Whether a replication has cash up to each month's end. Efficiency, unit economics and
        teams are of the replications that are solvent at the period's end: those that failed
        have no burn, customers or reps, which is not the same as 0 of them.
    funnel
        Flows of every funnel stage; None where no segment has another motion for small deals.
    """

    segments: xr.Dataset
    company: xr.Dataset
    teams: xr.Dataset
    solvent: xr.DataArray
    funnel: xr.Dataset | None = None

    @property
    def survives(self) -> xr.DataArray:
        """Replications that never run out of cash."""
        return self.solvent.isel(month=-1, drop=True)

    @property
    def months(self) -> int:
        """Length of the simulation."""
        return int(self.company.sizes["month"])


NEEDED = frozenset(
    {
        *profit.SEGMENT_PAYMENTS,
        *profit.COMPANY_PAYMENTS,
        *(f"{line}_arr" for line in revenue.BRIDGE_FLOWS),
        *("opening_arr", "closing_arr", "retained_arr", "retained_arr_capped"),
        *("closing_monthly_arr", "uplift_arr", "signed_not_started_arr"),
        *("booked_arr", "largest_customer_arr", "cohort_arr"),
        *("new_logos", "lost_opportunities", "sales_cycle_time", "new_customers"),
        *("opening_customers", "closing_customers", "churned_customers"),
        *("expansion_team_cost", "expansion_commissions", "leads", "unserved_leads"),
        *("seller_time", "lead_cohort_variable_cost", "lead_cohort_seller_time"),
        *("lead_cohort_new_logos", "lead_cohort_open_leads"),
        *("open_pipeline_arr", "opening_open_pipeline_arr", "same_quarter_booked_arr"),
        *("commissions", "revenue", "services_revenue", "collections", "services_collections"),
        *("opening_cash", "cash", "funding"),
        *("insolvent", "company_stage", "policy_stage", "is_open"),
    }
)
"""Variables that the tables use: all of them would fill the memory of a small machine."""

NEEDED_OF_TEAMS = (
    *("team_headcount", "team_slots", "team_requests", "team_grants", "team_expired"),
    *("team_worked_time", "team_waited_time", "team_booked_arr", "team_quota"),
    *("team_reps_on_quota", "team_reps_at_quota"),
)


def read_books(results: xr.Dataset) -> Books:
    """Load what the tables need."""
    months = results.sizes["month"]
    teams = results[list(NEEDED_OF_TEAMS)].load()
    needed = results.drop_vars(set(results.data_vars) - NEEDED)
    segments = needed.sel(cohort=[reported_cohort(months)]).load()
    return Books(segments, company(segments), teams, segments["insolvent"] == 0, _funnel(results))


def _funnel(results: xr.Dataset) -> xr.Dataset | None:
    """Load the funnel where some of its stages are of a fallback."""
    stages = results["motion_stage"].to_numpy() if "motion_stage" in results.coords else ()
    has_fallback = any(sales.fallback_of(str(stage)) for stage in stages)
    return results[["funnel_entered", "funnel_won"]].load() if has_fallback else None


def reported_cohort(months: int) -> int:
    """Choose the last cohort that has had two years after its own, if there is one."""
    return max(1, months // YEAR - 2)


class Period(NamedTuple):
    """Months in a row that are reported together."""

    key: str
    label: str
    months: int
    last: int
    """Index of the last month."""


def periods(months: int) -> Iterator[Period]:
    """Years of the simulation; the last may be shorter."""
    for first in range(0, months, YEAR):
        length = min(YEAR, months - first)
        year = first // YEAR + 1
        label = f"year {year}" if length == YEAR else f"year {year}, {length} mo"
        yield Period(f"year_{year}", label, length, first + length - 1)


_HYPHENATED = {
    "reactivated": "reac\u00adtivated",
    "expansion": "expan\u00adsion",
    "transferred": "trans\u00adferred",
    "contraction": "con\u00adtraction",
}
"""Where a narrow terminal may break a heading."""


# --- odds ------------------------------------------------------------------------------------


def odds_table(rows: list[Row]) -> Table:
    """Odds of targets and of running out of cash."""
    columns = {"odds": "odds", "odds_if_solvent": "if it never runs out of cash"}
    return Table("odds", "Odds", "outcome", columns, tuple(rows))


def odds_row(key: str, label: str, events: xr.DataArray, survives: xr.DataArray) -> Row:
    """Odds of an event, of all replications and of those that survive."""
    return Row(key, label, (probability(events), probability(events.where(survives))))


# --- by year ---------------------------------------------------------------------------------


def arr_table(books: Books) -> Table:
    """ARR bridge of the company by year."""
    lines = ("opening", *revenue.BRIDGE_FLOWS, "closing")
    cells: dict[Period, list[Cell | None]] = {}
    bridges = {
        months: revenue.arr_bridge(books.company, months)
        for months in {period.months for period in periods(books.months)}
    }
    for period in periods(books.months):
        bridge = bridges[period.months].isel(month=period.last)
        cells[period] = [spread(bridge[line], Unit.MONEY) for line in lines]
    if_alive: list[Cell | None] = [None] * (len(lines) - 1)
    if_alive.append(_at_end(books, "closing_arr"))
    return Table(
        "arr_by_year",
        "ARR bridge by year",
        "year",
        {line: _HYPHENATED.get(line, line) for line in lines},
        _years(cells, books, if_alive),
        Layout.SCALED,
        ("The lines of the mean add up; quantiles of different lines do not.",),
        long=True,
        brief=Brief(
            notes=("Medians do not add up; the means, which do, with -v.",), is_turned=True
        ),
    )


def arr_parts_table(books: Books) -> Table:
    """Parts of the company's ARR by year: committed, monthly, signed, and by price increases."""
    company_books = books.company
    arr, monthly = company_books["closing_arr"], company_books["closing_monthly_arr"]
    signed, uplift = company_books["signed_not_started_arr"], company_books["uplift_arr"]
    stocks = (arr - monthly, monthly, arr, signed, revenue.closing_carr(company_books))
    rows = tuple(
        Row(
            year.key,
            year.label,
            (
                *(spread(stock.isel(month=year.last), Unit.MONEY) for stock in stocks),
                spread(trailing(uplift, year.months).isel(month=year.last), Unit.MONEY),
            ),
        )
        for year in periods(books.months)
    )
    columns = {
        "committed": "committed",
        "monthly": "monthly",
        "arr": "ARR",
        "signed": "signed, not live",
        "carr": "CARR",
        "uplift": "price increases",
    }
    notes = (
        "At the year's end: ARR on terms longer than a month, on monthly contracts, and signed but "
        "not yet in service. Price increases: those at renewals of the year, part of expansion.",
    )
    title = "Parts of ARR by year"
    return Table(
        "arr_parts", title, "year", columns, rows, Layout.SCALED, notes, long=True, is_detail=True
    )


def cash_table(books: Books) -> Table:
    """Cash of the company by year."""
    bridge = profit.cash_bridge(books.company)
    spent = bridge["segment_payments"] + bridge["company_payments"]
    flows = {"collections": bridge["collections"], "funding": bridge["funding"], "spent": spent}
    cells: dict[Period, list[Cell | None]] = {}
    for period in periods(books.months):
        opening = at_start(books.company, "cash", period.months).isel(month=period.last)
        during = [trailing(flow, period.months).isel(month=period.last) for flow in flows.values()]
        closing = books.company["cash"].isel(month=period.last)
        insolvent = books.company["insolvent"].isel(month=period.last) > 0
        amounts = (opening, *during, closing)
        cells[period] = [*(spread(a, Unit.MONEY) for a in amounts), probability(insolvent)]
    columns = {name: name for name in ("opening", *flows, "closing")}
    columns["out_of_cash"] = "out of cash"
    if_alive: list[Cell | None] = [None] * len(columns)
    if_alive[-2] = _at_end(books, "cash")
    return Table(
        "cash_by_year",
        "Cash by year",
        "year",
        columns,
        _years(cells, books, if_alive),
        Layout.SCALED,
        ("Out of cash: share of futures that have run out by the year's end.",),
        long=True,
        is_detail=True,
    )


def _at_end(books: Books, stock: str) -> Spread:
    return spread(books.company[stock].isel(month=-1), Unit.MONEY, books.survives)


def _years(
    cells: dict[Period, list[Cell | None]], books: Books, if_alive: list[Cell | None]
) -> tuple[Row, ...]:
    """Rows by year, and the last year's of the companies that live, if some do not."""
    rows = [Row(period.key, period.label, tuple(row)) for period, row in cells.items()]
    if not books.survives.all() and books.survives.any():
        last = [*cells][-1]
        rows.append(Row(f"{last.key}_if_solvent", "  if solvent", tuple(if_alive), continues=True))
    return tuple(rows)


# --- unit economics --------------------------------------------------------------------------


class Line(NamedTuple):
    """A metric as a line of a table."""

    key: str
    label: str
    unit: Unit
    metric: Callable[[xr.Dataset, int], xr.DataArray]
    is_ratio: bool = True
    pooled: Callable[[xr.Dataset, int], xr.DataArray] | None = None
    """The company's, from results by segment, where it is not the metric of their sum."""


UNIT_ECONOMICS = (
    Line("customers", "customers at the end", Unit.COUNT,
         lambda r, m: r["closing_customers"], is_ratio=False),
    Line("booked_arr_per_logo", "ARR per new customer", Unit.MONEY,
         acquisition.booked_arr_per_logo),
    Line("win_rate", "win rate", Unit.SHARE, sales.win_rate),
    Line("sales_cycle", "sales cycle, days", Unit.DAYS, sales.sales_cycle),
    Line("cac", "CAC, fully loaded", Unit.MONEY, acquisition.cac),
    Line("cac_ratio", "CAC ratio, new logos", Unit.MULTIPLE, acquisition.cac_ratio),
    Line("gross_margin", "gross margin", Unit.SHARE, profit.gross_margin),
    Line("cac_payback", "CAC payback, months", Unit.MONTHS, acquisition.cac_payback),
    Line("logo_churn", "logo churn", Unit.SHARE, revenue.logo_churn),
    Line("nrr", "NRR", Unit.SHARE, lambda r, m: revenue.nrr(r)),
    Line("grr", "GRR", Unit.SHARE, lambda r, m: revenue.grr(r)),
    Line("arr_per_customer", "ARR per customer", Unit.MONEY,
         lambda r, m: revenue.arr_per_customer(r)),
    Line("ltv", "LTV, closed form", Unit.MONEY, acquisition.ltv,
         pooled=partial(acquisition.ltv, pooled=True)),
    Line("ltv_to_cac", "LTV:CAC", Unit.MULTIPLE, acquisition.ltv_to_cac,
         pooled=partial(acquisition.ltv_to_cac, pooled=True)),
)  # fmt: skip

_BRIEF_ECONOMICS = frozenset(
    {
        *("customers", "booked_arr_per_logo", "cac", "cac_payback"),
        *("logo_churn", "nrr", "ltv_to_cac"),
    }
)

EFFICIENCY = (
    Line("arr_growth", "growth of ARR", Unit.SHARE, revenue.arr_growth),
    Line("net_burn", "net burn", Unit.MONEY, profit.net_burn, is_ratio=False),
    Line("burn_multiple", "burn multiple", Unit.MULTIPLE, profit.burn_multiple),
    Line("rule_of_40", "rule of 40", Unit.SHARE, lambda r, m: profit.rule_of_40(r)),
    Line("magic_number", "magic number", Unit.MULTIPLE, lambda r, m: acquisition.magic_number(r)),
    Line("quick_ratio", "quick ratio", Unit.MULTIPLE, revenue.quick_ratio),
    Line("largest_customer_share", "largest customer", Unit.SHARE,
         lambda r, m: revenue.largest_customer_share(r)),
)  # fmt: skip


def unit_economics_table(books: Books) -> Table:
    """Tell the unit economics of each segment over the last year."""
    window = min(YEAR, books.months)
    names = [str(name) for name in books.segments["segment"].to_numpy()]
    rows = [
        Row(line.key, line.label, tuple(_by_segment(line, books, names, window)))
        for line in (*UNIT_ECONOMICS, *_cohort_lines(books.months))
    ]
    rows += _lead_cohort_rows(books, names)
    rows += _fallback_rows(books, names, window)
    won = trailing(books.segments["new_logos"], window).isel(month=-1) > 0
    rows.append(Row("wins", "with new customers", _shares(won, names, books.survives)))
    return Table(
        "unit_economics",
        f"Unit economics, last {months_text(window)}",
        "metric",
        {**{name: name for name in names}, COMPANY: COMPANY},
        tuple(rows),
        notes=(
            *of_solvent(books),
            "Figures cover the futures in which they are defined, for instance those with new "
            "customers. CAC takes the spend of a sales cycle earlier; churn is of the period. A "
            "year's cohort: its gross profit to the end, discounted at 10% a year, per customer; "
            "and the months from its year's start until that repaid the year's acquisition cost.",
            "CAC of a year's leads: what they cost to the end, with their sellers' time and the "
            "year's spend, per new customer among them; final once all are won or lost.",
            "LTV, closed form: ARR per customer x gross margin / (1 - GRR), undiscounted, without "
            "expansion; unknown before a year is over. The company's LTV and LTV:CAC are those of "
            "the segments, by their new customers.",
            *_months_of_cac(books, names, window),
        ),
        part=float(books.survives.mean()),
        brief=Brief(
            _BRIEF_ECONOMICS, notes=(*of_solvent(books), *_months_of_cac(books, names, window))
        ),
    )


def months_text(n: int) -> str:
    """Write a number of months without a 1 before the noun."""
    return "month" if n == 1 else f"{n} months"


def _months_of_cac(books: Books, names: list[str], window: int) -> Iterator[str]:
    """Say which months' new customers CAC is of, where the spend on some is before month 1."""
    by_segment = acquisition.cac_months(books.segments, window).isel(month=-1)
    counted = {name: float(by_segment.sel(segment=name)) for name in names}
    counted[COMPANY] = float(acquisition.cac_months(books.company, window).isel(month=-1))
    shorter = [
        f"{written(months, Unit.MONTHS, '')} ({name})"
        for name, months in counted.items()
        if months < window
    ]
    if shorter:
        yield (
            f"Spend before month 1 is unknown: CAC is of the last {', '.join(shorter)} months' new "
            "customers."
        )


def of_solvent(books: Books) -> Iterator[str]:
    """Say of which futures a table is that is not of all."""
    if not books.survives.all():
        yield f"Of the {share(float(books.survives.mean()))} of futures solvent to the end."


def _cohort_lines(months: int) -> tuple[Line, ...]:
    """Follow a cohort that has had two years after its own, if there is one."""
    year = reported_cohort(months)

    def of_cohort(values: xr.DataArray) -> xr.DataArray:
        return values.sel(cohort=[year], drop=True).rename(cohort="month")

    return (
        Line("cohort_value", f"LTV so far, year {year}", Unit.MONEY,
             lambda r, m: of_cohort(acquisition.cohort_value(r))),
        Line("cohort_break_even", f"break-even, year {year}", Unit.MONTHS,
             lambda r, m: of_cohort(acquisition.cohort_break_even(r))),
    )  # fmt: skip


def lead_year(months: int) -> int:
    """Choose the last year whose leads have had a year after it, if there is one."""
    return max(1, months // YEAR - 1)


def _lead_cohort_rows(books: Books, names: list[str]) -> Iterator[Row]:
    """Follow the leads of a year: their CAC, and how many of them are decided."""
    year, window = lead_year(books.months), min(YEAR, books.months)
    last = year * window - 1
    lines = (
        ("lead_cohort_cac", f"CAC, leads of year {year}", Unit.MONEY, acquisition.lead_cohort_cac),
        ("lead_cohort_closed", "  won or lost by then", Unit.SHARE,
         acquisition.lead_cohort_closed_share),
    )  # fmt: skip
    for key, label, unit, metric in lines:
        by_segment = metric(books.segments, window).isel(month=last)
        cells = [by_segment.sel(segment=name) for name in names]
        cells.append(metric(books.segments, window, pooled=True).isel(month=last))
        spreads = tuple(spread(cell, unit, books.survives, is_ratio=True) for cell in cells)
        yield Row(key, label, spreads, continues=key == "lead_cohort_closed")


def _fallback_rows(books: Books, names: list[str], window: int) -> Iterator[Row]:
    """Tell how many leads fall back to another motion, and what it wins, if there is one."""
    if books.funnel is None:
        return
    by_segment, whole = (
        sales.fallback_shares(books.funnel, window, pooled).isel(month=-1)
        for pooled in (False, True)
    )
    lines = (
        ("fallen", "leads that fall back", "leads"),
        ("fallen_wins", "new customers who fell back", "new_logos"),
    )
    for key, label, part in lines:
        cells = (*(by_segment[part].sel(segment=name) for name in names), whole[part])
        yield Row(key, label, tuple(spread(cell, Unit.SHARE, books.survives) for cell in cells))


def _by_segment(line: Line, books: Books, names: list[str], window: int) -> Iterator[Spread]:
    """Cells of a metric: the segments', then the company's."""
    by_segment = line.metric(books.segments, window).isel(month=-1)
    for name in names:
        values = by_segment.sel(segment=name)
        yield spread(values, line.unit, books.survives, line.is_ratio)
    yield _spread_at(line, _of_company(line, books, window), books, -1)


def _shares(by_segment: xr.DataArray, names: list[str], where: xr.DataArray) -> tuple[Figure, ...]:
    parts = (*(by_segment.sel(segment=name) for name in names), by_segment.any("segment"))
    return tuple(probability(part.where(where)) for part in parts)


def efficiency_table(books: Books) -> Table:
    """Efficiency of the company by year."""
    years = [*periods(books.months)]
    # By month of all years at once: only the last may have another length.
    values = {
        months: [_of_company(line, books, months) for line in EFFICIENCY]
        for months in {year.months for year in years}
    }
    rows = tuple(
        Row(
            year.key,
            year.label,
            (
                probability(books.solvent.isel(month=year.last)),
                *(
                    _spread_at(line, by_month, books, year.last)
                    for line, by_month in zip(EFFICIENCY, values[year.months], strict=True)
                ),
            ),
        )
        for year in years
    )
    columns = {"solvent": "solvent", **{line.key: line.label for line in EFFICIENCY}}
    return Table(
        "efficiency",
        "Efficiency of the company by year",
        "year",
        columns,
        rows,
        Layout.STACKED,
        (
            "Of futures solvent to the year's end in which the figure is defined.",
            "Net burn: cash used in the year, without funding; negative where cash was made. Burn "
            "multiple: net burn per net new ARR. Rule of 40: growth of ARR plus cash flow without "
            "funding over revenue. Magic number: growth of a quarter's revenue x 4 over sales and "
            "marketing cost of the quarter before. Quick ratio: ARR gained over ARR lost. "
            "Largest customer: its share of ARR.",
        ),
        long=True,
        is_detail=True,
    )


def _of_company(line: Line, books: Books, months: int) -> xr.DataArray:
    """Company's metric by month."""
    if line.pooled is None:
        return line.metric(books.company, months)
    return line.pooled(books.segments, months)


def _spread_at(line: Line, by_month: xr.DataArray, books: Books, last: int) -> Spread:
    """Spread of a company's metric over the replications that are solvent in the month."""
    values, solvent = by_month.isel(month=last), books.solvent.isel(month=last)
    return spread(values, line.unit, solvent, line.is_ratio)


# --- stages ----------------------------------------------------------------------------------


def stage_table(books: Books) -> Table:
    """Month in which each company stage is reached, and how the company does in it."""
    columns = {
        "enters": "enters",
        "month": "in month",
        "cac": "CAC",
        "net_burn": "burn a month",
        "nrr": "NRR",
    }
    rows = []
    names = [str(name) for name in books.company["stage"].to_numpy()]
    lowest = int(books.company["policy_stage"].isel(month=0).min())
    for name in names[lowest:]:
        month = odds.month_of_stage(books.company, name)
        cells: tuple[Cell, ...] = (
            probability(month < np.inf),
            spread(month, Unit.MONTH),
            spread(odds.cac_in_stage(books.company, name), Unit.MONEY, is_ratio=True),
            spread(odds.burn_in_stage(books.company, name), Unit.MONEY, is_ratio=True),
            spread(odds.nrr_in_stage(books.company, name), Unit.SHARE),
        )
        rows.append(Row(name, name, cells))
    return Table(
        "stages",
        "Company stages",
        "stage",
        columns,
        tuple(rows),
        notes=(
            "In month: the first that ends with the stage's ARR, over all futures. CAC, burn and "
            "NRR are those of the months under its policy.",
        ),
        is_detail=True,
    )


# --- teams -----------------------------------------------------------------------------------

_TeamMetric: TypeAlias = tuple[str, str, Unit, xr.DataArray]
"""Key, label, unit, and values by month and team."""


def team_table(books: Books) -> Table | None:
    """How large and how busy each team is, over the last year; None without a team."""
    window = min(YEAR, books.months)
    requests = books.teams["team_requests"].sum(["draw", "replication", "month"])
    asked = {
        str(name): bool(n > 0)
        for name, n in zip(requests["team"].values, requests.values, strict=True)
    }
    if not asked:
        return None
    metrics = _team_metrics(books, window)
    short = {name: _shortage(books, name) for name, is_asked in asked.items() if is_asked}
    rows = []
    for name, is_asked in asked.items():
        reps, *others = _team_cells(metrics, name, books.survives)
        busy = [*others, short[name].odds] if is_asked else [None] * (len(metrics))
        rows.append(Row(name, name, (reps, *busy)))
    columns = {key: label for key, label, *_ in metrics} | {"short": "ever short"}
    notes = (
        *of_solvent(books),
        "Gave up: share of requests for a rep that ended while waiting. Ever short: in some year "
        "while solvent more than "
        f"{share(SHORT_UTILISATION)} of the team's time was taken, or more than "
        f"{share(SHORT_GAVE_UP)} of requests gave up; of the futures that have the team.",
        *_never_asked([name for name, is_asked in asked.items() if not is_asked]),
        *(line for name, found in short.items() for line in _short_line(name, found)),
    )
    title = f"Sellers and other teams, last {months_text(window)}"
    part = float(books.survives.mean())
    return Table(
        "teams", title, "team", columns, tuple(rows), notes=notes, is_detail=True, part=part
    )


def _never_asked(names: list[str]) -> Iterator[str]:
    """Name the teams of which only the size is told."""
    if names:
        yield f"Nobody queues for {enumeration(names)}: a cost, or accounts that it looks after."


def quota_table(books: Books) -> Table | None:
    """Tell how the teams with a quota stand to it; None without such a team."""
    quota = books.teams["team_quota"].sum(["draw", "replication", "month"])
    names = [str(name) for name in quota["team"].to_numpy()[quota.to_numpy() > 0]]
    if not names:
        return None
    window = min(YEAR, books.months)
    rates = min(YEAR, books.months // QUARTER * QUARTER) or QUARTER
    both = books.segments.merge(books.teams)
    metrics: tuple[_TeamMetric, ...] = (
        ("attainment", "quota met", Unit.SHARE, sales.quota_attainment(both, window)),
        ("at_quota", "reps at quota", Unit.SHARE, sales.reps_at_quota(both, window)),
        ("coverage", "pipeline coverage", Unit.MULTIPLE, sales.team_pipeline_coverage(both)),
        ("needed", "coverage needed", Unit.MULTIPLE, sales.team_needed_coverage(both, rates)),
    )
    rows = tuple(
        Row(name, name, tuple(_team_cells(metrics, name, books.survives))) for name in names
    )
    notes = (
        *of_solvent(books),
        "Quota met: the team's bookings over its quota, by ramp. Reps at quota: of the reps in "
        "seat at the end of the last whole year, those whose own bookings of the year reached "
        "their quota. Coverage: pipeline open three months before the end over the quota of these "
        "months; needed: with which bookings would have met quota, by the conversion of the last "
        f"{months_text(rates)} in quarters: pipeline at their starts over bookings of new "
        "customers. Expansions count in quota met and in reps at quota, not in coverage and "
        "needed.",
    )
    title = f"Quota and pipeline, last {months_text(window)}"
    columns = {key: label for key, label, *_ in metrics}
    part = float(books.survives.mean())
    return Table("quota", title, "team", columns, rows, notes=notes, is_detail=True, part=part)


def coverage_table(books: Books) -> Table | None:
    """Tell where bookings of teams with a quota came from; None without such a team."""
    rates = min(YEAR, books.months // QUARTER * QUARTER) or QUARTER
    parts = sales.coverage_rates(books.segments.merge(books.teams), rates, by_team=True)
    metrics: tuple[_TeamMetric, ...] = (
        ("created_and_won", "created and won", Unit.SHARE, parts["created_and_won"]),
        ("conversion", "conversion", Unit.SHARE, parts["conversion"]),
    )
    closes = parts["conversion"].isel(month=-1).notnull().any(["draw", "replication"])
    names = [str(name) for name in closes["team"].to_numpy()[closes.to_numpy()]]
    if not names:
        return None
    rows = tuple(
        Row(name, name, tuple(_team_cells(metrics, name, books.survives))) for name in names
    )
    notes = (
        *of_solvent(books),
        "Created and won: share of ARR booked with new customers whose opportunity was created in "
        "the same quarter. Conversion: ARR booked from pipeline that was open at a quarter's "
        "start, over that pipeline. Coverage needed is (1 - created and won) / conversion.",
    )
    title = f"Where bookings come from, last {months_text(rates)} in quarters"
    columns = {key: label for key, label, *_ in metrics}
    part = float(books.survives.mean())
    return Table("coverage", title, "team", columns, rows, notes=notes, is_detail=True, part=part)


def _team_metrics(books: Books, window: int) -> tuple[_TeamMetric, ...]:
    teams = books.teams
    return (
        ("reps", "reps", Unit.COUNT, teams["team_headcount"]),
        ("utilisation", "utilisation", Unit.SHARE, sales.utilisation(teams, window)),
        ("wait", "wait, days", Unit.DAYS, sales.mean_wait(teams, window)),
        ("gave_up", "gave up", Unit.SHARE, sales.expired_share(teams, window)),
    )


def _team_cells(
    metrics: tuple[_TeamMetric, ...], name: str, where: xr.DataArray
) -> Iterator[Spread]:
    for _, _, unit, values in metrics:
        yield spread(values.isel(month=-1).sel(team=name), unit, where)


class Shortage(NamedTuple):
    """How a team is short of people."""

    odds: Figure
    """Share of futures in which it is short in some year, of those that have it."""
    have_it: float
    """Share of futures in which it exists in some year while the company is solvent."""
    first_year: Spread
    """Of the futures in which it is short."""


def _shortage(books: Books, name: str) -> Shortage:
    team = books.teams.sel(team=name)
    years = [*periods(books.months)]
    judged = [_is_short(team, books.solvent, year) for year in years]
    short = xr.concat([year.fillna(0.0) for year in judged], "year")
    exists = xr.concat([year.notnull() for year in judged], "year").any("year")
    first = short.argmax("year") + 1.0
    return Shortage(
        probability(short.max("year").where(exists)),
        float(exists.mean()),
        spread(first.where(short.max("year") > 0), Unit.MONTH),
    )


def _is_short(team: xr.Dataset, solvent: xr.DataArray, year: Period) -> xr.DataArray:
    """Whether a team is short in a year; NaN where it does not exist or the company failed."""
    team = team.isel(month=slice(year.last + 1 - year.months, year.last + 1))
    slots, requests, reps = (
        team[f"team_{name}"].sum("month") for name in ("slots", "requests", "headcount")
    )
    is_short = (
        (sales.utilisation(team, year.months).isel(month=-1, drop=True) > SHORT_UTILISATION)
        | (sales.expired_share(team, year.months).isel(month=-1, drop=True) > SHORT_GAVE_UP)
        | ((slots == 0) & (requests > 0))
    )
    exists = (reps > 0) | (requests > 0)
    return is_short.where(exists & solvent.isel(month=year.last, drop=True))


def _short_line(name: str, short: Shortage) -> Iterator[str]:
    """Say in how many futures a team is short, and when first."""
    value, low, high = short.odds.estimate
    if value < SHORT_ODDS or np.isnan(value):
        return
    of = (
        "futures" if short.have_it == 1.0 else f"the {share(short.have_it)} of futures that have it"
    )
    first, last = (int(end.value) for end in (short.first_year.p10, short.first_year.p90))
    between = f" ({first}-{last})" if first < last else ""
    yield (
        f"{name} is short of people in {share(value)} of {of} "
        f"({interval(low, high, Unit.SHARE, '')}), first in year "
        f"{int(short.first_year.p50.value)}{between}."
    )


def largest_error(table: Table) -> float:
    """Largest Monte Carlo error of a median, as a share of its range from p10 to p90.

    Returns
    -------
    float
        Of the medians whose error is known; NaN where there is none or no quantity varies.
    """
    errors = [error for _, error in _errors(table) if np.isfinite(error)]
    return max(errors, default=float("nan"))


def too_few_draws(table: Table) -> list[str]:
    """Name the figures, as ``row (column)``, whose median has no known Monte Carlo error."""
    return [name for name, error in _errors(table) if np.isinf(error)]


def _errors(table: Table) -> Iterator[tuple[str, float]]:
    """Names of the figures that vary, and the errors of their medians."""
    for row in table.rows:
        for column, cell in zip(table.columns.values(), row.cells, strict=True):
            if isinstance(cell, Spread) and 0.0 < cell.p90.value - cell.p10.value < np.inf:
                range_ = cell.p90.value - cell.p10.value
                yield f"{row.label.strip()} ({column})", cell.p50.margin / range_
