"""Small companies whose behaviour theory knows, as scenario tables."""

from copy import deepcopy
from datetime import date

import numpy as np

from gtmsim.engines.block import Ledger
from gtmsim.engines.compiled import simulate_block, trace
from gtmsim.plan import compile_plan, draw_inputs, fill_values
from gtmsim.rules.state import Books
from gtmsim.scenario.models import Scenario

PLAIN = {
    "scenario": {"name": "theory", "start": date(2026, 1, 1), "months": 24},
    "company": {"cash": 1e12},
    "segments": {
        "smb": {
            "motion": "self_service",
            "acv": 1200,
            "churn_per_year": 0.0,
            "contracts": {"annual": {"share": 1.0, "term_months": 12}},
        }
    },
    "motions": {"self_service": {"stages": {"signup": {"win_rate": 0.25}}}},
    "channels": {"web": {"segments": {"smb": 1.0}, "organic_per_month": 40}},
}


def world(months: int = 24, **changes) -> dict:
    """``PLAIN`` with dotted keys changed: ``segments__smb__acv=2400``."""
    tables = deepcopy(PLAIN)
    tables["scenario"]["months"] = months
    return changed(tables, **changes)


def changed(tables: dict, **changes) -> dict:
    """Tables with dotted keys changed, in place; what is put there is copied."""
    for path, value in changes.items():
        *parents, key = path.split("__")
        table = tables
        for parent in parents:
            table = table.setdefault(parent, {})
        table[key] = deepcopy(value)
    return tables


def play(tables: dict, replications: int, seed: int = 1, draws: int = 1) -> Books:
    """Books of a world, axes [draw, replication, ...]."""
    plan = compile_plan(Scenario.model_validate(tables, strict=False))
    values = fill_values(plan, draw_inputs(plan, seed, range(draws)))
    stop = np.zeros(1, np.int64)
    block = simulate_block(plan, values, seed, range(draws), range(replications), stop)
    return block.books


def market(months: int = 24, **changes) -> dict:
    """World whose channel reaches a market: far accounts are of `far`, the others of `smb`.

    Both segments are sold to and served in the same way, with nothing in common.
    """
    tables = world(months)
    own = tables["segments"]["smb"]
    tables["segments"] = {"smb": own, "far": deepcopy(own)}
    tables["channels"] = {"web": {"organic_per_month": 40}}
    tables["buyers"] = {
        "potential": {"median": 8000, "p90": 60_000},
        "regions": {"near": {"share": 0.6}, "far": {"share": 0.4}},
    }
    tables["segmentation"] = [{"to": "far", "regions": ["far"]}, {"to": "smb"}]
    return changed(tables, **changes)


def follow(tables: dict, replication: int = 0, seed: int = 1) -> tuple[Books, Ledger]:
    """Books and ledger of one replication of a world."""
    plan = compile_plan(Scenario.model_validate(tables, strict=False))
    (values,) = fill_values(plan, draw_inputs(plan, seed, range(1)))
    return trace(plan, values, seed, 0, replication)
