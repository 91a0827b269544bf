"""Small real comparisons and sweeps, each made once for all tests of their pages."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import xarray as xr

import gtmsim
from gtmsim.analysis.evaluating import STANDARD
from gtmsim.pages.compare.build import compare_page
from gtmsim.pages.compare.reading import Plans, read_plans
from gtmsim.pages.page import Page
from gtmsim.pages.sweep.build import sweep_page
from gtmsim.report.answer import Answer
from gtmsim.report.comparing import Comparison
from gtmsim.report.comparison import comparison_answer
from gtmsim.report.text import Grid
from gtmsim.results.differences import changes
from tests.cli.scenarios import TINY
from tests.pages.runs import run_of

MONTHS = 18
CASH = "company.cash"
REPS = "teams.ae.reps"
GRID = {CASH: ["1M", "2M", "3M"], REPS: [1, 2]}


def comparison_of(results: dict[str, xr.Dataset], **found: object) -> tuple[Comparison, Answer]:
    """Compare results, without the money that plans need unless it is given."""
    first, *others = results.items()
    texts = {name: str(one.attrs["scenario"]) for name, one in results.items()}
    made = Comparison(
        compared=gtmsim.compare(results),
        results=results,
        objective=STANDARD,
        is_stated=False,
        funds={},
        changed={name: changes(texts[first[0]], texts[name]) for name, _ in others},
        command=("gtmsim", "compare", *results),
    )._replace(**found)
    return made, comparison_answer(made)


@cache
def two_plans() -> dict[str, xr.Dataset]:
    return {name: run_of(name, MONTHS) for name in ("smb_only", "add_midmarket")}


@cache
def comparison() -> tuple[Comparison, Answer]:
    return comparison_of(two_plans())


@cache
def plans() -> Plans:
    return read_plans(*comparison())


@cache
def comparison_page() -> Page:
    return compare_page(*comparison())


@cache
def sweep_of(design: str) -> xr.Dataset:
    """A sweep of the tiny scenario."""
    vary = GRID if design == "grid" else {CASH: "1M:3M", REPS: "1:3"}
    with TemporaryDirectory() as folder:
        file = Path(folder) / "tiny.toml"
        file.write_text(TINY, encoding="utf-8")
        return gtmsim.sweep(file, vary, design=design, draws=8, replications=2).load()


@cache
def page_of_sweep(design: str) -> Page:
    return sweep_page(sweep_of(design), ("gtmsim", "sweep", "tiny.toml"))


def table(page: Page, key: str) -> Grid:
    """Numbers under a chart."""
    return next(picture.table for picture in page.pictures if picture.key == key)


def texts(grid: Grid, row: int) -> list[str]:
    return [cell.main for cell in grid.rows[row]]
