"""Fans and bars of text, against quantiles made by hand."""

import io
import re

import pytest
from rich.console import Console

from gtmsim.analysis.units import Unit
from gtmsim.report import terminal
from gtmsim.report.answer import Bars, Fan
from gtmsim.report.build import answer
from gtmsim.report.plots import (
    ASCII,
    BLOCKS,
    bar_lines,
    fan_blocks,
    fan_lines,
    fan_rows,
    marks_for,
    sampled,
    scale_of,
)
from gtmsim.statistics.error import Estimate
from tests.report.companies import company


def fan(p10, p50, p90, first=1):
    months = tuple(f"{2026 + (first + n - 1) // 12}-{(first + n - 1) % 12 + 1:02}"
                   for n in range(len(p50)))  # fmt: skip
    return Fan("arr", "ARR by month", Unit.MONEY, months, tuple(p10), tuple(p50), tuple(p90))


GROWS = fan([0.0, 0.0, 1e6, 1e6], [0.0, 1e6, 1.9e6, 3.2e6], [0.0, 2e6, 3e6, 6e6])
SINKS = fan([2e6, 0.0, -2e6], [2e6, 1e6, 0.6e6], [2e6, 2e6, 2e6])


def plain(lines):
    return [line.plain for line in lines]


def test_a_row_holds_the_values_nearer_to_its_level_than_to_another():
    assert plain(fan_lines(GROWS, "USD", 80, BLOCKS)) == [
        "ARR by month",
        "$6M │   ░",
        "$5M │   ░",
        "$4M │   ░",
        "$3M │  ░▀",
        "$2M │ ░▄░",
        "$1M │ ▀░░",
        " $0 │▀░",
        "     2026",
    ]


def test_the_level_0_is_drawn_through_where_the_band_crosses_it():
    assert scale_of(SINKS) == (6e5, -3, 3)
    assert fan_rows(SINKS, range(3), BLOCKS) == [
        "▀░░", " ▄░", " ░▀", "─░░", "  ░", "  ░", "  ░",
    ]  # fmt: skip
    assert "─" not in "".join(fan_rows(GROWS, range(4), BLOCKS))


def test_each_year_stands_under_its_first_month():
    made = fan(*[[1.0] * 30] * 3, first=10)
    years = fan_lines(made, "USD", 80, BLOCKS)[-1].plain
    assert years.split() == ["2026", "2028"]  # no room for 2027 three columns on
    assert years.index("2028") - years.index("2026") == 15


def test_more_months_than_columns_are_sampled_with_the_first_and_the_last():
    assert sampled(48, 48) == list(range(48))
    assert sampled(9, 5) == [0, 2, 4, 6, 8]
    assert sampled(120, 40)[0] == 0
    assert sampled(120, 40)[-1] == 119


@pytest.mark.parametrize("width", [20, 40, 80, 100, 120])
def test_drawings_fit_and_stand_beside_each_other_where_there_is_room(width):
    months = [float(n) * 1e6 for n in range(1, 49)]
    fans = [fan([0.5 * n for n in months], months, [2 * n for n in months])] * 2
    blocks = list(fan_blocks(fans, "USD", width, BLOCKS))
    assert all(len(line.plain) <= width for block in blocks for line in block)
    assert len(blocks) == (1 if width >= 80 else 2)


BARS = Bars("Odds", {"never": Estimate(0.0, 0.0, 0.02), "closing ARR reaches $7M by month 36":
                     Estimate(0.999, 0.98, 1.0), "half": Estimate(0.5, 0.4, 0.6)})  # fmt: skip


def test_only_what_is_certain_fills_a_bar_or_leaves_it_empty():
    title, never, nearly, half = plain(bar_lines(BARS, 80, ASCII))
    assert title == "Odds"
    assert set(never.split()[1]) == {"."}
    assert re.search(r"#+\.  99.9% \(98-100%\)$", nearly)
    bar = half.split()[1]
    assert abs(bar.count("#") - bar.count(".")) <= 1
    assert half.endswith("50% (40-60%)")


@pytest.mark.parametrize("width", [20, 40, 60, 120])
def test_bars_fit_and_keep_every_label(width):
    lines = plain(bar_lines(BARS, width, BLOCKS))
    assert max(map(len, lines)) <= width
    assert "Closing" in "".join(lines)


def test_an_encoding_without_blocks_gets_ascii_throughout():
    assert [marks_for(name) for name in ("utf-8", "cp437", "ascii", "latin-1", "none")] == [
        BLOCKS, BLOCKS, ASCII, ASCII, ASCII,
    ]  # fmt: skip
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    terminal.write(answer(company(fails=True)), Console(file=out, width=100))
    out.flush()
    assert "####" in out.buffer.getvalue().decode("ascii")


def test_one_month_and_nothing_but_zeros_are_not_drawn():
    assert answer(company(months=1)).fans == ()
    none = company(closing_arr=0)
    assert [made.key for made in answer(none).fans] == ["cash"]


def test_a_target_that_is_not_judged_has_no_bar():
    assert len(answer(company(months=24)).bars.odds) == 3
    assert len(answer(company(months=12)).bars.odds) == 2
