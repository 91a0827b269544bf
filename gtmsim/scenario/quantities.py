"""Types of the scenario's numbers and names, for annotations of the models.

A plain type takes a number, a literal, or a distribution's table: an *uncertain input*, drawn once
per draw. A ``Varying`` type takes the same, but the table means *variability*: drawn per customer,
deal or event, and its parameters may be uncertain inputs themselves. A ``...ByStage`` type takes a
plain value, or a table of plain values by company stage; a stage that it does not name has the
value of the stage before it, and 0 if there is none.

A read value is a ``float`` (an ``int`` for whole numbers) or a ``Distribution``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from gtmsim.errors import ExpressionError, visible
from gtmsim.expressions import parse_expectation
from gtmsim.scenario import kinds
from gtmsim.scenario.distributions import Distribution, is_distribution, read_distribution
from gtmsim.scenario.kinds import Kind
from gtmsim.scenario.literals import Fault, QuantityError, read_number, shown

LONGEST_NAME = 40
"""Characters: names stand in tables, paths and legends."""
LONGEST_TITLE = 200
NAME_PATTERN = rf"^[a-z][a-z0-9_]{{0,{LONGEST_NAME - 1}}}$"
QUANTITY_KEY = "x-quantity"
"""Marks a quantity in pydantic's JSON Schema; ``gtmsim.scenario.schema`` writes it out."""


@dataclass(frozen=True)
class Quantity:
    """Annotation of a number: what it measures and how it may be given."""

    kind: Kind
    uncertain: bool = True
    """Whether a distribution may be given."""
    varies: bool = False
    """Whether a distribution is variability."""
    by_stage: bool = False
    """Whether a table by company stage may be given."""

    def read(self, value: Any) -> Any:
        """Value as the model holds it.

        Raises
        ------
        QuantityError
            With every fault.
        """
        if isinstance(value, Distribution):
            return value
        if not isinstance(value, Mapping):
            number = read_number(value, self.kind)
            return int(number) if self.kind.whole else number
        if self.by_stage and not is_distribution(value):
            return self._read_by_stage(value)
        if not self.uncertain:
            raise QuantityError(
                Fault(f"wants {self.kind.name} such as {self.kind.example}; got {shown(value)}")
            )
        return read_distribution(value, self.kind, varies=self.varies)

    def _read_by_stage(self, table: Mapping[str, Any]) -> dict[str, Any]:
        each = replace(self, by_stage=False)
        read: dict[str, Any] = {}
        faults: list[Fault] = []
        for stage, value in table.items():
            try:
                read[stage] = each.read(value)
            except QuantityError as error:
                faults += [replace(f, below=(stage, *f.below)) for f in error.faults]
        if faults:
            raise QuantityError(*faults)
        return read

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Replace pydantic's own reading of a number by ``read``."""
        return core_schema.no_info_plain_validator_function(self._read_for_pydantic)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Mark the place; the schema's writer knows the rest."""
        return {QUANTITY_KEY: self}

    def _read_for_pydantic(self, value: Any) -> Any:
        try:
            return self.read(value)
        except QuantityError as error:
            raise as_pydantic(error) from None


def as_pydantic(error: QuantityError) -> PydanticCustomError:
    """Carry the faults through pydantic."""
    context = {"text": str(error), "faults": error.faults}
    return PydanticCustomError("quantity", "{text}", context)


def whole(low: int, high: int, unit: kinds.Unit = "number") -> Quantity:
    """Annotation of a whole number from ``low`` to ``high``."""
    name = "a whole number"
    example = str(max(low, min(high, 12)))
    kind = Kind(name, example, unit, float(low), float(high), whole=True)
    return Quantity(kind, uncertain=False)


