"""`gtmsim init`: a commented scenario to start from."""

from pathlib import Path

import click

from gtmsim.cli.session import Session, common_options


@click.command()
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False), default=Path("plan.toml"))
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@common_options
def init(session: Session, path: Path, force: bool) -> None:
    """Write a commented scenario to PATH (plan.toml by default)."""
    from gtmsim.scenario.template import template

    try:
        with path.open("w" if force else "x", encoding="utf-8", newline="\n") as file:
            file.write(template())
    except FileExistsError as error:
        raise click.UsageError(f"{path} is there already; --force replaces it.") from error
    except OSError as error:
        raise click.UsageError(f"{path} cannot be written: {error.strerror}.") from error
    session.say(f"Wrote {path}. Next: gtmsim run {path}")
