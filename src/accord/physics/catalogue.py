"""Which catalogued satellites can be used over a period, and where they are: staleness, decay, SGP4's errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from accord.contract import Ephemeris
from accord.errors import ModelError
from accord.physics.elements import epoch_jd, sgp4_pef
from accord.physics.time import calendar_date

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["REFUSED_DAY", "STALE_DAY", "catalogue_ephemeris", "usable"]

STALE_DAY, REFUSED_DAY = 14.0, 60.0
_NAMED = 8  # satellites that a remark lists before it only counts
_REASONS = {
    1: "mean eccentricity out of range",
    2: "mean motion not positive",
    3: "perturbed eccentricity out of range",
    4: "negative semi-latus rectum",
    6: "decayed",
}


def usable(
    entries: Sequence[tuple[str, Any]], jd: float, seconds: FloatArray, source: str
) -> tuple[list[tuple[str, Any]], list[str]]:
    """Return the satellites that SGP4 carries over a period, and remarks on the others.

    Elements more than 60 days from the period, and satellites that SGP4 refuses at any of the moments, are left out
    and named with the reason; elements more than 14 days old are kept with a remark.

    Parameters
    ----------
    entries : sequence of (name, sgp4 satellite)
    jd : float
        Julian date (UTC) of time zero.
    seconds : float array, shape (times,) [s]
    source : str
        Name of the file, for the remarks.

    Raises
    ------
    ModelError
        When none can be used.
    """
    ages = np.array([_age_day(satellite, jd, seconds) for _, satellite in entries])
    fresh = [entry for entry, age in zip(entries, ages, strict=True) if age <= REFUSED_DAY]
    remarks: list[str] = []
    if not fresh:
        raise ModelError(
            f"{source}: elements are {ages.min():.0f} days from {calendar_date(jd):%Y-%m-%d}, expected at most "
            f"{REFUSED_DAY:.0f}: fetch newer ones, or set the epoch near theirs"
        )
    if len(fresh) < len(entries):
        old = [name for (name, _), age in zip(entries, ages, strict=True) if age > REFUSED_DAY]
        remarks.append(f"{source}: left out, elements more than {REFUSED_DAY:.0f} days away: {_listed(old)}")
    stale = ages[(ages > STALE_DAY) & (ages <= REFUSED_DAY)]
    if len(stale):
        remarks.append(
            f"{source}: elements up to {stale.max():.0f} days from the epoch ({len(stale)} satellites); positions drift"
        )
    error, position, _ = sgp4_pef([satellite for _, satellite in fresh], jd, seconds)
    wrong = (error != 0) | ~np.isfinite(position).all(axis=2)
    bad = wrong.any(axis=1)
    for code in sorted({_first(error[i], wrong[i]) for i in np.flatnonzero(bad)}):
        names = [fresh[i][0] for i in np.flatnonzero(bad) if _first(error[i], wrong[i]) == code]
        reason = _REASONS.get(code, "no finite position")
        remarks.append(f"{source}: left out, SGP4 error {code}, {reason}: {_listed(names)}")
    good = [entry for entry, lost in zip(fresh, bad, strict=True) if not lost]
    if not good:
        raise ModelError(
            f"{source}: SGP4 can propagate none of its {len(entries)} satellites ({remarks[-1]})"
        )
    return good, remarks


def _age_day(satellite: Any, jd: float, seconds: FloatArray) -> float:
    """Return how far the epoch of an element set lies from the farthest moment of the period [day]."""
    ends = (float(seconds[0]), float(seconds[-1]))
    return max(abs(jd + end / 86400.0 - epoch_jd(satellite)) for end in ends)


def _first(error: Any, wrong: Any) -> int:
    return int(error[int(np.argmax(wrong))])


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def catalogue_ephemeris(
    entries: Sequence[tuple[str, Any]], jd: float, duration_s: float, source: str, *, step_s: float = 60.0
) -> tuple[Ephemeris, list[str]]:
    """Return the states of the usable satellites at even nodes past the end of a period, and remarks on the others.

    Parameters
    ----------
    entries : sequence of (name, sgp4 satellite)
    jd : float
        Julian date (UTC) of the first node.
    duration_s, step_s : float [s]
    source : str
        Name of the file, for the remarks.

    Raises
    ------
    ModelError
        When none can be used.
    """
    nodes = max(3, int(np.ceil(duration_s / step_s)) + 1)
    seconds = step_s * np.arange(nodes, dtype=float)
    good, remarks = usable(entries, jd, seconds, source)
    _, position, velocity = sgp4_pef([satellite for _, satellite in good], jd, seconds)
    found = Ephemeris(
        epoch_jd_utc=jd,
        step_s=step_s,
        position_km=position,
        velocity_km_s=velocity,
        names=tuple(name for name, _ in good),
        propagator=f"sgp4, elements of {source}",
    )
    return found, remarks
