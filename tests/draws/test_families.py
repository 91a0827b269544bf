"""Families of distributions: right quantiles and moments, rising, and the same bits in bulk."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from gtmsim.draws import families as fm
from gtmsim.draws.cumulative import distribution_cdf
from gtmsim.draws.tables import TABLE_SIZE, fill_beta_table, fill_gamma_table
from tests.draws.randomness import fill_uniforms

LARGEST_U = 1.0 - 2.0**-53
U = (np.random.default_rng(21).integers(0, 2**52, 100_000) + 0.5) * 2.0**-52
TABLES = np.zeros(2 * TABLE_SIZE)
fill_beta_table(2.0, 30.0, TABLES, 0)
fill_gamma_table(0.7, TABLES, TABLE_SIZE)

# family, a, b, table or mode, quantile function of the reference
EXAMPLES: dict[str, tuple[float, float, float, Any]] = {
    "fixed": (3.25, 0.0, 0.0, lambda u: np.full(np.shape(u), 3.25)),
    "uniform": (-2.0, 5.0, 0.0, stats.uniform(-2.0, 7.0).ppf),
    "normal": (10.0, 3.0, 0.0, stats.norm(10.0, 3.0).ppf),
    "lognormal": (1.5, 0.8, 0.0, stats.lognorm(0.8, scale=np.exp(1.5)).ppf),
    "exponential": (4.0, 0.0, 0.0, stats.expon(scale=4.0).ppf),
    "weibull": (1.7, 20.0, 0.0, stats.weibull_min(1.7, scale=20.0).ppf),
    "logit_normal": (-1.0, 0.6, 0.0, lambda u: special.expit(stats.norm.ppf(u, -1.0, 0.6))),
    "beta": (2.0, 30.0, 0.0, stats.beta(2.0, 30.0).ppf),
    "gamma": (0.7, 5.0, float(TABLE_SIZE), stats.gamma(0.7, scale=5.0).ppf),
    "triangular": (2.0, 9.0, 3.0, stats.triang(1.0 / 7.0, 2.0, 7.0).ppf),
}
NAMES = list(EXAMPLES)
TABULATED = {"beta", "gamma"}
ROUGH = {"normal", "lognormal", "logit_normal"}  # as good as the normal quantile, 1e-10


def record(name: str, u_low: float = 0.0, u_high: float = 1.0) -> Any:
    a, b, table, _ = EXAMPLES[name]
    return np.array([fm.FAMILIES[name], a, b, table, u_low, u_high])


def many(dist: Any, u: Any) -> Any:
    out = np.empty(u.size)
    fm.sample_many(dist, TABLES, u, out)
    return out


def cdf(name: str, x: float) -> float:
    a, b, mode, _ = EXAMPLES[name]
    return float(distribution_cdf(fm.FAMILIES[name], a, b, x, mode))


def test_every_family_has_an_example() -> None:
    """No family escapes these tests, and their codes are 0, 1, 2, ... as stored in plans."""
    assert list(fm.FAMILIES) == NAMES
    assert list(fm.FAMILIES.values()) == list(range(len(NAMES)))


@pytest.mark.parametrize("name", NAMES)
def test_quantiles(name: str) -> None:
    """A variate is the reference's quantile of its uniform, far into both tails."""
    tail = (np.floor(10.0 ** np.arange(2.0, 13.0)) + 0.5) * 2.0**-52
    u = np.concatenate([U[:2_000], tail, 1.0 - tail])
    error = 1e-4 if name in TABULATED else 1e-9 if name in ROUGH else 1e-13
    near_zero = 1e-9 if name == "normal" else 0.0
    expected = EXAMPLES[name][3](u)
    np.testing.assert_allclose(many(record(name), u), expected, rtol=error, atol=near_zero)


