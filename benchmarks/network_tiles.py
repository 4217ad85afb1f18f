"""A network over a scene: our windows with ONNX Runtime beside the same network in PyTorch through a grid sampler.

Both read the same GeoTIFF of six bands, use the same weights, in float32, on two threads, and give the likelihood of
every pixel; the two must agree. The peer's patches of 256 pixels, TorchGeo's usual size, overlap by as much as a map
without seams needs. It runs in a Python of its own: ``ACCORD_TORCH_PYTHON`` names it, else this one is tried.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["run"]

SIZE, PATCH, BAR = 4096, 256, 5.0
INSTALL = "python -m venv peers && peers/bin/pip install torch rasterio; ACCORD_TORCH_PYTHON=peers/bin/python"


def _scene(path: Path) -> None:
    import rasterio

    from benchmarks.made_scene import field

    wet, texture = field(SIZE, 12.0, 1) > 0.8, field(SIZE, 1.5, 2)
    land, water = (600, 900, 900, 2600, 2300, 1500), (700, 800, 500, 250, 80, 50)
    bands = [
        np.where(wet, w, v * (1.0 + 0.12 * texture)).clip(1, 9000) for v, w in zip(land, water, strict=True)
    ]
    profile = {
        "driver": "GTiff", "width": SIZE, "height": SIZE, "count": 6, "dtype": "uint16", "crs": "EPSG:32644",
        "transform": rasterio.transform.from_origin(5e5, 3e6, 10, 10), "nodata": 0, "tiled": True,
        "blockxsize": 512, "blockysize": 512, "compress": "deflate", "predictor": 2, "interleave": "band",
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as target:
        target.write(np.array(bands).astype(np.uint16))
        for k, name in enumerate(("blue", "green", "red", "nir", "swir16", "swir22"), 1):
            target.set_band_description(k, name)


def _ours(folder: Path, content: bytes, step: int, halo: int) -> tuple[float, float, Any]:
    """Map the scene strip by strip, as `accord flood` does; wall and CPU time [s], and the likelihood."""
    from accord.systems.imaging.learned.network.model import NetworkModel, session_of
    from accord.systems.imaging.mapping.layers import each
    from accord.systems.imaging.methods import optical
    from accord.systems.imaging.scene.grid import Strip
    from accord.systems.imaging.scene.open import opened_scenes
    from accord.systems.imaging.scene.reading import Reader
    from accord.systems.imaging.scene.stack import Hints

    (scene,) = opened_scenes([folder / "scene.tif"], Hints(scale=1e-4, offset=0.0), folder / "work")
    plan = optical.planned(scene, NetworkModel(session_of(content), step, halo))
    out, reader = np.empty((SIZE, SIZE), np.float32), Reader(scene)

    def one(strip: Strip) -> None:
        top, bottom = max(strip.top - halo, 0), min(strip.top + strip.rows + halo, SIZE)
        numbers, reason = reader.optical(plan.bands, Strip(strip.number, top, bottom - top))
        inner = slice(strip.top - top, strip.top - top + strip.rows)
        out[strip.top : strip.top + strip.rows] = optical._learned(scene, plan, numbers, reason, inner)

    begin, used = time.perf_counter(), time.process_time()
    each(scene.grid, 512, 2, "mapping", lambda *_: None, one)
    wall, cpu = time.perf_counter() - begin, time.process_time() - used
    reader.close()
    return wall, cpu, out


def run() -> list[dict[str, Any]]:
    """Time both, one after the other, each the better of two."""
    from accord.systems.imaging.learned.network.layers import made_network
    from accord.systems.imaging.learned.network.train import read_network_recipe

    row = {
        "name": f"network of the recipe over {SIZE} x {SIZE}", "ours_s": 0.0, "peer_s": None, "ratio": None,
        "bar": f"at least {BAR:.0f} x PyTorch through a grid sampler", "clears": None,
    }  # fmt: skip
    python = os.environ.get("ACCORD_TORCH_PYTHON", sys.executable)
    there = subprocess.run([python, "-c", "import torch, rasterio"], capture_output=True, check=False)
    network = made_network(read_network_recipe().widths, 1)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        _scene(folder / "scene.tif")
        own = [_ours(folder, network.onnx(), network.step, network.halo_px) for _ in range(3)][1:]
        wall, cpu = min(one[0] for one in own), min(one[1] for one in own)
        row["ours_s"] = wall
        if there.returncode != 0:
            return [{**row, "note": f"PyTorch is not installed: {INSTALL}"}]
        np.savez(folder / "weights.npz", **network.weights)
        (folder / "widths.json").write_text(json.dumps(network.widths))
        script = Path(__file__).parent / "peers" / "torch_tiles.py"
        words = [python, str(script), place, str(PATCH), str(network.halo_px)]
        peers = [
            json.loads(
                subprocess.run(words, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
            )
            for _ in range(2)
        ]
        # beyond the rim of the scene the peer has patches of no data, ours end: they are compared inside of it
        inner = slice(network.halo_px, -network.halo_px)
        gap = float(np.abs(np.load(folder / "likelihood.npy") - own[0][2])[inner, inner].max())
    if gap > 1e-3:
        raise ArithmeticError(f"the two differ by {gap:g}")
    peer = min(peers, key=lambda one: float(one["wall_s"]))
    ratio = peer["wall_s"] / wall
    spent = min(one["cpu_s"] for one in peers)
    note = (
        f"{network.parameters} parameters; CPU {cpu:.1f} s against {spent:.1f} s, ratio {spent / cpu:.1f}; largest "
        f"difference {gap:.1e}; PyTorch {peer['torch']}, patches of {PATCH}, rim {network.halo_px}; two threads"
    )
    return [{**row, "peer_s": peer["wall_s"], "ratio": ratio, "clears": ratio >= BAR, "note": note}]
