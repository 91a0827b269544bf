"""How much money a plan needs, when it is lowest, and how late new money may come."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from gtmsim.metrics import formulas
from gtmsim.results.dataset import convert_units
from gtmsim.scenario import Scenario
from gtmsim.statistics import error
from gtmsim.statistics.error import LEVEL, Estimate, Sample

UNLIMITED = 1e12
"""Opening cash with which no plan runs out, in currency; exact to the cent."""

CASH = "company.cash"
SURVIVALS = (0.9, 0.95)


def without_limit(scenario: Scenario) -> Scenario:
    """Scenario with opening cash of `UNLIMITED`.

    Parameters
    ----------
    scenario
        A checked Scenario. An opening cash that is correlated with other inputs no longer is: they
        keep their distributions.
    """
    company = scenario.company.model_copy(update={"cash": UNLIMITED})
    others = tuple(one for one in scenario.correlations if CASH not in one.between)
    return scenario.model_copy(update={"company": company, "correlations": others})


def funding(
    unlimited: xr.Dataset, results: xr.Dataset, survivals: Sequence[float] = SURVIVALS
) -> xr.Dataset:
    """Capital, trough and latest safe month of a plan.

    Parameters
    ----------
    unlimited
        Results of the plan with ``company.cash`` of `UNLIMITED`: the path of cash that the plan
        would take if nobody stopped it. Its low-cash policy never acts.
    results
        Results of the plan as it is; may hold more draws.
    survivals
        Shares of futures that should not run out of cash.

    Returns
    -------
    Dataset
        Dims ([survival,] bound): ``capital``, opening cash with which that share of futures never
        runs out, beside the rounds that the plan has (currency); ``safe_month``, last month by
        whose end new money must have come, infinite if none is needed; ``trough_month``, month of
        the lowest cash in the median future.
    """
    path = _cash(unlimited)
    opening = _opening(unlimited)[..., None]
    spent = np.maximum(opening - path, 0.0)
    shape = path.shape[:2]
    planned = _opening(results)[: shape[0], : shape[1], None]
    first_below = formulas.first_month(path - opening + planned < 0.0)
    capital = [error.quantile(spent.max(-1), share, LEVEL) for share in survivals]
    dry = [error.quantile(first_below, 1.0 - share, LEVEL) for share in survivals]
    trough = error.quantile(path.argmin(-1) + 1.0, 0.5, LEVEL)
    currency = str(results.attrs["currency"])
    told = {"long_name": "Opening cash with which the plan survives", "units": currency}
    safe = {"long_name": "Last month in which new money comes in time", "units": "month"}
    lowest = {"long_name": "Month of the lowest cash, median future", "units": "month"}
    return xr.Dataset(
        {
            "capital": (("survival", "bound"), np.array(capital), told),
            "safe_month": (("survival", "bound"), np.array(dry) - 1.0, safe),
            "trough_month": ("bound", np.array(trough), lowest),
        },
        {"survival": list(survivals), "bound": list(Estimate._fields)},
    )


def _cash(results: xr.Dataset) -> Sample:
    values = convert_units(results["cash"]).transpose("draw", "replication", "month")
    return np.asarray(values, np.float64)


def _opening(results: xr.Dataset) -> Sample:
    values = convert_units(results["opening_cash"]).transpose("draw", "replication")
    return np.asarray(values, np.float64)
