"""Quantile tables against scipy's inverses of the incomplete beta and gamma functions."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from gtmsim.draws import tables as tb
from gtmsim.jit import kernel

TAIL = 10.0 ** -np.arange(3.0, 15.01, 0.25)
BODY = np.linspace(0.001, 0.999, 401)
U = np.unique(np.concatenate([TAIL, BODY, 1.0 - TAIL]))
OFFSET = 5
SHAPES = [0.02, 0.05, 0.3, 0.5, 1.0, 2.0, 3.7, 10.0, 300.0, 1e4]
BODY_ERROR = 5e-5
TAIL_ERROR = 2e-4
SMALLEST = 1e-290  # below it the references underflow


@kernel
def fill_coordinates(tables: Any, u: Any, out: Any) -> None:
    for i in range(u.size):
        out[i] = tb.table_quantile(tables, OFFSET, u[i])


def coordinates(tables: Any) -> Any:
    out = np.empty(U.size)
    fill_coordinates(tables, U, out)
    return out


def beta_table(a: float, b: float) -> Any:
    tables = np.full(OFFSET + tb.TABLE_SIZE, np.nan)
    tb.fill_beta_table(a, b, tables, OFFSET)
    return tables


def gamma_table(shape: float) -> Any:
    tables = np.full(OFFSET + tb.TABLE_SIZE, np.nan)
    tb.fill_gamma_table(shape, tables, OFFSET)
    return tables


def assert_close(found: Any, expected: Any) -> None:
    """Compare relative errors where the reference has digits, tails more loosely."""
    tail = (U < 0.001) | (U > 0.999)
    for part, limit in ((~tail, BODY_ERROR), (tail, TAIL_ERROR)):
        known = part & (expected > SMALLEST)
        np.testing.assert_allclose(found[known], expected[known], rtol=limit, atol=0.0)
    assert np.all(found[expected <= SMALLEST] < 1e-280)


@pytest.mark.parametrize("b", SHAPES)
@pytest.mark.parametrize("a", SHAPES)
def test_beta_quantiles(a: float, b: float) -> None:
    """theta and 1 - theta are right to 5e-5 in the body and to 2e-4 as far as u = 1e-15."""
    y = coordinates(beta_table(a, b))
    # Complements by their own inverse: 1 - u and 1 - theta would have lost their digits.
    upper = U > 0.5
    lower_theta = special.betaincinv(a, b, np.where(upper, 0.5, U))
    upper_theta = special.betainccinv(a, b, np.where(upper, 1.0 - U, 0.5))
    lower_rest = special.betainccinv(b, a, np.where(upper, 0.5, U))
    upper_rest = special.betaincinv(b, a, np.where(upper, 1.0 - U, 0.5))
    assert_close(special.expit(y), np.where(upper, upper_theta, lower_theta))
    assert_close(special.expit(-y), np.where(upper, upper_rest, lower_rest))


@pytest.mark.parametrize("shape", [0.001, *SHAPES, 1e6])
def test_gamma_quantiles(shape: float) -> None:
    """The unit gamma's quantile is right to 5e-5 in the body and to 2e-4 as far as u = 1e-15."""
    y = coordinates(gamma_table(shape))
    upper = U > 0.5
    lower = special.gammaincinv(shape, np.where(upper, 0.5, U))
    above = special.gammainccinv(shape, np.where(upper, 1.0 - U, 0.5))
    with np.errstate(under="ignore"):
        assert_close(np.exp(y), np.where(upper, above, lower))


@pytest.mark.parametrize("b", [0.001, *SHAPES, 1e6])
@pytest.mark.parametrize("a", [0.001, *SHAPES, 1e6])
def test_table_rises_strictly(a: float, b: float) -> None:
    """A larger uniform gives a strictly larger logit, through both ends of the nodes."""
    assert np.all(np.diff(coordinates(beta_table(a, b))) > 0.0)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(
    st.floats(np.log(0.02), np.log(1e4)).map(np.exp),
    st.floats(np.log(0.02), np.log(1e4)).map(np.exp),
    st.integers(0, 2**52 - 1),
    st.integers(0, 2**52 - 1),
)
def test_quantiles_never_fall(a: float, b: float, i: int, j: int) -> None:
    """Of any two uniforms the larger gives no smaller beta or gamma variate."""
    low, high = ((k + 0.5) * 2.0**-52 for k in sorted((i, j)))
    beta, gamma = beta_table(a, b), gamma_table(a)
    margin = 1.0 + 1e-14
    assert tb.beta_quantile(beta, OFFSET, low) <= tb.beta_quantile(beta, OFFSET, high) * margin
    assert tb.gamma_quantile(gamma, OFFSET, low) <= tb.gamma_quantile(gamma, OFFSET, high) * margin


@settings(deadline=None, derandomize=True)
@given(st.floats(0.02, 100.0), st.floats(0.02, 100.0), st.floats(1e-9, 1.0 - 1e-9))
def test_swapping_the_shapes_mirrors_the_beta(a: float, b: float, u: float) -> None:
    """The quantile of Beta(b, a) at 1 - u is that of Beta(a, b) at u, mirrored."""
    y = tb.table_quantile(beta_table(a, b), OFFSET, u)
    mirrored = tb.table_quantile(beta_table(b, a), OFFSET, 1.0 - u)
    assert y == pytest.approx(-mirrored, abs=1e-4, rel=1e-6)


def test_uniform_and_exponential_are_special_cases() -> None:
    """Beta(1, 1) is uniform and the gamma of shape 1 exponential."""
    flat, exponential = beta_table(1.0, 1.0), gamma_table(1.0)
    for u in (1e-12, 1e-3, 0.2, 0.5, 0.77, 0.999):
        assert tb.beta_quantile(flat, OFFSET, u) == pytest.approx(u, rel=5e-5)
        assert tb.gamma_quantile(exponential, OFFSET, u) == pytest.approx(-np.log1p(-u), rel=5e-5)


def test_a_table_stays_in_its_place() -> None:
    """Filling a table writes TABLE_SIZE floats from its offset and nothing beside them."""
    tables = np.full(tb.TABLE_SIZE + 20, -7.0)
    tb.fill_beta_table(2.0, 3.0, tables, 10)
    assert np.all(tables[:10] == -7.0)
    assert np.all(tables[10 + tb.TABLE_SIZE :] == -7.0)
    assert np.all(np.isfinite(tables))


def test_the_oracle_notices_a_wrong_shape() -> None:
    """A table for shapes wrong by 0.1 % fails the comparison with the right quantiles."""
    theta = special.expit(coordinates(beta_table(2.0, 30.03)))
    with pytest.raises(AssertionError):
        assert_close(theta, special.betaincinv(2.0, 30.0, U))
