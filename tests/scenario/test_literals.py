"""Numbers as people write them."""

import re
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gtmsim.scenario import kinds
from gtmsim.scenario.literals import (
    QuantityError,
    currency_of,
    literal_pattern,
    read_number,
    shown,
)


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        (15_000, 15_000.0),
        (0.5, 0.5),
        ("24k", 24_000.0),
        ("24K", 24_000.0),
        ("$2.5M", 2_500_000.0),
        ("2.5m", 2_500_000.0),
        ("1.5B", 1_500_000_000.0),
        ("1.5bn", 1_500_000_000.0),
        ("5 M", 5_000_000.0),
        ("EUR 5M", 5_000_000.0),
        ("5M EUR", 5_000_000.0),
        ("5M€", 5_000_000.0),
        ("A$3k", 3_000.0),
        ("2,400", 2_400.0),
        ("1,250,000.50", 1_250_000.5),
        ("2_400", 2_400.0),
        (".5k", 500.0),
        ("1e6", 1_000_000.0),
        ("+7", 7.0),
        ("  7 ", 7.0),
        ("0.1k", 100.0),
    ],
)
def test_an_amount_may_be_written_with_a_magnitude_a_currency_and_separators(written, amount):
    assert read_number(written, kinds.MONEY) == amount


@pytest.mark.parametrize(
    ("written", "kind", "number"),
    [
        ("8%", kinds.SHARE, 0.08),
        ("15 %", kinds.SHARE, 0.15),
        ("0.15", kinds.SHARE, 0.15),
        ("100%", kinds.SHARE, 1.0),
        ("30%", kinds.GROWTH, 0.3),
        ("-20%", kinds.GROWTH, -0.2),
        ("\N{MINUS SIGN}20%", kinds.GROWTH, -0.2),
        ("75d", kinds.DAYS, 75.0),
        ("75 days", kinds.DAYS, 75.0),
        ("2w", kinds.DAYS, 14.0),
        ("3mo", kinds.DAYS, 91.3125),
        ("3 months", kinds.DAYS, 91.3125),
        ("1y", kinds.DAYS, 365.25),
        ("1 year", kinds.MONTHS, 12.0),
        ("3 months", kinds.MONTHS, 3.0),
        ("30.4375d", kinds.MONTHS, 1.0),
        ("1.2k", kinds.RATE, 1_200.0),
        ("2.4k", kinds.COUNT, 2_400.0),
        ("90%", kinds.FIGURE, 0.9),
        ("-$5M", kinds.FIGURE, -5_000_000.0),
    ],
)
def test_a_literal_is_read_in_the_unit_of_its_key(written, kind, number):
    assert read_number(written, kind) == number


@pytest.mark.parametrize(
    ("written", "kind", "message"),
    [
        ("75d", kinds.SHARE, 'wants a share such as 0.15 or "15%"; "75d" is a time'),
        ("8%", kinds.MONEY, '"8%" is a percentage'),
        ("8%", kinds.DAYS, '"8%" is a percentage'),
        ("$8", kinds.SHARE, '"$8" is an amount of money'),
        ("3m", kinds.DAYS, 'is a number in thousands or more (months are "3mo")'),
        ("$5 EUR", kinds.MONEY, "is an amount with two units"),
        ("5X", kinds.MONEY, 'got "5X"'),
        ("", kinds.MONEY, 'got ""'),
        ("2,5", kinds.MONEY, 'got "2,5"'),
        ("0,400", kinds.MONEY, 'got "0,400"'),
        ("1__0", kinds.MONEY, 'got "1__0"'),
        ("5M\n", kinds.MONEY, "got"),
        (True, kinds.MONEY, "got true"),
        (None, kinds.MONEY, "got None"),
        ([1], kinds.MONEY, "got an array of 1"),
        ({"a": 1}, kinds.MONEY, "got a table with a"),
        (float("nan"), kinds.MONEY, "wants a finite number"),
        (float("inf"), kinds.MONEY, "wants a finite number"),
        (10**400, kinds.MONEY, "a number of more than 64 digits"),
        ("1e300", kinds.MONEY, "at most 100,000,000,000,000"),
        (-1, kinds.MONEY, "must be at least 0"),
        (1.2, kinds.SHARE, "must lie in [0, 1]; got 1.2"),
        (-1, kinds.GROWTH, "must be above -1"),
        (2.5, kinds.COUNT, "wants a whole number; got 2.5"),
        (0, kinds.MONTH_NUMBER, "must be at least 1"),
        ("\x1b[31m", kinds.MONEY, '"?[31m"'),
    ],
)
def test_what_is_no_such_number_is_refused_with_what_was_found(written, kind, message):
    with pytest.raises(QuantityError) as caught:
        read_number(written, kind)
    assert message in caught.value.faults[0].message


