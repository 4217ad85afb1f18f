"""Hourly prices of electricity: made from the shape of a market, or read from a file; only relations are used."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord import units
from accord.errors import FileError, UnitError

FloatArray = NDArray[np.float64]

__all__ = ["DAYS", "effects", "made_prices", "read_prices", "shaped"]

DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_QUANTILES = (np.arange(200) + 0.5) / 200
_TURNS = 80
_LEAST, _MOST = 0.2, 3.0  # between which the noise of an hour may be of the table's
_FAR = 1000.0 / 20.0  # a mean price further from the reference than this is of another unit


def shaped(
    shape: Mapping[str, Any], solar_drop: float, evening_premium: float
) -> tuple[FloatArray, FloatArray]:
    """Return mean price by hour and by month over the year's mean.

    Parameters
    ----------
    shape : mapping
        An entry of ``data/prices.yaml``.
    solar_drop : float [1]
        By how much more the sun's midday pushes prices down than it did in the table's years (cannibalisation).
    evening_premium : float [1]
        What is left of what evening and morning cost more than the mean; falls as storage grows. 1: as in the table.

    Returns
    -------
    hour, month : float array, shape (24,), (12,)
        With mean 1.
    """
    hour = np.array(shape["hour"], dtype=float)
    hour = hour / hour.mean()
    hour = np.where(hour > 1.0, 1.0 + evening_premium * (hour - 1.0), hour)
    sun = np.maximum(np.sin((np.arange(24) + 0.5 - 6.0) * np.pi / 12.0), 0.0)
    hour = hour * (1.0 - solar_drop * sun)
    month = np.array(shape["month"], dtype=float)
    return hour / hour.mean(), month / float(np.sum(month * DAYS) / DAYS.sum())


def _noise(shape: Mapping[str, Any], z: FloatArray) -> FloatArray:
    """Return the logarithm of the noise of a standard normal: a longer tail above than below."""
    found = shape["noise"]
    return np.asarray(np.where(z > 0.0, (found["up"] + found["up_square"] * z) * z, found["down"] * z))


def _amplitude(shape: Mapping[str, Any], hour: FloatArray) -> FloatArray:
    return np.asarray(np.clip(1.0 + shape["noise"]["by_hour"] * (hour - 1.0), _LEAST, _MOST))


def effects(
    shape: Mapping[str, Any], hour: FloatArray, month: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return factors of hours and months, and the noise's quantiles, so that capped prices have the stated means.

    Without noise and cap the factors are the means themselves; with them they are found by turns.

    Parameters
    ----------
    shape : mapping
    hour, month : float array, shape (24,), (12,)
        Mean prices over the year's mean.

    Returns
    -------
    hour, month : float array, shape (24,), (12,)
    capped : float array, shape (24, 12, 200)
        Prices at evenly spaced quantiles of the noise, over the mean.
    """
    from scipy import special

    cap = float(shape["cap_over_mean"])
    grid = _noise(shape, np.asarray(special.ndtri(_QUANTILES)))
    wave = np.exp(_amplitude(shape, hour)[:, None, None] * grid[None, None, :])
    own_hour, own_month = hour.copy(), month.copy()
    share = DAYS / DAYS.sum()
    for _ in range(_TURNS):
        price = np.minimum(own_hour[:, None, None] * own_month[None, :, None] * wave, cap)
        mean = price.mean(axis=2)
        own_hour *= np.clip(hour / (mean @ share), 0.5, 1.3) ** 0.8
        own_month *= np.clip(month / mean.mean(axis=0), 0.5, 1.3) ** 0.8
    return own_hour, own_month, np.minimum(own_hour[:, None, None] * own_month[None, :, None] * wave, cap)


def made_prices(
    shape: Mapping[str, Any], seed: int, solar_drop: float = 0.0, evening_premium: float = 1.0
) -> FloatArray:
    """Return a made year's price over its mean, shape (8760,) [1]: shapes of hour and month, noise with memory, a cap.

    Parameters
    ----------
    shape : mapping
        An entry of ``data/prices.yaml``.
    seed : int
    solar_drop, evening_premium : float [1]
        As in `shaped`.
    """
    from scipy import signal as _signal

    signal: Any = _signal  # carries no types
    hour, month = shaped(shape, solar_drop, evening_premium)
    own_hour, own_month, _ = effects(shape, hour, month)
    lag = float(shape["noise"]["lag"])
    fresh = np.random.default_rng(seed).standard_normal(8760)
    fresh[1:] *= np.sqrt(1.0 - lag**2)
    z = np.asarray(signal.lfilter([1.0], [1.0, -lag], fresh))
    of_day = np.tile(np.arange(24), 365)
    level = own_hour[of_day] * np.repeat(own_month, DAYS * 24)
    price = np.minimum(
        level * np.exp(_amplitude(shape, hour)[of_day] * _noise(shape, z)), float(shape["cap_over_mean"])
    )
    found: FloatArray = price / price.mean()
    return found


