"""What is asked of a run."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from accord.systems.imaging.scene.stack import Hints

__all__ = ["Progress", "Request"]

Progress = Callable[[float, float, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One run; every field has a default that suits a duty officer.

    Attributes
    ----------
    scenes, before : tuple of Path
        What to map; earlier scenes of the same place and orbit.
    out : Path
    water, water_above : Path, float or None
        Reference water, and from which value on it counts as such.
    exclude : Path or None
        Raster that is not 0 where radar or optics are blind (town, dense forest, sand).
    dem, people, sample, harmonics : Path or None
        Elevation [m]; population grid or settlements; reference sample; seasonal record.
    hints : Hints
        About plain rasters.
    least_ha : float [ha]
        Smallest patch that is mapped.
    spacing_m : float [m]
        Pixel of a map made from radar geometry.
    languages, sender, status, references
        Of the draft alert.
    place : str
        Name of the area for the alert; coordinates where empty.
    seed, threads : int
    rows : int
        Rows of a strip, a multiple of 512; never changes results.
    use_model, force_model : bool
        Whether the learned model runs at all; also on a scene unlike its training.
    network : Path or None
        Card of a network to use in place of the trees.
    pictures : bool
    """

    scenes: tuple[Path, ...]
    out: Path
    before: tuple[Path, ...] = ()
    water: Path | None = None
    water_above: float | None = None
    exclude: Path | None = None
    dem: Path | None = None
    people: Path | None = None
    sample: Path | None = None
    harmonics: Path | None = None
    hints: Hints = field(default_factory=Hints)
    least_ha: float = 0.5
    spacing_m: float = 10.0
    languages: tuple[str, ...] = ("en",)
    sender: str = "unset"
    status: str = "Draft"
    references: tuple[str, ...] = ()
    place: str = ""
    seed: int = 1
    threads: int = 2
    rows: int = 512
    use_model: bool = True
    network: Path | None = None
    force_model: bool = False
    pictures: bool = True

    def shaping(self) -> dict[str, Any]:
        """Return the fields that shape the layers, for the fingerprint."""
        left_out = {
            "out",
            "rows",
            "threads",
            "languages",
            "sender",
            "status",
            "references",
            "place",
            "seed",
            "sample",
        }
        known = dataclasses.asdict(self)
        return {key: value for key, value in known.items() if key not in left_out}

    def inputs(self) -> tuple[Path, ...]:
        """Return every raster or table the user named beside the scenes."""
        named = (self.network, self.water, self.exclude, self.dem, self.people, self.sample, self.harmonics)
        return tuple(path for path in named if path is not None)
