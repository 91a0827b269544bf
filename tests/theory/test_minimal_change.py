"""A change moves what it touches and nothing else, to the bit."""

from copy import deepcopy

import numpy as np
import pytest

from gtmsim.engines.compiled import trace
from gtmsim.plan import compile_plan, draw_inputs, fill_values
from gtmsim.scenario.models import Scenario
from gtmsim.vocabulary import EventKind
from tests.theory.worlds import world

MONTHS = 30
MENU = {
    "monthly": {"share": 0.4, "term_months": 1, "billing": "monthly", "payment_days": 10},
    "annual": {"share": 0.6, "term_months": 12, "payment_days": 40, "uplift": 0.03},
}


def lifecycle(name: str) -> dict:
    """What becomes of a segment's customers, with every feature and teams of its own."""
    return {
        "motion": f"{name}_motion",
        "acv": {"median": "9k", "p90": "25k"},
        "churn_per_year": {"mean": 0.35, "concentration": 5},
        "contracts": deepcopy(MENU),
        "onboarding": {"days": {"median": 10, "p90": 30}, "team": f"{name}_builders"},
        "expansion": {
            "seats": {"per_year": 1.0, "win_rate": 0.5, "uplift": 0.2},
            "upsell": {
                "per_year": 0.5,
                "win_rate": 0.4,
                "uplift": {"median": 0.3, "p90": 0.6},
                "team": f"{name}_sellers",
                "days": 10,
                "patience_days": 60,
            },
        },
        "expansion_cap": {"median": 2, "p90": 4},
        "contraction": {"per_year": 0.1, "size": {"median": 0.2, "p90": 0.5}},
        "csm": {"team": f"{name}_csm", "accounts_per_rep": 20, "save_rate": 0.2},
        "payments": {"fails": 0.08, "retry_success": 0.5},
        "win_back": {"rate": 0.4, "days": {"median": 60, "p90": 150}},
    }


def motion(name: str) -> dict:
    """A motion that begins without a seller; its sellers are few, so that deals wait and expire."""
    demo = {"win_rate": 0.4, "days": {"median": 20, "p90": 60}, "patience_days": 45}
    return {
        "stages": {
            "signup": {"win_rate": 0.5, "days": {"median": 5, "p90": 20}},
            "demo": demo | {"team": f"{name}_sellers"},
        }
    }


def teams(name: str) -> dict:
    """Sellers, builders and customer success of one segment."""
    sellers = {"function": "sales", "reps": 2, "open_deals": 6, "commission": 0.1}
    builders = {"function": "implementation", "reps": 1, "open_deals": 6}
    csm = {"function": "success", "reps": 1, "hiring": {"customers_per_rep": 40}}
    csm["hiring"]["customers_of"] = (name,)
    pay = {"base_per_year": "80k", "leaves_per_year": 0.3}
    return {
        f"{name}_sellers": sellers | pay,
        f"{name}_builders": builders | pay,
        f"{name}_csm": csm | pay,
    }


def channel(name: str) -> dict:
    """Leads of one segment, word of mouth among its own customers included."""
    return {
        "segments": {name: 1.0},
        "organic_per_month": 25,
        "referrals": {"per_customer_per_month": 0.02, "customers_of": (name,), "reward": 100},
    }


def company_of(*names: str, **changes) -> dict:
    """Company whose segments share neither team nor budget nor word of mouth."""
    tables = world(
        MONTHS,
        segments={name: lifecycle(name) for name in names},
        motions={f"{name}_motion": motion(name) for name in names},
        teams={key: team for name in names for key, team in teams(name).items()},
        channels={f"{name}_web": channel(name) for name in names},
        company__opening={
            "customers": {
                name: {"count": 20, "age_months": {"median": 10, "p90": 30}} for name in names
            },
            "pipeline": {name: {"demo": 4} for name in names},
        },
    )
    for path, value in changes.items():
        *parents, key = path.split("__")
        table = tables
        for parent in parents:
            table = table[parent]
        assert key in table
        table[key] = value
    return tables


def two_segments(**changes) -> dict:
    """Two segments with everything that can happen to a customer, and nothing in common."""
    return company_of("smb", "mid", **changes)


def events_of(segment: str, tables: dict) -> np.ndarray:
    """Ledger of a segment."""
    plan = compile_plan(Scenario.model_validate(tables, strict=False))
    (values,) = fill_values(plan, draw_inputs(plan, 3, range(1)))
    _, ledger = trace(plan, values, 3, 0, 0)
    events = ledger[(ledger["segment"] == plan.names.segments.index(segment))]
    return events[["time", "kind", "amount", "seat", "sub"]]


@pytest.fixture(scope="module")
def base() -> dict[str, np.ndarray]:
    """Ledgers of both segments."""
    return {segment: events_of(segment, two_segments()) for segment in ("smb", "mid")}


def test_everything_that_can_happen_to_a_customer_happens_in_the_untouched_segment(base):
    company = (
        EventKind.UNSERVED,
        EventKind.REP_STARTED,
        EventKind.REP_LEFT,
        EventKind.STAGE_REACHED,
        EventKind.SEGMENT_OPENED,
        EventKind.FUNDED,
        EventKind.INSOLVENT,
        EventKind.GRADUATED,  # that is to another segment
        EventKind.FEE_INVOICED,
        EventKind.FEE_PAID,
        EventKind.TERMINATED,  # couples the segments
    )
    assert {EventKind(kind) for kind in base["smb"]["kind"]} == set(EventKind) - set(company)


@pytest.mark.parametrize(
    "changes",
    [
        {"segments__mid__churn_per_year": 0.5},
        {"segments__mid__acv": "30k"},
        {"segments__mid__contracts__annual__payment_days": 90},
        {"segments__mid__contracts__annual__uplift": 0.1},
        {"segments__mid__onboarding__days": 60},
        {"segments__mid__expansion__seats__per_year": 3.0},
        {"segments__mid__expansion__upsell__days": 40},
        {"segments__mid__expansion_cap": 10.0},
        {"segments__mid__contraction__per_year": 0.4},
        {"segments__mid__csm__save_rate": 0.9},
        {"segments__mid__payments__fails": 0.3},
        {"segments__mid__win_back__rate": 1.0},
        {"motions__mid_motion__stages__demo__win_rate": 0.7},
        {"motions__mid_motion__stages__demo__patience_days": 5},
        {"teams__mid_sellers__reps": 1},
        {"teams__mid_builders__reps": 3},
        {"teams__mid_csm__reps": 5},
        {"teams__mid_sellers__leaves_per_year": 2.0},
        {"channels__mid_web__organic_per_month": 50},
        {"channels__mid_web__referrals__per_customer_per_month": 0.2},
        {"company__opening__customers__mid__count": 80},
        {"company__opening__pipeline__mid__demo": 30},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_change_in_one_segment_moves_it_and_leaves_the_other_bit_identical(base, changes):
    changed = two_segments(**changes)
    np.testing.assert_array_equal(events_of("smb", changed), base["smb"])
    assert not np.array_equal(events_of("mid", changed), base["mid"])


def test_a_new_segment_moves_nothing_of_the_old_one(base):
    np.testing.assert_array_equal(events_of("smb", company_of("smb")), base["smb"])


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
