"""The same market divided differently: what must stay, and what one segment cannot move."""

from copy import deepcopy

import numpy as np
import pytest

from gtmsim.vocabulary import CompanyAccount, EventKind, SegmentAccount, TeamAccount
from tests.theory.closed_forms import z_score
from tests.theory.test_minimal_change import lifecycle, motion, teams
from tests.theory.worlds import changed, follow, market, play

SMB, MID = 0, 1

SCHEMES = {
    "sizes": {"small": {"from_employees": 1}, "large": {"from_employees": 100}},
    "tiers": {"low": {"from_acv": 0}, "high": {"from_acv": 15_000}},
    "complexities": {"simple": {"share": 0.6}, "complex": {"share": 0.4}},
    "verticals": {"fast": {"share": 0.5}, "regulated": {"share": 0.5}},
    "regions": {"near": {"share": 0.6}, "far": {"share": 0.4}},
}
BUYERS = {
    "potential": {"median": 8000, "p90": 60_000},
    "employees": {"median": 40, "p90": 600},
    "size_and_potential": 0.6,
    "size_and_complexity": 0.3,
    **SCHEMES,
}
EVEN = {gap: {} for gap in ("under_by_one", "under_by_two", "over_by_one", "over_by_two")}


def by(quality: str) -> list[dict]:
    """Segmentation by one quality: its last class is the second segment."""
    last = list(SCHEMES[quality])[-1]
    return [{"to": "mid", quality: [last]}, {"to": "smb"}]


def routed(quality: str, **changes) -> dict:
    """A company of two segments that share sellers, and serve customers in the same way."""
    both = lifecycle("shared") | {"potential_share": 0.4}
    for cost in ("csm", "cogs_share"):  # rounded by segment and month, or judged by its customers
        both.pop(cost, None)
    tables = {
        "segments": {"smb": both, "mid": deepcopy(both)},
        "motions": {"shared_motion": motion("shared")},
        "teams": {key: team for key, team in teams("shared").items() if "csm" not in key},
        "buyers": BUYERS,
        "segmentation": by(quality),
        "fit": EVEN,
        "channels__web": {"organic_per_month": 60, "cost_per_lead": 10},
    }
    return market(30, **{**tables, **changes})


@pytest.fixture(scope="module")
def by_size() -> tuple:
    """Books and ledger of the company that segments by size."""
    return follow(routed("sizes"))


@pytest.mark.parametrize("quality", ["tiers", "complexities", "verticals", "regions"])
def test_with_fit_and_motions_even_another_segmentation_changes_nothing_but_the_segment(
    by_size, quality
):
    """The playbook's claim cannot win by construction.

    Every event of every entity has the same time, kind, seat and amount; so leads, wins, ARR and
    cash of the company, which are sums over segments, are equal to the cent.
    """
    books, ledger = follow(routed(quality))
    np.testing.assert_array_equal(beside_segments(ledger), beside_segments(by_size[1]))
    assert (ledger["segment"] != by_size[1]["segment"]).mean() > 0.2

    totals = books.segment.sum(axis=1) - by_size[0].segment.sum(axis=1)
    totals[:, SegmentAccount.LARGEST_CUSTOMER_ARR] = 0  # a maximum, and no sum
    rounded = totals[:, SegmentAccount.EXPANSION_TEAM_COST].copy()  # a part told by segment
    totals[:, SegmentAccount.EXPANSION_TEAM_COST] = 0
    assert not totals.any()
    assert abs(rounded).max() <= 2
    cash = CompanyAccount.CASH
    np.testing.assert_array_equal(books.company[:, cash], by_size[0].company[:, cash])
    worked = TeamAccount.WORKED_TICKS
    np.testing.assert_array_equal(books.team[..., worked], by_size[0].team[..., worked])


