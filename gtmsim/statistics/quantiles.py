"""Many quantiles of many quantities at once, without their error."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def quantiles(sample: ArrayLike, qs: Sequence[float]) -> NDArray[np.float64]:
    """Quantiles along the first axis, by one sort.

    Parameters
    ----------
    sample
        Shape (futures, ...). NaN is left out; infinite values count.
    qs
        Which quantiles, in (0, 1).

    Returns
    -------
    Array
        Shape (len(qs), ...): the smallest value with at least a share q at or below it, as of
        ``gtmsim.statistics.error.quantile``; NaN where all are.
    """
    ordered = np.sort(np.asarray(sample, np.float64), axis=0)  # NaN come last
    defined = (~np.isnan(ordered)).sum(0)
    found = [np.ceil(q * defined - 1e-9).astype(np.int64) - 1 for q in qs]
    last = np.maximum(defined - 1, 0)
    indices = np.stack([np.clip(index, 0, last) for index in found])
    return np.take_along_axis(ordered, indices, axis=0)
