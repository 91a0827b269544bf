"""A merged document as one TOML text, which says the same without any other file."""

from collections.abc import Iterator, Mapping
from typing import Any

import tomlkit

from gtmsim.scenario.distributions import is_distribution
from gtmsim.scenario.document import Document

_WIDEST = 88  # of a table written on its key's line
_OUTER = 2  # levels that always have a header: [segments.smb]


def merged_toml(document: Document) -> str:
    """Write what a document says as TOML.

    Parameters
    ----------
    document
        Its files and overrides are laid over each other; comments are not kept.

    Returns
    -------
    str
        Reading it gives the same values, and the tables of one table in the same order.
    """
    return to_toml(document.data)


def to_toml(data: Mapping[str, Any]) -> str:
    """Write plain tables, arrays and values as TOML."""
    return "\n".join(_table(data, ())).strip("\n") + "\n"


def _table(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """Lines of a table: its header if it needs one, its own values, then the tables inside."""
    tables = {key: value for key, value in table.items() if _is_table(value)}
    if len(path) >= _OUTER and all(_fits_line(inner) for inner in tables.values()):
        tables = {}  # all or none, because what stands on a line comes before what has a header
    lines = [f"{_key(key)} = {_value(table[key])}" for key in table if key not in tables]
    if path and (lines or not tables):
        yield f"\n[{'.'.join(map(_key, path))}]"
    yield from lines
    for key, inner in tables.items():
        yield from _table(inner, (*path, key))


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) and not is_distribution(value)


def _fits_line(table: Mapping[str, Any]) -> bool:
    return not any(map(_is_table, table.values())) and len(_value(table)) <= _WIDEST


def _value(value: Any) -> str:
    if isinstance(value, dict):
        inside = ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return str(tomlkit.item(value).as_string())


def _key(key: str) -> str:
    return tomlkit.key(key).as_string() if key else '""'
