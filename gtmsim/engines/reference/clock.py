"""Time: a SimPy environment whose events stand at absolute times, in one total order.

SimPy's ``timeout(t - now)`` does not always land on ``t``, and its events at one instant are
ordered by when they were scheduled. Here an event is scheduled *at* a time, and events of one
instant follow the order (turn, entity, sub) of docs/model.md, sections 4 and 6.
"""

from collections.abc import Generator
from enum import IntEnum
from heapq import heappush
from typing import Any

from simpy import Environment, Event

Life = Generator[Event, Any, Any]
"""A process: what happens to somebody, with a pause at each ``yield``."""


class Turn(IntEnum):
    """Whose turn it is at one instant."""

    FOLLOW_UP = -2  # what follows an event at its own instant, before any other event
    BOUNDARY = -1
    END = 0  # work of a rep ends
    EXPIRY = 1
    OWN = 2  # an own event of a customer
    REQUEST = 3
    LAST = 4


class Own(IntEnum):
    """Turns of one customer's own events at one instant; triggers use their playbook's row."""

    DEFAULT = -4
    ARREARS = -3
    RENEWAL = -2
    PERIOD = -1


class Moment(Event):
    """A point in time that will come."""

    def __init__(self, clock: "Clock", time: float, turn: Turn, entity: int, sub: int) -> None:
        super().__init__(clock)
        self._ok = True
        self._value = None
        clock.put(self, time, (turn, entity, sub))


class Clock(Environment):
    """A SimPy environment in months; ``timeout`` works too, after all else at its instant."""

    def __init__(self) -> None:
        super().__init__(initial_time=0.0)

    def at(self, time: float, turn: Turn = Turn.LAST, entity: int = -1, sub: int = -1) -> Moment:
        """Event to ``yield`` for: the instant ``time``, months, in the order of its turn."""
        return Moment(self, time, turn, entity, sub)

    def put(self, event: Event, time: float, order: tuple[int, int, int]) -> None:
        """Schedule a triggered event at an absolute time."""
        heappush(self._queue, (time, order, next(self._eid), event))  # type: ignore[misc]

    def schedule(self, event: Event, priority: int = 0, delay: float = 0) -> None:
        """Schedule what SimPy itself triggers: at once, or last at the end of a timeout."""
        turn = Turn.LAST if delay > 0 else Turn.FOLLOW_UP
        self.put(event, self._now + delay, (turn, -1, -1))
