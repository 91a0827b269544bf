"""Blocks and traces of the compiled engine: whatever the machine does, the books are the same."""

import os
import re
import subprocess
import sys
import threading
from hashlib import blake2b

import numpy as np
import pytest

from gtmsim.engines.block import books_at
from gtmsim.engines.compiled import engine, simulate_block, trace, workspace
from gtmsim.engines.compiled.engine import Player
from gtmsim.engines.compiled.replication import play
from gtmsim.engines.compiled.workspace import BLOCK, CUSTOMERS_FULL, LIMIT, Capacity
from gtmsim.errors import CapacityError, Interrupted, OutgrownError
from gtmsim.plan import draw_inputs, fill_values
from gtmsim.rules.state import new_books
from gtmsim.settings import MAX_OPENING
from gtmsim.vocabulary import EventKind, SegmentAccount, TeamAccount
from tests.engines.compiled.plans import SEED, books_of, equal, everything

GO_ON = np.zeros(1, np.int64)


@pytest.fixture(scope="module")
def model():
    return everything()


def digest(books, ledger) -> str:
    """Fingerprint of everything a trace returns."""
    state = blake2b()
    for array in (*books, ledger):
        state.update(np.ascontiguousarray(array).tobytes())
    return state.hexdigest()


# --- capacities


@pytest.mark.parametrize(
    "small",
    [
        Capacity(customers=2 * BLOCK),
        Capacity(jobs=16),
        Capacity(agenda=16),
        Capacity(customers=2 * BLOCK, jobs=16, agenda=16),
    ],
)
def test_a_workspace_that_has_to_grow_gives_the_same_books(model, small):
    plan, values = model
    assert equal(books_of(plan, values, small), books_of(plan, values, Capacity()))


def test_a_block_begins_with_the_sizes_that_one_before_came_to_need(model, monkeypatch):
    plan, values = model
    grow, grown = Capacity.grown, []

    def growing(capacity, code):
        grown.append(code)
        return grow(capacity, code)

    monkeypatch.setattr(Capacity, "grown", growing)
    monkeypatch.setattr(engine, "_learnt", {plan: Capacity(2 * BLOCK, jobs=16, agenda=16)})
    first = simulate_block(plan, (values,), SEED, range(1), range(1), GO_ON)
    assert grown
    grown.clear()
    second = simulate_block(plan, (values,), SEED, range(1), range(1), GO_ON)
    assert not grown
    assert equal(first.books, second.books)


def test_sizes_that_blocks_learnt_side_by_side_are_joined():
    one, other = Capacity(customers=8, jobs=2), Capacity(customers=4, jobs=3, ledger=1)
    assert one.or_larger(other) == Capacity(customers=8, jobs=3, ledger=1)


def test_a_ledger_that_has_to_grow_is_whole(model):
    plan, values = model
    _, ledger = trace(plan, values, SEED, 0, 0)
    player = Player(plan.structure, Capacity(ledger=7))
    player.play(player.numbers(values), SEED, 0, 0, new_books(plan.structure))
    assert (player.ledger["kind"] < EventKind.REP_STARTED).all()
    horizon = plan.structure.company[0]
    n_company = (ledger["kind"] >= EventKind.REP_STARTED).sum()
    assert (player.ledger["time"] < horizon).sum() == len(ledger) - n_company


def test_memory_does_not_grow_with_the_number_of_leads():
    few, many = (
        everything(channels={"web": {"segments": {"smb": 1.0}, "organic_per_month": leads}})
        for leads in (30.0, 30_000.0)
    )
    for plan, values in (few, many):
        player = Player(plan.structure, Capacity(customers=1 << 15))
        books = new_books(plan.structure)
        _lose_everyone(values)
        player.play(player.numbers(values), SEED, 0, 0, books)
        assert player.capacity == Capacity(customers=1 << 15)
    assert books.segment[:, :, SegmentAccount.LEADS].sum() > 400_000


def _lose_everyone(values) -> None:
    values.funnel[:, 0] = 0.0


def test_growth_beyond_every_measure_is_refused_in_plain_words():
    plan, values = everything(
        channels={"web": {"segments": {"smb": 1.0}, "organic_per_month": 9e6}}, months=2
    )
    with pytest.raises(CapacityError, match="more than 8,388,608 leads"):
        books_of(plan, values, Capacity())
    with pytest.raises(OutgrownError, match=r"month 1; most leads come from channel web for smb"):
        simulate_block(plan, (values,), SEED, range(1), range(1), GO_ON)
    with pytest.raises(CapacityError, match="more than 8,388,608 customers at once"):
        Capacity(customers=LIMIT).grown(CUSTOMERS_FULL)


