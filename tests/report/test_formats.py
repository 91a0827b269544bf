"""The answer in its four formats."""

import csv
import io
import json
import re
from dataclasses import replace

import numpy as np
import pytest

from gtmsim.analysis.units import Unit
from gtmsim.report import documents, terminal
from gtmsim.report.answer import Layout, Row, Spread, Table
from gtmsim.report.build import answer
from gtmsim.report.documents import CSV_COLUMNS
from gtmsim.report.text import grid
from gtmsim.statistics.error import Estimate
from tests.report.companies import company


@pytest.fixture(scope="module")
def made():
    return answer(company(months=60, fails=True))


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("errors", [False, True])
def test_no_line_is_wider_than_the_terminal_or_ends_in_blanks(made, width, errors):
    for line in terminal.lines(made, width, errors):
        assert len(line.plain) <= width, line.plain
        assert line.plain == line.plain.rstrip()


@pytest.mark.parametrize("code", ["\x1b[31m", "\x07", "\x9b2J", "\u202e"])
def test_nothing_in_an_answer_acts_on_a_terminal(made, code):
    """Results of an older gtmsim, or of a file by another name, may hold what is refused today."""
    table = replace(made.tables[0], title=f"Odds{code}", notes=(f"a{code}b",))
    row = replace(table.rows[0], label=f"row{code}")
    table = replace(table, rows=(row, *table.rows[1:]), layout=Layout.INLINE, key="other")
    hostile = replace(
        made, title=f"T{code}", question=f"Q{code}", overrides=(f"x={code}",), tables=(table,)
    )
    written = [
        "\n".join(line.plain for line in terminal.lines(hostile, 100)),
        documents.as_markdown(hostile),
        documents.as_json(hostile) if code[0] < "\x20" else "",
        documents.as_csv(hostile),
    ]
    for text in written:
        assert code[0] not in text
    assert all("T\\" in text for text in written[:2])


def section(made, title, width, errors=False):
    """Lines of one table on a terminal."""
    text = "\n".join(line.plain for line in terminal.lines(made, width, errors))
    return text.split(f"{title}")[1].split("\n\n")[0].splitlines()


def test_a_table_that_is_too_wide_is_cut_and_repeats_its_row_labels(made):
    labels = [
        sum(line.plain.startswith("LTV:CAC  ") for line in terminal.lines(made, width))
        for width in (65, 120)
    ]
    assert labels == [2, 1]


def test_headings_are_broken_before_a_table_is_cut(made):
    narrow, wide = (section(made, "ARR bridge by year", width, True) for width in (76, 140))
    assert any("expan-" in line for line in narrow[:3])
    assert "expansion" in wide[1]


def test_the_years_of_a_long_simulation_are_thinned_out_but_never_the_last():
    made = answer(company(months=120, draws=10, fails=True))
    for width, most in ((80, 3), (140, 6)):
        _, heading, *_, note = section(made, "ARR bridge by year", width)
        years = re.findall(r"year \d+", heading)
        assert (years[0], years[-1]) == ("year 1", "year 10")
        assert len(years) <= most
        assert note.startswith("Other years")
    everything = section(made, "ARR bridge by year", 120, errors=True)
    assert sum(line.startswith("year ") and line[5].isdigit() for line in everything) == 10
    assert any("if solvent" in line for line in everything)


def test_a_figure_of_a_part_of_the_futures_says_of_which_part(made):
    inline = section(made, "Unit economics", 140)
    assert "Of the 92% of futures solvent to the end." in inline
    assert not any("of 92%" in line for line in inline if line.startswith("customers"))
    growth = np.where(np.arange(40)[:, None, None, None] < 30, 20, 0)
    wins = answer(company(new_logos=growth * np.array([1, 0])))
    (cac,) = (
        line for line in section(wins, "Unit economics", 140) if line.startswith("CAC, fully")
    )
    assert cac.count("of 75%") == 2  # the segment's that won, and the company's
    stacked = section(made, "Efficiency of the company by year", 140, errors=True)
    year_5 = next(n for n, line in enumerate(stacked) if line.startswith("year 5"))
    assert stacked[year_5 + 5].split()[:3] == ["of", "92%", "92%"]


def test_figures_are_aligned_to_the_right_under_their_headings(made):
    lines = [line.plain for line in terminal.lines(made, 120, errors=True)]
    start = next(n for n, line in enumerate(lines) if line.startswith("Cash by year"))
    header, rule, first = lines[start + 1], lines[start + 2], lines[start + 3]
    assert header.index("opening") + len("opening") == first.index("5.00") + len("5.00")
    assert len(rule) == len(header)


