"""Small real simulations, each made once for all tests of pages."""

from functools import cache
from pathlib import Path

import xarray as xr

from gtmsim import load_scenario, simulate
from gtmsim.pages.build import run_page
from gtmsim.pages.page import Badge, Badges, Card, Cards, Code, Facts, Folded, Page, Section
from gtmsim.report.text import Grid, Text
from tests.charts.drawn import KINDS, picture

SCENARIOS = Path(__file__).parents[2] / "scenarios"

HOSTILE = "</script><script>alert(1)</script><b>&amp;"
"""A text that closes what it stands in, where that is possible."""
ACTING = "\x1b[31mred\u2028next\u202eback"
"""Characters that act on a terminal, break a line of a script, or turn the direction of writing."""


@cache
def run_of(name: str, months: int = 30, draws: int = 24) -> xr.Dataset:
    """Results of a shipped scenario."""
    return simulate(
        load_scenario(SCENARIOS / f"{name}.toml"), draws=draws, replications=2, months=months
    )


@cache
def page_of(name: str, months: int = 30) -> Page:
    """Page of a shipped scenario."""
    return run_page(run_of(name, months))


def page_from(folder: Path, text: str, months: int | None = None, draws: int = 4) -> Page:
    """Page of a scenario's text."""
    file = folder / "plan.toml"
    file.write_text(text, encoding="utf-8")
    results = simulate(load_scenario(file), draws=draws, replications=2, months=months)
    return run_page(results)


def page_with(text: str) -> Page:
    """Page with a text wherever a page can have one."""
    table = Grid(text, (text, text), 1, ((Text(text, text), Text(text, text)),), (text,))
    blocks = (
        *(picture(kind, text) for kind in KINDS),
        Cards((Card(text, text, text),)),
        Badges((Badge(text, "broken", text),)),
        table,
        Folded(text, table),
        Facts(((text, text),)),
        Code((text,)),
    )
    section = Section("part", text, (text,), blocks)
    return Page(text, text, text, (text,), Cards((Card(text, text, text),)), (section,), text)
