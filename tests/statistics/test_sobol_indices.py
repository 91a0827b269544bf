"""First and total Sobol' indices that see through luck."""

import numpy as np
import pytest
from SALib.analyze import sobol as salib

from gtmsim.errors import AnalysisError
from gtmsim.statistics.designs import pick_freeze
from gtmsim.statistics.indices import ByInput, sobol_indices
from tests.statistics.functions import (
    G_FIRST,
    G_TOTAL,
    ISHIGAMI_FIRST,
    ISHIGAMI_TOTAL,
    ISHIGAMI_VARIANCE,
    g_function,
    ishigami,
    with_luck,
)

RNG_SEED = 20_260_104
LUCK_SD = np.sqrt(ISHIGAMI_VARIANCE)  # luck varies as much as the signal


@pytest.fixture
def rng():
    return np.random.default_rng(RNG_SEED)


def random_pick_freeze(rng, n, n_inputs):
    """A design of independent points, as the errors assume."""
    a, b = rng.random((2, n, n_inputs))
    return a, b, np.where(np.eye(n_inputs, dtype=bool)[:, None, :], b, a)


def without_luck(design, function):
    outputs = function(design.points)
    return design.split(np.stack([outputs, outputs], axis=1))


def assert_within(found, expected, n_errors=3.0):
    assert (np.abs(found.value - expected) <= n_errors * found.error).all(), (found, expected)


def test_ishigamis_function_has_its_published_indices():
    found = sobol_indices(*without_luck(pick_freeze(8_192, 3, seed=1), ishigami))
    assert_within(found.first, ISHIGAMI_FIRST, n_errors=2.0)
    assert (found.first.error < 0.012).all()
    assert found.total.value == pytest.approx(ISHIGAMI_TOTAL, abs=0.005)
    assert found.unknown.value == pytest.approx(ISHIGAMI_VARIANCE, rel=0.005)


def test_the_g_function_has_the_indices_of_its_closed_form():
    found = sobol_indices(*without_luck(pick_freeze(8_192, 5, seed=2), g_function))
    assert found.first.value == pytest.approx(G_FIRST, abs=0.005)
    assert found.total.value == pytest.approx(G_TOTAL, abs=0.005)


def test_luck_as_large_as_the_signal_moves_no_index_and_a_dummys_total_is_0(rng):
    design = pick_freeze(4_096, 4, seed=3)
    outputs = design.split(with_luck(rng, ishigami(design.points), LUCK_SD))
    found = sobol_indices(*outputs)
    assert_within(found.first, [*ISHIGAMI_FIRST, 0.0])
    assert_within(found.total, [*ISHIGAMI_TOTAL, 0.0])
    assert abs(found.total.value[3]) <= 2 * found.total.error[3]
    assert (np.concatenate([found.first.error, found.total.error]) < 0.04).all()


def test_the_usual_estimator_takes_luck_for_an_effect_of_a_dummy(rng):
    """What the pairing is for: on such outputs the usual total index of a dummy is one half."""
    design = pick_freeze(4_096, 4, seed=3)
    outputs = with_luck(rng, ishigami(design.points), LUCK_SD)[:, 0]
    assert salib_indices(design, outputs)["ST"][3] == pytest.approx(0.5, abs=0.03)


def test_indices_are_unbiased_and_two_errors_cover_as_often_as_they_should(rng):
    """500 experiments of 256 base points in three replications; luck is as large as the signal."""
    found = []
    truth = np.array([[*ISHIGAMI_FIRST, 0.0], [*ISHIGAMI_TOTAL, 0.0]])
    for _ in range(500):
        matrices = random_pick_freeze(rng, 256, 4)
        found.append(sobol_indices(*(with_luck(rng, ishigami(x), LUCK_SD, 3) for x in matrices)))
    values = np.array([[s.first.value, s.total.value] for s in found])
    errors = np.array([[s.first.error, s.total.error] for s in found])
    # The ratio of two estimates is biased by about the square of the relative error of the lower.
    bias = 0.015 * truth
    tolerance = 3.5 * values.std(0) / np.sqrt(500) + bias
    assert (np.abs(values.mean(0) - truth) <= tolerance).all()
    covered = (np.abs(values - truth) <= 2 * errors).mean(0)
    assert (covered >= 0.92).all()
    assert (covered <= 0.99).all()
    unknown = np.array([s.unknown for s in found])
    assert unknown[:, 0].mean() == pytest.approx(ISHIGAMI_VARIANCE, rel=0.01)
    assert np.sqrt((unknown[:, 1] ** 2).mean()) == pytest.approx(unknown[:, 0].std(), rel=0.15)


def test_every_product_pairs_different_replications(rng):
    """The indices are those of plain loops over pairs of replications."""
    a, b = rng.normal(size=(2, 30, 3)) + rng.normal(size=(30, 1))
    ab = rng.normal(size=(1, 30, 3)) + a
    centre = (a.mean() + b.mean()) / 2

    def paired(u, v):
        return np.mean([u[:, s] * v[:, t] for s in range(3) for t in range(3) if s != t])

    unknown = (paired(a - centre, a - centre) + paired(b - centre, b - centre)) / 2
    found = sobol_indices(a, b, ab)
    assert found.unknown.value == pytest.approx(unknown)
    assert found.first.value == pytest.approx(paired(b - centre, ab[0] - a) / unknown)
    assert found.total.value == pytest.approx(paired(a - ab[0], a - ab[0]) / 2 / unknown)


