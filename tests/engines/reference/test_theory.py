"""Small companies against what theory says of them; tolerances of four standard errors."""

from math import exp, factorial, sqrt

import numpy as np
import pytest

from gtmsim.draws.keys import MAX_PLACES
from gtmsim.vocabulary import EventKind, SegmentAccount
from tests.engines.reference.companies import MONTH, company, story_of

N_ERRORS = 4.0


def test_leads_are_a_poisson_process():
    channel = {"segments": {"smb": 1.0}, "organic_per_month": 13}
    story = story_of(company(scenario__months=240, channels__web=channel))
    leads = np.array(story.by_month(SegmentAccount.LEADS))
    assert abs(leads.mean() - 13) < N_ERRORS * sqrt(13 / 240)
    # the sample variance of a Poisson count has variance near 2 mean ** 2 / n
    assert abs(leads.var(ddof=1) - 13) < N_ERRORS * 13 * sqrt(2 / 240)


def test_a_funnel_is_binomial():
    stages = {"first": {"win_rate": 0.3, "days": 9}, "second": {"win_rate": 0.5, "days": 20}}
    tables = company(
        motions__direct={"stages": stages},
        company__opening__pipeline={"smb": {"first": 2_000}},
    )
    wins = len(story_of(tables).times(EventKind.WON))
    assert abs(wins - 300) < N_ERRORS * sqrt(2_000 * 0.15 * 0.85)


def test_retention_of_customers_who_differ_is_shifted_beta_geometric():
    # Fader and Hardie: alpha .668, beta 3.806 leave .378 of a cohort after 12 periods
    tables = company(
        scenario__months=146,
        company__opening__pipeline={"smb": {"close": 2_000}},
        motions__direct__stages__close__days=0,
        segments__smb__churn_per_year={"alpha": 0.668, "beta": 3.806},
    )
    left = story_of(tables).by_month(SegmentAccount.CLOSING_CUSTOMERS)[145]
    assert abs(left / 2_000 - 0.378) < N_ERRORS * sqrt(0.378 * 0.622 / 2_000)


def test_a_constant_churn_gives_a_geometric_lifetime():
    tables = company(
        scenario__months=61,
        company__opening__pipeline={"smb": {"close": 1_500}},
        motions__direct__stages__close__days=0,
        segments__smb__churn_per_year=0.2,
    )
    left = story_of(tables).by_month(SegmentAccount.CLOSING_CUSTOMERS)[60]
    p = 0.8**5
    assert abs(left / 1_500 - p) < N_ERRORS * sqrt(p * (1 - p) / 1_500)


def test_expansion_triggers_are_a_poisson_process_of_the_customer():
    tables = company(
        scenario__months=24,
        company__opening__customers={"smb": {"count": 300, "age_months": 1}},
        segments__smb__expansion={"seats": {"per_year": 3.0, "win_rate": 0.0, "uplift": 0.1}},
    )
    triggers = story_of(tables).total(SegmentAccount.EXPANSION_TRIGGERS)
    assert abs(triggers - 1_800) < N_ERRORS * sqrt(1_800)


@pytest.mark.parametrize("reps", [1, 3])
def test_a_team_is_an_erlang_c_queue(reps):
    load = 0.7 * reps  # Erlangs: arrivals a month x a month's mean work
    stage = {"win_rate": 0.0, "team": "ae", "days": {"family": "exponential", "mean": MONTH}}
    tables = company(
        scenario__months=600,
        channels__web={"segments": {"smb": 1.0}, "organic_per_month": 10 * load},
        motions__direct={
            "stages": {"work": stage | {"days": stage["days"] | {"mean": MONTH / 10}}}
        },
        teams__ae={"function": "sales", "reps": reps, "open_deals": 1, "base_per_year": 0},
    )
    story = story_of(tables)
    waited = story.entries(EventKind.GRANTED)["amount"][200:] / 2**20
    head = sum(load**n / factorial(n) for n in range(reps))
    tail = load**reps / factorial(reps) * reps / (reps - load)
    p_wait = tail / (head + tail)
    mean_wait = p_wait / (10 * (reps - load))
    # waits of neighbours are alike: errors from means of 40 batches
    batches = waited[: len(waited) // 40 * 40].reshape(40, -1)
    for measured, expected in ((batches > 0, p_wait), (batches, mean_wait)):
        means = measured.mean(axis=1)
        error = means.std(ddof=1) / sqrt(40)
        assert abs(means.mean() - expected) < N_ERRORS * error
        assert error < 0.15 * expected


def test_waiting_ends_where_patience_says():
    # nobody works: every entry waits for its exponential patience and is then gone
    stage = {
        "win_rate": 1.0,
        "team": "ae",
        "patience_days": {"family": "exponential", "mean": MONTH},
    }
    tables = company(
        company__opening__pipeline={"smb": {"close": 1_500}},
        motions__direct={"stages": {"close": stage}},
        teams__ae={"function": "sales", "base_per_year": 0},
    )
    gone = np.array(story_of(tables).times(EventKind.EXPIRED))
    p = 1 - exp(-1)
    assert abs((gone < 1).mean() - p) < N_ERRORS * sqrt(p * (1 - p) / 1_500)
    assert MAX_PLACES > 1_500
