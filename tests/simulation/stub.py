"""A company without a simulation: a Plan's sizes, and an engine that makes up plausible books."""

import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from gtmsim.engines.block import Block, books_at, new_block
from gtmsim.plan.names import Names, SegmentPart
from gtmsim.plan.structure import (
    CompanyInt,
    FunnelInt,
    Ints,
    MarketInt,
    SegmentInt,
    Structure,
    TeamInt,
)
from gtmsim.results.layout import layout
from gtmsim.results.provenance import Provenance
from gtmsim.results.writer import writing
from gtmsim.rules.state import Books
from gtmsim.simulation.blocks import Rectangle
from gtmsim.simulation.runner import Simulated, Work, run
from gtmsim.vocabulary import (
    CHANNEL_ACCOUNTS,
    COHORT_ACCOUNTS,
    COMPANY_ACCOUNTS,
    FUNNEL_ACCOUNTS,
    LEAD_COHORT_ACCOUNTS,
    MARKET_ACCOUNTS,
    OPENING_CHANNEL,
    SEGMENT_ACCOUNTS,
    TEAM_ACCOUNTS,
    CompanyAccount,
)


@dataclass(frozen=True)
class StubInput:
    """An uncertain input."""

    path: str


@dataclass(frozen=True)
class StubPlan:
    """What the results and the runner read of a Plan."""

    names: Names
    structure: Structure
    inputs: tuple[StubInput, ...]


def stub_plan(
    months: int = 14, segments: int = 2, channels: int = 2, teams: int = 1, inputs: int = 3
) -> StubPlan:
    names = Names(
        segments=tuple(f"segment_{s}" for s in range(segments)),
        channels=(*(f"channel_{c}" for c in range(channels)), OPENING_CHANNEL),
        streams=(),
        funnel=tuple(
            SegmentPart(f"segment_{s}", stage) for s in range(segments) for stage in ("demo", "won")
        ),
        contracts=(),
        playbooks=(),
        events=(),
        teams=tuple(f"team_{t}" for t in range(teams)),
        stages=("pre_pmf", "early_growth", "scaling", "mature"),
        rounds=(),
        costs=(),
        budgets=(),
        stacks=(),
    )
    company = np.zeros(len(CompanyInt), np.int64)
    company[CompanyInt.MONTHS] = months
    empty = {field: np.zeros((0, 0)) for field in Structure._fields}
    structure = Structure(**empty)._replace(
        company=company,
        segment=_segment(segments, teams),
        channel=np.zeros((channels, 1), np.int64),
        funnel=np.full((2 * segments, len(FunnelInt)), -1, np.int64),
        team=np.ones((teams, len(TeamInt)), np.int64),
        market=np.ones(len(MarketInt), np.int64),  # one class of everything
    )
    return StubPlan(names, structure, tuple(StubInput(f"inputs.{i}") for i in range(inputs)))


def _segment(segments: int, teams: int) -> Ints:
    """Every segment's deals are closed by the first team, if there is one."""
    segment = np.zeros((segments, len(SegmentInt)), np.int64)
    segment[:, SegmentInt.CLOSING_TEAM] = 0 if teams else -1
    return segment


LARGEST = {
    "count": 60,
    "ARR": 3_000_000_00,
    "currency": 400_000_00,
    "ticks": 1 << 26,
    "flag": 2,
    "milli-reps": 9_000,
    "milli-customers": 60_000,
    "index": 4,
}

ACCOUNTS = {
    "segment": SEGMENT_ACCOUNTS,
    "channel": CHANNEL_ACCOUNTS,
    "funnel": FUNNEL_ACCOUNTS,
    "team": TEAM_ACCOUNTS,
    "cohort": COHORT_ACCOUNTS,
    "lead_cohort": LEAD_COHORT_ACCOUNTS,
    "market": MARKET_ACCOUNTS,
    "company": COMPANY_ACCOUNTS,
    "opening": SEGMENT_ACCOUNTS,
}


def fill(books: Books, seed: int, draw: int, replication: int) -> None:
    """Books that only the seed, the draw and the replication decide."""
    generator = np.random.default_rng([seed, draw, replication])
    for field, accounts in ACCOUNTS.items():
        book = getattr(books, field)
        largest = np.array([LARGEST[account.unit] for account in accounts])
        book[...] = (generator.random(book.shape) ** 3 * largest).astype(np.int64)
    books.company[:, CompanyAccount.CASH] -= 100_000_00


def simulate_block(
    plan: StubPlan,
    values: tuple[float, ...],
    seed: int,
    draws: range,
    replications: range,
    stop: np.ndarray,
    seconds: float = 0.0,
) -> Block:
    """Make up a block; ``values`` are ignored, ``stop`` is read between replications."""
    assert len(values) == len(draws)
    block = new_block(plan.structure, draws, replications)
    for i, draw in enumerate(draws):
        for j, replication in enumerate(replications):
            if stop[0]:
                return block
            fill(books_at(block, i, j), seed, draw, replication)
            time.sleep(seconds)
    return block


def draw_inputs(plan: StubPlan, seed: int, draws: range) -> np.ndarray:
    """Inputs that only the seed and the draw decide."""
    return np.array(
        [np.random.default_rng([seed, draw]).random(len(plan.inputs)) for draw in draws]
    ).reshape(len(draws), len(plan.inputs))


@dataclass(frozen=True)
class StubTask:
    """Simulates rectangles with the stub engine; ``seconds`` per replication."""

    plan: StubPlan
    seed: int = 1
    seconds: float = 0.0

    def __call__(self, rectangle: Rectangle, stop: np.ndarray) -> Simulated:
        draws, replications = rectangle
        values = (0.0,) * len(draws)
        block = simulate_block(
            self.plan, values, self.seed, draws, replications, stop, self.seconds
        )
        return Simulated(block, draw_inputs(self.plan, self.seed, draws))


def provenance(plan: StubPlan, draws: int, replications: int, seed: int = 1) -> Provenance:
    return Provenance(
        title="Stub",
        scenario='[scenario]\nname = "Stub"\n',
        start=date(2026, 1, 1),
        months=int(plan.structure.company[CompanyInt.MONTHS]),
        currency="USD",
        seed=seed,
        draws=draws,
        replications=replications,
        engine="stub",
    )


def write_results(
    path: Path,
    plan: StubPlan,
    draws: int,
    replications: int,
    *,
    seed: int = 1,
    seconds: float = 0.0,
    **how: Any,
) -> None:
    """Simulate with the stub engine into a results file; ``how`` goes to the runner."""
    origin = provenance(plan, draws, replications, seed)
    work = Work(StubTask(plan, seed, seconds), range(draws), replications, how.pop("largest", 64))
    sizes = layout(plan, draws, replications)
    with writing(path, sizes, origin.start, origin.attributes) as writer:
        run(work, lambda simulated: writer.write(*simulated), **how)
