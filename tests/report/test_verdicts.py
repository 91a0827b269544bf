"""Verdicts, contribution and concentration in the answer of a run."""

import numpy as np
import pytest

from gtmsim.report.brief import brief
from gtmsim.report.build import answer
from gtmsim.report.documents import as_mapping
from gtmsim.report.tables import read_books
from gtmsim.report.text import grid
from gtmsim.report.verdicts import contribution_table, verdict_table
from tests.report.companies import company

YEAR = 12


def made(healthy_draws=30, months=24):
    """Forty draws of which some have a healthy `smb`; in the others a third too many leave.

    In the last four its price is a fifth too low for its CAC as well.
    """
    draws = np.arange(40)[:, None, None, None]
    both = np.array([1, 0])
    leave = np.where(draws < healthy_draws, 15, 40)
    return company(
        months=months,
        is_open=both,
        channel_spend=400_000 * both,
        new_logos=10 * both,
        booked_arr=np.where(draws < 36, 2_000_000, 1_590_000) * both,
        opening_customers=1000 * both,
        closing_customers=1000 * both,
        churned_customers=leave * both,
        closing_arr=200_000_000 * both,
        opening_arr=200_000_000 * both,
        retained_arr=200_000_000 * both,
        retained_arr_capped=167_000_000 * both,
        revenue=16_666_667 * both,
        cogs=3_000_000 * both,
        largest_customer_arr=10_000_000 * both,
        **dict.fromkeys(ZERO, 0),
    )


ZERO = (
    "support_cost", "onboarding_cost", "success_team_cost", "company_success_cost",
    "company_support_cost", "lead_cost", "stage_cost", "referral_cost", "commissions",
    "sales_team_cost", "tools_cost", "expansion_cost", "expansion_team_cost",
    "expansion_commissions", "company_marketing_cost", "company_sales_cost", "sales_cycle_time",
    "product_cost", "general_cost",
)  # fmt: skip


@pytest.fixture(scope="module")
def tables():
    return as_mapping(answer(made()))["tables"]


def test_odds_of_a_verdict_are_the_share_of_futures_with_their_interval(tables):
    rows = tables["verdicts"]["rows"]
    healthy = rows["smb.playbook"]["healthy"]
    assert healthy["value"] == 0.75
    assert healthy["low"] < 0.75 < healthy["high"]
    assert rows["smb.playbook"]["broken"]["value"] == 0.25
    assert rows["smb.benchmark"]["healthy"]["value"] == 1.0
    assert rows["enterprise.playbook"]["undefined"]["value"] == 1.0


def test_odds_over_the_states_sum_to_one(tables):
    for row in tables["verdicts"]["rows"].values():
        states = ("healthy", "strained", "broken", "undefined")
        assert sum(row[state]["value"] for state in states) == pytest.approx(1.0)


def test_limits_that_are_missed_are_told_with_how_often():
    notes = verdict_table(read_books(made()), "USD").notes
    missed = (
        "smb by the playbook misses: CAC / ACV at most 25% in 10%; churn a year at most 25% in 25%."
    )
    assert missed in notes
    assert not any(note.startswith("smb by the benchmark") for note in notes)


def test_contribution_of_the_last_year_is_in_the_answer(tables):
    """In currency: 166,667 of revenue, 30,000 of hosting and 4,000 of spend a month."""
    row = tables["contribution"]["rows"]["smb"]
    assert row["contribution"]["p50"]["value"] == pytest.approx(YEAR * (166_666.67 - 34_000))
    assert row["after_allocation"]["p50"]["value"] == row["contribution"]["p50"]["value"]
    assert grid(contribution_table(read_books(made())), "USD").title.endswith(", $M")


def test_the_largest_customer_is_in_the_answer(tables):
    """100,000 a year of 2M, at a margin of 82 %; a year is left after the first."""
    row = tables["concentration"]["rows"]["year_1"]
    assert row["arr"]["p50"]["value"] == 100_000
    assert row["share"]["p50"]["value"] == pytest.approx(0.05)
    assert row["lost"]["p50"]["value"] == pytest.approx(100_000 * 0.82, rel=1e-6)
    assert tables["concentration"]["rows"]["year_2"]["lost"]["p50"]["value"] == 0


def test_a_terminal_names_the_likeliest_verdict_of_each_ruler():
    """Of futures of which three in four are healthy; the other ruler's all are."""
    results = made()
    table = verdict_table(read_books(results), "USD")
    shown = grid(brief(table, 6), "USD")
    assert shown.header == ("motion", "by the playbook", "by the benchmark")
    row = [cell.main for cell in shown.rows[0]]
    assert row[0].startswith("smb")
    assert row[1].startswith("healthy 75% (")
    assert row[2].startswith("healthy 100% (")


def test_the_default_answer_leaves_the_rest_to_details():
    given = [table for table in answer(made()).tables if table.key != "odds"]
    assert [table.key for table in given if not table.is_detail] == [
        "arr_by_year", "unit_economics", "verdicts",
    ]  # fmt: skip
