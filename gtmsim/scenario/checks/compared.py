"""Files that expectations compare with."""

from collections.abc import Iterator

from gtmsim.expressions import parse_expectation
from gtmsim.expressions.tree import Word, differences
from gtmsim.scenario.document import Document
from gtmsim.scenario.files import beside, is_there, similar_file
from gtmsim.scenario.findings import Finding
from gtmsim.scenario.literals import Fault
from gtmsim.scenario.models import Scenario


def missing_files(scenario: Scenario, document: Document) -> Iterator[Finding]:
    """Tell files that expectations compare with and that are not there."""
    listing = listing_file(document)
    for number, expected in enumerate(scenario.expect):
        for difference in differences(parse_expectation(expected.that)):
            if fault := missing_file(difference.file, listing):
                path = ("expect", number, "that")
                yield Finding(path, fault.message, fault.hint, span=fault.span)


def missing_file(named: Word, listing: str) -> Fault | None:
    """Tell that a file is not there, beside the one that names it."""
    path = beside(listing, named.text)
    if is_there(path):
        return None
    return Fault(f"compares with {path}, which is not there", similar_file(path), span=named.span)


def listing_file(document: Document) -> str:
    """File that lists the expectations; the scenario's own if an override does."""
    listed = document.place(("expect",))
    return listed.file if listed.line else document.files[0]