def read_prices(path: Path, reference_usd2025_per_mwh: float) -> tuple[FloatArray, str]:
    """Read hourly prices of one or more years of 8760 hours.

    Parameters
    ----------
    path : Path
    reference_usd2025_per_mwh : float
        To tell a price a kWh from one a MWh, where the file is in the same money.

    Returns
    -------
    prices : float array, shape (years, 8760) [1]
        Over each year's mean.
    unit : str

    Raises
    ------
    FileError
        For a heading without unit, gaps, text, a number of rows that is not whole years of hours, a mean that is not
        positive, or one that is of another unit.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = [row for row in csv.reader(stream) if any(cell.strip() for cell in row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FileError(f"{path.name}: cannot be read: {error}") from error
    if len(rows) < 2:
        raise FileError(f"{path.name}: a heading and hourly prices expected, got {len(rows)} rows")
    unit = _unit(path, rows[0][-1])
    values = np.empty(len(rows) - 1)
    for line, row in enumerate(rows[1:], start=2):
        try:
            values[line - 2] = float(row[-1])
        except ValueError:
            raise FileError(f"{path.name}:{line}: expected a price, got {row[-1]!r}") from None
    if not np.isfinite(values).all():
        line = int(np.flatnonzero(~np.isfinite(values))[0]) + 2
        raise FileError(f"{path.name}:{line}: expected a price, got {rows[line - 1][-1]!r}")
    step = _steps_min(values)
    if step < 60:
        raise FileError(
            f"{path.name}: {len(values)} rows look like steps of {step} min: hourly prices expected"
        )
    if len(values) % 8784 == 0 and len(values) % 8760:
        raise FileError(f"{path.name}: {len(values)} rows are leap years: leave 29 February out")
    if len(values) % 8760:
        raise FileError(f"{path.name}: {len(values)} rows: whole years of 8760 hours expected")
    table = values.reshape(-1, 8760)
    mean = table.mean(axis=1)
    if (mean <= 0.0).any():
        raise FileError(f"{path.name}: mean price {mean.min():g} {unit}: expected above zero")
    _far_off(path, float(mean.mean()), unit, reference_usd2025_per_mwh)
    return table / mean[:, None], unit


def _steps_min(values: FloatArray) -> int:
    """Return the step [min] that prices seem to have: after a day of it they look most alike."""
    apart = {
        step: float(np.mean(np.abs(values[lag:] - values[:-lag])))
        for step, lag in ((60, 24), (30, 48), (15, 96))
        if len(values) > 2 * lag
    }
    if not apart or min(apart.values()) > 0.6 * apart[60]:
        return 60  # an hourly series is as alike after two or four days as after one
    return min(apart, key=lambda step: (round(apart[step], 9), -step))


def _unit(path: Path, heading: str) -> str:
    text = heading.partition("[")[2].rpartition("]")[0].strip()
    example = "such as price [USD2025/MWh]"
    if not text:
        raise FileError(f"{path.name}: the heading {heading!r} names no unit: expected one {example}")
    try:
        good = units.unit(text).money is not None and units.compatible(text, "USD2025/MWh")
    except UnitError as error:
        raise FileError(f"{path.name}: {error}: expected a heading {example}") from None
    if not good:
        raise FileError(f"{path.name}: {text} is no price of energy: expected a heading {example}")
    return text


def _far_off(path: Path, mean: float, unit: str, reference: float) -> None:
    parsed = units.unit(unit)
    if parsed.money != ("USD", 2025):
        return
    level = float(units.convert(mean, unit, "USD2025/MWh"))
    if not reference / _FAR < level < reference * _FAR:
        raise FileError(
            f"{path.name}: mean price {level:g} USD2025/MWh is {max(level / reference, reference / level):,.0f} times "
            f"off the reference price of {reference:g}: is it a kWh that is meant?"
        )
