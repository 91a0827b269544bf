"""Numbers as people write them: ``"$2.5M"``, ``"24k"``, ``"8%"``, ``"75d"``, ``"3 months"``."""

import re
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any

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


class QuantityError(ValueError):
    """A value that is not the quantity its key wants; carries every fault found."""

    def __init__(self, *faults: Fault):
        self.faults = faults
        super().__init__("; ".join(fault.message for fault in faults))


_SIGNS = "$€£¥₹₩₽₪฿₺"
_CURRENCY = rf"[{_SIGNS}]|[A-Z]{{3}}|[A-Z]{{1,2}}\$"
_SIGN = "[-+\N{MINUS SIGN}]?"
_DIGITS = (
    r"[0-9]+(?:_[0-9]+)*(?:\.[0-9]+(?:_[0-9]+)*)?(?:[eE][-+]?[0-9]{1,3})?"
    r"|[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?"
    r"|\.[0-9]+"
)
_SCALE = "[kKmMbB]|bn|mn|mm|MM"
_TIME = "d|days?|w|wks?|weeks?|mos?|months?|y|yrs?|years?"
_LITERAL = re.compile(
    rf"(?P<sign>{_SIGN}) *(?P<before>{_CURRENCY})? *(?P<digits>{_DIGITS}) *(?P<scale>{_SCALE})?"
    rf" *(?P<after>%|{_CURRENCY}|{_TIME})?"
)
_SCALES = {"k": 10**3, "m": 10**6, "mn": 10**6, "mm": 10**6, "b": 10**9, "bn": 10**9}
_DAYS = {"d": Decimal(1), "w": Decimal(7), "m": Decimal(DAYS_PER_MONTH)}
_DAYS["y"] = 12 * _DAYS["m"]
_LONGEST = 64  # characters; no literal is longer, and a mistaken paragraph is not matched


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
        raise QuantityError(Fault(f"{kind.range_text}; got {shown(value)}", _nearby(number, kind)))
    if kind.whole and number != int(number):
        raise QuantityError(Fault(f"wants a whole number; got {shown(value)}"))
    return number


def shown(value: Any) -> str:
    """Write a value as messages show it: as in TOML, tables and arrays by their nature."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = value if len(value) <= _LONGEST else value[:_LONGEST] + "..."
        return '"' + "".join(c if c.isprintable() else "?" for c in text) + '"'
    if isinstance(value, dict):
        return f"a table with {', '.join(map(str, list(value)[:6]))}" if value else "an empty table"
    if isinstance(value, list | tuple):
        return f"an array of {len(value)}"
    return _shown_number(value) if isinstance(value, int | float) else str(value)


def literal_pattern(kind: Kind) -> str:
    """Write the regular expression of the literals of a kind, for JSON Schema."""
    if kind.unit in ("days", "months"):
        return rf"^ *{_SIGN} *(?:{_DIGITS}) *(?:{_TIME})? *$"
    if kind.unit == "money":
        percent = "|%" if kind.percent else ""
        before = rf"(?:{_CURRENCY}) *(?:{_DIGITS}) *(?:{_SCALE})?"
        after = rf"(?:{_DIGITS}) *(?:{_SCALE})? *(?:{_CURRENCY}{percent})?"
        return rf"^ *{_SIGN} *(?:{before}|{after}) *$"
    percent = "%?" if kind.percent else ""
    return rf"^ *{_SIGN} *(?:{_DIGITS}) *(?:{_SCALE})? *{percent} *$"


def currency_of(text: str) -> str | None:
    """Currency sign or code in a literal amount, if ``text`` is one."""
    match = _match(text)
    if match is None:
        return None
    after = match["after"] or ""
    return match["before"] or (after if re.fullmatch(_CURRENCY, after) else None)


def _shown_number(value: float) -> str:
    if isinstance(value, int) and abs(value) >= 10**_LONGEST:
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


def _match(text: str) -> re.Match[str] | None:
    return _LITERAL.fullmatch(text.strip(" ")) if len(text) <= _LONGEST else None


def _read_literal(text: str, kind: Kind) -> float:
    match = _match(text)
    if match is None:
        hint = _decimal_comma(text)
        raise QuantityError(
            Fault(f"wants {kind.name} such as {kind.example}; got {shown(text)}", hint)
        )
    after = match["after"] or ""
    currency = match["before"] or (after if re.fullmatch(_CURRENCY, after) else "")
    if problem := _misplaced(match, after, currency, kind):
        raise QuantityError(
            Fault(f"wants {kind.name} such as {kind.example}; {shown(text)} is {problem}")
        )
    number = Decimal(match["digits"].replace(",", "").replace("_", ""))
    number *= _SCALES.get((match["scale"] or "").lower(), 1)
    if after == "%":
        number /= 100
    elif after and not currency:
        number *= _DAYS[after[0]]
        number /= _DAYS["m"] if kind.unit == "months" else 1
    signed = -number if match["sign"] in ("-", "\N{MINUS SIGN}") else number
    return _finite(float(signed), kind)


def _misplaced(match: re.Match[str], after: str, currency: str, kind: Kind) -> str:
    """Say what the literal is, if that is not what ``kind`` measures."""
    is_time = bool(after) and after != "%" and not currency
    wants_time = kind.unit in ("days", "months")
    meant = ' (months are "3mo")' if match["scale"] == "m" else ""
    cases = (
        (bool(match["before"] and after), "an amount with two units"),
        (bool(currency) and kind.unit != "money", "an amount of money"),
        (after == "%" and not kind.percent, "a percentage"),
        (is_time and not wants_time, "a time"),
        (bool(match["scale"]) and wants_time, f"a number in thousands or more{meant}"),
    )
    return next((text for applies, text in cases if applies), "")


def _decimal_comma(text: str) -> str:
    if re.fullmatch(r"\D*\d+,\d+\D*", text):
        return "Write the decimal point as a point."
    return ""


def _nearby(number: float, kind: Kind) -> str:
    """Guess what a share over 1 was meant to be."""
    if kind.unit != "share" or number <= kind.top:
        return ""
    digits = Decimal(repr(number))
    meant = digits / 10 if digits < 10 and digits != int(digits) else digits / 100  # noqa: PLR2004
    return f"Did you mean {float(meant):g}?" if kind.admits(float(meant)) else ""
