"""A Scenario as TOML: what was simulated, in one file, whatever files it came from."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

import tomlkit
from pydantic import BaseModel

from gtmsim.scenario.distributions import Distribution
from gtmsim.scenario.models import Scenario


def scenario_text(scenario: Scenario) -> str:
    """Write a Scenario as TOML; reading it gives an equal Scenario.

    Parameters
    ----------
    scenario
        The Scenario. What it leaves to the defaults is left out.
    """
    return tomlkit.dumps(_plain(scenario))


def _plain(value: Any) -> Any:
    if isinstance(value, Distribution):
        return _distribution(value)
    if isinstance(value, BaseModel):
        given = {name: getattr(value, name) for name in _given_fields(value)}
        return _plain({name: item for name, item in given.items() if item is not None})
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


def _given_fields(model: BaseModel) -> list[str]:
    return [name for name in type(model).model_fields if name in model.model_fields_set]


def _distribution(distribution: Distribution) -> tomlkit.items.InlineTable:
    table = tomlkit.inline_table()
    table["family"] = distribution.family
    for name, parameter in distribution.parameters:
        table[name] = _plain(parameter)
    for name, bound in (("min", distribution.low), ("max", distribution.high)):
        if isfinite(bound):
            table[name] = bound
    return table
