"""Arguments and options that several commands have."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from gtmsim.settings import (
    DEFAULT_DRAWS,
    DEFAULT_ENGINE,
    DEFAULT_REPLICATIONS,
    DEFAULT_SEED,
    ENGINES,
    MAX_COUNT,
    MAX_MONTHS,
    MAX_SEED,
    MAX_WORKERS,
)

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


class Folder(click.Path):
    """Path of a folder; an empty one would be the folder we are in."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse an empty path, as of a shell's variable that is not set."""
        if value == "":
            self.fail("names no folder; write . for this one", param, ctx)
        return super().convert(value, param, ctx)


scenario_argument = click.argument("scenario", type=click.Path(path_type=Path))

set_option = click.option(
    "--set",
    "overrides",
    metavar="PATH=VALUE",
    multiple=True,
    help="Change a value of the scenario, as in segments.smb.acv=2.4k; may be repeated.",
)
draws_option = click.option(
    "--draws",
    metavar="N",
    type=Whole(1, MAX_COUNT),
    default=DEFAULT_DRAWS,
    show_default=True,
    help="Draws of what is uncertain.",
)
replications_option = click.option(
    "--replications",
    metavar="N",
    type=Whole(1, MAX_COUNT),
    default=DEFAULT_REPLICATIONS,
    show_default=True,
    help="Futures per draw, which differ by luck alone.",
)
workers_option = click.option(
    "--workers",
    metavar="N",
    type=Whole(1, MAX_WORKERS),
    help="Futures simulated at one time; by default every core.",
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


def _checked_cluster(_: click.Context, __: click.Parameter, address: str | None) -> str | None:
    """Refuse an address before anything is read, written or waited for."""
    if address is not None:
        from gtmsim.simulation.cluster import check_address

        check_address(address)
    return address


cluster_option = click.option(
    "--cluster",
    metavar="ADDRESS",
    callback=_checked_cluster,
    help="Simulate on the workers of a dask scheduler, which see the results folder; or `local` or "
    "`local:N`: on N processes of this machine. What is done outlives a kill.",
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


def simulation_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how a plan is simulated, but for the number of draws."""
    for option in (engine_option, workers_option, months_option, seed_option, replications_option):
        function = option(function)
    return function
