"""From the text of an expression to its tokens."""

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from gtmsim.errors import ExpressionError
from gtmsim.expressions.literals import Literal, scan_literal
from gtmsim.expressions.tree import Span

LONGEST_TEXT = 2_000
"""Characters of an expression."""
MOST_TOKENS = 300
"""Words, numbers and signs of an expression; bounds the depth of its tree."""

_SPACE = re.compile(r"[ \t\r\n]*")
_QUANTILE = re.compile(r"p[0-9]+(?:\.[0-9]+)?(?=[ \t\r\n]*\()")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_QUOTED = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_SIGN = re.compile(r"\+-|>=|<=|==|!=|&&|\|\||\*\*|[-+*/()\[\],:<>=!±≥≤\N{MINUS SIGN}]")
_NUMBER = re.compile(r"[0-9][\w.,]*|\.[0-9]\w*")
_PLAIN = {"±": "+-", "≥": ">=", "≤": "<=", "\N{MINUS SIGN}": "-"}


class Kind(Enum):
    """What a token is."""

    NAME = "a name"
    NUMBER = "a number"
    FILE = "a file in quotes"
    SIGN = "a sign"
    END = "the end"


class Token(NamedTuple):
    """A word, number, file or sign, and where it stands."""

    kind: Kind
    text: str
    span: Span
    literal: Literal | None = None

    @property
    def shown(self) -> str:
        """How a message names it."""
        return "the end" if self.kind is Kind.END else f"`{self.text}`"


def tokens_of(text: str) -> tuple[Token, ...]:
    """Split an expression into tokens; the last one is its end.

    Raises
    ------
    ExpressionError
        If it is too long or has something that means nothing.
    """
    if len(text) > LONGEST_TEXT:
        message = f"is longer than {LONGEST_TEXT:,} characters, so it is no expression"
        raise ExpressionError(text[:LONGEST_TEXT], (0, 1), message)
    tokens = tuple(_scan(text))
    if len(tokens) > MOST_TOKENS:
        message = f"has more than {MOST_TOKENS} words, numbers and signs"
        raise ExpressionError(text, tokens[MOST_TOKENS].span, message, "Split it into several.")
    return tokens


def _scan(text: str) -> Iterator[Token]:
    at = _end(_SPACE.match(text))
    while at < len(text):
        token = _token(text, at)
        yield token
        at = _end(_SPACE.match(text, token.span[1]))
    yield Token(Kind.END, "", (len(text.rstrip()), len(text.rstrip()) + 1))


def _end(match: re.Match[str] | None) -> int:
    return match.end() if match else 0


def _token(text: str, at: int) -> Token:
    if found := scan_literal(text, at):
        literal, end = found
        return Token(Kind.NUMBER, text[at:end], (at, end), literal)
    if match := _QUANTILE.match(text, at) or _NAME.match(text, at):
        return Token(Kind.NAME, match[0], match.span())
    if match := _QUOTED.match(text, at):
        return Token(Kind.FILE, match[0][1:-1], match.span())
    if match := _SIGN.match(text, at):
        return Token(Kind.SIGN, _PLAIN.get(match[0], match[0]), match.span())
    raise _meaningless(text, at)


def _meaningless(text: str, at: int) -> ExpressionError:
    if match := _NUMBER.match(text, at):
        hint = 'Numbers are written as in a scenario: 1.5, "8%", "24k", "$2.5M", without quotes.'
        return ExpressionError(text, match.span(), "is no number", hint)
    if text[at] in "\"'":
        return ExpressionError(text, (at, len(text)), "has a quote that is not closed")
    return ExpressionError(text, (at, at + 1), "has a sign that means nothing here")
