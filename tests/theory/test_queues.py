"""A team of c sellers with exponential work is M/M/c: Erlang's formulas hold."""

import numpy as np
import pytest

from gtmsim.engines.compiled import trace
from gtmsim.plan import compile_plan, draw_inputs, fill_values
from gtmsim.scenario.models import Scenario
from gtmsim.vocabulary import DAYS_PER_MONTH, TICKS_PER_MONTH, EventKind, TeamAccount
from tests.theory.closed_forms import erlang_c, mean_wait, z_score
from tests.theory.worlds import play, world

SELLERS, ARRIVALS, SERVICE = 6, 10.0, 0.5
WARM_UP, MONTHS, REPLICATIONS = 60, 300, 60


def sellers_world(**changes) -> dict:
    """Leads that go straight to a team of ``SELLERS`` with exponential work."""
    return world(
        MONTHS,
        channels__web__organic_per_month=ARRIVALS,
        motions__self_service__stages={
            "demo": {
                "team": "ae",
                "win_rate": 0.3,
                "days": {"family": "exponential", "mean": SERVICE * DAYS_PER_MONTH},
            }
        },
        teams={"ae": {"function": "sales", "reps": SELLERS, "base_per_year": 0}},
        **changes,
    )


@pytest.fixture(scope="module")
def team_books():
    """Book of the team after the warm-up, axes [replication, month, account]."""
    return play(sellers_world(), REPLICATIONS).team[0, :, WARM_UP:, 0]


def waits(books) -> np.ndarray:
    """Mean wait of each replication, months."""
    waited = books[..., TeamAccount.WAITED_TICKS].sum(axis=1) / TICKS_PER_MONTH
    return waited / books[..., TeamAccount.GRANTS].sum(axis=1)


def test_mean_wait_is_erlang_c(team_books):
    expected = mean_wait(SELLERS, ARRIVALS, SERVICE)
    assert abs(z_score(waits(team_books), expected)) < 4


def test_a_wrong_number_of_sellers_is_seen(team_books):
    wrong = mean_wait(SELLERS + 1, ARRIVALS, SERVICE)
    assert abs(z_score(waits(team_books), wrong)) > 8


def test_waiting_and_waits_obey_littles_law(team_books):
    arrivals = team_books[..., TeamAccount.REQUESTS].mean(axis=1)
    queue = team_books[..., TeamAccount.WAITING].mean(axis=1)
    assert abs(z_score(queue - arrivals * waits(team_books), 0.0)) < 4


def test_queue_at_month_ends_is_erlang_c(team_books):
    queue = team_books[..., TeamAccount.WAITING].mean(axis=1)
    assert abs(z_score(queue, ARRIVALS * mean_wait(SELLERS, ARRIVALS, SERVICE))) < 4


def test_share_who_wait_is_erlang_c():
    plan = compile_plan(Scenario.model_validate(sellers_world(), strict=False))
    (values,) = fill_values(plan, draw_inputs(plan, 1, range(1)))
    shares = []
    for replication in range(30):
        _, ledger = trace(plan, values, 1, 0, replication)
        grants = ledger[(ledger["kind"] == EventKind.GRANTED) & (ledger["time"] > WARM_UP)]
        shares.append((grants["amount"] > 0).mean())
    assert abs(z_score(shares, erlang_c(SELLERS, ARRIVALS * SERVICE))) < 4
    assert abs(z_score(shares, erlang_c(SELLERS + 1, ARRIVALS * SERVICE))) > 8


def test_worked_time_is_the_load_offered(team_books):
    worked = team_books[..., TeamAccount.WORKED_TICKS].mean(axis=1) / TICKS_PER_MONTH
    assert abs(z_score(worked, ARRIVALS * SERVICE)) < 4


def test_impatient_leads_are_lost_as_in_erlang_b():
    """With no patience at all the team is a loss system: M/M/c/c."""
    changes = {"motions__self_service__stages__demo__patience_days": 0.0}
    books = play(sellers_world(**changes), 20).team[0, :, WARM_UP:, 0]
    load = ARRIVALS * SERVICE
    terms = np.cumprod([1.0] + [load / k for k in range(1, SELLERS + 1)])
    lost = books[..., TeamAccount.EXPIRED].sum(1) / books[..., TeamAccount.REQUESTS].sum(1)
    assert abs(z_score(lost, terms[-1] / terms.sum())) < 4
