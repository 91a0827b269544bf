"""Sheets of the answer: the summary, and unit economics of each segment with their verdicts."""

from collections.abc import Iterator

from gtmsim.report.answer import Answer, Table
from gtmsim.workbook.sheets import Look, Row, Sheet, line, notes
from gtmsim.workbook.tables import table_rows

SUMMARY_SHEET, ECONOMICS_SHEET = "Summary", "Unit economics"
_SUMMARY = ("odds", "arr_by_year", "cash_by_year", "efficiency", "stages")
_ECONOMICS = ("unit_economics", "verdicts", "contribution", "concentration", "teams", "quota")
_ROWS_A_PAGE = 40
_WIDTHS = (50.0, 11.5)


def summary_sheet(answer: Answer) -> Sheet:
    """Lay out the answer in sentences, odds, and ARR and cash by year."""
    rows: list[Row] = [
        line(answer.title, look=Look.TITLE),
        line(_one_line(answer.question), look=Look.NOTE),
        (),
        *notes(answer.headline, look=Look.BODY),
        (),
    ]
    return _sheet(SUMMARY_SHEET, rows, answer, _SUMMARY)


def economics_sheet(answer: Answer) -> Sheet:
    """Lay out unit economics, verdicts, and what each segment and team does."""
    rows: list[Row] = [
        line("Unit economics and verdicts by segment", look=Look.TITLE),
        line(
            f"{answer.currency}. Figures are of the futures in which they are defined; of: the "
            "share of these, where that is not the table's.",
            look=Look.NOTE,
        ),
        (),
    ]
    return _sheet(ECONOMICS_SHEET, rows, answer, _ECONOMICS)


def _sheet(name: str, rows: list[Row], answer: Answer, keys: tuple[str, ...]) -> Sheet:
    breaks: list[int] = []
    page = 0
    for table in _chosen(answer, keys):
        if len(rows) > page + _ROWS_A_PAGE:
            page = len(rows)
            breaks.append(page)
        rows += table_rows(table, answer.currency)
    return Sheet(name, tuple(rows), _WIDTHS, (0, 1), tuple(breaks))


def _chosen(answer: Answer, keys: tuple[str, ...]) -> Iterator[Table]:
    tables = {table.key: table for table in answer.tables}
    return (tables[key] for key in keys if key in tables)


def _one_line(words: str) -> str:
    return " ".join(words.split())
