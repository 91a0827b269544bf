"""What a page holds, free of how it is written."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from gtmsim.charts.picture import Picture
from gtmsim.report.text import Grid


class Card(NamedTuple):
    """A key figure."""

    label: str
    value: str
    note: str = ""
    """What qualifies it."""


@dataclass(frozen=True)
class Cards:
    """Key figures side by side."""

    cards: tuple[Card, ...]


class Badge(NamedTuple):
    """A verdict with what it is on."""

    subject: str
    state: str
    """``healthy``, ``strained``, ``broken`` or ``undefined``: decides shape and colour."""
    text: str
    """How sure it is, and why."""


@dataclass(frozen=True)
class Badges:
    """Verdicts side by side."""

    badges: tuple[Badge, ...]


@dataclass(frozen=True)
class Folded:
    """A table that is shown on request."""

    title: str
    table: Grid


@dataclass(frozen=True)
class Facts:
    """Labelled texts."""

    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Code:
    """Commands, one a line."""

    lines: tuple[str, ...]


Block: TypeAlias = Picture | Cards | Badges | Grid | Folded | Facts | Code


@dataclass(frozen=True)
class Section:
    """A part of a page.

    Attributes
    ----------
    key
        Its anchor: letters, digits and hyphens.
    title
        Heading, and entry in the table of contents.
    text
        Paragraphs below the heading.
    blocks
        What it shows, in order.
    """

    key: str
    title: str
    text: tuple[str, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Page:
    """A page.

    Attributes
    ----------
    title
        Of the scenario, comparison or sweep.
    question
        What it was made to answer; empty if nothing was asked.
    answer
        The answer in one sentence, with its error.
    details
        Sentences that go on from it.
    cards
        Key figures.
    sections
        Its parts; those without blocks are left out before.
    footer
        How it was computed, in one line.
    """

    title: str
    question: str
    answer: str
    details: tuple[str, ...]
    cards: Cards
    sections: tuple[Section, ...]
    footer: str

    @property
    def pictures(self) -> Iterator[Picture]:
        """Every chart of the page, in order."""
        for section in self.sections:
            yield from (block for block in section.blocks if isinstance(block, Picture))
