"""What can be wrong with a weather file, told in one line each: errors that refuse it, notices that go with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.systems.plant.weather.closure import Closure, closure, noon_shift_h
from accord.systems.plant.weather.sky import clear_sky

FloatArray = NDArray[np.float64]

__all__ = ["Judged", "hourly", "judge", "whole_years"]

_GAP_H = 3  # longest gap that is bridged by straight lines
_STUCK_H = 5
_NIGHT_DEG = 98.0
_SUMMER = (5, 6, 7, 8)
_WINTER = (11, 12, 1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What was found.

    Attributes
    ----------
    errors, notices : tuple of str
    closure : Closure or None
        None where the file has no beam and diffuse of its own.
    shift_min : float
        By which the stamps are to be moved; 0 where they are right.
    """

    errors: tuple[str, ...]
    notices: tuple[str, ...]
    closure: Closure | None
    shift_min: float


def hourly(data: Any) -> tuple[Any, list[str], list[str]]:
    """Return a table with every hour once, small gaps bridged, and what had to be said (errors, notices).

    Parameters
    ----------
    data : pandas.DataFrame
        Index with zone.
    """
    import pandas as pd

    errors: list[str] = []
    notices: list[str] = []
    if len(data) < 2:
        return data, [f"{len(data)} hours: a whole year expected"], notices
    twice = data.index.duplicated()
    if twice.any():
        first = data.index[twice][0]
        errors.append(
            f"{int(twice.sum())} hours stand twice (first: {first:%d %b %H:%M}): summer time in the labels?"
        )
        return data, errors, notices
    data = data.sort_index()
    usual = float(np.median(_steps_h(data.index)))
    if abs(usual - 1.0) > 1e-6:
        errors.append(f"steps of {60.0 * usual:g} min: hourly values expected")
        return data, errors, notices
    start, end = data.index[0], data.index[-1]
    whole = pd.date_range(start, end, freq="h")
    leap = np.asarray((whole.month == 2) & (whole.day == 29))
    had_leap = bool(((data.index.month == 2) & (data.index.day == 29)).any())
    whole = whole[~leap] if not had_leap else whole
    on_grid = data.index.isin(whole)
    if not on_grid.all():
        errors.append(
            f"{int((~on_grid).sum())} hours lie off the hourly grid (first: {data.index[~on_grid][0]})"
        )
        return data, errors, notices
    full = data.reindex(whole)
    for name, word in _WORDS.items():
        if name in full:
            full[name] = _bridged(full[name], word, errors, notices)
    return full, errors, notices


_WORDS = {
    "ghi": "global irradiance", "dni": "beam irradiance", "dhi": "diffuse irradiance", "air_degc": "air temperature",
    "wind_m_s": "wind",
}  # fmt: skip


def _steps_h(index: Any) -> FloatArray:
    stamps = index.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[s]").astype(float)
    return np.asarray(np.diff(stamps) / 3600.0)


def _bridged(column: Any, word: str, errors: list[str], notices: list[str]) -> Any:
    gone = column.isna().to_numpy()
    if not gone.any():
        return column
    edges = np.flatnonzero(np.diff(np.concatenate([[0], gone.astype(int), [0]])))
    runs = edges[1::2] - edges[::2]
    if runs.max() > _GAP_H:
        at = column.index[edges[::2][int(np.argmax(runs))]]
        errors.append(
            f"{word} is missing in {int(gone.sum())} hours, {int(runs.max())} of them together from {at:%d %b %Y %H:%M}"
        )
        return column
    notices.append(f"{word}: {int(gone.sum())} missing hours bridged by straight lines")
    return column.interpolate(limit_direction="both")


def whole_years(data: Any, typical: bool) -> tuple[list[Any], list[str]]:
    """Return tables of 8760 hours, one for each whole calendar year, 29 February left out; and what was left out."""
    kept, notices, partly = [], [], []
    leap = np.asarray((data.index.month == 2) & (data.index.day == 29))
    if leap.any() and not typical:
        notices.append("29 February is left out of leap years")
    data = data[~leap]
    for year, part in data.groupby(data.index.year):
        if len(part) == 8760:
            kept.append(part)
        elif len(part) > 24:  # a few hours belong to the zone of the next year
            partly.append(f"{year} ({len(part)} hours)")
    if partly and kept:
        notices.append(f"left out, not whole: {', '.join(partly)}")
    return kept, notices


def judge(
    data: Any, place: tuple[float, float, float], *, made_split: bool, typical: bool, turbidity: FloatArray
) -> Judged:
    """Look at a complete table of hours.

    Parameters
    ----------
    data : pandas.DataFrame
        From `hourly`, with ``ghi``, ``dni``, ``dhi``, ``air_degc``.
    place : (latitude, longitude, altitude) [deg, deg, m]
    made_split : bool
        Beam and diffuse were made from the global irradiance: the closure test says nothing.
    typical : bool
    turbidity : float array, shape (12,)
    """
    errors, notices = _bounds(data)
    found, shift = None, 0.0
    if errors:
        return Judged(errors=tuple(errors), notices=tuple(notices), closure=None, shift_min=0.0)
    column = {name: data[name].to_numpy(float) for name in ("ghi", "dni", "dhi")}
    late = noon_shift_h(data.index, column["ghi"], place[1])
    if abs(late) > 1.6:
        errors.append(
            f"the sun's noon comes {abs(late):.1f} h {'late' if late > 0 else 'early'} for longitude {place[1]:g}: "
            "local time taken for UTC or the other way round, or a wrong place"
        )
    elif not made_split:
        found = closure(data.index, column["ghi"], column["dni"], column["dhi"], *place)
        shift = _stamps(data, column, place, found, errors, notices)
    if not errors:
        errors += _against_the_sky(data, place, shift, turbidity, notices)
    if typical:
        notices += _seams(data)
    return Judged(errors=tuple(errors), notices=tuple(notices), closure=found, shift_min=shift)


