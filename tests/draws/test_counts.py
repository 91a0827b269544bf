"""Counts: points of a layer and successes before a failure."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from gtmsim.draws.counts import LAYER_HEIGHT, NEVER, geometric, poisson_layer

SMALLEST_U = 2.0**-53
LARGEST_U = 1.0 - 2.0**-53
U = (np.random.default_rng(11).integers(0, 2**52, 20_000) + 0.5) * 2.0**-52

uniform = st.integers(0, 2**52 - 1).map(lambda i: (i + 0.5) * 2.0**-52)
run = settings(deadline=None, derandomize=True)


def test_points_of_a_layer_are_poisson() -> None:
    """The count is the quantile of the Poisson distribution whose mean is the layer's height."""
    drawn = [poisson_layer(u) for u in U]
    assert drawn == stats.poisson.ppf(U, LAYER_HEIGHT).astype(int).tolist()


def test_points_of_a_layer_fit_the_index() -> None:
    """The smallest uniform gives no point, the largest fewer than 64."""
    assert poisson_layer(SMALLEST_U) == 0
    assert 30 < poisson_layer(LARGEST_U) < 64


@run
@given(uniform, uniform)
def test_points_of_a_layer_rise(u: float, v: float) -> None:
    """A larger uniform never gives fewer points."""
    low, high = sorted((u, v))
    assert poisson_layer(low) <= poisson_layer(high)


@pytest.mark.parametrize("p", [1e-3, 0.02, 0.3, 0.5, 0.9, 0.999])
def test_successes_are_geometric(p: float) -> None:
    """The count of successes has the geometric distribution's mean and share of zeros."""
    drawn = np.array([geometric(u, p) for u in U])
    standard_error = np.sqrt((1.0 - p) / p**2 / U.size)
    assert abs(drawn.mean() - (1.0 - p) / p) < 4.0 * standard_error
    assert abs(np.mean(drawn == 0) - p) < 4.0 * np.sqrt(p * (1.0 - p) / U.size)


@run
@given(uniform, st.floats(1e-6, 0.999))
def test_successes_invert_the_survival_function(u: float, p: float) -> None:
    """The count n is the one with (1 - p)**(n + 1) < u <= (1 - p)**n."""
    n = geometric(u, p)
    log_kept = np.log1p(-p)
    slack = 1e-12 * abs(np.log(u))
    assert (n + 1) * log_kept - slack <= np.log(u) <= n * log_kept + slack


@run
@given(uniform, st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_successes_fall_with_the_probability_of_failure(u: float, p: float, q: float) -> None:
    """A higher probability of failure never brings the failure later."""
    low, high = sorted((p, q))
    assert geometric(u, high) <= geometric(u, low)


def test_certain_and_impossible_failures() -> None:
    """A failure that cannot come never comes; a certain one comes at once."""
    assert geometric(0.3, 0.0) == NEVER
    assert geometric(0.3, -0.1) == NEVER
    assert geometric(0.3, 1e-300) == NEVER
    assert geometric(0.3, 1.0) == 0
    assert geometric(0.3, 1.5) == 0
    assert geometric(LARGEST_U, 1e-3) == 0


def test_rare_failures_keep_their_digits() -> None:
    """A failure probability of 1e-12 gives a median of log(2) / 1e-12 successes."""
    assert geometric(0.5, 1e-12) == pytest.approx(np.log(2.0) / 1e-12, rel=1e-9)
