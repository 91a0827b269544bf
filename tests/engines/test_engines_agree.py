"""Both engines do the same: every event and every amount, to the bit.

The reference engine is the model's executable specification, the compiled engine what users run;
they share draws, formulas and the boundary's policy, and no other logic.
"""

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from gtmsim.engines.block import LEDGER_DTYPE
from gtmsim.plan import compile_plan
from gtmsim.scenario import load_scenario
from gtmsim.scenario.loading import check_scenario
from gtmsim.scenario.models import Scenario
from gtmsim.vocabulary import CompanyAccount, EventKind
from tests.engines.agreement import assert_engines_agree, ledger_differences
from tests.engines.features import all_features, features_of
from tests.engines.generated import Tables, scenarios
from tests.scenarios.shipped import shipped
from tests.theory.worlds import world

SCENARIOS = shipped()
GENERATED = settings(
    max_examples=50,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),  # scenarios are large examples
)
FEWEST_BATCHES = 5
MOST_BATCHES = 16
"""Batches of generated scenarios: as many as it takes until every feature has occurred."""


def test_engines_agree_on_generated_scenarios_that_use_every_feature():
    used: set[str] = set()
    kinds: set[int] = set()

    def agree(tables: Tables) -> None:
        scenario = Scenario.model_validate(tables)
        check_scenario(scenario)
        _, ledger = assert_engines_agree(compile_plan(scenario), seed=3)
        kinds.update(ledger["kind"].tolist())
        used.update(features_of(scenario))

    for batch in range(MOST_BATCHES):  # the same scenarios every time
        seed(batch)(GENERATED(given(scenarios())(agree)))()
        if batch + 1 >= FEWEST_BATCHES and used == all_features() and kinds == set(EventKind):
            return
    assert used == all_features()
    assert kinds == set(EventKind)


@pytest.mark.parametrize("path", SCENARIOS)
def test_engines_agree_on_the_shipped_scenarios(path):
    plan = compile_plan(load_scenario(path, ["scenario.months=18"]))
    for draw, replication in ((0, 0), (1, 2)):
        assert_engines_agree(plan, 7, draw, replication)


@pytest.mark.parametrize("path", shipped(quick=("market", "stage_gated")))
def test_engines_agree_on_the_shipped_scenarios_to_their_end(path):
    """With money enough: all stages are reached, segments open, contracts of years renew."""
    plan = compile_plan(load_scenario(path, ["company.cash=1B"]))
    books, _ = assert_engines_agree(plan, 7, 2, 0)
    assert not books.company[-1, CompanyAccount.INSOLVENT]


@pytest.mark.parametrize("team", [{}, {"team": "builders"}], ids=["alone", "with a team"])
def test_engines_agree_on_customers_who_move_up_before_they_have_gone_live(team):
    """Their onboarding stays that of the segment that sold."""
    contract = {"share": 1.0, "term_months": 12, "service_starts": "signature"}
    small = {
        "motion": "self_service",
        "acv": 5_000,
        "churn_per_year": 0.2,
        "contracts": {"annual": contract},
        "onboarding": {"days": 100, **team},
        "graduates": {"to": "large", "arr_above": 4_000},
    }
    large = {key: small[key] for key in ("motion", "acv", "churn_per_year", "contracts")}
    tables = world(
        8,
        segments={"smb": small, "large": large},
        teams__builders={"function": "implementation", "reps": 9, "base_per_year": 0},
    )
    scenario = Scenario.model_validate(tables, strict=False)
    _, ledger = assert_engines_agree(compile_plan(scenario), seed=3)
    live = ledger[ledger["kind"] == EventKind.WENT_LIVE]
    moved = ledger[ledger["kind"] == EventKind.GRADUATED]
    assert set(live["entity"].tolist()) & set(moved["entity"].tolist())
    assert set(live["segment"].tolist()) == {0}


def test_a_difference_of_ledgers_is_told_with_the_story_of_its_entity():
    lead = (0.5, EventKind.LEAD, 3, -1, 0, 0, -1, 0)
    lost = (0.75, EventKind.LOST, 3, -1, 0, 0, -1, 0)
    expected, found = np.array([lead, lost], LEDGER_DTYPE), np.array([lead], LEDGER_DTYPE)
    text = "\n".join(ledger_differences(expected, found))
    assert "2 and 1 entries, from entry 1 on" in text
    assert "reference  0.75 LOST" in text
    assert "entity 3 in the compiled engine:\n    0.5 LEAD" in text
    assert list(ledger_differences(expected, expected)) == []
