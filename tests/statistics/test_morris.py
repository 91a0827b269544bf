"""Screening by elementary effects."""

import numpy as np
import pytest
from SALib.analyze import morris as salib

from gtmsim.errors import AnalysisError
from gtmsim.statistics.designs import morris_trajectories
from gtmsim.statistics.indices import ByInput
from gtmsim.statistics.morris import elementary_effects
from tests.statistics.functions import with_luck

RNG_SEED = 20_260_105


@pytest.fixture
def rng():
    return np.random.default_rng(RNG_SEED)


def model(x):
    """Linear, quadratic, two that interact, one that does nothing.

    On four levels a quadratic's effects are 2 x + 2/3 with x 0 or 1/3 in equal parts; those of an
    interaction the other input, evenly one of four levels.
    """
    return -3.0 * x[:, 0] + x[:, 1] ** 2 + x[:, 2] * x[:, 3]


MU = np.array([-3.0, 1.0, 0.5, 0.5, 0.0])
SIGMA = np.array([0.0, 1.0 / 3.0, np.sqrt(5.0) / 6.0, np.sqrt(5.0) / 6.0, 0.0])


def assert_within(found, expected, n_errors=3.0):
    assert (np.abs(found.value - expected) <= n_errors * found.error + 1e-12).all()


def test_without_luck_effects_have_the_mean_and_deviation_of_their_closed_form():
    design = morris_trajectories(300, 5, seed=1)
    outputs = model(design.points)
    found = elementary_effects(design, np.stack([outputs, outputs], axis=1))
    assert_within(found.mu, MU)
    assert_within(found.mu_star, np.abs(MU))
    assert_within(found.sigma, SIGMA)
    assert (np.stack([found.mu.error, found.sigma.error]) < 0.03).all()
    assert (found.luck_floor == 0.0).all()


def test_luck_moves_neither_mean_nor_deviation_and_its_floor_is_what_a_dummy_shows(rng):
    design = morris_trajectories(1_000, 5, seed=2)
    found = elementary_effects(design, with_luck(rng, model(design.points), 0.5))
    assert_within(found.mu, MU)
    assert_within(ByInput(*(x[1:4] for x in found.sigma)), SIGMA[1:4])
    assert (found.sigma.value <= 6 * found.sigma.error)[[0, 4]].all()  # variances: 3 of theirs
    assert found.luck_floor == pytest.approx(np.sqrt(2 / np.pi) * 0.5 * 1.5, rel=0.06)
    assert found.mu_star.value[4] == pytest.approx(found.luck_floor[4], abs=0.05)
    assert found.mu_star.value[0] == pytest.approx(3.0, abs=0.06)


def test_the_deviation_is_0_where_effects_differ_no_more_than_luck_makes_them(rng):
    """Of linear inputs about half of 200; without luck taken off it would be none."""
    found = []
    for seed in range(40):
        design = morris_trajectories(30, 5, seed)
        outputs = with_luck(rng, design.points.sum(1), 0.5)
        found.append(elementary_effects(design, outputs).sigma.value)
    assert 0.35 < np.mean(np.array(found) == 0.0) < 0.65


def test_a_deviation_of_0_has_an_error_all_the_same_in_the_outputs_unit(rng):
    design = morris_trajectories(30, 5, seed=7)
    sample = with_luck(rng, design.points.sum(1), 0.5)
    found = elementary_effects(design, sample).sigma
    assert (found.value == 0.0).any()
    assert (found.error > 0.05).all()
    in_thousandths = elementary_effects(design, 1_000 * sample).sigma
    assert in_thousandths.error == pytest.approx(1_000 * found.error)


def test_many_inputs_are_screened_with_few_walks(rng):
    """Of 60 inputs the three that matter stand out of luck, and no other by more than chance."""
    design = morris_trajectories(20, 60, seed=3)
    outputs = design.points[:, [7, 23, 41]] @ [4.0, -3.0, 2.0]
    found = elementary_effects(design, with_luck(rng, outputs, 0.3))
    assert set(np.argsort(found.mu_star.value)[-3:]) == {7, 23, 41}
    above = found.mu_star.value - found.luck_floor > 4 * found.mu_star.error
    assert set(np.flatnonzero(above)) == {7, 23, 41}


def test_luck_that_a_walk_shares_drops_out(rng):
    design = morris_trajectories(50, 5, seed=4)
    luck = rng.normal(size=(50, 2))[design.walk]
    outputs = model(design.points)[:, None]
    shared = elementary_effects(design, outputs + luck)
    none = elementary_effects(design, outputs + 0.0 * luck)
    assert shared.luck_floor == pytest.approx(0.0, abs=1e-12)
    assert shared.sigma.value == pytest.approx(none.sigma.value)


def test_errors_are_those_of_repetition(rng):
    found = []
    for seed in range(300):
        design = morris_trajectories(40, 5, seed)
        found.append(elementary_effects(design, with_luck(rng, model(design.points), 0.2)))
    for part in ("mu", "mu_star", "sigma"):
        values = np.array([getattr(f, part).value for f in found])[:, 1:4]
        errors = np.array([getattr(f, part).error for f in found])[:, 1:4]
        np.testing.assert_allclose(np.sqrt((errors**2).mean(0)), values.std(0), rtol=0.2)


@pytest.mark.parametrize("levels", [4, 6])
def test_without_luck_the_figures_are_those_of_salib(levels):
    design = morris_trajectories(30, 5, seed=5, levels=levels)
    outputs = model(design.points)
    problem = {"num_vars": 5, "names": list("abcde"), "bounds": [[0, 1]] * 5}
    expected = salib.analyze(problem, design.points, outputs, num_levels=levels, seed=1)
    found = elementary_effects(design, np.stack([outputs, outputs], axis=1))
    assert found.mu.value == pytest.approx(np.array(expected["mu"]))
    assert found.mu_star.value == pytest.approx(np.array(expected["mu_star"]))
    assert found.sigma.value == pytest.approx(np.array(expected["sigma"]))


def test_what_cannot_be_screened_is_refused_with_the_reason(rng):
    design = morris_trajectories(3, 2, seed=6)
    outputs = rng.random((9, 2))
    with pytest.raises(AnalysisError, match=r"the design's 9 points.*shape \(8, 2\)"):
        elementary_effects(design, outputs[:8])
    with pytest.raises(AnalysisError, match="2 replications"):
        elementary_effects(design, outputs[:, :1])
    with pytest.raises(AnalysisError, match="found 1 walks"):
        elementary_effects(morris_trajectories(1, 2, seed=6), outputs[:3])
    outputs[4, 1] = np.nan
    with pytest.raises(AnalysisError, match="undefined or infinite in 1 of 18"):
        elementary_effects(design, outputs)
