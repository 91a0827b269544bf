"""One scenario file: read, parsed and located, or told what is wrong with it."""

import os
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

from gtmsim.errors import Place, Problem, ScenarioError
from gtmsim.scenario.entries import Entry, entry_of
from gtmsim.scenario.places import first_of, locate
from gtmsim.words import closest

LARGEST_FILE = 5_000_000
"""Bytes. The largest plan is far below; what is beyond is another file by mistake."""
MOST_VALUES = 50_000
"""Values, tables and elements of arrays. A large plan has some thousand."""
DEEPEST = 32
"""Levels of tables and arrays."""
_PART = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')"""
_LAST_KEY = re.compile(r"""(?:^|[{,])\s*([^={,]+?)\s*=[^=]*$""")
_HEADER = re.compile(r"\s*\[{1,2}\s*(.*?)\s*\]")
_ENDLESS_KEY = re.compile(
    rf"(?:^|[{{,])[ \t]*\[{{0,2}}[ \t]*({_PART}(?:[ \t]*\.[ \t]*{_PART}){{40}})", re.M
)


def read_file(file: str, named_at: Place | None = None) -> Entry:
    """Read one TOML file.

    Parameters
    ----------
    file
        Path, as messages show it.
    named_at
        Where the path was named, if that is another file.

    Raises
    ------
    ScenarioError
        With one problem, if it is missing, unreadable, too large, not text or not TOML.
    """
    text = _decode(_read_bytes(file, named_at), file)
    data = _parse(text, file)
    if not data:
        _fail(file, "is empty", hint="`gtmsim init` writes a commented scenario to start from.")
    if _count(data) > MOST_VALUES:
        _fail(file, f"has more than {MOST_VALUES:,} values, so it is not a scenario")
    if too_deep := path_below(data, DEEPEST):
        spots = locate(text, file)
        place = next(
            spots[too_deep[:n]].key for n in range(len(too_deep), -1, -1) if too_deep[:n] in spots
        )
        raise ScenarioError([Problem("", f"is nested more than {DEEPEST} levels deep", place)])
    return entry_of(data, locate(text, file))


def _read_bytes(file: str, named_at: Place | None) -> bytes:
    place = named_at or Place(file, 0, 1)
    # An option names it, on line 0, or the file that extends it.
    verb = "extends" if named_at and named_at.line else "names"
    subject = f"{verb} {file}, which " if named_at else ""
    try:
        if problem := _not_a_file(Path(file)):
            _fail_at(place, subject + problem)
        with Path(file).open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        named_in = named_at.file if named_at else ""
        _fail_at(place, f"{subject}does not exist", similar_file(file, named_in))
    except OSError as error:
        _fail_at(place, f"{subject}cannot be read: {error.strerror or error}")
    except ValueError:  # a NUL in the path
        _fail_at(place, f"{subject}is not a path")
    if len(content) > LARGEST_FILE:
        _fail(file, f"is larger than {LARGEST_FILE // 1_000_000} MB, so it is not a scenario")
    return content


def _not_a_file(path: Path) -> str:
    if path.is_dir():
        return "is a directory"
    # A pipe or a device could be read for ever.
    return "is not a regular file" if path.exists() and not path.is_file() else ""


def is_there(file: str) -> bool:
    """Whether a path leads to something that can be read as a file."""
    try:
        return Path(file).is_file()
    except ValueError:  # a NUL in the path
        return False


def similar_file(file: str, named_in: str = "") -> str:
    """Guess which scenario file was meant instead of one that is not there.

    Parameters
    ----------
    file
        Path that leads nowhere.
    named_in
        File that names it, and cannot mean itself.
    """
    path = Path(file)
    try:
        there = [other.name for other in path.parent.iterdir() if other.suffix == ".toml"]
    except (OSError, ValueError):
        return ""
    stems = {Path(name).stem: name for name in there if name != Path(named_in).name}
    near = stems.get(closest(path.stem, stems), "") if path.suffix in (".toml", "") else ""
    return f"Did you mean {path.with_name(near)}?" if near else ""


