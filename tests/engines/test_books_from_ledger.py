"""Books of cohorts, quarters, reps and expansions are what the ledger's events add up to.

Engines that agree may err together: here both books are derived once more, from the events. A
lead's month is that of its LEAD event, not that of its identity; a rep is told by who sits where.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from gtmsim.engines import compiled, reference
from gtmsim.engines.compiled.engine import Player
from gtmsim.engines.compiled.workspace import Capacity
from gtmsim.plan import Plan, compile_plan, draw_inputs, fill_values
from gtmsim.plan.structure import (
    CompanyInt,
    FunnelInt,
    PlaybookInt,
    SegmentInt,
    Source,
    StreamFloat,
    StreamInt,
    TeamFloat,
    TeamFunction,
    TeamInt,
    Values,
)
from gtmsim.rules.clocks import ticks
from gtmsim.rules.money import round_half_up
from gtmsim.rules.state import EMPTY_SEAT, Books, new_books
from gtmsim.scenario import load_scenario
from gtmsim.scenario.loading import check_scenario
from gtmsim.scenario.models import Scenario
from gtmsim.vocabulary import EventKind, LeadCohortAccount, SegmentAccount, TeamAccount
from tests.engines.compiled.plans import everything
from tests.engines.generated import Tables, scenarios

SCENARIOS = Path(__file__).parents[2] / "scenarios"
SEED = 11
N_GENERATED = 25
ENDS = (EventKind.WON, EventKind.LOST, EventKind.EXPIRED)


class Hold(NamedTuple):
    """A rep's time on one deal, onboarding or attempt."""

    entity: int
    sub: int
    segment: int
    team: int
    seat: int
    since: float
    until: float


class Rep(NamedTuple):
    """One of the reps that a seat has had."""

    team: int
    seat: int
    generation: int


@dataclass(frozen=True)
class History:
    """What happened in one replication, and who sat where in each month."""

    plan: Plan
    values: Values
    books: Books
    ledger: Any
    starts: list[Any]
    generations: list[Any]
    seat_booked: dict[str, Any]  # by engine, at the end

    @property
    def months(self) -> int:
        """Horizon."""
        return int(self.plan.structure.company[CompanyInt.MONTHS])

    def events(self, *kinds: EventKind) -> Iterator[Any]:
        """Events of some kinds, in order."""
        yield from self.ledger[np.isin(self.ledger["kind"], kinds)]

    @cached_property
    def came(self) -> dict[int, int]:
        """Month of every served lead's arrival."""
        return {int(e["entity"]): int(e["time"]) for e in self.events(EventKind.LEAD)}

    @cached_property
    def holds(self) -> list[Hold]:
        """Every hold up to the horizon, in order of its begin."""
        released = defaultdict(list)
        for event in self.events(EventKind.RELEASED):
            released[int(event["entity"]), int(event["sub"])].append(float(event["time"]))
        made = []
        n: Counter[tuple[int, int]] = Counter()
        for event in self.events(EventKind.GRANTED):
            key = int(event["entity"]), int(event["sub"])
            ends = released[key]
            until = ends[n[key]] if n[key] < len(ends) else float(self.months)
            n[key] += 1
            where = int(event["segment"]), int(event["detail"]), int(event["seat"])
            made.append(Hold(*key, *where, float(event["time"]), until))
        return made

    def sells(self, team: int) -> bool:
        """Whether a team's cost is acquisition."""
        function = self.plan.structure.team[team, TeamInt.FUNCTION]
        return function in (TeamFunction.SALES, TeamFunction.MARKETING)

    @cached_property
    def entered(self) -> dict[int, int]:
        """Funnel row that each lead and opening deal entered last."""
        entries = self.events(EventKind.STAGE_ENTERED)
        return {int(event["entity"]): int(event["detail"]) for event in entries}

    def teams_of(self, row: int) -> list[int]:
        """Teams of the stages of a funnel row's motion, row by row, -1 where there is none."""
        funnel = self.plan.structure.funnel
        last = funnel[:, FunnelInt.LAST_ROW]
        return funnel[last == last[row], FunnelInt.TEAM].tolist()

    def commission(self, team: int, arr: int) -> int:
        """Commission of a team on a booking."""
        return int(round_half_up(self.values.team[team, TeamFloat.COMMISSION] * arr))

    def rep_of(self, hold: Hold, t: float) -> Rep | None:
        """Rep of a hold, if still in the seat at ``t``."""
        granted, now = int(hold.since), int(t)
        place = hold.team, hold.seat
        if self.starts[now][place] == EMPTY_SEAT:
            return None
        if self.generations[granted][place] != self.generations[now][place]:
            return None
        return Rep(*place, int(self.generations[now][place]))


