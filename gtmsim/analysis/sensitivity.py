"""Which assumption matters: how much of an output is luck, and which inputs the rest hangs on."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from gtmsim.analysis.evaluating import Futures, sample_of
from gtmsim.errors import AnalysisError
from gtmsim.expressions import parse_quantity
from gtmsim.statistics.error import LEVEL, Estimate, Sample
from gtmsim.statistics.indices import first_order_indices
from gtmsim.statistics.variance import split_variance


def default_outputs(results: xr.Dataset) -> list[str]:
    """ARR and cash at the end, lowest cash, survival."""
    return ["arr[end]", "cash[end]", "cash_min", "survives"]


def sensitivity(
    results: xr.Dataset, outputs: Sequence[str] = (), level: float = LEVEL
) -> xr.Dataset:
    """Split what outputs vary by into luck and what is not known, and the latter by input.

    Parameters
    ----------
    results
        Of `simulate` or `open_results`, with two replications or more to tell luck.
    outputs
        Numbers of each future, as in expectations: ``arr[36]``, ``cash_min``. By default ARR and
        cash at the end, the lowest cash and survival.
    level
        Confidence level of the intervals.

    Returns
    -------
    Dataset
        By ``output``: ``share_unknown``, the part of the variance of single futures that better
        knowledge of the inputs would take away, with ``bound`` value, low and high; the rest is
        luck. By ``output`` and ``input``: ``first_order``, the share of the unknown part that is
        due to the input alone, with ``first_order_error``; unbiased, so that those of inputs
        without a part scatter about 0. NaN where an output never varies or luck hides the rest.
        What is left up to 1 is due to inputs together. Futures in which an output is undefined are
        refused.

    Raises
    ------
    AnalysisError
        If there are too few draws, no uncertain input, or an output is undefined in some future.
    """
    texts = list(outputs) or default_outputs(results)
    inputs = _varying(results)
    samples = [_defined(text, results) for text in texts]
    shares = np.array([split_variance(sample, level).share_unknown for sample in samples])
    values = np.full((len(texts), inputs.sizes["input"]), np.nan)
    errors = values.copy()
    for row, sample in enumerate(samples):
        if np.ptp(sample.mean(1)) > 0.0:
            found = first_order_indices(inputs.to_numpy(), sample).of_unknown
            values[row], errors[row] = found.value, found.error
    unknown = {"long_name": "Part of the variance of futures that is not luck", "units": "1"}
    first = {"long_name": "Share of that part due to the input alone", "units": "1"}
    error = {"long_name": "Standard error of first_order", "units": "1"}
    return xr.Dataset(
        {
            "share_unknown": (("output", "bound"), shares, unknown),
            "first_order": (("output", "input"), values, first),
            "first_order_error": (("output", "input"), errors, error),
        },
        {"output": texts, "bound": list(Estimate._fields), "input": inputs["input"].to_numpy()},
        {"draws": results.sizes["draw"], "replications": results.sizes["replication"]},
    )


def _varying(results: xr.Dataset) -> xr.DataArray:
    """Select inputs that differ between draws, dims (draw, input)."""
    inputs = results["inputs"].transpose("draw", "input").load()
    varies = (inputs.max("draw") > inputs.min("draw")).to_numpy()
    if not varies.any():
        raise AnalysisError("no input is uncertain: give numbers as distributions to ask this")
    return inputs.isel(input=np.flatnonzero(varies))


def _defined(text: str, results: xr.Dataset) -> Sample:
    sample = sample_of(parse_quantity(text), Futures(results))
    missing = 1.0 - float(np.isfinite(sample).mean())
    if missing > 0.0:
        raise AnalysisError(
            f"{text} has no finite value in {100 * missing:.2g}% of futures: ask for one that "
            "every future has, such as cash_min"
        )
    return sample
