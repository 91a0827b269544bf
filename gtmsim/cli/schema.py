"""`gtmsim schema`: the JSON Schema of scenario files."""

import click

from gtmsim.cli.session import Session, common_options, emit


@click.command()
@click.option("--markdown", is_flag=True, help="The reference of every key instead, to be read.")
@common_options
def schema(session: Session, markdown: bool) -> None:
    """Print the JSON Schema of scenario files, for editors.

    A scenario names it in its first line: #:schema scenario.schema.json
    """
    from gtmsim.scenario.reference import reference_text
    from gtmsim.scenario.schema import schema_text

    emit(reference_text() if markdown else schema_text())
