"""A change moves what it touches and nothing else, to the bit."""

import numpy as np

from gtmsim.engines.compiled import trace
from gtmsim.plan import compile_plan, draw_inputs, fill_values
from gtmsim.scenario.models import Scenario
from gtmsim.vocabulary import EventKind, SegmentAccount
from tests.theory.worlds import play, world

TERMS = {"annual": {"share": 1.0, "term_months": 12}}


def two_segments(**changes) -> dict:
    """Two segments that share neither team nor budget nor word of mouth."""
    mid = {
        "motion": "assisted",
        "acv": {"median": "15k", "p90": "40k"},
        "churn_per_year": {"mean": 0.12, "concentration": 8},
        "contracts": TERMS,
        "expansion": {"seats": {"per_year": 1.0, "win_rate": 0.5, "uplift": 0.2}},
    }
    demo = {"team": "ae", "win_rate": 0.3, "days": {"median": 20, "p90": 60}}
    tables = world(
        36,
        segments__mid=mid,
        segments__smb__churn_per_year={"mean": 0.3, "concentration": 3},
        motions__assisted={"stages": {"pql": {"win_rate": 0.5}, "demo": demo}},
        teams={"ae": {"function": "sales", "reps": 3, "open_deals": 4, "base_per_year": "100k"}},
        channels__outreach={"segments": {"mid": 1.0}, "organic_per_month": 25},
    )
    for path, value in changes.items():
        *parents, key = path.split("__")
        table = tables
        for parent in parents:
            table = table[parent]
        table[key] = value
    return tables


def smb_events(tables: dict) -> np.ndarray:
    """Ledger of the first segment."""
    plan = compile_plan(Scenario.model_validate(tables, strict=False))
    (values,) = fill_values(plan, draw_inputs(plan, 3, range(1)))
    _, ledger = trace(plan, values, 3, 0, 0)
    events = ledger[(ledger["segment"] == plan.names.segments.index("smb"))]
    return events[["time", "kind", "amount"]]


def test_a_change_in_one_segment_leaves_the_other_bit_identical():
    base = smb_events(two_segments())
    assert len(base) > 1000
    for changes in (
        {"segments__mid__churn_per_year": 0.5},
        {"segments__mid__acv": "30k"},
        {"motions__assisted__stages__demo__win_rate": 0.6},
        {"teams__ae__reps": 1},
        {"channels__outreach__organic_per_month": 50},
    ):
        np.testing.assert_array_equal(smb_events(two_segments(**changes)), base)


def test_the_touched_segment_does_change():
    base, changed = (
        play(two_segments(**changes), 1).segment[0, 0, -1, 1, SegmentAccount.CLOSING_ARR]
        for changes in ({}, {"segments__mid__acv": "30k"})
    )
    assert base != changed


def test_a_new_segment_moves_nothing_of_the_old_one():
    alone = two_segments()
    for table, name in (
        ("segments", "mid"),
        ("motions", "assisted"),
        ("teams", "ae"),
        ("channels", "outreach"),
    ):
        del alone[table][name]
    np.testing.assert_array_equal(smb_events(alone), smb_events(two_segments()))


def test_more_leads_only_add_leads():
    def leads(rate):
        plan = compile_plan(
            Scenario.model_validate(world(12, channels__web__organic_per_month=rate), strict=False)
        )
        (values,) = fill_values(plan, draw_inputs(plan, 3, range(1)))
        _, ledger = trace(plan, values, 3, 0, 0)
        return ledger[ledger["kind"] == EventKind.LEAD]

    few, many = leads(100), leads(110)
    shared = np.isin(many["entity"], few["entity"])
    assert len(many) > len(few)
    np.testing.assert_array_equal(many[shared], few)


def test_a_better_win_rate_only_adds_wins():
    def winners(rate):
        tables = world(12, motions__self_service__stages={"signup": {"win_rate": rate}})
        plan = compile_plan(Scenario.model_validate(tables, strict=False))
        (values,) = fill_values(plan, draw_inputs(plan, 3, range(1)))
        _, ledger = trace(plan, values, 3, 0, 0)
        return set(ledger["entity"][ledger["kind"] == EventKind.WON].tolist())

    assert winners(0.2) < winners(0.25)
