"""Numbers of the file: money, partners, named inputs and inputs of systems, each in the unit of its owner."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from accord import units
from accord.contract import Input, Ref, Spread, System, parse_spread
from accord.contract.design import check_range, read_quantity, read_uncertain
from accord.errors import SpreadError, UnitError
from accord.programme.draft import Draft, did_you_mean
from accord.programme.resolved import Factor, ResolvedInput, ResolvedPartner

__all__ = ["check_money", "check_partners", "link", "named_inputs", "system_inputs"]

Path_ = tuple[str | int, ...]
_NOTES = {"note"}


def check_money(draft: Draft) -> None:
    """Read the factors between moneys of other currencies and years."""
    if draft.price_base is None:
        return
    factors = []
    for index, entry in enumerate(draft.price_base.conversions):
        path = ("price_base", "conversions", index)
        sound = True
        for key, text in (("from", entry.from_), ("to", entry.to)):
            try:
                sound = units.unit(text).base == "money" and sound
                if units.unit(text).base != "money":
                    draft.error("money", f"{key}: expected money such as USD2025, got {text!r}", (*path, key))
            except UnitError as error:
                sound = False
                draft.error("money", f"{key}: {error}", (*path, key))
        if sound:
            # a factor between MUSD2020 and USD2025 counts the prefixes too
            first, second = units.unit(entry.from_), units.unit(entry.to)
            ratio = entry.factor * second.scale / first.scale
            factors.append((_plain(first.money), _plain(second.money), ratio))
    draft.money = units.Conversions(tuple(factors))


def _plain(money: tuple[str, int] | None) -> str:
    return "" if money is None else f"{money[0]}{money[1]}"


def check_partners(draft: Draft) -> None:
    """Read the partners' shares and discount rates."""
    shares = {}
    for name, entry in draft.partners.items():
        path = ("partners", name)
        share, rate = None, None
        try:
            share = None if entry.share is None else read_quantity(entry.share, "1", 0.0, 1.0)
        except UnitError as error:
            draft.error("quantity", f"share: {error}", (*path, "share"))
        try:
            if entry.discount_rate is not None:
                rate = read_uncertain(entry.discount_rate, "1", -0.5, 2.0)
        except (UnitError, SpreadError) as error:
            draft.error("quantity", f"discount_rate: {error}", (*path, "discount_rate"))
        if isinstance(rate, Ref):
            linked(draft, rate, "1", -0.5, 2.0, (*path, "discount_rate"))
        if share is not None:
            shares[name] = share
        draft.parties[name] = ResolvedPartner(entry.name, share, rate)
    total = sum(shares.values())
    if total > 1 + 1e-9:
        draft.error("shares", f"the partners' shares add up to {total:.0%}", ("partners",), key=True)
    elif shares and len(shares) == len(draft.names("partners")) and total < 1 - 1e-9:
        message = f"the partners' shares add up to {total:.0%}: the rest has no payer"
        draft.warning("shares", message, ("partners",), key=True)


def named_inputs(draft: Draft) -> None:
    """Read every entry of ``inputs`` into a spread in its own unit."""
    for name, entry in draft.inputs.items():
        path: Path_ = ("inputs", name)
        given = {k: v for k, v in (entry.model_extra or {}).items() if k not in _NOTES}
        if not given:
            message = f"{name} states no value: expected 'value: ...' or a distribution"
            draft.error("missing-value", message, path, key=True)
            continue
        unit = entry.unit or _stated_unit(given)
        if unit is None:
            message = f"{name} has no unit: write 'unit: km', or 'unit: \"1\"' for a pure number"
            draft.error("missing-unit", message, path, key=True)
            continue
        try:
            units.unit(unit)
        except UnitError as error:
            draft.error("unit", f"{name}: {error}", (*path, "unit"))
            continue
        spread = _read_spread(draft, given, unit, path)
        if spread is not None:
            draft.named[name] = ResolvedInput(name, unit, spread, entry.doc, entry.source, entry.pedigree)


def _stated_unit(given: Mapping[str, Any]) -> str | None:
    for value in given.values():
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, str) and part[:1] in "+-.0123456789":
                try:
                    return units.parse(part)[1]
                except UnitError:
                    return None
    return None


def _read_spread(draft: Draft, given: dict[str, Any], unit: str, path: Path_) -> Spread | None:
    at: list[Any] = [None]  # the parameter being read, for the place of a unit error

    def to_unit(part: Any, _: str) -> float:
        at[0] = part
        if isinstance(part, (int, float)) and not isinstance(part, bool):
            return float(part)
        return read_quantity(part, unit, -math.inf, math.inf, draft.money)

    try:
        return parse_spread(given, unit, to_unit)
    except SpreadError as error:
        key = error.key
        hint = (
            did_you_mean(key, ("doc", "unit", "source", "pedigree", "note", "dist", "value")) if key else ""
        )
        at_key = key in given and ("takes" in str(error))
        draft.error(
            "spread", f"{path[-1]}: {error}", (*path, key) if key in given else path, key=at_key, hint=hint
        )
    except UnitError as error:
        key = next((k for k, v in given.items() if _holds(v, at[0])), "")
        draft.error("quantity", f"{path[-1]}: {error}", (*path, key) if key else path)
    return None


def _holds(value: Any, part: Any) -> bool:
    return value is part or (isinstance(value, list) and any(item is part for item in value))


