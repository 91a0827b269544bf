"""Run blocks on workers and hand them on in order."""

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Set
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from ctypes import c_int64
from multiprocessing import get_context
from types import FrameType
from typing import Any, NamedTuple, Protocol

import numpy as np

from gtmsim.engines.block import Block
from gtmsim.errors import Interrupted, SimulationError
from gtmsim.plan.structure import Floats, Ints
from gtmsim.simulation.blocks import Rectangle, in_flight, next_size, rectangles

POLL_SECONDS = 0.1
"""How often the stop flag is looked at while a block is awaited."""


class Simulated(NamedTuple):
    """A block and the inputs of its draws."""

    block: Block
    inputs: Floats
    """(draws, inputs)"""


class Task(Protocol):
    """Simulates a rectangle of replications; pure but for the stop flag, which it reads."""

    def __call__(self, rectangle: Rectangle, stop: Ints) -> Simulated:
        """Return the block; what is in it does not matter once ``stop[0]`` is not 0."""


class Work(NamedTuple):
    """All that is to be simulated.

    Attributes
    ----------
    task
        Simulates a part of it. Runs in processes only if it can be pickled.
    draws
        Ordinals of the draws.
    replications
        Number of replications per draw.
    largest
        Replications that a block may hold.
    """

    task: Task
    draws: range
    replications: int
    largest: int


class Timed(NamedTuple):
    """What a task returned, and the seconds it took."""

    simulated: Simulated
    seconds: float


class Workers(NamedTuple):
    """Threads or processes at work."""

    submit: Callable[[Task, Rectangle], Future[Timed]]
    stop: Ints
    """(1,) Not 0: whoever simulates gives up after the replication at hand."""