def history(plan: Plan, replication: int = 0) -> History:
    """Play a replication: books of the compiled engine, seats as the reference engine sees them."""
    (values,) = fill_values(plan, draw_inputs(plan, SEED, range(1)))
    books, ledger = compiled.trace(plan, values, SEED, 0, replication)
    player = Player(plan.structure, Capacity())
    player.play(player.numbers(values), SEED, 0, replication, new_books(plan.structure))
    seat_booked = {"compiled": player._state.seat_booked}
    starts, generations = [], []

    def watch(company: Any) -> Iterator[Any]:
        seat_booked["reference"] = company.state.seat_booked
        while True:
            yield company.month_opened
            starts.append(company.state.seat_start.copy())
            generations.append(company.state.seat_generation.copy())

    reference.trace(plan, values, SEED, 0, replication, extra_processes=[watch])
    return History(plan, values, books, ledger, starts, generations, seat_booked)


def cohorts(h: History) -> Any:
    """Lead-cohort book from the ledger."""
    book = np.zeros_like(h.books.lead_cohort)
    stream, numbers = h.plan.structure.stream, h.values.stream
    for event in h.events(EventKind.LEAD, EventKind.STAGE_ENTERED, *ENDS):
        entity, segment, amount = (int(event[c]) for c in ("entity", "segment", "amount"))
        is_attempt = event["sub"] >= 0 and event["kind"] != EventKind.LEAD
        if entity not in h.came or is_attempt:
            continue
        row = book[h.came[entity], segment]
        if event["kind"] in (EventKind.LEAD, EventKind.STAGE_ENTERED):
            row[LeadCohortAccount.VARIABLE_COST] += amount
        if event["kind"] == EventKind.LEAD:
            row[LeadCohortAccount.OPEN_LEADS] += 1
        if event["kind"] in ENDS:
            row[LeadCohortAccount.OPEN_LEADS] -= 1
        if event["kind"] == EventKind.WON:
            n = entity >> 36
            partner = round_half_up(numbers[n, StreamFloat.PARTNER_COMMISSION] * amount)
            teams = set(h.teams_of(h.entered[entity])) - {-1}
            row[LeadCohortAccount.VARIABLE_COST] += (
                round_half_up(numbers[n, StreamFloat.REWARD])
                + partner
                + sum(h.commission(team, amount) for team in teams)
            )
            row[LeadCohortAccount.NEW_LOGOS] += 1
            row[LeadCohortAccount.BOOKED_ARR] += amount
            assert stream[n, StreamInt.SOURCE] < Source.OPENING_CUSTOMERS
    for hold in h.holds:
        if hold.entity in h.came and hold.sub < 0 and h.sells(hold.team):
            worked = ticks(hold.until) - ticks(hold.since)
            book[h.came[hold.entity], hold.segment, LeadCohortAccount.SELLER_TICKS] += worked
    return book


def seller_ticks(h: History) -> Any:
    """Time of selling teams on anything but attempts, by month and segment."""
    worked = np.zeros(h.books.segment.shape[:2], np.int64)
    for hold in h.holds:
        if hold.sub < 0 and h.sells(hold.team):
            for month in range(int(hold.since), min(int(hold.until) + 1, h.months)):
                begins, ends = max(hold.since, float(month)), min(hold.until, month + 1.0)
                worked[month, hold.segment] += ticks(ends) - ticks(begins)
    return worked


