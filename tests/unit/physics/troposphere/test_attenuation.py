"""Attenuation against the validation rows of ITU as ITU-Rpy carries them, and against bad input."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from accord.contract.validation import data_folder
from accord.errors import MissingExtraError, ModelError
from accord.physics.troposphere import climate, clouds, gases, rain, scintillation, total


def rows(name: str) -> dict[str, np.ndarray]:
    folder = data_folder()
    path = (folder or Path()) / "space" / name
    if folder is None or not path.is_file():
        pytest.skip(f"needs {name}; set ACCORD_DATA")
    lines = path.read_text(encoding="latin-1").splitlines()
    table = np.array([[float(x or "nan") for x in line.split(",")] for line in lines[2:] if line.strip()])
    return {name: table[:, k] for k, name in enumerate(lines[0].split(","))}


PLACE = climate.Climate(
    latitude_deg=np.array([51.5, -30.0]),
    height_km=np.array([0.03, 1.2]),
    rate_mm_per_h=np.array([26.5, 60.0]),
    isotherm_km=np.array([2.1, 4.2]),
    wet_refractivity=np.array([50.0, 70.0]),
    temperature_k=np.array([283.0, 290.0]),
    pressure_hpa=np.array([1009.0, 880.0]),
    density_g_m3=np.array([[13.0, 11.0, 8.0, 6.0], [16.0, 14.0, 11.0, 8.0]]),
    content_kg_m2=np.array([[34.0, 28.0, 22.0, 15.0], [36.0, 32.0, 25.0, 18.0]]),
    liquid_kg_m2=np.array([[1.3, 0.7, 0.15, 0.01], [0.9, 0.4, 0.06, 0.0]]),
)


def test_rain_on_all_rows_of_edition_13() -> None:
    t = rows("ITURP618-13_A_rain.csv")
    top = t["hs"] + t["Ls"] * np.sin(np.radians(t["el"]))
    own = rain.rain_attenuation_db(t["f"], t["el"], t["p"], t["R001"], top, t["hs"], t["lat"], t["tau"])
    assert len(own) == 64
    np.testing.assert_allclose(own, t["A_rain"], rtol=1e-4)


def test_specific_attenuation_of_rain() -> None:
    t = rows("ITURP838-3_rain_specific_attenuation.csv")
    k, alpha = rain.specific_coefficients(t["f"], t["el"], t[next(n for n in t if n.startswith("tau"))])
    np.testing.assert_allclose(k, t["k"], rtol=1e-6)
    np.testing.assert_allclose(alpha, t["alpha"], rtol=1e-6)


def test_the_textbook_value_at_20_ghz() -> None:
    k, alpha = rain.specific_coefficients(20.0, 0.0, 0.0)
    assert float(k) == pytest.approx(0.09164, rel=1e-3)
    assert float(alpha) == pytest.approx(1.0568, rel=1e-3)


def test_lines_of_gases_and_slant_paths() -> None:
    t = rows("ITURP676-12_gamma.csv")
    air = (t["f"], t["P"], t["rho"], t["T"])
    np.testing.assert_allclose(gases.dry_air_db_per_km(*air), t["gamma0"], rtol=1e-6)
    # small values are printed with nine decimals
    np.testing.assert_allclose(gases.water_vapour_db_per_km(*air), t["gammaw"], rtol=1e-6, atol=5e-9)
    t = rows("ITURP676-12_A_gas.csv")
    own = gases.gas_attenuation_db(t["f"], t["el"], t["P"], t["T"], t["rho"], t["V_t"], t["h"])
    np.testing.assert_allclose(own, t["A_gas"], rtol=1e-6)


def test_scintillation_where_the_rows_name_their_frequency() -> None:
    t = rows("ITURP618-13_A_sci.csv")
    f = np.where(t["f"] == 29.0, 20.0, t["f"])  # the rows headed 29 GHz carry the values of 20 GHz
    own = scintillation.scintillation_db(f, t["el"], t["p"], t["N_wet"], t["D"], t["eta"])
    np.testing.assert_allclose(own, t["A_scin"], rtol=1e-6)


def test_total_of_the_parts() -> None:
    t = rows("ITURP618-13_A_total.csv")
    own = total.combined_db(t["A_gas_1"], t["A_clouds_1"], t["A_rain"], t["A_scin"])
    np.testing.assert_allclose(own, t["A_total"], rtol=1e-6)


def test_rain_rate_from_monthly_means_is_near_the_map() -> None:
    # Almaty: temperatures and rain of ITU's monthly maps; P.837-7 maps 27.2 mm/h there
    temperature = [-5.2, -3.6, 2.8, 10.3, 15.9, 20.8, 23.2, 22.1, 16.6, 9.2, 1.6, -3.4]
    total_mm = [30, 32, 62, 88, 92, 58, 36, 25, 25, 48, 46, 34]
    rate = float(rain.rain_rate_mm_per_h(0.01, temperature, total_mm))
    assert 20.0 < rate < 35.0
    assert float(rain.rain_rate_mm_per_h(0.1, temperature, total_mm)) < rate
    assert float(rain.rain_rate_mm_per_h(0.01, temperature, [0.0] * 12)) == 0.0


def test_monthly_means_are_checked() -> None:
    with pytest.raises(ModelError, match="twelve"):
        rain.rain_rate_mm_per_h(0.01, [10.0] * 11, [50.0] * 12)
    with pytest.raises(ModelError, match="0 or more"):
        rain.rain_rate_mm_per_h(0.01, [10.0] * 12, [-1.0] * 12)


def test_clouds_grow_with_frequency_and_stay_small_at_ku() -> None:
    assert 0.05 < float(clouds.cloud_attenuation_db(11.7, 40.0, 0.7)) < 0.3
    factor = clouds.liquid_coefficient(np.array([10.0, 20.0, 30.0, 50.0]))
    assert (np.diff(factor) > 0.0).all()


def test_clouds_follow_frequency_as_the_rows_do() -> None:
    t = rows("ITURP840-8_cloud_attenuation.csv")
    low = t["f"] == 14.25
    same = [
        np.flatnonzero(low & (t["lat"] == la) & (t["p"] == p))[0]
        for la, p in zip(t["lat"], t["p"], strict=True)
    ]
    own = clouds.liquid_coefficient(t["f"]) / clouds.liquid_coefficient(14.25)
    np.testing.assert_allclose(own, t["Ac"] / t["Ac"][same], rtol=1e-6)


def test_all_over_places_elevations_and_exceedances() -> None:
    el, p = np.array([10.0, 40.0, 90.0]), np.array([0.01, 0.1, 1.0, 10.0, 50.0])
    loss = total.attenuation(PLACE, 20.0, el, p)
    assert loss.total_db.shape == (2, 3, 5)
    assert np.isfinite(loss.total_db).all()
    assert (np.diff(loss.total_db, axis=2) < 0.0).all()  # rarer is worse
    assert (np.diff(loss.total_db, axis=1) < 0.0).all()  # lower is worse
    assert loss.notes == ()
    one = total.attenuation(PLACE.mixed(np.array([[0.0, 1.0]]), np.array([-30.0])), 20.0, el, p)
    np.testing.assert_allclose(one.total_db[0], loss.total_db[1])


def test_editions_differ_in_gas_and_cloud_only() -> None:
    el, p = np.array([30.0]), np.array([0.01, 1.0, 10.0])
    old, new = (total.attenuation(PLACE, 20.0, el, p, edition=e) for e in (13, 14))
    np.testing.assert_array_equal(old.rain_db, new.rain_db)
    assert (old.cloud_db[..., :2] > new.cloud_db[..., :2]).all()
    np.testing.assert_allclose(old.total_db[..., 2], new.total_db[..., 2])


def test_what_is_outside_is_clamped_with_a_note_or_refused() -> None:
    loss = total.attenuation(PLACE, 12.0, np.array([2.0, 5.0]), np.array([1e-5, 0.001, 90.0, 50.0]))
    assert len(loss.notes) == 2
    np.testing.assert_array_equal(loss.total_db[:, 0], loss.total_db[:, 1])
    np.testing.assert_array_equal(loss.total_db[..., 0], loss.total_db[..., 1])
    np.testing.assert_array_equal(loss.total_db[..., 2], loss.total_db[..., 3])
    with pytest.raises(ModelError, match="55 GHz"):
        total.attenuation(PLACE, 60.0, np.array([30.0]), np.array([1.0]))
    with pytest.raises(ModelError, match="edition"):
        total.attenuation(PLACE, 12.0, np.array([30.0]), np.array([1.0]), edition=12)
    with pytest.raises(ModelError, match="elevations"):
        total.attenuation(PLACE, 12.0, np.array([np.nan]), np.array([1.0]))
    with pytest.raises(ModelError, match="frequency"):
        rain.rain_attenuation_db(56.0, 30.0, 0.1, 30.0, 4.0, 0.0, 45.0)


def test_above_the_rain_nothing_is_lost_to_it() -> None:
    assert float(rain.rain_attenuation_db(20.0, 30.0, 0.01, 60.0, 3.0, 4.5, 40.0)) == 0.0
    assert float(rain.rain_attenuation_db(20.0, 30.0, 0.01, 0.0, 4.0, 0.0, 40.0)) == 0.0


def test_a_sky_that_attenuates_is_warm() -> None:
    assert float(total.sky_noise_k(0.0)) == pytest.approx(2.7)
    assert float(total.sky_noise_k(40.0)) == pytest.approx(275.0, rel=1e-3)


def test_maps_need_itur() -> None:
    if find_spec("itur") is not None:
        pytest.skip("itur is installed")
    with pytest.raises(MissingExtraError, match=r"accord\[itu\]"):
        climate.from_maps(np.array([41.9]), np.array([12.49]))


def test_maps_give_the_rates_of_case_r3() -> None:
    if find_spec("itur") is None:
        pytest.skip("itur is not installed: the rain rates of its maps (case R3) are not compared")
    found = climate.from_maps(np.array([41.9, 51.5, 28.717, 3.133]), np.array([12.49, -0.14, 77.3, 101.7]))
    np.testing.assert_allclose(found.rate_mm_per_h, [33.936, 26.481, 63.597, 99.148], rtol=1e-3)
