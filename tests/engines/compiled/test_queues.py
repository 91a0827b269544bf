"""Queues and seats of the compiled engine, beside the stories that both engines tell."""

import numpy as np
import pytest

from gtmsim.engines.compiled.engine import Player
from gtmsim.engines.compiled.jobs import end_job, jobs_left, new_job
from gtmsim.engines.compiled.sellers import free_seat, head_of_queue, join_queue, leave_queue
from gtmsim.engines.compiled.workspace import Capacity, JobInt, JobKind, JobTime
from tests.engines.compiled.plans import everything

TEAM = 0


@pytest.fixture
def desk():
    plan, values = everything()
    player = Player(plan.structure, Capacity(jobs=64))
    workspace = player.workspace
    workspace.jobs.room[:] = (-1, 0, 0)
    workspace.desks.head[:] = -1
    workspace.desks.tail[:] = -1
    return player.numbers(values).terms, workspace.jobs, workspace.desks


def wait(desk, t: float, entity: int, sub: int = -1, segment: int = 0) -> int:
    terms, jobs, desks = desk
    job = new_job(jobs, JobKind.DEAL, entity, sub, segment)
    jobs.number[job, JobInt.TEAM] = TEAM
    jobs.time[job, JobTime.REQUESTED] = t
    jobs.number[job, JobInt.RANK] = terms.queue_rank[segment, 0]
    join_queue(jobs, desks, job)
    return job


def queue(desk) -> list[int]:
    """Entities in the order in which they would be granted."""
    _, jobs, desks = desk
    entities = []
    while desks.waiting[TEAM] > 0:
        job = head_of_queue(desks, TEAM)
        entities.append(int(jobs.number[job, JobInt.ENTITY]))
        leave_queue(jobs, desks, job)
    return entities


def test_the_queue_is_first_come_first_served_and_at_one_instant_by_entity(desk):
    for t, entity in ((1.0, 9), (1.0, 4), (1.0, 6), (2.0, 1), (2.0, 3), (2.0, 2)):
        wait(desk, t, entity)
    assert queue(desk) == [4, 6, 9, 1, 2, 3]


def test_the_segment_s_priority_goes_first(desk):
    wait(desk, 1.0, 9, segment=0)  # 50
    wait(desk, 2.0, 8, segment=1)  # 10
    wait(desk, 3.0, 7, segment=0)
    wait(desk, 4.0, 6, segment=1)
    assert queue(desk) == [8, 6, 9, 7]


def test_who_gives_up_leaves_from_the_head_the_middle_or_the_tail(desk):
    _, jobs, desks = desk
    waiting = [wait(desk, float(entity), entity) for entity in range(5)]
    for entity in (2, 0, 4):
        leave_queue(jobs, desks, waiting[entity])
    assert desks.waiting[TEAM] == 2
    assert queue(desk) == [1, 3]


def test_the_seat_that_holds_least_is_taken_and_the_lowest_on_ties(desk):
    _, _, desks = desk
    slots = np.zeros_like(desks.held)
    slots[TEAM, :5] = [2, 2, 0, 2, 2]
    desks.seats[TEAM] = 5
    taken = []
    for _ in range(8):
        seat = free_seat(slots, desks, TEAM)
        desks.held[TEAM, seat] += 1
        taken.append(int(seat))
    assert taken == [0, 1, 3, 4, 0, 1, 3, 4]


def test_the_row_of_a_job_that_ended_is_used_again(desk):
    _, jobs, _ = desk
    first = new_job(jobs, JobKind.DEAL, 1, -1, 0)
    new_job(jobs, JobKind.DEAL, 2, -1, 0)
    assert jobs_left(jobs) == 62
    end_job(jobs, first)
    assert jobs_left(jobs) == 63
    assert new_job(jobs, JobKind.DEAL, 3, -1, 0) == first


def test_jobs_are_handed_out_until_none_is_left():
    plan, _ = everything()
    jobs = Player(plan.structure, Capacity(jobs=8)).workspace.jobs
    jobs.room[:] = (-1, 0, 0)
    assert {new_job(jobs, JobKind.DEAL, entity, -1, 0) for entity in range(8)} == set(range(8))
    assert jobs_left(jobs) == 0
