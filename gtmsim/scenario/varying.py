"""``--vary path=...``: values of the scenario that differ between the points of a sweep.

=========================  =====================================================================
``path=low:high``          5 numbers from low to high
``path=low:high:n``        n of them; whole numbers stay whole
``path=a,b,c``             these values, of whatever kind
``name=@a.toml,@b.toml``   these overlays: files laid over the scenario, as over one they extend;
                           ``@`` alone is the scenario as it is
=========================  =====================================================================
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import PurePath
from typing import Any, NamedTuple

import numpy as np

from gtmsim.errors import Place, Problem, ScenarioError
from gtmsim.scenario.document import load_overlay
from gtmsim.scenario.kinds import FIGURE, Kind
from gtmsim.scenario.literals import QuantityError, read_number
from gtmsim.scenario.overrides import (
    Argument,
    Assignment,
    Override,
    entry_at,
    read_assignment,
    read_value,
)
from gtmsim.scenario.structure import kind_at

OPTION = "--vary "
POINTS = 5
"""Of a range that does not say how many."""
MOST_POINTS = 1000
AS_IS = "as is"
"""Label of the level that changes nothing."""

_EXAMPLE = "company.cash=1M:5M"
_DIGITS = 12  # a number between two others is rounded to so many, so that 0.1 to 0.3 meets 0.2


class Level(NamedTuple):
    """One value of what is varied."""

    label: float | str
    """The number, in the unit of its key; else as it was written."""
    changes: tuple[Override, ...]


@dataclass(frozen=True)
class Range:
    """Numbers between two ends."""

    low: float
    high: float
    whole: bool

    def at(self, share: float) -> float:
        """Return the number at a share of the way; all whole numbers have equal parts of it."""
        if self.whole:
            return self.low + float(int(share * (self.high - self.low + 1.0)))
        return _rounded(self.low + share * (self.high - self.low))

    def grid(self, n: int) -> list[float]:
        """Return n numbers at equal distances, both ends among them; whole ones not twice."""
        numbers = (self.low + (self.high - self.low) * i / (n - 1) for i in range(n))
        return list(dict.fromkeys(float(round(x)) if self.whole else _rounded(x) for x in numbers))


@dataclass(frozen=True)
class Variation:
    """What a sweep varies.

    Attributes
    ----------
    name
        Path in the scenario, or name of a switch between overlays.
    levels
        Its values in a grid, in order.
    unit
        Unit of its kind; empty where it is not a number.
    path, key, place
        Where a number goes, and where it is asked for.
    range
        Where numbers between the levels are possible.
    """

    name: str
    levels: tuple[Level, ...]
    unit: str
    path: tuple[str, ...]
    key: Place
    place: Place
    range: Range | None = None

    @property
    def is_overlay(self) -> bool:
        """Whether it switches between files."""
        return not self.path

    def replaces(self, path: tuple[str, ...]) -> bool:
        """Whether every level gives another value to what is at a path, or inside it."""
        values = (change.entry.value for level in self.levels for change in level.changes)
        is_whole = not any(isinstance(value, dict) for value in values)  # tables are merged
        return bool(self.path) and is_whole and path[: len(self.path)] == self.path

    def at(self, share: float) -> Level:
        """Level at a share, in [0, 1), of the way from the first to the last."""
        if self.range is None:
            return self.levels[min(int(share * len(self.levels)), len(self.levels) - 1)]
        return _numeric(self.range.at(share), self.range.whole, self.path, self.key, self.place)


def read_variations(arguments: Sequence[str]) -> tuple[Variation, ...]:
    """Read the arguments of ``--vary``.

    Parameters
    ----------
    arguments
        As in the table at the top of the module.

    Raises
    ------
    ScenarioError
        With every problem of their form; what the scenario says to the values is another matter.
    """
    return _all_or_problems((Argument(OPTION, text) for text in arguments), _read)


def variations_of(vary: Any) -> tuple[Variation, ...]:
    """Read what is varied, as Python has it.

    Parameters
    ----------
    vary
        Arguments of ``--vary``, or a mapping from paths to their values: a sequence of numbers,
        literals and other values of the scenario; or of ``Path`` objects (overlays) and ``None``
        (the scenario as it is); or text such as ``"low:high:n"``.

    Raises
    ------
    ScenarioError
        With every problem of form.
    TypeError
        If it is neither.
    """
    if isinstance(vary, str):
        raise TypeError(f"vary is a mapping or a sequence of path=values; got one text: {vary!r}")
    if not hasattr(vary, "items"):
        return read_variations(vary)
    return _all_or_problems(vary.items(), _given)


def _all_or_problems(given: Any, read: Any) -> tuple[Variation, ...]:
    variations: list[Variation] = []
    problems: list[Problem] = []
    for item in given:
        try:
            variation = read(item)
            _check_new(variation, variations)
            variations.append(variation)
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return tuple(variations)


def _check_new(variation: Variation, earlier: Sequence[Variation]) -> None:
    if any(variation.name == other.name for other in earlier):
        message = "is varied twice"
        hint = "Give all its values at once: path=a,b,c"
        raise ScenarioError([Problem(variation.name, message, variation.key, hint)])


# --- as text ---------------------------------------------------------------------------------


def _read(argument: Argument) -> Variation:
    assigned = read_assignment(argument, _EXAMPLE)
    parts = list(_split(assigned.stated, ","))
    if any(part.startswith("@") for _, part in parts):
        return _switch(argument, assigned, parts)
    ends = list(_split(assigned.stated, ":"))
    if len(parts) == 1 and len(ends) > 1:
        return _range(argument, assigned, ends)
    values: list[Any] = []
    places: list[Place] = []
    for at, part in parts:
        start = assigned.start + at
        if not part:
            argument.fail(start, 1, "a value is missing here")
        values.append(read_value(argument, part, start))
        places.append(argument.place(start, len(part)))
    return _listed(assigned.path, values, assigned.key, places)


def _split(text: str, at: str) -> Iterator[tuple[int, str]]:
    """Parts of a text between signs outside quotes and brackets, with their positions."""
    depth, quote, begin = 0, "", 0
    for position, sign in enumerate(f"{text}{at}"):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign in "[{":
            depth += 1
        elif sign in "]}":
            depth -= 1
        elif (sign == at and depth <= 0) or position == len(text):
            part = text[begin:position]
            yield begin + len(part) - len(part.lstrip()), part.strip()
            begin = position + 1
    if begin <= len(text) and (quote or depth > 0):  # the value's own reading tells what is wrong
        yield begin, text[begin:].strip()


def _range(argument: Argument, assigned: Assignment, ends: list[tuple[int, str]]) -> Variation:
    whole_text = len(assigned.stated)
    if len(ends) > 3 or not all(part for _, part in ends):  # noqa: PLR2004  low:high:n
        argument.fail(assigned.start, whole_text, "wants low:high or low:high:n")
    kind = kind_at(assigned.path)
    low, high = (_end(argument, assigned, end, kind or FIGURE) for end in ends[:2])
    if low >= high:
        argument.fail(
            assigned.start,
            whole_text,
            f"wants a low end below its high end; got {ends[0][1]} and {ends[1][1]}",
        )
    n = _count(argument, assigned, ends[2]) if len(ends) > 2 else POINTS  # noqa: PLR2004
    between = Range(low, high, bool(kind and kind.whole))
    place = argument.place(assigned.start, whole_text)
    levels = tuple(
        _numeric(number, between.whole, assigned.path, assigned.key, place)
        for number in between.grid(n)
    )
    return Variation(
        name=_name(assigned.path),
        levels=levels,
        unit=kind.unit if kind else "number",
        path=assigned.path,
        key=assigned.key,
        place=place,
        range=between,
    )


def _end(argument: Argument, assigned: Assignment, end: tuple[int, str], kind: Kind) -> float:
    at, text = end
    place = argument.place(assigned.start + at, len(text))
    try:
        return read_number(read_value(argument, text, assigned.start + at), kind)
    except QuantityError as error:
        raise ScenarioError(
            [Problem(_name(assigned.path), f.message, place, f.hint) for f in error.faults]
        ) from None


def _count(argument: Argument, assigned: Assignment, end: tuple[int, str]) -> int:
    at, text = end
    n = int(text) if re.fullmatch(r"[0-9]{1,6}", text) else 0
    if not 2 <= n <= MOST_POINTS:  # noqa: PLR2004
        message = f"wants a number of points from 2 to {MOST_POINTS}; got {text}"
        argument.fail(assigned.start + at, len(text), message)
    return n


def _switch(argument: Argument, assigned: Assignment, parts: list[tuple[int, str]]) -> Variation:
    files: list[str | None] = []
    places: list[Place] = []
    for at, part in parts:
        start = assigned.start + at
        if not part.startswith("@"):
            message = "an overlay is written @file.toml, and the scenario as it is @"
            argument.fail(start, max(1, len(part)), message)
        files.append(part[1:].strip() or None)
        places.append(argument.place(start, len(part)))
    return _overlays(_name(assigned.path), files, assigned.key, places)


# --- as Python has it ------------------------------------------------------------------------


def _given(item: tuple[str, Any]) -> Variation:
    name, values = item
    if isinstance(values, str):
        return _read(Argument("vary ", f"{name}={values}"))
    argument = Argument("vary ", f"{name}=...")
    key = argument.place(0, len(name))
    if isinstance(values, np.ndarray):
        values = values.tolist()
    files = [value is None or isinstance(value, PathLike) for value in values]
    if any(files):
        if not all(files):
            message = "wants overlays (Path objects, and None for none) or values, not both"
            raise ScenarioError([Problem(name, message, key)])
        paths = [None if value is None else fspath(value) for value in values]
        return _overlays(name, paths, key, [key] * len(paths))
    path = read_assignment(argument, _EXAMPLE).path
    plain = [value.item() if isinstance(value, np.generic) else value for value in values]
    return _listed(path, plain, key, [key] * len(plain))


# --- levels ----------------------------------------------------------------------------------


def _listed(
    path: tuple[str, ...], values: Sequence[Any], key: Place, places: Sequence[Place]
) -> Variation:
    kind = kind_at(path)
    labels = [_label(value, kind) for value in values]
    _check_values(_name(path), labels, places or [key])
    levels = [
        Level(label, (Override(path, entry_at(value, key, place)),))
        for label, value, place in zip(labels, values, places, strict=True)
    ]
    is_number = all(isinstance(label, float) for label in labels)
    return Variation(
        name=_name(path),
        levels=tuple(levels),
        unit=(kind.unit if kind else "number") if is_number else "",
        path=path,
        key=key,
        place=places[0],
    )


def _overlays(
    name: str, files: Sequence[str | None], key: Place, places: Sequence[Place]
) -> Variation:
    _check_switch(name, key)
    stems = [PurePath(file).stem if file else AS_IS for file in files]
    labels = [
        file if file and stems.count(stem) > 1 else stem
        for file, stem in zip(files, stems, strict=True)
    ]
    _check_values(name, labels, places or [key])
    levels = []
    for label, file, place in zip(labels, files, places, strict=True):
        changes = (Override((), load_overlay(file, place)),) if file else ()
        levels.append(Level(label, changes))
    return Variation(name=name, levels=tuple(levels), unit="", path=(), key=key, place=places[0])


def _check_switch(name: str, key: Place) -> None:
    """Refuse a name that tables, CSV and folders could not show as it is."""
    if not re.fullmatch(r"\w[\w.-]*", name, re.ASCII):
        message = "is no name for a switch: letters, digits, _, - and points may stand in one"
        raise ScenarioError([Problem(name, message, key, "Such as plan=@,@other.toml")])


def _check_values(name: str, labels: Sequence[float | str], places: Sequence[Place]) -> None:
    if len(labels) < 2:  # noqa: PLR2004  one value is no variation
        message = "wants at least two values"
        hint = "--set path=value changes one for all points."
        raise ScenarioError([Problem(name, message, places[0], hint)])
    for n, label in enumerate(labels):
        if label in labels[:n]:
            value = f"{label:.12g}" if isinstance(label, float) else label
            raise ScenarioError([Problem(name, f"has the value {value} twice", places[n])])


def _label(value: Any, kind: Kind | None) -> float | str:
    """Return the number that a value states, or its text where the scenario must judge it."""
    try:
        return read_number(value, kind or FIGURE)
    except QuantityError:
        return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, dict):
        inside = ", ".join(f"{key} = {_text(item)}" for key, item in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_text, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _numeric(number: float, whole: bool, path: tuple[str, ...], key: Place, place: Place) -> Level:
    value = int(number) if whole else number
    return Level(number, (Override(path, entry_at(value, key, place)),))


def _rounded(number: float) -> float:
    return float(f"{number:.{_DIGITS}g}")


def _name(path: tuple[str, ...]) -> str:
    plain = (part.replace("_", "").replace("-", "").isalnum() for part in path)
    return ".".join(p if is_plain else f'"{p}"' for p, is_plain in zip(path, plain, strict=True))
