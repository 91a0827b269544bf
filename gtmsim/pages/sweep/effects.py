"""How much each input matters to an output, whatever the design."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from gtmsim.analysis.points import DesignKind
from gtmsim.charts.axes import Floats
from gtmsim.errors import AnalysisError
from gtmsim.pages.sweep.reading import Column, Swept
from gtmsim.report.figures import in_shares, symmetric
from gtmsim.report.sweep import swings_of
from gtmsim.statistics import error
from gtmsim.statistics.error import UNDEFINED, Estimate
from gtmsim.statistics.indices import first_order_indices


class Explained(NamedTuple):
    """How much of what varies between random points an input explains by itself.

    Attributes
    ----------
    name
        The input.
    share
        Of the variance of the points' means: 95 % intervals by jackknife over points.
    """

    name: str
    share: Estimate


class Effect(NamedTuple):
    """What an input does to an output.

    Attributes
    ----------
    name
        The input.
    low, high
        Values between which it is moved, as people write them.
    at_low, at_high
        Odds or mean of the output there.
    change
        Mean of the paired difference, high less low.
    """

    name: str
    low: str
    high: str
    at_low: float
    at_high: float
    change: Estimate

    def may_exceed(self, other: "Effect") -> bool:
        """Whether its size may be larger than another's, by the ends of both intervals."""
        return _sizes(self.change)[1] > _sizes(other.change)[0]


def _sizes(change: Estimate) -> tuple[float, float]:
    """Least and largest size of a change within its interval; not-a-number where it has none."""
    if change.low <= 0.0 <= change.high:
        return 0.0, max(-change.low, change.high)
    return min(abs(change.low), abs(change.high)), max(abs(change.low), abs(change.high))


class Influence(NamedTuple):
    """How much the inputs matter to an output: one of two ways to tell.

    Attributes
    ----------
    explained
        Shares of the variance between random points, the largest first; empty where they cannot be
        told.
    effects
        What inputs do, the largest first, where shares are not told.
    """

    explained: list[Explained]
    effects: list[Effect]

    @property
    def names(self) -> list[str]:
        """Inputs, the one that matters most first."""
        return [one.name for one in self.explained or self.effects]

    @property
    def is_noise(self) -> bool:
        """Whether there are shares, and even the largest may be nothing."""
        return bool(self.explained) and not self.explained[0].share.low > 0.0


Influences = Mapping[int, Influence]
"""By number of the output."""


def influences_of(swept: Swept) -> Influences:
    """How much the inputs matter to the main output, and to every one that is no detail."""
    columns = [column for column in swept.columns if not column.is_detail] or [swept.main]
    return {column.number: _influence(swept, column) for column in columns}


def _influence(swept: Swept, column: Column) -> Influence:
    shares = explained_by(swept, column)
    return Influence(shares, [] if shares else effects_of(swept, column))


def effects_of(swept: Swept, column: Column) -> list[Effect]:
    """Effects of all inputs, the largest first.

    Parameters
    ----------
    swept
        The sweep.
    column
        The output.

    Returns
    -------
    list of Effect
        One at a time: the swing from the low to the high value. Of a grid: from the level at which
        the output is least on average over all other inputs to that at which it is most. Else:
        from the lowest to the highest value by a linear fit to all inputs together.
    """
    made = _WAYS.get(swept.kind, _fitted)(swept, column)
    return sorted(made, key=lambda effect: -np.nan_to_num(abs(effect.change.value), nan=-1.0))


def _swings(swept: Swept, column: Column) -> list[Effect]:
    return [
        Effect(s.name, s.low, s.high, s.at_low.value, s.at_high.value, s.swing)
        for s in swings_of(swept.results, column.number)
    ]


def _between_levels(swept: Swept, column: Column) -> list[Effect]:
    return [_range_of_levels(swept, column, name) for name in swept.names]


def _range_of_levels(swept: Swept, column: Column, name: str) -> Effect:
    levels = levels_of(swept, name)
    means = {text: np.mean([swept.sample(n, column) for n in points], axis=0)
             for text, points in levels.items() if points}  # fmt: skip
    values = {text: error.mean(sample).value for text, sample in means.items()}
    low = min(values, key=lambda text: values[text])
    high = max(values, key=lambda text: values[text])
    if _is_after(swept, name, low, high):
        low, high = high, low  # told from the first level to the last
    change = error.mean(means[high] - means[low])
    return Effect(name, low, high, values[low], values[high], change)


