"""Which assumption matters: how much of an output is luck, and which inputs the rest hangs on."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import xarray as xr

from gtmsim.analysis.evaluating import Futures, sample_of
from gtmsim.analysis.experiments import (
    DEFAULT_OUTPUTS,
    check_defined,
    prepare,
    run_experiment,
)
from gtmsim.analysis.outputs import read_outputs_of
from gtmsim.analysis.sweeping import Progress
from gtmsim.errors import AnalysisError
from gtmsim.expressions.tree import Quantity
from gtmsim.scenario import Scenario
from gtmsim.settings import DEFAULT_ENGINE, DEFAULT_REPLICATIONS, DEFAULT_SEED
from gtmsim.statistics.error import LEVEL, Estimate, Sample
from gtmsim.statistics.indices import first_order_indices
from gtmsim.statistics.variance import split_variance


def sensitivity(  # noqa: PLR0913  one keyword per option of `gtmsim sensitivity`
    of: xr.Dataset | Scenario,
    outputs: Sequence[str] = (),
    level: float = LEVEL,
    *,
    design: str | None = None,
    inputs: Sequence[str] = (),
    replications: int = DEFAULT_REPLICATIONS,
    seed: int = DEFAULT_SEED,
    months: int | None = None,
    workers: int | None = None,
    engine: str = DEFAULT_ENGINE,
    out: str | PathLike[str] | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Tell which uncertain inputs an output hangs on, and how much of it is luck.

    Parameters
    ----------
    of
        Results of `simulate` or `open_results`, with two replications or more to tell luck; or,
        with ``design``, the scenario that is to be simulated.
    outputs
        Numbers of each future, as in expectations: ``arr[36]``, ``cash_min``. By default ARR and
        cash at the end, the lowest cash and survival.
    level
        Confidence level of the intervals.
    design
        ``sobol:N`` (N base points: first-order and total indices) or ``morris:N`` (N walks:
        screening of many inputs).
    inputs
        Paths of the inputs to tell about; by default all that are uncertain. The others vary too.
        All that follow, too, are of a design.
    replications
        Replications of each point, two or more.
    seed, months, workers, engine, progress
        As in `simulate`.
    out
        Folder in which finished parts of the design are kept, and those of before not simulated
        again. By default nothing stays on the disk.

    Returns
    -------
    Dataset
        Of results, by ``output``: ``share_unknown``, the part of the variance of single futures
        that better knowledge of the inputs would take away, with ``bound`` value, low and high; the
        rest is luck. By ``output`` and ``input``: ``first_order``, the share of the unknown part
        that is due to the input alone. Of a Sobol' design also ``total``, the share that is due to
        it alone and together with others. Of a Morris design instead ``mu``, ``mu_star`` and
        ``sigma``, mean, mean size and standard deviation of the output's change when the input goes
        from its p10 to its p90, in the unit of the output, and ``luck_floor``, what luck alone
        makes of ``mu_star``. Each has its standard error in ``..._error``. Indices are unbiased, so
        that those of inputs without a part scatter about 0; NaN where an output never varies or
        luck hides the rest. Correlated inputs have indices together, as ``a + b``.

    Raises
    ------
    AnalysisError
        If there are too few draws or replications, no uncertain input, an output is undefined in
        some future, or a Morris design would move one of several correlated inputs.
    ScenarioError
        If the design, an output or an input is not valid.
    ResultsError
        If ``out`` holds another design.
    Interrupted
        If the user pressed Ctrl-C. Parts that are done stay in ``out``.
    """
    if not isinstance(of, Scenario):
        if design is not None:
            raise AnalysisError("a design is simulated: give the scenario, not its results")
        return _from_draws(of, outputs, level)
    if design is None:
        raise AnalysisError(
            "a scenario has no futures yet: give a design such as sobol:256, or the results of "
            "simulate(scenario)"
        )
    experiment = prepare(
        of, design, outputs=outputs, inputs=inputs, replications=replications, seed=seed,
        months=months, workers=workers, engine=engine,
    )  # fmt: skip
    if out is not None:
        return run_experiment(experiment, Path(out), level=level, progress=progress)
    with TemporaryDirectory(prefix="gtmsim-") as folder:
        return run_experiment(experiment, Path(folder), level=level, progress=progress)


def _from_draws(results: xr.Dataset, outputs: Sequence[str], level: float) -> xr.Dataset:
    """Split what outputs vary by into luck and what is not known, and the latter by input."""
    asked = read_outputs_of(outputs or DEFAULT_OUTPUTS, [results])
    texts = [text for text, _ in asked]
    inputs = _varying(results)
    samples = [_defined(text, quantity, results) for text, quantity in asked]
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


def _defined(text: str, quantity: Quantity, results: xr.Dataset) -> Sample:
    sample = sample_of(quantity, Futures(results))
    check_defined(text, sample)
    return sample
