"""`gtmsim report`: saved results as one page to look at, forward and print."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gtmsim.cli.earlier import origin_of, simulated_document
from gtmsim.cli.session import Session, common_options, shown
from gtmsim.files import beginning, write_or_tell

if TYPE_CHECKING:
    import xarray as xr

    from gtmsim.analysis.gate import Judgement
    from gtmsim.pages.page import Page
    from gtmsim.pages.reading import Origin
    from gtmsim.report.answer import Answer

REPORT_FILE = "report.html"

png_option = click.option(
    "--png",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Also write each chart of the page as PNG and SVG into this folder.",
)


@click.command()
@click.argument("results", type=click.Path(path_type=Path))
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"The page; by default {REPORT_FILE} in RESULTS.",
)
@png_option
@common_options
def report(session: Session, results: Path, out: Path | None, png: Path | None) -> None:
    """Write RESULTS, a folder of `gtmsim run` or `gtmsim sweep`, as one HTML page.

    The page needs no network, and can be mailed and printed.
    """
    folder = results if results.is_dir() else results.parent
    file = out or folder / REPORT_FILE
    check_free(file, "--out")
    page = _page(results, folder)
    write_page(page, file)
    session.say(f"Wrote {shown(file)}")
    if png is not None:
        draw(page, png, session)


def draw(page: "Page", folder: Path, session: Session) -> None:
    """Write the charts of a page as pictures, and tell where they are."""
    from gtmsim.pages.pictures import write_pictures

    files = write_pictures(page.pictures, folder)
    session.say(f"Wrote {len(files)} pictures into {shown(folder)}")


def _page(results: Path, folder: Path) -> "Page":
    """Make the page of whatever a folder holds."""
    from gtmsim.analysis.swept import is_sweep, open_sweep
    from gtmsim.pages.build import run_page
    from gtmsim.pages.sweep.build import sweep_page
    from gtmsim.results import open_results

    if is_sweep(folder):
        swept = open_sweep(folder)
        return sweep_page(swept, tuple(swept.attrs.get("command", ())))
    with open_results(results) as opened:
        return run_page(opened, origin=_origin(folder, opened))


def write_beside(
    folder: Path,
    answer: "Answer",
    origin: "Origin",
    session: Session,
    judgements: "Sequence[Judgement]" = (),
    png: Path | None = None,
) -> Path | None:
    """Write the page of a run beside its results, which are safe whatever happens here.

    Parameters
    ----------
    folder
        Of the results.
    answer
        Of them.
    origin
        Where the scenario came from.
    session
        Told to.
    judgements
        Verdicts on the plan's expectations, where they were asked for.
    png
        Folder for its charts as pictures, where they were asked for.

    Returns
    -------
    Path or None
        The page; None if it could not be written, which the user is told.

    Raises
    ------
    Interrupted
        If the user pressed Ctrl-C; the message says that the results are saved.
    """
    from gtmsim.errors import Interrupted
    from gtmsim.pages.build import run_page
    from gtmsim.results import open_results

    file = folder / REPORT_FILE
    missing = "a report"
    try:
        check_free(file, "--out")
        file.unlink(missing_ok=True)  # of earlier results
        with open_results(folder) as results:
            page = run_page(results, answer, origin, judgements)
            write_page(page, file)
        missing = "pictures"
        if png is not None:
            draw(page, png, session)
    except KeyboardInterrupt as error:
        raise Interrupted(f"Stopped; the results are saved, without {missing}") from error
    except Exception as error:
        if session.debug:
            raise
        why = error.message if isinstance(error, click.UsageError) else error
        session.warn(f"The results are saved, without {missing}: {why}")
    return file if missing != "a report" else None


def write_page(page: "Page", file: Path) -> None:
    """Write a page as one HTML file."""
    from gtmsim.pages.html import as_html

    write_or_tell(file, as_html(page))


def check_free(file: Path, option: str) -> None:
    """Refuse to replace what is not an earlier page; ``option`` is that which names another."""
    try:
        there = beginning(file)
    except OSError as error:
        raise click.UsageError(f"{file} cannot be read: {error.strerror}.") from error
    if there.strip():
        from gtmsim.pages.html import is_page

        if not is_page(there):
            raise click.UsageError(
                f"{file} is no page of gtmsim, and it would be replaced. Name another file with "
                f"{option}, or move it away."
            )


def _origin(folder: Path, results: "xr.Dataset") -> "Origin":
    """Find what results were simulated from, if it is still there and says the same."""
    from gtmsim.pages.reading import Origin
    from gtmsim.results.store import SCENARIO_FILE

    source, document = origin_of(folder, results)
    if document is None:
        text, simulated = folder / SCENARIO_FILE, str(results.attrs["scenario_hash"])
        document = simulated_document(text, (), simulated)
    return Origin(source, document)
