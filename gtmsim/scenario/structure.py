"""What may stand where: the models behind a path, for suggestions and plain words."""

from collections.abc import Iterator, Mapping, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from gtmsim.scenario.kinds import Kind
from gtmsim.scenario.models import Scenario
from gtmsim.scenario.places import Path
from gtmsim.scenario.quantities import Quantity
from gtmsim.words import closest

Model = type[BaseModel]

_IN_ITS_UNIT = frozenset({"p10", "p50", "p90", "median", "mean", "mode", "min", "max"})
"""Parameters of a distribution that are in the unit of the quantity."""


def model_at(path: Path) -> Model | None:
    """Model of the table at a path; None where a table has names or quantities."""
    annotation: Any = Scenario
    for part in path:
        annotation = _inside(annotation, part)
    return _model_of(annotation)


def named_model_at(path: Path) -> Model | None:
    """Model of the tables by name that a path holds, such as ``Segment`` at ``segments``."""
    return model_at((*path, "*"))


def kind_at(path: Path) -> Kind | None:
    """Kind of the number at a path; None where there is none, or one of another unit.

    The quantiles, mean and bounds of a distribution, and values by company stage, are of the kind
    of the quantity that they describe.
    """
    annotation: Any = Scenario
    metadata: Sequence[Any] = ()
    for n, part in enumerate(path):
        quantity = _quantity_in(annotation, metadata)
        if quantity is not None:
            below = path[n + 1 :] if quantity.by_stage else path[n:]
            is_of_it = all(name in _IN_ITS_UNIT for name in below)
            return quantity.kind if is_of_it else None
        model = _model_of(annotation)
        field = model.model_fields.get(str(part)) if model else None
        annotation = field.annotation if field else _inside(annotation, part)
        metadata = field.metadata if field else ()
    quantity = _quantity_in(annotation, metadata)
    return None if quantity is None else quantity.kind


def _quantity_in(annotation: Any, metadata: Sequence[Any]) -> Quantity | None:
    found = [item for item in metadata if isinstance(item, Quantity)]
    if get_origin(annotation) is Annotated:
        found += [item for item in get_args(annotation)[1:] if isinstance(item, Quantity)]
    elif get_origin(annotation) in (Union, UnionType):
        found += filter(None, (_quantity_in(option, ()) for option in get_args(annotation)))
    return found[0] if found else None


def suggestion(key: str, path: Path) -> str:
    """Guess what an unknown ``key`` of the table at ``path`` was meant to be."""
    model = model_at(path)
    if model is None:
        return ""
    if key == "extends":
        return "`extends` stands at the top of the file, above the first [table]."
    if belongs := next(_homes(key, path, model), ""):
        return f"`{key}` belongs in {belongs}."
    if near := closest(key, list(model.model_fields)):
        return f"Did you mean `{near}`?"
    return f"Known here: {', '.join(model.model_fields)}."


def _homes(key: str, path: Path, model: Model) -> Iterator[str]:
    """Tables one level up or down that know the key."""
    for n_up in (1, 2):
        outer = path[: len(path) - n_up]
        above = model_at(outer) if len(path) >= n_up else None
        if above is not None and key in above.model_fields:
            yield f"[{'.'.join(map(str, outer))}]" if outer else "the file's top level"
    for name in model.model_fields:
        below = (*path, name)
        inner, named = model_at(below), named_model_at(below)
        if inner is not None and key in inner.model_fields:
            yield f"[{'.'.join(map(str, below))}]"
        elif inner is None and named is not None and key in named.model_fields:
            yield f"[{'.'.join(map(str, below))}.<name>]"


def _inside(annotation: Any, part: str | int) -> Any:
    model = _model_of(annotation)
    if model is not None:
        field = model.model_fields.get(str(part))
        return None if field is None else field.annotation
    for option in options_of(annotation):
        origin, arguments = get_origin(option), get_args(option)
        if origin in (dict, Mapping):
            return arguments[1]
        if origin is tuple:
            return arguments[0]
    return None


def _model_of(annotation: Any) -> Model | None:
    models = (o for o in options_of(annotation) if isinstance(o, type) and issubclass(o, BaseModel))
    return next(models, None)


def options_of(annotation: Any) -> Iterator[Any]:
    """Types that an annotation allows, without what they are wrapped in."""
    if get_origin(annotation) is Annotated:
        yield from options_of(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, UnionType):
        for argument in get_args(annotation):
            yield from options_of(argument)
    elif annotation is not NoneType:
        yield annotation
