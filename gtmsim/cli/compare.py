"""`gtmsim compare`: plans on the same luck."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from gtmsim.cli.answering import FORMATS, write_answer
from gtmsim.cli.filling import filled_with
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
from gtmsim.cli.plans import Plan, Simulations, read_plans, simulated
from gtmsim.cli.reports import Paging, page_options
from gtmsim.cli.run import How, changes_of, default_folder
from gtmsim.cli.session import Session, common_options
from gtmsim.files import at_last
from gtmsim.settings import DEFAULT_DRAWS, DEFAULT_REPLICATIONS, MAX_COUNT

if TYPE_CHECKING:
    import xarray as xr

    from gtmsim.analysis.gate import Judgement
    from gtmsim.analysis.walking import Walk
    from gtmsim.pages.page import Page
    from gtmsim.report.answer import Answer
    from gtmsim.report.comparing import Comparison
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
@click.option(
    "--walk", metavar="METRIC",
    help="Share out the difference in this number of each future, as in arr[36], or in objective, "
    "among what the second plan changes.",
)  # fmt: skip
@click.option(
    "--tripwires", is_flag=True,
    help="On the page, tell also what tells early that another plan would have been better.",
)  # fmt: skip
@click.option("--no-funding", is_flag=True, help="Leave out how much money each plan needs.")
@page_options("results/<second>-against-<first>/report.html")
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
    walk: str | None,
    tripwires: bool,
    no_funding: bool,
    paging: Paging,
    form: str,
    gate: Gate,
) -> None:
    """Compare PLANS on the same luck: scenario files, or folders of results.

    The first plan is what the others are compared with. A scenario is simulated, and kept in
    results/, unless its results are there already; --set changes every scenario. The answer is
    also written as a page with charts.
    """
    from gtmsim.analysis.stating import common_objective
    from gtmsim.errors import Interrupted, SimulationError
    from gtmsim.report.comparison import comparison_answer
    from gtmsim.scenario.expectations import read_output

    _check_asked(plans, tripwires, paging)
    how = How(draws, replications, seed, months, workers, engine, (), extend=False)
    given = read_plans(plans, overrides, months, session)
    _check_folders(given, how, overrides)
    for output in outputs:
        read_output("--output", output, [plan.scenario for plan in given])
    objective = common_objective({plan.name: plan.scenario.objective for plan in given})
    way = _walk_between(given, walk, how) if walk else None
    stated_by = tuple(plan.title for plan in given if plan.scenario.objective is not None)
    by = stated_by if len(stated_by) < len(given) else ()
    asked = Asked(
        outputs, objective, by, _groups(groups, given, how), not no_funding, way, tripwires
    )
    simulations = Simulations(how, session)
    checks = read_checks(given, gate, session) if gate.judges else ()
    failures: dict[str, str] = {}
    whole = ""
    told: tuple[Comparison, Answer] | None = None
    judgements: Sequence[Judgement] = ()

    def report() -> None:
        if told is not None:
            folder = _page_folder(given, overrides, how)
            paging.write(folder, _page_of(*told, judgements), session)

    with at_last(report):
        try:
            made = _compared(given, asked, how, simulations, session, failures)
            answer = comparison_answer(made)
            told = made, answer
            write_answer(answer, form, session)
        except Interrupted:
            raise
        except SimulationError as error:
            whole = str(error)
        if checks:
            from gtmsim.analysis.gate import with_failures

            judgements = judge_plans(given, checks, gate, how, simulations)
            if whole and not any(judgement.failure for judgement in judgements):
                failures.setdefault(given[0].name, whole)
            failed = {n: failures.get(plan.name, "") for n, plan in enumerate(given)}
            judgements = with_failures(judgements, failed)
            deliver(judgements, gate, form, session)
    if whole or failures:
        raise SimulationError("\n".join(dict.fromkeys([whole, *failures.values()])).strip())
    if checks:
        end(judgements)


def _check_asked(plans: Sequence[Path], tripwires: bool, paging: Paging) -> None:
    """Refuse what cannot be compared, or would be shown nowhere."""
    if len(plans) < 2:  # noqa: PLR2004  (a comparison needs two)
        raise click.UsageError("Give at least two plans: scenario files or folders of results.")
    if tripwires and not paging.is_wanted and paging.file is None:
        raise click.UsageError("--tripwires are on the page, which --no-report leaves out.")


def _check_folders(plans: "Sequence[Plan]", how: How, overrides: tuple[str, ...]) -> None:
    """Refuse options that say of folders of results what they are not.

    Raises
    ------
    UsageError
        If an option is given that cannot change results that are there.
    """
    given = click.get_current_context().get_parameter_source
    command_line = click.core.ParameterSource.COMMANDLINE
    folders = [(plan.path, plan.results) for plan in plans if plan.results is not None]
    for path, results in folders:
        sizes = results.sizes
        has: dict[str, tuple[int | None, int]] = {
            "seed": (how.seed, int(results.attrs["seed"])),
            "months": (how.months, sizes["month"]),
            "replications": (how.replications, sizes["replication"]),
            "draws": (how.draws, sizes["draw"]),
        }
        if overrides:
            raise click.UsageError(f"--set changes scenarios, and {path} holds results.")
        for name, (asked, found) in has.items():
            fewer = name == "draws" and how.draws < found and len(folders) < len(plans)
            if given(name) is command_line and asked != found and not fewer:
                raise click.UsageError(
                    f"--{name} {asked} cannot change the results in {path}: their {name} "
                    f"{'is' if name == 'seed' else 'are'} {found}. Leave the option out, or give "
                    "the scenario's file."
                )


class Asked(NamedTuple):
    """What is asked of the plans."""

    outputs: tuple[str, ...]
    objective: "Objective | None"
    """That scenarios state."""
    stated_by: tuple[str, ...]
    """Files of those that state it, where others do not."""
    groups: "Mapping[str, tuple[str, ...]]"
    with_funding: bool
    walk: "Walk | None" = None
    tripwires: bool = False


def _page_folder(plans: Sequence[Plan], overrides: tuple[str, ...], how: How) -> Path:
    """Folder of the page: named by the plans, and apart for what is changed in them."""
    names = [plan.path.stem for plan in plans]
    name = Path("-against-".join([*reversed(names[1:]), names[0]]))
    changes = changes_of(overrides, how.months)
    own = tuple(str(plan.path) for plan in plans) if len(set(names)) < len(names) else ()
    return default_folder(name, (*changes, *own))


def _page_of(
    made: "Comparison", answer: "Answer", judgements: "Sequence[Judgement]"
) -> "Callable[[], Page]":
    """Return what makes the page: its charts are drawn only where it is written."""

    def page() -> "Page":
        from gtmsim.pages.compare.build import compare_page

        return compare_page(made, answer, judgements)

    return page


def _compared(
    plans: Sequence[Plan],
    asked: Asked,
    how: How,
    simulations: Simulations,
    session: Session,
    failures: "dict[str, str]",
) -> "Comparison":
    """Compare the plans, simulated as far as they must be; tell which fail, and why."""
    from gtmsim.analysis.comparing import compare as compare_results
    from gtmsim.analysis.evaluating import STANDARD
    from gtmsim.cli.reports import command_line
    from gtmsim.report.comparing import Comparison
    from gtmsim.results.differences import changes

    results = {plan.name: _results(plan, how, simulations, failures) for plan in plans}
    compared = compare_results(results, asked.objective, asked.outputs, groups=asked.groups)
    first, *others = results.items()
    return Comparison(
        compared=compared,
        results=results,
        objective=asked.objective or STANDARD,
        is_stated=asked.objective is not None,
        funds=_funds(plans, results, how, session, failures) if asked.with_funding else {},
        changed={
            name: changes(str(first[1].attrs["scenario"]), str(other.attrs["scenario"]))
            for name, other in others
        },
        walked=_walked(plans, asked.walk, session) if asked.walk else None,
        tripped=_tripped(compared, results, session) if asked.tripwires else None,
        command=command_line(),
        stated_by=asked.stated_by,
    )


def _tripped(
    compared: "xr.Dataset", results: "Mapping[str, xr.Dataset]", session: Session
) -> "xr.Dataset | None":
    """Find what tells early that the second best plan would have been better than the best."""
    from gtmsim.analysis.tripwires import tripwires
    from gtmsim.errors import AnalysisError
    from gtmsim.report.comparing import ranked

    best, other = ranked(compared)[:2]
    try:
        return tripwires(results[best], against=results[other])
    except AnalysisError as error:
        session.say(f"No tripwires: {error}")
        return None


def _walk_between(plans: Sequence[Plan], metric: str, how: How) -> "Walk":
    """Read the plans between two, before anything is simulated.

    Raises
    ------
    UsageError
        If there are more plans than two.
    """
    from gtmsim.analysis.walking import prepare
    from gtmsim.simulation.api import checked_run

    if len(plans) != 2:  # noqa: PLR2004  (a walk has two ends)
        raise click.UsageError("--walk leads from one plan to another: give two plans.")
    draws, replications, seed = how.draws, how.replications, how.seed
    for there in (plan.results for plan in plans if plan.results is not None):
        draws = min(draws, there.sizes["draw"])
        replications, seed = there.sizes["replication"], int(there.attrs["seed"])
    run = checked_run(draws, replications, seed, how.workers, how.engine)
    before, after = (plan.scenario for plan in plans)
    return prepare(before, after, metric, run)


def _walked(plans: Sequence[Plan], way: "Walk", session: Session) -> "xr.Dataset":
    """Walk from one plan to the other; what it costs is told first."""
    from gtmsim.analysis.walking import labelled

    futures = way.sweep.shape[1] * way.sweep.shape[2]
    session.say(
        f"The walk has {len(way.way.drivers):,} drivers and {way.n_plans:,} plans, "
        f"{way.n_plans * futures:,} futures."
    )
    folder = Path("results") / way.sweep.folder_name(plans[1].path.stem, "walk")
    return labelled(way, filled_with(way.sweep, folder, "plans of the walk", session))


def _results(
    plan: Plan, how: How, simulations: Simulations, failures: "dict[str, str]"
) -> "xr.Dataset":
    from gtmsim.errors import Interrupted, SimulationError

    try:
        return simulations.of(plan, how.draws)
    except Interrupted:
        raise
    except SimulationError as error:
        failures[plan.name] = str(error)
        raise


def _groups(
    arguments: Sequence[str], plans: Sequence[Plan], how: How
) -> dict[str, tuple[str, ...]]:
    """Read the groups of inputs, and make sure that the plans have them.

    Raises
    ------
    UsageError
        If one is not written as it should be, or is there twice.
    AnalysisError
        If a path leads to no uncertain input, or there are too few draws for a group.
    """
    from gtmsim.analysis.information import check_groups
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
        compiled = [compile_plan(plan.scenario) for plan in plans]
        there = [plan.results for plan in plans if plan.results is not None]
        seed = int(there[0].attrs["seed"]) if there else how.seed
        draws = {one.sizes["draw"] for one in there}
        if len(there) < len(plans):
            draws.add(how.draws)
        check_groups(groups, compiled, seed, min(draws))
    return groups


def _funds(
    plans: "Sequence[Plan]",
    results: "Mapping[str, xr.Dataset]",
    how: How,
    session: Session,
    failures: "dict[str, str]",
) -> "dict[str, xr.Dataset]":
    """Find out how much money each plan needs, from paths that nobody stops.

    What fails of that loses nothing else: it is told in ``failures``, by name of the plan.
    """
    from gtmsim.analysis.funding import funding, without_limit
    from gtmsim.errors import Interrupted, SimulationError

    found = {}
    for plan in plans:
        one = results[plan.name]
        few = how._replace(
            draws=min(FUNDING_DRAWS, one.sizes["draw"]),
            replications=one.sizes["replication"],
            seed=int(one.attrs["seed"]),
            months=None,
            overrides=(),
        )
        title, rich = f"{plan.name} without limit of cash", without_limit(plan.scenario)
        try:
            with simulated(title, rich, few, None, session) as unlimited:
                found[plan.name] = funding(unlimited, one)
        except Interrupted:
            raise
        except SimulationError as error:
            failures[plan.name] = f"{title}: {error}"
    return found
