"""Raw layers as cloud-optimised GeoTIFF, without a picture ever being whole in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

from accord.systems.imaging.products import kernels
from accord.systems.imaging.scene.grid import Grid
from accord.systems.imaging.scene.integrity import rasterio

__all__ = ["COLOURS", "coloured", "reduced", "write_cog"]

_SMALLEST = 512

# state: dry, water or flood, reference water; the rest of the table stays empty
COLOURS = {0: (245, 240, 225), 1: (8, 81, 156), 2: (158, 202, 225), 255: (120, 120, 120)}
_MAPPED = {"burn": (179, 67, 26), "landslide": (140, 81, 10)}  # what is no water is not blue


def coloured(subject: str) -> dict[int, tuple[int, int, int]]:
    """Return the colours of a map's states for what it shows."""
    return {**COLOURS, 1: _MAPPED.get(subject, COLOURS[1])}


def _band(
    number: int,
    layer: Path,
    width: int,
    name: str,
    colours: Mapping[int, tuple[int, int, int]] | None,
    nodata: int | None,
    smaller: Sequence[Path],
) -> str:
    table = ""
    if colours:
        entries = "".join(
            '<Entry c1="{}" c2="{}" c3="{}" c4="255"/>'.format(*colours.get(value, (0, 0, 0)))
            for value in range(256)
        )
        table = f"<ColorInterp>Palette</ColorInterp><ColorTable>{entries}</ColorTable>"
    empty = "" if nodata is None else f"<NoDataValue>{nodata}</NoDataValue>"
    reduced = "".join(
        f'<Overview><SourceFilename relativeToVRT="1">{escape(path.name)}</SourceFilename><SourceBand>1</SourceBand>'
        "</Overview>"
        for path in smaller
    )
    return (
        f'<VRTRasterBand dataType="Byte" band="{number}" subClass="VRTRawRasterBand">'
        f"<Description>{escape(name)}</Description>{empty}{table}"
        f'<SourceFilename relativetoVRT="1">{escape(layer.name)}</SourceFilename>'
        f"<ImageOffset>0</ImageOffset><PixelOffset>1</PixelOffset><LineOffset>{width}</LineOffset>{reduced}</VRTRasterBand>"
    )


def write_cog(
    target: Path,
    grid: Grid,
    layers: Mapping[str, Path],
    tags: Mapping[str, str],
    *,
    overviews: str,
    colours: Mapping[int, tuple[int, int, int]] | None = None,
    nodata: int | None = 255,
    threads: int = 2,
) -> None:
    """Write raw byte layers (rows, columns) as one GeoTIFF with overviews, tiles of 512, Zstandard.

    Parameters
    ----------
    target : Path
    grid : Grid
    layers : mapping of str to Path
        Band descriptions and their files, all in one folder.
    tags : mapping of str to str
    overviews : {"mode", "average", "nearest"}
    """
    rasterio()
    from rasterio.shutil import copy

    folder = next(iter(layers.values())).parent
    source, part = folder / f"{target.stem}.vrt", target.with_name(f"part-{target.name}")
    smaller = {name: reduced(path, grid.width, grid.height, overviews) for name, path in layers.items()}
    bands: Sequence[str] = [
        _band(k, path, grid.width, name, colours, nodata, smaller[name])
        for k, (name, path) in enumerate(layers.items(), 1)
    ]
    transform = grid.transform
    order = (transform[2], transform[0], transform[1], transform[5], transform[3], transform[4])
    where = f"<SRS>{escape(grid.crs)}</SRS>" if grid.crs else ""
    items = "".join(f'<MDI key="{escape(k)}">{escape(v)}</MDI>' for k, v in tags.items())
    source.write_text(
        f'<VRTDataset rasterXSize="{grid.width}" rasterYSize="{grid.height}">{where}'
        f"<GeoTransform>{', '.join(repr(v) for v in order)}</GeoTransform><Metadata>{items}</Metadata>"
        f"{''.join(bands)}</VRTDataset>",
        encoding="utf-8",
    )
    copy(
        str(source),
        str(part),
        driver="COG",
        COMPRESS="ZSTD",
        LEVEL="1",
        BLOCKSIZE="512",
        OVERVIEWS="FORCE_USE_EXISTING" if any(smaller.values()) else "NONE",
        NUM_THREADS=str(threads),
        BIGTIFF="IF_SAFER",
    )
    part.replace(target)
    source.unlink()


def reduced(layer: Path, width: int, height: int, how: str) -> list[Path]:
    """Write halves of a raw byte layer, and halves of those, down to 512 pixels; return what GDAL can open.

    Parameters
    ----------
    layer : Path
    width, height : int
    how : {"mode", "average", "nearest"}
        Mode of four counts what was seen first and water before land where they tie; the average leaves out 255.
    """
    code = {"nearest": 0, "mode": 1, "average": 2}[how]
    found: list[Path] = []
    while max(width, height) > _SMALLEST:
        half = ((width + 1) // 2, (height + 1) // 2)
        target = layer.with_name(f"{layer.stem}-{len(found) + 1}-{how}.raw")
        with layer.open("rb") as stream, target.open("wb") as out:
            for top in range(0, height, 1024):
                rows = min(1024, height - top)
                part = np.fromfile(stream, np.uint8, rows * width).reshape(rows, width)
                small = np.empty(((rows + 1) // 2, half[0]), np.uint8)
                kernels.halve(part, code, small)
                out.write(small.data)
        picture = target.with_suffix(".vrt")
        band = _band(1, target, half[0], "", None, None, ())
        picture.write_text(f'<VRTDataset rasterXSize="{half[0]}" rasterYSize="{half[1]}">{band}</VRTDataset>')
        found.append(picture)
        layer, (width, height) = target, half
    return found
