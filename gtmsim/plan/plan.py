"""The Plan: a scenario as tables, and the numbers of each draw."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np

from gtmsim.errors import Problem, ScenarioError
from gtmsim.plan.capacity import check_capacity
from gtmsim.plan.distributions import Number
from gtmsim.plan.inputs import (
    Copula,
    UncertainInput,
    copula_of,
    input_uniforms,
    joined,
    quantiles,
)
from gtmsim.plan.layout import Shape, Sizes, empty_values, values_layout
from gtmsim.plan.leaves import Node
from gtmsim.plan.lowering.distributions import (
    lower_distributions,
    rows_with_table,
    write_distributions,
)
from gtmsim.plan.lowering.market import write_reach
from gtmsim.plan.lowering.names import lower_names
from gtmsim.plan.lowering.rows import DistRows
from gtmsim.plan.lowering.structure import lower_structure
from gtmsim.plan.lowering.teams import longest_ramp
from gtmsim.plan.lowering.values import write_numbers
from gtmsim.plan.names import Names
from gtmsim.plan.structure import Floats, Structure, Values
from gtmsim.scenario.distributions import Distribution
from gtmsim.scenario.models import Scenario
from gtmsim.scenario.readonly import ReadOnly


@dataclass(frozen=True, eq=False)
class Plan:
    """A scenario, lowered: what the engines read, and what fills the numbers of a draw."""

    scenario: Scenario
    names: Names
    # The arrays of Structure and Values stay writable, though nobody writes: a read-only array is
    # another type to numba, and the policy's kernels would be compiled once for the simpy engine,
    # which passes them on as they are, and once more for the compiled one, which copies them.
    structure: Structure
    inputs: tuple[UncertainInput, ...]
    """Columns of an inputs matrix."""
    copula: Copula
    """Inputs that are correlated."""
    numbers: Mapping[str, Any]
    """Every number that may be an input, by path, as the scenario has it."""
    dists: DistRows
    """Rows of ``Values.dists``."""
    with_table: tuple[int, ...]
    """Rows of ``Values.dists`` that have a quantile table, in table order."""
    layout: tuple[Shape, ...]
    """Shapes of the tables of ``Values``."""

    @property
    def drawn(self) -> tuple[str, ...]:
        """Paths of all that is drawn: the inputs, and what is only correlated with them."""
        paths = (given.path for given in self.inputs)
        return tuple(dict.fromkeys((*paths, *self.copula.paths)))

    def with_inputs(self, paths: Iterable[str]) -> "Plan":
        """Make more numbers inputs, for sweeps.

        Raises
        ------
        ScenarioError
            For paths that are not a number of the plan.
        """
        return _compile(self.scenario, frozenset(paths) | {given.path for given in self.inputs})


def compile_plan(scenario: Scenario) -> Plan:
    """Lower a scenario to tables.

    Raises
    ------
    CapacityError
        If it outgrows a limit of the tables or of the keys.
    ScenarioError
        If no distribution is what one of its tables asks for.
    """
    return _compile(scenario, frozenset())


def draw_inputs(plan: Plan, seed: int, draws: range) -> Floats:
    """Draw the uncertain inputs.

    Parameters
    ----------
    plan
        Names the inputs.
    seed
        0 to 2**64 - 1.
    draws
        Ordinals of the draws, 0 to 2**32 - 1.

    Returns
    -------
    ndarray, shape (draws, inputs)
        In the units of the scenario. A row depends on seed and draw alone, a column on its path
        and on the inputs that are correlated with it.
    """
    uniforms = input_uniforms((given.path for given in plan.inputs), plan.copula, seed, draws)
    return _inputs(plan, uniforms, len(draws))


def inputs_at(plan: Plan, alone: Mapping[str, Floats]) -> Floats:
    """Choose the inputs by where they lie in their distributions.

    Parameters
    ----------
    plan
        Names the inputs.
    alone
        For each path of ``plan.drawn`` independent uniforms of (0, 1), shape (draws,). Correlated
        inputs take them as they would take their own.

    Returns
    -------
    ndarray, shape (draws, inputs)
        In the units of the scenario.
    """
    (n_draws,) = {len(uniforms) for uniforms in alone.values()}
    return _inputs(plan, joined(alone, plan.copula), n_draws)


def _inputs(plan: Plan, uniforms: Mapping[str, Floats], n_draws: int) -> Floats:
    columns = [quantiles(given, uniforms[given.path]) for given in plan.inputs]
    return np.stack(columns, axis=1) if columns else np.empty((n_draws, 0))


def fill_values(plan: Plan, inputs: Floats) -> tuple[Values, ...]:
    """Fill the numbers of each draw.

    Parameters
    ----------
    plan
        Its ``inputs`` name the columns.
    inputs
        In the units of the scenario, shape (draws, inputs).

    Returns
    -------
    tuple of Values
        One per draw.
    """
    tables = fill_tables(plan, inputs)
    return tuple(Values(*(table[draw] for table in tables)) for draw in range(len(inputs)))


def fill_tables(plan: Plan, inputs: Floats) -> Values:
    """Fill the numbers of all draws together: the tables of Values with a leading axis of draws.

    Parameters as in `fill_values`.
    """
    matrix = np.asarray(inputs, np.float64)
    if matrix.shape != (len(matrix), len(plan.inputs)):
        raise ValueError(f"inputs must have {len(plan.inputs)} columns; got shape {matrix.shape}")
    paths = (given.path for given in plan.inputs)
    # Contiguous columns, so that NumPy takes the same instructions for one draw and for many.
    columns = dict(zip(paths, np.ascontiguousarray(matrix.T), strict=True))
    tables = empty_values(plan.layout, len(matrix))
    root = Node(_Columns(columns), plan.scenario)
    _write(root, plan.names, plan.structure, plan.dists, plan.with_table, tables)
    return tables


def _compile(scenario: Scenario, more: frozenset[str]) -> Plan:
    survey = _Survey(more, {})
    root = Node(survey, scenario)
    names = lower_names(root)
    check_capacity(scenario, names)
    dists = lower_distributions(scenario, names)
    with_table = rows_with_table(root, dists)
    sizes = Sizes(longest_ramp(scenario), len(dists.rows), len(with_table))
    layout = values_layout(names, sizes)
    structure = lower_structure(scenario, names, dists)
    _write(root, names, structure, dists, with_table, empty_values(layout, 1))
    return Plan(
        scenario=scenario,
        names=names,
        structure=structure,
        inputs=survey.inputs(),
        copula=copula_of(scenario.correlations),
        numbers=ReadOnly(survey.numbers),
        dists=dists,
        with_table=with_table,
        layout=layout,
    )


def _write(
    root: Node,
    names: Names,
    structure: Structure,
    dists: DistRows,
    with_table: tuple[int, ...],
    tables: Values,
) -> None:
    write_numbers(root, names, tables)
    write_distributions(root, dists, with_table, tables)
    write_reach(root.model, structure, tables)


@dataclass(frozen=True)
class _Columns:
    """Numbers of many draws: a column where there is one, else the scenario's."""

    columns: Mapping[str, Floats]

    def number(self, path: str, value: Any) -> Number:
        column = self.columns.get(path)
        return float(value) if column is None else column

    def is_input(self, path: str, value: Any) -> bool:
        return path in self.columns


@dataclass(frozen=True)
class _Survey:
    """Notes every number that the lowering reads; an uncertain one gives its median meanwhile."""

    more: frozenset[str]
    numbers: dict[str, Any]

    def number(self, path: str, value: Any) -> Number:
        self.numbers[path] = value
        return float(quantiles(UncertainInput(path, value), np.array([0.5]))[0])

    def is_input(self, path: str, value: Any) -> bool:
        return isinstance(value, Distribution) or path in self.more

    def inputs(self) -> tuple[UncertainInput, ...]:
        """Numbers that are inputs, in the order in which they were read."""
        unknown = sorted(self.more - set(self.numbers))
        if unknown:
            raise ScenarioError([self._unknown(path) for path in unknown])
        return tuple(
            UncertainInput(path, value)
            for path, value in self.numbers.items()
            if self.is_input(path, value)
        )

    def _unknown(self, path: str) -> Problem:
        near = get_close_matches(path, self.numbers, n=1)
        hint = f"Did you mean `{near[0]}`?" if near else ""
        return Problem(path, "is not a number of this scenario", hint=hint)
