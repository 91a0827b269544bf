"""Load a scenario: its document, its structure, and what its parts mean together."""

from collections.abc import Sequence
from os import PathLike

from gtmsim.scenario.document import Document, load_document
from gtmsim.scenario.models import Scenario
from gtmsim.scenario.reading import read_structure


def load_scenario(path: str | PathLike[str], overrides: Sequence[str] = ()) -> Scenario:
    """Load a scenario file with everything that it extends.

    Parameters
    ----------
    path
        TOML file.
    overrides
        ``path=value`` each, as after ``--set``; later ones win.

    Returns
    -------
    Scenario
        Frozen and checked.

    Raises
    ------
    ScenarioError
        With every problem found, each with its place.
    """
    return read_scenario(load_document(path, overrides))


def read_scenario(document: Document) -> Scenario:
    """Read and check a document.

    Raises
    ------
    ScenarioError
        With every problem of structure or, where there is none, of meaning.
    """
    return read_structure(document)
