"""A document with stand-ins for what is wrong in it, so that the rest of it can be checked too."""

from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from datetime import date
from typing import Any, Literal, NamedTuple, get_args, get_origin

from pydantic import ValidationError

from gtmsim.scenario.findings import Finding
from gtmsim.scenario.kinds import Kind
from gtmsim.scenario.models import Scenario
from gtmsim.scenario.places import Path
from gtmsim.scenario.reading import frozen, path_of
from gtmsim.scenario.structure import kind_at, model_at

_ROUNDS = 3
"""A wrong value is taken out, what is then missing is stood in for, and that may be a table."""


class Mended(NamedTuple):
    """A Scenario that can be checked, and where it does not say what the document does."""

    scenario: Scenario
    touched: frozenset[Path]

    def own(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Leave out findings that may come from a stand-in."""
        return (f for f in findings if not any(_is_about(f.path, at) for at in self.touched))


def mended(data: dict[str, Any]) -> Mended | None:
    """Put stand-ins into the plain data of a document.

    Parameters
    ----------
    data
        Of a document; it stays as it is.

    Returns
    -------
    Mended or None
        None where names may be lost with what is wrong: others would seem to refer to nothing.
    """
    data, touched = deepcopy(data), set[Path]()
    for _ in range(_ROUNDS):
        try:
            return Mended(Scenario.model_validate(frozen(data)), frozenset(touched))
        except ValidationError as error:
            for details in error.errors(include_url=False):
                path = path_of(details["loc"])
                if not path or not _mend(data, path, details["type"] == "missing"):
                    return None
                # An unknown key says nothing; whatever else is wrong may bear on its whole table.
                touched.add(path if details["type"] == "extra_forbidden" else path[:-1])
    return None


def _mend(data: dict[str, Any], path: Path, is_missing: bool) -> bool:
    """Take out what is wrong at a path, or put something where it is missing."""
    *outer, key = path
    table: Any = data
    for part in outer:
        inside = isinstance(table, dict) and part in table
        if not inside and not (isinstance(table, list) and isinstance(part, int)):
            return False
        table = table[part]
    if not isinstance(table, dict):
        return False
    if is_missing:
        stand_in = _stand_in(path)
        table[str(key)] = stand_in
        return stand_in is not None
    return not isinstance(table.pop(str(key), None), dict | list)


def _stand_in(path: Path) -> Any:
    """Return a value that may stand at a path; None where it would be a table."""
    if (kind := kind_at(path)) is not None:
        return _number(kind)
    model = model_at(path[:-1])
    field = model.model_fields.get(str(path[-1])) if model else None
    if field is None:
        return None
    annotation: Any = field.annotation
    if get_origin(annotation) is Literal:
        return get_args(annotation)[0]
    return {str: "x", date: date(2026, 1, 1)}.get(annotation)


def _number(kind: Kind) -> float:
    tried: Sequence[float] = (1, 0.5, kind.low, kind.top)
    return next(number for number in tried if kind.admits(number))


def _is_about(path: Path, touched: Path) -> bool:
    """Whether one of two paths leads to the other."""
    shorter = min(len(path), len(touched))
    return path[:shorter] == touched[:shorter]
