"""`gtmsim init`: a commented scenario to start from."""

from pathlib import Path
from shlex import quote

import click

from gtmsim.cli.session import Session, common_options, emit
from gtmsim.files import write_whole

_STDOUT = Path("-")


@click.command()
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False), default=Path("plan.toml"))
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@common_options
def init(session: Session, path: Path, force: bool) -> None:
    """Write a commented scenario to PATH (plan.toml by default; - is the terminal)."""
    from gtmsim.errors import unwritten
    from gtmsim.scenario.template import template

    if path == _STDOUT:
        emit(template())
        return
    try:
        write_whole(path, template(), replace=force)
    except FileExistsError as error:
        raise click.UsageError(f"{path} is there already; --force replaces it.") from error
    except OSError as error:
        raise unwritten(f"{path} cannot be written: {error.strerror}", error) from error
    session.say(f"Wrote {path}. Next: gtmsim run {quote(str(path))}")
