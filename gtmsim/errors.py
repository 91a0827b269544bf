"""The exceptions of gtmsim.

GtmsimError
├── ScenarioError          a scenario that cannot be run: every problem, with its place
├── CapacityError          a model that outgrows a limit of the engine or the keys
├── ResultsError           results that cannot be written, read or used
└── SimulationError        a simulation that failed or was stopped
    └── Interrupted        stopped by the user
"""

from dataclasses import dataclass


class GtmsimError(Exception):
    """Base of everything gtmsim raises on purpose."""


@dataclass(frozen=True)
class Place:
    """Where something stands: file, 1-based line and column, and the text of that line."""

    file: str
    line: int
    column: int
    text: str = ""
    length: int = 1

    def __str__(self) -> str:
        """``file:line:column``, as editors and terminals link it."""
        return f"{self.file}:{self.line}:{self.column}"


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
        lines = [f"{where}{self.path + ' ' if self.path else ''}{self.message}"]
        if self.place and self.place.text:
            caret = " " * (self.place.column - 1) + "^" * max(1, self.place.length)
            lines += [f"    {self.place.text}", f"    {caret}"]
        if self.hint:
            lines.append(f"    {self.hint}")
        return "\n".join(lines)


class ScenarioError(GtmsimError):
    """A scenario that cannot be run; carries every problem found."""

    def __init__(self, problems: tuple[Problem, ...] | list[Problem]):
        self.problems = tuple(problems)
        count = len(self.problems)
        noun = "problem" if count == 1 else "problems"
        super().__init__("\n".join([*(str(p) for p in self.problems), f"{count} {noun}"]))


class CapacityError(GtmsimError):
    """A model that outgrows a limit; the message names the limit and the way out."""


class ResultsError(GtmsimError):
    """Results that cannot be written, read or used."""


class SimulationError(GtmsimError):
    """A simulation that failed."""


class Interrupted(SimulationError):
    """A simulation that the user stopped; nothing of it was saved."""
