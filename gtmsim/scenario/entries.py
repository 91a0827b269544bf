"""A document as a tree of entries: plain values, each with the place it comes from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from gtmsim.errors import Place
from gtmsim.scenario.distributions import is_complete, is_distribution
from gtmsim.scenario.places import Path, Spot

UNSET = "unset"
"""As the value of a key: removes what a base file gave it."""
REMOVED = object()
"""What stands in a merged tree where something was removed; ``UNSET`` where nothing was there."""


@dataclass(frozen=True)
class Entry:
    """A value, with the places of its key and of itself."""

    value: "Value"
    key: Place
    place: Place

    def child(self, part: str | int) -> "Entry | None":
        """Entry of a key or of an array's element, if there is one."""
        if isinstance(self.value, dict):
            return self.value.get(str(part))
        if isinstance(self.value, list) and isinstance(part, int) and part < len(self.value):
            return self.value[part]
        return None

    @property
    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {key: entry.plain for key, entry in self.value.items()}
        if isinstance(self.value, list):
            return [entry.plain for entry in self.value]
        return self.value


_DIGITS = 9  # of a number of an element

Value: TypeAlias = "dict[str, Entry] | list[Entry] | Any"


def entry_of(data: Any, spots: Mapping[Path, Spot], path: Path = ()) -> Entry:
    """Join plain data with its places; what has none stands where its holder does."""
    return _entry_of(data, spots, path, spots[()])


def _entry_of(data: Any, spots: Mapping[Path, Spot], path: Path, outer: Spot) -> Entry:
    spot = spots.get(path, outer)
    value = data
    if isinstance(data, dict):
        value = {k: _entry_of(v, spots, (*path, k), spot) for k, v in data.items()}
    elif isinstance(data, list):
        value = [_entry_of(v, spots, (*path, n), spot) for n, v in enumerate(data)]
    return Entry(value, spot.key, spot.value)


def merged(base: Entry, over: Entry) -> Entry:
    """Lay one entry over another.

    Tables merge, arrays and plain values replace. A table that states a whole distribution replaces
    the one below it, since quantiles do not mix with moments; one that states a part merges.
    """
    if over.value == UNSET:
        return replace(over, value=REMOVED)
    if not isinstance(base.value, dict) or not isinstance(over.value, dict):
        return over
    if is_complete(over.value) and is_distribution(base.value):
        return over
    together = dict(base.value)
    for key, entry in over.value.items():
        together[key] = merged(base.value[key], entry) if key in base.value else entry
    return replace(over, value=together)


def set_at(root: Entry, path: Path, value: Entry) -> Entry:
    """Lay ``value`` over what is at ``path``; missing tables on the way are made.

    Raises
    ------
    LookupError
        If the path leads beyond an array: what is wrong, and the path from the array on.
    """
    if not path:
        return merged(root, value)
    head, *rest = path
    if isinstance(root.value, list):
        number = _element(root.value, path)
        changed = list(root.value)
        changed[number] = set_at(root.value[number], tuple(rest), value)
        return replace(root, value=changed)
    table = root.value if isinstance(root.value, dict) else {}
    below = table.get(str(head))
    inner = _nested(tuple(rest), value) if below is None else set_at(below, tuple(rest), value)
    return replace(root, value={**table, str(head): inner})


def _nested(path: Path, value: Entry) -> Entry:
    for part in reversed(path):
        value = replace(value, value={str(part): value})
    return value


def _element(array: list[Entry], path: Path) -> int:
    part = str(path[0])
    if not (part.isascii() and part.isdecimal()):
        message = f"is an array; name an element by its number, from 0, not by `{part}`"
        raise LookupError(message, path)
    if len(part) > _DIGITS or int(part) >= len(array):
        noun = "element" if len(array) == 1 else "elements"
        raise LookupError(f"has {len(array)} {noun}, numbered from 0; got {part}", path)
    return int(part)


def without_unset(root: Entry) -> tuple[Entry, dict[Path, Entry]]:
    """Drop the keys that are unset; return those, by path, as well."""
    removed: dict[Path, Entry] = {}
    return _without_unset(root, (), removed), removed


def _without_unset(entry: Entry, path: Path, removed: dict[Path, Entry]) -> Entry:
    if not isinstance(entry.value, dict):
        return entry
    kept = {}
    for key, child in entry.value.items():
        inner = (*path, key)
        if child.value is REMOVED or child.value == UNSET:
            removed[inner] = child
        elif not _only_unsets_nothing(child):
            kept[key] = _without_unset(child, inner, removed)
        else:
            _without_unset(child, inner, removed)
    return replace(entry, value=kept)


def _only_unsets_nothing(entry: Entry) -> bool:
    """Whether a table is there only because an override went through it to unset something."""
    if not isinstance(entry.value, dict) or not entry.value:
        return False
    return all(
        child.value == UNSET or _only_unsets_nothing(child) for child in entry.value.values()
    )


def walk(entry: Entry, path: Path = ()) -> Iterator[tuple[Path, Entry]]:
    """Every entry below, outer ones first, with its path."""
    yield path, entry
    if isinstance(entry.value, dict):
        for key, child in entry.value.items():
            yield from walk(child, (*path, key))
    elif isinstance(entry.value, list):
        for number, child in enumerate(entry.value):
            yield from walk(child, (*path, number))
