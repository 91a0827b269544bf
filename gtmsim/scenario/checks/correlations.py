"""Correlations of uncertain inputs: that their inputs exist, and that all can hold at once."""

from collections.abc import Iterator
from itertools import chain
from math import ceil, floor
from typing import TYPE_CHECKING

from gtmsim.scenario.correlations import mentioned, spearman_matrix
from gtmsim.scenario.distributions import Distribution
from gtmsim.scenario.findings import Finding
from gtmsim.scenario.models import Correlation, Scenario
from gtmsim.scenario.uncertain import numbers_of, uncertain_inputs
from gtmsim.words import alternatives, closest

if TYPE_CHECKING:
    from gtmsim.draws.copula import Mend

_DIGITS = 1_000  # of a range that is told: thousandths, rounded into it


def check_correlations(scenario: Scenario) -> Iterator[Finding]:
    """Correlations of what is not an uncertain input, twice the same, or impossible together."""
    if not scenario.correlations:
        return
    findings = [*chain(_inputs(scenario), _pairs(scenario), _sizes(scenario))]
    yield from findings or _together(scenario)


def _inputs(scenario: Scenario) -> Iterator[Finding]:
    inputs = uncertain_inputs(scenario)
    for number, correlation in enumerate(scenario.correlations):
        for side, path in enumerate(correlation.between):
            if path not in inputs:
                message, hint = _why_no_input(path, scenario)
                yield Finding(("correlations", number, "between", side), message, hint)


def _why_no_input(path: str, scenario: Scenario) -> tuple[str, str]:
    inputs, numbers = uncertain_inputs(scenario), numbers_of(scenario)
    if path not in numbers:
        near = closest(path, inputs) or closest(path, numbers)
        hint = f"Did you mean `{near}`?" if near else _known(inputs)
        return f"`{path}` is not an uncertain input of this scenario", hint
    if not isinstance(numbers[path], Distribution):
        return f"`{path}` is certain, {numbers[path]:g}", "Only uncertain inputs can be correlated."
    message = f"`{path}` differs from customer to customer; it is no uncertain input"
    parts = [f"`{name}`" for name in inputs if name.startswith(f"{path}.")]
    return message, f"Its uncertain parameter is {alternatives(parts)}." if parts else ""


def _known(inputs: dict[str, Distribution]) -> str:
    return f"Uncertain here: {', '.join(inputs)}." if inputs else "It has none."


def _pairs(scenario: Scenario) -> Iterator[Finding]:
    seen: dict[frozenset[str], int] = {}
    for number, correlation in enumerate(scenario.correlations):
        path = ("correlations", number, "between")
        pair = frozenset(correlation.between)
        if len(pair) == 1:
            yield Finding(path, "wants two different inputs")
        elif seen.setdefault(pair, number) != number:
            yield Finding(path, f"is the pair of correlations.{seen[pair]} again")


def _sizes(scenario: Scenario) -> Iterator[Finding]:
    for number, correlation in enumerate(scenario.correlations):
        if abs(correlation.spearman) >= 1.0:
            message = f"must lie between -1 and 1, without the two; got {correlation.spearman:g}"
            yield Finding(("correlations", number, "spearman"), message)


def _together(scenario: Scenario) -> Iterator[Finding]:
    """Return the pair that breaks the matrix: the one that, moved least, mends it."""
    from gtmsim.draws import copula  # noqa: PLC0415  NumPy and SciPy, only for who correlates

    inputs = mentioned(scenario.correlations)
    matrix = spearman_matrix(scenario.correlations)
    if copula.is_possible(matrix):
        return
    mend = copula.cheapest_mend(matrix)
    if mend is None:
        factor = floor(copula.largest_factor(matrix) * _DIGITS) / _DIGITS
        message = "cannot hold together with those above it, whichever single one is changed"
        hint = f"They can if each is multiplied by {factor:g}."
        yield Finding(("correlations", _first_impossible(scenario)), message, hint)
        return
    first, second = (inputs[position] for position in mend.pair)
    pairs = [frozenset(correlation.between) for correlation in scenario.correlations]
    if frozenset((first, second)) in pairs:
        number = pairs.index(frozenset((first, second)))
        yield _moved(number, scenario.correlations[number], mend)
    else:
        yield _added(_first_impossible(scenario), first, second, mend)


def _moved(number: int, correlation: Correlation, mend: "Mend") -> Finding:
    first, second = correlation.between
    return Finding(
        ("correlations", number, "spearman"),
        f"cannot be with the other correlations: between `{first}` and `{second}` it must lie in "
        f"{range_text(mend)}; got {correlation.spearman:g}",
        "Of all pairs, this one has to move least.",
    )


def _added(number: int, first: str, second: str, mend: "Mend") -> Finding:
    low, high = _told(mend)
    nearest = low if low > 0.0 else high
    return Finding(
        ("correlations", number),
        f"cannot hold together with those above it: `{first}` and `{second}`, which no table "
        f"correlates, would have to lie in {range_text(mend)}, and not at 0",
        f'Add {{ between = ["{first}", "{second}"], spearman = {nearest:g} }}, or lower others.',
    )


def range_text(mend: "Mend") -> str:
    """Range that a pair can have, its ends rounded into it."""
    low, high = _told(mend)
    return f"[{low:g}, {high:g}]"


def _told(mend: "Mend") -> tuple[float, float]:
    """Round the ends of the range into it, and off -1 and 1."""
    low, high = ceil(mend.low * _DIGITS) / _DIGITS, floor(mend.high * _DIGITS) / _DIGITS
    if low > high:  # narrower than the digits
        return mend.low, mend.high
    return max(low, 1.0 / _DIGITS - 1.0), min(high, 1.0 - 1.0 / _DIGITS)


def _first_impossible(scenario: Scenario) -> int:
    """First table with which those up to it cannot be."""
    from gtmsim.draws.copula import is_possible  # noqa: PLC0415  as above

    given = scenario.correlations
    numbers = range(len(given))
    return next(n for n in numbers if not is_possible(spearman_matrix(given[: n + 1])))
