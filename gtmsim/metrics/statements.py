"""Three statements of the company: income, cash flow and balance sheet, by month or longer period.

A statement is a tuple of lines. A line is posted from variables of the results, or is the sum of
other lines; both are said by names with a ``-`` before what is subtracted, so that whoever shows a
statement can add it up again. Results as they are stored are whole hundredths of the currency, and
every line is then a whole number: the balance sheet balances in every replication and month.

Accounting policy. Revenue is earned straight-line over service; services fees at the signature.
Credits for missed service levels reduce revenue and are paid in the same month. Commissions are an
expense when earned and paid a month later; nothing is capitalised. Every other cost is paid in the
month in which it is incurred. There is no interest, tax, depreciation or investment, so the
operating result is the net result. After an insolvency nothing is posted any more, and the balance
sheet stays as that month left it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gtmsim.errors import AnalysisError
from gtmsim.metrics import formulas
from gtmsim.metrics.labels import QUARTER, YEAR, ratio, units_of
from gtmsim.metrics.profit import (
    COMPANY_PAYMENTS,
    COMPANY_REVENUE_COSTS,
    REVENUE_COSTS,
    SEGMENT_PAYMENTS,
)

Kind = Literal["flow", "opening", "stock", "ratio"]
"""Of the period, at its start, at its end, or a quotient of two lines."""

PERIODS = {"month": 1, "quarter": QUARTER, "year": YEAR}
"""Months of each period; the first begins with the scenario's first month."""

Terms = tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Line:
    """A line of a statement.

    Attributes
    ----------
    name, label
        Name in the Dataset, and for people.
    kind
        How it is put together over a period.
    posted
        Variables of the results that it holds, summed over segments; ``-`` subtracts.
    parts
        Lines that it is the sum of; ``-`` subtracts. Of a ratio: numerator and denominator.
    """

    name: str
    label: str
    kind: Kind = "flow"
    posted: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()

    @property
    def terms(self) -> Terms:
        """Signs and names of the parts."""
        return signed(self.parts)


def signed(names: Sequence[str]) -> Terms:
    """Split names into their signs and themselves."""
    return tuple((-1 if name.startswith("-") else 1, name.removeprefix("-")) for name in names)


INCOME = (
    Line("subscription_revenue", "Subscription revenue", posted=("revenue", "service_credits")),
    Line("service_credits", "Credits for missed service levels", posted=("service_credits",)),
    Line("services_revenue", "Services revenue", posted=("services_revenue",)),
    Line("total_revenue", "Revenue",
         parts=("subscription_revenue", "-service_credits", "services_revenue")),
    Line("hosting_cost", "Hosting and third parties", posted=("cogs",)),
    Line("support_cost", "Support", posted=("support_cost", "company_support_cost")),
    Line("onboarding_cost", "Onboarding", posted=("onboarding_cost",)),
    Line("success_cost", "Customer success and implementation",
         posted=("success_team_cost", "success_programme_cost", "company_success_cost")),
    Line("cost_of_revenue", "Cost of revenue",
         parts=("hosting_cost", "support_cost", "onboarding_cost", "success_cost")),
    Line("gross_profit", "Gross profit", parts=("total_revenue", "-cost_of_revenue")),
    Line("gross_margin", "Gross margin", "ratio", parts=("gross_profit", "total_revenue")),
    Line("programme_cost", "Channels and leads", posted=("channel_spend", "lead_cost")),
    Line("deal_cost", "Stages and touches", posted=("stage_cost",)),
    Line("referral_cost", "Rewards and partner commissions", posted=("referral_cost",)),
    Line("expansion_cost", "Expansion programmes", posted=("expansion_cost",)),
    Line("sales_team_cost", "Sales and marketing teams", posted=("sales_team_cost",)),
    Line("commissions", "Sales commissions", posted=("commissions",)),
    Line("tools_cost", "Tools", posted=("tools_cost",)),
    Line("company_sales_and_marketing", "Sales and marketing of no one segment",
         posted=("company_marketing_cost", "company_sales_cost")),
    Line("sales_and_marketing", "Sales and marketing",
         parts=("programme_cost", "deal_cost", "referral_cost", "expansion_cost",
                "sales_team_cost", "commissions", "tools_cost", "company_sales_and_marketing")),
    Line("research_and_development", "Product (R&D)", posted=("product_cost",)),
    Line("general_and_administrative", "General and administrative", posted=("general_cost",)),
    Line("bad_debt", "Bad debt", posted=("bad_debt",)),
    Line("operating_expense", "Operating expense",
         parts=("sales_and_marketing", "research_and_development", "general_and_administrative",
                "bad_debt")),
    Line("net_result", "Operating and net result", parts=("gross_profit", "-operating_expense")),
    Line("net_margin", "Net margin", "ratio", parts=("net_result", "total_revenue")),
)  # fmt: skip
"""Income statement, by function. Costs are positive and subtracted."""

