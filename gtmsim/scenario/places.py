"""Where every key and value of a TOML text stands."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

from gtmsim.errors import Place

Path = tuple[str | int, ...]

_TOML = Language(tree_sitter_toml.language())
_DEEPEST = 64  # beyond it a place is that of what holds it
_KEYS = ("bare_key", "quoted_key", "dotted_key")


@dataclass(frozen=True)
class Spot:
    """Places of a key and of its value; for a table both are where it is named."""

    key: Place
    value: Place


@dataclass
class _Index:
    """Spots found so far, while a text is walked."""

    file: str
    lines: tuple[str, ...]
    spots: dict[Path, Spot] = field(default_factory=dict)
    elements: dict[Path, int] = field(default_factory=dict)
    """Last element of each array of tables."""

    def place(self, node: Node) -> Place:
        """Place of the first line of a node; tree-sitter counts columns in bytes."""
        row, start = node.start_point
        text = self.lines[row] if row < len(self.lines) else ""
        encoded = text.encode()
        end = node.end_point.column if node.end_point.row == row else len(encoded)
        column = len(encoded[:start].decode(errors="replace"))
        length = len(encoded[start:end].decode(errors="replace"))
        return Place(self.file, row + 1, column + 1, text, max(1, length))


def locate(text: str, file: str) -> Mapping[Path, Spot]:
    r"""Find every key and value of a valid TOML text.

    Parameters
    ----------
    text
        The document; lines end with ``\n``.
    file
        Its name, for the places.

    Returns
    -------
    Mapping
        Spots by path; the root, ``()``, is the first line.
    """
    lines = tuple(text.split("\n"))
    top = Place(file, 1, 1, lines[0])
    index = _Index(file, lines, {(): Spot(top, top)})
    for node in Parser(_TOML).parse(text.encode()).root_node.named_children:
        _visit_statement(node, index)
    return index.spots


def first_of(text: str, place: Place) -> Place | None:
    """Place at which a key or table that is given twice stands first, if it can be told.

    Parameters
    ----------
    text
        The document, of which only the syntax needs to be valid.
    place
        Of the second.
    """
    seen: dict[Path, Place] = {}
    for path, spot in _in_order(text, place.file):
        if path in seen and spot.key.line == place.line:
            return seen[path]
        seen.setdefault(path, spot.key)
    return None


def _in_order(text: str, file: str) -> list[tuple[Path, Spot]]:
    """Keys and tables as they come, again where they come again."""
    log = _Log()
    index = _Index(file, tuple(text.split("\n")), log)
    for node in Parser(_TOML).parse(text.encode()).root_node.named_children:
        _visit_statement(node, index)
    return log.written


class _Log(dict[Path, Spot]):
    """Spots that remember the order in which they were found."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[tuple[Path, Spot]] = []

    def __setitem__(self, path: Path, spot: Spot) -> None:
        self.written.append((path, spot))
        super().__setitem__(path, spot)


_ESCAPED = re.compile(r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|.")


def inside(place: Place, value: str, span: tuple[int, int]) -> Place:
    """Place of a part of a text.

    Parameters
    ----------
    place
        Where the text stands, quotes included if it has any.
    value
        The text itself.
    span
        From the first character of the part to before its last.

    Returns
    -------
    Place
        The whole of the text where its characters cannot be told on the line.
    """
    start = place.column - 1
    written = place.text[start : start + place.length]
    quotes = 0 if written == value else 3 if written[:3] in ('"""', "'''") else 1
    raw = written[quotes : len(written) - quotes]
    has_escapes = written[:1] == '"'
    widths = [len(m[0]) for m in _ESCAPED.finditer(raw)] if has_escapes else [1] * len(raw)
    if len(widths) != len(value):  # on several lines
        return place
    before, length = sum(widths[: span[0]]), sum(widths[slice(*span)])
    return replace(place, column=place.column + quotes + before, length=max(1, length))


def _visit_statement(node: Node, index: _Index) -> None:
    if node.type == "pair":
        _visit_pair(node, (), index, 0)
    elif node.type in ("table", "table_array_element"):
        _visit_table(node, index)


def _visit_table(node: Node, index: _Index) -> None:
    names = _names(next((n for n in node.named_children if n.type in _KEYS), None))
    path = _enter((), names[:-1], index)
    if not names:
        return
    place = index.place(names[-1])
    path = (*path, _text(names[-1]))
    index.spots[path] = Spot(place, place)
    if node.type == "table_array_element":
        index.elements[path] = index.elements.get(path, -1) + 1
        path = (*path, index.elements[path])
        index.spots[path] = Spot(place, place)
    for child in node.named_children:
        if child.type == "pair":
            _visit_pair(child, path, index, 0)


def _visit_pair(node: Node, path: Path, index: _Index, depth: int) -> None:
    named = [child for child in node.named_children if child.type != "comment"]
    names = _names(named[0]) if named else []
    if len(named) < 2 or not names or depth > _DEEPEST:  # noqa: PLR2004  # a key and a value
        return
    path = (*_enter(path, names[:-1], index), _text(names[-1]))
    index.spots[path] = Spot(index.place(names[-1]), index.place(named[1]))
    _visit_value(named[1], path, index, depth + 1)


def _visit_value(node: Node, path: Path, index: _Index, depth: int) -> None:
    if node.type == "inline_table":
        for child in node.named_children:
            if child.type == "pair":
                _visit_pair(child, path, index, depth)
    elif node.type == "array" and depth <= _DEEPEST:
        values = (child for child in node.named_children if child.type != "comment")
        for number, child in enumerate(values):
            place = index.place(child)
            index.spots[(*path, number)] = Spot(place, place)
            _visit_value(child, (*path, number), index, depth + 1)


def _enter(path: Path, names: list[Node], index: _Index) -> Path:
    """Go through tables that a dotted key names, into the last element of arrays of tables."""
    for name in names[:_DEEPEST]:
        path = (*path, _text(name))
        place = index.place(name)
        index.spots.setdefault(path, Spot(place, place))
        if path in index.elements:
            path = (*path, index.elements[path])
    return path


def _names(key: Node | None) -> list[Node]:
    """Parts of a dotted key, which the grammar nests to the left."""
    parts: list[Node] = []
    while key is not None and key.type == "dotted_key":
        children = [child for child in key.named_children if child.type in _KEYS]
        parts.append(children[-1])
        key = children[0] if len(children) > 1 else None
    return ([key] if key is not None else []) + parts[::-1]


def _text(key: Node) -> str:
    text = (key.text or b"").decode(errors="replace")
    return _unquoted(text) if key.type == "quoted_key" else text


def _unquoted(text: str) -> str:
    """Content of a quoted key; escapes are rare enough to leave to the parser."""
    if text.startswith("'") or "\\" not in text:
        return text[1:-1]
    return next(iter(tomllib.loads(f"{text} = 0")))
