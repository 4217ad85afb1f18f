"""Julian dates and sidereal time against the worked examples of Meeus (1998), Astronomical Algorithms."""

import math
from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pytest

from accord.physics.constants import DAY_S, EARTH_ROTATION_RAD_PER_S
from accord.physics.time import calendar_date, gmst_rad, julian_date


@pytest.mark.parametrize(
    ("when", "jd"),
    [
        (datetime(1957, 10, 4, 19, 26, 24), 2436116.31),  # example 7.a
        (date(2000, 1, 1), 2451544.5),
        (date(1600, 1, 1), 2305447.5),
        (datetime(2000, 1, 1, 17, 30, tzinfo=timezone(timedelta(hours=5, minutes=30))), 2451545.0),
    ],
)
def test_julian_date(when, jd) -> None:
    assert julian_date(when) == pytest.approx(jd, abs=1e-9)


def test_calendar_date_goes_back() -> None:
    when = datetime(2027, 3, 4, 5, 6, 7, tzinfo=UTC)
    assert abs(calendar_date(julian_date(when)) - when) < timedelta(milliseconds=1)


def test_sidereal_time_at_midnight_and_later() -> None:
    assert math.degrees(gmst_rad(2446895.5)) == pytest.approx(197.693195, abs=1e-6)  # example 12.a
    later = julian_date(datetime(1987, 4, 10, 19, 21))
    assert math.degrees(gmst_rad(later)) == pytest.approx(128.7378734, abs=1e-6)  # example 12.b


def test_seconds_added_or_in_the_date_are_the_same() -> None:
    apart = gmst_rad(2461406.5, np.array([0.0, 3600.0, 90000.0]))
    joined = [float(gmst_rad(2461406.5 + s / DAY_S)) for s in (0.0, 3600.0, 90000.0)]
    np.testing.assert_allclose(apart, joined, atol=1e-8)


def test_sidereal_time_turns_at_the_rate_of_the_earth() -> None:
    first, second = gmst_rad(2461406.5, np.array([0.0, 1000.0]))
    assert (second - first) / 1000.0 == pytest.approx(EARTH_ROTATION_RAD_PER_S, rel=1e-6)
