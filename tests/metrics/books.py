"""Small results that tests write by hand: every variable is there, zero unless given."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from gtmsim.results.layout import VARIABLES
from gtmsim.vocabulary import years_begun

SEGMENTS = ("smb", "enterprise")
CHANNELS = ("content", "ads", "opening")
TEAMS = ("ae", "csm")
STAGES = ("pre_pmf", "early_growth", "scaling", "mature")
SCENARIO = """
[segments.smb]
acv = { median = "2k", p90 = "5k" }
[segments.enterprise]
acv = 120_000
"""
"""What the verdicts on the segments read of the scenario."""
CLOSING_TEAM = {"enterprise": "ae"}
FUNNEL = ("smb.signup", "enterprise.demo")


def results(
    months: int,
    draws: int = 1,
    replications: int = 1,
    segments: Sequence[str] = SEGMENTS,
    **given: Any,
) -> xr.Dataset:
    """Results whose variables are zero but for ``given`` ones.

    A given array broadcasts to (draw, replication, *dims of the variable); it may have fewer axes,
    which are then the last ones. Amounts are in minor units, as stored.
    """
    labels = {
        "month": range(1, months + 1),
        "segment": segments,
        "channel": CHANNELS,
        "funnel_stage": FUNNEL,
        "team": TEAMS,
        "tier": ("all",),
        "cohort": range(1 + years_begun(months)),
        "stage": STAGES,
        "draw": range(draws),
        "replication": range(replications),
    }
    variables = {}
    for variable in VARIABLES:
        dims = ("draw", "replication", *variable.dims)
        shape = tuple(len(labels[dim]) for dim in dims)
        values = np.broadcast_to(np.asarray(given.pop(variable.name, 0), np.int64), shape)
        attributes = {
            "long_name": variable.account.long_name,
            "units": variable.storage.units.format(currency="USD"),
        }
        variables[variable.name] = (dims, values, attributes)
    assert not given, f"no such variables: {sorted(given)}"
    coordinates: dict[str, Any] = {dim: list(along) for dim, along in labels.items()}
    closers = [CLOSING_TEAM.get(segment, "") for segment in segments]
    coordinates["closing_team"] = ("segment", np.array(closers, np.str_))
    return xr.Dataset(
        variables, coordinates, {"currency": "USD", "title": "Test", "scenario": SCENARIO}
    )


def values(array: xr.DataArray, **where: Any) -> list[float]:
    """Plain numbers of the first replication (or of the place asked for)."""
    first = {dim: 0 for dim in ("draw", "replication") if dim in array.dims}
    chosen = array.isel(first).sel(where) if where else array.isel(first)
    return chosen.to_numpy().tolist()
