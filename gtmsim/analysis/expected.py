"""What the points of a sweep are judged by, and what of their futures is kept for that.

Results of a point are not kept, so that what its expectations take from them is: each measure, and
each reduction of one over months, in every future. The same is kept of the plans that `diff`
compares points with; these are simulated beside the points, as they are, and up to a point's end.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from gtmsim.analysis.evaluating import Leaf, leaves_of
from gtmsim.analysis.gate import Asked, asked
from gtmsim.analysis.outputs import Output, Quantified
from gtmsim.analysis.points import Read, Told
from gtmsim.errors import ScenarioError
from gtmsim.expressions.tree import differences
from gtmsim.plan import Plan, compile_plan
from gtmsim.scenario import Scenario, load_scenario
from gtmsim.scenario.expectations import nothing_expected
from gtmsim.scenario.files import is_there
from gtmsim.simulation.api import with_months


@dataclass(frozen=True)
class PointGate:
    """What each point is judged by.

    Attributes
    ----------
    asked
        By point; some may have no check.
    compared
        Plans that points are compared with.
    which
        By point: the number in ``compared`` of each file that its expectations name.
    """

    asked: tuple[Asked, ...] = ()
    compared: tuple[Plan, ...] = ()
    which: tuple[Mapping[str, int], ...] = ()

    def leaves_at(self, number: int) -> Iterable[Leaf]:
        """List what is kept of a point's futures, or of those of a plan it is compared with."""
        points = len(self.asked)
        if number < points:
            return self._leaves_of_points[number]
        return self._leaves_of_compared[number - points] if points else ()

    @cached_property
    def _leaves_of_points(self) -> list[dict[Leaf, None]]:
        return [
            {leaf: None for check in one.checks for leaf in leaves_of(check.expression)}
            for one in self.asked
        ]

    @cached_property
    def _leaves_of_compared(self) -> list[dict[Leaf, None]]:
        leaves: list[dict[Leaf, None]] = [{} for _ in self.compared]
        for one, which in zip(self.asked, self.which, strict=True):
            for difference in (d for c in one.checks for d in differences(c.expression)):
                leaves[which[difference.file.text]] |= dict.fromkeys(leaves_of(difference.of))
        return leaves


def name_of(leaf: Leaf) -> str:
    """Name of what is kept, which no output has that someone asks for."""
    return f"expect:{leaf!r}"


def output_of(leaf: Leaf) -> Output:
    """Make what is kept an output of a sweep, which nothing shows."""
    return Output(name_of(leaf), "", "", Quantified(leaf))


def read_gate(
    reads: Sequence[Read], told: Told, check: bool, precision: Sequence[str]
) -> PointGate:
    """Read what each point is judged by, before anything is simulated.

    Parameters
    ----------
    reads
        Scenario and document of each point.
    told
        Collects problems, and says at which point each arises.
    check
        Whether the points' own expectations are judged; a point may have none.
    precision
        Texts of ``--precision``, judged at every point as well.

    Raises
    ------
    ScenarioError
        With every problem; if no point has an expectation at all, that is one.
    """
    load = cache(load_scenario)

    def find(path: str) -> Scenario | None:
        return load(path) if is_there(path) else None

    found = []
    for number, (scenario, document) in enumerate(reads):
        with told.at(number):
            judged = check and bool(scenario.expect)
            found.append(asked(scenario, document, check=judged, precision=precision, find=find))
    told.raise_if_any()
    if not any(one.checks for one in found):
        raise ScenarioError([nothing_expected(reads[0].document)])
    return _with_plans(found, reads)


def _with_plans(found: Sequence[Asked], reads: Sequence[Read]) -> PointGate:
    """Make the plans that points are compared with, each once for every length."""
    plans: list[Plan] = []
    numbers: dict[tuple[int, int], int] = {}
    which = []
    for one, read in zip(found, reads, strict=True):
        months = read.scenario.scenario.months
        named = {}
        for file, other in one.others.items():
            key = (id(other), months)
            if key not in numbers:
                numbers[key] = len(plans)
                plans.append(compile_plan(with_months(other, months)))
            named[file] = numbers[key]
        which.append(named)
    return PointGate(tuple(found), tuple(plans), tuple(which))
