"""A difference shared out between what makes it, one change after another.

An order of the changes gives each a part: what it brings when those before it are made already.
The average of its parts over orders is its effect: with all orders, the Shapley value. Whatever the
orders, effects sum to the whole difference in every future.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations
from typing import NamedTuple

import numpy as np

from gtmsim.statistics.error import Sample

Order = tuple[int, ...]
Made = frozenset[int]
Needs = Mapping[int, Made]
"""Of each change: those that must be made before it."""

MOST_FOR_ALL = 4
"""Changes of which all orders are taken; of more, one order and the opposite one."""


class Effect(NamedTuple):
    """What one change does, in every future; shape (draws, replications) each."""

    effect: Sample
    """Mean over the orders."""
    least: Sample
    """In the order in which it brings least, on average over futures."""
    most: Sample
    """In the order in which it brings most."""

    @property
    def interaction(self) -> Sample:
        """How much hangs on what is changed already: 0 where a change has its own effect alone."""
        return self.most - self.least


def orders(n: int, needs: Needs) -> list[Order]:
    """Choose the orders in which changes are made.

    Parameters
    ----------
    n
        Number of changes.
    needs
        Without a cycle.

    Returns
    -------
    list of tuple
        All that respect the needs, of up to `MOST_FOR_ALL` changes. Of more: the given order as
        far as the needs allow it, and its opposite.

    Source
    ------
    Shapley, A value for n-person games, 1953; Faigle and Kern, The Shapley value for cooperative
    games under precedence constraints, 1992.
    """
    if n <= MOST_FOR_ALL:
        return [order for order in permutations(range(n)) if _respects(order, needs)]
    return list(dict.fromkeys((_greedy(range(n), needs), _greedy(range(n)[::-1], needs))))


def _respects(order: Order, needs: Needs) -> bool:
    return all(needs.get(one, Made()) <= set(order[:at]) for at, one in enumerate(order))


def _greedy(preferred: Sequence[int], needs: Needs) -> Order:
    made: list[int] = []
    while len(made) < len(preferred):
        ready = (one for one in preferred if one not in made)
        made.append(next(one for one in ready if needs.get(one, Made()) <= set(made)))
    return tuple(made)


def steps(order: Order) -> Iterator[Made]:
    """List the sets of changes that are made, from none to all."""
    return (Made(order[:n]) for n in range(len(order) + 1))


def attribute(by_order: Sequence[Order], values: Mapping[Made, Sample]) -> list[Effect]:
    """Share out the difference between no change and all.

    Parameters
    ----------
    by_order
        Orders of the changes; each has all of them.
    values
        What is looked at in every future, by the changes that are made: shape (draws,
        replications), for every step of every order.
    """
    return [_effect(one, by_order, values) for one in range(len(by_order[0]))]


def _effect(one: int, by_order: Sequence[Order], values: Mapping[Made, Sample]) -> Effect:
    parts = np.array([_part(one, order, values) for order in by_order])
    means = np.nanmean(parts, axis=(1, 2))
    return Effect(parts.mean(0), parts[means.argmin()], parts[means.argmax()])


def _part(one: int, order: Order, values: Mapping[Made, Sample]) -> Sample:
    """Tell what a change brings in an order."""
    before = order[: order.index(one)]
    return values[Made((*before, one))] - values[Made(before)]
