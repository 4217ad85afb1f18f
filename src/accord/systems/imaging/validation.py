"""Functions of the published cases in ``validation.yaml``: from scene to products, and from event to map."""

from __future__ import annotations

import math
import tempfile
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.systems.imaging.scene.integrity import opened, rasterio

__all__ = [
    "bayes_pixels",
    "burn_pixel",
    "calibration_pixel",
    "ellipsoid_areas",
    "fixed_chip",
    "green_swir_chips",
    "guaranteed_revisit",
    "known_mixture",
    "mndwi_chip",
    "observable_floods",
    "otsu_chip",
    "stratified",
]


def _label(data: Path) -> NDArray[Any]:
    with opened(data.with_name("sen1floods11_Spain_7370579_LabelHand.tif")) as source:
        return np.asarray(source.read(1))


def otsu_chip(data: Path) -> dict[str, Any]:
    """Otsu's threshold of VH and the counts below it."""
    from accord.systems.imaging.methods.threshold import confusion, otsu_db

    with opened(data) as source:
        vh = source.read(2)
    threshold = otsu_db(vh)
    return {"threshold_db": threshold, "counts": list(confusion(vh < threshold, _label(data)))}


def fixed_chip(data: Path) -> dict[str, Any]:
    """Counts below the fixed threshold of VH."""
    from accord.systems.imaging.methods.threshold import confusion, fixed

    with opened(data) as source:
        return {"counts": list(confusion(fixed(source.read(2), "vh"), _label(data)))}


def mndwi_chip(data: Path) -> dict[str, Any]:
    """Counts of MNDWI above zero."""
    from accord.systems.imaging.methods.indices import mndwi
    from accord.systems.imaging.methods.threshold import confusion

    with opened(data) as source:
        green, swir16 = (source.read(k).astype(np.float64) * 1e-4 for k in (3, 12))
    return {"counts": list(confusion(mndwi(green, swir16) > 0.0, _label(data)))}


def green_swir_chips(data: Path) -> dict[str, Any]:
    """Counts of the integer rule over every chip of an archive."""
    from accord.systems.imaging.methods.threshold import Confusion, confusion

    library = rasterio()
    total = np.zeros(4, np.int64)
    with zipfile.ZipFile(data) as bundle, warnings.catch_warnings():
        warnings.simplefilter("ignore", library.errors.NotGeoreferencedWarning)  # chips lie nowhere
        for name in bundle.namelist():
            if not (name.startswith("images/") and name.endswith(".tif")):
                continue
            label = name.replace("images/", "labels/").replace(".tif", ".png")
            with library.io.MemoryFile(bundle.read(name)) as held, held.open() as source:
                green, swir16 = source.read(3), source.read(6)
            with library.io.MemoryFile(bundle.read(label)) as held, held.open() as source:
                truth = (source.read(1) > 0).astype(np.int8)
            total += np.array(confusion(green > swir16, truth))
    return {"counts": total.tolist(), "iou": Confusion(int(v) for v in total).iou}


def bayes_pixels(**pixels: list[float]) -> dict[str, Any]:
    """Posterior of pixels given as lists."""
    from accord.systems.imaging.methods.bayes import posterior

    return {"probability": posterior(**{k: np.array(v) for k, v in pixels.items()}).tolist()}


def calibration_pixel(data: Path, digital_number: int) -> dict[str, Any]:
    """Constants and backscatter of line 0, sample 0 in VV."""
    from accord.systems.imaging.scene.open import unpacked
    from accord.systems.imaging.scene.sentinel1 import calibrated, read_product

    with tempfile.TemporaryDirectory() as place:
        product = read_product(unpacked(data, Path(place)))
    channel = product.channels["vv"]
    dn = np.full((1, product.samples), digital_number, np.uint16)
    plain, clean = (float(calibrated(dn, channel, 0, denoise=flag)[0, 0]) for flag in (False, True))
    return {
        "sigma_constant": float(channel.sigma.value[0, 0]),
        "gamma_constant": float(channel.gamma.value[0, 0]),
        "plain_db": 10.0 * math.log10(plain),
        "denoised_db": 10.0 * math.log10(clean),
    }


