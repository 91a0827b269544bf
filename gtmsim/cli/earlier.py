"""Earlier results in a folder, which a run replaces."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gtmsim.cli.session import Session, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr

    from gtmsim.scenario import Document, Scenario

SOURCE = "source"
"""Key of the summary that names the plan's file."""


def source_of(file: Path) -> str:
    """Name a plan's file as the summary does: from here, so that a project can be moved."""
    try:
        return os.path.relpath(file)
    except ValueError:  # on another drive
        return str(file.absolute())


def is_of_another_run(
    folder: Path, file: Path, scenario: "Scenario", seed: int, replications: int
) -> bool:
    """Whether a folder holds this plan with other seed or replications, or another file's plan.

    Parameters
    ----------
    folder
        A results folder, or where one will be.
    file
        The plan's file.
    scenario
        As it will be simulated.
    seed, replications
        With which.
    """
    from gtmsim.results.scenario_text import scenario_hash, scenario_text
    from gtmsim.results.store import read_summary

    summary = read_summary(folder)
    earlier: Mapping[str, Any] = summary.get("provenance", {})
    if not earlier:
        return False
    if earlier.get("scenario_hash") != scenario_hash(scenario_text(scenario)):
        return _is_another(str(summary.get(SOURCE, "")), file)
    return (int(earlier["seed"]), int(earlier["replications"])) != (seed, replications)


def check_earlier(
    folder: Path, file: Path, scenario: "Scenario", draws: int, chosen: bool, session: Session
) -> None:
    """Tell results that will be replaced, if more than a repetition is lost with them.

    Parameters
    ----------
    folder
        Where results go to.
    file
        The plan's file.
    scenario
        As it will be simulated.
    draws
        How often.
    chosen
        Whether the user named the folder.
    session
        Told to.

    Raises
    ------
    UsageError
        If the folder is only the usual one and holds the results of another plan that is there, or
        of a newer gtmsim, which this one could not make again.
    """
    from gtmsim.results.provenance import FORMAT_VERSION
    from gtmsim.results.scenario_text import scenario_hash, scenario_text
    from gtmsim.results.store import format_version, read_summary

    summary = read_summary(folder)
    earlier: Mapping[str, Any] = summary.get("provenance", {})
    version = format_version(folder)
    if version is not None and version > FORMAT_VERSION:
        newer = (
            f"{shown(folder)} holds results of a newer gtmsim (format {version}; this one writes "
            f"{FORMAT_VERSION})"
        )
        if not chosen:
            raise click.UsageError(f"{newer}. Name another folder with --out, or move it away.")
        session.warn(f"{newer}; they are replaced when this run is done.")
        return
    if not earlier:
        return
    is_same = earlier.get("scenario_hash") == scenario_hash(scenario_text(scenario))
    source = str(summary.get(SOURCE, ""))
    is_other = not is_same and _is_another(source, file)
    if is_other and not chosen:
        raise click.UsageError(
            f"{shown(folder)} holds the results of {source}, which has the same name. Give "
            f"{file} a folder of its own with --out, or that of {source} to be replaced."
        )
    if not is_same or int(earlier["draws"]) > draws:
        plan = source if is_other else "this plan" if is_same else "this plan as it was before"
        session.warn(
            f"{shown(folder)} holds {int(earlier['draws']):,} draws x "
            f"{int(earlier['replications']):,} of {plan}; they are replaced when this run is done."
        )


def _is_another(source: str, file: Path) -> bool:
    """Whether results are of another file that is still there; one that was moved is not."""
    other = Path(source)
    return bool(source) and other.is_file() and not other.samefile(file)


def origin_of(folder: Path, results: "xr.Dataset") -> "tuple[str, Document | None]":
    """Find the plan's own file, if it still says what was simulated.

    Parameters
    ----------
    folder
        Of the results.
    results
        With their attributes.

    Returns
    -------
    str
        The file, as the summary names it; empty if it names none.
    Document or None
        What stands in it, with the places of its values. None if the file is gone or says another
        thing by now. A relative path is looked for from here, and from the two folders above the
        results, so that it does not matter where a command is called.
    """
    from gtmsim.results.provenance import overrides_of
    from gtmsim.results.store import read_summary

    source = str(read_summary(folder).get(SOURCE, ""))
    overrides, simulated = overrides_of(results.attrs), str(results.attrs["scenario_hash"])
    for base in (Path(), *folder.resolve().parents[:2]) if source else ():
        document = simulated_document(Path(source_of(base / source)), overrides, simulated)
        if document is not None:
            return source, document
    return source, None


def simulated_document(path: Path, overrides: tuple[str, ...], simulated: str) -> "Document | None":
    """Read a scenario's document with its places, if it still says what was simulated.

    Parameters
    ----------
    path
        Its file, which may be gone.
    overrides
        What was changed in it.
    simulated
        Hash of the scenario that was simulated.
    """
    from gtmsim.errors import GtmsimError
    from gtmsim.results.scenario_text import scenario_hash, scenario_text
    from gtmsim.scenario import load_document, read_scenario

    if not path.is_file():
        return None
    try:
        document = load_document(path, overrides)
        found = scenario_hash(scenario_text(read_scenario(document)))
    except (GtmsimError, OSError):
        return None
    return document if found == simulated else None
