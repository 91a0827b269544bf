"""The drivers of each segment, read off a Plan's tables without simulating.

A driver is an array over draws. Variability enters by its mean; amounts are in currency. Volumes
are those of the moment at which the segment opens: month 1, or the company stage that opens it,
with the spend of that stage at the ARR from which it begins, opening customers, planned reps, mean
season, no growth.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from gtmsim.analysis.composition import Funnel, Kinds, Menu
from gtmsim.analysis.deals import choices
from gtmsim.analysis.drivers import ChannelDrivers, Drivers, FallbackDrivers, Terms, with_odds
from gtmsim.analysis.economics import direct_cost
from gtmsim.draws import families
from gtmsim.metrics import formulas
from gtmsim.plan import Plan, fill_tables
from gtmsim.plan.means import record_means, record_quantiles
from gtmsim.plan.names import Stream
from gtmsim.plan.structure import (
    ACQUIRING,
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
    Flags,
    Floats,
    FunnelFloat,
    FunnelInt,
    HireInt,
    Ints,
    PlaybookFloat,
    PlaybookInt,
    SegmentFloat,
    SegmentInt,
    Source,
    Structure,
    TeamFloat,
    TeamFunction,
    TeamInt,
    Values,
    VolumeFloat,
)
from gtmsim.rules.allocation import MOST_PRODUCT_RATIO
from gtmsim.vocabulary import MINOR_UNITS, MONTHS_PER_QUARTER, MONTHS_PER_YEAR, OPENING_CHANNEL

N_PRICES = 1000
"""Equally likely list prices in the place of a distribution, where one decides more than itself."""
N_PARTS = 12
"""Equally likely shares of an account's potential, likewise."""


class Moment(NamedTuple):
    """When a segment is looked at; arrays of shape (draws,)."""

    stage: Ints
    """Row of the company stage."""
    arr: Floats
    """Closing ARR of the company, currency a year."""


def drivers_of(plan: Plan, inputs: Floats) -> tuple[Drivers, ...]:
    """Drivers of every segment.

    Parameters
    ----------
    plan
        The Plan.
    inputs
        In the units of the scenario, shape (draws, inputs): drawn ones, or one row of means.
    """
    tables = _Tables(plan, fill_tables(plan, inputs))
    alone = {row: tables.drivers(row) for row in range(len(plan.names.segments))}
    costs = {row: direct_cost(drivers) for row, drivers in alone.items()}
    return tuple(
        replace(drivers, overhead=_overhead(tables, row, costs)) for row, drivers in alone.items()
    )


