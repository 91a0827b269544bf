"""`gtmsim show`: the answer of saved results."""

from pathlib import Path

import click

from gtmsim.cli.answering import FORMATS, write_answer
from gtmsim.cli.options import format_option
from gtmsim.cli.session import Session, common_options


@click.command()
@click.argument("results", type=click.Path(path_type=Path))
@format_option(*FORMATS)
@common_options
def show(session: Session, results: Path, form: str) -> None:
    """Show the answer of RESULTS, a folder that `gtmsim run` has written."""
    from gtmsim.report.build import answer
    from gtmsim.results import open_results

    with open_results(results) as opened:
        write_answer(answer(opened), form, session)
