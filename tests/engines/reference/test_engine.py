"""The engine's face: blocks, the stop flag, and processes of the user's own."""

import doctest
from pathlib import Path

import numpy as np
import pytest

from gtmsim.engines.block import books_at
from gtmsim.engines.reference import engine, simulate_block, trace
from gtmsim.engines.reference.sellers import Work
from gtmsim.errors import Interrupted
from gtmsim.plan import compile_plan, draw_inputs, fill_values
from gtmsim.scenario.models import Scenario
from gtmsim.vocabulary import EventKind, SegmentAccount
from tests.engines.reference.companies import MONTH, company, story_with, with_team

BUSY = company(
    scenario__months=8,
    segments__smb__churn_per_year={"mean": {"p10": 0.1, "p90": 0.3}, "concentration": 4.0},
    channels__web={"segments": {"smb": 1.0}, "organic_per_month": 5},
)


def planned():
    plan = compile_plan(Scenario.model_validate(BUSY))
    return plan, fill_values(plan, draw_inputs(plan, 5, range(2, 4)))


def test_a_block_holds_the_books_of_each_replication():
    plan, values = planned()
    block = simulate_block(plan, values, 5, range(2, 4), range(1, 3), np.zeros(1, np.int64))
    for i, draw in enumerate((2, 3)):
        for j, replication in enumerate((1, 2)):
            expected, _ = trace(plan, values[i], 5, draw, replication)
            for found, book in zip(books_at(block, i, j), expected, strict=True):
                np.testing.assert_array_equal(found, book)


def test_a_stop_flag_ends_the_work():
    plan, values = planned()
    with pytest.raises(Interrupted):
        simulate_block(plan, values, 5, range(2, 4), range(1), np.ones(1, np.int64))


def test_a_process_of_the_user_s_own_lives_beside_the_company_s():
    def holiday(company):
        yield company.clock.at(0.0)
        hold = yield company.teams[0].request(Work(entity=-1, segment=0, priority=0))
        yield company.clock.timeout(1.5)
        company.teams[0].release(hold)

    deal = {"company__opening__pipeline": {"smb": {"close": 2}}}
    story = story_with([holiday], with_team(reps=1, **deal))
    # two deals of a month each: the first is under way when the rep asks for leave
    assert story.times(EventKind.GRANTED) == [0.0, 1.0, 2.5]


def test_a_process_may_change_what_the_policy_set():
    def recall(company):
        while True:
            yield company.month_opened
            company.state.churn_multiplier[:] = 1_000.0 if company.month >= 6 else 1.0

    tables = company(
        company__opening__customers={"smb": {"count": 20, "age_months": MONTH / 1_000}},
        segments__smb__churn_per_year=0.01,
        segments__smb__contracts={"m": {"share": 1.0, "term_months": 1, "billing": "monthly"}},
    )
    churned = story_with([recall], tables).by_month(SegmentAccount.CHURNED_CUSTOMERS)
    assert sum(churned[:6]) < 5 < sum(churned[6:])


def test_the_example_of_an_extra_process_runs(monkeypatch):
    monkeypatch.chdir(Path(__file__).parents[3])
    found = doctest.testmod(engine)
    assert found.attempted > 0
    assert found.failed == 0
