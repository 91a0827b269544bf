"""`gtmsim sweep`: the same luck at many points of a scenario's values."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gtmsim.cli.answering import FORMATS
from gtmsim.cli.options import (
    Folder,
    cluster_option,
    draws_option,
    engine_option,
    format_option,
    months_option,
    replications_option,
    scenario_argument,
    seed_option,
    set_option,
    workers_option,
)
from gtmsim.cli.progress import announce_compilation, progress
from gtmsim.cli.session import Session, common_options, data_console, emit, shown

if TYPE_CHECKING:
    import xarray as xr

    from gtmsim.analysis.sweeping import Sweep


@click.command()
@scenario_argument
@click.option(
    "--vary",
    metavar="PATH=VALUES",
    multiple=True,
    required=True,
    help="A range low:high[:n], a list a,b,c, or a switch between overlays "
    "NAME=@one.toml,@two.toml (@ is the scenario as it is); may be repeated.",
)
@click.option(
    "--design",
    default="grid",
    show_default=True,
    help="How points are chosen: grid (every combination), tornado (one value at a time, at its "
    "first and last), lhs:N or sobol:N (N points that fill the space between the ends).",
)
@draws_option
@replications_option
@seed_option
@months_option
@workers_option
@engine_option
@cluster_option
@click.option(
    "--out",
    type=Folder(path_type=Path, file_okay=False),
    help="Folder of the sweep; by default results/<name of the scenario's file>-sweep-<hash of "
    "the sweep>. Points that it holds of the same sweep are not simulated again.",
)
@set_option
@format_option(*FORMATS)
@common_options
def sweep(  # noqa: PLR0913  one argument per option
    session: Session,
    *,
    scenario: Path,
    vary: tuple[str, ...],
    design: str,
    draws: int,
    replications: int,
    seed: int,
    months: int | None,
    workers: int | None,
    engine: str,
    cluster: str | None,
    out: Path | None,
    overrides: tuple[str, ...],
    form: str,
) -> None:
    """Simulate SCENARIO at many points of its values, with the same luck at each."""
    from gtmsim.analysis.sweeping import prepare

    announce_compilation(engine, session)
    prepared = prepare(
        scenario,
        vary,
        design=design,
        draws=draws,
        replications=replications,
        seed=seed,
        months=months,
        workers=workers,
        engine=engine,
        overrides=overrides,
    )
    for warning in prepared.warnings:
        session.say(f"Warning: {warning}")
    folder = out or Path("results") / prepared.folder_name(scenario.stem)
    results = _swept(prepared, folder, cluster, session)
    _write(results, form, session)
    session.say(f"The sweep is in {shown(folder)}; the same command goes on from there.")
    _tell_failures(results)


def _swept(prepared: "Sweep", folder: Path, cluster: str | None, session: Session) -> "xr.Dataset":
    """Simulate what is missing."""
    from gtmsim.analysis.sweeping import missing_points, run_sweep, store_of

    missing = len(missing_points(store_of(prepared, folder)))
    done = len(prepared.points) - missing
    if done:
        session.say(f"{done:,} of {len(prepared.points):,} points are done already.")
    futures = missing * prepared.how.draws * prepared.how.replications
    with progress(futures, session) as report:
        return run_sweep(prepared, folder, progress=report, cluster=cluster)


def _write(results: "xr.Dataset", form: str, session: Session) -> None:
    from gtmsim.report import sweep as report

    if form == "table":
        console = data_console()
        with console.capture() as written:  # rich would end the process at a closed pipe
            report.write(results, console, errors=session.verbose)
        emit(written.get())
        return
    writers = {"json": report.as_json, "csv": report.as_csv, "markdown": report.as_markdown}
    emit(writers[form](results))


def _tell_failures(results: "xr.Dataset") -> None:
    from gtmsim.errors import SimulationError

    failures = [
        f"  {text}: {why}"
        for text, why in zip(results["text"].values, results["failure"].values, strict=True)
        if why
    ]
    if failures:
        count = f"{len(failures):,} of {results.sizes['point']:,} points failed"
        raise SimulationError("\n".join([f"{count}; the others are kept:", *failures]))
