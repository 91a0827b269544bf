"""Assumptions: what is uncertain, and every value with the place it comes from."""

from collections.abc import Iterator, Mapping

from gtmsim.pages.grids import grid_of
from gtmsim.pages.page import Block, Folded, Section
from gtmsim.pages.reading import Read
from gtmsim.report.explain import dotted, plain_text, where_text
from gtmsim.report.numbers import significant
from gtmsim.report.text import Grid
from gtmsim.scenario.document import Document
from gtmsim.statistics.quantiles import quantiles
from gtmsim.words import enumeration


def section(read: Read) -> Section:
    """Show what is uncertain, and every value with its origin where that is known."""
    return Section("assumptions", "Assumptions", tuple(_text(read)), tuple(_blocks(read)))


def _text(read: Read) -> Iterator[str]:
    if read.origin.document is not None:
        yield f"Values come from {enumeration(read.origin.document.files)}."


def _blocks(read: Read) -> Iterator[Block]:
    places = _places(read.origin.document)
    if read.results.sizes["input"]:
        yield _uncertain(read, places)
    for group, rows in _groups(read, places).items():
        count = f"{len(rows)} value{'' if len(rows) == 1 else 's'}"
        table = grid_of(("key", "from", "value"), rows, labels=3)
        yield Folded(f"{group}: {count}", _without_empty(table))


def _uncertain(read: Read, places: Mapping[str, str]) -> Grid:
    """Lay out the inputs that are drawn anew for each draw."""
    names = [str(name) for name in read.results["input"].to_numpy()]
    found = quantiles(read.results["inputs"].to_numpy(), (0.1, 0.5, 0.9))
    rows = (
        (name, _place(name, places), *(_number(value) for value in found[:, n]))
        for n, name in enumerate(names)
    )
    made = _without_empty(grid_of(("input", "from", "p10", "median", "p90"), rows, labels=2))
    draws = int(read.results.sizes["draw"])
    return made._replace(title=f"What we do not know: {len(names)} inputs over {draws:,} draws")


def _without_empty(table: Grid) -> Grid:
    """Leave out the second column where nothing is in it."""
    if any(row[1].main for row in table.rows):
        return table
    rows = tuple((row[0], *row[2:]) for row in table.rows)
    return table._replace(
        header=(table.header[0], *table.header[2:]), labels=table.labels - 1, rows=rows
    )


def _number(value: float) -> str:
    return f"-{significant(-value)}" if value < 0 else significant(float(value))


def _place(name: str, places: Mapping[str, str]) -> str:
    """Place of an input, or of the distribution that it is a parameter of."""
    parts = name.split(".")
    found = (places.get(".".join(parts[:n])) for n in range(len(parts), 0, -1))
    return next((place for place in found if place), "")


def _places(document: Document | None) -> Mapping[str, str]:
    """Place of every key, tables included."""
    if document is None:
        return {}
    found: dict[str, str] = {}
    for path, _, place in document.origins():
        for n in range(len(path), 0, -1):
            found.setdefault(dotted(path[:n]), where_text(place.file, place.line))
    return found


def _groups(read: Read, places: Mapping[str, str]) -> dict[str, list[tuple[str, str, str]]]:
    """Every value, by the first part of its key."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for path, value in _values(read):
        key = dotted(path)
        found.setdefault(str(path[0]), []).append((key, places.get(key, ""), plain_text(value)))
    return found


def _values(read: Read) -> Iterator[tuple[tuple[str | int, ...], object]]:
    if read.origin.document is not None:
        yield from ((path, value) for path, value, _ in read.origin.document.origins())
    else:
        yield from _leaves((), read.scenario)


def _leaves(path: tuple[str, ...], value: object) -> Iterator[tuple[tuple[str, ...], object]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves((*path, str(key)), item)
    else:
        yield path, value
