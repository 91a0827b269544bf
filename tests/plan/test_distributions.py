"""Distributions: the native parameters have the quantiles and moments that a scenario asks for."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from gtmsim.draws import families
from gtmsim.draws.families import sample_many
from gtmsim.draws.tables import TABLE_SIZE, fill_beta_table, fill_gamma_table
from gtmsim.errors import ScenarioError
from gtmsim.plan import compile_plan, draw_inputs, fill_values
from gtmsim.plan.distributions import (
    Native,
    fixed,
    from_moments,
    from_quantiles,
    probability_below,
    scaled,
    truncated,
    within_tables,
)
from gtmsim.plan.forms import native_of, shift_of
from gtmsim.scenario.distributions import FAMILIES, Distribution, read_distribution
from gtmsim.scenario.kinds import GROWTH, MONEY, REAL, SHARE, Kind
from tests.plan.scenarios import SMALLEST, changed

ANYTHING = Kind("a number", "1", low=-np.inf)
TABLE_ERROR = 2e-4  # of a quantile table, relative


def _read(table: Mapping[str, Any], kind: Kind = ANYTHING, varies: bool = False) -> Distribution:
    return read_distribution(table, kind, varies=varies)


def _native(table: Mapping[str, Any], kind: Kind = ANYTHING) -> Native:
    distribution = _read(table, kind)
    return native_of(distribution, dict(distribution.parameters))


def _oracle(native: Native) -> Any:
    """SciPy's distribution with the same parameters."""
    a, b, mode = (float(x) for x in native[1:4])
    return {
        families.UNIFORM: lambda: stats.uniform(a, b - a),
        families.NORMAL: lambda: stats.norm(a, b),
        families.LOGNORMAL: lambda: stats.lognorm(b, scale=np.exp(a)),
        families.EXPONENTIAL: lambda: stats.expon(scale=a),
        families.WEIBULL: lambda: stats.weibull_min(a, scale=b),
        families.BETA: lambda: stats.beta(a, b),
        families.GAMMA: lambda: stats.gamma(a, scale=b),
        families.TRIANGULAR: lambda: stats.triang((mode - a) / (b - a), a, b - a),
    }[int(native.family)]()


def _variates(native: Native, u: np.ndarray) -> np.ndarray:
    """What the engines draw at the uniforms ``u``."""
    record = np.array([float(x) for x in within_tables(native)])
    tables, out = np.zeros(TABLE_SIZE), np.empty(len(u))
    if record[0] == families.BETA:
        fill_beta_table(record[1], record[2], tables, 0)
        record[3] = 0.0
    if record[0] == families.GAMMA:
        fill_gamma_table(record[1], tables, 0)
        record[3] = 0.0
    sample_many(record, tables, u, out)
    return out


def _moments(native: Native) -> tuple[float, float]:
    if native.family != families.LOGIT_NORMAL:
        oracle = _oracle(native)
        return float(oracle.mean()), float(oracle.std())

    def expected(power: int) -> float:
        def at(z: float) -> float:
            return float(stats.norm.pdf(z) / (1.0 + np.exp(-(native.a + native.b * z))) ** power)

        return float(integrate.quad(at, -12.0, 12.0, limit=400)[0])

    mean = expected(1)
    return mean, float(np.sqrt(expected(2) - mean**2))


# Forms that need no family, over all families that have them

QUANTILES = [
    (family, low, high)
    for family, low, high in [
        ("uniform", -3.0, 5.0),
        ("normal", -3.0, 5.0),
        ("lognormal", 8_000.0, 45_000.0),
        ("weibull", 3.0, 40.0),
        ("weibull", 9.0, 10.0),
        ("gamma", 3.0, 40.0),
        ("gamma", 0.001, 12.0),
        ("gamma", 99.0, 101.0),
        ("logit_normal", 0.02, 0.4),
        ("beta", 0.02, 0.4),
        ("beta", 0.18, 0.30),
        ("beta", 0.001, 0.999),
        ("beta", 0.498, 0.502),
        ("log_growth", -0.2, 0.6),
    ]
]


@pytest.mark.parametrize(("family", "low", "high"), QUANTILES)
@pytest.mark.parametrize("name", ["p10", "median"])
def test_two_quantiles_are_what_the_engines_draw(
    family: str, low: float, high: float, name: str
) -> None:
    said = {"family": family, name: low, "p90": high}
    p_low = 0.1 if name == "p10" else 0.5

    drawn = _variates(_native(said), np.array([p_low, 0.9])) + shift_of(_read(said))

    np.testing.assert_allclose(drawn, [low, high], rtol=TABLE_ERROR, atol=1e-12)


