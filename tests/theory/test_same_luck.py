"""What the same luck is worth: small changes of a plan show with few draws."""

import numpy as np
import pytest

import gtmsim
from gtmsim.analysis.evaluating import Futures, sample_of
from gtmsim.expressions import parse_quantity
from gtmsim.statistics import paired

SCENARIO = "scenarios/add_midmarket.toml"
LEAST = 20.0
"""Times as many draws that independent runs would need, at the least."""


def sample(output: str, *overrides: str, seed: int = 1) -> np.ndarray:
    scenario = gtmsim.load_scenario(SCENARIO, [*overrides, "company.cash=1B"])
    with gtmsim.simulate(scenario, draws=64, replications=2, seed=seed) as results:
        return sample_of(parse_quantity(output), Futures(results))


MID_MARKET = "arr[end, segment=mid_market]"


@pytest.fixture(scope="module")
def base() -> np.ndarray:
    return sample(MID_MARKET)


@pytest.mark.parametrize(
    "change",
    [
        "teams.ae.reps=1",
        "motions.sales_assisted.stages.demo.win_rate={p10=0.57,p90=0.70}",
        "channels.team_signups.organic_per_month={p10=18.18,p90=50.5}",
    ],
    ids=["one rep more", "two points of win rate", "one per cent of leads"],
)
def test_a_small_change_of_a_segment_needs_a_twentieth_of_the_draws(base, change):
    assert paired.variance_reduction(base, sample(MID_MARKET, change)).value >= LEAST


def test_without_the_same_luck_nothing_is_saved(base):
    other = sample(MID_MARKET, "teams.ae.reps=1", seed=2)
    assert paired.variance_reduction(base, other).value < 2.0


def test_a_segment_that_nothing_couples_does_not_move(base):
    """Organic leads of small customers touch no team, budget or word of mouth of mid-market."""
    change = "channels.organic_search.organic_per_month={p10=99,p90=187}"
    assert (sample(MID_MARKET, change) == base).all()
