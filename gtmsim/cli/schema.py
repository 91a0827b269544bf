"""`gtmsim schema`: the JSON Schema of scenario files."""

import click

from gtmsim.cli.session import Session, common_options, emit


@click.command()
@common_options
def schema(session: Session) -> None:
    """Print the JSON Schema of scenario files, for editors.

    A scenario names it in its first line: #:schema scenario.schema.json
    """
    from gtmsim.scenario.schema import schema_text

    emit(schema_text())