MOMENTS = [
    ("uniform", 2.0, 5.0),
    ("normal", -2.0, 5.0),
    ("lognormal", 20_000.0, 30_000.0),
    ("weibull", 10.0, 4.0),
    ("weibull", 10.0, 40.0),
    ("gamma", 10.0, 4.0),
    ("gamma", 10.0, 40.0),
    ("logit_normal", 0.2, 0.05),
    ("logit_normal", 0.5, 0.3),
    ("logit_normal", 0.9, 0.2),
    ("beta", 0.2, 0.05),
    ("beta", 0.9, 0.2),
]


@pytest.mark.parametrize(("family", "mean", "sd"), MOMENTS)
def test_mean_and_sd_are_those_of_the_distribution(family: str, mean: float, sd: float) -> None:
    native = _native({"family": family, "mean": mean, "sd": sd})

    np.testing.assert_allclose(_moments(native), [mean, sd], rtol=1e-8)


def test_mean_and_sd_of_growth_are_those_of_the_distribution() -> None:
    native = _native({"mean": 0.3, "sd": 0.2}, GROWTH)

    np.testing.assert_allclose(_moments(native), [1.3, 0.2], rtol=1e-12)


NATIVE = [
    ({"family": "normal", "mean": 3.0, "sd": 2.0}, stats.norm(3.0, 2.0)),
    ({"family": "lognormal", "mu": 1.0, "sigma": 0.5}, stats.lognorm(0.5, scale=np.e)),
    ({"family": "lognormal", "median": 7.0, "sigma": 0.5}, stats.lognorm(0.5, scale=7.0)),
    ({"family": "exponential", "mean": 3.0}, stats.expon(scale=3.0)),
    ({"family": "weibull", "shape": 1.5, "scale": 4.0}, stats.weibull_min(1.5, scale=4.0)),
    ({"family": "gamma", "shape": 1.5, "scale": 4.0}, stats.gamma(1.5, scale=4.0)),
    ({"family": "beta", "alpha": 2.0, "beta": 5.0}, stats.beta(2.0, 5.0)),
    ({"family": "beta", "mean": 0.2, "concentration": 10.0}, stats.beta(2.0, 8.0)),
    ({"family": "uniform", "low": 2.0, "high": 5.0}, stats.uniform(2.0, 3.0)),
    (
        {"family": "triangular", "low": 2.0, "mode": 3.0, "high": 7.0},
        stats.triang(0.2, 2.0, 5.0),
    ),
]
GRID = np.linspace(0.005, 0.995, 100)


@pytest.mark.parametrize(("said", "oracle"), NATIVE, ids=lambda v: str(v)[:60])
def test_a_familys_own_parameters_are_those_of_the_field(said: dict[str, Any], oracle: Any) -> None:
    np.testing.assert_allclose(_variates(_native(said), GRID), oracle.ppf(GRID), rtol=TABLE_ERROR)


def test_a_logit_normals_own_parameters_are_those_of_the_logit() -> None:
    drawn = _variates(_native({"family": "logit_normal", "mu": -1.0, "sigma": 0.7}, SHARE), GRID)

    np.testing.assert_allclose(np.log(drawn / (1.0 - drawn)), stats.norm(-1.0, 0.7).ppf(GRID))


def test_every_form_of_every_family_is_checked_above() -> None:
    plain = {(family, (name, "p90")) for family, *_ in QUANTILES for name in ("p10", "median")}
    moments = {(family, ("mean", "sd")) for family, *_ in MOMENTS} | {
        ("log_growth", ("mean", "sd"))
    }
    own = {(said["family"], tuple(k for k in said if k != "family")) for said, _ in NATIVE}
    own |= {("logit_normal", ("mu", "sigma")), ("log_growth", ("mu", "sigma"))}

    every = {(name, form) for name, family in FAMILIES.items() for form in family.forms}
    assert every - (plain | moments | own) == set()


def test_growth_by_its_own_parameters_is_one_less_than_a_lognormal() -> None:
    said = {"family": "log_growth", "mu": 0.2, "sigma": 0.1}
    drawn = _variates(_native(said, GROWTH), GRID) + shift_of(_read(said, GROWTH))

    np.testing.assert_allclose(drawn, stats.lognorm(0.1, scale=np.exp(0.2)).ppf(GRID) - 1.0)


# Truncation