def _decode(content: bytes, file: str) -> str:
    if not content.strip():
        _fail(file, "is empty", hint="`gtmsim init` writes a commented scenario to start from.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if b"\0" in content:
            _fail(file, "is a binary file, not TOML")
        line = content.count(b"\n", 0, error.start) + 1
        start = content.rfind(b"\n", 0, error.start) + 1
        column = len(content[start : error.start].decode(errors="replace")) + 1
        shown = content[start:].split(b"\n", 1)[0].decode(errors="replace")
        _fail_at(Place(file, line, column, shown), "is not UTF-8 text", "Save the file as UTF-8.")
    if "\0" in text:
        _fail(file, "is a binary file, not TOML")
    return text.replace("\r\n", "\n")


def _parse(text: str, file: str) -> dict[str, Any]:
    if chain := _ENDLESS_KEY.search(text):  # the parser's time grows with the square of its length
        place = _place(text, chain.start(1), file)
        _fail_at(place, f"is nested more than {DEEPEST} levels deep")
    try:
        return tomllib.loads(text)
    except RecursionError:
        nested = re.search(r"(?:[\[{]\s*){32}", text)
        place = _place(text, nested.start() if nested else 0, file)
        _fail_at(place, f"is nested more than {DEEPEST} levels deep")
    except tomllib.TOMLDecodeError as error:
        message, offset = _decode_error(str(error), text)
        place = _place(text, offset, file)
        message = _in_plain_words(message, place)
        first = first_of(text, place) if message.endswith(" twice") else None
        _fail_at(place, f"{message}, first in line {first.line}" if first else message)
    except ValueError:  # more digits than Python turns into a number
        digits = re.search(r"\d[\d_]{1000,}", text)
        place = _place(text, digits.start() if digits else 0, file)
        _fail_at(place, "is a number with too many digits")


def _decode_error(error: str, text: str) -> tuple[str, int]:
    """Split the parser's message into what is wrong and where."""
    message, _, where = error.rpartition(" (at ")
    message = message[:1].lower() + message[1:]
    position = re.fullmatch(r"line (\d+), column (\d+)\)", where)
    if position is None:
        return message, max(0, len(text.rstrip()) - 1)
    line, column = int(position[1]), int(position[2])
    start = sum(len(before) + 1 for before in text.split("\n")[: line - 1])
    return message, start + column - 1


def _in_plain_words(message: str, place: Place) -> str:
    """Say what the parser means where its words are those of a programmer."""
    before = place.text[: place.column - 1]
    key = _LAST_KEY.search(before)
    if message == "cannot overwrite a value" and key:
        return f"`{key[1]}` is given twice"
    if message.startswith("cannot declare ") and (header := _HEADER.match(place.text)):
        return f"[{header[1]}] is given twice"
    if message == "invalid date or datetime":
        return f"`{key[1]}` is no such day or time" if key else "there is no such day or time"
    return f"is not valid TOML: {message}"


def _place(text: str, offset: int, file: str) -> Place:
    start = text.rfind("\n", 0, offset) + 1
    line = text[start:].split("\n", 1)[0]
    return Place(file, text.count("\n", 0, offset) + 1, offset - start + 1, line)


def _count(data: Any) -> int:
    """Count the values, tables and elements inside; without recursion, as in ``path_below``."""
    waiting, count = [data], 0
    while waiting:
        value = waiting.pop()
        inside = value.values() if isinstance(value, dict) else value
        if isinstance(inside, Iterable) and not isinstance(inside, str):
            before = len(waiting)
            waiting.extend(inside)
            count += len(waiting) - before
    return count


def path_below(data: Any, levels: int) -> tuple[str | int, ...] | None:
    """Path of something deeper than so many levels; without recursion, which it might exhaust."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), data)]
    while waiting:
        path, value = waiting.pop()
        if len(path) > levels:
            return path
        if isinstance(value, dict):
            waiting += [((*path, key), child) for key, child in value.items()]
        elif isinstance(value, list):
            waiting += [((*path, number), child) for number, child in enumerate(value)]
    return None


def _fail(file: str, message: str, hint: str = "") -> NoReturn:
    _fail_at(Place(file, 0, 1), message, hint)


def _fail_at(place: Place, message: str, hint: str = "") -> NoReturn:
    raise ScenarioError([Problem("", message, place, hint)])


def beside(file: str, base: str) -> str:
    """Path of a base file that ``file`` names, relative to its folder."""
    return os.path.normpath(os.path.join(os.path.dirname(file), base))
