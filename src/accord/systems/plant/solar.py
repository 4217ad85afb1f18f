"""Sun to solar field: the pvlib chain from irradiance to output, rows that shade one another, dust on the glass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.systems.plant.weather.sky import Sky

FloatArray = NDArray[np.float64]

__all__ = ["Mount", "output", "row_factors", "soiling"]

_GRID_DEG = np.arange(0.0, 91.0, 3.0)  # tilts at which factors are tabulated


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """How the modules stand: fixed at a tilt, or on a single north-south axis, always in long rows.

    Attributes
    ----------
    tracker : bool
    tilt_deg, azimuth_deg : float
        Of fixed modules.
    ground_cover : float [1]
        Width of the modules over the distance of the rows; 0: one row alone.
    limit_deg : float
        To which the axis turns.
    backtrack : bool
        Whether the axis turns back so that rows cast no beam shadow on one another.
    dc_ac, inverter : float [1]
        Module power over inverter power; efficiency.
    losses : float [1]
        Of DC power, beside what is modelled (reflection, temperature, rows, dust).
    bifaciality : float [1]
        What a watt on the back gives over one on the front; 0: modules that see only forward.
    height : float [1]
        Of the modules' centre line over the distance of the rows, for the back.
    """

    tracker: bool = True
    tilt_deg: float = 25.0
    azimuth_deg: float = 180.0
    ground_cover: float = 0.4
    limit_deg: float = 60.0
    backtrack: bool = True
    dc_ac: float = 1.3
    losses: float = 0.14
    inverter: float = 0.96
    albedo: float = 0.2
    temperature_per_k: float = -0.0035
    bifaciality: float = 0.0
    height: float = 0.4


def row_factors(tilt_deg: ArrayLike, ground_cover: float) -> tuple[FloatArray, FloatArray]:
    """Return how much of the sky and of the ground a row sees, over what it would see alone [1].

    View factors of infinite rows, averaged over the width of the modules: Mikofski et al. (2019), Bifacial
    performance modeling in large arrays, IEEE Photovoltaic Specialists Conference; by pvlib.

    Parameters
    ----------
    tilt_deg : float array [deg]
    ground_cover : float [1]
    """
    tilt = np.asarray(tilt_deg, dtype=float)
    if ground_cover <= 0.0:
        return np.ones_like(tilt), np.ones_like(tilt)
    from pvlib.bifacial import utils as _view

    view: Any = _view  # its functions carry no types
    cosine = np.cos(np.radians(_GRID_DEG))
    sky = view.vf_row_sky_2d_integ(_GRID_DEG, ground_cover, x0=0.0, x1=1.0) / ((1.0 + cosine) / 2.0)
    alone = (1.0 - cosine) / 2.0
    ground = np.asarray(view.vf_row_ground_2d_integ(_GRID_DEG, ground_cover, x0=0.0, x1=1.0))
    ground = np.divide(ground, alone, out=np.ones_like(alone), where=alone > 0.0)
    return np.interp(tilt, _GRID_DEG, sky), np.interp(tilt, _GRID_DEG, np.minimum(ground, 1.0))


def soiling(
    washed: NDArray[np.bool_], rate_per_day: float, cleaning_day: int, most: float = 0.3
) -> FloatArray:
    """Return what dust leaves of the light on each day [1]: it grows evenly until rain or a brush.

    After Kimber et al. (2006), IEEE World Conference on Photovoltaic Energy Conversion, 2391, without its days of
    grace; the year repeats.

    Parameters
    ----------
    washed : bool array, shape (days,)
        Days with rain enough to wash.
    rate_per_day : float [1/day]
    cleaning_day : int
        Days from one cleaning to the next, counted from the last wash; 0: never cleaned.
    most : float [1]
        Loss at which dust stops growing.
    """
    days = len(washed)
    loss, level, since = np.zeros(days), 0.0, 0
    for day in range(2 * days):  # the first turn finds the level at which the year begins
        since += 1
        if washed[day % days] or (cleaning_day > 0 and since >= cleaning_day):
            level, since = 0.0, 0
        loss[day % days] = level
        level = min(level + rate_per_day, most)
    return np.asarray(1.0 - loss)


def output(
    sky: Sky,
    mount: Mount,
    latitude_deg: float,
    longitude_deg: float = 0.0,
    altitude_m: float = 0.0,
    clean: FloatArray | None = None,
) -> FloatArray:
    """Return AC output over DC capacity, hour by hour [1].

    Solar position at ``sky.times``, transposition after Perez et al. (1990), rows' view of sky and ground after
    Mikofski et al. (2019) and their beam shadow, incidence loss of beam and diffuse light (physical model; diffuse
    after Marion 2017), cell temperature after Faiman (2008), PVWatts power and inverter (Dobos 2014,
    NREL/TP-6A20-62641). All by pvlib.

    Parameters
    ----------
    sky : Sky
    mount : Mount
    latitude_deg, longitude_deg : float [deg]
    altitude_m : float [m]
    clean : float array, shape (hours,), optional
        What dust leaves of the light [1].
    """
    import pvlib as _pvlib

    pvlib: Any = _pvlib  # its functions carry no types
    position = pvlib.solarposition.get_solarposition(
        sky.times, latitude_deg, longitude_deg, altitude=altitude_m
    )
    zenith, azimuth = position["apparent_zenith"].to_numpy(), position["azimuth"].to_numpy()
    tilt, facing, shaded = _stand(mount, zenith, azimuth)
    irradiance = pvlib.irradiance
    plane = irradiance.get_total_irradiance(
        tilt, facing, zenith, azimuth, sky.dni, sky.ghi, sky.dhi,
        dni_extra=np.asarray(irradiance.get_extra_radiation(sky.times.day_of_year.to_numpy())),
        airmass=pvlib.atmosphere.get_relative_airmass(zenith), albedo=mount.albedo, model="perez",
    )  # fmt: skip
    part = {k: np.nan_to_num(np.asarray(v, dtype=float)) for k, v in plane.items()}
    sky_seen, ground_seen = row_factors(tilt, mount.ground_cover)
    beam = part["poa_direct"] * (1.0 - shaded)
    from_sky, from_ground = part["poa_sky_diffuse"] * sky_seen, part["poa_ground_diffuse"] * ground_seen
    back = _back(sky, mount, tilt, facing, zenith, azimuth)
    glass = np.nan_to_num(pvlib.iam.physical(irradiance.aoi(tilt, facing, zenith, azimuth)))
    sky_glass, ground_glass = _diffuse_glass(tilt)
    useful = beam * glass + from_sky * sky_glass + from_ground * ground_glass + mount.bifaciality * back
    if clean is not None:
        useful = useful * clean
    cell = pvlib.temperature.faiman(beam + from_sky + from_ground, sky.air_degc, sky.wind_m_s)
    dc = np.maximum(
        useful / 1000.0 * (1.0 + mount.temperature_per_k * (cell - 25.0)) * (1.0 - mount.losses), 0.0
    )
    rated = 1.0 / mount.dc_ac / mount.inverter
    ac = pvlib.inverter.pvwatts(dc, rated, eta_inv_nom=mount.inverter)
    found: FloatArray = np.maximum(np.nan_to_num(np.asarray(ac, dtype=float)), 0.0)
    return found


def _stand(
    mount: Mount, zenith: FloatArray, azimuth: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return tilt and azimuth of the modules [deg] and the share of them in the shadow of the next row."""
    import pvlib as _pvlib

    pvlib: Any = _pvlib  # its functions carry no types
    if mount.tracker:
        cover = max(mount.ground_cover, 1e-6)
        turned = pvlib.tracking.singleaxis(
            zenith, azimuth, 0.0, 180.0, mount.limit_deg, mount.backtrack, cover
        )
        tilt = np.nan_to_num(np.asarray(turned["surface_tilt"], dtype=float))
        facing = np.nan_to_num(np.asarray(turned["surface_azimuth"], dtype=float), nan=180.0)
        rotation, axis = np.nan_to_num(np.asarray(turned["tracker_theta"], dtype=float)), 180.0
    else:
        tilt, facing = np.full(len(zenith), mount.tilt_deg), np.full(len(zenith), mount.azimuth_deg)
        # rows run across the modules' azimuth; seen along this axis a turn to the right is positive
        rotation, axis = np.full(len(zenith), mount.tilt_deg), mount.azimuth_deg - 90.0
    if mount.ground_cover <= 0.0:
        return tilt, facing, np.zeros(len(zenith))
    shaded = pvlib.shading.shaded_fraction1d(
        zenith, azimuth, axis_azimuth=axis, shaded_row_rotation=rotation, collector_width=mount.ground_cover,
        pitch=1.0,
    )  # fmt: skip
    return tilt, facing, np.where(zenith < 90.0, np.nan_to_num(np.asarray(shaded, dtype=float)), 0.0)


