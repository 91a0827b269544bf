"""Packs of stresses: TOML files that say how a plan is worse off, whatever its names are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from math import inf
from os import PathLike, fspath
from typing import Any, NoReturn

from gtmsim.errors import Place, Problem, ScenarioError
from gtmsim.scenario.entries import Entry
from gtmsim.scenario.files import read_file
from gtmsim.scenario.kinds import MULTIPLE, Kind
from gtmsim.scenario.literals import QuantityError, read_number, shown
from gtmsim.scenario.structure import kind_at, model_at
from gtmsim.scenario.transforms import Move, Rule
from gtmsim.words import alternatives, closest

ANY = "*"
SET = "set"
_OPERATIONS = (*(rule.value for rule in Rule), SET)
_CHANGE_KEYS = ("path", *_OPERATIONS, "spread", "opportunities", "having", "within")
_FACTORS = (Rule.SCALE.value, Rule.HAZARD.value)
_STAGE = ("motions", ANY, "stages", ANY)
_TEXT_KEYS = ("title", "question", "description", "otherwise")
_STRESS_KEYS = (*_TEXT_KEYS, "changes")


@dataclass(frozen=True)
class Change:
    """What happens to the numbers at a path.

    Attributes
    ----------
    path
        With `ANY` for every name, or every element of an array.
    move
        How a number moves; None where a value is set.
    value
        What is set, in plain data.
    spread
        Whether a factor holds for all that the last `ANY` stands for together.
    opportunities
        Whether that is only the stages from a motion's opportunity stage on.
    having
        Keys of which a table must have one.
    within
        Whether a month must lie before the last of the plan.
    key, place
        Where it stands in the pack.
    """

    path: tuple[str, ...]
    move: Move | None
    value: Any
    spread: bool
    opportunities: bool
    having: tuple[str, ...]
    within: bool
    key: Place
    place: Place


@dataclass(frozen=True)
class Stress:
    """A way in which a plan is worse off.

    Attributes
    ----------
    name, title, question, description
        What it is called, and what it asks and does.
    changes
        What it changes in a plan.
    otherwise
        Why it does not apply, where it changes nothing.
    place
        Where it stands in the pack.
    """

    name: str
    title: str
    question: str
    description: str
    changes: tuple[Change, ...]
    otherwise: str
    place: Place


def shipped_pack() -> str:
    """Path of the pack that comes with gtmsim."""
    return str(files("gtmsim.scenario").joinpath("stresses.toml"))


def read_pack(path: str | PathLike[str] | None = None) -> tuple[Stress, ...]:
    """Read a pack of stresses.

    Parameters
    ----------
    path
        TOML file; by default the pack that comes with gtmsim.

    Raises
    ------
    ScenarioError
        With every problem of the file.
    """
    file = shipped_pack() if path is None else fspath(path)
    root: dict[str, Entry] = dict(read_file(file).value)  # type: ignore[arg-type]  # a table
    problems: list[Problem] = []
    read = [_stress(name, entry, problems) for name, entry in root.items()]
    if problems:
        raise ScenarioError(problems)
    return tuple(read)


def chosen(pack: Sequence[Stress], only: Sequence[str]) -> tuple[Stress, ...]:
    """Stresses of a pack by name, in the order of the pack; all without a name.

    Raises
    ------
    ScenarioError
        If the pack lacks one.
    """
    names = [stress.name for stress in pack]
    problems = [
        Problem("", f"--only {name} is no stress of the pack", None, _meant(name, names))
        for name in only
        if name not in names
    ]
    if problems:
        raise ScenarioError(problems)
    return tuple(stress for stress in pack if not only or stress.name in only)


def _meant(name: str, names: Sequence[str]) -> str:
    near = closest(name, names)
    return f"Did you mean {near}?" if near else f"It has {', '.join(names)}."


# --- a stress --------------------------------------------------------------------------------


def _stress(name: str, entry: Entry, problems: list[Problem]) -> Stress:
    table = _table(entry, name, _STRESS_KEYS, problems)
    texts = {key: _text(table, key, name, problems) for key in _TEXT_KEYS}
    changes = tuple(_changes(table, name, problems))
    if table and not changes and ("changes" not in table or not table["changes"].plain):
        problems.append(Problem(name, "changes nothing: it needs `changes`", entry.key))
    return Stress(
        name=name,
        title=texts["title"] or name.replace("_", " "),
        question=texts["question"],
        description=texts["description"],
        changes=changes,
        otherwise=texts["otherwise"] or "the plan has nothing that it changes",
        place=entry.key,
    )


def _table(
    entry: Entry, path: str, known: Sequence[str], problems: list[Problem]
) -> dict[str, Entry]:
    """Keys of a table; those that are not known are problems."""
    if not isinstance(entry.value, dict):
        message = f"wants a table; got {shown(entry.plain)}"
        problems.append(Problem(path, message, entry.place, "Such as [win_rate_down]."))
        return {}
    for key, inner in entry.value.items():
        if key not in known:
            near = closest(key, known)
            hint = f"Did you mean `{near}`?" if near else f"Known here: {', '.join(known)}."
            problems.append(Problem(f"{path}.{key}", "is not known", inner.key, hint))
    return entry.value


def _text(table: dict[str, Entry], key: str, name: str, problems: list[Problem]) -> str:
    entry = table.get(key)
    if entry is None:
        return ""
    if isinstance(entry.value, str):
        return entry.value
    message = f"wants text in quotes; got {shown(entry.plain)}"
    problems.append(Problem(f"{name}.{key}", message, entry.place))
    return ""


# --- a change --------------------------------------------------------------------------------


def _changes(table: dict[str, Entry], name: str, problems: list[Problem]) -> Iterator[Change]:
    entry = table.get("changes")
    if entry is None:
        return
    if not isinstance(entry.value, list):
        message = f"wants an array of tables; got {shown(entry.plain)}"
        problems.append(Problem(f"{name}.changes", message, entry.place))
        return
    for number, inner in enumerate(entry.value):
        try:
            yield _change(inner, f"{name}.changes.{number}", problems)
        except ScenarioError as error:
            problems += error.problems


def _change(entry: Entry, at: str, problems: list[Problem]) -> Change:
    table = _table(entry, at, _CHANGE_KEYS, problems)
    given = [name for name in _OPERATIONS if name in table]
    if len(given) != 1:
        found = ", ".join(given) or "none"
        message = f"wants exactly one of {alternatives(_OPERATIONS)}; got {found}"
        _fail(at, message, entry.place)
    path = _path(table.get("path"), at, entry)
    by = table[given[0]]
    flags = {key: _flag(table, key, at) for key in ("spread", "opportunities", "within")}
    if flags["within"] and (given[0] != SET or not isinstance(by.value, int)):
        _fail(f"{at}.within", "wants a month that is `set`", table["within"].place)
    if flags["opportunities"] and path[: len(_STAGE)] != _STAGE:
        message = f"wants a path that begins with {'.'.join(_STAGE)}"
        _fail(f"{at}.opportunities", message, table["opportunities"].place)
    if flags["spread"] and (given[0] not in _FACTORS or ANY not in path):
        message = f"wants a factor ({alternatives(_FACTORS)}), and a * in the path"
        _fail(f"{at}.spread", message, table["spread"].place)
    return Change(
        path=path,
        move=None if given[0] == SET else _move(Rule(given[0]), by, path, at),
        value=by.plain if given[0] == SET else None,
        having=_keys(table, "having", at),
        key=by.key,
        place=by.place,
        **flags,
    )


def _flag(table: dict[str, Entry], key: str, at: str) -> bool:
    entry = table.get(key)
    if entry is None:
        return False
    if not isinstance(entry.plain, bool):
        _fail(f"{at}.{key}", f"wants true or false; got {shown(entry.plain)}", entry.place)
    return entry.plain


def _keys(table: dict[str, Entry], key: str, at: str) -> tuple[str, ...]:
    entry = table.get(key)
    if entry is None:
        return ()
    names = entry.plain
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        message = f'wants an array of keys, such as ["hires"]; got {shown(names)}'
        _fail(f"{at}.{key}", message, entry.place)
    return tuple(names)


def _path(entry: Entry | None, at: str, change: Entry) -> tuple[str, ...]:
    """Read a path, and make sure that some scenario can have it."""
    if entry is None or not isinstance(entry.value, str) or not entry.value:
        place = change.place if entry is None else entry.place
        _fail(at, "wants a path such as motions.*.stages.*.win_rate", place)
    path = tuple(part.strip() for part in entry.value.split("."))
    if kind_at(path) is None and model_at(path) is None:
        _fail(f"{at}.path", f"leads to no number of a scenario: {entry.value}", entry.place)
    return path


def _move(rule: Rule, by: Entry, path: tuple[str, ...], at: str) -> Move:
    kind = kind_at(path)
    if kind is None:
        _fail(at, f"wants the path of a number to {rule}", by.place)
    wanted = _amount(kind) if rule == Rule.ADD else replace(MULTIPLE, above_low=True)
    try:
        return Move(rule, read_number(by.plain, wanted))
    except QuantityError as error:
        raise ScenarioError(
            [Problem(f"{at}.{rule}", f.message, by.place, f.hint) for f in error.faults]
        ) from None


def _amount(kind: Kind) -> Kind:
    """Kind of what is added: of the same unit, of any sign."""
    return replace(kind, low=-inf, above_low=False, high=inf)


def _fail(path: str, message: str, place: Place) -> NoReturn:
    raise ScenarioError([Problem(path, message, place)])