def _bounds(data: Any) -> tuple[list[str], list[str]]:
    errors: list[str] = []
    notices: list[str] = []
    for name, most in (("ghi", 1500.0), ("dni", 1100.0), ("dhi", 900.0)):
        values = data[name].to_numpy(float)
        low, high = values < -15.0, values > most
        if low.any():
            errors.append(
                f"{_WORDS[name]} is negative in {int(low.sum())} hours (least {values.min():.0f} W/m2)"
            )
        if high.any():
            errors.append(
                f"{_WORDS[name]} is above {most:g} W/m2 in {int(high.sum())} hours (most {values.max():.0f})"
            )
        slightly = (values < 0.0) & ~low
        if slightly.any():
            notices.append(f"{_WORDS[name]}: {int(slightly.sum())} values a little below zero taken as 0")
            data[name] = np.maximum(values, 0.0)
    air = data["air_degc"].to_numpy(float)
    if air.min() < -80.0 or air.max() > 60.0:
        errors.append(
            f"air temperature from {air.min():.0f} to {air.max():.0f} degC: degC expected, -80 to 60"
        )
    ghi = data["ghi"].to_numpy(float)
    if ghi.mean() < 30.0:
        errors.append(f"mean global irradiance {ghi.mean():.1f} W/m2: W/m2 expected (kW/m2 or MJ/m2 given?)")
    same = (np.diff(ghi) == 0.0) & (ghi[1:] > 20.0)
    run, longest, at = 0, 0, 0
    for hour, equal in enumerate(same.tolist()):
        run = run + 1 if equal else 0
        if run > longest:
            longest, at = run, hour + 1
    if longest + 1 >= _STUCK_H:
        errors.append(
            f"a stuck sensor: {longest + 1} hours of {ghi[at]:g} W/m2 up to {data.index[at]:%d %b %Y %H:%M}"
        )
    return errors, notices


def _stamps(
    data: Any,
    column: dict[str, FloatArray],
    place: tuple[float, float, float],
    found: Closure,
    errors: list[str],
    notices: list[str],
) -> float:
    """Return by how much the stamps are to be moved [min]."""
    if not found.tells:
        notices.append("too few sunny hours with beam and diffuse for the closure test of the time stamps")
        return 0.0
    month = data.index.month.to_numpy()
    halves = []
    for months in (_WINTER, _SUMMER):
        pick = np.isin(month, months)
        part = closure(
            data.index[pick], column["ghi"][pick], column["dni"][pick], column["dhi"][pick], *place
        )
        halves.append(part if part.tells and part.best_w_m2 < part.rmse_w_m2.max() / 3.0 else None)
    if halves[0] is not None and halves[1] is not None:
        apart = halves[1].shift_min - halves[0].shift_min
        if abs(apart) > 35.0:
            errors.append(
                f"the stamps of May to August and of November to February are {abs(apart):.0f} min apart: summer time "
                "in the labels, standard time expected"
            )
            return 0.0
    if found.as_is_w_m2 <= 3.0 * max(found.best_w_m2, 1.0) or abs(found.shift_min) < 3.0:
        return 0.0
    if found.at_edge:
        errors.append(
            f"no shift of the stamps within an hour makes the irradiances fit (closure {found.as_is_w_m2:.0f} W/m2, "
            f"{found.best_w_m2:.0f} at {found.shift_min:+.0f} min): wrong zone or wrong place"
        )
        return 0.0
    notices.append(
        f"the time stamps are {abs(found.shift_min):.0f} min {'early' if found.shift_min > 0 else 'late'} and were "
        f"moved: closure {found.as_is_w_m2:.1f} W/m2 as they are, {found.best_w_m2:.1f} after"
    )
    return found.shift_min


def _against_the_sky(
    data: Any, place: tuple[float, float, float], shift_min: float, turbidity: FloatArray, notices: list[str]
) -> list[str]:
    import pandas as pd

    times = data.index + pd.Timedelta(minutes=shift_min)
    clear = clear_sky(times, place[0], place[1], place[2], turbidity)
    ghi, errors = data["ghi"].to_numpy(float), []
    night = (clear["zenith_deg"] > _NIGHT_DEG) & (ghi > 5.0)
    if night.any():
        errors.append(
            f"sun at night: {int(night.sum())} hours with the sun far below the horizon have irradiance "
            f"(first: {data.index[night][0]:%d %b %Y %H:%M})"
        )
    up = clear["ghi"] > 200.0
    above = up & (ghi > 1.15 * clear["ghi"])
    share = float(above.sum() / max(up.sum(), 1))
    if share > 0.05:
        errors.append(
            f"{share:.0%} of the sunny hours lie more than 15 % above a clear sky (first: "
            f"{data.index[above][0]:%d %b %Y %H:%M}): another unit, another place, or a sensor out of calibration"
        )
    elif share > 0.001:
        notices.append(f"{int(above.sum())} hours lie more than 15 % above a clear sky")
    return errors


def _seams(data: Any) -> list[str]:
    """Return what jumps where the months of a typical year were put together."""
    air, month = data["air_degc"].to_numpy(float), data.index.month.to_numpy()
    jump = np.abs(np.diff(air))
    seam = np.diff(month) != 0
    if not seam.any():
        return []
    usual = float(np.quantile(jump[~seam], 0.999))
    hard = jump[seam] > max(2.0 * usual, 6.0)
    if not hard.any():
        return []
    return [
        f"{int(hard.sum())} month seams of the typical year jump by up to {jump[seam].max():.1f} K within an hour"
    ]
