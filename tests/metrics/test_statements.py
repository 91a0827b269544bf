"""Three statements tie together, to the cent, in every future and month."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

import gtmsim
from gtmsim.errors import AnalysisError
from gtmsim.metrics import profit
from gtmsim.metrics import statements as module
from gtmsim.metrics.statements import (
    BALANCE,
    DIRECT_CASH_FLOW,
    INCOME,
    NEEDED,
    balance_difference,
    lines,
    signed,
    statements,
)
from tests.metrics.books import results, values
from tests.metrics.rich import MONTHS, rich
from tests.scenarios.shipped import SEED, path_of

SHIPPED = ("smb_only", "add_midmarket", "enterprise_annual", "too_early", "stage_gated")
POSTED = sorted(NEEDED - {"insolvent"})


def simulated(name: str) -> xr.Dataset:
    if name in ("living", "failing"):
        return rich("60k" if name == "living" else "2M")
    scenario = gtmsim.load_scenario(path_of(name))
    return gtmsim.simulate(scenario, draws=5, replications=2, seed=SEED, months=40).load()


def open_ends(made: xr.Dataset) -> dict[str, int]:
    """Largest difference of each pair of figures that should be the same, in hundredths."""
    alive = made["net_result"] != 0
    due = (made["commissions_payable"] - made["commissions"]).where(alive, 0)
    pairs = {
        "assets and liabilities with equity": balance_difference(made),
        "both cash-flow methods": made["operating_cash_flow"] - made["direct_operating_cash_flow"],
        "cash": made["cash_at_end"] - made["cash"],
        "commissions payable and those of the month": due,
    }
    return {name: int(abs(apart).max()) for name, apart in pairs.items()}


@pytest.mark.parametrize("name", ["living", "failing", *SHIPPED])
def test_the_statements_tie_in_every_replication_and_month(name):
    made = statements(simulated(name), "month")
    assert set(open_ends(made).values()) == {0}
    assert made["total_assets"].dtype == made["net_result"].dtype == np.int64


def test_every_account_of_the_statements_moves_in_the_rich_company():
    books = rich()
    assert all((books[name] != 0).any() for name in POSTED)
    assert (rich("2M")["insolvent"].isel(month=-1) > 0).all()
    made = statements(books, "month")
    still = {name for name in made if name != "investing_cash_flow" and not (made[name] != 0).any()}
    assert still == {f"opening_{n}" for n in ("commissions_payable", "raised_funding",
                                              "accumulated_result")}  # fmt: skip


@pytest.mark.parametrize("name", POSTED)
def test_an_account_that_is_lost_opens_a_gap(name):
    books = rich()
    without = books.assign({name: xr.zeros_like(books[name])})
    assert max(open_ends(statements(without, "month")).values()) > 0


LEAVES = [line.name for line in (*INCOME, *BALANCE, *DIRECT_CASH_FLOW) if not line.parts]


@pytest.mark.parametrize("leaf", LEAVES)
def test_a_statement_without_one_of_its_lines_opens_a_gap(monkeypatch, leaf):
    for statement in ("INCOME", "BALANCE", "DIRECT_CASH_FLOW"):
        kept = tuple(
            replace(
                line, parts=tuple(part for part in line.parts if part.removeprefix("-") != leaf)
            )
            for line in getattr(module, statement)
        )
        monkeypatch.setattr(module, statement, kept)
    made, _ = module._monthly(rich())
    labelled = {name: (("draw", "replication", "month"), values) for name, values in made.items()}
    assert max(open_ends(xr.Dataset(labelled)).values()) > 0


def test_every_cost_of_the_books_is_in_the_income_statement_once():
    """As it is in cash, but for commissions, which are paid a month later."""
    paid = {*profit.SEGMENT_PAYMENTS, *profit.COMPANY_PAYMENTS} - {"commissions_paid"}
    posted = [name for line in INCOME for _, name in signed(line.posted)]
    posted.remove("service_credits")  # revenue before credits holds them, too
    assert sorted(posted) == sorted(
        paid | {"commissions", "revenue", "services_revenue", "bad_debt"}
    )
    costs = {line.name: line.terms for line in INCOME}
    leaves = {name for _, name in costs["cost_of_revenue"]}
    served = {n for line in INCOME if line.name in leaves for _, n in signed(line.posted)}
    assert served == {*profit.REVENUE_COSTS, *profit.COMPANY_REVENUE_COSTS}


def test_a_small_company_by_hand():
    """Month 1: invoices 1,200 ahead, earns 100, pays 30, owes 50; month 2 is paid and defaults."""
    books = results(
        4, segments=["smb"], opening_cash=1_000, opening_receivables=[40],
        opening_deferred_revenue=[10], billings=[[1_200], [0], [0], [0]],
        revenue=[[110], [100], [100], [100]], collections=[[40], [700], [0], [0]],
        bad_debt=[[0], [500], [0], [0]], commissions=[[50], [0], [0], [0]],
        commissions_paid=[[0], [50], [0], [0]], cogs=[[30], [30], [30], [30]],
        receivables=[[1_200], [0], [0], [0]], deferred_revenue=[[1_100], [1_000], [900], [800]],
        cash=[1_010, 1_630, 1_600, 1_570],
    )  # fmt: skip
    made = statements(books, "month")
    assert values(made["net_result"]) == [30, -430, 70, 70]
    assert values(made["commissions_payable"]) == [50, 0, 0, 0]
    assert values(made["equity"]) == [1_060, 630, 700, 770]
    assert values(made["operating_cash_flow"]) == [10, 620, -30, -30]
    assert set(open_ends(made).values()) == {0}
    assert float(made["opening_equity"].squeeze()) == 1_030
    quarters = statements(books)
    assert values(quarters["net_result"]) == [-330, 70]
    assert values(quarters["cash_at_start"]) == [1_000, 1_600]
    assert values(quarters["cash_at_end"]) == values(quarters["cash"]) == [1_600, 1_570]
    assert values(quarters["gross_margin"]) == pytest.approx([1 - 90 / 310, 0.7])


@pytest.mark.parametrize(("by", "length"), [("quarter", 3), ("year", 12)])
def test_periods_hold_every_month_once_and_the_last_may_be_shorter(by, length):
    monthly, made = statements(rich(), "month"), statements(rich(), by)
    assert made.sizes[by] == -(-MONTHS // length)
    assert (made["total_revenue"].sum(by) == monthly["total_revenue"].sum("month")).all()
    assert (made["cash"].isel({by: -1}) == monthly["cash"].isel(month=-1)).all()
    assert made["date"].to_numpy()[-1] == monthly["date"].to_numpy()[-1]
    assert set(open_ends(made.assign(commissions=made["commissions_payable"])).values()) == {0}
    margin = made["gross_profit"] / made["total_revenue"]
    np.testing.assert_allclose(made["gross_margin"], margin)


def test_what_insolvency_leaves_stays_and_nothing_flows_after():
    books = rich("2M")
    made = statements(books, "month")
    gone = books["insolvent"].to_numpy()[..., :-1] > 0  # from the month after
    for _, line in lines():
        if line.kind == "flow":
            assert (made[line.name].to_numpy()[..., 1:][gone] == 0).all()
        elif line.kind == "stock":
            assert (np.diff(made[line.name].to_numpy())[gone] == 0).all()
    assert (made["unbilled_receivables"].isel(month=-1) > 0).any()


def test_lines_say_what_they_are():
    made = gtmsim.statements(rich())
    for name, line in made.items():
        assert line.attrs["long_name"], name
        assert line.attrs["units"] in ("0.01 USD", "1")
    assert made["gross_margin"].attrs["numerator"] == "gross_profit"
    converted = gtmsim.convert_units(made[["cash"]])["cash"]
    assert converted.attrs["units"] == "USD"
    assert made.sizes == {"draw": 6, "replication": 2, "quarter": 10}


def test_a_period_that_is_none_is_refused():
    with pytest.raises(AnalysisError, match="by month, quarter, year; got 'week'"):
        statements(rich(), "week")
