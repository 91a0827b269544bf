"""Quantiles of many quantities at once are those of one at a time."""

import numpy as np

from gtmsim.statistics import error
from gtmsim.statistics.quantiles import quantiles


def test_quantiles_are_those_of_the_figures_with_an_error():
    rng = np.random.default_rng(3)
    sample = rng.normal(size=(37, 5)).round(1)
    sample[rng.random(sample.shape) < 0.2] = np.nan
    sample[:, 4] = np.nan
    sample[0, 3] = np.inf
    found = quantiles(sample, (0.1, 0.5, 0.9))
    for column in range(sample.shape[1]):
        for n, q in enumerate((0.1, 0.5, 0.9)):
            expected = error.quantile(sample[:, [column]], q).value
            np.testing.assert_equal(found[n, column], expected)
