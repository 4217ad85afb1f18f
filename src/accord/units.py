"""Quantities at the boundary of the house: text in, a number in a known unit out.

Inside the house a quantity is a bare number and its name carries the unit (``altitude_km``); only files, claims
and reports speak in text (``600 km``). Units come from the closed table ``units.txt`` read by pint; money is
handled here, because an amount without the year of its prices means nothing: ``MUSD2025``, never ``M$``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from accord.errors import UnitError

if TYPE_CHECKING:
    import pint

__all__ = ["Conversions", "compatible", "convert", "dimension", "file_key", "parse", "show", "suffix"]

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_MONEY = re.compile(
    r"(?<![A-Za-z0-9_])(?P<prefix>[kMGT]?)(?P<currency>\$|[A-Z]{3})(?P<year>\d{4})?(?![A-Za-z0-9_])"
)
_POWERS = re.compile(r"\b(?!Nm3)([A-Za-z_]+)([23])\b")  # m2, km3: the way people write them
_SCALES = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_LOG_WATT = {"dBW": 0.0, "dBm": -30.0}  # level in dBW = value + offset
_POWER = "gram * meter ** 2 / second ** 3"
_DIMENSION_NAMES = {
    "": "a pure number",
    "meter": "length",
    "meter ** 2": "area",
    "meter ** 3": "volume",
    "second": "time",
    "gram": "mass",
    "1 / second": "rate (per time)",
    "meter / second": "speed",
    "kelvin": "temperature",
    "radian": "angle",
    "radian / second": "angular rate",
    "bit": "information",
    "bit / second": "data rate",
    _POWER: "power",
    "gram * meter ** 2 / second ** 2": "energy",
    "electric * gram * meter ** 2 / second ** 3": "electric power",
    "electric * gram * meter ** 2 / second ** 2": "electric energy",
    "gram * meter ** 2 * thermal / second ** 3": "thermal power",
    "gram * meter ** 2 * thermal / second ** 2": "thermal energy",
    "gram / meter / second ** 2": "pressure",
    "decibel": "decibel",
    "money": "money",
    "money / second": "money per time",
    "money / gram": "money per mass",
}


@dataclass(frozen=True, slots=True)
class Unit:
    """A parsed unit: ``base = value * scale + offset``, its dimension, and whose money it counts."""

    scale: float
    offset: float
    base: str
    money: tuple[str, int] | None
    log: str


@dataclass(frozen=True, slots=True)
class Conversions:
    """Factors between moneys of different currency or price year, as a programme file states them.

    Parameters
    ----------
    factors : iterable of (str, str, float)
        ``(from, to, factor)`` with amounts in ``to`` = amount in ``from`` x factor, as in
        ``("INR2016", "USD2025", 0.019)``.
    """

    factors: tuple[tuple[str, str, float], ...] = ()

    def factor(self, source: tuple[str, int], target: tuple[str, int]) -> float:
        """Return the factor from one money to another, through intermediate ones where needed.

        Raises
        ------
        UnitError
            When the file states no chain of factors between the two.
        """
        start, goal = f"{source[0]}{source[1]}", f"{target[0]}{target[1]}"
        reached = {start: 1.0}
        frontier = [start]
        while frontier:
            here = frontier.pop(0)
            for step_from, step_to, value in self.factors:
                for near, far, ratio in ((step_from, step_to, value), (step_to, step_from, 1.0 / value)):
                    if near == here and far not in reached:
                        reached[far] = reached[here] * ratio
                        frontier.append(far)
        if goal not in reached:
            raise UnitError(
                f"no factor from {start} to {goal}: state it under price_base.conversions with its source"
            )
        return reached[goal]


@cache
def _registry() -> pint.UnitRegistry[Any]:
    import pint

    return pint.UnitRegistry(str(files("accord") / "units.txt"), cache_folder=None)


def _no_year(match: re.Match[str]) -> str:
    amount = match["prefix"] + ("USD" if match["currency"] == "$" else match["currency"])
    return f"money needs the year of its prices: write {amount}2025, not {match[0]}"


@lru_cache(maxsize=4096)
def unit(text: str) -> Unit:
    """Parse the text of a unit, such as ``"km"``, ``"MUSD2025/yr"`` or ``"kWh_e"``.

    Raises
    ------
    UnitError
        For a unit outside the table, money without a year, or two moneys in one unit.
    """
    stripped = text.strip()
    if stripped in {"", "1"}:
        return Unit(1.0, 0.0, "", None, "")
    if stripped in _LOG_WATT:
        return Unit(1.0, _LOG_WATT[stripped], stripped, None, "watt")
    moneys: set[tuple[str, int]] = set()
    scale = 1.0

    def replace(match: re.Match[str]) -> str:
        nonlocal scale
        if match["year"] is None:
            if match["currency"] != "$" and _known(match[0]):
                return match[0]
            raise UnitError(_no_year(match))
        currency = "USD" if match["currency"] == "$" else match["currency"]
        moneys.add((currency, int(match["year"])))
        inverse = stripped[: match.start()].rstrip().endswith("/")
        scale *= _SCALES[match["prefix"]] ** (-1 if inverse else 1)
        return "money"

    plain = _MONEY.sub(replace, stripped)
    if len(moneys) > 1:
        raise UnitError(f"{stripped!r} mixes two moneys: {', '.join(sorted(f'{c}{y}' for c, y in moneys))}")
    factor, offset, base = _pint_base(plain, stripped)
    log = "ratio" if base == "decibel" else ""
    return Unit(scale * factor, offset, base, next(iter(moneys), None), log)


def _known(name: str) -> bool:
    return name in _registry()


@lru_cache(maxsize=4096)
def _pint_base(plain: str, shown: str) -> tuple[float, float, str]:
    import pint

    registry = _registry()
    if plain == "degC":
        return 1.0, 273.15, "kelvin"
    if re.search(r"[^\w\s*/^().%°µμ$+-]", plain) or re.search(
        r"(?<![\w^*])\d", plain.replace("1/", "/").strip()
    ):
        raise UnitError(f"{shown!r} is not a unit")
    try:
        spelled = _POWERS.sub(r"\1**\2", plain.replace("%", "percent").replace("°", "deg"))
        parsed = registry.parse_units(spelled)
        factor, base = registry.get_root_units(parsed)
    except (pint.errors.UndefinedUnitError, pint.errors.DefinitionSyntaxError) as error:
        raise UnitError(f"unknown unit {shown!r}{_suggest(plain)}") from error
    except Exception as error:  # pint raises many kinds on malformed text; all mean the same to the user
        raise UnitError(f"{shown!r} is not a unit") from error
    return float(factor), 0.0, "" if str(base) == "dimensionless" else str(base)  # type: ignore[arg-type]


def _suggest(text: str) -> str:
    from difflib import get_close_matches

    names = ["km", "m", "kg", "t", "h", "day", "month", "yr", "deg", "MW_e", "MWh_e", "MWh_th", "W", "Mbit/s"]
    names += ["%", "1", "dB", "dBm", "K", "degC", "person", "satellite", "min", "s", "GHz", "MHz", "USD2025"]
    close = get_close_matches(text, names, 1, 0.5)
    return f": did you mean {close[0]!r}?" if close else ""


def parse(text: str | int | float) -> tuple[float, str]:
    """Split ``"600 km"`` into ``(600.0, "km")``; a bare number has the unit ``"1"``.

    Raises
    ------
    UnitError
        For text that is not one finite number and one known unit; thousands separators, fractions and clock times
        are refused with a hint.
    """
    if isinstance(text, bool):
        raise UnitError(f"expected a quantity such as 600 km, got {str(text).lower()}")
    if isinstance(text, (int, float)):
        if not math.isfinite(text):
            raise UnitError(f"expected a finite number, got {text}")
        return float(text), "1"
    cleaned = text.strip().replace("\u2212", "-")
    match = _NUMBER.match(cleaned)
    if match is None:
        raise UnitError(f"expected a quantity such as 600 km, got {text!r}")
    rest = cleaned[match.end() :]
    if rest.startswith(",") or re.match(r"[ _]\d{3}\b", rest):
        raise UnitError(f"{text!r}: write the number without thousands separators")
    if rest.startswith("/") or rest.startswith(":"):
        raise UnitError(f"{text!r}: write one decimal number, not a fraction or a clock time")
    name = rest.strip() or "1"
    if name.startswith("/"):  # 3 /yr: people leave out the one
        name = "1" + name
    unit(name)
    return float(match[0]), name


def dimension(name: str) -> str:
    """Return a readable name for the dimension of a unit: ``"length"`` for ``"km"``."""
    parsed = unit(name)
    if parsed.log == "watt":
        return "power level"
    return _DIMENSION_NAMES.get(parsed.base, parsed.base)


def compatible(first: str, second: str) -> bool:
    """Tell whether amounts in the two units measure the same thing (money of any currency and year does)."""
    a, b = unit(first), unit(second)
    if a.base == b.base:
        return True
    return "watt" in {a.log, b.log} and {a.base, b.base} <= {*_LOG_WATT, _POWER}


def convert(value: Any, source: str, target: str, money: Conversions | None = None) -> Any:
    """Convert a number or array from one unit to another.

    Parameters
    ----------
    value : float or array
        In ``source``.
    source, target : str
        Unit texts.
    money : Conversions, optional
        Needed where currency or price year differ.

    Raises
    ------
    UnitError
        When the dimensions differ, or no factor between two moneys is stated.
    """
    a, b = unit(source), unit(target)
    if source.strip() == target.strip():
        return value
    if {a.log, b.log} == {"ratio", ""} and "" in {a.base, b.base}:
        return 10.0 ** (value / 10.0) if a.log == "ratio" else 10.0 * _log10(value)
    if not compatible(source, target):
        raise UnitError(f"expected {dimension(target)} ({target}), got {dimension(source)} ({source})")
    if "watt" in {a.log, b.log}:
        watt = unit("W").scale
        watts = 10.0 ** ((value + a.offset) / 10.0) if a.log == "watt" else value * a.scale / watt
        return 10.0 * _log10(watts) - b.offset if b.log == "watt" else watts * watt / b.scale
    factor = a.scale / b.scale
    if a.money != b.money and a.money is not None and b.money is not None:
        exponent = -1.0 if "/ money" in a.base or a.base.startswith("1 / money") else 1.0
        factor *= (money or Conversions()).factor(a.money, b.money) ** exponent
    if a.offset == b.offset == 0.0:
        inverse = 1.0 / factor
        # 95 % is 0.95: dividing by a whole number rounds once, multiplying by its inverse twice
        return value / inverse if inverse == round(inverse) else value * factor
    return (value * a.scale + a.offset - b.offset) / b.scale


def _log10(value: Any) -> Any:
    if isinstance(value, (int, float)):
        return math.log10(value)
    import numpy as np

    return np.log10(value)


def suffix(name: str) -> str:
    """Return what a Python name in this unit ends with: ``"_km"``, ``"_usd2025_per_kg"``; ``""`` when pure."""
    if name in {"1", "", "person", "satellite", "count", "subscriber", "household", "endpoint"}:
        return ""
    text = name.lower().replace("%", "percent").replace("°", "deg")
    text = re.sub(r"^1\s*/", "/", text)
    text = re.sub(r"\s*/\s*", "_per_", text)
    text = re.sub(r"[\s*^()]+", "_", text.replace("**", "")).strip("_")
    return "_" + text


def file_key(python_name: str, name: str) -> str:
    """Return the key a programme file uses for a Python name: ``altitude_km`` in km is ``altitude``."""
    ending = suffix(name)
    return python_name[: -len(ending)] if ending and python_name.endswith(ending) else python_name


def show(value: float, name: str = "1", digits: int = 3) -> str:
    """Format a number with its unit for people: three significant digits, thin thousands separators."""
    if not math.isfinite(value):
        return "-"
    if value == 0:
        text = "0"
    else:
        places = digits - 1 - math.floor(math.log10(abs(value)))
        decimals = max(0, places)
        if abs(value) >= 10.0 ** (digits + 1):  # four digits are read at a glance, more would only seem exact
            value = round(value, places)
        text = f"{value:.2e}" if abs(value) < 1e-4 else f"{round(value, decimals):,.{decimals}f}"
        if "e" not in text and "." in text:
            text = text.rstrip("0").rstrip(".")
        text = text.replace(",", "\u202f")
    if name in {"1", ""}:
        return text
    return f"{text}\u00a0{name}" if name != "%" else f"{text} %"


def sort_units(names: Iterable[str]) -> list[str]:
    """Return unit names in the order of their dimension, then scale: for printed tables."""
    return sorted(names, key=lambda n: (unit(n).base, unit(n).scale))
