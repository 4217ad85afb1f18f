"""The inverse question: the smallest Walker fleet that covers, carries or answers as fast as wanted."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError
from accord.physics.constants import EARTH_RADIUS_KM
from accord.physics.coverage import Fleet, coverage
from accord.physics.grid import Grid
from accord.physics.orbits import circular_pef
from accord.physics.walker import cap_angle_rad, walker

FloatArray = NDArray[np.float64]

__all__ = ["Candidate", "bent_pipe_ms", "candidates", "cap_km2", "cover_of", "screen", "trade_off"]

_LIGHT_KM_PER_S = 299792.458
_PHASINGS = 4  # of each pattern that are tried: first, last and two between


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A Walker delta of circular orbits: altitude [km], inclination [deg], satellites, planes, phasing."""

    altitude_km: float
    inclination_deg: float
    satellites: int
    planes: int
    phasing: int

    @property
    def notation(self) -> str:
        """Walker's notation ``i: T/P/F``."""
        return f"{self.inclination_deg:g} deg: {self.satellites}/{self.planes}/{self.phasing}"


def bent_pipe_ms(altitude_km: float, elevation_deg: float) -> float:
    """Return the longest round trip over one satellite, up and down twice at the mask [ms]; light alone.

    A sphere of equatorial radius; Wertz (1999), Space Mission Analysis and Design, 3rd ed., section 5.2.
    """
    ratio = EARTH_RADIUS_KM + altitude_km
    cosine = EARTH_RADIUS_KM * math.cos(math.radians(elevation_deg))
    slant = math.sqrt(ratio**2 - cosine**2) - EARTH_RADIUS_KM * math.sin(math.radians(elevation_deg))
    return 4e3 * slant / _LIGHT_KM_PER_S


def cap_km2(altitude_km: float, elevation_deg: float) -> float:
    """Return the area that one satellite covers [km2]: no fleet can do with fewer than the Earth over it."""
    angle = float(cap_angle_rad(EARTH_RADIUS_KM + altitude_km, math.radians(elevation_deg), EARTH_RADIUS_KM))
    return 2.0 * math.pi * EARTH_RADIUS_KM**2 * (1.0 - math.cos(angle))


def candidates(
    altitudes_km: Sequence[float], inclinations_deg: Sequence[float], sizes: Sequence[int], patterns: int = 5
) -> list[Candidate]:
    """Return Walker deltas of the given sizes, so many numbers of planes and a few phasings of each, smallest first."""
    found = []
    for total in sorted(sizes):
        divisors = [p for p in range(2, total + 1) if total % p == 0 and total // p >= 2]
        # planes near the square root of the size spread a fleet best; extremes are left out
        divisors.sort(key=lambda p: abs(math.log(p / math.sqrt(2.0 * total))))
        for planes in divisors[:patterns]:
            phasings = sorted({round(k * (planes - 1) / (_PHASINGS - 1)) for k in range(_PHASINGS)})
            found += [
                Candidate(altitude_km=h, inclination_deg=i, satellites=total, planes=planes, phasing=f)
                for h in altitudes_km
                for i in inclinations_deg
                for f in phasings
            ]
    return found


def cover_of(
    candidate: Candidate,
    grid: Grid,
    elevation_deg: float,
    fold: int = 1,
    steps: int = 90,
    step_s: float = 961.0,
) -> float:
    """Return the share of area and time with at least `fold` satellites in view [1], over a day."""
    axis = EARTH_RADIUS_KM + candidate.altitude_km
    node, latitude = walker(
        candidate.satellites, candidate.planes, candidate.phasing, 2.0 * math.pi / candidate.planes
    )
    fleet = Fleet(
        positions=lambda s: circular_pef(
            axis, math.radians(candidate.inclination_deg), node, latitude, 0.0, s
        )[0],
        group=np.zeros(candidate.satellites, dtype=np.int64),
        radius_km=np.array([axis]),
        mask_rad=np.radians([elevation_deg]),
    )
    seen = coverage(fleet, grid, step_s, steps, threshold=fold)
    weight = grid.weight
    return float(np.sum(weight * seen.covered) / (np.sum(weight) * steps))


def screen(
    options: Sequence[Candidate],
    grid: Grid,
    elevation_deg: float,
    *,
    share: float,
    fold: int = 1,
    latency_ms: float = math.inf,
    carries: Callable[[Candidate], float] | None = None,
    rate_gbit_s: float = 0.0,
    progress: Callable[[float], None] | None = None,
) -> tuple[Candidate | None, list[tuple[Candidate, float]]]:
    """Return the smallest fleet that meets every demand, and the best cover of each size that was looked at.

    Parameters
    ----------
    options : sequence of Candidate
        The smallest first; looking stops at the first size that has one.
    share : float [1]
        Of area and time that is to be covered by `fold` satellites.
    latency_ms : float [ms]
        Longest round trip over one satellite.
    carries : callable, optional
        ``(candidate) -> capacity over the region [Gbit/s]``; dear, so that it is asked last.
    rate_gbit_s : float [Gbit/s]

    Raises
    ------
    ModelError
        When no altitude can answer so fast.
    """
    fast = [c for c in options if bent_pipe_ms(c.altitude_km, elevation_deg) <= latency_ms]
    if not fast:
        lowest = min(bent_pipe_ms(c.altitude_km, elevation_deg) for c in options)
        raise ModelError(
            f"a round trip of {latency_ms:g} ms: at this mask light alone takes {lowest:.1f} ms or more"
        )
    best: dict[int, tuple[Candidate, float]] = {}
    chosen = None
    for number, candidate in enumerate(fast):
        if chosen is not None and candidate.satellites > chosen.satellites:
            break
        cover = cover_of(candidate, grid, elevation_deg, fold)
        if candidate.satellites not in best or cover > best[candidate.satellites][1]:
            best[candidate.satellites] = (candidate, cover)
        meets = cover >= share - 1e-12 and chosen is None
        if meets:  # sixteen minutes are coarse: look again at every minute
            meets = cover_of(candidate, grid, elevation_deg, fold, 1440, 60.0) >= share - 1e-12
        if meets and (carries is None or carries(candidate) >= rate_gbit_s):
            chosen = candidate
        if progress is not None:
            progress(number / len(fast))
    return chosen, list(best.values())


def trade_off(
    altitude_km: float, inclination_deg: float, satellites: int, grid: Grid, elevation_deg: float
) -> dict[str, FloatArray]:
    """Return the best cover that Walker fleets of several sizes reach at one altitude and inclination.

    Returns
    -------
    dict
        ``size``: shape (sizes,), up to a fifth more than the given fleet; ``one``, ``two``: best share of area and time
        with one and with two satellites in view.
    """
    sizes = sorted({max(4, 6 * round(f * satellites / 6.0)) for f in np.linspace(0.1, 1.2, 12)})
    options = candidates([altitude_km], [inclination_deg], sizes, patterns=2)
    table = {name: np.zeros(len(sizes)) for name in ("one", "two")}
    for candidate in options:
        row = sizes.index(candidate.satellites)
        for fold, name in ((1, "one"), (2, "two")):
            cover = cover_of(candidate, grid, elevation_deg, fold, 45, 1921.0)
            table[name][row] = max(table[name][row], cover)
    # a larger fleet can always leave satellites out
    return {"size": np.array(sizes, dtype=float), **{k: np.maximum.accumulate(v) for k, v in table.items()}}
