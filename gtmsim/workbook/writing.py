"""Workbooks as xlsx files: the only module that knows the format."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from math import ceil
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from gtmsim.workbook.escaping import acts, shown
from gtmsim.workbook.sheets import Cell, Form, Ink, Look, Row, Sheet, Style, Workbook

CREATOR = "gtmsim"
_CREATED = datetime(2000, 1, 1)
"""The same for every file: equal results give equal workbooks, byte for byte."""
_CORE = "docProps/core.xml"
_OF = "gtmsim results "
"""Before the name of the results in the keywords of a file; programs that save it keep them."""
_A3, _A4 = 8, 9
_WIDEST = {_A4: 180, _A3: 320}
"""Characters that can be read across a page."""
_CHARACTERS = 1.35
"""Characters of a sentence in the width of a digit."""
_LINE = 13.5
"""Height of a line of text, points."""
_HEADER_LENGTH = 200  # a header may have 255 characters, `&` takes two

_NUMBERS: Mapping[Form, str] = {
    Form.MONEY: '#,##0_);(#,##0);"-"_)',
    Form.CENTS: '#,##0.00_);(#,##0.00);"-"_)',
    Form.COUNT: "#,##0_);(#,##0);0_)",
    Form.NUMBER: "#,##0.0_);(#,##0.0);0_)",
    Form.FRACTION: "#,##0.0##_);(#,##0.0##);0_)",
    Form.SHARE: "0.0%_);(0.0%);0.0%_)",
    Form.MULTIPLE: '0.0"x"_);(0.0"x");0.0"x"_)',
    Form.MONTH: "mmm yyyy",
    Form.DATE: "d mmm yyyy",
    Form.CHECK: '[Red]#,##0.00_);[Red](#,##0.00);"ok"_)',
}
_COLOURS: Mapping[Ink, str] = {
    Ink.PLAIN: "#000000",
    Ink.INPUT: "#0000FF",
    Ink.SIMULATED: "#44546A",
    Ink.LINK: "#006100",
}
_HEADING: Mapping[str, Any] = {"bold": True, "bg_color": "#1F3864", "font_color": "#FFFFFF"}
_LOOKS: Mapping[Look, Mapping[str, Any]] = {
    Look.BODY: {},
    Look.TITLE: {"bold": True, "font_size": 14},
    Look.HEADING: _HEADING,
    Look.COLUMN: {**_HEADING, "align": "right"},
    Look.BLOCK: {"bold": True, "bg_color": "#D9E1F2"},
    Look.TOTAL: {"bold": True, "top": 1},
    Look.NOTE: {"italic": True, "font_color": "#595959"},
    Look.WRAPPED: {"text_wrap": True, "valign": "top"},
}


def as_xlsx(book: Workbook) -> bytes:
    """Write a workbook.

    Parameters
    ----------
    book
        Its sheets.

    Returns
    -------
    bytes
        An xlsx file; equal workbooks give equal bytes.
    """
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as file:
        about = {"title": shown(book.title), "keywords": f"{_OF}{book.results}"}
        file.set_properties({**about, "author": CREATOR, "created": _CREATED})
        file.set_calc_mode("auto")
        formats = _Formats(file)
        for sheet in book.sheets:
            _write_sheet(file.add_worksheet(sheet.name), sheet, formats, book.title)
    return out.getvalue()


def is_workbook(content: bytes) -> bool:
    """Whether a file is a workbook as `as_xlsx` writes it, and nobody has saved changes to it."""
    core = _core(content)
    saved_by = re.findall(r"<(?:dc:creator|cp:lastModifiedBy)>([^<]*)<", core)
    times = re.findall(r"<dcterms:(?:created|modified)[^>]*>([^<]*)<", core)
    return saved_by == [CREATOR, CREATOR] and set(times) == {f"{_CREATED.isoformat()}Z"}


def results_of(content: bytes) -> str:
    """Name of the results that a workbook is of, also of one that was changed; empty if of none."""
    found = re.search(rf"<cp:keywords>{_OF}(\w+)<", _core(content))
    return found[1] if found else ""


def _core(content: bytes) -> str:
    """Properties of a file; empty if it is no workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return parts.read(_CORE).decode("utf-8", "replace")
    except (zipfile.BadZipFile, KeyError, OSError, ValueError):
        return ""