def _is_after(swept: Swept, name: str, one: str, other: str) -> bool:
    order = list(levels_of(swept, name))
    return order.index(one) > order.index(other)


def levels_of(swept: Swept, name: str) -> Mapping[str, list[int]]:
    """Points at each value of an input that did not fail, in the order of the values."""
    numbers = swept.numbers(name)
    order = range(swept.n_points) if numbers is None else np.argsort(numbers, kind="stable")
    levels: dict[str, list[int]] = {}
    for n in order:
        levels.setdefault(swept.values[name][int(n)], [])
        if int(n) in swept.done:
            levels[swept.values[name][int(n)]].append(int(n))
    return levels


def _fitted(swept: Swept, column: Column) -> list[Effect]:
    """Effects by least squares on inputs scaled to 0 to 1; linear, so they are paired too."""
    scaled = {name: _scaled(swept, name) for name in swept.names}
    points = list(swept.done)
    design = np.column_stack([np.ones(len(points)), *(of[points] for of in scaled.values())])
    weights = np.linalg.pinv(design)
    samples = np.array([swept.sample(n, column) for n in points])
    fits = np.tensordot(weights, samples, axes=1)
    enough = len(points) > design.shape[1]
    middle = float(np.nanmean(samples))
    made = []
    for k, name in enumerate(swept.names, 1):
        change = error.mean(fits[k]) if enough else UNDEFINED
        low, high = _ends(swept, name)
        half = change.value / 2.0
        made.append(Effect(name, low, high, middle - half, middle + half, change))
    return made


def explained_by(swept: Swept, column: Column) -> list[Explained]:
    """Shares of the variance between random points by input, the largest first.

    Whatever the shape of a response: the means of the points are regressed on a smooth curve in
    each input. Empty for other designs, where a value is no number, and where there are too few
    points.
    """
    known = (swept.numbers(name) for name in swept.names)
    numbers = [values for values in known if values is not None]
    if swept.kind in _WAYS or len(numbers) < len(swept.names):
        return []
    points = list(swept.done)
    means = np.array([[np.nanmean(swept.sample(n, column))] for n in points])
    try:
        found = first_order_indices(np.column_stack(numbers)[points], means).of_means
    except AnalysisError:  # too few points, or figures that are all the same
        return []
    made = [
        Explained(name, in_shares(symmetric(float(value), float(error_))))
        for name, value, error_ in zip(swept.names, *found, strict=True)
    ]
    return sorted(made, key=lambda one: -np.nan_to_num(one.share.value, nan=-1.0))


def _scaled(swept: Swept, name: str) -> Floats:
    """Place of each point between the ends of an input; of what is no number, that of its level."""
    numbers = swept.numbers(name)
    if numbers is None:
        order = list(dict.fromkeys(swept.values[name]))
        numbers = np.array([order.index(text) for text in swept.values[name]], np.float64)
    spread = float(np.ptp(numbers))
    return (numbers - numbers.min()) / spread if spread else np.zeros(len(numbers))


def _ends(swept: Swept, name: str) -> tuple[str, str]:
    place = _scaled(swept, name)
    texts = swept.values[name]
    return texts[int(np.argmin(place))], texts[int(np.argmax(place))]


def explained(swept: Swept, column: Column) -> float:
    """Share of the variance of the points' means that the linear fit explains; NaN if none."""
    means = np.array([np.nanmean(swept.sample(n, column)) for n in swept.done])
    parts = [_scaled(swept, name)[list(swept.done)] for name in swept.names]
    design = np.column_stack([np.ones(len(means)), *parts])
    if len(means) <= design.shape[1] or not np.isfinite(means).all() or np.ptp(means) == 0.0:
        return float("nan")
    left = means - design @ np.linalg.lstsq(design, means, rcond=None)[0]
    return float(1.0 - left @ left / ((means - means.mean()) @ (means - means.mean())))


_WAYS: Mapping[DesignKind, Callable[[Swept, Column], list[Effect]]] = {
    DesignKind.TORNADO: _swings,
    DesignKind.GRID: _between_levels,
}
