"""A scenario's document: its file, the files it extends and the overrides, laid over each other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from os import PathLike, fspath
from pathlib import Path as FilePath
from tomllib import loads
from typing import Any

from gtmsim.errors import Place, Problem, ScenarioError
from gtmsim.scenario.entries import UNSET, Entry, entry_of, merged, set_at, walk, without_unset
from gtmsim.scenario.files import beside, read_file
from gtmsim.scenario.overrides import Override, read_override, repeated
from gtmsim.scenario.places import Path, locate
from gtmsim.words import nearest

EXTENDS = "extends"
LONGEST_CHAIN = 32


@dataclass(frozen=True)
class Document:
    """The merged text of a scenario, with the place that each value comes from."""

    root: Entry
    files: tuple[str, ...]
    """Every file involved: the scenario's own, then those that it extends."""
    overrides: tuple[str, ...] = ()
    unset: Mapping[Path, Entry] = field(default_factory=dict)
    """Keys that were unset, whether or not there was something to remove."""

    @cached_property
    def data(self) -> dict[str, Any]:
        """The merged values: tables as dicts, arrays as lists."""
        plain: dict[str, Any] = self.root.plain
        return plain

    def entry(self, path: Path) -> Entry:
        """Entry at a path, or the innermost around it."""
        entry = self.root
        for part in path:
            child = entry.child(part)
            if child is None:
                break
            entry = child
        return entry

    def has(self, path: Path) -> bool:
        """Whether there is something at a path."""
        entry: Entry | None = self.root
        for part in path:
            entry = entry.child(part) if entry is not None else None
        return entry is not None

    def place(self, path: Path) -> Place:
        """Place of the value at a path, or of what is around it."""
        return self.entry(path).place

    def origins(self) -> Iterator[tuple[Path, Any, Place]]:
        """Every plain value and array with its path and the place it comes from."""
        for path, entry in walk(self.root):
            inside_array = any(isinstance(part, int) for part in path)
            if not isinstance(entry.value, dict) and not inside_array:
                yield path, entry.plain, entry.place

    def sort_key(self, place: Place | None) -> tuple[int, int, int]:
        """Order in which problems are told: by file, line, column; overrides last."""
        if place is None:
            return (-1, 0, 0)
        known = place.file in self.files
        return (
            self.files.index(place.file) if known else len(self.files),
            place.line,
            place.column,
        )


def load_document(path: str | PathLike[str], overrides: Sequence[str] = ()) -> Document:
    """Read a scenario file with everything that it extends, and lay the overrides over it.

    Parameters
    ----------
    path
        TOML file.
    overrides
        ``path=value`` each, as after ``--set``; each path once, tables are merged.

    Raises
    ------
    ScenarioError
        With every problem of the files and overrides.
    TypeError
        If the path is none, or the overrides are one text instead of a sequence.
    """
    if not isinstance(path, str | PathLike):
        got = type(path).__name__
        raise TypeError(f"load_scenario wants the path of a scenario file; got a value of {got}")
    if isinstance(overrides, str):
        raise TypeError(f"overrides are a sequence of path=value; got one text: {overrides!r}")
    files: dict[str, Entry] = {}
    problems: list[Problem] = []
    root = _load(str(fspath(path)), None, (), files, problems)
    laid: list[Override] = []
    for argument in overrides:
        root = _lay_over(root, argument, laid, problems)
    problems += repeated(laid)
    if problems or root is None:
        raise ScenarioError(problems)
    kept, removed = without_unset(root)
    return Document(kept, tuple(files), tuple(overrides), removed)


def stored_document(text: str, file: str) -> Document:
    """Read a merged scenario that results hold.

    Parameters
    ----------
    text
        TOML, as the results' attribute ``scenario``.
    file
        Where it is said to stand.
    """
    return Document(entry_of(loads(text), locate(text, file)), (file,))


def load_overlay(path: str, named_at: Place) -> Entry:
    """Read a file that is laid over a scenario, with everything that it extends.

    Parameters
    ----------
    path
        TOML file.
    named_at
        Where it is named.

    Raises
    ------
    ScenarioError
        With every problem of the files.
    """
    problems: list[Problem] = []
    root = _load(path, named_at, (), {}, problems)
    if problems or root is None:
        raise ScenarioError(problems)
    return root


def changed(document: Document, changes: Sequence[Override]) -> Document:
    """Lay changes over a document; later ones win.

    Parameters
    ----------
    document
        It stays as it is.
    changes
        One with an empty path is laid over the whole, as a file over the one that it extends.

    Raises
    ------
    ScenarioError
        If one leads beyond an array or says nothing.
    """
    root = document.root
    for change in changes:
        root = _set(root, change)
    kept, removed = without_unset(root)
    return replace(document, root=kept, unset={**document.unset, **removed})


