"""Differences shared out: additive changes give themselves, an interaction is halved."""

from itertools import combinations

import numpy as np
import pytest

from gtmsim.statistics.attribution import MOST_FOR_ALL, Made, attribute, orders, steps


def values_of(n, value):
    """Value of every set of n changes, in one future."""
    sets = (Made(made) for k in range(n + 1) for made in combinations(range(n), k))
    return {made: np.full((1, 1), float(value(made))) for made in sets}


def effects(n, value, needs=None):
    taken = orders(n, needs or {})
    return taken, attribute(taken, values_of(n, value))


@pytest.mark.parametrize("n", [1, 3, 4, 7])
def test_additive_changes_have_their_own_effects_and_no_interaction(n):
    sizes = [2.0, -3.0, 0.5, 4.0, 1.0, 0.0, 8.0]
    _, found = effects(n, lambda made: sum(sizes[one] for one in made))
    assert [float(one.effect[0, 0]) for one in found] == sizes[:n]
    assert all(float(one.interaction[0, 0]) == 0.0 for one in found)


@pytest.mark.parametrize("n", [2, 3, 4, 6])
def test_an_interaction_of_two_is_halved_between_them(n):
    _, found = effects(n, lambda made: 10.0 * ({0, 1} <= made) + sum(made))
    assert [float(one.effect[0, 0]) for one in found] == [5.0, 6.0, *range(2, n)]
    assert [float(one.interaction[0, 0]) for one in found] == [10.0, 10.0, *[0.0] * (n - 2)]


@pytest.mark.parametrize("n", [2, 4, 9])
def test_effects_sum_to_the_difference_in_every_future(n):
    rng = np.random.default_rng(4)
    taken = orders(n, {})
    values = {made: rng.normal(size=(5, 2)) for order in taken for made in steps(order)}
    found = attribute(taken, values)
    total = values[Made(range(n))] - values[Made()]
    assert np.sum([one.effect for one in found], axis=0) == pytest.approx(total, abs=1e-12)


def test_few_changes_take_all_orders_and_many_two_that_are_opposite():
    assert len(orders(MOST_FOR_ALL, {})) == 24
    assert orders(6, {}) == [(0, 1, 2, 3, 4, 5), (5, 4, 3, 2, 1, 0)]


def test_what_a_change_needs_comes_before_it():
    needs = {0: Made({2}), 3: Made({0})}
    for n in (4, 6):
        for order in orders(n, needs):
            assert order.index(2) < order.index(0) < order.index(3)
    assert len(orders(4, needs)) == 4
