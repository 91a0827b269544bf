"""How to make the same numbers again."""

from collections.abc import Iterable, Sequence
from shlex import quote

from gtmsim.errors import visible
from gtmsim.pages.page import Block, Code, Facts, Section


def reproduction(same: str, command: Sequence[str], facts: Iterable[tuple[str, str]]) -> Section:
    """Show the command, and everything that decides the numbers.

    Parameters
    ----------
    same
        What must be the same, as in ``plan and seed``.
    command
        Words of the command; none where it is not known.
    facts
        What decides the numbers, by label.
    """
    text = f"The same {same} give the same numbers, on any machine and with any workers."
    words = " ".join(quote(visible(word)) for word in command)
    code: tuple[Block, ...] = (Code((words,)),) if words else ()
    blocks = (*code, Facts(tuple(facts)))
    return Section("reproduction", "How to reproduce it", (text,), blocks)
