"""Teams, their planned hires and their ramp."""

import numpy as np

from gtmsim.plan.distributions import Number
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
    Flags,
    HireInt,
    Ints,
    TeamFloat,
    TeamFunction,
    TeamInt,
    Values,
)
from gtmsim.scenario.models import Hires, HiringRules, Scenario

_NO_RULES = HiringRules()


def team_table(scenario: Scenario, names: Names) -> Ints:
    """Whole numbers of the teams, shape (T, TeamInt)."""
    allocated = scenario.allocation.teams if scenario.allocation is not None else ()
    rows = [
        _team_row(scenario, team) | {TeamInt.IS_ALLOCATED: int(team in allocated)}
        for team in names.teams
    ]
    return int_table(TeamInt, rows)


def hire_table(scenario: Scenario, names: Names) -> Ints:
    """Planned hires of all teams, shape (H, HireInt)."""
    rows = [
        _hire_row(names, team, hires)
        for team in names.teams
        for hires in scenario.teams[team].hires
    ]
    return int_table(HireInt, rows)


def customers_of_table(scenario: Scenario, names: Names) -> Flags:
    """Segments whose customers a team's hiring rule counts, shape (T, S)."""
    return _by_segment(names, [_customers_of(scenario, names, team) for team in names.teams])


def works_for_table(scenario: Scenario, names: Names) -> Flags:
    """Segments that a team is said to work for, shape (T, S); none where it is not said."""
    return _by_segment(names, [scenario.teams[team].segments or () for team in names.teams])


def longest_ramp(scenario: Scenario) -> int:
    """Quarters of the longest ramp; at least 1."""
    return max((len(team.ramp_by_quarter) for team in scenario.teams.values()), default=1)


def write_teams(root: Node, names: Names, out: Values) -> None:
    """Write the numbers of the teams and their ramps."""
    teams = [root.at("teams", team) for team in names.teams]
    write_rows(out.team, TeamFloat, [_team_numbers(team) for team in teams])
    n_quarters = out.ramp.shape[-1]
    write_cells(out.ramp, [_ramp(team, n_quarters) for team in teams])


def _by_segment(names: Names, listed: list[tuple[str, ...]]) -> Flags:
    return flag_table(
        len(names.segments), [[segment in row for segment in names.segments] for row in listed]
    )


def _team_row(scenario: Scenario, name: str) -> IntRow[TeamInt]:
    team = scenario.teams[name]
    rules = team.hiring or _NO_RULES
    return {
        TeamInt.FUNCTION: TeamFunction[team.function.upper()],
        TeamInt.REPS: team.reps,
        TeamInt.LEAD_TIME: team.lead_time_months,
        TeamInt.MAX_REPS: team.max_reps,
        TeamInt.REPLACES: int(team.replaces),
        TeamInt.RULE_MONTHS: rules.for_months,
        TeamInt.RULE_HIRES: rules.n,
        TeamInt.RAMP_QUARTERS: len(team.ramp_by_quarter),
    }


def _hire_row(names: Names, team: str, hires: Hires) -> IntRow[HireInt]:
    return {
        HireInt.TEAM: names.teams.index(team),
        HireInt.BOUNDARY: hires.month - 1 if hires.month else NONE,
        HireInt.STAGE: row_of(names.stages, hires.stage),
        HireInt.COUNT: hires.n,
    }


def _customers_of(scenario: Scenario, names: Names, team: str) -> tuple[str, ...]:
    rules = scenario.teams[team].hiring or _NO_RULES
    if rules.customers_of is not None:
        return rules.customers_of
    served = tuple(
        name
        for name, segment in scenario.segments.items()
        if segment.csm and segment.csm.team == team
    )
    return served or names.segments


def _team_numbers(team: Node) -> NumberRow[TeamFloat]:
    return (
        _pay(team)
        | _hiring(team)
        | {
            TeamFloat.OPEN_DEALS: team.number("open_deals"),
            TeamFloat.LEAVES_PER_MONTH: team.number("leaves_per_year") / 12.0,
        }
    )


def _pay(team: Node) -> NumberRow[TeamFloat]:
    loaded = team.money("base_per_year") * (1.0 + team.number("on_costs")) / 12.0
    has_quota = team.has("quota_per_year")
    return {
        TeamFloat.COST_PER_MONTH: loaded + team.money("tools_per_month"),
        TeamFloat.RECRUITING_COST: team.money("recruiting_cost"),
        TeamFloat.COMMISSION: team.number("commission"),
        TeamFloat.QUOTA_PER_MONTH: team.money("quota_per_year") / 12.0 if has_quota else 0.0,
    }


def _hiring(team: Node) -> NumberRow[TeamFloat]:
    per_rep: Number = 0.0
    above: Number = np.inf
    if team.has("hiring"):
        rules = team.at("hiring")
        per_rep = rules.number("customers_per_rep") if rules.has("customers_per_rep") else per_rep
        above = rules.number("utilisation_above") if rules.has("utilisation_above") else above
    return {TeamFloat.CUSTOMERS_PER_REP: per_rep, TeamFloat.UTILISATION_ABOVE: above}


def _ramp(team: Node, n_quarters: int) -> list[Number]:
    quarters = team.at("ramp_by_quarter")
    last = len(quarters.model) - 1
    return [quarters.number(min(quarter, last)) for quarter in range(n_quarters)]
