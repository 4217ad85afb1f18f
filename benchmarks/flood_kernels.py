"""Own loops of the mapping beside the libraries they replace: speckle filter, outlines, overviews, water rules."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["run"]

_SIZE = 3000


def _cpu(work: Callable[[], Any], repeats: int = 3) -> float:
    best = np.inf
    for _ in range(repeats):
        begin = time.process_time()
        work()
        best = min(best, time.process_time() - begin)
    return float(best)


def _row(name: str, own: float, peer: float, bar: float, library: str, note: str) -> dict[str, Any]:
    ratio = peer / own
    return {
        "name": f"{name}, {_SIZE} x {_SIZE}", "ours_s": own, "peer_s": peer, "ratio": ratio,
        "bar": f"at least {bar:g} x {library}", "clears": ratio >= bar, "note": note,
    }  # fmt: skip


def speckle_filter() -> dict[str, Any]:
    """Lee filter beside the same one of scipy's uniform filters."""
    from scipy.ndimage import uniform_filter

    from accord.systems.imaging.methods.speckle import LOOKS, lee, padded

    power = np.random.default_rng(1).gamma(4.4, 0.01, (_SIZE, _SIZE)).astype(np.float32)

    def peer() -> Any:
        mean = uniform_filter(power, 7)
        variance = uniform_filter(power * power, 7) - mean * mean
        with np.errstate(divide="ignore", invalid="ignore"):
            gain = np.clip((1.0 - mean * mean / (LOOKS * variance)) / (1.0 + 1.0 / LOOKS), 0.0, 1.0)
        return mean + gain * (power - mean)

    own = lee(padded(power, 3, 3))
    if not np.allclose(own[3:-3, 3:-3], peer()[3:-3, 3:-3], rtol=1e-3, atol=1e-6):
        raise ArithmeticError("the two filters disagree")
    mine, other = _cpu(lambda: lee(padded(power, 3, 3))), _cpu(peer)
    return _row(
        "Lee filter 7 x 7", mine, other, 4.0, "scipy.ndimage", "no data respected, the same for any strips"
    )


def outlines() -> dict[str, Any]:
    """Outlines of patches beside GDAL's polygonise as rasterio offers it."""
    import shapely
    from rasterio.features import shapes

    from accord.systems.imaging.products.outlines import Outlines
    from accord.systems.imaging.products.regions import Regions
    from benchmarks.made_scene import field

    mask = (field(_SIZE, 6.0, 2) > 0.8).astype(np.uint8)

    def own() -> Any:
        regions, lines = Regions(_SIZE), Outlines(_SIZE, _SIZE)
        for top in range(0, _SIZE, 500):
            part = mask[top : top + 500]
            lines.add(part, regions.add(part))
        return lines.polygons(regions.roots())[0]

    def peer() -> Any:
        return [shapely.geometry.shape(s) for s, _ in shapes(mask, mask=mask > 0, connectivity=4)]

    if not np.array_equal(np.sort(shapely.area(own())), np.sort(shapely.area(peer()))):
        raise ArithmeticError("the two find other polygons")
    mine, other = _cpu(own), _cpu(peer)
    return _row(
        "outlines of patches", mine, other, 2.0, "rasterio.features.shapes", "strip by strip, equal polygons"
    )


def overviews() -> dict[str, Any]:
    """Halving by mode beside GDAL's overviews."""
    import rasterio
    from rasterio.enums import Resampling

    from accord.systems.imaging.products.rasters import reduced
    from benchmarks.made_scene import field

    state = (field(_SIZE, 6.0, 2) > 0.8).astype(np.uint8)
    with tempfile.TemporaryDirectory() as place:
        raw, tif = Path(place) / "state.raw", Path(place) / "state.tif"
        state.tofile(raw)

        def peer() -> None:
            where = rasterio.transform.from_origin(5e5, 3e6, 10, 10)
            with rasterio.open(
                tif,
                "w",
                driver="GTiff",
                width=_SIZE,
                height=_SIZE,
                count=1,
                dtype="uint8",
                crs="EPSG:32644",
                transform=where,
                tiled=True,
            ) as target:
                target.write(state, 1)
                before = time.process_time()
                target.build_overviews([2, 4, 8], Resampling.mode)
                spent.append(time.process_time() - before)

        spent: list[float] = []
        for _ in range(3):
            peer()
        reduced(raw, _SIZE, _SIZE, "mode")
        mine = _cpu(lambda: reduced(raw, _SIZE, _SIZE, "mode"))
    return _row(
        "overviews by mode", mine, min(spent), 2.0, "GDAL", "unseen counts only where nothing was seen"
    )


def run() -> list[dict[str, Any]]:
    """Time every loop beside its peer, in one run."""
    return [speckle_filter(), outlines(), overviews()]
