"""One pass in short steps: a circle over a sphere, the loss with its trembling and twinkling, the noise of gates."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from accord.errors import ModelError
from accord.physics.constants import EARTH_MEAN_RADIUS_KM, EARTH_MU_KM3_PER_S2
from accord.systems.qkd.finite_key import Protocol
from accord.systems.qkd.optimise import best_on
from accord.systems.qkd.photons import Stretch
from accord.systems.qkd.satellite.air import relative_depth
from accord.systems.qkd.satellite.design import Satellites, Station
from accord.systems.qkd.satellite.inputs import SATELLITE_INPUTS
from accord.systems.qkd.satellite.optics import pointing
from accord.systems.qkd.satellite.sightings import capture
from accord.systems.qkd.satellite.sky import counts_per_s, radiance
from accord.systems.qkd.satellite.turbulence import aperture_averaging, log_irradiance_variance
from accord.systems.qkd.satellite.year import AFTERPULSE, beam_half_angle_rad, gate_noise, receiver_gain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["STEP_S", "circular_pass", "pass_of", "stretch_of"]

STEP_S = 0.01
_LOWEST_DEG = 5.0


def circular_pass(
    altitude_km: float, top_elevation_deg: float, seconds: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return range [km] and elevation [deg] at times from the top of a pass, over a sphere that stands still.

    Raises
    ------
    accord.errors.ModelError
        For a height or an elevation that cannot be.
    """
    if not (altitude_km > 0.0 and 0.0 < top_elevation_deg <= 90.0):
        raise ModelError(
            f"a pass at {altitude_km:g} km up to {top_elevation_deg:g} deg: expected a height above 0, 0 to 90 deg"
        )
    radius, orbit = EARTH_MEAN_RADIUS_KM, EARTH_MEAN_RADIUS_KM + altitude_km
    top = math.radians(top_elevation_deg)
    aside = 0.5 * math.pi - top - math.asin(radius * math.cos(top) / orbit)
    angle = np.cos(math.sqrt(EARTH_MU_KM3_PER_S2 / orbit**3) * np.asarray(seconds)) * math.cos(aside)
    distance = np.sqrt(radius**2 + orbit**2 - 2.0 * radius * orbit * angle)
    sine = np.clip((orbit * angle - radius) / distance, -1.0, 1.0)
    return distance, np.degrees(np.arcsin(sine))


def stretch_of(
    design: Satellites,
    station: Station,
    devices: Mapping[str, FloatArray],
    range_km: FloatArray,
    elevation_deg: FloatArray,
    *,
    step_s: float,
    sky_hz: float,
    seed: int,
) -> Stretch:
    """Return a pass as photons see it: each step with its own error of pointing and its own scintillation.

    Both are drawn with a mean of one over what the year's model takes: the density of captured shares of Farid &
    Hranilovic (2007), and a lognormal of the variance left by the telescope's averaging (ITU-R P.1622-1). Steps should
    be about as long as a beam takes to move, 10 ms.

    Parameters
    ----------
    devices : mapping of str to float array, shape (1,)
        Inputs of one member.
    sky_hz : float
        Photons a second of the sky in the telescope, factor one.
    """
    rng = np.random.default_rng(seed)
    gain, _ = receiver_gain(design, station, devices)
    tau = float(devices["zenith_transmittance"][0])
    air = np.exp(math.log(tau) * relative_depth(design.sender.wavelength_nm, elevation_deg))
    steady = capture(design, station, range_km) * air * float(gain[0])
    jitter = float(devices["pointing_jitter_urad"][0]) * 1e-6 / math.sqrt(2.0)
    aim = pointing(beam_half_angle_rad(design), 0.5 * station.aperture_m / 1e6, jitter)
    trembling = aim.quantile_factor(rng.random(len(steady))) / aim.mean_factor
    variance = log_irradiance_variance(elevation_deg, design.sender.wavelength_nm) * aperture_averaging(
        elevation_deg, design.sender.wavelength_nm, station.aperture_m
    )
    twinkling = np.exp(np.sqrt(variance) * rng.standard_normal(len(steady)) - 0.5 * variance)
    noise = float(gate_noise(design, devices, sky_hz)[0])
    pulse_hz = design.sender.pulse_rate_mhz * 1e6
    edges = np.round(np.arange(len(steady) + 1) * step_s * pulse_hz).astype(np.int64)
    return Stretch(
        through=np.minimum(steady * trembling * twinkling, 1.0),
        noise=np.full(len(steady), noise),
        pulses=np.diff(edges),
        misalignment=float(devices["downlink_misalignment"][0]),
        afterpulse=AFTERPULSE,
        dead_pulses=round(design.dead_time_ns * 1e-9 * pulse_hz),
    )


def pass_of(
    *,
    seconds: float,
    altitude_km: float,
    top_elevation_deg: float,
    pulse_rate_mhz: float,
    aperture_m: float,
    seed: int,
) -> tuple[Stretch, Protocol]:
    """Return one dark pass over a station with the median devices, and the sender's best settings for it.

    Raises
    ------
    accord.errors.ModelError
        When the satellite is below 5 degrees at either end.
    """
    station = {"id": "station", "name": "Station", "latitude": "0 deg", "longitude": "0 deg"}
    design = Satellites.model_validate({
        "sender": {"pulse_rate": f"{pulse_rate_mhz} MHz"},
        "gate": f"{min(2.0, 200.0 / pulse_rate_mhz)} ns",
        "stations": [{**station, "aperture": f"{aperture_m} m"}],
    })  # fmt: skip
    devices = {name: np.array([i.spread.quantile(0.5)]) for name, i in SATELLITE_INPUTS.items() if i.spread}
    middle = (np.arange(round(seconds / STEP_S), dtype=float) + 0.5) * STEP_S - 0.5 * seconds
    distance, elevation = circular_pass(altitude_km, top_elevation_deg, middle)
    if float(elevation.min()) < _LOWEST_DEG:
        raise ModelError(
            f"a pass of {seconds:g} s up to {top_elevation_deg:g} deg at {altitude_km:g} km begins at "
            f"{float(elevation.min()):.1f} deg of elevation: expected at least {_LOWEST_DEG:g}; shorten it"
        )
    dark = counts_per_s(
        radiance(np.array([-40.0]), np.array([0.0]), np.array([-10.0])),
        field_of_view_rad=design.field_of_view_urad * 1e-6,
        aperture_m=aperture_m,
        bandwidth_nm=design.bandwidth_nm,
        wavelength_nm=design.sender.wavelength_nm,
    )
    stretch = stretch_of(
        design,
        design.stations[0],
        devices,
        distance,
        elevation,
        step_s=STEP_S,
        sky_hz=float(dark[0]),
        seed=seed,
    )
    best = best_on(
        stretch.through, stretch.noise, stretch.pulses.astype(float), afterpulse=stretch.afterpulse,
        misalignment=stretch.misalignment,
    )  # fmt: skip
    return stretch, best.protocol
