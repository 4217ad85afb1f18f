"""The table that members interpolate: traffic by share working, angle from the arc, obstruction, link and load."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.physics.cores import cores
from accord.physics.radio.link import combined_ratio_db
from accord.systems.constellation.service import budget
from accord.systems.constellation.service.design import Service
from accord.systems.constellation.service.scene import Ground, Scene

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

__all__ = ["LOADS", "deployed", "failing_below", "limits_of", "look", "run_sweep", "shift_db", "surfaces"]

SHARES = (1.0, 0.8, 0.5)  # none working is the end of the last interval: nothing served
ARCS_DEG = (12.0, 17.0, 22.0)
OBSTRUCTIONS_DEG = (0.0, 5.0, 20.0)
SHIFTS_DB = (-5.0, -1.0, 2.0)
LOADS = (*(2.0**k for k in (-5, -4, -3, -2, -1, 0, 1, 2, 4, 6)), np.inf)
DEPLOYED_LOADS = (0.25, 1.0, 4.0, np.inf)
NOMINAL = (0, 1, 0)  # all working, the middle angle, no obstruction
_MOST_STAGES = 12
_GOLDEN, _SECOND = 0.6180339887498949, 0.7548776662466927  # steps that fill 0 to 1 most evenly
_ENDLESS = 1e9  # stands for unlimited demand: what beams carry bounds it


def failing_below(scene: Scene) -> FloatArray:
    """Return for each moment and satellite the share of working satellites below which it has failed, (0, 1).

    At each moment the satellites that serve are spread evenly over 0 to 1, so that a share of them works and not a
    random number: the mean over the moments is that over failures, with far less noise. A smaller share loses
    satellites and gains none.
    """
    users, moments = scene.users, len(scene.users.start)
    level = np.full((moments, scene.satellites), 0.5)
    for moment in range(moments):
        pairs = slice(users.start[moment, 0], users.start[moment, -1])
        serving = np.unique(users.satellite[pairs])
        level[moment, serving] = np.mod(
            _GOLDEN * (np.arange(len(serving)) + 1.0) + _SECOND * (moment + 1.0), 1.0
        )
    return level


def limits_of(service: Service, scene: Scene) -> tuple[FloatArray, NDArray[np.int64]]:
    """Return the limits of satellite, cell, processor, links and gateways, and the counts, as `sweep` takes them."""
    payload, feeder, gateways = service.payload, service.feeder, service.gateways
    processor = 1e3 * payload.rate_gbit_per_s if payload.rate_gbit_per_s is not None else 1e12
    between = 1e3 * feeder.isl_rate_gbit_per_s
    # links between satellites move traffic to gateways, which bound the sum
    most = 1e12
    if between > 0.0:
        typical = float(np.median(scene.feeder_mbit_s)) if len(scene.feeder_mbit_s) else 0.0
        most = len(scene.sites) * gateways.antennas * typical
    limits = np.array([float(payload.lit_beams), payload.beams_per_cell, processor, between, most])
    return limits, np.array([gateways.antennas, feeder.links, service.satellites_per_cell], dtype=np.int64)


def usable_pairs(service: Service, scene: Scene, arc_deg: float, obstruction_deg: float = 0.0) -> BoolArray:
    """Return which pairs of cell and satellite are above the mask and clear of the arc, bool, shape (pairs,)."""
    users = scene.users
    usable = users.elevation_deg >= scene.mask_deg[users.satellite] + obstruction_deg
    if service.payload.gso_protection:
        usable &= users.arc_deg >= arc_deg
    return np.asarray(usable)


def run_sweep(
    service: Service,
    scene: Scene,
    ground: Ground,
    *,
    working: BoolArray,
    arc_deg: float,
    obstruction_deg: float,
    rate: FloatArray,
    outage: FloatArray,
    loads: tuple[float, ...],
    keep: int = -1,
) -> tuple[FloatArray, float, FloatArray]:
    """Assign every moment at every load.

    Parameters
    ----------
    working : bool array, shape (satellites,) or (moments, satellites)

    Returns
    -------
    served : float array, shape (loads,) [Mbit/s]
    reached : float
        Share of weight and time whose best link to a fed satellite closes.
    by_cell : float array, shape (cells,) [Mbit/s]
        Served at load number `keep`.
    """
    users, usable = scene.users, usable_pairs(service, scene, arc_deg, obstruction_deg)
    moments, cells = len(users.start), len(ground.cells)
    served, reached, by_cell = np.zeros(len(loads)), 0.0, np.zeros(cells)
    reference = int(np.argmin(np.abs(np.log(np.minimum(loads, _ENDLESS)))))  # whose links count as reach
    up = np.broadcast_to(working, (moments, scene.satellites))
    for moment in range(moments):
        at_moment = _assigned(service, scene, ground, moment, up[moment], usable, (rate, outage), loads)
        for number, (total, close, given) in enumerate(at_moment):
            served[number] += total
            reached += close if number == reference else 0.0
            if number == keep:
                by_cell += given
    return served / moments, reached / moments, by_cell / moments


def _assigned(
    service: Service,
    scene: Scene,
    ground: Ground,
    moment: int,
    working: BoolArray,
    usable: BoolArray,
    link: tuple[FloatArray, FloatArray],
    loads: tuple[float, ...],
) -> Iterator[tuple[float, float, FloatArray]]:
    """Assign one moment at every load: yield traffic [Mbit/s], share reached, traffic of cells [Mbit/s]."""
    from accord.systems.constellation.service.kernels.assign import assign
    from accord.systems.constellation.service.kernels.gateway import closing, connect, contend, want

    (limits, counts), (rate, outage) = limits_of(service, scene), link
    start, everyone, count = scene.users.start[moment], scene.users.satellite, scene.satellites
    beams, satellite = np.where(working, limits[0], 0.0), everyone[start[0] : start[-1]]
    given, chosen, most = (np.zeros(len(ground.cells), dtype=t) for t in (float, np.int64, float))
    wanted, part, open_ = np.zeros(count), np.empty(len(satellite)), np.empty(len(satellite))
    want(start, everyone, rate, usable, working, ground.pattern, open_, wanted, most)
    behind = (scene.feeder_start[moment], scene.gateway, scene.feeder_mbit_s)
    landed = (np.zeros(count), np.zeros(count, dtype=np.int64))
    short = connect(*behind, working, wanted, counts[0], counts[1], scene.gateway_bit, *landed)
    contested = limits[3] <= 0.0 and (short or service.gateways.national)
    prices, own, closed = np.zeros((2, count)), open_, 0.0
    for number, load in enumerate(loads):
        demand = np.minimum(ground.pattern * min(load, _ENDLESS), limits[1] * most)
        total, close, best = -1.0, 0.0, given
        for even in (True, False) if contested else (True,):
            if contested:
                seen = (start - start[0], satellite, open_, demand, limits[1], scene.cell_bit)
                sites = (counts[0], scene.gateway_bit)
                contend(behind, seen, (working, beams, counts[1], *landed), sites, even)
            if contested or number == 0:
                own = open_.copy()
                _bounded(limits, working, *landed)
                fixed = (start, everyone, usable, working, outage, *landed, scene.cell_bit)
                closed = closing(*fixed, ground.weight, own)
            supply = (demand, limits[1], beams, landed[0], counts[2], prices)
            found = assign(start - start[0], satellite, own, *supply, given, chosen, part)
            if found > total:
                total, close, best = found, closed, given.copy()
        yield min(total, float(limits[4])), close, best


def _bounded(limits: FloatArray, working: BoolArray, capacity: FloatArray, lands: NDArray[np.int64]) -> None:
    """Add what links between satellites bring and cap what the processor takes, in place."""
    if limits[3] > 0.0:
        np.maximum(capacity, limits[3], out=capacity, where=working)
        lands[working] = -1
    np.minimum(capacity, limits[2], out=capacity)


def rates_of(service: Service, scene: Scene, shift_db: float) -> FloatArray:
    """Return what a whole beam carries on each pair [Mbit/s] with the link shifted."""
    return budget.beam_mbit_per_s(budget.symbol_ratio_db(scene.ratio_db) + shift_db, service.payload)


def surfaces(
    service: Service, scene: Scene, ground: Ground, progress: Callable[[float], None]
) -> dict[str, Any]:
    """Return the tables.

    Returns
    -------
    dict
        ``served``: shape (shares, arcs, obstructions, shifts, loads) [Mbit/s]; ``reached``: the same without loads;
        ``typical_ratio_db``: median carrier over noise, from which members' interference is turned into a shift;
        ``cell_most``: what each cell could be given if it alone wanted something; ``cell_served``: its traffic at the
        reference demand; all satellites working [Mbit/s].
    """
    arcs = ARCS_DEG if service.payload.gso_protection else ARCS_DEG[:1]
    level, finite = failing_below(scene), ground.people is not None
    links = [(rates_of(service, scene, shift), scene.outage(shift)) for shift in SHIFTS_DB]
    grid = list(
        product(range(len(SHARES)), range(len(arcs)), range(len(OBSTRUCTIONS_DEG)), range(len(SHIFTS_DB)))
    )

    def one(index: tuple[int, int, int, int]) -> tuple[FloatArray, float, FloatArray]:
        share, arc, obstruction, shift = index
        return run_sweep(
            service,
            scene,
            ground,
            working=level < SHARES[share],
            arc_deg=arcs[arc],
            obstruction_deg=OBSTRUCTIONS_DEG[obstruction],
            rate=links[shift][0],
            outage=links[shift][1],
            loads=LOADS if finite else LOADS[-1:],
        )

    shape = (len(SHARES), len(arcs), len(OBSTRUCTIONS_DEG), len(SHIFTS_DB))
    served, reached = np.zeros((*shape, len(LOADS))), np.zeros(shape)
    with ThreadPoolExecutor(cores()) as pool:
        for done, (index, found) in enumerate(zip(grid, pool.map(one, grid), strict=True)):
            served[index], reached[index] = found[0], found[1]
            progress(done / len(grid))
    nominal: dict[str, Any] = {
        "working": np.ones(scene.satellites, dtype=bool),
        "arc_deg": arcs[min(NOMINAL[1], len(arcs) - 1)],
        "obstruction_deg": 0.0,
        "rate": rates_of(service, scene, 0.0),
        "outage": scene.outage(0.0),
    }
    at_reference = run_sweep(service, scene, ground, **nominal, loads=(1.0,), keep=0)[2]
    return {
        "served": served,
        "reached": reached,
        "arcs_deg": np.array(arcs),
        "typical_ratio_db": float(np.median(scene.ratio_db)) if len(scene.ratio_db) else 0.0,
        "cell_most": _most(service, scene, ground, nominal["rate"], nominal["arc_deg"]),
        "cell_served": at_reference,
    }


def _most(service: Service, scene: Scene, ground: Ground, rate: FloatArray, arc_deg: float) -> FloatArray:
    """Return the mean over the moments of what the best satellite could give each cell alone [Mbit/s]."""
    limits, _ = limits_of(service, scene)
    users, moments = scene.users, len(scene.users.start)
    usable = users.arc_deg >= arc_deg if service.payload.gso_protection else np.ones(len(users), dtype=bool)
    given = np.where(usable, np.minimum(rate * min(limits[0], limits[1]), limits[2]), 0.0)
    best = np.zeros((moments, len(ground.cells)))
    np.maximum.at(best, (users.moment, users.place), given)
    return np.asarray(best.mean(axis=0))


def deployed(
    service: Service, scene: Scene, ground: Ground, order: NDArray[np.int64], there: NDArray[np.int64]
) -> dict[str, Any]:
    """Return traffic served with the first satellites in place, over that of the whole fleet.

    Parameters
    ----------
    order : int array, shape (launched,)
        Satellites in the order in which they come up.
    there : int array
        Satellites that are in orbit already.

    Returns
    -------
    dict
        ``stage_satellites``: shape (stages + 1,), from 0 to all; ``stage_share``: shape (stages + 1, loads).
    """
    step = service.deployment.satellites_per_launch
    launches = max(1, -(-len(order) // step))
    stages = np.unique(np.linspace(0, launches, min(launches, _MOST_STAGES) + 1).round().astype(int))
    rate, outage = rates_of(service, scene, 0.0), scene.outage(0.0)
    found = []
    for stage in stages:
        working = np.zeros(scene.satellites, dtype=bool)
        working[there] = True
        working[order[: stage * step]] = True
        served, _, _ = run_sweep(
            service,
            scene,
            ground,
            working=working,
            arc_deg=ARCS_DEG[1],
            obstruction_deg=0.0,
            rate=rate,
            outage=outage,
            loads=DEPLOYED_LOADS,
        )
        found.append(served)
    table = np.array(found)
    whole = np.where(table[-1] > 0.0, table[-1], 1.0)
    share = np.maximum.accumulate(np.clip(table / whole, 0.0, 1.0), axis=0)
    share[-1] = 1.0
    return {"stage_launch": stages.astype(float), "stage_share": share, "launches": float(launches)}


def shift_db(members: Mapping[str, FloatArray], typical_ratio_db: float) -> FloatArray:
    """Return how much members' links differ from those of the tables [dB], shape (n,).

    Interference does not add in decibels: its effect is taken at the median carrier over noise.
    """
    own = combined_ratio_db(
        typical_ratio_db + members["power_deviation_db"], members["interference_ratio_db"]
    )
    own = own - members["implementation_loss_db"]
    return np.asarray(own - budget.symbol_ratio_db(np.asarray(typical_ratio_db)))


def _bracket(nodes: FloatArray, value: FloatArray) -> tuple[NDArray[np.int64], FloatArray]:
    """Return the node below and the share of the way to the next; beyond the ends the end stays."""
    if len(nodes) == 1:
        return np.zeros(len(value), dtype=np.int64), np.zeros(len(value))
    low = np.clip(np.searchsorted(nodes, value, side="right") - 1, 0, len(nodes) - 2)
    share = (value - nodes[low]) / (nodes[low + 1] - nodes[low])
    return low, np.clip(share, 0.0, 1.0)


def look(
    table: Any, prepared: Mapping[str, Any], at: Mapping[str, FloatArray], load: FloatArray | None
) -> FloatArray:
    """Interpolate a table to members, shape (n,).

    Linear in the share working, the angle, the obstruction and the shift; in the load, where the table has it,
    traffic follows a power law between nodes and stays beyond the last. With nobody working the value is 0.

    Parameters
    ----------
    at : mapping
        ``share``, ``arc_deg``, ``obstruction_deg``, ``shift_db``, shape (n,) each.
    load : float array, shape (n,), or None
        Multiple of the reference demand; infinity for unlimited demand.
    """
    values = np.asarray(table)
    shares = np.array((0.0, *SHARES[::-1]))
    values = np.concatenate([np.zeros((1, *values.shape[1:])), values[::-1]])
    axes = (
        _bracket(shares, at["share"]),
        _bracket(np.asarray(prepared["arcs_deg"]), at["arc_deg"]),
        _bracket(np.array(OBSTRUCTIONS_DEG), at["obstruction_deg"]),
        _bracket(np.array(SHIFTS_DB), at["shift_db"]),
    )
    total = np.zeros(len(at["share"]))
    for corner in product((0, 1), repeat=4):
        weight = np.ones(len(total))
        index: list[NDArray[np.int64]] = []
        for (low, share), high in zip(axes, corner, strict=True):
            weight = weight * (share if high else 1.0 - share)
            index.append(np.minimum(low + high, values.shape[len(index)] - 1))
        at_corner = values[tuple(index)] if load is None else _at_load(values, index, load)
        total = total + weight * at_corner
    return total


def _at_load(values: FloatArray, index: list[NDArray[np.int64]], load: FloatArray) -> FloatArray:
    """Return values at loads: proportional below the first node, a power law between, the last node beyond."""
    knots = np.log2(LOADS[:-1])
    log = np.log2(np.maximum(load, 1e-12))
    low, share = _bracket(knots, log)
    first, second = values[(*index, low)], values[(*index, low + 1)]
    safe = np.maximum(np.minimum(first, second), 1e-12)
    between = safe * (np.maximum(second, safe) / safe) ** share
    between = np.where(first > 0.0, between, first + (second - first) * share)
    below = values[(*index, np.zeros_like(low))] * load / LOADS[0]
    found = np.where(log < knots[0], below, between)
    top = values[(*index, np.full_like(low, len(LOADS) - 1))]
    return np.asarray(np.where(np.isinf(load), top, found))
