"""Results of made-up companies whose books are consistent, for tests of the answer."""

from typing import Any

import numpy as np
import xarray as xr

from gtmsim.vocabulary import TICKS_PER_MONTH
from tests.metrics.books import results

SCENARIO = """
[scenario]
name = "Made up"
question = "Does it work?"
start = 2026-01-01
months = {months}
currency = "USD"

[segments.smb]
acv = 2_000

[segments.enterprise]
acv = 120_000

[targets.big]
metric = "closing_arr"
at_least = 2000000.0
by_month = 24

[targets.solvent]
metric = "cash"
at_least = 0
always = true
"""


def company(
    months: int = 24, draws: int = 40, replications: int = 2, fails: bool = False, **more: Any
) -> xr.Dataset:
    """Results of a company of two segments; a tenth of its futures fail in month 20 if it may."""
    rng = np.random.default_rng(7)
    shape = (draws, replications, months, 2)
    flows = {
        name: rng.integers(0, high, shape) * 100
        for name, high in (
            ("new_arr", 60_000),
            ("expansion_arr", 9_000),
            ("churned_arr", 20_000),
            ("contraction_arr", 2_000),
        )
    }
    gained = flows["new_arr"] + flows["expansion_arr"]
    lost = flows["churned_arr"] + flows["contraction_arr"]
    opening = np.array([80_000_000, 20_000_000])
    closing = opening + (gained - lost).cumsum(2)
    spent = rng.integers(20_000, 90_000, shape) * 100
    collected = closing // 12
    cash = 500_000_000 + (collected - spent).sum(-1).cumsum(2)
    insolvent = np.zeros((draws, replications, months), int)
    ceased = np.zeros(shape, int)
    if fails:
        failing = rng.random((draws, replications)) < 0.1
        insolvent[failing, 19:] = 1
        ceased[failing, 19] = closing[failing, 19]
        closing[failing, 19:] = 0
        cash[failing, 19:] = -1_000
        for flow in flows.values():
            flow[failing, 20:] = 0
    given = {
        "opening_arr": opening,
        "closing_arr": closing,
        "ceased_arr": ceased,
        **flows,
        "opening_customers": [400, 10],
        "closing_customers": np.where(closing > 0, [420, 12], 0),
        "churned_customers": [5, 0],
        "booked_arr": flows["new_arr"],
        "new_logos": [20, 1],
        "lost_opportunities": [30, 4],
        "sales_cycle_time": np.array([20, 3]) * TICKS_PER_MONTH,
        "revenue": collected,
        "cogs": collected // 5,
        "collections": collected,
        "channel_spend": spent // 2,
        "sales_team_cost": spent - spent // 2,
        "cash": cash,
        "opening_cash": 500_000_000,
        "insolvent": insolvent,
        "company_stage": np.where(closing.sum(-1) >= 130_000_000, 2, 1),
        "policy_stage": 1,
        "team_headcount": [3, 2],
        "team_slots": [30, 20],
        "team_requests": [10, 0],
        "team_grants": [8, 0],
        "team_expired": [2, 0],
        "team_worked_time": np.array([27, 0]) * TICKS_PER_MONTH,
        "team_waited_time": np.array([4, 0]) * TICKS_PER_MONTH,
        "team_booked_arr": [5_000_000, 0],
        "team_quota": [8_000_000, 0],
    }
    books = results(months, draws, replications, **{**given, **more})
    about = {
        "title": "Made up",
        "scenario": SCENARIO.format(months=months),
        "start": "2026-01-01",
        "months": months,
        "seed": 1,
        "draws": draws,
        "replications": replications,
        "engine": "compiled",
        "gtmsim_version": "0.0.0",
    }
    first = np.datetime64("2026-01", "M")
    ends = (first + np.arange(1, months + 1)).astype("datetime64[D]") - 1
    dated = books.assign_coords(date=("month", ends.astype("datetime64[ns]")))
    return dated.assign_attrs({**books.attrs, **about})
