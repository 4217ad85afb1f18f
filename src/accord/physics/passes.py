"""When satellites rise, culminate and set over places on the ground, by day or night, lit or in shadow.

Systems that need contacts take the port `accord.contract.Ephemeris` from the constellation and search it here for
their own sites: who asks knows its sites and masks, the constellation does not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from accord.contract import Ephemeris, Passes
from accord.physics.constants import EARTH_RADIUS_KM
from accord.physics.cores import cores
from accord.physics.geodesy import ecef_from_geodetic, normal
from accord.physics.sun import sun_pef_km

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
_Found = tuple[NDArray[np.int32], FloatArray]  # satellite and site; the kernel's rows

__all__ = ["passes", "states_at", "sunlit_share"]

TOLERANCE_S = 1e-3
_BLOCK_DEG = 8.0  # sites this near to one another are compared with a satellite's cap together
_TILT_RAD = math.radians(0.2)  # the ellipsoid's normal leans by up to 0.193 degree from the geocentric one
_PIECES, _FEWEST = 64, 16  # of work: as many by satellites, and by sites where these are fewer
_FARTHEST_RAD = 0.5  # between nodes: beyond, Hermite's cubic is off by more than a kilometre
_LOWEST_MASK_DEG, _HIGHEST_MASK_DEG = -5.0, 89.9


def states_at(ephemeris: Ephemeris, satellite: NDArray[np.int64], seconds: FloatArray) -> FloatArray:
    """Return Earth-fixed positions [km], shape (n, 3), by cubic Hermite interpolation between the nodes.

    The cut-off error is ``h^4/384`` of the fourth derivative: below 1 m for nodes 60 s apart in low orbits.

    Parameters
    ----------
    satellite : int array, shape (n,)
    seconds : float array, shape (n,) [s]
        Since the ephemeris' epoch, within its nodes.
    """
    nodes = ephemeris.position_km.shape[1]
    node = np.clip((seconds / ephemeris.step_s).astype(np.int64), 0, nodes - 2)
    x = (seconds / ephemeris.step_s - node)[:, None]
    p, v = ephemeris.position_km, ephemeris.velocity_km_s * ephemeris.step_s
    late = x * x * (3.0 - 2.0 * x)
    value = p[satellite, node] * (1.0 - late) + p[satellite, node + 1] * late
    bend = v[satellite, node] * (1.0 - x) - v[satellite, node + 1] * x
    return np.asarray(value + x * (1.0 - x) * bend)


def sunlit_share(position_km: FloatArray, sun_km: FloatArray) -> FloatArray:
    """Return the share of the Sun's disc that satellites see: 0 in the umbra, between 0 and 1 in the penumbra.

    Montenbruck & Gill (2000), Satellite Orbits, section 3.4.2: cones behind a sphere of the Earth's equatorial
    radius, no atmosphere.

    Parameters
    ----------
    position_km, sun_km : float array, shape (n, 3) [km]
        In one frame, from the Earth's centre.
    """
    from accord.physics.kernels.passes import shadow_shares

    share = np.empty(len(position_km))
    shadow_shares(np.ascontiguousarray(position_km), np.ascontiguousarray(sun_km), EARTH_RADIUS_KM, share)
    return share


@dataclass(frozen=True, slots=True)
class _Sky:
    """What every group of sites is searched against; see `accord.physics.kernels.search.search`."""

    position: FloatArray
    velocity: FloatArray
    tracks: NDArray[np.float32]
    units: NDArray[np.float32]
    step_s: float
    reach: FloatArray
    farthest_km: FloatArray
    speed_km: FloatArray
    sun: FloatArray

    @property
    def tolerance(self) -> float:
        return TOLERANCE_S / self.step_s

    def bound(self, lowest_rad: FloatArray, nearest_km: FloatArray, radius_rad: FloatArray) -> FloatArray:
        """Return the cosine of the widest angle from groups' centres at which a node must be looked at.

        From shapes (groups,) to (groups, satellites).
        """
        ratio = np.minimum(nearest_km[:, None] / self.farthest_km, 1.0)
        low = lowest_rad[:, None] - _TILT_RAD
        cap = np.arccos(np.clip(ratio * np.cos(low), -1.0, 1.0)) - low
        return np.asarray(np.cos(np.minimum(cap + self.reach + radius_rad[:, None] + 1e-3, math.pi)) - 1e-6)


def passes(
    ephemeris: Ephemeris,
    latitude_deg: FloatArray,
    longitude_deg: FloatArray,
    mask_deg: FloatArray | float,
    *,
    height_km: FloatArray | float = 0.0,
    horizon_deg: FloatArray | None = None,
    twilight_deg: float = -6.0,
    threads: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Passes:
    """Find all passes above a mask, rise and set to 1 ms, without refraction.

    Every crossing is found, those of passes that rise and set between two nodes included; the result does not
    depend on the number of threads.

    Parameters
    ----------
    ephemeris : Ephemeris
        At least three nodes.
    latitude_deg, longitude_deg : float array, shape (sites,) [deg]
        Geodetic; any turn of longitude.
    mask_deg : float or float array, shape (sites,) [deg]
        Lowest elevation that counts, above the plane normal to the ellipsoid.
    height_km : float or float array, shape (sites,) [km]
        Of the sites above the ellipsoid.
    horizon_deg : float array, shape (sites, bins) [deg], optional
        Horizon of each site at evenly spaced azimuths from north over east, linear in between; counts where it is
        above the mask. It is compared each second.
    twilight_deg : float [deg]
        A pass is dark when the Sun stands lower than this at culmination.
    threads : int
        0 for one a processor.
    progress : callable, optional
        Receives the share that is done; what it raises ends the search.

    Raises
    ------
    ValueError
        For fewer than three nodes, nodes too far apart, states that are not finite, and sites or masks that cannot be.
    """
    sky = _sky(ephemeris)
    sites = _sites(latitude_deg, longitude_deg, mask_deg, height_km, horizon_deg)
    with ThreadPoolExecutor(threads or cores()) as pool:
        parts = _parts(len(sky.position), len(sites.groups))
        jobs = {pool.submit(_of_part, sky, sites, *part): n for n, part in enumerate(parts)}
        total = len(jobs)
        found: list[_Found] = [(np.empty((0, 2), np.int32), np.empty((0, 6)))] * max(total, 1)
        try:
            for done, job in enumerate(as_completed(jobs), 1):
                found[jobs.pop(job)] = job.result()
                if progress is not None:
                    progress(done / total)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
        ids, rows = _joined(found, pool)
        if sites.horizon_rad is not None:
            ids, rows = _behind(sky, sites, sites.horizon_rad, ids, rows)
        return _sorted(ephemeris, ids, rows, twilight_deg, pool)


def _sky(ephemeris: Ephemeris) -> _Sky:
    position = np.ascontiguousarray(ephemeris.position_km)
    if position.shape[1] < 3:
        raise ValueError("an ephemeris of at least three nodes is needed")
    finite = np.isfinite(position).all(axis=(1, 2))
    if not finite.all():
        names = ", ".join(ephemeris.names[i] for i in np.flatnonzero(~finite)[:5])
        raise ValueError(f"no finite positions of {names}: leave out what cannot be propagated")
    step_s = ephemeris.step_s
    radius = np.linalg.norm(position, axis=2)
    units = position / radius[..., None]
    # between nodes nothing turns farther from the nearer one than half of what two nodes are apart, and a little
    apart = np.arccos(np.clip(np.sum(units[:, 1:] * units[:, :-1], axis=2), -1.0, 1.0)).max(axis=1)
    if apart.max() > _FARTHEST_RAD:
        name, angle = ephemeris.names[int(np.argmax(apart))], math.degrees(float(apart.max()))
        raise ValueError(
            f"nodes {step_s:g} s apart: {name} moves {angle:.0f} deg in between, expected at most 28"
        )
    speed = np.linalg.norm(ephemeris.velocity_km_s, axis=2).max(axis=1) * step_s
    return _Sky(
        position=position,
        velocity=np.ascontiguousarray(ephemeris.velocity_km_s),
        tracks=np.pad(
            position.astype(np.float32).swapaxes(1, 2), ((0, 0), (0, 0), (0, 16)), constant_values=1.0
        ),
        units=np.ascontiguousarray(units.astype(np.float32).swapaxes(1, 2)),
        step_s=step_s,
        reach=0.55 * apart,
        farthest_km=radius.max(axis=1) * 1.0001,
        speed_km=1.05 * speed,
        sun=sun_pef_km(ephemeris.epoch_jd_utc, step_s * np.arange(position.shape[1], dtype=np.float64)),
    )


@dataclass(frozen=True, slots=True)
class _Sites:
    """Places on the ground: positions [km], normals, lowest elevation and horizon [rad], neighbours by number."""

    position: FloatArray
    up: FloatArray
    east: FloatArray
    mask_rad: FloatArray
    horizon_rad: FloatArray | None
    groups: list[IntArray]


def _sites(
    latitude_deg: FloatArray,
    longitude_deg: FloatArray,
    mask_deg: FloatArray | float,
    height_km: FloatArray | float,
    horizon_deg: FloatArray | None,
) -> _Sites:
    """Refuse sites and masks that cannot be, and place the others."""
    latitude, longitude = (np.atleast_1d(np.asarray(v, float)) for v in (latitude_deg, longitude_deg))
    if latitude.shape != longitude.shape or latitude.ndim != 1:
        raise ValueError(f"{latitude.size} latitudes and {longitude.size} longitudes, expected as many")
    mask, height = (np.broadcast_to(np.asarray(v, float), latitude.shape) for v in (mask_deg, height_km))
    if not np.all(np.abs(latitude) <= 90.0):
        raise ValueError("latitude: expected -90 to 90 deg")
    if not np.all(np.isfinite(longitude)) or not np.all(np.isfinite(height)):
        raise ValueError("longitude and height: expected finite numbers")
    if not np.all((mask >= _LOWEST_MASK_DEG) & (mask <= _HIGHEST_MASK_DEG)):
        raise ValueError(f"mask: expected {_LOWEST_MASK_DEG:g} to {_HIGHEST_MASK_DEG:g} deg of elevation")
    if horizon_deg is not None:
        if horizon_deg.ndim != 2 or len(horizon_deg) != len(latitude) or not horizon_deg.shape[1]:
            raise ValueError(f"horizon: expected one row of azimuths for each of {len(latitude)} sites")
        if not np.all((horizon_deg >= -90.0) & (horizon_deg <= _HIGHEST_MASK_DEG)):
            raise ValueError(f"horizon: expected elevations up to {_HIGHEST_MASK_DEG:g} deg")
        mask = np.maximum(mask, horizon_deg.min(axis=1))
    north, east = np.radians(latitude), np.radians(longitude)
    return _Sites(
        position=ecef_from_geodetic(north, east, height),
        up=normal(north, east),
        east=np.stack([-np.sin(east), np.cos(east), np.zeros_like(east)], axis=1),
        mask_rad=np.radians(mask),
        horizon_rad=None if horizon_deg is None else np.radians(horizon_deg),
        groups=_groups(latitude, np.mod(longitude, 360.0)),
    )


def _groups(latitude_deg: FloatArray, longitude_deg: FloatArray) -> list[IntArray]:
    """Return the numbers of neighbouring sites, block by block."""
    band = np.floor((latitude_deg + 90.0) / _BLOCK_DEG)
    middle = np.radians(np.clip((band + 0.5) * _BLOCK_DEG - 90.0, -89.0, 89.0))
    block = np.floor(longitude_deg * np.cos(middle) / _BLOCK_DEG)
    _, of_site = np.unique(np.column_stack([band, block]), axis=0, return_inverse=True)
    order = np.argsort(of_site, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(of_site[order])) + 1) if len(order) else []


def _parts(satellites: int, groups: int) -> list[tuple[slice, slice]]:
    """Return pieces of work: satellites, and groups of sites where there are few satellites."""
    by_satellite = np.linspace(0, satellites, min(satellites, _PIECES) + 1).astype(int)
    by_group = np.linspace(0, groups, min(groups, max(1, _FEWEST // max(satellites, 1))) + 1).astype(int)
    return [(slice(a, b), slice(c, d)) for a, b in pairwise(by_satellite) for c, d in pairwise(by_group)]


def _of_part(sky: _Sky, sites: _Sites, satellites: slice, groups: slice) -> _Found:
    """Return satellite and site of every pass of a piece of work, shape (passes, 2), and the kernel's rows."""
    from accord.physics.kernels.search import search

    chosen = sites.groups[groups]
    start = np.cumsum([0, *(len(group) for group in chosen)])
    order = np.concatenate(chosen)
    places, mask_rad, first = sites.position[order], sites.mask_rad[order], start[:-1]
    distance = np.linalg.norm(places, axis=1)
    toward = places / distance[:, None]
    centre = np.add.reduceat(toward, first)
    centre /= np.linalg.norm(centre, axis=1)[:, None]
    apart = np.sum(toward * np.repeat(centre, np.diff(start), axis=0), axis=1)
    radius = np.arccos(np.clip(np.minimum.reduceat(apart, first), -1.0, 1.0))
    level = np.sin(mask_rad)
    bound = sky.bound(np.minimum.reduceat(mask_rad, first), np.minimum.reduceat(distance, first), radius)
    ids, rows = search(
        sky.position,
        sky.velocity,
        sky.tracks,
        sky.units,
        sky.step_s,
        satellites.start,
        satellites.stop,
        bound.astype(np.float32),
        sky.speed_km * (1.0 + float(np.abs(level).max())),
        sky.sun,
        centre.astype(np.float32),
        start,
        places,
        sites.up[order],
        level,
        EARTH_RADIUS_KM,
        sky.tolerance,
    )
    ids[:, 1] = order[ids[:, 1]]
    return ids, rows


