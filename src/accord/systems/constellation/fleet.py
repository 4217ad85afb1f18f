"""The satellites of a design: where each is at any moment, and in which group it counts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.contract import Ephemeris
from accord.errors import FileError, ModelError
from accord.physics.catalogue import usable
from accord.physics.constants import EARTH_RADIUS_KM
from accord.physics.coverage import Fleet
from accord.physics.elements import read_elements, sgp4_pef
from accord.physics.orbits import circular_pef, sun_synchronous_inclination_rad
from accord.physics.time import gmst_rad, julian_date
from accord.physics.walker import walker
from accord.systems.constellation.inputs import Catalogue, Design, Shell

FloatArray = NDArray[np.float64]

__all__ = ["Satellites", "assemble", "ephemeris"]

NODE_S = 60.0
_MOST_NODES = 3.0e7  # 1.4 GB of places and velocities


@dataclass(frozen=True, slots=True)
class Satellites:
    """The assembled fleet.

    Attributes
    ----------
    parts : tuple
        Groups: a shell with its nodes and arguments of latitude [rad], or the catalogued satellites.
    masks_rad, radius_km : float array, shape (groups,)
    group : int array, shape (satellites,)
    names, notes : tuple of str
        Names of the satellites; what the reader must know about catalogued ones.
    jd : float
        Julian date (UTC) of time zero.
    """

    parts: tuple[Any, ...]
    masks_rad: FloatArray
    radius_km: FloatArray
    group: NDArray[np.int64]
    names: tuple[str, ...]
    notes: tuple[str, ...]
    jd: float

    def __len__(self) -> int:
        return len(self.group)

    def states(self, seconds: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return Earth-fixed positions [km] and velocities [km/s], shape (satellites, times, 3)."""
        found = [self._part(part, seconds) for part in self.parts]
        return np.concatenate([p for p, _ in found]), np.concatenate([v for _, v in found])

    def _part(self, part: Any, seconds: FloatArray) -> tuple[FloatArray, FloatArray]:
        if isinstance(part, list):
            _, position, velocity = sgp4_pef(part, self.jd, seconds)
            return position, velocity
        axis_km, inclination_rad, node, latitude = part
        return circular_pef(axis_km, inclination_rad, node, latitude, float(gmst_rad(self.jd)), seconds)

    def fleet(self, obstruction_deg: float = 0.0) -> Fleet:
        """Return the fleet with every mask raised by an obstruction."""
        return Fleet(
            positions=lambda seconds: self.states(seconds)[0],
            group=self.group,
            radius_km=self.radius_km,
            mask_rad=self.masks_rad + math.radians(obstruction_deg),
        )


def assemble(design: Design, folder: Path) -> Satellites:
    """Place every satellite of a design.

    Raises
    ------
    FileError
        For a catalogue that cannot be read.
    ModelError
        When catalogued elements are too old for the design's epoch, or none can be propagated.
    """
    jd = julian_date(design.epoch)
    parts: list[Any] = []
    names: list[str] = []
    notes: list[str] = []
    radius, masks = [], []
    for number, shell in enumerate(design.shells, 1):
        parts.append(_shell(shell))
        names += [f"shell {number} satellite {i + 1}" for i in range(shell.total)]
        radius.append(shell.axis_km)
        masks.append(shell.elevation_mask_deg)
    for catalogue in design.catalogues:
        good, remarks = _catalogued(catalogue, folder, jd, design)
        parts.append([satellite for _, satellite in good])
        names += [name for name, _ in good]
        notes += remarks
        highest = max(float(satellite.alta) for _, satellite in good)
        radius.append((1.0 + highest) * EARTH_RADIUS_KM + 50.0)  # short-period terms reach some 10 km
        masks.append(catalogue.elevation_mask_deg)
    sizes = [len(part) if isinstance(part, list) else len(part[2]) for part in parts]
    return Satellites(
        parts=tuple(parts),
        masks_rad=np.radians(masks),
        radius_km=np.array(radius),
        group=np.repeat(np.arange(len(parts)), sizes),
        names=tuple(names),
        notes=tuple(notes),
        jd=jd,
    )


def _shell(shell: Shell) -> tuple[float, float, FloatArray, FloatArray]:
    """Return semi-major axis, inclination, nodes and arguments of latitude."""
    if shell.inclination_deg is None:
        inclination = sun_synchronous_inclination_rad(shell.axis_km)
    else:
        inclination = math.radians(shell.inclination_deg)
    node, latitude = walker(shell.total, shell.planes, shell.phasing, shell.spacing_rad)
    return shell.axis_km, inclination, node, latitude


def _catalogued(
    catalogue: Catalogue, folder: Path, jd: float, design: Design
) -> tuple[list[tuple[str, Any]], list[str]]:
    """Return the satellites that can be propagated over the period, and remarks on the others."""
    path = (folder / catalogue.file).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise FileError(f"{catalogue.file}: expected a file beside the programme or in a folder below it")
    moments = np.linspace(0.0, design.duration_day * 86400.0, max(25, math.ceil(24.0 * design.duration_day)))
    return usable(read_elements(path), jd, moments, catalogue.file)


def ephemeris(design: Design, folder: Path) -> Ephemeris:
    """Return the states of the fleet at nodes one minute apart, one node past the end of the period.

    This is the port for systems that need contacts: they search it with `accord.physics.passes.passes` for their own
    sites and masks.

    Raises
    ------
    ModelError
        For fleets and periods whose states would not fit in memory.
    """
    satellites = assemble(design, folder)
    nodes = math.ceil(design.duration_day * 86400.0 / NODE_S) + 2
    if nodes * len(satellites) > _MOST_NODES:
        raise ModelError(
            f"{len(satellites)} satellites over {design.duration_day:g} d are {nodes * len(satellites):.1e} states, "
            f"expected at most {_MOST_NODES:.0e}: choose a shorter duration"
        )
    position, velocity = satellites.states(NODE_S * np.arange(nodes, dtype=float))
    makers = [text for used, text in ((design.shells, "j2"), (design.catalogues, "sgp4")) if used]
    return Ephemeris(
        epoch_jd_utc=satellites.jd,
        step_s=NODE_S,
        position_km=position,
        velocity_km_s=velocity,
        names=satellites.names,
        propagator=f"{' and '.join(makers)}, epoch {design.epoch}",
    )
