"""`gtmsim explain`: what a scenario says, and what follows from it without simulating."""

from pathlib import Path

import click

from gtmsim.cli.answering import FORMATS, write_answer
from gtmsim.cli.options import (
    draws_option,
    format_option,
    scenario_argument,
    seed_option,
    set_option,
)
from gtmsim.cli.run import read_document
from gtmsim.cli.session import Session, common_options


@click.command()
@scenario_argument
@set_option
@click.option(
    "--values",
    is_flag=True,
    help="List every merged value with the file and line it comes from; json and csv always do.",
)
@draws_option
@seed_option
@format_option(*FORMATS)
@common_options
def explain(
    session: Session,
    *,
    scenario: Path,
    overrides: tuple[str, ...],
    values: bool,
    draws: int,
    seed: int,
    form: str,
) -> None:
    """Show unit economics and verdicts that follow from SCENARIO, without simulating it.

    Also where each value comes from, and what couples the segments.
    """
    from gtmsim.analysis import explaining
    from gtmsim.report.explain import explained_answer

    document, plan = read_document(scenario, overrides, session)
    found = explaining.explain(plan, draws, seed)
    all_values = values or form in ("json", "csv")
    write_answer(explained_answer(found, document, all_values), form, session)
