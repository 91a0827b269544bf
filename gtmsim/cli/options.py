"""Arguments and options that several commands have."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from gtmsim.settings import DEFAULT_ENGINE, DEFAULT_SEED, ENGINES, MAX_MONTHS, MAX_SEED

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class Whole(click.IntRange):
    """Whole number of a range, refused in plain words."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read the number."""
        try:
            int(value)
        except ValueError:
            self.fail(f"wants a whole number; got {value!r}", param, ctx)
        return super().convert(value, param, ctx)


scenario_argument = click.argument("scenario", type=click.Path(path_type=Path))

set_option = click.option(
    "--set",
    "overrides",
    metavar="PATH=VALUE",
    multiple=True,
    help="Change a value of the scenario, as in segments.smb.acv=2.4k; may be repeated.",
)
seed_option = click.option(
    "--seed",
    metavar="N",
    type=Whole(0, MAX_SEED),
    default=DEFAULT_SEED,
    show_default=True,
    help="Of all luck and uncertainty; the same seed gives the same numbers.",
)
months_option = click.option(
    "--months",
    metavar="N",
    type=Whole(1, MAX_MONTHS),
    help="Length of the simulation, not the scenario's.",
)
engine_option = click.option(
    "--engine",
    type=click.Choice(tuple(ENGINES)),
    default=DEFAULT_ENGINE,
    show_default=True,
    help="simpy is the readable reference: the same numbers, hundreds of times slower.",
)


def format_option(*formats: str) -> Decorator:
    """Return the option that chooses how data is written; the first format is the default."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="How the data is written to stdout.",
    )
