"""How to make the same numbers again."""

from collections.abc import Iterator
from shlex import quote

from gtmsim.errors import visible
from gtmsim.pages.page import Code, Facts, Section
from gtmsim.pages.reading import Read
from gtmsim.results.store import SCENARIO_FILE


def section(read: Read) -> Section:
    """Show the command, and everything that decides the numbers."""
    text = ("The same plan and seed give the same numbers, on any machine and with any workers.",)
    blocks = Code((_command(read),)), Facts(tuple(_facts(read)))
    return Section("reproduction", "How to reproduce it", text, blocks)


def _command(read: Read) -> str:
    about = read.results.attrs
    words = [
        *("gtmsim", "run", read.origin.source or SCENARIO_FILE),
        *("--draws", str(about["draws"]), "--replications", str(about["replications"])),
        *("--seed", str(about["seed"])),
        *(word for change in read.answer.overrides for word in ("--set", change)),
    ]
    return " ".join(quote(visible(word)) for word in words)


def _facts(read: Read) -> Iterator[tuple[str, str]]:
    about = read.results.attrs
    yield "scenario", read.origin.source or f"{SCENARIO_FILE} beside the results"
    yield "its hash", str(about["scenario_hash"])
    yield "seed", str(about["seed"])
    yield "futures", read.answer.computed["futures"]
    yield "months", read.answer.computed["months"]
    yield "engine", read.answer.computed["engine"]
    yield "libraries", str(about["libraries"])
