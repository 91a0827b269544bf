"""The company: cash, rounds, running costs, budgets, tools, stages."""

import numpy as np

from gtmsim.plan.leaves import Node
from gtmsim.plan.lowering.rows import NONE
from gtmsim.plan.lowering.tables import (
    IntRow,
    NumberRow,
    flag_table,
    int_table,
    write_cells,
    write_rows,
)
from gtmsim.plan.names import Names, row_of
from gtmsim.plan.structure import (
    CompanyFloat,
    CompanyInt,
    CostFloat,
    CostInt,
    Flags,
    Ints,
    RoundFloat,
    RoundInt,
    TeamFunction,
    Values,
)
from gtmsim.scenario.allocation import ALLOCATED_BUDGET
from gtmsim.scenario.models import Round, Scenario


def company_row(scenario: Scenario, names: Names) -> Ints:
    """Whole numbers of the company, shape (CompanyInt,)."""
    floor = scenario.company.floor
    allocated = ALLOCATED_BUDGET if scenario.allocation is not None else None
    row: IntRow[CompanyInt] = {
        CompanyInt.MONTHS: scenario.scenario.months,
        CompanyInt.START_CALENDAR_MONTH: scenario.scenario.start.month - 1,
        CompanyInt.CONFIRM_MONTHS: scenario.stage_rule.confirm_months,
        CompanyInt.FALLS_BACK: int(scenario.stage_rule.falls_back),
        CompanyInt.HAS_FLOOR: int(floor is not None),
        CompanyInt.HIRING_FREEZE: int(floor is not None and floor.hiring_freeze),
        CompanyInt.ALLOCATED_BUDGET: row_of(names.budgets, allocated),
        CompanyInt.LARGEST_LEAVES: scenario.company.largest_customer_leaves or NONE,
    }
    table = int_table(CompanyInt, [row])
    return table.reshape(-1)


def round_table(scenario: Scenario, names: Names) -> Ints:
    """Whole numbers of the funding rounds, shape (Q, RoundInt)."""
    rounds = [scenario.company.rounds[name] for name in names.rounds]
    return int_table(RoundInt, [_round_row(names, funding) for funding in rounds])


def cost_table(scenario: Scenario, names: Names) -> Ints:
    """Whole numbers of the cost lines, shape (L, CostInt)."""
    functions = [scenario.costs[name].function for name in names.costs]
    return int_table(CostInt, [{CostInt.FUNCTION: TeamFunction[f.upper()]} for f in functions])


def stack_table(scenario: Scenario, names: Names) -> Flags:
    """Stacks that a segment needs, nested ones included, shape (S, W)."""
    needed = [
        _needed(scenario, scenario.segments[segment].tech_stack) for segment in names.segments
    ]
    return flag_table(
        len(names.stacks), [[stack in row for stack in names.stacks] for row in needed]
    )


def write_company(root: Node, names: Names, out: Values) -> None:
    """Write the numbers of the company, its rounds, costs, budgets and tools."""
    company = root.at("company")
    write_rows(out.company[:, np.newaxis], CompanyFloat, [_company_numbers(root)])
    rounds = [company.at("rounds", name) for name in names.rounds]
    write_rows(out.round, RoundFloat, [_round_numbers(funding) for funding in rounds])
    _write_costs([root.at("costs", name) for name in names.costs], names, out)
    _write_budgets([budget for _, budget in root.at("budgets").items()], names, out)
    stacks = [root.at("tech_stacks", name).money("per_month") for name in names.stacks]
    write_cells(out.stack_cost[:, np.newaxis], [stacks])


def _write_costs(lines: list[Node], names: Names, out: Values) -> None:
    write_rows(out.cost, CostFloat, [_cost_numbers(line) for line in lines])
    write_cells(out.cost_amount, [line.money_by_stage("per_month", names.stages) for line in lines])


def _write_budgets(budgets: list[Node], names: Names, out: Values) -> None:
    amounts = [budget.money_by_stage("per_month", names.stages) for budget in budgets]
    shares = [budget.by_stage("share_of_arr", names.stages) for budget in budgets]
    write_cells(out.budget_amount, amounts)
    write_cells(out.budget_share_of_arr, [[share / 12.0 for share in row] for row in shares])


def _company_numbers(root: Node) -> NumberRow[CompanyFloat]:
    company = root.at("company")
    return _allocation_numbers(root) | {
        CompanyFloat.CASH: company.money("cash"),
        CompanyFloat.FLOOR_CASH: company.money_in("floor", "cash_below"),
        CompanyFloat.SPEND_CUT: company.number_in("floor", "spend_cut"),
        CompanyFloat.BRIDGE: company.money_in("floor", "bridge"),
    }


def _allocation_numbers(root: Node) -> NumberRow[CompanyFloat]:
    row: NumberRow[CompanyFloat] = {
        CompanyFloat.BURN_LIMIT: np.inf,
        CompanyFloat.REFERENCE_PRODUCT_SPEND: 1.0,
        CompanyFloat.PRODUCT_ELASTICITY: 0.0,
        CompanyFloat.PRODUCT_ODDS_ELASTICITY: 0.0,
    }
    if not root.has("allocation"):
        return row
    node = root.at("allocation")
    if node.has("burn_limit_per_month"):
        row[CompanyFloat.BURN_LIMIT] = node.money("burn_limit_per_month")
    if node.has("product_effect"):
        effect = node.at("product_effect")
        row[CompanyFloat.REFERENCE_PRODUCT_SPEND] = effect.money("reference_per_month")
        row[CompanyFloat.PRODUCT_ELASTICITY] = effect.number("churn_elasticity")
        row[CompanyFloat.PRODUCT_ODDS_ELASTICITY] = effect.number("win_odds_elasticity")
    return row


def _round_numbers(funding: Node) -> NumberRow[RoundFloat]:
    return {
        RoundFloat.AMOUNT: funding.money("amount"),
        RoundFloat.CLOSES: funding.number("closes"),
    }


def _cost_numbers(line: Node) -> NumberRow[CostFloat]:
    return {
        CostFloat.GROWTH_LOG: np.log1p(line.number("growth_per_year")),
        CostFloat.SHARE_OF_REVENUE: line.number("share_of_revenue"),
    }


def _round_row(names: Names, funding: Round) -> IntRow[RoundInt]:
    return {
        RoundInt.MONTH: funding.month - 1 if funding.month else NONE,
        RoundInt.STAGE: row_of(names.stages, funding.stage),
        RoundInt.DELAY: funding.delay_months,
    }


def _needed(scenario: Scenario, stack: str | None, seen: frozenset[str] = frozenset()) -> set[str]:
    if stack is None or stack in seen:
        return set()
    inside = scenario.tech_stacks[stack].includes
    return {stack}.union(*(_needed(scenario, part, seen | {stack}) for part in inside))
