"""`gtmsim sensitivity`: which assumption matters, from saved results."""

from pathlib import Path

import click

from gtmsim.cli.answering import FORMATS, write_answer
from gtmsim.cli.options import format_option
from gtmsim.cli.session import Session, common_options


@click.command()
@click.argument("results", type=click.Path(path_type=Path))
@click.option(
    "--output", "outputs", metavar="NUMBER", multiple=True,
    help="Number of each future to explain, as in arr[36] or cash_min; may be repeated.",
)  # fmt: skip
@format_option(*FORMATS)
@common_options
def sensitivity(session: Session, results: Path, outputs: tuple[str, ...], form: str) -> None:
    """Tell which assumption matters in RESULTS, a folder that `gtmsim run` has written."""
    from gtmsim.analysis.sensitivity import sensitivity as find
    from gtmsim.cli.plans import read_back
    from gtmsim.report.sensitivity import sensitivity_answer
    from gtmsim.results import open_results
    from gtmsim.scenario.expectations import read_output

    with open_results(results) as opened:
        scenario = read_back(str(opened.attrs["scenario"]))
        for output in outputs:
            read_output("--output", output, [scenario])
        write_answer(sensitivity_answer(find(opened, outputs), opened), form, session)
