"""Numbers as people write them: ``"$2.5M"``, ``"24k"``, ``"8%"``, ``"75d"``, ``"3 months"``."""

import re
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any

from gtmsim.expressions.literals import (
    CURRENCY,
    DIGITS,
    LONGEST,
    SCALE,
    SIGN,
    TIME,
    Literal,
    read_literal,
)
from gtmsim.scenario.kinds import Kind
from gtmsim.vocabulary import DAYS_PER_MONTH


@dataclass(frozen=True)
class Fault:
    """What is wrong with a value, or with the part ``below`` it."""

    message: str
    hint: str = ""
    below: tuple[str | int, ...] = ()
    at_key: bool = False
    """Whether it is the key that is wrong, and not what it holds."""
    span: tuple[int, int] | None = None
    """Part of a text that is wrong: from the first character to before the last."""


_DAYS = {"d": Decimal(1), "w": Decimal(7), "m": Decimal(DAYS_PER_MONTH)}
_DAYS["y"] = 12 * _DAYS["m"]


class QuantityError(ValueError):
    """A value that is not the quantity its key wants; carries every fault found."""

    def __init__(self, *faults: Fault):
        self.faults = faults
        super().__init__("; ".join(fault.message for fault in faults))


def read_number(value: Any, kind: Kind) -> float:
    """Read the number that ``value`` states, in the unit of ``kind``.

    Parameters
    ----------
    value
        Number or literal. Booleans, not-a-number and infinities are not numbers.
    kind
        What the key measures.

    Raises
    ------
    QuantityError
        If it states none, or one out of range.
    """
    if isinstance(value, str):
        number = _read_literal(value, kind)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        number = _finite(value, kind)
    else:
        raise QuantityError(Fault(f"wants {kind.name} such as {kind.example}; got {shown(value)}"))
    if not kind.admits(number):
        hint = _nearby(value, number, kind)
        raise QuantityError(Fault(f"{kind.range_text}; got {shown(value)}", hint))
    if kind.whole and number != int(number):
        raise QuantityError(Fault(f"wants a whole number; got {shown(value)}"))
    return number


def shown(value: Any) -> str:
    """Write a value as messages show it: as in TOML, tables and arrays by their nature."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = value if len(value) <= LONGEST else value[:LONGEST] + "..."
        return '"' + "".join(c if c.isprintable() else "?" for c in text) + '"'
    if isinstance(value, dict):
        return f"a table with {', '.join(map(str, list(value)[:6]))}" if value else "an empty table"
    if isinstance(value, list | tuple):
        return f"an array of {len(value)}"
    return _shown_number(value) if isinstance(value, int | float) else str(value)


def literal_pattern(kind: Kind) -> str:
    """Write the regular expression of the literals of a kind, for JSON Schema."""
    if kind.unit in ("days", "months"):
        return rf"^ *{SIGN} *(?:{DIGITS}) *(?:{TIME})? *$"
    if kind.unit == "money":
        percent = "|%" if kind.percent else ""
        before = rf"(?:{CURRENCY}) *(?:{DIGITS}) *(?:{SCALE})?"
        after = rf"(?:{DIGITS}) *(?:{SCALE})? *(?:{CURRENCY}{percent})?"
        return rf"^ *{SIGN} *(?:{before}|{after}) *$"
    percent = "%?" if kind.percent else ""
    return rf"^ *{SIGN} *(?:{DIGITS}) *(?:{SCALE})? *{percent} *$"


def currency_of(text: str) -> str | None:
    """Currency sign or code in a literal amount, if ``text`` is one."""
    literal = read_literal(text)
    return literal.currency or None if literal else None


def _shown_number(value: float) -> str:
    if isinstance(value, int) and abs(value) >= 10**LONGEST:
        return "a number of more than 64 digits"
    return str(value)


def _finite(value: float, kind: Kind) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if not isfinite(number):
        raise QuantityError(
            Fault(f"wants a finite number such as {kind.example}; got {shown(value)}")
        )
    return number


def _read_literal(text: str, kind: Kind) -> float:
    literal = read_literal(text)
    if literal is None:
        hint = _decimal_comma(text) or _unknown_scale(text)
        raise QuantityError(
            Fault(f"wants {kind.name} such as {kind.example}; got {shown(text)}", hint)
        )
    if problem := _misplaced(literal, kind):
        raise QuantityError(
            Fault(f"wants {kind.name} such as {kind.example}; {shown(text)} is {problem}")
        )
    number = literal.number
    if literal.time:
        number *= _DAYS[literal.time[0]]
        number /= _DAYS["m"] if kind.unit == "months" else 1
    return _finite(float(number), kind)


def _misplaced(literal: Literal, kind: Kind) -> str:
    """Say what the literal is, if that is not what ``kind`` measures."""
    wants_time = kind.unit in ("days", "months")
    meant = ' (months are "3mo")' if literal.scale == "m" else ""
    cases = (
        (literal.has_two_units, "an amount with two units"),
        (bool(literal.currency) and kind.unit != "money", "an amount of money"),
        (literal.is_percent and not kind.percent, "a percentage"),
        (bool(literal.time) and not wants_time, "a time"),
        (bool(literal.scale) and wants_time, f"a number in thousands or more{meant}"),
    )
    return next((text for applies, text in cases if applies), "")


def _decimal_comma(text: str) -> str:
    if re.fullmatch(r"\D*\d+,\d+\D*", text):
        return "Write the decimal point as a point."
    return ""


def _unknown_scale(text: str) -> str:
    if re.fullmatch(r"\W*[\d.,_]+ *[A-Za-z]", text):
        return "Thousands are written k, millions M, billions B."
    return ""


def _nearby(value: Any, number: float, kind: Kind) -> str:
    """Guess what a share over 1 was meant to be; a percentage was no slip of the point."""
    is_percent = isinstance(value, str) and "%" in value
    if kind.unit != "share" or number <= kind.top or is_percent:
        return ""
    digits = Decimal(repr(number))
    meant = digits / 10 if digits < 10 and digits != int(digits) else digits / 100  # noqa: PLR2004
    return f"Did you mean {float(meant):g}?" if kind.admits(float(meant)) else ""
