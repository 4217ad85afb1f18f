"""A site's own months: any region by file alone."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from accord.systems.plant.catalogue import entry
from accord.systems.plant.inputs import Design
from accord.systems.plant.site import solar_series

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
