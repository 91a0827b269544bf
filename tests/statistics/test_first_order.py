"""First-order indices from ordinary draws: how well one input alone predicts the output."""

import time

import numpy as np
import pytest
from scipy import special

from gtmsim.errors import AnalysisError
from gtmsim.statistics.indices import first_order_indices
from tests.statistics.functions import (
    ISHIGAMI_FIRST,
    ISHIGAMI_VARIANCE,
    ishigami,
    with_luck,
)

RNG_SEED = 20_260_103


@pytest.fixture
def rng():
    return np.random.default_rng(RNG_SEED)


def assert_within(found, expected, n_errors=3.0, bias=0.0):
    distance = np.abs(found.value - expected)
    assert (distance <= n_errors * found.error + bias).all(), (found, expected)


@pytest.mark.parametrize("to_input", [lambda u: u, special.ndtri, np.exp])
def test_inputs_of_a_linear_model_have_the_shares_of_their_squared_weights(rng, to_input):
    weights = np.array([3.0, 2.0, 1.0, 0.0])
    inputs = to_input(rng.random((1_500, 4)))
    effects = inputs / inputs.std(0) @ weights
    luck_variance = 14.0
    found = first_order_indices(inputs, with_luck(rng, effects, np.sqrt(luck_variance)))
    assert_within(found.of_unknown, weights**2 / 14.0)
    assert_within(found.of_means, weights**2 / (14.0 + luck_variance / 2))
    assert (found.of_unknown.error < 0.04).all()


def test_ishigamis_function_has_its_published_indices_though_luck_is_as_large_as_the_signal(rng):
    inputs = rng.random((4_000, 4))
    sample = with_luck(rng, ishigami(inputs), np.sqrt(ISHIGAMI_VARIANCE))
    found = first_order_indices(inputs, sample).of_unknown
    assert_within(found, [*ISHIGAMI_FIRST, 0.0], bias=0.006)  # the curve's: two waves, eight knots
    assert (found.error < 0.03).all()


def test_a_curve_follows_an_input_up_and_down_where_a_line_sees_nothing(rng):
    inputs = rng.random((500, 2))
    sample = with_luck(rng, (inputs[:, 0] - 0.5) ** 2, 0.0)
    assert first_order_indices(inputs, sample).of_means.value == pytest.approx([1, 0], abs=0.03)


def test_monotone_changes_of_an_input_change_no_index(rng):
    inputs = rng.random((400, 2))
    inputs[:, 1] = np.round(inputs[:, 1] * 20)  # with ties
    sample = with_luck(rng, inputs[:, 0] + np.sin(inputs[:, 1]), 0.2)
    plain = first_order_indices(inputs, sample)
    for change in (np.exp, lambda x: x**3 + 5, lambda x: 1e6 * x):
        changed = first_order_indices(change(inputs), sample)
        np.testing.assert_array_equal(changed.of_unknown.value, plain.of_unknown.value)
        np.testing.assert_array_equal(changed.of_unknown.error, plain.of_unknown.error)


def test_the_levels_of_a_choice_may_act_in_any_order(rng):
    choice = rng.integers(0, 4, 1_000)
    effect = np.array([0.0, 5.0, -5.0, 1.0])[choice]
    other = rng.normal(size=1_000) * effect.std()
    sample = with_luck(rng, effect + other, 0.0)
    found = first_order_indices(np.stack([choice, other], axis=1), sample).of_unknown
    assert_within(found, [0.5, 0.5])


def test_rare_levels_of_a_choice_have_effects_of_their_own(rng):
    choice = rng.choice(8, 400, p=[0.86, *[0.02] * 7])
    effect = np.array([0.0, 5.0, -5.0, 9.0, -1.0, 3.0, 7.0, -7.0])[choice]
    found = first_order_indices(choice[:, None], effect[:, None])
    assert found.of_means.value == pytest.approx([1.0], abs=1e-9)


def test_ties_share_their_mean_rank(rng):
    """What is linear in the normal score of the rank is explained to the last digit."""
    values = np.minimum(rng.random(500), 0.4)  # three in five at the top
    below = (values[:, None] > values).sum(1)
    at = (values[:, None] == values).sum(1)
    score = special.ndtri((below + at / 2) / 500)
    found = first_order_indices(values[:, None], score[:, None])
    assert found.of_means.value == pytest.approx([1.0], abs=1e-9)


def test_shares_add_up_to_one_in_an_additive_model_and_to_nothing_in_a_pure_interaction(rng):
    inputs = rng.uniform(-1.0, 1.0, (2_000, 2))
    added = first_order_indices(inputs, with_luck(rng, inputs.sum(1), 0.5)).of_unknown
    multiplied = first_order_indices(inputs, with_luck(rng, inputs.prod(1), 0.2)).of_unknown
    assert_within(added, [0.5, 0.5])
    assert added.value.sum() == pytest.approx(1.0, abs=0.02)
    assert_within(multiplied, [0.0, 0.0])