def link(source: str, target: str, money: units.Conversions) -> Factor:
    """Return ``(scale, offset)`` so that value in `target` = value in `source` x scale + offset.

    Raises
    ------
    UnitError
        For different dimensions, or a level such as dBm against a plain quantity, which no line connects.
    """
    if units.unit(source).log != units.unit(target).log:
        raise UnitError(f"expected {units.dimension(target)} ({target}), got {source}: state it in {target}")
    offset = float(units.convert(0.0, source, target, money))
    return float(units.convert(1.0, source, target, money)) - offset, offset


def linked(draft: Draft, ref: Ref, unit: str, low: float, high: float, path: Path_) -> Factor | None:
    """Check a reference to a named input: that it exists, its dimension, and that it stays in range."""
    known = draft.names("inputs")
    if ref.name not in known:
        message = f"there is no input {ref.name!r} under 'inputs'"
        draft.error("dangling-reference", message, path, hint=did_you_mean(ref.name, known))
        return None
    named = draft.named.get(ref.name)
    if named is None:
        return None  # its own mistake is reported at its own place
    try:
        scale, offset = link(named.unit, unit, draft.money)
        check_range(named.spread.map(scale, offset), unit, low, high)
    except UnitError as error:
        draft.error("unit", f"{ref.name}: {error}", path)
        return None
    except SpreadError as error:
        draft.error("range", f"{ref.name}: {error}", path)
        return None
    return scale, offset


def system_inputs(
    draft: Draft, name: str, system: System
) -> tuple[dict[str, Spread | Ref], dict[str, Factor], dict[str, float]]:
    """Read the inputs of one system.

    Returns
    -------
    (inputs, factors, fixed)
        As in `ResolvedSystem`.
    """
    inputs: dict[str, Spread | Ref] = {}
    factors: dict[str, Factor] = {}
    fixed: dict[str, float] = {}
    keys = {units.file_key(python, entry.unit): python for python, entry in system.inputs.items()}
    seen: dict[str, str] = {}
    for key, raw in draft.systems[name].inputs.items():
        path: Path_ = ("systems", name, "inputs", key)
        python = keys.get(key, key)
        if python not in system.inputs:
            hint = did_you_mean(key, keys) or (f"known here: {', '.join(sorted(keys))}" if keys else "")
            message = f"{system.name} has no input {key!r}"
            draft.error("unknown-input", message, path, key=True, hint=hint)
            continue
        if python in seen:
            draft.error("duplicate-key", f"{key!r} and {seen[python]!r} are the same input", path, key=True)
            continue
        seen[python] = key
        entry = system.inputs[python]
        value = _input_value(draft, raw, key, entry, path)
        if value is None:
            continue
        if isinstance(value, Ref):
            factor = linked(draft, value, entry.unit, entry.low, entry.high, path)
            if factor is None:
                continue
            factors[python] = factor
            _usual(draft, draft.named[value.name].spread.map(*factor), key, entry, path)
        if entry.role == "design":
            number = _fixed(draft, value, key, factors.pop(python, (1.0, 0.0)), path)
            if number is not None:
                fixed[python] = number
        else:
            inputs[python] = value
    _defaults(draft, name, system, seen, fixed)
    return inputs, factors, fixed


def _input_value(draft: Draft, raw: Any, key: str, entry: Input, path: Path_) -> Spread | Ref | None:
    try:
        value = read_uncertain(raw, entry.unit, entry.low, entry.high, draft.money)
    except SpreadError as error:
        at = (*path, error.key) if isinstance(raw, dict) and error.key in raw else path
        draft.error("spread", f"{key}: {error}", at)
        return None
    except UnitError as error:
        code = "range" if "outside the possible range" in str(error) else "quantity"
        draft.error(code, f"{key}: {error}", path)
        return None
    if isinstance(value, Spread):
        _usual(draft, value, key, entry, path)
    return value


def _usual(draft: Draft, spread: Spread, key: str, entry: Input, path: Path_) -> None:
    if entry.usual is None:
        return
    middle = spread.support()[0] if spread.is_constant else spread.quantile(0.5)
    low, high = entry.usual
    if not low <= middle <= high:
        usual = f"{units.show(low)} to {units.show(high)} {entry.unit}"
        message = f"{key}: {units.show(middle)} {entry.unit} is outside the usual range {usual}"
        draft.warning("unusual", message, path)


def _fixed(draft: Draft, value: Spread | Ref, key: str, factor: Factor, path: Path_) -> float | None:
    spread = draft.named[value.name].spread if isinstance(value, Ref) else value
    if not spread.is_constant:
        draft.error(
            "fixed", f"{key} is fixed within a run: expected one number, got {spread.describe()}", path
        )
        return None
    return spread.support()[0] * factor[0] + factor[1]


def _defaults(
    draft: Draft, name: str, system: System, given: Mapping[str, str], fixed: dict[str, float]
) -> None:
    for python, entry in system.inputs.items():
        if python in given:
            continue
        if entry.default is None and (entry.spread is None or entry.role == "design"):
            key = units.file_key(python, entry.unit)
            message = f"{name} needs the input {key!r} ({entry.unit}): {entry.doc}"
            path: Path_ = ("systems", name, "inputs")
            draft.error("missing-input", message, path, key=True)
        elif entry.role == "design" and entry.default is not None:
            fixed[python] = entry.default
