"""The engine's face: blocks of books, and the ledger of one replication."""

from collections.abc import Iterable
from typing import Protocol

from gtmsim.engines.block import Block, Ledger, books_at, new_block, whole_ledger
from gtmsim.engines.reference.company import Company
from gtmsim.engines.reference.replication import ExtraProcess, play
from gtmsim.errors import Interrupted
from gtmsim.plan.structure import Floats, Ints, Structure, Values
from gtmsim.rules.state import Books, fill_tables, new_tables


class Planned(Protocol):
    """What the engine needs of a Plan."""

    @property
    def structure(self) -> Structure:
        """The Plan's tables that no draw changes."""


def make_ready() -> None:
    """Do nothing: the little that is compiled here is compiled when it is first called."""


def simulate_block(
    plan: Planned,
    values: tuple[Values, ...],
    seed: int,
    draws: range,
    replications: range,
    stop: Ints,
) -> Block:
    """Simulate a rectangle of draws and replications.

    Parameters
    ----------
    plan
        The Plan.
    values
        Numbers of each draw of ``draws``, in its order.
    seed
        Seed of all luck.
    draws, replications
        The rectangle; their numbers key the luck.
    stop
        One element, read before each replication; the work ends when it is not 0.

    Returns
    -------
    Block
        Books of every replication.

    Raises
    ------
    Interrupted
        If ``stop`` asks for it.
    """
    block = new_block(plan.structure, draws, replications)
    for i, draw in enumerate(draws):
        tables = quantile_tables(values[i])
        for j, replication in enumerate(replications):
            if stop[0]:
                raise Interrupted("the simulation was stopped")
            key = (seed, draw, replication)
            company = play(Company(plan.structure, values[i], tables, key))
            for target, book in zip(books_at(block, i, j), company.books, strict=True):
                target[...] = book
    return block


def trace(
    plan: Planned,
    values: Values,
    seed: int,
    draw: int,
    replication: int,
    extra_processes: Iterable[ExtraProcess] = (),
) -> tuple[Books, Ledger]:
    """Simulate one replication and keep its ledger.

    Parameters
    ----------
    plan
        The Plan.
    values
        Numbers of the draw.
    seed, draw, replication
        Key of the luck.
    extra_processes
        Processes of the user's own, see `gtmsim.engines.reference.replication.play`.

    Returns
    -------
    (Books, Ledger)
        Books of the replication, and every event of it in order.

    Examples
    --------
    An audit keeps a sales rep busy through months 2 and 3; who wants her meanwhile, waits.

    >>> from gtmsim.engines.reference.sellers import Work
    >>> from gtmsim.plan import compile_plan, draw_inputs, fill_values
    >>> from gtmsim.scenario import load_scenario
    >>> from gtmsim.vocabulary import EventKind
    >>> def audit(company):
    ...     sales = company.teams[plan.names.teams.index("ae")]
    ...     yield company.clock.at(1.0)
    ...     hold = yield sales.request(Work(entity=-1, segment=0, priority=0))
    ...     yield company.clock.at(3.0)
    ...     sales.release(hold)
    >>> scenario = load_scenario("scenarios/enterprise_first.toml", ["scenario.months=6"])
    >>> plan = compile_plan(scenario)
    >>> (values,) = fill_values(plan, draw_inputs(plan, seed=1, draws=range(1)))
    >>> books, ledger = trace(plan, values, 1, 0, 0, extra_processes=[audit])
    >>> released = ledger[(ledger["entity"] == -1) & (ledger["kind"] == EventKind.RELEASED)]
    >>> released["time"].tolist()
    [3.0]
    """
    key = (seed, draw, replication)
    company = Company(plan.structure, values, quantile_tables(values), key, keeps_ledger=True)
    play(company, extra_processes)
    return company.books, whole_ledger(company.accounts.ledger(), company.books)


def quantile_tables(values: Values) -> Floats:
    """Quantile tables that a draw's distributions refer to."""
    tables = new_tables(values)
    fill_tables(values.table_specs, tables)
    return tables
