"""The month in which a waiting segment opens, against the metrics of the same books."""

import numpy as np

from gtmsim.metrics import acquisition, profit, revenue
from gtmsim.metrics.labels import company
from gtmsim.scenario.models import Scenario
from gtmsim.simulation import simulate
from tests.theory.worlds import world

MONTHS, HEALTHY, RUNWAY = 40, 3, 24
LIMITS = {"cac": 280, "cac_to_acv": 0.205, "payback_months": 3.2, "churn_per_year": 0.32}


def company_that_waits() -> Scenario:
    """Two segments share costs; the second waits for the first and for cash."""
    tables = world(
        months=MONTHS,
        company__cash=45_000,
        company__opening={"customers": {"smb": {"count": 30}}},
        segments__smb__acv={"median": 1000, "p90": 2500},
        segments__smb__churn_per_year=0.3,
        segments__smb__cogs_share=0.2,
        segments__smb__contracts={
            "monthly": {"share": 1.0, "term_months": 1, "billing": "monthly"}
        },
        channels__web={
            "segments": {"smb": 0.8, "mid": 0.2},
            "organic_per_month": 12,
            "spend_per_month": 500,
        },
        costs={
            "brand": {"function": "marketing", "per_month": 300},
            "help": {"function": "support", "per_month": 200},
            "product": {"function": "product", "per_month": 3500},
        },
        verdicts={"smb": {"playbook": LIMITS}},
    )
    tables["segments"]["mid"] = {
        **tables["segments"]["smb"],
        "acv": 6000,
        "opens": {"after": "smb", "healthy_months": HEALTHY, "runway_months": RUNWAY},
    }
    return Scenario.model_validate(tables, strict=False)


def test_a_segment_opens_when_the_metrics_say_that_health_and_runway_suffice():
    results = simulate(company_that_waits(), draws=1, replications=200, seed=3)
    smb = {"segment": "smb"}
    in_units = {"cac": acquisition.cac(results, lag=0.0).sel(smb) / 100}
    in_units["cac_to_acv"] = acquisition.cac_ratio(results).sel(smb)
    in_units["payback_months"] = acquisition.cac_payback(results, lag=0.0).sel(smb)
    in_units["churn_per_year"] = revenue.logo_churn(results).sel(smb)
    held = {name: (in_units[name] <= limit).to_numpy()[0] for name, limit in LIMITS.items()}
    healthy = np.logical_and.reduce([*held.values()])
    lasts = profit.runway(company(results)).to_numpy()[0] >= RUNWAY
    streak = np.lib.stride_tricks.sliding_window_view(healthy, HEALTHY, axis=-1).all(-1)
    streak = np.pad(streak, ((0, 0), (HEALTHY - 1, 0)))
    met = np.maximum.accumulate(streak & lasts, axis=-1)

    expected = np.pad(met[:, :-1], ((0, 0), (1, 0)))  # a close opens the month after it
    found = results["is_open"].sel(segment="mid").to_numpy()[0] > 0
    solvent = results["insolvent"].to_numpy()[0] == 0
    assert ((found == expected) | ~solvent).all()

    # each condition decides somewhere, and opening months differ
    opened = expected & solvent
    assert len(set(opened.argmax(-1)[opened.any(-1)])) > 5
    for name in LIMITS:
        others = np.logical_and.reduce([flags for other, flags in held.items() if other != name])
        assert (others & ~held[name])[:, 12:].any(), name
    assert (streak & ~lasts).any()
