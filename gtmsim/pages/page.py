"""What a page holds, free of how it is written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

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
    """Of a motion ``healthy``, ``strained``, ``broken`` or ``undefined``, of an expectation
    ``pass``, ``inconclusive``, ``breach`` or ``error``: decides shape and colour."""
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


class Control(NamedTuple):
    """Something that a reader moves."""

    label: str
    options: tuple[str, ...]


class Choice(NamedTuple):
    """What a reader may choose, and what is then shown.

    Attributes
    ----------
    text
        What is chosen.
    cards
        Its figures.
    titles, alternatives
        What each picture is then called, and says for who cannot see it.
    """

    text: str
    cards: tuple[Card, ...]
    titles: tuple[str, ...]
    alternatives: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Explorer:
    """One of several choices at a time, by controls.

    Attributes
    ----------
    controls
        What is moved.
    lookup
        Number of the choice for every combination of options, the last control's first; -1 where
        there is none.
    choices
        What may be chosen.
    start
        Number of the first one shown.
    pictures
        Charts that show the chosen one, by its number.
    """

    controls: tuple[Control, ...]
    lookup: tuple[int, ...]
    choices: tuple[Choice, ...]
    start: int
    pictures: tuple[Picture, ...]

    @property
    def position(self) -> tuple[int, ...]:
        """Option of each control at the start."""
        left, found = self.lookup.index(self.start), []
        for control in reversed(self.controls):
            left, option = divmod(left, len(control.options))
            found.append(option)
        return tuple(reversed(found))

    @property
    def data(self) -> Mapping[str, Any]:
        """What a page's script needs to know."""
        return {
            "lookup": self.lookup,
            "sizes": [len(control.options) for control in self.controls],
            "options": [control.options for control in self.controls],
            "texts": [choice.text for choice in self.choices],
            "figures": [[card[1:] for card in choice.cards] for choice in self.choices],
            "titles": [choice.titles for choice in self.choices],
            "alternatives": [choice.alternatives for choice in self.choices],
        }


Block: TypeAlias = Picture | Cards | Badges | Grid | Folded | Facts | Code | Explorer


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
            for block in section.blocks:
                if isinstance(block, Picture):
                    yield block
                elif isinstance(block, Explorer):
                    yield from block.pictures