@pytest.mark.parametrize("name", NAMES)
def test_same_bits_one_by_one_and_in_bulk(name: str) -> None:
    """sample, sample_at and sample_many agree bit by bit at every length and alignment."""
    for dist in (record(name), record(name, 0.1, 0.83)):
        n = 3_000
        one_by_one = np.array([fm.sample(dist, TABLES, u) for u in U[:n]])
        rows = np.stack([record("fixed"), dist])
        from_rows = np.array([fm.sample_at(rows, 1, TABLES, u) for u in U[:n]])
        assert from_rows.tobytes() == one_by_one.tobytes()
        for start, stop in ((0, n), (1, n), (3, 12), (5, 6), (7, 1_000)):
            bulk = many(dist, U[start:stop])
            assert bulk.tobytes() == one_by_one[start:stop].tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_bulk_in_place(name: str) -> None:
    """The variates may overwrite their uniforms."""
    u = U[:1_001].copy()
    fm.sample_many(record(name), TABLES, u, u)
    assert u.tobytes() == many(record(name), U[:1_001]).tobytes()


@pytest.mark.parametrize("name", [name for name in NAMES if name != "fixed"])
def test_moments(name: str) -> None:
    """Mean and standard deviation lie within 4 standard errors of the distribution's own."""
    quantile = EXAMPLES[name][3]
    mean = integrate.quad(quantile, 0.0, 1.0)[0]
    sd = np.sqrt(integrate.quad(lambda u: (quantile(u) - mean) ** 2, 0.0, 1.0)[0])
    x = many(record(name), U)
    deviation = x - mean
    assert abs(deviation.mean()) <= 4.0 * sd / np.sqrt(U.size)
    error_of_variance = np.std(deviation**2) / np.sqrt(U.size)
    assert abs(np.mean(deviation**2) - sd**2) <= 4.0 * error_of_variance


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("bounds", [(0.0, 1.0), (0.5, 1.0), (0.0, 1e-9), (1.0, 1.0), (0.0, 0.0)])
def test_extreme_uniforms_give_finite_variates(name: str, bounds: tuple[float, float]) -> None:
    """No uniform gives an infinite variate, not even where a truncation leaves no mass."""
    variates = [fm.sample(record(name, *bounds), TABLES, u) for u in (2.0**-53, LARGEST_U)]
    assert np.all(np.isfinite(variates))


def test_an_untruncated_uniform_keeps_its_bits() -> None:
    """u_low = 0 and u_high = 1 change no uniform."""
    assert all(fm.truncate(u, 0.0, 1.0) == u for u in [*U[:5_000], 2.0**-53, LARGEST_U])


@pytest.mark.parametrize("name", [name for name in NAMES if name != "fixed"])
def test_truncation_keeps_variates_between_bounds(name: str) -> None:
    """Bounds put through distribution_cdf hold, and the variates fill the space between them."""
    low, high = many(record(name), np.array([0.2, 0.7]))
    x = many(record(name, cdf(name, low), cdf(name, high)), U)
    slack = 1e-4 if name in TABULATED else 1e-9
    assert low * (1.0 - slack) <= x.min() < low + 0.01 * (high - low)
    assert high - 0.01 * (high - low) < x.max() <= high * (1.0 + slack)


def test_cdf_outside_the_support() -> None:
    """A bound beyond the support cuts nothing off; a fixed value jumps at itself."""
    assert cdf("logit_normal", -0.5) == 0.0
    assert cdf("logit_normal", 0.0) == 0.0
    assert cdf("logit_normal", 1.0) == 1.0
    assert cdf("lognormal", 0.0) == 0.0
    assert cdf("fixed", 3.2) == 0.0
    assert cdf("fixed", 3.25) == 1.0


def test_unknown_family() -> None:
    """An unknown family gives nan in compiled code and an error in Python."""
    assert np.isnan(fm.sample(np.array([99.0, 0.0, 0.0, 0.0, 0.0, 1.0]), TABLES, 0.5))
    with pytest.raises(ValueError, match="family must be one of"):
        distribution_cdf(99, 0.0, 0.0, 0.5)


