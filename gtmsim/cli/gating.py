"""Options and outputs of the gate: `--check`, `--precision`, reports for continuous integration."""

import os
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

import click

from gtmsim.cli.options import Whole
from gtmsim.cli.session import Session, data_console, emit
from gtmsim.files import beginning, write_or_tell
from gtmsim.settings import DEFAULT_DRAWS, MAX_COUNT, MAX_JUDGED_DRAWS, SMOKE_DRAWS

if TYPE_CHECKING:
    from gtmsim.analysis.gate import Judgement

Command = TypeVar("Command", bound=Callable[..., Any])


class Gate(NamedTuple):
    """What is asked of the gate."""

    check: bool
    """Whether the scenario's expectations are judged."""
    precision: tuple[str, ...]
    """What must be known so well, or hold, besides."""
    max_draws: int
    inconclusive: Literal["fail", "warn"]
    junit: Path | None
    judgement: Path | None
    markdown: Path | None

    @property
    def judges(self) -> bool:
        """Whether there is anything to judge."""
        return self.check or bool(self.precision)


def gate_options(command: Command) -> Command:
    """Give a command the options of the gate, as its argument ``gate``."""

    @click.option(
        "--check",
        is_flag=True,
        help="Judge the [[expect]] of each plan or point, with more draws until each is decided. "
        "Exit code 3 for a breach, 4 where it stays inconclusive.",
    )
    @click.option(
        "--precision",
        metavar="TARGET",
        multiple=True,
        help="Simulate until a figure is known so well, as in 'prob(arr[36] >= 10M) +- 0.02', or "
        "an expectation is decided; may be repeated: all are judged.",
    )
    @click.option(
        "--max-draws",
        metavar="N",
        type=Whole(2, MAX_COUNT),
        default=MAX_JUDGED_DRAWS,
        show_default=True,
        help="Draws after which --check and --precision give up.",
    )
    @click.option(
        "--inconclusive",
        type=click.Choice(("fail", "warn")),
        default="fail",
        show_default=True,
        help="Whether an expectation that stays undecided fails.",
    )
    @click.option("--junit", metavar="FILE", type=_FILE, help="Verdicts as JUnit XML.")
    @click.option("--judgement", metavar="FILE", type=_FILE, help="Verdicts as JSON.")
    @click.option("--summary", "markdown", metavar="FILE", type=_FILE, help="Verdicts as Markdown.")
    @wraps(command)
    def with_gate(*args: Any, **options: Any) -> Any:
        gate = Gate(**{name: options.pop(name) for name in Gate._fields})
        _check_options(gate)
        default = SMOKE_DRAWS if options.get("smoke") else DEFAULT_DRAWS
        has_own = any(map(Path.is_dir, options.get("plans", ())))  # results have their own draws
        _check_limits(gate, options["draws"] or default, has_own)
        return command(*args, gate=gate, **options)

    return with_gate  # type: ignore[return-value]


_FILE = click.Path(path_type=Path, dir_okay=False)


def _check_options(gate: Gate) -> None:
    reports = (
        ("--junit", gate.junit),
        ("--judgement", gate.judgement),
        ("--summary", gate.markdown),
    )
    for option, file in reports:
        if file is None:
            continue
        if not gate.judges:
            raise click.UsageError(f"{option} reports verdicts: add --check or --precision.")
        if not file.absolute().parent.is_dir():
            raise click.UsageError(f"{option}: there is no folder {file.absolute().parent}.")
        _check_free(option, file)


def _check_limits(gate: Gate, draws: int, has_own: bool) -> None:
    """Refuse what says how a judgement ends, where there is none, or where it has ended before."""
    given = click.get_current_context().get_parameter_source
    for option, name in (("--max-draws", "max_draws"), ("--inconclusive", "inconclusive")):
        if given(name) is click.core.ParameterSource.COMMANDLINE and not gate.judges:
            raise click.UsageError(f"{option} says how judging ends: add --check or --precision.")
    by_default = given("draws") is not click.core.ParameterSource.COMMANDLINE
    if (
        given("max_draws") is click.core.ParameterSource.COMMANDLINE
        and gate.max_draws < draws
        and not (has_own and by_default)
    ):
        default = " by default" if by_default else ""
        raise click.UsageError(
            f"--max-draws {gate.max_draws:,} is below --draws, which is {draws:,}{default}: the "
            "first look already takes those. Give fewer --draws, or more --max-draws."
        )


def _check_free(option: str, file: Path) -> None:
    """Refuse to replace what is not an earlier report of verdicts."""
    try:
        there = beginning(file)
    except OSError as error:
        raise click.UsageError(f"{option}: {file} cannot be read: {error.strerror}.") from error
    if there.strip():
        from gtmsim.report.gate import is_report

        if not is_report(there):
            raise click.UsageError(
                f"{option}: {file} holds something else than verdicts, and it would be replaced. "
                "Name another file, or move it away."
            )


def deliver(judgements: "Sequence[Judgement]", gate: Gate, form: str, session: Session) -> None:
    """Tell the verdicts: on the terminal, in the files asked for, to the service that runs this."""
    from gtmsim.report import gate as report

    writers = (
        (gate.junit, report.as_junit),
        (gate.judgement, report.as_json),
        (gate.markdown, report.as_markdown),
    )
    for file, written in writers:
        if file is not None:
            write_or_tell(file, written(judgements))
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for annotation in report.annotations(judgements):
            click.echo(annotation, err=True)
    console = data_console()
    with console.capture() as table:
        for line in report.lines(judgements, console.width):
            console.print(line, soft_wrap=True, highlight=False)
    if form == "table":
        emit("\n" + table.get())
    else:
        session.say(table.get())


def end(judgements: "Sequence[Judgement]") -> None:
    """End the command with the exit code of the verdicts."""
    from gtmsim.analysis.gate import exit_code

    if code := exit_code(judgements):
        raise click.exceptions.Exit(code)
