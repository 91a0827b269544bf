"""`gtmsim sweep`: the same luck at many points of a scenario's values."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gtmsim.cli.answering import FORMATS
from gtmsim.cli.gating import Gate, deliver, end, gate_options
from gtmsim.cli.options import (
    Folder,
    cluster_option,
    draws_option,
    format_option,
    scenario_argument,
    set_option,
    simulation_options,
)
from gtmsim.cli.progress import announce_compilation, progress
from gtmsim.cli.reports import Paging, command_line, page_options
from gtmsim.cli.session import (
    Session,
    common_options,
    data_console,
    emit,
    shown,
    tell_damaged,
)
from gtmsim.files import at_last

if TYPE_CHECKING:
    import xarray as xr

    from gtmsim.analysis.gate import Judgement
    from gtmsim.analysis.sweeping import Filled, Sweep
    from gtmsim.pages.page import Page


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
@simulation_options
@cluster_option
@click.option(
    "--out",
    type=Folder(path_type=Path, file_okay=False),
    help="Folder of the sweep; by default results/<name of the scenario's file>-sweep-<hash of "
    "the sweep>. Points that it holds of the same sweep are not simulated again.",
)
@click.option(
    "--output",
    "outputs",
    metavar="NUMBER",
    multiple=True,
    help="Keep and show this number of each future instead, as in arr[36] or cash_min; may be "
    "repeated.",
)
@set_option
@page_options("report.html in the folder of the sweep")
@format_option(*FORMATS)
@gate_options
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
    outputs: tuple[str, ...],
    paging: Paging,
    form: str,
    gate: Gate,
) -> None:
    """Simulate SCENARIO at many points of its values, with the same luck at each.

    The answer is also written as a page with charts, on which a slider goes from point to point.
    """
    from gtmsim.analysis.outputs import default_outputs
    from gtmsim.analysis.sweeping import dataset_of, prepare

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
        outputs=outputs or default_outputs,
        check=gate.check,
        precision=gate.precision,
    )
    for warning in prepared.warnings:
        session.say(f"Warning: {warning}")
    folder = out or Path("results") / prepared.folder_name(scenario.stem)
    filled = _filled(prepared, None, folder, cluster, session)
    results = dataset_of(prepared, filled)
    judgements: Sequence[Judgement] = ()

    def report() -> None:
        paging.write(folder, partial(_page, prepared, results, folder, judgements), session)
        session.say(f"The sweep is in {shown(folder)}; the same command goes on from there.")

    with at_last(report):
        _write(results, form, session)
        if gate.judges:
            judged = _judged(prepared, filled, gate, folder, cluster, session)
            judgements = _told(judged, results, filled)
            deliver(judgements, gate, form, session)
    _tell_failures(results)
    if judgements:
        end(judgements)


def _page(
    prepared: "Sweep", results: "xr.Dataset", folder: Path, judgements: "Sequence[Judgement]"
) -> "Page":
    """Make the page, and keep what another one can be made of."""
    from gtmsim.analysis.choosing import worth_knowing
    from gtmsim.analysis.swept import keep_points
    from gtmsim.pages.sweep.build import sweep_page

    command = command_line()
    told = results.assign_attrs(command=list(command))
    known = worth_knowing(prepared, results)
    if known is not None:
        told = told.merge(known).assign_attrs(told.attrs | known.attrs)
    keep_points(told, folder)
    return sweep_page(told, command, judgements)


def _filled(
    prepared: "Sweep",
    numbers: "Collection[int] | None",
    folder: Path,
    cluster: str | None,
    session: Session,
) -> "Filled":
    """Simulate what is missing."""
    from gtmsim.analysis.points import text_of
    from gtmsim.analysis.sweeping import begin, go_on

    begun = begin(prepared, folder, numbers)
    points = len(prepared.points)
    told = [
        text_of(prepared.variations, prepared.points[n])
        if n < points
        else "what points are compared with"
        for n in begun.damaged
    ]
    tell_damaged(told, session)
    done = points - sum(number < points for number in begun.missing)
    if done and numbers is None:
        session.say(f"{done:,} of {points:,} points are done already.")
    futures = len(begun.missing) * prepared.shape[1] * prepared.shape[2]
    with progress(futures, session) as report:
        return go_on(prepared, begun, progress=report, cluster=cluster)


def _told(
    judgements: "Sequence[Judgement]", results: "xr.Dataset", filled: "Filled"
) -> "Sequence[Judgement]":
    """Name the points that are judged, and tell which failed."""
    from gtmsim.analysis.gate import with_failures
    from gtmsim.report.sweep import point_texts

    named = zip(judgements, point_texts(results), strict=True)
    told = [replace(judgement, subject=text) for judgement, text in named]
    return with_failures(told, filled.failures)


def _judged(
    prepared: "Sweep",
    filled: "Filled",
    gate: Gate,
    folder: Path,
    cluster: str | None,
    session: Session,
) -> "Sequence[Judgement]":
    """Judge every point."""
    from gtmsim.analysis.judging import judge_points

    def fill(more: "Sweep", numbers: "Collection[int]") -> "Filled":
        points = sum(number < len(more.points) for number in numbers)
        which = "1 point is" if points == 1 else f"{points:,} points are"
        session.say(f"{which} not decided: simulating to {more.how.draws:,} draws.")
        return _filled(more, numbers, folder, cluster, session)

    return judge_points(prepared, filled, fill, gate.max_draws, gate.inconclusive)


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
    from gtmsim.report.sweep import point_texts

    failures = [
        f"  {text}: {why}"
        for text, why in zip(point_texts(results), results["failure"].values, strict=True)
        if why
    ]
    if failures:
        points = results.sizes["point"]
        count = f"{len(failures):,} of {points:,} {'point' if points == 1 else 'points'} failed"
        raise SimulationError("\n".join([f"{count}; the others are kept:", *failures]))
