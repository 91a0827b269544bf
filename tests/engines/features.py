"""What a scenario may say, read off its models, and what one scenario does say."""

from collections.abc import Iterator
from functools import cache
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from gtmsim.scenario.distributions import CHOICES, FAMILIES, Distribution
from gtmsim.scenario.models import Header, Scenario
from gtmsim.scenario.quantities import Quantity

WORDS = {f"{Header.__name__}.{name}" for name in ("name", "question", "start", "currency")}
"""What no engine reads."""


def features_of(scenario: BaseModel) -> set[str]:
    """Features that a scenario uses: fields off their default, options, kinds of numbers."""
    return set(_used(scenario)) & all_features()


@cache
def all_features() -> frozenset[str]:
    """Every feature of the scenario's models."""
    families = {f"family {name}" for name in (*FAMILIES, CHOICES)}
    return frozenset(set(_known(Scenario, set())) - WORDS | families)


def _used(model: BaseModel) -> Iterator[str]:
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        feature = f"{type(model).__name__}.{name}"
        if any(value in _literals(part) for part in _parts(field.annotation)):
            yield f"{feature} = {value}"
        if field.is_required() or value != field.get_default():
            yield feature
            yield from _in_value(feature, value)


def _in_value(feature: str, value: Any) -> Iterator[str]:
    if isinstance(value, BaseModel):
        yield from _used(value)
    elif isinstance(value, Distribution):
        yield f"{feature} distributed"
        yield f"family {value.family}"
    elif isinstance(value, dict | tuple):
        elements = value.values() if isinstance(value, dict) else value
        for element in elements:
            if isinstance(value, dict) and isinstance(element, float | Distribution):
                yield f"{feature} by name"
            yield from _in_value(feature, element)


def _known(model: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[str]:
    if model in seen:
        return
    seen.add(model)
    for name, field in model.model_fields.items():
        feature = f"{model.__name__}.{name}"
        yield feature
        for part in [*field.metadata, *_parts(field.annotation)]:
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from _known(part, seen)
            if isinstance(part, Quantity) and part.uncertain:
                yield f"{feature} distributed"
            if isinstance(part, Quantity) and part.by_stage:
                yield f"{feature} by name"
            yield from (f"{feature} = {option}" for option in _literals(part))


def _parts(annotation: Any) -> Iterator[Any]:
    """An annotation and everything inside it, what annotates it included."""
    yield annotation
    if get_origin(annotation) is not Literal:
        for part in get_args(annotation):
            yield from _parts(part)


def _literals(part: Any) -> tuple[Any, ...]:
    return get_args(part) if get_origin(part) is Literal else ()
