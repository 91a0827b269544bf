"""Plans on the same luck: what each brings more than the first, and which to choose."""

from collections.abc import Collection, Mapping, Sequence
from itertools import permutations

import numpy as np
import xarray as xr

from gtmsim.analysis.direction import direction
from gtmsim.analysis.evaluating import STANDARD, objective_of, sample_in
from gtmsim.analysis.information import UNTOLD, labelled, partial_information
from gtmsim.analysis.outputs import read_outputs_of
from gtmsim.analysis.pairing import MATCHING, aligned
from gtmsim.analysis.stating import objective_in
from gtmsim.errors import AnalysisError
from gtmsim.expressions.names import FLAGS
from gtmsim.expressions.tree import Measure, Quantity
from gtmsim.metrics.labels import YEAR
from gtmsim.scenario.models import Objective
from gtmsim.statistics import decision, paired
from gtmsim.statistics.error import LEVEL, UNDEFINED, Estimate, Sample

_AT_THE_END = ("cash_min", "survives", "nrr[end]", "cac[end]")
_FIGURES: Mapping[str, str] = {
    "difference": "Mean difference from the first plan",
    "p5": "5th percentile of the difference",
    "p50": "Median difference",
    "p95": "95th percentile of the difference",
    "better": "Probability that a future is better than with the first plan, ties counting half",
    "more": "Probability that a future has more than with the first plan",
    "same": "Probability that a future has the same as with the first plan",
    "less": "Probability that a future has less than with the first plan",
    "better_draw": "Probability that the plan is better on average over luck",
    "variance_reduction": "Times the draws that independent runs would need",
}


def compare(
    results: Mapping[str, xr.Dataset],
    objective: Objective | None = None,
    outputs: Sequence[str] = (),
    level: float = LEVEL,
    groups: Mapping[str, Collection[str]] | None = None,
) -> xr.Dataset:
    """Compare plans future by future.

    Parameters
    ----------
    results
        Results by name, of `simulate` or `open_results`; the first is what others are compared
        with. They must have the same seed, start, length, currency and version; of different
        numbers of draws or replications, those that all have count.
    objective
        What a future is worth; by default what the plans state, or else `STANDARD`.
    outputs
        Numbers of each future to compare, as in expectations: ``arr[36]``, ``cash_min``. By default
        ARR and cash at the end of each year, and some more at the end.
    level
        Confidence level of every interval.
    groups
        By name: inputs that would become known together, as in `value_of_information`.

    Returns
    -------
    Dataset
        By ``option`` (all but the first in ``rival``) and ``output``: mean, 5th, 50th and 95th
        percentile of the difference, odds of being better (ties counting half; undefined where a
        number has no better, see `gtmsim.analysis.direction`), shares of futures with ``more``, the
        ``same`` and ``less``, and variance reduction, each with
        ``bound`` value, low and high; ``joint_difference``, whose intervals hold for all rivals
        together, and ``p_value``, corrected for their number. By ``option``: expected objective,
        regret, odds of being best; EVPI; dominance of each option over each ``other``; by
        ``input`` and ``group``: what knowing it would be worth; where there are too few draws to
        tell, the attribute `UNTOLD` says so. Amounts are in currency.

    Raises
    ------
    ResultsError
        If the results do not belong together.
    ScenarioError
        With every problem of the outputs.
    AnalysisError
        If there are fewer than two, no future in which all of them have an objective, or too few
        draws for a group.
    """
    together = aligned(results)
    names = list(results)
    objective = objective or objective_in(results) or STANDARD
    asked = read_outputs_of(outputs or default_outputs(together[0]), together)
    written, quantities = [text for text, _ in asked], [quantity for _, quantity in asked]
    samples = [[sample_in(quantity, one) for quantity in quantities] for one in together]
    worth = np.array([objective_of(one, objective) for one in together])
    return xr.merge(
        [
            _differences(names, written, quantities, samples, level),
            _means(names, written, samples),
            _jointly(names, written, quantities, samples, level),
            _decision(names, worth, level),
            _dominance(names, worth, level),
            _information(together, worth, groups or {}),
        ],
        combine_attrs="no_conflicts",
    ).assign_attrs(
        {name: together[0].attrs[name] for name in (*MATCHING, "months")}
        | {"draws": together[0].sizes["draw"], "replications": together[0].sizes["replication"]}
    )


def default_outputs(results: xr.Dataset) -> list[str]:
    """ARR and cash at the end of each year, and what else tells plans apart at the end."""
    months = results.sizes["month"]
    years = [*range(YEAR, months, YEAR), months]
    segments = [str(name) for name in results["segment"].to_numpy()]
    by_segment = [f"arr[end, segment={name}]" for name in segments] if len(segments) > 1 else []
    yearly = [f"{name}[{month}]" for name in ("arr", "cash") for month in years]
    return [*yearly, *_AT_THE_END, *by_segment]