class _Formats:
    """Formats of the file, each made once."""

    def __init__(self, file: xlsxwriter.Workbook) -> None:
        self._file = file
        self._made: dict[tuple[Style, bool], Format] = {}

    def of(self, style: Style, is_quoted: bool = False) -> Format:
        """Format of a style; quoted text stays text when its cell is edited."""
        key = (style, is_quoted)
        if key not in self._made:
            self._made[key] = self._file.add_format(_properties(style, is_quoted))
        return self._made[key]


def _properties(style: Style, is_quoted: bool) -> dict[str, Any]:
    properties = {
        "font_name": "Arial",
        "font_size": 10,
        "font_color": _COLOURS[style.ink],
    }
    properties |= _LOOKS[style.look]
    if style.form != Form.TEXT:
        properties |= {"num_format": _NUMBERS[style.form], "align": "right"}
    if style.indent:
        properties |= {"indent": style.indent}
    return {**properties, "quote_prefix": is_quoted}


def _write_sheet(page: Worksheet, sheet: Sheet, formats: _Formats, title: str) -> None:
    for number, row in enumerate(sheet.rows):
        for column, cell in enumerate(row):
            if cell is not None:
                _write_cell(page, number, column, cell, formats)
    widths = [*_widths(sheet)]
    for column, width in enumerate(widths):
        page.set_column(column, column, width)
    for number, row in enumerate(sheet.rows):
        if (lines := _lines(row, widths)) > 1:
            page.set_row(number, _LINE * lines)
    _set_up(page, sheet, title, sum(widths))


def _widths(sheet: Sheet) -> Iterator[float]:
    """Width of every column that is used."""
    used = max((len(row) for row in sheet.rows), default=0)
    yield from sheet.widths
    yield from [sheet.widths[-1]] * (used - len(sheet.widths))


def _lines(row: Row, widths: list[float]) -> int:
    """Lines that the text of a row takes where it is wrapped."""
    wrapped = (
        ceil(len(str(cell.value)) / (_CHARACTERS * width))
        for cell, width in zip(row, widths, strict=False)
        if cell is not None and cell.style.look == Look.WRAPPED
    )
    return max(wrapped, default=1)


def _write_cell(page: Worksheet, row: int, column: int, cell: Cell, formats: _Formats) -> None:
    value = cell.value
    if cell.formula:
        page.write_formula(row, column, cell.formula, formats.of(cell.style), value)
    elif isinstance(value, str) and value:
        page.write_string(row, column, shown(value), formats.of(cell.style, acts(value)))
    elif isinstance(value, date):
        when = datetime(value.year, value.month, value.day)
        page.write_datetime(row, column, when, formats.of(cell.style))
    elif isinstance(value, int | float):
        page.write_number(row, column, value, formats.of(cell.style))
    else:
        page.write_blank(row, column, None, formats.of(cell.style))


def _set_up(page: Worksheet, sheet: Sheet, title: str, width: float) -> None:
    rows, columns = sheet.frozen
    page.freeze_panes(rows, columns)
    page.hide_gridlines(2)
    page.set_zoom(85)
    page.set_landscape()
    page.set_paper(_A4 if width <= _WIDEST[_A4] else _A3)
    page.fit_to_pages(ceil(width / _WIDEST[_A3]), int(sheet.is_one_page))
    page.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    page.set_h_pagebreaks([row for row in sheet.breaks if row])
    if rows:
        page.repeat_rows(0, rows - 1)
    if columns:
        page.repeat_columns(0, columns - 1)
    name = shown(title)[: _HEADER_LENGTH // 2].replace("&", "&&")
    page.set_footer(f"&L{name}&C&A&RPage &P of &N")
