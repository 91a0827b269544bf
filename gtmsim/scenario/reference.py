"""The reference of a scenario file's keys as Markdown, written from the models themselves."""

from collections.abc import Iterator, Mapping
from datetime import date
from importlib.resources import files
from math import inf
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from gtmsim.scenario.distributions import FAMILIES, Distribution
from gtmsim.scenario.kinds import Kind
from gtmsim.scenario.models import Scenario
from gtmsim.scenario.quantities import ExpectationText, Name, Quantity
from gtmsim.scenario.structure import options_of

Model = type[BaseModel]

_BAR = "\\|"
_TABLES = "<!-- tables -->\n"
_FAMILIES = "<!-- families -->\n"


class Section(NamedTuple):
    """A table of the scenario file, and every place where it may stand."""

    model: Model
    paths: tuple[str, ...]


def reference_text() -> str:
    """Write the page: what a file may hold, in words, then table by table."""
    words = files("gtmsim.scenario").joinpath("reference.md").read_text(encoding="utf-8")
    tables = "\n".join(line for section in sections() for line in _section(section))
    return words.replace(_FAMILIES, "\n".join(_families()) + "\n").replace(_TABLES, tables)


def sections() -> list[Section]:
    """Every table, in the order of the models; one that stands in several places is told once."""
    found: dict[Model, list[str]] = {}
    _collect(Scenario, "", found)
    return [Section(model, tuple(paths)) for model, paths in found.items() if model is not Scenario]


def _collect(model: Model, path: str, found: dict[Model, list[str]]) -> None:
    found.setdefault(model, []).append(path)
    for key, field in model.model_fields.items():
        for inner, shape in _models_in(field.annotation):
            below = shape.format(f"{path}.{key}" if path else key)
            _collect(inner, below, found)


def _models_in(annotation: Any) -> Iterator[tuple[Model, str]]:
    """Tables that a key may hold, and how their paths are written."""
    for option in options_of(annotation):
        origin, arguments = get_origin(option), get_args(option)
        if isinstance(option, type) and issubclass(option, BaseModel):
            yield option, "{}"
        elif origin is tuple:
            yield from ((inner, "{}[]") for inner, _ in _models_in(arguments[0]))
        elif origin in (dict, Mapping):
            yield from ((inner, "{}.<name>") for inner, _ in _models_in(arguments[1]))


# Markdown


def _section(section: Section) -> Iterator[str]:
    first, *others = section.paths
    yield f"### `{_header(first)}`\n"
    also = f" Also `{'`, `'.join(map(_header, others))}`." if others else ""
    yield f"{_words(section.model.__doc__ or '')}{also}\n"
    yield "| key | takes | default | meaning |"
    yield "| --- | --- | --- | --- |"
    for key, field in section.model.model_fields.items():
        cells = (f"`{key}`", _takes(field), _default(field), _words(field.description or ""))
        yield f"| {' | '.join(cell.replace('|', _BAR) for cell in cells)} |"
    yield ""


def _header(path: str) -> str:
    return f"[[{path.removesuffix('[]')}]]" if path.endswith("[]") else f"[{path}]"


def _words(text: str) -> str:
    """Text of a docstring on one line, with the code in it as Markdown writes it."""
    return " ".join(text.split()).replace("``", "`")


def _default(field: FieldInfo) -> str:
    """Write the default as TOML; a table's own defaults are told where it is."""
    value = field.default
    if field.is_required():
        return "required"
    if value is None or isinstance(value, BaseModel | Mapping) or value == ():
        return ""
    if isinstance(value, Distribution):
        inside = ", ".join(f"{name} = {number:g}" for name, number in value.parameters)
        return f'`{{ family = "{value.family}", {inside} }}`'
    return f"`{_toml(value)}`"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else f"{value:g}"


def _takes(field: FieldInfo) -> str:
    annotation: Any = field.annotation
    for item in reversed(field.metadata):
        annotation = Annotated[annotation, item]
    return " or ".join(dict.fromkeys(_forms(annotation)))


def _forms(annotation: Any) -> Iterator[str]:
    """Forms that a value may have, in words."""
    if quantity := _quantity(annotation):
        yield _number(quantity)
        return
    if annotation in _PLAIN:
        yield _PLAIN[annotation]
        return
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from _forms(arguments[0])
    elif origin in (Union, UnionType):
        for argument in arguments:
            yield from _forms(argument)
    elif origin is Literal:
        yield ", ".join(f'`"{choice}"`' for choice in arguments)
    elif origin is tuple:
        yield from (f"array: {form}" for form in _forms(arguments[0]))
    elif origin in (dict, Mapping):
        yield from (f"by name: {form}" for form in _forms(arguments[1]))
    elif annotation is not NoneType:
        yield "table"


_PLAIN: Mapping[Any, str] = {
    Name: "name",
    ExpectationText: "[expectation](expressions.md)",
    str: "text",
    bool: "true or false",
    date: "date",
}


def _quantity(annotation: Any) -> Quantity | None:
    """Quantity that an annotation is of, if it is a number's."""
    if get_origin(annotation) is not Annotated:
        return None
    marks = get_args(annotation)[1:]
    own = next((mark for mark in marks if isinstance(mark, Quantity)), None)
    return own or _quantity(get_args(annotation)[0])


def _number(quantity: Quantity) -> str:
    kind = quantity.kind
    how = [
        *(["varies"] if quantity.varies else ["may be uncertain"] if quantity.uncertain else []),
        *(["may differ by stage"] if quantity.by_stage else []),
    ]
    return f"{_noun(kind)} ({', '.join(how)})" if how else _noun(kind)


def _noun(kind: Kind) -> str:
    noun = kind.name.removeprefix("a ").removeprefix("an ")
    span = (kind.low, kind.top)
    if kind.whole and kind.high < inf:
        return f"{noun}, {span[0]:g} to {span[1]:g}"
    return noun


def _families() -> Iterator[str]:
    yield "| family | its own parameters | also by |"
    yield "| --- | --- | --- |"
    for name, family in FAMILIES.items():
        own, plain = (
            " or ".join(f"`{', '.join(form)}`" for form in forms)
            for forms in (family.own, family.plain)
        )
        yield f"| `{name}` | {own} | {plain} |"
