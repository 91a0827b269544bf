"""The answer in its four formats."""

import csv
import io
import json

import pytest

from gtmsim.metrics.error import Estimate
from gtmsim.report import documents, terminal
from gtmsim.report.answer import Layout, Row, Spread, Table, Unit
from gtmsim.report.build import answer
from gtmsim.report.documents import CSV_COLUMNS
from gtmsim.report.text import grid
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


def test_a_table_that_is_too_wide_is_cut_and_repeats_its_row_labels(made):
    text = "\n".join(line.plain for line in terminal.lines(made, 80))
    efficiency = text.split("Efficiency of the company")[1].split("Company stages")[0]
    assert efficiency.count("burn multiple") > 1
    wide = "\n".join(line.plain for line in terminal.lines(made, 200))
    assert wide.split("Efficiency of the company")[1].split("Company stages")[0].count(
        "burn multiple"
    ) == 1  # fmt: skip


def test_figures_are_aligned_to_the_right_under_their_headings(made):
    lines = [line.plain for line in terminal.lines(made, 120)]
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
