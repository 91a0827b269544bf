"""From a document to the frozen Scenario: every problem of structure, in plain words."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gtmsim.errors import ScenarioError
from gtmsim.scenario.document import Document
from gtmsim.scenario.entries import UNSET, Entry
from gtmsim.scenario.findings import Finding, problems_of
from gtmsim.scenario.literals import Fault, shown
from gtmsim.scenario.models import Scenario
from gtmsim.scenario.places import Path
from gtmsim.scenario.structure import model_at, suggestion
from gtmsim.words import alternatives, closest

_TAGGED = "churn_per_year"  # a union, whose branch pydantic names in the path
_CHURN_FORMS = (
    "It is a share, a distribution such as { p10, p90 } or { mean, sd }, or differs between "
    "customers: { mean, concentration } or { alpha, beta }. These do not mix."
)
MOST_PROBLEMS = 300
"""Problems of structure that are put into words; beyond, the file is something else."""


def read_structure(document: Document) -> Scenario:
    """Read the tables, keys and values of a document.

    Raises
    ------
    ScenarioError
        With every problem of structure: unknown and missing keys, wrong types, numbers out of
        range.
    """
    findings = list(_idle_unset(document))
    try:
        scenario = Scenario.model_validate(frozen(document.data))
    except ValidationError as error:
        errors = error.errors(include_url=False)
        found = (f for details in errors[:MOST_PROBLEMS] for f in _translate(details))
        findings += (_explained(finding, document) for finding in _without_echoes(found))
        more = max(0, len(errors) - MOST_PROBLEMS)
        raise ScenarioError(problems_of(findings, document), more) from None
    if findings:
        raise ScenarioError(problems_of(findings, document))
    return scenario


def frozen(data: Any) -> Any:
    """Arrays as tuples, which is how the models hold them."""
    if isinstance(data, dict):
        return {key: frozen(value) for key, value in data.items()}
    return tuple(map(frozen, data)) if isinstance(data, list) else data


def _idle_unset(document: Document) -> Iterator[Finding]:
    """``unset`` where there was nothing, and where nothing known could have been."""
    for path, entry in document.unset.items():
        outer = next(path[:n] for n in range(len(path) - 1, -1, -1) if document.has(path[:n]))
        key = str(path[len(outer)])
        model = model_at(outer)
        names = list(model.model_fields) if model else _names_at(document, outer)
        is_known = model is not None and key in names and len(outer) == len(path) - 1
        if entry.value == UNSET and not is_known:
            near = closest(key, [name for name in names if name != key])
            hint = f"Did you mean `{near}`?" if near else ""
            message = f"is unset here, but there is no `{key}`"
            yield Finding(path, message, hint, place=entry.key)


def _names_at(document: Document, path: Path) -> list[str]:
    value = document.entry(path).value
    return list(value) if isinstance(value, dict) else []


def _translate(error: ErrorDetails) -> Iterator[Finding]:
    path = path_of(error["loc"])
    context = error.get("ctx", {})
    if error["type"] == "quantity":
        for fault in context["faults"]:
            yield _finding_of_fault(path, fault)
    elif error["type"] == "extra_forbidden":
        in_churn = path[-2:-1] == (_TAGGED,)
        hint = _CHURN_FORMS if in_churn else suggestion(str(path[-1]), path[:-1])
        yield Finding(path, "is not a known key", hint, at_key=True)
    elif error["type"] == "missing":
        yield _missing(path)
    else:
        yield _wrong_type(error["type"], path, error["input"], context)


def path_of(location: tuple[str | int, ...]) -> Path:
    """Path in the document: without the names that pydantic gives to branches and keys."""
    if _TAGGED in location:
        at = location.index(_TAGGED) + 1
        location = location[:at] + location[at + 1 :]
    return location


def _finding_of_fault(path: Path, fault: Fault) -> Finding:
    at_key = fault.at_key
    if path and path[-1] == "[key]":
        path, at_key = path[:-1], True
    return Finding((*path, *fault.below), fault.message, fault.hint, at_key=at_key, span=fault.span)


def _missing(path: Path) -> Finding:
    *outer, key = path
    model = model_at(tuple(outer))
    field = model.model_fields[str(key)] if model else None
    about = " ".join((field.description or "").split()).replace("``", "`") if field else ""
    what = f"[{key}] table" if not outer else f"`{key}`"
    hint = f"{key}: {about[:1].lower()}{about[1:]}" if about else ""
    return Finding(tuple(outer), f"needs {_article(what)}", hint, missing=str(key))


def _explained(finding: Finding, document: Document) -> Finding:
    """Say why a key is missing, if it was unset or its table was made by an override's path."""
    if not finding.missing:
        return finding
    removed = document.unset.get((*finding.path, finding.missing))
    if removed is not None:
        message = f"{finding.message}, which is unset here"
        return replace(finding, message=message, place=removed.key)
    table = document.entry(finding.path)
    if any(child.key == table.key for child in _children(table)) and not table.key.line:
        names = [n for n in _names_at(document, finding.path[:-1]) if n != finding.path[-1]]
        near = closest(str(finding.path[-1]), names)
        hint = f"Did you mean `{near}`?" if near else ""
        return Finding(finding.path, "does not exist", hint, at_key=True)
    return finding


