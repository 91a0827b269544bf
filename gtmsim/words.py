"""Words of messages: suggestions and lists."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

_ALIKE = 0.65  # of 1: below, two words only share letters
_MANY = 3
_MOST_LISTED = 5


def closest(word: str, words: Iterable[str]) -> str:
    """Return the one of ``words`` that ``word`` is most like; empty if none is."""
    return next(iter(get_close_matches(word, list(words), n=1, cutoff=_ALIKE)), "")


def nearest(word: str, words: Sequence[str], noun: str) -> str:
    """Say which of many words was meant, or might have been.

    Parameters
    ----------
    word
        What was written.
    words
        What there is.
    noun
        What they are, as in ``inputs``.
    """
    if near := closest(word, words):
        return f"Did you mean `{near}`?"
    if len(words) <= _MOST_LISTED:
        return f"There are {', '.join(words) or f'no {noun}'}."
    some = get_close_matches(word, words, n=_MOST_LISTED, cutoff=0.0)
    return f"Of the {len(words)} {noun}, these are nearest: {', '.join(some)}."


def alternatives(words: Iterable[str]) -> str:
    """Join words as ``a, b or c``."""
    return _joined(words, "or")


def counted(n: int, noun: str, plural: str = "") -> str:
    """Write a number of things: ``1 draw``, ``1,024 draws``."""
    return f"{n:,} {noun if n == 1 else plural or f'{noun}s'}"


def named_or_counted(names: Sequence[str], noun: str) -> str:
    """Join a few words, and count more of them: ``a and b``, ``3 others``."""
    return enumeration(names) if len(names) < _MANY else f"{len(names)} {noun}"


def enumeration(words: Iterable[str]) -> str:
    """Join words as ``a, b and c``."""
    return _joined(words, "and")


def _joined(words: Iterable[str], last: str) -> str:
    *head, tail = words
    return f"{', '.join(head)} {last} {tail}" if head else tail
