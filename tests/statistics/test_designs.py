"""Designs: frozen, reproducible, and longer ones that begin with the shorter."""

import numpy as np
import pytest
from scipy.stats import qmc

from gtmsim.errors import AnalysisError
from gtmsim.statistics import designs

DRAWN = {
    "latin_hypercube": designs.latin_hypercube,
    "sobol": designs.sobol,
    "pick_freeze": designs.pick_freeze,
    "morris_trajectories": designs.morris_trajectories,
}


def test_a_full_grid_has_every_combination_once_and_the_last_input_fastest():
    grid = designs.full_grid([[10.0, 20.0], [5.0], [1.0, 2.0, 4.0]])
    assert grid.points.tolist() == [
        [10, 5, 1], [10, 5, 2], [10, 5, 4], [20, 5, 1], [20, 5, 2], [20, 5, 4],
    ]  # fmt: skip
    assert grid.chosen[4].tolist() == [1, 0, 1]


def test_one_at_a_time_varies_one_input_to_each_end_and_leaves_the_others_at_the_base():
    design = designs.one_at_a_time([0.0, 10.0], [1.0, 20.0], [5.0, 50.0])
    assert design.points.tolist() == [[1, 20], [0, 20], [5, 20], [1, 10], [1, 50]]
    assert design.varied.tolist() == [designs.BASE, 0, 0, 1, 1]
    assert design.end.tolist() == [0, -1, 1, -1, 1]


@pytest.mark.parametrize("n", [1, 7, 500])
def test_a_latin_hypercube_has_one_point_in_each_stratum_of_each_input(n):
    points = designs.latin_hypercube(n, 3, seed=1).points
    strata = np.sort(np.floor(points * n), axis=0)
    assert (strata == np.arange(n)[:, None]).all()


def test_the_inputs_of_a_latin_hypercube_are_not_correlated():
    points = designs.latin_hypercube(4_000, 3, seed=1).points
    correlations = np.corrcoef(points.T)[np.triu_indices(3, 1)]
    assert np.abs(correlations).max() < 3.5 / np.sqrt(4_000)


def test_sobol_points_fill_the_cube_more_evenly_than_chance():
    points = designs.sobol(256, 5, seed=1).points
    chance = np.random.default_rng(1).random((256, 5))
    assert qmc.discrepancy(points) < 0.2 * qmc.discrepancy(chance)
    # Each 256th of each input's range, and each 16 x 16th of the first two, has one point.
    assert (np.sort(np.floor(points * 256), axis=0) == np.arange(256)[:, None]).all()
    squares = np.floor(points[:, 0] * 16) * 16 + np.floor(points[:, 1] * 16)
    assert len(set(squares)) == 256


@pytest.mark.parametrize("n", [1, 3, 100])
def test_any_number_of_sobol_points_can_be_had_without_a_warning(n):
    assert designs.sobol(n, 2, seed=1).points.shape == (n, 2)


def test_no_coordinate_is_0_or_1_whose_quantile_may_be_infinite():
    for seed in range(20):
        for design in (designs.sobol(512, 4, seed), designs.latin_hypercube(512, 4, seed)):
            assert design.points.min() > 0.0
            assert design.points.max() < 1.0


def test_a_coordinate_of_0_would_be_moved_inside(monkeypatch):
    monkeypatch.setattr(qmc.Sobol, "random_base2", lambda self, m: np.zeros((2**m, self.d)))
    assert (designs.sobol(4, 2, seed=1).points == 2.0**-31).all()


@pytest.mark.parametrize("kind", DRAWN)
def test_a_design_depends_on_its_seed_only(kind):
    make = DRAWN[kind]
    one, same, other = make(8, 3, 1), make(8, 3, 1), make(8, 3, 2)
    for a, b in zip(one, same, strict=True):
        np.testing.assert_array_equal(a, b)
    assert (one.points != other.points).any()


@pytest.mark.parametrize("kind", ["sobol", "pick_freeze", "morris_trajectories"])
@pytest.mark.parametrize("longer", [6, 8, 100])
def test_a_longer_design_begins_with_the_shorter_one(kind, longer):
    short, long = DRAWN[kind](5, 3, 1), DRAWN[kind](longer, 3, 1)
    for a, b in zip(short, long, strict=True):
        np.testing.assert_array_equal(a, b[: len(a)])


