"""``--set path=value``: one value of the scenario, given on the command line."""

import re
import tomllib
from dataclasses import dataclass
from typing import Any, NoReturn

from gtmsim.errors import Place, Problem, ScenarioError
from gtmsim.scenario.entries import Entry
from gtmsim.scenario.files import DEEPEST, path_below

OPTION = "--set "
_LONGEST_NAME = 120  # of an argument as the name of its place
_PATH = re.compile(
    r"""\s* (?P<path> (?: [^="'] | "[^"]*" | '[^']*' )* ) \s* = (?P<value> .*)""",
    re.VERBOSE | re.DOTALL,
)
_PART = re.compile(r"""\s* (?: "([^"]*)" | '([^']*)' | ([A-Za-z0-9_-]+) ) \s*""", re.VERBOSE)


@dataclass(frozen=True)
class Override:
    """An override: where it goes, what it puts there, and how it was written."""

    path: tuple[str, ...]
    entry: Entry


def read_override(argument: str) -> Override:
    """Read an argument of ``--set``.

    Parameters
    ----------
    argument
        ``path=value``; the path is a dotted TOML key, in which arrays take numbers from 0, and the
        value TOML, or text without quotes.

    Raises
    ------
    ScenarioError
        With one problem, if it is not of that form.
    """
    match = _PATH.fullmatch(argument)
    if match is None or not match["path"].strip():
        _fail(argument, 0, len(argument), "wants path=value, such as company.cash=5M")
    path = _read_path(argument, match["path"].rstrip(), match.start("path"))
    stated = match["value"].strip()
    start = argument.index(stated, match.start("value")) if stated else len(argument)
    key = _place(argument, match.start("path"), len(match["path"].rstrip()))
    place = _place(argument, start, len(stated))
    if not stated:
        _fail(argument, start, 1, "has no value", 'Empty text is written "".')
    return Override(path, _entry(_read_value(argument, stated, start), key, place))


def _read_path(argument: str, text: str, offset: int) -> tuple[str, ...]:
    parts: list[str] = []
    position = 0
    while True:
        match = _PART.match(text, position)
        if match is None:
            _fail(argument, offset + position, 1, "is not a path: a name is missing here")
        parts.append(next(group for group in match.groups() if group is not None))
        position = match.end()
        if len(parts) > DEEPEST:
            _fail(argument, offset, len(text), f"is a path of more than {DEEPEST} names")
        if position == len(text):
            return tuple(parts)
        if text[position] != ".":
            message = "is not a path: names are joined by points"
            _fail(argument, offset + position, 1, message, "Quote a name that has other signs.")
        position += 1


def _read_value(argument: str, stated: str, start: int) -> Any:
    try:
        parsed = tomllib.loads(f"value = {stated}")
    except RecursionError:
        _fail(argument, start, len(stated), f"is nested more than {DEEPEST} levels deep")
    except ValueError as error:
        if stated[0] in "[{\"'":
            message = str(error).rpartition(" (at ")[0] or str(error)
            message = f"is not valid TOML: {message[:1].lower()}{message[1:]}"
            _fail(argument, start, len(stated), message, _unquoted(stated))
        return stated
    if path_below(parsed, DEEPEST):
        _fail(argument, start, len(stated), f"is nested more than {DEEPEST} levels deep")
    return parsed["value"] if len(parsed) == 1 else stated


def _unquoted(stated: str) -> str:
    """Tell of literals inside a table or an array, which only stand bare by themselves."""
    bare = re.search(r"(?:[=\[,]\s*)([$€£]?[\d.]+\s*[A-Za-z%$€£]+)\s*[,}\]]", stated)
    return f'Inside {{}} and [] a literal needs quotes: "{bare[1]}".' if bare else ""


def _entry(data: Any, key: Place, place: Place) -> Entry:
    value = data
    if isinstance(data, dict):
        value = {k: _entry(v, place, place) for k, v in data.items()}
    elif isinstance(data, list):
        value = [_entry(v, place, place) for v in data]
    return Entry(value, key, place)


def _place(argument: str, start: int, length: int) -> Place:
    text = OPTION + "".join(char if char.isprintable() else " " for char in argument)
    name = text if len(text) <= _LONGEST_NAME else f"{text[:_LONGEST_NAME]}..."
    return Place(name, 0, len(OPTION) + start + 1, text, max(1, length))


def _fail(argument: str, start: int, length: int, message: str, hint: str = "") -> NoReturn:
    raise ScenarioError([Problem("", message, _place(argument, start, length), hint)])
