"""The gate at every point of a sweep, from what the sweep has kept of their futures."""

from collections.abc import Callable, Collection, Iterator, Sequence

import numpy as np

from gtmsim.analysis.evaluating import Futures, Kept
from gtmsim.analysis.expected import name_of
from gtmsim.analysis.gate import Case, Judgement, Policy, judge_all
from gtmsim.analysis.points import text_of
from gtmsim.analysis.sweeping import SAMPLE, Filled, Sweep, continued

Fill = Callable[[Sweep, Collection[int]], Filled]
"""Simulates points, and plans that they are compared with, by number."""


def judge_points(
    prepared: Sweep, filled: Filled, fill: Fill, budget: int, inconclusive: Policy = "fail"
) -> tuple[Judgement, ...]:
    """Judge every point of a sweep, with more draws of those that are not decided.

    Parameters
    ----------
    prepared
        The sweep, prepared with something to judge.
    filled
        What was simulated of it.
    fill
        Simulates more draws.
    budget
        Most draws of a point, if the sweep itself has not more.
    inconclusive
        Whether an inconclusive verdict fails the gate.

    Returns
    -------
    tuple of Judgement
        One per point. All checks of a point that failed, or of which a plan that it is compared
        with did, are errors.
    """
    subjects = (text_of(prepared.variations, point) for point in prepared.points)
    asked = zip(subjects, prepared.gate.asked, strict=True)
    start = prepared.how.draws
    return judge_all(
        [Case(subject, one.checks) for subject, one in asked],
        _Looks(prepared, filled, fill).futures_of,
        max(start, budget),
        start,
        inconclusive,
    )


class _Looks:
    """What is kept of the draws so far, store by store."""

    def __init__(self, prepared: Sweep, filled: Filled, fill: Fill):
        self._stretches = [(prepared, filled)]
        self._fill = fill

    def futures_of(self, draws: int, points: Sequence[int]) -> Iterator[tuple[int, Futures | str]]:
        """Futures of points, or why there are none; see ``gtmsim.analysis.gate.FuturesOf``."""
        last = self._stretches[-1][0]
        if draws > last.how.draws:
            more = continued(last, draws)
            wanted = {number for point in points for number in (point, *self._compared(point))}
            self._stretches.append((more, self._fill(more, wanted)))
        compared: dict[int, Kept] = {}
        for point in points:
            yield point, self._failure(point) or self._futures(point, compared)

    def _compared(self, point: int) -> dict[int, str]:
        """Files that a point is compared with, by the number of their plan."""
        prepared = self._stretches[0][0]
        return {
            len(prepared.points) + number: file
            for file, number in prepared.gate.which[point].items()
        }

    def _failure(self, point: int) -> str:
        files = self._compared(point)
        for _, filled in self._stretches:
            for number in (point, *files):
                if why := filled.failures.get(number):
                    return f"{files[number]}: {why}" if number in files else why
        return ""

    def _futures(self, point: int, compared: dict[int, Kept]) -> Futures:
        """Futures of a point; what other points are compared with too is read once."""
        files = self._compared(point)
        for number in files:
            if number not in compared:
                compared[number] = self._kept(number)
        others = {file: compared[number] for number, file in files.items()}
        return Futures(self._kept(point), others)

    def _kept(self, number: int) -> Kept:
        read = [
            dict(zip(prepared.stored, filled.store.read(number)[SAMPLE], strict=True))
            for prepared, filled in self._stretches
        ]
        leaves = self._stretches[0][0].gate.leaves_at(number)
        samples = {
            leaf: np.concatenate([named[name_of(leaf)] for named in read]) for leaf in leaves
        }
        last = self._stretches[-1][0].how
        return Kept(samples, {"draw": last.draws, "replication": last.replications})
