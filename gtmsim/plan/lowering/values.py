"""The Values: every number of every draw."""

from gtmsim.plan.leaves import Node
from gtmsim.plan.lowering.allocation import write_allocation
from gtmsim.plan.lowering.channels import write_channels
from gtmsim.plan.lowering.company import write_company
from gtmsim.plan.lowering.contracts import write_contracts
from gtmsim.plan.lowering.health import write_health
from gtmsim.plan.lowering.market import write_market
from gtmsim.plan.lowering.prices import write_prices
from gtmsim.plan.lowering.segments import write_segments
from gtmsim.plan.lowering.stages import write_stages
from gtmsim.plan.lowering.teams import write_teams
from gtmsim.plan.names import Names
from gtmsim.plan.structure import Values


def write_numbers(root: Node, names: Names, out: Values) -> None:
    """Write every table but the distributions; each has a leading axis of draws."""
    write_company(root, names, out)
    write_allocation(root, names, out)
    write_stages(root, names, out)
    write_segments(root, names, out)
    write_health(root, names, out)
    write_contracts(root, names, out)
    write_channels(root, names, out)
    write_teams(root, names, out)
    write_market(root, names, out)
    write_prices(root, names, out)
