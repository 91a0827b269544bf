"""From labelled samples to figures with their Monte Carlo error."""

import numpy as np
import xarray as xr

from gtmsim.metrics import error
from gtmsim.report.answer import Figure, Spread, Unit
from gtmsim.results.dataset import convert_units

LOW, HIGH = 0.1, 0.9


def sample(values: xr.DataArray) -> error.Sample:
    """Values as an array of shape (draws, replications), in currency, months and so on."""
    converted = convert_units(values)
    return np.asarray(converted.transpose("draw", "replication"), np.float64)


def spread(values: xr.DataArray, unit: Unit, where: xr.DataArray | None = None) -> Spread:
    """Distribution of a quantity over replications.

    Parameters
    ----------
    values
        Dims (draw, replication); NaN where it is undefined.
    unit
        What it counts.
    where
        Replications that count; the others are undefined. Dims (draw, replication).
    """
    numbers = sample(values)
    if where is not None:
        numbers = np.where(where.transpose("draw", "replication").to_numpy(), numbers, np.nan)
    return Spread(
        p10=error.quantile(numbers, LOW),
        p50=error.quantile(numbers, 0.5),
        p90=error.quantile(numbers, HIGH),
        mean=_mean(numbers),
        unit=unit,
        defined=float(1.0 - np.isnan(numbers).mean()),
    )


def _mean(numbers: error.Sample) -> error.Estimate:
    """Mean, which is undefined where a value is infinite."""
    return error.UNDEFINED if np.isinf(numbers).any() else error.mean(numbers)


def odds(events: xr.DataArray) -> Figure:
    """Probability of an event; dims (draw, replication), booleans or NaN."""
    numbers = np.asarray(events.transpose("draw", "replication"), np.float64)
    return Figure(error.probability(numbers), Unit.SHARE)
