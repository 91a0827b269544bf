"""`gtmsim compare`: plans on the same luck."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gtmsim.cli.answering import FORMATS, write_answer
from gtmsim.cli.options import (
    Whole,
    engine_option,
    format_option,
    months_option,
    seed_option,
    set_option,
)
from gtmsim.cli.progress import announce_compilation, progress
from gtmsim.cli.run import How, default_folder, read_scenario
from gtmsim.cli.session import Session, common_options, shown
from gtmsim.settings import DEFAULT_DRAWS, DEFAULT_REPLICATIONS, MAX_COUNT, MAX_WORKERS

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
@click.option(
    "--workers", metavar="N", type=Whole(1, MAX_WORKERS), help="Futures simulated at one time."
)
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

    if len(plans) < 2:  # noqa: PLR2004  (a comparison needs two)
        raise click.UsageError("Give at least two plans: scenario files or folders of results.")
    changed = (*overrides, *([] if months is None else [f"scenario.months={months}"]))
    how = How(draws, replications, seed, months, workers, engine, changed)
    names = _names(plans)
    checked_outputs(outputs)
    scenarios = {
        name: read_scenario(path, overrides, session)
        for name, path in zip(names, plans, strict=True)
        if not path.is_dir() and path.suffix != ".nc"
    }
    results = {
        name: _results(path, scenarios.get(name), how, session)
        for name, path in zip(names, plans, strict=True)
    }
    objective = _objective(results)
    compared = compare_results(results, objective, outputs)
    first, *others = results.values()
    answer = comparison_answer(
        compared,
        results,
        objective or STANDARD,
        objective is not None,
        {} if no_funding else _funds(results, how, session),
        {
            name: changes(str(first.attrs["scenario"]), str(other.attrs["scenario"]))
            for name, other in zip(names[1:], others, strict=True)
        },
    )
    write_answer(answer, form, session)


def _names(plans: Sequence[Path]) -> list[str]:
    """Name plans by their files, or by their paths where two files have one name."""
    stems = [path.stem for path in plans]
    names = stems if len(set(stems)) == len(stems) else [str(path) for path in plans]
    if len(set(names)) < len(names):
        raise click.UsageError(
            "A plan is given twice; a plan compared with itself is no different."
        )
    return names


def checked_outputs(outputs: Sequence[str]) -> None:
    """Refuse outputs that are no number of a future.

    Raises
    ------
    ExpressionError
        With the place in the text.
    """
    from gtmsim.expressions import parse_quantity

    for output in outputs:
        parse_quantity(output)


def _results(path: Path, scenario: "Scenario | None", how: How, session: Session) -> "xr.Dataset":
    """Results of a plan: those that are there, or new ones."""
    from gtmsim.results import open_results
    from gtmsim.simulation.api import with_months

    if scenario is None:
        return open_results(path)
    folder = default_folder(path, how.overrides)
    if present := _present(folder, with_months(scenario, how.months), how):
        session.say(f"{path.name}: results of {shown(folder)}.")
        return present
    return _simulated(path.name, scenario, how, folder, session)


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


def _objective(results: "Mapping[str, xr.Dataset]") -> "Objective | None":
    """Objective that the plans state; of different ones the first, which must be told."""
    import tomllib

    from gtmsim.errors import ResultsError
    from gtmsim.scenario.models import Objective

    stated = {
        name: given
        for name, one in results.items()
        if (given := tomllib.loads(str(one.attrs["scenario"])).get("objective"))
    }
    different = {str(sorted(given.items())) for given in stated.values()}
    if len(different) > 1:
        raise ResultsError(
            f"{' and '.join(stated)} state different objectives: give all the same [objective]"
        )
    return Objective.model_validate(next(iter(stated.values()))) if stated else None


def _funds(
    results: "Mapping[str, xr.Dataset]", how: How, session: Session
) -> "dict[str, xr.Dataset]":
    """Find out how much money each plan needs, from paths that nobody stops."""
    import tempfile

    from gtmsim.analysis.funding import UNLIMITED, funding
    from gtmsim.scenario import load_scenario

    found = {}
    for name, one in results.items():
        with tempfile.TemporaryDirectory(prefix="gtmsim-") as folder:
            file = Path(folder, "scenario.toml")
            file.write_text(str(one.attrs["scenario"]), encoding="utf-8")
            rich = load_scenario(file, [f"company.cash={UNLIMITED:.0f}"])
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
