"""Kinds of numbers: what a key's number measures, its range, and how an uncertain one is read."""

from dataclasses import dataclass
from math import inf
from typing import Literal

from gtmsim.settings import MAX_MONTHS

Unit = Literal["money", "share", "days", "months", "number"]


@dataclass(frozen=True)
class Kind:
    """What a number measures.

    ``low`` and ``high`` bound every value, drawn ones too; ``largest`` bounds what a user may
    write, because a number beyond it is a slip (and would overflow the books).
    """

    name: str
    """What it is called in messages, with its article."""
    example: str
    """How one is written."""
    unit: Unit = "number"
    low: float = 0.0
    high: float = inf
    above_low: bool = False
    """Whether ``low`` itself is excluded."""
    largest: float = inf
    whole: bool = False
    quantile_family: str = "lognormal"
    """What ``{ p10, p90 }`` and ``{ median, p90 }`` mean without a family."""
    moment_family: str = "lognormal"
    """What ``{ mean, sd }`` means without a family."""
    percent: bool = False
    """Whether ``"8%"`` is understood."""

    def __repr__(self) -> str:
        """Name alone: a kind is one of the constants below."""
        return f"<{self.name}>"

    @property
    def top(self) -> float:
        """Largest number that may be written."""
        return min(self.high, self.largest)

    def admits(self, value: float) -> bool:
        """Whether ``value`` may be written."""
        return (value > self.low if self.above_low else value >= self.low) and value <= self.top

    @property
    def range_text(self) -> str:
        """The range in words: ``must lie in [0, 1]``."""
        if self.high < inf:
            return f"must lie in {'(' if self.above_low else '['}{self.low:g}, {self.high:g}]"
        if self.low == -inf:
            return f"must be at most {self.largest:,.0f} in size"
        least = f"must be {'above' if self.above_low else 'at least'} {self.low:g}"
        return f"{least} and at most {self.largest:,.0f}" if self.largest < inf else least


# 1e14 is 1e16 minor units: 600 months of it still fit in 64 bits.
MONEY = Kind("an amount of money", '15000 or "$15k"', "money", largest=1e14)
SHARE = Kind(
    "a share",
    '0.15 or "15%"',
    "share",
    high=1.0,
    quantile_family="logit_normal",
    moment_family="beta",
    percent=True,
)
DAYS = Kind("a number of days", '14 or "14d"', "days", largest=36_525.0)
MONTHS = Kind("a number of months", '6 or "6mo"', "months", largest=1_200.0)
RATE = Kind("a rate", '40 or "1.2k"', largest=1e7)
MULTIPLE = Kind("a number", "1.5", largest=1e6)
GROWTH = Kind(
    "a growth rate",
    '0.3 or "30%"',
    "share",
    low=-1.0,
    above_low=True,
    largest=100.0,
    quantile_family="log_growth",
    moment_family="log_growth",
    percent=True,
)
FIGURE = Kind("a number", '0.9, "90%" or "10M"', "money", low=-inf, largest=1e14, percent=True)
COUNT = Kind("a whole number", '2400 or "2.4k"', largest=1e8, whole=True)
LEVEL = Kind(
    "a confidence level",
    '0.95 or "95%"',
    "share",
    low=0.5,
    above_low=True,
    high=0.9999,
    percent=True,
)
MONTH_NUMBER = Kind("a month number", "6", low=1.0, largest=float(MAX_MONTHS), whole=True)
CORRELATION = Kind("a correlation", "0.6", low=-1.0, high=1.0)

# Parameters of distributions that are not in the unit of the quantity.
REAL = Kind(
    "a number", "0.5", low=-inf, largest=1e6, quantile_family="normal", moment_family="normal"
)
POSITIVE = Kind("a number above 0", "0.5", above_low=True, largest=1e9)
WEIGHT = Kind("a weight", "2", largest=1e9)
