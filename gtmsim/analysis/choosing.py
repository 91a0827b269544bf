"""What to find out before one point of a sweep is chosen: the value of knowing uncertain inputs."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gtmsim.analysis.direction import direction
from gtmsim.analysis.evaluating import STANDARD, worth_of
from gtmsim.analysis.information import UNTOLD, drawn_inputs, labelled
from gtmsim.analysis.points import DesignKind
from gtmsim.analysis.sweeping import Sweep
from gtmsim.errors import AnalysisError, ExpressionError, ScenarioError
from gtmsim.expressions import parse_quantity
from gtmsim.plan import Plan, compile_plan
from gtmsim.scenario.loading import read_back
from gtmsim.scenario.models import Objective
from gtmsim.statistics import decision, voi
from gtmsim.statistics.error import Sample
from gtmsim.statistics.nested import draw_means, jointly_defined

MOST_POINTS = 24
"""Points between which the choice is: of more, those that are best on average."""


def worth_knowing(prepared: Sweep, results: xr.Dataset) -> xr.Dataset | None:
    """Tell what it would be worth to know uncertain inputs before choosing a point.

    Parameters
    ----------
    prepared
        The sweep.
    results
        What it came to, of `gtmsim.analysis.sweeping.dataset_of`.

    Returns
    -------
    Dataset or None
        ``evpi``, ``evppi`` and so on as of `gtmsim.analysis.information.value_of_information`, for
        the choice between points, in the unit of what a future is worth: attribute
        ``information_of`` names the output, empty where it is the scenario's objective,
        ``information_points`` says between how many points the choice is, and
        ``information_left_out`` how many futures count at no point, for they are undefined at one.
        None where points are no choice (one at a time, or an uncertain input is varied), nothing is
        uncertain, or there are too few points; where there are too few draws, only the attribute
        `UNTOLD`, which says so.
    """
    if prepared.design.kind == DesignKind.TORNADO or not _is_choice(prepared):
        return None
    sample, name = _worth(prepared, results)
    is_known = (results["failure"].values == "") & ~np.isnan(sample).all((1, 2))
    points = np.flatnonzero(is_known)
    if len(points) < 2:  # noqa: PLR2004  (fewer than two points are no choice)
        return None
    try:
        worth, left_out = jointly_defined(sample[points])
        best = _ranked(worth)[:MOST_POINTS]
        columns = _common_inputs([prepared.plans[int(n)] for n in points[best]], prepared)
        if not columns:
            return None
        found = voi.value_of_information(worth[best], np.stack([*columns.values()], axis=1))
        evpi = decision.decide(worth[best]).information.evpi
    except AnalysisError as error:  # too few draws, or an output that is not defined
        return xr.Dataset(attrs={UNTOLD: str(error)})
    perfect = {"evpi": xr.Variable((), evpi.value), "evpi_error": xr.Variable((), evpi.error)}
    told = labelled([*columns], (), found).drop_dims("group").assign(perfect)
    return told.assign_attrs(
        information_of=name, information_points=len(best), information_left_out=left_out
    )


def _ranked(worth: Sample) -> NDArray[np.int64]:
    """Points by their mean over the futures that all have, the best first."""
    ranked: NDArray[np.int64] = np.argsort(-draw_means(worth).values.mean(1), kind="stable")
    return ranked


def _is_choice(prepared: Sweep) -> bool:
    """Whether no varied value is uncertain in the scenario: such a one cannot be chosen."""
    try:
        uncertain = [given.path for given in compile_plan(read_back(prepared.scenario)).inputs]
    except ScenarioError:  # what is varied is missing in it: nothing can be told
        return False
    varied = [variation.name for variation in prepared.variations]
    return not any(
        one == path or one.startswith(f"{path}.") or path.startswith(f"{one}.")
        for path in uncertain
        for one in varied
    )


def _worth(prepared: Sweep, results: xr.Dataset) -> tuple[Sample, str]:
    """Value of each future of each point, and the output that it is; more is better."""
    samples = {
        str(name): results["sample"].isel(output=n).to_numpy()
        for n, name in enumerate(results["output"].values)
    }
    objective = prepared.plans[0].scenario.objective or STANDARD
    months = {plan.scenario.scenario.months for plan in prepared.plans}
    value = _objective(samples, objective, months)
    if value is not None:
        return value, ""
    detail = results["is_detail"].values
    shown = [n for n, name in enumerate(samples) if not detail[n]]
    name = [*samples][shown[0] if shown else 0]
    return _towards(name) * samples[name], name


def _objective(samples: dict[str, Sample], objective: Objective, months: set[int]) -> Sample | None:
    """Worth by an objective, if what it takes was kept and every point ends then."""
    month = objective.month or max(months)
    names = (f"arr[{month}]", f"cash[{month}]", "survives")
    if months != {month} or not all(name in samples for name in names):
        return None
    arr, cash, survives = (samples[name] for name in names)
    return worth_of(objective, arr, cash, ~(survives > 0.0))


def _towards(name: str) -> int:
    try:
        return direction(parse_quantity(name)) or 1
    except ExpressionError:  # a target, which should be met
        return 1


def _common_inputs(plans: Sequence[Plan], prepared: Sweep) -> dict[str, Sample]:
    """Values of inputs that vary and are the same at all points, by path."""
    how = prepared.how
    first, *others = (drawn_inputs(plan, how.seed, how.draws) for plan in plans)
    return {
        path: values
        for path, values in first.items()
        if np.ptp(values) > 0.0
        and all(path in one and np.array_equal(one[path], values) for one in others)
    }
