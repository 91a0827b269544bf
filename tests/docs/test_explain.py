"""The figures of the worked examples in docs/explain.md are computed from their scenario.

The published ones come from their own formulas, which are not the standard definitions.
"""

import re
from pathlib import Path

import pytest

from gtmsim.analysis.explaining import explain
from gtmsim.metrics import formulas
from gtmsim.scenario import load_scenario
from gtmsim.scenario.models import Verdicts
from gtmsim.scenario.profiles import PROFILES, Ruler, bounds_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explain.md").read_text(encoding="utf-8")
FILE = ROOT / "scenarios" / "playbook_examples.toml"
PER_ATTEMPT = [
    'motions.sales_assisted.order=["deal","pql"]',
    'motions.field_sales.order=["cycle","prospect"]',
]
QUOTED = {"CAC as published": {"mid_market": 4_000.0}}
"""What follows from the inputs by no formula."""


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def figures(label: str) -> list[float]:
    """Numbers of a row of the page's tables."""
    (row,) = (line for line in PAGE.splitlines() if line.startswith(f"| {label} |"))
    return [float(re.sub(r"[,%k]", "", cell)) for cell in cells(row)[1:]]


def published() -> dict[str, list[float]]:
    """Figures by the playbook's own formulas: on revenue, attempts free, expansion once."""
    scenario = load_scenario(FILE)
    made: dict[str, list[float]] = {}
    for name, segment in scenario.segments.items():
        (channel,) = (c for c in scenario.channels.values() if name in c.segments)
        stages = list(scenario.motions[segment.motion].stages.values())
        cost = channel.cost_per_lead + sum(stage.cost for stage in stages)
        is_self_service = len(stages) == 1
        cac = cost / stages[0].win_rate if is_self_service else cost
        cac = QUOTED["CAC as published"].get(name, cac)
        expansion = next(iter(segment.contracts.values())).uplift
        lifetime = 1.0 / segment.churn_per_year
        ltv = segment.acv * lifetime * (1.0 + expansion)
        for label, figure in (
            ("CAC as published", cac),
            ("payback as published, months of revenue", cac / (segment.acv / 12)),
            ("LTV as published", ltv),
            ("LTV:CAC as published", ltv / cac),
        ):
            made.setdefault(label, []).append(figure)
    return made


def standard() -> dict[str, list[float]]:
    """Figures by the standard definitions."""
    made: dict[str, list[float]] = {}
    per_attempt = explain(load_scenario(FILE, PER_ATTEMPT), draws=1).segments
    for one, dearer in zip(explain(load_scenario(FILE), draws=1).segments, per_attempt,
                           strict=True):  # fmt: skip
        now = one.at_means
        life = 1.0 / now.churn_per_year
        fixed = formulas.fixed_life_value(now.acv, now.gross_margin, life, now.expansion_per_year)
        for label, figure in (
            ("CAC by the inputs", now.cac),
            ("CAC if sales is paid per attempt", dearer.at_means.cac),
            ("gross-margin payback", now.payback_months),
            ("gross-margin payback if sales is paid per attempt", dearer.at_means.payback_months),
            ("gross-profit LTV, nobody leaves within the lifetime", fixed),
            ("gross-profit LTV, ARPA x margin / churn", now.ltv),
            ("LTV:CAC, nobody leaves within the lifetime", fixed / now.cac),
            ("LTV:CAC, ARPA x margin / churn", now.ltv_to_cac),
        ):
            made.setdefault(label, []).append(float(figure[0]))
    return made


@pytest.mark.parametrize("computed", [published, standard])
def test_the_worked_examples_of_the_page_are_what_their_formulas_give(computed):
    for label, expected in computed().items():
        for found, figure in zip(figures(label), expected, strict=True):
            assert abs(found - figure) <= 0.5 * 10.0 ** -decimals(label), label


def decimals(label: str) -> int:
    """Decimals that a row of the page shows."""
    (row,) = (line for line in PAGE.splitlines() if line.startswith(f"| {label} |"))
    return max(len(cell.partition(".")[2]) for cell in cells(row)[1:])


def test_the_page_has_no_other_figure_of_the_worked_examples():
    table = PAGE.split("| CAC as published")[1].split("\n\n")[0]
    labels = {cells(line)[0] for line in f"| CAC as published{table}".splitlines()}
    assert labels == set(published()) | set(standard())


LIMITS = {
    "*playbook*: CAC, at most": (Ruler.PLAYBOOK, "cac"),
    "CAC / ACV, at most": (Ruler.PLAYBOOK, "cac_to_acv"),
    "CAC payback, months, at most": (Ruler.PLAYBOOK, "payback_months"),
    "LTV:CAC, at least": (Ruler.PLAYBOOK, "ltv_to_cac"),
    "churn a year, at most": (Ruler.PLAYBOOK, "churn_per_year"),
    "*benchmark*: CAC payback, months, at most (Optifai 2025)": (
        Ruler.BENCHMARK,
        "payback_months",
    ),
    "churn a year, at most (T. Tunguz)": (Ruler.BENCHMARK, "churn_per_year"),
    "gross margin, at least (KeyBanc 2024)": (Ruler.BENCHMARK, "gross_margin"),
    "CAC ratio, at most (Benchmarkit 2025)": (Ruler.BENCHMARK, "cac_ratio"),
    "NRR, at least (a survey; SaaS Capital 2023)": (Ruler.BENCHMARK, "nrr"),
}


@pytest.mark.parametrize("label", LIMITS)
def test_the_limits_of_the_page_are_those_that_segments_are_judged_by(label):
    ruler, measure = LIMITS[label]
    (row,) = (line for line in PAGE.splitlines() if line.startswith(f"| {label} |"))
    scales = {"k": 1e3, "%": 0.01}
    found = [
        float(re.sub(r"[ k%]", "", cell)) * scales.get(cell[-1], 1.0) for cell in cells(row)[1:]
    ]
    limits = [bounds_of(Verdicts(), p, ruler)[measure].healthy for p in PROFILES]
    assert found == pytest.approx(limits)
