"""Quantile tables of the beta and of the unit gamma distribution.

They are quick enough to rebuild for every parameter draw: 2 to 4 microseconds each.

A table works in y = logit(theta) for the beta and y = log(x) for the gamma. There the density is
log-concave and smooth, and falls to 0 as a power of theta or x on every side that has a heavy tail.
Its nodes are equally spaced between two ends, each either where the power law holds to
`_POWER_LAW` or where the density has fallen by exp(-`_DROP`). A node stores the mass below it,
the mass above it (a difference from 1 would have no digits in the upper tail) and the logarithm
of the density. Between nodes the density is log-linear, beyond the ends exponential in y.

Layout, `TABLE_SIZE` floats: y of the first node, step, rate of the lower tail, rate of the upper
tail, then `N_NODES` masses below, `N_NODES` masses above, `N_NODES` log densities.
"""

import numpy as np
import numpy.typing as npt

from gtmsim.draws.elementary import exp, log, logistic
from gtmsim.jit import inlined, kernel

Array = npt.NDArray[np.float64]

N_NODES = 256
_HEADER = 4
TABLE_SIZE = _HEADER + 3 * N_NODES
_BELOW = _HEADER
_ABOVE = _HEADER + N_NODES
_LOG_DENSITY = _HEADER + 2 * N_NODES

SMALLEST_SHAPE = 0.001
LARGEST_SHAPE = 1e6
"""Shapes within which the tables were tested."""

_DROP = 42.0
_POWER_LAW = 2e-5
_BISECTIONS = 16
_STRAIGHT = 1e-4  # log densities closer than this are interpolated by the limit of the formula


@kernel
def fill_beta_table(a: float, b: float, tables: Array, offset: int) -> None:
    """Write the quantile table of Beta(a, b).

    Parameters
    ----------
    a, b
        Shapes, `SMALLEST_SHAPE` to `LARGEST_SHAPE`; not checked.
    tables
        Buffer, shape (m,); ``tables[offset : offset + TABLE_SIZE]`` is written.
    offset
        Where the table starts.
    """
    mode = log(a / b)
    first, lower_is_power = _beta_end(a, b, mode)
    last, upper_is_power = _beta_end(b, a, -mode)
    last = -last
    step = (last - first) / (N_NODES - 1)
    peak = _beta_log_density(a, b, mode)

    total = a + b
    density = np.empty(N_NODES)
    slope = np.empty(N_NODES)
    curvature = np.empty(N_NODES)
    for i in range(N_NODES):
        odds = exp(first + step * i)
        theta = odds / (1.0 + odds)
        log_density = a * (first + step * i) - total * log(1.0 + odds) - peak
        tables[offset + _LOG_DENSITY + i] = log_density
        density[i] = exp(log_density)
        slope[i] = a - total * theta
        curvature[i] = -total * theta / (1.0 + odds)

    theta = 1.0 / (1.0 + exp(-first))
    complement = 1.0 / (1.0 + exp(last))
    lower_rate = a if lower_is_power else slope[0]
    upper_rate = b if upper_is_power else -slope[N_NODES - 1]
    lower = density[0] / lower_rate
    upper = density[N_NODES - 1] / upper_rate
    if lower_is_power:
        lower *= 1.0 + total * theta / (a + 1.0)
    if upper_is_power:
        upper *= 1.0 + total * complement / (b + 1.0)
    tables[offset] = first
    tables[offset + 1] = step
    tables[offset + 2] = lower_rate
    tables[offset + 3] = upper_rate
    _store_masses(tables, offset, lower, upper, density, slope, curvature)


@kernel
def fill_gamma_table(shape: float, tables: Array, offset: int) -> None:
    """Write the quantile table of the gamma distribution with this shape and scale 1.

    Parameters
    ----------
    shape
        `SMALLEST_SHAPE` to `LARGEST_SHAPE`; not checked.
    tables
        Buffer, shape (m,); ``tables[offset : offset + TABLE_SIZE]`` is written.
    offset
        Where the table starts.
    """
    mode = log(shape)
    first, lower_is_power = _gamma_lower_end(shape, mode)
    last = _gamma_upper_end(shape, mode)
    step = (last - first) / (N_NODES - 1)
    peak = shape * mode - shape

    density = np.empty(N_NODES)
    slope = np.empty(N_NODES)
    curvature = np.empty(N_NODES)
    for i in range(N_NODES):
        x = exp(first + step * i)
        log_density = shape * (first + step * i) - x - peak
        tables[offset + _LOG_DENSITY + i] = log_density
        density[i] = exp(log_density)
        slope[i] = shape - x
        curvature[i] = -x

    lower_rate = shape if lower_is_power else slope[0]
    upper_rate = -slope[N_NODES - 1]
    lower = density[0] / lower_rate
    upper = density[N_NODES - 1] / upper_rate
    if lower_is_power:
        lower *= 1.0 + exp(first) / (shape + 1.0)
    tables[offset] = first
    tables[offset + 1] = step
    tables[offset + 2] = lower_rate
    tables[offset + 3] = upper_rate
    _store_masses(tables, offset, lower, upper, density, slope, curvature)


@inlined
def beta_quantile(tables: Array, offset: int, u: float) -> float:
    """Quantile at u in (0, 1) of the beta distribution whose table starts at ``offset``.

    Relative error of theta, and of 1 - theta while it has digits, under 1e-4.
    Within 1e-300 of 0 the result underflows, within 1e-16 of 1 it rounds to 1.
    """
    return logistic(table_quantile(tables, offset, u))


