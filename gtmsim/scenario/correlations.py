"""Correlations of a scenario as a matrix."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gtmsim.scenario.models import Correlation

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


def mentioned(correlations: Sequence[Correlation]) -> tuple[str, ...]:
    """Name the inputs that are correlated, in the order in which they are first mentioned."""
    return tuple(dict.fromkeys(path for one in correlations for path in one.between))


def spearman_matrix(correlations: Sequence[Correlation]) -> "npt.NDArray[np.float64]":
    """Rank correlations of the inputs that are `mentioned`, 0 between pairs that no table names.

    Returns
    -------
    ndarray, shape (inputs, inputs)
    """
    import numpy as np  # noqa: PLC0415  only for who correlates: scenarios load without it

    position = {path: n for n, path in enumerate(mentioned(correlations))}
    matrix = np.eye(len(position))
    for one in correlations:
        i, j = (position[path] for path in one.between)
        matrix[i, j] = matrix[j, i] = one.spearman
    return matrix
