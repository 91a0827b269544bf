"""Motions that a price cannot carry are warned of, with their place."""

import pytest

from gtmsim.scenario.checks.misfits import typical
from gtmsim.scenario.distributions import read_distribution
from gtmsim.scenario.kinds import MONEY
from tests.scenario.plans import PLAN, edited, warnings_of, write

CSM = "\n[segments.smb.csm]\nteam = 'cs'\naccounts_per_rep = 40\n"
CS = "\n[teams.cs]\nfunction = 'success'\nreps = 1\nbase_per_year = '80k'\n"
STAGES = "".join(
    f"[motions.self_service.stages.s{n}]\nwin_rate = 0.5\nteam = 'ae'\n" for n in range(4)
)


def told(tmp_path, text):
    return [(w.path, w.message, w.place) for w in warnings_of(write(tmp_path, text))]


def priced(price, text=PLAN):
    return text.replace('{ median = "2.4k", p90 = "6k" }', price)


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        (
            priced('"15k"', PLAN + STAGES),
            "segments.smb.motion",
            "is an enterprise process at a list price of about 15,000 a year",
        ),
        (
            priced('"15k"', edited(("patience_days = 20", "touches = 5"))),
            "segments.smb.motion",
            "is an enterprise process",
        ),
        (
            priced('"2k"'),
            "segments.smb.motion",
            "has human touches at a list price of about 2,000 a year",
        ),
        (
            priced('"3k"', PLAN + CSM + CS),
            "segments.smb.csm",
            "has CSMs for accounts at a list price of about 3,000 a year",
        ),
        (
            priced('"5k"', PLAN + "\n[segments.smb.onboarding]\ncost = '4.6k'\n"
                           "[segments.smb.payments]\nfails = 0\n")
            .replace("churn_per_year", "cogs_share = 0.1\nchurn_per_year"),
            "segments.smb",
            "costs about 5,100 to deliver at a list price of about 5,000 a year",
        ),
        (
            priced('"120k"'),
            "segments.smb.contracts.monthly.term_months",
            "is month to month for enterprise customers",
        ),
        (
            priced('"20k"').replace("motion =", 'profile = "enterprise"\nmotion ='),
            "segments.smb.contracts.monthly.term_months",
            "is month to month",
        ),
    ],
)  # fmt: skip
def test_a_motion_that_does_not_go_with_its_price_is_a_warning(tmp_path, text, path, message):
    ((found, said, place),) = told(tmp_path, text)
    assert found == path
    assert message in said
    assert place is not None


@pytest.mark.parametrize(
    "text",
    [
        priced('"15.1k"', PLAN + STAGES),
        priced('"2.1k"'),
        priced('"3.1k"', PLAN + CSM + CS),
        priced('"99k"'),
        priced('"120k"').replace("motion =", 'profile = "mid_market"\nmotion ='),
    ],
)
def test_just_beside_there_is_no_warning(tmp_path, text):
    assert told(tmp_path, text) == []


@pytest.mark.parametrize(
    ("table", "middle"),
    [
        ({"median": 10.0, "p90": 30.0}, 10.0),
        ({"mean": 12.0, "sd": 3.0}, 12.0),
        ({"p10": 4.0, "p90": 9.0}, 6.0),
        ({"family": "uniform", "low": 4.0, "high": 9.0}, 6.0),
        ({"family": "uniform", "low": 0.0, "high": 9.0}, 4.5),
        ({"median": {"p10": 4.0, "p90": 9.0}, "p90": 30.0}, 6.0),
        ({"family": "weibull", "shape": 2.0, "scale": 9.0}, None),
    ],
)
def test_the_middle_of_a_number_is_its_median_mean_or_between_its_quantiles(table, middle):
    assert typical(read_distribution(table, MONEY, varies=True)) == middle
    assert typical(7.0) == 7.0