def test_a_plan_that_outgrows_a_workspace_names_month_channel_and_segment(monkeypatch):
    monkeypatch.setattr(workspace, "LIMIT", 1 << 14)
    plan, values = everything(
        channels={
            "web": {"segments": {"smb": 1.0}, "organic_per_month": 30_000.0},
            "fair": {"segments": {"enterprise": 1.0}, "organic_per_month": 5.0},
        }
    )
    told = r"more than 16,384 customers at once.*month (\d+); most leads come from channel web"
    with pytest.raises(OutgrownError, match=told) as caught:
        simulate_block(plan, (values,), SEED, range(1), range(1), GO_ON)
    month = int(re.search(told, str(caught.value))[1])
    books = new_books(plan.structure)
    monkeypatch.undo()
    player = Player(plan.structure, Capacity(customers=1 << 18))
    player.play(player.numbers(values), SEED, 0, 0, books)
    present = books.segment[:, :, SegmentAccount.CLOSING_CUSTOMERS].sum(axis=1)
    assert month <= np.argmax(present > 1 << 14) + 1  # those signed and away take room as well
    assert "most customers are in smb" in str(caught.value)


def test_the_opening_position_that_a_scenario_may_have_fits():
    assert LIMIT >= MAX_OPENING + 1_000 * BLOCK


def test_a_replication_that_grows_hears_the_wish_to_stop():
    plan, values = everything()
    player = Player(plan.structure, Capacity(customers=1))
    stop = np.ones(1, np.int64)
    with pytest.raises(Interrupted):
        player.play(player.numbers(values), SEED, 0, 0, new_books(plan.structure), stop)


# --- order of execution


def test_a_rectangle_in_pieces_is_the_rectangle(model):
    plan, _ = model
    draws, replications = range(1, 3), range(2, 6)
    values = fill_values(plan, draw_inputs(plan, SEED, draws))
    whole = simulate_block(plan, values, SEED, draws, replications, GO_ON)
    for i, draw in enumerate(draws):
        for j, replication in enumerate(replications):
            piece = simulate_block(
                plan,
                values[i : i + 1],
                SEED,
                range(draw, draw + 1),
                range(replication, replication + 1),
                GO_ON,
            )
            assert equal(books_at(piece, 0, 0), books_at(whole, i, j))