BALANCE = (
    Line("cash", "Cash", "stock", posted=("cash",)),
    Line("receivables", "Receivables", "stock", posted=("receivables",)),
    Line("unbilled_receivables", "Unbilled receivables", "stock", posted=("unbilled_receivables",)),
    Line("total_assets", "Total assets", "stock",
         parts=("cash", "receivables", "unbilled_receivables")),
    Line("deferred_revenue", "Deferred revenue", "stock", posted=("deferred_revenue",)),
    Line("commissions_payable", "Commissions payable", "stock"),
    Line("total_liabilities", "Total liabilities", "stock",
         parts=("deferred_revenue", "commissions_payable")),
    Line("equity_at_start", "Equity at the start", "stock"),
    Line("raised_funding", "Funding raised since", "stock"),
    Line("accumulated_result", "Result since", "stock"),
    Line("equity", "Total equity", "stock",
         parts=("equity_at_start", "raised_funding", "accumulated_result")),
    Line("liabilities_and_equity", "Total liabilities and equity", "stock",
         parts=("total_liabilities", "equity")),
)  # fmt: skip
"""Balance sheet at the period's end."""

_BALANCE_CHANGES = {
    "receivables_change": "-receivables",
    "unbilled_change": "-unbilled_receivables",
    "deferred_change": "deferred_revenue",
    "payable_change": "commissions_payable",
}
"""Lines of the indirect method that are changes of the balance sheet, with what they do to cash."""

CASH_FLOW = (
    Line("net_result", "Operating and net result"),
    Line("receivables_change", "Change in receivables"),
    Line("unbilled_change", "Change in unbilled receivables"),
    Line("deferred_change", "Change in deferred revenue"),
    Line("payable_change", "Change in commissions payable"),
    Line("operating_cash_flow", "Cash flow from operations",
         parts=("net_result", *_BALANCE_CHANGES)),
    Line("investing_cash_flow", "Cash flow from investing"),
    Line("financing_cash_flow", "Cash flow from financing: funding", posted=("funding",)),
    Line("change_in_cash", "Change in cash",
         parts=("operating_cash_flow", "investing_cash_flow", "financing_cash_flow")),
    Line("cash_at_start", "Cash at the start", "opening"),
    Line("cash_at_end", "Cash at the end", "stock", parts=("cash_at_start", "change_in_cash")),
)  # fmt: skip
"""Cash-flow statement by the indirect method; what brings cash is positive."""


def _less(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"-{name}" for name in names)


_PAID_TO_SERVE = (*REVENUE_COSTS, *COMPANY_REVENUE_COSTS)
_PAID_COMMISSIONS = ("commissions_paid",)
_PAID_PRODUCT, _PAID_GENERAL = ("product_cost",), ("general_cost",)
_PAID_CREDITS = ("service_credits",)
_PAID_OTHERWISE = {
    *_PAID_TO_SERVE, *_PAID_COMMISSIONS, *_PAID_PRODUCT, *_PAID_GENERAL, *_PAID_CREDITS,
}  # fmt: skip
_PAID_TO_SELL = tuple(
    name for name in (*SEGMENT_PAYMENTS, *COMPANY_PAYMENTS) if name not in _PAID_OTHERWISE
)

DIRECT_CASH_FLOW = (
    Line("collections", "Received for subscriptions", posted=("collections",)),
    Line("services_collections", "Received for services", posted=("services_collections",)),
    Line("paid_service_credits", "Paid service credits", posted=_less(_PAID_CREDITS)),
    Line("paid_cost_of_revenue", "Paid for cost of revenue", posted=_less(_PAID_TO_SERVE)),
    Line("paid_commissions", "Paid commissions", posted=_less(_PAID_COMMISSIONS)),
    Line("paid_sales_and_marketing", "Paid for other sales and marketing",
         posted=_less(_PAID_TO_SELL)),
    Line("paid_product", "Paid for product (R&D)", posted=_less(_PAID_PRODUCT)),
    Line("paid_general", "Paid for general and administrative", posted=_less(_PAID_GENERAL)),
    Line("direct_operating_cash_flow", "Cash flow from operations, direct method",
         parts=("collections", "services_collections", "paid_service_credits",
                "paid_cost_of_revenue", "paid_commissions", "paid_sales_and_marketing",
                "paid_product", "paid_general")),
)  # fmt: skip
"""Cash flow from operations by the direct method."""

