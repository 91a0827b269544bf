"""Numbers as people write them: ``$2.5M``, ``24k``, ``8%``, ``75d``."""

import re
from dataclasses import dataclass
from decimal import Decimal

_SIGNS = "$€£¥₹₩₽₪฿₺"
CURRENCY = rf"[{_SIGNS}]|[A-Z]{{3}}|[A-Z]{{1,2}}\$"
SIGN = "[-+\N{MINUS SIGN}]?"
_GROUPED = r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?"
DIGITS = (
    r"[0-9]+(?:_[0-9]+)*(?:\.[0-9]+(?:_[0-9]+)*)?(?:[eE][-+]?[0-9]{1,3})?"
    rf"|{_GROUPED}"
    r"|\.[0-9]+"
)
SCALE = "[kKmMbB]|bn|mn|mm|MM"
TIME = "d|days?|w|wks?|weeks?|mos?|months?|y|yrs?|years?"
_UNSIGNED = (
    rf"(?:(?P<before>{CURRENCY}) *)?(?P<digits>{_GROUPED}|{DIGITS})(?: *(?P<scale>{SCALE}))?"
    rf"(?: *(?P<after>%|{CURRENCY}|{TIME}))?"
)
_LITERAL = re.compile(rf"(?P<sign>{SIGN}) *{_UNSIGNED}")
_IN_TEXT = re.compile(rf"{_UNSIGNED}(?![\w.])")
_SCALES = {"k": 10**3, "m": 10**6, "mn": 10**6, "mm": 10**6, "b": 10**9, "bn": 10**9}
LONGEST = 64
"""Characters. No literal is longer, and a mistaken paragraph is not matched."""


@dataclass(frozen=True)
class Literal:
    """A number and what it says about its unit."""

    number: Decimal
    """Magnitude and percentage applied, time not."""
    currency: str
    """Sign or code; empty if there is none."""
    scale: str
    """Letters of its magnitude."""
    time: str
    """Its unit of time."""
    is_percent: bool
    has_two_units: bool


def read_literal(text: str) -> Literal | None:
    """Read a text that is one literal, if it is one."""
    match = _LITERAL.fullmatch(text.strip(" ")) if len(text) <= LONGEST else None
    if match is None:
        return None
    return _literal(match, -1 if match["sign"] in ("-", "\N{MINUS SIGN}") else 1)


def scan_literal(text: str, start: int) -> tuple[Literal, int] | None:
    """Read the literal without a sign that begins at ``start``, if one does.

    Returns
    -------
    tuple
        The literal and where it ends.
    """
    match = _IN_TEXT.match(text, start)
    if match is None or match.end() - start > LONGEST:
        return None
    return _literal(match), match.end()


def _literal(match: re.Match[str], sign: int = 1) -> Literal:
    before, after, scale = match["before"] or "", match["after"] or "", match["scale"] or ""
    is_currency = bool(re.fullmatch(CURRENCY, after))
    number = sign * Decimal(match["digits"].replace(",", "").replace("_", ""))
    number *= _SCALES.get(scale.lower(), 1)
    return Literal(
        number=number / 100 if after == "%" else number,
        currency=before or (after if is_currency else ""),
        scale=scale,
        time="" if is_currency or after == "%" else after,
        is_percent=after == "%",
        has_two_units=bool(before and after),
    )