def test_a_group_has_what_its_inputs_add_up_to(rng):
    inputs = rng.random((2_000, 4))
    sample = with_luck(rng, inputs @ [3.0, 2.0, 1.0, 0.0], 0.5)
    found = first_order_indices(inputs, sample, groups=[[0, 1], [2, 3], [3]]).of_unknown
    assert_within(found, [13 / 14, 1 / 14, 0.0])


def test_a_correlated_input_has_credit_for_what_it_tells_about_another(rng):
    cause = rng.normal(size=3_000)
    witness = 0.6 * cause + 0.8 * rng.normal(size=3_000)
    sample = with_luck(rng, cause, 0.5)
    inputs = np.stack([cause, witness], axis=1)
    found = first_order_indices(inputs, sample, groups=[[0], [1], [0, 1]]).of_unknown
    assert_within(found, [1.0, 0.36, 1.0])


def test_a_dummy_has_an_index_of_0_on_average_also_in_the_smallest_sample(rng):
    """2,000 experiments."""
    found = [
        first_order_indices(rng.random((20, 1)), rng.normal(size=(20, 2))).of_means.value[0]
        for _ in range(2_000)
    ]
    assert np.mean(found) == pytest.approx(0.0, abs=3 * np.std(found) / np.sqrt(2_000))


@pytest.mark.parametrize("draws", [40, 256])
def test_an_input_that_only_acts_with_others_has_an_index_of_0_on_average(rng, draws):
    """It makes the output spread at its ends, where leverage is high; 400 experiments."""
    found = []
    for _ in range(400):
        inputs = rng.random((draws, 3))
        sample = with_luck(rng, ishigami(inputs), np.sqrt(ISHIGAMI_VARIANCE))
        found.append(first_order_indices(inputs, sample).of_means.value[2])
    assert np.mean(found) == pytest.approx(0.0, abs=3 * np.std(found) / 20)


def test_errors_are_those_of_repetition(rng):
    found, errors = [], []
    for _ in range(300):
        inputs = rng.normal(size=(200, 2))
        sample = with_luck(rng, inputs @ [2.0, 1.0], np.sqrt(5.0))
        index = first_order_indices(inputs, sample)
        found.append([index.of_means.value, index.of_unknown.value])
        errors.append([index.of_means.error, index.of_unknown.error])
    spread = np.std(found, axis=0)
    np.testing.assert_allclose(np.sqrt(np.mean(np.square(errors), axis=0)), spread, rtol=0.2)


def test_an_index_of_an_input_that_never_varies_is_undefined(rng):
    inputs = np.stack([rng.random(100), np.full(100, 3.0)], axis=1)
    found = first_order_indices(inputs, with_luck(rng, inputs[:, 0], 0.1))
    for shares in found:
        assert np.isnan(shares.value).tolist() == [False, True]
        assert np.isnan(shares.error).tolist() == [False, True]


def test_what_cannot_be_told_from_luck_has_no_share_of_the_unknown(rng):
    inputs = rng.random((100, 1))
    single = first_order_indices(inputs, inputs)
    assert np.isnan(single.of_unknown).all()
    assert single.of_means.value == pytest.approx([1.0], abs=0.01)
    opposite = rng.normal(size=(100, 1)) * [1.0, -1.0] + 0.1 * inputs
    assert np.isnan(first_order_indices(inputs, opposite).of_unknown).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_an_undefined_output_is_an_error_and_never_an_index_of_0(rng, bad):
    inputs = rng.random((100, 2))
    sample = with_luck(rng, inputs[:, 0], 0.1)
    sample[3, 1] = bad
    with pytest.raises(AnalysisError, match="undefined or infinite in 1 of 200 futures"):
        first_order_indices(inputs, sample)
    inputs[5, 0] = bad
    with pytest.raises(AnalysisError, match="inputs that are numbers"):
        first_order_indices(inputs, np.ones((100, 2)))


def test_samples_too_poor_for_an_index_are_refused_with_the_reason(rng):
    inputs = rng.random((100, 30))
    with pytest.raises(
        AnalysisError, match=r"at least 20 draws; found 19. Simulate more: .* --extend"
    ):
        first_order_indices(inputs[:19], rng.random((19, 2)))
    with pytest.raises(AnalysisError, match="the same in every draw"):
        first_order_indices(inputs, np.full((100, 3), 0.1))
    with pytest.raises(AnalysisError, match="too few for a group of 30 inputs"):
        first_order_indices(inputs, rng.random((100, 2)), groups=[range(30)])
    with pytest.raises(AnalysisError, match=r"columns 0 to 29 .* found \[30\]"):
        first_order_indices(inputs, rng.random((100, 2)), groups=[[30]])
    with pytest.raises(AnalysisError, match="each of the 100 draws"):
        first_order_indices(inputs[:50], rng.random((100, 2)))


def test_forty_inputs_at_two_thousand_draws_take_less_than_half_a_second(rng):
    inputs = rng.random((2_000, 40))
    sample = with_luck(rng, inputs.sum(1), 1.0)
    times = []
    for _ in range(3):
        started = time.process_time()
        first_order_indices(inputs, sample)
        times.append(time.process_time() - started)
    assert min(times) < 0.5
