"""Results: labelled arrays, and the folder they are kept in."""

from gtmsim.results.layout import Layout, expected_size, layout
from gtmsim.results.provenance import Provenance
from gtmsim.results.store import (
    open_results,
    publish,
    results_file,
    staging,
    write_scenario,
    write_summary,
)

__all__ = [
    "Layout",
    "Provenance",
    "expected_size",
    "layout",
    "open_results",
    "publish",
    "results_file",
    "staging",
    "write_scenario",
    "write_summary",
]