def _behind(
    sky: _Sky, sites: _Sites, horizon_rad: FloatArray, ids: NDArray[np.int32], rows: FloatArray
) -> _Found:
    """Leave of each pass the parts that clear the horizon."""
    from accord.physics.kernels.horizon import clip_all
    from accord.physics.kernels.passes import complete

    frame = np.stack([sites.east, np.cross(sites.up, sites.east), sites.up], axis=1)
    where = (sky.position, sky.velocity, sky.step_s)
    spans = np.ascontiguousarray(rows[:, [0, 2]])
    origin, parts = clip_all(*where, sites.position, frame, horizon_rad, ids, spans, sky.tolerance)
    ids = ids[origin]
    return ids, complete(
        *where, sky.sun, sites.position, sites.up, EARTH_RADIUS_KM, sky.tolerance, ids, parts
    )


def _joined(found: list[_Found], pool: ThreadPoolExecutor) -> _Found:
    """Return one list of all groups' passes; the parts are given up."""
    ends = np.cumsum([0, *(len(part) for part, _ in found)])
    ids, rows = np.empty((ends[-1], 2), np.int32), np.empty((ends[-1], 6))

    def move(n: int) -> None:
        ids[ends[n] : ends[n + 1]], rows[ends[n] : ends[n + 1]] = found[n]
        found[n] = (ids[:0], rows[:0])

    list(pool.map(move, range(len(found))))
    return ids, rows


