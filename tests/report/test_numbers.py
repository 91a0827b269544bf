"""Numbers as people write them."""

import math

import numpy as np
import pytest

from gtmsim.analysis.units import Unit
from gtmsim.report.figures import not_negative
from gtmsim.report.numbers import interval, money, roughly, scale, scaled, share, written


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2_400_000, "$2.4M"),
        (2_414_000, "$2.41M"),
        (24_140, "$24.1k"),
        (241.4, "$241"),
        (999.96, "$1k"),
        (999_960, "$1M"),
        (1.5e9, "$1.5B"),
        (12.34, "$12.3"),
        (0, "$0"),
        (-93_100, "-$93.1k"),
        (-0.001, "$0"),
    ],
)
def test_money_has_three_digits_and_a_letter(value, text):
    assert money(value, "USD") == text


def test_money_shows_its_currency():
    assert money(3_000, "EUR") == "€3k"
    assert money(3_000, "CHF") == "CHF 3k"
    assert money(-3_000, "CHF") == "-CHF 3k"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0%"),
        (0.0001, "<0.1%"),
        (0.042, "4.2%"),
        (0.62, "62%"),
        (0.0996, "10%"),
        (0.996, "99.6%"),
        (0.9999, ">99.9%"),
        (1.0, "100%"),
        (1.07, "107%"),
        (-0.09, "-9%"),
        (12.5, "1,250%"),
    ],
)
def test_a_share_that_is_not_certain_does_not_look_certain(value, text):
    assert share(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (3.14, Unit.MULTIPLE, "3.1x"),
        (-0.01, Unit.MULTIPLE, "0.0x"),
        (250.0, Unit.MULTIPLE, "250x"),
        (8.04, Unit.MONTHS, "8"),
        (8.25, Unit.MONTHS, "8.2"),
        (84.4, Unit.DAYS, "84"),
        (1234.0, Unit.COUNT, "1,234"),
        (34.0, Unit.MONTH, "34"),
        (0.0, Unit.MONTH, "start"),
        (math.inf, Unit.MONTH, "never"),
        (math.inf, Unit.MONEY, "no limit"),
        (math.inf, Unit.MONTHS, "not yet"),
        (math.nan, Unit.MONEY, "-"),
    ],
)
def test_each_unit_is_written_in_its_way(value, unit, text):
    assert written(value, unit, "USD") == text


def test_the_ends_of_a_range_are_rougher():
    assert roughly(17_767, Unit.MONEY) == "18k"
    assert roughly(-2_564_654, Unit.MONEY) == "-2.6M"
    assert roughly(2_360, Unit.COUNT) == "2.4k"
    assert roughly(118, Unit.COUNT) == "118"
    assert roughly(math.inf, Unit.MONTH) == "never"


def test_an_interval_repeats_no_unit_and_keeps_signs_readable():
    assert interval(0.60, 0.64, Unit.SHARE, "USD") == "60-64%"
    assert interval(2.4e6, 3e6, Unit.MONEY, "USD") == "$2.4M-$3M"
    assert interval(-2.4e6, 3e6, Unit.MONEY, "USD") == "-$2.4M to $3M"
    assert interval(-math.inf, 3e6, Unit.MONEY, "USD") == "unknown"
    assert interval(31.0, math.inf, Unit.MONTH, "USD") == "31 to never"
    assert interval(0.99, 0.9999, Unit.SHARE, "USD") == "99 to >99.9%"
    assert interval(0.0001, 0.02, Unit.SHARE, "USD") == "<0.1% to 2%"


def test_differences_of_shares_are_points():
    assert [written(x, Unit.POINTS, "USD") for x in (0.0163, -0.018, 0.0, -0.0001, 0.31)] == [
        "1.6 pt", "-1.8 pt", "0 pt", ">-0.1 pt", "31 pt",
    ]  # fmt: skip
    assert interval(-0.087, 0.065, Unit.POINTS, "USD") == "-8.7 to 6.5 pt"
    assert interval(0.004, 0.1, Unit.POINTS, "USD") == "0.4-10 pt"
    assert interval(-0.0001, 0.1, Unit.POINTS, "USD") == ">-0.1 pt to 10 pt"


def test_amounts_of_one_table_share_a_scale():
    size, suffix = scale(12_987_000)
    assert suffix == "M"
    assert [scaled(value, size) for value in (12_987_000, 45_000, -1.0, 0)] == [
        "12.99", "0.04", "0", "0",
    ]  # fmt: skip
    assert scaled(999, scale(999)[0]) == "999"


def test_what_is_not_known_is_no_nought():
    """An index or a regret that cannot be told stays undefined, whatever is cut at 0."""
    assert all(np.isnan(not_negative(np.nan, 1.0)))
    assert not_negative(-0.5, 0.1) == (0.0, 0.0, 0.0)
    assert not_negative(1.0, 1.0) == pytest.approx((1.0, 0.0, 2.96))
