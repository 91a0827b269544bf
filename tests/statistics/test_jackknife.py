"""Standard errors by leaving out one draw at a time."""

import numpy as np
import pytest
from scipy import stats

from gtmsim.statistics.jackknife import standard_error, totals_left_out


def test_the_jackknife_of_a_mean_is_the_standard_error_of_the_textbook():
    values = np.array([[3.0, 1.0], [5.0, 1.0], [4.0, 2.0], [8.0, 9.0]])
    left_out = totals_left_out(values) / 3
    assert standard_error(left_out) == pytest.approx(stats.sem(values))


def test_what_is_not_defined_without_some_draw_has_no_known_error():
    assert standard_error([[1.0, 2.0], [np.nan, 2.0], [3.0, 2.0]]).tolist() == [np.inf, 0.0]
    assert standard_error([[1.0]]) == np.inf
    assert standard_error(np.empty((0, 2))).tolist() == [np.inf, np.inf]
