"""How inputs are drawn: correlated ones, and that none moves another."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from gtmsim.plan import Plan, compile_plan, draw_inputs
from gtmsim.plan.inputs import independent_uniforms, input_uniforms, quantiles
from tests.plan.scenarios import SMALLEST, changed

CASH = "company.cash"
LEADS, GROWTH, COST = (
    f"channels.web.{key}" for key in ("organic_per_month", "growth_per_year", "cost_per_lead")
)
UNCERTAIN: dict[str, Any] = {
    "company__cash": {"p10": 1e6, "p90": 2e6, "max": 2.5e6},
    "channels": {
        "web": {
            "segments": {"smb": 1.0},
            "organic_per_month": {"p10": 10.0, "p90": 40.0},
            "growth_per_year": {"mean": 0.2, "sd": 0.3},
            "cost_per_lead": {"choices": [1.0, 5.0, 20.0]},
        }
    },
}
SEED = 7


def correlated(*pairs: tuple[str, str, float]) -> Plan:
    tables = tuple({"between": (a, b), "spearman": spearman} for a, b, spearman in pairs)
    return compile_plan(changed(SMALLEST, correlations=tables, **UNCERTAIN))


def columns(plan: Plan, n: int = 200) -> dict[str, np.ndarray]:
    inputs = draw_inputs(plan, SEED, range(n))
    return {column.path: inputs[:, k] for k, column in enumerate(plan.inputs)}


def moved(before: Plan, after: Plan) -> set[str]:
    some, others = columns(before), columns(after)
    return {path for path in some if not np.array_equal(some[path], others[path])}


@pytest.mark.parametrize("spearman", [-0.8, -0.3, 0.6, 0.95])
def test_correlated_inputs_have_the_rank_correlation_that_is_given(spearman: float) -> None:
    n = 8_000
    drawn = columns(correlated((CASH, LEADS, spearman), (LEADS, GROWTH, 0.2)), n)

    found = [stats.spearmanr(drawn[LEADS], drawn[other]).statistic for other in (CASH, GROWTH)]

    assert np.abs(np.array(found) - [spearman, 0.2]).max() < 3.0 / np.sqrt(n)


def test_a_correlated_input_keeps_its_own_distribution() -> None:
    plan = correlated((CASH, LEADS, 0.7), (GROWTH, LEADS, -0.4), (GROWTH, COST, 0.5))
    uniforms = input_uniforms([], plan.copula, SEED, range(4_000))
    drawn = columns(plan, 4_000)

    for given in plan.inputs:
        u = uniforms[given.path]
        assert stats.kstest(u, "uniform").pvalue > 1e-4, given.path
        assert np.array_equal(drawn[given.path], quantiles(given, u))


def test_the_first_input_mentioned_keeps_its_luck_and_so_do_inputs_without_a_correlation() -> None:
    assert moved(correlated(), correlated((LEADS, CASH, 0.5))) == {CASH}
    assert moved(correlated(), correlated((CASH, LEADS, 0.5))) == {LEADS}


def test_a_correlation_added_last_moves_only_the_input_it_brings() -> None:
    two = (CASH, LEADS, 0.5), (LEADS, GROWTH, -0.4)

    assert moved(correlated(*two), correlated(*two, (COST, CASH, 0.6))) == {COST}
    assert moved(correlated(*two), correlated(*two, (COST, LEADS, -0.6))) == {COST}


def test_an_input_that_is_correlated_moves_with_its_correlation_a_little() -> None:
    some, others = (
        input_uniforms([], correlated((CASH, LEADS, r)).copula, SEED, range(500))[LEADS]
        for r in (0.5, 0.51)
    )

    assert 0.0 < np.abs(some - others).max() < 0.02


def test_correlated_rows_depend_on_seed_and_draw_alone() -> None:
    plan = correlated((CASH, LEADS, 0.5), (LEADS, GROWTH, -0.4), (GROWTH, COST, 0.6))
    whole = draw_inputs(plan, 3, range(130))

    for part in (range(5), range(20, 30), range(60, 70), range(129, 130)):
        assert np.array_equal(draw_inputs(plan, 3, part), whole[part.start : part.stop])


def test_the_luck_of_an_input_is_made_of_its_path_alone() -> None:
    plan = correlated()
    uniforms = input_uniforms([LEADS, CASH], plan.copula, SEED, range(9))

    assert np.array_equal(uniforms[CASH], independent_uniforms(CASH, SEED, range(9)))
    assert list(uniforms) == [LEADS, CASH]
