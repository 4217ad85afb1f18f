"""The network: a U (Ronneberger et al. 2015) of separable convolutions (Howard et al. 2017)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError
from accord.systems.imaging.learned.network.onnx import Attribute, Node, model_bytes

__all__ = ["CHANNELS", "Network", "made_network", "shapes"]

FloatArray = NDArray[np.float32]
CHANNELS = 11  # six logarithms of reflectance, four ratios, and where a pixel was seen


@dataclass(frozen=True, slots=True)
class Network:
    """Widths of the levels, finest first, and weights by name as `shapes` gives them; normalisation is folded in."""

    widths: tuple[int, ...]
    weights: Mapping[str, FloatArray]

    @property
    def step(self) -> int:
        """Pixels to which windows are aligned: a cell of the coarsest level."""
        return int(2 ** (len(self.widths) - 1))

    @property
    def halo_px(self) -> int:
        """Pixels that a window needs around it, a multiple of `step`: what a pixel's answer can depend on.

        One 3 x 3 convolution at the finest level going in and one at every level coming out, two at each coarser one
        going in; and a pixel may lie at the rim of its coarsest cell.
        """
        levels = len(self.widths) - 1
        reach = 1 + sum(2 * 2**k for k in range(1, levels + 1)) + sum(2**k for k in range(levels))
        return int(-(-(reach + self.step - 1) // self.step) * self.step)

    @property
    def parameters(self) -> int:
        """Numbers in the network."""
        return int(sum(value.size for value in self.weights.values()))

    def scaled(self, slope: float, intercept: float) -> Network:
        """Return the network whose score is ``slope x score + intercept``: its calibration folded in."""
        head = {"head.p": self.weights["head.p"] * np.float32(slope)}
        head["head.b"] = self.weights["head.b"] * np.float32(slope) + np.float32(intercept)
        return Network(self.widths, {**self.weights, **head})

    def onnx(self) -> bytes:
        """Return an ONNX file: channels (1, CHANNELS, rows, columns) to likelihood (1, 1, rows, columns)."""
        nodes = [*_convolved("stem", "channels", "level0", 1)]
        levels = len(self.widths) - 1
        for k in range(1, levels + 1):
            pool: dict[str, Attribute] = {"kernel_shape": (2, 2), "strides": (2, 2)}
            nodes.append(Node("AveragePool", (f"level{k - 1}",), f"pooled{k}", pool))
            nodes += _separable(f"down{k}a", f"pooled{k}", f"down{k}a.out", self.widths[k - 1])
            nodes += _separable(f"down{k}b", f"down{k}a.out", f"level{k}", self.widths[k])
        last = f"level{levels}"
        for k in range(levels - 1, -1, -1):
            how: dict[str, Attribute] = {
                "mode": "nearest",
                "coordinate_transformation_mode": "asymmetric",
                "nearest_mode": "floor",
            }
            nodes.append(Node("Resize", (last, "", "twice"), f"wide{k}", how))
            nodes.append(Node("Concat", (f"wide{k}", f"level{k}"), f"both{k}", {"axis": 1}))
            last = f"up{k}.out"
            nodes += _separable(f"up{k}", f"both{k}", last, self.widths[k + 1] + self.widths[k])
        nodes.append(Node("Conv", (last, "head.p", "head.b"), "score", {"kernel_shape": (1, 1)}))
        nodes.append(Node("Sigmoid", ("score",), "likelihood"))
        twice = np.array([1.0, 1.0, 2.0, 2.0], np.float32)
        return model_bytes(
            nodes,
            {**self.weights, "twice": twice},
            ("channels", ("n", CHANNELS, "rows", "columns")),
            ("likelihood", ("n", 1, "rows", "columns")),
        )


def _convolved(name: str, reads: str, makes: str, groups: int) -> list[Node]:
    wide: dict[str, Attribute] = {"kernel_shape": (3, 3), "pads": (1, 1, 1, 1), "group": groups}
    return [
        Node("Conv", (reads, f"{name}.w", f"{name}.b"), f"{name}.c", wide),
        Node("Relu", (f"{name}.c",), makes),
    ]


def _separable(name: str, reads: str, makes: str, width: int) -> list[Node]:
    wide: dict[str, Attribute] = {"kernel_shape": (3, 3), "pads": (1, 1, 1, 1), "group": width}
    return [
        Node("Conv", (reads, f"{name}.d"), f"{name}.e", wide),
        Node("Conv", (f"{name}.e", f"{name}.p", f"{name}.b"), f"{name}.c", {"kernel_shape": (1, 1)}),
        Node("Relu", (f"{name}.c",), makes),
    ]


def shapes(widths: Sequence[int]) -> dict[str, tuple[int, ...]]:
    """Return the shape of every weight of a network of such widths.

    Raises
    ------
    ModelError
        For fewer than two levels or widths that are not positive.
    """
    if len(widths) < 2 or min(widths) < 1:
        raise ModelError(f"widths {tuple(widths)}: expected two levels or more, each of one channel or more")
    found: dict[str, tuple[int, ...]] = {"stem.w": (widths[0], CHANNELS, 3, 3), "stem.b": (widths[0],)}

    def separable(name: str, reads: int, makes: int) -> None:
        found[f"{name}.d"] = (reads, 1, 3, 3)
        found[f"{name}.p"] = (makes, reads, 1, 1)
        found[f"{name}.b"] = (makes,)

    for k in range(1, len(widths)):
        separable(f"down{k}a", widths[k - 1], widths[k])
        separable(f"down{k}b", widths[k], widths[k])
    for k in range(len(widths) - 2, -1, -1):
        separable(f"up{k}", widths[k + 1] + widths[k], widths[k])
    found["head.p"], found["head.b"] = (1, widths[0], 1, 1), (1,)
    return found


def made_network(widths: Sequence[int], seed: int) -> Network:
    """Return a network of random weights, of the size at which signals neither fade nor grow (He et al. 2015)."""
    rng = np.random.default_rng(seed)
    weights = {}
    for name, shape in shapes(widths).items():
        reads = int(np.prod(shape[1:])) if len(shape) > 1 else 1
        scale = np.sqrt(2.0 / reads) if len(shape) > 1 else 0.05
        weights[name] = (scale * rng.standard_normal(shape)).astype(np.float32)
    return Network(tuple(widths), weights)
