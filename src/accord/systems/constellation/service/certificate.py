"""How far the assignment is from the best possible: a linear programme on some moments, solved by HiGHS."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.systems.constellation.service.design import Service
from accord.systems.constellation.service.scene import Ground, Scene
from accord.systems.constellation.service.surface import ARCS_DEG, limits_of, rates_of, run_sweep

FloatArray = NDArray[np.float64]

__all__ = ["CERTIFIED_LOADS", "bound_mbit_s", "certify"]

CERTIFIED_LOADS = (0.25, 1.0, 4.0)
_MOMENTS = 3
_MOST_PAIRS = 20_000  # of one moment: beyond that the programme takes too long to be solved beside a run


def certify(service: Service, scene: Scene, ground: Ground) -> FloatArray:
    """Return the share by which the assignment falls short of the bound, shape (moments, loads) [1].

    Moments are the first, the middle and the last of those that are assigned, all satellites working.
    """
    moments = scene.users.start.shape[0]
    picked = sorted({0, moments // 2, moments - 1})[:_MOMENTS]
    rate, outage = rates_of(service, scene, 0.0), scene.outage(0.0)
    gaps = np.zeros((len(picked), len(CERTIFIED_LOADS)))
    for row, moment in enumerate(picked):
        part = _only(scene, moment)
        if len(part.users) > _MOST_PAIRS:
            continue
        own = slice(scene.users.start[moment, 0], scene.users.start[moment, -1])
        served, _, _ = run_sweep(
            service,
            part,
            ground,
            working=np.ones(scene.satellites, dtype=bool),
            arc_deg=ARCS_DEG[1],
            obstruction_deg=0.0,
            rate=rate[own],
            outage=outage[own],
            loads=CERTIFIED_LOADS,
        )
        for column, load in enumerate(CERTIFIED_LOADS):
            best = bound_mbit_s(service, part, ground, rate[own], load)
            gaps[row, column] = max(0.0, 1.0 - served[column] / best) if best > 0.0 else 0.0
    return gaps


def _only(scene: Scene, moment: int) -> Scene:
    """Return the scene of one moment."""
    from dataclasses import replace

    users = scene.users
    pairs = slice(users.start[moment, 0], users.start[moment, -1])
    feeders = slice(scene.feeder_start[moment, 0], scene.feeder_start[moment, -1])
    alone = replace(
        users,
        start=users.start[[moment]] - users.start[moment, 0],
        place=users.place[pairs],
        moment=np.zeros(pairs.stop - pairs.start, dtype=np.int64),
        satellite=users.satellite[pairs],
        elevation_deg=users.elevation_deg[pairs],
        range_km=users.range_km[pairs],
        nadir_deg=users.nadir_deg[pairs],
        arc_deg=users.arc_deg[pairs],
    )
    return replace(
        scene,
        users=alone,
        ratio_db=scene.ratio_db[pairs],
        symbol_db=scene.symbol_db[pairs],
        feeder_start=scene.feeder_start[[moment]] - scene.feeder_start[moment, 0],
        gateway=scene.gateway[feeders],
        feeder_mbit_s=scene.feeder_mbit_s[feeders],
    )


def bound_mbit_s(service: Service, scene: Scene, ground: Ground, rate: FloatArray, load: float) -> float:
    """Return the most that any assignment of one moment can serve [Mbit/s].

    Maximise the traffic over pairs and the shares of feeder links, under demand and beams of cells, beams and processor
    of satellites, links and antennas of gateways. Cells may be split among satellites and gateways shared in time, and
    traffic may land anywhere, so that no assignment can serve more.
    """
    from scipy import optimize, sparse

    tools: Any = optimize  # carries no types
    tables: Any = sparse

    users = scene.users
    limits, counts = limits_of(service, scene)
    usable = users.elevation_deg >= scene.mask_deg[users.satellite]
    if service.payload.gso_protection:
        usable &= users.arc_deg >= ARCS_DEG[1]
    pair = np.flatnonzero(usable & (rate > 0.0))
    feeder_satellite = np.repeat(np.arange(scene.satellites), np.diff(scene.feeder_start[0]))
    count, feeders = len(pair), len(feeder_satellite)
    if count == 0 or (feeders == 0 and limits[3] <= 0.0):
        return 0.0
    cells, fleet, sites = len(ground.cells), scene.satellites, len(scene.sites)
    cell, satellite, inverse = users.place[pair], users.satellite[pair], 1.0 / rate[pair]
    own, link = np.arange(count), count + np.arange(feeders)
    blocks = [  # (row, column, value), rows of one kind after another
        (cell, own, np.ones(count)),
        (cells + cell, own, inverse),
        (2 * cells + satellite, own, inverse),
        (2 * cells + fleet + satellite, own, np.ones(count)),
        (2 * cells + fleet + feeder_satellite, link, -scene.feeder_mbit_s),
        (2 * cells + 2 * fleet + satellite, own, np.ones(count)),
        (2 * cells + 3 * fleet + feeder_satellite, link, np.ones(feeders)),
        (2 * cells + 4 * fleet + scene.gateway, link, np.ones(feeders)),
        (np.full(count, 2 * cells + 4 * fleet + sites), own, np.ones(count)),
    ]
    row, column, value = (np.concatenate([block[k] for block in blocks]) for k in range(3))
    rows = 2 * cells + 4 * fleet + sites + 1
    upper = np.concatenate(
        [
            load * ground.pattern,
            np.full(cells, limits[1]),
            np.full(fleet, limits[0]),
            np.full(fleet, limits[3]),
            np.full(fleet, limits[2]),
            np.full(fleet, float(counts[1])),
            np.full(sites, float(counts[0])),
            [limits[4]],
        ]
    )
    matrix = tables.coo_matrix((value, (row, column)), shape=(rows, count + feeders)).tocsr()
    aim = np.concatenate([-np.ones(count), np.zeros(feeders)])
    most = np.concatenate([np.full(count, np.inf), np.ones(feeders)])
    found = tools.linprog(
        aim, A_ub=matrix, b_ub=upper, bounds=np.stack([np.zeros_like(most), most], axis=1), method="highs"
    )
    return float(-found.fun) if found.status == 0 else 0.0
