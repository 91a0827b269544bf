"""The distributions: their rows, their records, and the quantile tables they need."""

from typing import Any

import numpy as np

from gtmsim.draws import families
from gtmsim.draws.tables import TABLE_SIZE
from gtmsim.errors import Problem, ScenarioError
from gtmsim.plan.distributions import (
    Native,
    beta_over_customers,
    fixed,
    scaled,
    within_tables,
)
from gtmsim.plan.forms import family_of, native_of
from gtmsim.plan.leaves import Node, dotted
from gtmsim.plan.lowering.contracts import playbook_distributions
from gtmsim.plan.lowering.market import market_distributions
from gtmsim.plan.lowering.rows import DistRow, DistRows, numbered
from gtmsim.plan.lowering.segments import (
    funnel_distributions,
    opening_churn,
    opening_distributions,
    segment_distributions,
)
from gtmsim.plan.names import Names
from gtmsim.plan.structure import Values
from gtmsim.scenario.distributions import Distribution
from gtmsim.scenario.models import Churn, Scenario

WITH_TABLE = (families.BETA, families.GAMMA)
_UNUSED_TABLE = (float(families.BETA), 1.0, 1.0)


def lower_distributions(scenario: Scenario, names: Names) -> DistRows:
    """Rows of all distributions; the same quantity of several segments has one row."""
    rows: list[DistRow] = []
    for segment in names.segments:
        if segment in scenario.company.opening.customers:
            rows += opening_churn(segment)  # first, since these rows stand together
        rows += segment_distributions(scenario, segment).values()
        rows += opening_distributions(scenario, segment).values()
    for stage in names.funnel:
        rows += funnel_distributions(scenario, stage).values()
    for playbook in names.playbooks:
        rows += playbook_distributions(scenario, playbook).values()
    rows += market_distributions(scenario).values()
    return numbered(rows)


def rows_with_table(root: Node, dists: DistRows) -> tuple[int, ...]:
    """Rows whose family is drawn from a quantile table, in table order."""
    said = [root.at(*row.path).model for row in dists.rows]
    return tuple(index for index, value in enumerate(said) if _has_table(value))


def write_distributions(
    root: Node, dists: DistRows, with_table: tuple[int, ...], out: Values
) -> None:
    """Write the records of the distributions and what their tables are filled with.

    Raises
    ------
    ScenarioError
        If no distribution of the family is what a row asks for.
    """
    for index, row in enumerate(dists.rows):
        record = out.dists[:, index]
        for column, value in enumerate(within_tables(_native(root, row))):
            record[:, column] = value
        if np.isnan(record).any():
            raise _none_such(row)
    for table, index in enumerate(with_table):
        record = out.dists[:, index]
        needed = np.isin(record[:, 0], WITH_TABLE)
        out.table_specs[:, table] = np.where(needed[:, np.newaxis], record[:, :3], _UNUSED_TABLE)
        record[:, 3] = np.where(needed, table * TABLE_SIZE, 0.0)


def _has_table(value: Any) -> bool:
    if isinstance(value, Churn):
        return value.mean is None or value.concentration is not None
    # What does not vary is a fixed number in each draw.
    return isinstance(value, Distribution) and value.varies and family_of(value) in WITH_TABLE


def _native(root: Node, row: DistRow) -> Native:
    here = root.at(*row.path)
    if isinstance(here.model, Churn):
        return _churn(here, row.years_survived or 0)
    if row.years_survived is None and isinstance(here.model, Distribution):
        return _varying(here, row.factor)
    return fixed(root.at(*row.path[:-1]).number(row.path[-1]) * row.factor)


def _churn(churn: Node, years_survived: int) -> Native:
    """Yearly churn over customers; each year survived adds one to the Beta's second parameter."""
    if churn.has("alpha"):
        alpha, beta = churn.number("alpha"), churn.number("beta")
    elif churn.has("concentration"):
        mean, concentration = churn.number("mean"), churn.number("concentration")
        alpha, beta = mean * concentration, (1.0 - mean) * concentration
    else:
        return fixed(churn.number("mean"))
    return beta_over_customers(alpha, beta + years_survived)


def _varying(here: Node, factor: float) -> Native:
    distribution: Distribution = here.model
    parameters = {name: here.number(name) for name in distribution.form}
    return scaled(native_of(distribution, parameters), factor)


def _none_such(row: DistRow) -> ScenarioError:
    message = "has parameters that no distribution of its family has"
    return ScenarioError([Problem(dotted(row.path), message)])
