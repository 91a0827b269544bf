"""Tiny companies whose every event can be worked out by hand."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from typing import Any

from gtmsim.engines.reference import trace
from gtmsim.plan import compile_plan, draw_inputs, fill_values
from gtmsim.rules.state import Books
from gtmsim.scenario.models import Scenario
from gtmsim.vocabulary import EventKind, SegmentAccount
from tests.engines.agreement import assert_engines_agree

MONTH = 30.4375
"""Days in a month: a duration of so many days is one month to the bit."""

COMPANY = {
    "scenario": {"name": "by hand", "start": date(2026, 1, 1), "months": 24},
    "company": {"cash": 1e9},
    "segments": {
        "smb": {
            "motion": "direct",
            "acv": 12_000,
            "churn_per_year": 0.0,
            "contracts": {"annual": {"share": 1.0, "term_months": 12}},
        }
    },
    "motions": {"direct": {"stages": {"close": {"win_rate": 1.0, "days": MONTH}}}},
}
"""Nobody comes by itself; a deal that is in the pipeline is won after a month."""


def company(**changes: Any) -> dict[str, Any]:
    """`COMPANY` with changes by dotted key: ``segments__smb__acv=2400``."""
    tables = deepcopy(COMPANY)
    for path, value in changes.items():
        *parents, key = path.split("__")
        table: dict[str, Any] = tables
        for parent in parents:
            table = table.setdefault(parent, {})
        table[key] = value
    return tables


def with_team(open_deals: float = 1, reps: int = 1, **changes: Any) -> dict[str, Any]:
    """A company whose closing stage is worked by a team."""
    team = {"function": "sales", "reps": reps, "open_deals": open_deals, "base_per_year": 0}
    return company(teams__ae=team, motions__direct__stages__close__team="ae", **changes)


@dataclass(frozen=True)
class Story:
    """What happened: books and ledger of one replication."""

    books: Books
    ledger: Any

    def times(self, kind: EventKind) -> list[float]:
        """Times of the events of a kind."""
        return [float(entry["time"]) for entry in self.entries(kind)]

    def amounts(self, kind: EventKind) -> list[int]:
        """Amounts of the events of a kind, minor units."""
        return [int(entry["amount"]) for entry in self.entries(kind)]

    def seats(self, kind: EventKind) -> list[int]:
        """Seats of the events of a kind."""
        return [int(entry["seat"]) for entry in self.entries(kind)]

    def places(self, kind: EventKind) -> list[int]:
        """Ordinals of the opening deals or customers to whom a kind of event happened."""
        return [int(entry["entity"]) & (2**36 - 1) for entry in self.entries(kind)]

    def entries(self, kind: EventKind) -> Any:
        """Entries of a kind in the order of the ledger."""
        return self.ledger[self.ledger["kind"] == kind]

    def by_month(self, account: SegmentAccount, segment: int = 0) -> list[int]:
        """A column of the segment book."""
        return [int(amount) for amount in self.books.segment[:, segment, account]]

    def total(self, account: SegmentAccount, segment: int = 0) -> int:
        """Sum of a column of the segment book."""
        return sum(self.by_month(account, segment))


def story_of(tables: dict[str, Any], seed: int = 1) -> Story:
    """Play one replication of a company on both engines, which must agree."""
    plan = compile_plan(Scenario.model_validate(tables))
    return Story(*assert_engines_agree(plan, seed, replication=0))


def story_with(extra_processes: Any, tables: dict[str, Any], seed: int = 1) -> Story:
    """Play one replication with processes that only the reference engine has."""
    plan = compile_plan(Scenario.model_validate(tables))
    (values,) = fill_values(plan, draw_inputs(plan, seed, range(1)))
    return Story(*trace(plan, values, seed, 0, 0, extra_processes))