@inlined
def gamma_quantile(tables: Array, offset: int, u: float) -> float:
    """Quantile at u in (0, 1) of the unit-scale gamma whose table starts at ``offset``.

    Relative error under 1e-4; below 1e-308 the result underflows.
    """
    return exp(table_quantile(tables, offset, u))


@kernel
def table_quantile(tables: Array, offset: int, u: float) -> float:
    """Quantile at u in (0, 1) in the table's own coordinate, logit(theta) or log(x)."""
    v = 1.0 - u
    first = tables[offset]
    step = tables[offset + 1]
    if u < tables[offset + _BELOW]:
        return float(first + log(u / tables[offset + _BELOW]) / tables[offset + 2])
    if v < tables[offset + _ABOVE + N_NODES - 1]:
        last = first + step * (N_NODES - 1)
        return float(last - log(v / tables[offset + _ABOVE + N_NODES - 1]) / tables[offset + 3])

    # Each half is read from the end where its masses are small, and so have all their digits.
    # N_NODES is a power of 2, so that the halvings end inside the table.
    lower_half = u < 0.5
    masses = offset + (_BELOW if lower_half else _ABOVE)
    mass = u if lower_half else v
    cell = 0
    width = N_NODES // 2
    if lower_half:
        while width > 0:
            cell += width if tables[masses + cell + width] <= mass else 0
            width >>= 1
    else:
        while width > 0:
            cell += width if tables[masses + cell + width] >= mass else 0
            width >>= 1
    cell = min(cell, N_NODES - 2)
    start = tables[masses + cell]
    fraction = (mass - start) / (tables[masses + cell + 1] - start)
    fraction = min(max(fraction, 0.0), 1.0)

    rise = tables[offset + _LOG_DENSITY + cell + 1] - tables[offset + _LOG_DENSITY + cell]
    if abs(rise) < _STRAIGHT:
        part = fraction + 0.5 * rise * fraction * (1.0 - fraction)
    else:
        part = log(1.0 + fraction * (exp(rise) - 1.0)) / rise
    return float(first + step * (cell + part))


@kernel
def _store_masses(
    tables: Array,
    offset: int,
    lower: float,
    upper: float,
    density: Array,
    slope: Array,
    curvature: Array,
) -> None:
    """Integrate the density over the cells and store the masses, normalised to 1 in all.

    ``lower`` and ``upper`` are the masses beyond the ends, in the units of ``density``.

    The rule of each cell is the two-point Hermite formula of order 6, with the first two
    derivatives of the density: density * slope and density * (slope**2 + curvature).
    """
    step = tables[offset + 1]
    mass = np.empty(N_NODES - 1)
    c1 = step * step / 10.0
    c2 = step * step * step / 120.0
    for i in range(N_NODES - 1):
        left, right = density[i], density[i + 1]
        left_slope, right_slope = slope[i], slope[i + 1]
        mass[i] = (
            0.5 * step * (left + right)
            + c1 * (left * left_slope - right * right_slope)
            + c2
            * (
                left * (left_slope * left_slope + curvature[i])
                + right * (right_slope * right_slope + curvature[i + 1])
            )
        )

    tables[offset + _BELOW] = lower
    tables[offset + _ABOVE + N_NODES - 1] = upper
    for i in range(N_NODES - 1):
        tables[offset + _BELOW + i + 1] = tables[offset + _BELOW + i] + mass[i]
        j = offset + _ABOVE + N_NODES - 2 - i
        tables[j] = tables[j + 1] + mass[N_NODES - 2 - i]
    scale = 1.0 / (tables[offset + _BELOW + N_NODES - 1] + upper)
    for i in range(2 * N_NODES):
        tables[offset + _BELOW + i] *= scale


@inlined
def _beta_log_density(a: float, b: float, y: float) -> float:
    # The form without overflow: log(1 + exp(y)) is y + log(1 + exp(-y)).
    top = y if y > 0.0 else 0.0
    return a * y - (a + b) * (top + log(1.0 + exp(y - 2.0 * top)))


@kernel
def _beta_end(a: float, b: float, mode: float) -> tuple[float, bool]:
    """Lower end of the nodes of Beta(a, b) in logits, and whether the power law holds there."""
    power = log(_POWER_LAW / (1.0 + b))
    peak = _beta_log_density(a, b, mode)
    if power >= mode:
        return mode - 1.0, True
    if peak - _beta_log_density(a, b, power) <= _DROP:
        return power, True
    low, high = power, mode
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        if peak - _beta_log_density(a, b, middle) > _DROP:
            low = middle
        else:
            high = middle
    return low, False


@kernel
def _gamma_lower_end(shape: float, mode: float) -> tuple[float, bool]:
    """Lower end of the nodes of a gamma in logs, and whether the power law holds there."""
    power = log(_POWER_LAW)
    if power >= mode:
        return mode - 1.0, True
    if _gamma_drop(shape, power - mode) <= _DROP:
        return power, True
    low, high = power - mode, 0.0
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        if _gamma_drop(shape, middle) > _DROP:
            low = middle
        else:
            high = middle
    return mode + low, False


@kernel
def _gamma_upper_end(shape: float, mode: float) -> float:
    """Upper end of the nodes of a gamma in logs."""
    low = 0.0
    high = log(1.0 + (_DROP + 1.0) / shape) + 2.0 * np.sqrt(_DROP / (shape + 1.0)) + 1.0
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        if _gamma_drop(shape, middle) > _DROP:
            high = middle
        else:
            low = middle
    return float(mode + high)


@inlined
def _gamma_drop(shape: float, distance: float) -> float:
    """Fall of the log density from the mode to ``distance`` beyond it, in logs."""
    return shape * (exp(distance) - 1.0 - distance)