@pytest.mark.parametrize("kind", DRAWN)
def test_designs_cannot_be_written_to(kind):
    for array in DRAWN[kind](8, 3, 1):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    for array in (*designs.full_grid([[1.0, 2.0]]), *designs.one_at_a_time([0.0], [1.0], [2.0])):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_pick_freeze_takes_only_a_groups_inputs_from_b():
    design = designs.pick_freeze(16, 4, seed=1, groups=[[0, 3], [2]])
    for base in range(16):
        rows = design.points[design.base == base]
        assert design.matrix[design.base == base].tolist() == [0, 1, 2, 3]
        a, b, both, single = rows
        assert both.tolist() == [b[0], a[1], a[2], b[3]]
        assert single.tolist() == [a[0], a[1], b[2], a[3]]
        assert not (a == b).any()


def test_a_and_b_are_independent():
    design = designs.pick_freeze(1_024, 3, seed=1)
    a, b = design.points[design.matrix == 0], design.points[design.matrix == 1]
    assert np.abs(np.corrcoef(a.T, b.T)[:3, 3:]).max() < 0.03


def test_outputs_are_split_into_the_matrices_of_their_rows():
    design = designs.pick_freeze(6, 3, seed=1)
    y_a, y_b, y_ab = design.split(np.stack([design.points[:, 1], design.matrix], axis=1))
    assert (y_a[:, 1] == 0).all()
    assert (y_b[:, 1] == 1).all()
    assert (y_ab[..., 1] == np.array([[2], [3], [4]])).all()
    np.testing.assert_array_equal(y_ab[1, :, 0], y_b[:, 0])
    np.testing.assert_array_equal(y_ab[2, :, 0], y_a[:, 0])


@pytest.mark.parametrize("levels", [2, 4, 8])
def test_each_walk_moves_every_input_once_by_half_the_levels(levels):
    design = designs.morris_trajectories(200, 6, seed=1, levels=levels)
    walks = design.points.reshape(200, 7, 6)
    moves = np.diff(walks, axis=1)
    step = levels / (2 * (levels - 1))
    assert np.abs(moves).sum(1) == pytest.approx(step)
    assert ((moves != 0).sum(2) == 1).all()
    assert (np.argmax(moves != 0, axis=2) == design.moved.reshape(200, 7)[:, 1:]).all()
    assert (design.moved.reshape(200, 7)[:, 0] == designs.BASE).all()
    assert (design.walk == np.repeat(np.arange(200), 7)).all()


def test_walks_meet_all_levels_directions_and_orders_evenly():
    """Each within 4 standard errors, of 4,000 walks."""
    design = designs.morris_trajectories(4_000, 3, seed=1)
    walks = design.points.reshape(4_000, 4, 3)
    for level in range(4):
        share = np.isclose(walks[:, 0], level / 3).mean(0)
        assert share == pytest.approx(0.25, abs=4 * np.sqrt(0.25 * 0.75 / 4_000))
    first = np.bincount(design.moved.reshape(4_000, 4)[:, 1]) / 4_000
    assert first == pytest.approx(1 / 3, abs=4 * np.sqrt(2 / 9 / 4_000))
    ups = (walks[:, -1] > walks[:, 0]).mean(0)
    assert ups == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(4_000))


def test_points_of_the_cube_lie_between_given_ends():
    points = np.array([[0.0, 0.25], [1.0, 1.0]])
    assert designs.between(points, [10.0, -4.0], [20.0, 4.0]).tolist() == [[10, -2], [20, 4]]


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: designs.full_grid([[1.0], []]), "at least one value of each input"),
        (lambda: designs.full_grid([]), "at least one value of each input"),
        (lambda: designs.sobol(0, 2, 1), "at least one point and one input; found 0 and 2"),
        (lambda: designs.latin_hypercube(5, 0, 1), "found 5 and 0"),
        (lambda: designs.morris_trajectories(0, 2, 1), "found 0 and 2"),
        (lambda: designs.morris_trajectories(5, 2, 1, levels=5), "even number of levels; found 5"),
        (lambda: designs.pick_freeze(4, 2, 1, groups=[[2]]), r"columns 0 to 1 .*found \[2\]"),
        (lambda: designs.pick_freeze(4, 2, 1, groups=[[]]), r"found \[\]"),
    ],
)
def test_a_design_that_cannot_be_made_is_refused_with_the_reason(make, reason):
    with pytest.raises(AnalysisError, match=reason):
        make()
