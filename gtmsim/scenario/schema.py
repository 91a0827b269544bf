"""The JSON Schema of a scenario file, for editors.

It is wider than the models in two ways, because a file may extend another: no key but the
top-level tables of a file without ``extends`` is required, and every key may be ``"unset"``.
"""

import json
import re
from collections.abc import Mapping
from math import inf
from typing import Any

from gtmsim.scenario import kinds
from gtmsim.scenario.distributions import (
    CHOICES,
    FAMILIES,
    PARAMETERS,
    PLAIN_FORMS,
    WEIGHTS,
    parameter_kind,
)
from gtmsim.scenario.document import EXTENDS
from gtmsim.scenario.entries import UNSET
from gtmsim.scenario.kinds import Kind
from gtmsim.scenario.literals import literal_pattern
from gtmsim.scenario.models import Scenario
from gtmsim.scenario.quantities import NAME_PATTERN, QUANTITY_KEY, Quantity

Schema = dict[str, Any]

_DIALECT = "http://json-schema.org/draft-07/schema#"  # the newest that TOML editors understand
_REFERENCE = re.compile(r"#/definitions/(\w+)")
_FORM = "distribution"
_NAMES = {kind: name.lower() for name, kind in vars(kinds).items() if isinstance(kind, Kind)}


def scenario_schema() -> Schema:
    """Make the JSON Schema of a scenario file."""
    raw = Scenario.model_json_schema()
    tables = {name: _table(table) for name, table in raw["$defs"].items()}
    root = _table(raw)
    paths = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
    about = "Scenario files that this one changes: their tables merge with its own."
    definitions = {**tables, **_number_definitions()}
    return {
        "$schema": _DIALECT,
        "title": "gtmsim scenario",
        **root,
        "properties": {EXTENDS: {"description": about, **paths}, **root["properties"]},
        "if": {"not": {"required": [EXTENDS]}},
        "then": {"required": raw["required"]},
        "definitions": {name: definitions[name] for name in _reached(root, definitions)},
    }


def schema_text() -> str:
    """Write the JSON Schema as the text of its file."""
    return json.dumps(scenario_schema(), indent=1, ensure_ascii=False) + "\n"


# Tables


def _table(raw: Mapping[str, Any]) -> Schema:
    required = raw.get("required", ())
    properties = {
        key: _property(value, key in required) for key, value in raw["properties"].items()
    }
    return {
        "type": "object",
        "description": _one_line(raw.get("description", "")),
        "additionalProperties": False,
        "properties": properties,
    }


def _property(raw: Mapping[str, Any], required: bool) -> Schema:
    about = _one_line(raw.get("description", "")) + (" Required." if required else "")
    written: Schema = {"description": about, "anyOf": [*_options(raw), {"const": UNSET}]}
    default = raw.get("default")
    if default is not None and not isinstance(default, dict | list):
        written["default"] = default
    return written


def _options(raw: Mapping[str, Any]) -> list[Schema]:
    """Forms that a value may have."""
    for key in ("anyOf", "oneOf"):
        if key in raw:
            return [option for each in raw[key] for option in _options(each)]
    if raw.get("type") == "null":
        return []
    if QUANTITY_KEY in raw:
        return _quantity(raw[QUANTITY_KEY])
    if "$ref" in raw:
        return [_reference(raw["$ref"].rpartition("/")[2])]
    return [_plain(raw)]


def _plain(raw: Mapping[str, Any]) -> Schema:
    kept = {k: v for k, v in raw.items() if k not in ("title", "description", "default")}
    if "items" in kept:
        kept["items"] = _one_of(_options(kept["items"]))
    if "patternProperties" in kept:
        kept["patternProperties"] = {
            pattern: {"anyOf": [*_options(value), {"const": UNSET}]}
            for pattern, value in kept["patternProperties"].items()
        }
        kept["additionalProperties"] = False
    return kept


# Numbers