def run(
    work: Work,
    sink: Callable[[Simulated], None],
    *,
    workers: int = 1,
    processes: bool = False,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Simulate everything, block by block.

    Parameters
    ----------
    work
        What to simulate.
    sink
        Receives the blocks in order of draw and replication, in the calling thread.
    workers
        Blocks simulated at one time.
    processes
        Whether a worker is a process (for an engine that holds Python's lock) or a thread.
    progress
        Called with the number of replications done, after each block; those of draws before the
        first count as done, and are told before anything is simulated.

    Raises
    ------
    Interrupted
        If the user presses Ctrl-C; the blocks so far have gone to ``sink``. Threads end with the
        replication at hand, which nobody waits for.
    SimulationError
        If a worker process dies.
    """
    earlier = work.draws.start * work.replications
    if earlier and progress:
        progress(earlier)
    run_all(
        [work],
        lambda _, simulated: sink(simulated),
        workers=workers,
        processes=processes,
        progress=None if progress is None else lambda done: progress(earlier + done),
    )


def run_all(
    works: Iterable[Work],
    sink: Callable[[int, Simulated], None],
    *,
    failed: Callable[[int, Exception], None] | None = None,
    workers: int = 1,
    processes: bool = False,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Simulate one work after the other, with the same workers and no pause in between.

    Parameters
    ----------
    works
        What to simulate; each is asked for when its first block is due.
    sink
        Receives the number of the work, from 0, and its blocks, in order of work, draw and
        replication, in the calling thread.
    failed
        Receives the number of a work that failed, and why; the others go on. By default an error
        ends everything.
    workers, processes, progress
        As in `run`; the replications of a work that failed count as done.

    Raises
    ------
    Interrupted
        If the user presses Ctrl-C; the blocks so far have gone to ``sink``.
    SimulationError
        If a worker process dies.
    """
    pool = _processes(workers) if processes else _threads(workers)
    done = 0
    with pool as working, _stopping_on_interrupt(working.stop):
        for part, outcome in _in_order(works, working, in_flight(workers)):
            if isinstance(outcome, Exception):
                if failed is None:
                    raise outcome
                failed(part.number, outcome)
                done += part.left
            else:
                sink(part.number, outcome)
                done += part.rectangle.size
            if progress:
                progress(done)
        _give_up_if(working.stop)


def default_workers() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Part(NamedTuple):
    """A block of one of several works.

    Attributes
    ----------
    number
        Of the work, from 0.
    work
        It.
    rectangle
        The block.
    left
        Replications of the work from this block on.
    """

    number: int
    work: Work
    rectangle: Rectangle
    left: int


def _in_order(
    works: Iterable[Work], working: Workers, limit: int
) -> Iterator[tuple[Part, Simulated | Exception]]:
    """Submit blocks, at most ``limit`` ahead of the one that is yielded."""
    size = 1
    broken: set[int] = set()
    cuts = _parts(works, lambda: size, broken)
    waiting: deque[tuple[Part, Future[Timed]]] = deque()
    while True:
        while len(waiting) < limit and (part := next(cuts, None)):
            waiting.append((part, working.submit(part.work.task, part.rectangle)))
        if not waiting:
            return
        part, future = waiting.popleft()
        if part.number in broken:
            future.cancel()
            continue
        outcome = _result(future, working.stop)
        if isinstance(outcome, Exception):
            broken.add(part.number)
            yield part, outcome
        else:
            size = next_size(part.rectangle.size, outcome.seconds, part.work.largest)
            yield part, outcome.simulated


def _parts(works: Iterable[Work], size: Callable[[], int], broken: Set[int]) -> Iterator[Part]:
    """Cut works into blocks; ``size`` and ``broken`` are looked at before each cut."""
    for number, work in enumerate(works):
        left = len(work.draws) * work.replications
        largest = work.largest

        def allowed(largest: int = largest) -> int:
            return min(size(), largest)

        for rectangle in rectangles(work.draws, work.replications, allowed):
            yield Part(number, work, rectangle, left)
            if number in broken:
                break
            left -= rectangle.size


def _result(future: Future[Timed], stop: Ints) -> Timed | Exception:
    """Return the result of a block, or the error of its task."""
    while not future.done() and not stop[0]:
        wait([future], timeout=POLL_SECONDS)
    _give_up_if(stop)  # a block that saw the flag is not whole
    try:
        return future.result()
    except BrokenProcessPool as error:
        _give_up_if(stop)  # a signal to end may have reached the workers too
        raise SimulationError(
            "A worker process died, or could not start: a script that simulates with "
            'processes needs `if __name__ == "__main__":` around its own work'
        ) from error
    except Interrupted:
        raise
    except Exception as error:
        return error


def _give_up_if(stop: Ints) -> None:
    if stop[0]:
        raise Interrupted("Stopped; nothing was saved")


def _timed(task: Task, rectangle: Rectangle, stop: Ints) -> Timed:
    start = time.perf_counter()
    simulated = task(rectangle, stop)
    return Timed(simulated, time.perf_counter() - start)


# --- threads and processes -------------------------------------------------------------------


@contextmanager
def _threads(workers: int) -> Iterator[Workers]:
    stop = np.zeros(1, np.int64)
    executor = ThreadPoolExecutor(workers, thread_name_prefix="gtmsim")
    with _closing(executor, stop, waits=False):
        yield Workers(lambda task, part: executor.submit(_timed, task, part, stop), stop)


@contextmanager
def _processes(workers: int) -> Iterator[Workers]:
    context = get_context("spawn")  # a fork would copy threads and locks in an unknown state
    shared = context.RawArray(c_int64, 1)
    stop = _flag_in(shared)
    executor = ProcessPoolExecutor(workers, context, _start_process, (shared,))
    with _closing(executor, stop, waits=True):
        with interrupts_held_back():
            for _ in range(workers):  # each submission starts one
                executor.submit(_be_ready)
        yield Workers(lambda task, part: executor.submit(_timed_in_process, task, part), stop)


@contextmanager
def _closing(executor: Executor, stop: Ints, *, waits: bool) -> Iterator[None]:
    """Stop the workers at the end; ``waits`` for those that a user stopped in a replication."""
    try:
        yield
    finally:
        wait = waits or not stop[0]
        stop[0] = 1
        executor.shutdown(wait=wait, cancel_futures=True)


def _flag_in(shared: Any) -> Ints:
    return np.frombuffer(memoryview(shared), np.int64)


_shared: list[Any] = []
"""In a worker process: the memory of the stop flag."""


@contextmanager
def interrupts_held_back() -> Iterator[None]:
    """Start processes that Ctrl-C does not reach, not even while they start.

    It is sent to every process of the terminal; here only the first one hears it.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _start_process(shared: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _shared[:] = [shared]


def _be_ready() -> None:
    """Make a worker start."""


def _timed_in_process(task: Task, rectangle: Rectangle) -> Timed:
    return _timed(task, rectangle, _flag_in(_shared[0]))


@contextmanager
def _stopping_on_interrupt(stop: Ints) -> Iterator[None]:
    """Let the first Ctrl-C set the stop flag; a second one acts as it did before."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread hears of it
        return
    before = signal.getsignal(signal.SIGINT)

    def interrupt(number: int, frame: FrameType | None) -> None:
        stop[0] = 1
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
