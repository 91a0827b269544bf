"""Load a scenario: its document, its structure, and what its parts mean together."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory

from gtmsim.errors import Problem, ScenarioError
from gtmsim.scenario.checks import check_currency, find_mistakes, find_oddities
from gtmsim.scenario.checks.compared import missing_files
from gtmsim.scenario.document import Document, load_document
from gtmsim.scenario.findings import Finding, problems_of
from gtmsim.scenario.mending import mended
from gtmsim.scenario.models import Scenario
from gtmsim.scenario.reading import MOST_PROBLEMS, read_structure


def load_scenario(path: str | PathLike[str], overrides: Sequence[str] = ()) -> Scenario:
    """Load a scenario file with everything that it extends.

    Parameters
    ----------
    path
        TOML file.
    overrides
        ``path=value`` each, as after ``--set``; each path once, tables are merged.

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
        With every problem of structure, and of the meaning of what can be read.
    """
    try:
        scenario = read_structure(document)
    except ScenarioError as error:
        more = _problems_beside(document)
        both = dict.fromkeys([*error.problems, *more])
        together = sorted(both, key=lambda problem: document.sort_key(problem.place))
        untold = max(0, len(together) - MOST_PROBLEMS)
        raise ScenarioError(together[:MOST_PROBLEMS], error.more + untold) from None
    if mistakes := _mistakes(scenario, document):
        raise ScenarioError(problems_of(mistakes, document))
    return scenario


def read_back(text: str) -> Scenario:
    """Read the scenario that results keep.

    Parameters
    ----------
    text
        TOML, merged.
    """
    with TemporaryDirectory(prefix="gtmsim-") as folder:
        file = Path(folder, "scenario.toml")
        file.write_text(text, encoding="utf-8")
        return load_scenario(file)


def _mistakes(scenario: Scenario, document: Document) -> list[Finding]:
    currency = check_currency(document.data, scenario.scenario.currency)
    return [*find_mistakes(scenario), *currency]


def _problems_beside(document: Document) -> tuple[Problem, ...]:
    """Mistakes in the parts of a document that are well formed."""
    readable = mended(document.data)
    if readable is None:
        return ()
    return problems_of(readable.own(_mistakes(readable.scenario, document)), document)


def scenario_warnings(scenario: Scenario, document: Document | None = None) -> tuple[Problem, ...]:
    """Tell what a scenario says without effect: months beyond its end, teams without work.

    Also motions that a segment's price cannot carry, and the files that its expectations compare
    with and that are not there.

    Parameters
    ----------
    scenario
        A checked Scenario.
    document
        What it was read from, for the places.
    """
    missing = missing_files(scenario, document) if document else ()
    return problems_of([*find_oddities(scenario), *missing], document)


def check_scenario(scenario: Scenario) -> None:
    """Check a Scenario that was made in Python, or changed.

    Raises
    ------
    ScenarioError
        With every problem, by path.
    """
    if mistakes := find_mistakes(scenario):
        raise ScenarioError(problems_of(mistakes, None))
