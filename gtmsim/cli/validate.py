"""`gtmsim validate`: check scenarios without simulating them."""

from pathlib import Path

import click

from gtmsim.cli.options import set_option
from gtmsim.cli.run import tell_warnings
from gtmsim.cli.session import Session, common_options
from gtmsim.words import counted


@click.command()
@click.argument("scenarios", metavar="SCENARIO...", nargs=-1, required=True,
                type=click.Path(path_type=Path))  # fmt: skip
@set_option
@common_options
def validate(session: Session, scenarios: tuple[Path, ...], overrides: tuple[str, ...]) -> None:
    """Check scenarios and tell every mistake in them, without simulating."""
    from gtmsim.errors import CapacityError, ScenarioError, visible

    failed: list[str] = []
    for path in scenarios:
        try:
            click.echo(visible(_verdict(path, overrides, session)))
        except ScenarioError as error:
            failed.append(str(error))
        except CapacityError as error:
            failed.append(f"{path}: {error}")
    if failed:
        click.echo("\n\n".join(failed), err=True)
        raise click.exceptions.Exit(2)


def _verdict(path: Path, overrides: tuple[str, ...], session: Session) -> str:
    """Check a scenario down to its Plan and say what it holds."""
    from gtmsim.plan import compile_plan
    from gtmsim.scenario import load_document, read_scenario
    from gtmsim.scenario.expectations import read_expectations

    document = load_document(path, overrides)
    scenario = read_scenario(document)
    if scenario.expect:
        read_expectations(scenario, document)
    tell_warnings(scenario, document, session)
    plan = compile_plan(scenario)
    header = plan.scenario.scenario
    parts = (
        (len(plan.names.segments), "segment"),
        (len(plan.names.channels) - 1, "channel"),
        (len(plan.names.teams), "team"),
        (len(plan.inputs), "uncertain input"),
        (header.months, "month"),
    )
    return f"{path} is valid: {', '.join(counted(n, noun) for n, noun in parts)}"
