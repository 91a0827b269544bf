"""The scenario's numbers by path: as the file has them, or a column of drawn numbers instead."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gtmsim.plan.distributions import Number, as_shares
from gtmsim.scenario.distributions import Distribution
from gtmsim.vocabulary import DAYS_PER_MONTH, MINOR_UNITS

Path = tuple[str | int, ...]


def dotted(path: Path) -> str:
    """Write a path as users do."""
    return ".".join(str(key) for key in path)


class Leaves(Protocol):
    """Where the numbers come from."""

    def number(self, path: str, value: Any) -> Number:
        """Read the number at ``path``, where the scenario has ``value``."""

    def is_input(self, path: str, value: Any) -> bool:
        """Whether draws differ in it."""


@dataclass(frozen=True)
class Node:
    """A place in the scenario: a table, its path, and where its numbers come from.

    A number is read by its key, so that the path it is known under is always the path it has.
    """

    leaves: Leaves
    model: Any
    path: Path = ()

    def at(self, *keys: str | int) -> "Node":
        """Go to a table inside this one."""
        model = self.model
        for key in keys:
            model = _child(model, key)
        return Node(self.leaves, model, (*self.path, *keys))

    def items(self) -> Iterator[tuple[str, "Node"]]:
        """Go through a table of tables, by name."""
        return ((name, self.at(name)) for name in self.model)

    def has(self, key: str | int) -> bool:
        """Whether the scenario says anything at ``key``."""
        return _child(self.model, key) is not None

    def number(self, key: str | int) -> Number:
        """Read a number in the scenario's unit."""
        return self.leaves.number(dotted((*self.path, key)), _child(self.model, key))

    def money(self, key: str | int) -> Number:
        """Read an amount in minor units."""
        return self.number(key) * MINOR_UNITS

    def months(self, key: str | int) -> Number:
        """Read a time said in days, in months."""
        return self.number(key) / DAYS_PER_MONTH

    def number_in(self, table: str, key: str) -> Number:
        """Read a number of an optional table; 0 without the table."""
        return self.at(table).number(key) if self.has(table) else 0.0

    def money_in(self, table: str, key: str) -> Number:
        """Read an amount of an optional table; 0 without the table."""
        return self.at(table).money(key) if self.has(table) else 0.0

    def shares(self, paths: Sequence[Path]) -> list[Number]:
        """Read shares of a whole; drawn ones are made to sum to 1 in each draw."""
        leaves = [(self.at(*path[:-1]), path[-1]) for path in paths]
        numbers = [node.number(key) for node, key in leaves]
        if not any(node.is_input(key) for node, key in leaves):
            return numbers
        return as_shares(numbers)

    def by_stage(self, key: str, stages: Sequence[str]) -> list[Number]:
        """Read a number for each company stage.

        A stage that is not named has the number of the stage before it; those before the first
        named one have 0.
        """
        named = _child(self.model, key)
        if not isinstance(named, Mapping):
            return [self.number(key)] * len(stages)
        numbers: list[Number] = []
        for stage in stages:
            inherited = numbers[-1] if numbers else 0.0
            numbers.append(self.at(key).number(stage) if stage in named else inherited)
        return numbers

    def money_by_stage(self, key: str, stages: Sequence[str]) -> list[Number]:
        """Read an amount in minor units for each company stage; see ``by_stage``."""
        return [number * MINOR_UNITS for number in self.by_stage(key, stages)]

    def is_input(self, key: str | int) -> bool:
        """Whether draws differ in the number."""
        return self.leaves.is_input(dotted((*self.path, key)), _child(self.model, key))

    def may_be_positive(self, key: str | int) -> bool:
        """Whether the number is positive, or may be in some draw."""
        return self.is_input(key) or bool(_child(self.model, key) > 0)


def _child(model: Any, key: str | int) -> Any:
    if isinstance(model, Mapping | tuple | Distribution):
        return model[key]  # type: ignore[index]
    return getattr(model, str(key))
