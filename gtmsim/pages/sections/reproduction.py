"""How to make the same numbers again: of a run."""

from collections.abc import Iterator

from gtmsim.pages.page import Section
from gtmsim.pages.reading import Read
from gtmsim.pages.reproducing import reproduction
from gtmsim.results.store import SCENARIO_FILE


def section(read: Read) -> Section:
    """Show the command, and everything that decides the numbers."""
    return reproduction("plan and seed", _command(read), _facts(read))


def _command(read: Read) -> list[str]:
    about = read.results.attrs
    return [
        *("gtmsim", "run", read.origin.source or SCENARIO_FILE),
        *("--draws", str(about["draws"]), "--replications", str(about["replications"])),
        *("--seed", str(about["seed"])),
        *(word for change in read.answer.overrides for word in ("--set", change)),
    ]


def _facts(read: Read) -> Iterator[tuple[str, str]]:
    about = read.results.attrs
    yield "scenario", read.origin.source or f"{SCENARIO_FILE} beside the results"
    yield "its hash", str(about["scenario_hash"])
    yield "seed", str(about["seed"])
    yield "futures", read.answer.computed["futures"]
    yield "months", read.answer.computed["months"]
    yield "engine", read.answer.computed["engine"]
    yield "libraries", str(about["libraries"])
