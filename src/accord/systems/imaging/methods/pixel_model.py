"""A learned model as a member among the methods: what it must offer, and the one that comes with the package."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from accord.systems.imaging.scene.model import OPTICAL

__all__ = ["Known", "PerPixel", "PixelModel", "default_model", "network_model"]

_LOADED = "accord.systems.imaging.learned.predict"
_NETWORK = "accord.systems.imaging.learned.network.model"
_DRIFT = "accord.systems.imaging.learned.drift"


@runtime_checkable
class PixelModel(Protocol):
    """A learned member: likelihood of water of each pixel of a strip."""

    @property
    def name(self) -> str:
        """For people."""

    @property
    def bands(self) -> tuple[str, ...]:
        """Reflectance bands it reads, by common name, in its order."""

    @property
    def halo_px(self) -> int:
        """Rows it needs above and below a strip."""

    def likelihood(self, reflectance: NDArray[np.float32], seen: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Return the likelihood of water, shape (rows, columns), of reflectances (bands, rows, columns)."""


@runtime_checkable
class Known(PixelModel, Protocol):
    """A learned member that knows what it was taught on."""

    @property
    def limit(self) -> float:
        """Stability index above which a quantity drifts."""

    def likeness(self, reflectance: NDArray[np.float32], seen: NDArray[np.bool_]) -> list[dict[str, Any]]:
        """Return ``quantity``, ``index``, ``below``, ``above`` and ``drifts`` of each quantity on its card."""


@dataclass(frozen=True, slots=True)
class PerPixel:
    """A `PixelModel` from a function of single pixels, ``predict(features (n, k)) -> probability (n,)``."""

    name: str
    bands: tuple[str, ...]
    predict: Callable[[NDArray[np.float32]], NDArray[np.float32]]
    halo_px: int = 0

    def likelihood(self, reflectance: NDArray[np.float32], seen: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Predict the seen pixels; NaN elsewhere."""
        out = np.full(seen.shape, np.nan, np.float32)
        if seen.any():
            out[seen] = self.predict(np.ascontiguousarray(reflectance[:, seen].T, np.float32))
        return out


@dataclass(frozen=True, slots=True)
class _Shipped:
    """The trees that come with the package, behind the seam."""

    module: Any
    halo_px: int
    name: str = "learned trees"
    bands: tuple[str, ...] = OPTICAL

    def likelihood(self, reflectance: NDArray[np.float32], seen: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Return the probability of water; NaN where the trees do not answer."""
        named = dict(zip(("blue", "green", "red", "nir", "swir1", "swir2"), reflectance, strict=True))
        found = self.module.predict_bands(named, seen, threads=1).probability
        return np.where(found < 0.0, np.float32(np.nan), found)

    @property
    def limit(self) -> float:
        """Of the card's test."""
        return float(import_module(_DRIFT).LIMIT)

    def likeness(self, reflectance: NDArray[np.float32], seen: NDArray[np.bool_]) -> list[dict[str, Any]]:
        """Return the stability index of each quantity against the card's histogram."""
        named = dict(zip(("blue", "green", "red", "nir", "swir1", "swir2"), reflectance, strict=True))
        return [
            {
                "quantity": one.quantity,
                "index": round(one.index, 4),
                "below": round(one.below, 4),
                "above": round(one.above, 4),
                "drifts": one.index > self.limit,
            }
            for one in import_module(_DRIFT).drifts(named, seen)
        ]


def default_model() -> PixelModel | None:
    """Return the model that comes with the package, or None where there is none.

    A sibling room is asked for ``predict_bands`` and ``model_halo_px``; it is found by name, so that this room does
    without it where it is absent.
    """
    try:
        module = import_module(_LOADED)
    except ModuleNotFoundError as error:
        if error.name is not None and _LOADED.startswith(error.name):
            return None
        raise
    return _Shipped(module, int(module.model_halo_px()))


def network_model(card: Path) -> PixelModel:
    """Return the network that a card describes, asked of the same room by name.

    Raises
    ------
    AccordError
        When card and network do not pass.
    """
    found: PixelModel = import_module(_NETWORK).read_network(card)
    return found
