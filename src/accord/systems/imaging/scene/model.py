"""What a scene is: bands on one grid, their units, when and from which orbit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from pathlib import Path
from typing import Literal

from accord.systems.imaging.scene.grid import Grid

__all__ = ["OPTICAL", "RADAR", "Advice", "Band", "Note", "Scene", "Unseen"]

OPTICAL = ("blue", "green", "red", "nir", "swir16", "swir22")
RADAR = ("vv", "vh")


class Unseen(IntEnum):
    """Why a pixel was not seen; 0 is seen."""

    SEEN = 0
    NODATA = 1
    CLOUD = 2
    SHADOW = 3
    SNOW = 4
    BORDER = 5
    DAMAGED = 6
    EXCLUDED = 7
    STEEP = 8

    @property
    def words(self) -> str:
        """For people."""
        return {
            0: "seen",
            1: "no data",
            2: "cloud",
            3: "cloud shadow",
            4: "snow or ice",
            5: "border noise",
            6: "damaged block",
            7: "no sensitivity",
            8: "steep slope",
        }[int(self)]


class Advice(IntFlag):
    """Reasons to look twice at a pixel that was seen: the bits of the advice layer."""

    DISAGREE = 1  # the members are split
    POLARISATION = 2  # VV and VH differ: wind on water, or sand and tarmac
    STEEP = 4
    LOOKALIKE = 8  # dark already before the event
    VEGETATION = 16  # VV rose: flooded vegetation, low confidence
    NEAR_CLOUD = 32
    NOISE = 64  # at or below the noise floor


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One thing the reader should know about a scene; `level` is "info" or "warning"."""

    level: Literal["info", "warning"]
    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One band of a file.

    Attributes
    ----------
    path : Path
    index : int
        From 1.
    gain, offset : float
        Physical value = gain x number + offset.
    nodata : float or None
    repeat : int
        Pixels of the scene's grid along one pixel of this band (2 for a 20 m band of a 10 m scene).
    """

    path: Path
    index: int = 1
    gain: float = 1.0
    offset: float = 0.0
    nodata: float | None = None
    repeat: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One acquisition on one grid.

    Attributes
    ----------
    id, platform, product : str
    kind : {"radar", "optical"}
    unit : {"db", "linear", "reflectance"}
        Of gain x number + offset.
    filtered : bool
        Whether speckle was filtered already.
    bands, quality : mapping of str to Band
        By common name (``vv``, ``green``); quality bands by their kind (``scl``, ``fmask``, ``qa_pixel``).
    taken : datetime or None
        UTC.
    orbit : int or None
        Relative orbit; for Landsat the path.
    direction : str
        "ascending", "descending" or "".
    sun_azimuth_deg, sun_elevation_deg : float or None
    notes : tuple of Note
    """

    id: str
    kind: Literal["radar", "optical"]
    unit: Literal["db", "linear", "reflectance"]
    grid: Grid
    bands: Mapping[str, Band]
    quality: Mapping[str, Band] = field(default_factory=dict)
    filtered: bool = False
    platform: str = ""
    product: str = ""
    taken: dt.datetime | None = None
    orbit: int | None = None
    direction: str = ""
    sun_azimuth_deg: float | None = None
    sun_elevation_deg: float | None = None
    notes: tuple[Note, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file the scene reads, once, in order."""
        return tuple(dict.fromkeys(b.path for b in (*self.bands.values(), *self.quality.values())))
