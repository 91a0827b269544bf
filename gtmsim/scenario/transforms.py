"""Numbers of a scenario moved by a rule: the same for a plain number and for a distribution.

A distribution stays one of its family. What it is stated by moves: its quantiles, its mean, its
bounds and its choices one by one; its standard deviation by the slope of the rule at the mean. A
family's own parameters move exactly where the family stays in itself (a scaled gamma is a gamma);
where it does not, its 10 % and 90 % quantiles move.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import exp, inf, isfinite, log
from typing import Any

from scipy import special

from gtmsim.scenario.distributions import (
    CHOICES,
    FAMILIES,
    LOCATIONS,
    WEIGHTS,
    Distribution,
)
from gtmsim.scenario.kinds import Kind

_Z90 = 1.2815515655446004
_CLOSEST = 1e-6
"""How close to the end of its range a quantile of an open family may come."""
_MOST_SPREAD = 0.99
"""Of the largest standard deviation that shares of a mean can have."""


class Rule(StrEnum):
    """How a number moves."""

    SCALE = "scale"
    """Times a factor."""
    HAZARD = "hazard"
    """A probability p becomes 1 - (1 - p) ** factor."""
    ADD = "add"
    """Plus an amount."""


class CannotMoveError(ValueError):
    """A distribution that the rule leaves no form for."""


@dataclass(frozen=True)
class Move:
    """A rule with its number."""

    rule: Rule
    by: float

    def __call__(self, value: float) -> float:
        """Move a number, whatever range its key has."""
        match self.rule:
            case Rule.SCALE:
                return value * self.by
            case Rule.ADD:
                return value + self.by
            case Rule.HAZARD:
                return float(1.0 - (1.0 - value) ** self.by)

    def slope(self, at: float) -> float:
        """Differentiate at a number."""
        match self.rule:
            case Rule.SCALE:
                return self.by
            case Rule.ADD:
                return 1.0
            case Rule.HAZARD:
                return float(self.by * (1.0 - at) ** (self.by - 1.0))


def moved(value: Any, move: Move, kind: Kind) -> Any:
    """Move what a key holds.

    Parameters
    ----------
    value
        Number, `Distribution`, or a mapping of those by company stage, in the unit of ``kind``.
    move
        The rule.
    kind
        What the key measures; a number that leaves its range stops at its end.

    Returns
    -------
    number or dict
        As a scenario file states it.

    Raises
    ------
    CannotMoveError
        If a distribution has uncertain parameters of its own that the rule cannot move.
    """
    if isinstance(value, Mapping):
        return {stage: moved(one, move, kind) for stage, one in value.items()}
    if isinstance(value, Distribution):
        return _distribution(value, move, kind)
    number = _within(move(float(value)), kind)
    return round(number) if kind.whole else number


def _within(number: float, kind: Kind) -> float:
    low = kind.low + (_CLOSEST if kind.above_low else 0.0)
    return min(max(number, low), kind.top)


def _distribution(given: Distribution, move: Move, kind: Kind) -> Any:
    if given.choices:
        choices = [_within(move(choice), kind) for choice in given.choices]
        return {CHOICES: choices, WEIGHTS: list(given.weights)}
    bounds = {
        name: _within(move(bound), kind)
        for name, bound in (("min", given.low), ("max", given.high))
        if isfinite(bound)
    }
    parameters = _parameters(given, move, kind)
    if not isinstance(parameters, dict):
        return parameters
    return {"family": given.family, **parameters, **bounds}


def _parameters(given: Distribution, move: Move, kind: Kind) -> dict[str, Any] | float:
    """Parameters after the move; a number where nothing of the range is left to spread over."""
    by_name = dict(given.parameters)
    if set(by_name) <= LOCATIONS:
        return _located(by_name, move, kind, given.family)
    if set(by_name) == {"mean", "sd"}:
        return _moments(by_name, move, kind, given.family)
    if given.family == "beta":
        return _beta(by_name, move, kind)
    if move.rule == Rule.SCALE and "scale" in by_name:  # gamma, weibull
        return {"shape": plain(by_name["shape"]), "scale": _times(by_name["scale"], move.by)}
    if move.rule == Rule.SCALE and given.family == "lognormal":
        return _scaled_lognormal(by_name, move, kind)
    return _located(_quantiles(given.family, by_name), move, kind, given.family)


def _located(
    by_name: Mapping[str, Any], move: Move, kind: Kind, family: str
) -> dict[str, Any] | float:
    """Move quantiles, means and ends, each by itself; in order also at the end of the range."""
    found = {name: _open(moved(one, move, kind), kind, family) for name, one in by_name.items()}
    numbers = [one for one in found.values() if isinstance(one, float)]
    if len(numbers) == len(found) > 1 and min(numbers) == max(numbers):
        return float(kind.top if numbers[0] > kind.low else kind.low)
    return found


def _open(value: Any, kind: Kind, family: str) -> Any:
    """Keep a number of an open family off the ends of its range."""
    if not isinstance(value, float) or FAMILIES[family].closed:
        return value
    low = kind.low + _CLOSEST if FAMILIES[family].low == kind.low > -inf else -inf
    high = kind.high - _CLOSEST if FAMILIES[family].high == kind.high < inf else inf
    return min(max(value, low), high)


def _moments(by_name: Mapping[str, Any], move: Move, kind: Kind, family: str) -> dict[str, Any]:
    mean = _open(moved(by_name["mean"], move, kind), kind, family)
    if isinstance(by_name["mean"], Distribution) and move.rule == Rule.HAZARD:
        raise CannotMoveError("has a mean that is uncertain beside a standard deviation")
    slope = 1.0 if move.rule == Rule.ADD else move.by
    if isinstance(by_name["mean"], float):
        slope = move.slope(by_name["mean"])
    spread = _times(by_name["sd"], slope)
    if FAMILIES[family].high == 1.0 and isinstance(mean, float) and isinstance(spread, float):
        spread = min(spread, _MOST_SPREAD * (mean * (1.0 - mean)) ** 0.5)
    return {"mean": mean, "sd": spread}


def _beta(by_name: Mapping[str, Any], move: Move, kind: Kind) -> dict[str, Any]:
    """Move the mean and keep the concentration."""
    if "mean" in by_name:
        mean = _open(moved(by_name["mean"], move, kind), kind, "beta")
        return {"mean": mean, "concentration": plain(by_name["concentration"])}
    alpha, beta = by_name["alpha"], by_name["beta"]
    if not (isinstance(alpha, float) and isinstance(beta, float)):
        raise CannotMoveError("has an uncertain alpha or beta; state mean and concentration")
    mean = _open(moved(alpha / (alpha + beta), move, kind), kind, "beta")
    return {"mean": mean, "concentration": alpha + beta}


def _scaled_lognormal(by_name: Mapping[str, Any], move: Move, kind: Kind) -> dict[str, Any]:
    sigma = plain(by_name["sigma"])
    if "median" in by_name:
        return {"median": moved(by_name["median"], move, kind), "sigma": sigma}
    return {"mu": _plus(by_name["mu"], log(move.by)), "sigma": sigma}


def _quantiles(family: str, by_name: Mapping[str, Any]) -> dict[str, float]:
    """Find the 10 % and 90 % quantiles of a family given by its own parameters."""
    if not all(isinstance(one, float) for one in by_name.values()):
        raise CannotMoveError("has uncertain parameters of its family; state p10 and p90")
    return {"p10": _at(family, by_name, 0.1), "p90": _at(family, by_name, 0.9)}


def _at(family: str, by_name: Mapping[str, float], share: float) -> float:
    if family == "gamma":
        return float(special.gammaincinv(by_name["shape"], share)) * by_name["scale"]
    if family == "weibull":
        return by_name["scale"] * float((-log(1.0 - share)) ** (1.0 / by_name["shape"]))
    mu = log(by_name["median"]) if "median" in by_name else by_name["mu"]
    normal = mu + (_Z90 if share > 0.5 else -_Z90) * by_name["sigma"]  # noqa: PLR2004
    if family == "logit_normal":
        return float(special.expit(normal))
    return exp(normal) - (1.0 if family == "log_growth" else 0.0)


def _times(value: float | Distribution, factor: float) -> Any:
    """Scale a parameter that has no range of its own but to be positive."""
    if isinstance(value, Distribution):
        return _distribution(value, Move(Rule.SCALE, factor), value.kind)
    return value * factor


def _plus(value: float | Distribution, amount: float) -> Any:
    if isinstance(value, Distribution):
        return _distribution(value, Move(Rule.ADD, amount), value.kind)
    return value + amount


def plain(value: Any) -> Any:
    """Write a number, or a distribution that does not move, as a scenario file states it."""
    if not isinstance(value, Distribution):
        return value
    return _distribution(value, Move(Rule.ADD, 0.0), value.kind)
