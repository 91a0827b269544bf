"""A company whose months tests post by hand between the policy's two kernels."""

from copy import deepcopy
from dataclasses import replace
from datetime import date

from gtmsim.draws.keys import replication_key
from gtmsim.plan import compile_plan, draw_inputs, fill_values
from gtmsim.plan.structure import HireInt
from gtmsim.rules.boundary import close_month, open_month
from gtmsim.rules.state import new_books, new_state, reset
from gtmsim.scenario.models import Scenario
from gtmsim.vocabulary import CompanyAccount, SegmentAccount, TeamAccount

K0, K1 = replication_key(1, 0, 0)
CONTRACT = {"annual": {"share": 1.0, "term_months": 12}}
COMPANY = {
    "scenario": {"name": "by hand", "start": date(2026, 3, 1), "months": 12},
    "company": {"cash": 1000},
    "segments": {
        "smb": {"motion": "m", "acv": 1200, "churn_per_year": 0.1, "contracts": CONTRACT},
        "mid": {"motion": "m", "acv": 9000, "churn_per_year": 0.1, "contracts": CONTRACT},
    },
    "motions": {"m": {"stages": {"signup": {"win_rate": 0.25}}}},
    "channels": {"web": {"segments": {"smb": 0.75, "mid": 0.25}, "organic_per_month": 40}},
}
TEAM = {"function": "sales", "base_per_year": 0}


class Hand:
    """A company whose months are posted by hand between the policy's two kernels."""

    def __init__(self, planned_hires=None, **changes):
        tables = deepcopy(COMPANY)
        for path, value in changes.items():
            *parents, key = path.split("__")
            table = tables
            for parent in parents:
                table = table.setdefault(parent, {})
            table[key] = value
        self.plan = compile_plan(Scenario.model_validate(tables, strict=False))
        if planned_hires is not None:  # more than a scenario may say
            hire = self.plan.structure.hire.copy()
            hire[:, HireInt.COUNT] = planned_hires
            self.plan = replace(self.plan, structure=self.plan.structure._replace(hire=hire))
        (self.values,) = fill_values(self.plan, draw_inputs(self.plan, 1, range(1)))
        structure = self.plan.structure
        self.state, self.books = new_state(structure), new_books(structure)
        reset(self.state, self.books)

    def open(self, b: int) -> None:
        """Open the month at boundary ``b``."""
        open_month(self.plan.structure, self.values, K0, K1, b, self.state, self.books)

    def close(self, m: int) -> bool:
        """Close month ``m``."""
        return bool(close_month(self.plan.structure, self.values, m, self.state, self.books))

    def post(self, m: int, account: SegmentAccount, *amounts: int) -> None:
        """Post an amount per segment."""
        for s, amount in enumerate(amounts):
            self.books.segment[m, s, account] = amount

    def play(self, months: range, arr: int = 0, customers: int = 0) -> None:
        """Play months in which the first segment closes with so much ARR (minor units)."""
        for m in months:
            self.open(m)
            self.post(m, SegmentAccount.CLOSING_ARR, arr)
            self.post(m, SegmentAccount.CLOSING_CUSTOMERS, customers)
            self.close(m)

    def team(self, account: TeamAccount) -> list[int]:
        """A team account by month."""
        return self.books.team[:, 0, account].tolist()

    def company(self, account: CompanyAccount) -> list[int]:
        """A company account by month."""
        return self.books.company[:, account].tolist()
