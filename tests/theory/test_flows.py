"""Open systems: pipeline and customers as M(t)/G/infinity, sums as compound Poisson."""

import numpy as np
from scipy.stats import norm

from gtmsim.vocabulary import DAYS_PER_MONTH, FunnelAccount, SegmentAccount
from tests.theory.closed_forms import in_service, lognormal, shifted_beta_geometric, z_score
from tests.theory.worlds import play, world

SEASON = [0.5, 0.6, 0.8, 1.0, 1.2, 1.5, 1.6, 1.4, 1.2, 0.9, 0.7, 0.6]
LEADS = 40.0


def seasonal(u: float) -> float:
    """Leads a month at time ``u``."""
    return LEADS * SEASON[int(u) % 12]


def segment(tables: dict, replications: int, account: SegmentAccount) -> np.ndarray:
    """An account of the only segment, axes [replication, month]."""
    return play(tables, replications).segment[0, :, :, 0, account]


def test_open_pipeline_is_a_poisson_with_the_mean_of_m_t_g_infinity():
    median, p90 = 1.5, 4.0
    days = {"median": median * DAYS_PER_MONTH, "p90": p90 * DAYS_PER_MONTH}
    tables = world(
        15,
        channels__web__organic_per_month=LEADS,
        channels__web__seasonality=SEASON,
        motions__self_service__stages={"signup": {"win_rate": 0.3, "days": days}},
    )
    stock = segment(tables, 1500, SegmentAccount.OPEN_OPPORTUNITIES)
    sigma = np.log(p90 / median) / norm.ppf(0.9)

    def still_open(age):
        return norm.sf(np.log(max(age, 1e-300) / median) / sigma)

    for month in (3, 8, 14):
        mean = in_service(seasonal, still_open, month + 1)
        assert abs(z_score(stock[:, month], mean)) < 4
        assert abs(z_score((stock[:, month] - mean) ** 2, mean)) < 4
    assert abs(z_score(stock[:, 14], in_service(lambda u: LEADS, still_open, 15))) > 8


def test_customers_are_m_t_g_infinity_with_geometric_lifetimes():
    churn, win_rate, months = 0.2, 0.25, 60
    tables = world(
        months, channels__web__organic_per_month=LEADS, segments__smb__churn_per_year=churn
    )
    stock = segment(tables, 600, SegmentAccount.CLOSING_CUSTOMERS)

    def active(age):
        return (1 - churn) ** np.floor(age / 12)

    expected = in_service(lambda u: LEADS * win_rate, active, months)
    assert abs(z_score(stock[:, -1], expected)) < 4
    assert abs(z_score((stock[:, -1] - expected) ** 2, expected)) < 4


def test_new_arr_is_compound_poisson():
    tables = world(
        12, channels__web__organic_per_month=LEADS, segments__smb__acv={"median": 1000, "p90": 2500}
    )
    new_arr = segment(tables, 800, SegmentAccount.NEW_ARR).ravel() / 100
    mean, second_moment = lognormal(1000, 2500)
    wins = LEADS * 0.25
    assert abs(z_score(new_arr, wins * mean)) < 4
    assert abs(z_score((new_arr - wins * mean) ** 2, wins * second_moment)) < 4
    assert abs(z_score((new_arr - wins * mean) ** 2, wins * mean**2)) > 8


def test_cohort_of_like_customers_decays_geometrically():
    survivors = opening_survivors({"mean": 0.15}, 6)
    for years in range(1, 7):
        assert abs(z_score(survivors[:, 12 * years] / 500, 0.85**years)) < 4


def test_cohort_that_differs_is_shifted_beta_geometric():
    survivors = opening_survivors({"alpha": 0.668, "beta": 3.806}, 12)
    assert round(shifted_beta_geometric(0.668, 3.806, 12), 3) == 0.378
    for years in (1, 2, 5, 12):
        expected = shifted_beta_geometric(0.668, 3.806, years)
        assert abs(z_score(survivors[:, 12 * years] / 500, expected)) < 4
    constant = (1 - 0.668 / (0.668 + 3.806)) ** 12
    assert abs(z_score(survivors[:, 144] / 500, constant)) > 8


def opening_survivors(churn: dict, years: int) -> np.ndarray:
    """Of 500 newcomers in service since just before the start, those left per month."""
    tables = world(
        12 * years + 1,
        channels__web__organic_per_month=0,
        segments__smb__churn_per_year=churn,
        company__opening={"customers": {"smb": {"count": 500, "age_months": 0}}},
    )
    return segment(tables, 200, SegmentAccount.CLOSING_CUSTOMERS)


def test_opening_survivors_are_those_of_the_cohort_they_come_from():
    """Customers aged k years churn at the rate of a newcomers' cohort in its year k + 1."""
    for age in (1, 3):
        tables = world(
            14,
            channels__web__organic_per_month=0,
            segments__smb__churn_per_year={"alpha": 0.668, "beta": 3.806},
            company__opening={"customers": {"smb": {"count": 500, "age_months": 12 * age + 0.5}}},
        )
        left = segment(tables, 300, SegmentAccount.CLOSING_CUSTOMERS)[:, 12] / 500
        ahead = shifted_beta_geometric(0.668, 3.806, age + 1)
        assert abs(z_score(left, ahead / shifted_beta_geometric(0.668, 3.806, age))) < 4
        assert abs(z_score(left, shifted_beta_geometric(0.668, 3.806, 1))) > 5


def test_funnel_is_binomial():
    rates = {"visit": 0.6, "trial": 0.3, "paid": 0.5}
    tables = world(
        24,
        channels__web__organic_per_month=200,
        motions__self_service__stages={name: {"win_rate": rate} for name, rate in rates.items()},
    )
    funnel = play(tables, 200).funnel[0].sum(axis=1)
    entered = funnel[..., FunnelAccount.ENTERED]
    won = funnel[..., FunnelAccount.WON]
    for row, rate in enumerate(rates.values()):
        spread = np.sqrt(entered[:, row] * rate * (1 - rate))
        scores = (won[:, row] - entered[:, row] * rate) / spread
        assert abs(z_score(scores, 0.0)) < 4
        assert abs(z_score(scores**2, 1.0)) < 4
    assert (entered[:, 1:] == won[:, :-1]).all()


def test_leads_are_poisson_at_the_seasonal_rate():
    tables = world(12, channels__web__organic_per_month=LEADS, channels__web__seasonality=SEASON)
    leads = segment(tables, 800, SegmentAccount.LEADS)
    for month, factor in enumerate(SEASON):
        assert abs(z_score(leads[:, month], LEADS * factor)) < 4
        assert abs(z_score((leads[:, month] - LEADS * factor) ** 2, LEADS * factor)) < 4