def _differences(
    names: Sequence[str],
    outputs: Sequence[str],
    quantities: Sequence[Quantity],
    samples: Sequence[Sequence[Sample]],
    level: float,
) -> xr.Dataset:
    shape = (len(names) - 1, len(outputs), len(Estimate._fields))
    figures = {name: np.full(shape, np.nan) for name in _FIGURES}
    undefined, different = (np.zeros(shape[:2], np.int64) for _ in range(2))
    for rival, of_rival in enumerate(samples[1:]):
        for output, (base, option) in enumerate(zip(samples[0], of_rival, strict=True)):
            try:
                found = paired.compare(base, option, level, _is_event(quantities[output]))
            except AnalysisError:  # nothing defined in both: stays undefined, and is counted
                undefined[rival, output] = base.size
                continue
            undefined[rival, output] = found.n_undefined
            different[rival, output] = found.n_different
            for name, figure in figures.items():
                figure[rival, output] = getattr(found, name)
            for name in ("better", "better_draw"):
                odds = _directed(getattr(found, name), direction(quantities[output]))
                figures[name][rival, output] = odds
    dims = ("rival", "output", "bound")
    values = {
        name: xr.Variable(dims, figure, {"long_name": _FIGURES[name]})
        for name, figure in figures.items()
    }
    counted = {"long_name": "Futures left out, for want of a value", "units": "1"}
    differ = {"long_name": "Futures in which the plan differs from the first", "units": "1"}
    return xr.Dataset(
        {
            **values,
            "undefined": xr.Variable(dims[:2], undefined, counted),
            "different": xr.Variable(dims[:2], different, differ),
        },
        {"rival": list(names[1:]), "output": list(outputs), "bound": list(Estimate._fields)},
    )


def _means(
    names: Sequence[str], outputs: Sequence[str], samples: Sequence[Sequence[Sample]]
) -> xr.Dataset:
    """Mean of each plan, of the futures in which a number is finite."""
    means = [
        [float(sample[np.isfinite(sample)].mean()) if np.isfinite(sample).any() else np.nan
         for sample in of_plan]
        for of_plan in samples
    ]  # fmt: skip
    told = {"long_name": "Mean of each plan"}
    return xr.Dataset(
        {"mean": xr.Variable(("option", "output"), means, told)},
        {"option": list(names), "output": list(outputs)},
    )


def _is_event(quantity: Quantity) -> bool:
    """Whether it is 1 or 0 in each future."""
    return isinstance(quantity, Measure) and quantity.name in FLAGS


def _directed(odds: Estimate, towards: int) -> Estimate:
    """Odds of being better, where those of being higher are given; ties count half in both."""
    if towards == 0:
        return UNDEFINED
    if towards > 0:
        return odds
    return Estimate(1.0 - odds.value, 1.0 - odds.high, 1.0 - odds.low)


def _jointly(
    names: Sequence[str],
    outputs: Sequence[str],
    quantities: Sequence[Quantity],
    samples: Sequence[Sequence[Sample]],
    level: float,
) -> xr.Dataset:
    """Differences from the first plan whose intervals hold for all rivals together."""
    shape = (len(names) - 1, len(outputs))
    joint, p_values = np.full((*shape, len(Estimate._fields)), np.nan), np.full(shape, np.nan)
    for output in range(len(outputs)):
        try:
            found = paired.compare_all(
                [of[output] for of in samples],
                base=0,
                level=level,
                events=_is_event(quantities[output]),
            )
        except AnalysisError:
            continue
        for row in found:
            joint[row.option - 1, output] = row.difference
            p_values[row.option - 1, output] = row.p_value
    told = {"long_name": "Mean difference; intervals hold for all plans together"}
    corrected = {"long_name": "P-value of equal odds of being better, corrected by Holm"}
    return xr.Dataset(
        {
            "joint_difference": xr.Variable(("rival", "output", "bound"), joint, told),
            "p_value": xr.Variable(("rival", "output"), p_values, corrected),
        },
        {"rival": list(names[1:]), "output": list(outputs), "bound": list(Estimate._fields)},
    )


def _decision(names: Sequence[str], worth: Sample, level: float) -> xr.Dataset:
    made = decision.decide(worth, level)
    by_option: dict[str, tuple[str, list[float]]] = {
        "regret": ("Expected regret", [one.value for one in made.regret]),
        "regret_error": ("Its standard error", [one.error for one in made.regret]),
    }
    intervals = {
        "expected": ("Expected objective", made.expected),
        "hindsight_regret": ("Regret against the best plan of each future", made.hindsight),
        "best_in_draw": ("Odds of the best mean of a draw", made.best_in_draw),
        "best_in_future": ("Odds of being best in a future", made.best_in_future),
    }
    evpi = made.information.evpi
    return xr.Dataset(
        {
            **{
                k: xr.Variable("option", v, {"long_name": text})
                for k, (text, v) in by_option.items()
            },
            **{
                k: xr.Variable(("option", "bound"), np.array(v), {"long_name": text})
                for k, (text, v) in intervals.items()
            },
            "evpi": xr.Variable((), evpi.value, {"long_name": "Value of perfect information"}),
            "evpi_error": xr.Variable((), evpi.error, {"long_name": "Its standard error"}),
        },
        {"option": list(names), "bound": list(Estimate._fields)},
    )


def _dominance(names: Sequence[str], worth: Sample, level: float) -> xr.Dataset:
    found = {}
    for order in (1, 2):
        verdicts = np.full((len(names), len(names)), "", dtype=object)
        for one, other in permutations(range(len(names)), 2):
            verdicts[one, other] = decision.dominance(worth[one], worth[other], order, level).value
        told = {"long_name": f"Stochastic dominance of order {order} in the objective"}
        found[f"dominance_{order}"] = xr.Variable(("option", "other"), verdicts.astype(str), told)
    return xr.Dataset(found, {"option": list(names), "other": list(names)})


def _information(
    together: Sequence[xr.Dataset], worth: Sample, groups: Mapping[str, Collection[str]]
) -> xr.Dataset:
    """Value of knowing each uncertain input of any plan before choosing."""
    try:
        return partial_information(together, worth, groups)
    except AnalysisError as error:
        if groups:
            raise
        return labelled((), (), ()).assign_attrs({UNTOLD: str(error)})
