"""Shortest paths over satellites that see one another and the ground: topology, all pairs, users to gateways."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from accord.physics.constants import EARTH_RADIUS_KM
from accord.physics.cores import cores

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

__all__ = [
    "GRAZING_KM",
    "Gateways",
    "Ground",
    "Served",
    "Topology",
    "all_pairs",
    "plus_grid",
    "serve",
    "trace",
]

GRAZING_KM = (
    80.0  # below, the atmosphere bends and absorbs what passes between satellites (Kassing et al. 2020)
)
_UNLIMITED_KM = 1e9


def plus_grid(
    planes: int, per_plane: int, *, shift: int = 0, closing_shift: int = 0, closed: bool = True
) -> IntArray:
    """Return the links of a +Grid: each satellite to the next of its plane and to one of the next plane.

    Kassing et al. (2020), Exploring the "Internet from space" with Hypatia, IMC 2020, section 3.1.

    Parameters
    ----------
    planes, per_plane : int
        Satellites are numbered plane by plane.
    shift : int
        Slots by which the neighbour in the next plane is ahead.
    closing_shift : int
        Slots added between the last and the first plane: Walker's F, so that these neighbours are as far apart as any.
    closed : bool
        Whether the last plane is linked with the first; across the seam of a star, where planes move against each
        other, it is not.

    Returns
    -------
    int array, shape (links, 2)
        Each pair once, the smaller number first, sorted.
    """
    plane, slot = np.divmod(np.arange(planes * per_plane), per_plane)
    along = plane * per_plane + (slot + 1) % per_plane
    ahead = np.where(plane == planes - 1, closing_shift, 0) + shift
    across = ((plane + 1) % planes) * per_plane + (slot + ahead) % per_plane
    keep = np.full(len(plane), closed and planes > 1) | (plane < planes - 1)
    own = np.arange(len(plane))
    pairs = np.concatenate([np.column_stack([own, along]), np.column_stack([own, across])[keep]])
    pairs = np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1)
    return np.unique(pairs, axis=0)


@dataclass(frozen=True, slots=True)
class Topology:
    """Which satellites may be linked.

    Parameters
    ----------
    satellites : int
    pairs : int array, shape (links, 2)
    clear_km : float [km]
        No link comes closer to the Earth's centre: equatorial radius plus the grazing height.
    longest_km : float [km]
        Longest link that terminals can hold.

    Raises
    ------
    ValueError
        For pairs of numbers that no satellite has, or of a satellite with itself.
    """

    satellites: int
    pairs: IntArray
    clear_km: float = EARTH_RADIUS_KM + GRAZING_KM
    longest_km: float = _UNLIMITED_KM
    graph: tuple[IntArray, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        pairs = np.asarray(self.pairs, np.int64).reshape(-1, 2)
        if np.any((pairs < 0) | (pairs >= self.satellites)):
            raise ValueError(f"a link names a satellite outside 0 to {self.satellites - 1}")
        if np.any(pairs[:, 0] == pairs[:, 1]):
            raise ValueError("a link joins a satellite with itself")
        start, end = np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1])
        near, far, link = (
            np.concatenate([start, end]),
            np.concatenate([end, start]),
            np.tile(np.arange(len(pairs)), 2),
        )
        order = np.lexsort((far, near))
        pointer = np.searchsorted(near[order], np.arange(self.satellites + 1))
        object.__setattr__(self, "graph", (start, end, pointer, far[order], link[order]))

    def limits(self, ground_km: float = _UNLIMITED_KM) -> tuple[float, float, float]:
        """Return the limits on distances as the kernels take them [km]."""
        return self.clear_km, self.longest_km, ground_km


@dataclass(frozen=True, slots=True)
class Ground:
    """Ground nodes that begin and end paths.

    Parameters
    ----------
    position_km, up : float array, shape (sites, 3)
    sine : float array, shape (sites, satellites)
        Sine of the lowest elevation at which a site uses a satellite.
    longest_km : float [km]
        Longest path between ground and satellite.
    """

    position_km: FloatArray
    up: FloatArray
    sine: FloatArray
    longest_km: float = _UNLIMITED_KM


def all_pairs(
    topology: Topology, position_km: FloatArray, ground: Ground, *, alive: NDArray[np.bool_] | None = None
) -> tuple[FloatArray, IntArray]:
    """Return the lengths of the shortest paths between ground nodes at one moment, and the first satellites.

    Ground nodes never relay.

    Parameters
    ----------
    position_km : float array, shape (satellites, 3) [km]
    alive : bool array, shape (satellites,), optional

    Returns
    -------
    km : float array, shape (sites, sites) [km]
        Infinite where there is no path.
    first : int array, shape (sites, sites)
        The satellite at the first site's end; -1 where there is no path.
    """
    from accord.physics.kernels import routes

    sites = len(ground.position_km)
    km, first = np.empty((sites, sites)), np.empty((sites, sites), np.int64)
    working = np.ones(topology.satellites, np.bool_) if alive is None else alive
    where = (np.ascontiguousarray(position_km), topology.graph, topology.limits(ground.longest_km))
    routes.all_pairs(*where, ground.position_km, ground.up, ground.sine, working, km, first)
    return km, first


def trace(
    topology: Topology, position_km: FloatArray, ground: Ground, *, alive: NDArray[np.bool_] | None = None
) -> tuple[float, IntArray]:
    """Return length [km] and satellites of the shortest path from the first to the second of two ground nodes.

    The length is infinite and the path empty where there is none.
    """
    from accord.physics.kernels import routes

    working = np.ones(topology.satellites, np.bool_) if alive is None else alive
    path = np.empty(topology.satellites, np.int64)
    where = (np.ascontiguousarray(position_km), topology.graph, topology.limits(ground.longest_km))
    km, count = routes.trace(*where, ground.position_km, ground.up, ground.sine, working, path)
    return (float(km) if count else np.inf), path[:count].copy()


@dataclass(frozen=True, slots=True)
class Gateways:
    """Ground nodes at which paths leave space.

    Parameters
    ----------
    position_km, up : float array, shape (gateways, 3)
    sine : float array, shape (gateways,)
        Sine of the lowest elevation.
    tail_km : float array, shape (gateways,) [km]
        What going on from there costs when the gateway is chosen, as km of free space.
    """

    position_km: FloatArray
    up: FloatArray
    sine: FloatArray
    tail_km: FloatArray


@dataclass(frozen=True, slots=True)
class Served:
    """Users' shortest paths to a gateway over time; shapes (levels, users, times).

    Attributes
    ----------
    km : float array [km]
        In space, up and down included, the gateway's tail excluded; infinite without a path.
    hops, gateway : int array
        Satellites on the path, and the gateway at its end (-1 without a path).
    held : int array
        Satellite of a terminal that keeps it until it sets or loses its path; -1 without any.
    many : int array
        Satellites in view that have a path.
    through : int array, shape (satellites,)
        Paths of the first level over each satellite.
    """

    km: FloatArray
    hops: NDArray[np.int16]
    gateway: NDArray[np.int16]
    held: NDArray[np.int32]
    many: NDArray[np.int16]
    through: IntArray


def serve(
    topology: Topology,
    position_km: FloatArray,
    gateways: Gateways,
    user_km: FloatArray,
    user_up: FloatArray,
    user_sine: FloatArray,
    *,
    alive: NDArray[np.bool_] | None = None,
    threads: int = 0,
) -> Served:
    """Return every user's shortest path to any gateway at every moment.

    One search a moment, from all gateways at once, serves all users.

    Parameters
    ----------
    position_km : float array, shape (satellites, times, 3) [km]
    user_km, user_up : float array, shape (users, 3)
    user_sine : float array, shape (levels, satellites)
        Sine of the lowest elevation for each level of obstruction, the lowest first.
    alive : bool array, shape (satellites,), optional
    threads : int
        0 for one a processor; the result does not depend on it.
    """
    from accord.physics.kernels import routes

    shape = (len(user_sine), len(user_km), position_km.shape[1])
    working = np.ones(topology.satellites, np.bool_) if alive is None else alive
    workers = threads or cores()
    gates = (gateways.position_km, gateways.up, gateways.sine, gateways.tail_km)

    def part(users: IntArray) -> Served:
        own = (shape[0], len(users), shape[2])
        found = Served(
            km=np.empty(own),
            hops=np.empty(own, np.int16),
            gateway=np.empty(own, np.int16),
            held=np.empty(own, np.int32),
            many=np.empty(own, np.int16),
            through=np.zeros(topology.satellites, np.int64),
        )
        filled = (found.km, found.hops, found.gateway, found.held, found.many, found.through)
        where = (position_km, topology.graph, topology.limits(), working, gates)
        routes.serve(*where, user_km[users], user_up[users], user_sine, *filled)
        return found

    shares = np.array_split(np.arange(shape[1]), min(workers, max(shape[1], 1)))
    with ThreadPoolExecutor(workers) as pool:
        parts = list(pool.map(part, shares))
    return Served(
        km=np.concatenate([p.km for p in parts], axis=1),
        hops=np.concatenate([p.hops for p in parts], axis=1),
        gateway=np.concatenate([p.gateway for p in parts], axis=1),
        held=np.concatenate([p.held for p in parts], axis=1),
        many=np.concatenate([p.many for p in parts], axis=1),
        through=np.sum([p.through for p in parts], axis=0),
    )
