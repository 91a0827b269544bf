"""Sheets as plain values: cells with what they hold and how they look, and nothing of a format."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from textwrap import wrap
from typing import NamedTuple

NOTE_WIDTH = 130
"""Characters of a line of notes."""


class Form(StrEnum):
    """What a cell holds."""

    TEXT = "text"
    MONEY = "money"
    """Whole currency."""
    CENTS = "cents"
    COUNT = "count"
    NUMBER = "number"
    """With one decimal."""
    FRACTION = "fraction"
    """With as many decimals as it has, up to three."""
    SHARE = "share"
    MULTIPLE = "multiple"
    MONTH = "month"
    """A date of which only month and year matter."""
    DATE = "date"
    CHECK = "check"
    """An amount that should be 0."""


class Ink(StrEnum):
    """Where a number comes from, by the colour in which finance expects it."""

    PLAIN = "plain"
    """Text, and formulas."""
    INPUT = "input"
    """Typed into the scenario."""
    SIMULATED = "simulated"
    """Computed by the simulation."""
    LINK = "link"
    """A formula that takes its number from another sheet."""


class Look(StrEnum):
    """Which part of a sheet a cell is of."""

    BODY = "body"
    TITLE = "title"
    HEADING = "heading"
    """Of columns of text."""
    COLUMN = "column"
    """Of columns of numbers."""
    BLOCK = "block"
    """Above the lines of a block."""
    TOTAL = "total"
    NOTE = "note"
    WRAPPED = "wrapped"
    """Text that takes as many lines as it needs."""


class Style(NamedTuple):
    """How a cell looks."""

    form: Form = Form.TEXT
    ink: Ink = Ink.PLAIN
    look: Look = Look.BODY
    indent: int = 0


class Cell(NamedTuple):
    """A cell.

    Attributes
    ----------
    value
        What is read; of a formula, what it comes to.
    style
        How it looks.
    formula
        Beginning with ``=``; empty where the value is written as it is. Text is never a formula.
    """

    value: float | str | date | None
    style: Style = Style()
    formula: str = ""


Row = tuple[Cell | None, ...]


@dataclass(frozen=True)
class Sheet:
    """A sheet.

    Attributes
    ----------
    name
        On its tab.
    rows
        Cells from the first column on; None is an empty cell.
    widths
        Of the first columns, in characters; the last holds for all others.
    frozen
        Rows and columns that stay in sight, and are repeated on every page.
    breaks
        Rows before which a new page begins, counted from 0.
    is_one_page
        Whether it is printed on one page, however small.
    """

    name: str
    rows: tuple[Row, ...]
    widths: tuple[float, ...]
    frozen: tuple[int, int] = (0, 0)
    breaks: tuple[int, ...] = ()
    is_one_page: bool = False


@dataclass(frozen=True)
class Workbook:
    """Sheets in their order, what the file is called, and the results that it is of."""

    title: str
    sheets: tuple[Sheet, ...]
    results: str


def text(words: str, look: Look = Look.BODY, indent: int = 0) -> Cell:
    """Cell with text."""
    return Cell(words, Style(look=look, indent=indent))


def notes(sentences: Iterable[str], look: Look = Look.NOTE) -> Iterator[Row]:
    """Rows of sentences, broken so that a page holds them."""
    for sentence in sentences:
        yield from (line(part, look=look) for part in wrap(sentence, NOTE_WIDTH))


def line(*words: str, look: Look = Look.BODY) -> Row:
    """Row of text."""
    return tuple(text(word, look) for word in words)


def column_name(column: int) -> str:
    """Letters of a column, counted from 0: A, B, .. Z, AA."""
    letters = ""
    while column >= 0:
        letters = chr(ord("A") + column % 26) + letters
        column = column // 26 - 1
    return letters


def address(row: int, column: int, sheet: str = "") -> str:
    """Address of a cell in a formula; row and column count from 0."""
    here = f"{column_name(column)}{row + 1}"
    return f"'{sheet}'!{here}" if sheet else here


def padded(rows: Sequence[Row], look: Look, width: int) -> Iterator[Row]:
    """Rows that are as wide as the sheet, so that their fill reaches its end."""
    for row in rows:
        yield (*row, *(text("", look) for _ in range(width - len(row))))
