"""`gtmsim schema`: the JSON Schema of scenario files, and the pages that are written from code."""

import click

from gtmsim.cli.session import Session, common_options, emit


@click.command()
@click.option("--markdown", is_flag=True, help="The reference of every key instead, to be read.")
@click.option("--metrics", is_flag=True, help="The definition of every metric instead, to be read.")
@common_options
def schema(session: Session, markdown: bool, metrics: bool) -> None:
    """Print the JSON Schema of scenario files, for editors.

    A scenario names it in its first line: #:schema scenario.schema.json
    """
    if markdown and metrics:
        raise click.UsageError("--markdown and --metrics are two pages: give one of them.")
    emit(_definitions() if metrics else _of_scenarios(markdown))


def _definitions() -> str:
    from gtmsim.metrics.definitions import definitions_text

    return definitions_text()


def _of_scenarios(markdown: bool) -> str:
    from gtmsim.scenario.reference import reference_text
    from gtmsim.scenario.schema import schema_text

    return reference_text() if markdown else schema_text()
