"""The scenario that is kept with the results is the one that was simulated."""

from pathlib import Path

import pytest

from gtmsim.results.scenario_text import scenario_hash, scenario_text
from gtmsim.scenario import load_scenario
from gtmsim.scenario.models import Scenario
from tests.scenarios.shipped import SCENARIOS

UNUSUAL = """
[scenario]
name = "A \\"quoted\\" plan, é"
start = 2026-01-01
months = 12

[company]
cash = "1M"

[segments.smb]
motion = "self_service"
acv = { median = { p10 = "1k", p90 = "2k" }, p90 = "9k", min = 100, max = "20k" }
churn_per_year = { mean = { mean = 0.3, sd = 0.05 }, concentration = 4 }
contracts.monthly = { share = 1, term_months = 1, billing = "monthly", payment_days = 0 }

[motions.self_service.stages.trial]
win_rate = { family = "beta", alpha = 3, beta = 20 }
days = { family = "weibull", shape = 1.5, scale = "14d" }

[channels.search]
segments = { smb = 1.0 }
organic_per_month = { family = "triangular", low = 10, mode = 20, high = 60 }
spend_per_month = { pre_pmf = "1k", scaling = "10k" }
cost_per_lead = { choices = ["1k", 2], weights = [1, 3] }
growth_per_year = { choices = [0.1, "-5%"] }
events.launch = { month = 2, leads = 50 }
"""


@pytest.fixture(params=SCENARIOS, ids=lambda path: path.stem)
def shipped(request) -> Scenario:
    return load_scenario(request.param)


def _read_again(scenario: Scenario, folder: Path) -> Scenario:
    path = folder / "again.toml"
    path.write_text(scenario_text(scenario), encoding="utf-8")
    return load_scenario(path)


def test_reading_the_text_of_a_shipped_scenario_gives_an_equal_scenario(shipped, tmp_path):
    assert _read_again(shipped, tmp_path) == shipped


def test_reading_the_text_gives_an_equal_scenario_whatever_distributions_it_uses(tmp_path):
    path = tmp_path / "unusual.toml"
    path.write_text(UNUSUAL, encoding="utf-8")
    scenario = load_scenario(path)
    assert _read_again(scenario, tmp_path) == scenario


def test_an_override_is_in_the_text(tmp_path):
    path = tmp_path / "unusual.toml"
    path.write_text(UNUSUAL, encoding="utf-8")
    scenario = load_scenario(path, ["scenario.months=7", "segments.smb.opens.month=3"])
    assert "months = 7" in scenario_text(scenario)
    assert _read_again(scenario, tmp_path).segments["smb"].opens.month == 3


def test_the_hash_is_of_what_is_said_and_not_of_how(tmp_path):
    def hash_of(name, text, overrides=()):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return scenario_hash(scenario_text(load_scenario(path, overrides)))

    base = hash_of("base.toml", UNUSUAL)
    assert len(base) == 64
    assert hash_of("again.toml", UNUSUAL.replace('cash = "1M"', "cash = 1_000_000  # seed")) == base
    assert hash_of("over.toml", 'extends = "base.toml"') == base
    assert hash_of("other.toml", UNUSUAL, ["company.cash=2M"]) != base
