"""What commands share: their common options, and where they write to.

Data goes to stdout, progress and messages to stderr.
"""

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from rich.console import Console

Command = TypeVar("Command", bound=Callable[..., Any])

PIPED_WIDTH = 100
"""Columns of output that does not go to a terminal, so that it is the same everywhere."""
LEAST_WIDTH = 20
"""Columns that output takes however narrow the terminal says it is."""
_LONGEST_WIDTH = 7  # digits
_MOST_NAMED = 3


@dataclass
class Session:
    """Options that hold for one call of gtmsim."""

    quiet: bool = False
    verbose: bool = False
    debug: bool = False

    def say(self, text: str) -> None:
        """Tell the user something on stderr, unless asked to be quiet."""
        if not self.quiet:
            self.warn(text)

    def warn(self, text: str) -> None:
        """Tell the user on stderr what must be known even so: what is lost."""
        from gtmsim.errors import visible

        click.echo("\n".join(map(visible, text.split("\n"))), err=True)


def common_options(command: Command) -> Command:
    """Give a command ``--quiet``, ``--verbose``, ``--debug`` and the session as first argument."""

    @click.option(
        "-q",
        "--quiet",
        is_flag=True,
        help="Only data: no progress, and no messages but of what is wrong or lost.",
    )
    @click.option("-v", "--verbose", is_flag=True, help="More detail.")
    @click.option(
        "--debug",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_remember_debug,
        help="Show the traceback of an error.",
    )
    @click.pass_context
    @wraps(command)
    def with_session(context: click.Context, /, *args: Any, **options: Any) -> Any:
        session = session_of(context)
        session.quiet, session.verbose = options.pop("quiet"), options.pop("verbose")
        return command(session, *args, **options)

    return with_session  # type: ignore[return-value]


def session_of(context: click.Context) -> Session:
    """Session of this call."""
    session: Session = context.ensure_object(Session)
    return session


def _remember_debug(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        session_of(context).debug = True


def data_console() -> "Console":
    """Console for data: as wide as the terminal, or a fixed width where there is none."""
    from rich.console import Console

    return Console(
        width=_width(),
        color_system=None if os.environ.get("NO_COLOR") else "auto",  # no bold either
        highlight=False,
        soft_wrap=True,
    )


def has_width() -> bool:
    """Whether data goes to where lines have a length: a terminal, or what COLUMNS tells."""
    return sys.stdout.isatty() or _told_columns() > 0


def _width() -> int:
    if not has_width():
        return PIPED_WIDTH
    columns = _told_columns() or shutil.get_terminal_size((PIPED_WIDTH, 0)).columns
    return max(LEAST_WIDTH, columns)


def _told_columns() -> int:
    """Columns that the environment tells; 0 where it tells none, as some shells do."""
    told = os.environ.get("COLUMNS", "")
    return int(told) if told.isdecimal() and len(told) < _LONGEST_WIDTH else 0


def message_console() -> "Console":
    """Console for progress and messages."""
    from rich.console import Console

    # what rich reads from COLUMNS may be 0
    width = None if _told_columns() else shutil.get_terminal_size((PIPED_WIDTH, 0)).columns
    return Console(stderr=True, highlight=False, width=width)


def emit(text: str) -> None:
    """Write data to stdout as it is."""
    sys.stdout.write(text)
    sys.stdout.flush()


def tell_damaged(damaged: Sequence[str], session: Session) -> None:
    """Tell what was kept, is damaged on the disk now, and is simulated again."""
    if damaged:
        more = f" and {len(damaged) - _MOST_NAMED:,} more" if len(damaged) > _MOST_NAMED else ""
        named = "; ".join(damaged[:_MOST_NAMED])
        session.say(f"Damaged on the disk, and simulated again: {named}{more}.")


def shown(path: Path) -> str:
    """Write a path as short as it can be."""
    with suppress(ValueError):
        return str(path.relative_to(Path.cwd()))
    return str(path)
