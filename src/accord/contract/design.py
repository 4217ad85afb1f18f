"""The structured part of a system's description: shells, links, activities.

A system's ``Design`` subclasses `DesignModel`; a field with a unit is written
``altitude_km: Annotated[float, Quantity("km", low=160, high=40000)] = Field(alias="altitude", description=...)`` and
the file says ``altitude: 600 km``. A field that may be uncertain is ``Annotated[Spread | Ref, Uncertain("month")]``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import PydanticCustomError, core_schema

from accord import units
from accord.contract.spread import Ref, Spread, parse_spread
from accord.errors import SpreadError, UnitError

__all__ = ["DesignModel", "Quantity", "Uncertain", "check_range", "read_quantity", "read_uncertain"]


class DesignModel(BaseModel):
    """Base of every ``Design``: unknown keys are errors, values never change, file keys are the aliases."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        validate_by_name=True,
        validate_by_alias=True,
        arbitrary_types_allowed=True,
    )


def read_quantity(
    value: Any, unit: str, low: float, high: float, money: units.Conversions | None = None
) -> float:
    """Turn ``"600 km"`` or a bare pure number into a float in `unit` and check its range.

    Raises
    ------
    UnitError
        For a wrong dimension, a missing unit, or a value outside ``low..high``.
    """
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        raise UnitError(f"expected a quantity in {unit}, such as {_example(unit)}, got {_short(value)}")
    number, given = units.parse(value)
    pure = units.unit(unit).base == ""
    if given == "1" and not pure:
        raise UnitError(f"expected a quantity with its unit, such as {_example(unit)}, got {value}")
    result = float(units.convert(number, given, unit, money))
    if not low <= result <= high:
        raise UnitError(
            f"{value} is outside the possible range {units.show(low)} to {units.show(high)} {unit}"
        )
    return result


def read_uncertain(
    value: Any, unit: str, low: float, high: float, money: units.Conversions | None = None
) -> Spread | Ref:
    """Turn a quantity, a spread mapping or ``{ref: name}`` into a `Spread` in `unit` or a `Ref`.

    Raises
    ------
    UnitError, SpreadError
        For what `read_quantity` refuses and for distributions that contradict themselves or the range.
    """
    if not isinstance(value, Mapping):
        return Spread.of("constant", value=read_quantity(value, unit, low, high, money))
    given = {k: v for k, v in value.items() if k not in {"source", "pedigree", "note"}}
    if "ref" in given:
        if set(given) != {"ref"} or not isinstance(given["ref"], str):
            raise SpreadError("a reference stands alone: {ref: name}", "ref")
        return Ref(given["ref"])
    stated = given.pop("unit", None)
    if stated is not None and not isinstance(stated, str):
        raise SpreadError(f"unit: expected text such as {unit}, got {stated!r}", "unit")

    def to_unit(part: Any, _: str) -> float:
        if stated is not None and isinstance(part, (int, float)) and not isinstance(part, bool):
            return float(units.convert(float(part), stated, unit, money))
        return read_quantity(part, unit, -math.inf, math.inf, money)

    spread = parse_spread(given, stated or unit, to_unit)
    check_range(spread, unit, low, high)
    return spread


def check_range(spread: Spread, unit: str, low: float, high: float) -> None:
    """Refuse a spread that would draw impossible values (0.1 % of an unbounded tail is forgiven and clipped)."""
    bottom, top = spread.support()
    if math.isfinite(bottom) and math.isfinite(top) and (bottom < low or top > high):
        beyond = f"{units.show(bottom)} to {units.show(top, unit)}"
        raise SpreadError(
            f"{spread.describe()} reaches {beyond}, outside the possible range "
            f"{units.show(low)} to {units.show(high, unit)}: state bounds inside it"
        )
    outside = spread.mass_outside(low, high)
    if outside > 1e-3:
        raise SpreadError(
            f"{spread.describe()} puts {outside:.1%} outside the possible range "
            f"{units.show(low)} to {units.show(high, unit)}: narrow it or use a bounded distribution"
        )


def _example(unit: str) -> str:
    return f"5 {unit}" if unit != "1" else "0.5"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _money(info: ValidationInfo) -> units.Conversions | None:
    context = info.context
    return context.get("money") if isinstance(context, Mapping) else None


class _Mark:
    """Shared reading of a field that carries a unit; errors become findings with their place in the file."""

    __slots__ = ("high", "low", "unit")

    def __init__(self, unit: str, *, low: float = -math.inf, high: float = math.inf) -> None:
        self.unit, self.low, self.high = unit, low, high

    def _read(self, value: Any, info: ValidationInfo) -> Any:
        raise NotImplementedError

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        def read(value: Any, info: ValidationInfo) -> Any:
            try:
                return self._read(value, info)
            except (UnitError, SpreadError) as error:
                raise PydanticCustomError("quantity", "{text}", {"text": str(error)}) from None

        return core_schema.with_info_plain_validator_function(read)

    def __get_pydantic_json_schema__(
        self, _: core_schema.CoreSchema, __: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": ["string", "number"], "description": f"quantity in {self.unit}"}


class Quantity(_Mark):
    """Marks a design field that is one number: ``Annotated[float, Quantity("km", low=160, high=40000)]``."""

    __slots__ = ()

    def _read(self, value: Any, info: ValidationInfo) -> float:
        return read_quantity(value, self.unit, self.low, self.high, _money(info))


class Uncertain(_Mark):
    """Marks a design field that may be uncertain: ``Annotated[Spread | Ref, Uncertain("month", low=0)]``."""

    __slots__ = ()

    def _read(self, value: Any, info: ValidationInfo) -> Spread | Ref:
        if isinstance(value, (Spread, Ref)):
            return value
        return read_uncertain(value, self.unit, self.low, self.high, _money(info))

    def __get_pydantic_json_schema__(
        self, _: core_schema.CoreSchema, __: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        plain = super().__get_pydantic_json_schema__(_, __)
        return {
            "anyOf": [plain, {"type": "object", "description": f"spread in {self.unit}, or {{ref: name}}"}]
        }