STATEMENTS: Mapping[str, tuple[Line, ...]] = {
    "income": INCOME,
    "cash_flow": (*CASH_FLOW, *DIRECT_CASH_FLOW),
    "balance_sheet": BALANCE,
}
"""Lines by statement, in the order in which they are shown."""

OPENING_STOCKS = ("cash", "receivables", "unbilled_receivables", "deferred_revenue")
"""Stocks of the balance sheet that the results hold at the start."""


def lines() -> Iterator[tuple[str, Line]]:
    """Every line once, with the statement in which it stands first."""
    seen: set[str] = set()
    for statement, its_lines in STATEMENTS.items():
        for line in its_lines:
            if line.name not in seen:
                seen.add(line.name)
                yield statement, line


_POSTED = frozenset(name for _, line in lines() for _, name in signed(line.posted))
NEEDED = _POSTED | {f"opening_{stock}" for stock in OPENING_STOCKS}
"""Variables of the results that statements need."""


def statements(results: xr.Dataset, by: str = "quarter") -> xr.Dataset:
    """Lay out income statement, cash flow and balance sheet of the company.

    Parameters
    ----------
    results
        As stored, so that every line is exact, or converted.
    by
        ``month``, ``quarter`` or ``year``. Quarters and years count from the scenario's first
        month (a fiscal year of its own, whatever the calendar's); the last may be shorter.

    Returns
    -------
    Dataset
        Every line of `STATEMENTS`, in the unit of the results (currency; ratios are shares), dims
        (draw, replication, ``by``), and ``opening_<line>`` of each line of the balance sheet, dims
        (draw, replication), before anything happens. Attributes of a line: ``long_name``,
        ``units``, ``kind`` and ``statement``. Coordinates: ``by`` from 1, and ``date``, the
        period's last day. Ratios are NaN without revenue. Where cash runs out, flows are 0
        afterwards and stocks stay.

    Raises
    ------
    AnalysisError
        If the period is none of these.
    """
    return over_periods(_labelled(results), by)


def over_periods(monthly: xr.Dataset, by: str) -> xr.Dataset:
    """Put months together: flows summed, stocks at the start or end, ratios of the sums.

    Parameters
    ----------
    monthly
        Variables with the attribute ``kind``; a ratio names its ``numerator`` and ``denominator``.
        What has no month stays.
    by
        As of `statements`.

    Returns
    -------
    Dataset
        With the dimension ``by`` in place of ``month``.
    """
    if by not in PERIODS:
        raise AnalysisError(f"statements are by {', '.join(PERIODS)}; got {by!r}")
    first = np.arange(0, monthly.sizes["month"], PERIODS[by])
    last = np.append(first[1:], monthly.sizes["month"]) - 1
    coordinates = {by: np.arange(1, len(first) + 1)}
    if "date" in monthly.coords:
        coordinates["date"] = (by, monthly["date"].to_numpy()[last])  # type: ignore[assignment]
    made: dict[str, xr.DataArray] = {}
    for name, line in monthly.data_vars.items():
        if "month" not in line.dims:
            made[str(name)] = line
        elif line.attrs["kind"] == "ratio":
            parts = (made[line.attrs[part]] for part in ("numerator", "denominator"))
            made[str(name)] = ratio(*parts).assign_attrs(line.attrs)
        else:
            values = _over_months(line, first, last)
            dims = (*(dim for dim in line.dims if dim != "month"), by)
            made[str(name)] = xr.DataArray(values, dims=dims, attrs=line.attrs)
    kept = {dim: monthly[dim] for dim in ("draw", "replication") if dim in monthly.coords}
    return xr.Dataset(made, {**kept, **coordinates}, monthly.attrs)


def _over_months(
    line: xr.DataArray, first: NDArray[np.int64], last: NDArray[np.int64]
) -> NDArray[Any]:
    """Numbers of shape (..., periods)."""
    values = line.transpose(..., "month").to_numpy()
    if line.attrs["kind"] == "flow":
        sums: NDArray[Any] = np.add.reduceat(values, first, axis=-1)
        return sums
    return values[..., first if line.attrs["kind"] == "opening" else last]


