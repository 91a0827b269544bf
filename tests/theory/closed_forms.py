"""What theory says: queueing, branching and renewal formulas, written from their definitions."""

from math import exp, factorial

import numpy as np
from scipy import integrate
from scipy.special import betaln


def erlang_c(servers: int, load: float) -> float:
    """Probability that an arrival waits in M/M/c with ``load`` = arrival rate x mean service."""
    last = load**servers / factorial(servers) * servers / (servers - load)
    return last / (sum(load**k / factorial(k) for k in range(servers)) + last)


def mean_wait(servers: int, arrivals: float, service: float) -> float:
    """Mean wait of all arrivals in M/M/c, in the unit of ``service``."""
    load = arrivals * service
    return erlang_c(servers, load) * service / (servers - load)


def in_service(intensity, survival, t: float) -> float:
    """Mean number present at ``t`` in M(t)/G/infinity that starts empty.

    ``intensity(u)`` arrivals a month at ``u``, ``survival(age)`` probability of still being there.
    """
    months = np.arange(int(np.ceil(t)))
    pieces = [
        integrate.quad(lambda u: intensity(u) * survival(t - u), a, min(a + 1, t), limit=200)[0]
        for a in months
    ]
    return float(sum(pieces))


def shifted_beta_geometric(alpha: float, beta: float, periods: int) -> float:
    """Share of newcomers that survive ``periods`` renewals (Fader and Hardie, 2007)."""
    return exp(betaln(alpha, beta + periods) - betaln(alpha, beta))


def lognormal(median: float, p90: float) -> tuple[float, float]:
    """Mean and second moment of a lognormal given by its median and ninth decile."""
    sigma = np.log(p90 / median) / 1.2815515655446004
    return median * np.exp(sigma**2 / 2), median**2 * np.exp(2 * sigma**2)


def z_score(samples, expected: float) -> float:
    """Standard errors between the mean of independent ``samples`` and ``expected``."""
    samples = np.asarray(samples, float)
    return float((samples.mean() - expected) / (samples.std(ddof=1) / np.sqrt(len(samples))))
