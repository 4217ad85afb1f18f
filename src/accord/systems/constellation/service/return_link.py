"""The return link, from the terminal up to the satellite: budget, tables, and which direction limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.physics.cores import cores
from accord.physics.radio.link import BOLTZMANN_DBW_PER_K_HZ, free_space_loss_db, scan_loss_db
from accord.physics.radio.modcod import efficiency_bit_per_s_hz
from accord.physics.troposphere.climate import Climate
from accord.physics.troposphere.total import Station
from accord.systems.constellation.service import budget
from accord.systems.constellation.service.design import ReturnLink, Service
from accord.systems.constellation.service.scene import Ground, Scene
from accord.systems.constellation.service.snapshots import Sight
from accord.systems.constellation.service.surface import (
    ARCS_DEG,
    OBSTRUCTIONS_DEG,
    SHARES,
    SHIFTS_DB,
    failing_below,
    look,
    run_sweep,
    shift_db,
    usable_pairs,
)

FloatArray = NDArray[np.float64]

__all__ = [
    "Uplinks",
    "as_forward",
    "channel_bit_per_s_hz",
    "evaluate_return",
    "return_tables",
    "uplink_ratio_db",
    "uplinks_of",
]

_CLEAR_PCT = 50.0  # the weather of the middle of the year
_ENDLESS_MBIT_S = 1e9


@dataclass(frozen=True, slots=True)
class Uplinks:
    """Return links of the pairs of a scene.

    Attributes
    ----------
    ratio_db : float array, shape (pairs,)
        Carrier over noise of one terminal's channel at the satellite, in the weather of the moment.
    symbol_db : float array, shape (pairs, exceedances)
        Symbol energy over noise density at each exceedance of the year [dB].
    """

    ratio_db: FloatArray
    symbol_db: FloatArray


def uplink_ratio_db(
    eirp_dbw: ArrayLike, channel_mhz: ArrayLike, loss_db: ArrayLike, g_over_t_db_per_k: ArrayLike
) -> FloatArray:
    """Return carrier over noise of a channel at the satellite [dB]; arguments broadcast.

    ``E - L + G/T - k - B``, Maral & Bousquet (2020), Satellite Communications Systems, 6th ed., chapter 5.

    Parameters
    ----------
    loss_db : float array [dB]
        All loss on the path: free space and atmosphere.
    """
    density = np.asarray(eirp_dbw, dtype=float) - 10.0 * np.log10(1e6 * np.asarray(channel_mhz, dtype=float))
    return np.asarray(density - np.asarray(loss_db) + np.asarray(g_over_t_db_per_k) - BOLTZMANN_DBW_PER_K_HZ)


def channel_bit_per_s_hz(symbol_db: FloatArray, link: ReturnLink) -> FloatArray:
    """Return what a hertz of the return channel carries [bit/s/Hz]; 0 in an outage, capped at the best mode."""
    most = link.highest_bit_per_symbol / (1.0 + link.roll_off)
    return np.asarray(np.minimum(efficiency_bit_per_s_hz(symbol_db, link.roll_off), most))


def uplinks_of(service: Service, users: Sight, climate: Climate, rarity: FloatArray) -> Uplinks:
    """Return the return links of pairs of cell and satellite.

    Rain takes power and adds no noise: the satellite looks at the warm Earth in any weather.

    Parameters
    ----------
    climate : Climate
        Of the places that `users` numbers.
    rarity : float array, shape (places, moments) [%]
        Exceedance to which the weather of each place belongs; the same as on the forward link.
    """
    link, terminal = service.return_link, service.terminal
    station = Station(diameter_m=terminal.diameter_m, efficiency=terminal.efficiency)
    sky = budget.sky_of(climate, link.frequency_ghz, station, service.weather.edition)
    loss = free_space_loss_db(users.range_km, link.frequency_ghz)
    loss = loss + scan_loss_db(90.0 - users.elevation_deg, terminal.scan_exponent)
    loss = loss + scan_loss_db(users.nadir_deg, service.payload.scan_exponent)
    calm = uplink_ratio_db(link.eirp_dbw, link.channel_mhz, loss, link.g_over_t_db_per_k)
    now = calm - sky.along(users, rarity[users.place, users.moment])[0]
    return Uplinks(np.asarray(now), budget.symbol_ratio_db(calm[:, None] - sky.distribution(users)))


def _at_exceedance(symbol_db: FloatArray, exceedance_pct: float) -> FloatArray:
    """Interpolate pairs, shape (pairs, exceedances), in the logarithm of the exceedance, shape (pairs,)."""
    knots = np.log(budget.EXCEEDANCES_PCT)
    log = float(np.clip(np.log(exceedance_pct), knots[0], knots[-1]))
    node = min(int(np.searchsorted(knots, log, side="right")) - 1, len(knots) - 2)
    share = (log - knots[node]) / (knots[node + 1] - knots[node])
    return np.asarray(symbol_db[:, node] + share * (symbol_db[:, node + 1] - symbol_db[:, node]))


def as_forward(service: Service, scene: Scene, uplinks: Uplinks) -> tuple[Service, Scene]:
    """Return the design and the scene as the assignment of beams takes them, for the return direction.

    A satellite without a gateway carries nothing back either; what the gateway's downlink carries is no limit.
    """
    link = service.return_link
    payload = service.payload.model_copy(
        update={
            "beams": link.beams if link.beams is not None else service.payload.lit_beams,
            "beam_bandwidth_mhz": link.beam_bandwidth_mhz,
            "spectrum_mhz": link.spectrum_mhz * link.return_share,
            "polarisations": link.polarisations,
            "rate_gbit_per_s": None,
            "power_w": None,
            "beam_power_w": None,
        }
    )
    fed = np.where(scene.feeder_mbit_s > 0.0, _ENDLESS_MBIT_S, 0.0)
    back = replace(scene, ratio_db=uplinks.ratio_db, symbol_db=uplinks.symbol_db, feeder_mbit_s=fed)
    return service.model_copy(update={"payload": payload}), back


def return_tables(
    service: Service, scene: Scene, ground: Ground, uplinks: Uplinks, progress: Callable[[float], None]
) -> dict[str, Any]:
    """Return the tables that members interpolate, each of shape (shares, arcs, obstructions, shifts).

    Returns
    -------
    dict
        ``return_served``: what the fleet carries back when every cell sends all it can [Mbit/s]; ``return_seen``: share
        of weight and time with a usable satellite; ``return_clear``, ``return_available``: rate of one terminal's
        channel by its best satellite, nothing where none is usable [Mbit/s]; ``return_typical_db``: median carrier over
        noise.
    """
    arcs = ARCS_DEG if service.payload.gso_protection else ARCS_DEG[:1]
    back, returned = as_forward(service, scene, uplinks)
    link, level, users = service.return_link, failing_below(scene), scene.users
    rare_pct = 100.0 * (1.0 - link.availability)
    at_rest = [_at_exceedance(uplinks.symbol_db, pct) for pct in (_CLEAR_PCT, rare_pct)]
    symbol = budget.symbol_ratio_db(uplinks.ratio_db)
    shape = (len(SHARES), len(arcs), len(OBSTRUCTIONS_DEG), len(SHIFTS_DB))
    names = ("return_served", "return_seen", "return_clear", "return_available")
    tables = {name: np.zeros(shape) for name in names}

    def one(index: tuple[int, ...]) -> tuple[float, ...]:
        working, arc = level < SHARES[index[0]], arcs[index[1]]
        obstruction, shift = OBSTRUCTIONS_DEG[index[2]], SHIFTS_DB[index[3]]
        served, _, _ = run_sweep(
            back,
            returned,
            ground,
            working=working,
            arc_deg=arc,
            obstruction_deg=obstruction,
            rate=link.beam_bandwidth_mhz * channel_bit_per_s_hz(symbol + shift, link),
            outage=returned.outage(shift),
            loads=(np.inf,),
        )
        usable = usable_pairs(service, scene, arc, obstruction) & working[users.moment, users.satellite]
        rates = [link.channel_mhz * channel_bit_per_s_hz(each + shift, link) for each in at_rest]
        best = [_best(scene, ground, usable, each) for each in (np.ones(len(usable)), *rates)]
        return float(served[0]), *best

    grid = list(product(*(range(count) for count in shape)))
    with ThreadPoolExecutor(cores()) as pool:
        for done, (index, found) in enumerate(zip(grid, pool.map(one, grid), strict=True)):
            for name, value in zip(names, found, strict=True):
                tables[name][index] = value
            progress(done / len(grid))
    typical = float(np.median(uplinks.ratio_db)) if len(uplinks.ratio_db) else 0.0
    return {**tables, "return_typical_db": typical}


def _best(scene: Scene, ground: Ground, usable: NDArray[np.bool_], value: FloatArray) -> float:
    """Return the mean over weight and moments of the best of each cell's usable pairs; nothing counts as 0."""
    users, moments = scene.users, len(scene.users.start)
    best = np.zeros((moments, len(ground.cells)))
    np.maximum.at(best, (users.moment[usable], users.place[usable]), value[usable])
    return float((best * ground.weight).sum() / moments)