@dataclass(frozen=True)
class _NameRule:
    """Annotation of a name."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(_read_name)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "pattern": NAME_PATTERN}


@dataclass(frozen=True)
class _TitleRule:
    """Annotation of a text that people read: not too long, and nothing that acts on a terminal."""

    longest: int = LONGEST_TITLE

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._read)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "maxLength": self.longest}

    def _read(self, value: Any) -> str:
        if not isinstance(value, str):
            message = f"wants text in quotes; got {shown(value)}"
        elif len(value) > self.longest:
            message = f"wants a text of at most {self.longest} characters; it has {len(value):,}"
        elif (line := value.replace("\n", " ")) != visible(line):
            message = f"wants a text without control characters; got {shown(visible(value))}"
        else:
            return value
        raise as_pydantic(QuantityError(Fault(message)))


@dataclass(frozen=True)
class _ExpectationRule:
    """Annotation of the text of an expectation."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(_read_expectation)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string"}


def _read_expectation(value: Any) -> str:
    if not isinstance(value, str):
        message = f'wants an expectation such as "p10(cash_min) > 0"; got {shown(value)}'
        raise as_pydantic(QuantityError(Fault(message)))
    try:
        parse_expectation(value)
    except ExpressionError as error:
        fault = Fault(error.message, error.hint, span=error.span)
        raise as_pydantic(QuantityError(fault)) from None
    return value


def _read_name(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(NAME_PATTERN, value) and value.isascii():
        return value
    if isinstance(value, str) and len(value) > LONGEST_NAME:
        message = f"wants a name of at most {LONGEST_NAME} characters; this one has {len(value):,}"
        raise as_pydantic(QuantityError(Fault(message)))
    message = "wants a name of lower-case letters, digits and _, such as mid_market"
    raise as_pydantic(QuantityError(Fault(f"{message}; got {shown(value)}")))


Number = float | Distribution
NumberByStage = Number | dict[str, Number]

Name = Annotated[str, _NameRule()]
Title = Annotated[str, _TitleRule()]

Money = Annotated[Number, Quantity(kinds.MONEY)]
Share = Annotated[Number, Quantity(kinds.SHARE)]
Days = Annotated[Number, Quantity(kinds.DAYS)]
Rate = Annotated[Number, Quantity(kinds.RATE)]
Multiple = Annotated[Number, Quantity(kinds.MULTIPLE)]
Growth = Annotated[Number, Quantity(kinds.GROWTH)]

VaryingMoney = Annotated[Number, Quantity(kinds.MONEY, varies=True)]
VaryingShare = Annotated[Number, Quantity(kinds.SHARE, varies=True)]
VaryingDays = Annotated[Number, Quantity(kinds.DAYS, varies=True)]
VaryingMonths = Annotated[Number, Quantity(kinds.MONTHS, varies=True)]
VaryingMultiple = Annotated[Number, Quantity(kinds.MULTIPLE, varies=True)]
VaryingRate = Annotated[Number, Quantity(kinds.RATE, varies=True)]

MoneyByStage = Annotated[NumberByStage, Quantity(kinds.MONEY, by_stage=True)]
ShareByStage = Annotated[NumberByStage, Quantity(kinds.SHARE, by_stage=True)]

CountGiven = Annotated[int, Quantity(kinds.COUNT, uncertain=False)]
MonthNumber = Annotated[int, Quantity(kinds.MONTH_NUMBER, uncertain=False)]
Figure = Annotated[float, Quantity(kinds.FIGURE, uncertain=False)]
Level = Annotated[float, Quantity(kinds.LEVEL, uncertain=False)]
MoneyGiven = Annotated[float, Quantity(kinds.MONEY, uncertain=False)]
ShareGiven = Annotated[float, Quantity(kinds.SHARE, uncertain=False)]
MonthsGiven = Annotated[float, Quantity(kinds.MONTHS, uncertain=False)]
Weight = Annotated[float, Quantity(kinds.MULTIPLE, uncertain=False)]

ExpectationText = Annotated[str, _ExpectationRule()]
CorrelationGiven = Annotated[float, Quantity(kinds.CORRELATION, uncertain=False)]
