"""Satellites: beams, air, sky, passes of a year, and what hangs on latitude, cloud and height."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.contract.alone import Alone
from accord.errors import ModelError
from accord.physics.geodesy import geodesic_km
from accord.physics.moon import moon_ecliptic, phase_angle_rad
from accord.systems.qkd.finite_key import Protocol
from accord.systems.qkd.inputs import Design
from accord.systems.qkd.kernels.year import pass_counts
from accord.systems.qkd.model import SYSTEM
from accord.systems.qkd.satellite.air import kruse_db_per_km, modtran_transmission, relative_depth
from accord.systems.qkd.satellite.design import Orbit, Satellites
from accord.systems.qkd.satellite.model import line_of_sight_altitude_km, relayed
from accord.systems.qkd.satellite.optics import (
    far_field_capture,
    gaussian_capture,
    half_angle_rad,
    pointing,
)
from accord.systems.qkd.satellite.sightings import borrowed, no_night_days, sightings, sky_of
from accord.systems.qkd.satellite.sky import counts_per_s, moon_nanolambert, radiance
from accord.systems.qkd.satellite.turbulence import aperture_averaging, log_irradiance_variance
from accord.systems.qkd.satellite.year import pass_keys

NORTH = {"id": "north", "name": "North", "latitude": "55.7 deg", "longitude": "37.6 deg"}
SOUTH = {"id": "south", "name": "South", "latitude": "17.4 deg", "longitude": "78.5 deg"}


def design(**more: Any) -> dict[str, Any]:
    pair = {"id": "far", "name": "Far", "between": ["north", "south"]}
    return {"satellites": {"stations": [NORTH, SOUTH], "pairs": [pair], **more}}


def year(members: int = 60, **more: Any) -> tuple[Alone, dict[str, np.ndarray]]:
    alone = Alone(SYSTEM, design=design(**more))
    out, failures = alone.evaluate(alone.draw(members))
    assert failures == {}
    return alone, out


@pytest.fixture(scope="module")
def night_only() -> tuple[Alone, dict[str, np.ndarray]]:
    return year(sun_limit="-12 deg")


def test_the_white_nights_leave_a_hole_in_the_year(night_only: tuple[Alone, dict[str, np.ndarray]]) -> None:
    _, out = night_only
    months = out["downlink_key_mbit"].mean(axis=0)
    assert months[0, 5] < 0.15 * months[0, 11]
    assert months[1, 5] > 0.5 * months[1, 11]
    assert 33 <= out["no_night_day"][0, 0] <= 43  # 38 days by an independent count
    assert out["no_night_day"][0, 1] == 0
    assert (out["longest_gap_day"][:, 0] > out["no_night_day"][0, 0]).all()


def test_a_satellite_hands_on_no_more_than_either_end_got(
    night_only: tuple[Alone, dict[str, np.ndarray]],
) -> None:
    _, out = night_only
    ends = out["downlink_key_per_year_mbit"].min(axis=1)
    assert (out["satellite_key_per_year_mbit"][:, 0] <= ends + 1e-9).all()
    np.testing.assert_allclose(
        out["satellite_key_mbit"].sum(axis=2), out["satellite_key_per_year_mbit"], atol=1e-9
    )
    np.testing.assert_allclose(
        out["downlink_key_mbit"].sum(axis=2), out["downlink_key_per_year_mbit"], rtol=1e-9
    )


def test_far_cities_are_never_seen_at_once_from_a_low_orbit(
    night_only: tuple[Alone, dict[str, np.ndarray]],
) -> None:
    _, out = night_only
    assert (out["line_of_sight_km"] < -500.0).all()
    assert (out["direct_key_per_year_mbit"] == 0.0).all()


def test_from_high_enough_entangled_pairs_reach_both() -> None:
    stations = [{**NORTH, "latitude": "30 deg", "aperture": "1.2 m"}, {**SOUTH, "latitude": "25 deg",
                "longitude": "42 deg", "aperture": "1.2 m"}]  # fmt: skip
    alone = Alone(SYSTEM, design=design(stations=stations, sender={"aperture": "0.3 m"}))
    members = alone.draw(20)
    out, _ = alone.evaluate(members)
    assert (out["line_of_sight_km"] > 0.0).all()
    assert (out["direct_key_per_year_mbit"] > 0.0).any()
    view = alone.prepared()["satellites"]["views"][0]
    assert (view["both"] <= np.minimum(view["first"], view["second"]) + 1e-12).all()


@pytest.mark.parametrize(("elevation_deg", "least_km"), [(10.0, 1252.0), (20.0, 2039.0)])
def test_the_height_from_which_two_cities_are_seen(elevation_deg: float, least_km: float) -> None:
    distance = geodesic_km(*np.radians([55.75, 37.62, 17.38, 78.48]))
    assert line_of_sight_altitude_km(distance, elevation_deg) == pytest.approx(least_km, rel=0.01)
    assert line_of_sight_altitude_km(19_000.0, 10.0) == np.inf


@pytest.mark.parametrize(("limit_deg", "days"), [(-12.0, 38), (-18.0, 94)])
def test_days_without_a_night(limit_deg: float, days: int) -> None:
    station = Satellites.model_validate({"stations": [NORTH]}).stations[0]
    assert no_night_days(station, limit_deg, 2461406.5) == pytest.approx(days, abs=3)


def test_cloud_and_failure_take_their_share() -> None:
    alone = Alone(SYSTEM, design=design())
    members = alone.draw(200)
    members["station_availability"] = np.full(200, 1.0)
    members["clear_sky_shift"] = np.zeros(200)
    out, _ = alone.evaluate(members)
    possible = len(alone.prepared()["satellites"]["stations"][0]["time_s"])
    assert out["passes_used"][:, 0].mean() / possible == pytest.approx(0.45, abs=0.03)
    members["station_availability"] = np.zeros(200)
    out, _ = alone.evaluate(members)
    assert (out["passes_used"] == 0.0).all()
    assert (out["longest_gap_day"] == 365.0).all()


def test_cloud_that_lasts_clusters_the_passes() -> None:
    alone = Alone(SYSTEM, design=design())
    members = alone.draw(300)
    gaps = []
    for hours in (0.1, 200.0):
        members["cloud_persistence_h"] = np.full(300, hours)
        gaps.append(alone.evaluate(members)[0]["longest_gap_day"][:, 1].mean())
    assert gaps[1] > 1.3 * gaps[0]


def test_pooled_passes_trade_waiting_for_key() -> None:
    poor = {"stations": [{**NORTH, "aperture": "0.2 m"}], "pairs": []}
    one, many = (year(40, pooled_passes=k, **poor)[1] for k in (1, 10))
    more = many["downlink_key_per_year_mbit"].mean() / max(one["downlink_key_per_year_mbit"].mean(), 1e-9)
    assert more > 1.2
    assert many["longest_gap_day"].mean() > one["longest_gap_day"].mean()


def test_daylight_brings_noise_and_no_key() -> None:
    alone = Alone(SYSTEM, design=design(sun_limit="90 deg"))
    seen = alone.prepared()["satellites"]["stations"][1]
    day = seen["sun_deg"] > 10.0
    assert seen["sky_hz"][day].min() > 1e4 * np.median(seen["sky_hz"][seen["sun_deg"] < -18.0])
    sat = alone.model().satellites  # type: ignore[attr-defined]
    terms = {"error_correction": 1.16, "secrecy": 1e-9, "correctness": 1e-15}
    ready = alone.prepared()["satellites"]
    keys = pass_keys(sat, 1, "hoeffding", terms, ready, alone.draw(10))
    assert (keys[:, day] <= 0.0).all()
    assert (keys[:, ~day] > 0.0).any()


@given(st.floats(-6.0, -2.0), st.floats(1e-8, 1e-5), st.floats(0.0, 0.03))
def test_counts_of_a_pass_are_those_of_its_samples(log_eta: float, noise: float, wrong: float) -> None:
    eta = 10.0**log_eta * np.linspace(0.2, 1.0, 24)
    sums = np.array([[(eta**k).sum() * 10.0 for k in (1, 2, 3)]] * 2)
    mu, p, counts = np.array([0.8, 0.2, 1e-3]), np.array([0.6, 0.3, 0.1]), np.empty((4, 3))
    pass_counts(sums, 0.3, 0, 1.0, 240.0, noise, 1e8, (0.7, mu, p), wrong, 0.02, 0.0, counts)
    clicks = 1.0 - (1.0 - 2.0 * noise) * np.exp(-eta[:, None] * mu)
    expected = (0.7**2 * 1e9 * p * clicks * 1.02).sum(axis=0)
    np.testing.assert_allclose(counts[0], expected, rtol=1e-6)
    errors = noise + wrong * (1.0 - np.exp(-eta[:, None] * mu)) * (1 - 2 * noise) + 0.01 * clicks
    np.testing.assert_allclose(counts[1], (0.7**2 * 1e9 * p * errors).sum(axis=0), rtol=1e-6)
    np.testing.assert_allclose(counts[2], counts[0] * (0.3 / 0.7) ** 2)
    slow = np.empty((4, 3))
    pass_counts(sums, 0.3, 0, 1.0, 240.0, noise, 1e8, (0.7, mu, p), wrong, 0.02, 1e-6, slow)
    assert (slow < counts).all()


def test_the_key_of_a_pass_is_that_of_its_counts(night_only: tuple[Alone, dict[str, np.ndarray]]) -> None:
    alone, out = night_only
    ready = alone.prepared()["satellites"]
    sat = alone.model().satellites  # type: ignore[attr-defined]
    terms = {"error_correction": 1.16, "secrecy": 1e-9, "correctness": 1e-15}
    keys = pass_keys(sat, 0, "hoeffding", terms, ready, alone.draw(60))
    assert keys.shape == (60, len(ready["stations"][0]["time_s"]))
    assert (out["best_block_mbit"][:, 0] <= np.maximum(keys.max(axis=1), 0.0) * 1e-6 + 1e-9).all()
    assert (out["downlink_key_per_year_mbit"][:, 0] <= np.maximum(keys, 0.0).sum(axis=1) * 1e-6 + 1e-9).all()


def test_a_satellite_keeps_key_until_it_has_some_of_the_other_end() -> None:
    one, other = np.zeros((1, 2, 12)), np.zeros((1, 2, 12))
    one[0, 0, 0], other[0, 0, 6] = 10.0, 4.0
    one[0, 1, 3], other[0, 1, 1] = 5.0, 9.0
    both = relayed(one, other)
    assert both[0, 3] == 5.0
    assert both[0, 6] == 4.0
    assert both.sum() == 9.0


def test_a_borrowed_constellation_gives_passes_like_its_own_orbit() -> None:
    sky = sky_of(Orbit.model_validate({"altitude": "550 km", "inclination": "97.6 deg"}), date(2027, 1, 1))
    lent = sky.ephemeris
    days = 12 * 1440
    short = type(lent)(
        epoch_jd_utc=lent.epoch_jd_utc, step_s=lent.step_s, position_km=lent.position_km[:, :days],
        velocity_km_s=lent.velocity_km_s[:, :days], names=lent.names, propagator="j2",
    )  # fmt: skip
    found = borrowed(short, 4, date(2027, 1, 1))
    assert found.repeats == pytest.approx(365 / 11, abs=1.5)
    assert (found.repeats - 1) * found.repeat_s < 365 * 86400.0 <= found.repeats * found.repeat_s
    with pytest.raises(ModelError, match="are needed for the passes of a day"):
        borrowed(
            type(lent)(
                epoch_jd_utc=lent.epoch_jd_utc, step_s=60.0, position_km=lent.position_km[:, :300],
                velocity_km_s=lent.velocity_km_s[:, :300], names=lent.names, propagator="j2",
            ), 1, date(2027, 1, 1),
        )  # fmt: skip


def test_a_long_stretch_is_neither_cut_short_nor_counted_beyond_the_year() -> None:
    satellites = Design.model_validate(design(sun_limit="90 deg")).satellites
    assert satellites is not None
    sky = sky_of(Orbit.model_validate({"altitude": "550 km", "inclination": "97.6 deg"}), date(2027, 1, 1))
    lent = sky.ephemeris
    whole = len(sightings(satellites, satellites.stations[1], sky)["time_s"])
    for days in (200, 250):
        part = type(lent)(
            epoch_jd_utc=lent.epoch_jd_utc, step_s=lent.step_s, position_km=lent.position_km[:, : days * 1440],
            velocity_km_s=lent.velocity_km_s[:, : days * 1440], names=lent.names, propagator="j2",
        )  # fmt: skip
        seen = sightings(satellites, satellites.stations[1], borrowed(part, 1, date(2027, 1, 1)))
        assert seen["time_s"].max() < 365 * 86400.0
        assert len(seen["time_s"]) == pytest.approx(whole, rel=0.02)


@pytest.mark.parametrize(
    ("convention", "angle_rad", "beam_m"),
    [
        ("half_1e2", 5e-6, 5.0),
        ("full_1e2", 1e-5, 5.0),
        ("half_1e", 5e-6, 7.0711),
        ("full_fwhm", 1e-5, 8.4932),
    ],
)
def test_an_angle_means_what_its_convention_says(convention: Any, angle_rad: float, beam_m: float) -> None:
    assert half_angle_rad(angle_rad, convention) * 1e6 == pytest.approx(beam_m, rel=1e-4)


def test_angles_in_the_wrong_unit_are_told() -> None:
    with pytest.raises(ModelError, match="was urad meant"):
        half_angle_rad(10.0, "full_1e2")
    with pytest.raises(ModelError, match="urad"):
        counts_per_s(1e-6, field_of_view_rad=100.0, aperture_m=0.6, bandwidth_nm=1.0, wavelength_nm=850.0)
    with pytest.raises(ModelError, match="in um"):
        modtran_transmission(0.85, 90.0)
    with pytest.raises(ModelError, match="radians"):
        modtran_transmission(850.0, -1.0)


def test_an_uncut_beam_is_a_gaussian_and_cuts_only_lose() -> None:
    ranges = np.array([4e5, 9e5])
    wide = far_field_capture(
        ranges, wavelength_nm=850.0, transmit_radius_m=0.3, waist_m=0.08, receive_radius_m=0.4
    )
    beam = 850e-9 / (np.pi * 0.08) * ranges
    np.testing.assert_allclose(wide, gaussian_capture(beam, 0.4), rtol=2e-3)
    plain, shielded = (
        far_field_capture(
            ranges, wavelength_nm=850.0, transmit_radius_m=0.1, waist_m=0.1, receive_radius_m=0.4, obscuration=o
        )
        for o in (0.0, 0.4)
    )  # fmt: skip
    assert (shielded < plain).all()


@given(st.floats(2.0, 30.0), st.floats(0.1, 6.0), st.floats(0.0, 5.0))
def test_the_mean_of_a_trembling_beam_is_that_of_its_draws(beam: float, jitter: float, bias: float) -> None:
    effect = pointing(beam, 0.3, jitter, bias)
    rng = np.random.default_rng(1)
    x, y = rng.normal(bias, jitter, 200_000), rng.normal(0.0, jitter, 200_000)
    drawn = np.exp(-2.0 * (x**2 + y**2) / beam**2)
    spread = 5.0 * drawn.std() / np.sqrt(len(drawn))
    assert float(effect.mean_factor) == pytest.approx(drawn.mean(), abs=spread + 0.01)
    uniform = (np.arange(1000) + 0.5) / 1000
    alone = pointing(beam, 0.3, jitter)
    assert alone.quantile_factor(uniform).mean() == pytest.approx(float(alone.mean_factor), rel=0.02)


def test_air_thickens_towards_the_horizon() -> None:
    elevation = np.array([15.0, 30.0, 60.0, 90.0])
    for wavelength in (850.0, 1550.0):
        depth = relative_depth(wavelength, elevation)
        assert (np.diff(depth) < 0).all()
        assert depth[-1] == pytest.approx(1.0, abs=1e-3)
    assert kruse_db_per_km(23.0, 550.0) == pytest.approx(0.74, abs=0.01)
    assert kruse_db_per_km(0.4, 1550.0) == pytest.approx(kruse_db_per_km(0.4, 550.0))


def test_the_sky_brightens_from_night_to_day_and_with_the_moon() -> None:
    sun = np.array([-40.0, -14.0, -10.0, -6.0, -2.0, 5.0, 30.0])
    none = np.full(7, -10.0)
    light = radiance(sun, np.zeros(7), none)
    assert (np.diff(light) >= 0.0).all()
    assert light[-1] / light[0] > 1e5
    full, half = (radiance(sun[:1], np.array([p]), np.array([50.0]))[0] for p in (0.0, np.pi / 2))
    assert full > 3.0 * half > 3.0 * light[0]
    assert moon_nanolambert(np.array([0.0]), np.array([-1.0]))[0] == 0.0


def test_the_moon_of_the_almanac() -> None:
    # Meeus (1998), example 47.a: 1992 April 12, 0 h
    longitude, latitude, distance = moon_ecliptic(2448724.5)
    assert np.degrees(longitude) == pytest.approx(133.167, abs=0.3)
    assert np.degrees(latitude) == pytest.approx(-3.229, abs=0.2)
    assert distance == pytest.approx(368409.7, rel=0.002)
    assert np.degrees(phase_angle_rad(2448724.5)) == pytest.approx(69.08, abs=0.5)  # example 48.a


def test_a_wide_telescope_averages_scintillation() -> None:
    narrow, wide = (float(aperture_averaging(45.0, 850.0, d)) for d in (0.01, 1.0))
    assert wide < 0.05 < narrow < 1.0
    assert log_irradiance_variance(50.0, 850.0) > log_irradiance_variance(80.0, 850.0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sender": {"intensities": [0.4, 0.3, 0.2], "probabilities": [0.5, 0.3, 0.2]}}, "exceed the sum"),
        ({"sender": {"intensities": [0.8, 0.1, 0.0], "probabilities": [0.5, 0.3, 0.3]}}, "adding up to 1"),
        ({"sender": {"intensities": [0.8, 0.1, 0.0]}}, "come together"),
        ({"gate": "20 ns"}, "longer than the 10 ns between pulses"),
        ({"stations": [NORTH, NORTH]}, "two stations"),
        ({"pairs": [{"id": "p", "name": "P", "between": ["north", "moon"]}]}, "no station 'moon'"),
        ({"stations": [{**NORTH, "clear_sky": 1.5}, SOUTH]}, "each above 0 and below 1"),
        ({"stations": [{**NORTH, "clear_sky": [0.5, 0.5]}, SOUTH]}, "one share or twelve"),
        ({"sender": {"divergence": "10 rad"}}, "outside the possible range"),
    ],
)  # fmt: skip
def test_designs_that_cannot_be_are_told(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Design.model_validate(design(**change))


def test_an_orbit_too_high_for_the_sun_asks_for_an_inclination() -> None:
    with pytest.raises(ModelError, match="state an inclination"):
        sky_of(Orbit.model_validate({"altitude": "20000 km"}), date(2027, 1, 1))


def test_settings_suit_the_passes(night_only: tuple[Alone, dict[str, np.ndarray]]) -> None:
    alone, _ = night_only
    row = alone.prepared()["satellites"]["sender"]
    best = Protocol(key_basis_probability=row[0], intensities=row[1:4], probabilities=row[4:7])
    assert 0.5 < best.intensities[0] < 0.95
