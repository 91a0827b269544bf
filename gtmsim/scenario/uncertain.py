"""Where a scenario is uncertain: the paths of its inputs."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from gtmsim.scenario.distributions import Distribution
from gtmsim.scenario.models import Scenario


def uncertain_inputs(scenario: Scenario) -> dict[str, Distribution]:
    """Distributions of what is not known, by dotted path, in the order of the scenario's tables."""
    return {
        path: value
        for path, value in _numbers(scenario, ())
        if isinstance(value, Distribution) and not value.varies
    }


def numbers_of(scenario: Scenario) -> dict[str, Any]:
    """Every number and distribution by dotted path, variability and its parameters too."""
    return dict(_numbers(scenario, ()))


def _numbers(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield ".".join(path), value
    elif isinstance(value, Distribution):
        yield ".".join(path), value
        if value.varies:
            for name, parameter in value.parameters:
                yield from _numbers(parameter, (*path, name))
    else:
        for key, child in _children(value):
            yield from _numbers(child, (*path, str(key)))


def _children(value: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, BaseModel):
        yield from ((name, getattr(value, name)) for name in type(value).model_fields)
    elif isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, tuple):
        yield from enumerate(value)
