"""A Scenario as TOML: what was simulated, in one file, whatever files it came from."""

from collections.abc import Mapping
from hashlib import sha256
from math import isfinite
from typing import Any

from pydantic import BaseModel

from gtmsim.scenario.distributions import CHOICES, WEIGHTS, Distribution
from gtmsim.scenario.dump import to_toml
from gtmsim.scenario.models import Scenario


def scenario_text(scenario: Scenario) -> str:
    """Write a Scenario as TOML; reading it gives an equal Scenario.

    Parameters
    ----------
    scenario
        The Scenario. What it leaves to the defaults is left out; a distribution names its family.
    """
    return to_toml(_plain(scenario))


def scenario_hash(text: str) -> str:
    """Hash of what a scenario says, by which results of the same plan are known.

    Parameters
    ----------
    text
        From `scenario_text`: the same whatever files, comments, units and overrides the scenario
        was read from. The order of tables counts, because rows of the results follow it.

    Returns
    -------
    str
        SHA-256 in 64 hexadecimal digits.
    """
    return sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Distribution):
        return _distribution(value)
    if isinstance(value, BaseModel):
        return _plain({name: getattr(value, name) for name in _given(value)})
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


def _given(model: BaseModel) -> list[str]:
    """Fields that were given; what is None cannot be written and is the default."""
    names = [name for name in type(model).model_fields if name in model.model_fields_set]
    return [name for name in names if getattr(model, name) is not None]


def _distribution(distribution: Distribution) -> dict[str, Any]:
    if distribution.choices:
        return _choices(distribution)
    bounds = {"min": distribution.low, "max": distribution.high}
    return {
        "family": distribution.family,
        **{name: _plain(parameter) for name, parameter in distribution.parameters},
        **{name: bound for name, bound in bounds.items() if isfinite(bound)},
    }


def _choices(distribution: Distribution) -> dict[str, Any]:
    said = {CHOICES: list(distribution.choices)}
    alike = all(weight == 1.0 for weight in distribution.weights)
    return said if alike else {**said, WEIGHTS: list(distribution.weights)}
