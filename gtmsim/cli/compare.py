"""`gtmsim compare`: plans on the same luck."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from gtmsim.cli.answering import FORMATS, write_answer
from gtmsim.cli.options import (
    Whole,
    engine_option,
    format_option,
    months_option,
    seed_option,
    set_option,
    workers_option,
)
from gtmsim.cli.progress import announce_compilation, progress
from gtmsim.cli.run import How, default_folder, read_scenario
from gtmsim.cli.session import Session, common_options, shown
from gtmsim.settings import DEFAULT_DRAWS, DEFAULT_REPLICATIONS, MAX_COUNT

if TYPE_CHECKING:
    import xarray as xr

    from gtmsim.scenario import Scenario
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
@click.option("--no-funding", is_flag=True, help="Leave out how much money each plan needs.")
@format_option(*FORMATS)
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
    no_funding: bool,
    form: str,
) -> None:
    """Compare PLANS on the same luck: scenario files, or folders of results.

    The first plan is what the others are compared with. A scenario is simulated, and kept in
    results/, unless its results are there already; --set changes every scenario.
    """
    from gtmsim.analysis.comparing import STANDARD
    from gtmsim.analysis.comparing import compare as compare_results
    from gtmsim.report.comparison import comparison_answer
    from gtmsim.results.differences import changes
    from gtmsim.scenario.expectations import read_output

    if len(plans) < 2:  # noqa: PLR2004  (a comparison needs two)
        raise click.UsageError("Give at least two plans: scenario files or folders of results.")
    changed = (*overrides, *([] if months is None else [f"scenario.months={months}"]))
    how = How(draws, replications, seed, months, workers, engine, changed, extend=False)
    given = [
        _plan(name, path, overrides, months, session)
        for name, path in zip(_names(plans), plans, strict=True)
    ]
    for output in outputs:
        read_output("--output", output, [plan.scenario for plan in given])
    results = {plan.name: _results(plan, how, session) for plan in given}
    objective = _objective(given)
    compared = compare_results(results, objective, outputs)
    first, *others = results.items()
    answer = comparison_answer(
        compared,
        results,
        objective or STANDARD,
        objective is not None,
        {} if no_funding else _funds(results, how, session),
        {
            name: changes(str(first[1].attrs["scenario"]), str(other.attrs["scenario"]))
            for name, other in others
        },
    )
    write_answer(answer, form, session)


class Plan(NamedTuple):
    """One of the plans, before it is simulated."""

    name: str
    path: Path
    scenario: "Scenario"
    results: "xr.Dataset | None"
    """Where the path leads to results."""


def _names(plans: Sequence[Path]) -> list[str]:
    """Name plans by their files, or by their paths where two files have one name."""
    stems = [path.stem for path in plans]
    names = stems if len(set(stems)) == len(stems) else [str(path) for path in plans]
    if len(set(names)) < len(names):
        raise click.UsageError("A plan is given twice; it would differ from itself in nothing.")
    return names


def _plan(
    name: str, path: Path, overrides: tuple[str, ...], months: int | None, session: Session
) -> Plan:
    from gtmsim.results import open_results
    from gtmsim.simulation.api import with_months

    if path.is_dir() or path.suffix == ".nc":
        results = open_results(path)
        return Plan(name, path, read_back(str(results.attrs["scenario"])), results)
    scenario = read_scenario(path, overrides, session)
    return Plan(name, path, with_months(scenario, months), None)


def read_back(text: str, overrides: Sequence[str] = ()) -> "Scenario":
    """Read the scenario of results."""
    import tempfile

    from gtmsim.scenario import load_scenario

    with tempfile.TemporaryDirectory(prefix="gtmsim-") as folder:
        file = Path(folder, "scenario.toml")
        file.write_text(text, encoding="utf-8")
        return load_scenario(file, overrides)


def _results(plan: Plan, how: How, session: Session) -> "xr.Dataset":
    """Results of a plan: those that are there, or new ones."""
    if plan.results is not None:
        return plan.results
    folder = default_folder(plan.path, how.overrides)
    present = _present(folder, plan.scenario, how)
    if present is not None:
        session.say(f"{plan.path.name}: results of {shown(folder)}.")
        return present
    return _simulated(plan.path.name, plan.scenario, how, folder, session)


def _present(folder: Path, scenario: "Scenario", how: How) -> "xr.Dataset | None":
    """Results in a folder, if they are those that would be made."""
    import gtmsim
    from gtmsim.errors import ResultsError
    from gtmsim.results import open_results
    from gtmsim.results.scenario_text import scenario_hash, scenario_text

    try:
        found = open_results(folder)
    except ResultsError:
        return None
    about = found.attrs
    is_same = (
        about["scenario_hash"] == scenario_hash(scenario_text(scenario))
        and int(about["seed"]) == how.seed
        and int(about["draws"]) >= how.draws
        and int(about["replications"]) == how.replications
        and about["gtmsim_version"] == gtmsim.__version__
    )
    if not is_same:
        found.close()
        return None
    return found


def _simulated(
    name: str, scenario: "Scenario", how: How, folder: Path | None, session: Session
) -> "xr.Dataset":
    from gtmsim.simulation import simulate

    announce_compilation(how.engine, session)
    session.say(f"{name}: simulating {how.draws:,} draws x {how.replications:,}.")
    with progress(how.draws * how.replications, session) as report:
        return simulate(scenario, **how._asdict(), progress=report, out=folder)


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
        with _simulated(f"{name} without limit of cash", rich, few, None, session) as unlimited:
            found[name] = funding(unlimited, one)
    return found