@pytest.mark.parametrize(("said", "oracle"), NATIVE, ids=lambda v: str(v)[:60])
def test_a_truncated_distribution_is_the_same_within_its_bounds(
    said: dict[str, Any], oracle: Any
) -> None:
    low, high = float(oracle.ppf(0.15)), float(oracle.ppf(0.7))

    drawn = _variates(_native(said | {"min": low, "max": high}), GRID)

    np.testing.assert_allclose(drawn, oracle.ppf(0.15 + GRID * 0.55), rtol=TABLE_ERROR)


def test_truncated_growth_stays_within_its_bounds() -> None:
    said = {"p10": -0.3, "p90": 0.5, "min": -0.1, "max": 0.2}
    u = np.array([1e-9, 0.5, 1.0 - 1e-9])

    drawn = _variates(_native(said, GROWTH), u) + shift_of(_read(said, GROWTH))

    np.testing.assert_allclose(drawn[[0, 2]], [-0.1, 0.2], atol=1e-6)
    assert -0.1 < drawn[1] < 0.2


@pytest.mark.parametrize(("bounds", "expected"), [((50.0, None), 50.0), ((None, -50.0), -50.0)])
def test_bounds_without_any_mass_leave_the_nearer_one(
    bounds: tuple[float | None, float | None], expected: float
) -> None:
    native = truncated(Native(float(families.NORMAL), 0.0, 1.0), *bounds)

    assert (float(native.family), float(native.a)) == (families.FIXED, expected)


def test_a_fixed_number_is_clipped_to_the_bounds() -> None:
    values = np.array([-1.0, 0.5, 3.0])

    np.testing.assert_array_equal(truncated(fixed(values), 0.0, 1.0).a, [0.0, 0.5, 1.0])


@pytest.mark.parametrize(("said", "oracle"), NATIVE, ids=lambda v: str(v)[:60])
def test_the_probability_below_is_that_of_the_field(said: dict[str, Any], oracle: Any) -> None:
    native = _native(said)
    x = np.concatenate([[-1.0], oracle.ppf(GRID), [1e3]])

    np.testing.assert_allclose(probability_below(native, x), oracle.cdf(x), atol=1e-13)


# Degenerate and extreme


@pytest.mark.parametrize(
    "family", [f for f in families.FAMILIES if f not in ("fixed", "exponential", "triangular")]
)
def test_no_spread_leaves_the_number_itself(family: str) -> None:
    code = families.FAMILIES[family]
    low, high = np.array([0.3, 0.3, 0.3]), np.array([0.5, 0.3, 0.2])

    quantiles = from_quantiles(code, (0.5, low), (0.9, high))
    moments = from_moments(code, low, np.array([0.1, 0.0, -0.1]))

    for native in (quantiles, moments):
        assert np.asarray(native.family).tolist() == [code, families.FIXED, families.FIXED]
        assert np.asarray(native.a)[1:].tolist() == [0.3, 0.3]


def test_parameters_by_draw_are_those_draw_by_draw() -> None:
    rng = np.random.default_rng(2)
    low, high = rng.uniform(0.1, 0.3, 40), rng.uniform(0.2, 0.6, 40)

    for family in (families.LOGNORMAL, families.BETA, families.GAMMA, families.WEIBULL):
        together = from_quantiles(family, (0.1, low), (0.9, high))
        for draw in range(40):
            alone = from_quantiles(family, (0.1, low[draw]), (0.9, high[draw]))
            for many, one in zip(together, alone, strict=True):
                assert np.broadcast_to(many, 40)[draw] == np.asarray(one)


@pytest.mark.parametrize(("a", "b"), [(1e-6, 1e-3), (2e8, 3e8), (1e-5, 9.0)])
def test_shapes_beyond_the_tables_keep_the_mean(a: float, b: float) -> None:
    kept = within_tables(Native(float(families.BETA), a, b))

    assert float(kept.a) / (float(kept.a) + float(kept.b)) == pytest.approx(a / (a + b), rel=1e-9)
    assert 1e-3 <= min(float(kept.a), float(kept.b)) <= max(float(kept.a), float(kept.b)) <= 1e6


def test_a_gamma_beyond_the_tables_keeps_the_mean() -> None:
    kept = within_tables(Native(float(families.GAMMA), 1e9, 2.0))

    assert float(kept.a) * float(kept.b) == pytest.approx(2e9)
    assert float(kept.a) == pytest.approx(1e6)


@pytest.mark.parametrize(("said", "oracle"), NATIVE, ids=lambda v: str(v)[:60])
def test_another_unit_scales_every_variate(said: dict[str, Any], oracle: Any) -> None:
    native = _native(said)
    if native.family == families.BETA:
        with pytest.raises(KeyError):
            scaled(native, 100.0)
    else:
        drawn = _variates(scaled(native, 100.0), GRID)
        np.testing.assert_allclose(drawn, 100.0 * oracle.ppf(GRID), rtol=TABLE_ERROR)


