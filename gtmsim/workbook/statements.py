"""Sheets of income, cash flow, balance sheet and ARR bridge, with the formulas between them."""

from collections.abc import Iterator, Mapping

import xarray as xr

from gtmsim.metrics.labels import company
from gtmsim.metrics.revenue import BRIDGE_FLOWS, arr_bridge
from gtmsim.metrics.statements import BALANCE, CASH_FLOW, DIRECT_CASH_FLOW, INCOME, Line
from gtmsim.workbook.grids import BLOCKS, START, At, Block, Check, Column, Grid, Linked
from gtmsim.workbook.sheets import Ink

INCOME_SHEET, CASH_SHEET, BALANCE_SHEET, ARR_SHEET = (
    "P&L", "Cash flow", "Balance sheet", "ARR bridge",
)  # fmt: skip

_ADD = "Means add up: subtotals and years are formulas. Quantiles are of each line by itself."


def _from(sheet: str) -> Linked:
    """Take the net result of the same column from another sheet."""
    return Linked(lambda column, at: at("net_result", sheet=sheet), Ink.LINK)


def _change(stock: str, sign: str) -> Linked:
    """Write the change of a stock over the quarter, as it acts on cash."""

    def formula(column: Column, at: At) -> str:
        if column.kind == "year":
            return ""
        before, after = (at(stock, column.number - ago, sheet=BALANCE_SHEET) for ago in (1, 0))
        return f"{after}-{before}" if sign == "+" else f"{before}-{after}"

    return Linked(formula, Ink.LINK)


def _cash_at_start(column: Column, at: At) -> str:
    if column.kind == "year":
        return ""
    if column.number == START + 1:
        return at("cash", START, sheet=BALANCE_SHEET)
    return at("cash_at_end", column.number - 1)


def _grown_by(stock: str, flow: str, sheet: str) -> Linked:
    """Stock of a quarter before plus a flow of another sheet."""

    def formula(column: Column, at: At) -> str:
        if column.kind != "quarter":
            return ""
        return f"{at(stock, column.number - 1)}+{at(flow, sheet=sheet)}"

    return Linked(formula, Ink.LINK)


def _equity_at_start(column: Column, at: At) -> str:
    """Write what assets exceed liabilities by at the start, and the same ever after."""
    if column.kind == "start":
        return f"{at('total_assets')}-{at('total_liabilities')}"
    return at("equity_at_start", START)


def _apart(
    label: str, one: tuple[str, str], other: tuple[str, str], from_start: bool = False
) -> Check:
    """Say that two lines, each of this sheet or another, are the same."""

    def formula(column: Column, at: At) -> str:
        if column.kind == "start" and not from_start:
            return ""
        return "-".join(at(name, sheet=sheet) for name, sheet in (one, other))

    return Check(f"check: {label}", formula)


INCOME_GRID = Grid(
    INCOME_SHEET,
    "Income statement",
    INCOME,
    headings={
        "subscription_revenue": "Revenue",
        "hosting_cost": "Cost of revenue",
        "programme_cost": "Operating expense",
    },
    notes=(
        _ADD,
        "Revenue straight-line over service; commissions when earned. No interest, tax or "
        "depreciation. A mean's margin is that of the means.",
    ),
)
CASH_GRID = Grid(
    CASH_SHEET,
    "Cash-flow statement",
    (*CASH_FLOW, *DIRECT_CASH_FLOW),
    headings={
        "net_result": "Indirect method",
        "collections": "Direct method",
    },
    linked={
        "net_result": _from(INCOME_SHEET),
        "receivables_change": _change("receivables", "-"),
        "unbilled_change": _change("unbilled_receivables", "-"),
        "deferred_change": _change("deferred_revenue", "+"),
        "payable_change": _change("commissions_payable", "+"),
        "cash_at_start": Linked(_cash_at_start),
    },
    checks=(
        _apart(
            "indirect less direct method",
            ("operating_cash_flow", ""),
            ("direct_operating_cash_flow", ""),
        ),
        _apart("cash less that of the balance sheet", ("cash_at_end", ""), ("cash", BALANCE_SHEET)),
    ),
    notes=(
        _ADD,
        "What brings cash is positive. Both methods agree in every future and month; the change in "
        "receivables includes write-offs. The model has no investments.",
    ),
)
BALANCE_GRID = Grid(
    BALANCE_SHEET,
    "Balance sheet",
    BALANCE,
    headings={
        "cash": "Assets",
        "deferred_revenue": "Liabilities",
        "equity_at_start": "Equity",
    },
    linked={
        "equity_at_start": Linked(_equity_at_start),
        "raised_funding": _grown_by("raised_funding", "financing_cash_flow", CASH_SHEET),
        "accumulated_result": _grown_by("accumulated_result", "net_result", INCOME_SHEET),
    },
    checks=(
        _apart(
            "assets less liabilities and equity",
            ("total_assets", ""),
            ("liabilities_and_equity", ""),
            from_start=True,
        ),
    ),
    notes=(
        "At the period's end. " + _ADD,
        "It balances in every future and month, to the cent. Where cash runs out it stays as that "
        "month left it.",
    ),
)