def _children(entry: Entry) -> Iterable[Entry]:
    return entry.value.values() if isinstance(entry.value, dict) else ()


def _article(what: str) -> str:
    return f"a {what}" if what.startswith("[") else what


def _wrong_type(kind: str, path: Path, value: Any, context: Mapping[str, Any]) -> Finding:
    got = f"; got {shown(value)}"
    if kind == "literal_error":
        return _not_one_of(path, value, str(context["expected"]))
    if kind.startswith("date_") and _is_no_day(value):
        return Finding(path, f"is no such day{got}")
    if kind in ("too_short", "too_long"):
        return _wrong_length(kind, path, context)
    wants = next((text for start, text in _WANTS if kind.startswith(start)), "is not understood")
    is_list_of_tables = isinstance(value, Mapping) and model_at((*path, 0)) is not None
    hint = f"Each is written [[{'.'.join(map(str, path))}]]." if is_list_of_tables else ""
    return Finding(path, wants + got, hint)


def _is_no_day(value: Any) -> bool:
    """Whether it is written as a date, of a day that is in no calendar."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return True
    return False


_HAS_NONE = "; it has 0"
_WANTS = (
    ("model_", "wants a table"),
    ("dict_", "wants a table"),
    ("tuple_", "wants an array"),
    ("bool_", "wants true or false"),
    ("date_", "wants a date without quotes, such as 2026-01-01"),
    ("string_pattern", 'wants a three-letter currency code, such as "USD"'),
    ("string_", "wants text in quotes"),
)


def _not_one_of(path: Path, value: Any, expected: str) -> Finding:
    words = [word.strip(" '") for word in expected.replace(" or ", ",").split(",")]
    near = closest(value, words) if isinstance(value, str) else ""
    choices = alternatives([f'"{word}"' for word in words])
    message = f"must be {choices}; got {shown(value)}"
    return Finding(path, message, f'Did you mean "{near}"?' if near else "")


def _wrong_length(kind: str, path: Path, context: Mapping[str, Any]) -> Finding:
    limit = context["min_length"] if kind == "too_short" else context["max_length"]
    bound = "at least" if kind == "too_short" else "at most"
    noun = "entry" if limit == 1 else "entries"
    return Finding(path, f"needs {bound} {limit} {noun}; it has {context['actual_length']}")


def _without_echoes(findings: Iterable[Finding]) -> list[Finding]:
    """Leave out a missing key where an unknown one was probably meant for it.

    An array whose elements are wrong reads as one without them: its length is not told either.
    """
    found = list(findings)
    inside = {finding.path[:-1] for finding in found if finding.path}
    kept = [f for f in found if not (f.message.endswith(_HAS_NONE) and f.path in inside)]
    meant = {
        (*finding.path[:-1], finding.hint.split("`")[1])
        for finding in kept
        if finding.hint.startswith("Did you mean `") and finding.at_key
    }
    return [f for f in kept if not f.missing or (*f.path, f.missing) not in meant]