def evaluate_return(
    members: Mapping[str, FloatArray],
    prepared: Mapping[str, Any],
    at: Mapping[str, FloatArray],
    capacity_mbit_s: FloatArray,
) -> dict[str, FloatArray]:
    """Return the outputs of the return link, shape (n,).

    Parameters
    ----------
    at : mapping
        As `accord.systems.constellation.service.surface.look` takes it, of the forward link.
    capacity_mbit_s : float array, shape (n,)
        What the fleet carries forward over the region.
    """
    own = {**at, "shift_db": shift_db(members, float(prepared["return_typical_db"]))}
    served, seen, clear, rare = (
        look(prepared[f"return_{name}"], prepared, own, None)
        for name in ("served", "seen", "clear", "available")
    )
    in_sight = np.where(seen > 0.0, seen, 1.0)
    supported = np.minimum(capacity_mbit_s, served / members["return_traffic_ratio"])
    some = np.where(capacity_mbit_s > 0.0, capacity_mbit_s, 1.0)
    idle = np.where(capacity_mbit_s > 0.0, 1.0 - supported / some, 0.0)
    return {
        "return_rate_clear_mbit_per_s": clear / in_sight,
        "return_rate_available_mbit_per_s": rare / in_sight,
        "return_capacity_gbit_per_s": 1e-3 * served,
        "both_ways_gbit_per_s": 1e-3 * supported,
        "return_limited_share": idle.clip(0.0, 1.0),
    }