def test_an_additive_model_has_equal_indices_and_a_pure_interaction_no_first_ones():
    design = pick_freeze(2_048, 2, seed=4)
    added = sobol_indices(*without_luck(design, lambda x: x @ [2.0, 1.0]))
    assert added.first.value == pytest.approx([0.8, 0.2], abs=0.01)
    assert added.total.value == pytest.approx([0.8, 0.2], abs=0.01)
    multiplied = sobol_indices(*without_luck(design, lambda x: np.prod(x - 0.5, axis=-1)))
    assert multiplied.first.value == pytest.approx([0.0, 0.0], abs=0.01)
    assert multiplied.total.value == pytest.approx([1.0, 1.0], abs=0.01)


def test_a_group_has_the_indices_of_all_that_its_inputs_do_together():
    design = pick_freeze(8_192, 4, seed=5, groups=[[0, 2], [1], [3], [0, 1, 2, 3]])
    found = sobol_indices(*without_luck(design, ishigami))
    assert found.first.value == pytest.approx([0.5576, 0.4424, 0.0, 1.0], abs=0.005)
    assert found.total.value == pytest.approx([0.5576, 0.4424, 0.0, 1.0], abs=0.005)


def test_shared_luck_makes_a_dummys_total_exactly_0_and_biases_nothing(rng):
    """Rows of a base point share their luck, as futures of one draw do."""
    design = pick_freeze(2_048, 4, seed=6)
    luck = LUCK_SD * rng.normal(size=(2_048, 2))
    outputs = ishigami(design.points)[:, None] + luck[design.base]
    found = sobol_indices(*design.split(outputs))
    assert_within(found.first, [*ISHIGAMI_FIRST, 0.0])
    assert_within(ByInput(*(x[:3] for x in found.total)), ISHIGAMI_TOTAL)
    assert found.total.value[3] == pytest.approx(0.0, abs=1e-15)
    own = sobol_indices(*design.split(with_luck(rng, ishigami(design.points), LUCK_SD)))
    assert (found.total.error < own.total.error).all()


def salib_indices(design, outputs):
    """SALib's indices of one replication; it takes the rows of a base point as A, AB, B."""
    by_base = outputs.reshape(design.base[-1] + 1, -1)
    order = [0, *range(2, by_base.shape[1]), 1]
    k = by_base.shape[1] - 2
    problem = {"num_vars": k, "names": [str(i) for i in range(k)], "bounds": [[0, 1]] * k}
    return salib.analyze(
        problem, by_base[:, order].ravel(), calc_second_order=False, num_resamples=200, seed=1
    )


@pytest.mark.parametrize(("function", "k"), [(ishigami, 3), (g_function, 5)])
def test_without_luck_the_indices_are_those_of_salib(function, k):
    design = pick_freeze(1_024, k, seed=7)
    expected = salib_indices(design, function(design.points))
    found = sobol_indices(*without_luck(design, function))
    assert found.total.value == pytest.approx(expected["ST"], rel=1e-9)
    assert found.first.value == pytest.approx(expected["S1"], abs=0.003)  # centres differ
    # Its errors are half-widths of 95 % intervals by bootstrap.
    assert found.total.error == pytest.approx(expected["ST_conf"] / 1.96, rel=0.25)


@pytest.mark.parametrize("bad", [np.nan, -np.inf])
@pytest.mark.parametrize("matrix", [0, 1, 2])
def test_an_undefined_output_is_an_error_and_never_an_index_of_0(rng, matrix, bad):
    outputs = [with_luck(rng, ishigami(x), 1.0) for x in random_pick_freeze(rng, 64, 3)]
    outputs[matrix][..., 5, 1] = bad
    with pytest.raises(AnalysisError, match="undefined or infinite"):
        sobol_indices(*outputs)


def test_outputs_too_poor_for_an_index_are_refused_with_the_reason(rng):
    a, b, ab = (with_luck(rng, ishigami(x), 1.0) for x in random_pick_freeze(rng, 64, 3))
    with pytest.raises(AnalysisError, match=r"2 replications.*found 1 and 64"):
        sobol_indices(a[:, :1], b[:, :1], ab[:, :, :1])
    with pytest.raises(AnalysisError, match="20 base points; found 2 and 19"):
        sobol_indices(a[:19], b[:19], ab[:, :19])
    with pytest.raises(AnalysisError, match=r"\(64, 2\), \(63, 2\) and \(3, 64, 2\)"):
        sobol_indices(a, b[:63], ab)
    opposite = np.tile([1.0, -1.0], (64, 1))
    with pytest.raises(AnalysisError, match="no more between base points than luck"):
        sobol_indices(opposite, opposite, np.stack([opposite] * 3))


def test_an_output_that_never_varies_is_refused_and_rounding_makes_no_index_of_0():
    constant = np.full((6, 64, 2), 0.1)
    assert constant.mean() != 0.1
    with pytest.raises(AnalysisError, match="the same in every future"):
        sobol_indices(constant[0], constant[1], constant[2:])