def _diffuse_glass(tilt: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return what glass lets through of the light from the sky and from the ground [1]."""
    import pvlib as _pvlib

    pvlib: Any = _pvlib  # its functions carry no types
    table = [pvlib.iam.marion_diffuse("physical", t) for t in _GRID_DEG]
    sky, ground = (np.nan_to_num([float(row[k]) for row in table]) for k in ("sky", "ground"))
    return np.interp(tilt, _GRID_DEG, sky), np.interp(tilt, _GRID_DEG, ground)


def _back(
    sky: Sky, mount: Mount, tilt: FloatArray, facing: FloatArray, zenith: FloatArray, azimuth: FloatArray
) -> FloatArray:
    """Return irradiance on the back of the modules [W/m2]; 0 where they see only forward."""
    if mount.bifaciality <= 0.0 or mount.ground_cover <= 0.0:
        return np.zeros(len(zenith))
    from pvlib.bifacial import infinite_sheds as _sheds

    sheds: Any = _sheds  # its functions carry no types
    found = sheds.get_irradiance_poa(
        180.0 - tilt, (facing + 180.0) % 360.0, np.minimum(zenith, 89.9), azimuth, mount.ground_cover,
        mount.height, 1.0, sky.ghi, sky.dhi, sky.dni, mount.albedo,
    )  # fmt: skip
    return np.asarray(np.nan_to_num(np.asarray(found["poa_global"], dtype=float)))
