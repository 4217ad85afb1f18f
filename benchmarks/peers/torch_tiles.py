"""The usual way to run a network over a scene: a grid sampler as TorchGeo's, batches of patches, PyTorch in float32.

Each patch is read as TorchGeo reads it (0.8, ``RasterDataset._merge_files``): a warped view of the file, merged into
the bounds of the patch; patches overlap as far as the network needs for a map without seams, and their middles are
kept. Called with a folder that holds scene.tif and weights.npz, and the sizes of patch and rim.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any


def network(weights: Any, widths: tuple[int, ...]) -> Any:
    """Return a function from channels (n, 11, rows, columns) to likelihood (n, rows, columns)."""
    import torch
    from torch.nn import functional

    held = {name: torch.from_numpy(weights[name]) for name in weights.files}

    def separable(name: str, x: Any) -> Any:
        depth = held[f"{name}.d"]
        narrow = functional.conv2d(x, depth, padding=1, groups=len(depth))
        return functional.relu(functional.conv2d(narrow, held[f"{name}.p"], held[f"{name}.b"]))

    def run(x: Any) -> Any:
        kept = [functional.relu(functional.conv2d(x, held["stem.w"], held["stem.b"], padding=1))]
        for k in range(1, len(widths)):
            pooled = functional.avg_pool2d(kept[-1], 2)
            kept.append(separable(f"down{k}b", separable(f"down{k}a", pooled)))
        x = kept.pop()
        for k in range(len(widths) - 2, -1, -1):
            wide = functional.interpolate(x, scale_factor=2, mode="nearest")
            x = separable(f"up{k}", torch.cat([wide, kept.pop()], 1))
        return torch.sigmoid(functional.conv2d(x, held["head.p"], held["head.b"]))[:, 0]

    return run


def channels(stored: Any) -> Any:
    """Return what the network reads of stored numbers (n, 6, rows, columns) of 1e-4; 0 is no data."""
    import torch

    seen = (stored > 0).all(1, keepdim=True).float()
    value = stored.float().clamp(1.0, 16_000.0)
    ratios = [
        1.5 * (value[:, a] - value[:, b]) / (value[:, a] + value[:, b])
        for a, b in ((1, 4), (3, 2), (3, 4), (1, 3))
    ]
    return torch.cat([torch.cat([torch.log(value) - 6.5, torch.stack(ratios, 1)], 1) * seen, seen], 1)


def main(folder: Path, patch: int, rim: int) -> None:
    """Map the scene, write likelihood.npy and print what it took."""
    import numpy as np
    import rasterio
    import torch
    from rasterio.merge import merge
    from rasterio.vrt import WarpedVRT

    torch.set_num_threads(2)
    weights = np.load(folder / "weights.npz")
    run = network(weights, tuple(json.loads((folder / "widths.json").read_text())))
    begin, used = time.perf_counter(), time.process_time()
    with rasterio.open(folder / "scene.tif") as source, WarpedVRT(source, crs=source.crs) as view:
        rows, columns, step = source.height, source.width, patch - 2 * rim
        left, top, size = source.bounds.left, source.bounds.top, source.res[0]
        out = np.empty((rows, columns), np.float32)
        corners = [(r, c) for r in range(0, rows, step) for c in range(0, columns, step)]
        for k in range(0, len(corners), 8):
            batch = []
            for r, c in corners[k : k + 8]:
                west, north = left + (c - rim) * size, top - (r - rim) * size
                bounds = (west, north - patch * size, west + patch * size, north)
                batch.append(merge([view], bounds=bounds, res=size)[0].astype(np.int32))
            with torch.inference_mode():
                said = run(channels(torch.from_numpy(np.stack(batch)))).numpy()
            for (r, c), one in zip(corners[k : k + 8], said, strict=True):
                tall, wide = min(step, rows - r), min(step, columns - c)
                out[r : r + tall, c : c + wide] = one[rim : rim + tall, rim : rim + wide]
    wall, cpu = time.perf_counter() - begin, time.process_time() - used
    np.save(folder / "likelihood.npy", out)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"wall_s": wall, "cpu_s": cpu, "memory_gb": memory, "torch": torch.__version__}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
