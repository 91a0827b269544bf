"""What an expression comes to over the futures of some results."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple, cast

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gtmsim.analysis.measuring import reduced, value_of
from gtmsim.analysis.pairing import mismatches
from gtmsim.errors import ResultsError
from gtmsim.expressions.names import FLAGS
from gtmsim.expressions.tree import (
    Arithmetic,
    Comparison,
    Condition,
    Difference,
    Joined,
    Mean,
    Measure,
    Months,
    Negative,
    Node,
    Not,
    Number,
    Probability,
    Quantile,
    Quantity,
    Reduction,
    Sign,
    Statistic,
    differences,
    measures,
    walk,
)
from gtmsim.scenario.models import Objective
from gtmsim.statistics import error
from gtmsim.statistics.error import LEVEL, UNDEFINED, Estimate, Sample
from gtmsim.vocabulary import SEGMENT_ACCOUNTS

STANDARD = Objective(arr_multiple=5.0)
"""Objective where no scenario states one: five times closing ARR plus cash, nothing if ruined."""

_ACCOUNTS = frozenset(account.name for account in SEGMENT_ACCOUNTS) | {"arr"}


Leaf = Measure | Reduction
"""What an expression takes from results as it is: all else is calculated from these."""


class Kept(NamedTuple):
    """What expressions need of results that are not kept themselves."""

    samples: Mapping[Leaf, Sample]
    """Of every leaf of the expressions, shape (draws, replications)."""
    sizes: Mapping[str, int]
    """Number of draws (``draw``) and replications (``replication``)."""


class Futures(NamedTuple):
    """Results of a scenario, and of those it is compared with."""

    results: xr.Dataset | Kept
    others: Mapping[str, xr.Dataset | Kept] = MappingProxyType({})
    """By the file name that expressions give; the same draws and replications."""


def leaves_of(expression: Node) -> Iterator[Leaf]:
    """Find what an expression takes from results, its own and others'."""
    yield from (node for node in walk(expression) if isinstance(node, Reduction))
    yield from (measure for measure, is_reduced in measures(expression) if not is_reduced)


class Measured(NamedTuple):
    """A statistic over futures."""

    estimate: Estimate
    undefined: float
    """Share of futures in which what it is of has no value."""
    problem: str = ""
    """Why there is no figure, or why its interval has no ends; empty if neither."""


def sample_of(quantity: Quantity, futures: Futures) -> Sample:
    """Value of a quantity in each future.

    Parameters
    ----------
    quantity
        Part of an expression that was checked with the scenario.
    futures
        Results, by segment.

    Returns
    -------
    ndarray, shape (draws, replications)
        In currency, months and so on; NaN where it is undefined, as what is divided by 0.

    Raises
    ------
    ResultsError
        If the results end too early, or those of another scenario do not match.
    """
    shape = tuple(futures.results.sizes[dim] for dim in ("draw", "replication"))
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        return np.broadcast_to(_values(quantity, futures), shape)


def sample_in(quantity: Quantity, results: xr.Dataset) -> Sample:
    """Value of a quantity in each future of a plan that may lack its segments.

    Parameters
    ----------
    quantity
        Without a difference to another scenario.
    results
        Results, by segment.

    Returns
    -------
    ndarray, shape (draws, replications)
        As `sample_of`. A segment that the plan lacks has no customers: its accounts are 0, anything
        else of it is undefined.
    """
    known = {None, *map(str, results["segment"].to_numpy())}
    sizes = {dim: results.sizes[dim] for dim in ("draw", "replication")}
    absent = np.full((sizes["draw"], sizes["replication"]), np.nan)
    samples = {
        leaf: _taken(leaf, results) if _segment_of(leaf) in known else _without(leaf, absent)
        for leaf in leaves_of(quantity)
    }
    return sample_of(quantity, Futures(Kept(samples, sizes)))


def _segment_of(leaf: Leaf) -> str | None:
    measure = leaf.of if isinstance(leaf, Reduction) else leaf
    return measure.segment.text if measure.segment else None


def _without(leaf: Leaf, absent: Sample) -> Sample:
    """Value of a segment that is not there: no amount, and anything else undefined."""
    measure = leaf.of if isinstance(leaf, Reduction) else leaf
    return np.zeros_like(absent) if measure.name in _ACCOUNTS else absent