def test_another_unit_scales_a_distribution_that_some_draws_have_fixed() -> None:
    native = from_quantiles(
        families.LOGNORMAL, (0.5, np.array([2.0, 2.0])), (0.9, np.array([4, 2]))
    )

    out = scaled(native, 100.0)

    assert np.asarray(out.family).tolist() == [families.LOGNORMAL, families.FIXED]
    np.testing.assert_allclose(out.a, [np.log(200.0), 200.0])


# Any scenario's distributions

_positive = st.floats(0.01, 1e5)
_ratio = st.floats(1.02, 50.0)
_share = st.floats(0.01, 0.95)


@settings(max_examples=150, deadline=None)
@given(
    low=_positive,
    ratio=_ratio,
    family=st.sampled_from(["lognormal", "weibull", "gamma"]),
    name=st.sampled_from(["p10", "median"]),
)
def test_any_two_positive_quantiles_are_hit(
    low: float, ratio: float, family: str, name: str
) -> None:
    native = _native({"family": family, name: low, "p90": low * ratio})

    p_low = 0.1 if name == "p10" else 0.5
    reached = probability_below(native, np.array([low, low * ratio]))
    np.testing.assert_allclose(reached, [p_low, 0.9], atol=1e-8)


@settings(max_examples=100, deadline=None)
@given(
    low=_share,
    part=st.floats(0.05, 0.95),
    family=st.sampled_from(["logit_normal", "beta"]),
    name=st.sampled_from(["p10", "median"]),
)
def test_any_two_quantiles_of_a_share_are_hit(
    low: float, part: float, family: str, name: str
) -> None:
    high = low + part * (1.0 - low)
    native = _native({"family": family, name: low, "p90": high}, SHARE)

    p_low = 0.1 if name == "p10" else 0.5
    reached = probability_below(native, np.array([low, high]))
    np.testing.assert_allclose(reached, [p_low, 0.9], atol=1e-8)


@settings(max_examples=100, deadline=None)
@given(
    mean=_share,
    part=st.floats(0.05, 0.8),
    family=st.sampled_from(["logit_normal", "beta"]),
)
def test_any_moments_of_a_share_are_hit(mean: float, part: float, family: str) -> None:
    sd = part * np.sqrt(mean * (1.0 - mean))
    native = _native({"family": family, "mean": mean, "sd": sd}, SHARE)

    np.testing.assert_allclose(_moments(native), [mean, sd], rtol=1e-5)


@settings(max_examples=60, deadline=None)
@given(low=_positive, ratio=_ratio, u=st.floats(1e-6, 1.0 - 1e-6))
def test_a_varying_price_reaches_the_engines_in_minor_units(
    low: float, ratio: float, u: float
) -> None:
    acv = {"median": low, "p90": low * ratio}
    plan = compile_plan(changed(SMALLEST, segments__smb__acv=acv))
    (values,) = fill_values(plan, draw_inputs(plan, 1, range(1)))

    record = values.dists[plan.structure.segment[0, 12]]
    out = np.empty(1)
    sample_many(record, np.empty(0), np.array([u]), out)
    sigma = np.log(ratio) / stats.norm.ppf(0.9)
    np.testing.assert_allclose(out, 100.0 * stats.lognorm(sigma, scale=low).ppf(u), rtol=1e-8)


# What cannot be


def test_quantiles_that_no_distribution_of_the_family_has_are_refused() -> None:
    acv = {"family": "gamma", "median": 1.0, "p90": 1.0 + 1e-9}

    with pytest.raises(ScenarioError, match=r"segments\.smb\.acv has parameters that no"):
        compile_plan(changed(SMALLEST, segments__smb__acv=acv))


def test_an_input_that_no_distribution_of_its_family_is_like_is_refused() -> None:
    cash = {"family": "gamma", "median": 1.0, "p90": 1.0 + 1e-9}

    with pytest.raises(ScenarioError, match=r"company\.cash has parameters that no gamma"):
        compile_plan(changed(SMALLEST, company__cash=cash))


@pytest.mark.parametrize("kind", [MONEY, SHARE, GROWTH, REAL], ids=lambda kind: kind.name)
def test_every_kinds_own_families_have_codes(kind: Kind) -> None:
    for family in (kind.quantile_family, kind.moment_family):
        assert family in families.FAMILIES or family == "log_growth"
