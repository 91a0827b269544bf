"""`gtmsim export`: results as a workbook for finance, or its statements as CSV."""

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import click

from gtmsim.cli.earlier import origin_of
from gtmsim.cli.session import Session, common_options, shown
from gtmsim.files import beginning, contents, write_or_tell

if TYPE_CHECKING:
    import xarray as xr

DEFAULT_NAME = "workbook.xlsx"
SUFFIXES = (".xlsx", ".csv")


@click.command()
@click.argument("results", type=click.Path(path_type=Path))
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"FILE.xlsx for the workbook, FILE.csv for the statements in one table; by default "
    f"{DEFAULT_NAME} in the results folder.",
)
@common_options
def export(session: Session, results: Path, out: Path | None) -> None:
    """Write RESULTS, a folder that `gtmsim run` has written, as a workbook.

    It holds income statement, cash flow, balance sheet and ARR bridge by quarter, as means and
    quantiles over all futures, unit economics of the segments, and the assumptions.
    """
    from gtmsim.results import open_results

    with open_results(results) as opened:
        folder = results if results.is_dir() else results.parent
        file = out or folder / DEFAULT_NAME
        _check(file)
        content = _workbook(opened, folder) if _suffix(file) == ".xlsx" else _csv(opened)
        write_or_tell(file, content)
    session.say(f"Wrote {quote(shown(file))}.")


def tell_stale(folder: Path, session: Session) -> None:
    """Name the exports beside results that are not, or may not be, of these.

    They stay: somebody may have sent them, or work on them.

    Parameters
    ----------
    folder
        With results that were just written.
    session
        Told to.
    """
    from gtmsim.results.provenance import identity_of
    from gtmsim.results.store import read_summary

    provenance = read_summary(folder).get("provenance", {})
    if not provenance:
        return
    now = identity_of(provenance)
    for file in sorted(folder.iterdir()):
        if (of := _results_of(file)) and of != now:
            again = quote(shown(folder)) + ("" if file.name == DEFAULT_NAME else " --out FILE")
            session.warn(
                f"{shown(file)} was exported from the results before this run, and stays; "
                f"`gtmsim export {again}` exports these."
            )


def _results_of(file: Path) -> str:
    """Name the results that an export is of; a table does not say so. Empty: it is no export."""
    from gtmsim.workbook.tidy import HEADER
    from gtmsim.workbook.writing import results_of

    try:
        match file.suffix.lower():
            case ".xlsx":
                return results_of(contents(file))
            case ".csv":
                return "unknown" if beginning(file).startswith(HEADER) else ""
    except OSError:
        pass
    return ""


def _suffix(file: Path) -> str:
    return file.suffix.lower()


def _check(file: Path) -> None:
    """Refuse what cannot be written, or would replace a file that is not an export."""
    if _suffix(file) not in SUFFIXES:
        raise click.UsageError(
            f"--out: {file} is neither a workbook nor a table; name a file that ends with "
            f"{' or '.join(SUFFIXES)}."
        )
    if not file.absolute().parent.is_dir():
        raise click.UsageError(f"--out: there is no folder {file.absolute().parent}.")
    try:
        there = contents(file)
    except OSError as error:
        raise click.UsageError(f"--out: {file} cannot be read: {error.strerror}.") from error
    if there and not _is_export(file, there):
        raise click.UsageError(
            f"--out: {file} holds something else than an export of gtmsim, or was changed since, "
            "and it would be replaced. Name another file, or move it away."
        )


def _is_export(file: Path, there: bytes) -> bool:
    if _suffix(file) == ".csv":
        from gtmsim.workbook.tidy import HEADER

        return there.startswith(HEADER.encode())
    from gtmsim.workbook.writing import is_workbook

    return is_workbook(there)


def _workbook(results: "xr.Dataset", folder: Path) -> bytes:
    from gtmsim.workbook.build import workbook
    from gtmsim.workbook.writing import as_xlsx

    return as_xlsx(workbook(results, origin_of(folder, results)[1]))


def _csv(results: "xr.Dataset") -> bytes:
    from gtmsim.workbook.build import take
    from gtmsim.workbook.statements import segments_apart
    from gtmsim.workbook.tidy import as_csv

    currency = str(results.attrs["currency"])
    return as_csv(take(results), currency, segments_apart(results)).encode()
