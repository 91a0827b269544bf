"""Functions of inputs in the unit cube whose sensitivity indices have closed forms."""

import numpy as np


def ishigami(points):
    """a = 7, b = 0.1. Further inputs are dummies.

    Ishigami and Homma, An importance quantification technique in uncertainty analysis, 1990.
    """
    x = np.pi * (2.0 * points - 1.0)
    first = np.sin(x[..., 0])
    return first + 7.0 * np.sin(x[..., 1]) ** 2 + 0.1 * x[..., 2] ** 4 * first


ISHIGAMI_VARIANCE = 7**2 / 8 + 0.1 * np.pi**4 / 5 + 0.1**2 * np.pi**8 / 18 + 0.5
ISHIGAMI_FIRST = np.array([0.3139, 0.4424, 0.0])
ISHIGAMI_TOTAL = np.array([0.5576, 0.4424, 0.2437])

G_WEIGHTS = np.array([0.0, 1.0, 4.5, 9.0, 99.0])


def g_function(points):
    """Sobol's g-function: a product, in which every input interacts with all others.

    Saltelli and Sobol', About the use of rank transformation in sensitivity analysis, 1995.
    """
    return np.prod((np.abs(4.0 * points - 2.0) + G_WEIGHTS) / (1.0 + G_WEIGHTS), axis=-1)


_parts = 1.0 / (3.0 * (1.0 + G_WEIGHTS) ** 2)
_whole = np.prod(1.0 + _parts) - 1.0
G_FIRST = _parts / _whole
G_TOTAL = _parts / (1.0 + _parts) * np.prod(1.0 + _parts) / _whole


def with_luck(rng, values, luck_sd, replications=2):
    """Replications of each value with independent luck; the last axis is the replication."""
    luck = rng.normal(size=(*np.shape(values), replications))
    return np.asarray(values)[..., None] + luck_sd * luck
