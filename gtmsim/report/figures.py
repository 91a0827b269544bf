"""From labelled samples to figures with their Monte Carlo error."""

import numpy as np
import xarray as xr
from scipy import special

from gtmsim.analysis.units import Unit
from gtmsim.report.answer import Fan, Figure, Spread
from gtmsim.results.dataset import convert_units
from gtmsim.statistics import error
from gtmsim.statistics.quantiles import quantiles

LOW, HIGH = 0.1, 0.9
_NORMAL_95 = 1.96
_ADDITIVE = (Unit.MONEY, Unit.COUNT)


def sample(values: xr.DataArray) -> error.Sample:
    """Values as an array of shape (draws, replications), in currency, months and so on."""
    converted = convert_units(values)
    return np.asarray(converted.transpose("draw", "replication"), np.float64)


def spread(
    values: xr.DataArray, unit: Unit, where: xr.DataArray | None = None, is_ratio: bool = False
) -> Spread:
    """Distribution of a quantity over replications.

    Parameters
    ----------
    values
        Dims (draw, replication); NaN where it is undefined.
    unit
        What it counts.
    where
        Replications that count; the others are undefined. Dims (draw, replication).
    is_ratio
        Whether an amount is a quotient; no mean is taken of one.
    """
    numbers = sample(values)
    if where is not None:
        numbers = np.where(where.transpose("draw", "replication").to_numpy(), numbers, np.nan)
    return Spread(
        p10=error.quantile(numbers, LOW),
        p50=error.quantile(numbers, 0.5),
        p90=error.quantile(numbers, HIGH),
        mean=error.mean(numbers) if unit in _ADDITIVE and not is_ratio else None,
        unit=unit,
        defined=float(1.0 - np.isnan(numbers).mean()),
    )


def fan(key: str, title: str, values: xr.DataArray) -> Fan | None:
    """Quantiles of an amount by month; None where there is nothing to draw.

    Parameters
    ----------
    key, title
        Of the fan.
    values
        Dims (draw, replication, month), with the date of each month's end where it is known.
    """
    if values.sizes["month"] == 1 or "date" not in values.coords:
        return None
    futures = convert_units(values).transpose("draw", "replication", "month").to_numpy()
    found = quantiles(futures.reshape(-1, futures.shape[-1]), (LOW, 0.5, HIGH))
    if not np.isfinite(found).all() or not found.any():
        return None
    p10, p50, p90 = (tuple(line) for line in found.tolist())
    months = tuple(map(str, values["date"].dt.strftime("%Y-%m").to_numpy()))
    return Fan(key, title, Unit.MONEY, months, p10, p50, p90)


def symmetric(value: float, standard_error: float) -> error.Estimate:
    """Figure with the 95 % interval of a normal error."""
    margin = _NORMAL_95 * standard_error
    return error.Estimate(value, value - margin, value + margin)


def certain(value: float) -> error.Estimate:
    """Figure without an error."""
    return error.Estimate(value, value, value)


def not_negative(value: float, standard_error: float) -> error.Estimate:
    """Figure of what cannot be below 0, with the 95 % interval of a normal error, cut there."""
    ends = np.maximum(0.0, symmetric(value, standard_error))  # NaN stays NaN
    return error.Estimate.of(ends)


def in_shares(estimate: error.Estimate) -> error.Estimate:
    """Figure of a share whose estimator may leave 0 to 1, cut there."""
    return error.Estimate.of(np.clip(estimate, 0.0, 1.0))  # NaN stays NaN


def is_told(values: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Which of several figures are above 0, whichever of them is looked at.

    The largest of many figures without a part is far from 0 by itself: 95 % is that of all together
    (Bonferroni).
    """
    reach = special.ndtri(1.0 - 0.025 / max(len(values), 1))
    with np.errstate(invalid="ignore"):
        told: np.ndarray = values > reach * errors
    return told


def odds(events: xr.DataArray) -> Figure:
    """Probability of an event; dims (draw, replication), booleans or NaN."""
    numbers = np.asarray(events.transpose("draw", "replication"), np.float64)
    return Figure(error.probability(numbers), Unit.SHARE)


def is_worth_knowing(found: xr.Dataset, dim: str = "input") -> np.ndarray:
    """Tell of which inputs, or groups of them, the value of knowing can be told from nothing.

    Parameters
    ----------
    found
        Of ``gtmsim.value_of_information``, or with its figures.
    dim
        ``input`` or ``group``.

    Returns
    -------
    ndarray, flags
        Whether the interval is above 0 and the value above what useless inputs would seem to be
        worth: of single ones the largest of as many.
    """
    name, limit = ("evppi", "largest_high") if dim == "input" else ("group_evppi", "null_high")
    values, errors = found[name].values, found[f"{name}_error"].values
    low = [not_negative(*pair).low for pair in zip(values, errors, strict=True)]
    return (np.array(low) > 0.0) & (values > found[f"{name}_{limit}"].values)
