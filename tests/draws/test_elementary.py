"""Elementary functions: accurate, safe at the ends, and the same bits wherever they are called."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from gtmsim.draws.elementary import exp, log, logistic, normal_quantile, power
from gtmsim.jit import kernel

N = 100_000


@kernel
def fill_log(x: Any, out: Any) -> None:
    for i in range(x.size):
        out[i] = log(x[i])


@kernel
def fill_exp(x: Any, out: Any) -> None:
    for i in range(x.size):
        out[i] = exp(x[i])


@kernel
def fill_normal_quantile(x: Any, out: Any) -> None:
    for i in range(x.size):
        out[i] = normal_quantile(x[i])


@kernel
def fill_power(x: Any, out: Any) -> None:
    for i in range(x.size):
        out[i] = power(x[i], 0.37)


def scalar_power(x: float) -> float:
    return power(x, 0.37)


Fill = Callable[[Any, Any], None]
Scalar = Callable[[float], float]


def filled(fill: Fill, x: Any) -> Any:
    out = np.empty(x.shape)
    fill(x, out)
    return out


def positives(n: int = N) -> Any:
    return np.exp(np.random.default_rng(1).uniform(-700.0, 700.0, n))


def lattice_uniforms(n: int = N) -> Any:
    """Uniforms in the body, and powers of 2 towards 0, 1 and 0.5."""
    rng = np.random.default_rng(2)
    small = 2.0 ** -rng.uniform(1.0, 53.0, n // 4)
    near_half = 0.5 + rng.choice([-1.0, 1.0], n // 4) * 2.0 ** -rng.uniform(2.0, 50.0, n // 4)
    body = rng.uniform(2.0**-53, 1.0 - 2.0**-53, n - 3 * (n // 4))
    return np.concatenate([body, small, 1.0 - small, near_half])


CASES = [
    pytest.param(fill_log, log, positives, id="log"),
    pytest.param(fill_exp, exp, lambda: np.log(positives()), id="exp"),
    pytest.param(fill_normal_quantile, normal_quantile, lattice_uniforms, id="normal_quantile"),
    pytest.param(fill_power, scalar_power, positives, id="power"),
]


@pytest.mark.parametrize(("fill", "scalar", "inputs"), CASES)
def test_same_bits_from_python_and_in_a_loop(
    fill: Fill, scalar: Scalar, inputs: Callable[[], Any]
) -> None:
    """A loop over 100,000 numbers gives the bits of as many calls from Python."""
    x = inputs()
    from_python = np.array([scalar(value) for value in x])
    assert filled(fill, x).tobytes() == from_python.tobytes()


@pytest.mark.parametrize(("fill", "scalar", "inputs"), CASES)
def test_same_bits_at_any_length_and_alignment(
    fill: Fill, scalar: Scalar, inputs: Callable[[], Any]
) -> None:
    """Where a number stands in an array, and in how long a one, does not change its result."""
    x = inputs()[:200]
    whole = filled(fill, x)
    for start in range(9):
        for n in (1, 2, 3, 5, 8, 17, 64, 150):
            out = np.full(200, np.nan)
            fill(x[start : start + n], out[start : start + n])
            assert out[start : start + n].tobytes() == whole[start : start + n].tobytes()
    assert filled(fill, x[::3]).tobytes() == whole[::3].tobytes()


def test_log_is_accurate() -> None:
    """log is within 3e-16 of the true value, near 1 as elsewhere."""
    near_one = 1.0 + np.random.default_rng(3).uniform(-0.3, 0.3, N)
    for x in (positives(), near_one):
        np.testing.assert_allclose(filled(fill_log, x), np.log(x), rtol=4.5e-16, atol=0.0)


def test_exp_is_accurate() -> None:
    """exp is within 3e-16 of the true value over its whole range."""
    x = np.random.default_rng(4).uniform(-707.0, 709.0, N)
    for scaled in (x, x / 500.0, x * 1e-12):
        np.testing.assert_allclose(filled(fill_exp, scaled), np.exp(scaled), rtol=4.5e-16, atol=0.0)


def test_ends_of_log() -> None:
    """log is -inf at 0, inf at inf, nan below 0, and right for the smallest doubles."""
    assert log(0.0) == -np.inf
    assert log(np.inf) == np.inf
    assert np.isnan(log(-1.0))
    assert np.isnan(log(-np.inf))
    assert np.isnan(log(np.nan))
    assert log(1.0) == 0.0
    assert log(5e-324) == pytest.approx(np.log(5e-324), rel=1e-15)
    assert log(1.7976931348623157e308) == pytest.approx(709.782712893384, rel=1e-15)


def test_ends_of_exp() -> None:
    """exp underflows gradually to 0, overflows to inf, and keeps nan."""
    assert exp(-np.inf) == 0.0
    assert exp(-746.0) == 0.0
    assert exp(-745.0) == 5e-324
    assert exp(-740.0) == np.exp(-740.0)
    assert exp(0.0) == 1.0
    assert exp(709.78) == pytest.approx(np.exp(709.78), rel=1e-15)
    assert exp(709.79) == np.inf
    assert exp(np.inf) == np.inf
    assert np.isnan(exp(np.nan))


def test_power() -> None:
    """power(0, y) is 0; elsewhere it is x**y to the error that the exponent amplifies."""
    assert power(0.0, 2.0) == 0.0
    assert power(0.0, 0.0) == 0.0
    assert power(3.0, 0.0) == 1.0
    x = np.random.default_rng(5).uniform(0.0, 40.0, 2_000)
    np.testing.assert_allclose(filled(fill_power, x), x**0.37, rtol=2e-15)


def test_logistic() -> None:
    """The logistic function goes from 0 to 1 without a warning or a nan."""
    assert logistic(-800.0) == 0.0
    assert logistic(0.0) == 0.5
    assert logistic(800.0) == 1.0
    assert logistic(-30.0) == pytest.approx(special.expit(-30.0), rel=1e-15)


def test_normal_quantile_is_accurate() -> None:
    """The normal quantile is within a relative 1e-10 over every uniform that can be drawn."""
    u = lattice_uniforms()
    np.testing.assert_allclose(
        filled(fill_normal_quantile, u), special.ndtri(u), rtol=1e-10, atol=1e-17
    )


def test_normal_quantile_is_antisymmetric() -> None:
    """The quantile at 1 - u is the negative of that at u, bit by bit; the median is 0."""
    u = (np.random.default_rng(6).integers(0, 2**52, N) + 0.5) * 2.0**-52
    assert np.array_equal(filled(fill_normal_quantile, 1.0 - u), -filled(fill_normal_quantile, u))
    assert normal_quantile(0.5) == 0.0


def test_normal_quantile_rises() -> None:
    """Sorted uniforms give sorted quantiles, down to those that only truncation reaches."""
    u = np.sort(np.concatenate([lattice_uniforms(), 10.0 ** -np.linspace(1.0, 300.0, 5_000)]))
    assert np.all(np.diff(filled(fill_normal_quantile, u)) >= 0.0)


def test_normal_quantile_far_out() -> None:
    """A uniform of 1e-22, reached only by truncation, is right to 1e-6 one of 1e-40 to 3e-4."""
    assert np.isnan([normal_quantile(0.0), normal_quantile(1.0)]).all()
    assert normal_quantile(1e-22) == pytest.approx(special.ndtri(1e-22), rel=1e-6)
    assert normal_quantile(1e-40) == pytest.approx(special.ndtri(1e-40), rel=3e-4)


@settings(deadline=None, derandomize=True)
@given(st.floats(-740.0, 709.0), st.floats(-740.0, 709.0))
def test_exp_and_log_rise(x: float, y: float) -> None:
    """exp and log never fall as their argument rises by more than its last bits."""
    low, high = sorted((x, y))
    assert exp(low) <= exp(high) * (1.0 + 4e-16)
    assert log(exp(low)) <= log(exp(high)) + 4e-16 * abs(high)
