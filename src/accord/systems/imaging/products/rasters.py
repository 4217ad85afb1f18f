"""Raw layers as cloud-optimised GeoTIFF, without a picture ever being whole in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from accord.systems.imaging.scene.grid import Grid
from accord.systems.imaging.scene.integrity import rasterio

__all__ = ["COLOURS", "write_cog"]

# state: dry, water or flood, reference water; the rest of the table stays empty
COLOURS = {0: (245, 240, 225), 1: (8, 81, 156), 2: (158, 202, 225), 255: (120, 120, 120)}


def _band(number: int, layer: Path, width: int, name: str, colours: bool, nodata: int | None) -> str:
    table = ""
    if colours:
        entries = "".join(
            '<Entry c1="{}" c2="{}" c3="{}" c4="255"/>'.format(*COLOURS.get(value, (0, 0, 0)))
            for value in range(256)
        )
        table = f"<ColorInterp>Palette</ColorInterp><ColorTable>{entries}</ColorTable>"
    empty = "" if nodata is None else f"<NoDataValue>{nodata}</NoDataValue>"
    return (
        f'<VRTRasterBand dataType="Byte" band="{number}" subClass="VRTRawRasterBand">'
        f"<Description>{escape(name)}</Description>{empty}{table}"
        f'<SourceFilename relativetoVRT="1">{escape(layer.name)}</SourceFilename>'
        f"<ImageOffset>0</ImageOffset><PixelOffset>1</PixelOffset><LineOffset>{width}</LineOffset></VRTRasterBand>"
    )


def write_cog(
    target: Path,
    grid: Grid,
    layers: Mapping[str, Path],
    tags: Mapping[str, str],
    *,
    overviews: str,
    colours: bool = False,
    nodata: int | None = 255,
    threads: int = 2,
) -> None:
    """Write raw byte layers (rows, columns) as one GeoTIFF with overviews, tiles of 512 and deflate.

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
    bands: Sequence[str] = [
        _band(k, path, grid.width, name, colours, nodata) for k, (name, path) in enumerate(layers.items(), 1)
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
        COMPRESS="DEFLATE",
        LEVEL="3",
        BLOCKSIZE="512",
        OVERVIEW_RESAMPLING=overviews.upper(),
        NUM_THREADS=str(threads),
        BIGTIFF="IF_SAFER",
    )
    part.replace(target)
    source.unlink()