def balance_difference(made: xr.Dataset) -> xr.DataArray:
    """Assets less liabilities and equity: 0 in every replication and period.

    Equity is what was there at the start, was raised and was earned, so this is the test of whether
    the other lines are complete.
    """
    return made["total_assets"] - made["liabilities_and_equity"]


# --- by month --------------------------------------------------------------------------------

_Numbers = dict[str, NDArray[Any]]
"""Lines by name, each of shape (draws, replications, months) or, at the start, (.., 1)."""

_DIMS = ("draw", "replication", "month")


def _labelled(results: xr.Dataset) -> xr.Dataset:
    """Every line by month, and the balance sheet at the start, with what each is."""
    made, opening = _monthly(results)
    units = units_of(results, "cash")
    by_month = {
        line.name: (_DIMS, _line(line, made), _about(line, statement, units))
        for statement, line in lines()
    }
    at_start = {
        f"opening_{line.name}": (
            _DIMS[:2], opening[line.name][..., 0], _about(line, "balance_sheet", units)
        )
        for line in BALANCE
    }  # fmt: skip
    labels = {name: results[name] for name in (*_DIMS, "date") if name in results.coords}
    about = {key: results.attrs[key] for key in ("title", "currency") if key in results.attrs}
    return xr.Dataset({**by_month, **at_start}, labels, about)


def _line(line: Line, made: _Numbers) -> NDArray[Any]:
    if line.kind != "ratio":
        return made[line.name]
    return formulas.ratio(*(made[name] for _, name in line.terms))


def _about(line: Line, statement: str, units: str) -> dict[str, str]:
    about = {"long_name": line.label, "kind": line.kind, "statement": statement}
    if line.kind != "ratio":
        return {**about, "units": units}
    (_, numerator), (_, denominator) = line.terms
    return {**about, "units": "1", "numerator": numerator, "denominator": denominator}


def _monthly(results: xr.Dataset) -> tuple[_Numbers, _Numbers]:
    """Every line but ratios by month, and the balance sheet at the start."""
    opening = _opening(results)
    books = {name: _of_company(results[name]) for name in _POSTED}
    made = {line.name: _sum(line.posted, books) for _, line in lines() if line.posted}
    _add_up(INCOME, made)
    unpaid = made["commissions"] + made["paid_commissions"]
    made["commissions_payable"] = unpaid.cumsum(-1)
    made["equity_at_start"] = opening["equity_at_start"] + np.zeros_like(unpaid)
    made["raised_funding"] = made["financing_cash_flow"].cumsum(-1)
    made["accumulated_result"] = made["net_result"].cumsum(-1)
    _add_up(BALANCE, made)
    for name, change in _BALANCE_CHANGES.items():
        ((sign, stock),) = signed((change,))
        made[name] = sign * np.diff(made[stock], prepend=opening[stock])
    made["investing_cash_flow"] = np.zeros_like(unpaid)
    made["cash_at_start"] = np.concatenate([opening["cash"], made["cash"][..., :-1]], axis=-1)
    _add_up((*CASH_FLOW, *DIRECT_CASH_FLOW), made)
    return made, opening


def _opening(results: xr.Dataset) -> _Numbers:
    """Balance sheet at the start: equity is what assets exceed liabilities by."""
    made = {stock: _of_company(results[f"opening_{stock}"]) for stock in OPENING_STOCKS}
    nothing = np.zeros_like(made["cash"])
    for name in ("commissions_payable", "equity_at_start", "raised_funding", "accumulated_result"):
        made[name] = nothing
    _add_up(BALANCE, made)
    made["equity_at_start"] = made["total_assets"] - made["total_liabilities"]
    _add_up(BALANCE, made)
    return made


def _of_company(variable: xr.DataArray) -> NDArray[Any]:
    """Numbers of the company, shape (draws, replications, months), or 1 month at the start."""
    dims = [dim for dim in (*_DIMS, "segment") if dim in variable.dims]
    values = variable.transpose(*dims).to_numpy()
    values = values.sum(-1) if "segment" in dims else values
    return values if "month" in dims else values[..., None]


def _add_up(statement: Sequence[Line], made: _Numbers) -> None:
    """Add the sums of a statement whose other lines are there."""
    for line in statement:
        if line.parts and line.kind != "ratio":
            made[line.name] = _sum(line.parts, made)


def _sum(names: Sequence[str], of: _Numbers) -> NDArray[Any]:
    total: NDArray[Any] = sum(sign * of[name] for sign, name in signed(names))  # type: ignore[assignment]
    return total
