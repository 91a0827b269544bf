"""First sheet: what the workbook holds, how to read it, and by what policy it is made."""

from collections.abc import Iterator, Mapping

import xarray as xr

from gtmsim.report.answer import Answer
from gtmsim.report.numbers import share
from gtmsim.results.provenance import identity_of
from gtmsim.workbook.sheets import Cell, Form, Ink, Look, Row, Sheet, Style, line, text

README_SHEET = "README"

CONTENTS: Mapping[str, str] = {
    "Summary": "The answer in sentences, odds of the targets, ARR, cash and efficiency by year",
    "ARR bridge": "ARR from opening to closing by quarter, of the company and of each segment",
    "P&L": "Income statement by quarter",
    "Cash flow": "Cash flow by quarter, indirect and direct method",
    "Balance sheet": "Assets, liabilities and equity at each quarter's end",
    "Unit economics": "CAC, payback, churn, LTV, verdicts and contribution by segment; teams",
    "Assumptions": "Every value of the scenario with its unit and origin; the inputs as drawn",
}
READING = (
    "Every figure is over all futures that were simulated, those that run out of cash included.",
    "Mean: the lines of a statement add up, so subtotals, years and links between sheets are live "
    "formulas. A margin in a block of means is that of the means.",
    "p10, p50, p90: quantiles of each line by itself. The median of a sum is not the sum of the "
    "medians, so these lines do not add up, and no formula pretends that they do.",
    "Each future's own statements do add up, to the cent: the balance sheet balances and both "
    "cash-flow methods agree in every future and month.",
)
POLICY = (
    "Subscription revenue is earned straight-line over service; what is invoiced and not yet "
    "earned is deferred revenue, what is earned and not yet invoiced is an unbilled receivable.",
    "Services fees are earned and invoiced at the signature; they are no part of ARR or of "
    "deferred revenue.",
    "Receivables are invoices, services fees included, that are neither paid, credited nor written "
    "off. Credit notes take back invoices for service not rendered. Bad debt is written off when a "
    "customer is given up; there is no allowance before.",
    "Sales commissions are an expense when earned and paid the month after: commissions payable. "
    "They are not capitalised. Partner commissions and rewards are paid when they arise.",
    "Every other cost is paid in the month in which it is incurred: there are no other payables, "
    "prepayments or accruals. Funding is equity, net of fees.",
    "The model has no interest, tax, depreciation, stock-based pay, debt or investment: the "
    "operating result is the net result, and cash flow from investing is 0.",
    "Equity at the start is what assets exceed liabilities by: cash, and what customers of the "
    "opening position owe and have paid ahead. Commissions payable are 0 then.",
    "Where cash runs out, nothing is posted afterwards and the balance sheet stays as that month "
    "left it: no liquidation is simulated, and nothing is written off.",
)


def readme_sheet(results: xr.Dataset, answer: Answer) -> Sheet:
    """Lay out the first sheet."""
    rows: list[Row] = [
        line(answer.title, look=Look.TITLE),
        line(" ".join(answer.question.split()), look=Look.NOTE),
        (),
        *_pairs("Sheets", CONTENTS),
        *_list("How to read it", READING),
        *_list("Accounting policy", POLICY),
        *_colours(),
        *_pairs("Where the numbers come from", _about(results, answer)),
    ]
    return Sheet(README_SHEET, tuple(rows), (24.0, 125.0), is_one_page=True)


def _pairs(heading: str, pairs: Mapping[str, str]) -> Iterator[Row]:
    yield line(heading, "", look=Look.BLOCK)
    yield from (
        (text(name, Look.WRAPPED), text(words, Look.WRAPPED)) for name, words in pairs.items()
    )
    yield ()


def _list(heading: str, sentences: tuple[str, ...]) -> Iterator[Row]:
    yield line(heading, "", look=Look.BLOCK)
    yield from ((text(""), text(sentence, Look.WRAPPED)) for sentence in sentences)
    yield ()


def _colours() -> Iterator[Row]:
    yield line("Colours of numbers", "", look=Look.BLOCK)
    examples = {
        Ink.INPUT: "typed into the scenario",
        Ink.SIMULATED: "computed by the simulation",
        Ink.PLAIN: "formula",
        Ink.LINK: "formula that links to another sheet",
    }
    for ink, words in examples.items():
        yield (Cell(1000.0, Style(Form.MONEY, ink)), text(words))
    yield ()


def _about(results: xr.Dataset, answer: Answer) -> Mapping[str, str]:
    about = results.attrs
    failed = float((results["insolvent"].isel(month=-1) > 0).mean())
    return {
        "currency": f"{answer.currency}, in units",
        "periods": f"months from {about['start']}; quarters and years count from there and end on "
        "the dates above their columns, a fiscal year of the plan's own",
        "simulation": ", ".join(answer.computed.values()),
        "out of cash": f"{share(failed)} of futures by the end",
        "overrides": ", ".join(answer.overrides) or "none",
        "scenario": str(about.get("scenario_hash", "")),
        "results": f"{identity_of(about)}; a later run into their folder names a workbook that is "
        "of others",
        "error": "Monte Carlo error is shown with odds; `gtmsim show` has that of every figure, "
        "the CSV of this command that of every line",
    }