def known_mixture(
    weight: list[float], mean: list[float], deviation: list[float], pixels: int
) -> dict[str, Any]:
    """Fit a drawn mixture; threshold, separation and error of the fit."""
    from accord.systems.imaging.methods.bimodal import fit

    rng = np.random.default_rng(11)
    dark = rng.random(pixels) < weight[0]
    value = np.where(
        dark, rng.normal(mean[0], deviation[0], pixels), rng.normal(mean[1], deviation[1], pixels)
    )
    counts, edges = np.histogram(value, bins=1200, range=(-50.0, 10.0))
    found = fit(counts, (edges[1:] + edges[:-1]) / 2.0)
    assert found is not None
    return {"threshold_db": found.threshold, "ashman_d": found.ashman_d, "error": found.error}


def stratified(counts: list[list[int]], mapped: list[int]) -> dict[str, Any]:
    """Estimate of the first class, with pixels of 30 m."""
    from accord.systems.imaging.products.accuracy import stratified_area

    found = stratified_area(np.array(counts), np.array(mapped))
    area, margin = float(found.area[0]), float(found.margin[0])
    return {
        "overall": found.overall,
        "overall_margin": found.overall_margin,
        "area_px": area,
        "margin_px": margin,
        "area_ha": 0.09 * area,
        "margin_ha": 0.09 * margin,
    }


def ellipsoid_areas() -> dict[str, Any]:
    """Area of a cell of one degree at the equator, and of a pixel of a degree grid at 26 N."""
    from accord.systems.imaging.scene.grid import Grid, ring_area_m2

    degree = float(ring_area_m2(np.array([0.0, 1.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0, 1.0])))
    step = 8.983152841195215e-5
    grid = Grid(1, 1, "EPSG:4326", (step, 0.0, 85.0, 0.0, -step, 26.0 + step), True)
    return {"degree_km2": degree / 1e6, "pixel_m2": float(grid.block_area_m2(1)[0, 0])}


def burn_pixel(before: float, after: float) -> dict[str, Any]:
    """Difference, relativised ratio and class of severity."""
    from accord.systems.imaging.methods.burn import SEVERITY, severity
    from accord.systems.imaging.methods.indices import dnbr, rbr

    pre, post = np.array(before), np.array(after)
    change = dnbr(pre, post)
    return {
        "dnbr": float(change),
        "rbr": float(rbr(pre, post)),
        "severity": SEVERITY[int(severity(change))][0],
    }


def guaranteed_revisit(missions: list[str]) -> dict[str, Any]:
    """Longest time between daytime looks at single places on the equator, one position of the tracks [day]."""
    from accord.systems.imaging.looks import looks
    from accord.systems.imaging.missions import open_mission

    longest = []
    for name in missions:
        found = looks(open_mission(name), np.zeros(12), np.linspace(-170.0, 170.0, 12))
        worst = 0.0
        for row in range(len(found.begin) - 1):
            part = slice(int(found.begin[row]), int(found.begin[row + 1]))
            moments = found.time_h[part][found.sun_deg[part, 2] > 15.0]
            worst = max(worst, float(np.diff(np.append(moments, moments[0] + found.period_h)).max()))
        longest.append(worst / 24.0)
    return {"longest_day": longest}


def observable_floods(missions: list[str], duration_h: float, log_sd: float, events: int) -> dict[str, Any]:
    """Share of floods at places between 36 and 64 degrees north during which a mission passes over."""
    from accord.contract.alone import Alone
    from accord.systems.imaging.model import SYSTEM

    places = [
        {"name": f"{north} {east}", "latitude": f"{north} deg", "longitude": f"{east} deg"}
        for north in range(36, 66, 4)
        for east in range(-8, 33, 5)
    ]
    ring = [[-10.0, 35.0], [32.0, 35.0], [32.0, 65.0], [-10.0, 65.0], [-10.0, 35.0]]
    area = {"title": "a continent's rivers", "polygons": [[ring]], "places": places}
    design = {"area": area, "missions": missions, "cell": "900 km", "events": events}
    alone = Alone(SYSTEM, design)
    members = {name: value[:1].copy() for name, value in alone.draw(1).items()}
    members |= {
        name: np.array([value])
        for name, value in (
            ("flood_duration_h", duration_h),
            ("flood_duration_log_sd", log_sd),
            ("acquired_share", 1.0),
        )
    }
    outputs, _ = alone.evaluate(members)
    return {"observable_share": float(outputs["seen_share"][0])}
