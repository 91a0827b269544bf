"""Entry point: runs a command and turns what goes wrong into a message and an exit code."""

import _thread
import atexit
import gc
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from enum import IntEnum
from functools import partial
from types import FrameType
from typing import Any, NoReturn

import click

from gtmsim.cli.compare import compare
from gtmsim.cli.explain import explain
from gtmsim.cli.export import export
from gtmsim.cli.init import init
from gtmsim.cli.report import report
from gtmsim.cli.reports import WORDS
from gtmsim.cli.run import run
from gtmsim.cli.schema import schema
from gtmsim.cli.sensitivity import sensitivity
from gtmsim.cli.session import Session
from gtmsim.cli.show import show
from gtmsim.cli.stress import stress
from gtmsim.cli.sweep import sweep
from gtmsim.cli.trace import trace
from gtmsim.cli.tripwires import tripwires
from gtmsim.cli.validate import validate


class ExitCode(IntEnum):
    """How a command ends."""

    OK = 0
    CRASH = 1  # or a disk that is full
    INVALID_INPUT = 2
    BREACH = 3  # an expectation is not met
    INCONCLUSIVE = 4  # an expectation stays undecided
    FAILED_SIMULATION = 5
    INTERRUPTED = 130
    BROKEN_PIPE = 141
    TERMINATED = 143


class Commands(click.Group):
    """Group that suggests the command that was meant."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or fail with a suggestion."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            near = get_close_matches(args[0], self.list_commands(ctx), n=1, cutoff=0.5)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            ctx.fail(f"No such command '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)


def _print_version(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        import gtmsim

        click.echo(f"gtmsim {gtmsim.__version__}")
        context.exit()


@click.group(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version,
    help="Show the version and exit.",
)  # fmt: skip
def cli() -> None:
    """Play out a go-to-market plan thousands of times, customer by customer.

    \b
    gtmsim init plan.toml       write a commented scenario
    gtmsim explain plan.toml    unit economics and verdicts, without simulating
    gtmsim run plan.toml        simulate it: odds, ARR, cash, unit economics
    gtmsim compare a.toml b.toml   two plans on the same luck
    gtmsim sweep plan.toml      same luck at many values: what matters, how much
    gtmsim stress plan.toml     what if things go worse: a pack of downsides
    gtmsim tripwires plan.toml --target NAME   what tells bad futures early
    gtmsim export results/plan  statements, ARR and unit economics as a workbook
    gtmsim report results/plan  a page with charts, to look at, forward and print
    gtmsim trace plan.toml      read one future event by event

    Exit codes: 0 done, 1 crash or full disk, 2 invalid input, 3 expectation not met,
    4 expectation undecided, 5 failed simulation, 130 stopped, 143 terminated.
    """  # noqa: D301  the character itself keeps click from filling the lines


_COMMANDS = (
    run, compare, sweep, stress, tripwires, sensitivity, explain, show, report, export, trace,
    validate, init, schema,
)  # fmt: skip
for _command in _COMMANDS:
    cli.add_command(_command)


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit.

    Parameters
    ----------
    args
        Words after ``gtmsim``; by default those of the process.
    """
    terminated = threading.Event()
    signal.signal(signal.SIGTERM, partial(_interrupt, terminated))
    sys.unraisablehook = partial(_interrupt_again, terminated)
    # Looking for cycles every 700 new objects is a tenth of a command's time, and finds few.
    gc.set_threshold(50_000, 50, 50)
    code = exit_code(sys.argv[1:] if args is None else args)
    was_stopped = code == ExitCode.INTERRUPTED and terminated.is_set()
    _end(ExitCode.TERMINATED if was_stopped else code)


def _end(code: int) -> NoReturn:
    """Exit without waiting for a thread that is in the middle of a long replication."""
    busy = [thread for thread in threading.enumerate() if thread is not threading.main_thread()]
    if code in (ExitCode.INTERRUPTED, ExitCode.TERMINATED) and busy:
        atexit._run_exitfuncs()  # the only way to them before os._exit
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _interrupt(terminated: threading.Event, _: int, frame: FrameType | None) -> None:
    """Do at SIGTERM what would be done at Ctrl-C."""
    terminated.set()
    interrupt = signal.getsignal(signal.SIGINT)
    if not callable(interrupt):  # as in the background of a shell
        raise KeyboardInterrupt
    interrupt(signal.SIGINT, frame)


def _interrupt_again(terminated: threading.Event, lost: "sys.UnraisableHookArgs") -> None:
    """Send a signal anew that arrived where no exception can be raised, as in a finaliser."""
    if not issubclass(lost.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(lost)
        return
    number: int = signal.SIGTERM if terminated.is_set() else signal.SIGINT
    send: Callable[..., object] = _thread.interrupt_main
    if (main_thread := threading.main_thread().ident) and hasattr(signal, "pthread_kill"):
        send = partial(signal.pthread_kill, main_thread)  # wakes it from a sleep, too
    soon = threading.Timer(0.05, send, [number])
    soon.daemon = True
    soon.start()


def exit_code(args: Sequence[str]) -> int:
    """Run a command and return its exit code."""
    session = Session()
    _replace_what_the_terminal_lacks()
    try:
        with cli.make_context("gtmsim", list(args), obj=session) as context:
            context.meta[WORDS] = tuple(args)
            cli.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        return done.exit_code
    except BrokenPipeError:
        _close_output()
        return ExitCode.BROKEN_PIPE
    except (Exception, KeyboardInterrupt) as error:
        return _explain(error, session)
    return ExitCode.OK


def _replace_what_the_terminal_lacks() -> None:
    """Let an old terminal show a question mark where it has no such character."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="replace")


def _close_output() -> None:
    """Drop what could not be written: Python flushes stdout at exit and would complain again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _explain(error: BaseException, session: Session) -> int:
    """Say what went wrong on stderr; return the exit code."""
    if session.debug:
        traceback.print_exception(error)
    if isinstance(error, click.ClickException):
        error.show()
        return ExitCode.INVALID_INPUT
    if isinstance(error, KeyboardInterrupt | click.Abort):
        click.echo("Stopped; nothing was saved", err=True)
        return ExitCode.INTERRUPTED
    from gtmsim.errors import is_of_disk

    if is_of_disk(error):  # results tell it themselves, so it is that of stdout
        _close_output()
        why = getattr(error, "strerror", error)
        click.echo(f"Error: the output could not be written: {why}", err=True)
        return ExitCode.CRASH
    code, text = _told(error)
    click.echo(text, err=True)
    return code


def _told(error: BaseException) -> tuple[ExitCode, str]:
    """Exit code and message of an error."""
    from gtmsim import errors

    speaks_for_itself = (errors.Interrupted, errors.ExpressionError, errors.ScenarioError)
    codes = {
        errors.Interrupted: ExitCode.INTERRUPTED,
        errors.DiskError: ExitCode.CRASH,
        errors.SimulationError: ExitCode.FAILED_SIMULATION,
        errors.GtmsimError: ExitCode.INVALID_INPUT,
    }
    for kind, code in codes.items():
        if isinstance(error, kind):
            text = f"{'' if isinstance(error, speaks_for_itself) else 'Error: '}{error}"
            return code, "\n".join(map(errors.visible, text.split("\n")))
    if isinstance(error, MemoryError):
        return ExitCode.FAILED_SIMULATION, "Error: not enough memory; use fewer --workers"
    crash = f"gtmsim crashed: {type(error).__name__}: {error}"
    return ExitCode.CRASH, f"{crash}\nThis is a bug. --debug shows where it happened."
