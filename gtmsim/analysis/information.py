"""What to measure first: the value of knowing uncertain inputs before choosing between plans."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
import xarray as xr

from gtmsim.analysis.evaluating import STANDARD, objective_of
from gtmsim.analysis.pairing import aligned
from gtmsim.analysis.stating import objective_in
from gtmsim.errors import AnalysisError
from gtmsim.plan import Plan, draw_inputs
from gtmsim.scenario.models import Objective
from gtmsim.statistics import decision, voi
from gtmsim.statistics.error import Sample
from gtmsim.words import nearest

_FIGURES: Mapping[str, str] = {
    "evppi": "Value of knowing it before choosing",
    "error": "Its standard error",
    "null": "What a useless input gets on average",
    "null_high": "What 95 % of useless inputs would get at most",
    "largest_high": "What 95 % of the largest of as many useless inputs would get at most",
    "held_out": "Gain in draws that the regression has not seen",
    "held_out_error": "Standard error of the gain",
}
UNTOLD = "information_untold"
"""Attribute that says why nothing is told of any input."""
_Found = Sequence[voi.PartialInformation]


def value_of_information(
    results: Mapping[str, xr.Dataset],
    objective: Objective | None = None,
    groups: Mapping[str, Collection[str]] | None = None,
) -> xr.Dataset:
    """Tell what it would be worth to know uncertain inputs before choosing between plans.

    Parameters
    ----------
    results
        Results by name, of `simulate` or `open_results`, that belong together as in `compare`.
    objective
        What a future is worth; by default what the plans state, or else five times closing ARR plus
        cash.
    groups
        By name: inputs that would become known together. A path may be that of a table, which
        stands for all uncertain inputs in it.

    Returns
    -------
    Dataset
        In currency: ``evpi``, the value of knowing every input, and its ``evpi_error``. By
        ``input``: ``evppi``, the value of knowing it alone; ``evppi_error``, its standard error;
        ``evppi_null`` and ``evppi_null_high``, what useless inputs get on average and in 95 % of
        permutations at most; ``evppi_largest_high``, what the largest of as many useless inputs
        gets at most in 95 %; ``evppi_held_out`` with its error, the gain of choosing by the
        regression in draws that it has not seen, which is too low if anything. By ``group`` the
        same as ``group_evppi`` and so on.

    Raises
    ------
    ResultsError
        If the results do not belong together.
    AnalysisError
        If there are fewer than two plans, too few draws, or no such input.
    """
    together = aligned(results)
    objective = objective or objective_in(results) or STANDARD
    worth = np.array([objective_of(one, objective) for one in together])
    evpi = decision.decide(worth).information.evpi
    told = {"long_name": "Value of perfect information"}, {"long_name": "Its standard error"}
    perfect = xr.Dataset(
        {
            "evpi": xr.Variable((), evpi.value, told[0]),
            "evpi_error": xr.Variable((), evpi.error, told[1]),
        }
    )
    return xr.merge([perfect, partial_information(together, worth, groups)])


def partial_information(
    together: Sequence[xr.Dataset],
    worth: Sample,
    groups: Mapping[str, Collection[str]] | None = None,
) -> xr.Dataset:
    """Value of knowing each uncertain input of any plan, and each group of them.

    Parameters
    ----------
    together
        Results of `aligned`.
    worth
        Value of each future, shape (plans, draws, replications).
    groups
        As in `value_of_information`.

    Raises
    ------
    AnalysisError
        If there are too few draws, or no such input.
    """
    columns = _inputs(together)
    named = groups or {}
    members = [positions_of(name, paths, list(columns)) for name, paths in named.items()]
    found: _Found = ()
    if columns:
        asked = [*([n] for n in range(len(columns))), *members]
        values = np.stack(list(columns.values()), axis=1)
        found = voi.value_of_information(worth, values, asked)
    return labelled(list(columns), list(named), found)


def labelled(inputs: Sequence[str], groups: Sequence[str], found: _Found) -> xr.Dataset:
    """Label what was found, first of each input and then of each group."""
    alone, together = found[: len(inputs)], found[len(inputs) :]
    return xr.Dataset(
        {**_variables("input", "evppi", alone), **_variables("group", "group_evppi", together)},
        {"input": list(inputs), "group": list(groups)},
    )


def _variables(dim: str, prefix: str, found: _Found) -> dict[str, xr.Variable]:
    return {
        prefix if name == "evppi" else f"{prefix}_{name}": xr.Variable(
            dim, np.array([getattr(one, name) for one in found], float), {"long_name": text}
        )
        for name, text in _FIGURES.items()
    }


def check_groups(
    groups: Mapping[str, Collection[str]], plans: Sequence[Plan], seed: int, draws: int
) -> None:
    """Make sure of groups of inputs before anything is simulated.

    Parameters
    ----------
    groups
        As in `value_of_information`.
    plans
        In which the inputs are.
    seed, draws
        With which the plans will be simulated.

    Raises
    ------
    AnalysisError
        If a path leads to no uncertain input, or there are too few draws for a group.
    """
    columns: dict[str, Sample] = {}
    for plan in plans:
        columns = {**drawn_inputs(plan, seed, draws), **columns}
    inputs, drawn = list(columns), list(columns.values())
    for name, paths in groups.items():
        members = (drawn[n] for n in positions_of(name, paths, inputs))
        together = [values for values in members if np.ptp(values) > 0.0]
        if together:
            try:
                voi.check_draws(np.stack(together, axis=1))
            except AnalysisError as error:
                raise AnalysisError(f"group {name}: {error}") from error


def drawn_inputs(plan: Plan, seed: int, draws: int) -> dict[str, Sample]:
    """Values of a plan's uncertain inputs by path, each of shape (draws,)."""
    paths = (given.path for given in plan.inputs)
    return dict(zip(paths, draw_inputs(plan, seed, range(draws)).T, strict=True))


def positions_of(group: str, paths: Collection[str], inputs: Sequence[str]) -> list[int]:
    """Find the uncertain inputs of a group, in order.

    Parameters
    ----------
    group
        Its name.
    paths
        Of inputs, or of tables with inputs in them.
    inputs
        Paths of all inputs.

    Raises
    ------
    AnalysisError
        If a path leads to no uncertain input.
    """
    found: set[int] = set()
    for path in paths:
        inside = set(_inside(path, inputs))
        if not inside:
            hint = nearest(path, inputs, "uncertain inputs")
            raise AnalysisError(f"group {group}: {path} is no uncertain input. {hint}")
        found |= inside
    return sorted(found)


def _inside(path: str, inputs: Sequence[str]) -> Iterator[int]:
    return (n for n, one in enumerate(inputs) if one == path or one.startswith(f"{path}."))


def _inputs(together: Sequence[xr.Dataset]) -> dict[str, Sample]:
    """Values of each input that varies, by path, from the first plan that has it."""
    columns: dict[str, Sample] = {}
    for one in together:
        inputs = one["inputs"].transpose("input", "draw").to_numpy()
        for path, values in zip(map(str, one["input"].to_numpy()), inputs, strict=True):
            if path not in columns and np.ptp(values) > 0.0:
                columns[path] = values
    return columns
