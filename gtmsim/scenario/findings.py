"""Something wrong at a path, before it is known where that stands."""

from collections.abc import Iterable
from dataclasses import dataclass

from gtmsim.errors import Place, Problem
from gtmsim.scenario.document import Document
from gtmsim.scenario.places import Path, inside


@dataclass(frozen=True)
class Finding:
    """What is wrong at a path of the scenario."""

    path: Path
    message: str
    hint: str = ""
    at_key: bool = False
    """Whether to point at the key, and not at its value."""
    missing: str = ""
    """Key that the table at ``path`` lacks."""
    place: Place | None = None
    """Where it stands, if that is not where the path leads."""
    span: tuple[int, int] | None = None
    """Part of the text at ``path`` that is wrong."""


def problems_of(findings: Iterable[Finding], document: Document | None) -> tuple[Problem, ...]:
    """Place the findings and sort them: by file, line and column, overrides last."""
    problems = dict.fromkeys(_problem(finding, document) for finding in findings)
    if document is None:
        return tuple(problems)
    return tuple(sorted(problems, key=lambda problem: document.sort_key(problem.place)))


def _problem(finding: Finding, document: Document | None) -> Problem:
    place = finding.place
    if place is None and document is not None:
        entry = document.entry(finding.path)
        place = entry.key if finding.at_key or finding.missing else entry.place
        if finding.span and isinstance(entry.value, str):
            place = inside(place, entry.value, finding.span)
    path = ".".join(_part(part) for part in finding.path)
    message = finding.message
    if document is not None and place is not None and not finding.missing:
        message = _as_written(message, document.entry(finding.path).value, place)
    return Problem(path, message, place, finding.hint)


def _as_written(message: str, value: object, place: Place) -> str:
    """Show a number as it stands in the file: 1_000_000, and not 1000000."""
    written = place.text[place.column - 1 :][: place.length]
    got = f"got {value}"
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and written[:1] in "+-.0123456789" and message.endswith(got):
        return f"{message.removesuffix(got)}got {written}"
    return message


def _part(part: str | int) -> str:
    plain = isinstance(part, int) or part.replace("_", "").replace("-", "").isalnum()
    return str(part) if plain else f'"{part}"'
