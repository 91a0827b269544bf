"""Numbers as people write them: $2.4M, 62%, 3.2x."""

from bisect import bisect
from math import inf, isfinite, isinf, isnan

from gtmsim.analysis.units import Unit

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}

UNDEFINED = "-"
NEVER = "never"
AT_START = "start"
NOT_YET = "not yet"
ENDLESS = "no limit"

_SCALES = ((1e9, "B"), (1e6, "M"), (1e3, "k"), (1.0, ""))
_ROUNDED_UP_TO_MORE_DIGITS = (9.995, 99.95)
_LEAST = 0.0005
"""Smallest share that one decimal of a percentage shows."""
_SIGNS = ("-", "<", ">")
_SMALL, _LARGE = 0.0995, 0.005
"""Shares up to the one, or as close to 1 as the other, are shown with a decimal."""
_LONG = {Unit.MONEY: 0.0, Unit.COUNT: 1000.0}
_SHORT, _ONE_DECIMAL, _TWO_DIGITS = 10, 99.95, 9.95


def symbol(currency: str) -> str:
    """Return what stands before an amount."""
    return SYMBOLS.get(currency, f"{currency} ")


def with_plus(value: float, text: str) -> str:
    """Put a plus before the text of a positive number; one that says less than has none."""
    return f"+{text}" if value > 0.0 and not text.startswith("<") else text


def written(value: float, unit: Unit, currency: str) -> str:
    """Write a number with its unit, to three significant digits or so."""
    if isnan(value):
        return UNDEFINED
    if unit == Unit.MONTH and value in (0.0, inf):
        return AT_START if value == 0.0 else NEVER
    if isinf(value):
        return (NOT_YET if unit == Unit.MONTHS else ENDLESS) if value > 0 else UNDEFINED
    if unit == Unit.MONEY:
        return money(value, currency)
    return _PLAIN[unit](value)


def exactly(value: float, unit: Unit, currency: str) -> str:
    """Write a figure without Monte Carlo error: shares and times have a decimal."""
    if unit in (Unit.MONTHS, Unit.MONTH) and value == inf:
        return NEVER
    if isfinite(value) and unit == Unit.SHARE and abs(value) >= _SMALL:
        return _trimmed(100.0 * value, 1) + "%"
    if isfinite(value) and unit == Unit.MONTHS:
        return _trimmed(value, 1)
    return written(value, unit, currency)


def money(value: float, currency: str) -> str:
    """Write an amount: ``$2.4M``, ``-$24.1k``, ``CHF 310``."""
    size, suffix = scale(abs(value))
    digits = significant(abs(value) / size)
    sign = "-" if value < 0 and digits != "0" else ""
    return f"{sign}{symbol(currency)}{digits}{suffix}"


def roughly(value: float, unit: Unit) -> str:
    """Write an end of a range: no currency, two significant digits of what is large."""
    if not isfinite(value) or unit not in (Unit.MONEY, Unit.COUNT) or abs(value) < _LONG[unit]:
        return written(value, unit, "").removeprefix(" ").replace("- ", "-")
    size, suffix = scale(abs(value))
    return f"{'-' if value < 0 else ''}{_trimmed(*_two_digits(abs(value) / size))}{suffix}"


def _two_digits(value: float) -> tuple[float, int]:
    return value, int(value < _TWO_DIGITS)


def scale(largest: float) -> tuple[float, str]:
    """Choose thousands, millions or billions for amounts up to ``largest``."""
    rounding = 1.0 - 5e-4  # 999.6k is written 1M
    return next((s for s in _SCALES if largest >= s[0] * rounding), _SCALES[-1])


def scaled(value: float, size: float) -> str:
    """Write an amount in the scale of its table, with two decimals so that they line up."""
    if isnan(value):
        return UNDEFINED
    if isinf(value):
        return "inf" if value > 0 else "-inf"
    text = f"{value / size:,.2f}" if size > 1.0 else f"{value:,.0f}"
    return "0" if not text.strip("-0.") else text


def significant(value: float) -> str:
    """Three significant digits without trailing zeros, thousands separated."""
    return _trimmed(value, 2 - bisect(_ROUNDED_UP_TO_MORE_DIGITS, value))


def share(value: float) -> str:
    """Write a share as a percentage; what is not 0 or 1 does not look like it."""
    size = abs(value)
    if 0.0 < size < _LEAST:
        return "<0.1%" if value > 0 else ">-0.1%"
    if 1.0 - _LEAST < size < 1.0:
        return ">99.9%"
    needs_decimal = size < _SMALL or 1.0 - _LARGE < size < 1.0
    return _trimmed(100.0 * value, int(needs_decimal)) + "%"


def points(value: float) -> str:
    """Write a difference of shares in points of percentage: ``-1.8 pt``."""
    if 0.0 < abs(value) < _LEAST:
        return "<0.1 pt" if value > 0 else ">-0.1 pt"
    return f"{_trimmed(100.0 * value, 1)} pt"


def interval(low: float, high: float, unit: Unit, currency: str) -> str:
    """Write the ends of an interval: ``60-64%``, ``$2.4M-$3M``."""
    ends = [written(end, unit, currency) for end in (low, high)]
    if unit == Unit.MONTH and high == inf and low > -inf:
        return NEVER if low == inf else " to ".join(ends)
    if low == -inf or high == inf:
        return "unknown"
    suffix = {Unit.SHARE: "%", Unit.POINTS: " pt"}.get(unit, "")
    if suffix and "<" not in ends[0] and ">" not in ends[0]:
        ends[0] = ends[0].removesuffix(suffix)
    return joined(*ends)


def joined(low: str, high: str) -> str:
    """Join the ends of a range: with a hyphen, unless a sign would stand beside it."""
    signed = low.startswith(_SIGNS) or high.startswith(_SIGNS)
    return f"{low} to {high}" if signed else f"{low}-{high}"


def _trimmed(value: float, decimals: int) -> str:
    text = f"{value:,.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _count(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= _SHORT else _trimmed(value, 1)


def _multiple(value: float) -> str:
    text = f"{value:,.0f}x" if abs(value) >= _ONE_DECIMAL else f"{value:.1f}x"
    return text.removeprefix("-") if not text.strip("-0.x") else text


def _time(value: float) -> str:
    return _trimmed(value, int(abs(value) < _TWO_DIGITS))


_PLAIN = {
    Unit.SHARE: share,
    Unit.POINTS: points,
    Unit.COUNT: _count,
    Unit.MULTIPLE: _multiple,
    Unit.MONTHS: _time,
    Unit.DAYS: _time,
    Unit.MONTH: _count,
}