def _quantity(quantity: Quantity) -> list[Schema]:
    kind = quantity.kind
    if kind not in _NAMES:  # a whole number with its own bounds
        return _number_options(kind)
    options = [_reference(_NAMES[kind])]
    if quantity.uncertain:
        options.append(_reference(_distribution_name(kind, quantity.varies)))
    if quantity.by_stage:
        by_stage = {NAME_PATTERN: {"anyOf": [*options, {"const": UNSET}]}}
        options.append(
            {"type": "object", "patternProperties": by_stage, "additionalProperties": False}
        )
    return options


def _number_definitions() -> Schema:
    numbers = {
        name: {
            "description": f"{kind.name}, such as {kind.example}",
            "anyOf": _number_options(kind),
        }
        for kind, name in _NAMES.items()
    }
    distributions = {
        _distribution_name(kind, varies): _distribution(kind, varies)
        for kind in _NAMES
        for varies in (False, True)
        if not kind.whole
    }
    spreads = {
        _spread_name(kind): {"anyOf": _number_options(parameter_kind("sd", kind))}
        for kind in _NAMES
    }
    own = sorted({form for family in FAMILIES.values() for form in family.forms})
    forms = [*PLAIN_FORMS, (CHOICES,), *(("family", *form) for form in own)]
    stated = {
        "description": "Quantiles, moments, a family with its parameters, or choices.",
        "anyOf": [{"required": list(form)} for form in forms],
    }
    return {**numbers, **spreads, _FORM: stated, **distributions}


def _number_options(kind: Kind) -> list[Schema]:
    bounds: Schema = {}
    if kind.low > -inf:
        bounds["exclusiveMinimum" if kind.above_low else "minimum"] = _short(kind.low)
    if kind.top < inf:
        bounds["maximum"] = _short(kind.top)
    number = {"type": "integer" if kind.whole else "number", **bounds}
    return [number, {"type": "string", "pattern": literal_pattern(kind)}]


def _distribution(kind: Kind, varies: bool) -> Schema:
    about = (
        "Variability: drawn per customer, deal or event."
        if varies
        else "An uncertain input: drawn once per draw."
    )
    return {
        "type": "object",
        "description": about,
        "additionalProperties": False,
        "properties": {
            "family": {"enum": list(FAMILIES), "description": "Family, if not the usual one."},
            **{name: _parameter(name, kind, varies) for name in sorted(PARAMETERS)},
            "min": _reference(_NAMES[kind]),
            "max": _reference(_NAMES[kind]),
            **({} if varies else _choices(kind)),
        },
        "allOf": [_reference(_FORM)],
    }


def _choices(kind: Kind) -> Schema:
    about = {
        CHOICES: "One of these numbers, in place of quantiles, moments or a family.",
        WEIGHTS: "How likely each choice is, relative to the others; by default all alike.",
    }
    items = {CHOICES: _reference(_NAMES[kind]), WEIGHTS: _reference(_NAMES[kinds.WEIGHT])}
    return {
        key: {"description": about[key], "type": "array", "items": items[key], "minItems": 1}
        for key in about
    }


def _parameter(name: str, kind: Kind, varies: bool) -> Schema:
    own = parameter_kind(name, kind)
    options = [_reference(_NAMES.get(own, _spread_name(kind)))]
    if varies:  # the uncertainty of a spread is written as that of the quantity
        options = [*options, _reference(_distribution_name(own if own in _NAMES else kind, False))]
    return _one_of(options)


def _spread_name(kind: Kind) -> str:
    return f"{_NAMES[kind]}_spread"


def _reached(schema: Schema, definitions: Schema) -> list[str]:
    """Names of the definitions that a schema leads to, in their order."""
    waiting, reached = [schema], set[str]()
    while waiting:
        text = json.dumps(waiting.pop())
        new = set(_REFERENCE.findall(text)) - reached
        reached |= new
        waiting += [definitions[name] for name in new]
    return [name for name in definitions if name in reached]


def _distribution_name(kind: Kind, varies: bool) -> str:
    return f"{'varying' if varies else 'uncertain'}_{_NAMES[kind]}"


def _reference(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _one_of(options: list[Schema]) -> Schema:
    return options[0] if len(options) == 1 else {"anyOf": options}


def _short(number: float) -> float:
    return int(number) if number == int(number) else number


def _one_line(text: str) -> str:
    return " ".join(text.split())
