"""Amounts whose sign or code is not the scenario's currency."""

from collections.abc import Iterator, Mapping
from typing import Any

from gtmsim.scenario.findings import Finding
from gtmsim.scenario.literals import currency_of, shown
from gtmsim.scenario.places import Path

_SIGNS: Mapping[str, frozenset[str]] = {
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP", "EGP", "FKP", "GIP", "LBP", "SHP", "SSP", "SYP"}),
    "¥": frozenset({"JPY", "CNY"}),
    "₹": frozenset({"INR"}),
    "₩": frozenset({"KRW", "KPW"}),
    "₽": frozenset({"RUB"}),
    "₪": frozenset({"ILS"}),
    "฿": frozenset({"THB"}),
    "₺": frozenset({"TRY"}),
}
"""Currencies that a sign stands for. Signs with a dollar stand for every dollar and peso."""
_HEADER = "scenario"  # its texts are not amounts


def check_currency(data: Mapping[str, Any], currency: str) -> Iterator[Finding]:
    """Literals such as ``"€5M"`` in a scenario of another currency; nothing is converted."""
    for path, text in _texts({key: value for key, value in data.items() if key != _HEADER}):
        sign = currency_of(text)
        if sign is None or is_sign_of(currency, sign):
            continue
        message = f"is not in the scenario's currency, {currency}; got {shown(text)}"
        yield Finding(path, message, "Nothing is converted: give every amount in one currency.")


def is_sign_of(currency: str, sign: str) -> bool:
    """Whether amounts of a currency may be written with a sign or code."""
    return "$" in sign or currency in _SIGNS.get(sign, {sign})


def _texts(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _texts(child, (*path, key))
    elif isinstance(value, list):
        for number, child in enumerate(value):
            yield from _texts(child, (*path, number))
    elif isinstance(value, str):
        yield path, value
