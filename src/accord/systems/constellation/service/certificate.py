"""How far the assignment is from the best possible: programmes on some moments, solved by HiGHS."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError
from accord.systems.constellation.service.design import Service
from accord.systems.constellation.service.scene import Ground, Scene
from accord.systems.constellation.service.surface import (
    ARCS_DEG,
    limits_of,
    rates_of,
    run_sweep,
    usable_pairs,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

__all__ = ["CERTIFIED_LOADS", "bound_mbit_s", "certify"]

CERTIFIED_LOADS = (0.25, 1.0, 4.0)
_MOMENTS = 3
_MOST_PAIRS = 20_000  # of one moment: beyond that the programme takes too long to be solved beside a run
_DOUBT = 0.03  # gap from which the bound is looked at more closely
_NODES, _CLOSE = 300, 0.002  # of the integer programme, by count and not by time: the same on every machine
_LARGE = 0.05  # share of a satellite from which a cell counts as large
_MOST_LOAD = 1e9


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
            if served[column] < (1.0 - _DOUBT) * best:
                best = min(best, bound_mbit_s(service, part, ground, rate[own], load, whole=True))
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


def bound_mbit_s(
    service: Service, scene: Scene, ground: Ground, rate: FloatArray, load: float, whole: bool = False
) -> float:
    """Return the most that any assignment of one moment can serve [Mbit/s].

    Maximise the traffic over pairs and the shares of feeder links, under demand and beams of cells, beams and processor
    of satellites, links and antennas of gateways, and countries where traffic lands at home. Cells may be split among
    satellites and gateways shared in time, so that no assignment can serve more; but parts of one cell take no more
    satellites than it may have, each counted by what it could serve of the cell at most.

    Parameters
    ----------
    whole : bool
        Keep links, and cells that want a good part of a satellite, in one piece: an integer programme, stopped after so
        many nodes at the bound it has by then.
    """
    from scipy import optimize

    tools: Any = optimize  # carries no types
    found = _programme(service, scene, ground, rate, load)
    if found is None:
        return 0.0
    rows, most, pairs, large = found
    matrix, upper = rows.matrix(len(most)), np.concatenate(rows.upper)
    aim = np.where(np.arange(len(most)) < pairs, -1.0, 0.0)
    limits = tools.Bounds(0.0, most)
    if not whole:
        done = tools.linprog(
            aim,
            A_ub=matrix,
            b_ub=upper,
            bounds=np.stack([np.zeros_like(most), most], axis=1),
            method="highs",
        )
        if done.status != 0:
            raise ModelError(f"the bound of the assignment of beams cannot be solved: {done.message}")
        return float(-done.fun)
    pieces = np.ones(len(most))
    pieces[:pairs] = 0.0
    pieces[len(most) - pairs :] = large
    done = tools.milp(
        aim,
        constraints=tools.LinearConstraint(matrix, -np.inf, upper),
        integrality=pieces,
        bounds=limits,
        options={"mip_rel_gap": _CLOSE, "node_limit": _NODES},
    )
    return float(-done.mip_dual_bound)


class _Rows:
    """Rows of the programme, gathered block by block."""

    def __init__(self) -> None:
        self.parts: list[tuple[IntArray, IntArray, FloatArray]] = []
        self.upper: list[FloatArray] = []
        self.count = 0

    def add(self, row: Any, column: Any, value: Any, upper: FloatArray) -> None:
        """Add a block: its entries, rows counted from its own first, and its right-hand sides."""
        self.parts.append(
            (np.asarray(row) + self.count, np.asarray(column), np.broadcast_to(value, np.shape(row)))
        )
        self.upper.append(upper)
        self.count += len(upper)

    def matrix(self, columns: int) -> Any:
        """Return the matrix."""
        from scipy import sparse

        tables: Any = sparse
        row, column, value = (np.concatenate([part[k] for part in self.parts]) for k in range(3))
        return tables.coo_matrix((value, (row, column)), shape=(self.count, columns)).tocsr()


def _programme(
    service: Service, scene: Scene, ground: Ground, rate: FloatArray, load: float
) -> tuple[_Rows, FloatArray, int, NDArray[np.bool_]] | None:
    """Return rows, bounds of columns (traffic of pairs, links, whether a pair is used), pairs, which are large."""
    users, (limits, counts) = scene.users, limits_of(service, scene)
    pair = np.flatnonzero(usable_pairs(service, scene, ARCS_DEG[1]) & (rate > 0.0))
    behind = np.repeat(np.arange(scene.satellites), np.diff(scene.feeder_start[0]))
    feeder, gateway, between = scene.feeder_mbit_s, scene.gateway, limits[3]
    count, links = len(pair), len(behind)
    if count == 0 or (links == 0 and between <= 0.0):
        return None
    cells, fleet = len(ground.cells), scene.satellites
    cell, satellite, inverse = users.place[pair], users.satellite[pair], 1.0 / rate[pair]
    demand = np.minimum(load, _MOST_LOAD) * ground.pattern
    top = np.minimum(np.maximum(_together(behind, feeder, fleet, int(counts[1])), between), limits[2])
    alone = np.minimum(np.minimum(demand[cell], rate[pair] * min(limits[0], limits[1])), top[satellite])
    alone = np.maximum(alone, 1e-9)
    own, link, taken = np.arange(count), count + np.arange(links), count + links + np.arange(count)
    rows, one = _Rows(), np.ones(count)
    rows.add(cell, own, one, demand)
    rows.add(cell, own, inverse, np.full(cells, limits[1]))
    rows.add(satellite, own, inverse, np.full(fleet, limits[0]))
    rows.add(satellite, own, one, np.full(fleet, limits[2]))
    # a link adds to what comes over links between satellites only where it brings more
    gain = -np.maximum(feeder - between / counts[1], 0.0)
    rows.add(np.r_[satellite, behind], np.r_[own, link], np.concatenate([one, gain]), np.full(fleet, between))
    rows.add(behind, link, np.ones(links), np.full(fleet, float(counts[1])))
    rows.add(gateway, link, np.ones(links), np.full(len(scene.sites), float(counts[0])))
    rows.add(np.zeros(count, dtype=np.int64), own, one, limits[4:5])
    if service.gateways.national and between <= 0.0:
        bring = feeder if counts[1] == 1 else top[behind]
        for country in np.unique(scene.cell_bit):
            mine, there = (
                _cells_in(scene, cell, country),
                np.flatnonzero((scene.gateway_bit[gateway] & country) != 0),
            )
            entry = np.concatenate([np.ones(len(mine)), -bring[there]])
            rows.add(
                np.r_[satellite[mine], behind[there]], np.r_[own[mine], link[there]], entry, np.zeros(fleet)
            )
    rows.add(np.r_[own, own], np.r_[own, taken], np.concatenate([1.0 / alone, -one]), np.zeros(count))
    rows.add(cell, taken, one, np.full(cells, float(counts[2])))
    most = np.concatenate([np.full(count, np.inf), np.ones(links), one])
    return rows, most, count, alone >= _LARGE * top[satellite]


def _cells_in(scene: Scene, cell: IntArray, country: int) -> IntArray:
    """Return the pairs whose cell lies in a country, given by its bit."""
    return np.flatnonzero(scene.cell_bit[cell] == country)


def _together(satellite: IntArray, feeder: FloatArray, fleet: int, links: int) -> FloatArray:
    """Return what the best links of each satellite carry together [Mbit/s]."""
    order = np.lexsort((-feeder, satellite))
    ranked = satellite[order]
    rank = np.arange(len(ranked)) - np.searchsorted(ranked, ranked)
    best = order[rank < links]
    return np.bincount(satellite[best], feeder[best], minlength=fleet).astype(float)
