"""A small plan as text, and what the tests ask of its problems."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from gtmsim.errors import Problem, ScenarioError
from gtmsim.scenario import Document, load_document, read_scenario, scenario_warnings

PLAN = """\
[scenario]
name = "A plan"
start = 2026-01-01
months = 24
currency = "EUR"

[company]
cash = "1M"

[segments.smb]
motion = "self_service"
acv = { median = "2.4k", p90 = "6k" }
churn_per_year = 0.3

[segments.smb.contracts.monthly]
share = 0.6
term_months = 1
billing = "monthly"

[segments.smb.contracts.annual]
share = 0.4
term_months = 12

[motions.self_service.stages.trial]
win_rate = 0.2

[motions.self_service.stages.call]
win_rate = 0.5
team = "ae"
patience_days = 20

[teams.ae]
function = "sales"
reps = 2
base_per_year = "90k"

[channels.web]
segments = { smb = 1.0 }
organic_per_month = 50

[targets.solvent]
metric = "cash"
at_least = 0
always = true
"""


def write(folder: Path, text: str, name: str = "plan.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def edited(*edits: tuple[str, str]) -> str:
    """The plan with texts replaced; each must occur."""
    text = PLAN
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def problems_of(path: Path, overrides: Sequence[str] = ()) -> tuple[Problem, ...]:
    with pytest.raises(ScenarioError) as caught:
        read_scenario(load_document(path, overrides))
    return caught.value.problems


def problem_of(path: Path, overrides: Sequence[str] = ()) -> Problem:
    """The only problem."""
    problems = problems_of(path, overrides)
    assert len(problems) == 1, "\n".join(map(str, problems))
    return problems[0]


def warnings_of(path: Path) -> tuple[Problem, ...]:
    document: Document = load_document(path)
    return scenario_warnings(read_scenario(document), document)


def pointed_at(problem: Problem) -> str:
    """What the carets are under."""
    assert problem.place is not None
    line, carets = problem.place.excerpt
    return "".join(char for char, mark in zip(line, carets, strict=False) if mark == "^")