@dataclass(frozen=True, eq=False)
class _Tables:
    """A Plan's tables over draws, and what several segments need of them."""

    plan: Plan
    values: Values

    @property
    def structure(self) -> Structure:
        return self.plan.structure

    @property
    def n_draws(self) -> int:
        return len(self.values.company)

    def zeros(self) -> Floats:
        return np.zeros(self.n_draws)

    @cached_property
    def means(self) -> Floats:
        """Mean of each distribution in the unit of the engines, shape (draws, distributions)."""
        return record_means(self.values.dists)

    def mean(self, row: int) -> Floats:
        """Mean of the distribution in a row; 0 where there is none."""
        return self.means[:, row] if row >= 0 else self.zeros()

    def prices(self, row: int, vary: bool) -> Floats:
        """List prices of the distribution in a row, shape (draws, prices): their mean, or many.

        Currency a year, equally likely.
        """
        if row < 0 or not vary:
            return self.mean(row)[:, np.newaxis] / MINOR_UNITS
        return record_quantiles(self.values.dists[:, row], N_PRICES) / MINOR_UNITS

    # The opening position

    @cached_property
    def opening_arr(self) -> Floats:
        """ARR at the start, currency a year."""
        arr = self.zeros()
        for s, counts in enumerate(self.structure.segment):
            if counts[SegmentInt.OPENING_COUNT]:
                terms = self.terms(s)
                prices = self.prices(counts[SegmentInt.OPENING_ACV_DIST], bool(terms.volume.size))
                share, kept = choices(terms, prices)
                paid = ((share * kept).sum(2) * prices).mean(1)
                arr = arr + counts[SegmentInt.OPENING_COUNT] * paid
        return arr

    @cached_property
    def opening_stage(self) -> Ints:
        """Row of the company stage of month 1."""
        return self.stage_at(self.opening_arr)

    def stage_at(self, arr: Floats) -> Ints:
        """Row of the highest company stage whose threshold an ARR reaches."""
        thresholds = self.values.stage_from_arr / MINOR_UNITS
        reached = arr[:, np.newaxis] >= thresholds
        stage: Ints = np.where(reached, np.arange(thresholds.shape[1]), 0).max(1)
        return stage

    def moment(self, s: int) -> Moment:
        """When a segment opens: at the start, or with the company stage that opens it."""
        opens = self._opening_stage_of(s)
        if opens < 0:
            return Moment(self.opening_stage, self.opening_arr)
        stage = np.maximum(self.opening_stage, opens)
        threshold = np.take_along_axis(self.values.stage_from_arr, stage[:, np.newaxis], 1)[:, 0]
        return Moment(stage, np.maximum(self.opening_arr, threshold / MINOR_UNITS))

    def _opening_stage_of(self, s: int) -> int:
        """Row of the company stage that opens a segment; -1 where a month does."""
        counts = self.structure.segment[s]
        if counts[SegmentInt.OPENS_BOUNDARY] >= 0:
            return -1
        if counts[SegmentInt.OPENS_STAGE] >= 0:
            return int(counts[SegmentInt.OPENS_STAGE])
        listed = np.flatnonzero(self.structure.stage_opens[:, s])
        return int(listed[0]) if len(listed) else -1

    def is_open(self, s: int, moment: Moment) -> Flags:
        """Whether a segment is open at a moment, shape (draws,).

        One that opens by month later than the first is open at every later company stage.
        """
        boundary = self.structure.segment[s, SegmentInt.OPENS_BOUNDARY]
        if boundary >= 0:
            opened: Flags = (boundary == 0) | (moment.stage > self.opening_stage)
            return opened
        return moment.stage >= self._opening_stage_of(s)

    def by_stage(self, table: Floats, moment: Moment) -> Floats:
        """Column of the moment's company stage, shape (draws, rows), of a table (.., stages)."""
        at = moment.stage[:, np.newaxis, np.newaxis]
        column = np.take_along_axis(table, np.broadcast_to(at, (*table.shape[:2], 1)), 2)
        amounts: Floats = column[..., 0]
        return amounts

    # Teams

    def rep_month(self, t: int) -> Floats:
        """Cost of the full capacity of a rep for a month, in steady turnover.

        Pay, tools, and the recruiting of who follows a leaver, over the mean ramp of reps who
        leave at a constant rate.
        """
        numbers = self.values.team[:, t]
        leaves = numbers[:, TeamFloat.LEAVES_PER_MONTH]
        pay = numbers[:, TeamFloat.COST_PER_MONTH] + leaves * numbers[:, TeamFloat.RECRUITING_COST]
        n_quarters = self.structure.team[t, TeamInt.RAMP_QUARTERS]
        quarter = np.arange(n_quarters + 1)
        staying = np.exp(-MONTHS_PER_QUARTER * leaves[:, np.newaxis] * quarter)
        staying[:, -1] = 0.0  # the last quarter holds on
        weight = staying[:, :-1] - staying[:, 1:]
        ramp: Floats = (weight * self.values.ramp[:, t, :n_quarters]).sum(1)
        return formulas.ratio(pay / MINOR_UNITS, ramp)

    def slot_month(self, t: int) -> Floats:
        """Cost of one busy slot of a team for a month, every slot being busy."""
        slots = np.maximum(np.floor(self.values.team[:, t, TeamFloat.OPEN_DEALS]), 1.0)
        return self.rep_month(t) / slots

    def is_acquiring(self, t: int) -> bool:
        """Whether a team's cost counts as acquisition."""
        return t >= 0 and self.structure.team[t, TeamInt.FUNCTION] in ACQUIRING

    def reps(self, t: int, moment: Moment) -> Floats:
        """Reps of a team at a moment: at the start, by month, and by stages entered until then."""
        reps = np.full(self.n_draws, float(self.structure.team[t, TeamInt.REPS]))
        for hire in self.structure.hire:
            if hire[HireInt.TEAM] == t:
                stage = hire[HireInt.STAGE]
                entered = (self.opening_stage < stage) & (stage <= moment.stage)
                comes = entered if stage >= 0 else np.full(self.n_draws, True)
                reps = reps + np.where(comes, hire[HireInt.COUNT], 0)
        planned: Floats = np.minimum(reps, float(self.structure.team[t, TeamInt.MAX_REPS]))
        return planned

    # A segment

    def drivers(self, s: int) -> Drivers:
        """Drivers of a segment, without the costs that it shares with others."""
        counts, numbers = self.structure.segment[s], self.values.segment[:, s]
        rows = _rows(self.structure.segment[s], "FUNNEL")
        moment, terms = self.moment(s), self.terms(s)
        fallback = self._fallback(s, moment)
        vary = fallback is not None or bool(terms.volume.size)
        prices = self.prices(counts[SegmentInt.ACV_DIST], vary)
        csm = int(counts[SegmentInt.CSM_TEAM])
        accounts = numbers[:, SegmentFloat.ACCOUNTS_PER_REP] if csm >= 0 else None
        churn = self.values.dists[:, counts[SegmentInt.CHURN_DIST]]
        differs = churn[:, 0] == families.BETA
        channels = tuple(self._channels(s, moment))
        drivers = Drivers(
            segment=self.plan.names.segments[s],
            stages=tuple(self.plan.names.funnel[row].name for row in rows),
            win_rate=self._win_rate(rows, moment),
            entry_cost=self.values.funnel[:, rows, FunnelFloat.ENTRY_COST] / MINOR_UNITS,
            seller_cost=self._seller_cost(rows),
            fallback=fallback,
            channels=channels,
            commission=self._commission(rows),
            overhead=self.zeros(),
            prices=prices,
            price_weight=np.full(prices.shape, 1.0 / prices.shape[1]),
            relative_win=np.ones(prices.shape),
            in_bands=False,
            terms=terms,
            cogs_share=(
                numbers[:, SegmentFloat.COGS_SHARE]
                + numbers[:, SegmentFloat.MISSED_SHARE] * numbers[:, SegmentFloat.CREDIT_SHARE]
                + self._shared_service(moment)
            ),
            support=numbers[:, SegmentFloat.SUPPORT_PER_MONTH] / MINOR_UNITS * MONTHS_PER_YEAR,
            success=self._success(s, csm, accounts),
            onboarding=self._onboarding(s),
            churn_alpha=np.where(differs, churn[:, 1], np.nan),
            churn_beta=np.where(differs, churn[:, 2], np.nan),
            churn_constant=np.where(differs, np.nan, churn[:, 1]),
            save_rate=numbers[:, SegmentFloat.SAVE_RATE] * numbers[:, SegmentFloat.ALARMS_SEEN],
            accounts_per_rep=accounts,
            expansion=self._expansion(s),
            contraction=self._contraction(s),
            cap=np.maximum(self.mean(counts[SegmentInt.CAP_DIST]), 1.0),
        )
        by_product = self._product(moment, -self._of_company("PRODUCT_ELASTICITY"))
        worse = numbers[:, SegmentFloat.MISSED_CHURN] - 1.0
        by_service = 1.0 + numbers[:, SegmentFloat.MISSED_SHARE] * worse
        drivers = _with_hazard(drivers, by_product * by_service)
        if csm >= 0:
            drivers = _with_hazard(drivers, numbers[:, SegmentFloat.REVIEWED_CHURN])
        return self._as_composed(drivers, s, moment) if self.plan.names.classes else drivers

    def _as_composed(self, drivers: Drivers, s: int, moment: Moment) -> Drivers:
        """Drivers of a segment whose leads are accounts of the market, in part or all.

        Win rates and times are those of the mix that enters a stage, churn and delivery cost those
        of the mix that is won: the hazard of churn by its mean factor.
        """
        names = self.plan.names.channels
        leads = {names.index(one.name): one.leads for one in drivers.channels}
        channels = self.plan.scenario.channels.values()
        of_market = {c for c, one in enumerate(channels) if not one.segments}
        market = {c: count for c, count in leads.items() if c in of_market}
        others = sum((n for c, n in leads.items() if c not in of_market), start=self.zeros())
        ways = [_rows(self.structure.segment[s], "FUNNEL")]
        if drivers.fallback is not None:
            ways.append(self._fallback_rows(s))
        funnels = tuple(Funnel(rows, self._product_odds(rows, moment)) for rows in ways)
        found = self.kinds.composition(s, funnels, self._menu(drivers, s), market, others)
        cap, share = drivers.cap, self.structure.segment[s, SegmentInt.POTENTIAL_SHARE_DIST]
        if share >= 0:
            whole = np.maximum(formulas.ratio(np.ones(self.n_draws), self.mean(share)), 1.0)
            cap = found.known * whole + (1.0 - found.known) * cap
        return replace(
            _with_hazard(drivers, found.churn),
            win_rate=found.win_rate[0],
            seller_cost=drivers.seller_cost * found.duration[0],
            fallback=drivers.fallback and replace(drivers.fallback, win_rate=found.win_rate[1]),
            prices=found.price / MINOR_UNITS,
            price_weight=found.weight,
            relative_win=found.relative_win,
            in_bands=found.price.shape[1] > 1,
            cap=cap,
            support=drivers.support * found.delivery,
            onboarding=drivers.onboarding * found.delivery,
        )

    def _menu(self, drivers: Drivers, s: int) -> Menu:
        """Prices of a segment's leads, in bands in which all pay and are sold to alike."""
        below = self.zeros() if drivers.fallback is None else drivers.fallback.below
        steps = drivers.terms.volume[..., VolumeFloat.FROM_ACV].reshape(self.n_draws, -1)
        starts = steps if drivers.fallback is None else np.column_stack([below, steps])
        row = self.structure.segment[s, SegmentInt.POTENTIAL_SHARE_DIST]
        parts = None
        if row >= 0 and starts.size:
            parts = record_quantiles(self.values.dists[:, row], N_PARTS)
        elif row >= 0:
            parts = self.mean(row)[:, np.newaxis]
        return Menu(
            ends=np.sort(starts, axis=1) * MINOR_UNITS,
            below=below * MINOR_UNITS,
            parts=parts,
            prices=drivers.prices * MINOR_UNITS,
        )

    @cached_property
    def kinds(self) -> Kinds:
        """Kinds of accounts of the market."""
        return Kinds(self.structure, self.values)

    def _fallback(self, s: int, moment: Moment) -> FallbackDrivers | None:
        rows = self._fallback_rows(s)
        if not rows:
            return None
        return FallbackDrivers(
            below=self.values.segment[:, s, SegmentFloat.FALLBACK_BELOW] / MINOR_UNITS,
            stages=tuple(self.plan.names.funnel[row].name for row in rows),
            win_rate=self._win_rate(rows, moment),
            entry_cost=self.values.funnel[:, rows, FunnelFloat.ENTRY_COST] / MINOR_UNITS,
        )

    def _fallback_rows(self, s: int) -> list[int]:
        first = int(self.structure.segment[s, SegmentInt.FALLBACK_FIRST])
        if first < 0:
            return []
        return list(range(first, self.structure.funnel[first, FunnelInt.LAST_ROW] + 1))

    def _win_rate(self, rows: list[int], moment: Moment) -> Floats:
        """Win rates of stages at the moment's product, shape (draws, stages)."""
        return with_odds(
            self.values.funnel[:, rows, FunnelFloat.WIN_RATE], self._product_odds(rows, moment)
        )

    def _product_odds(self, rows: list[int], moment: Moment) -> Floats:
        """Factor of product spend on the odds of stages, shape (draws, stages)."""
        whole = self._product(moment, self._of_company("PRODUCT_ODDS_ELASTICITY"))
        odds: Floats = whole[:, np.newaxis] ** (1.0 / self.structure.funnel[rows, FunnelInt.STAGES])
        return odds

    def _product(self, moment: Moment, elasticity: Floats) -> Floats:
        """Product spend at a moment over its reference, within bounds, to an elasticity."""
        reference = self._of_company("REFERENCE_PRODUCT_SPEND") / MINOR_UNITS
        spend = self._allocated(AllocationFloat.PRODUCT, moment) / reference
        factor: Floats = np.clip(spend, 1.0 / MOST_PRODUCT_RATIO, MOST_PRODUCT_RATIO) ** elasticity
        return factor

    def _of_company(self, number: str) -> Floats:
        column: Floats = self.values.company[:, CompanyFloat[number]]
        return column

    def _seller_cost(self, rows: list[int]) -> Floats:
        cost = np.zeros((self.n_draws, len(rows)))
        for n, row in enumerate(rows):
            team = int(self.structure.funnel[row, FunnelInt.TEAM])
            if self.is_acquiring(team):
                months = self.mean(self.structure.funnel[row, FunnelInt.DURATION_DIST])
                cost[:, n] = months * self.slot_month(team)
        return cost

    def _commission(self, rows: list[int]) -> Floats:
        teams = {int(team) for team in self.structure.funnel[rows, FunnelInt.TEAM] if team >= 0}
        commission = self.zeros()
        for team in teams:
            commission = commission + self.values.team[:, team, TeamFloat.COMMISSION]
        return commission

    def terms(self, s: int) -> Terms:
        """Contract menu of a segment."""
        rows = _rows(self.structure.segment[s], "CONTRACT")
        numbers = self.values.contract[:, rows]
        segment = self.values.segment[:, s]
        lost = segment[:, SegmentFloat.FAIL_RATE] * (1.0 - segment[:, SegmentFloat.RETRY_SUCCESS])
        per_year = MONTHS_PER_YEAR / self.structure.contract[rows, ContractInt.BILLING]
        return Terms(
            numbers[..., ContractFloat.SHARE],
            numbers[..., ContractFloat.DISCOUNT],
            self.structure.contract[rows, ContractInt.TERM],
            1.0 - (1.0 - lost[:, np.newaxis]) ** per_year,
            self._volume(rows),
        )

    def _volume(self, rows: list[int]) -> Floats:
        """Read the volume discounts of contracts, with the steps of the one that has most."""
        steps = self.structure.contract[rows, ContractInt.VOLUME_STEPS].max()
        volume = self.values.volume[:, rows, :steps].copy()
        volume[..., VolumeFloat.FROM_ACV] /= MINOR_UNITS
        return volume

    def _success(self, s: int, csm: int, accounts: Floats | None) -> Floats:
        if accounts is None:
            return self.zeros()
        numbers = self.values.segment[:, s]
        each = numbers[:, SegmentFloat.REVIEWS_PER_MONTH] * numbers[:, SegmentFloat.REVIEW_COST]
        programme = (each + numbers[:, SegmentFloat.PLAN_COST]) / MINOR_UNITS * MONTHS_PER_YEAR
        return programme + formulas.ratio(MONTHS_PER_YEAR * self.rep_month(csm), accounts)

    def _onboarding(self, s: int) -> Floats:
        cost = self.values.segment[:, s, SegmentFloat.ONBOARDING_COST] / MINOR_UNITS
        team = int(self.structure.segment[s, SegmentInt.ONBOARDING_TEAM])
        if team < 0 or self.is_acquiring(team):
            return cost
        months = self.mean(self.structure.segment[s, SegmentInt.ONBOARDING_DIST])
        return cost + months * self.slot_month(team)

    def _expansion(self, s: int) -> Floats:
        growth = self.zeros()
        has_csm = self.structure.segment[s, SegmentInt.CSM_TEAM] >= 0
        planned = self.values.segment[:, s, SegmentFloat.PLANNED_EXPANSION] if has_csm else 1.0
        for row in _rows(self.structure.segment[s], "PLAYBOOK"):
            numbers = self.values.playbook[:, row]
            uplift = self.mean(self.structure.playbook[row, PlaybookInt.UPLIFT_DIST])
            won = numbers[:, PlaybookFloat.RATE] * numbers[:, PlaybookFloat.WIN_RATE]
            growth = growth + MONTHS_PER_YEAR * won * planned * uplift
        rows = _rows(self.structure.segment[s], "CONTRACT")
        contracts = self.values.contract[:, rows]
        years = self.structure.contract[rows, ContractInt.TERM] / MONTHS_PER_YEAR
        raised = contracts[..., ContractFloat.SHARE] * contracts[..., ContractFloat.UPLIFT] / years
        total: Floats = growth + raised.sum(1)
        return total

    def _contraction(self, s: int) -> Floats:
        hazard = self.values.segment[:, s, SegmentFloat.CONTRACTION_HAZARD]
        size = self.mean(self.structure.segment[s, SegmentInt.CONTRACTION_DIST])
        return -np.expm1(-hazard) * size

    def _shared_service(self, moment: Moment) -> Floats:
        """Support and success cost of the company itself, as a share of its revenue."""
        share = self.zeros()
        revenue = moment.arr / MONTHS_PER_YEAR
        for line, amount in self._lines((TeamFunction.SUPPORT, TeamFunction.SUCCESS), moment):
            fixed = formulas.ratio(amount, revenue)
            share = share + self.values.cost[:, line, CostFloat.SHARE_OF_REVENUE]
            share = share + np.where(np.isnan(fixed), 0.0, fixed)
        allocated = formulas.ratio(self._allocated(AllocationFloat.SUPPORT, moment), revenue)
        return share + np.where(np.isnan(allocated), 0.0, allocated)

    def _lines(
        self, functions: tuple[TeamFunction, ...], moment: Moment
    ) -> list[tuple[int, Floats]]:
        """Rows of the cost lines with some function, and their fixed amounts a month."""
        amounts = self.by_stage(self.values.cost_amount, moment) / MINOR_UNITS
        lines = self.structure.cost[:, CostInt.FUNCTION]
        return [(n, amounts[:, n]) for n, f in enumerate(lines) if f in functions]

    def acquisition_lines(self, moment: Moment) -> Floats:
        """Sales and marketing cost a month of the company itself."""
        cost = self.zeros()
        for line, amount in self._lines((TeamFunction.SALES, TeamFunction.MARKETING), moment):
            of_revenue = self.values.cost[:, line, CostFloat.SHARE_OF_REVENUE]
            cost = cost + amount + of_revenue * moment.arr / MONTHS_PER_YEAR
        return cost

    # Channels

    def _channels(self, s: int, moment: Moment) -> list[ChannelDrivers]:
        names = self.plan.names.channels
        reaches = (
            stream.channel for stream in self.plan.names.streams
            if stream.channel != OPENING_CHANNEL and self._reaches(stream, s)
        )  # fmt: skip
        spend = self._spend(moment)
        return [
            self._channel(names.index(name), s, moment, spend) for name in dict.fromkeys(reaches)
        ]

    def _reaches(self, stream: Stream, s: int) -> bool:
        """Whether a stream brings a segment leads; one of the market may, by its channel's mix."""
        if stream.segment:
            return stream.segment == self.plan.names.segments[s]
        return bool(self.values.mix[:, self.plan.names.channels.index(stream.channel), s].any())

    def _channel(self, c: int, s: int, moment: Moment, spend: Floats) -> ChannelDrivers:
        name = self.plan.names.channels[c]
        mix = self.values.mix[:, c, s]
        leads: dict[Source, Floats] = {}
        reward, partner = self.zeros(), self.zeros()
        for n, stream in enumerate(self.plan.names.streams):
            if stream.channel == name and self._reaches(stream, s):
                leads[stream.source] = mix * self._leads(c, stream, moment, spend[:, c])
                _, each, commission = self.values.stream[:, n].T
                reward = reward + leads[stream.source] * each / MINOR_UNITS
                partner = partner + leads[stream.source] * commission
        total = sum(leads.values(), start=self.zeros())
        rows = _rows(self.structure.segment[s], "FUNNEL")
        prospecting, prospects = self._prospecting(c, rows, leads, total)
        return ChannelDrivers(
            name=name,
            leads=total,
            programme=mix * (spend[:, c] + self._events(c, EventFloat.COST) / MINOR_UNITS),
            lead_cost=self.values.channel[:, c, ChannelFloat.COST_PER_LEAD] / MINOR_UNITS,
            prospecting=prospecting,
            prospects=prospects,
            reward=_zero_where_undefined(formulas.ratio(reward, total)),
            partner_commission=_zero_where_undefined(formulas.ratio(partner, total)),
            marginal_lead=self._marginal(c, leads.get(Source.SPEND), spend[:, c], mix),
        )

    def _spend(self, moment: Moment) -> Floats:
        """Spend of each channel a month, shape (draws, channels)."""
        spend = self.by_stage(self.values.spend, moment)
        amount = self.by_stage(self.values.budget_amount, moment)
        of_arr = self.by_stage(self.values.budget_share_of_arr, moment)
        budgets = amount + of_arr * MINOR_UNITS * moment.arr[:, np.newaxis]
        allocated = self.structure.company[CompanyInt.ALLOCATED_BUDGET]
        if allocated >= 0:
            part = self._allocated(AllocationFloat.MARKETING, moment)
            budgets[:, allocated] = part * MINOR_UNITS
        for c, budget in enumerate(self.structure.channel[:, ChannelInt.BUDGET]):
            if budget >= 0:
                share = self.values.channel[:, c, ChannelFloat.BUDGET_SHARE]
                spend[:, c] += share * budgets[:, budget]
        return spend / MINOR_UNITS

    def _allocated(self, part: AllocationFloat, moment: Moment) -> Floats:
        """Part of the allocation a month; a burn limit alone leaves the total of a first month."""
        numbers = self.by_stage(self.values.allocation.transpose(0, 2, 1), moment)
        limit = self.values.company[:, CompanyFloat.BURN_LIMIT] / MINOR_UNITS
        total = numbers[:, AllocationFloat.PER_MONTH] / MINOR_UNITS
        total = total + numbers[:, AllocationFloat.SHARE_OF_ARR] * moment.arr
        total = np.minimum(total, limit + moment.arr / MONTHS_PER_YEAR)
        return total * numbers[:, part]

    def _leads(self, c: int, stream: Stream, moment: Moment, spend: Floats) -> Floats:
        """Leads a month of one source of a channel, over all segments."""
        team = int(self.structure.channel[c, ChannelInt.OUTBOUND_TEAM])
        per_month: dict[Source, tuple[ChannelFloat, Callable[[], Floats]]] = {
            Source.ORGANIC: (ChannelFloat.ORGANIC, lambda: self.values.season[:, c].mean(1)),
            Source.OUTBOUND: (ChannelFloat.OUTBOUND_RATE, lambda: self.reps(team, moment)),
            Source.VIRALITY: (
                ChannelFloat.VIRALITY_RATE,
                lambda: self._opening_customers(self.structure.virality_of[c]),
            ),
            Source.REFERRALS: (
                ChannelFloat.REFERRAL_RATE,
                lambda: self._opening_customers(self.structure.referral_of[c]),
            ),
            Source.PARTNERS: (
                ChannelFloat.PARTNER_RATE,
                lambda: self.values.channel[:, c, ChannelFloat.PARTNERS],
            ),
        }
        if stream.source in per_month:
            rate, times = per_month[stream.source]
            leads: Floats = self.values.channel[:, c, rate] * times()
            return leads
        is_spend = stream.source == Source.SPEND
        return self._response(c, spend) if is_spend else self._events(c, EventFloat.LEADS)

    def _response(self, c: int, spend: Floats) -> Floats:
        numbers = self.values.channel[:, c]
        reference = numbers[:, ChannelFloat.REFERENCE_SPEND] / MINOR_UNITS
        response = (spend / reference) ** numbers[:, ChannelFloat.EXPONENT]
        if self.structure.channel[c, ChannelInt.HILL]:
            response = response / (1.0 + response)
        leads: Floats = numbers[:, ChannelFloat.LEADS] * response
        return leads

    def _marginal(self, c: int, leads: Floats | None, spend: Floats, mix: Floats) -> Floats:
        if leads is None:
            return np.full(self.n_draws, np.nan)
        numbers = self.values.channel[:, c]
        return formulas.marginal_lead_cost(
            spend * mix,
            leads,
            numbers[:, ChannelFloat.EXPONENT],
            bool(self.structure.channel[c, ChannelInt.HILL]),
            numbers[:, ChannelFloat.LEADS] * mix,
        )

    def _opening_customers(self, counted: Flags) -> Floats:
        n = self.structure.segment[counted, SegmentInt.OPENING_COUNT].sum()
        return np.full(self.n_draws, float(n))

    def _events(self, c: int, column: EventFloat) -> Floats:
        """Average over the plan what the events of a channel bring or cost a month."""
        months = int(self.structure.company[CompanyInt.MONTHS])
        total = self.zeros()
        for e, event in enumerate(self.structure.event):
            if event[EventInt.CHANNEL] == c and event[EventInt.MONTH] < months:
                every = int(event[EventInt.EVERY])
                left = months - 1 - int(event[EventInt.MONTH])
                times = 1 + (left // every if every else 0)
                total = total + self.values.event[:, e, column] * times
        return total / months

    def _prospecting(
        self, c: int, rows: list[int], leads: dict[Source, Floats], total: Floats
    ) -> tuple[Floats, Flags]:
        """Pay of prospecting per lead of the channel, and the stages its team works too."""
        team = int(self.structure.channel[c, ChannelInt.OUTBOUND_TEAM])
        if Source.OUTBOUND not in leads or not self.is_acquiring(team):
            return self.zeros(), np.zeros(len(rows), np.bool_)
        rate = self.values.channel[:, c, ChannelFloat.OUTBOUND_RATE]
        each = formulas.ratio(self.rep_month(team), rate)
        share = formulas.ratio(leads[Source.OUTBOUND], total)
        worked = self.structure.funnel[rows, FunnelInt.TEAM] == team
        return _zero_where_undefined(each * share), worked


def _overhead(tables: _Tables, s: int, costs: dict[int, Floats]) -> Floats:
    """Tools, and sales and marketing cost of the company itself, that fall on a segment a month.

    As in the books: a stack is paid by the segments alike that need it, the company's cost lines by
    the segments' own acquisition cost; here of those that are open when this one opens, and it.
    """
    moment = tables.moment(s)
    with_it = {o: np.where(o == s, True, tables.is_open(o, moment)) for o in costs}
    tools = tables.zeros()
    for w, cost in enumerate(tables.values.stack_cost.T):
        if tables.structure.stack_of[s, w]:
            users = [o for o in costs if tables.structure.stack_of[o, w]]
            tools = tools + cost / MINOR_UNITS / sum(with_it[o] for o in users)
    own = costs[s] + tools
    whole = sum((np.where(with_it[o], costs[o], 0.0) for o in costs), start=tables.zeros())
    share = formulas.ratio(own, whole + tools)
    n_open = sum(np.where(with_it[o], 1.0, 0.0) for o in costs)
    share = np.where(np.isnan(share), 1.0 / n_open, share)
    return tools + share * tables.acquisition_lines(moment)


_LEAST_CHURN = 1e-12


def _with_hazard(drivers: Drivers, factor: Floats) -> Drivers:
    """Drivers whose hazard of churn is ``factor`` times as large, at its mean over customers."""
    concentration = drivers.churn_alpha + drivers.churn_beta
    mean = drivers.churn_alpha / concentration
    # A beta has no mean of 0 or 1, which a factor of 0 or a large one would ask for.
    raised = np.clip(1.0 - (1.0 - mean) ** factor, _LEAST_CHURN, 1.0 - _LEAST_CHURN)
    return replace(
        drivers,
        churn_alpha=raised * concentration,
        churn_beta=(1.0 - raised) * concentration,
        churn_constant=1.0 - (1.0 - drivers.churn_constant) ** factor,
    )


def _rows(counts: Ints, part: str) -> list[int]:
    """Rows of a segment in a table of its parts."""
    first = int(counts[SegmentInt[f"{part}_FIRST"]])
    return list(range(first, first + int(counts[SegmentInt[f"{part}_COUNT"]])))


def _zero_where_undefined(values: Floats) -> Floats:
    return np.where(np.isnan(values), 0.0, values)
