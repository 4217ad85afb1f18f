"""Anything a user points at, as scenes: product folders, archives, STAC documents, plain rasters."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

from accord.errors import FileError
from accord.systems.imaging.scene import hls, landsat, sentinel1, sentinel2, stac
from accord.systems.imaging.scene.integrity import opened
from accord.systems.imaging.scene.model import RADAR, Scene
from accord.systems.imaging.scene.raster import grid_of
from accord.systems.imaging.scene.sentinel1 import Product
from accord.systems.imaging.scene.stack import Hints, band_name, read

__all__ = ["opened_scenes", "unpacked"]

_RASTERS = {".tif", ".tiff", ".jp2", ".png", ".vrt", ".img", ".nc"}
_LARGEST = 20_000_000_000


def unpacked(archive: Path, folder: Path) -> Path:
    """Unpack a product's archive and return its folder; an archive unpacked before is not unpacked again.

    Raises
    ------
    FileError
        When it is damaged, larger than 20 GB unpacked, larger than the free disc, or reaches outside its folder.
    """
    try:
        with zipfile.ZipFile(archive) as bundle:
            entries = bundle.infolist()
            size = sum(entry.file_size for entry in entries)
            tops = {entry.filename.split("/")[0] for entry in entries if "/" in entry.filename}
            if any(entry.filename.startswith("/") or ".." in entry.filename.split("/") for entry in entries):
                raise FileError(f"{archive}: an entry reaches outside the archive: refused")
            if size > _LARGEST:
                raise FileError(
                    f"{archive}: {size / 1e9:.0f} GB unpacked, expected at most {_LARGEST / 1e9:.0f}"
                )
            if len(tops) != 1:
                raise FileError(f"{archive}: expected one product folder inside, found {len(tops)}")
            target = folder / tops.pop()
            if target.is_dir():
                return target
            folder.mkdir(parents=True, exist_ok=True)
            if size > shutil.disk_usage(folder).free:
                raise FileError(
                    f"{archive}: needs {size / 1e9:.1f} GB of disc at {folder}, which is not free"
                )
            part = folder / "unpacking.part"
            shutil.rmtree(part, ignore_errors=True)
            bundle.extractall(part)
            (part / target.name).rename(target)
            shutil.rmtree(part, ignore_errors=True)
            return target
    except (zipfile.BadZipFile, OSError) as error:
        raise FileError(f"{archive}: cannot be unpacked: {error}") from error


def opened_scenes(
    paths: Sequence[Path], hints: Hints | None = None, work: Path | None = None
) -> list[Scene | Product]:
    """Return what the paths hold, in order: scenes on a map grid, and radar products still to be geocoded.

    Files of single bands that lie on one grid are one scene (``vv.tif vh.tif``).

    Parameters
    ----------
    paths : sequence of Path
    hints : Hints, optional
        For plain rasters.
    work : Path, optional
        Where archives are unpacked.

    Raises
    ------
    FileError
        For what is missing, unknown, damaged or ambiguous.
    """
    found: list[Scene | Product] = []
    single: list[Path] = []
    for path in paths:
        if not path.exists():
            raise FileError(f"{path}: no such file or folder")
        if path.suffix.lower() == ".zip":
            path = unpacked(path, (work or path.parent) / "unpacked")
        if path.is_dir():
            found += _folder(path, hints)
        elif path.suffix.lower() in (".json", ".geojson"):
            body = stac.document(path)
            if body is None:
                raise FileError(f"{path}: JSON, yet no STAC document (no stac_version)")
            scenes = [stac.read(place, item) for place, item in stac.items(path, body)]
            if not scenes:
                raise FileError(f"{path}: links to no item")
            found += scenes
        elif path.name.lower() in ("manifest.safe", "mtd_msil2a.xml", "mtd_msil1c.xml") or path.name.endswith(
            "_MTL.txt"
        ):
            found += _folder(path.parent, hints)
        else:
            single.append(path)
    return found + [read(group, hints) for group in _groups(single)]


def _folder(folder: Path, hints: Hints | None) -> list[Scene | Product]:
    if sentinel1.is_product(folder):
        return [sentinel1.read_product(folder)]
    for product in (sentinel2, landsat, hls):
        if product.is_product(folder):
            return [product.read(folder)]
    inner = sorted(p for p in folder.iterdir() if p.is_dir())
    if len(inner) == 1 and not any(p.suffix.lower() in _RASTERS for p in folder.iterdir()):
        return _folder(inner[0], hints)
    rasters = sorted(p for p in folder.iterdir() if p.suffix.lower() in _RASTERS)
    if not rasters:
        raise FileError(
            f"{folder}: not a product that is known (Sentinel-1 GRD, Sentinel-2, Landsat, HLS), and no rasters"
        )
    return [read(group, hints) for group in _groups(rasters)]


def _groups(paths: Sequence[Path]) -> list[list[Path]]:
    """Put files of one grid and of different bands together: ``vv.tif vh.tif``, or a stack and its mask."""
    groups: list[tuple[object, set[str], list[Path]]] = []
    for path in paths:
        names = _names(path)
        kind = "radar" if names & set(RADAR) else "optical"
        key = (kind, grid_of(path)) if names else None
        for other, known, members in groups:
            if key is not None and other == key and not names & known:
                known |= names
                members.append(path)
                break
        else:
            groups.append((key, names, [path]))
    return [members for _, _, members in groups]


def _names(path: Path) -> set[str]:
    with opened(path) as source:
        described = source.descriptions
    names = {band_name(text) for text in described}
    if len(described) == 1 and names == {""}:
        names = {band_name(path.stem)}
    return names - {""}