def test_triangular_without_width_or_with_its_mode_at_an_end() -> None:
    """A triangle may have its mode at an end, and one of no width is its only value."""
    for mode in (2.0, 9.0):
        dist = np.array([fm.TRIANGULAR, 2.0, 9.0, mode, 0.0, 1.0])
        reference = stats.triang((mode - 2.0) / 7.0, 2.0, 7.0)
        np.testing.assert_allclose(many(dist, U[:500]), reference.ppf(U[:500]), rtol=1e-12)
    point = np.array([fm.TRIANGULAR, 4.0, 4.0, 4.0, 0.0, 1.0])
    assert np.all(many(point, U[:100]) == 4.0)


uniform = st.integers(0, 2**52 - 1).map(lambda i: (i + 0.5) * 2.0**-52)
location = st.floats(-20.0, 20.0)
spread = st.floats(0.01, 10.0)
unit = st.floats(0.0, 1.0)
distributions = st.one_of(
    st.tuples(st.just(fm.UNIFORM), location, st.floats(20.0, 50.0), st.just(0.0)),
    st.tuples(st.just(fm.NORMAL), location, spread, st.just(0.0)),
    st.tuples(st.just(fm.LOGNORMAL), location, spread, st.just(0.0)),
    st.tuples(st.just(fm.EXPONENTIAL), spread, st.just(0.0), st.just(0.0)),
    st.tuples(st.just(fm.WEIBULL), spread, spread, st.just(0.0)),
    st.tuples(st.just(fm.LOGIT_NORMAL), location, spread, st.just(0.0)),
    st.tuples(st.just(fm.BETA), spread, spread, st.just(0.0)),
    st.tuples(st.just(fm.GAMMA), spread, spread, st.just(0.0)),
    st.tuples(st.just(fm.TRIANGULAR), location, st.floats(20.0, 50.0), st.just(20.0)),
)


@settings(deadline=None, derandomize=True, max_examples=500)
@given(distributions, uniform, uniform, unit, unit)
def test_variates_never_fall(
    dist: tuple[int, float, float, float], u: float, v: float, p: float, q: float
) -> None:
    """Of any two uniforms the larger gives no smaller variate, truncated or not."""
    family, a, b, _ = dist
    tables = np.zeros(TABLE_SIZE)
    if family == fm.BETA:
        fill_beta_table(a, b, tables, 0)
    if family == fm.GAMMA:
        fill_gamma_table(a, tables, 0)
    low, high = sorted((u, v))
    for bounds in ((0.0, 1.0), sorted((p, q))):
        packed = np.array([*dist, *bounds])
        lower, upper = fm.sample(packed, tables, low), fm.sample(packed, tables, high)
        assert lower <= upper or lower - upper <= 1e-13 * abs(lower)


def test_variates_are_pinned() -> None:
    """The bits of every family are those of the last release, on every machine.

    They change only when a formula does. Then state it in the change log, since stored results
    no longer reproduce, and put the new digest here.
    """
    key = np.full(10_000, 1, dtype=np.uint64)
    u, other = np.empty((2, key.size))
    fill_uniforms(key, key, key, np.arange(key.size, dtype=np.uint64), u, other)
    digest = hashlib.blake2b(digest_size=8)
    for name in NAMES:
        digest.update(many(record(name), u).tobytes())
    assert digest.hexdigest() == "0e3509008df51f12"


@pytest.mark.slow
def test_variates_are_pinned_on_the_plainest_processor(tmp_path: Path) -> None:
    """Without fused multiply-add and wide vectors in the processor, the bits are the same."""
    plain = {
        "NUMBA_CPU_NAME": "generic",
        "NUMBA_CPU_FEATURES": "",
        "GTMSIM_CACHE_DIR": str(tmp_path),
    }
    one_test = f"{Path(__file__)}::test_variates_are_pinned"
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", one_test],
        cwd=Path(__file__).parents[2],
        env=os.environ | plain,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout
