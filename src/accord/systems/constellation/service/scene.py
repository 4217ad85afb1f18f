"""Everything that the assignment of beams needs, gathered once for a design."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError
from accord.physics.constants import EARTH_MEAN_RADIUS_KM
from accord.physics.grid import Grid, global_grid, region_grid
from accord.physics.radio.modcod import thresholds
from accord.physics.troposphere.climate import Climate
from accord.physics.troposphere.total import Station
from accord.systems.constellation.fleet import Satellites
from accord.systems.constellation.inputs import Design
from accord.systems.constellation.service import budget
from accord.systems.constellation.service.adoption import households, pattern_of
from accord.systems.constellation.service.design import Gateway, Service
from accord.systems.constellation.service.gateways import place
from accord.systems.constellation.service.population import Cells, Population, populate
from accord.systems.constellation.service.snapshots import Sight, moments_s, sight
from accord.systems.constellation.service.weather import climate_of, exceedances_pct

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

__all__ = ["Ground", "Scene", "ground_of", "scene_of"]

_MOST_CELLS = 6000
_WORLD_ROWS = 45
_UNLIMITED_MBIT_S = 1e6


@dataclass(frozen=True, slots=True)
class Ground:
    """Cells with their demand.

    Attributes
    ----------
    cells : Cells
    pattern : float array, shape (cells,)
        Demand of the cells at load 1 [Mbit/s], by the median inputs; even over the area where none is stated.
    weight : float array, shape (cells,)
        Share of the people, or of the area, in each cell.
    people : Population or None
    homes : mapping
        Of `accord.systems.constellation.service.adoption.households`; empty without stated demand.
    notes : tuple of str
    """

    cells: Cells
    pattern: FloatArray
    weight: FloatArray
    people: Population | None
    homes: dict[str, Any]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """Pairs of cell and satellite with what their link carries, and of satellite and gateway.

    Attributes
    ----------
    satellites : int
    mask_deg : float array, shape (satellites,)
        Lowest elevation of the design, without obstruction.
    users : Sight
    ratio_db : float array, shape (pairs,)
        Carrier over noise in the weather of the moment.
    symbol_db : float array, shape (pairs, exceedances)
        Symbol energy over noise density at each exceedance of the year [dB].
    feeder_start, gateway, feeder_mbit_s : int array, shape (moments, satellites + 1), and arrays, shape (pairs,)
    gateway_bit, cell_bit : int array
        Countries, where traffic lands at home.
    climate, rarity_pct : Climate, and float array, shape (places, moments)
        Of the cells and then the candidate sites: how rare the weather of each moment is [%].
    sites : tuple of Gateway
        Those that are built.
    fed_share : float
    cut_db : float
        Mean loss by the limits of flux density.
    notes : tuple of str
    """

    satellites: int
    mask_deg: FloatArray
    users: Sight
    ratio_db: FloatArray
    symbol_db: FloatArray
    feeder_start: IntArray
    gateway: IntArray
    feeder_mbit_s: FloatArray
    gateway_bit: IntArray
    cell_bit: IntArray
    climate: Climate
    rarity_pct: FloatArray
    sites: tuple[Gateway, ...]
    fed_share: float
    cut_db: float
    notes: tuple[str, ...]

    def outage(self, shift_db: float) -> FloatArray:
        """Return the probability that each pair's link does not close [1], shape (pairs,)."""
        closes = self.symbol_db + shift_db >= thresholds()[0][0]
        failing = np.count_nonzero(~closes, axis=1)
        log = np.log(np.array(budget.EXCEEDANCES_PCT) / 100.0)
        middle = np.exp(np.concatenate([[-np.inf], 0.5 * (log[:-1] + log[1:]), [0.0]]))
        return np.asarray(middle[failing])


def ground_of(design: Design, service: Service, folder: Path, medians: dict[str, FloatArray]) -> Ground:
    """Return the cells and their demand.

    Raises
    ------
    ModelError, FileError
        For too many cells, and for population that does not match its totals.
    """
    grid, size = _grid(design, service)
    row = grid.row_of_cell[grid.inside]
    cells = Cells(
        np.degrees(grid.latitude_rad[row]),
        np.degrees(grid.longitude_rad[grid.inside]),
        grid.area_km2[row],
        size,
    )
    if service.demand is None:
        share = cells.area_km2 / cells.area_km2.sum()
        note = "no demand is stated: it is taken as unlimited and even over the region"
        return Ground(cells, _UNLIMITED_MBIT_S * share, share, None, {}, (note,))
    people = populate(service.demand, folder, cells)
    homes = households(service.demand, people)
    subscribers = pattern_of(service.demand, people, medians, homes)
    living = (people.town + people.rural).sum(axis=1)
    load = float(medians["busy_rate_mbit_per_s"][0])
    return Ground(cells, subscribers * load, living / living.sum(), people, homes, people.notes)


def _grid(design: Design, service: Service) -> tuple[Grid, float]:
    if design.area is None:
        return global_grid(_WORLD_ROWS), math.pi * EARTH_MEAN_RADIUS_KM / _WORLD_ROWS
    try:
        grid = region_grid(design.area.polygons, service.cell_km / EARTH_MEAN_RADIUS_KM, least=4)
    except ValueError as error:
        raise ModelError(f"{design.area.title}: {error}") from error
    count = int(np.count_nonzero(grid.inside))
    if count > _MOST_CELLS:
        raise ModelError(
            f"{design.area.title}: {count} service cells of {service.cell_km:g} km, expected at most {_MOST_CELLS}: "
            "choose a larger service cell"
        )
    return grid, float(np.sqrt(np.median(grid.area_km2)))


def scene_of(design: Design, service: Service, satellites: Satellites, ground: Ground) -> Scene:
    """Gather the pairs of a design and what their links carry.

    Raises
    ------
    ModelError
        For too many pairs, and for gateways that cannot be placed.
    """
    cells, seconds = ground.cells, moments_s(design.duration_day * 86400.0, service.snapshots)
    payload = service.payload
    users = sight(
        satellites,
        cells.latitude_deg,
        cells.longitude_deg,
        seconds,
        satellites.masks_rad,
        arc=payload.gso_protection,
    )
    sites = _candidates(design, service, ground)
    north, east = (np.array([getattr(s, f"{axis}_deg") for s in sites]) for axis in ("latitude", "longitude"))
    mask = np.full(len(satellites.masks_rad), math.radians(service.feeder.elevation_mask_deg))
    feeders = sight(satellites, north, east, seconds, mask, arc=False)
    placement = _placed(service, sites, users, feeders, len(satellites))
    climate, climate_note = climate_of(
        service.weather,
        np.concatenate([cells.latitude_deg, north]),
        np.concatenate([cells.longitude_deg, east]),
    )
    rarity = exceedances_pct(
        np.concatenate([cells.latitude_deg, north]), np.concatenate([cells.longitude_deg, east]), len(seconds)
    )
    ratio, symbol, cut = _user_link(service, users, climate, rarity, len(satellites))
    dish = Station(diameter_m=2.4, efficiency=0.6)
    feeder_sky = budget.sky_of(climate, service.feeder.frequency_ghz, dish, service.weather.edition)
    behind = Sight(
        feeders.start,
        feeders.place + len(cells),
        feeders.moment,
        feeders.satellite,
        feeders.elevation_deg,
        feeders.range_km,
        feeders.nadir_deg,
        feeders.arc_deg,
    )
    rate = budget.feeder_mbit_per_s(service.feeder, feeder_sky, behind, rarity[behind.place, behind.moment])
    kept = np.isin(feeders.place, placement.chosen)
    start, order = _by_satellite(feeders, kept, len(seconds), len(satellites))
    number = np.full(len(sites), -1)
    number[list(placement.chosen)] = np.arange(len(placement.chosen))
    gateway_bit, cell_bit = _bits(service, [sites[n] for n in placement.chosen], ground)
    return Scene(
        satellites=len(satellites),
        mask_deg=np.degrees(satellites.masks_rad)[satellites.group],
        users=users,
        ratio_db=ratio,
        symbol_db=symbol,
        feeder_start=start,
        gateway=number[feeders.place[order]],
        feeder_mbit_s=rate[order],
        gateway_bit=gateway_bit,
        cell_bit=cell_bit,
        climate=climate,
        rarity_pct=rarity,
        sites=tuple(sites[n] for n in placement.chosen),
        fed_share=placement.fed_share,
        cut_db=cut,
        notes=(climate_note, *placement.notes, *_low(users)),
    )


def _low(users: Sight) -> tuple[str, ...]:
    if len(users) and users.elevation_deg.min() < budget.ELEVATIONS_DEG[0]:
        return (
            f"below {budget.ELEVATIONS_DEG[0]:g} deg of elevation the loss at that angle is taken: P.618 ends there",
        )
    return ()


def _user_link(
    service: Service, users: Sight, climate: Any, rarity: FloatArray, satellites: int
) -> tuple[FloatArray, FloatArray, float]:
    """Return carrier over noise of each pair in its weather, Es/N0 at every exceedance, mean cut by flux [dB]."""
    terminal = service.terminal
    station = Station(diameter_m=terminal.diameter_m, efficiency=terminal.efficiency)
    sky = budget.sky_of(climate, service.payload.frequency_ghz, station, service.weather.edition)
    clear, cut = budget.user_ratio_db(service.payload, terminal, users, satellites)
    ratio = budget.user_density_db(clear, sky, users, rarity[users.place, users.moment], terminal)
    every = budget.symbol_ratio_db(clear[:, None] - sky.distribution(users))
    return ratio, every, float(cut.mean()) if len(cut) else 0.0


def _candidates(design: Design, service: Service, ground: Ground) -> tuple[Gateway, ...]:
    if service.gateways.sites:
        return service.gateways.sites
    places = design.area.places if design.area is not None else ()
    if places:
        return tuple(_site(p.name, p.latitude_deg, p.longitude_deg) for p in places)
    order = np.argsort(-ground.pattern, kind="stable")[:3]
    cells = ground.cells
    return tuple(
        _site(f"cell {n}", float(cells.latitude_deg[n]), float(cells.longitude_deg[n])) for n in order
    )


def _site(name: str, latitude_deg: float, longitude_deg: float) -> Gateway:
    place = {"name": name, "latitude": f"{latitude_deg} deg", "longitude": f"{longitude_deg} deg"}
    return Gateway.model_validate(place)


def _placed(
    service: Service, sites: tuple[Gateway, ...], users: Sight, feeders: Sight, satellites: int
) -> Any:
    """Place gateways for the satellites that cells see, each counted by how many cells see it."""
    moments = users.start.shape[0]
    wanted = np.bincount(users.moment * satellites + users.satellite, minlength=moments * satellites)
    sees = np.zeros((moments * satellites, len(sites)), dtype=bool)
    sees[feeders.moment * satellites + feeders.satellite, feeders.place] = True
    return place(service.gateways, sites, sees, wanted.astype(float))


def _by_satellite(
    feeders: Sight, kept: NDArray[np.bool_], moments: int, satellites: int
) -> tuple[IntArray, IntArray]:
    """Return the pairs of satellite and gateway sorted by moment and satellite: starts, and their numbers."""
    rows = np.flatnonzero(kept)
    key = feeders.moment[rows] * satellites + feeders.satellite[rows]
    order = np.argsort(key, kind="stable")
    ends = np.searchsorted(key[order], np.arange(moments * satellites + 1))
    start = np.stack([ends[m * satellites : (m + 1) * satellites + 1] for m in range(moments)])
    return start.astype(np.int64), rows[order]


def _bits(service: Service, sites: list[Gateway], ground: Ground) -> tuple[IntArray, IntArray]:
    if not service.gateways.national:
        return np.ones(len(sites), dtype=np.int64), np.full(len(ground.cells), -1, dtype=np.int64)
    if service.demand is None or ground.people is None:
        raise ModelError("gateways: national needs demand with countries")
    names = [country.id for country in service.demand.countries]
    if len(names) > 60:
        raise ModelError(f"gateways: national knows up to 60 countries, got {len(names)}")
    unknown = [site for site in sites if site.country not in names]
    if unknown:
        raise ModelError(
            f"gateway {unknown[0].name}: country {unknown[0].country!r} has no total, expected one of "
            f"{', '.join(names)}"
        )
    own = np.array([1 << names.index(site.country) for site in sites], dtype=np.int64)
    return own, np.left_shift(np.int64(1), ground.people.country.astype(np.int64))
