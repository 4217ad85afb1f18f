"""Satellites of a design: passes prepared once, key of every member over a year, at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.contract import Context, Ephemeris
from accord.physics.constants import DAY_S, EARTH_MEAN_RADIUS_KM, EARTH_RADIUS_KM
from accord.physics.geodesy import geodesic_km
from accord.systems.qkd.entangled import PairCounts, coincidences, pair_key_length
from accord.systems.qkd.finite_key import Bounds, Protocol
from accord.systems.qkd.optimise import best_on
from accord.systems.qkd.satellite.design import Satellites
from accord.systems.qkd.satellite.outputs import empty
from accord.systems.qkd.satellite.sightings import (
    borrowed,
    common_view,
    log_tau_grid,
    no_night_days,
    sightings,
    sky_of,
)
from accord.systems.qkd.satellite.year import AFTERPULSE, gate_noise, receiver_gain, station_year

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    Usual = Mapping[str, FloatArray]

__all__ = [
    "evaluate_satellites",
    "line_of_sight_altitude_km",
    "prepare_satellites",
    "relayed",
    "sender_of",
]

_WINDOW_S = 1e-9  # of coincidence between the two ends of a pair


def line_of_sight_altitude_km(distance_km: float, lowest_elevation_deg: float) -> float:
    """Return the least height from which two places are seen at once, infinite beyond a quarter of the globe.

    Half way between them, on a sphere: ``h = R cos(e)/cos(psi/2 + e) - R`` with the angle psi at the Earth's centre.
    """
    half = 0.5 * distance_km / EARTH_MEAN_RADIUS_KM
    low = math.radians(lowest_elevation_deg)
    if half + low >= 0.5 * math.pi:
        return math.inf
    return EARTH_MEAN_RADIUS_KM * (math.cos(low) / math.cos(half + low) - 1.0)


def _year_start(when: date) -> date:
    return date(when.year if when.month == when.day == 1 else when.year + 1, 1, 1)


def prepare_satellites(
    design: Satellites,
    bounds: Bounds,
    terms: Mapping[str, float],
    usual: Usual,
    context: Context,
    progress: Callable[[float], None],
) -> dict[str, Any]:
    """Return passes, the sender's settings and what both stations of a pair see together.

    Parameters
    ----------
    terms : mapping
        ``secrecy``, ``correctness``, ``error_correction``.
    usual : mapping of str to float array, shape (1,)
        Devices that settings are chosen for.
    """
    connected = context.ports.get("ephemeris")
    if isinstance(connected, Ephemeris):
        sky = borrowed(connected, design.carriers, context.horizon.start)
    else:
        sky = sky_of(design.orbit, _year_start(context.horizon.start))
    total = len(design.stations) + 1
    found = []
    for number, station in enumerate(design.stations):
        found.append(sightings(design, station, sky, lambda s, n=number: progress((n + s) / total)))  # type: ignore[misc]
    views = [
        common_view(
            design,
            design.stations[a],
            design.stations[b],
            sky,
            (found[a], found[b]),
        )
        for a, b in _ends(design)
    ]
    altitude = float(np.linalg.norm(sky.ephemeris.position_km[:, 0], axis=1).min()) - EARTH_RADIUS_KM
    margins = [altitude - _needed_km(design, a, b) for a, b in _ends(design)]
    protocol = sender_of(design, found, usual, bounds, terms)
    return {
        "stations": found,
        "views": views,
        "margins_km": np.array([m if math.isfinite(m) else -99_999.0 for m in margins]),
        "altitude_km": altitude,
        "no_night_day": np.array(
            [float(no_night_days(s, design.sun_limit_deg, sky.start_jd)) for s in design.stations]
        ),
        "satellites": list(sky.ephemeris.names),
        "propagator": sky.ephemeris.propagator,
        "start_jd": sky.start_jd,
        "sender": np.array([protocol.key_basis_probability, *protocol.intensities, *protocol.probabilities]),
    }


def _ends(design: Satellites) -> list[tuple[int, int]]:
    number = {s.id: n for n, s in enumerate(design.stations)}
    return [(number[p.between[0]], number[p.between[1]]) for p in design.pairs]


def _needed_km(design: Satellites, a: int, b: int) -> float:
    one, two = design.stations[a], design.stations[b]
    places = ((s.latitude_deg, s.longitude_deg) for s in (one, two))
    angles = [math.radians(v) for place in places for v in place]
    try:
        distance = geodesic_km(*angles)
    except ArithmeticError:  # nearly antipodal
        return math.inf
    return line_of_sight_altitude_km(distance, design.lowest_elevation_deg)


def sender_of(
    design: Satellites,
    found: list[dict[str, FloatArray]],
    usual: Usual,
    bounds: Bounds,
    terms: Mapping[str, float],
) -> Protocol:
    """Return the stated settings, or the best of the middle pass of all for the usual devices."""
    sender = design.sender
    if sender.intensities is not None and sender.probabilities is not None:
        return Protocol(
            key_basis_probability=sender.key_basis,
            intensities=np.array(sender.intensities),
            probabilities=np.array(sender.probabilities),
            error_correction=terms["error_correction"],
        )
    node = int(np.searchsorted(log_tau_grid(), math.log(float(usual["zenith_transmittance"][0]))))
    best: list[tuple[float, float, float]] = []
    for station, seen in zip(design.stations, found, strict=True):
        gain, _ = receiver_gain(design, station, usual)
        seconds = seen["set_s"] - seen["rise_s"]
        for total, time, light in zip(seen["sums"][:, node, 0], seconds, seen["sky_hz"], strict=True):
            best.append((float(gain[0]) * float(total), float(time), float(light)))
    if not best:
        best = [(1e-3, 240.0, 1e3)]
    total, time, light = sorted(best)[(2 * len(best)) // 3]
    hz = design.sender.pulse_rate_mhz * 1e6
    return best_on(
        np.array([total / time]),
        gate_noise(design, usual, light),
        np.array([hz * time * design.pooled_passes]),
        afterpulse=AFTERPULSE,
        misalignment=float(usual["downlink_misalignment"][0]),
        secrecy=terms["secrecy"],
        correctness=terms["correctness"],
        error_correction=terms["error_correction"],
        bounds=bounds,
    ).protocol


def evaluate_satellites(
    design: Satellites,
    bounds: Bounds,
    terms: Mapping[str, float],
    prepared: Mapping[str, Any],
    members: Usual,
    context: Context,
) -> dict[str, FloatArray]:
    """Return the outputs of `SATELLITE_OUTPUTS` for all members."""
    out, keys = empty(len(members["sky_factor"]), len(design.stations), len(design.pairs)), []
    for index, station in enumerate(design.stations):
        key, rows, loss = station_year(design, station, index, bounds, terms, prepared, members, context)
        months = key.sum(axis=1) * 1e-6
        out["downlink_key_mbit"][:, index] = months
        out["downlink_key_per_year_mbit"][:, index] = months.sum(axis=1)
        out["passes_used"][:, index] = rows[:, 0]
        out["best_block_mbit"][:, index] = rows[:, 1] * 1e-6
        out["longest_gap_day"][:, index] = rows[:, 2] / DAY_S
        out["passes_without_key"][:, index] = rows[:, 3]
        out["no_night_day"][:, index] = prepared["no_night_day"][index]
        out["pass_loss_db"][:, index] = loss
        keys.append(key)
    for index, (a, b) in enumerate(_ends(design)):
        both = relayed(keys[a], keys[b]) * 1e-6
        out["satellite_key_mbit"][:, index] = both
        out["satellite_key_per_year_mbit"][:, index] = both.sum(axis=1)
        out["line_of_sight_km"][:, index] = prepared["margins_km"][index]
        out["direct_key_per_year_mbit"][:, index] = _direct(
            design, (a, b), terms, prepared["views"][index], members
        )
    return out


def relayed(one: FloatArray, other: FloatArray) -> FloatArray:
    """Return what satellites hand on in each month [bit], shape (n, 12).

    A satellite sends down the sum of the two keys that it shares with both stations: it needs one of each, and keeps
    those of one station until it has others.

    Parameters
    ----------
    one, other : float array, shape (n, satellites, 12) [bit]
        Key with each station, the year's start without any.
    """
    ready = np.minimum(np.cumsum(one, axis=2), np.cumsum(other, axis=2)).sum(axis=1)
    return np.asarray(np.diff(ready, axis=1, prepend=0.0))


def _direct(
    design: Satellites,
    ends: tuple[int, int],
    terms: Mapping[str, float],
    view: Mapping[str, FloatArray],
    members: Usual,
) -> FloatArray:
    """Return the key of entangled pairs [Mbit a year], all passes in one block."""
    n, grid = len(members["sky_factor"]), log_tau_grid()
    if not view["seconds"].sum() > 0.0:
        return np.zeros(n)
    log_tau = np.log(members["zenith_transmittance"])
    stations = [design.stations[i] for i in ends]
    gains = [receiver_gain(design, s, members)[0] for s in stations]
    device = members["receiver_optics"] * members["downlink_detector_efficiency"]
    shares = [np.array(s.months()) for s in stations]
    odds = [np.log(p / (1.0 - p)) + members["clear_sky_shift"][:, None] for p in shares]
    clear = (
        1.0 / ((1.0 + np.exp(-odds[0])) * (1.0 + np.exp(-odds[1]))) * members["station_availability"][:, None]
    )

    def at(name: str) -> FloatArray:
        columns = [np.interp(log_tau, grid, view[name][m]) for m in range(12)]
        return np.asarray((np.stack(columns, axis=1) * clear).sum(axis=1))

    seconds = clear @ view["seconds"]
    noise = [
        4.0 * members["downlink_dark_hz"] * seconds + device * members["sky_factor"] * (clear @ view[name])
        for name in ("sky_first", "sky_second")
    ]
    counts = coincidences(
        design.sender.pair_rate_mhz * 1e6,
        (gains[0] * gains[1] * at("both"), gains[0] * at("first"), gains[1] * at("second")),
        (noise[0], noise[1]),
        seconds,
        window_s=_WINDOW_S,
        misalignment=members["downlink_misalignment"],
    )
    enough = counts.sifted.min(axis=-1) > 1.0
    safe = PairCounts(
        sifted=np.where(enough[:, None], counts.sifted, 2.0),
        errors=np.where(enough[:, None], counts.errors, 1.0),
    )
    found = pair_key_length(
        safe,
        secrecy=terms["secrecy"],
        correctness=terms["correctness"],
        error_correction=terms["error_correction"],
    )
    return np.asarray(np.where(enough, np.maximum(found.length, 0.0), 0.0) * 1e-6)