def test_threads_do_not_disturb_each_other(model):
    plan, values = model
    expected = simulate_block(plan, (values,), SEED, range(1), range(8), GO_ON)
    found = {}

    def work(first: int) -> None:
        replications = range(first, first + 4)
        found[first] = simulate_block(plan, (values,), SEED, range(1), replications, GO_ON)

    threads = [threading.Thread(target=work, args=(first,)) for first in (0, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for first, block in found.items():
        for j in range(4):
            assert equal(books_at(block, 0, j), books_at(expected, 0, first + j))


def test_draws_replications_and_seeds_differ(model):
    plan, values = model
    fingerprints = {
        digest(*trace(plan, values, seed, draw, replication))
        for seed, draw, replication in ((1, 0, 0), (2, 0, 0), (1, 1, 0), (1, 0, 1))
    }
    assert len(fingerprints) == 4


def test_a_trace_has_the_books_of_the_block(model):
    plan, values = model
    books, _ = trace(plan, values, SEED, 0, 3)
    block = simulate_block(plan, (values,), SEED, range(1), range(3, 4), GO_ON)
    assert equal(books, books_at(block, 0, 0))


def test_a_stop_flag_ends_the_work(model):
    plan, values = model
    with pytest.raises(Interrupted):
        simulate_block(plan, (values,), SEED, range(1), range(2), np.ones(1, np.int64))


def test_read_only_tables_are_as_good_as_others(model):
    plan, values = model
    for table in values:
        table.flags.writeable = False
    try:
        found = books_of(plan, values, Capacity())
    finally:
        for table in values:
            table.flags.writeable = True
    assert equal(found, books_of(plan, values, Capacity()))


# --- ledger and books


def test_the_events_add_up_to_the_books(model):
    plan, values = model
    books, ledger = trace(plan, values, SEED, 0, 0)
    totals = books.segment.sum(axis=(0, 1))
    counted = {
        EventKind.WON: SegmentAccount.NEW_LOGOS,
        EventKind.SERVICE_STARTED: SegmentAccount.NEW_CUSTOMERS,
        EventKind.REACTIVATED: SegmentAccount.REACTIVATED_CUSTOMERS,
        EventKind.OPPORTUNITY: SegmentAccount.OPPORTUNITIES,
        EventKind.EXPANDED: SegmentAccount.EXPANSIONS,
        EventKind.EXPANSION_TRIGGERED: SegmentAccount.EXPANSION_TRIGGERS,
        EventKind.CONTRACTED: SegmentAccount.CONTRACTIONS,
        EventKind.SAVED: SegmentAccount.SAVED_CUSTOMERS,
        EventKind.UNSERVED: SegmentAccount.UNSERVED_LEADS,
    }
    summed = {
        EventKind.WON: SegmentAccount.BOOKED_ARR,
        EventKind.SERVICE_STARTED: SegmentAccount.NEW_ARR,
        EventKind.REACTIVATED: SegmentAccount.REACTIVATED_ARR,
        EventKind.OPPORTUNITY: SegmentAccount.PIPELINE_CREATED_ARR,
        EventKind.UPLIFTED: SegmentAccount.UPLIFT_ARR,
        EventKind.CONTRACTED: SegmentAccount.CONTRACTION_ARR,
        EventKind.PAID: SegmentAccount.COLLECTIONS,
        EventKind.DEFAULTED: SegmentAccount.BAD_DEBT,
        EventKind.STAGE_ENTERED: SegmentAccount.STAGE_COST,
        EventKind.EXPANSION_TRIGGERED: SegmentAccount.EXPANSION_COST,
        EventKind.CHURNED: SegmentAccount.RENEWAL_LOST_ARR,
    }
    for kind, account in counted.items():
        assert (ledger["kind"] == kind).sum() == totals[account], kind
    for kind, account in summed.items():
        assert ledger["amount"][ledger["kind"] == kind].sum() == totals[account], kind
    expanded = ledger["amount"][ledger["kind"] == EventKind.EXPANDED].sum()
    assert expanded + totals[SegmentAccount.UPLIFT_ARR] == totals[SegmentAccount.EXPANSION_ARR]
    sold = {EventKind.REQUESTED: TeamAccount.REQUESTS, EventKind.GRANTED: TeamAccount.GRANTS}
    for kind, account in sold.items():
        assert (ledger["kind"] == kind).sum() == books.team[:, :, account].sum()
    waited = ledger["amount"][ledger["kind"] == EventKind.GRANTED].sum()
    assert waited == books.team[:, :, TeamAccount.WAITED_TICKS].sum() > 0


def test_every_hold_is_worked_to_the_tick(model):
    plan, values = model
    books, ledger = trace(plan, values, SEED, 0, 0)
    months = len(books.company)
    worked = np.zeros(books.team.shape[1], np.int64)
    for kind, sign in ((EventKind.RELEASED, 1), (EventKind.GRANTED, -1)):
        entries = ledger[ledger["kind"] == kind]
        ticks = np.floor(entries["time"] * 2**20).astype(np.int64)
        np.add.at(worked, entries["detail"], sign * ticks)
        np.add.at(worked, entries["detail"], -sign * months * 2**20)
    assert (worked == books.team[:, :, TeamAccount.WORKED_TICKS].sum(axis=0)).all()


# --- compiling


def test_another_scenario_needs_no_other_code(model):
    plan, values = model
    books_of(plan, values, Capacity())
    other, numbers = everything(
        months=7,
        teams={"ae": {"function": "sales", "reps": 1, "base_per_year": 1.0}},
        channels={},
        segments={
            "smb": {
                "motion": "self_service",
                "acv": 100.0,
                "churn_per_year": 0.1,
                "contracts": {"monthly": {"share": 1.0, "term_months": 1, "billing": "monthly"}},
            }
        },
        motions={"self_service": {"stages": {"close": {"win_rate": 0.5, "team": "ae"}}}},
        company={"cash": 1.0},
        budgets={},
        segmentation=({"to": "smb"},),
    )
    books_of(other, numbers, Capacity())
    assert len(play.signatures) == 1


UNCOMPILED = """
import gtmsim.jit
import gtmsim.draws.families, gtmsim.rules.boundary  # those stay compiled
gtmsim.jit.lean = gtmsim.jit.lean_inlined = gtmsim.jit.merged = lambda function: function
from gtmsim.engines.compiled import engine
from tests.engines.compiled.plans import SEED, everything
from tests.engines.compiled.test_engine import digest
plan, values = everything(months=18)
print(digest(*engine.trace(plan, values, SEED, 0, 0)))
"""


def test_uncompiled_the_engine_gives_the_same_answer():
    plan, values = everything(months=18)
    root = os.path.abspath(os.path.join(os.path.dirname(__file__), *[os.pardir] * 3))
    found = subprocess.run(
        [sys.executable, "-c", UNCOMPILED],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == digest(*trace(plan, values, SEED, 0, 0))
