"""The exceptions of gtmsim.

GtmsimError
├── ScenarioError          a scenario that cannot be run: every problem, with its place
├── ExpressionError        a text that is no expectation, with the place in it
├── CapacityError          a model that outgrows a limit of the engine or the keys
├── ResultsError           results that cannot be written, read or used
│   └── DiskError          a disk that is full, or fails
├── AnalysisError          an analysis that its samples cannot give
├── ClusterError           a cluster that cannot be used
└── SimulationError        a simulation that failed or was stopped
    ├── Interrupted        stopped by the user
    └── OutgrownError      a replication that outgrew what can be held; a CapacityError too
"""

import errno
import re
from dataclasses import dataclass

_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
_WIDTH = 120  # characters of a source line that are shown


_ACTING = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""Characters that act on a terminal, break a line or turn the direction of writing."""


def visible(text: str) -> str:
    """Text on one line, with the codes of the characters that would act on a terminal."""
    return _ACTING.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


class GtmsimError(Exception):
    """Base of everything gtmsim raises on purpose."""


@dataclass(frozen=True)
class Place:
    """Where something stands: file, 1-based line and column, and the text of that line.

    On line 0 the file is the whole of it, such as an option of the command line.
    """

    file: str
    line: int
    column: int
    text: str = ""
    length: int = 1

    def __str__(self) -> str:
        """``file:line:column``, as editors and terminals link it."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    @property
    def excerpt(self) -> tuple[str, str]:
        """The line, printable and no longer than a terminal's, and the carets to print below."""
        before = max(0, self.column - 1 - _WIDTH // 2) if len(self.text) > _WIDTH else 0
        shown = self.text[before : before + _WIDTH]
        start = self.column - 1 - before
        carets = max(1, min(self.length, len(shown) - start))
        printable = "".join(char if char.isprintable() else " " for char in shown)
        return printable, " " * start + "^" * carets


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a scenario: where, what, and what to do next."""

    path: str
    message: str
    place: Place | None = None
    hint: str = ""

    def __str__(self) -> str:
        """Where and what on one line, then the source line with a caret, then the hint."""
        where = f"{self.place}: " if self.place else ""
        lines = [visible(f"{where}{self.path + ' ' if self.path else ''}{self.message}")]
        if self.place and self.place.text:
            lines += [f"    {line}" for line in self.place.excerpt]
        if self.hint:
            lines.append(f"    {visible(self.hint)}")
        return "\n".join(lines)


class ScenarioError(GtmsimError):
    """A scenario that cannot be run; carries every problem found."""

    def __init__(self, problems: tuple[Problem, ...] | list[Problem], more: int = 0):
        self.problems = tuple(problems)
        self.more = more
        """Problems that are counted and not told: there were too many."""
        count = len(self.problems) + more
        noun = "problem" if count == 1 else "problems"
        first = f", of which the first {len(self.problems):,}" if more else ""
        lines = [*(str(p) for p in self.problems), f"{count:,} {noun}{first}"]
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[type["ScenarioError"], tuple[tuple[Problem, ...], int]]:
        """Travel between processes with the problems."""
        return ScenarioError, (self.problems, self.more)


class ExpressionError(GtmsimError):
    """A text that is no expectation or precision: what is wrong, from where to where in it."""

    def __init__(self, text: str, span: tuple[int, int], message: str, hint: str = ""):
        self.text, self.span, self.message, self.hint = text, span, message, hint
        shown = Place("", 0, span[0] + 1, text, max(1, span[1] - span[0]))
        super().__init__(str(Problem("", message, shown, hint)).removeprefix(": "))

    def problem(self, source: str) -> Problem:
        """Tell it of a text that does not stand in a file, such as an option's value.

        Parameters
        ----------
        source
            What stands before the text, such as ``--precision``.
        """
        start, end = self.span
        text = f"{source} {self.text}"
        place = Place(source, 0, len(source) + start + 2, text, max(1, end - start))
        return Problem("", self.message, place, self.hint)


class CapacityError(GtmsimError):
    """A model that outgrows a limit; the message names the limit and the way out."""


class ResultsError(GtmsimError):
    """Results that cannot be written, read or used."""


class DiskError(ResultsError):
    """A disk that is full, or fails, so that something cannot be written."""


def is_of_disk(error: BaseException) -> bool:
    """Whether it is the disk that went wrong: no other path or permission would help."""
    return isinstance(error, OSError) and error.errno in _DISK


def unwritten(message: str, error: OSError) -> ResultsError:
    """Error of a file that could not be written.

    Parameters
    ----------
    message
        What it says.
    error
        Why it could not be; decides which class it is.
    """
    return DiskError(message) if is_of_disk(error) else ResultsError(message)


class AnalysisError(GtmsimError):
    """An analysis that its samples cannot give."""


class ClusterError(GtmsimError):
    """A cluster that cannot be used; the message says why and what to do."""


class SimulationError(GtmsimError):
    """A simulation that failed."""


class Interrupted(SimulationError):  # noqa: N818  the user's wish, not an error
    """A simulation that the user stopped; nothing of it was saved."""


class OutgrownError(CapacityError, SimulationError):
    """A replication that outgrew what an engine or a file can hold; what could not be foreseen."""
