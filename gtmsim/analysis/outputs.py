"""What a sweep keeps of every future: one number each, such as ARR at the end of a year."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from gtmsim.analysis.evaluating import objective_of, sample_in
from gtmsim.analysis.units import Unit, unit_of_quantity
from gtmsim.engines.block import new_block
from gtmsim.errors import Problem, ScenarioError
from gtmsim.expressions.names import FLAGS
from gtmsim.expressions.tree import Measure, Quantity
from gtmsim.metrics import odds, profit
from gtmsim.metrics.labels import YEAR
from gtmsim.plan import Plan
from gtmsim.results.dataset import convert_units
from gtmsim.results.layout import layout
from gtmsim.results.memory import block_dataset
from gtmsim.scenario import Scenario
from gtmsim.scenario.checks.expectations import Named
from gtmsim.scenario.expectations import read_output
from gtmsim.scenario.models import Objective, Target
from gtmsim.statistics.error import Sample

MONEY, EVENT = "money", "event"


def shown_unit(unit: str) -> Unit:
    """Tell what figures of an output count, from its unit: odds of an event are shares."""
    return Unit.SHARE if unit == EVENT else Unit(unit)


@dataclass(frozen=True)
class Output:
    """A number of every future.

    Attributes
    ----------
    name
        In machine-readable formats; written as expectations write it.
    label
        For people.
    unit
        ``money`` of the scenario's currency, ``event`` (1 or 0) or another unit of the report.
    measure
        Takes results (any part of the draws and replications) and gives the numbers, dims or
        shape (draw, replication). Must be picklable.
    is_detail
        Whether a tornado shows it only when details are asked for.
    """

    name: str
    label: str
    unit: str
    measure: Callable[[xr.Dataset], xr.DataArray | Sample]
    is_detail: bool = False

    def sample(self, results: xr.Dataset) -> Sample:
        """Numbers of all futures in ``results``, shape (draws, replications)."""
        values = self.measure(results)
        if isinstance(values, xr.DataArray):
            values = values.transpose("draw", "replication").to_numpy()
        return np.asarray(values, np.float64)


@dataclass(frozen=True)
class ArrAt:
    """ARR of the company at the end of a month."""

    month: int

    def __call__(self, results: xr.Dataset) -> xr.DataArray:
        """Measure it."""
        arr = results["closing_arr"].sel(month=self.month, drop=True)
        return convert_units(arr.sum("segment", keep_attrs=True))


@dataclass(frozen=True)
class LowestCash:
    """Lowest cash at the end of a month."""

    def __call__(self, results: xr.Dataset) -> xr.DataArray:
        """Measure it."""
        return convert_units(results["cash"]).min("month")


@dataclass(frozen=True)
class CashAt:
    """Cash at the end of a month."""

    month: int

    def __call__(self, results: xr.Dataset) -> xr.DataArray:
        """Measure it."""
        return convert_units(results["cash"].sel(month=self.month, drop=True))


@dataclass(frozen=True)
class Met:
    """Whether a target is met."""

    target: Target

    def __call__(self, results: xr.Dataset) -> xr.DataArray:
        """Measure it."""
        return odds.target_met(results, self.target)


@dataclass(frozen=True)
class Quantified:
    """A number of each future, as expectations write it: ``arr[36, segment=smb]``."""

    quantity: Quantity

    def __call__(self, results: xr.Dataset) -> Sample:
        """Measure it."""
        return sample_in(self.quantity, results)


@dataclass(frozen=True)
class Worth:
    """What a future is worth by an objective."""

    objective: Objective

    def __call__(self, results: xr.Dataset) -> Sample:
        """Measure it."""
        return objective_of(results, self.objective)


def read_outputs(
    texts: Sequence[str], scenarios: Sequence[Scenario | Named], option: str = "--output"
) -> tuple[tuple[str, Quantity], ...]:
    """Read numbers of a future that someone asks for, each with its text.

    Parameters
    ----------
    texts
        As expectations write them.
    scenarios
        In which they must mean something, or what they name. A segment that one of them has is
        enough.
    option
        What messages call them.

    Raises
    ------
    ScenarioError
        With every problem, as of the option; if there is no text, that is one.
    """
    if isinstance(texts, str):
        raise TypeError(f"outputs are a sequence of texts; got one text: {texts!r}")
    read: dict[str, Quantity] = {}
    problems: list[Problem] = []
    for text in texts:
        try:
            read[text] = read_output(option, text, scenarios)
        except ScenarioError as error:
            problems += error.problems
    if not texts:
        problems.append(Problem("", "Nothing is asked of a future", None, "Such as arr[36]."))
    if problems:
        raise ScenarioError(problems)
    return tuple(read.items())


def read_outputs_of(
    texts: Sequence[str], results: Sequence[xr.Dataset]
) -> tuple[tuple[str, Quantity], ...]:
    """Read numbers of a future of results that someone asks for from Python, each with its text.

    Raises
    ------
    ScenarioError
        With every problem.
    """
    return read_outputs(texts, [_named_in(one) for one in results], "outputs")


def _named_in(results: xr.Dataset) -> Named:
    segments, stages = (
        tuple(map(str, results[dim].to_numpy())) if dim in results.coords else ()
        for dim in ("segment", "stage")
    )
    return Named(str(results.attrs["currency"]), results.sizes["month"], segments, stages)


def expressed(asked: Sequence[tuple[str, Quantity]], plan: Plan) -> tuple[Output, ...]:
    """Make outputs of quantities that someone asks for.

    Parameters
    ----------
    asked
        Of `read_outputs`.
    plan
        One that is simulated; tells the units.
    """
    blank = blank_results(plan)
    return tuple(Output(text, text, _unit(of, blank), Quantified(of)) for text, of in asked)


def _unit(quantity: Quantity, blank: xr.Dataset) -> str:
    if isinstance(quantity, Measure) and quantity.name in FLAGS:
        return EVENT
    return (unit_of_quantity(quantity, blank) or Unit.COUNT).value


def blank_results(plan: Plan) -> xr.Dataset:
    """Results of a plan in which nothing happens in the only future: their labels and units."""
    header = plan.scenario.scenario
    block = new_block(plan.structure, range(1), range(1))
    about = {"currency": header.currency, "start": header.start.isoformat()}
    return block_dataset(block, np.zeros((1, len(plan.inputs))), layout(plan, 1, 1), about)


def default_outputs(scenario: Scenario) -> tuple[Output, ...]:
    """ARR at the end of each year and at the end, cash, survival and every target.

    Parameters
    ----------
    scenario
        Its length decides the years, its targets are the last outputs.
    """
    last = scenario.scenario.months
    years = [
        Output(f"arr[{month}]", f"ARR month {month}", MONEY, ArrAt(month), is_detail=month < last)
        for month in sorted({*range(YEAR, last + 1, YEAR), last})
    ]
    targets = [
        Output(f"targets.{name}", name, EVENT, Met(target))
        for name, target in scenario.targets.items()
    ]
    return (
        *years,
        Output("cash_min", "lowest cash", MONEY, LowestCash()),
        Output(f"cash[{last}]", f"cash month {last}", MONEY, CashAt(last), is_detail=True),
        Output("survives", "cash lasts", EVENT, profit.survives),
        *targets,
    )
