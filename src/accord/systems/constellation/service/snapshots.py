"""Moments at which beams are assigned: which satellite each cell and gateway sees, how high, far and near the arc."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError
from accord.physics.geodesy import ecef_from_geodetic, normal
from accord.physics.radio.arc import NEVER_DEG, arc_separation_deg
from accord.systems.constellation.fleet import Satellites

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

__all__ = ["Sight", "moments_s", "sight"]

_MOST_PAIRS = 4_000_000
_GOLDEN = 0.6180339887498949


@dataclass(frozen=True, slots=True)
class Sight:
    """Pairs of place and satellite above the mask, moment after moment, place after place.

    Attributes
    ----------
    start : int array, shape (moments, places + 1)
        Pairs of a place at a moment are ``start[t, c]`` to ``start[t, c + 1]``.
    place, moment, satellite : int array, shape (pairs,)
    elevation_deg, range_km, nadir_deg, arc_deg : float array, shape (pairs,)
        At the place; distance; off the satellite's nadir; from the geostationary arc (180 where it does not matter).
    """

    start: IntArray
    place: IntArray
    moment: IntArray
    satellite: IntArray
    elevation_deg: FloatArray
    range_km: FloatArray
    nadir_deg: FloatArray
    arc_deg: FloatArray

    def __len__(self) -> int:
        return len(self.satellite)


def moments_s(period_s: float, count: int) -> FloatArray:
    """Return moments spread over a period without a rhythm [s], shape (count,).

    Each part of the period holds one; within its part it stands where the golden ratio puts it.
    """
    number = np.arange(count, dtype=float)
    return np.asarray(period_s * (number + np.mod(_GOLDEN * (number + 1.0), 1.0)) / count)


def sight(
    satellites: Satellites,
    latitude_deg: FloatArray,
    longitude_deg: FloatArray,
    seconds: FloatArray,
    mask_rad: FloatArray,
    *,
    arc: bool,
) -> Sight:
    """Return the pairs in view.

    Parameters
    ----------
    latitude_deg, longitude_deg : float array, shape (places,) [deg]
    seconds : float array, shape (moments,) [s]
    mask_rad : float array, shape (groups of satellites,) [rad]
    arc : bool
        Compute the angle from the geostationary arc.

    Raises
    ------
    ModelError
        For more pairs than can be held.
    """
    north, east = np.radians(latitude_deg), np.radians(longitude_deg)
    site, up = ecef_from_geodetic(north, east), normal(north, east)
    sine = np.sin(mask_rad)[satellites.group]
    position = satellites.states(seconds)[0]
    start = np.zeros((len(seconds), len(north) + 1), dtype=np.int64)
    parts: list[tuple[FloatArray, ...]] = []
    total = 0
    for moment in range(len(seconds)):
        found = _in_view(site, up, position[:, moment], sine)
        start[moment, 1:] = np.cumsum(np.bincount(found[0].astype(np.int64), minlength=len(north)))
        start[moment] += total
        total += len(found[0])
        if total > _MOST_PAIRS:
            raise ModelError(
                f"more than {_MOST_PAIRS:.0e} pairs of cell and satellite: choose larger service "
                "cells or fewer snapshots"
            )
        parts.append((*found, np.full(len(found[0]), float(moment))))
    place, satellite, elevation, distance, nadir, *local, moment_of = (
        np.concatenate([part[k] for part in parts]) for k in range(9)
    )
    place = place.astype(np.int64)
    away = _arc_deg(north, place, np.stack(local, axis=1)) if arc else np.full(len(place), NEVER_DEG)
    return Sight(
        start=start,
        place=place,
        moment=moment_of.astype(np.int64),
        satellite=satellite.astype(np.int64),
        elevation_deg=elevation,
        range_km=distance,
        nadir_deg=nadir,
        arc_deg=away,
    )


def _in_view(
    site: FloatArray, up: FloatArray, position: FloatArray, sine: FloatArray
) -> tuple[FloatArray, ...]:
    """Return place, satellite, elevation, range, nadir angle and east, north, up of the pairs of one moment."""
    rise = up @ position.T - np.sum(up * site, axis=1)[:, None]
    square = np.sum(site**2, axis=1)[:, None] + np.sum(position**2, axis=1)[None, :] - 2.0 * site @ position.T
    distance = np.sqrt(square)
    place, satellite = np.nonzero((rise >= sine[None, :] * distance) & (rise > 0.0))
    line = position[satellite] - site[place]
    length = distance[place, satellite]
    overhead = rise[place, satellite] / length
    down = np.sum(position[satellite] * line, axis=1) / (np.linalg.norm(position[satellite], axis=1) * length)
    axis = np.hypot(up[place, 0], up[place, 1])
    safe = np.maximum(axis, 1e-12)
    east = (up[place, 0] * line[:, 1] - up[place, 1] * line[:, 0]) / safe
    along = (up[place, 0] * line[:, 0] + up[place, 1] * line[:, 1]) / safe
    north = axis * line[:, 2] - up[place, 2] * along
    return (
        place.astype(float),
        satellite.astype(float),
        np.degrees(np.arcsin(np.clip(overhead, -1.0, 1.0))),
        length,
        np.degrees(np.arccos(np.clip(down, -1.0, 1.0))),
        east / length,
        north / length,
        overhead,
    )


def _arc_deg(north: FloatArray, place: IntArray, local: FloatArray) -> FloatArray:
    """Return the angle from the arc, which in a place's own axes depends on its latitude only."""
    away = np.empty(len(place))
    rows, row_of_place = np.unique(north, return_inverse=True)
    order = np.argsort(row_of_place[place], kind="stable")
    edges = np.searchsorted(row_of_place[place][order], np.arange(len(rows) + 1))
    for row, latitude in enumerate(rows):
        mine = order[edges[row] : edges[row + 1]]
        away[mine] = arc_separation_deg(float(latitude), local[mine])
    return away
