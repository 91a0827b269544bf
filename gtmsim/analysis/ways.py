"""What differs between two plans, cut into drivers that can be changed one after another."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gtmsim.analysis.points import Read
from gtmsim.errors import Place, ScenarioError
from gtmsim.results.scenario_text import scenario_text
from gtmsim.scenario import Document, Scenario, read_scenario
from gtmsim.scenario.overrides import entry_at
from gtmsim.statistics.attribution import Made, Order, orders, steps

Unit = tuple[str, ...]
"""A table that changes as one: ``("segments", "smb")``, ``("company", "cash")``."""

_ALIKE = frozenset({"scenario", "targets", "expect", "objective"})
"""Tables that no future depends on."""
_AS_ONE = frozenset({"segmentation", "correlations", "allocation", "buyers", "stage_rule"})
_FIRST = ("segments", "motions", "teams", "channels")
"""Kinds of tables in the order in which a driver of several is named after one."""
_ABSENT = object()


@dataclass(frozen=True)
class Driver:
    """What changes together."""

    units: tuple[Unit, ...]

    @property
    def name(self) -> str:
        """Name of its most telling table."""
        return self.parts[0]

    @property
    def parts(self) -> tuple[str, ...]:
        """All its tables, the most telling first."""
        return tuple(".".join(unit) for unit in sorted(self.units, key=_telling))


def _telling(unit: Unit) -> tuple[int, Unit]:
    kinds = len(_FIRST) if unit[0] not in _FIRST else _FIRST.index(unit[0])
    return kinds, unit


@dataclass(frozen=True)
class Way:
    """A way from one plan to another.

    Attributes
    ----------
    drivers
        What changes, in the order of the plans' tables.
    orders
        Orders of the drivers that are gone through.
    reads
        The plan at every step: by the drivers that are changed already.
    """

    drivers: tuple[Driver, ...]
    orders: tuple[Order, ...]
    reads: Mapping[Made, Read]


def way(before: Scenario, after: Scenario) -> Way:
    """Cut what differs between two plans into drivers that make a valid plan in every order taken.

    What cannot stand without another (it names a table that only the other brings) comes after it,
    or with it where each needs the other. Drivers between which a plan is not valid are made one.

    Parameters
    ----------
    before, after
        Two checked plans of the same length, start and currency. What they expect is left out.
    """
    before, after = (one.model_copy(update={"expect": ()}) for one in (before, after))
    tables = (_tables(before), _tables(after))
    differing = [
        unit
        for unit in dict.fromkeys([*tables[0], *tables[1]])
        if tables[0].get(unit, _ABSENT) != tables[1].get(unit, _ABSENT)
    ]
    needed = {unit: _needs(unit, differing, *tables) for unit in differing}
    groups = [Driver((unit,)) for unit in differing]
    while True:
        groups = _without_cycles(groups, needed)
        ends = {Made(): before, Made(range(len(groups))): after}
        taken = orders(len(groups), _between(groups, needed))
        reads, clash = _reads(taken, groups, tables, ends)
        if clash is None:
            return Way(tuple(groups), tuple(taken), reads)
        groups = _joined(groups, clash)


def _tables(scenario: Scenario) -> dict[Unit, Any]:
    return dict(_units(tomllib.loads(scenario_text(scenario))))


def _units(data: Mapping[str, Any]) -> Iterator[tuple[Unit, Any]]:
    for top, value in data.items():
        if top in _ALIKE:
            continue
        if isinstance(value, Mapping) and top not in _AS_ONE:
            yield from (((top, key), inner) for key, inner in value.items())
        else:
            yield (top,), value


def _needs(
    unit: Unit, differing: Sequence[Unit], before: Mapping[Unit, Any], after: Mapping[Unit, Any]
) -> set[Unit]:
    """Units that must change before this one, or with it.

    It names one that only the later plan has; or one that names it, and only the earlier plan has
    it, still does.
    """
    mine = _words(after.get(unit))
    brings = {other for other in differing if other not in before and other[-1] in mine}
    holds = {
        other for other in differing if unit not in after and unit[-1] in _words(before.get(other))
    }
    return (brings | holds) - {unit}


def _words(value: Any) -> set[str]:
    """Every key and text of a table."""
    if isinstance(value, Mapping):
        return set(value).union(*map(_words, value.values()))
    if isinstance(value, list):
        return set().union(*map(_words, value))
    return {value} if isinstance(value, str) else set()


def _between(groups: Sequence[Driver], needed: Mapping[Unit, set[Unit]]) -> dict[int, Made]:
    """Drivers that each driver needs."""
    home = {unit: n for n, group in enumerate(groups) for unit in group.units}
    return {
        n: Made(home[other] for unit in group.units for other in needed[unit]) - {n}
        for n, group in enumerate(groups)
    }


def _without_cycles(groups: list[Driver], needed: Mapping[Unit, set[Unit]]) -> list[Driver]:
    """Make drivers that need each other one."""
    between = _between(groups, needed)
    reach = {n: _reached(n, between) for n in between}
    made: list[Driver] = []
    taken: set[int] = set()
    for n in range(len(groups)):
        if n not in taken:
            ring = [n, *(m for m in sorted(reach[n]) if m != n and n in reach[m])]
            taken |= set(ring)
            made.append(Driver(tuple(unit for m in ring for unit in groups[m].units)))
    return made


def _reached(start: int, between: Mapping[int, Made]) -> set[int]:
    reached: set[int] = set()
    waiting = [start]
    while waiting:
        new = between[waiting.pop()] - reached
        reached |= new
        waiting += new
    return reached


def _joined(groups: list[Driver], pair: tuple[int, int]) -> list[Driver]:
    one, other = sorted(pair)
    both = Driver((*groups[one].units, *groups[other].units))
    return [both if n == one else group for n, group in enumerate(groups) if n != other]


def _reads(
    taken: Sequence[Order],
    groups: Sequence[Driver],
    tables: tuple[dict[Unit, Any], dict[Unit, Any]],
    ends: Mapping[Made, Scenario],
) -> tuple[dict[Made, Read], tuple[int, int] | None]:
    """Read the plan at every step; where one is not valid, the two drivers that it lies between."""
    reads: dict[Made, Read] = {}
    for order in taken:
        for n, made in enumerate(steps(order)):
            if made in reads:
                continue
            try:
                reads[made] = _read(made, groups, tables, ends)
            except ScenarioError:
                return reads, (order[n - 1], order[n])
    return reads, None


def _read(
    made: Made,
    groups: Sequence[Driver],
    tables: tuple[dict[Unit, Any], dict[Unit, Any]],
    ends: Mapping[Made, Scenario],
) -> Read:
    if made in ends:
        return _document_of(tomllib.loads(scenario_text(ends[made])), ends[made])
    changed = {unit for n in made for unit in groups[n].units}
    before, after = tables
    header = tomllib.loads(scenario_text(ends[Made()]))
    data: dict[str, Any] = {key: header[key] for key in ("scenario", "targets") if key in header}
    for unit in dict.fromkeys([*before, *after]):
        value = (after if unit in changed else before).get(unit, _ABSENT)
        if value is not _ABSENT:
            _put(data, unit, value)
    return _document_of(data, None)


def _put(data: dict[str, Any], unit: Unit, value: Any) -> None:
    if len(unit) == 1:
        data[unit[0]] = value
    else:
        data.setdefault(unit[0], {})[unit[1]] = value


def _document_of(data: Mapping[str, Any], scenario: Scenario | None) -> Read:
    nowhere = Place("between the plans", 0, 1)
    document = Document(entry_at(dict(data), nowhere, nowhere), (nowhere.file,))
    return Read(scenario or read_scenario(document), document)