def _values(quantity: Quantity, futures: Futures) -> Sample:
    """Values that broadcast to (draws, replications)."""
    match quantity:
        case Number():
            return np.full((1, 1), quantity.value)
        case Measure() | Reduction():
            return _taken(quantity, futures.results)
        case Negative():
            return -_values(quantity.of, futures)
        case Difference():
            other = Futures(_paired(quantity.file.text, futures))
            return _values(quantity.of, futures) - _values(quantity.of, other)
        case Arithmetic():
            left, right = _values(quantity.left, futures), _values(quantity.right, futures)
            return _calculated(quantity.sign, left, right)


def _taken(leaf: Leaf, results: xr.Dataset | Kept) -> Sample:
    if isinstance(results, Kept):
        return results.samples[leaf]
    return value_of(leaf, results) if isinstance(leaf, Measure) else reduced(leaf, results)


def _calculated(sign: str, left: Sample, right: Sample) -> Sample:
    if sign == "/":
        return cast(Sample, np.where(right == 0.0, np.nan, left / right))
    return {"+": np.add, "-": np.subtract, "*": np.multiply}[sign](left, right)


def _paired(name: str, futures: Futures) -> xr.Dataset | Kept:
    """Other results up to this scenario's end; refused unless their futures have the same luck."""
    if name not in futures.others:
        raise ResultsError(f"there are no results of {name} to compare with")
    results, other = futures.results, futures.others[name]
    for what in ("draw", "replication"):
        if other.sizes[what] != results.sizes[what]:
            numbers = f"{other.sizes[what]} {what}s, this scenario {results.sizes[what]}"
            raise ResultsError(f"{name} has {numbers}: simulate both alike")
    if isinstance(results, Kept) or isinstance(other, Kept):
        return other  # what was kept, was kept for this
    months = results.sizes["month"]
    if other.sizes["month"] < months:
        raise ResultsError(f"{name} ends before this scenario: simulate it to month {months}")
    if differing := ", ".join(mismatches(results, other)):
        raise ResultsError(f"{name} differs from this scenario in {differing}: simulate both alike")
    return other.isel(month=slice(months))


def events_of(condition: Condition, futures: Futures) -> Sample:
    """Tell in which futures a condition holds.

    Parameters
    ----------
    condition, futures
        As in `sample_of`.

    Returns
    -------
    ndarray, shape (draws, replications)
        1 where it holds, 0 where it does not; NaN where an undefined value decides. ``and`` with a
        part that fails does not hold, whatever the other is; ``or`` likewise.
    """
    match condition:
        case Comparison():
            sides = sample_of(condition.left, futures), sample_of(condition.right, futures)
            return _compared(condition.sign, *sides)
        case Not():
            return 1.0 - events_of(condition.of, futures)
        case Joined():
            sides = events_of(condition.left, futures), events_of(condition.right, futures)
            decided, worst = (0.0, np.minimum) if condition.word == "and" else (1.0, np.maximum)
            is_decided = (sides[0] == decided) | (sides[1] == decided)
            return cast(Sample, np.where(is_decided, decided, worst(*sides)))


def _compared(sign: Sign, left: Sample, right: Sample) -> Sample:
    holds = {
        ">=": np.greater_equal,
        "<=": np.less_equal,
        ">": np.greater,
        "<": np.less,
    }[sign](left, right)
    return np.where(np.isnan(left) | np.isnan(right), np.nan, holds)


def figure_of(
    statistic: Statistic, futures: Futures, level: float = LEVEL, sign: Sign | None = None
) -> Measured:
    """Estimate a statistic, with its Monte Carlo interval.

    A future in which it is undefined counts against an expectation: a condition does not hold where
    the statistic should be large, and holds where it should be small; likewise a value is the
    lowest or the highest. A mean has no such worst value: with an undefined or infinite value it is
    no figure. Without a sign there is no worst, and undefined futures are left out.

    Parameters
    ----------
    statistic
        Part of an expression that was checked with the scenario.
    futures
        Results, by segment.
    level
        Confidence level of the interval, in (0, 1).
    sign
        Of the expectation; None if there is none.
    """
    match statistic:
        case Probability():
            events = events_of(statistic.of, futures)
            return _measured(events, sign, (0.0, 1.0), lambda s: error.probability(s, level))
        case Quantile():
            sample, q = sample_of(statistic.of, futures), statistic.q
            return _measured(sample, sign, (-np.inf, np.inf), lambda s: error.quantile(s, q, level))
        case Mean():
            return _mean(statistic, sample_of(statistic.of, futures), level, sign)


