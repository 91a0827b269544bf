"""``--set path=value``: values of the scenario that are given on the command line."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

from gtmsim.errors import Place, Problem, ScenarioError
from gtmsim.scenario.entries import UNSET, Entry
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


def repeated(overrides: Sequence[Override]) -> Iterator[Problem]:
    """Tell paths that are set twice, to different values: one of them would be lost.

    Tables are not lost, for they are merged, and what unsets a key makes way for the next one.
    """
    first: dict[tuple[str, ...], Override] = {}
    for override in overrides:
        if override.entry.plain == UNSET or isinstance(override.entry.value, dict):
            continue
        other = first.setdefault(override.path, override)
        if other.entry.plain != override.entry.plain:
            message = f"is set twice, first by {other.entry.key}"
            yield Problem(".".join(override.path), message, override.entry.key, "Leave one out.")


class Argument(NamedTuple):
    """What stands after an option; messages point into it."""

    option: str
    """With the space that follows it."""
    text: str

    def place(self, start: int, length: int) -> Place:
        """Place of a part of the text."""
        whole = self.option + "".join(c if c.isprintable() else " " for c in self.text)
        name = whole if len(whole) <= _LONGEST_NAME else f"{whole[:_LONGEST_NAME]}..."
        return Place(name, 0, len(self.option) + start + 1, whole, max(1, length))

    def fail(self, start: int, length: int, message: str, hint: str = "") -> NoReturn:
        """Refuse a part of the text."""
        raise ScenarioError([Problem("", message, self.place(start, length), hint)])


class Assignment(NamedTuple):
    """An argument of the form ``path=value``, before the value is read."""

    path: tuple[str, ...]
    key: Place
    stated: str
    """The value as it is written."""
    start: int
    """Where it begins in the argument."""


def read_override(text: str) -> Override:
    """Read an argument of ``--set``.

    Parameters
    ----------
    text
        ``path=value``; the path is a dotted TOML key, in which arrays take numbers from 0, and the
        value TOML, or text without quotes.

    Raises
    ------
    ScenarioError
        With one problem, if it is not of that form.
    """
    argument = Argument(OPTION, text)
    path, key, stated, start = read_assignment(argument, "company.cash=5M")
    place = argument.place(start, len(stated))
    return Override(path, entry_at(read_value(argument, stated, start), key, place))


def read_assignment(argument: Argument, example: str) -> Assignment:
    """Split ``path=value``.

    Parameters
    ----------
    argument
        The path is a dotted TOML key, in which arrays take numbers from 0.
    example
        Shown where it is not of that form.

    Raises
    ------
    ScenarioError
        With one problem.
    """
    text = argument.text
    match = _PATH.fullmatch(text)
    if match is None or not match["path"].strip():
        argument.fail(0, len(text), f"wants path=value, such as {example}")
    path = _read_path(argument, match["path"].rstrip(), match.start("path"))
    stated = match["value"].strip()
    start = text.index(stated, match.start("value")) if stated else len(text)
    if not stated:
        argument.fail(start, 1, "has no value", 'Empty text is written "".')
    key = argument.place(match.start("path"), len(match["path"].rstrip()))
    return Assignment(path, key, stated, start)


def _read_path(argument: Argument, text: str, offset: int) -> tuple[str, ...]:
    parts: list[str] = []
    position = 0
    while True:
        match = _PART.match(text, position)
        if match is None:
            argument.fail(offset + position, 1, "is not a path: a name is missing here")
        parts.append(next(group for group in match.groups() if group is not None))
        position = match.end()
        if len(parts) > DEEPEST:
            argument.fail(offset, len(text), f"is a path of more than {DEEPEST} names")
        if position == len(text):
            return tuple(parts)
        if text[position] != ".":
            message = "is not a path: names are joined by points"
            argument.fail(offset + position, 1, message, "Quote a name that has other signs.")
        position += 1


def read_value(argument: Argument, stated: str, start: int) -> Any:
    """Read a value: TOML, or text without quotes.

    Parameters
    ----------
    argument
        What it is a part of.
    stated
        The value as it is written.
    start
        Where it begins.

    Raises
    ------
    ScenarioError
        With one problem, if it begins as TOML and is not.
    """
    try:
        parsed = tomllib.loads(f"value = {stated}")
    except RecursionError:
        argument.fail(start, len(stated), f"is nested more than {DEEPEST} levels deep")
    except ValueError as error:
        if stated[0] in "[{\"'":
            message = str(error).rpartition(" (at ")[0] or str(error)
            message = f"is not valid TOML: {message[:1].lower()}{message[1:]}"
            argument.fail(start, len(stated), message, _unquoted(stated))
        return stated
    if path_below(parsed, DEEPEST):
        argument.fail(start, len(stated), f"is nested more than {DEEPEST} levels deep")
    return parsed["value"] if len(parsed) == 1 else stated


def _unquoted(stated: str) -> str:
    """Tell of literals inside a table or an array, which only stand bare by themselves."""
    bare = re.search(r"(?:[=\[,]\s*)([$€£]?[\d.]+\s*[A-Za-z%$€£]+)\s*[,}\]]", stated)
    return f'Inside {{}} and [] a literal needs quotes: "{bare[1]}".' if bare else ""


def entry_at(data: Any, key: Place, place: Place) -> Entry:
    """Plain data as entries, all of them at one place."""
    value = data
    if isinstance(data, dict):
        value = {k: entry_at(v, place, place) for k, v in data.items()}
    elif isinstance(data, list):
        value = [entry_at(v, place, place) for v in data]
    return Entry(value, key, place)