def test_errors_are_shown_on_request(made):
    plain, verbose = ("\n".join(line.plain for line in terminal.lines(made, 120, errors))
                      for errors in (False, True))  # fmt: skip
    assert "±" not in plain
    assert "± p50" in verbose
    assert "Monte Carlo error (95%)" in plain


def test_details_are_shown_on_request_and_in_documents(made):
    plain, verbose = (
        "\n".join(line.plain for line in terminal.lines(made, 120, errors))
        for errors in (False, True)
    )
    assert "Parts of ARR" not in plain
    assert "Parts of ARR" in verbose
    assert "Parts of ARR" in documents.as_markdown(made)


def test_columns_that_are_zero_throughout_are_left_out_of_tables_only(made):
    text = "\n".join(line.plain for line in terminal.lines(made, 120))
    assert "transferred" not in text
    bridge = documents.as_mapping(made)["tables"]["arr_by_year"]["rows"]["year_1"]
    assert bridge["transferred"]["p50"]["value"] == 0.0


def test_json_holds_every_figure_with_its_interval(made):
    read = json.loads(documents.as_json(made))
    odds = read["tables"]["odds"]["rows"]["big"]["odds"]
    assert odds["low"] <= odds["value"] <= odds["high"]
    closing = read["tables"]["arr_by_year"]["rows"]["year_5"]["closing"]
    assert closing["p10"]["value"] < closing["p50"]["value"] < closing["p90"]["value"]
    assert closing["unit"] == "money"


def test_what_is_undefined_or_endless_is_null_in_json():
    never = answer(company(draws=4))
    month = documents.as_mapping(never)["tables"]["stages"]["rows"]["mature"]["month"]
    assert month["p50"]["value"] is None
    json.loads(documents.as_json(never), parse_constant=pytest.fail)  # no NaN, no Infinity


def test_csv_has_a_line_per_figure_and_the_numbers_of_the_json(made):
    lines = list(csv.DictReader(io.StringIO(documents.as_csv(made))))
    assert list(lines[0]) == list(CSV_COLUMNS)
    (line,) = (
        line
        for line in lines
        if (line["table"], line["row"], line["column"], line["statistic"])
        == ("arr_by_year", "year_2", "new", "p50")
    )
    figure = documents.as_mapping(made)["tables"]["arr_by_year"]["rows"]["year_2"]["new"]["p50"]
    assert [float(line[name]) for name in ("value", "low", "high")] == list(figure.values())


def test_markdown_tables_have_as_many_cells_in_every_line(made):
    text = documents.as_markdown(made)
    assert text.startswith("# Made up\n\n*Does it work?*\n\n- Closing ARR reaches")
    for block in text.split("\n\n"):
        lines = [line for line in block.splitlines() if line.startswith("|")]
        assert len({line.count("|") for line in lines}) <= 1
    assert "\u00ad" not in text


def test_a_range_with_a_negative_end_is_written_out():
    low, middle, high = ((value, value, value) for value in (-2.0e6, 1.0e5, 3.0e6))
    spread = Spread(Estimate(*low), Estimate(*middle), Estimate(*high), Estimate(*middle),
                    Unit.MONEY, 1.0)  # fmt: skip
    made = Table("t", "T", "row", {"x": "x"}, (Row("r", "r", (spread,)),), Layout.INLINE)
    assert grid(made, "USD").rows[0][1].line == "$100k (-2M to 3M)"


def test_the_terminal_says_how_much_it_keeps_for_details(made):
    plain, verbose = (
        [line.plain for line in terminal.lines(made, 100, errors)] for errors in (False, True)
    )
    hidden = sum(table.is_detail for table in made.tables)
    assert f"-v shows {hidden} more tables, and these in full." in plain
    assert not any(line.startswith("-v shows") for line in verbose)
    assert len(plain) < len(verbose) / 2
    assert all(any(line.startswith(t.title[:15]) for line in verbose) for t in made.tables[1:])


def test_json_has_the_fans_by_month_and_markdown_leaves_the_drawings_out(made):
    fans = documents.as_mapping(made)["fans"]
    assert list(fans) == ["arr", "cash"]
    assert fans["arr"]["months"][:2] == ["2026-01", "2026-02"]
    last = documents.as_mapping(made)["tables"]["arr_by_year"]["rows"]["year_5"]["closing"]
    for name in ("p10", "p50", "p90"):
        assert len(fans["arr"][name]) == 60
        assert fans["arr"][name][-1] == last[name]["value"]
    assert "\u2591" not in documents.as_markdown(made)
