"""From results to a workbook: figures once, then a sheet from each."""

from dataclasses import replace
from typing import NamedTuple

import xarray as xr

from gtmsim.metrics.statements import NEEDED, statements
from gtmsim.report.build import answer
from gtmsim.results.provenance import identity_of
from gtmsim.scenario.document import Document, stored_document
from gtmsim.workbook.assumptions import assumptions_sheet
from gtmsim.workbook.figures import Figures, take_figures
from gtmsim.workbook.grids import Grid, grid_sheet
from gtmsim.workbook.readme import readme_sheet
from gtmsim.workbook.sheets import Workbook
from gtmsim.workbook.statements import (
    ARR_GRID,
    BALANCE_GRID,
    CASH_GRID,
    INCOME_GRID,
    ROWS_OF,
    arr_blocks,
    arr_lines,
)
from gtmsim.workbook.summary import economics_sheet, summary_sheet

STORED = "scenario.toml"
"""File of a results folder that holds what was simulated."""


class Taken(NamedTuple):
    """Figures of a results file.

    Attributes
    ----------
    statements
        Of income, cash flow and balance sheet.
    arr
        Of the ARR bridge, by company and segment.
    """

    statements: Figures
    arr: Figures


def take(results: xr.Dataset) -> Taken:
    """Take the figures that workbook and CSV share.

    Parameters
    ----------
    results
        Of ``simulate`` or ``open_results``, as stored.
    """
    needed = results.drop_vars(set(results.data_vars) - NEEDED)
    return Taken(
        take_figures(statements(needed, "month")),
        take_figures(arr_lines(results)),
    )


def workbook(results: xr.Dataset, document: Document | None = None) -> Workbook:
    """Lay out the workbook of a results file.

    Parameters
    ----------
    results
        Of ``simulate`` or ``open_results``, as stored.
    document
        What was simulated, with the places of its values; by default as the results hold it.
    """
    made, taken = answer(results), take(results)
    source = document or stored_document(str(results.attrs["scenario"]), STORED)
    arr = grid_sheet(_titled(ARR_GRID, results), taken.arr, ROWS_OF, arr_blocks(results))
    return Workbook(
        made.title,
        (
            readme_sheet(results, made),
            summary_sheet(made),
            arr,
            *(
                grid_sheet(_titled(grid, results), taken.statements, ROWS_OF)
                for grid in (INCOME_GRID, CASH_GRID, BALANCE_GRID)
            ),
            economics_sheet(made),
            assumptions_sheet(results, source),
        ),
        identity_of(results.attrs),
    )


def _titled(grid: Grid, results: xr.Dataset) -> Grid:
    """Say of what and in which currency a sheet is."""
    title, currency = results.attrs["title"], results.attrs["currency"]
    return replace(grid, title=f"{grid.title}, {currency}: {title}")
