"""What the plans of a comparison state together: the objective that they are judged by."""

import tomllib
from collections.abc import Mapping

import xarray as xr

from gtmsim.errors import ResultsError
from gtmsim.scenario.models import Objective


def common_objective(stated: Mapping[str, Objective | None]) -> Objective | None:
    """Objective that plans state, if any does.

    Parameters
    ----------
    stated
        By name of the plan; None where it states none.

    Raises
    ------
    ResultsError
        If they state different ones.
    """
    some = {name: objective for name, objective in stated.items() if objective is not None}
    objectives = [*some.values()]
    if any(objective != objectives[0] for objective in objectives):
        raise ResultsError(
            f"{' and '.join(some)} state different objectives: give all the same [objective]"
        )
    return objectives[0] if objectives else None


def objective_in(results: Mapping[str, xr.Dataset]) -> Objective | None:
    """Objective that the scenarios of results state, if any does.

    Raises
    ------
    ResultsError
        If they state different ones.
    """
    return common_objective({name: _stated(one) for name, one in results.items()})


def _stated(results: xr.Dataset) -> Objective | None:
    table = tomllib.loads(str(results.attrs.get("scenario", ""))).get("objective")
    return None if table is None else Objective.model_validate(table)
