"""`gtmsim sensitivity`: which assumption matters, from saved results or by a design."""

from pathlib import Path

import click

from gtmsim.cli.answering import FORMATS, write_answer
from gtmsim.cli.options import (
    Folder,
    Whole,
    engine_option,
    format_option,
    months_option,
    seed_option,
    set_option,
    workers_option,
)
from gtmsim.cli.progress import announce_compilation, progress
from gtmsim.cli.run import read_scenario
from gtmsim.cli.session import Session, common_options, shown, tell_damaged
from gtmsim.settings import DEFAULT_REPLICATIONS, MAX_COUNT

_OF_A_DESIGN = ("inputs", "replications", "seed", "months", "workers", "engine", "out", "overrides")
"""Parameters that say how something is simulated."""


@click.command()
@click.argument("source", metavar="RESULTS|SCENARIO", type=click.Path(path_type=Path))
@click.option(
    "--design",
    help="Simulate SCENARIO at points chosen for the question: sobol:N (N base points: what each "
    "input does alone, and with others) or morris:N (N walks: a first look at many inputs).",
)
@click.option(
    "--output", "outputs", metavar="NUMBER", multiple=True,
    help="Number of each future to explain, as in arr[36] or cash_min; may be repeated.",
)  # fmt: skip
@click.option(
    "--inputs", metavar="PATH,PATH",
    help="Uncertain inputs to tell about, by default all; the others vary too.",
)  # fmt: skip
@click.option(
    "--replications", metavar="N", type=Whole(2, MAX_COUNT), default=DEFAULT_REPLICATIONS,
    show_default=True, help="Futures per point, which differ by luck alone.",
)  # fmt: skip
@seed_option
@months_option
@workers_option
@engine_option
@click.option(
    "--out",
    type=Folder(path_type=Path, file_okay=False),
    help="Folder of the design; by default results/<name of the scenario's file>-<design>-<hash>. "
    "What it holds of the same design is not simulated again.",
)
@set_option
@format_option(*FORMATS)
@common_options
def sensitivity(  # noqa: PLR0913  one argument per option
    session: Session,
    *,
    source: Path,
    design: str | None,
    outputs: tuple[str, ...],
    inputs: str | None,
    replications: int,
    seed: int,
    months: int | None,
    workers: int | None,
    engine: str,
    out: Path | None,
    overrides: tuple[str, ...],
    form: str,
) -> None:
    """Tell which assumption matters, and how much is luck.

    RESULTS is a folder that `gtmsim run` has written: its draws tell what each input explains
    alone. With --design, SCENARIO (a TOML file) is simulated.
    """
    if design is None:
        _check_no_design(source)
        _tell_of_results(source, outputs, form, session)
        return
    if _holds_results(source):
        raise click.UsageError(
            f"--design simulates a scenario, and {source} holds results: give the scenario's file, "
            "or leave --design out."
        )
    from gtmsim.analysis.experiments import begin, prepare, run_experiment
    from gtmsim.analysis.outputs import blank_results
    from gtmsim.report.sensitivity import sensitivity_answer

    experiment = prepare(
        read_scenario(source, overrides, session),
        design,
        outputs=outputs,
        inputs=_names(inputs),
        replications=replications,
        seed=seed,
        months=months,
        workers=workers,
        engine=engine,
        overrides=overrides,
    )
    announce_compilation(engine, session)
    folder = out or Path("results") / experiment.folder_name(source.stem)
    begun = begin(experiment, folder)
    missing = len(begun.missing)
    tell_damaged([f"part {number + 1}" for number in begun.damaged], session)
    if done := experiment.parts - missing:
        session.say(f"{done:,} of {experiment.parts:,} parts are done already.")
    futures = missing * experiment.how.draws * replications
    with progress(futures, session) as report:
        found = run_experiment(experiment, folder, progress=report, begun=begun)
    write_answer(sensitivity_answer(found, blank_results(experiment.plan)), form, session)
    session.say(f"The design is in {shown(folder)}; the same command only reads it.")


def _names(inputs: str | None) -> list[str]:
    return [name.strip() for name in inputs.split(",")] if inputs is not None else []


def _holds_results(source: Path) -> bool:
    return source.is_dir() or source.suffix == ".nc"


def _check_no_design(source: Path) -> None:
    """Refuse a scenario, and options that only a design has."""
    if source.is_file() and not _holds_results(source):
        results = Path("results") / source.stem
        raise click.UsageError(
            f"{source} is a scenario, of which there are no futures yet. Either simulate it "
            f"(`gtmsim run {source}`, then `gtmsim sensitivity {results}`), or add a design, such "
            "as --design sobol:256."
        )
    context = click.get_current_context()
    given = [
        option
        for option in context.command.params
        if option.name in _OF_A_DESIGN
        and context.get_parameter_source(option.name) == click.core.ParameterSource.COMMANDLINE
    ]
    if given:
        names = ", ".join(option.opts[0] for option in given)
        raise click.UsageError(f"{names}: only a scenario with --design is simulated.")


def _tell_of_results(source: Path, outputs: tuple[str, ...], form: str, session: Session) -> None:
    from gtmsim.analysis.sensitivity import sensitivity as find
    from gtmsim.report.sensitivity import sensitivity_answer
    from gtmsim.results import open_results
    from gtmsim.scenario.expectations import read_output
    from gtmsim.scenario.loading import read_back

    with open_results(source) as opened:
        scenario = read_back(str(opened.attrs["scenario"]))
        for output in outputs:
            read_output("--output", output, [scenario])
        write_answer(sensitivity_answer(find(opened, outputs), opened), form, session)