def same_quarter(h: History) -> Any:
    """ARR booked of opportunities of the same quarter, by month and segment."""
    booked = np.zeros(h.books.segment.shape[:2], np.int64)
    created = {int(e["entity"]): int(e["time"]) // 3 for e in h.events(EventKind.OPPORTUNITY)}
    for event in h.events(EventKind.WON):
        month = int(event["time"])
        if created.get(int(event["entity"])) == month // 3:
            booked[month, event["segment"]] += event["amount"]
    return booked


def expansion_commissions(h: History) -> Any:
    """Commissions on expansions, by month and segment."""
    paid = np.zeros(h.books.segment.shape[:2], np.int64)
    for event in h.events(EventKind.EXPANDED):
        if event["detail"] >= 0:
            commission = h.commission(int(event["detail"]), int(event["amount"]))
            paid[int(event["time"]), event["segment"]] += commission
    return paid


def credits(h: History) -> tuple[Counter[tuple[int, Rep]], int]:
    """Bookings by year and rep; and how many bookings went to nobody, their rep having left."""
    booked: Counter[tuple[int, Rep]] = Counter()
    lost = 0
    onboarded = {int(e["entity"]) for e in h.events(EventKind.ONBOARDING_STARTED) if e["seat"] >= 0}
    of_deal, of_attempt = defaultdict(list), defaultdict(list)
    for hold in h.holds:
        (of_attempt if hold.sub >= 0 else of_deal)[hold.entity, hold.sub].append(hold)
    for event in h.events(EventKind.WON, EventKind.EXPANDED):
        key, t = (int(event["entity"]), int(event["sub"])), float(event["time"])
        if event["kind"] == EventKind.WON:
            held = of_deal[key][: -1 if key[0] in onboarded else None]
        else:
            held = [hold for hold in of_attempt[key] if hold.until == t]
        if held:
            rep = h.rep_of(held[-1], t)
            lost += rep is None
            if rep is not None:
                booked[int(t) // 12, rep] += int(event["amount"])
    return booked, lost


def seat_booked(h: History, booked: Counter[tuple[int, Rep]]) -> Any:
    """Bookings by year of the last rep of every seat."""
    last = np.zeros_like(h.seat_booked["reference"])
    for (year, rep), arr in booked.items():
        if h.generations[-1][rep.team, rep.seat] == rep.generation:
            last[rep.team, rep.seat, year] = arr
    return last


def reps_at_quota(h: History, booked: Counter[tuple[int, Rep]]) -> Any:
    """Reps on quota and at quota by month and team."""
    structure = h.plan.structure
    counts = np.zeros((h.months, len(structure.team), 2), np.int64)
    closing = {
        ([team for team in h.teams_of(first) if team >= 0] or [-1])[-1]
        for first in structure.segment[:, SegmentInt.FUNNEL_FIRST]
    }
    credited = closing | set(structure.playbook[:, PlaybookInt.TEAM].tolist())
    quota: Counter[Rep] = Counter()
    for month in range(h.months):
        here = []
        for team, seat in np.argwhere(h.starts[month] != EMPTY_SEAT):
            rep = Rep(int(team), int(seat), int(h.generations[month][team, seat]))
            quarters = structure.team[team, TeamInt.RAMP_QUARTERS]
            tenure = int(month - h.starts[month][team, seat]) // 3
            ramp = h.values.ramp[team, min(tenure, quarters - 1)]
            per_month = h.values.team[team, TeamFloat.QUOTA_PER_MONTH]
            quota[rep] += int(round_half_up(per_month * ramp))
            here.append(rep)
        if month % 12 == 11:
            for rep in here:
                if rep.team in credited and quota[rep] > 0:
                    counts[month, rep.team] += 1, booked[month // 12, rep] >= quota[rep]
            quota.clear()
    return counts


def assert_books_are_what_the_ledger_says(h: History) -> int:
    """Compare all of them; returns how many bookings went to nobody, their rep having left."""
    assert (cohorts(h) == h.books.lead_cohort).all()
    for account, derived in (
        (SegmentAccount.SELLER_TICKS, seller_ticks(h)),
        (SegmentAccount.SAME_QUARTER_BOOKED_ARR, same_quarter(h)),
        (SegmentAccount.EXPANSION_COMMISSIONS, expansion_commissions(h)),
    ):
        assert (derived == h.books.segment[:, :, account]).all(), account.name
    booked, lost = credits(h)
    for engine, found in h.seat_booked.items():
        assert (seat_booked(h, booked) == found).all(), engine
    counted = h.books.team[:, :, [TeamAccount.REPS_ON_QUOTA, TeamAccount.REPS_AT_QUOTA]]
    assert (reps_at_quota(h, booked) == counted).all()
    return lost


@pytest.mark.parametrize(
    ("name", "least_at_quota"),
    [("add_midmarket", 1), pytest.param("enterprise_first", 0, marks=pytest.mark.slow)],
)
def test_the_books_of_shipped_scenarios_are_what_their_ledgers_say(name, least_at_quota):
    plan = compile_plan(load_scenario(SCENARIOS / f"{name}.toml", ["company.cash=1B"]))
    h = history(plan, 1)
    lost = assert_books_are_what_the_ledger_says(h)
    book = h.books.lead_cohort
    assert all((book[..., account] > 0).any() for account in LeadCohortAccount)
    counts = h.books.team[..., [TeamAccount.REPS_ON_QUOTA, TeamAccount.REPS_AT_QUOTA]]
    on, at = counts.sum((0, 1))
    assert on > at >= least_at_quota, "some rep should reach the quota, and not all"
    assert lost > 0, "some rep should have left before a booking"


def test_the_books_of_a_company_with_every_feature_are_what_its_ledger_says():
    plan, _ = everything(30)
    h = history(plan)
    assert_books_are_what_the_ledger_says(h)
    assert h.books.segment[..., SegmentAccount.SAME_QUARTER_BOOKED_ARR].any()


def test_a_rep_who_left_books_nothing_and_nor_does_the_successor_in_the_seat():
    """Reps leave twice a year, and are replaced at once: many deals outlast their reps."""
    changes = ["company.cash=1B", "teams.ae.leaves_per_year=2", "teams.ae.lead_time_months=0"]
    h = history(compile_plan(load_scenario(SCENARIOS / "enterprise_first.toml", changes)))
    assert assert_books_are_what_the_ledger_says(h) > 5


def test_the_books_of_generated_companies_are_what_their_ledgers_say():
    @seed(2)
    @settings(
        max_examples=N_GENERATED,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(scenarios())
    def agree(tables: Tables) -> None:
        tables["company"]["cash"] = 1e9  # insolvency clears cohorts
        tables["correlations"] = ()  # one may be of what is certain now
        scenario = Scenario.model_validate(tables)
        check_scenario(scenario)
        assert_books_are_what_the_ledger_says(history(compile_plan(scenario)))

    agree()


def test_cohorts_and_the_opening_pipeline_together_are_what_segments_sold():
    """New logos, bookings and sellers' time of the segment book, split by where deals came from."""
    plan, _ = everything(24)
    h = history(plan)
    of_opening = np.zeros((len(plan.structure.segment), 3), np.int64)
    for event in h.events(EventKind.WON):
        if int(event["entity"]) not in h.came:
            of_opening[event["segment"], :2] += 1, event["amount"]
    for hold in h.holds:
        if hold.entity not in h.came and hold.sub < 0 and h.sells(hold.team):
            of_opening[hold.segment, 2] += ticks(hold.until) - ticks(hold.since)
    pairs = (
        (LeadCohortAccount.NEW_LOGOS, SegmentAccount.NEW_LOGOS),
        (LeadCohortAccount.BOOKED_ARR, SegmentAccount.BOOKED_ARR),
        (LeadCohortAccount.SELLER_TICKS, SegmentAccount.SELLER_TICKS),
    )
    for i, (of_cohort, of_segment) in enumerate(pairs):
        cohorts_and_opening = h.books.lead_cohort[..., of_cohort].sum(0) + of_opening[:, i]
        assert (cohorts_and_opening == h.books.segment[..., of_segment].sum(0)).all()


def test_insolvency_clears_the_cohorts_in_both_engines():
    plan, values = everything(24, costs={"rent": {"function": "g_and_a", "per_month": 1e9}})
    for engine in (compiled, reference):
        books, _ = engine.trace(plan, values, SEED, 0, 0)
        assert books.segment[0, :, SegmentAccount.LEADS].any()
        assert not books.lead_cohort.any()