def _measured(
    sample: Sample,
    sign: Sign | None,
    worst: tuple[float, float],
    estimate: Callable[[Sample], Estimate],
) -> Measured:
    undefined = _share(np.isnan(sample))
    if undefined == 1.0:
        return Measured(UNDEFINED, 1.0, "is undefined in every future")
    filled = sample
    if sign is not None:
        filled = np.where(np.isnan(sample), worst[sign in ("<=", "<")], sample)
    return Measured(estimate(filled), undefined)


def _mean(statistic: Mean, sample: Sample, level: float, sign: Sign | None) -> Measured:
    undefined, infinite = _share(np.isnan(sample)), _share(np.isinf(sample))
    if undefined == 1.0:
        return Measured(UNDEFINED, 1.0, "is undefined in every future")
    if infinite > 0.0 or (undefined > 0.0 and sign is not None):
        which = "infinite" if infinite else "undefined"
        share = f"{100.0 * (infinite or undefined):.2g}%"
        message = f"is {which} in {share} of futures, which a mean cannot count; use prob or median"
        return Measured(UNDEFINED, undefined, message)
    if _is_share(statistic.of, sample):
        return Measured(error.probability(sample, level), undefined)
    found = error.mean(sample, level)
    if found.low < found.high:
        return Measured(found, undefined)
    return _alike(statistic.of, sample, found.value, level)


def _is_share(quantity: Quantity, sample: Sample) -> bool:
    """Whether a mean is a share of futures: then futures that are all alike still have an error."""
    defined = np.unique(sample[~np.isnan(sample)])
    if not np.isin(defined, (0.0, 1.0)).all() or any(differences(quantity)):
        return False
    return len(defined) > 1 or _is_of_flags(quantity)


def _is_of_flags(quantity: Quantity) -> bool:
    return all(measure.name in FLAGS for measure, _ in measures(quantity))


def _alike(quantity: Quantity, sample: Sample, value: float, level: float) -> Measured:
    """Mean of what is the same in every future seen, which another future need not be.

    What differs from another scenario by as much in every future, on the same luck, is known
    exactly. Flags may differ where neither scenario was seen to: as rarely as an event never seen.
    """
    undefined = _share(np.isnan(sample))
    compared = [measure for one in differences(quantity) for measure, _ in measures(one)]
    if len(compared) < sum(1 for _ in measures(quantity)):
        message = "is the same in every future seen, which a mean cannot judge; use prob or median"
        return Measured(Estimate(value, -np.inf, np.inf), undefined, message)
    if not _is_of_flags(quantity):
        return Measured(Estimate(value, value, value), undefined)
    rare = error.probability(np.where(np.isnan(sample), np.nan, 0.0), level).high
    return Measured(Estimate(value, value - rare, value + rare), undefined)


def _share(flags: Sample) -> float:
    return float(flags.mean()) if flags.size else 1.0


def objective_of(results: xr.Dataset, objective: Objective) -> Sample:
    """Value of each future by a scenario's objective.

    Returns
    -------
    ndarray, shape (draws, replications)
        Currency.

    Raises
    ------
    ResultsError
        If the results end before its month.
    """
    month = objective.month or results.sizes["month"]
    futures = Futures(results)
    arr, cash, insolvent = (
        sample_of(Measure(name, Months(month, month)), futures)
        for name in ("arr", "cash", "insolvent")
    )
    return worth_of(objective, arr, cash, insolvent > 0.0)


def worth_of(
    objective: Objective, arr: Sample, cash: Sample, is_ruined: NDArray[np.bool_]
) -> Sample:
    """Value of futures by an objective.

    Parameters
    ----------
    objective
        What they are worth.
    arr, cash
        At the end of its month, currency; of one shape.
    is_ruined
        Whether cash has run out by then.
    """
    value = objective.arr_multiple * arr + objective.cash * cash
    return cast(Sample, np.where(is_ruined, objective.ruin, value))
