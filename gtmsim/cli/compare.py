"""`gtmsim compare`: plans on the same luck."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from gtmsim.cli.answering import FORMATS, write_answer
from gtmsim.cli.gating import Gate, deliver, end, gate_options
from gtmsim.cli.options import (
    Whole,
    engine_option,
    format_option,
    months_option,
    seed_option,
    set_option,
    workers_option,
)
from gtmsim.cli.plan_gate import judge_plans, read_checks
from gtmsim.cli.plans import Plan, Simulations, read_back, read_plans, simulated
from gtmsim.cli.run import How
from gtmsim.cli.session import Session, common_options
from gtmsim.settings import DEFAULT_DRAWS, DEFAULT_REPLICATIONS, MAX_COUNT

if TYPE_CHECKING:
    import xarray as xr

    from gtmsim.report.answer import Answer
    from gtmsim.scenario.models import Objective

FUNDING_DRAWS = 256
"""Draws of the paths that nobody stops, from which the money needed is read."""


@click.command()
@click.argument("plans", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--draws", metavar="N", type=Whole(2, MAX_COUNT), default=DEFAULT_DRAWS, show_default=True,
    help="Draws of what is uncertain, where a scenario is simulated.",
)  # fmt: skip
@click.option(
    "--replications", metavar="N", type=Whole(1, MAX_COUNT), default=DEFAULT_REPLICATIONS,
    show_default=True, help="Futures per draw, where a scenario is simulated.",
)  # fmt: skip
@seed_option
@months_option
@workers_option
@engine_option
@set_option
@click.option(
    "--output", "outputs", metavar="NUMBER", multiple=True,
    help="Compare this number of each future instead, as in arr[36] or cash_min; may be repeated.",
)  # fmt: skip
@click.option(
    "--group", "groups", metavar="NAME=PATHS", multiple=True,
    help="Tell what knowing these inputs together would be worth, as in "
    "paid=channels.paid_search,channels.affiliates; a table stands for all inputs in it; may be "
    "repeated.",
)  # fmt: skip
@click.option("--no-funding", is_flag=True, help="Leave out how much money each plan needs.")
@format_option(*FORMATS)
@gate_options
@common_options
def compare(  # noqa: PLR0913  one argument per option
    session: Session,
    *,
    plans: tuple[Path, ...],
    draws: int,
    replications: int,
    seed: int,
    months: int | None,
    workers: int | None,
    engine: str,
    overrides: tuple[str, ...],
    outputs: tuple[str, ...],
    groups: tuple[str, ...],
    no_funding: bool,
    form: str,
    gate: Gate,
) -> None:
    """Compare PLANS on the same luck: scenario files, or folders of results.

    The first plan is what the others are compared with. A scenario is simulated, and kept in
    results/, unless its results are there already; --set changes every scenario.
    """
    from gtmsim.errors import Interrupted, SimulationError
    from gtmsim.scenario.expectations import read_output

    if len(plans) < 2:  # noqa: PLR2004  (a comparison needs two)
        raise click.UsageError("Give at least two plans: scenario files or folders of results.")
    how = How(draws, replications, seed, months, workers, engine, (), extend=False)
    given = read_plans(plans, overrides, months, session)
    for output in outputs:
        read_output("--output", output, [plan.scenario for plan in given])
    objective = _objective(given)
    asked = Asked(outputs, objective, _groups(groups, given), not no_funding)
    simulations = Simulations(how, session)
    checks = read_checks(given, gate, session) if gate.judges else ()
    failure: SimulationError | None = None
    try:
        write_answer(_answer(given, asked, how, simulations, session), form, session)
    except Interrupted:
        raise
    except SimulationError as error:
        failure = error
    if checks:
        judgements = judge_plans(given, checks, gate, how, simulations)
        deliver(judgements, gate, form, session)
    if failure:
        raise failure
    if checks:
        end(judgements)


class Asked(NamedTuple):
    """What is asked of the plans."""

    outputs: tuple[str, ...]
    objective: "Objective | None"
    """That scenarios state."""
    groups: "Mapping[str, tuple[str, ...]]"
    with_funding: bool


def _answer(
    plans: Sequence[Plan], asked: Asked, how: How, simulations: Simulations, session: Session
) -> "Answer":
    """Compare the plans, simulated as far as they must be."""
    from gtmsim.analysis.comparing import compare as compare_results
    from gtmsim.analysis.evaluating import STANDARD
    from gtmsim.report.comparison import comparison_answer
    from gtmsim.results.differences import changes

    results = {plan.name: simulations.of(plan, how.draws) for plan in plans}
    compared = compare_results(results, asked.objective, asked.outputs, groups=asked.groups)
    first, *others = results.items()
    return comparison_answer(
        compared,
        results,
        asked.objective or STANDARD,
        asked.objective is not None,
        _funds(results, how, session) if asked.with_funding else {},
        {
            name: changes(str(first[1].attrs["scenario"]), str(other.attrs["scenario"]))
            for name, other in others
        },
    )


def _groups(arguments: Sequence[str], plans: Sequence[Plan]) -> dict[str, tuple[str, ...]]:
    """Read the groups of inputs, and make sure that the plans have them.

    Raises
    ------
    UsageError
        If one is not written as it should be, or is there twice.
    AnalysisError
        If a path leads to no uncertain input.
    """
    from gtmsim.analysis.information import positions_of
    from gtmsim.plan import compile_plan

    groups: dict[str, tuple[str, ...]] = {}
    for argument in arguments:
        name, _, paths = argument.partition("=")
        listed = tuple(path.strip() for path in paths.split(","))
        if not name or not all(listed):
            raise click.UsageError(f"--group wants NAME=path,path; got {argument!r}.")
        if name in groups:
            raise click.UsageError(f"--group {name} is there twice; give each a name of its own.")
        groups[name] = listed
    if groups:
        plan_inputs = (compile_plan(plan.scenario).inputs for plan in plans)
        inputs = list(dict.fromkeys(one.path for some in plan_inputs for one in some))
        for name, listed in groups.items():
            positions_of(name, listed, inputs)
    return groups


def _objective(plans: Sequence[Plan]) -> "Objective | None":
    """Objective that the plans state, if any does.

    Raises
    ------
    ResultsError
        If they state different ones.
    """
    from gtmsim.errors import ResultsError

    stated = {plan.name: plan.scenario.objective for plan in plans if plan.scenario.objective}
    objectives = [*stated.values()]
    if any(objective != objectives[0] for objective in objectives):
        raise ResultsError(
            f"{' and '.join(stated)} state different objectives: give all the same [objective]"
        )
    return objectives[0] if objectives else None


def _funds(
    results: "Mapping[str, xr.Dataset]", how: How, session: Session
) -> "dict[str, xr.Dataset]":
    """Find out how much money each plan needs, from paths that nobody stops."""
    from gtmsim.analysis.funding import UNLIMITED, funding

    found = {}
    for name, one in results.items():
        rich = read_back(str(one.attrs["scenario"]), [f"company.cash={UNLIMITED:.0f}"])
        few = how._replace(
            draws=min(FUNDING_DRAWS, one.sizes["draw"]),
            replications=one.sizes["replication"],
            seed=int(one.attrs["seed"]),
            months=None,
            overrides=(),
        )
        with simulated(f"{name} without limit of cash", rich, few, None, session) as unlimited:
            found[name] = funding(unlimited, one)
    return found
