"""A workbook holds the metrics, adds up, and opens; hostile names stay text."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import numpy as np
import openpyxl
import pytest

from gtmsim.metrics import statements as metrics
from gtmsim.report.build import answer
from gtmsim.results.dataset import convert_units
from gtmsim.workbook.build import take, workbook
from gtmsim.workbook.escaping import plain
from gtmsim.workbook.figures import STATISTICS
from gtmsim.workbook.sheets import Cell, Form, Ink, Sheet, Style, Workbook, column_name
from gtmsim.workbook.statements import ARR_LINES, GRIDS, ROWS_OF, arr_lines, segments_apart
from gtmsim.workbook.tidy import as_csv
from gtmsim.workbook.writing import as_xlsx, is_workbook
from tests.metrics.rich import rich
from tests.workbook.office import converted, needs_office

NAMES = [
    "README", "Summary", "ARR bridge", "P&L", "Cash flow", "Balance sheet", "Unit economics",
    "Assumptions",
]  # fmt: skip
FIRST_BLOCK, START, N_QUARTERS, N_YEARS = 6, 1, 10, 3


@pytest.fixture(scope="module")
def book() -> Workbook:
    return workbook(rich())


@pytest.fixture(scope="module")
def file(book, tmp_path_factory):
    path = tmp_path_factory.mktemp("workbook") / "workbook.xlsx"
    path.write_bytes(as_xlsx(book))
    return path


@pytest.fixture(scope="module")
def read(file):
    """Workbook as openpyxl reads it: formulas."""
    return openpyxl.load_workbook(file)


@pytest.fixture(scope="module")
def made():
    return convert_units(metrics.statements(rich()))


def cells(sheets: Workbook) -> Iterator[tuple[Sheet, int, int, Cell]]:
    for sheet in sheets.sheets:
        for row, its_cells in enumerate(sheet.rows):
            for column, cell in enumerate(its_cells):
                if cell is not None:
                    yield sheet, row, column, cell


def value(read, sheet: str, line: str, column: int, block: int = 0):
    """Cell of a line in a block of a sheet of statements."""
    starts = [row for row in range(1, read[sheet].max_row + 1)
              if read[sheet].cell(row, 1).value in STATISTICS.values()]  # fmt: skip
    return read[sheet].cell(starts[block] + ROWS_OF[sheet][line], column + 1).value


def test_the_sheets_are_there_in_their_order(read):
    assert read.sheetnames == NAMES
    assert all(len(name) <= 31 and not re.search(r"[\[\]:*?/\\]", name) for name in NAMES)


def test_quantiles_and_means_are_those_of_the_metrics(file, made):
    read = openpyxl.load_workbook(file, data_only=True)
    for grid in GRIDS[:3]:
        for line in grid.lines:
            if line.kind == "ratio":
                continue
            over = ["draw", "replication"]
            ordered = made[line.name].stack(future=over).transpose("future", "quarter").to_numpy()
            expected = {
                0: ordered.mean(0),
                1: np.quantile(ordered, 0.5, 0, method="inverted_cdf"),
                2: np.quantile(ordered, 0.1, 0, method="inverted_cdf"),
                3: np.quantile(ordered, 0.9, 0, method="inverted_cdf"),
            }
            for block, by_quarter in expected.items():
                shown = [value(read, grid.name, line.name, START + 1 + n, block)
                         for n in range(N_QUARTERS)]  # fmt: skip
                assert shown == pytest.approx(by_quarter.tolist(), abs=1e-6), (line.name, block)


def test_the_arr_bridge_tells_the_company_and_each_segment(file):
    read = openpyxl.load_workbook(file, data_only=True)["ARR bridge"]
    headings = [row[0].value for row in read.iter_rows() if row[0].value]
    assert "Mean of all futures: smb" in headings
    assert "Mean of all futures: mid" in headings
    closing = rich()["closing_arr"].isel(month=-1).sum("segment").mean() / 100
    row = FIRST_BLOCK + 1 + ROWS_OF["ARR bridge"]["closing_arr"]
    assert read.cell(row, START + 1 + N_QUARTERS).value == pytest.approx(float(closing))


def test_subtotals_and_links_of_means_are_formulas_and_quantiles_are_not(read):
    assert value(read, "P&L", "gross_profit", 2).startswith("=C")
    assert value(read, "P&L", "commissions", START + 2 + N_QUARTERS).startswith("=SUM(C")
    assert value(read, "Cash flow", "net_result", 2).startswith("='P&L'!C")
    assert value(read, "Balance sheet", "accumulated_result", 2).endswith(
        f"'P&L'!C{FIRST_BLOCK + 1 + ROWS_OF['P&L']['net_result']}"
    )
    assert isinstance(value(read, "P&L", "gross_profit", 2, block=1), float)
    assert isinstance(value(read, "P&L", "hosting_cost", 2), float)


def test_colours_tell_inputs_formulas_and_links(book):
    for sheet, _, _, cell in cells(book):
        if sheet.name == "README":
            continue
        if cell.formula:
            assert cell.style.ink in (Ink.PLAIN, Ink.LINK)
        elif isinstance(cell.value, int | float):
            assert cell.style.ink == (Ink.INPUT if is_input(sheet, cell) else Ink.SIMULATED)


def is_input(sheet: Sheet, cell: Cell) -> bool:
    return sheet.name == "Assumptions" and cell.style.ink == Ink.INPUT


def test_dates_are_dates_and_pages_are_set_up(read):
    sheet = read["P&L"]
    assert sheet.cell(FIRST_BLOCK, START + 2).value.date() == date(2026, 3, 31)
    assert sheet.freeze_panes == f"B{FIRST_BLOCK + 1}"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.fitToWidth in (None, 1)  # 1 where it is not said
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert not sheet.sheet_view.showGridLines
    assert sheet.print_title_rows == f"$1:${FIRST_BLOCK}"
    assert sheet.cell(FIRST_BLOCK + 3, START + 2).number_format.startswith("#,##0_);(#,##0)")
    assert "USD" in sheet.cell(1, 1).value


def test_every_assumption_has_its_value_unit_and_origin(book):
    (sheet,) = (sheet for sheet in book.sheets if sheet.name == "Assumptions")
    rows = {row[0].value: row for row in sheet.rows if row}
    _, cash, unit, origin = rows["company.cash"]
    assert (cash.value, cash.style) == (2e6, Style(Form.MONEY, Ink.INPUT))
    assert unit.value == "USD"
    assert re.fullmatch(r"scenario\.toml:\d+", origin.value)
    assert rows["segments.smb.churn_per_year.p10"][2].value == "share"
    assert rows["segments.smb.churn_per_year"][1].style.ink == Ink.SIMULATED  # as drawn


def test_the_summary_and_unit_economics_are_those_of_the_answer(book):
    shown = {cell.value for _, _, _, cell in cells(book) if isinstance(cell.value, str)}
    for table in answer(rich()).tables:
        if table.key in ("odds", "arr_by_year", "unit_economics", "verdicts", "contribution"):
            assert table.title in shown
            (spread,) = [cell for cell in table.rows[0].cells if hasattr(cell, "p50")][:1] or [None]
            values = {cell.value for _, _, _, cell in cells(book)}
            assert spread is None or spread.p50.value in values


def test_equal_results_give_equal_bytes_and_edited_files_are_known(book, file, tmp_path):
    assert as_xlsx(book) == file.read_bytes()
    assert is_workbook(file.read_bytes())
    edited = openpyxl.load_workbook(file)
    edited["README"]["A1"] = "mine"
    edited.save(tmp_path / "edited.xlsx")
    assert not is_workbook((tmp_path / "edited.xlsx").read_bytes())
    assert not is_workbook(b"")
    assert not is_workbook(b"PK not a zip")


def test_the_csv_holds_every_line_quarter_and_statistic(made):
    text = as_csv(take(rich()), "USD", segments_apart(rich()))
    rows = list(csv.DictReader(io.StringIO(text)))
    keys = [(r["statement"], r["segment"], r["line"], r["quarter"], r["statistic"]) for r in rows]
    assert len(set(keys)) == len(keys)
    for statement, lines in metrics.STATEMENTS.items():
        assert {r["line"] for r in rows if r["statement"] == statement} == {x.name for x in lines}
    assert {r["segment"] for r in rows} == {"", "smb", "mid"}
    (cash,) = (r for key, r in zip(keys, rows, strict=True)
               if key == ("balance_sheet", "", "cash", "4", "mean"))  # fmt: skip
    assert float(cash["value"]) == pytest.approx(float(made["cash"].sel(quarter=4).mean()))
    assert float(cash["low"]) < float(cash["value"]) < float(cash["high"])
    assert (cash["unit"], cash["ends"]) == ("USD", "2026-12-31")
    assert {r["unit"] for r in rows if r["statement"] == "arr_bridge"} == {"USD/year"}


# --- an office suite opens it ----------------------------------------------------------------


@needs_office
def test_an_office_suite_recalculates_every_formula_to_the_written_value(book, tmp_path):
    """What formulas come to is written as -1 first, so that only a calculation can mend it."""
    sheets = tuple(
        replace(sheet, rows=tuple(tuple(c and c._replace(value=-1.0) if c and c.formula else c
                                        for c in row) for row in sheet.rows))
        for sheet in book.sheets
    )  # fmt: skip
    path = tmp_path / "blank.xlsx"
    path.write_bytes(as_xlsx(replace(book, sheets=sheets)))
    read = openpyxl.load_workbook(converted(path, "xlsx", tmp_path), data_only=True)
    n_formulas = 0
    for sheet, row, column, cell in cells(book):
        found = read[sheet.name].cell(row + 1, column + 1).value
        assert not re.match(r"#|Err:", str(found)) or found == cell.value
        if cell.formula:
            n_formulas += 1
            assert (found or 0) == pytest.approx(cell.value or 0, abs=1e-4), (sheet.name, row)
    assert n_formulas > 500


@needs_office
def test_an_office_suite_prints_it(file, tmp_path):
    assert converted(file, "pdf", tmp_path).read_bytes().startswith(b"%PDF")


# --- hostile names ---------------------------------------------------------------------------

HOSTILE = (
    '=HYPERLINK("http://x","y")', "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", " =1+1",
    "\x1b[2Jbell\x07", "a\nb", "&P &[Tab] <b>", "{=1+1}", "_x0041_", "'quoted", "x" * 40_000,
)  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_text_in_the_workbook(name, tmp_path):
    """As title of the plan, on a sheet, in the properties and in the footer."""
    sheet = Sheet("README", ((Cell(name),),), (20.0,))
    path = tmp_path / "hostile.xlsx"
    path.write_bytes(as_xlsx(Workbook(name, (sheet,), name)))
    read = openpyxl.load_workbook(path)
    cell = read["README"]["A1"]
    assert cell.data_type == "s"
    assert len(cell.value) <= 32_767
    assert not re.search("[\x00-\x1f]", cell.value)
    assert cell.quotePrefix == name.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert is_workbook(path.read_bytes())


def test_a_whole_workbook_of_a_hostile_plan_has_no_formula_but_its_own():
    text = str(rich().attrs["scenario"])
    name = "=1+1"
    hostile = rich().assign_attrs(title=name, scenario=text.replace('"Tiny"', f'"{name}"'))
    allowed = re.compile(r"=(IF|SUM|ROUND|[A-Z+\-(),>/\d\"'& !]|P&L|Cash flow|Balance sheet)+")
    for _, _, _, cell in cells(workbook(hostile)):
        assert cell.formula == "" or allowed.match(cell.formula)
        assert not (cell.formula and isinstance(cell.value, str) and cell.value)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_text_in_a_csv(name):
    out = io.StringIO()
    csv.writer(out).writerow([plain(name)])
    (read,) = next(csv.reader(io.StringIO(out.getvalue())))
    assert not read.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert not re.search("[\x00-\x1f]", read)


def test_columns_are_named_as_spreadsheets_do():
    assert [column_name(n) for n in (0, 25, 26, 701, 702, 16_383)] == [
        "A", "Z", "AA", "ZZ", "AAA", "XFD",
    ]  # fmt: skip


def test_the_lines_of_the_bridge_are_those_of_the_metric():
    lines = arr_lines(rich())
    assert {line.name for line in ARR_LINES} <= set(lines)
    assert (lines["closing_arr"] == rich()["closing_arr"].sum("segment")).all()