@pytest.mark.parametrize("written", ["200%", "120%", "500 %"])
def test_a_percentage_over_100_was_no_slip_of_the_point_and_has_no_hint(written):
    with pytest.raises(QuantityError) as caught:
        read_number(written, kinds.SHARE)
    assert caught.value.faults[0].hint == ""


@pytest.mark.parametrize(
    ("written", "meant"), [(1.2, "0.12"), (15, "0.15"), (5, "0.05"), (3.5, "0.35"), (100, "1")]
)
def test_a_share_over_one_is_answered_with_the_share_it_probably_was(written, meant):
    with pytest.raises(QuantityError) as caught:
        read_number(written, kinds.SHARE)
    assert caught.value.faults[0].hint == f"Did you mean {meant}?"


@pytest.mark.parametrize("written", ["2T", "$2 t", "1.5g"])
def test_an_unknown_magnitude_is_answered_with_those_there_are(written):
    with pytest.raises(QuantityError) as caught:
        read_number(written, kinds.MONEY)
    (fault,) = caught.value.faults
    assert fault.hint == "Thousands are written k, millions M, billions B."


def test_a_decimal_comma_is_explained():
    with pytest.raises(QuantityError) as caught:
        read_number("2,5k", kinds.MONEY)
    assert caught.value.faults[0].hint == "Write the decimal point as a point."


@pytest.mark.parametrize(
    ("text", "sign"),
    [("€5M", "€"), ("5M USD", "USD"), ("US$5", "US$"), ("5M", None), ("8%", None), ("x", None)],
)
def test_the_currency_of_an_amount_is_known(text, sign):
    assert currency_of(text) == sign


def test_long_texts_and_control_signs_do_not_reach_a_message():
    assert shown("x" * 1000).endswith('..."')
    assert "\n" not in shown("a\nb")


_EVERY_KIND = st.sampled_from(
    [kinds.MONEY, kinds.SHARE, kinds.DAYS, kinds.MONTHS, kinds.RATE, kinds.GROWTH, kinds.FIGURE]
)
_WORDS = "1 24 2,400 1_000 .5 1e3 - + $ € USD k M bn % d w mo months y ."
_PIECES = st.lists(
    st.sampled_from(
        [*_WORDS.split(), " "],
    ),
    max_size=5,
).map("".join)


@given(text=_PIECES, kind=_EVERY_KIND)
@example(text="1e324", kind=kinds.MONEY)
def test_the_schemas_pattern_takes_what_the_reader_takes(text, kind):
    try:
        read_number(text, kind)
        takes = True
    except QuantityError as error:
        # Out of range is the business of bounds, which a pattern does not know.
        beyond = ("must lie", "must be", "wants a finite")
        takes = error.faults[0].message.startswith(beyond)
    assert bool(re.search(literal_pattern(kind), text)) == takes


@given(st.text(max_size=80), _EVERY_KIND)
def test_any_text_is_a_number_or_a_quantity_error(text, kind):
    with suppress(QuantityError):
        assert kind.admits(read_number(text, kind))
