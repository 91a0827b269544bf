"""Words of messages: suggestions and lists."""

from collections.abc import Iterable
from difflib import get_close_matches

_ALIKE = 0.65  # of 1: below, two words only share letters


def closest(word: str, words: Iterable[str]) -> str:
    """Return the one of ``words`` that ``word`` is most like; empty if none is."""
    return next(iter(get_close_matches(word, list(words), n=1, cutoff=_ALIKE)), "")


def alternatives(words: Iterable[str]) -> str:
    """Join words as ``a, b or c``."""
    return _joined(words, "or")


def enumeration(words: Iterable[str]) -> str:
    """Join words as ``a, b and c``."""
    return _joined(words, "and")


def _joined(words: Iterable[str], last: str) -> str:
    *head, tail = words
    return f"{', '.join(head)} {last} {tail}" if head else tail
