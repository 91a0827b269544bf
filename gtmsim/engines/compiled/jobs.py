"""Jobs that entities have for teams: taking and giving back their rows."""

from gtmsim.engines.compiled.workspace import NOBODY, JobInt, Jobs, JobTime
from gtmsim.jit import lean, lean_inlined


@lean_inlined
def jobs_left(jobs: Jobs) -> int:
    """Jobs that still fit."""
    return jobs.number.shape[0] - jobs.room[1] + jobs.room[2]


@lean
def new_job(jobs: Jobs, kind: int, entity: int, sub: int, segment: int) -> int:
    """Row for a new job; there must be room."""
    number, room = jobs.number, jobs.room
    job = room[0]
    if job == NOBODY:
        job = room[1]
        room[1] += 1
    else:
        room[0] = number[job, JobInt.BEHIND]
        room[2] -= 1
    number[job, JobInt.KIND] = kind
    number[job, JobInt.ENTITY] = entity
    number[job, JobInt.SUB] = sub
    number[job, JobInt.SEGMENT] = segment
    number[job, JobInt.SEAT] = NOBODY
    number[job, JobInt.ACV] = 0
    jobs.time[job, JobTime.WORK] = -1.0
    number[job, JobInt.CUSTOMER] = NOBODY
    number[job, JobInt.WAITS] = 0
    return job


@lean
def end_job(jobs: Jobs, job: int) -> None:
    """Give a job's row back."""
    jobs.number[job, JobInt.WAITS] = 0
    jobs.number[job, JobInt.ENTITY] = NOBODY
    jobs.number[job, JobInt.BEHIND] = jobs.room[0]
    jobs.room[0] = job
    jobs.room[2] += 1
