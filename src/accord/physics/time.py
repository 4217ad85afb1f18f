"""Julian dates and the rotation angle of the Earth."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from accord.physics.constants import DAY_S, J2000_JD

FloatArray = NDArray[np.float64]

__all__ = ["calendar_date", "gmst_rad", "julian_date"]

_UNIX_EPOCH_JD = 2440587.5
_CENTURY_DAY = 36525.0


def julian_date(when: date | datetime) -> float:
    """Return the Julian date of a moment in UTC; a date without time is its midnight.

    Naive date-times are taken as UTC. Meeus (1998), Astronomical Algorithms, chapter 7.
    """
    if not isinstance(when, datetime):
        when = datetime(when.year, when.month, when.day)
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    past = when - datetime(1970, 1, 1, tzinfo=UTC)
    return _UNIX_EPOCH_JD + past.days + (past.seconds + past.microseconds * 1e-6) / DAY_S


def calendar_date(jd: float) -> datetime:
    """Return the moment in UTC of a Julian date, to about 0.1 ms."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=jd - _UNIX_EPOCH_JD)


def gmst_rad(jd: float, seconds: float | FloatArray = 0.0) -> FloatArray:
    """Return Greenwich mean sidereal time [rad] in 0 to 2 pi, UTC taken for UT1.

    Aoki et al. (1982), The new definition of Universal Time, Astronomy and Astrophysics 105:359, equation 14.

    Parameters
    ----------
    jd : float
        Julian date (UTC).
    seconds : float or float array, shape (n,) [s]
        Added to `jd`: kept apart because a Julian date resolves no more than 40 microseconds.
    """
    midnight = math.floor(jd - 0.5) + 0.5
    ut = (jd - midnight) * DAY_S + np.asarray(seconds)
    century = (midnight - J2000_JD) / _CENTURY_DAY + ut / DAY_S / _CENTURY_DAY
    base = (midnight - J2000_JD) / _CENTURY_DAY
    at_midnight = 24110.54841 + 8640184.812866 * base + 0.093104 * century**2 - 6.2e-6 * century**3
    angle = (at_midnight + ut * (1.0 + 8640184.812866 / (_CENTURY_DAY * DAY_S))) * (2.0 * math.pi / DAY_S)
    return np.asarray(np.mod(angle, 2.0 * math.pi))
