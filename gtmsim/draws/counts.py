"""Counts drawn by inverting their distribution function."""

from decimal import Decimal, localcontext

import numpy as np
import numpy.typing as npt

from gtmsim.draws.elementary import log
from gtmsim.jit import inlined

LAYER_HEIGHT = 8.0
"""Points a layer of the arrival strip holds on average; no scenario sets it."""

NEVER = 2**62
"""Result of `geometric` when a failure does not come within 2**62 successes."""

_NEVER_AS_FLOAT = float(NEVER)
_N_COUNTS = 64


def _poisson_cumulative() -> npt.NDArray[np.float64]:
    """P(N <= n) for n below 64, rounded once from 40 digits so that no libm matters."""
    with localcontext() as context:
        context.prec = 40
        mean = Decimal(LAYER_HEIGHT)
        term = (-mean).exp()
        total = term
        cumulative = [float(total)]
        for n in range(1, _N_COUNTS):
            term = term * mean / n
            total += term
            cumulative.append(float(total))
    return np.array(cumulative)


_POISSON = _poisson_cumulative()


@inlined
def poisson_layer(u: float) -> int:
    """Draw the number of points in a layer: the Poisson(8) quantile at u in (0, 1).

    Returns
    -------
    int
        The smallest n with u <= P(N <= n), 0 to 63; non-decreasing in u.
    """
    # A search without branches: the counts of neighbouring layers are unpredictable.
    n = 0
    n += 32 if _POISSON[n + 31] < u else 0
    n += 16 if _POISSON[n + 15] < u else 0
    n += 8 if _POISSON[n + 7] < u else 0
    n += 4 if _POISSON[n + 3] < u else 0
    n += 2 if _POISSON[n + 1] < u else 0
    n += 1 if _POISSON[n] < u else 0
    return n


@inlined
def geometric(u: float, p: float) -> int:
    """Draw the number of successes before the next failure, which has probability p per trial.

    Parameters
    ----------
    u
        In (0, 1); the count is non-increasing in it.
    p
        Probability of a failure. At or below 0 the count is `NEVER`, at or above 1 it is 0.

    Returns
    -------
    int
        floor(log(u) / log(1 - p)), 0 to `NEVER`.
    """
    kept = 1.0 - p
    # log(1 - p) of the rounded 1 - p, corrected to p's own digits (Kahan's log1p).
    log_kept = log(kept) * (p / (1.0 - kept)) if kept < 1.0 else -p
    count = log(u) / log_kept
    count = count if count < _NEVER_AS_FLOAT else _NEVER_AS_FLOAT
    count = count if p > 0.0 else _NEVER_AS_FLOAT
    count = count if p < 1.0 else 0.0
    return int(count)
