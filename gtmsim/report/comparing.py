"""All that was found out about plans on the same luck, before it is told."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from gtmsim.report.objective import objective_text
from gtmsim.results.differences import Change
from gtmsim.scenario.models import Objective


class Comparison(NamedTuple):
    """All that was found out about plans on the same luck.

    Attributes
    ----------
    compared
        Of ``gtmsim.analysis.comparing.compare``.
    results
        The results that were compared, by name, the first the one to compare with.
    objective
        What a future is worth.
    is_stated
        Whether a scenario states the objective.
    funds
        Of ``gtmsim.analysis.funding.funding``, by name; may be empty.
    changed
        What differs from the first plan, by name.
    walked
        Of ``gtmsim.analysis.walking.walk``, if it was asked for.
    tripped
        Of ``gtmsim.analysis.tripwires.tripwires``: what tells early that the best plan but one
        would have been worth more than the best; None where nothing can be told.
    command
        Words that make the page again.
    stated_by
        Files of the plans that state the objective, where others state none and get it too.
    """

    compared: xr.Dataset
    results: Mapping[str, xr.Dataset]
    objective: Objective
    is_stated: bool
    funds: Mapping[str, xr.Dataset]
    changed: Mapping[str, Sequence[Change]]
    walked: xr.Dataset | None = None
    tripped: xr.Dataset | None = None
    command: tuple[str, ...] = ()
    stated_by: tuple[str, ...] = ()


def worth_text(made: Comparison, currency: str) -> str:
    """Say what a future is worth, and who says so."""
    return objective_text(made.objective, currency, made.is_stated, made.stated_by)


def ranked(compared: xr.Dataset) -> list[str]:
    """Names of plans, the one that is worth most on average first."""
    expected = compared["expected"].sel(bound="value").to_numpy()
    return [str(compared["option"].values[n]) for n in np.argsort(-expected, kind="stable")]