def _sorted(
    ephemeris: Ephemeris,
    ids: NDArray[np.int32],
    rows: FloatArray,
    twilight_deg: float,
    pool: ThreadPoolExecutor,
) -> Passes:
    """Return the passes by rise, then site, then satellite."""
    from accord.physics.kernels.ordering import by_rise, lay_out

    count, last = len(rows), float(ephemeris.position_km.shape[1] - 1)
    order, crowds = by_rise(rows[:, 0].copy(), ids, last)
    for start, stop in crowds:
        part = order[start:stop]
        order[start:stop] = part[np.lexsort((ids[part, 0], ids[part, 1], rows[part, 0]))]
    whole, real, flags = np.empty((2, count), np.int64), np.empty((6, count)), np.empty((2, count), np.bool_)
    fixed = (ids, rows, ephemeris.step_s, last, math.radians(twilight_deg))
    cuts = np.linspace(0, count, 9).astype(int)
    spans = [slice(a, b) for a, b in pairwise(cuts)]
    list(pool.map(lambda s: lay_out(order[s], *fixed, whole[:, s], real[:, s], flags[:, s]), spans))
    return Passes(
        satellite=whole[0],
        site=whole[1],
        rise_s=real[0],
        culmination_s=real[1],
        set_s=real[2],
        max_elevation_deg=real[3],
        sun_elevation_deg=real[4],
        sunlit_share=real[5],
        cut=flags[0],
        dark=flags[1],
    )