def beside_segments(ledger: np.ndarray) -> np.ndarray:
    """Ledger of the entities without their segments, playbooks by their place in the segment."""
    own = ledger[ledger["entity"] >= 0][["time", "kind", "entity", "sub", "seat", "amount"]].copy()
    is_lead = own["kind"] == EventKind.LEAD
    own["sub"] = np.where((own["sub"] >= 0) & ~is_lead, own["sub"] % 2, own["sub"])
    return own


def test_with_fit_on_the_segmentation_decides_what_the_company_wins():
    """Else the test above could pass with a fit that nothing reads."""
    field = {"field": {"touch": "field", "stages": motion("shared")["stages"]}}
    needs = {"high": {"from_acv": 15_000, "needs": "field"}, "low": {"from_acv": 0}}
    changes = {
        "motions": {"shared_motion": motion("shared"), **field},
        "buyers__tiers": {"low": needs["low"], "high": needs["high"]},
        "fit": {},
    }
    arr = []
    for quality in ("tiers", "verticals"):
        tables = routed(quality, **changes)
        tables["segments"]["mid"]["motion"] = "field"
        arr.append(play(tables, 150).segment[0, :, -1, :, SegmentAccount.CLOSING_ARR].sum(axis=-1))
    assert z_score(arr[0] - arr[1], 0.0) > 4


def test_another_segmentation_leaves_every_lead_where_it_was():
    changes = {"segments__mid__opens": {"month": 12}, "motions__shared_motion__touch": "field"}
    arrivals = []
    for quality in SCHEMES:
        _, ledger = follow(routed(quality, **changes, fit__over_by_two={"win_odds": 0.1}))
        leads = ledger[np.isin(ledger["kind"], [EventKind.LEAD, EventKind.UNSERVED])]
        order = np.argsort(leads["entity"], kind="stable")
        arrivals.append(leads[order][["time", "entity", "sub", "detail"]])
    for other in arrivals[1:]:
        np.testing.assert_array_equal(other, arrivals[0])


# One segment of the market


def apart(**changes) -> dict:
    """Two segments of one endless market that share neither team nor word of mouth."""
    tables = routed("tiers")
    for name in ("smb", "mid"):
        tables["segments"][name] = lifecycle(name) | {"potential_share": 0.4}
    tables["motions"] = {f"{name}_motion": motion(name) for name in ("smb", "mid")}
    tables["teams"] = {**teams("smb"), **teams("mid")}
    del tables["fit"]
    return changed(tables, **changes)


def events_by_segment(tables: dict) -> list[np.ndarray]:
    """Ledgers of both segments."""
    _, ledger = follow(tables)
    return [ledger[ledger["segment"] == segment] for segment in (SMB, MID)]


@pytest.fixture(scope="module")
def base() -> list[np.ndarray]:
    """Ledgers of both segments as they are."""
    return events_by_segment(apart())


@pytest.mark.parametrize(
    "changes",
    [
        {"segments__mid__potential_share": 0.7},
        {"segments__mid__churn_per_year": 0.5},
        {"segments__mid__opens": {"month": 9}},
        {"motions__mid_motion__stages__demo__win_rate": 0.7},
        {"motions__mid_motion__touch": "field"},
        {"teams__mid_sellers__reps": 1},
        {"buyers__tiers__high": {"from_acv": 15_000, "needs": "field", "churn": 3.0, "days": 2.0}},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_change_in_one_segment_of_an_endless_market_leaves_the_other_bit_identical(base, changes):
    found = events_by_segment(apart(**changes))
    np.testing.assert_array_equal(found[SMB], base[SMB])
    assert not np.array_equal(found[MID], base[MID])


def test_a_finite_market_couples_segments_through_its_tiers_only():
    """Accounts that one segment keeps busy are missing to the other if they share a tier."""
    scarce = {"buyers__accounts": 300}
    better = scarce | {"motions__mid_motion__stages__demo__win_rate": 0.9}
    for quality, is_apart in (("tiers", True), ("regions", False)):
        found = [
            events_by_segment(apart(segmentation=by(quality), **changes))[SMB]
            for changes in (scarce, better)
        ]
        assert np.array_equal(*found) == is_apart
