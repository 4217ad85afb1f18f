"""The smallest Walker fleet for a region: cover, capacity and round trip as wanted, on a constellation's own code."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from accord.errors import ModelError

if TYPE_CHECKING:
    from accord.physics.grid import Grid
    from accord.systems.constellation.inputs import Design
    from accord.systems.constellation.service.sizing import Candidate

__all__ = ["Search", "capacity_gbit_s", "smallest_fleet"]

_CELL_KM = 200.0
_SIZES = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What was found: the fleet, None where none of those looked at will do; and the best of every size.

    Attributes
    ----------
    chosen : Candidate or None
    capacity_gbit_s : float
        Of the chosen fleet over the region; 0 where it was not asked for.
    sizes : tuple of (Candidate, float)
        The best cover of each size, the smallest first.
    """

    chosen: Candidate | None
    capacity_gbit_s: float
    sizes: tuple[tuple[Candidate, float], ...]


def smallest_fleet(
    design: Design,
    folder: Path,
    *,
    share: float = 0.99,
    fold: int = 1,
    rate_gbit_s: float = 0.0,
    latency_ms: float = math.inf,
    altitudes_km: Sequence[float] = (),
    inclinations_deg: Sequence[float] = (),
    largest: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Search:
    """Search Walker deltas at a design's mask and region, the smallest fleet first.

    Parameters
    ----------
    design : Design
        Of a constellation with a shell and a region; its service counts where a capacity is wanted.
    folder : Path
        Of the programme file.
    share, fold : float [1], int
        Share of area and time that so many satellites must cover.
    rate_gbit_s : float [Gbit/s]
        Capacity over the region with all satellites working.
    latency_ms : float [ms]
        Longest round trip over one satellite at the mask, by light alone.
    altitudes_km, inclinations_deg : sequences [km], [deg]
        To look at; those of the first shell, and inclinations around it, when empty.
    largest : int
        Largest fleet that is looked at; twice the design's when 0.

    Raises
    ------
    ModelError
        For a design without shell or region, and for round trips that no altitude allows.
    """
    from accord.systems.constellation.service.sizing import screen

    if not design.shells or design.area is None:
        raise ModelError("a search needs a constellation with a shell and a region")
    mask = design.shells[0].elevation_mask_deg
    options, grid = _options(design, share * fold, altitudes_km, inclinations_deg, largest)
    capacity: dict[Candidate, float] = {}

    def carries(candidate: Candidate) -> float:
        capacity[candidate] = capacity_gbit_s(design, candidate, folder)
        return capacity[candidate]

    chosen, found = screen(
        options,
        grid,
        mask,
        share=share,
        fold=fold,
        latency_ms=latency_ms,
        carries=carries if rate_gbit_s > 0.0 else None,
        rate_gbit_s=rate_gbit_s,
        progress=progress,
    )
    return Search(
        chosen=chosen, capacity_gbit_s=capacity.get(chosen, 0.0) if chosen else 0.0, sizes=tuple(found)
    )


def _options(
    design: Design,
    least_cover: float,
    altitudes_km: Sequence[float],
    inclinations_deg: Sequence[float],
    largest: int,
) -> tuple[list[Candidate], Grid]:
    """Return the fleets to look at, the smallest first, and the cells to count on."""
    from accord.physics.constants import EARTH_MEAN_RADIUS_KM
    from accord.physics.grid import region_grid
    from accord.systems.constellation.service.sizing import candidates, cap_km2

    assert design.area is not None
    shell = design.shells[0]
    heights = tuple(altitudes_km) or (shell.altitude_km,)
    own = shell.inclination_deg if shell.inclination_deg is not None else 90.0
    tilts = tuple(inclinations_deg) or tuple(sorted({own, *(own + d for d in (-10.0, -5.0, 5.0))}))
    grid = region_grid(design.area.polygons, _CELL_KM / EARTH_MEAN_RADIUS_KM, least=20)
    most = largest or 2 * sum(part.total for part in design.shells)
    # no fleet covers with less than its caps: nothing smaller needs looking at
    cap = max(cap_km2(height, shell.elevation_mask_deg) for height in heights)
    least = max(4, math.ceil(least_cover * float(grid.weight.sum()) / cap))
    step = max(2, (most - least) // _SIZES // 2 * 2)
    return candidates(heights, tilts, range(least + least % 2, most + 1, step)), grid


def capacity_gbit_s(design: Design, candidate: Candidate, folder: Path) -> float:
    """Return what a fleet carries over the region when every cell wants more than it can get [Gbit/s], all working."""
    import numpy as np

    from accord.systems.constellation.fleet import assemble
    from accord.systems.constellation.service.inputs import medians
    from accord.systems.constellation.service.scene import ground_of, scene_of
    from accord.systems.constellation.service.surface import ARCS_DEG, rates_of, run_sweep

    shell = design.shells[0].model_copy(
        update={
            "altitude_km": candidate.altitude_km,
            "inclination_deg": candidate.inclination_deg,
            "sun_synchronous": False,
            "planes": candidate.planes,
            "satellites": candidate.satellites,
            "satellites_per_plane": None,
            "phasing": candidate.phasing,
            "pattern": "delta",
            "plane_spacing_deg": None,
        }
    )
    other = design.model_copy(update={"shells": (shell,), "catalogues": ()})
    middle = {name: np.array([value]) for name, value in medians().items()}
    ground = ground_of(other, other.service, folder, middle)
    scene = scene_of(other, other.service, assemble(other, folder), ground)
    served, _, _ = run_sweep(
        other.service,
        scene,
        ground,
        working=np.ones(candidate.satellites, dtype=bool),
        arc_deg=ARCS_DEG[1],
        obstruction_deg=0.0,
        rate=rates_of(other.service, scene, 0.0),
        outage=scene.outage(0.0),
        loads=(math.inf,),
    )
    return 1e-3 * float(served[0])
