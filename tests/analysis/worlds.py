"""A segment whose unit economics are worked out by hand, as scenario tables."""

from copy import deepcopy
from datetime import date
from typing import Any

import numpy as np

from gtmsim.analysis.drivers import Drivers
from gtmsim.analysis.driving import drivers_of
from gtmsim.analysis.economics import Economics, unit_economics
from gtmsim.plan import compile_plan, draw_inputs
from gtmsim.scenario.models import Scenario

MONTH = 30.4375

WORLD: dict[str, Any] = {
    "scenario": {"name": "by hand", "start": date(2026, 1, 1), "months": 24},
    "company": {"cash": 1e6},
    "segments": {
        "mid": {
            "motion": "assisted",
            "acv": 10_000.0,
            "churn_per_year": 0.25,
            "contracts": {
                "annual": {"share": 0.5, "term_months": 12, "discount": 0.2},
                "monthly": {"share": 0.5, "term_months": 1, "billing": "monthly"},
            },
            "onboarding": {"cost": 500.0},
            "csm": {"team": "csm", "accounts_per_rep": 40.0},
            "cogs_share": 0.1,
            "support_per_customer_per_year": 300.0,
            "tech_stack": "tools",
        }
    },
    "motions": {
        "assisted": {
            "stages": {
                "demo": {
                    "win_rate": 0.5, "days": MONTH, "team": "ae", "cost": 100.0,
                    "touches": 2.0, "cost_per_touch": 50.0,
                },
                "close": {"win_rate": 0.4, "days": 2 * MONTH, "team": "ae"},
            }
        }
    },
    "teams": {
        "ae": {
            "function": "sales", "reps": 2, "open_deals": 4.0, "base_per_year": 96_000.0,
            "on_costs": 0.25, "commission": 0.1, "ramp_by_quarter": (0.5, 1.0),
        },
        "csm": {"function": "success", "reps": 1, "base_per_year": 120_000.0},
    },
    "channels": {
        "ads": {
            "segments": {"mid": 1.0},
            "spend_per_month": 8_000.0,
            "response": {"reference_spend": 8_000.0, "leads": 40.0, "elasticity": 0.5},
            "cost_per_lead": 20.0,
        }
    },
    "costs": {"brand": {"function": "marketing", "per_month": 4_000.0}},
    "tech_stacks": {"tools": {"per_month": 800.0}},
}  # fmt: skip


def world(**changes: Any) -> Scenario:
    """``WORLD`` with dotted keys changed: ``segments__mid__acv=2400``."""
    tables = deepcopy(WORLD)
    for path, value in changes.items():
        *parents, key = path.split("__")
        table = tables
        for parent in parents:
            table = table.setdefault(parent, {})
        table[key] = value
    return Scenario.model_validate(tables, strict=False)


def drivers(segment: str = "mid", **changes: Any) -> Drivers:
    """Drivers of a segment, one draw."""
    return drivers_in(world(**changes), segment)


def drivers_in(scenario: Scenario, segment: str) -> Drivers:
    """Drivers of a segment of a scenario, one draw."""
    plan = compile_plan(scenario)
    found = drivers_of(plan, draw_inputs(plan, 1, range(1)))
    return next(one for one in found if one.segment == segment)


def economics(segment: str = "mid", **changes: Any) -> Economics:
    """Unit economics of a segment, one draw."""
    return unit_economics(drivers(segment, **changes))


def value(array: np.ndarray) -> float:
    """Figure of the only draw."""
    assert array.shape == (1,)
    return float(array[0])
