"""A site's own months: any region by file alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pvlib
import pytest
from pydantic import ValidationError

from accord.errors import ModelError
from accord.systems.plant.catalogue import entry
from accord.systems.plant.inputs import Design
from accord.systems.plant.site import solar_series
from accord.systems.plant.solar import row_factors, soiling
from accord.systems.plant.weather.made import made_year

SOUTH = {
    "clearness_mean": [0.51, 0.52, 0.57, 0.62, 0.67, 0.68, 0.68, 0.68, 0.65, 0.60, 0.54, 0.51],
    "clearness_sd": [0.1] * 12,
    "temperature": [24, 24, 23, 21, 18, 16, 15, 18, 22, 25, 25, 24],
}


def test_own_months_equal_to_the_table_give_the_same_year() -> None:
    row = dict(entry("climates", "tropical_monsoon"))
    own = {key: row[key] for key in row if key not in ("title", "source", "temperature_degc", "wind_m_per_s")}
    own |= {"temperature": row["temperature_degc"], "wind": row["wind_m_per_s"]}
    named = Design.model_validate({"solar": "10 MW", "climate": "tropical_monsoon", "latitude": "23 deg"})
    given = Design.model_validate({"solar": "10 MW", "climate": own, "latitude": "23 deg"})
    assert (solar_series(named, 0) == solar_series(given, 0)).all()


def test_the_south_has_its_summer_in_january() -> None:
    flat = SOUTH | {"clearness_mean": [0.6] * 12, "clearness_sd": [0.0] * 12, "interannual_sd": [0.0] * 12}
    south = Design.model_validate(
        {"solar": "10 MW", "climate": flat, "latitude": "-30 deg", "tracker": False}
    )
    days = (solar_series(south, 0).reshape(365, 24) > 0).sum(axis=1)
    assert days[:30].mean() > days[165:195].mean() + 2


def test_months_must_be_twelve_and_shares() -> None:
    with pytest.raises(ValidationError, match="at least 12"):
        Design.model_validate({"solar": "10 MW", "climate": SOUTH | {"clearness_sd": [0.1] * 11}})
    with pytest.raises(ValidationError, match="less than or equal to 1"):
        Design.model_validate({"solar": "10 MW", "climate": SOUTH | {"clearness_mean": [51.0] * 12}})


def test_a_sky_clearer_than_clear_is_refused_with_its_month() -> None:
    row = {**entry("climates", "tropical_monsoon"), "clearness_mean": [0.6] * 4 + [0.9] + [0.6] * 7}
    with pytest.raises(ModelError, match=r"clearness 0\.9 of month 5 is more than a clear sky gives"):
        made_year(row, 23.0, 1)
    row = {**entry("climates", "tropical_monsoon"), "clearness_sd": [0.4] * 12}
    with pytest.raises(ModelError, match="month 1 cannot have mean clearness"):
        made_year(row, 23.0, 1)


def test_a_made_year_closes_and_stays_under_the_clear_sky() -> None:
    row = entry("climates", "tropical_monsoon")
    sky = made_year(row, 23.0, 4, longitude_deg=72.0)
    position = pvlib.solarposition.get_solarposition(sky.times, 23.0, 72.0)
    closed = sky.dni * np.maximum(np.cos(np.radians(position["zenith"].to_numpy())), 0.0) + sky.dhi
    assert (
        np.abs(closed - sky.ghi).max() < 12.0
    )  # the mean sun's hours against the true sun's, a few minutes apart
    assert sky.ghi.min() == 0.0
    assert sky.dni.max() < 1100.0
    assert np.array_equal(sky.ghi, made_year(row, 23.0, 4, longitude_deg=10.0).ghi)
    day = sky.air_degc.reshape(365, 24)
    assert 13 <= int(np.argmax(day.mean(axis=0))) <= 15


def test_months_that_go_together_are_dull_together() -> None:
    row = entry("climates", "tropical_monsoon")
    wet = []
    for seed in range(24):
        ghi = made_year(row, 23.0, seed).ghi.reshape(365, 24).sum(axis=1)
        wet.append([ghi[151:181].mean(), ghi[181:212].mean(), ghi[212:243].mean()])
    table = np.corrcoef(np.array(wet).T)
    assert table[np.triu_indices(3, 1)].mean() > 0.15


def test_dust_grows_until_rain_or_a_brush() -> None:
    dry = np.zeros(365, dtype=bool)
    clean = soiling(dry, 0.003, 10)
    assert clean.min() == pytest.approx(1.0 - 9 * 0.003)
    assert clean.mean() == pytest.approx(1.0 - 4.5 * 0.003, abs=2e-4)
    assert soiling(dry, 0.003, 0).min() == pytest.approx(0.7)
    rain = dry.copy()
    rain[100:200:5] = True
    wet = soiling(rain, 0.003, 0)
    assert wet[105:200].min() == pytest.approx(1.0 - 4 * 0.003)
    # the same as Kimber's with no days of grace, as pvlib has it
    hours = pd.date_range("2025-01-01", periods=365 * 24, freq="h")
    mm = pd.Series(np.repeat(np.where(rain, 20.0, 0.0), 24) * (np.arange(8760) % 24 == 0), index=hours)
    peer = pvlib.soiling.kimber(mm, soiling_loss_rate=0.003, grace_period=0, initial_soiling=0.3)
    assert (1.0 - peer.to_numpy()[12::24])[110:199] == pytest.approx(wet[110:199], abs=0.0031)


def test_rows_see_less_of_the_sky_the_closer_they_stand() -> None:
    tilt = np.array([0.0, 20.0, 60.0])
    alone, close = row_factors(tilt, 0.0), row_factors(tilt, 0.6)
    assert np.all(alone[0] == 1.0)
    assert close[0][0] == pytest.approx(1.0, abs=1e-6)
    assert close[0][2] < close[0][1] < 1.0
    assert np.all(close[1][1:] < 1.0)


def test_backs_that_see_light_give_a_few_per_cent_more() -> None:
    design = {"solar": "10 MW", "dc_ac": 1.0}
    one, two = (
        solar_series(Design.model_validate({**design, "bifaciality": share}), 0).sum() for share in (0.0, 0.7)
    )
    assert 1.03 < two / one < 1.10
