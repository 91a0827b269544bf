"""What differs between two scenarios, value by value, as they were simulated."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeGuard

from gtmsim.words import counted

ABSENT = "not given"
MOST_ELEMENTS = 3
"""Elements of an array of tables that are written out."""
IGNORED = frozenset({"scenario.name", "scenario.question"})


class Change(NamedTuple):
    """A value that two scenarios do not share."""

    path: str
    before: str
    after: str


def changes(before: str, after: str) -> tuple[Change, ...]:
    """List what differs between two scenarios.

    Parameters
    ----------
    before, after
        Merged TOML, from `scenario_text` or the attribute of results.

    Returns
    -------
    tuple of Change
        In the order of the first, then what only the second has. A table that one of them lacks as
        a whole is one change. Of arrays of tables of one length: how many elements differ, where
        that is more than one, and what differs in the first of them; of different length: how many
        there are, and which were dropped and added.
    """
    return tuple(
        change
        for change in _changes(tomllib.loads(before), tomllib.loads(after), "")
        if change.path not in IGNORED
    )


def _changes(before: Mapping[str, Any], after: Mapping[str, Any], path: str) -> Iterator[Change]:
    for key in [*before, *(key for key in after if key not in before)]:
        at = f"{path}.{key}" if path else key
        one, other = before.get(key), after.get(key)
        if isinstance(one, Mapping) and isinstance(other, Mapping) and not _is_value(one, other):
            yield from _changes(one, other, at)
        elif _has_tables(one) and _has_tables(other):
            yield from _of_arrays(one, other, at)
        elif one != other:
            yield Change(at, _written(one), _written(other))


def _has_tables(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list) and any(isinstance(part, Mapping | list) for part in value)


def _of_arrays(before: Sequence[Any], after: Sequence[Any], path: str) -> Iterator[Change]:
    sizes = [counted(len(array), "element") for array in (before, after)]
    if len(before) != len(after):
        moved = (("dropped", _without(before, after)), ("added", _without(after, before)))
        told = "; ".join(f"{how} {_some(which)}" for how, which in moved if which)
        yield Change(path, sizes[0], f"{sizes[1]}: {told}")
        return
    pairs = enumerate(zip(before, after, strict=True))
    differing = [n for n, (one, other) in pairs if one != other]
    if len(differing) > 1:
        yield Change(path, sizes[0], f"{sizes[1]}, {len(differing)} of them different")
    for n in differing[:1]:
        yield from _changes({str(n): before[n]}, {str(n): after[n]}, path)


def _without(array: Sequence[Any], other: Sequence[Any]) -> list[Any]:
    """Elements that the other array lacks; one that is there twice counts twice."""
    left, lacking = list(other), []
    for element in array:
        if element in left:
            left.remove(element)
        else:
            lacking.append(element)
    return lacking


def _some(elements: Sequence[Any]) -> str:
    """Write the first of some elements in full, and how many more there are."""
    shown = ", ".join(map(_in_full, elements[:MOST_ELEMENTS]))
    left = len(elements) - MOST_ELEMENTS
    return f"{shown} and {left} more" if left > 0 else shown


def _is_value(*tables: Mapping[str, Any]) -> bool:
    """Tell a distribution, which is one value, from a table of values."""
    return any("family" in table for table in tables)


def _written(value: Any) -> str:
    if value is None:
        return ABSENT
    if isinstance(value, Mapping):
        if "family" in value:
            inside = (f"{key} {_in_full(item)}" for key, item in value.items() if key != "family")
            return f"{value['family'].replace('_', '-')} ({', '.join(inside)})"
        return f"{{ {', '.join(value)} }}"
    if isinstance(value, list):
        return f"[{_some(value) if _has_tables(value) else ', '.join(map(_written, value))}]"
    return f"{value:,.10g}" if isinstance(value, float) else str(value)


def _in_full(value: Any) -> str:
    """Write a part of a distribution: tables with what they hold."""
    if isinstance(value, Mapping) and "family" not in value:
        return f"{{ {', '.join(f'{key} {_in_full(item)}' for key, item in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_in_full, value))}]"
    return _written(value)
