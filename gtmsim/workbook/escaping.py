"""Text that a spreadsheet takes for text, whatever a scenario calls its parts."""

from gtmsim.errors import visible

MOST_CHARACTERS = 32_767
"""Characters that a cell holds."""
_ACTING = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings that make a spreadsheet run a text as a formula when a CSV is opened."""


def shown(words: str) -> str:
    """Text without characters that act, no longer than a cell can hold."""
    return visible(words)[:MOST_CHARACTERS]


def acts(words: str) -> bool:
    """Whether a spreadsheet would run a text that is typed or read into a cell."""
    return words.lstrip(" ").startswith(_ACTING)


def plain(words: str) -> str:
    """Text for a CSV: an apostrophe stands before what would be run.

    Source
    ------
    OWASP, CSV injection.
    """
    return f"'{shown(words)}" if acts(words) else shown(words)