def _load(
    file: str,
    named_at: Place | None,
    chain: tuple[str, ...],
    files: dict[str, Entry],
    problems: list[Problem],
) -> Entry | None:
    """Read a file and what it extends; ``chain`` has the files that led to it."""
    if file not in files:
        try:
            files[file] = read_file(file, named_at)
        except ScenarioError as error:
            problems += error.problems
            return None
        files[file] = _laid_over_bases(file, files[file], (*chain, file), files, problems)
    return files[file]


def _laid_over_bases(
    file: str,
    own: Entry,
    chain: tuple[str, ...],
    files: dict[str, Entry],
    problems: list[Problem],
) -> Entry:
    below: Entry | None = None
    for named in _bases(own, problems):
        if len(chain) > LONGEST_CHAIN:
            message = f"makes a chain of more than {LONGEST_CHAIN} files"
            problems.append(Problem(EXTENDS, message, named.place))
            break
        base_file = beside(file, str(named.value))
        if loop := _loop(base_file, chain):
            problems.append(Problem(EXTENDS, f"makes a loop: {' -> '.join(loop)}", named.place))
            continue
        base = _load(base_file, named.place, chain, files, problems)
        if base is not None:
            below = base if below is None else merged(below, base)
    table: dict[str, Entry] = dict(own.value)  # type: ignore[arg-type]  # the root is a table
    without = {key: entry for key, entry in table.items() if key != EXTENDS}
    bare = Entry(without, own.key, own.place)
    return bare if below is None else merged(below, bare)


def _bases(own: Entry, problems: list[Problem]) -> list[Entry]:
    extends = own.child(EXTENDS)
    if extends is None:
        return []
    named = extends.value if isinstance(extends.value, list) else [extends]
    wrong = [entry for entry in named if not isinstance(entry.value, str) or not entry.value]
    message = "wants the path of a scenario file, or an array of paths"
    problems += [Problem(EXTENDS, message, entry.place) for entry in wrong]
    return [entry for entry in named if entry not in wrong]


def _loop(file: str, chain: tuple[str, ...]) -> tuple[str, ...]:
    """Return the files from one back to itself, if ``file`` led here already."""
    same = [n for n, earlier in enumerate(chain) if _is_same(earlier, file)]
    return (*chain[same[0] :], file) if same else ()


def _is_same(file: str, other: str) -> bool:
    try:
        return FilePath(file).resolve() == FilePath(other).resolve()
    except (OSError, ValueError):
        return file == other


def _lay_over(
    root: Entry | None, argument: str, laid: list[Override], problems: list[Problem]
) -> Entry | None:
    try:
        override = read_override(argument)
        laid.append(override)
        if root is None:
            return root
        problem = new_name(root, override.path, override.entry.key)
        if problem is not None and override.entry.plain != UNSET:
            raise ScenarioError([problem])
        return _set(root, override)
    except ScenarioError as error:
        problems += error.problems
        return root


def new_name(root: Entry, path: Sequence[str], key: Place) -> Problem | None:
    """Tell a path on the command line that leads through a name which the scenario lacks.

    It would add something, such as a stage, of which most is left to defaults: far more often it is
    a slip. Something new is set as a whole, as ``stages.pilot={ ... }``.
    """
    from gtmsim.scenario.structure import named_model_at  # noqa: PLC0415  (models take a while)

    entry = root
    for n, part in enumerate(path[:-1]):
        child = entry.child(part)
        if child is not None:
            entry = child
            continue
        names = list(entry.value) if isinstance(entry.value, dict) else []
        if not names or named_model_at(tuple(path[:n])) is None:
            return None
        where = ".".join(path[: n + 1])
        hint = f"{nearest(part, names, 'names')} Something new is set as a whole: {where}={{...}}"
        return Problem(where, "does not exist", key, hint)
    return None


def _set(root: Entry, override: Override) -> Entry:
    if override.path == (EXTENDS,):
        raise ScenarioError([Problem(EXTENDS, "can be set in a file only", override.entry.key)])
    try:
        laid = set_at(root, override.path, override.entry)
    except LookupError as error:
        message, beyond = error.args
        path = ".".join(override.path[: -len(beyond)])
        raise ScenarioError([Problem(path, message, override.entry.key)]) from None
    if _is_hollow(override.entry) and laid.plain == root.plain:
        name = ".".join(override.path)
        hint = f"Tables are merged; {name}=unset removes what is there."
        raise ScenarioError([Problem(name, "merges nothing", override.entry.place, hint)])
    return laid


def _is_hollow(entry: Entry) -> bool:
    """Whether it is a table without any value."""
    table = entry.value
    return isinstance(table, dict) and all(_is_hollow(child) for child in table.values())
