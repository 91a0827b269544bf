"""One replication: the company lives month by month until the horizon or its insolvency."""

from collections.abc import Callable, Iterable

from gtmsim.engines.reference.clock import Life, Turn
from gtmsim.engines.reference.company import Company
from gtmsim.engines.reference.graduation import graduate_customers
from gtmsim.engines.reference.market import announce_leads
from gtmsim.engines.reference.measuring import measure_month, measure_opening
from gtmsim.engines.reference.opening import open_position
from gtmsim.engines.reference.termination import lose_largest
from gtmsim.plan.structure import CompanyInt

ExtraProcess = Callable[[Company], Life]
"""A process of the user's own: a generator function of the company."""


def play(company: Company, extra_processes: Iterable[ExtraProcess] = ()) -> Company:
    """Play one replication to its end and return the company, whose books are then closed.

    Parameters
    ----------
    company
        Set up and not played yet.
    extra_processes
        Generator functions that live beside the company's own processes. They read and change
        what they find in the company, and wait with ``yield``: for ``company.clock.at(month)``,
        ``company.clock.timeout(months)``, ``company.month_opened`` or ``team.request(work)``.
    """
    for process in extra_processes:
        company.begin(process(company))
    company.clock.run(until=company.begin(live(company)))
    return company


def live(company: Company) -> Life:
    """Month after month: the policy opens it, everybody lives through it, the books are closed."""
    open_position(company)
    measure_opening(company)
    for month in range(company.months):
        company.set_policy(month)
        if month == company.structure.company[CompanyInt.LARGEST_LEAVES]:
            lose_largest(company)
        graduate_customers(company)
        company.open_month()
        announce_leads(company, month)
        yield company.clock.at(month + 1.0, Turn.BOUNDARY)
        measure_month(company, month)
        is_solvent = company.close_month(month)
        if not is_solvent:
            return
