"""The scenario language: from TOML files to a frozen, checked Scenario.

``load_document`` lays the file, what it extends and the overrides over each other;
``read_scenario`` turns that into a Scenario or tells every problem; ``load_scenario`` does both.
"""

from gtmsim.scenario.document import Document, load_document
from gtmsim.scenario.loading import (
    check_scenario,
    load_scenario,
    read_scenario,
    scenario_warnings,
)
from gtmsim.scenario.models import Scenario

__all__ = [
    "Document",
    "Scenario",
    "check_scenario",
    "load_document",
    "load_scenario",
    "read_scenario",
    "scenario_warnings",
]