_ARR_LABELS = {
    "new": "New",
    "reactivated": "Reactivated",
    "expansion": "Expansion",
    "transferred": "Moved between segments",
    "contraction": "Contraction",
    "churned": "Churned",
    "ceased": "Taken by insolvency",
}
ARR_LINES = (
    Line("opening_arr", "Opening ARR", "opening"),
    *(Line(f"{name}_arr", label) for name, label in _ARR_LABELS.items()),
    Line("closing_arr", "Closing ARR", "stock",
         parts=("opening_arr", *(f"{'-' if sign < 0 else ''}{name}_arr"
                                 for name, sign in BRIDGE_FLOWS.items()))),
)  # fmt: skip


def _carried(column: Column, at: At) -> str:
    """Write closing ARR of the quarter before."""
    return at("closing_arr", column.number - 1) if column.kind == "quarter" else ""


ARR_GRID = Grid(
    ARR_SHEET,
    "ARR bridge",
    ARR_LINES,
    linked={"opening_arr": Linked(_carried)},
    notes=(
        _ADD,
        "Annual recurring revenue in service. Contraction, churn and insolvency subtract.",
    ),
)
GRIDS = (INCOME_GRID, CASH_GRID, BALANCE_GRID, ARR_GRID)
ROWS_OF: Mapping[str, Mapping[str, int]] = {grid.name: grid.rows for grid in GRIDS}


def arr_lines(results: xr.Dataset) -> xr.Dataset:
    """Lay out the ARR bridge by month, of the company and of each segment (``<segment>.<line>``).

    Parameters
    ----------
    results
        Results by segment.
    """
    needed = ["opening_arr", "closing_arr", *(f"{line}_arr" for line in BRIDGE_FLOWS)]
    books = results[needed].load()
    own = {f"{name}.": books.sel(segment=name, drop=True) for name in segments_apart(results)}
    sources = {"": company(books), **own}
    made: dict[str, xr.DataArray] = {}
    for prefix, source in sources.items():
        made |= {f"{prefix}{name}": values for name, values in _bridge(source)}
        at_start = source["opening_arr"].assign_attrs(kind="stock")
        made[f"opening_{prefix}closing_arr"] = at_start
    dated = {"date": results["date"]} if "date" in results.coords else {}
    return xr.Dataset(made, dated)


def _bridge(books: xr.Dataset) -> Iterator[tuple[str, xr.DataArray]]:
    bridge = arr_bridge(books)
    for its_line in ARR_LINES:
        values = bridge[its_line.name.removesuffix("_arr")]
        yield its_line.name, values.assign_attrs(kind=its_line.kind, long_name=its_line.label)


def arr_blocks(results: xr.Dataset) -> tuple[Block, ...]:
    """Blocks of the ARR bridge: of the company, then the means of each segment."""
    names = segments_apart(results)
    own = (Block(f"Mean of all futures: {name}", "mean", f"{name}.") for name in names)
    return (*BLOCKS, *own)


def segments_apart(results: xr.Dataset) -> tuple[str, ...]:
    """Segments of which the ARR bridge tells apart from the company; none where there is one."""
    names = tuple(str(name) for name in results["segment"].to_numpy())
    return names if len(names) > 1 else ()
