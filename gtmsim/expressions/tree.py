"""What an expectation says, as a tree.

A *quantity* is a number in each future, a *condition* holds or does not in each future, and a
*statistic* is one number over all futures. Every node knows where in the text it stands.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Literal, TypeAlias

Span: TypeAlias = tuple[int, int]
"""From the first character to before the last."""

Sign: TypeAlias = Literal[">=", "<=", ">", "<"]

END = 0
"""Month number that stands for the last month."""


@dataclass(frozen=True)
class Node:
    """A part of an expression."""

    span: Span = field(default=(0, 0), kw_only=True, compare=False, repr=False)


@dataclass(frozen=True)
class Word(Node):
    """A name or file that another node gives."""

    text: str


@dataclass(frozen=True)
class Number(Node):
    """A number, in the unit of what it is compared with; percentages as shares."""

    value: float
    currency: str = ""
    """Sign or code that it was written with."""
    is_percent: bool = field(default=False, compare=False)
    """Whether it was written as a percentage."""


@dataclass(frozen=True)
class Months(Node):
    """One month, or several in a row with both ends included; ``END`` is the last month."""

    first: int
    last: int
    several: bool = False


@dataclass(frozen=True)
class Measure(Node):
    """A figure of a company's path: in some months, of a segment, in a company stage."""

    name: str
    months: Months | None = None
    """None where no month is said."""
    segment: Word | None = None
    stage: Word | None = None


@dataclass(frozen=True)
class Negative(Node):
    """A quantity with its sign turned."""

    of: "Quantity"


@dataclass(frozen=True)
class Arithmetic(Node):
    """Two quantities, added, subtracted, multiplied or divided."""

    sign: Literal["+", "-", "*", "/"]
    left: "Quantity"
    right: "Quantity"


@dataclass(frozen=True)
class Reduction(Node):
    """A measure over months as one number."""

    kind: Literal["min", "max", "sum", "avg"]
    of: Measure


@dataclass(frozen=True)
class Difference(Node):
    """A quantity less that of another scenario, in the same future."""

    of: "Quantity"
    file: Word


Quantity: TypeAlias = Number | Measure | Negative | Arithmetic | Reduction | Difference


@dataclass(frozen=True)
class Comparison(Node):
    """Whether a quantity is above or below another."""

    sign: Sign
    left: Quantity
    right: Quantity


@dataclass(frozen=True)
class Joined(Node):
    """Two conditions, both or one of which must hold."""

    word: Literal["and", "or"]
    left: "Condition"
    right: "Condition"


@dataclass(frozen=True)
class Not(Node):
    """A condition that must not hold."""

    of: "Condition"


Condition: TypeAlias = Comparison | Joined | Not


@dataclass(frozen=True)
class Probability(Node):
    """Share of futures in which a condition holds."""

    of: Condition


@dataclass(frozen=True)
class Mean(Node):
    """Mean of a quantity over futures."""

    of: Quantity


@dataclass(frozen=True)
class Quantile(Node):
    """Quantile of a quantity over futures; ``q`` lies in (0, 1)."""

    q: float
    of: Quantity


Statistic: TypeAlias = Probability | Mean | Quantile


@dataclass(frozen=True)
class Expectation(Node):
    """A statistic that should be above or below a number."""

    statistic: Statistic
    sign: Sign
    threshold: Number


@dataclass(frozen=True)
class Tolerance(Node):
    """A statistic that should be known to plus or minus a number."""

    statistic: Statistic
    half_width: Number


def walk(node: Node) -> Iterator[Node]:
    """Go through a node and every node inside it, outer ones first, from left to right."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        yield here
        inside = [getattr(here, part.name) for part in fields(here)]
        waiting += reversed([part for part in inside if isinstance(part, Node)])


def measures(node: Node) -> Iterator[tuple[Measure, bool]]:
    """Measures in an expression; True with those that a reduction takes over months."""
    reduced = {id(part.of) for part in walk(node) if isinstance(part, Reduction)}
    return ((part, id(part) in reduced) for part in walk(node) if isinstance(part, Measure))


def differences(node: Node) -> Iterator[Difference]:
    """Comparisons with other scenarios in an expression."""
    return (part for part in walk(node) if isinstance(part, Difference))
