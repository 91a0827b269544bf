"""`gtmsim stress`: a plan and its downsides on the same luck."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gtmsim.cli.answering import FORMATS, write_answer
from gtmsim.cli.filling import filled_with
from gtmsim.cli.options import (
    Folder,
    draws_option,
    format_option,
    scenario_argument,
    set_option,
    simulation_options,
)
from gtmsim.cli.progress import announce_compilation
from gtmsim.cli.reports import Paging, command_line, page_options
from gtmsim.cli.session import Session, common_options, shown

if TYPE_CHECKING:
    import xarray as xr

    from gtmsim.analysis.stressing import StressTest
    from gtmsim.pages.page import Page
    from gtmsim.report.answer import Answer


@click.command()
@scenario_argument
@click.option(
    "--only", metavar="NAME", multiple=True, help="Only this stress of the pack; may be repeated."
)
@click.option(
    "--pack",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="TOML file of stresses, in the place of those that come with gtmsim.",
)
@draws_option
@simulation_options
@click.option(
    "--out",
    type=Folder(path_type=Path, file_okay=False),
    help="Folder of the test; by default results/<name of the scenario's file>-stress-<hash of "
    "the test>. What it holds of the same test is not simulated again.",
)
@click.option("--no-funding", is_flag=True, help="Leave out how much money each stress needs.")
@set_option
@page_options("report.html in the folder of the test")
@format_option(*FORMATS)
@common_options
def stress(  # noqa: PLR0913  one argument per option
    session: Session,
    *,
    scenario: Path,
    only: tuple[str, ...],
    pack: Path | None,
    draws: int,
    replications: int,
    seed: int,
    months: int | None,
    workers: int | None,
    engine: str,
    out: Path | None,
    no_funding: bool,
    overrides: tuple[str, ...],
    paging: Paging,
    form: str,
) -> None:
    """Run SCENARIO through a pack of downsides, with the same luck in each.

    The answer is also written as a page with charts.
    """
    from gtmsim.analysis.stressing import CAPITAL, labelled, prepare
    from gtmsim.errors import SimulationError
    from gtmsim.report.stress import failures_of, stress_answer
    from gtmsim.simulation.api import checked_run

    how = checked_run(draws, replications, seed, workers, engine, overrides)
    test = prepare(scenario, only, pack, how, months, not no_funding)
    for warning in test.futures.warnings:
        session.say(f"Warning: {warning}")
    announce_compilation(engine, session)
    session.say(_cost(test))
    folder = out or Path("results") / test.futures.folder_name(scenario.stem, "stress")
    filled = filled_with(test.futures, folder, "stresses", session)
    money = None
    if test.unlimited is not None:
        money = filled_with(test.unlimited, folder / CAPITAL, "", session)
    tested = labelled(test, filled, money)
    answer = stress_answer(tested)
    write_answer(answer, form, session)
    paging.write(folder, partial(_page, tested, answer), session)
    session.say(f"The test is in {shown(folder)}; the same command goes on from there.")
    if failed := failures_of(tested):
        raise SimulationError("\n".join(["Some stresses failed; the others are kept:", *failed]))


def _page(tested: "xr.Dataset", answer: "Answer") -> "Page":
    from gtmsim.pages.stress.build import stress_page

    return stress_page(tested, answer, command_line())


def _cost(test: "StressTest") -> str:
    """Say how much is simulated, if nothing of it is there."""
    sweeps = (test.futures, test.unlimited)
    n = sum(len(one.points) * one.shape[1] * one.shape[2] for one in sweeps if one is not None)
    return f"The test has {len(test.futures.points) - 1} stresses that apply, {n:,} futures."
